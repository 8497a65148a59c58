//! What the answers to approvals do: nothing is sent here, what runs follows from the records that they make.

use super::confirm::{Confirm, Proposed};
use super::drafts;
use super::effect::Reaction;
use super::model::{Ctx, Model};
use super::prompt::{Kind, Prompt};
use quell_core::incident::{ActionState, Approval, Entry, Event, Intent, Life, Link, Token};
use quell_core::text::{Id, Untrusted};

/// What is said of an approval that starts nothing yet.
const SECOND: &str = "approved; somebody else must approve it too: Enter on its step, in their own console";

/// An approval was left without one; `kept` tells whether words of it are kept for the next time, `wrong` what was
/// typed in place of the gesture.
pub(super) fn cancelled(
    model: &mut Model,
    confirm: Confirm,
    kept: bool,
    wrong: Option<String>,
    ctx: &Ctx,
    out: &mut Reaction,
) {
    let wrong = wrong.map_or(String::new(), |wrong| format!("{wrong}: "));
    if is_first_given(model, &confirm.first.action) {
        return model.say(format!("{wrong}nothing was sent; it waits for a second approval as before"));
    }
    let count = confirm.proposed().count();
    let gone = given_up(model, &confirm, "cancelled by the responder", ctx, out);
    model.say(match (count - gone.min(count), kept) {
        (stay, _) if gone == 0 && stay > 0 => {
            format!("{wrong}nothing was sent; the set stays staged. On a step s a takes its action out")
        }
        (0, true) => format!("{wrong}cancelled; nothing was sent; your reason is kept for the next time"),
        (0, false) => format!("{wrong}cancelled; nothing was sent"),
        (stay, _) => format!("{wrong}cancelled; nothing was sent; {stay} that were staged before stay staged"),
    });
}

/// Cancels what was planned for an approval that does not come: the one plan, or of a set what was planned for it. What
/// was staged before stays as it was. Says how many.
fn given_up(model: &mut Model, confirm: &Confirm, why: &str, ctx: &Ctx, out: &mut Reaction) -> usize {
    let links: Vec<Link> = match confirm.set {
        Some(_) => confirm.fresh.clone(),
        None => vec![confirm.first.action.clone()],
    };
    let count = links.len();
    for action in links {
        model.act(Intent::Cancel { action, why: why.into() }, ctx, out);
    }
    count
}

/// The session is left with an approval open.
pub(super) fn left(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(Kind::Confirm(confirm)) = model.prompt.as_ref().map(|p| p.kind.clone()) else { return };
    if confirm.set.is_some() && !is_first_given(model, &confirm.first.action) {
        given_up(model, &confirm, "left before it was approved", ctx, out);
    }
}

/// Whether one person has approved an action, and another must.
fn is_first_given(model: &Model, action: &Link) -> bool {
    let pending = model.session.as_ref().map(|session| session.pending());
    pending.and_then(|incident| incident.actions.get(action)).is_some_and(|a| a.life == Life::Approved)
}

/// A plan, or a set, was approved by its whole gesture.
pub(super) fn approved(model: &mut Model, gesture: String, why: Untrusted, ctx: &Ctx, out: &mut Reaction) {
    let Some(Prompt { kind: Kind::Confirm(confirm), draft, .. }) = model.prompt.take() else { return };
    if !model.account.armed(ctx.now) {
        // What was staged before stays so until it is struck or taken apart.
        if !is_first_given(model, &confirm.first.action) {
            given_up(model, &confirm, "the connection is not armed", ctx, out);
        }
        model.say(match model.account.read_only {
            true => "READ ONLY: nothing was sent; quell was started with --read-only",
            false => "READ ONLY: nothing was sent; :arm allows actions for 30 minutes",
        });
        return;
    }
    let Some(session) = &model.session else { return };
    let Ok(id) = Id::new(&session.id) else { return };
    let approval = |one: &Proposed| Approval {
        action: one.action.clone(),
        plan_hash: one.plan_hash.clone(),
        token: Token::new(&id, &one.action).as_str().to_owned(),
    };
    let actions: Vec<Approval> = confirm.proposed().map(approval).collect();
    let count = actions.len();
    let (by, two) = (session.writer.clone(), model.account.two);
    let before = out.entries.len();
    if model.act(Intent::Approve { actions, gesture: gesture.into(), why, by, two }, ctx, out) {
        drafts::used(model, draft, out);
        let made = out.entries.get(before..).unwrap_or_default();
        let starts = |entry: &Entry| match &entry.event {
            Event::ActionStarted(d) => Some(d.action.clone()),
            _ => None,
        };
        let first = made.iter().find_map(starts);
        let queued = made.iter().filter(|entry| matches!(&entry.event, Event::ActionApproved(d) if d.queued)).count();
        let started = usize::from(first.is_some()) + queued;
        if let (Some(session), Some(first)) = (&mut model.session, first) {
            session.turn.started(first);
        }
        if started < count {
            return model.say(match started {
                0 => SECOND.to_owned(),
                n => format!("approved; {n} start, {} wait for a second approval", count - n),
            });
        }
        match count {
            1 => model.say("approved; it starts when the record is on disk"),
            n => model.say(format!("approved; all {n} start, one after the other, each when its record is on disk")),
        }
    }
}

/// The actions that a prompt asks about.
pub fn asked(model: &Model) -> Vec<Link> {
    match model.prompt.as_ref().map(|p| &p.kind) {
        Some(Kind::Confirm(confirm)) => confirm.proposed().map(|one| one.action.clone()).collect(),
        _ => Vec::new(),
    }
}

/// What others have approved once and somebody else must approve too, for whoever has just come to it.
pub(super) fn awaited(model: &Model) -> Option<String> {
    let session = model.session.as_ref()?;
    let (incident, me) = (session.pending(), session.pending().who_now(&session.writer));
    let by = |action: &ActionState| action.approved.as_ref().map(|stamp| incident.who(&stamp.by, stamp.n));
    let waits = |action: &&ActionState| action.life == Life::Approved && by(action) != Some(me.clone());
    let all: Vec<&ActionState> = incident.actions.values().filter(waits).collect();
    let first = all.first()?;
    let key = if first.plan.set.is_some() { "s s shows them" } else { "Enter on its step shows it" };
    let who = by(first).map(|who| who.line().into_string()).unwrap_or_default();
    Some(match all.len() {
        1 => format!("{who} has approved {}: it waits for a second approval; {key}", first.plan.title.line()),
        n => format!("{who} has approved {n} actions: they wait for a second approval; {key}"),
    })
}

/// Tells what others have just approved, where it waits for somebody else.
pub(super) fn heard(model: &mut Model, entries: &[Entry]) {
    let approved = |entry: &Entry| match &entry.event {
        Event::ActionApproved(d) => is_first_given(model, &d.action),
        _ => false,
    };
    if entries.iter().any(approved)
        && let Some(words) = awaited(model)
    {
        model.say(words);
    }
}
