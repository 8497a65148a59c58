//! The REST-XML protocol as S3 speaks it: method, path and query name the operation, XML stands in the bodies, and an
//! error stands alone (Amazon S3 API Reference, "REST error responses").

use super::xml::{self, Node, Odd};
use super::{BoxError, Exchange, nothing, of_body};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::base64;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::metadata::ErrorMetadata;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub method: &'static str,
    /// Path and query, which hold nothing that would have to be encoded.
    pub at: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<String>,
}

/// A call whose good answer is a document with that root.
pub(super) fn exchange<O>(
    operation: &'static str,
    input: Value,
    ask: Ask,
    root: &'static str,
    read: impl Fn(&Node) -> Result<O, Odd> + Send + Sync + 'static,
) -> Exchange<O> {
    let read = move |body: &[u8]| {
        let found = xml::parse(body)?;
        match found.name() == root {
            true => read(&found),
            false => Err(Odd::new(format!("it is no answer of {operation}"))),
        }
    };
    Exchange {
        operation,
        input,
        request: Box::new(move || request(&ask)),
        read: of_body(read),
        refused,
        patience: None,
    }
}

/// So many bytes has a text at most that quell reads.
const LONGEST: usize = 1 << 20;

/// A call whose good answer is a text of its own.
pub(super) fn plain(operation: &'static str, input: Value, ask: Ask) -> Exchange<String> {
    let read = |body: &[u8]| match std::str::from_utf8(body) {
        Ok(text) if !text.is_empty() && body.len() <= LONGEST => Ok(text.to_owned()),
        Ok(_) => Err(Odd::new(format!("it has {} bytes", body.len()))),
        Err(_) => Err(Odd::new("it is no UTF-8")),
    };
    Exchange {
        operation,
        input,
        request: Box::new(move || request(&ask)),
        read: of_body(read),
        refused,
        patience: None,
    }
}

/// A call whose good answer says nothing.
pub(super) fn silent(operation: &'static str, input: Value, ask: Ask) -> Exchange<()> {
    Exchange {
        operation,
        input,
        request: Box::new(move || request(&ask)),
        read: of_body(nothing),
        refused,
        patience: None,
    }
}

/// A body goes with its checksum, without which S3 takes none that configures something.
fn request(ask: &Ask) -> Result<HttpRequest, BoxError> {
    let mut request = http::Request::builder().method(ask.method).uri(&ask.at);
    for (name, value) in &ask.headers {
        request = request.header(*name, value);
    }
    if let Some(body) = &ask.body {
        request = request
            .header("content-type", "application/xml")
            .header("content-length", body.len())
            .header("x-amz-sdk-checksum-algorithm", "SHA256")
            .header("x-amz-checksum-sha256", base64::encode(Sha256::digest(body)));
    }
    let body = ask.body.clone().map_or_else(SdkBody::empty, SdkBody::from);
    Ok(HttpRequest::try_from(request.body(body)?)?)
}

/// `<Error><Code/><Message/></Error>`, which S3 Control puts into an `<ErrorResponse>`; what is no such thing says nothing,
/// and its status alone tells what it is.
fn refused(answer: &HttpResponse) -> ErrorMetadata {
    let body = answer.body().bytes().unwrap_or_default();
    let said = |name: &str| {
        let root = xml::parse(body).ok()?;
        let error = match root.name() {
            "Error" => &root,
            "ErrorResponse" => root.child("Error").ok()??,
            _ => return None,
        };
        error.text(name).ok()?.map(str::to_owned)
    };
    let meta = said("Code").into_iter().fold(ErrorMetadata::builder(), |meta, code| meta.code(code));
    said("Message").into_iter().fold(meta, |meta, message| meta.message(message)).build()
}
