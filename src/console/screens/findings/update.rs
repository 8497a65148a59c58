//! What commands and arrivals do to the list.

use super::triage::{self, Wish};
use crate::console::core::command::Command;
use crate::console::core::effect::{Desk, Reaction, Reads};
use crate::console::core::model::{Ctx, Model, Screen};
use crate::console::core::prompt::{Field, FieldPurpose, Kind};
use crate::console::core::update::switch;
use crate::problem::Problem;
use crate::source::SourceEvent;
use quell_core::finding::Finding;
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
        Command::Open => open(model, ctx, out),
        Command::TriageNotified => triage::begin(model, Wish::Workflow("NOTIFIED"), ctx, out),
        Command::TriageSuppressed => triage::begin(model, Wish::Workflow("SUPPRESSED"), ctx, out),
        Command::TriageResolved => triage::begin(model, Wish::Workflow("RESOLVED"), ctx, out),
        Command::TriageArchive => triage::begin(model, Wish::Archive, ctx, out),
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

/// A finding that the open session has leads there; any other begins a session.
fn open(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(finding) = model.findings.selected().cloned() else {
        return model.say("there is no finding here");
    };
    let here = model.saved().is_some_and(|i| i.findings.iter().any(|f| f.finding.id == finding.id));
    if here {
        return model.show(Screen::Incident);
    }
    if let Some(session) = model.sessions.with_finding(&finding.id) {
        if switch(model, Some(&session), ctx, out) {
            model.show(Screen::Incident);
        }
        return;
    }
    begin(model, vec![finding], ctx, out);
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
    model.incident.begin = findings;
    model.incident.title = Some(title.clone());
    let simulated = model.account.mode == crate::console::core::model::Mode::Simulated;
    model.incident.opening = true;
    out.desk.push(Desk::Create { title: title.into(), simulated });
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
        model.incident.title = Some(title.line().into_string());
        let simulated = model.account.mode == crate::console::core::model::Mode::Simulated;
        model.incident.opening = true;
        out.desk.push(Desk::Create { title, simulated });
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
    let ids = model.saved().map(|i| i.findings.iter().map(|f| f.finding.id.clone()).collect());
    model.findings.attached = ids.unwrap_or_default();
}

/// Takes in what a source delivered.
pub fn take(model: &mut Model, event: SourceEvent, ctx: &Ctx, out: &mut Reaction) {
    match event {
        SourceEvent::Findings { source, findings, complete } => {
            model.findings.take(findings, ctx.now);
            let at = model.wanted.as_ref().and_then(|id| model.findings.find(id));
            if let Some(at) = at {
                model.findings.selected = at;
                model.wanted = None;
                open(model, ctx, out);
            }
            if let (true, Some(id)) = (complete, &model.wanted) {
                let id = crate::problem::clean(id);
                model.say(format!("{source} has no finding {id}; the other sources may"));
            }
        }
        SourceEvent::Health { source, health } => {
            model.findings.health.insert(source.to_string(), health);
        }
        SourceEvent::Unreadable { source, problem } => {
            model.complain(Problem { what: format!("{source}: {}", problem.what), ..problem });
        }
    }
}
