//! AWS's clock as a witness: what the Date of an answer says goes into the session when it is opened on an account,
//! with each action's end, and when the difference to this machine's clock has changed.

use super::effect::Reaction;
use super::model::{Ctx, Mode, Model};
use quell_core::incident::{ClockWitnessed, EntryAdded, Lane};

/// Seconds by which the difference must have changed to be told again: less comes of slow answers.
const NEWS: u64 = 5;

/// Takes down the latest answer's time, where it says something new; `always` where it is wanted beside an end. The
/// simulated account has this machine's own clock, which is no witness.
pub fn note(model: &mut Model, always: bool, ctx: &Ctx, out: &mut Reaction) {
    let Some(session) = model.session.as_mut().filter(|s| s.pending().opened.is_some()) else { return };
    if model.account.mode == Mode::Simulated {
        return;
    }
    let Some(call) = model.account.calls.witness() else { return };
    let Some(date) = call.date else { return };
    let (service, operation) = (call.service.into(), call.operation.into());
    let witness = ClockWitnessed { service, operation, request_id: call.request_id, date, local: call.at };
    let new = match &model.incident.witnessed {
        None => true,
        Some(known) if always => *known != witness,
        Some(known) => known.ahead().abs_diff(witness.ahead()) > NEWS,
    };
    if new {
        model.incident.witnessed = Some(witness.clone());
        out.entries.extend(session.emit(vec![witness.into()], ctx.now, &model.secrets));
    }
}

/// Less than this many seconds are no jump: a clock that is set right by steps.
const JUMP: i64 = 5;

/// How many seconds the wall clock has gone forward since the last input that did not pass. What goes back shows in the
/// records by itself; what goes forward does not.
pub fn tick(model: &mut Model, ctx: &Ctx) -> Option<i64> {
    let (then, before) = model.incident.ticked.replace((ctx.now, ctx.instant))?;
    let passed = i64::try_from(ctx.instant.saturating_duration_since(before).as_secs()).ok()?;
    let ahead = ctx.now.duration_since(then).as_secs().saturating_sub(passed);
    (ahead >= JUMP).then_some(ahead)
}

/// Takes down that the clock went forward.
pub fn jumped(model: &mut Model, seconds: Option<i64>, ctx: &Ctx, out: &mut Reaction) {
    let Some(seconds) = seconds else { return };
    let Some(session) = model.session.as_mut().filter(|s| s.pending().opened.is_some()) else { return };
    // Behind a close, or a last signature, nothing is written unasked.
    if session.pending().closed.is_some() || session.ends_signed() {
        return;
    }
    let text = format!("CLOCK +{seconds}s: this machine's clock went forward, or the machine slept").into();
    let entry = EntryAdded { lane: Lane::Response, text, source: "clock".into() };
    out.entries.extend(session.emit(vec![entry.into()], ctx.now, &model.secrets));
    out.dirty = true;
}
