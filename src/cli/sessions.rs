//! `quell sessions`: the incidents on disk, listed, shown, verified, exported; and a note added to one.

use super::globals::Globals;
use super::io::Io;
use super::sessions_note::note;
use super::sessions_sign::sign;
use crate::problem::{Problem, clean};
use crate::timeline::{SessionDir, Status, Summary, Timeline};
use clap::{Subcommand, ValueEnum};
use quell_core::export::{ndjson, report};
use quell_core::incident::{Incident, describe};
use quell_core::record::{Fault, Verification};
use quell_core::text::{Untrusted, json};
use serde::Serialize;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
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
        /// Whose signatures count: a file as ssh-keygen's ALLOWED SIGNERS describes it
        #[arg(long, value_name = "FILE")]
        allowed_signers: Option<PathBuf>,
    },
    /// Sign all that a session holds by your SSH key
    Sign {
        /// A session's id, its unique beginning, its short id, or a folder
        id: String,
        /// The key, or the public half of one that the SSH agent holds; else the agent's first key
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
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
    if let Some(problem) = sessions.remote() {
        io.show(&problem);
    }
    match command {
        Command::List { json } => list(sessions.list(), *json, io),
        Command::Show { id, json } => show(&sessions.find(id)?, *json),
        Command::Verify { id, json, allowed_signers } => {
            let allowed = globals.allowed_signers(allowed_signers.as_deref());
            readable(allowed.as_deref())?;
            verify(&sessions.find(id)?.verify(allowed.as_deref())?.verification(), *json)
        }
        Command::Sign { id, key } => {
            let key = globals.signing_key(key.as_deref());
            let text = sign(&sessions.find(id)?, key.as_deref(), &globals.who(), io)?;
            Ok(Printed { text: text.into_bytes(), code: 0 })
        }
        Command::Export { id, format, out } => {
            let text = export(&sessions.find(id)?, *format)?;
            match out {
                None => Ok(Printed { text, code: 0 }),
                Some(file) => write_new(file, &text).map(|()| Printed { text: Vec::new(), code: 0 }),
            }
        }
        Command::Report { id } => export(&sessions.find(id)?, Format::Markdown).map(|text| Printed { text, code: 0 }),
        Command::Note { id, text } => {
            let session = sessions.find(id)?;
            let head = note(&session, text, &globals.who(), io)?;
            let text = format!("noted in {}, head {head}\n", clean(session.id().as_str()));
            Ok(Printed { text: text.into_bytes(), code: 0 })
        }
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
        text.push_str(&format!("{time}  {}  {words}\n", incident.who(&entry.link.0, entry.link.1).line()));
    }
    Ok(Printed { text: text.into_bytes(), code: 0 })
}

fn verify(verification: &Verification, json: bool) -> Result<Printed, Problem> {
    let code = if verification.verdict.holds() { 0 } else { 1 };
    if json {
        return Ok(Printed { text: line(verification)?, code });
    }
    let Verification { verdict, records, writers, problems, checkpoints, heads } = verification;
    let mut text = format!("{}: {records} records of {writers} writers\n", verdict.as_str());
    for (writer, n, h) in heads {
        text.push_str(&format!("head of {writer}: record {n}, {h}\n"));
    }
    for checked in checkpoints {
        text.push_str(&format!("{}\n", checked.line()));
    }
    for Fault { file, line, byte, kind, detail } in problems {
        let place = match file.starts_with("evidence") || file.starts_with("checkpoints") {
            true => file.clone(),
            false => format!("log/{file}: line {line}, byte {byte}"),
        };
        text.push_str(&format!("{place}: {}: {detail}\n", kind.as_str()));
    }
    Ok(Printed { text: text.into_bytes(), code })
}

/// A file of allowed signers that can't be read would make every signer unknown.
fn readable(file: Option<&Path>) -> Result<(), Problem> {
    let Some(file) = file else { return Ok(()) };
    std::fs::File::open(file).map(|_| ()).map_err(|e| {
        Problem::input(format!("the allowed signers can't be read: {e}"))
            .in_file(file.to_string_lossy(), 0, 0)
            .meaning("without them nobody's signature counts, so nothing was checked")
            .next("give a file with lines like `alice@example.com ssh-ed25519 AAAA...`")
    })
}

fn export(session: &SessionDir, format: Format) -> Result<Vec<u8>, Problem> {
    let timeline: Timeline = session.verify(None)?;
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
    // As private as the session that it comes from.
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|e| {
        Problem::input(format!("the export could not be written: {e}"))
            .in_file(path.to_string_lossy(), 0, 0)
            .next("give the name of a file that is not there yet, in a folder that is")
    })
}
