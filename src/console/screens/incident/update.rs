//! What commands do in the incident.

use super::aim::{aimed, choose_aim};
use super::beside::ask_close;
use super::close::close;
use super::each::By;
use super::look::choose_look;
use super::matter::{ask_elsewhere, attach_marked, choose_evidence, copy, detach, entity, report, verdict};
use super::plan::plan_step;
use super::proof::{ask_evidence, lacks};
use super::role::choose_role;
use super::run::choose_run;
use super::set;
use super::sign::sign;
use super::state::{Pane, steps};
use super::undo::{check, undo};
use super::values::Values;
use crate::console::core::answer::MILESTONES;
use crate::console::core::command::Command;
use crate::console::core::effect::{Reaction, Reads};
use crate::console::core::model::{Ctx, Model};
use crate::console::core::prompt::{Choice, ChoicePurpose, Field, FieldPurpose, Kind};
use quell_core::incident::{Intent, Mark, StepRef};
use quell_core::runbook::{Step, StepKind};
use quell_core::text::{Id, Untrusted, id::Slug};

/// Carries out a command.
pub fn update(model: &mut Model, command: Command, ctx: &Ctx, out: &mut Reaction) {
    if refuses(model, command) {
        return model.say("the session is closed; :reopen it first");
    }
    if OF_STEPS.contains(&command)
        && let Some(why) = left_out(model)
    {
        return model.say(format!("not for this: {why}; once that changes, it comes back"));
    }
    match command {
        Command::NextPane => turn(model, 1),
        Command::PrevPane => turn(model, 3),
        Command::Down | Command::Up | Command::Top | Command::Bottom => travel(model, command, 1),
        Command::HalfDown => travel(model, Command::Down, (page(model) / 2).max(1)),
        Command::HalfUp => travel(model, Command::Up, (page(model) / 2).max(1)),
        Command::PageDown => travel(model, Command::Down, page(model)),
        Command::PageUp => travel(model, Command::Up, page(model)),
        Command::DoStep => do_step(model, ctx, out),
        Command::ToggleStep => toggle(model, ctx, out),
        Command::Skip => ask_about_step(model, ctx, "SKIP, because ...", FieldPurpose::Skip),
        Command::Note => note(model, ctx),
        Command::Undo => undo(model, ctx, out),
        Command::Stage => set::toggle(model, ctx, out),
        Command::Strike => set::strike(model, ctx, out),
        Command::UndoSet => set::undo(model, ctx, out),
        Command::Quiet => set::quiet(model, ctx, out),
        Command::Sets => crate::console::screens::text::sets(model),
        Command::Evidence => {
            let step = selected(model);
            let asked = step.as_ref().and_then(|step| lacks(model, step));
            ask_evidence(model, step, asked, ctx);
        }
        Command::Verdict => verdict(model, ctx),
        Command::Detach => detach(model, ctx),
        Command::Milestone => {
            choose(model, ctx, "MILESTONE: which?", ChoicePurpose::Milestone, MILESTONES.map(str::to_owned).to_vec());
        }
        Command::Close => close(model, ctx),
        Command::Entity => entity(model, ctx),
        Command::Reopen => ask(model, ctx, "REOPEN, because ...", FieldPurpose::Reopen, false),
        Command::Variable => super::values::ask(model, ctx),
        Command::LookUp => choose_look(model, ctx, out),
        Command::Runbook => crate::console::screens::runbooks::show(model, out),
        Command::CloseRunbook => ask_close(model, ctx),
        Command::RunCommand => choose_run(model, ctx, out),
        Command::Target => choose_aim(model, ctx),
        Command::Role => choose_role(model, ctx),
        Command::Drift => out.reads.push(Reads::Library { show: true }),
        Command::Ready => crate::console::screens::text::ready(model),
        Command::Attach => attach_marked(model, ctx, out),
        Command::ReadEvidence => choose_evidence(model, ctx),
        Command::Report => report(model, out),
        Command::HandOver => {
            ask(model, ctx, "HAND OVER: who takes over, and what they must know", FieldPurpose::HandOver, true);
        }
        Command::Sign => sign(model, out),
        Command::Move => ask_elsewhere(model, ctx),
        Command::CopyId | Command::CopyArn | Command::CopyCommand | Command::CopyLine => copy(model, command, ctx, out),
        _ => {}
    }
}

/// What is done to a step.
const OF_STEPS: [Command; 5] =
    [Command::DoStep, Command::ToggleStep, Command::Skip, Command::Stage, Command::RunCommand];

/// Why the selected step is not for this incident.
fn left_out(model: &Model) -> Option<String> {
    let session = model.session.as_ref()?;
    Values::of(model, session, session.pending()).left_out(&selected(model)?)
}

/// Whether the open incident is closed and does not take that command.
pub fn refuses(model: &Model, command: Command) -> bool {
    model.session.as_ref().is_some_and(|s| s.pending().closed.is_some()) && CHANGES.contains(&command)
}

/// What a closed session does not take.
const CHANGES: [Command; 23] = [
    Command::LookUp,
    Command::Quiet,
    Command::Role,
    Command::Stage,
    Command::Strike,
    Command::UndoSet,
    Command::HandOver,
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
    Command::CloseRunbook,
    Command::RunCommand,
    Command::Drift,
    Command::Variable,
    Command::Attach,
];

/// Another pane; the one that is left shows its beginning again, so that what matters most is never scrolled away.
fn turn(model: &mut Model, by: usize) {
    model.incident.pane = model.incident.pane.next(by);
    model.incident.scroll = [0; 3];
}

/// The lines of the focused pane.
fn page(model: &Model) -> usize {
    super::view::lines_of(model.size, model.incident.pane).max(1)
}

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

/// Goes to the first step that is to be done.
pub fn follow_first(model: &mut Model) {
    let session = model.session.as_ref();
    let mut state = std::mem::take(&mut model.incident);
    let passed = session.map(|session| session.pending().passed_over()).unwrap_or_default();
    state.follow_first(session.map(|session| Values::of(model, session, session.pending())), &passed);
    model.incident = state;
}

/// Goes on to the next step once the selected one is done on disk.
pub fn advance(model: &mut Model) {
    if !model.incident.follow {
        return;
    }
    let Some(incident) = model.saved() else { return };
    let all = steps(incident);
    let at = model.incident.step;
    let Some(step) = all.get(at) else { return };
    let Some((_, _, state)) = incident.step(step) else { return };
    if !matches!(state.mark, Mark::Done | Mark::Skipped) {
        return;
    }
    let last = all.len().saturating_sub(1);
    let values = model.session.as_ref().map(|session| Values::of(model, session, incident));
    let is_for = |step: &StepRef| values.is_none_or(|values| values.left_out(step).is_none());
    let next =
        all.iter().enumerate().skip(at + 1).find(|(_, step)| is_for(step)).map_or((at + 1).min(last), |(at, _)| at);
    let led = state.choice.as_ref().and_then(|choice| leads(model, step, choice)).and_then(|(to, words)| {
        let to = all.iter().position(|other| other.rb == step.rb && other.id == to)?;
        Some((to, words))
    });
    model.incident.follow = false;
    model.incident.step = led.as_ref().map_or(next, |(to, _)| *to);
    model.incident.scroll[0] = 0;
    if let Some((_, words)) = led.filter(|(to, _)| *to != next) {
        model.say(words);
    }
}

/// The step that a choice leads to.
pub fn leads_to(model: &Model, step: &StepRef, choice: &Untrusted) -> Option<Id<Slug>> {
    book_step(model, step)?.choices.iter().find(|one| one.words.line() == choice.line())?.to.clone()
}

/// The same, and how that is said. What lies between stays as it stands.
fn leads(model: &Model, step: &StepRef, choice: &Untrusted) -> Option<(Id<Slug>, String)> {
    let to = leads_to(model, step, choice)?;
    let book = model.session.as_ref()?.books.get(&step.rb)?;
    let to = book.steps.iter().find(|other| other.id == to)?;
    let words = format!("{}: it goes on with {} {}", choice.line(), to.number, to.title.line());
    Some((to.id.clone(), words))
}

/// The selected step as the pending fold has it.
pub(super) fn selected(model: &Model) -> Option<StepRef> {
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

/// What the action of a step was done to, where steps are aimed at something else than at the beginning.
fn done_on(model: &Model, step: &StepRef) -> Option<String> {
    aimed(model)?;
    let incident = model.session.as_ref()?.pending();
    let action = incident.actions.get(incident.step(step)?.2.action.as_ref()?)?;
    Some(action.plan.target.resource.line().into_string())
}

fn do_step(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(step) = selected(model) else { return model.say("there is no step here") };
    let Some((mark, kind, note)) = mark(model, &step) else { return };
    if super::each::is_repeated(model, &step) && !matches!(mark, Mark::Done | Mark::Skipped) {
        let by = if kind == StepKind::Action { By::Action } else { By::Hand };
        return super::each::choose_value(model, &step, by, ctx, out);
    }
    if let Some(action) = set::awaits(model, &step) {
        return set::second(model, action, ctx);
    }
    match (mark, kind) {
        (Mark::Running, _) => model.say("it runs; its end is recorded by itself"),
        (Mark::Unknown, _) => check(model, &step, out),
        (Mark::Done, StepKind::Action) => {
            let on = done_on(model, &step).map(|on| format!(" on {on}")).unwrap_or_default();
            model.say(format!("done already{on}; u undoes the action, Space reopens the step"));
        }
        (Mark::Done, _) => model.say("done already; Space reopens the step"),
        (_, StepKind::Action) if set::holds(model, &step) => model.say(set::HELD),
        (_, StepKind::Action) if set::is_queued(model, &step) => model.say(set::QUEUED),
        (_, StepKind::Action) => plan_step(model, &step, (None, false), ctx, out),
        (_, StepKind::Decision) => decide(model, step, ctx, out),
        _ => tick(model, step, note, ctx, out),
    }
}

pub(super) fn tick(model: &mut Model, step: StepRef, note: bool, ctx: &Ctx, out: &mut Reaction) {
    if let asked @ Some(_) = lacks(model, &step) {
        return ask_evidence(model, Some(step), asked, ctx);
    }
    if note {
        let title = "NOTE: this step asks for one";
        return ask(model, ctx, title, FieldPurpose::Tick(step), true);
    }
    if model.act(Intent::Tick { step, note: None }, ctx, out) {
        model.incident.follow();
    }
}

fn decide(model: &mut Model, step: StepRef, ctx: &Ctx, out: &mut Reaction) {
    if let asked @ Some(_) = lacks(model, &step) {
        return ask_evidence(model, Some(step), asked, ctx);
    }
    let choices: Vec<String> = book_step(model, &step)
        .map(|s| s.choices.iter().map(|c| c.words.line().into_string()).collect())
        .unwrap_or_default();
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
        Mark::Todo | Mark::Running | Mark::Failed if super::each::asks(model, &step) => {
            super::each::choose_value(model, &step, By::Toggle, ctx, out);
        }
        Mark::Todo if kind == StepKind::Decision => decide(model, step, ctx, out),
        Mark::Todo => {
            tick(model, step, note, ctx, out);
            if kind == StepKind::Action && model.prompt.is_none() {
                // A second press must not tick the next action too.
                model.incident.follow = false;
                model.say("ticked as done by hand: quell has sent nothing; Space opens it again");
            }
        }
        Mark::Running => model.say("it runs; its end is recorded by itself"),
        _ if super::each::by_value(model, &step) => super::each::choose_value(model, &step, By::Again, ctx, out),
        _ => untick(model, step, ctx, out),
    }
}

/// Opens a step again; where that was another's mark, or its action may have worked, it is asked why.
pub(super) fn untick(model: &mut Model, step: StepRef, ctx: &Ctx, out: &mut Reaction) {
    let unknown = mark(model, &step).is_some_and(|(mark, ..)| mark == Mark::Unknown);
    let title = match by_another(model, &step) {
        _ if unknown => "OPEN AGAIN: its action may have worked (Enter looks it up). Why?".to_owned(),
        Some(who) => format!("OPEN AGAIN what {who} has done. Why?"),
        None => {
            model.act(Intent::Untick { step, why: Untrusted::default() }, ctx, out);
            return;
        }
    };
    ask(model, ctx, &title, FieldPurpose::Untick(step), false);
}

/// Who marked a step last, where that was somebody else.
fn by_another(model: &Model, step: &StepRef) -> Option<String> {
    let session = model.session.as_ref()?;
    let stamp = session.saved().step(step)?.2.stamp.as_ref()?;
    (stamp.by != session.writer).then(|| session.saved().who_now(&stamp.by).line().into_string())
}

fn ask_about_step(model: &mut Model, ctx: &Ctx, title: &str, purpose: fn(StepRef) -> FieldPurpose) {
    match selected(model) {
        Some(step) => ask(model, ctx, title, purpose(step), false),
        None => model.say("there is no step here"),
    }
}

fn note(model: &mut Model, ctx: &Ctx) {
    let step = selected(model);
    ask(model, ctx, "NOTE", FieldPurpose::Note(step), true);
}

pub(super) fn ask(model: &mut Model, ctx: &Ctx, title: &str, purpose: FieldPurpose, lines: bool) {
    let field = Field::new(title, purpose, &Untrusted::default(), lines);
    model.ask(Kind::Field(Box::new(field)), ctx);
}

pub(super) fn choose(model: &mut Model, ctx: &Ctx, title: &str, purpose: ChoicePurpose, choices: Vec<String>) {
    if model.session.is_none() {
        return model.say("no session is open");
    }
    model.ask(Kind::Choice(Choice { title: title.to_owned(), about: Vec::new(), purpose, choices, selected: 0 }), ctx);
}
