//! A runbook that has changed on disk since the incident opened it: what became of each step, and going on with the new
//! text. The session keeps the text that was opened, so nothing changes under the responder by itself.

use super::plan::open;
use crate::console::core::effect::Reaction;
use crate::console::core::model::{Ctx, Model};
use crate::console::core::prompt::{Choice, ChoicePurpose, Kind};
use crate::problem::Problem;
use quell_core::incident::{Intent, Link, Mark, StepRef, StepState};
use quell_core::runbook::drift::{Became, added, map};
use quell_core::runbook::{Runbook, Step};
use quell_core::text::Untrusted;
use std::sync::Arc;

/// So many lines of what has changed are shown before the question; the rest is counted.
const SHOWN: usize = 12;

/// The open runbook, the last first, whose text at hand is another one than the session's.
pub(super) fn drifted(model: &Model) -> Option<(&Link, &Arc<Runbook>, &Runbook)> {
    let session = model.session.as_ref()?;
    session.saved().runbooks.iter().rev().filter(|book| !book.closed).find_map(|open| {
        let old = session.books.get(&open.link)?;
        let new = model.library.iter().find(|book| book.id == old.id)?;
        (new.sha256 != old.sha256).then_some((&open.link, old, new))
    })
}

/// The runbooks were read anew; says what could not be, and asks where that was wanted.
pub fn reread(model: &mut Model, books: Vec<Runbook>, problems: Vec<Problem>, show: bool, ctx: &Ctx) {
    if model.prompt.is_some() {
        // A question that is open may count the runbooks that were at hand: they are read once it is closed.
        model.runbooks.late = true;
        return;
    }
    model.library = Arc::new(books);
    crate::console::screens::runbooks::reread(model, problems.clone());
    if let (true, Some(problem)) = (show, problems.into_iter().next()) {
        return model.complain(problem);
    }
    if !show {
        return;
    }
    let Some((link, old, new)) = drifted(model) else {
        return model.say("the open runbooks are the text that is at hand; none has changed");
    };
    let title = format!("CHANGED since it was opened: {}", old.id);
    let (purpose, about) = (ChoicePurpose::Drift(link.clone()), lines(old, new));
    let choices =
        vec!["Stay with the text that was opened".into(), "Go on with the new text; the marks come along".into()];
    model.ask(Kind::Choice(Choice { title, about, purpose, choices, selected: 0 }), ctx);
}

/// What has changed, step by step.
fn lines(old: &Runbook, new: &Runbook) -> Vec<String> {
    let became = map(old, new);
    let named = |step: Option<&Step>| step.map(|s| format!("{} {}", s.number, s.title.line())).unwrap_or_default();
    let of = |(step, became): (&Step, &Became)| {
        let to = || named(became.place().and_then(|at| new.steps.get(at)));
        match became {
            Became::Same(_) => None,
            Became::Reworded(_) => Some(format!("reworded: {}", to())),
            Became::Alike(_) => Some(format!("taken for {}: {}", named(Some(step)), to())),
            Became::Gone => Some(format!("gone: {}", named(Some(step)))),
        }
    };
    let mut all: Vec<String> = old.steps.iter().zip(&became).filter_map(of).collect();
    all.extend(added(&became, new).into_iter().map(|at| format!("new: {}", named(new.steps.get(at)))));
    if all.is_empty() {
        all.push("every step says what it said; what is read beside them has changed".to_owned());
    }
    let more = all.len().saturating_sub(SHOWN);
    all.truncate(SHOWN);
    if more > 0 {
        all.push(format!("and {more} more"));
    }
    all
}

/// Opens the new text, takes the marks along, and leaves the old one.
pub fn go_on_with(model: &mut Model, link: &Link, ctx: &Ctx, out: &mut Reaction) {
    let Some((_, old, new)) = drifted(model).filter(|(own, ..)| *own == link) else { return };
    let (old, new) = (old.clone(), new.clone());
    let Some(session) = &model.session else { return };
    let states = session.pending().runbooks.iter().find(|book| book.link == *link).map(|book| book.steps.clone());
    let why = format!("its text has changed: went on with SHA-256 {}", new.sha256);
    // What can't be left must not be opened twice.
    let leave = Intent::CloseBook { rb: link.clone(), why: why.into() };
    if let Err(refusal) = quell_core::incident::decide(session.pending(), leave.clone()) {
        return model.say(refusal.to_string());
    }
    let Some(rb) = open(model, &new, ctx, out) else { return };
    for ((step, state), became) in old.steps.iter().zip(states.unwrap_or_default()).zip(map(&old, &new)) {
        let Some((row, to)) = became.place().and_then(|at| Some((at, new.steps.get(at)?))) else { continue };
        let target = StepRef { rb: rb.clone(), id: to.id.clone(), row: row as u32 };
        let values = (to.each.is_some() && to.each == step.each).then_some(&state.values);
        for (value, _) in values.into_iter().flatten().filter(|(_, slot)| slot.mark == Mark::Done) {
            let note = format!("done as step {} of the earlier text", step.number).into();
            model.act(Intent::TickEach { step: target.clone(), each: value.clone(), note: Some(note) }, ctx, out);
        }
        if let Some(intent) = taken_along((step, &state), to, target) {
            model.act(intent, ctx, out);
        }
    }
    if model.act(leave, ctx, out) {
        super::ready::look(model, out);
        super::update::follow_first(model);
        model.say("going on with the new text; what was done before says so");
    }
}

/// The mark of a step in the new text. What an action did in the old one is not to be done twice.
fn taken_along((old, state): (&Step, &StepState), new: &Step, step: StepRef) -> Option<Intent> {
    let said = state.note.as_ref().map(|note| format!(": {}", note.line())).unwrap_or_default();
    let words = |how: &str| -> Untrusted { format!("{how} as step {} of the earlier text{said}", old.number).into() };
    match (state.mark, &state.choice) {
        (Mark::Done, Some(choice)) if let Some(own) = new.choices.iter().find(|own| own.words == *choice) => {
            Some(Intent::Choose { step, choice: choice.clone(), why: words("decided"), to: own.to.clone() })
        }
        // It asks for something that was not decided.
        (Mark::Done, Some(_)) => None,
        // What was done by hand is no action's end.
        (Mark::Done, None) if new.action.is_some() && old.action.is_none() => None,
        (Mark::Done, None) => Some(Intent::Tick { step, note: Some(words("done")) }),
        (Mark::Skipped, _) => Some(Intent::Skip { step, why: words("skipped") }),
        _ => None,
    }
}
