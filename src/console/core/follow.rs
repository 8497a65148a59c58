//! What comes of actions: progress, output, an end, what was read back.

use super::effect::{Reaction, Reads};
use super::input::{Blob, Input};
use super::lookup;
use super::model::{Ctx, Model, Screen};
use quell_core::incident::{
    ActionState, Entry, Event, EvidenceAdded, Fact, Intent, Life, Link, NOTHING, Outcome, StepRef, nothing_to_verify,
};
use quell_core::text::Untrusted;

/// Takes in what an action, or a look at what came of it, has told.
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
        Input::Checked { action, found } => lookup::checked(model, action, found, ctx, out),
        Input::Verified { action, verified } => {
            model.act(Intent::Verified { action, verified }, ctx, out);
        }
        _ => {}
    }
}

/// Records the end of an action.
pub(super) fn end(model: &mut Model, action: Link, outcome: Outcome, ctx: &Ctx, out: &mut Reaction) {
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
            let key = if in_incident(model) { "u" } else { "t u" };
            model.say(format!("failed half-way, {key} undoes what was done: {}", message.line()));
        }
        (Outcome::Unknown { why }, _) => {
            let how = looks_up(model, in_incident(model), [&action]);
            model.say(format!("unknown outcome: {}; {how}", why.line()));
        }
        _ => {}
    }
}

/// Whether the incident is on screen, or what is on screen came from it; else it came from the list.
fn in_incident(model: &Model) -> bool {
    model.screens.contains(&Screen::Incident)
}

/// By which key it is looked up what became of these actions: that of their step, or of the actions that no step holds.
pub(super) fn looks_up<'a>(
    model: &Model,
    in_incident: bool,
    unknown: impl IntoIterator<Item = &'a Link>,
) -> &'static str {
    let actions = model.session.as_ref().map(|session| &session.pending().actions);
    let has_step = |link: &Link| actions.and_then(|all| all.get(link)).is_none_or(|action| action.plan.step.is_some());
    match (in_incident, unknown.into_iter().any(has_step)) {
        (false, false) => "t u looks up what happened",
        (true, false) => "u looks up what happened",
        (_, true) => "Enter on [?] looks up what happened",
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
    let open = count(&|a| matches!(a.life, Life::Planned | Life::Approved | Life::Queued | Life::Started));
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
