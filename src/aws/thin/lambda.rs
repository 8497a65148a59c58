//! AWS Lambda (API version 2015-03-31): a function, a run of it, and the concurrency that is reserved for it.

use super::super::SdkError;
use super::rest_json::{Ask, exchange, refused, silent};
use super::xml::Odd;
use super::{Answered, BoxError, Exchange, HttpRequest, HttpResponse, ServiceError, Thin};
use aws_smithy_types::base64;
use aws_smithy_types::body::SdkBody;
use quell_core::text::id::{FunctionName, Qualifier};
use quell_core::text::{Id, Untrusted};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

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
    /// How many seconds a run may take.
    pub timeout: Option<u32>,
    /// The hash of its code.
    pub code_sha256: Option<Untrusted>,
}

/// A run that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    pub function: Id<FunctionName>,
    /// A version or an alias.
    pub qualifier: Option<Id<Qualifier>>,
    /// `RequestResponse`, `Event` or `DryRun`.
    pub kind: &'static str,
    pub payload: String,
    /// How long the run may take.
    pub patience: Duration,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoked {
    /// 200 of one that has ended, 202 of one that was taken, 204 of one that was only tried.
    pub status: u16,
    /// The function's own error, if it ended in one: `Handled` or `Unhandled`.
    pub error: Option<Untrusted>,
    /// The version that ran.
    pub version: Option<Untrusted>,
    /// The last 4 KB of its log.
    pub log: Option<Untrusted>,
    /// What it gave back, or what its error is.
    pub payload: Untrusted,
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
        self.get_function_configuration_of(function, None).await
    }

    /// The function of that name as it is in a version, or where an alias leads.
    pub async fn get_function_configuration_of(
        &self,
        function: &Id<FunctionName>,
        qualifier: Option<&Id<Qualifier>>,
    ) -> Result<Function, SdkError<ServiceError>> {
        let (mut input, mut path) = (named(function), format!("/2015-03-31/functions/{function}/configuration"));
        if let Some(qualifier) = qualifier {
            input["Qualifier"] = qualifier.as_str().into();
            path.push_str(&format!("?Qualifier={}", encoded(qualifier)));
        }
        let ask = Ask { method: "GET", path, body: None };
        Ok(self.0.call(exchange("GetFunctionConfiguration", input, ask)).await?.value)
    }

    /// Runs the function, or has it run.
    pub async fn invoke(&self, invocation: &Invocation) -> Result<Answered<Invoked>, SdkError<ServiceError>> {
        let mut input = named(&invocation.function);
        input["InvocationType"] = invocation.kind.into();
        input["LogType"] = log_type(invocation).into();
        input["Payload"] = invocation.payload.as_str().into();
        if let Some(qualifier) = &invocation.qualifier {
            input["Qualifier"] = qualifier.as_str().into();
        }
        let asked = invocation.clone();
        self.0
            .call(Exchange {
                operation: "Invoke",
                input,
                request: Box::new(move || request(&asked)),
                read: Box::new(invoked),
                refused,
                patience: Some(invocation.patience),
            })
            .await
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

/// The log comes with an answer that waits for the end.
fn log_type(invocation: &Invocation) -> &'static str {
    if invocation.kind == "RequestResponse" { "Tail" } else { "None" }
}

fn encoded(qualifier: &Id<Qualifier>) -> String {
    qualifier.as_str().replace('$', "%24")
}

fn request(invocation: &Invocation) -> Result<HttpRequest, BoxError> {
    let qualifier = invocation.qualifier.as_ref().map(|qualifier| format!("?Qualifier={}", encoded(qualifier)));
    let at = format!("/2015-03-31/functions/{}/invocations{}", invocation.function, qualifier.unwrap_or_default());
    let request = http::Request::builder()
        .method("POST")
        .uri(at)
        .header("content-type", "application/json")
        .header("content-length", invocation.payload.len())
        .header("x-amz-invocation-type", invocation.kind)
        .header("x-amz-log-type", log_type(invocation))
        .body(SdkBody::from(invocation.payload.as_str()))?;
    Ok(HttpRequest::try_from(request)?)
}

fn invoked(answer: &HttpResponse) -> Result<Invoked, Odd> {
    let body = answer.body().bytes().unwrap_or_default();
    let header = |name: &str| answer.headers().get(name);
    // Of a run that has ended there is a document, whatever the function is.
    if answer.status().as_u16() == 200 && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err() {
        return Err(Odd::new("what the function gave back is no document"));
    }
    let log = header("x-amz-log-result").map(base64::decode).transpose();
    let log = log.map_err(|_| Odd::new("the log is no base64"))?;
    Ok(Invoked {
        status: answer.status().as_u16(),
        error: header("x-amz-function-error").map(Untrusted::from),
        version: header("x-amz-executed-version").map(Untrusted::from),
        log: log.map(|log| String::from_utf8_lossy(&log).as_ref().into()),
        payload: String::from_utf8_lossy(body).as_ref().into(),
    })
}

/// The input of a call that names the function and nothing else.
fn named(function: &Id<FunctionName>) -> Value {
    json!({ "FunctionName": function.as_str() })
}

fn concurrency(function: &Id<FunctionName>) -> String {
    format!("/2017-10-31/functions/{function}/concurrency")
}
