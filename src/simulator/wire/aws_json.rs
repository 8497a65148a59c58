//! The AWS JSON 1.1 protocol (Systems Manager): the operation stands in X-Amz-Target, the error's code in `__type`.

use super::{Failure, Reply, Response};
use serde_json::json;

/// The operation that a request names for the target prefix.
pub(in crate::simulator) fn operation(target: Option<&str>) -> Option<&str> {
    target?.strip_prefix("AmazonSSM.")
}

pub(in crate::simulator) fn success(reply: &Reply) -> Response {
    let body = match reply {
        Reply::Json(value) => value.to_string().into_bytes(),
        Reply::Xml(_) | Reply::Text(_) | Reply::Nothing => Vec::new(),
    };
    response(200, body)
}

pub(in crate::simulator) fn failure(failure: &Failure) -> Response {
    // The service's own errors say `Message`, those of the front door `message`: both are met in the wild.
    let own = failure.code.ends_with("Exception") || failure.code.starts_with("Invalid");
    let key = if own { "Message" } else { "message" };
    let body = json!({ "__type": failure.code, key: failure.message });
    response(failure.status, body.to_string().into_bytes())
}

fn response(status: u16, body: Vec<u8>) -> Response {
    Response { status, headers: vec![("content-type", "application/x-amz-json-1.1".to_owned())], body, cut: None }
}
