//! The REST-XML protocol as S3 speaks it: XML in the bodies, and an error that stands alone (Amazon S3 API Reference).

use super::query::Element;
use super::{Failure, Reply, Response};
use crate::simulator::caller::Service;
use quick_xml::escape::partial_escape as escape;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// The document that came out; what has none says so by its status.
pub(in crate::simulator) fn success(service: Service, operation: &str, reply: &Reply) -> Response {
    if let Reply::Text(text) = reply {
        return Response {
            headers: vec![("content-type", "application/json".to_owned())],
            ..response(200, text.clone())
        };
    }
    let mut body = String::new();
    if let Reply::Xml(root @ (Element::Nest(name, _) | Element::Text(name, _))) = reply
        && !name.is_empty()
    {
        root.write(&mut body);
        let rooted = format!("<{name} xmlns=\"{}\">", service.namespace());
        body = format!("{DECLARATION}{}", body.replacen(&format!("<{name}>"), &rooted, 1));
    }
    let quiet = operation.starts_with("Delete") || operation == "PutBucketPolicy";
    let status = if quiet { 204 } else { 200 };
    response(status, body)
}

pub(in crate::simulator) fn failure(service: Service, failure: &Failure, request_id: &str) -> Response {
    let (code, message) = (&failure.code, escape(failure.message.as_str()));
    // S3 Control's errors stand in another element.
    let body = match service {
        Service::S3Control => format!(
            "{DECLARATION}<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>{request_id}</RequestId></ErrorResponse>"
        ),
        _ => format!(
            "{DECLARATION}<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{request_id}</RequestId>\
             <HostId>bm90IGEgcmVhbCBob3N0</HostId></Error>"
        ),
    };
    response(failure.status, body)
}

fn response(status: u16, body: String) -> Response {
    let headers = vec![("content-type", "application/xml".to_owned())];
    Response { status, headers, body: body.into_bytes(), cut: None }
}
