//! The EC2 Query protocol: a form in the body, XML in the answer (Amazon EC2 API Reference, "Query Requests").

use super::xml::{self, Node, Odd};
use super::{BoxError, Exchange, of_body};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::metadata::ErrorMetadata;
use serde_json::Value;

/// The members of a request, in order: `GroupId.1` and so on.
#[derive(Clone, Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// A member.
    pub(super) fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// The members of a list, numbered from 1.
    pub(super) fn each<'a>(self, name: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        let numbered = values.into_iter().zip(1..);
        numbered.fold(self, |form, (value, n)| form.with(format!("{name}.{n}"), value))
    }

    /// The `n`th filter, from 1.
    pub(super) fn filter<'a>(self, n: usize, name: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(format!("Filter.{n}.Name"), name).each(&format!("Filter.{n}.Value"), values)
    }
}

/// A call of an operation, whose good answer is read by `read`.
pub(super) fn exchange<O>(
    version: &'static str,
    operation: &'static str,
    input: Value,
    form: Form,
    read: impl Fn(&Node) -> Result<O, Odd> + Send + Sync + 'static,
) -> Exchange<O> {
    let read = move |body: &[u8]| {
        let root = xml::parse(body)?;
        match root.name().strip_suffix("Response") == Some(operation) {
            true => read(&root),
            false => Err(Odd::new(format!("it is no answer of {operation}"))),
        }
    };
    let request = Box::new(move || request(version, operation, &form));
    Exchange { operation, input, request, read: of_body(read), refused, patience: None }
}

/// The form with its operation, as the Query protocols send it.
pub(super) fn request(version: &str, operation: &str, form: &Form) -> Result<HttpRequest, BoxError> {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.append_pair("Action", operation).append_pair("Version", version).extend_pairs(&form.0);
    let body = body.finish();
    let request = http::Request::builder()
        .method("POST")
        .uri("/")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("content-length", body.len())
        .body(SdkBody::from(body))?;
    Ok(HttpRequest::try_from(request)?)
}

/// `<Response><Errors><Error><Code/><Message/></Error></Errors><RequestID/></Response>`; what is no such thing says
/// nothing, and its status alone tells what it is.
fn refused(answer: &HttpResponse) -> ErrorMetadata {
    let body = answer.body().bytes().unwrap_or_default();
    let said = |name: &str| {
        let root = xml::parse(body).ok()?;
        let error = root.child("Errors").ok()??.child("Error").ok()??;
        error.text(name).ok()?.map(str::to_owned)
    };
    let meta = said("Code").into_iter().fold(ErrorMetadata::builder(), |meta, code| meta.code(code));
    said("Message").into_iter().fold(meta, |meta, message| meta.message(message)).build()
}
