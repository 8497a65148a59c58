//! AWS IAM Identity Center (`sso-admin`, API version 2020-07-20): who may take on which permission set in which account.
//! It is asked in its own region, by the organisation's management account or the one that it has delegated it to.

use super::super::SdkError;
use super::aws_json::{Dialect, exchange};
use super::{Answered, ServiceError, Thin};
use quell_core::text::Untrusted;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

const DIALECT: Dialect = Dialect { prefix: "SWBExternalService", version: "1.1" };
/// More pages than any answer here has.
const PAGES: usize = 50;

/// The client of Identity Center in one region.
pub struct Client(Thin);

/// An instance of Identity Center.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Instance {
    pub instance_arn: Untrusted,
    pub owner_account_id: Option<Untrusted>,
    pub identity_store_id: Option<Untrusted>,
}

/// Who has a permission set in an account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Assigned {
    /// `USER` or `GROUP`.
    pub principal_type: Untrusted,
    pub principal_id: Untrusted,
}

/// What people may take on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PermissionSet {
    pub name: Untrusted,
    /// How long a session of it lasts at most, as ISO 8601 writes it; an hour where nothing is said.
    pub session_duration: Option<Untrusted>,
}

/// An assignment that is being made or taken away.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Status {
    /// `IN_PROGRESS`, `SUCCEEDED` or `FAILED`.
    pub status: Untrusted,
    pub request_id: Untrusted,
    pub failure_reason: Option<Untrusted>,
}

/// Whether an assignment is made or taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Create,
    Delete,
}

impl Turn {
    /// The operation that does it.
    pub fn operation(self) -> &'static str {
        match self {
            Turn::Create => "CreateAccountAssignment",
            Turn::Delete => "DeleteAccountAssignment",
        }
    }

    /// The operation that tells how far it is.
    pub fn telling(self) -> &'static str {
        match self {
            Turn::Create => "DescribeAccountAssignmentCreationStatus",
            Turn::Delete => "DescribeAccountAssignmentDeletionStatus",
        }
    }

    /// The member by which that is asked for.
    fn by(self) -> &'static str {
        match self {
            Turn::Create => "AccountAssignmentCreationRequestId",
            Turn::Delete => "AccountAssignmentDeletionRequestId",
        }
    }
}

/// One of the two members that an answer may hold its status in.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Turned {
    #[serde(alias = "AccountAssignmentCreationStatus")]
    account_assignment_deletion_status: Status,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Instances {
    #[serde(default)]
    instances: Vec<Instance>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Assignments {
    #[serde(default)]
    account_assignments: Vec<Assigned>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    permission_set: PermissionSet,
}

impl Client {
    pub(in crate::aws) fn new(thin: Thin) -> Self {
        Self(thin)
    }

    /// The instances that the caller may see.
    pub async fn list_instances(&self) -> Result<Vec<Instance>, SdkError<ServiceError>> {
        self.pages("ListInstances", json!({}), |page: Instances| (page.instances, page.next_token)).await
    }

    /// Who has the permission set in the account.
    pub async fn list_account_assignments(
        &self,
        instance: &str,
        account: &str,
        set: &str,
    ) -> Result<Vec<Assigned>, SdkError<ServiceError>> {
        let input = json!({ "InstanceArn": instance, "AccountId": account, "PermissionSetArn": set });
        let page = |page: Assignments| (page.account_assignments, page.next_token);
        self.pages("ListAccountAssignments", input, page).await
    }

    /// The permission set of that ARN.
    pub async fn describe_permission_set(
        &self,
        instance: &str,
        set: &str,
    ) -> Result<PermissionSet, SdkError<ServiceError>> {
        let input = json!({ "InstanceArn": instance, "PermissionSetArn": set });
        let found: Answered<Described> = self.0.call(exchange(DIALECT, "DescribePermissionSet", input)).await?;
        Ok(found.value.permission_set)
    }

    /// Has an assignment made or taken away, by the members of the input.
    pub async fn turn(&self, turn: Turn, input: Value) -> Result<Answered<Status>, SdkError<ServiceError>> {
        let done: Answered<Turned> = self.0.call(exchange(DIALECT, turn.operation(), input)).await?;
        Ok(Answered { value: done.value.account_assignment_deletion_status, request_id: done.request_id })
    }

    /// How far it is.
    pub async fn turned(
        &self,
        turn: Turn,
        instance: &str,
        request: &Untrusted,
    ) -> Result<Status, SdkError<ServiceError>> {
        let input = json!({ "InstanceArn": instance, turn.by(): request });
        let told: Answered<Turned> = self.0.call(exchange(DIALECT, turn.telling(), input)).await?;
        Ok(told.value.account_assignment_deletion_status)
    }

    async fn pages<P, T>(
        &self,
        operation: &'static str,
        input: Value,
        page: impl Fn(P) -> (Vec<T>, Option<String>),
    ) -> Result<Vec<T>, SdkError<ServiceError>>
    where
        P: DeserializeOwned + std::fmt::Debug + Send + Sync + 'static,
    {
        let (mut all, mut token) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            let mut input = input.clone();
            if let Some(token) = token.take() {
                input["NextToken"] = token.into();
            }
            let found: Answered<P> = self.0.call(exchange(DIALECT, operation, input)).await?;
            let (some, next) = page(found.value);
            all.extend(some);
            match next.filter(|next| !next.is_empty()) {
                None => return Ok(all),
                next => token = next,
            }
        }
        Err(SdkError::construction_failure("the list has no end"))
    }
}
