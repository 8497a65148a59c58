//! The AWS Query protocol (IAM, STS): a form in the body, XML in the answer.

use super::{Failure, Reply, Response};
use crate::simulator::caller::Service;
use quick_xml::escape::partial_escape as escape;

/// The members of a request, as the form holds them.
#[derive(Clone, Debug, Default)]
pub(in crate::simulator) struct Form(Vec<(String, String)>);

impl Form {
    pub fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The members of a list, `NAME.1` and so on, in their order.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let numbered = self.0.iter().filter_map(|(n, value)| {
            let number = n.strip_prefix(name)?.strip_prefix('.')?.parse::<u32>().ok()?;
            Some((number, value.as_str()))
        });
        let mut all: Vec<(u32, &str)> = numbered.collect();
        all.sort_unstable();
        all.into_iter().map(|(_, value)| value).collect()
    }

    /// The names of all members.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The member, or AWS's complaint that it is missing.
    pub fn need(&self, service: Service, name: &str) -> Result<&str, Failure> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| {
            let message =
                "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null";
            Failure::new(service.validation(), 400, message.replace("{}", &lower(name)))
        })
    }
}

/// A member's rules in the IAM and STS models: its length and its letters beside ASCII's letters and digits.
pub(in crate::simulator) struct Rule {
    pub member: &'static str,
    pub min: usize,
    pub max: usize,
    pub letters: &'static str,
}

impl Rule {
    /// AWS's complaint when the member is given and breaks a rule.
    pub fn check(&self, service: Service, form: &Form) -> Result<(), Failure> {
        let Some(value) = form.get(self.member) else { return Ok(()) };
        let letter = |c: char| c.is_ascii_alphanumeric() || self.letters.contains(c);
        let wrong = match value.chars().count() {
            n if n < self.min => format!("have length greater than or equal to {}", self.min),
            n if n > self.max => format!("have length less than or equal to {}", self.max),
            _ if !value.chars().all(letter) => {
                format!("contain only alphanumeric characters and/or the following: {}", self.letters)
            }
            _ => return Ok(()),
        };
        let at = lower(self.member);
        let message = format!(
            "1 validation error detected: Value '{value}' at '{at}' failed to satisfy constraint: Member must {wrong}"
        );
        Err(Failure::new(service.validation(), 400, message))
    }
}

/// A member's name as the complaints write it.
fn lower(name: &str) -> String {
    format!("{}{}", name.get(..1).unwrap_or_default().to_lowercase(), name.get(1..).unwrap_or_default())
}

/// An XML element: a name and text, or a name and elements.
#[derive(Clone, Debug)]
pub(in crate::simulator) enum Element {
    Text(&'static str, String),
    Nest(&'static str, Vec<Element>),
}

impl Element {
    pub fn text(name: &'static str, text: impl Into<String>) -> Self {
        Self::Text(name, text.into())
    }

    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Text(name, text) => {
                out.push_str(&format!("<{name}>{}</{name}>", escape(text.as_str())));
            }
            Self::Nest(name, elements) => {
                out.push_str(&format!("<{name}>"));
                elements.iter().for_each(|element| element.write(out));
                out.push_str(&format!("</{name}>"));
            }
        }
    }
}

/// `<XResponse><XResult>…</XResult><ResponseMetadata>…`: an operation without output has no result
/// element, but of a load balancer's an empty one.
pub(in crate::simulator) fn success(service: Service, operation: &str, reply: &Reply, request_id: &str) -> Response {
    let mut out = format!("<{operation}Response xmlns=\"{}\">\n", service.namespace());
    if let Reply::Xml(Element::Nest(_, elements)) = reply
        && (!elements.is_empty() || service == Service::Elb)
    {
        out.push_str(&format!("<{operation}Result>"));
        elements.iter().for_each(|element| element.write(&mut out));
        out.push_str(&format!("</{operation}Result>\n"));
    }
    out.push_str(&format!("<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\n"));
    out.push_str(&format!("</{operation}Response>\n"));
    response(200, out)
}

pub(in crate::simulator) fn failure(service: Service, failure: &Failure, request_id: &str) -> Response {
    let fault = if failure.status < 500 { "Sender" } else { "Receiver" };
    let out = format!(
        "<ErrorResponse xmlns=\"{}\">\n  <Error>\n    <Type>{fault}</Type>\n    <Code>{}</Code>\n    <Message>{}</Message>\n  </Error>\n  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n",
        service.namespace(),
        failure.code,
        escape(failure.message.as_str()),
    );
    response(failure.status, out)
}

fn response(status: u16, body: String) -> Response {
    Response { status, headers: vec![("content-type", "text/xml".to_owned())], body: body.into_bytes(), cut: None }
}
