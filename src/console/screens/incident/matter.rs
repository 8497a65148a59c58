//! What an incident is made of beside its steps: findings, verdicts, evidence, the report, and what is copied.

use super::aim::aimed;
use super::update::{ask, book_step, choose, selected};
use crate::console::core::answer::{ENTITIES, RESOLUTIONS};
use crate::console::core::command::Command;
use crate::console::core::effect::{Desk, LoadFor, Reaction, Reads};
use crate::console::core::model::{Ctx, Model};
use crate::console::core::prompt::{Choice, ChoicePurpose, FieldPurpose, Kind};
use crate::console::screens::approval::sent;
use quell_core::finding::Compact;
use quell_core::incident::{Evidence, Incident, Plan, mask};
use quell_core::text::{Shape, Untrusted};

/// Attaches the findings that are marked in the list to the open incident.
pub fn attach_marked(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    if model.session.is_none() {
        return model.say("no incident is open; Enter opens one on the selected finding");
    }
    let marked = model.findings.marked_findings();
    if marked.is_empty() {
        return model.say("mark findings in the list with Space first");
    }
    let mut count = 0;
    for finding in marked {
        if !super::plan::attach(model, &finding, ctx, out) {
            // The refusal is said; the marks stay for another try.
            return;
        }
        count += 1;
    }
    model.findings.marked.clear();
    let title = model.saved().map(|i| i.title.line().into_string()).unwrap_or_default();
    model.say(format!("attached {count} finding(s) to {title}"));
}

/// What the findings of the incident are called in a question, and their ids.
fn findings(model: &Model) -> (Vec<String>, Vec<Untrusted>) {
    let Some(incident) = model.saved() else { return Default::default() };
    let line = |f: &Compact| {
        let kind = f.kind.as_ref().or(f.title.as_ref()).unwrap_or(&f.id).line();
        format!("{kind} {}", f.resource.id.as_ref().map(|r| r.line().into_string()).unwrap_or_default())
    };
    let all = incident.findings.iter().map(|f| &f.finding);
    (all.clone().map(line).collect(), all.map(|f| f.id.clone()).collect())
}

pub(super) fn verdict(model: &mut Model, ctx: &Ctx) {
    let (choices, ids) = findings(model);
    match &ids[..] {
        [] => model.say("this incident has no finding"),
        [one] => choose_verdict(model, one.clone(), ctx),
        _ => choose(model, ctx, "VERDICT on which finding?", ChoicePurpose::VerdictOf(ids), choices),
    }
}

/// Asks what a finding is.
pub fn choose_verdict(model: &mut Model, finding: Untrusted, ctx: &Ctx) {
    let words = RESOLUTIONS.map(|r| r.word().to_owned()).to_vec();
    choose(model, ctx, "VERDICT on the finding", ChoicePurpose::Verdict(finding), words);
}

pub(super) fn detach(model: &mut Model, ctx: &Ctx) {
    let (choices, ids) = findings(model);
    match ids.is_empty() {
        true => model.say("this incident has no finding"),
        false => choose(model, ctx, "DETACH which finding?", ChoicePurpose::Detach(ids), choices),
    }
}

/// Asks which evidence of the open session to read.
pub(super) fn choose_evidence(model: &mut Model, ctx: &Ctx) {
    let Some(session) = &model.session else { return model.say("no session is open") };
    match evidence(session.saved(), &session.id) {
        Some(choice) => model.ask(Kind::Choice(choice), ctx),
        None => model.say("this incident has no evidence yet; e attaches a file"),
    }
}

/// The question which evidence of a session to read, the newest first; none where there is no evidence.
pub fn evidence(incident: &Incident, session: &str) -> Option<Choice> {
    let masked = |e: &Evidence| e.masked.as_ref().map(|why| format!(" {}", mask::instead(why))).unwrap_or_default();
    let line =
        |e: &Evidence| format!("{} {} ({} bytes){}", e.stamp.at.strftime("%H:%M:%S"), e.name.line(), e.size, masked(e));
    let choices: Vec<String> = incident.evidence.iter().rev().map(line).collect();
    let blobs = incident.evidence.iter().rev().map(|e| e.masked.is_none().then(|| e.blob.clone())).collect();
    let purpose = ChoicePurpose::Evidence(session.to_owned(), blobs);
    let title = "EVIDENCE to read".to_owned();
    (!choices.is_empty()).then_some(Choice { title, about: Vec::new(), purpose, choices, selected: 0 })
}

pub(super) fn report(model: &mut Model, out: &mut Reaction) {
    if let Some(session) = &model.session {
        out.reads.push(Reads::Load { session: session.id.clone(), why: LoadFor::Report });
    }
}

/// Asks what to note: a new entity by its kind, or how one stands that the incident has.
pub(super) fn entity(model: &mut Model, ctx: &Ctx) {
    let known = model.session.as_ref().map(|s| s.pending().entities.clone()).unwrap_or_default();
    let mut choices = ENTITIES.map(|kind| format!("a new {}", kind.word())).to_vec();
    choices.extend(known.iter().map(|e| format!("{} {}, {}", e.kind.word(), e.id.line(), e.state.word())));
    let found = model.session.as_ref().map(|session| session.pending().found()).unwrap_or_default();
    choices
        .extend(found.iter().map(|(kind, id)| format!("{} {}, looked up and not noted yet", kind.word(), id.line())));
    let found: Vec<_> = found.into_iter().map(|(kind, id)| (kind, id.clone())).collect();
    let known = known.into_iter().map(|e| (e.kind, e.id)).chain(found).collect();
    choose(model, ctx, "ENTITY: note a new one, or how one stands", ChoicePurpose::Entity(known), choices);
}

/// Copies the step's command; of several the one that is chosen. Where its action could not be recorded, it is what that
/// would have sent.
fn choose_command(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let step = selected(model);
    if step.is_some() && model.incident.blocked.as_deref().is_some_and(|plan| plan.step == step) {
        return copy_plan(model, out);
    }
    let commands = step.and_then(|s| Some(book_step(model, &s)?.commands.clone())).unwrap_or_default();
    match &commands[..] {
        [] => copy_plan(model, out),
        [one] => copy_command(model, one, out),
        _ => {
            let lines = commands.iter().map(|c| super::plan::filled(model, c).0.line().into_string()).collect();
            choose(model, ctx, "COPY which command?", ChoicePurpose::Copy(commands), lines);
        }
    }
}

/// Asks for another folder; while a session is being made in the first one it is too early.
pub fn ask_elsewhere(model: &mut Model, ctx: &Ctx) {
    if model.incident.opening {
        return model.say("a session is being opened");
    }
    ask(model, ctx, "MOVE: another folder for sessions, on a disk that works", FieldPurpose::Move, false);
}

/// Goes on in another folder, with all that is on disk or in memory; without a session the next one begins there.
pub fn go_elsewhere(model: &mut Model, to: Untrusted, out: &mut Reaction) {
    model.prompt = None;
    let Some(session) = &model.session else {
        model.say("looking at the other folder");
        return out.desk.push(Desk::Choose { to });
    };
    let (session, entries) = (session.id.clone(), session.timeline().written());
    model.say("writing the session into the other folder");
    out.desk.push(Desk::Move { session, to, entries });
}

/// Copies what the action of the selected step sends, as lines for a shell: of the plan that could not be recorded, else
/// of the last one.
fn copy_plan(model: &mut Model, out: &mut Reaction) {
    let step = selected(model);
    let blocked = model.incident.blocked.as_deref().filter(|plan| plan.step == step);
    let whole = |plan: &Plan| plan.requests.clone();
    let planned = || {
        let mut last = model.saved()?.actions.iter().rev();
        let (action, found) = last.find(|(_, action)| action.plan.step == step)?;
        Some((sent(model, &found.plan, action), &found.plan.target))
    };
    let Some((requests, target)) = blocked.map(|plan| (whole(plan), &plan.target)).or_else(planned) else {
        return model.say("there is nothing to copy here: a step's command, or the action that was planned for it");
    };
    let lines: Vec<String> = requests.iter().filter_map(|request| request.command_line(&target.region).ok()).collect();
    out.reads.push(Reads::Copy(lines.join("\n")));
}

/// Copies a command with its templates filled; says what stays open.
pub fn copy_command(model: &mut Model, command: &Untrusted, out: &mut Reaction) {
    let (text, open) = super::plan::filled(model, command);
    out.reads.push(Reads::Copy(text.clean(Shape::Block).into_string()));
    if !open.is_empty() {
        model.incident.copied = Some(format!("still open in it: {}; v gives a value", open.join(", ")));
    }
}

pub(super) fn copy(model: &mut Model, command: Command, ctx: &Ctx, out: &mut Reaction) {
    if command == Command::CopyCommand {
        return choose_command(model, ctx, out);
    }
    let Some(incident) = model.saved() else { return };
    let first = || incident.findings.first().map(|f| &f.finding);
    let finding = aimed(model).map(|aim| &aim.finding).or_else(first);
    let text = match command {
        Command::CopyId => finding.and_then(|f| f.resource.id.clone()),
        Command::CopyArn => finding.map(|f| f.id.clone()),
        _ => selected(model).and_then(|s| book_step(model, &s).map(|s| s.title.clone())),
    };
    match text {
        Some(text) => out.reads.push(Reads::Copy(text.clean(Shape::Block).into_string())),
        None => model.say("there is nothing to copy here"),
    }
}
