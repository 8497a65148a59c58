//! The REST-JSON protocol: method and path name the operation, JSON stands in the bodies, and an error's code in a header
//! (Smithy, "AWS restJson1 protocol").

use super::super::guard::error_code;
use super::xml::Odd;
use super::{BoxError, Exchange, nothing, of_body};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::metadata::ErrorMetadata;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// So many bytes has an answer at most that quell reads.
const LONGEST: usize = 4 << 20;

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub method: &'static str,
    /// The path, which holds nothing that would have to be encoded.
    pub path: String,
    pub body: Option<Value>,
}

/// A call whose good answer is a document.
pub(super) fn exchange<O: DeserializeOwned + 'static>(operation: &'static str, input: Value, ask: Ask) -> Exchange<O> {
    Exchange {
        operation,
        input,
        request: Box::new(move || request(&ask)),
        read: of_body(document),
        refused,
        patience: None,
    }
}

/// Reads a document.
pub(super) fn document<O: DeserializeOwned>(body: &[u8]) -> Result<O, Odd> {
    match body.len() > LONGEST {
        true => Err(Odd::new(format!("it has {} bytes", body.len()))),
        false => serde_json::from_slice(body).map_err(|error| Odd::new(error.to_string())),
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

fn request(ask: &Ask) -> Result<HttpRequest, BoxError> {
    let mut request = http::Request::builder().method(ask.method).uri(&ask.path);
    let body = ask.body.as_ref().map(ToString::to_string);
    if let Some(body) = &body {
        request = request.header("content-type", "application/json").header("content-length", body.len());
    }
    let body = body.map_or_else(SdkBody::empty, SdkBody::from);
    Ok(HttpRequest::try_from(request.body(body)?)?)
}

/// The message is written in two ways, by the service and by what stands before it.
#[derive(Default, Deserialize)]
struct Said {
    #[serde(alias = "Message")]
    message: Option<String>,
}

/// The code in a header or in the body, and the message.
pub(super) fn refused(answer: &HttpResponse) -> ErrorMetadata {
    let said: Said = serde_json::from_slice(answer.body().bytes().unwrap_or_default()).unwrap_or_default();
    let meta = error_code(answer).into_iter().fold(ErrorMetadata::builder(), |meta, code| meta.code(code));
    said.message.into_iter().fold(meta, |meta, message| meta.message(message)).build()
}
