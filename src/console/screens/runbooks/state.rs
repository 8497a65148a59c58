//! Where the responder is among the runbooks, and what is known of them.

use super::preview::Line;
use crate::problem::Problem;
use quell_core::runbook::{Origin, Runbook, Specificity};
use quell_core::text::{Shape, Untrusted};
use std::sync::Arc;

/// The two panes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    #[default]
    List,
    Text,
}

/// A line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A runbook, by its place in the library.
    Book(usize),
    /// What could not be read, by its place among the problems.
    Problem(usize),
}

/// Where the responder is.
#[derive(Debug, Default)]
pub struct State {
    pub selected: usize,
    pub pane: Pane,
    /// They were read while a question was open, and are read again once it is closed.
    pub late: bool,
    /// The first line shown of the text.
    pub scroll: usize,
    /// What was last searched.
    pub search: String,
    /// What of the folders could not be read.
    pub problems: Vec<Problem>,
    /// The library that the rest is of.
    pub(super) of: Arc<Vec<Runbook>>,
    /// Which types and controls each runbook is the best for.
    pub(super) covers: Vec<Vec<(&'static str, Specificity)>>,
    /// What is searched of each runbook: a folder may hold thousands of them.
    pub(super) texts: Vec<String>,
    /// The selected one, by name, so that the cursor stays on it when the files are read anew.
    pub(super) named: String,
    /// The cells that the list would take to show each title whole.
    pub(super) wants: usize,
    /// What is laid out, and of what: the selected one, its trust, the width.
    pub(super) page: Vec<Line>,
    pub(super) laid_out: Option<(String, bool, usize)>,
}

/// The lines of the list: the user's runbooks, what could not be read, the built-in ones.
pub fn rows(library: &[Runbook], problems: &[Problem]) -> Vec<Row> {
    let (own, built_in): (Vec<usize>, Vec<usize>) =
        (0..library.len()).partition(|at| library.get(*at).is_some_and(|book| book.origin != Origin::BuiltIn));
    let problems = (0..problems.len()).map(Row::Problem);
    own.into_iter().map(Row::Book).chain(problems).chain(built_in.into_iter().map(Row::Book)).collect()
}

impl State {
    /// The selected line.
    pub(super) fn row(&self, library: &[Runbook]) -> Option<Row> {
        rows(library, &self.problems).get(self.selected).copied()
    }

    /// What a line is called, whatever its text says meanwhile.
    pub(super) fn name(&self, library: &[Runbook], row: Row) -> String {
        match row {
            Row::Problem(at) => self.problems.get(at).map(Problem::headline).unwrap_or_default(),
            Row::Book(at) => match library.get(at).map(|book| (&book.origin, &book.id)) {
                Some((Origin::User(file), _)) => file.to_string(),
                Some((Origin::BuiltIn, id)) => format!("built in {id}"),
                None => String::new(),
            },
        }
    }

    /// The types and controls that the runbook of that place is the best for.
    pub(super) fn covers(&self, at: usize) -> &[(&'static str, Specificity)] {
        self.covers.get(at).map_or(&[], Vec::as_slice)
    }
}

/// What is searched of each line.
pub fn searched(library: &[Runbook], state: &State) -> Vec<String> {
    let text = |row: &Row| match row {
        Row::Problem(_) => state.name(library, *row),
        Row::Book(at) => state.texts.get(*at).cloned().unwrap_or_default(),
    };
    rows(library, &state.problems).iter().map(text).collect()
}

/// What each line is called: what is looked for is looked for there first.
pub fn titles(library: &[Runbook], state: &State) -> Vec<String> {
    let title = |row: &Row| match row {
        Row::Problem(_) => state.name(library, *row),
        Row::Book(at) => library.get(*at).map(|b| format!("{} {}", b.id, b.title.line())).unwrap_or_default(),
    };
    rows(library, &state.problems).iter().map(title).collect()
}

/// A runbook's id, title, file, types, and all words of its text.
pub(super) fn words_of(book: &Runbook, covers: &[(&'static str, Specificity)]) -> String {
    let file = match &book.origin {
        Origin::User(file) => file,
        Origin::BuiltIn => "built in",
    };
    let types: Vec<&str> = covers.iter().map(|(kind, _)| *kind).collect();
    let text = Untrusted::from(&*book.source).clean(Shape::Block);
    format!("{} {} {file} {} {text}", book.id, book.title.line(), types.join(" "))
}
