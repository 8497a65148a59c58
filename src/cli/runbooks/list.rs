//! `quell runbooks list`.

use super::{json_line, library};
use crate::cli::io::Io;
use quell_core::runbook::{Match, Origin, Runbook};
use quell_core::text::{Untrusted, cut_end};
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// The arguments of `quell runbooks list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    title: &'a Untrusted,
    version: &'a Option<Untrusted>,
    owner: &'a Option<Untrusted>,
    reviewed: &'a Option<Untrusted>,
    matches: Vec<String>,
    steps: usize,
    sha256: &'a str,
    /// The file; null for a built-in runbook.
    file: Option<&'a str>,
}

/// Runs the subcommand.
pub fn run(args: &Args, folders: &[PathBuf], io: &mut Io) -> ExitCode {
    let (library, code) = library(folders, io);
    let written = library.books.iter().try_for_each(|book| match args.json {
        true => json_line(io, &row(book)),
        false => human(book, io),
    });
    io.finish(written, code)
}

fn row(book: &Runbook) -> Row<'_> {
    Row {
        id: book.id.as_str(),
        title: &book.title,
        version: &book.version,
        owner: &book.owner,
        reviewed: &book.reviewed,
        matches: book.matches.iter().map(Match::text).collect(),
        steps: book.steps.len(),
        sha256: &book.sha256,
        file: match &book.origin {
            Origin::User(file) => Some(file),
            Origin::BuiltIn => None,
        },
    }
}

fn human(book: &Runbook, io: &mut Io) -> std::io::Result<()> {
    let file = match &book.origin {
        Origin::User(file) => crate::problem::clean(file).into_string(),
        Origin::BuiltIn => "built in".to_owned(),
    };
    let title = cut_end(book.title.line().as_str(), 48);
    writeln!(io.out, "{:<24}  {:>3} steps  {title:<48}  {file}", cut_end(book.id.as_str(), 24), book.steps.len())
}
