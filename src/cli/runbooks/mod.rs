//! `quell runbooks`: which runbooks there are, what stands in them, which fits, what is wrong with them,
//! how one begins, and how they come and go as playbooks.

mod coverage;
mod export;
mod fit;
mod import;
mod lint;
mod list;
mod new;
mod output;
mod show;
mod show_json;
mod trust;

use super::Globals;
use super::io::Io;
use crate::files::runbooks::Library;
use crate::problem::Problem;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `quell runbooks`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the runbooks at hand: yours, then the built-in ones
    List(list::Args),
    /// Show one runbook, by id or file
    Show(show::Args),
    /// Show which runbook a finding or a finding type gets
    Match(fit::Args),
    /// Check runbooks; exit code 1 when there are errors
    Lint(lint::Args),
    /// Show which GuardDuty types and Security Hub controls get which runbook
    Coverage(coverage::Args),
    /// Let the actions of your own runbooks be planned: what is not trusted is read only
    Trust(trust::Args),
    /// Write a runbook to begin with, for one finding type
    New(new::Args),
    /// Turn a CACAO playbook into a runbook; nothing in it runs
    Import(import::Args),
    /// Write a runbook as a playbook for other tools
    Export(export::Args),
}

/// Runs the subcommand.
pub fn run(args: &Args, globals: &Globals, io: &mut Io) -> ExitCode {
    // The user's folders of runbooks.
    let folders = &globals.folders();
    match &args.command {
        Command::List(args) => list::run(args, folders, io),
        Command::Show(args) => show::run(args, folders, io),
        Command::Match(args) => fit::run(args, folders, io),
        Command::Lint(args) => lint::run(args, folders, io),
        Command::Coverage(args) => coverage::run(args, folders, io),
        Command::Trust(args) => trust::run(args, globals, io),
        Command::New(args) => new::run(args, io),
        Command::Import(args) => import::run(args, io),
        Command::Export(args) => export::run(args, folders, io),
    }
}

/// The library; what could not be read is told. Gives also the exit code that this makes.
pub(super) fn library(folders: &[PathBuf], io: &mut Io) -> (Library, u8) {
    let library = crate::files::runbooks::load(folders);
    for problem in &library.problems {
        io.show_line(problem);
    }
    let code = library.problems.iter().map(Problem::exit_code).max().unwrap_or(0);
    (library, code)
}

/// Whether an argument is meant as a file: it names one, or looks like one.
fn is_file(argument: &str) -> bool {
    let path = Path::new(argument);
    path.exists() || argument.contains(std::path::MAIN_SEPARATOR) || path.extension().is_some_and(|ext| ext == "md")
}

/// Writes one JSON object a line.
fn json_line<T: serde::Serialize>(io: &mut Io, value: &T) -> std::io::Result<()> {
    let line = quell_core::text::json::to_string(value).map_err(std::io::Error::other)?;
    writeln!(io.out, "{line}")
}
