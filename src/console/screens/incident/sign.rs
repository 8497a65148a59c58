//! Signing what the session holds: asked for before a hand-over, and by itself when the session is closed.

use crate::console::core::effect::{Reaction, Reads};
use crate::console::core::model::{Ctx, Model};
use crate::problem::Problem;
use quell_core::incident::CheckpointMade;

/// Asks for a checkpoint over all that is on disk. One at a time.
pub fn sign(model: &mut Model, out: &mut Reaction) {
    let Some(session) = &model.session else { return };
    if model.incident.signing.is_some() {
        return model.say(SIGNING);
    }
    let (session, writer) = (session.id.clone(), session.writer.clone());
    model.incident.signing = Some(session.clone());
    out.reads.push(Reads::Sign { session, writer });
    model.say(SIGNING);
}

const SIGNING: &str = "signing the timeline; a key may wait for your touch";

/// The checkpoint is on disk, or why not; a record names it, if the session is still here.
pub fn signed(
    model: &mut Model,
    session: &str,
    result: Result<CheckpointMade, Problem>,
    ctx: &Ctx,
    out: &mut Reaction,
) {
    model.incident.signing = None;
    let made = match result {
        Ok(made) => made,
        Err(problem) => return model.complain(problem),
    };
    let words = match made.signature {
        Some(_) => "signed: checkpoint",
        None => "chain only, not signed (no key in the SSH agent, no signing_key): checkpoint",
    };
    // What was said meanwhile about something else stays; the record is in the timeline.
    if model.toast.as_deref().is_none_or(|toast| toast == SIGNING) {
        model.say(format!("{words} {}", made.file.line()));
    }
    if let Some(open) = model.session.as_mut().filter(|open| open.id == session) {
        out.entries.extend(open.emit(vec![made.into()], ctx.now));
    }
}
