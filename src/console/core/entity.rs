//! How sure one is of an entity, and how it came into the incident.

use super::model::{Ctx, Model};
use super::prompt::{Choice, ChoicePurpose, Kind};
use quell_core::incident::{Entity, EntityKind, EntityState, Provenance};
use quell_core::text::Untrusted;

/// How sure one is of an entity, and what became of it.
pub(super) const STATES: [EntityState; 4] =
    [EntityState::Suspected, EntityState::Confirmed, EntityState::Contained, EntityState::Cleared];

/// Asks how it stands.
pub(super) fn state(model: &mut Model, kind: EntityKind, id: Untrusted, selected: usize, ctx: &Ctx) {
    let title = format!("{} {} is", kind.word().to_uppercase(), id.line());
    let choices = STATES.map(|s| s.word().to_owned()).to_vec();
    let purpose = ChoicePurpose::EntityState(kind, id);
    model.ask(Kind::Choice(Choice { title, about: Vec::new(), purpose, choices, selected }), ctx);
}

/// The same of one that the incident has, beginning with how it stands.
pub(super) fn restate(model: &mut Model, (kind, id): (EntityKind, Untrusted), ctx: &Ctx) {
    let stands = known(model, kind, &id).and_then(|e| STATES.iter().position(|s| *s == e.state));
    state(model, kind, id, stands.unwrap_or(0), ctx);
}

/// How it came in; that one says how it stands now does not change that.
pub(super) fn provenance(model: &Model, kind: EntityKind, id: &Untrusted) -> Provenance {
    let looked_up = || model.session.as_ref().is_some_and(|session| session.pending().found().contains(&(kind, id)));
    match known(model, kind, id) {
        Some(entity) => entity.provenance,
        None if looked_up() => Provenance::Lookup,
        None => Provenance::Typed,
    }
}

fn known<'a>(model: &'a Model, kind: EntityKind, id: &Untrusted) -> Option<&'a Entity> {
    model.session.as_ref()?.pending().entities.iter().find(|e| e.kind == kind && e.id == *id)
}
