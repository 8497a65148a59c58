//! A triage that the timeline could not take is not started. What it would send can be copied, to be run elsewhere: by
//! its plan, or where there was no session to plan in, by one that is made for that alone.

use super::triage::{Triage, requests};
use crate::action::by_name;
use crate::console::core::effect::{Reaction, Reads};
use crate::console::core::model::{Ctx, Model, Planning};
use crate::problem::Problem;
use quell_core::incident::Plan;
use quell_core::text::Untrusted;

/// The triage that was not started last.
#[derive(Debug)]
pub struct Blocked {
    findings: Vec<Untrusted>,
    plans: Vec<Plan>,
    /// So many of its plans are still being made.
    left: usize,
}

impl Blocked {
    fn of(triage: &Triage, plans: Vec<Plan>, left: usize) -> Self {
        Self { findings: triage.findings.iter().map(|finding| finding.id.clone()).collect(), plans, left }
    }
}

const SAID: &str = "the triage was not started; y c on its row copies the exact command, to run it elsewhere";

/// The triage that is being planned.
pub fn under_way(model: &Model) -> Option<Triage> {
    let triage = matches!(model.planning, Some(Planning::Triage(_) | Planning::Stage(None)));
    model.findings.begun.as_ref().filter(|_| triage).cloned()
}

/// A triage has no session, or lost the records that it is planned after: asks what it would send.
pub fn block(model: &mut Model, triage: Triage, ctx: &Ctx, out: &mut Reaction) {
    let mut requests = requests(model, &triage).into_iter();
    let Some(first) = requests.next().map(Box::new) else { return };
    model.findings.blocked = Some(Blocked::of(&triage, Vec::new(), 1 + requests.len()));
    // Another one that is still being read is not meant any more.
    model.planning = None;
    model.plan(Planning::Unsaved, |generation| Reads::Plan { generation, request: first }, ctx, out);
    let generation = model.generation;
    out.reads.extend(requests.map(|request| Reads::Plan { generation, request: Box::new(request) }));
    model.say("the triage was not started; what it would send is being read");
}

/// The plans of a triage that are not on disk, the newest first.
pub fn blocked(model: &mut Model, plans: Vec<Plan>) {
    let Some(triage) = &model.findings.begun else { return };
    let plans = plans.into_iter().rev().filter(|plan| plan.step.is_none() && plan.undo_of.is_none()).collect();
    model.findings.blocked = Some(Blocked::of(triage, plans, 0));
    model.say(SAID);
}

const UNDO: &str =
    "the undo was not started; y c on the finding's row in the list copies the exact command, to run it elsewhere";

/// The undo of a triage is not on disk; whether the plan is one.
pub fn undo_blocked(model: &mut Model, plan: &Plan) -> bool {
    let told = by_name(plan.kind.as_str()).map(|kind| kind.told(plan, None)).unwrap_or_default();
    if plan.undo_of.is_none() || told.is_empty() {
        return false;
    }
    let findings = told.into_iter().map(|(finding, _)| finding).collect();
    model.findings.blocked = Some(Blocked { findings, plans: vec![plan.clone()], left: 0 });
    model.say(UNDO);
    true
}

/// What one call of it would send is known, or can't be.
pub fn would_send(model: &mut Model, result: Result<Plan, Problem>) {
    let Some(blocked) = &mut model.findings.blocked else { return };
    match result {
        Ok(plan) => {
            blocked.plans.push(plan);
            blocked.left = blocked.left.saturating_sub(1);
        }
        Err(problem) => {
            (model.planning, model.findings.blocked) = (None, None);
            return model.say(format!("the triage was not started, and can't be planned: {}", problem.what));
        }
    }
    if blocked.left == 0 {
        model.planning = None;
        model.say(SAID);
    }
}

/// Copies what the triage of the marked rows, else of the selected one, would have sent, as lines for a shell.
pub fn copy(model: &mut Model, out: &mut Reaction) {
    let rows: Vec<Untrusted> = match model.findings.marked.is_empty() {
        true => model.findings.selected().map(|finding| finding.id.clone()).into_iter().collect(),
        false => model.findings.marked.iter().cloned().collect(),
    };
    let here = |blocked: &&Blocked| !rows.is_empty() && rows.iter().all(|row| blocked.findings.contains(row));
    let lines = match model.findings.blocked.as_ref().filter(here) {
        Some(blocked) if blocked.left == 0 => lines(&blocked.plans),
        Some(_) if model.planning == Some(Planning::Unsaved) => return model.say("it is still being read; then y c"),
        _ => return model.say("there is nothing to copy here: no triage of this row was kept from its start"),
    };
    out.reads.push(Reads::Copy(lines.join("\n")));
}

fn lines(plans: &[Plan]) -> Vec<String> {
    let requests = plans.iter().flat_map(|plan| plan.requests.iter().map(|request| (request, &plan.target.region)));
    requests.filter_map(|(request, region)| request.command_line(region).ok()).collect()
}
