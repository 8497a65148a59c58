//! Facts that decide whether a plan still fits: read while planning, read again right before the call.

use quell_core::incident::{Fact, FailClass, Outcome, Plan};

/// What stopped a plan whose material facts have changed: nothing was sent.
pub(super) fn changed(plan: &Plan, now: &[Fact]) -> Option<Outcome> {
    let differs = now.iter().find_map(|fact| {
        let before = plan.facts.iter().find(|planned| planned.name == fact.name);
        match before {
            Some(before) if before.value == fact.value => None,
            Some(before) => {
                Some(format!("{} was {}, is now {}", fact.name.line(), before.value.line(), fact.value.line()))
            }
            None => Some(format!("{} is {}, which the plan does not know", fact.name.line(), fact.value.line())),
        }
    })?;
    let message = format!("nothing was sent: {differs}; plan the action again").into();
    Some(Outcome::Failed { class: FailClass::Conflict, message, request_ids: Vec::new() })
}

/// Nothing was sent; why.
pub(super) fn not_sent(why: impl std::fmt::Display) -> Outcome {
    let message = format!("nothing was sent: {why}").into();
    Outcome::Failed { class: FailClass::NotSent, message, request_ids: Vec::new() }
}
