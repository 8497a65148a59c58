//! What the answers to approvals do: nothing is sent here, what runs follows from the records that they make.

use super::confirm::{Confirm, Proposed};
use super::drafts;
use super::effect::Reaction;
use super::model::{Ctx, Model, Screen};
use super::prompt::{Kind, Prompt};
use quell_core::incident::{Approval, Event, Intent, Life, Link, Token};
use quell_core::text::{Id, Untrusted};

/// What is said of an approval that starts nothing yet.
const SECOND: &str = "approved; somebody else must approve it too: Enter on its step, in their own console";

/// An approval was left without one; `kept` tells whether words of it are kept for the next time.
pub(super) fn cancelled(model: &mut Model, confirm: Confirm, kept: bool, ctx: &Ctx, out: &mut Reaction) {
    let set = confirm.set.is_some();
    if is_first_given(model, &confirm.first.action) {
        return model.say("nothing was sent; it waits for a second approval as before");
    }
    // A triage from the list is nothing that one goes on collecting.
    if set && model.screen() != Screen::Findings {
        return model.say("nothing was sent; the set stays staged. On a step s a takes its action out");
    }
    for one in confirm.proposed() {
        let action = one.action.clone();
        model.act(Intent::Cancel { action, why: "cancelled by the responder".into() }, ctx, out);
    }
    model.say(match kept {
        true => "cancelled; nothing was sent; your reason is kept for the next time",
        false => "cancelled; nothing was sent",
    });
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
        // A set stays staged until it is struck or taken apart.
        if confirm.set.is_none() && !is_first_given(model, &confirm.first.action) {
            let why = "the connection is not armed".into();
            model.act(Intent::Cancel { action: confirm.first.action, why }, ctx, out);
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
        let started = made.iter().filter(|entry| matches!(entry.event, Event::ActionStarted(_))).count();
        if started < count {
            return model.say(match started {
                0 => SECOND.to_owned(),
                n => format!("approved; {n} start, {} wait for a second approval", count - n),
            });
        }
        match count {
            1 => model.say("approved; it starts when the record is on disk"),
            n => model.say(format!("approved; all {n} start, one after the other, when the record is on disk")),
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
