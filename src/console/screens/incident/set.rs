//! Sets: plans are staged one by one, shown as one list, and approved together. What a set did is undone as a set.

use super::plan::{again, plan_step};
use super::undo::reads_undo;
use super::update::selected;
use crate::action::{Request, by_name};
use crate::console::core::confirm::{Confirm, Proposed};
use crate::console::core::effect::{Reaction, Reads};
use crate::console::core::model::{Ctx, Model, Planning};
use crate::console::core::prompt::Kind;
use crate::problem::Problem;
use quell_core::incident::{ActionState, Incident, Intent, Life, Link, Mark, STALE, StepRef, asks_note, conflicts};
use quell_core::runbook::StepKind;
use quell_core::text::Untrusted;
use std::collections::VecDeque;

/// So many plans go into a set at most: what nobody can read through is not approved by one gesture.
const MOST: usize = 50;

/// What is said of a step whose action waits in a set.
pub(super) const QUEUED: &str = "approved: it starts at its turn; u withdraws it before that";
pub(super) const HELD: &str = "its action is staged: s s shows the set, s a takes it out";

/// What is still to be planned for the set.
#[derive(Debug, Default)]
pub struct Staging {
    queue: VecDeque<Next>,
    /// A set of its own; else the one that is open.
    name: Option<Untrusted>,
    /// Whether its approval is asked for once all is staged.
    show: bool,
    /// What was planned for that approval until now.
    made: Vec<Link>,
    /// Whether that stays staged when the approval is not given: it was staged before, and is only planned anew.
    keep: bool,
    /// All is planned, and another question is open.
    waits: bool,
    /// What could not be planned.
    failed: Vec<Problem>,
}

#[derive(Debug)]
enum Next {
    Request(Box<Request>),
    Undo(Link),
}

fn pending(model: &Model) -> Option<&Incident> {
    model.session.as_ref().map(|session| session.pending())
}

/// What of a step waits in a set.
fn staged<'a>(incident: &'a Incident, step: &StepRef) -> Vec<&'a ActionState> {
    incident.staged().into_iter().filter(|a| a.plan.step.as_ref() == Some(step)).collect()
}

/// Whether the step's action waits in a set.
pub(super) fn holds(model: &Model, step: &StepRef) -> bool {
    pending(model).is_some_and(|incident| !staged(incident, step).is_empty())
}

/// Whether the step's action was approved with its set, and starts at its turn.
pub(super) fn is_queued(model: &Model, step: &StepRef) -> bool {
    let action =
        |incident: &Incident| Some(incident.actions.get(incident.step(step)?.2.action.as_ref()?)?.life == Life::Queued);
    pending(model).and_then(action) == Some(true)
}

/// Plans the selected step's action into the set, or takes it out of there.
pub(super) fn toggle(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(step) = selected(model) else { return model.say("there is no step here") };
    let Some(incident) = pending(model) else { return };
    let Some((_, outline, state)) = incident.step(&step) else { return };
    let links: Vec<Link> = staged(incident, &step).into_iter().map(|a| a.link.clone()).collect();
    match (links.is_empty(), outline.kind, state.mark) {
        _ if model.incident.staging.show => model.say("a set is being planned: its approval comes first"),
        (false, ..) => {
            for action in links {
                model.act(Intent::Cancel { action, why: "taken out of the set".into() }, ctx, out);
            }
            model.say(format!("taken out; {}", counted(model)));
        }
        (_, StepKind::Action, _) if outline.each.is_some() => super::each::stage(model, &step, ctx, out),
        (_, StepKind::Action, Mark::Todo | Mark::Failed | Mark::Skipped) if !is_full(incident) => {
            plan_step(model, &step, (None, true), ctx, out);
        }
        (_, StepKind::Action, Mark::Todo | Mark::Failed | Mark::Skipped) => model.say(FULL),
        (_, StepKind::Action, _) => model.say("the step's action has run, or runs; u undoes it"),
        _ => model.say("this step has no action that could be staged"),
    }
}

const FULL: &str = "the set is full: s s shows and approves it";

fn is_full(incident: &Incident) -> bool {
    incident.staged().len() >= MOST
}

fn counted(model: &Model) -> String {
    match pending(model).map_or(0, |incident| incident.staged().len()) {
        0 => "nothing is staged".to_owned(),
        n => {
            let quiet = pending(model).is_some_and(|incident| incident.quiet);
            let conflict = conflict(model).map(|why| format!("; CONFLICT: {why}")).unwrap_or_default();
            format!("{}staged: {n}; s s shows and approves them{conflict}", if quiet { "quiet; " } else { "" })
        }
    }
}

/// Why what is staged can't be approved together, told while it is staged.
fn conflict(model: &Model) -> Option<String> {
    let (incident, session) = (pending(model)?, model.session.as_ref()?);
    let actions = in_order(incident, &incident.set_to_approve()?).into_iter().map(|action| &action.link);
    conflicts(incident, actions, &session.writer).first().map(ToString::to_string)
}

/// One request was for several actions: all of them are staged. Where the step was meant to be done at once, the approval
/// of all comes then.
pub fn several(model: &mut Model, generation: u64, requests: Vec<Request>, ctx: &Ctx, out: &mut Reaction) {
    if generation != model.generation || model.planning.is_none() {
        return;
    }
    let planning = model.planning.take();
    let show = !planning.as_ref().is_some_and(Planning::stages);
    if let (true, [request], Some(planning)) = (show, requests.as_slice(), planning) {
        // One alone needs no set.
        let request = Box::new(request.clone());
        return model.plan(planning, |generation| Reads::Plan { generation, request }, ctx, out);
    }
    let mut queue = queue_of(requests);
    if !show {
        // The others of a list come after all that one of them was for.
        queue.append(&mut model.incident.staging.queue);
        model.incident.staging.queue = queue;
        return stage_next(model, ctx, out);
    }
    model.incident.staging = Staging { queue, show, ..Staging::default() };
    stage_next(model, ctx, out);
}

/// Plans all of these into the set that is open, with what kept others of them from being planned.
pub(super) fn add_all(
    model: &mut Model,
    (requests, failed): (Vec<Request>, Vec<Problem>),
    ctx: &Ctx,
    out: &mut Reaction,
) {
    model.incident.staging = Staging { queue: queue_of(requests), failed, ..Staging::default() };
    stage_next(model, ctx, out);
}

/// Stages all of these in a set of their own, and asks for one approval of them.
pub fn stage_all(model: &mut Model, requests: Vec<Request>, ctx: &Ctx, out: &mut Reaction) {
    give_up(model, ctx, out);
    let name = pending(model).map(Incident::new_set);
    model.incident.staging = Staging { queue: queue_of(requests), name, show: true, ..Staging::default() };
    stage_next(model, ctx, out);
}

fn queue_of(requests: Vec<Request>) -> VecDeque<Next> {
    requests.into_iter().map(|request| Next::Request(Box::new(request))).collect()
}

/// What can't be planned keeps nothing else of its set back.
pub fn not_staged(model: &mut Model, problem: Problem, ctx: &Ctx, out: &mut Reaction) {
    model.incident.staging.failed.push(problem);
    stage_next(model, ctx, out);
}

/// A plan of those that are to be staged is on its way to the disk: goes on.
pub fn was_staged(model: &mut Model, action: Option<Link>, ctx: &Ctx, out: &mut Reaction) {
    model.incident.staging.made.extend(action);
    stage_next(model, ctx, out);
}

/// What is still to be staged for one approval is given up, and what was planned for it until now.
pub fn give_up(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Staging { show, made, keep, .. } = std::mem::take(&mut model.incident.staging);
    for action in made.into_iter().filter(|_| show && !keep) {
        model.act(Intent::Cancel { action, why: "given up before it was approved".into() }, ctx, out);
    }
}

/// Asks for the approval that waited for another question to be closed.
pub fn show_waiting(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    if model.prompt.is_none() && std::mem::take(&mut model.incident.staging.waits) {
        stage_next(model, ctx, out);
    }
}

/// Goes on with what is still to be staged; says what is, when it is all.
pub fn stage_next(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    while let Some(next) = model.incident.staging.queue.pop_front() {
        let Some(incident) = pending(model) else { return };
        if is_full(incident) {
            give_up(model, ctx, out);
            return model.say(FULL);
        }
        let set = Some(model.incident.staging.name.clone().unwrap_or_else(|| incident.open_set()));
        match next {
            Next::Request(mut request) => {
                request.set = set;
                let planning = Planning::Stage(request.step.clone());
                return model.plan(planning, |generation| Reads::Plan { generation, request }, ctx, out);
            }
            Next::Undo(link) => {
                // Somebody may have undone it by itself meanwhile.
                let Some(action) = incident.actions.get(&link).cloned() else { continue };
                let reads = reads_undo(&action, set, incident.quiet);
                return model.plan(Planning::StageUndo(link), reads, ctx, out);
            }
        }
    }
    let staging = &mut model.incident.staging;
    if staging.show && !staging.made.is_empty() && model.prompt.is_some() {
        staging.waits = true;
        return;
    }
    let Staging { show, mut failed, name, made, keep, .. } = std::mem::take(staging);
    if show && !made.is_empty() {
        let name = name.or_else(|| pending(model).map(Incident::open_set)).unwrap_or_default();
        // What could not be planned stands above what can be approved.
        let left_out = failed.iter().map(Problem::headline).collect();
        ask(model, name, (left_out, if keep { Vec::new() } else { made.clone() }), ctx);
        if model.prompt.is_none() && !keep {
            // It can't be asked for, and says why.
            model.incident.staging = Staging { show, made, ..Staging::default() };
            give_up(model, ctx, out);
        }
        return;
    }
    if let Some(mut problem) = (!failed.is_empty()).then(|| failed.swap_remove(0)) {
        problem.what = match failed.len() {
            0 => format!("not staged: {}", problem.what),
            n => format!("not staged, as {n} other(s): {}", problem.what),
        };
        return model.complain(problem);
    }
    model.say(counted(model));
}

/// An action that one person has approved waits for another: its plan is shown to whoever is not the first.
pub(super) fn second(model: &mut Model, action: ActionState, ctx: &Ctx) {
    if let Some(name) = action.plan.set {
        return ask(model, name, Default::default(), ctx);
    }
    let proposed = Proposed { action: action.link, plan: action.plan, plan_hash: action.plan_hash };
    model.ask(Kind::Confirm(Box::new(Confirm::new(proposed, &"seconded".into()))), ctx);
}

/// The action of a step that waits for a second approval, or the undo of it that does.
pub(super) fn awaits(model: &Model, step: &StepRef) -> Option<ActionState> {
    let incident = pending(model)?;
    let action = incident.actions.get(incident.step(step)?.2.action.as_ref()?)?;
    let undo = action.undone_by.as_ref().and_then(|undo| incident.actions.get(undo));
    [Some(action), undo].into_iter().flatten().find(|a| a.life == Life::Approved).cloned()
}

/// What one has approved oneself is withdrawn; what somebody else has is shown for the second approval.
pub(super) fn settle(model: &mut Model, action: ActionState, ctx: &Ctx, out: &mut Reaction) {
    let own = pending(model).zip(model.session.as_ref()).is_some_and(|(incident, session)| {
        let first = action.approved.as_ref().map(|stamp| incident.who(&stamp.by, stamp.n));
        first == Some(incident.who_now(&session.writer))
    });
    // What waits for its turn anybody may keep from starting.
    if !own && action.life == Life::Approved {
        return second(model, action, ctx);
    }
    if model.act(Intent::Cancel { action: action.link, why: "withdrawn before it started".into() }, ctx, out) {
        model.say("withdrawn; nothing was sent");
    }
}

/// Holds back what others could read in the account until the strike, or does so no more.
pub(super) fn quiet(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(incident) = pending(model) else { return };
    let on = !incident.quiet;
    let tagged: Vec<Link> = match on {
        true => incident.staged().into_iter().filter(|a| is_tagged(a)).map(|a| a.link.clone()).collect(),
        false => Vec::new(),
    };
    if !model.act(Intent::Quiet { on }, ctx, out) {
        return;
    }
    let count = tagged.len();
    for action in tagged {
        model.act(Intent::Cancel { action, why: "planned with a tag, before it was quiet".into() }, ctx, out);
    }
    model.say(match (on, count) {
        (true, 0) => "quiet: tags, notes and archiving wait for the strike; automations carry no tag".to_owned(),
        (true, n) => format!("quiet; {n} staged automation(s) had a tag: taken out, stage them again"),
        _ => "quiet no more".to_owned(),
    });
}

/// Whether what is staged would leave a tag.
fn is_tagged(action: &ActionState) -> bool {
    by_name(action.plan.kind.as_str()).is_some_and(|kind| kind.tags(&action.plan))
}

/// Whether an action of this kind waits for the strike, because the incident is quiet and others could read it.
pub(super) fn waits(model: &Model, kind: &str) -> bool {
    pending(model).is_some_and(|incident| incident.quiet) && tells(kind)
}

fn tells(kind: &str) -> bool {
    by_name(kind).is_some_and(|kind| kind.tells())
}

/// Shows all that is staged, and asks for one approval of it.
pub(super) fn strike(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(name) = pending(model).and_then(Incident::set_to_approve) else { return model.say(NOTHING) };
    let old = |action: &&ActionState| {
        let kind = by_name(action.plan.kind.as_str());
        action.life == Life::Planned && kind.and_then(|kind| kind.lapses(&action.plan)).is_some_and(|at| at <= ctx.now)
    };
    let old: Vec<ActionState> =
        pending(model).map(|i| of(i, &name).into_iter().filter(old).cloned().collect()).unwrap_or_default();
    if old.is_empty() {
        return ask(model, name, Default::default(), ctx);
    }
    renew(model, name, old, ctx, out);
}

/// Plans anew what was staged so long ago that what it says is too old, and asks for the approval of the set then. It
/// keeps its place in the set.
fn renew(model: &mut Model, name: Untrusted, old: Vec<ActionState>, ctx: &Ctx, out: &mut Reaction) {
    let (mut queue, mut failed) = (VecDeque::new(), Vec::new());
    for action in old {
        let same = |a: &&&ActionState| a.plan.each == action.plan.each;
        let alone = |step: &&StepRef| {
            pending(model).is_some_and(|incident| staged(incident, step).iter().filter(same).count() == 1)
        };
        let each = |step: &StepRef| super::each::of_plan(pending(model)?, step, &action.plan);
        let request = action.plan.step.as_ref().filter(alone).map(|step| again(model, step, each(step).as_ref()));
        match request {
            Some(Ok(request)) => queue.push_back(Next::Request(Box::new(request))),
            Some(Err(problem)) => failed.push(problem),
            None => failed.push(
                Problem::input(format!("{} was staged too long ago", action.plan.title.line()))
                    .meaning("the time in it is too old; it was taken out of the set")
                    .next("stage it again"),
            ),
        }
        model.act(Intent::Cancel { action: action.link, why: STALE.into() }, ctx, out);
    }
    model.incident.staging = Staging { queue, failed, name: Some(name), show: true, keep: true, ..Staging::default() };
    stage_next(model, ctx, out);
}

/// What of a set waits for its approval.
fn of<'a>(incident: &'a Incident, name: &Untrusted) -> Vec<&'a ActionState> {
    incident.staged().into_iter().filter(|a| a.plan.set.as_ref() == Some(name)).collect()
}

/// The same, in the order in which it is shown and sent: what was held back because it tells others comes after what
/// stops them.
fn in_order<'a>(incident: &'a Incident, name: &Untrusted) -> Vec<&'a ActionState> {
    let tells = |a: &&ActionState| incident.quiet && tells(a.plan.kind.as_str());
    let (last, first): (Vec<_>, Vec<_>) = of(incident, name).into_iter().partition(tells);
    first.into_iter().chain(last).collect()
}

const NOTHING: &str = "nothing is staged: s a on a step stages its action";

/// Asks for the approval of a set, of which some were perhaps planned for it alone.
fn ask(model: &mut Model, name: Untrusted, (left_out, fresh): (Vec<String>, Vec<Link>), ctx: &Ctx) {
    let Some(incident) = pending(model) else { return };
    let staged = in_order(incident, &name);
    let proposed =
        |a: &&ActionState| Proposed { action: a.link.clone(), plan: a.plan.clone(), plan_hash: a.plan_hash.clone() };
    let mut all: VecDeque<Proposed> = staged.iter().map(proposed).collect();
    let account = staged.first().map(|a| a.plan.target.account.clone());
    if let Some(other) = staged.iter().find(|a| Some(&a.plan.target.account) != account.as_ref()) {
        let words = format!(
            "the set has actions of several accounts, {} too: take those out",
            other.plan.target.account.line()
        );
        return model.say(words);
    }
    let noted = staged.iter().any(|a| a.life == Life::Planned && asks_note(incident, &a.plan));
    let Some(first) = all.pop_front() else { return model.say(NOTHING) };
    let reason: Untrusted = match noted {
        // What a step asks for is not written by quell.
        true => Untrusted::default(),
        false => format!("{}: {} action(s)", name.line(), all.len() + 1).into(),
    };
    model.toast = None;
    let confirm = Confirm { fresh, ..Confirm::of_set((name, left_out), first, all.into(), &reason) };
    model.ask(Kind::Confirm(Box::new(confirm)), ctx);
}

/// Plans what undoes the last set that did something, the last first, in a set of its own beside what is staged, and
/// asks for its approval.
pub(super) fn undo(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(incident) = pending(model) else { return };
    let links = |name: &&Untrusted| -> Option<VecDeque<Next>> {
        let links: VecDeque<Next> = incident.undoable(name).into_iter().map(|a| Next::Undo(a.link.clone())).collect();
        (!links.is_empty()).then_some(links)
    };
    let Some(queue) = incident.sets().iter().rev().find_map(links) else {
        return model.say("no set did anything that could be undone");
    };
    let name = Some(incident.new_set());
    give_up(model, ctx, out);
    model.incident.staging = Staging { queue, name, show: true, ..Staging::default() };
    stage_next(model, ctx, out);
}
