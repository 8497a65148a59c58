//! The EC2 Query protocol: the same form as IAM's, another frame around the answer (Amazon EC2 API Reference).

use super::query::Element;
use super::{Failure, Reply, Response};
use crate::simulator::caller::Service;
use quick_xml::escape::partial_escape as escape;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// `<XResponse><requestId>…`, and what came out beside it.
pub(in crate::simulator) fn success(service: Service, operation: &str, reply: &Reply, request_id: &str) -> Response {
    let mut out = format!("{DECLARATION}<{operation}Response xmlns=\"{}\">\n", service.namespace());
    out.push_str(&format!("<requestId>{request_id}</requestId>\n"));
    if let Reply::Xml(Element::Nest(_, elements)) = reply {
        elements.iter().for_each(|element| element.write(&mut out));
    }
    out.push_str(&format!("\n</{operation}Response>\n"));
    response(200, out)
}

pub(in crate::simulator) fn failure(failure: &Failure, request_id: &str) -> Response {
    let (code, message) = (&failure.code, escape(failure.message.as_str()));
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let out =
        format!("{DECLARATION}<Response><Errors>{error}</Errors><RequestID>{request_id}</RequestID></Response>\n");
    response(failure.status, out)
}

fn response(status: u16, body: String) -> Response {
    let headers = vec![("content-type", "text/xml;charset=UTF-8".to_owned())];
    Response { status, headers, body: body.into_bytes(), cut: None }
}
