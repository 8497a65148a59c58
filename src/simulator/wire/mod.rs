//! What goes over the wire: a request, a response, and a failure in the words and the shape of each protocol.

pub(super) mod aws_json;
pub(super) mod ec2_query;
pub(super) mod query;
pub(super) mod rest_json;
pub(super) mod rest_xml;

use super::caller::Service;
use jiff::Timestamp;

/// An HTTP request, as far as AWS looks at it.
#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    pub method: String,
    /// As on the wire, still percent-encoded.
    pub path: String,
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// A request as the http crate holds it, with its body read.
    pub fn from_http(parts: &http::request::Parts, body: Vec<u8>) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Self {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: parts.headers.iter().map(header).collect(),
            body,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// An HTTP response.
#[derive(Clone, Debug)]
pub(super) struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    pub cut: Option<Cut>,
}

/// How a response fails to arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// No connection came about.
    Refused,
    /// The connection ends before the first byte.
    Lost,
    /// The connection stays open, and nothing comes.
    Hangs,
    /// The connection ends after this many bytes of the body.
    After(usize),
}

/// The two clocks: the machine's, which AWS's rates and signatures go by, and the simulated account's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub real: Timestamp,
    pub simulated: Timestamp,
}

/// A failed call: the service's own error code, its HTTP status, and the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub code: String,
    pub status: u16,
    pub message: String,
}

impl Failure {
    pub fn new(code: &str, status: u16, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), status, message: message.into() }
    }
}

/// How a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    RestJson,
    AwsJson,
    Query,
    Ec2,
    RestXml,
}

/// The answer of an operation before it is encoded.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Json(serde_json::Value),
    Xml(query::Element),
    /// A text that is no document of the protocol's own.
    Text(String),
    Nothing,
    /// What speaks no protocol: what a function gives back.
    Bare {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
}

/// Encodes what came out of an operation, with the headers that every answer has.
pub(super) fn encode(
    service: Service,
    operation: &str,
    outcome: &Result<Reply, Failure>,
    request_id: &str,
    real: Timestamp,
) -> Response {
    let mut response = match (service.protocol(), outcome) {
        (Protocol::RestJson, Ok(reply)) => rest_json::success(reply),
        (Protocol::RestJson, Err(failure)) => rest_json::failure(service, failure),
        (Protocol::AwsJson, Ok(reply)) => aws_json::success(service, reply),
        (Protocol::AwsJson, Err(failure)) => aws_json::failure(service, failure),
        (Protocol::Query, Ok(reply)) => query::success(service, operation, reply, request_id),
        (Protocol::Query, Err(failure)) => query::failure(service, failure, request_id),
        (Protocol::Ec2, Ok(reply)) => ec2_query::success(service, operation, reply, request_id),
        (Protocol::Ec2, Err(failure)) => ec2_query::failure(failure, request_id),
        (Protocol::RestXml, Ok(reply)) => rest_xml::success(service, operation, reply),
        (Protocol::RestXml, Err(failure)) => rest_xml::failure(service, failure, request_id),
    };
    let name =
        if matches!(service, Service::S3 | Service::S3Control) { "x-amz-request-id" } else { "x-amzn-requestid" };
    response.headers.push((name, request_id.to_owned()));
    response.headers.push(("date", http_date(real)));
    response
}

/// A moment as HTTP writes it (RFC 9110, IMF-fixdate).
pub(super) fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A moment with milliseconds, as GuardDuty and Security Hub write it.
pub(super) fn millis(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// A moment to the second, as the Query protocol writes it.
pub(super) fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Seconds since 1970 with a fraction, as the JSON protocols write a timestamp member.
pub(super) fn epoch(at: Timestamp) -> serde_json::Value {
    serde_json::json!(at.as_millisecond() as f64 / 1000.0)
}
