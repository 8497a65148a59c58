//! What a plan says that it writes, for whoever plans or approves another beside it.

use super::super::kind::{Action, Written};
use super::thing::{Thing, things, things_of};
use quell_core::incident::{Plan, Writes};

/// All that a plan writes, and whose state it disturbs; nothing where that is not known.
pub fn writes(kind: &dyn Action, plan: &Plan) -> Vec<Writes> {
    let Some(disturbed) = kind.disturbs(plan) else { return Vec::new() };
    let disturbed = disturbed.iter().map(|what| Written::whole(what, plan)).collect();
    things(kind, plan).into_iter().chain(things_of(plan, disturbed)).map(Thing::writes).collect()
}
