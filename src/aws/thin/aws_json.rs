//! The AWS JSON protocols: a header names the operation, the body is its input, and an error's code stands in the body
//! (Smithy, "AWS JSON 1.0 protocol" and "AWS JSON 1.1 protocol").

use super::rest_json::{document, refused};
use super::{BoxError, Exchange, of_body};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How a service is spoken to: what stands before the operation's name, and the protocol's version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    pub prefix: &'static str,
    pub version: &'static str,
}

/// A call of an operation with that input, whose good answer is a document.
pub(super) fn exchange<O: DeserializeOwned + 'static>(
    dialect: Dialect,
    operation: &'static str,
    input: Value,
) -> Exchange<O> {
    let body = input.to_string();
    let request = Box::new(move || request(dialect, operation, &body));
    Exchange { operation, input, request, read: of_body(document), refused, patience: None }
}

fn request(dialect: Dialect, operation: &str, body: &str) -> Result<HttpRequest, BoxError> {
    let request = http::Request::builder()
        .method("POST")
        .uri("/")
        .header("content-type", format!("application/x-amz-json-{}", dialect.version))
        .header("content-length", body.len())
        .header("x-amz-target", format!("{}.{operation}", dialect.prefix))
        .body(SdkBody::from(body))?;
    Ok(HttpRequest::try_from(request)?)
}
