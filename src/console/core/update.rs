//! The one place where state changes: one input at a time.

use super::command::Command;
use super::effect::{Desk, Reaction, Reads};
use super::input::Input;
use super::key::Key;
use super::keymap::Found;
use super::model::{Ctx, Model, Screen};
use super::prompt::{Choice, ChoicePurpose, Field, FieldPurpose, Kind};
use super::{answer, arrive};
use crate::console::screens;
use quell_core::incident::{Life, held_by, queued_by};
use quell_core::text::Untrusted;

/// Takes in one input.
pub fn update(model: &mut Model, input: Input, ctx: &Ctx) -> Reaction {
    let mut out = Reaction::default();
    match input {
        Input::Key(key) => take_key(model, key, ctx, &mut out),
        Input::Paste(text) => paste(model, &text, &mut out),
        Input::Command(command) => run(model, command, ctx, &mut out),
        Input::Resize(width, height) => {
            model.size = (width, height);
            if let Some(prompt) = &mut model.prompt {
                // What it shows has moved: what was being typed was meant for the old picture.
                prompt.opened = ctx.instant;
            }
            (out.dirty, out.redraw) = (true, true);
        }
        Input::Resumed => {
            if let Some(prompt) = &mut model.prompt {
                // It may have opened while the terminal was somebody else's.
                prompt.opened = ctx.instant;
            }
            (out.dirty, out.redraw) = (true, true);
        }
        Input::Wake => arrive::wake(model, ctx, &mut out),
        Input::Started => out.reads.push(Reads::ListSessions),
        Input::Begin { title } => {
            screens::findings::begin_without(model, title, ctx, &mut out);
            out.dirty = true;
        }
        other => arrive::arrive(model, other, ctx, &mut out),
    }
    screens::runbooks::refresh(model);
    if model.runbooks.late && model.prompt.is_none() {
        model.runbooks.late = false;
        out.reads.push(Reads::Library { show: false });
    }
    out
}

fn paste(model: &mut Model, text: &Untrusted, out: &mut Reaction) {
    if too_small(model) {
        return;
    }
    out.dirty = true;
    let taken = model.prompt.as_mut().is_some_and(|p| p.takes_paste() && p.paste(text));
    match taken {
        true => answer::edited(model),
        false => match &mut model.prompt {
            Some(prompt) => prompt.trouble = Some("a paste is never taken as approval".into()),
            None => model.say("a paste is taken only where text is asked for; nothing was done"),
        },
    }
}

/// Whether the window is too small to draw in.
fn too_small(model: &Model) -> bool {
    let (width, height) = screens::page::SMALLEST;
    model.size.0 < width || model.size.1 < height
}

fn take_key(model: &mut Model, key: Key, ctx: &Ctx, out: &mut Reaction) {
    if model.toast.take().is_some() | model.trouble.take().is_some() {
        out.dirty = true;
    }
    if key == Key::ctrl('l') {
        return run(model, Command::Redraw, ctx, out);
    }
    // Nothing is done that can't be seen; giving up is always possible.
    if too_small(model) && key != Key::ctrl('c') {
        return;
    }
    if let Some(prompt) = &mut model.prompt {
        let reply = prompt.key(key, ctx.instant);
        answer::take(model, reply, ctx, out);
        let answered = model.prompt.is_none() && !out.entries.is_empty();
        model.deaf = answered.then_some(ctx.instant + super::prompt::DEAD_TIME);
        return;
    }
    let deaf = model.deaf.take().filter(|until| ctx.instant < *until);
    if deaf.is_some() && [Key::parse("Enter"), Key::parse("Space")].contains(&Some(key)) {
        model.deaf = deaf;
        return;
    }
    model.chord.push(key);
    match model.keymap.find(model.place(), &model.chord) {
        Found::Run(command) => {
            out.dirty |= model.chord.len() > 1;
            model.chord.clear();
            run(model, command, ctx, out);
        }
        Found::Prefix => out.dirty = true,
        Found::Nothing => {
            let keys = super::keymap::spell(&model.chord);
            model.chord.clear();
            model.say(format!("{keys} does nothing here; ? shows the keys"));
            out.dirty = true;
        }
    }
}

/// Carries out a command, wherever it came from.
pub fn run(model: &mut Model, command: Command, ctx: &Ctx, out: &mut Reaction) {
    if command != Command::Cancel {
        model.leaving = false;
    }
    match command {
        Command::Help => screens::text::help(model),
        Command::Palette => {
            let field = Field::new("COMMANDS", FieldPurpose::Palette, &Untrusted::default(), false);
            model.ask(Kind::Field(Box::new(field)), ctx);
        }
        Command::Calls => screens::text::calls(model),
        Command::InForce => out.reads.push(Reads::InForce),
        Command::Redraw => out.redraw = true,
        Command::Suspend => suspend(model, out),
        Command::Arm => arm(model, out),
        Command::Disarm => disarm(model, out),
        Command::Quit => leave(model, ctx, out),
        Command::Back => back(model, ctx, out),
        Command::Cancel => cancel(model, ctx, out),
        Command::Dismiss if model.screen() == Screen::Text => back(model, ctx, out),
        // To review is to choose which first.
        Command::Review if !matches!(model.screen(), Screen::Sessions) => {
            out.reads.push(Reads::ListSessions);
            model.show(Screen::Sessions);
            model.say("choose a session; v reviews it record by record");
        }
        Command::Sessions => {
            out.reads.push(Reads::ListSessions);
            model.show(Screen::Sessions);
        }
        Command::Runbooks => screens::runbooks::show(model, out),
        other => on_screen(model, other, ctx, out),
    }
    out.dirty = true;
}

fn on_screen(model: &mut Model, command: Command, ctx: &Ctx, out: &mut Reaction) {
    let searched = model.screen() != Screen::Findings;
    match command {
        Command::Filter if searched => return screens::search::ask(model, ctx),
        Command::NextMatch if searched => return screens::search::next(model, true),
        Command::PrevMatch if searched => return screens::search::next(model, false),
        _ => {}
    }
    match model.screen() {
        Screen::Findings => screens::findings::update(model, command, ctx, out),
        Screen::Incident => screens::incident::update(model, command, ctx, out),
        Screen::Sessions => screens::sessions::update(model, command, ctx, out),
        Screen::Review => screens::review::update(model, command, ctx, out),
        Screen::Runbooks => screens::runbooks::update(model, command, ctx, out),
        Screen::Text => screens::text::update(model, command, ctx, out),
    }
}

fn arm(model: &mut Model, out: &mut Reaction) {
    use super::model::Mode;
    match (&model.account.mode, model.account.read_only) {
        (_, true) => model.say("quell was started with --read-only; nothing can be armed"),
        (Mode::Simulated, _) => model.say("the simulated account is armed already"),
        _ => {
            if model.account.lacks() {
                model.say("connecting to the account of your AWS configuration");
            }
            out.reads.push(Reads::Arm);
        }
    }
}

fn disarm(model: &mut Model, out: &mut Reaction) {
    use super::model::Mode;
    match (&model.account.mode, model.account.armed_until) {
        (Mode::Simulated, _) => model.say("the simulated account is always armed; --read-only starts it read only"),
        (_, None) => model.say("nothing is armed"),
        _ => out.reads.push(Reads::Disarm),
    }
}

fn suspend(model: &mut Model, out: &mut Reaction) {
    match running(model) {
        0 => out.suspend = true,
        n => model.say(format!("{n} action(s) run; suspending would stop following them. Wait, or leave with q")),
    }
}

/// Actions of this console that run now, or will at their turn.
pub fn running(model: &Model) -> usize {
    let Some(session) = &model.session else { return 0 };
    let (pending, writer) = (session.pending(), &session.writer);
    held_by(pending, writer).count() + queued_by(pending, writer).len()
}

fn back(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    if let (Screen::Text, Some(under)) = (model.screen(), model.text.under.take()) {
        model.text = *under;
        screens::text::refresh(model);
        return;
    }
    if model.screens.len() > 1 {
        model.screens.pop();
        return;
    }
    leave(model, ctx, out);
}

/// Ends the console, asking first when something runs.
fn leave(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    match running(model) {
        0 if screens::incident::is_pending(model) && !model.leaving_signed => {
            model.leaving_signed = true;
            model.say("the timeline is being signed; quell leaves when it is. q again leaves without");
        }
        0 => end(model, ctx, out),
        n => ask_leave(model, n, ctx),
    }
}

fn ask_leave(model: &mut Model, n: usize, ctx: &Ctx) {
    let actions = model.session.as_ref().map(|s| s.pending().actions.values());
    let mut runs = actions.into_iter().flatten().filter(|a| a.life == Life::Started);
    let title = match runs.any(|a| a.plan.kind.as_str() == "command") {
        true => format!("{n} action(s) still run: a program on this machine ends with quell, the others go on in AWS"),
        false => format!("{n} action(s) still run, and go on in AWS unseen"),
    };
    let choices = vec!["Stay".into(), "Leave; the next start looks up what can be looked up".into()];
    let choice = Choice { title, about: Vec::new(), purpose: ChoicePurpose::Leave, choices, selected: 0 };
    model.ask(Kind::Choice(choice), ctx);
}

/// Ends the console.
pub fn end(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    model.leave("quell was ended", ctx, out);
    out.end = true;
}

fn cancel(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    if !model.chord.is_empty() {
        model.chord.clear();
    } else if model.leaving {
        leave(model, ctx, out);
    } else {
        model.leaving = true;
        model.say("C-c again leaves quell; q goes back");
    }
}

/// Leaves the session for another, unless it is that one.
pub fn switch(model: &mut Model, to: Option<&str>, ctx: &Ctx, out: &mut Reaction) -> bool {
    match &model.session {
        Some(session) if to == Some(session.id.as_str()) => false,
        _ if running(model) > 0 => {
            model.say("an action of the open incident still runs; wait for its end");
            false
        }
        _ if model.incident.opening => {
            model.say("a session is being opened");
            false
        }
        _ => {
            model.leave("another session was opened", ctx, out);
            if let Some(session) = to {
                model.incident.opening = true;
                out.desk.push(Desk::Resume { session: session.to_owned() });
            }
            true
        }
    }
}
