//! The AWS Query protocol: a form in the body as of EC2, and XML with a frame around what is said in the answer (Smithy,
//! "AWS query protocol").

use super::ec2_query::{Form, request};
use super::xml::{self, Node, Odd};
use super::{Exchange, of_body};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ErrorMetadata;
use serde_json::Value;

/// A call of an operation; of its good answer `read` is given the result.
pub(super) fn exchange<O>(
    version: &'static str,
    operation: &'static str,
    input: Value,
    form: Form,
    read: impl Fn(&Node) -> Result<O, Odd> + Send + Sync + 'static,
) -> Exchange<O> {
    let read = move |body: &[u8]| {
        let root = xml::parse(body)?;
        let result = match root.name().strip_suffix("Response") == Some(operation) {
            true => root.child(&format!("{operation}Result"))?,
            false => None,
        };
        read(result.ok_or_else(|| Odd::new(format!("it is no answer of {operation}")))?)
    };
    let request = Box::new(move || request(version, operation, &form));
    Exchange { operation, input, request, read: of_body(read), refused, patience: None }
}

/// `<ErrorResponse><Error><Code/><Message/></Error></ErrorResponse>`; what is no such thing says nothing, and its status
/// alone tells what it is.
fn refused(answer: &HttpResponse) -> ErrorMetadata {
    let body = answer.body().bytes().unwrap_or_default();
    let said = |name: &str| {
        let root = xml::parse(body).ok().filter(|root| root.name() == "ErrorResponse")?;
        root.child("Error").ok()??.text(name).ok()?.map(str::to_owned)
    };
    let meta = said("Code").into_iter().fold(ErrorMetadata::builder(), |meta, code| meta.code(code));
    said("Message").into_iter().fold(meta, |meta, message| meta.message(message)).build()
}
