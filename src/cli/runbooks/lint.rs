//! `quell runbooks lint`: what is wrong with runbooks, each with file, line and column.

use super::json_line;
use crate::action;
use crate::cli::io::Io;
use crate::files::check::{self, Fault};
use crate::files::runbooks::{built_in, files, read_file};
use crate::lookup;
use crate::problem::Problem;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use quell_core::runbook::{Level, Parsed, lint};
use std::collections::HashSet;
use std::path::PathBuf;
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
        false => writeln!(io.out, "{row}"),
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
fn lints(books: &[Book], loaded: &[Book], built_in: &[Book], today: Date) -> Vec<Fault> {
    let rules = lint::Rules { kinds: action::rules(), lookups: lookup::rules() };
    let one = |(at, book): (usize, &Book)| {
        let mut lints = check::lints(&book.parsed, &rules, today);
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
        lints.into_iter().map(|lint| check::fault(&book.file, &book.parsed, lint)).collect::<Vec<Fault>>()
    };
    // A part's faults are told once, however many runbooks include it.
    let mut told = HashSet::new();
    books.iter().enumerate().flat_map(one).filter(|row| told.insert(row.clone())).collect()
}
