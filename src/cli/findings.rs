//! `quell findings`: the list of findings, for people, for programs, for spreadsheets.

use super::globals::Globals;
use super::io::Io;
use super::{findings_csv, findings_table};
use crate::aws::{Allow, ConnectOptions, Connection};
use crate::files::config::Config;
use crate::problem::{Problem, clean};
use crate::runtime::Runtime;
use crate::source::{self, Limits};
use quell_core::finding::{Batch, Filter, Finding, Inbox, RowView, Via, haystack, read};
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
pub fn run(args: &Args, globals: &Globals, io: &mut Io) -> ExitCode {
    list(args, globals, io).unwrap_or_else(|problem| {
        io.show(&problem);
        ExitCode::from(problem.exit_code())
    })
}

fn list(args: &Args, globals: &Globals, io: &mut Io) -> Result<ExitCode, Problem> {
    let config = globals.config()?;
    let (name, batch, code) = gather(args, globals, &config, io)?;
    let chosen = choose(args, &config, &batch.findings, io)?;
    let written = print(args, &chosen, io);
    let code = report(&name, &batch, io).max(code);
    Ok(io.finish(written, code))
}

/// The findings, the name of what they were read from, and the exit code that reading makes.
fn gather(args: &Args, globals: &Globals, config: &Config, io: &mut Io) -> Result<(String, Batch, u8), Problem> {
    let Some(file) = &args.file else {
        return live(args, globals, config, io).map(|(batch, code)| (String::new(), batch, code));
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
    Ok((name, read(&bytes, Via::File), 0))
}

/// The findings of the configured sources. A source that fails is told; what the others have comes all the same.
fn live(args: &Args, globals: &Globals, config: &Config, io: &mut Io) -> Result<(Batch, u8), Problem> {
    let regions = if globals.regions.is_empty() { &config.regions } else { &globals.regions };
    let options = ConnectOptions {
        profile: globals.profile.clone().or_else(|| config.profile.clone()),
        regions: regions.clone(),
        read_only: true,
    };
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
    Ok((Batch { findings, errors: Vec::new() }, code))
}

/// What passes the filter, at most as many as asked for.
fn choose<'a>(args: &Args, config: &Config, findings: &'a [Finding], io: &Io) -> Result<Vec<&'a Finding>, Problem> {
    let filter = Filter::parse(args.filter.as_deref().unwrap_or_default()).map_err(|error| {
        Problem::input(format!("the filter can't be understood at column {}: {}", error.column, clean(&error.what)))
            .next("try words, field:value, sev>=high, age<2h or -term; quotes keep words together")
    })?;
    let now = io.runtime.now();
    let passes = |finding: &&Finding| {
        // An account's id is ASCII: one that cleaning changes is nobody's.
        let account = finding.account.as_ref().map(|account| account.line().into_string());
        let alias = account.and_then(|account| config.accounts.get(&account)).map(String::as_str);
        let haystack = if filter.is_empty() { Box::default() } else { haystack(finding, alias) };
        let row = RowView { finding, haystack: &haystack, alias, attached: false, marked: false };
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
