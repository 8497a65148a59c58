//! What look-ups have in common: how a thing that they tell is made.

use quell_core::incident::{EntityKind, Told};
use quell_core::text::Untrusted;

/// Something about what was looked up.
pub(super) fn told(name: &str, value: impl Into<Untrusted>) -> Told {
    Told { name: name.into(), value: value.into(), entity: None }
}

/// Something else, which may belong to the incident.
pub(super) fn entity(name: &str, kind: EntityKind, id: impl Into<Untrusted>) -> Told {
    Told { name: name.into(), value: id.into(), entity: Some(kind) }
}
