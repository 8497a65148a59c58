//! What is wrong with runbooks, each fault with the file in which it was written: a runbook's own, or that of a part.

use super::runbooks::{part_file, read_file};
use crate::problem::{Place, Problem, clean};
use jiff::civil::Date;
use quell_core::runbook::include::{Written, written};
use quell_core::runbook::lint::{self, Rules};
use quell_core::runbook::{Level, Lint, Origin, Parsed};
use serde::Serialize;
use std::fmt;
use std::path::Path;

/// Something wrong, at its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Fault {
    pub file: String,
    /// Line and column start at 1.
    pub line: usize,
    pub column: usize,
    pub level: Level,
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = Place::File { file: clean(&self.file).into_string(), line: self.line, column: self.column };
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        write!(f, "{place}: {level}: {}", self.what)
    }
}

/// A fault of a runbook that was read from this file, where it was written.
pub fn fault(file: &str, parsed: &Parsed, lint: Lint) -> Fault {
    let Written { part, line } = written(&parsed.runbook.parts, lint.line);
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let file = match part {
        None => file.to_owned(),
        Some(name) => match part_file(folder, name) {
            Some(path) if parsed.runbook.origin != Origin::BuiltIn => path.to_string_lossy().into_owned(),
            _ => format!("runbooks/includes/{name}.include.md"),
        },
    };
    Fault { file, line, column: lint.column, level: lint.level, what: lint.what.into_string() }
}

/// What is wrong with a runbook by itself, in the order of the file.
pub fn lints(parsed: &Parsed, rules: &Rules, today: Date) -> Vec<Lint> {
    let mut lints = lint::lint(parsed, rules);
    lints.extend(lint::stale(parsed, today));
    lints.sort_by_key(|lint| (lint.line, lint.column));
    lints
}

/// Reads a runbook's file anew and says what is wrong with it.
///
/// # Errors
/// A file that can't be read.
pub fn check(path: &Path, rules: &Rules, today: Date) -> Result<Vec<Fault>, Problem> {
    let parsed = read_file(path)?;
    let file = path.to_string_lossy();
    Ok(lints(&parsed, rules, today).into_iter().map(|lint| fault(&file, &parsed, lint)).collect())
}
