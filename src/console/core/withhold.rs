//! Credentials of the responder in what they type or paste: they are left out before anything is kept, and told.

use super::model::Model;
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

/// Says it, where the words were taken.
pub fn tell(model: &mut Model, told: Option<String>) {
    if let Some(words) = told.filter(|_| model.prompt.is_none()) {
        model.say(words);
    }
}
