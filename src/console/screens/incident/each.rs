//! Steps that are done for each of a list: for which value, what the step's names stand for then, and how it stands for
//! each of them.

use super::aim::{instead, named};
use super::plan::{again, plan_step};
use super::proof::{ask_evidence, lacks};
use super::set;
use super::update::{book_step, choose, tick, untick};
use crate::console::core::effect::{Reaction, Reads};
use crate::console::core::model::{Ctx, Model};
use crate::console::core::prompt::{ChoicePurpose, Field, FieldPurpose, Kind};
use crate::console::widgets::look::Look;
use crate::console::widgets::paint::Piece;
use quell_core::finding::{Compact, fields};
use quell_core::incident::{ActionState, Incident, Intent, Life, Mark, OutlineStep, Plan, StepRef, StepState};
use quell_core::runbook::StepKind;
use quell_core::runbook::each::List;
use quell_core::text::Untrusted;

/// So many values are shown above a step's text; the others stand in the question for which.
const SHOWN: usize = 6;

/// A value of a list, and what the finding's names stand for in a step that is done for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Each {
    pub value: Untrusted,
    /// None where the incident has no finding.
    pub finding: Option<Compact>,
}

/// How a step is done for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Action,
    Hand,
    /// By hand, or opened again where it is done.
    Toggle,
    /// It is opened again.
    Again,
}

/// A value of a list. An entity lies where the finding that names it does, else where the first one does, and nothing
/// of another thing stands beside it.
fn of(incident: &Incident, list: List, value: &Untrusted) -> Each {
    let findings = || incident.findings.iter().map(|f| &f.finding);
    let by_id = || findings().find(|f| f.id == *value).cloned();
    let finding = match list {
        List::Findings => by_id(),
        _ => {
            let names =
                |f: &&Compact| fields::FIELDS.iter().any(|field| fields::value(f, field.name) == Some(value.clone()));
            let entity = incident.entities.iter().find(|e| e.id == *value && incident.list(list).contains(&e.id));
            let base = findings().find(names).or_else(|| findings().next());
            base.zip(entity).map(|(base, entity)| instead(base, entity))
        }
    };
    Each { value: value.clone(), finding }
}

fn list(incident: &Incident, step: &StepRef) -> Option<List> {
    incident.step(step)?.1.each
}

/// Whether nothing was done for a value, or it came to nothing.
fn is_open(slot: &StepState) -> bool {
    matches!(slot.mark, Mark::Todo | Mark::Failed | Mark::Skipped)
}

/// What a step's text speaks of: the first value that it is not done for, else the first.
pub(super) fn next(incident: &Incident, step: &StepRef) -> Option<Each> {
    let list = list(incident, step)?;
    let all = incident.each(step);
    let (value, _) = all.iter().find(|(_, slot)| is_open(slot)).or_else(|| all.first())?;
    Some(of(incident, list, value))
}

/// What the action of a step is being planned for.
pub(super) fn planned_for(model: &Model, step: &StepRef) -> Option<Each> {
    let incident = model.session.as_ref()?.pending();
    match &model.incident.each {
        Some(value) => Some(of(incident, list(incident, step)?, value)),
        None => next(incident, step),
    }
}

/// What a plan was made for.
pub(super) fn of_plan(incident: &Incident, step: &StepRef, plan: &Plan) -> Option<Each> {
    Some(of(incident, list(incident, step)?, plan.each.as_ref()?))
}

pub(super) fn is_repeated(model: &Model, step: &StepRef) -> bool {
    model.session.as_ref().is_some_and(|session| list(session.pending(), step).is_some())
}

/// Whether it must be asked which value was done by hand.
pub(super) fn asks(model: &Model, step: &StepRef) -> bool {
    model.session.as_ref().is_some_and(|session| !session.pending().each(step).is_empty())
}

/// Whether it must be asked for which value a step is opened again.
pub(super) fn by_value(model: &Model, step: &StepRef) -> bool {
    let by_value = |incident: &Incident| incident.by_value(step) && incident.each(step).len() > 1;
    model.session.as_ref().is_some_and(|session| by_value(session.pending()))
}

/// Whether the step of an action has acted on several values, so that it must be asked which is undone.
pub(super) fn acts_on_several(model: &Model, action: &ActionState) -> bool {
    let Some(incident) = model.session.as_ref().map(|session| session.pending()) else { return false };
    let ends = !matches!(action.life, Life::Approved | Life::Queued | Life::Started);
    let acted = |step: &StepRef| incident.each(step).iter().filter(|(_, slot)| slot.action.is_some()).count();
    ends && action.plan.step.as_ref().is_some_and(|step| acted(step) > 1)
}

/// A value in words: of a finding what it says, of all else itself.
fn called(incident: &Incident, list: List, value: &Untrusted) -> String {
    match of(incident, list, value).finding {
        Some(finding) if list == List::Findings => named(&finding),
        _ => value.line().into_string(),
    }
}

/// How a step stands for a value, in a word.
fn stands(incident: &Incident, slot: &StepState) -> &'static str {
    let action = slot.action.as_ref().and_then(|action| incident.actions.get(action));
    let waits = action.map(|action| (action.life, action.plan.set.is_some()));
    match (slot.mark, waits) {
        (Mark::Running, _) => "running",
        (Mark::Unknown, _) => "unknown outcome",
        (Mark::Done, _) => "done",
        (_, Some((Life::Approved, _))) => "approved once",
        (_, Some((Life::Queued, _))) => "approved, at its turn",
        (_, Some((Life::Planned, true))) => "staged",
        (Mark::Failed, _) => "failed",
        _ => "open",
    }
}

/// How far a step is with its list: what stands at its right.
pub(super) fn tally(incident: &Incident, step: &StepRef, line: &OutlineStep) -> Option<String> {
    let list = line.each?;
    Some(match incident.done_of(step) {
        (_, 0) => format!("none in {}", list.name()),
        (done, all) => format!("{done}/{all} done"),
    })
}

/// How a step stands for each value, above its text.
pub(super) fn lines(incident: &Incident, step: &StepRef, look: Look) -> Vec<Vec<Piece>> {
    let Some(list) = list(incident, step) else { return Vec::new() };
    let all = incident.each(step);
    let speaks = next(incident, step).map(|each| each.value);
    let mut lines = vec![vec![(format!(" for each of {}, {} in all:", list.name(), all.len()), look.rule(false))]];
    for (value, slot) in all.iter().take(SHOWN) {
        let beside = if speaks.as_ref() == Some(value) { "  (the text below speaks of it)" } else { "" };
        let words = format!(" {}, {}", called(incident, list, value), stands(incident, slot));
        let mark = (format!("  {}", slot.mark.sign()), look.mark(slot.mark));
        lines.push(vec![mark, (words, look.plain()), (beside.to_owned(), look.rule(false))]);
    }
    if all.len() > SHOWN {
        lines.push(vec![(format!("  and {} more", all.len() - SHOWN), look.rule(false))]);
    }
    lines
}

/// Asks for which value the step is done; of one alone it is done at once.
pub(super) fn choose_value(model: &mut Model, step: &StepRef, by: By, ctx: &Ctx, out: &mut Reaction) {
    let Some(incident) = model.session.as_ref().map(|session| session.pending()) else { return };
    let Some((_, line, _)) = incident.step(step) else { return };
    let Some(list) = line.each else { return };
    let all = incident.each(step);
    let line_of = |(value, slot): &(Untrusted, &StepState)| {
        let again = if by == By::Toggle && slot.mark == Mark::Done { "; open it again" } else { "" };
        format!("{}: {}{again}", called(incident, list, value), stands(incident, slot))
    };
    let mut choices: Vec<String> = all.iter().map(line_of).collect();
    let values: Vec<Untrusted> = all.into_iter().map(|(value, _)| value).collect();
    let title = match by {
        By::Action => format!("FOR WHICH? {} (s a stages all that are open)", line.title.line()),
        By::Hand | By::Toggle => format!("DONE BY HAND for which? {}", line.title.line()),
        By::Again => format!("OPEN AGAIN for which? {}", line.title.line()),
    };
    match &values[..] {
        [] => model.say(format!("{} holds nothing yet: :entity notes it, :attach brings findings in", list.name())),
        [one] => do_for(model, step, Some(&one.clone()), by, ctx, out),
        _ => {
            match by {
                By::Action => {}
                By::Hand | By::Toggle => choices.push("all of them: the step is done".to_owned()),
                By::Again => choices.push("all of them: the step is open".to_owned()),
            }
            choose(model, ctx, &title, ChoicePurpose::Each(step.clone(), values, by), choices);
        }
    }
}

/// Opens a step again for a value; where that was another's mark, or may have worked, it is asked why.
fn open_again(model: &mut Model, step: &StepRef, each: &Untrusted, ctx: &Ctx, out: &mut Reaction) {
    let Some(session) = &model.session else { return };
    let Some(slot) = session.pending().slot(step, Some(each)) else { return };
    let saved = session.saved().slot(step, Some(each)).map(|saved| saved.mark);
    let by = slot.stamp.as_ref().filter(|stamp| stamp.by != session.writer);
    let title = match (slot.mark, by) {
        // A key that repeats must not take back what it has just done.
        (mark, _) if saved != Some(mark) => return model.say("it is being saved"),
        (Mark::Unknown, _) => {
            format!("OPEN AGAIN for {}: its action may have worked (Enter looks it up). Why?", each.line())
        }
        (_, Some(stamp)) => {
            format!("OPEN AGAIN for {} what {} has done. Why?", each.line(), session.saved().who_now(&stamp.by).line())
        }
        _ => {
            let why = Untrusted::default();
            model.act(Intent::UntickEach { step: step.clone(), each: each.clone(), why }, ctx, out);
            return;
        }
    };
    let purpose = FieldPurpose::UntickEach(step.clone(), each.clone());
    model.ask(Kind::Field(Box::new(Field::new(title, purpose, &Untrusted::default(), false))), ctx);
}

/// Does the step for that value; without one for all of them, by hand.
pub fn do_for(model: &mut Model, step: &StepRef, each: Option<&Untrusted>, by: By, ctx: &Ctx, out: &mut Reaction) {
    let Some(incident) = model.session.as_ref().map(|session| session.pending()) else { return };
    let Some((_, line, _)) = incident.step(step) else { return };
    let note = line.note_required;
    let Some(each) = each else {
        return match by {
            By::Again => untick(model, step.clone(), ctx, out),
            _ => tick(model, step.clone(), note, ctx, out),
        };
    };
    let Some(slot) = incident.slot(step, Some(each)) else { return };
    let (mark, action) = (slot.mark, slot.action.as_ref().and_then(|action| incident.actions.get(action)).cloned());
    let waits = action.as_ref().map(|action| (action.life, action.plan.set.is_some()));
    match (mark, action, waits, by) {
        (Mark::Running, ..) => model.say("it runs; its end is recorded by itself"),
        (.., By::Again) | (Mark::Unknown | Mark::Done, .., By::Toggle) => {
            open_again(model, step, each, ctx, out);
        }
        (Mark::Unknown, Some(action), ..) => {
            let token = action.token.clone().unwrap_or_default();
            model.say("looking up what happened");
            out.reads.push(Reads::Check { action: action.link, plan: Box::new(action.plan), token });
        }
        (Mark::Done, ..) => model.say("done already for this one; u undoes an action, Space opens it again"),
        (_, Some(action), Some((Life::Approved, _)), _) => set::second(model, action, ctx),
        (_, _, Some((Life::Planned, true)), _) => model.say(set::HELD),
        (_, _, Some((Life::Queued, _)), _) => model.say(set::QUEUED),
        (.., By::Action) => plan_step(model, step, (Some(each.clone()), false), ctx, out),
        _ if lacks(model, step).is_some() => ask_evidence(model, Some(step.clone()), lacks(model, step), ctx),
        _ if note => {
            let title = format!("NOTE on {}: this step asks for one", each.line());
            let purpose = FieldPurpose::TickEach(step.clone(), each.clone());
            model.ask(Kind::Field(Box::new(Field::new(title, purpose, &Untrusted::default(), true))), ctx);
        }
        _ => {
            model.act(Intent::TickEach { step: step.clone(), each: each.clone(), note: None }, ctx, out);
            go_on(model, step);
        }
    }
}

/// Goes on to the next step once the last value is done.
fn go_on(model: &mut Model, step: &StepRef) {
    let incident = model.session.as_ref().map(|session| session.pending());
    let found = incident.and_then(|incident| incident.step(step)).map(|(_, line, state)| (line.kind, state.mark));
    if found.is_some_and(|(kind, mark)| mark == Mark::Done && kind != StepKind::Action) {
        model.incident.follow();
    }
}

/// The values that a step's action can be staged for.
fn open(incident: &Incident, step: &StepRef) -> Vec<Untrusted> {
    incident.each(step).into_iter().filter(|(_, slot)| is_open(slot)).map(|(value, _)| value).collect()
}

/// Stages a step's action for all values that are open.
pub(super) fn stage(model: &mut Model, step: &StepRef, ctx: &Ctx, out: &mut Reaction) {
    let Some(incident) = model.session.as_ref().map(|session| session.pending()) else { return };
    let whole = incident.step(step).is_some_and(|(_, _, state)| state.mark == Mark::Done);
    match open(incident, step).is_empty() || whole {
        true => model.say("nothing of this step is open: there is no value, or its action has run for each"),
        false => plan_step(model, step, (None, true), ctx, out),
    }
}

/// Goes on with that when all that its action needs is known.
pub(super) fn stage_open(model: &mut Model, step: &StepRef, ctx: &Ctx, out: &mut Reaction) {
    let Some(incident) = model.session.as_ref().map(|session| session.pending()) else { return };
    let (Some(list), Some(_)) = (list(incident, step), book_step(model, step)) else { return };
    let (mut requests, mut failed) = (Vec::new(), Vec::new());
    for value in open(incident, step) {
        match again(model, step, Some(&of(incident, list, &value))) {
            Ok(request) => requests.push(request),
            Err(problem) => failed.push(problem),
        }
    }
    set::add_all(model, (requests, failed), ctx, out);
}
