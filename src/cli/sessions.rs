//! `quell sessions`: the incidents on disk, listed, shown, verified, exported; and a note added to one.

use super::globals::Globals;
use super::io::Io;
use super::sessions_bundle::{bundle, create, report_of, unwritten};
use super::sessions_evidence;
use super::sessions_in_force::in_force;
use super::sessions_note::{note, notes};
use super::sessions_sign::{sign, sign_own_first, signer};
use super::sessions_verify::{heads_in, readable, verify};
use crate::problem::{Problem, clean};
use crate::timeline::{SessionDir, Status, Summary};
use clap::{Subcommand, ValueEnum};
use quell_core::export::ndjson;
use quell_core::incident::{Incident, Link, describe, short};
use quell_core::text::{Untrusted, json};
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
        /// Whose signatures count: a file as ssh-keygen's ALLOWED SIGNERS describes it
        #[arg(long, value_name = "FILE")]
        allowed_signers: Option<PathBuf>,
        /// Hold it against heads that were kept elsewhere: a report, a bundle, a checkpoint, or what this command printed
        #[arg(long, value_name = "FILE")]
        kept: Vec<PathBuf>,
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
    ///
    /// Where there is a key, what is given out is signed first: a bundle always, the others in an open session that you
    /// have written in. Where no checkpoint is made that is said.
    Export {
        /// A session's id, its unique beginning, its short id, or a folder
        id: String,
        /// ndjson is the records as they are on disk, but for what is masked; markdown the report; bundle all that
        /// proves the session in one archive, also what is masked
        #[arg(long, value_name = "F")]
        format: Format,
        /// A file to write, which must not be there yet, instead of standard output
        #[arg(long, value_name = "F")]
        out: Option<PathBuf>,
    },
    /// List what containment still stands, over all sessions: who set it, how sure it is, how it is lifted
    InForce {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
    },
    #[command(flatten)]
    Evidence(sessions_evidence::Command),
    /// Print the report of a session in Markdown; this changes nothing in the session
    Report {
        /// A session's id, its unique beginning, its short id, or a folder
        id: String,
    },
    /// Add a note to a session, or one for each line of standard input
    ///
    /// With `-` each line is a note. As soon as it is on disk it is answered with a line of its own:
    /// `noted WRITER N HEAD`, the record's name and hash. What can't be saved ends the command with exit code 3; a line
    /// that is too long for a record is told and left out, and makes the exit code 2 in the end.
    Note {
        /// A session's id, its unique beginning, its short id, or a folder
        id: String,
        /// The note, or - for the lines of standard input
        text: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Ndjson,
    Markdown,
    Bundle,
}

/// What a subcommand prints, and its exit code.
pub(super) struct Printed {
    pub text: Vec<u8>,
    pub code: u8,
}

/// Runs the subcommand.
pub fn run(args: &Args, globals: &Globals, io: &mut Io) -> ExitCode {
    if let Command::Note { id, text } = &args.command
        && text == "-"
    {
        return match globals.sessions().and_then(|sessions| sessions.find(id)) {
            Ok(session) => notes(&session, globals, io),
            Err(problem) => io.refuse(&problem),
        };
    }
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
        Command::Verify { id, json, allowed_signers, kept } => {
            let allowed = globals.allowed_signers(allowed_signers.as_deref());
            readable(allowed.as_deref())?;
            let session = sessions.find(id)?;
            let kept = heads_in(kept)?;
            verify(&session.verification(allowed.as_deref(), kept.as_ref())?, *json)
        }
        Command::Sign { id, key } => {
            let key = globals.signing_key(key.as_deref());
            let text = sign(&sessions.find(id)?, signer(key.as_deref())?.as_ref(), &globals.who(), io)?;
            Ok(Printed { text: text.into_bytes(), code: 0 })
        }
        Command::Export { id, format, out } => {
            let session = sessions.find(id)?;
            let (who, key) = (globals.who(), globals.signing_key(None));
            if !matches!(format, Format::Bundle) {
                sign_own_first(&session, key.as_deref(), &who, io)?;
            }
            let text = match format {
                Format::Ndjson => lines(&session, io)?,
                Format::Markdown => report_of(&session.verify(None)?),
                Format::Bundle => {
                    let allowed = globals.allowed_signers(None);
                    let by = (&who, key.as_deref());
                    let code = bundle(&session, out.as_deref(), allowed.as_deref(), by, io)?;
                    return Ok(Printed { text: Vec::new(), code });
                }
            };
            match out {
                None => Ok(Printed { text, code: 0 }),
                Some(file) => write_new(file, &text).map(|()| Printed { text: Vec::new(), code: 0 }),
            }
        }
        Command::InForce { json } => in_force(&sessions, *json, io),
        Command::Report { id } => Ok(Printed { text: report_of(&sessions.find(id)?.verify(None)?), code: 0 }),
        Command::Evidence(command) => {
            let (text, code) = sessions_evidence::answer(command, &sessions, &globals.who(), io)?;
            Ok(Printed { text, code })
        }
        Command::Note { id, text } => {
            let session = sessions.find(id)?;
            let (head, trouble) = note(&session, text, globals, io)?;
            let text = format!("noted in {}, head {head}\n", clean(session.id().as_str()));
            trouble.iter().for_each(|problem| io.show(problem));
            Ok(Printed { text: text.into_bytes(), code: trouble.map_or(0, |problem| problem.exit_code()) })
        }
    }
}

pub(super) fn line<T: Serialize>(value: &T) -> Result<Vec<u8>, Problem> {
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
    let timeline = session.checked()?;
    let entries = timeline.shown();
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
        let Link(writer, n) = &entry.link;
        text.push_str(&format!("{}/{n}  {time}  {}  {words}\n", short(writer), incident.who(writer, *n).line()));
    }
    Ok(Printed { text: text.into_bytes(), code: 0 })
}

fn lines(session: &SessionDir, io: &mut Io) -> Result<Vec<u8>, Problem> {
    let timeline = session.verify(None)?;
    let mut out = Vec::new();
    let written = ndjson(&mut out, &timeline.recovery.records, |record| timeline.line(record));
    match written.map_err(|e| Problem::local(format!("no export: {e}")))? {
        0 => {}
        count => io.say(&format!(
            "masked in this export: {count} lines. They end with \"masked\", are derived, and do not fit their hash; a \
             bundle holds the original bytes"
        )),
    }
    Ok(out)
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let mut file = create(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| unwritten(path, &error))
}
