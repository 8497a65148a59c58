//! Looking up what became of actions whose end nobody has seen.

use super::effect::{Reaction, Reads};
use super::follow;
use super::model::{Ctx, Model};
use jiff::SignedDuration;
use quell_core::incident::{
    ActionAdopted, ActionProgress, ActionState, ActionUnknown, Event, FailClass, Found, Intent, Life, Link, Outcome,
    WriterId,
};
use quell_core::text::Untrusted;

/// So long after its start a call that only sets something has long been answered, and what it set is read everywhere.
const SETTLED: SignedDuration = SignedDuration::from_mins(5);

/// Looks up what consoles that have ended had under way, before it is taken over.
pub(super) fn take_over(model: &mut Model, left: Vec<(Link, WriterId)>, out: &mut Reaction) {
    let Some(session) = &model.session else { return };
    for (action, from) in left {
        let Some(state) = session.pending().actions.get(&action) else { continue };
        let (plan, token) = (Box::new(state.plan.clone()), state.token.clone().unwrap_or_default());
        out.reads.push(Reads::Check { action: action.clone(), plan, token });
        model.incident.left.insert(action, from);
    }
}

/// What was looked up is this console's from now on; what nobody can tell stays unknown. Somebody else may have been
/// faster. Says whether it has recorded what is known of it.
fn adopt(model: &mut Model, action: &Link, found: &Found, ctx: &Ctx, out: &mut Reaction) -> bool {
    let Some(from) = model.incident.left.remove(action) else { return false };
    let Some(session) = &mut model.session else { return false };
    let held = |a: &&ActionState| a.life == Life::Started && a.holder.as_ref() == Some(&from);
    let Some(state) = session.pending().actions.get(action).filter(held) else { return false };
    let unknown = |why: Untrusted| Some(ActionUnknown { action: action.clone(), why }.into());
    let known: Option<Event> = match found {
        Found::Running(id) => Some(goes_on(action, id).into()),
        Found::CannotTell(why) | Found::DoesNotStand(why) => unknown(why.clone()),
        Found::NotSent if state.progress.is_some() => {
            unknown("AWS knows of no such run, but it told its progress".into())
        }
        Found::Ended(_) | Found::NotSent => None,
    };
    let recorded = known.is_some();
    let adopted = ActionAdopted { action: action.clone(), from }.into();
    out.entries.extend(session.emit([adopted].into_iter().chain(known).collect(), ctx.now, &model.secrets));
    recorded
}

/// That it was found to go on.
fn goes_on(action: &Link, running: &Untrusted) -> ActionProgress {
    ActionProgress { action: action.clone(), text: format!("goes on as {}", running.line()).into(), done: 0, of: 0 }
}

/// What goes on is followed from here on, once: what is under way already has somebody who follows it.
fn go_on(model: &mut Model, action: Link, running: Untrusted, adopted: bool, ctx: &Ctx, out: &mut Reaction) {
    let state = model.session.as_ref().and_then(|s| s.pending().actions.get(&action));
    let Some((life, plan)) = state.map(|a| (a.life, a.plan.clone())) else { return };
    if !adopted {
        let ActionProgress { action, text, done, of } = goes_on(&action, &running);
        if life != Life::Unknown || !model.act(Intent::Progress { action, text, done, of }, ctx, out) {
            return;
        }
    }
    model.say(format!("it goes on as {}, and is followed from here", running.line()));
    out.reads.push(Reads::Follow { action, plan: Box::new(plan), running });
}

/// What does not stand so long after its start has come to nothing; before that nobody can tell.
fn settled(model: &Model, action: &Link, found: Found, ctx: &Ctx) -> Found {
    let Found::DoesNotStand(now) = found else { return found };
    let state = model.session.as_ref().and_then(|s| s.pending().actions.get(action));
    let since = state.and_then(|a| Some(ctx.now.duration_since(a.started.as_ref()?.at)));
    match since {
        Some(since) if since >= SETTLED => Found::Ended(Outcome::Failed {
            class: FailClass::Other,
            message: format!(
                "looked up: what it was to do does not stand; it was never sent, was refused, or was put back since ({})",
                now.line()
            )
            .into(),
            request_ids: Vec::new(),
        }),
        _ => Found::CannotTell(
            format!("it does not stand, and may be under way: 5 minutes after its start that can be told ({})", now.line())
                .into(),
        ),
    }
}

/// A look-up that could tell nothing is recorded too: who looked, when, and why nothing could be told.
fn untold(model: &mut Model, action: Link, why: &str, ctx: &Ctx, out: &mut Reaction) {
    let session = model.session.as_ref();
    let life = session.and_then(|s| s.pending().actions.get(&action)).map(|a| a.life);
    if life == Some(Life::Unknown) {
        let outcome = Outcome::Unknown { why: format!("looked up, and it can't be told: {why}").into() };
        model.act(Intent::End { action, outcome }, ctx, out);
    }
}

/// Takes in what a look-up has told.
pub(super) fn checked(model: &mut Model, action: Link, found: Found, ctx: &Ctx, out: &mut Reaction) {
    let found = settled(model, &action, found, ctx);
    let recorded = adopt(model, &action, &found, ctx, out);
    let session = model.session.as_ref();
    let state = session.and_then(|s| s.pending().actions.get(&action));
    let was_seen = state.is_some_and(|a| a.progress.is_some());
    match found {
        Found::Ended(outcome) => follow::end(model, action, outcome, ctx, out),
        // What has told its progress was sent, whatever the account says of it now.
        Found::NotSent if was_seen => {
            if !recorded {
                untold(model, action, "AWS knows of no such run, but it told its progress", ctx, out);
            }
            model.say(
                "AWS knows of no such run, but it told its progress: another account, or a record that is kept no more. \
                 Look at the resource itself; Space opens the step again, with a reason",
            );
        }
        Found::NotSent => {
            let message = "looked up: AWS knows of no such run".into();
            let outcome = Outcome::Failed { class: FailClass::NotSent, message, request_ids: Vec::new() };
            follow::end(model, action, outcome, ctx, out);
        }
        Found::Running(id) => go_on(model, action, id, recorded, ctx, out),
        Found::CannotTell(why) | Found::DoesNotStand(why) => {
            if !recorded {
                untold(model, action, why.line().as_str(), ctx, out);
            }
            model.say(format!("can't be told: {}", why.line()));
        }
    }
}
