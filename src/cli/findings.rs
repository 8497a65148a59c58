//! `quell findings`: the list of findings, for people, for programs, for spreadsheets.

use super::findings_file::{self, FindingsFile};
use super::globals::Globals;
use super::io::Io;
use super::{findings_csv, findings_table};
use crate::aws::{Allow, ConnectOptions, Connection};
use crate::problem::{Problem, clean};
use crate::runtime::Runtime;
use crate::source::{self, Limits};
use quell_core::finding::{Batch, Filter, Finding, Inbox, RowView, haystack};
use std::io::Write;
use std::path::PathBuf;
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
pub fn run(args: &Args, globals: &Globals, io: &mut Io) -> ExitCode {
    match answer(args, globals, io) {
        Ok(code) => code,
        Err(problem) => io.refuse(&problem),
    }
}

fn answer(args: &Args, globals: &Globals, io: &mut Io) -> Result<ExitCode, Problem> {
    // A filter that means nothing asks nobody anything.
    let filter = filter(args)?;
    let (read, code) = match &args.file {
        Some(file) => (findings_file::read(file, io)?, 0),
        None => live(args, globals, io)?,
    };
    let chosen = choose(args, globals, &filter, &read.batch.findings, io);
    let written = print(args, &chosen, io);
    let code = report(&read, io).max(code);
    Ok(io.finish(written, code))
}

fn filter(args: &Args) -> Result<Filter, Problem> {
    Filter::parse(args.filter.as_deref().unwrap_or_default()).map_err(|error| {
        Problem::input(format!("the filter can't be understood at column {}: {}", error.column, clean(&error.what)))
            .next("try words, field:value, sev>=high, age<2h or -term; quotes keep words together")
    })
}

/// The findings of the configured sources. A source that fails is told; what the others have comes all the same.
fn live(args: &Args, globals: &Globals, io: &mut Io) -> Result<(FindingsFile, u8), Problem> {
    let options = ConnectOptions { read_only: true, ..globals.connection() };
    let allow = Allow { read: source::operations(), ..Allow::default() };
    // With a filter all must be read before the first ones that pass are known.
    let limits = Limits { findings: args.limit.filter(|_| args.filter.is_none()) };
    let runtime = io.runtime.clone();
    let fetched = Runtime::tokio()?.block_on(async {
        let connection = Connection::load(options, allow, runtime).await?;
        Ok::<_, Problem>(source::fetch_all(&connection, limits).await)
    })?;
    for problem in fetched.notes.iter().chain(&fetched.problems) {
        io.show(problem);
    }
    let code = fetched.problems.iter().map(Problem::exit_code).max().unwrap_or(0);
    let mut inbox = Inbox::default();
    inbox.take(fetched.findings);
    let rows = inbox.rows();
    let sorted = rows.sorted();
    let findings = sorted.iter().filter_map(|row| rows.get(*row)).map(|f| Finding::clone(f)).collect();
    Ok((FindingsFile { name: String::new(), batch: Batch { findings, ..Batch::default() } }, code))
}

/// What passes the filter, at most as many as asked for.
fn choose<'a>(args: &Args, globals: &Globals, filter: &Filter, findings: &'a [Finding], io: &Io) -> Vec<&'a Finding> {
    let (now, accounts) = (io.runtime.now(), &globals.configured().accounts);
    let passes = |finding: &&Finding| {
        // An account's id is ASCII: one that cleaning changes is nobody's.
        let account = finding.account.as_ref().map(|account| account.line().into_string());
        let alias = account.and_then(|account| accounts.get(&account)).map(String::as_str);
        let haystack = if filter.is_empty() { Box::default() } else { haystack(finding, alias) };
        let row = RowView { finding, haystack: &haystack, alias, attached: false, marked: false };
        filter.matches(&row, now)
    };
    findings.iter().filter(passes).take(args.limit.unwrap_or(usize::MAX)).collect()
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
fn report(read: &FindingsFile, io: &mut Io) -> u8 {
    read.tell(io);
    let FindingsFile { name, batch } = read;
    let (what, meaning) = match (batch.errors.len(), batch.doubts.len()) {
        (0, 0) => return 0,
        (0, 1) => ("one value is not as the service writes it", "all findings were read; that value is a guess"),
        (0, _) => {
            ("some values are not as the service writes them", "all findings were read; those values are guesses")
        }
        (1, _) => ("one place could not be read", "findings may be missing from the list"),
        _ => ("some places could not be read", "findings may be missing from the list"),
    };
    let problem = Problem::input(what)
        .in_file(name, 0, 0)
        .meaning(format!("{meaning}; {} were read", batch.findings.len()))
        .next("look at the places named above");
    io.show(&problem);
    read.exit_code()
}
