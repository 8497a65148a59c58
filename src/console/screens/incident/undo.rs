//! Undo and look-up of actions: of the selected step's, or of one that no step holds.

use super::set::{settle, waits};
use super::update::{choose, selected};
use crate::action::{by_name, half, outcome, reverses};
use crate::console::core::effect::{Reaction, Reads};
use crate::console::core::model::{Ctx, Model, Planning};
use crate::console::core::prompt::ChoicePurpose;
use quell_core::incident::{ActionState, Life, Link, StepRef};
use quell_core::text::Untrusted;

fn action_of(model: &Model, step: &StepRef) -> Option<ActionState> {
    let incident = model.session.as_ref()?.pending();
    let (_, _, state) = incident.step(step)?;
    incident.actions.get(state.action.as_ref()?).cloned()
}

/// The action to look up: an undo of unknown outcome goes before the action that it undoes.
pub(super) fn check(model: &mut Model, step: &StepRef, out: &mut Reaction) {
    let Some(action) = action_of(model, step) else { return };
    look_up(model, action, out);
}

fn look_up(model: &mut Model, action: ActionState, out: &mut Reaction) {
    let token = action.token.clone().unwrap_or_default();
    model.say("looking up what happened");
    out.reads.push(Reads::Check { action: action.link, plan: Box::new(action.plan), token });
}

pub(super) fn undo(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    match selected(model).and_then(|s| action_of(model, &s)) {
        Some(action) if matches!(action.life, Life::Approved | Life::Queued) => settle(model, action, ctx, out),
        Some(action) if action.life == Life::Started => choose_signal(model, action, ctx),
        Some(action) if super::each::acts_on_several(model, &action) => choose_undo(model, ctx),
        Some(action) if half(&action) || !matches!(action.life, Life::Planned | Life::Cancelled | Life::Failed) => {
            undo_action(model, action, ctx, out);
        }
        // A plan that was given up hides nothing that ran before it.
        _ => choose_undo(model, ctx),
    }
}

/// What can be said to an action that runs, by what it said last.
pub(super) fn signals(action: &ActionState) -> &'static [&'static str] {
    let told = action.progress.as_ref().map(|(text, ..)| text.line().into_string()).unwrap_or_default();
    by_name(action.plan.kind.as_str()).map(|kind| kind.signals(&told)).unwrap_or_default()
}

/// What can be said to an action that runs is chosen; its plan comes next.
fn choose_signal(model: &mut Model, action: ActionState, ctx: &Ctx) {
    let words = signals(&action);
    if words.is_empty() {
        return model.say("it runs; an action of this kind can't be stopped, only undone once it has succeeded");
    }
    let title = format!("WHILE IT RUNS: {}", action.plan.title.line());
    let choices = words.iter().map(|word| (*word).to_owned()).collect();
    choose(model, ctx, &title, ChoicePurpose::Signal(action.link), choices);
}

/// Plans what was chosen.
pub fn signal(model: &mut Model, link: &Link, which: usize, ctx: &Ctx, out: &mut Reaction) {
    let Some(action) = model.session.as_ref().and_then(|s| s.pending().actions.get(link)).cloned() else { return };
    let (action, plan) = (action.link, Box::new(action.plan));
    let reads = move |generation| Reads::PlanSignal { generation, action, plan, which };
    model.plan(Planning::Signal(link.clone()), reads, ctx, out);
}

/// Where no step has the action (triage from the list, a step of another runbook) it is chosen, the newest first.
pub fn choose_undo(model: &mut Model, ctx: &Ctx) {
    let Some(incident) = model.session.as_ref().map(|s| s.pending()) else {
        return model.say("no session is open; S lists them");
    };
    let reversible = |a: &&ActionState| {
        let undone = a.undone_by.as_ref().and_then(|u| incident.actions.get(u));
        let stands = a.plan.undo_of.is_none() && reverses(a);
        let open = matches!(a.life, Life::Unknown | Life::Approved | Life::Queued);
        (stands && undone.is_none_or(|u| u.life != Life::Succeeded)) || open
    };
    let mut found: Vec<&ActionState> = incident.actions.values().filter(reversible).collect();
    found.sort_by_key(|a| std::cmp::Reverse(a.started.as_ref().map(|s| s.at)));
    let line = |a: &&ActionState| {
        let at = a.started.as_ref().map(|s| s.at.strftime("%H:%M:%S").to_string()).unwrap_or_default();
        let verb = match a.life {
            Life::Unknown => "look up",
            Life::Approved => "approved once, withdraw or approve too",
            Life::Queued => "approved, withdraw before its turn",
            _ => "undo",
        };
        // Of an ARN the end tells them apart.
        let resource = a.plan.target.resource.line();
        let resource = resource.as_str().rsplit('/').next().unwrap_or_default();
        format!("{at} {verb}: {} {resource}", a.plan.title.line())
    };
    let choices: Vec<String> = found.iter().map(line).collect();
    let links = found.iter().map(|a| a.link.clone()).collect();
    if choices.is_empty() {
        return model.say("no action here succeeded that could be undone");
    }
    choose(model, ctx, "UNDO which action? Its plan comes next", ChoicePurpose::Undo(links), choices);
}

/// Plans the undo of an action, or looks up one whose outcome is unknown.
pub fn undo_link(model: &mut Model, link: &Link, ctx: &Ctx, out: &mut Reaction) {
    let action = model.session.as_ref().and_then(|s| s.pending().actions.get(link)).cloned();
    match action {
        Some(action) if action.life == Life::Unknown => look_up(model, action, out),
        Some(action) if matches!(action.life, Life::Approved | Life::Queued) => settle(model, action, ctx, out),
        Some(action) => undo_action(model, action, ctx, out),
        None => {}
    }
}

fn undo_action(model: &mut Model, action: ActionState, ctx: &Ctx, out: &mut Reaction) {
    let undoing = model.session.as_ref().and_then(|s| s.pending().actions.get(action.undone_by.as_ref()?)).cloned();
    match undoing.as_ref().map(|u| u.life) {
        Some(Life::Succeeded) => return model.say("undone already"),
        Some(Life::Approved | Life::Queued) => return settle(model, undoing.unwrap_or(action), ctx, out),
        Some(Life::Started) => return model.say("the undo runs"),
        Some(Life::Unknown) => return look_up(model, undoing.unwrap_or(action), out),
        _ => {}
    }
    if action.life != Life::Succeeded && !half(&action) {
        return model.say(format!("the action is {}; only one that succeeded is undone", action.life.word()));
    }
    let link = action.link.clone();
    let quiet = model.session.as_ref().is_some_and(|session| session.pending().quiet);
    let set = waits(model, action.plan.kind.as_str()).then(|| model.session.as_ref().map(|s| s.pending().open_set()));
    match set.flatten() {
        set @ Some(_) => model.plan(Planning::StageUndo(link), reads_undo(&action, set, quiet), ctx, out),
        None => model.plan(Planning::Undo(link), reads_undo(&action, None, quiet), ctx, out),
    }
}

/// Asks for the plan that undoes an action, or what of it was done, in a set or by itself.
pub(super) fn reads_undo(action: &ActionState, set: Option<Untrusted>, quiet: bool) -> impl FnOnce(u64) -> Reads {
    let outcome = Box::new(outcome(action));
    let (action, plan) = (action.link.clone(), Box::new(action.plan.clone()));
    move |generation| Reads::PlanUndo { generation, action, plan, outcome, set, quiet }
}
