//! `quell runbooks export`: a runbook as a playbook that other tools read.

use super::output::write;
use super::show::find;
use crate::cli::io::Io;
use crate::problem::Problem;
use quell_core::runbook::cacao;
use quell_core::text::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// The arguments of `quell runbooks export`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The runbook: its id, or a file
    #[arg(value_name = "F|ID")]
    book: String,
    /// cacao is a CACAO 2.0 playbook, as JSON
    #[arg(long, value_name = "F")]
    format: Format,
    /// A file to write, which must not be there yet, instead of standard output
    #[arg(long, value_name = "F")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Cacao,
}

/// Runs the subcommand.
pub fn run(args: &Args, folders: &[PathBuf], io: &mut Io) -> ExitCode {
    let Format::Cacao = args.format;
    let made = find(&args.book, folders).and_then(|book| {
        let playbook = cacao::export(&book).map_err(|why| {
            Problem::input(format!("the runbook {} can't be a playbook: {why}", book.id))
                .next("put it into the file, and export it again")
        })?;
        json::to_string(&playbook).map_err(|error| Problem::local(format!("no export: {error}")))
    });
    match made {
        Ok(text) => write(&format!("{text}\n"), args.out.as_deref(), io),
        Err(problem) => io.refuse(&problem),
    }
}
