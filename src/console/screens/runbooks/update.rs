//! What commands do among the runbooks, and what the files say when they are read anew.

use super::preview::{of_book, of_problem};
use super::state::{Pane, Row, State, rows, words_of};
use super::view::{BEFORE, list_rows, text_room};
use crate::console::core::command::Command;
use crate::console::core::effect::{Desk, Reaction, Reads};
use crate::console::core::model::{Ctx, Model, Screen};
use crate::console::screens::{findings, incident, text};
use crate::problem::{Problem, clean};
use quell_core::runbook::coverage::by_runbook;
use quell_core::runbook::matching::best;
use quell_core::runbook::{Origin, Runbook};
use quell_core::text::{Untrusted, width as cells};
use std::sync::Arc;

/// Shows the runbooks, the cursor on the one that fits what is worked on; they, and what is trusted, are read anew.
pub fn show(model: &mut Model, out: &mut Reaction) {
    reload(out);
    let library = model.library.clone();
    let rows = rows(&library, &model.runbooks.problems);
    let fits = fitting(model, &library).and_then(|fits| {
        let is =
            |row: &Row| matches!(row, Row::Book(at) if library.get(*at).is_some_and(|book| std::ptr::eq(book, fits)));
        rows.iter().position(is)
    });
    if let Some((at, row)) = fits.and_then(|at| Some((at, *rows.get(at)?))) {
        model.runbooks.selected = at;
        model.runbooks.named = model.runbooks.name(&library, row);
        (model.runbooks.scroll, model.runbooks.laid_out) = (0, None);
    }
    model.show(Screen::Runbooks);
}

/// The runbook that fits what the incident is aimed at, else its first finding; among findings the selected one.
fn fitting<'a>(model: &Model, library: &'a [Runbook]) -> Option<&'a Runbook> {
    let word = |text: &Option<Untrusted>| text.as_ref().map(|text| text.line().into_string());
    let (kind, resource) = match model.saved().filter(|_| model.screens.contains(&Screen::Incident)) {
        Some(incident) => {
            let aimed = incident::aimed(model).map(|aim| &aim.finding);
            let finding = aimed.or_else(|| incident.findings.first().map(|first| &first.finding))?;
            (word(&finding.kind), word(&finding.resource.kind))
        }
        None => {
            let finding = model.findings.selected()?;
            (word(&finding.kind), word(&finding.resource.kind))
        }
    };
    best(library, kind.as_deref(), resource.as_deref()).map(|(book, _)| book)
}

fn reload(out: &mut Reaction) {
    out.reads.push(Reads::Trust);
    out.reads.push(Reads::Library { show: false });
}

/// Carries out a command.
pub fn update(model: &mut Model, command: Command, ctx: &Ctx, out: &mut Reaction) {
    match command {
        Command::NextPane | Command::PrevPane => {
            model.runbooks.pane = match model.runbooks.pane {
                Pane::List => Pane::Text,
                Pane::Text => Pane::List,
            };
        }
        Command::Open => open(model, ctx, out),
        Command::Edit => edit(model, out),
        Command::Reload => {
            reload(out);
            model.say("the runbooks are read anew");
        }
        Command::CopyId => {
            if let Some(book) = selected(model) {
                out.reads.push(Reads::Copy(book.id.to_string()));
            }
        }
        other => travel(model, other),
    }
}

fn travel(model: &mut Model, command: Command) {
    let of_text = model.runbooks.pane == Pane::Text;
    let (_, height) = text_room(model.size, &model.runbooks);
    let (page, last) = match of_text {
        true => (height, model.runbooks.page.len().saturating_sub(height)),
        false => {
            let count = rows(&model.library, &model.runbooks.problems).len();
            (list_rows(model.size, &model.runbooks), count.saturating_sub(1))
        }
    };
    let at = if of_text { model.runbooks.scroll } else { model.runbooks.selected };
    let to = match command {
        Command::Down => at + 1,
        Command::Up => at.saturating_sub(1),
        Command::Top => 0,
        Command::Bottom => last,
        Command::HalfDown => at + (page / 2).max(1),
        Command::HalfUp => at.saturating_sub((page / 2).max(1)),
        Command::PageDown => at + page.max(1),
        Command::PageUp => at.saturating_sub(page.max(1)),
        _ => return,
    };
    match of_text {
        true => model.runbooks.scroll = to.min(last),
        false => model.runbooks.selected = to.min(last),
    }
}

/// The selected runbook.
fn selected(model: &Model) -> Option<&Runbook> {
    match model.runbooks.row(&model.library)? {
        Row::Book(at) => model.library.get(at),
        Row::Problem(_) => None,
    }
}

/// Opens the runbook in the incident that this screen was called from, else in one of the finding that is selected in
/// the list of findings.
fn open(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(book) = selected(model).cloned().map(Arc::new) else {
        return model.say("this file could not be read; there is nothing to open");
    };
    if model.screens.contains(&Screen::Incident) && model.session.is_some() {
        return incident::ask_beside(model, &book, ctx, out);
    }
    if model.findings.selected().is_none() {
        return model.say("no finding is selected: go back with q and select one, then open the runbook for it");
    }
    findings::open_with(model, book, ctx, out);
}

fn edit(model: &mut Model, out: &mut Reaction) {
    match selected(model).map(|book| (&book.origin, book.id.clone())) {
        Some((Origin::User(file), _)) => out.desk.push(Desk::Edit { file: file.to_string() }),
        Some((Origin::BuiltIn, id)) => model.complain(
            Problem::input(format!("{id} is built in and can't be edited"))
                .meaning("a runbook of yours that fits as closely goes before it")
                .next(format!(
                    "quell runbooks show {id} prints it; quell runbooks new --type T writes one of yours to begin with"
                )),
        ),
        None => model.say("this file could not be read; mend it, then R reads it anew"),
    }
}

/// The runbooks were read anew, and this of them could not be.
pub fn reread(model: &mut Model, problems: Vec<Problem>) {
    model.runbooks.problems = problems;
    model.runbooks.laid_out = None;
}

/// A runbook was edited: what is wrong with it, if anything.
pub fn edited(model: &mut Model, file: &str, found: Result<Vec<String>, Problem>) {
    match found {
        Err(problem) => model.complain(problem),
        Ok(faults) if faults.is_empty() => model.say(format!("{} is read anew; lint finds nothing", clean(file))),
        Ok(faults) => text::faults(model, file, &faults),
    }
}

/// What is shown follows what is selected, the window, and the files; the cursor stays on its runbook.
pub fn refresh(model: &mut Model) {
    if model.screen() != Screen::Runbooks {
        return;
    }
    let library = model.library.clone();
    let state = &mut model.runbooks;
    let anew = !Arc::ptr_eq(&state.of, &library);
    if anew {
        state.covers = by_runbook(&library);
        state.texts = library.iter().zip(&state.covers).map(|(book, covers)| words_of(book, covers)).collect();
        let longest = library.iter().map(|book| cells(book.title.line().as_str())).max();
        state.wants = BEFORE + longest.unwrap_or(0);
        state.of = library.clone();
    }
    let rows = rows(&library, &state.problems);
    if anew || state.laid_out.is_none() {
        let stays = rows.iter().position(|row| state.name(&library, *row) == state.named);
        state.selected = stays.unwrap_or(state.selected);
    }
    state.selected = state.selected.min(rows.len().saturating_sub(1));
    let Some(row) = rows.get(state.selected).copied() else {
        state.page.clear();
        return;
    };
    let name = state.name(&library, row);
    if name != state.named {
        state.scroll = 0;
    }
    state.named.clone_from(&name);
    let trusted = matches!(row, Row::Book(at) if library.get(at).is_some_and(|b| model.trusted.contains(&b.sha256)));
    let (width, height) = text_room(model.size, state);
    let of = Some((name, trusted, width));
    if anew || state.laid_out != of {
        state.page = lines(state, &library, row, trusted, width);
        state.laid_out = of;
    }
    state.scroll = state.scroll.min(state.page.len().saturating_sub(height));
}

fn lines(state: &State, library: &[Runbook], row: Row, trusted: bool, width: usize) -> Vec<super::preview::Line> {
    match row {
        Row::Book(at) => {
            library.get(at).map(|book| of_book(book, state.covers(at), trusted, width)).unwrap_or_default()
        }
        Row::Problem(at) => state.problems.get(at).map(|problem| of_problem(problem, width)).unwrap_or_default(),
    }
}
