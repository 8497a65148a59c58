//! AWS's clock as a witness: what the Date of an answer says goes into the session when it is opened on an account,
//! with each action's end, and when the difference to this machine's clock has changed.

use super::effect::Reaction;
use super::model::{Ctx, Mode, Model};
use quell_core::incident::ClockWitnessed;

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
