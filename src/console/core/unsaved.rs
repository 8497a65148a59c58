//! What the timeline could not take: it is not done, and NOT SAVED stands until something can be saved.

use super::active::Active;
use super::approve;
use super::drafts;
use super::effect::{Reaction, Reads};
use super::model::{Ctx, Model, Screen};
use crate::console::screens::findings;
use crate::problem::{Class, Problem};
use quell_core::incident::{Life, Link, Plan};
use quell_core::text::Untrusted;

/// What to do where a folder could not even be made.
const NEXT: &str = "make room on the disk that holds the state folder, or make the folder writable, then do it again; or \
                    :move to a folder on another disk";

/// The session that was asked for could not be made or taken up: back to where it was asked for.
pub fn not_attached(model: &mut Model, problem: Problem, ctx: &Ctx, out: &mut Reaction) {
    let triage = model.triage.take();
    model.incident.opening = false;
    (model.lift, model.incident.chosen) = (None, None);
    model.screens.retain(|screen| *screen != Screen::Incident);
    if problem.class != Class::Local {
        return model.complain(problem);
    }
    stand(model, problem);
    if let Some(triage) = triage {
        findings::block(model, triage, ctx, out);
    }
}

/// The problem stands on the list as it would in the incident.
fn stand(model: &mut Model, problem: Problem) {
    let next = if problem.next.is_empty() { NEXT.to_owned() } else { problem.next };
    model.findings.not_saved = Some(Problem { next, ..problem });
}

/// Sessions are kept in another state folder from here on.
pub fn chosen(model: &mut Model, folder: &Untrusted, out: &mut Reaction) {
    model.findings.not_saved = None;
    out.reads.push(Reads::ListSessions);
    model.say(format!("sessions are kept in {} from here on", folder.line()));
}

/// Plans and dialogs made from what was not saved close with it.
pub fn not_saved(model: &mut Model, problem: Problem, (next_n, last_l): (u64, u64), ctx: &Ctx, out: &mut Reaction) {
    model.leaving_signed = false;
    let triage = findings::under_way(model);
    let Some(session) = &mut model.session else { return };
    let blocked = blocked(session);
    session.lose(problem.clone(), next_n, last_l);
    let words = model.incident.drafts.lost(&session.id);
    if session.saved().opened.is_none() {
        not_begun(model, problem, ctx, out);
    } else {
        let known = |link: &Link| model.session.as_ref().is_some_and(|s| s.pending().actions.contains_key(link));
        let stale = !approve::asked(model).iter().all(known);
        if stale {
            model.prompt = None;
        }
        model.planning = None;
        model.incident.held = None;
        model.incident.staging = Default::default();
        model.toast = words.then(|| drafts::KEPT.to_owned());
    }
    match (triage, blocked.first()) {
        (Some(triage), _) => findings::block(model, triage, ctx, out),
        (None, None) => {}
        (None, Some(plan)) if plan.step.is_none() && plan.undo_of.is_none() => findings::blocked(model, blocked),
        // No step has it: what it says of findings is copied on their rows.
        (None, Some(plan)) if plan.step.is_none() && findings::undo_blocked(model, plan) => {}
        (None, Some(plan)) => {
            model.incident.blocked = Some(Box::new(plan.clone()));
            model.say("the action was not started; y c on its step copies the exact command, to run it elsewhere");
        }
    }
}

/// The plans of actions whose next record is among those that are lost, the newest first.
fn blocked(session: &Active) -> Vec<Plan> {
    let life = |link| session.saved().actions.get(link).map(|action| action.life);
    let lost = session.pending().actions.iter().rev().filter(|(link, action)| life(link) != Some(action.life));
    lost.filter(|(_, action)| matches!(action.life, Life::Planned | Life::Approved | Life::Queued | Life::Started))
        .map(|(_, action)| action.plan.clone())
        .collect()
}

/// A session whose first records are not on disk holds nothing: back to the list, where it can be begun again.
fn not_begun(model: &mut Model, problem: Problem, ctx: &Ctx, out: &mut Reaction) {
    model.leave("its first records could not be saved", ctx, out);
    model.prompt = None;
    model.screens.truncate(1);
    model.toast = None;
    stand(model, problem);
}
