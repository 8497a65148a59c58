//! Credentials of the responder in what they type or paste: they are left out before anything is kept, and told.

use super::model::Model;
use crate::problem::Problem;
use quell_core::finding::{Compact, Finding};
use quell_core::text::secret::suspects;
use quell_core::text::{Shape, Untrusted};

/// The words without the responder's credentials, and what there is to say of that. What only looks like a secret
/// stays: it may be the attacker's.
pub fn from(model: &Model, words: Untrusted) -> (Untrusted, Option<String>) {
    let (kept, withheld) = model.secrets.withhold_words(&words);
    if withheld > 0 {
        return (
            kept,
            Some("a credential of yours stood in these words: it was left out, and kept nowhere".to_owned()),
        );
    }
    let suspect = suspects(words.clean(Shape::Block).as_str().as_bytes()).into_iter().next();
    let told = |s: quell_core::text::secret::Suspect| {
        format!("it looks as if {} stood in these words: quell sessions mask hides it in reports", s.what)
    };
    (words, suspect.map(told))
}

/// Whether a credential of theirs stands in what is about to be written down.
pub fn stands_in(model: &Model, bytes: &[u8]) -> bool {
    model.secrets.withhold(bytes.to_vec()).1 > 0
}

/// A finding without the responder's credentials: its bytes and what is kept of them, where any stood in it.
pub fn from_finding(model: &Model, finding: &Finding) -> Result<Option<(Vec<u8>, Compact)>, Problem> {
    let unwritten = |error: serde_json::Error| {
        Problem::local(format!("a credential of yours stands in the finding, and can't be left out: {error}"))
            .meaning("the finding would be kept in the timeline, so it was not attached")
            .next("take the credential out of where the finding has it from")
    };
    let (raw, in_bytes) = model.secrets.withhold(finding.raw.to_vec());
    let fields = serde_json::to_string(&finding.compact()).map_err(unwritten)?;
    let (fields, in_fields) = model.secrets.withhold_text(&fields);
    match in_bytes + in_fields {
        0 => Ok(None),
        _ => serde_json::from_str(&fields).map(|compact| Some((raw, compact))).map_err(unwritten),
    }
}

/// Says it, where the words were taken.
pub fn tell(model: &mut Model, told: Option<String>) {
    if let Some(words) = told.filter(|_| model.prompt.is_none()) {
        model.say(words);
    }
}
