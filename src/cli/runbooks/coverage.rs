//! `quell runbooks coverage`: which GuardDuty types get which runbook.

use super::{json_line, library};
use crate::cli::io::Io;
use quell_core::runbook::coverage::{Coverage, coverage};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// The arguments of `quell runbooks coverage`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub fn run(args: &Args, folders: &[PathBuf], io: &mut Io) -> ExitCode {
    let (library, code) = library(folders, io);
    let found = coverage(&library.books);
    let written = match args.json {
        true => json_line(io, &found),
        false => human(&found, &mut io.out),
    };
    io.finish(written, code)
}

fn human(found: &Coverage, out: &mut dyn Write) -> std::io::Result<()> {
    let Coverage { total, covered, exact, glob, resource, generic, missing, types } = found;
    for row in types {
        let word = row.specificity.map_or("none", |specificity| specificity.word());
        let book = row.runbook.as_ref().map_or("-", |id| id.as_str());
        writeln!(out, "{word:<9} {book:<24} {}", row.kind)?;
    }
    writeln!(
        out,
        "{covered} of {total} GuardDuty types get a runbook: \
         {exact} exact, {glob} glob, {resource} resource, {generic} generic; {missing} get none"
    )
}
