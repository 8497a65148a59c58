//! The plan's one request, made and read back.

use super::super::calls;
use super::wanted::Principal;
use crate::aws::Writer;
use quell_core::incident::{Outcome, Plan, PlannedRequest};
use quell_core::text::{Id, Untrusted};
use serde_json::{Map, Value};

/// Puts a policy, or takes it away where there is no document.
pub(super) struct Call {
    pub principal: Principal,
    pub policy: String,
    pub document: Option<String>,
}

impl Call {
    pub(super) fn request(&self) -> PlannedRequest {
        let (member, noun) = match self.principal {
            Principal::User(_) => ("UserName", "User"),
            Principal::Role(_) => ("RoleName", "Role"),
        };
        let verb = if self.document.is_some() { "Put" } else { "Delete" };
        let mut input = Map::from_iter([
            (member.to_owned(), Value::from(self.principal.name())),
            ("PolicyName".to_owned(), Value::from(self.policy.as_str())),
        ]);
        input.extend(self.document.iter().map(|text| ("PolicyDocument".to_owned(), Value::from(text.as_str()))));
        PlannedRequest { service: "iam".to_owned(), operation: format!("{verb}{noun}Policy"), input: input.into() }
    }

    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let text = |name: &str| request.input.get(name)?.as_str();
        let principal = match (text("UserName"), text("RoleName")) {
            (Some(user), None) => Principal::User(Id::new(user).ok()?),
            (None, Some(role)) => Principal::Role(Id::new(role).ok()?),
            _ => return None,
        };
        let document = text("PolicyDocument").map(str::to_owned);
        let call = Self { principal, policy: text("PolicyName")?.to_owned(), document };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (call.request() == *request).then_some(call)
    }

    /// Sends it, once; the request ids, or how it ended otherwise.
    pub(super) async fn send(&self, writer: &Writer) -> Result<Vec<Untrusted>, Outcome> {
        let (iam, name, policy) = (writer.iam(), self.principal.name(), &*self.policy);
        macro_rules! sent {
            ($operation:literal, $call:expr) => {
                match $call.send().await {
                    Ok(answer) => Ok(calls::request_ids(&answer)),
                    Err(error) => Err(writer.outcome($operation, &error)),
                }
            };
        }
        match (&self.principal, &self.document) {
            (Principal::User(_), Some(text)) => sent!(
                "iam:PutUserPolicy",
                iam.put_user_policy().user_name(name).policy_name(policy).policy_document(text)
            ),
            (Principal::User(_), None) => {
                sent!("iam:DeleteUserPolicy", iam.delete_user_policy().user_name(name).policy_name(policy))
            }
            (Principal::Role(_), Some(text)) => sent!(
                "iam:PutRolePolicy",
                iam.put_role_policy().role_name(name).policy_name(policy).policy_document(text)
            ),
            (Principal::Role(_), None) => {
                sent!("iam:DeleteRolePolicy", iam.delete_role_policy().role_name(name).policy_name(policy))
            }
        }
    }
}

/// Whether two documents say the same, whatever their white space; or both are none.
pub(super) fn same(one: Option<&str>, other: Option<&str>) -> bool {
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    match (one, other) {
        (Some(one), Some(other)) => one == other || value(one).is_some_and(|one| Some(one) == value(other)),
        (None, None) => true,
        _ => false,
    }
}
