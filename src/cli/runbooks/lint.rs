//! `quell runbooks lint`: what is wrong with runbooks, each with file, line and column.

use super::json_line;
use crate::cli::io::Io;
use crate::files::runbooks::{built_in, files, read_file};
use crate::problem::{Place, Problem, clean};
use quell_core::runbook::{Level, Lint, lint};
use serde::Serialize;
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
}

#[derive(Serialize)]
struct Row<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    level: Level,
    what: &'a str,
}

/// Runs the subcommand: exit code 1 when there are errors, 2 when a file can't be read.
pub fn run(args: &Args, folders: &[PathBuf], io: &mut Io) -> ExitCode {
    let named = if args.files.is_empty() { folders } else { &args.files };
    let (found, problems) = gather(named);
    for problem in &problems {
        io.show_line(problem);
    }
    let errors = found.iter().flat_map(|(_, lints)| lints).any(|lint| lint.level == Level::Error);
    let written = found.iter().try_for_each(|(file, lints)| {
        lints.iter().try_for_each(|lint| match args.json {
            true => {
                let Lint { level, line, column, what } = lint;
                json_line(io, &Row { file, line: *line, column: *column, level: *level, what: what.as_str() })
            }
            false => human(file, lint, io),
        })
    });
    let code = match (problems.is_empty(), errors) {
        (false, _) => 2,
        (_, true) => 1,
        _ => 0,
    };
    io.finish(written, code)
}

/// The problems of every file, and the files that can't be read.
fn gather(named: &[PathBuf]) -> (Vec<(String, Vec<Lint>)>, Vec<Problem>) {
    if named.is_empty() {
        return (built_in().into_iter().map(|(file, parsed)| (file, lint::lint(&parsed))).collect(), Vec::new());
    }
    let mut found = Vec::new();
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
            match read_file(&path) {
                Ok(parsed) => found.push((path.to_string_lossy().into_owned(), lint::lint(&parsed))),
                Err(problem) => problems.push(problem),
            }
        }
    }
    (found, problems)
}

fn human(file: &str, lint: &Lint, io: &mut Io) -> std::io::Result<()> {
    let place = Place::File { file: clean(file).into_string(), line: lint.line, column: lint.column };
    let level = match lint.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    writeln!(io.out, "{place}: {level}: {}", lint.what)
}
