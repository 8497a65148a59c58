//! `quell findings`: the list of findings, for people, for programs, for spreadsheets.

use super::io::Io;
use super::{findings_csv, findings_table};
use crate::problem::{Problem, clean};
use quell_core::finding::{Batch, Filter, Finding, RowView, Via, haystack, read};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `quell findings`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Read findings from a file instead of AWS; - is standard input
    #[arg(long, value_name = "F")]
    file: Option<PathBuf>,
    /// Show only what passes a filter: words, field:value, sev>=high, age<2h, -term
    #[arg(long, value_name = "Q", allow_hyphen_values = true)]
    filter: Option<String>,
    /// Print one JSON object a line
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print comma-separated values
    #[arg(long)]
    csv: bool,
    /// Show at most this many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// Runs the subcommand.
pub fn run(args: &Args, io: &mut Io) -> ExitCode {
    let (name, batch) = match gather(args, io) {
        Ok(gathered) => gathered,
        Err(problem) => {
            io.show(&problem);
            return ExitCode::from(problem.exit_code());
        }
    };
    let chosen = match choose(args, &batch.findings, io) {
        Ok(chosen) => chosen,
        Err(problem) => {
            io.show(&problem);
            return ExitCode::from(problem.exit_code());
        }
    };
    let written = print(args, &chosen, io);
    let code = report(&name, &batch, io);
    io.finish(written, code)
}

/// The findings, and the name of what they were read from.
fn gather(args: &Args, io: &mut Io) -> Result<(String, Batch), Problem> {
    let Some(file) = &args.file else {
        return live(args).map(|batch| (String::new(), batch));
    };
    let (name, bytes) = if file == Path::new("-") {
        let mut bytes = Vec::new();
        ("-".to_owned(), io.input.read_to_end(&mut bytes).map(|_| bytes))
    } else {
        (file.to_string_lossy().into_owned(), std::fs::read(file))
    };
    let bytes = bytes.map_err(|error| {
        Problem::input(format!("the file can't be read: {error}"))
            .in_file(&name, 0, 0)
            .next("check the name and the permissions")
    })?;
    Ok((name, read(&bytes, Via::File)))
}

/// The findings of the configured sources.
fn live(_args: &Args) -> Result<Batch, Problem> {
    Err(Problem::input("there is nothing to list findings from")
        .meaning("this build reads findings from files only")
        .next("give a file with --file F, or - for standard input"))
}

/// What passes the filter, at most as many as asked for.
fn choose<'a>(args: &Args, findings: &'a [Finding], io: &Io) -> Result<Vec<&'a Finding>, Problem> {
    let filter = Filter::parse(args.filter.as_deref().unwrap_or_default()).map_err(|error| {
        Problem::input(format!("the filter can't be understood at column {}: {}", error.column, clean(&error.what)))
            .next("try words, field:value, sev>=high, age<2h or -term; quotes keep words together")
    })?;
    let now = io.runtime.now();
    let passes = |finding: &&Finding| {
        let haystack = if filter.is_empty() { Box::default() } else { haystack(finding, None) };
        let row = RowView { finding, haystack: &haystack, alias: None, attached: false, marked: false };
        filter.matches(&row, now)
    };
    Ok(findings.iter().filter(passes).take(args.limit.unwrap_or(usize::MAX)).collect())
}

fn print(args: &Args, chosen: &[&Finding], io: &mut Io) -> std::io::Result<()> {
    if args.csv {
        return findings_csv::write(&mut io.out, chosen);
    }
    if !args.json {
        return findings_table::write(&mut io.out, chosen);
    }
    for finding in chosen {
        let line = finding.to_json().map_err(std::io::Error::other)?;
        writeln!(io.out, "{line}")?;
    }
    Ok(())
}

/// Tells what could not be read, each with its place; the exit code that it makes.
fn report(name: &str, batch: &Batch, io: &mut Io) -> u8 {
    for error in &batch.errors {
        let index = error.index.map(|index| format!(" (index {index})")).unwrap_or_default();
        let what = format!("{}{index}", clean(&error.reason));
        io.show_line(&Problem::input(what).in_file(name, error.line, error.column));
    }
    if batch.errors.is_empty() {
        return 0;
    }
    let places = if batch.errors.len() == 1 { "one place" } else { "some places" };
    let problem = Problem::input(format!("{places} could not be read"))
        .in_file(name, 0, 0)
        .meaning(format!("findings may be missing from the list; {} were read", batch.findings.len()))
        .next("look at the places named above");
    io.show(&problem);
    problem.exit_code()
}
