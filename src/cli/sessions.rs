//! `quell sessions`: the incidents on disk, listed, shown, verified, exported; and a note added to one.

use super::globals::Globals;
use super::io::Io;
use crate::problem::{Problem, clean};
use crate::timeline::{Attached, SessionDir, Status, Summary, Timeline, Who};
use clap::{Subcommand, ValueEnum};
use quell_core::export::{ndjson, report};
use quell_core::incident::{Entry, Event, Incident, Link, NoteAdded, SessionJoined, describe};
use quell_core::record::{Fault, Verification};
use quell_core::text::{Shape, Untrusted, json};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `quell sessions`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List all sessions, the oldest first
    List {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Show a session as its records give it
    Show {
        /// A session's id, its unique beginning, its short id, or a folder
        id: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Check that a session's logs are whole and unchanged
    Verify {
        /// A session's id, its unique beginning, its short id, or a folder
        id: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write a session in another format
    Export {
        /// A session's id, its unique beginning, its short id, or a folder
        id: String,
        /// ndjson is the records as they are on disk, markdown the report
        #[arg(long, value_name = "F")]
        format: Format,
        /// A file to write, which must not be there yet, instead of standard output
        #[arg(long, value_name = "F")]
        out: Option<PathBuf>,
    },
    /// Print the report of a session in Markdown
    Report {
        /// A session's id, its unique beginning, its short id, or a folder
        id: String,
    },
    /// Add a note to a session
    Note {
        /// A session's id, its unique beginning, its short id, or a folder
        id: String,
        /// The note
        text: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Ndjson,
    Markdown,
}

/// What a subcommand prints, and its exit code.
struct Printed {
    text: Vec<u8>,
    code: u8,
}

/// Runs the subcommand.
pub fn run(args: &Args, globals: &Globals, io: &mut Io) -> ExitCode {
    match answer(&args.command, globals, io) {
        Ok(Printed { text, code }) => {
            let written = io.out.write_all(&text);
            io.finish(written, code)
        }
        Err(problem) => {
            io.show(&problem);
            ExitCode::from(problem.exit_code())
        }
    }
}

fn answer(command: &Command, globals: &Globals, io: &mut Io) -> Result<Printed, Problem> {
    let sessions = globals.sessions()?;
    match command {
        Command::List { json } => list(sessions.list(), *json, io),
        Command::Show { id, json } => show(&sessions.find(id)?, *json),
        Command::Verify { id, json } => verify(&sessions.find(id)?.read()?.verification(), *json),
        Command::Export { id, format, out } => {
            let text = export(&sessions.find(id)?, *format)?;
            match out {
                None => Ok(Printed { text, code: 0 }),
                Some(file) => write_new(file, &text).map(|()| Printed { text: Vec::new(), code: 0 }),
            }
        }
        Command::Report { id } => export(&sessions.find(id)?, Format::Markdown).map(|text| Printed { text, code: 0 }),
        Command::Note { id, text } => note(&sessions.find(id)?, text, io),
    }
}

fn line<T: Serialize>(value: &T) -> Result<Vec<u8>, Problem> {
    let text = json::to_string(value).map_err(|e| Problem::local(format!("no JSON: {e}")))?;
    Ok(format!("{text}\n").into_bytes())
}

fn list(rows: Vec<Result<Summary, Problem>>, json: bool, io: &mut Io) -> Result<Printed, Problem> {
    let mut printed = Printed { text: Vec::new(), code: 0 };
    for row in rows {
        match row {
            Ok(row) if json => printed.text.extend(line(&row)?),
            Ok(row) => printed.text.extend(row_of(&row).into_bytes()),
            Err(problem) => {
                io.show(&problem);
                printed.code = printed.code.max(problem.exit_code());
            }
        }
    }
    Ok(printed)
}

fn row_of(row: &Summary) -> String {
    let status = if row.status == Status::Open { "open" } else { "closed" };
    let marks = [(row.drill, " DRILL"), (row.simulated, " SIMULATED")];
    let marks: String = marks.iter().filter(|(holds, _)| *holds).map(|(_, mark)| *mark).collect();
    let chain = row.chain.as_str();
    format!("{}  {status:<6}  {chain:<15}  {:>5} records{marks}  {}\n", row.id, row.records, row.title.line())
}

/// The fold, with the session's id and how far it can be believed.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    dir: Untrusted,
    chain: &'static str,
    records: usize,
    #[serde(flatten)]
    incident: &'a Incident,
}

fn show(session: &SessionDir, json: bool) -> Result<Printed, Problem> {
    let timeline = session.read()?;
    let entries = timeline.entries();
    let incident = Incident::fold(&entries);
    let chain = timeline.verdict().as_str();
    if json {
        let dir = session.path().to_string_lossy().into_owned().into();
        let shown = Shown { id: session.id().as_str(), dir, chain, records: entries.len(), incident: &incident };
        return Ok(Printed { text: line(&shown)?, code: 0 });
    }
    let status = if incident.closed.is_some() { "closed" } else { "open" };
    let mut text = format!("{}  {status}  {chain}\n{}\n\n", session.id(), incident.title.line());
    for entry in &entries {
        let (_, words) = describe(&entry.event, &incident);
        let time = entry.happened().strftime("%Y-%m-%d %H:%M:%SZ");
        text.push_str(&format!("{time}  {}  {words}\n", incident.who(&entry.link.0).line()));
    }
    Ok(Printed { text: text.into_bytes(), code: 0 })
}

fn verify(verification: &Verification, json: bool) -> Result<Printed, Problem> {
    let code = if verification.verdict.holds() { 0 } else { 1 };
    if json {
        return Ok(Printed { text: line(verification)?, code });
    }
    let Verification { verdict, records, writers, problems, heads } = verification;
    let mut text = format!("{}: {records} records of {writers} writers\n", verdict.as_str());
    for (writer, n, h) in heads {
        text.push_str(&format!("head of {writer}: record {n}, {h}\n"));
    }
    for Fault { file, line, byte, kind, detail } in problems {
        text.push_str(&format!("log/{file}: line {line}, byte {byte}: {}: {detail}\n", kind.as_str()));
    }
    Ok(Printed { text: text.into_bytes(), code })
}

fn export(session: &SessionDir, format: Format) -> Result<Vec<u8>, Problem> {
    let timeline: Timeline = session.read()?;
    match format {
        Format::Ndjson => {
            let mut out = Vec::new();
            let written = ndjson(&mut out, &timeline.recovery.records, |record| timeline.line(record));
            written.map_err(|e| Problem::local(format!("no export: {e}"))).map(|()| out)
        }
        Format::Markdown => {
            let entries = timeline.entries();
            Ok(report(&Incident::fold(&entries), &entries, &timeline.verification()).into_bytes())
        }
    }
}

/// Writes a file that is not there yet: an export never takes another's place.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|e| {
        Problem::input(format!("the export could not be written: {e}"))
            .in_file(path.to_string_lossy(), 0, 0)
            .next("give the name of a file that is not there yet, in a folder that is")
    })
}

fn note(session: &SessionDir, text: &str, io: &mut Io) -> Result<Printed, Problem> {
    let text = Untrusted::from(text);
    if text.clean(Shape::Block).as_str().trim().is_empty() {
        return Err(Problem::input("the note is empty").next("give the text after the id, in quotes"));
    }
    let Attached { mut log, entries, new_writer, .. } = session.attach(&Who::here(None), &io.runtime)?;
    let joined = new_writer.then(|| SessionJoined {}.into());
    let events: Vec<Event> = joined.into_iter().chain([NoteAdded { text, step: None }.into()]).collect();
    let own = entries.iter().filter(|entry| entry.link.0 == *log.writer());
    let n = own.map(|entry| entry.link.1 + 1).max().unwrap_or(0);
    let l = entries.iter().map(|entry| entry.l + 1).max().unwrap_or(0);
    let (writer, t) = (log.writer().clone(), io.runtime.now());
    let entry = |(i, event)| {
        let i = i as u64;
        Entry { link: Link(writer.clone(), n + i), l: l + i, t, at: None, seen: None, event }
    };
    let saved = log.commit(events.into_iter().enumerate().map(entry).collect()).map_err(|no| no.problem)?;
    let head = saved.head();
    log.close()?;
    Ok(Printed { text: format!("noted in {}, head {}\n", clean(session.id().as_str()), head).into_bytes(), code: 0 })
}
