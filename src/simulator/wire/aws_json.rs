//! The AWS JSON protocols (Systems Manager, EventBridge): the operation stands in X-Amz-Target, the error's code in `__type`.

use super::{Failure, Reply, Response};
use crate::simulator::caller::Service;
use serde_json::json;

/// The operation that a request names for the service.
pub(in crate::simulator) fn operation(service: Service, target: Option<&str>) -> Option<&str> {
    target?.strip_prefix(service.target()?.0)?.strip_prefix('.')
}

pub(in crate::simulator) fn success(service: Service, reply: &Reply) -> Response {
    let body = match reply {
        Reply::Json(value) => value.to_string().into_bytes(),
        Reply::Xml(_) | Reply::Text(_) | Reply::Nothing | Reply::Bare { .. } => Vec::new(),
    };
    response(service, 200, body)
}

pub(in crate::simulator) fn failure(service: Service, failure: &Failure) -> Response {
    // The service's own errors say `Message`, those of the front door `message`: both are met in the wild.
    let own = failure.code.ends_with("Exception") || failure.code.starts_with("Invalid");
    let key = if own { "Message" } else { "message" };
    let body = json!({ "__type": failure.code, key: failure.message });
    response(service, failure.status, body.to_string().into_bytes())
}

fn response(service: Service, status: u16, body: Vec<u8>) -> Response {
    let version = service.target().map_or("1.1", |(_, version)| version);
    Response { status, headers: vec![("content-type", format!("application/x-amz-json-{version}"))], body, cut: None }
}
