//! What records name beside themselves: their kind as written, evidence, checkpoints; also in a shape that is not known.

use super::event::Event;
use crate::text::Untrusted;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The kinds whose `blob` is evidence.
const NAME_EVIDENCE: [&str; 4] = ["finding.attached", "runbook.opened", "evidence.added", "evidence.custody"];

impl Event {
    /// Whether its record says that it is of this kind, also where its shape is not known.
    pub fn is(&self, kind: &str) -> bool {
        match self {
            Event::Unknown { kind: own, .. } => *own == kind.into(),
            _ => self.kind() == Some(kind),
        }
    }

    /// The evidence that it names, the SHA-256 of bytes that are kept beside the log: a text of that name, whatever
    /// else may stand in its data.
    pub fn blob(&self) -> Option<Cow<'_, str>> {
        match self {
            Event::FindingAttached(d) => d.blob.as_deref().map(Cow::from),
            Event::RunbookOpened(d) => d.blob.as_deref().map(Cow::from),
            Event::EvidenceAdded(d) => Some(d.blob.as_str().into()),
            Event::EvidenceCustody(d) => Some(d.blob.as_str().into()),
            Event::Unknown { data, .. } if NAME_EVIDENCE.iter().any(|kind| self.is(kind)) => {
                text_of(data, "blob").map(Cow::from)
            }
            _ => None,
        }
    }

    /// The checkpoint that it names: the name of its file, and what should be the hashes of that and of its signature.
    pub fn checkpoint(&self) -> Option<(Untrusted, [Option<String>; 2])> {
        match self {
            Event::CheckpointMade(d) => Some((d.file.clone(), [d.sha256.clone(), d.signature.clone()])),
            Event::Unknown { data, .. } if self.is("checkpoint.made") => {
                let file = text_of(data, "file")?.as_str().into();
                Some((file, ["sha256", "signature"].map(|key| text_of(data, key))))
            }
            _ => None,
        }
    }
}

/// A text in data of a shape that is not known.
fn text_of(data: &RawValue, key: &str) -> Option<String> {
    let data: BTreeMap<String, &RawValue> = serde_json::from_str(data.get()).ok()?;
    serde_json::from_str(data.get(key)?.get()).ok()
}
