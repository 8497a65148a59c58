//! What commands do in the incident.

use super::plan::{choose_book, plan_step};
use super::state::{Pane, steps};
use crate::console::core::answer::{ENTITIES, MILESTONES, RESOLUTIONS};
use crate::console::core::command::Command;
use crate::console::core::effect::{LoadFor, Reaction, Reads};
use crate::console::core::model::{Ctx, Model, Planning};
use crate::console::core::prompt::{Choice, ChoicePurpose, Field, FieldPurpose, Kind};
use quell_core::finding::Compact;
use quell_core::incident::{ActionState, Evidence, Intent, Life, Link, Mark, Outcome, StepRef};
use quell_core::runbook::{Step, StepKind};
use quell_core::text::Untrusted;

/// Carries out a command.
pub fn update(model: &mut Model, command: Command, ctx: &Ctx, out: &mut Reaction) {
    let closed = model.session.as_ref().is_some_and(|s| s.pending().closed.is_some());
    if closed && CHANGES.contains(&command) {
        return model.say("the session is closed; :reopen it first");
    }
    match command {
        Command::NextPane => model.incident.pane = model.incident.pane.next(1),
        Command::PrevPane => model.incident.pane = model.incident.pane.next(3),
        Command::Down | Command::Up | Command::Top | Command::Bottom => travel(model, command, 1),
        Command::HalfDown => travel(model, Command::Down, usize::from(model.size.1 / 4).max(1)),
        Command::HalfUp => travel(model, Command::Up, usize::from(model.size.1 / 4).max(1)),
        Command::PageDown => travel(model, Command::Down, usize::from(model.size.1 / 2).max(1)),
        Command::PageUp => travel(model, Command::Up, usize::from(model.size.1 / 2).max(1)),
        Command::DoStep => do_step(model, ctx, out),
        Command::ToggleStep => toggle(model, ctx, out),
        Command::Skip => ask_about_step(model, ctx, "SKIP, because ...", FieldPurpose::Skip),
        Command::Note => note(model, ctx),
        Command::Undo => undo(model, ctx, out),
        Command::Evidence => {
            let step = selected(model);
            ask(model, ctx, "EVIDENCE: path of a file", FieldPurpose::Evidence(step), false);
        }
        Command::Verdict => verdict(model, ctx),
        Command::Detach => detach(model, ctx),
        Command::Milestone => {
            choose(
                model,
                ctx,
                "MILESTONE, reached now",
                ChoicePurpose::Milestone,
                MILESTONES.map(str::to_owned).to_vec(),
            );
        }
        Command::Close => {
            let words = RESOLUTIONS.map(|r| r.word().to_owned()).to_vec();
            let title = close_title(model);
            choose(model, ctx, &title, ChoicePurpose::Resolution, words);
        }
        Command::Entity => {
            let words = ENTITIES.map(|e| e.word().to_owned()).to_vec();
            choose(model, ctx, "ENTITY: what is it?", ChoicePurpose::Entity, words);
        }
        Command::Reopen => ask(model, ctx, "REOPEN, because ...", FieldPurpose::Reopen, false),
        Command::Variable => ask(model, ctx, "VARIABLE: its name, as in var.NAME", FieldPurpose::NewVariable, false),
        Command::Runbook => choose_book(model, ctx),
        Command::Attach => attach_marked(model, ctx, out),
        Command::ReadEvidence => choose_evidence(model, ctx),
        Command::Report => report(model, out),
        Command::CopyId | Command::CopyArn | Command::CopyCommand | Command::CopyLine => copy(model, command, out),
        _ => {}
    }
}

/// What the question of closing says beside: what stays open.
fn close_title(model: &Model) -> String {
    let Some(incident) = model.session.as_ref().map(|s| s.pending()) else { return "CLOSE the session as".to_owned() };
    let unknown = incident.actions.values().filter(|a| a.life == Life::Unknown).count();
    let books = incident.runbooks.iter().filter(|b| !b.closed);
    let open = books.flat_map(|b| &b.steps).filter(|s| !matches!(s.mark, Mark::Done | Mark::Skipped)).count();
    let mut title = "CLOSE the session as".to_owned();
    if unknown > 0 {
        title = format!("{title} ({unknown} action(s) of unknown outcome stay so)");
    } else if open > 0 {
        title = format!("{title} ({open} step(s) are open)");
    }
    title
}

/// What a closed session does not take.
const CHANGES: [Command; 13] = [
    Command::Verdict,
    Command::Detach,
    Command::DoStep,
    Command::ToggleStep,
    Command::Skip,
    Command::Note,
    Command::Undo,
    Command::Evidence,
    Command::Milestone,
    Command::Entity,
    Command::Runbook,
    Command::Variable,
    Command::Attach,
];

fn travel(model: &mut Model, command: Command, by: usize) {
    let last = model.saved().map_or(0, |i| steps(i).len().saturating_sub(1));
    let state = &mut model.incident;
    state.follow = false;
    let pane = state.pane;
    if pane == Pane::Steps {
        state.step = moved(command, state.step, by, last);
        state.scroll[0] = 0;
        return;
    }
    // The timeline is read from its end: up goes back in time.
    let turned = match (pane, command) {
        (Pane::Timeline, Command::Down) => Command::Up,
        (Pane::Timeline, Command::Up) => Command::Down,
        (Pane::Timeline, Command::Top) => Command::Bottom,
        (Pane::Timeline, Command::Bottom) => Command::Top,
        (_, other) => other,
    };
    if let Some(scroll) = state.scroll_mut(pane) {
        *scroll = moved(turned, *scroll, by, 100_000);
    }
}

fn moved(command: Command, at: usize, by: usize, last: usize) -> usize {
    match command {
        Command::Down => at.saturating_add(by).min(last),
        Command::Up => at.saturating_sub(by),
        Command::Bottom => last,
        _ => 0,
    }
}

/// Goes on to the next step once the selected one is done on disk.
pub fn advance(model: &mut Model) {
    if !model.incident.follow {
        return;
    }
    let Some(incident) = model.saved() else { return };
    let all = steps(incident);
    let at = model.incident.step;
    let mark = all.get(at).and_then(|s| incident.step(s)).map(|(_, _, state)| state.mark);
    if matches!(mark, Some(Mark::Done | Mark::Skipped)) {
        model.incident.follow = false;
        model.incident.step = (at + 1).min(all.len().saturating_sub(1));
        model.incident.scroll[0] = 0;
    }
}

/// The selected step as the pending fold has it.
fn selected(model: &Model) -> Option<StepRef> {
    steps(model.session.as_ref()?.pending()).get(model.incident.step).cloned()
}

/// The runbook's own step behind a reference.
pub fn book_step<'a>(model: &'a Model, step: &StepRef) -> Option<&'a Step> {
    let book = model.session.as_ref()?.books.get(&step.rb)?;
    book.steps.get(step.row as usize).filter(|s| s.id == step.id)
}

fn mark(model: &Model, step: &StepRef) -> Option<(Mark, StepKind, bool)> {
    let (_, outline, state) = model.session.as_ref()?.pending().step(step)?;
    Some((state.mark, outline.kind, outline.note_required))
}

fn do_step(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(step) = selected(model) else { return model.say("there is no step here") };
    let Some((mark, kind, note)) = mark(model, &step) else { return };
    match (mark, kind) {
        (Mark::Running, _) => model.say("it runs; its end is recorded by itself"),
        (Mark::Unknown, _) => check(model, &step, out),
        (Mark::Done, StepKind::Action) => model.say("done already; u undoes the action, Space reopens the step"),
        (Mark::Done, _) => model.say("done already; Space reopens the step"),
        (_, StepKind::Action) => plan_step(model, &step, ctx, out),
        (_, StepKind::Decision) => decide(model, step, ctx, out),
        _ => tick(model, step, note, ctx, out),
    }
}

fn tick(model: &mut Model, step: StepRef, note: bool, ctx: &Ctx, out: &mut Reaction) {
    if note {
        let title = "NOTE: this step asks for one";
        return ask(model, ctx, title, FieldPurpose::Tick(step), true);
    }
    if model.act(Intent::Tick { step, note: None }, ctx, out) {
        model.incident.follow();
    }
}

fn decide(model: &mut Model, step: StepRef, ctx: &Ctx, out: &mut Reaction) {
    let choices: Vec<String> =
        book_step(model, &step).map(|s| s.choices.iter().map(|c| c.line().into_string()).collect()).unwrap_or_default();
    if choices.is_empty() {
        let note = mark(model, &step).is_some_and(|(_, _, note)| note);
        return tick(model, step, note, ctx, out);
    }
    let title = book_step(model, &step).map(|s| s.title.line().into_string()).unwrap_or_default();
    choose(model, ctx, &title, ChoicePurpose::Decide(step), choices);
}

fn toggle(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(step) = selected(model) else { return };
    let Some((mark, kind, note)) = mark(model, &step) else { return };
    let on_disk = model.saved().and_then(|i| i.step(&step).map(|(_, _, s)| s.mark));
    match mark {
        // A key that repeats must not take back what it has just done.
        mark if on_disk != Some(mark) => model.say("it is being saved"),
        Mark::Todo if kind == StepKind::Decision => decide(model, step, ctx, out),
        Mark::Todo => tick(model, step, note, ctx, out),
        Mark::Running => model.say("it runs; its end is recorded by itself"),
        Mark::Unknown => {
            let title = "OPEN AGAIN: its action may have worked (Enter looks it up). Why?";
            ask(model, ctx, title, FieldPurpose::Untick(step), false);
        }
        _ => {
            model.act(Intent::Untick { step, why: Untrusted::default() }, ctx, out);
        }
    }
}

fn ask_about_step(model: &mut Model, ctx: &Ctx, title: &str, purpose: fn(StepRef) -> FieldPurpose) {
    match selected(model) {
        Some(step) => ask(model, ctx, title, purpose(step), false),
        None => model.say("there is no step here"),
    }
}

fn note(model: &mut Model, ctx: &Ctx) {
    let step = selected(model);
    let draft = model.incident.draft.take().unwrap_or_default();
    let field = Field::new("NOTE", FieldPurpose::Note(step), &draft.into(), true);
    model.ask(Kind::Field(Box::new(field)), ctx);
}

fn ask(model: &mut Model, ctx: &Ctx, title: &str, purpose: FieldPurpose, lines: bool) {
    let field = Field::new(title, purpose, &Untrusted::default(), lines);
    model.ask(Kind::Field(Box::new(field)), ctx);
}

fn choose(model: &mut Model, ctx: &Ctx, title: &str, purpose: ChoicePurpose, choices: Vec<String>) {
    if model.session.is_none() {
        return model.say("no session is open");
    }
    model.ask(Kind::Choice(Choice { title: title.to_owned(), purpose, choices, selected: 0 }), ctx);
}

fn action_of(model: &Model, step: &StepRef) -> Option<ActionState> {
    let incident = model.session.as_ref()?.pending();
    let (_, _, state) = incident.step(step)?;
    incident.actions.get(state.action.as_ref()?).cloned()
}

/// The action to look up: an undo of unknown outcome goes before the action that it undoes.
fn check(model: &mut Model, step: &StepRef, out: &mut Reaction) {
    let Some(action) = action_of(model, step) else { return };
    look_up(model, action, out);
}

fn look_up(model: &mut Model, action: ActionState, out: &mut Reaction) {
    let token = action.token.clone().unwrap_or_default();
    model.say("looking up what happened");
    out.reads.push(Reads::Check { action: action.link, plan: Box::new(action.plan), token });
}

fn undo(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    match selected(model).and_then(|s| action_of(model, &s)) {
        Some(action) => undo_action(model, action, out),
        None => choose_undo(model, ctx),
    }
}

/// Where no step has the action (triage from the list, a step of another runbook) it is chosen, the newest first.
fn choose_undo(model: &mut Model, ctx: &Ctx) {
    let Some(incident) = model.session.as_ref().map(|s| s.pending()) else { return };
    let reversible = |a: &&ActionState| {
        let undone = a.undone_by.as_ref().and_then(|u| incident.actions.get(u));
        let stands = a.life == Life::Succeeded && a.plan.undo_of.is_none();
        (stands && undone.is_none_or(|u| u.life != Life::Succeeded)) || a.life == Life::Unknown
    };
    let mut found: Vec<&ActionState> = incident.actions.values().filter(reversible).collect();
    found.sort_by_key(|a| std::cmp::Reverse(a.started.as_ref().map(|s| s.at)));
    let line = |a: &&ActionState| {
        let at = a.started.as_ref().map(|s| s.at.strftime("%H:%M:%S").to_string()).unwrap_or_default();
        let verb = if a.life == Life::Unknown { "look up" } else { "undo" };
        format!("{at} {verb}: {} {}", a.plan.title.line(), a.plan.target.resource.line())
    };
    let choices: Vec<String> = found.iter().map(line).collect();
    let links = found.iter().map(|a| a.link.clone()).collect();
    if choices.is_empty() {
        return model.say("no action here succeeded that could be undone");
    }
    choose(model, ctx, "UNDO which action? Its plan comes next", ChoicePurpose::Undo(links), choices);
}

/// Plans the undo of an action, or looks up one whose outcome is unknown.
pub fn undo_link(model: &mut Model, link: &Link, out: &mut Reaction) {
    let action = model.session.as_ref().and_then(|s| s.pending().actions.get(link)).cloned();
    match action {
        Some(action) if action.life == Life::Unknown => look_up(model, action, out),
        Some(action) => undo_action(model, action, out),
        None => {}
    }
}

fn undo_action(model: &mut Model, action: ActionState, out: &mut Reaction) {
    let undoing = model.session.as_ref().and_then(|s| s.pending().actions.get(action.undone_by.as_ref()?)).cloned();
    match undoing.as_ref().map(|u| u.life) {
        Some(Life::Succeeded) => return model.say("undone already"),
        Some(Life::Approved | Life::Started) => return model.say("the undo runs"),
        Some(Life::Unknown) => return look_up(model, undoing.unwrap_or(action), out),
        _ => {}
    }
    if action.life != Life::Succeeded {
        return model.say(format!("the action is {}; only one that succeeded is undone", action.life.word()));
    }
    let outcome = Outcome::Succeeded {
        outcome: action.words.clone().unwrap_or_default(),
        request_ids: action.request_ids.clone(),
        undo: action.undo.clone(),
        facts: action.facts.clone(),
    };
    let link = action.link.clone();
    let reads = |generation| Reads::PlanUndo {
        generation,
        action: link.clone(),
        plan: Box::new(action.plan.clone()),
        outcome: Box::new(outcome),
    };
    model.plan(Planning::Undo(action.link.clone()), reads, out);
}

/// Attaches the findings that are marked in the list to the open incident.
pub fn attach_marked(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    if model.session.is_none() {
        return model.say("no incident is open; Enter opens one on the selected finding");
    }
    let marked = model.findings.marked_findings();
    if marked.is_empty() {
        return model.say("mark findings in the list with Space first");
    }
    let count = marked.len();
    for finding in marked {
        super::plan::attach(model, &finding, ctx, out);
    }
    model.findings.marked.clear();
    model.say(format!("attached {count} finding(s)"));
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

fn verdict(model: &mut Model, ctx: &Ctx) {
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

fn detach(model: &mut Model, ctx: &Ctx) {
    let (choices, ids) = findings(model);
    match ids.is_empty() {
        true => model.say("this incident has no finding"),
        false => choose(model, ctx, "DETACH which finding?", ChoicePurpose::Detach(ids), choices),
    }
}

/// Asks which evidence to read; the newest stands first.
fn choose_evidence(model: &mut Model, ctx: &Ctx) {
    let Some(incident) = model.saved() else { return };
    let line = |e: &Evidence| format!("{} {} ({} bytes)", e.stamp.at.strftime("%H:%M:%S"), e.name.line(), e.size);
    let choices: Vec<String> = incident.evidence.iter().rev().map(line).collect();
    let blobs = incident.evidence.iter().rev().map(|e| e.blob.clone()).collect();
    if choices.is_empty() {
        return model.say("this incident has no evidence yet; e attaches a file");
    }
    choose(model, ctx, "EVIDENCE to read", ChoicePurpose::Evidence(blobs), choices);
}

fn report(model: &mut Model, out: &mut Reaction) {
    if let Some(session) = &model.session {
        out.reads.push(Reads::Load { session: session.id.clone(), why: LoadFor::Report });
    }
}

fn copy(model: &mut Model, command: Command, out: &mut Reaction) {
    let Some(incident) = model.saved() else { return };
    let finding = incident.findings.first().map(|f| &f.finding);
    let mut open: Vec<String> = Vec::new();
    let text = match command {
        Command::CopyId => finding.and_then(|f| f.resource.id.clone()),
        Command::CopyArn => finding.map(|f| f.id.clone()),
        Command::CopyCommand => {
            selected(model).and_then(|s| book_step(model, &s)?.commands.first().cloned()).map(|c| {
                let (text, missing) = super::plan::filled(model, &c);
                open = missing;
                text
            })
        }
        _ => selected(model).and_then(|s| book_step(model, &s).map(|s| s.title.clone())),
    };
    match text {
        Some(text) => out.reads.push(Reads::Copy(text.clean(quell_core::text::Shape::Block).into_string())),
        None => model.say("there is nothing to copy here"),
    }
    if !open.is_empty() {
        model.say(format!("copied with {} still open", open.join(", ")));
    }
}
