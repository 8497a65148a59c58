//! What comes of an approval: of one action or of a set, by one person or by two.

use super::decide::busy;
use super::touch::meets;
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
fn is_own(incident: &Incident, state: &ActionState, by: &WriterId) -> bool {
    // A name is given by hand where nothing else names somebody: in whatever letters it is the same one.
    let name = |who: Untrusted| who.line().into_string().trim().to_lowercase();
    let first = state.approved.as_ref().map(|stamp| name(incident.who(&stamp.by, stamp.n)));
    first == Some(name(incident.who_now(by))) || state.approved.as_ref().is_some_and(|s| s.by == *by)
}

/// Whether an action can't go ahead beside what is under way, and beside those that go before it in its set: one action
/// on one target at a time.
fn clash(incident: &Incident, before: &[&Plan], state: &ActionState) -> Result<(), Refusal> {
    busy(incident, &state.plan, Some(&state.link))?;
    match before.iter().position(|other| meets(other, &state.plan)) {
        Some(at) => {
            let one = before.get(at).map(|other| named(at, other)).unwrap_or_default();
            Err(Refusal::StagedTwice { one, other: named(before.len(), &state.plan) })
        }
        None => Ok(()),
    }
}

/// A plan of a set as the approval of the set names it: by its number there, its title and its target.
fn named(at: usize, plan: &Plan) -> String {
    format!("{} ({}: {})", at + 1, plan.title.line(), plan.target.resource.line())
}

/// Why an approval of these by that writer would be refused, as things stand now: to be told with the plans, before any
/// gesture.
pub fn conflicts<'a>(incident: &Incident, actions: impl IntoIterator<Item = &'a Link>, by: &WriterId) -> Vec<Refusal> {
    let mut before: Vec<&Plan> = Vec::new();
    let mut refusals = Vec::new();
    for state in actions.into_iter().filter_map(|action| incident.actions.get(action)) {
        if state.life == Life::Approved && is_own(incident, state, by) {
            refusals.push(Refusal::OwnApproval);
        }
        refusals.extend(clash(incident, &before, state).err());
        before.push(&state.plan);
    }
    refusals.dedup();
    refusals
}

/// Whether the plan's step asks for a note, which its approval gives. What undoes it is asked nothing.
pub fn asks_note(incident: &Incident, plan: &Plan) -> bool {
    let step = plan.step.as_ref().filter(|_| plan.undo_of.is_none());
    step.and_then(|step| incident.step(step)).is_some_and(|(_, outline, _)| outline.note_required)
}

/// Whether somebody has done the plan's step since: its approval was asked for before that, and would do it twice.
fn done_meanwhile(incident: &Incident, plan: &Plan) -> bool {
    let step = plan.step.as_ref().filter(|_| plan.undo_of.is_none());
    step.and_then(|step| incident.slot(step, plan.each.as_ref())).is_some_and(|slot| slot.mark == Mark::Done)
}

/// All of them or none, in this order. The first of them starts; each of the others does at its turn, so that what a crash
/// keeps from being sent is not on record as started. Where two people must approve, the first approval starts nothing.
pub(super) fn approve(incident: &Incident, actions: Vec<Approval>, by: &By) -> Result<Vec<Event>, Refusal> {
    let mut events: Vec<Event> = Vec::new();
    let mut before: Vec<&Plan> = Vec::new();
    let mut struck = false;
    for Approval { action, plan_hash, token } in actions {
        let state = incident.actions.get(&action).ok_or(Refusal::NoAction)?;
        let starts = match state.life {
            Life::Planned => !by.two,
            Life::Approved if is_own(incident, state, &by.writer) => return Err(Refusal::OwnApproval),
            Life::Approved => true,
            life => return Err(Refusal::ActionStands(life.word())),
        };
        if state.plan_hash != plan_hash {
            return Err(Refusal::PlanChanged);
        }
        if done_meanwhile(incident, &state.plan) {
            return Err(Refusal::StepDone);
        }
        clash(incident, &before, state)?;
        if state.life == Life::Planned && asks_note(incident, &state.plan) && by.why.line().as_str().trim().is_empty() {
            return Err(Refusal::NoteRequired);
        }
        before.push(&state.plan);
        let (gesture, why) = (by.gesture.clone(), by.why.clone());
        let queued = starts && struck;
        let approved = ActionApproved { action: action.clone(), plan_hash: plan_hash.clone(), gesture, why, queued };
        events.push(approved.into());
        if starts && !queued {
            events.push(ActionStarted { action, plan_hash, token }.into());
        }
        struck |= starts;
    }
    // The strike is what there was to be quiet for.
    if struck && incident.quiet && before.iter().any(|plan| plan.set.is_some()) {
        events.push(QuietSet { on: false }.into());
    }
    if events.is_empty() { Err(Refusal::NoAction) } else { Ok(events) }
}

/// What comes of an action's turn: its start, or why it does not start any more.
pub(super) fn start(incident: &Incident, action: Link, token: String, by: &WriterId) -> Result<Vec<Event>, Refusal> {
    let state = incident.actions.get(&action).ok_or(Refusal::NoAction)?;
    if !queued_by(incident, by).contains(&action) {
        return Err(Refusal::ActionStands(state.life.word()));
    }
    let why = match busy(incident, &state.plan, Some(&action)) {
        _ if done_meanwhile(incident, &state.plan) => Some("NOT RUN: its step was done meanwhile".to_owned()),
        Err(refusal) => Some(format!("NOT RUN: {refusal}")),
        Ok(()) => None,
    };
    let plan_hash = state.plan_hash.clone();
    Ok(vec![match why {
        Some(why) => ActionCancelled { action, why: why.into() }.into(),
        None => ActionStarted { action, plan_hash, token }.into(),
    }])
}
