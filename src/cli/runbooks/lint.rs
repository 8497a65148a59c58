//! `quell runbooks lint`: what is wrong with runbooks, each with file, line and column.

use super::json_line;
use crate::action::{KindInfo, kinds};
use crate::cli::io::Io;
use crate::files::runbooks::{built_in, files, part_file, read_file};
use crate::problem::{Place, Problem, clean};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use quell_core::runbook::include::{Written, written};
use quell_core::runbook::lint::{FieldRule, KindRule};
use quell_core::runbook::{Level, Lint, Origin, Parsed, lint};
use serde::Serialize;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `quell runbooks lint`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files and folders; without any, your folders (--runbooks), else the built-in runbooks
    #[arg(value_name = "F")]
    files: Vec<PathBuf>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    /// Take this day for today, when it is told what nobody has walked through for a year
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<Date>,
}

#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
struct Row {
    file: String,
    line: usize,
    column: usize,
    level: Level,
    what: String,
}

/// A runbook that was read, under the name that it is told by.
struct Book {
    file: String,
    parsed: Parsed,
}

/// Runs the subcommand: exit code 1 when there are errors, 2 when a file can't be read.
pub fn run(args: &Args, folders: &[PathBuf], io: &mut Io) -> ExitCode {
    let named = if args.files.is_empty() { folders } else { &args.files };
    let mut seen = HashSet::new();
    let (books, problems) = gather(named, &mut seen);
    for problem in &problems {
        io.show_line(problem);
    }
    // The others that are loaded count, but what is wrong with them is not asked for.
    let (loaded, _) = gather(folders, &mut seen);
    let today = args.as_of.unwrap_or_else(|| io.runtime.now().to_zoned(TimeZone::UTC).date());
    let found = match named.is_empty() {
        true => lints(&built_in_books(), &[], &[], today),
        false => lints(&books, &loaded, &built_in_books(), today),
    };
    let errors = found.iter().any(|row| row.level == Level::Error);
    let written = found.iter().try_for_each(|row| match args.json {
        true => json_line(io, row),
        false => human(row, io),
    });
    let code = match (problems.is_empty(), errors) {
        (false, _) => 2,
        (_, true) => 1,
        _ => 0,
    };
    io.finish(written, code)
}

fn built_in_books() -> Vec<Book> {
    built_in().into_iter().map(|(file, parsed)| Book { file, parsed }).collect()
}

/// The runbooks of files and folders, each file once, and the files that can't be read.
fn gather(named: &[PathBuf], seen: &mut HashSet<PathBuf>) -> (Vec<Book>, Vec<Problem>) {
    let mut books = Vec::new();
    let mut problems = Vec::new();
    for path in named {
        let paths = match path.is_dir() {
            true => {
                let (paths, more) = files(path);
                problems.extend(more);
                paths
            }
            false => vec![path.clone()],
        };
        for path in paths {
            if !seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
                continue;
            }
            match read_file(&path) {
                Ok(parsed) => books.push(Book { file: path.to_string_lossy().into_owned(), parsed }),
                Err(problem) => problems.push(problem),
            }
        }
    }
    (books, problems)
}

/// What is wrong with each of the books, among themselves and among the others that are loaded with them.
fn lints(books: &[Book], loaded: &[Book], built_in: &[Book], today: Date) -> Vec<Row> {
    let rules = rules();
    let one = |(at, book): (usize, &Book)| {
        let mut lints = lint::lint(&book.parsed, &rules);
        lints.extend(lint::stale(&book.parsed, today));
        let id = &book.parsed.runbook.id;
        let same = |other: &&Book| other.parsed.runbook.id == *id;
        // A built-in one that was copied as it is hides nothing.
        let differs = |other: &&Book| other.parsed.runbook.sha256 != book.parsed.runbook.sha256;
        let before = books.get(..at).unwrap_or_default();
        if let Some(other) = before.iter().chain(loaded).find(same) {
            let what = format!("the id {id} is that of {} too: only one of them is found by it", other.file);
            lints.push(lint::of_id(&book.parsed, Level::Error, &what));
        } else if built_in.iter().filter(same).any(|other| differs(&other)) {
            let what = format!("the id {id} is that of a built-in runbook too: this one goes before it");
            lints.push(lint::of_id(&book.parsed, Level::Warning, &what));
        }
        lints.sort_by_key(|lint| (lint.line, lint.column));
        lints.into_iter().map(|lint| row(book, lint)).collect::<Vec<Row>>()
    };
    // A part's faults are told once, however many runbooks include it.
    let mut told = HashSet::new();
    books.iter().enumerate().flat_map(one).filter(|row| told.insert(row.clone())).collect()
}

/// A problem with the file in which it was written.
fn row(book: &Book, lint: Lint) -> Row {
    let Written { part, line } = written(&book.parsed.runbook.parts, lint.line);
    let folder = Path::new(&book.file).parent().unwrap_or(Path::new(""));
    let file = match part {
        None => book.file.clone(),
        Some(name) => match part_file(folder, name) {
            Some(path) if book.parsed.runbook.origin != Origin::BuiltIn => path.to_string_lossy().into_owned(),
            _ => format!("runbooks/includes/{name}.include.md"),
        },
    };
    Row { file, line, column: lint.column, level: lint.level, what: lint.what.into_string() }
}

/// The kinds of action as lint needs to know them.
fn rules() -> Vec<KindRule> {
    let rule = |info: &KindInfo| {
        let fields = info.parameters.iter().map(|p| FieldRule { name: p.name, required: p.required });
        KindRule { name: info.name, fields: fields.collect(), danger: info.danger }
    };
    kinds().iter().map(|kind| rule(kind.info())).collect()
}

fn human(row: &Row, io: &mut Io) -> std::io::Result<()> {
    let place = Place::File { file: clean(&row.file).into_string(), line: row.line, column: row.column };
    let level = match row.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    writeln!(io.out, "{place}: {level}: {}", row.what)
}
