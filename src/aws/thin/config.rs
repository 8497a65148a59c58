//! AWS Config (API version 2014-11-12): what remedies the findings of a rule, and runs of it.

use super::super::SdkError;
use super::aws_json::{Dialect, exchange};
use super::{Answered, ServiceError, Thin};
use quell_core::text::Untrusted;
use serde::Deserialize;
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

const DIALECT: Dialect = Dialect { prefix: "StarlingDoveService", version: "1.1" };

/// The client of Config in one region.
pub struct Client(Thin);

/// What remedies a rule's findings.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Remediation {
    /// `SSM_DOCUMENT`.
    pub target_type: Untrusted,
    /// The automation document.
    pub target_id: Untrusted,
    pub target_version: Option<Untrusted>,
    /// What the document is given.
    #[serde(default)]
    pub parameters: Value,
    /// Whether Config runs it by itself.
    #[serde(default)]
    pub automatic: bool,
    pub maximum_automatic_attempts: Option<u32>,
    pub retry_attempt_seconds: Option<u64>,
}

/// A resource as Config names it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    pub resource_type: Untrusted,
    pub resource_id: Untrusted,
}

/// What came of a start: the resources for which none was started, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Started {
    pub failure_message: Option<Untrusted>,
    #[serde(default)]
    pub failed_items: Vec<Key>,
}

/// The last run for a resource.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Execution {
    pub resource_key: Key,
    /// `QUEUED`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, …
    pub state: Untrusted,
    #[serde(default)]
    pub step_details: Vec<Step>,
    /// When it was started, in seconds since 1970.
    pub invocation_time: f64,
}

/// A step of a run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Step {
    pub name: Option<Untrusted>,
    /// `SUCCEEDED`, `PENDING`, `FAILED`, …
    pub state: Option<Untrusted>,
    pub error_message: Option<Untrusted>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Remediations {
    #[serde(default)]
    remediation_configurations: Vec<Remediation>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Executions {
    #[serde(default)]
    remediation_execution_statuses: Vec<Execution>,
}

impl Client {
    pub(in crate::aws) fn new(thin: Thin) -> Self {
        Self(thin)
    }

    /// What remedies the rule's findings; nothing where nothing does.
    pub async fn describe_remediation_configurations(
        &self,
        rule: &str,
    ) -> Result<Vec<Remediation>, SdkError<ServiceError>> {
        let input = json!({ "ConfigRuleNames": [rule] });
        let found = self.0.call(exchange::<Remediations>(DIALECT, "DescribeRemediationConfigurations", input)).await?;
        Ok(found.value.remediation_configurations)
    }

    /// Runs it for one resource: its type and its id.
    pub async fn start_remediation_execution(
        &self,
        rule: &str,
        resource: (&str, &str),
    ) -> Result<Answered<Started>, SdkError<ServiceError>> {
        self.0.call(exchange(DIALECT, "StartRemediationExecution", of(rule, resource))).await
    }

    /// The last run for that resource, if there was one.
    pub async fn describe_remediation_execution_status(
        &self,
        rule: &str,
        resource: (&str, &str),
    ) -> Result<Option<Execution>, SdkError<ServiceError>> {
        let input = of(rule, resource);
        let found = self.0.call(exchange::<Executions>(DIALECT, "DescribeRemediationExecutionStatus", input)).await?;
        let own = |one: &Execution| one.resource_key.resource_id == resource.1.into();
        Ok(found.value.remediation_execution_statuses.into_iter().find(own))
    }
}

fn of(rule: &str, (kind, id): (&str, &str)) -> Value {
    json!({ "ConfigRuleName": rule, "ResourceKeys": [{ "resourceType": kind, "resourceId": id }] })
}
