//! What comes of plans and of actions: a plan to approve, progress, an end, what was looked up or read back.

use super::confirm::{Confirm, Proposed};
use super::effect::{Reaction, Reads};
use super::input::{Blob, Input};
use super::model::{Ctx, Model, Planning, Screen};
use super::prompt::Kind;
use super::withhold;
use crate::action::{PUTS_BACK, by_name};
use crate::console::screens::{findings, incident};
use crate::problem::Problem;
use jiff::SignedDuration;
use quell_core::incident::{
    ActionAdopted, ActionState, ActionUnknown, Entry, Event, EvidenceAdded, Fact, FailClass, Found, Intent, Life, Link,
    NOTHING, Outcome, Plan, StepRef, WriterId, nothing_to_verify,
};
use quell_core::text::Untrusted;
use std::time::Duration;

/// How often what still runs is looked up again.
const AGAIN: Duration = Duration::from_secs(5);
/// So long after its start a call that only sets something has long been answered, and what it set is read everywhere.
const SETTLED: SignedDuration = SignedDuration::from_mins(5);

/// The fact that says where a plan's target is from.
pub const TARGET_FROM: &str = "target is from";
/// What a plan says whose target nobody has found.
const TYPED: &str = "Its target was TYPED by hand: compare it with what was found, character by character.";

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
            return match staged {
                true => incident::not_staged(model, problem, ctx, out),
                false => model.complain(problem),
            };
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
        return match staged {
            true => incident::not_staged(model, problem, ctx, out),
            false => model.complain(problem),
        };
    }
    if let Some(Ok(identity)) = &model.account.identity {
        plan.facts.insert(0, Fact::new("caller", identity.arn.clone()));
    }
    if let (Some(Planning::Step(_) | Planning::Stage(Some(_))), Some((from, typed))) =
        (&planning, incident::origin(model, &plan))
    {
        plan.facts.insert(plan.facts.len().min(1), Fact::new(TARGET_FROM, from));
        plan.warnings.splice(0..0, typed.then(|| TYPED.into()));
    }
    if let Some(undone) = undone_at(model, &plan) {
        let from = format!("the undone action of {undone}");
        plan.facts.insert(plan.facts.len().min(1), Fact::new(TARGET_FROM, from));
    }
    if let Some(words) = incident::elsewhere(model, &plan) {
        plan.warnings.insert(0, words.into());
    }
    if let Some(words) = incident::typed_for_another(model, &plan) {
        plan.warnings.insert(0, words.into());
    }
    if let Some(earlier) = unknown_before(model, &plan) {
        plan.warnings.insert(0, earlier.into());
    }
    if let Some(Planning::Step(step) | Planning::Stage(Some(step))) = &planning {
        incident::keep_tried(model, step, ctx, out);
    }
    if let Some(theirs) = perhaps_theirs(model, &plan) {
        plan.warnings.push(theirs.into());
    }
    let reason = incident::reason(model, planning.as_ref());
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
        model.ask(Kind::Confirm(Box::new(Confirm::new(proposed, &reason))), ctx);
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

pub(super) fn action(model: &mut Model, input: Input, ctx: &Ctx, out: &mut Reaction) {
    match input {
        Input::Progress { action, text, done, of } => {
            model.act(Intent::Progress { action, text, done, of }, ctx, out);
        }
        Input::Output { action, name, blob } => {
            let how = output_of(&action);
            let session = model.session.as_ref();
            let of = session.and_then(|s| s.pending().actions.get(&action));
            let step = of.and_then(|a| a.plan.step.clone());
            // Of which action it is says more than the name that the program gave it.
            let name = of.map(|a| format!("{}: {}", a.plan.title.line(), name.line()).into()).unwrap_or(name);
            keep(model, (name, how), step, blob, ctx, out);
        }
        Input::Ended { action, outcome } => end(model, action, outcome, ctx, out),
        Input::Checked { action, found } => checked(model, action, found, ctx, out),
        Input::Verified { action, verified } => {
            model.act(Intent::Verified { action, verified }, ctx, out);
        }
        _ => {}
    }
}

fn end(model: &mut Model, action: Link, outcome: Outcome, ctx: &Ctx, out: &mut Reaction) {
    let plan = model.session.as_ref().and_then(|s| s.pending().actions.get(&action)).map(|a| a.plan.clone());
    if !model.act(Intent::End { action: action.clone(), outcome: outcome.clone() }, ctx, out) {
        return;
    }
    super::witness::note(model, true, ctx, out);
    match (&outcome, plan) {
        (Outcome::Succeeded { .. }, Some(plan)) => {
            // The cursor stays: an end comes when it likes, and the next key is meant for what stands there.
            out.reads.push(Reads::Verify { action, plan: Box::new(plan), outcome: Box::new(outcome) });
        }
        (Outcome::Failed { message, .. }, _) => model.say(format!("failed: {}", message.line())),
        (Outcome::Partly { message, .. }, _) => {
            model.say(format!("failed half-way, u undoes what was done: {}", message.line()));
        }
        (Outcome::Unknown { why }, _) => {
            model.say(format!("unknown outcome: {}; Enter on [?] looks up what happened", why.line()));
        }
        _ => {}
    }
}

/// Facts as words; what could not be verified is told by its reason alone.
pub fn told(facts: &[Fact]) -> String {
    let word = |f: &Fact| match f.name.line().as_str() {
        "not verified" | NOTHING => f.value.line().into_string(),
        name => format!("{name} {}", f.value.line()),
    };
    facts.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// The list shows what this console's triage has said, now that it is on disk, and what was taken is marked no more.
fn said(model: &mut Model, entries: &[Entry], ctx: &Ctx) {
    let Some(session) = &model.session else { return };
    let own = entries.iter().filter(|entry| entry.link.0 == session.writer);
    let ended = own.filter_map(|entry| match &entry.event {
        Event::ActionSucceeded(d) => Some((&d.action, d.undo.as_ref())),
        // What was done of it says what its undo needs.
        Event::ActionFailed(d) if d.undo.is_some() => Some((&d.action, d.undo.as_ref())),
        _ => None,
    });
    let told: Vec<_> = ended
        .filter_map(|(link, undo)| {
            let plan = &session.saved().actions.get(link)?.plan;
            Some(crate::action::by_name(plan.kind.as_str())?.told(plan, undo))
        })
        .flatten()
        .collect();
    for (finding, said) in told {
        model.findings.say(&finding, said, ctx.now);
    }
}

/// Says of this console's records, now that they are on disk, which action has succeeded and what was read back.
pub(super) fn tell(model: &mut Model, entries: &[Entry], ctx: &Ctx) {
    said(model, entries, ctx);
    let Some(session) = &model.session else { return };
    let mut words = entries.iter().filter(|e| e.link.0 == session.writer).filter_map(|entry| match &entry.event {
        Event::ActionSucceeded(d) => {
            let title = session.saved().actions.get(&d.action).map(|a| a.plan.title.line())?;
            Some(format!("succeeded: {title}; reading it back"))
        }
        Event::ActionVerified(d) => {
            let facts = told(&d.facts);
            Some(match d.holds {
                Some(true) => format!("verified: {facts}"),
                Some(false) => format!("NOT as wanted when read back: {facts}"),
                None if nothing_to_verify(&d.facts) => format!("succeeded, nothing to verify: {facts}"),
                None => format!("succeeded, not verified: {facts}"),
            })
        }
        _ => None,
    });
    let words = words.next_back();
    if let Some(words) = of_set(model, entries).or(words) {
        model.say(words);
    }
}

/// What came of a set, once all of it has ended and been read back.
fn of_set(model: &Model, entries: &[Entry]) -> Option<String> {
    let incident = model.session.as_ref()?.saved();
    // A look-up of what is unknown already, and stays so, is no end.
    let first = |entry: &Entry, action: &Link| {
        let ended = incident.actions.get(action).and_then(|a| a.ended.as_ref());
        ended.is_some_and(|stamp| (&stamp.by, stamp.n) == (&entry.link.0, entry.link.1))
    };
    let ended = entries.iter().rev().find_map(|entry| match &entry.event {
        Event::ActionVerified(d) => Some(&d.action),
        Event::ActionFailed(d) => Some(&d.action),
        Event::ActionUnknown(d) => Some(&d.action).filter(|action| first(entry, action)),
        _ => None,
    })?;
    let name = incident.actions.get(ended)?.plan.set.as_ref()?;
    let all = incident.set(name);
    let count = |is: &dyn Fn(&&&ActionState) -> bool| all.iter().filter(is).count();
    let open = count(&|a| matches!(a.life, Life::Planned | Life::Approved | Life::Started));
    let unread = count(&|a| a.life == Life::Succeeded && a.verified.is_none());
    if all.len() < 2 || open + unread > 0 {
        return None;
    }
    let held = count(&|a| a.verified.as_ref().is_some_and(|(holds, _)| *holds == Some(true)));
    let dry = count(&|a| a.verified.as_ref().is_some_and(|(_, facts)| nothing_to_verify(facts)));
    let parts = [
        (held, "verified"),
        (dry, "succeeded, nothing to verify"),
        (count(&|a| a.life == Life::Succeeded) - held - dry, "succeeded, not verified"),
        (count(&|a| a.life == Life::Failed), "FAILED"),
        (count(&|a| a.life == Life::Unknown), "of unknown outcome"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let parts = parts.collect::<Vec<_>>().join(", ");
    let key = if model.screen() == Screen::Findings { "t l" } else { "s l" };
    Some(format!("{}, {} actions: {parts}; {key} says what came of each", name.line(), all.len()))
}

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
/// faster. Says whether it has recorded that it is not known.
fn adopt(model: &mut Model, action: &Link, found: &Found, ctx: &Ctx, out: &mut Reaction) -> bool {
    let Some(from) = model.incident.left.remove(action) else { return false };
    let Some(session) = &mut model.session else { return false };
    if session.pending().actions.get(action).is_none_or(|a| a.life != Life::Started) {
        return false;
    }
    let told = session.pending().actions.get(action).is_some_and(|a| a.progress.is_some());
    let mut events: Vec<Event> = vec![ActionAdopted { action: action.clone(), from }.into()];
    let why: Option<Untrusted> = match found {
        Found::Running(id) => Some(format!("its console has ended; it still runs as {}", id.line()).into()),
        Found::CannotTell(why) | Found::DoesNotStand(why) => Some(why.clone()),
        Found::NotSent if told => Some("AWS knows of no such run, but it told its progress".into()),
        Found::Ended(_) | Found::NotSent => None,
    };
    let unknown = why.is_some();
    events.extend(why.map(|why| ActionUnknown { action: action.clone(), why }.into()));
    out.entries.extend(session.emit(events, ctx.now, &model.secrets));
    unknown
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
    if matches!(life, Some(Life::Started | Life::Unknown)) {
        let outcome = Outcome::Unknown { why: format!("looked up, and it can't be told: {why}").into() };
        model.act(Intent::End { action, outcome }, ctx, out);
    }
}

fn checked(model: &mut Model, action: Link, found: Found, ctx: &Ctx, out: &mut Reaction) {
    let found = settled(model, &action, found, ctx);
    let recorded = adopt(model, &action, &found, ctx, out);
    let watched = model.incident.watched.remove(&action).is_some();
    let session = model.session.as_ref();
    let state = session.and_then(|s| s.pending().actions.get(&action));
    let was_seen = state.is_some_and(|a| a.progress.is_some());
    match found {
        Found::Ended(outcome) => end(model, action, outcome, ctx, out),
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
            end(model, action, outcome, ctx, out);
        }
        Found::Running(id) => {
            model.incident.watched.insert(action, ctx.instant + AGAIN);
            if !watched {
                model.say(format!("it still runs as {}; quell looks again until it ends", id.line()));
            }
        }
        Found::CannotTell(why) | Found::DoesNotStand(why) => {
            if !recorded {
                untold(model, action, why.line().as_str(), ctx, out);
            }
            model.say(format!("can't be told: {}", why.line()));
        }
    }
}

/// Looks up again what still ran when it was looked up last, and says when the next look is due.
pub(super) fn watch(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(session) = &model.session else { return model.incident.watched.clear() };
    let actions = &session.pending().actions;
    model.incident.watched.retain(|link, _| actions.get(link).is_some_and(|a| a.life == Life::Unknown));
    for (link, due) in model.incident.watched.iter_mut().filter(|(_, due)| **due <= ctx.instant) {
        let Some(action) = actions.get(link) else { continue };
        let token = action.token.clone().unwrap_or_default();
        out.reads.push(Reads::Check { action: link.clone(), plan: Box::new(action.plan.clone()), token });
        // Should no answer come, it is asked again.
        *due = ctx.instant + AGAIN;
    }
    out.wake = model.incident.watched.values().copied().chain(out.wake).min();
}

/// How bytes that an action gave out came to be evidence.
pub fn output_of(action: &Link) -> String {
    format!("output of action {}/{}", action.0, action.1)
}

/// Keeps bytes as evidence of the open session.
pub(super) fn keep(
    model: &mut Model,
    (name, how): (Untrusted, String),
    step: Option<StepRef>,
    Blob { sha256, bytes, withheld: _ }: Blob,
    ctx: &Ctx,
    out: &mut Reaction,
) {
    let Some(session) = &mut model.session else { return };
    let size = bytes.len() as u64;
    let added = EvidenceAdded { blob: sha256, name, size, how: how.into(), step, run: None };
    out.entries.extend(session.emit(vec![added.into()], ctx.now, &model.secrets));
    out.blobs.push(bytes);
}
