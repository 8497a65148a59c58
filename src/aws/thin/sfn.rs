//! AWS Step Functions (API version 2016-11-23): a state machine, and a run of it.

use super::super::SdkError;
use super::aws_json::{Dialect, exchange};
use super::{Answered, ServiceError, Thin};
use quell_core::text::Untrusted;
use serde::Deserialize;
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

const DIALECT: Dialect = Dialect { prefix: "AWSStepFunctions", version: "1.0" };

/// The client of Step Functions in one region.
pub struct Client(Thin);

/// A state machine.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    pub state_machine_arn: Untrusted,
    /// `ACTIVE` or `DELETING`.
    pub status: Option<Untrusted>,
    /// What it does, in the States Language.
    pub definition: Untrusted,
    /// The role that it runs under.
    pub role_arn: Untrusted,
    /// `STANDARD` or `EXPRESS`.
    #[serde(rename = "type")]
    pub kind: Untrusted,
    pub encryption_configuration: Option<Encryption>,
}

/// How a state machine is encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Encryption {
    /// The customer's key: an id, an alias, or the ARN of either.
    pub kms_key_id: Option<Untrusted>,
}

/// A run that was started.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    pub execution_arn: Untrusted,
}

/// A run as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Execution {
    pub execution_arn: Untrusted,
    /// `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`, …
    pub status: Untrusted,
    pub state_machine_arn: Option<Untrusted>,
    pub input: Option<Untrusted>,
    pub output: Option<Untrusted>,
    pub error: Option<Untrusted>,
    pub cause: Option<Untrusted>,
}

impl Client {
    pub(in crate::aws) fn new(thin: Thin) -> Self {
        Self(thin)
    }

    /// The state machine of that ARN.
    pub async fn describe_state_machine(&self, arn: &str) -> Result<Machine, SdkError<ServiceError>> {
        let input = json!({ "stateMachineArn": arn });
        Ok(self.0.call(exchange(DIALECT, "DescribeStateMachine", input)).await?.value)
    }

    /// Starts a run of that name with that input: the same name does not start a second one.
    pub async fn start_execution(
        &self,
        machine: &str,
        name: &str,
        input: &str,
    ) -> Result<Answered<Started>, SdkError<ServiceError>> {
        let input = json!({ "stateMachineArn": machine, "name": name, "input": input });
        self.0.call(exchange(DIALECT, "StartExecution", input)).await
    }

    /// Stops the run of that ARN, for everyone to read why.
    pub async fn stop_execution(&self, arn: &str, cause: &str) -> Result<Answered<Value>, SdkError<ServiceError>> {
        let input = json!({ "executionArn": arn, "cause": cause });
        self.0.call(exchange(DIALECT, "StopExecution", input)).await
    }

    /// The run of that ARN.
    pub async fn describe_execution(&self, arn: &str) -> Result<Execution, SdkError<ServiceError>> {
        Ok(self.0.call(exchange(DIALECT, "DescribeExecution", json!({ "executionArn": arn }))).await?.value)
    }
}
