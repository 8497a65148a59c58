//! `quell runbooks coverage`: which GuardDuty types, and which controls of Security Hub, get which runbook.

use super::{json_line, library};
use crate::cli::io::Io;
use quell_core::runbook::coverage::{Counts, Coverage, coverage};
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
    let parts = [(&found.guardduty, "GuardDuty types"), (&found.controls, "Security Hub controls")];
    for row in parts.iter().flat_map(|(counts, _)| &counts.types) {
        let word = row.specificity.map_or("none", |specificity| specificity.word());
        let book = row.runbook.as_ref().map_or("-", |id| id.as_str());
        writeln!(out, "{word:<9} {book:<24} {}", row.kind)?;
    }
    parts.iter().try_for_each(|(counts, what)| {
        let Counts { total, covered, exact, glob, resource, generic, missing, .. } = counts;
        writeln!(
            out,
            "{covered} of {total} {what} get a runbook: \
             {exact} exact, {glob} glob, {resource} resource, {generic} generic; {missing} get none"
        )
    })
}
