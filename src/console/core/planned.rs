//! A plan that was made: what the session adds to it, and where it goes.

use super::confirm::{Confirm, Proposed};
use super::effect::Reaction;
use super::model::{Ctx, Model, Planning};
use super::prompt::Kind;
use super::withhold;
use crate::action::{PUTS_BACK, by_name};
use crate::console::screens::{findings, incident};
use crate::problem::Problem;
use quell_core::incident::{Event, Fact, Intent, Life, Plan};
use quell_core::runbook::Step;
use quell_core::text::Untrusted;

/// The fact that says where a plan's target is from.
pub const TARGET_FROM: &str = "target is from";
/// What a plan says whose target nobody has found.
const TYPED: &str = "Its target was TYPED by hand: compare it with what was found, character by character.";

/// Takes in a plan that was made: it is shown to be approved, or staged.
pub(super) fn planned(
    model: &mut Model,
    generation: u64,
    result: Result<Plan, Problem>,
    ctx: &Ctx,
    out: &mut Reaction,
) {
    if generation != model.generation || model.planning.is_none() {
        return;
    }
    if model.planning == Some(Planning::Unsaved) {
        return findings::would_send(model, result);
    }
    let staged = model.planning.as_ref().is_some_and(Planning::stages);
    let refuse = |model: &mut Model, problem, out: &mut Reaction| match staged {
        true => incident::not_staged(model, problem, ctx, out),
        false => model.complain(problem),
    };
    let mut plan = match result {
        // The keys that are being typed belong to the open question.
        Ok(plan) if model.prompt.is_some() && !staged => {
            model.incident.held = Some((generation, Box::new(plan)));
            return;
        }
        Ok(plan) => plan,
        Err(problem) => {
            let of_step = matches!(model.planning.take(), Some(Planning::Step(_) | Planning::Stage(Some(_))));
            let problem = if of_step { incident::drop_tried(model, problem) } else { problem };
            return refuse(model, problem, out);
        }
    };
    let planning = model.planning.take();
    match &planning {
        Some(Planning::Step(step) | Planning::Stage(Some(step))) => plan.step = Some(step.clone()),
        Some(Planning::Undo(link) | Planning::StageUndo(link)) => plan.undo_of = Some(link.clone()),
        _ => {}
    }
    let written = serde_json::to_vec(&plan).unwrap_or_default();
    if withhold::stands_in(model, &written) {
        let problem = Problem::input("a credential of yours stands in the plan")
            .meaning("the plan would be kept in the timeline, so it was dropped; nothing was sent")
            .next("give the program or the call its credential by its environment or a file, not as a value");
        return refuse(model, problem, out);
    }
    complete(model, planning.as_ref(), &mut plan);
    if let Some(Planning::Step(step) | Planning::Stage(Some(step))) = &planning {
        incident::keep_tried(model, step, ctx, out);
    }
    let reason = incident::reason(model, planning.as_ref());
    record(model, plan, (staged, &reason), ctx, out);
}

/// Adds what the session knows beside the kind: who asks, where the target is from, what came before.
fn complete(model: &Model, planning: Option<&Planning>, plan: &mut Plan) {
    if let Some(Ok(identity)) = &model.account.identity {
        plan.facts.insert(0, Fact::new("caller", identity.arn.clone()));
    }
    if let (Some(Planning::Step(_) | Planning::Stage(Some(_))), Some((from, typed))) =
        (planning, incident::origin(model, plan))
    {
        plan.facts.insert(plan.facts.len().min(1), Fact::new(TARGET_FROM, from));
        plan.warnings.splice(0..0, typed.then(|| TYPED.into()));
    }
    if let Some(undone) = undone_at(model, plan) {
        let from = format!("the undone action of {undone}");
        plan.facts.insert(plan.facts.len().min(1), Fact::new(TARGET_FROM, from));
    }
    if let Some(Planning::Step(step) | Planning::Stage(Some(step)) | Planning::Command(step)) = planning {
        let warns = incident::book_step(model, step).map(Step::warnings).unwrap_or_default();
        plan.warnings.extend(warns.into_iter().map(|words| format!("The runbook warns: {}", words.line()).into()));
    }
    if let Some(words) = incident::elsewhere(model, plan) {
        plan.warnings.insert(0, words.into());
    }
    if let Some(words) = incident::typed_for_another(model, plan) {
        plan.warnings.insert(0, words.into());
    }
    if let Some(earlier) = unknown_before(model, plan) {
        plan.warnings.insert(0, earlier.into());
    }
    if let Some(theirs) = perhaps_theirs(model, plan) {
        plan.warnings.push(theirs.into());
    }
}

/// Records the plan; it is staged, or asked about.
fn record(model: &mut Model, plan: Plan, (staged, reason): (bool, &Untrusted), ctx: &Ctx, out: &mut Reaction) {
    let before = out.entries.len();
    let acted = model.act(Intent::Plan(Box::new(plan.clone())), ctx, out);
    match (staged, acted) {
        (true, true) => {
            let action = out.entries.get(before).map(|entry| entry.link.clone());
            return incident::was_staged(model, action, ctx, out);
        }
        (true, false) => {
            let said = model.toast.take().unwrap_or_default();
            return incident::not_staged(model, Problem::input(said), ctx, out);
        }
        (false, true) => {}
        (false, false) => return,
    }
    model.toast = None;
    let planned = out.entries.get(before).map(|e| (e.link.clone(), e.event.clone()));
    if let Some((link, Event::ActionPlanned(data))) = planned {
        let proposed = Proposed { action: link, plan, plan_hash: data.plan_hash };
        model.ask(Kind::Confirm(Box::new(Confirm::new(proposed, reason))), ctx);
    }
}

/// When the action was planned that a plan undoes.
fn undone_at(model: &Model, plan: &Plan) -> Option<String> {
    let incident = model.session.as_ref()?.pending();
    let undone = incident.actions.get(plan.undo_of.as_ref()?)?;
    Some(undone.stamp.at.strftime("%Y-%m-%d %H:%MZ").to_string())
}

/// What to say of an earlier run of the same on the same target whose outcome nobody knows.
fn unknown_before(model: &Model, plan: &Plan) -> Option<String> {
    let same = |a: &&quell_core::incident::ActionState| {
        a.life == Life::Unknown
            && (&a.plan.kind, &a.plan.target, &a.plan.undo_of) == (&plan.kind, &plan.target, &plan.undo_of)
    };
    let earlier = model.session.as_ref()?.pending().actions.values().find(same)?;
    let at = earlier.started.as_ref().map(|s| s.at.strftime("%H:%M:%SZ").to_string()).unwrap_or_default();
    Some(format!("the run of {at} on this target has an unknown outcome and may have worked: look it up before this"))
}

/// What to say of a state that an undo puts back, where it was read after the first sign of an intruder.
fn perhaps_theirs(model: &Model, plan: &Plan) -> Option<String> {
    let incident = model.session.as_ref()?.pending();
    let undone = incident.actions.get(plan.undo_of.as_ref()?)?;
    // What quell has set itself is nobody else's.
    let own = plan.facts.iter().any(|fact| fact.name.line().as_str() == PUTS_BACK);
    let contained = !own && by_name(undone.plan.kind.as_str())?.stands(&undone.plan) == Some(true);
    let first = incident.findings.iter().filter_map(|f| f.finding.first_seen).min()?;
    let at = |time: jiff::Timestamp| time.strftime("%Y-%m-%d %H:%MZ").to_string();
    (contained && first < undone.stamp.at).then(|| {
        format!(
            "What it puts back was read {}, after the first sign of the intruder ({}): it may be theirs. Compare it with \
             what stood there before that.",
            at(undone.stamp.at),
            at(first)
        )
    })
}

/// Shows the plan that waited for a question to be closed.
pub fn held(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    if model.prompt.is_none()
        && let Some((generation, plan)) = model.incident.held.take()
    {
        planned(model, generation, Ok(*plan), ctx, out);
    }
    incident::show_waiting(model, ctx, out);
}
