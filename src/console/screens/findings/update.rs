//! What commands and arrivals do to the list.

use super::blocked;
use super::triage::{self, Wish};
use crate::console::core::command::Command;
use crate::console::core::effect::{Desk, Reaction, Reads};
use crate::console::core::model::{Ctx, Model, Planning, Screen};
use crate::console::core::prompt::{Choice, ChoicePurpose, Field, FieldPurpose, Kind};
use crate::console::core::update::switch;
use crate::console::screens::incident;
use crate::console::screens::sessions::is_triage;
use crate::problem::Problem;
use crate::source::{Health, SourceEvent};
use quell_core::finding::Finding;
use quell_core::incident::{Attached, Incident, Intent};
use quell_core::runbook::Runbook;
use quell_core::text::{Shape, Untrusted};
use std::sync::Arc;

/// Carries out a command.
pub fn update(model: &mut Model, command: Command, ctx: &Ctx, out: &mut Reaction) {
    let last = model.findings.count().saturating_sub(1);
    let page = usize::from(model.size.1.saturating_sub(6)).max(1);
    let state = &mut model.findings;
    state.settled |= state.count() > 0;
    match command {
        Command::Down => state.selected = (state.selected + 1).min(last),
        Command::Up => state.selected = state.selected.saturating_sub(1),
        Command::Top => state.selected = 0,
        Command::Bottom => state.selected = last,
        Command::HalfDown => state.selected = (state.selected + page / 2).min(last),
        Command::HalfUp => state.selected = state.selected.saturating_sub(page / 2),
        Command::PageDown => state.selected = (state.selected + page).min(last),
        Command::PageUp => state.selected = state.selected.saturating_sub(page),
        Command::Mark => mark(model),
        Command::TakeNew => state.show(ctx.now),
        Command::Filter => {
            let before = state.filter.clone();
            let text = Untrusted::from(before.as_str());
            let field = Field::new("FILTER", FieldPurpose::Filter { before }, &text, false);
            model.ask(Kind::Field(Box::new(field)), ctx);
        }
        Command::Dismiss if !state.filter.is_empty() => state.set_filter("", ctx.now),
        Command::Dismiss => state.marked.clear(),
        Command::Attach => incident::attach_marked(model, ctx, out),
        Command::Undo => incident::choose_undo(model, ctx),
        Command::Open => open(model, ctx, out),
        Command::TriageNotified => triage::begin(model, Wish::Workflow("NOTIFIED"), ctx, out),
        Command::TriageSuppressed => triage::begin(model, Wish::Workflow("SUPPRESSED"), ctx, out),
        Command::TriageResolved => triage::begin(model, Wish::Workflow("RESOLVED"), ctx, out),
        Command::TriageArchive => triage::begin(model, Wish::Archive, ctx, out),
        Command::TriageSeverity => triage::ask_severity(model, ctx),
        Command::TriageField => triage::ask_field(model, ctx),
        Command::TriageFeedback => triage::ask_feedback(model, ctx),
        Command::Sets => crate::console::screens::text::sets(model),
        Command::CopyCommand => blocked::copy(model, out),
        Command::Move => incident::ask_elsewhere(model, ctx),
        Command::CopyId | Command::CopyArn | Command::CopyLine => copy(model, command, out),
        _ => {}
    }
}

fn mark(model: &mut Model) {
    let state = &mut model.findings;
    let Some(id) = state.selected().map(|f| f.id.clone()) else { return };
    if !state.marked.remove(&id) {
        state.marked.insert(id);
    }
    state.selected = (state.selected + 1).min(state.count().saturating_sub(1));
}

/// Opens the finding under the cursor; asks where others are marked and this one is not.
fn open(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(finding) = model.findings.selected().cloned() else {
        return model.say("there is no finding here");
    };
    let marked = model.findings.marked_findings();
    if !marked.is_empty() && !model.findings.marked.contains(&finding.id) {
        let choices = vec![
            format!("the {} marked, as one incident", marked.len()),
            format!("the one under the cursor alone: {}", title(&finding)),
        ];
        let purpose = ChoicePurpose::OpenOf(finding.id.clone());
        let choice = Choice { title: "OPEN which?".into(), about: Vec::new(), purpose, choices, selected: 0 };
        return model.ask(Kind::Choice(choice), ctx);
    }
    open_one(model, finding, ctx, out);
}

/// Opens what was chosen: the marked findings, or the one of this id.
pub fn open_of(model: &mut Model, alone: Option<&Untrusted>, ctx: &Ctx, out: &mut Reaction) {
    let finding = match alone {
        Some(id) => model.findings.shown().find(|finding| finding.id == *id).cloned(),
        None => model.findings.marked_findings().into_iter().next(),
    };
    match finding {
        Some(finding) => open_one(model, finding, ctx, out),
        None => model.say("it is not in the list any more"),
    }
}

/// A finding that an open session has leads there; any other begins a session.
fn open_one(model: &mut Model, finding: Arc<Finding>, ctx: &Ctx, out: &mut Reaction) {
    if model.triage.is_some() || matches!(model.planning, Some(Planning::Triage(_) | Planning::Stage(None))) {
        return model.say("a triage is being planned; Enter opens the finding when it is through");
    }
    let holds = |i: &Incident| !is_triage(&i.title) && i.findings.iter().any(|f| f.finding.id == finding.id);
    let here = model.saved().is_some_and(|i| i.closed.is_none() && holds(i));
    if here {
        return model.show(Screen::Incident);
    }
    if let Some(session) = model.sessions.with_finding(&finding.id) {
        if switch(model, Some(&session), ctx, out) {
            model.show(Screen::Incident);
        }
        return;
    }
    let earlier = model.sessions.closed_with(&finding.id);
    begin(model, vec![finding], ctx, out);
    if let Some(at) = earlier {
        model.say(format!("a new session; the one of {} is closed: S lists it", at.strftime("%Y-%m-%d %H:%MZ")));
    }
}

/// Opens the selected finding with a runbook that was chosen: it begins its session, or stands beside what its session
/// has open.
pub fn open_with(model: &mut Model, book: Arc<Runbook>, ctx: &Ctx, out: &mut Reaction) {
    if model.incident.opening {
        return model.say("a session is being opened");
    }
    let Some(finding) = model.findings.selected().cloned() else { return model.say("there is no finding here") };
    model.incident.chosen = Some(book);
    open_one(model, finding, ctx, out);
    if model.incident.opening {
        return;
    }
    // It is the incident that is open already, or it was refused.
    let Some(book) = model.incident.chosen.take().filter(|_| model.screen() == Screen::Incident) else { return };
    model.screens.truncate(1);
    model.show(Screen::Incident);
    incident::open_beside(model, &book, ctx, out);
}

/// Begins an incident on findings; the marked ones come along when the selected one is marked too.
pub fn begin(model: &mut Model, findings: Vec<Arc<Finding>>, ctx: &Ctx, out: &mut Reaction) {
    if !switch(model, None, ctx, out) {
        return;
    }
    let mut findings = findings;
    if findings.first().is_some_and(|f| model.findings.marked.contains(&f.id)) {
        let first = findings.first().map(|f| f.id.clone());
        findings.extend(model.findings.marked_findings().into_iter().filter(|f| Some(&f.id) != first.as_ref()));
        model.findings.marked.clear();
    }
    let title = findings.first().map_or_else(|| "Incident".to_owned(), |f| title(f));
    let (title, _) = model.secrets.withhold_text(&title);
    let finding = findings.first().map(|f| f.id.clone());
    model.incident.begin = findings;
    model.incident.title = Some(title.as_str().into());
    let simulated = model.account.mode == crate::console::core::model::Mode::Simulated;
    model.incident.opening = true;
    out.desk.push(Desk::Create { title: title.into(), simulated, finding });
    model.show(Screen::Incident);
}

/// What an incident is called at first: the type and the resource.
fn title(finding: &Finding) -> String {
    let kind = finding.kind.as_ref().or(finding.title.as_ref()).unwrap_or(&finding.id).line();
    match finding.resource.id.as_ref().or(finding.resource.name.as_ref()) {
        Some(resource) => format!("{kind} {}", resource.line()),
        None => kind.into_string(),
    }
}

/// Begins an incident that no finding started.
pub fn begin_without(model: &mut Model, title: Untrusted, ctx: &Ctx, out: &mut Reaction) {
    if switch(model, None, ctx, out) {
        model.incident.begin = Vec::new();
        model.incident.title = Some(title.clone());
        let simulated = model.account.mode == crate::console::core::model::Mode::Simulated;
        model.incident.opening = true;
        out.desk.push(Desk::Create { title, simulated, finding: None });
        model.show(Screen::Incident);
    }
}

fn copy(model: &mut Model, command: Command, out: &mut Reaction) {
    let Some(finding) = model.findings.selected() else { return };
    let text = match command {
        Command::CopyId => finding.resource.id.clone().unwrap_or_default(),
        Command::CopyArn => finding.id.clone(),
        _ => title(finding).into(),
    };
    out.reads.push(Reads::Copy(text.clean(Shape::Line).into_string()));
}

/// Filters the list while it is typed.
pub fn set_filter(model: &mut Model, text: &str) {
    let now = model.clock;
    model.findings.set_filter(text, now);
}

/// The list shows which findings the open incident has.
pub fn mark_attached(model: &mut Model) {
    let open = model.saved().filter(|incident| incident.closed.is_none() && !is_triage(&incident.title));
    let here = open.into_iter().flat_map(|incident| incident.findings.iter().map(|f| f.finding.id.clone()));
    model.findings.attached = here.chain(model.sessions.open_findings()).collect();
}

/// All sources have been asked: from now on the list keeps still, and what was looked for is there or is not.
fn all_read(model: &mut Model) {
    model.findings.settled |= model.findings.count() > 0;
    let missing = model.wanted.as_ref().is_some_and(|id| model.findings.find(id).is_none());
    if let Some(id) = model.wanted.take_if(|_| missing) {
        let problem = Problem::input(format!("no source has a finding {}", crate::problem::clean(&id)))
            .meaning("it is archived, of another account or region, or its id is misspelt")
            .next("look for it in the list with /, or ask another --region or --profile");
        model.lacking = true;
        model.complain(problem);
    }
}

/// A connection that does not stand is shown for as long as it does not, like a source that fails.
pub fn connected(model: &mut Model, problem: Option<&Problem>, ctx: &Ctx) {
    const NAME: &str = "connection";
    match problem {
        Some(problem) => {
            let health =
                Health::Failing { since: ctx.now, as_of: None, problem: Box::new(problem.clone()), next_try: ctx.now };
            model.findings.health.insert(NAME.to_owned(), health);
        }
        None => {
            model.findings.health.remove(NAME);
        }
    }
}

/// What the sources say of findings of the open incident that is not on record yet goes there. While a source is
/// being read the first time the list is not what it will be, and what differs may be no change at all.
pub fn changed(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(session) = model.session.as_ref().filter(|s| s.pending().closed.is_none()) else { return };
    if model.findings.loading() {
        return;
    }
    let known = |a: &Attached| Some((a.finding.id.clone(), a.changes(model.findings.known(&a.finding.id)?)));
    let all: Vec<_> = session.pending().findings.iter().filter_map(known).collect();
    for (finding, changes) in all.into_iter().filter(|(_, changes)| !changes.is_empty()) {
        model.act(Intent::Change { finding, changes }, ctx, out);
    }
}

/// Opens what was asked for at the start, once it is there and the sessions are known: one of them may have it.
pub fn open_wanted(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let at = model.wanted.as_ref().filter(|_| model.sessions.listed).and_then(|id| model.findings.find(id));
    if let Some(at) = at {
        model.findings.selected = at;
        model.wanted = None;
        open(model, ctx, out);
    }
}

/// Takes in what a source delivered.
pub fn take(model: &mut Model, event: SourceEvent, ctx: &Ctx, out: &mut Reaction) {
    match event {
        SourceEvent::Findings { findings, .. } => {
            model.findings.take(findings, ctx.now);
            changed(model, ctx, out);
            open_wanted(model, ctx, out);
        }
        SourceEvent::Health { source, health } => {
            model.findings.health.insert(source.to_string(), health);
            changed(model, ctx, out);
            if model.findings.all_read() {
                all_read(model);
            }
        }
        SourceEvent::Unreadable { source, problem } => {
            model.complain(Problem { what: format!("{source}: {}", problem.what), ..problem });
        }
    }
}
