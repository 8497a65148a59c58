//! AWS Lambda (API version 2015-03-31): a function, and the concurrency that is reserved for it.

use super::super::SdkError;
use super::rest_json::{Ask, exchange, silent};
use super::{Answered, ServiceError, Thin};
use quell_core::text::id::FunctionName;
use quell_core::text::{Id, Untrusted};
use serde::Deserialize;
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

/// The client of Lambda in one region.
pub struct Client(Thin);

/// A function.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Function {
    pub function_name: Untrusted,
    pub function_arn: Untrusted,
    /// The ARN of its execution role.
    pub role: Untrusted,
    /// `Active`, `Inactive`, …
    pub state: Option<Untrusted>,
}

/// The concurrency that is reserved for a function, if any is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Reserved {
    pub reserved_concurrent_executions: Option<u32>,
}

impl Client {
    pub(in crate::aws) fn new(thin: Thin) -> Self {
        Self(thin)
    }

    /// The function of that name.
    pub async fn get_function_configuration(
        &self,
        function: &Id<FunctionName>,
    ) -> Result<Function, SdkError<ServiceError>> {
        let path = format!("/2015-03-31/functions/{function}/configuration");
        let ask = Ask { method: "GET", path, body: None };
        Ok(self.0.call(exchange("GetFunctionConfiguration", named(function), ask)).await?.value)
    }

    /// What is reserved for the function.
    pub async fn get_function_concurrency(
        &self,
        function: &Id<FunctionName>,
    ) -> Result<Reserved, SdkError<ServiceError>> {
        let path = format!("/2019-09-30/functions/{function}/concurrency");
        let ask = Ask { method: "GET", path, body: None };
        Ok(self.0.call(exchange("GetFunctionConcurrency", named(function), ask)).await?.value)
    }

    /// Reserves so many executions at a time for the function; it has no others.
    pub async fn put_function_concurrency(
        &self,
        function: &Id<FunctionName>,
        reserved: u32,
    ) -> Result<Answered<Reserved>, SdkError<ServiceError>> {
        let body = Some(json!({ "ReservedConcurrentExecutions": reserved }));
        let ask = Ask { method: "PUT", path: concurrency(function), body };
        let input = json!({ "FunctionName": function.as_str(), "ReservedConcurrentExecutions": reserved });
        self.0.call(exchange("PutFunctionConcurrency", input, ask)).await
    }

    /// Reserves nothing for the function any more: it runs on what the account has left.
    pub async fn delete_function_concurrency(
        &self,
        function: &Id<FunctionName>,
    ) -> Result<Answered<()>, SdkError<ServiceError>> {
        let ask = Ask { method: "DELETE", path: concurrency(function), body: None };
        self.0.call(silent("DeleteFunctionConcurrency", named(function), ask)).await
    }
}

/// The input of a call that names the function and nothing else.
fn named(function: &Id<FunctionName>) -> Value {
    json!({ "FunctionName": function.as_str() })
}

fn concurrency(function: &Id<FunctionName>) -> String {
    format!("/2017-10-31/functions/{function}/concurrency")
}
