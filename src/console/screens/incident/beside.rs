//! The runbooks of an incident beside the one that fits: opening a further one, and closing one that is not wanted.

use super::plan::open;
use super::state::first_of;
use super::update::{follow_first, refuses, selected};
use crate::console::core::command::Command;
use crate::console::core::effect::Reaction;
use crate::console::core::model::{Ctx, Model, Screen};
use crate::console::core::prompt::{Choice, ChoicePurpose, Field, FieldPurpose, Kind};
use quell_core::incident::{Link, Mark, OpenBook};
use quell_core::runbook::Runbook;
use quell_core::text::Untrusted;

/// Opens a runbook beside those of the incident, and goes to its first step; one that is open with the same text is gone
/// to.
pub fn open_beside(model: &mut Model, book: &Runbook, ctx: &Ctx, out: &mut Reaction) {
    if refuses(model, Command::Runbook) {
        return model.say("the session is closed; :reopen it first");
    }
    let Some(session) = &model.session else { return };
    let mut open_books = session.pending().runbooks.iter().filter(|own| !own.closed);
    if let Some(here) = open_books.find(|own| own.sha256 == book.sha256) {
        model.incident.step = first_of(session.pending(), &here.link);
        return model.say("this runbook is open here already");
    }
    if let Some(here) = open(model, book, ctx, out) {
        super::ready::look(model, out);
        model.incident.step = model.session.as_ref().map_or(0, |session| first_of(session.pending(), &here));
    }
}

/// Asks whether the runbook that was chosen among all is to be opened in the incident; what is open there, or can't be
/// opened, needs no question.
pub fn ask_beside(model: &mut Model, book: &Runbook, ctx: &Ctx, out: &mut Reaction) {
    let open: Vec<&OpenBook> = open_books(model).collect();
    if refuses(model, Command::Runbook) || open.iter().any(|own| own.sha256 == book.sha256) {
        back(model);
        return open_beside(model, book, ctx, out);
    }
    let title = format!("OPEN {} in the incident?", book.id);
    let line = |own: &&OpenBook| format!("open there: {}  {}", own.id, own.title.line());
    let about = open.iter().map(line).collect();
    let choices = vec!["No: stay among the runbooks".to_owned(), "Yes: open it beside them".to_owned()];
    let purpose = ChoicePurpose::Beside(book.sha256.clone());
    model.ask(Kind::Choice(Choice { title, about, purpose, choices, selected: 0 }), ctx);
}

/// Opens the runbook of that hash, as was asked.
pub fn open_asked(model: &mut Model, sha256: &str, ctx: &Ctx, out: &mut Reaction) {
    let Some(book) = model.library.iter().find(|book| book.sha256 == sha256).cloned() else {
        return model.say("its text has changed meanwhile: look at it again, then open it");
    };
    back(model);
    open_beside(model, &book, ctx, out);
}

fn back(model: &mut Model) {
    model.screens.truncate(1);
    model.show(Screen::Incident);
}

fn open_books(model: &Model) -> impl Iterator<Item = &OpenBook> {
    let books = model.session.as_ref().map(|session| session.pending().runbooks.iter());
    books.into_iter().flatten().filter(|book| !book.closed)
}

/// Asks why the runbook of the selected step is closed. Nothing of it is taken back: what was done in it stays in the
/// timeline and in the report.
pub(super) fn ask_close(model: &mut Model, ctx: &Ctx) {
    let of_step = selected(model).map(|step| step.rb);
    let Some(book) = open_books(model).find(|book| of_step.as_ref().is_none_or(|rb| *rb == book.link)) else {
        return model.say("no runbook is open here; :runbook opens one");
    };
    let rb = book.link.clone();
    if staged(model, &rb) {
        return model.say("an action of it is staged: s a on its step takes it out, then close the runbook");
    }
    let tried = book.steps.iter().filter(|step| step.mark != Mark::Todo).count();
    let hint = match tried {
        0 => "none of its steps was done or tried; that it was open stays in the timeline".to_owned(),
        n => format!("{n} step(s) done or tried in it stay in the timeline and in the report"),
    };
    let title = format!("CLOSE the runbook {}, because ...", book.id);
    let field = Field::new(title, FieldPurpose::CloseBook(rb), &Untrusted::default(), false).hinting(hint);
    model.ask(Kind::Field(Box::new(field)), ctx);
}

fn staged(model: &Model, rb: &Link) -> bool {
    let all = model.session.as_ref().map(|session| session.pending().staged()).unwrap_or_default();
    all.iter().any(|action| action.plan.step.as_ref().is_some_and(|step| step.rb == *rb))
}

/// A runbook was closed: the cursor goes to what is to be done in those that are left.
pub fn book_closed(model: &mut Model, out: &mut Reaction) {
    super::ready::look(model, out);
    follow_first(model);
    model.say("the runbook is closed; what was done in it stays in the timeline");
}
