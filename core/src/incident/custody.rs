//! The custody of evidence: what became of a piece after it was brought in.

use super::state::Stamp;
use crate::text::Untrusted;
use serde::{Deserialize, Serialize};

/// Something was done with the bytes of a piece of evidence. Who did it, when and on which host is said by the record
/// itself: by its writer, its time, and the host of its segment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EvidenceCustody {
    /// The SHA-256 of the bytes as they were brought in.
    pub blob: String,
    /// accessed, copied, exported, transferred, released or verified; a later version may say something else.
    pub what: Untrusted,
    pub why: Untrusted,
    /// Who had it before, where that is not the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Untrusted>,
    /// Who has it now, or the file or place where it was put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Untrusted>,
    /// By whose order or by what right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Untrusted>,
    /// The SHA-256 of the bytes afterwards, as they were given out or looked at; none where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What became of a piece of evidence, and by whom.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Custody {
    #[serde(flatten)]
    pub stamp: Stamp,
    pub what: Untrusted,
    pub why: Untrusted,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Untrusted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Untrusted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<Untrusted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// What the hash afterwards means; none where there is none.
    #[serde(skip)]
    pub whole: Option<bool>,
}

impl Custody {
    /// As a record says it.
    pub(super) fn of(d: &EvidenceCustody, stamp: Stamp) -> Self {
        Self {
            stamp,
            what: d.what.clone(),
            why: d.why.clone(),
            from: d.from.clone(),
            to: d.to.clone(),
            authority: d.authority.clone(),
            after: d.after.clone(),
            whole: d.after.as_ref().map(|after| *after == d.blob),
        }
    }

    /// The parts that are texts of somebody, each with the word before it, in the order in which they are read.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &Untrusted)> {
        let parts = [("from", &self.from), ("to", &self.to), ("by order of", &self.authority)];
        parts.into_iter().filter_map(|(word, part)| Some((word, part.as_ref()?)))
    }

    /// What its hash says, in words; empty where none was taken.
    pub fn hash_words(&self) -> &'static str {
        match self.whole {
            None => "",
            Some(true) => ", its hash as before",
            Some(false) => ", its hash ANOTHER than before",
        }
    }
}
