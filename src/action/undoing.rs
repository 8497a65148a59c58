//! Whether something undoes an action that was done, by the records of it.

use super::by_name;
use quell_core::incident::{ActionState, Life, Outcome};

/// Whether it failed half-way, so that there is something to undo.
pub fn half(action: &ActionState) -> bool {
    action.life == Life::Failed && action.undo.is_some()
}

/// What an action that was done came to, in whole or in part.
pub fn outcome(action: &ActionState) -> Outcome {
    let (words, request_ids) = (action.words.clone().unwrap_or_default(), action.request_ids.clone());
    let (undo, facts) = (action.undo.clone(), action.facts.clone());
    match half(action) {
        true => Outcome::Partly { message: words, request_ids, undo },
        false => Outcome::Succeeded { outcome: words, request_ids, undo, facts },
    }
}

/// Whether something undoes what the action did: no dry run, no answer to another action, no kind that can't be undone.
pub fn reverses(action: &ActionState) -> bool {
    let done = action.life == Life::Succeeded || half(action);
    done && by_name(action.plan.kind.as_str()).is_some_and(|kind| kind.undo(&action.plan, &outcome(action)).is_some())
}
