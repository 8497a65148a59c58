//! Signing what the session holds: asked for before a hand-over, and by itself when the session is closed.

use crate::console::core::effect::{Reaction, Reads};
use crate::console::core::model::{Ctx, Model};
use crate::console::core::update;
use crate::problem::Problem;
use crate::timeline::Stored;

/// Asks for a checkpoint over all that is on disk. One at a time.
pub fn sign(model: &mut Model, out: &mut Reaction) {
    if model.incident.signing.is_none() {
        next(model, out);
    }
    model.say(SIGNING);
}

/// A part of the work has ended on disk: what stands there now is signed, after what is being signed.
pub fn sign_part(model: &mut Model, out: &mut Reaction) {
    match model.incident.signing {
        Some(_) => model.incident.sign_again = true,
        None => sign(model, out),
    }
}

fn next(model: &mut Model, out: &mut Reaction) {
    let Some(session) = &model.session else { return };
    let (session, writer) = (session.id.clone(), session.writer.clone());
    model.incident.signing = Some(session.clone());
    out.reads.push(Reads::Sign { session, writer });
}

/// Whether something is being signed, or will be as soon as it is on disk.
pub fn is_pending(model: &Model) -> bool {
    let coming = model.session.as_ref().is_some_and(|session| {
        let (saved, pending) = (session.saved(), session.pending());
        pending.closed.is_some() != saved.closed.is_some() || pending.entries.len() > saved.entries.len()
    });
    coming || model.incident.signing.is_some()
}

const SIGNING: &str = "signing the timeline; a key may wait for your touch";

/// The checkpoint is on disk, or why not; a record names it, if the session is still here.
pub fn signed(model: &mut Model, session: &str, result: Result<Stored, Problem>, ctx: &Ctx, out: &mut Reaction) {
    model.incident.signing = None;
    match result {
        Ok(stored) => keep(model, session, stored, ctx, out),
        Err(problem) => model.complain(problem),
    }
    if std::mem::take(&mut model.incident.sign_again) {
        next(model, out);
    }
    if model.leaving_signed && !is_pending(model) {
        update::end(model, ctx, out);
    }
}

fn keep(model: &mut Model, session: &str, stored: Stored, ctx: &Ctx, out: &mut Reaction) {
    let made = &stored.made;
    let words = match made.signature {
        Some(_) => "signed: checkpoint",
        None => "chain only, not signed (no key in the SSH agent, no signing_key): checkpoint",
    };
    // What was said meanwhile about something else stays; the record is in the timeline.
    if model.toast.as_deref().is_none_or(|toast| toast == SIGNING) {
        model.say(format!("{words} {}", made.file.line()));
    }
    if let Some(open) = model.session.as_mut().filter(|open| open.id == session) {
        out.entries.extend(open.announce(stored, ctx.now));
    }
}
