//! What comes of an approval: of one action or of a set, by one person or by two.

use super::decide::{busy, meets};
use super::*;
use crate::text::Untrusted;

/// A planned action that is approved, as it was shown.
#[derive(Clone, Debug)]
pub struct Approval {
    pub action: Link,
    pub plan_hash: String,
    /// What makes its calls idempotent where AWS knows a token.
    pub token: String,
}

/// Who approves, and how.
pub(super) struct By {
    pub writer: WriterId,
    /// Whether two people must.
    pub two: bool,
    pub gesture: Untrusted,
    pub why: Untrusted,
}

/// Whether the approval that stands is of the same person, at whatever console.
fn is_own(incident: &Incident, state: &ActionState, by: &By) -> bool {
    let first = state.approved.as_ref().map(|stamp| incident.who(&stamp.by, stamp.n));
    first == Some(incident.who_now(&by.writer)) || state.approved.as_ref().is_some_and(|s| s.by == by.writer)
}

/// All of them or none, in this order. Where two people must approve, or one already has, the first approval starts
/// nothing.
pub(super) fn approve(incident: &Incident, actions: Vec<Approval>, by: &By) -> Result<Vec<Event>, Refusal> {
    let mut events: Vec<Event> = Vec::new();
    let mut before: Vec<&Plan> = Vec::new();
    for Approval { action, plan_hash, token } in actions {
        let state = incident.actions.get(&action).ok_or(Refusal::NoAction)?;
        let starts = match state.life {
            Life::Planned => !by.two,
            Life::Approved if is_own(incident, state, by) => return Err(Refusal::OwnApproval),
            Life::Approved => true,
            life => return Err(Refusal::ActionStands(life.word())),
        };
        if state.plan_hash != plan_hash {
            return Err(Refusal::PlanChanged);
        }
        busy(incident, &state.plan, Some(&action))?;
        // One action on one target at a time, within a set too.
        if before.iter().any(|other| meets(other, &state.plan)) {
            return Err(Refusal::StagedTwice(state.plan.target.resource.line().into_string()));
        }
        before.push(&state.plan);
        let (gesture, why) = (by.gesture.clone(), by.why.clone());
        events.push(ActionApproved { action: action.clone(), plan_hash: plan_hash.clone(), gesture, why }.into());
        if starts {
            events.push(ActionStarted { action, plan_hash, token }.into());
        }
    }
    // The strike is what there was to be quiet for.
    let strikes = events.iter().any(|event| matches!(event, Event::ActionStarted(_)));
    if strikes && incident.quiet && before.iter().any(|plan| plan.set.is_some()) {
        events.push(QuietSet { on: false }.into());
    }
    if events.is_empty() { Err(Refusal::NoAction) } else { Ok(events) }
}
