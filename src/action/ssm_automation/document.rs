//! The automation document, as Systems Manager describes it.

use super::super::fields::{id, plain, refuse, text};
use super::super::request::Request;
use super::SINCE;
use super::parameters::{self, Parameters};
use crate::aws::{ErrorClass, Failure, Reader};
use crate::problem::{Problem, clean};
use aws_sdk_ssm::types::{DocumentDescription, DocumentStatus, DocumentType};
use jiff::Timestamp;
use quell_core::incident::Fact;
use quell_core::text::{Untrusted, id::DocumentName};

/// The call that describes it.
pub(super) const DESCRIBE: &str = "ssm:DescribeDocument";

/// Why a document of the solution's is not there.
pub(super) const NOT_DEPLOYED: &str = "documents ASR-... come with AWS's solution Automated Security Response, which \
     this account does not have in this Region";

/// Whether a document's name is one of AWS's solution Automated Security Response: it is there only where that was
/// deployed.
pub(super) fn of_solution(name: &str) -> bool {
    name.starts_with("ASR-")
}

/// A document's description.
pub(super) struct Document(DocumentDescription);

/// The document that a request names, and its version where one is given.
pub(super) fn named(request: &Request) -> Result<(String, Option<String>), Problem> {
    let name = text(request, "document")?.ok_or_else(|| refuse("document is not given"))?;
    if name.filled {
        return Err(refuse("the document's name comes through a template")
            .next("write the document's name in the runbook itself"));
    }
    let name = id::<DocumentName>("document", &name.text)?.as_str().to_owned();
    let version = match text(request, "version")? {
        Some(version) => Some(plain("version", &version.text, 8)?),
        None => None,
    };
    Ok((name, version))
}

/// Asks for the document's default version, or the one that is named.
pub(super) async fn describe(reader: &Reader, name: &str, version: Option<&str>) -> Result<Document, Problem> {
    ask(reader, name, version).await.map_err(|failure| {
        let problem = failure.problem(DESCRIBE, &reader.scope());
        match failure.class == ErrorClass::NotFound && of_solution(name) {
            true => problem
                .meaning(format!("{NOT_DEPLOYED}; nothing was sent"))
                .next("do the step by hand, or have the solution deployed"),
            false => problem,
        }
    })
}

/// Likewise, with the failure as it is.
pub(super) async fn ask(reader: &Reader, name: &str, version: Option<&str>) -> Result<Document, Failure> {
    let call = reader.ssm().describe_document().name(name).set_document_version(version.map(str::to_owned));
    let answer = call.send().await.map_err(|error| Failure::of(&error))?;
    let none = || Failure::unreadable(format!("the answer describes no document {}", clean(name)), None);
    answer.document().cloned().map(Document).ok_or_else(none)
}

impl Document {
    /// Whether AWS itself published it; only then its name says what it does.
    pub(super) fn of_amazon(&self) -> bool {
        self.0.owner() == Some("Amazon")
    }

    /// The version that the call must name, so that nobody can put another in its place; AWS's own need none.
    pub(super) fn pinned(&self) -> Option<&str> {
        match self.of_amazon() {
            true => None,
            false => self.0.document_version(),
        }
    }

    /// Refuses what is no automation, is not ready, or does not fit the parameters.
    pub(super) fn check(&self, given: &Parameters) -> Result<(), Problem> {
        let name = clean(self.0.name().unwrap_or_default());
        match self.0.document_type() {
            Some(DocumentType::Automation) => {}
            other => {
                let kind = clean(other.map_or("of no type", |kind| kind.as_str()));
                return Err(refuse(format!("{name} is no automation document, it is {kind}")));
            }
        }
        if let Some(status) = self.0.status().filter(|status| **status != DocumentStatus::Active) {
            return Err(refuse(format!("{name} is not ready: {}", clean(status.as_str()))));
        }
        parameters::fit(given, self.0.parameters(), name.as_str())
    }

    /// What is read again before the call.
    pub(super) fn material(&self) -> Vec<Fact> {
        let text = |text: Option<&str>| Untrusted::from(text.unwrap_or("-"));
        vec![
            Fact::new("document owner", text(self.0.owner())),
            Fact::new("document version", text(self.0.document_version())),
            Fact::new("document hash", text(self.0.hash())),
        ]
    }

    /// What the plan shows of it.
    pub(super) fn facts(&self, quiet: Option<Timestamp>) -> Vec<Fact> {
        let mut facts = self.material();
        match quiet {
            None => {
                let tagged = "a client token and a tag quell:token:TOKEN, made of this action's record";
                facts.push(Fact::new("sent with", tagged));
            }
            Some(now) => {
                facts.push(Fact::new("sent with", "a client token alone, no tag: quiet"));
                facts.push(Fact::new(SINCE, now.to_string()));
            }
        }
        facts
    }
}
