//! `quell sessions evidence`: what a session holds as evidence, who brought it in and how, whether it is still what it
//! was; and one piece written out, which is recorded.

use super::sessions_bundle::{create, record, unwritten};
use super::sessions_mask::masking;
use super::words::recorded;
use super::{Io, run::Live};
use crate::problem::{Problem, clean};
use crate::timeline::{SessionDir, Sessions, Who};
use clap::Subcommand;
use quell_core::incident::{Custody, Evidence, Incident, Link, Run, mask, short};
use quell_core::record::Hash;
use quell_core::text::secret::suspects;
use quell_core::text::{Untrusted, json};
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// What deals with single records and pieces of evidence.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the evidence of a session, or write one piece out
    ///
    /// Without a piece: who brought each in, when and how, its size and SHA-256, whether it is still what it was, and
    /// what looks like a secret in it. That a piece was written out is recorded.
    Evidence {
        /// A session's id, its unique beginning, its short id, or a folder
        id: String,
        /// The beginning of a piece's SHA-256
        piece: Option<String>,
        /// A file to write the piece to, which must not be there yet, instead of standard output
        #[arg(long, value_name = "F", requires = "piece")]
        out: Option<PathBuf>,
        /// Print one JSON object a line
        #[arg(long, conflicts_with = "piece")]
        json: bool,
    },
    /// Show a field of a record no more; the record itself stays
    ///
    /// Reports and screens show the reason in its place; the log, and a bundle of it, hold it as it was. Of evidence
    /// the field `content` stands for the bytes.
    Mask {
        /// A session's id, its unique beginning, its short id, or a folder
        id: String,
        /// The record as `sessions show` names it: writer/number
        record: String,
        /// The field, where it is not the record's main text
        #[arg(long, value_name = "F")]
        field: Option<String>,
        /// Why; it stands where the text stood
        #[arg(long, value_name = "WORDS")]
        why: String,
    },
}

/// Gives what is printed, and the exit code.
pub(super) fn answer(command: &Command, sessions: &Sessions, who: &Who, io: &mut Io) -> Result<(Vec<u8>, u8), Problem> {
    match command {
        Command::Evidence { id, piece: None, json, .. } => list(&sessions.find(id)?, *json),
        Command::Evidence { id, piece: Some(piece), out, .. } => {
            give(&sessions.find(id)?, piece, out.as_deref(), who, io).map(|()| (Vec::new(), 0))
        }
        Command::Mask { id, record, field, why } => {
            let said = masking(&sessions.find(id)?, record, field.as_deref(), why, who, io)?;
            Ok((said.into_bytes(), 0))
        }
    }
}

/// A line of `sessions evidence --json`.
#[derive(Serialize)]
struct Row<'a> {
    record: &'a Link,
    name: &'a Untrusted,
    blob: &'a str,
    size: u64,
    by: Untrusted,
    at: jiff::Timestamp,
    how: &'a Untrusted,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'a Run>,
    /// whole, changed or missing.
    state: &'static str,
    masked: Option<&'a Untrusted>,
    custody: &'a [Custody],
    /// Lines that look like secrets, and what they look like.
    suspects: Vec<(usize, &'static str)>,
}

/// Lists all pieces; the exit code is 1 where one is not what it was.
fn list(session: &SessionDir, json: bool) -> Result<(Vec<u8>, u8), Problem> {
    let incident = Incident::fold(&session.read()?.shown());
    let (mut out, mut code) = (Vec::new(), 0);
    for piece in &incident.evidence {
        let row = row(session, &incident, piece);
        code = code.max(u8::from(row.state != "whole"));
        let text = match json {
            true => json::to_string(&row).map_err(|e| Problem::local(format!("no JSON: {e}")))?,
            false => words(session, &row),
        };
        out.extend_from_slice(text.as_bytes());
        out.push(b'\n');
    }
    Ok((out, code))
}

fn row<'a>(session: &SessionDir, incident: &Incident, piece: &'a Evidence) -> Row<'a> {
    let evidence = crate::timeline::Evidence::of(session);
    let bytes = evidence.get(&piece.blob);
    let state = match (&bytes, evidence.is_there(&piece.blob)) {
        (Ok(_), _) => "whole",
        (Err(_), true) => "changed",
        (Err(_), false) => "missing",
    };
    let looks = suspects(&bytes.unwrap_or_default()).into_iter().map(|found| (found.line, found.what)).collect();
    Row {
        record: &piece.link,
        name: &piece.name,
        blob: &piece.blob,
        size: piece.size,
        by: incident.who(&piece.stamp.by, piece.stamp.n),
        at: piece.stamp.at,
        how: &piece.how,
        run: piece.run.as_ref(),
        state,
        masked: piece.masked.as_ref(),
        custody: &piece.custody,
        suspects: looks,
    }
}

fn words(session: &SessionDir, row: &Row<'_>) -> String {
    let utc = |time: &jiff::Timestamp| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    let Link(writer, n) = row.record;
    let name = format!("{}/{n}", short(writer));
    let mut text = format!(
        "{}  {}  {}\n  {} bytes, SHA-256 {}, {}\n  record {name}, {}",
        utc(&row.at),
        row.by.line(),
        row.name.line(),
        row.size,
        clean(row.blob),
        row.state,
        row.how.line()
    );
    if let Some(why) = row.masked {
        text.push_str(&format!("\n  {}", mask::instead(why)));
    }
    for Custody { stamp, what, why } in row.custody {
        let why = if why.is_empty() { String::new() } else { format!(": {}", why.line()) };
        text.push_str(&format!("\n  {} {}{why}", utc(&stamp.at), what.line()));
    }
    if let (None, [(line, what), more @ ..]) = (row.masked, row.suspects.as_slice()) {
        let more = if more.is_empty() { String::new() } else { format!(" (and {} more)", more.len()) };
        let id = session.short();
        text.push_str(&format!("\n  line {line} looks like {what}{more}: quell sessions mask {id} {name} --why WORDS"));
    }
    text
}

/// Writes one piece out: whole, and recorded as given out, into a file or a pipe; onto a terminal made harmless.
fn give(session: &SessionDir, begins: &str, out: Option<&Path>, who: &Who, io: &mut Io) -> Result<(), Problem> {
    let incident = Incident::fold(&session.read()?.shown());
    let piece = find(&incident, begins)?;
    if let Some(why) = &piece.masked {
        return Err(Problem::input(format!("the piece is masked: {}", why.line()))
            .meaning("its content is not shown any more")
            .next("a bundle of the session holds its bytes as they were: quell sessions export ID --format bundle"));
    }
    let bytes = crate::timeline::Evidence::of(session).get(&piece.blob)?;
    let to = match out {
        Some(path) => {
            let mut file = create(path)?;
            file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(|error| unwritten(path, &error))?;
            recorded(&path.file_name().unwrap_or_default().to_string_lossy(), "the file's name", io)
        }
        None if std::io::stdout().is_terminal() => {
            let mut live = Live::new(&mut *io.out, true);
            live.show(&bytes);
            live.end();
            return Ok(());
        }
        None => {
            let written = io.out.write_all(&bytes).and_then(|()| io.out.flush());
            written.map_err(|error| unwritten(Path::new("standard output"), &error))?;
            "standard output".to_owned()
        }
    };
    record(session, std::slice::from_ref(&piece.blob), &format!("written to {}", clean(&to)), who, io)
}

fn find<'a>(incident: &'a Incident, begins: &str) -> Result<&'a Evidence, Problem> {
    let fits = |piece: &&Evidence| Hash::parse(piece.blob.as_bytes()).is_some() && piece.blob.starts_with(begins);
    let mut found: Vec<&Evidence> = incident.evidence.iter().filter(fits).collect();
    found.dedup_by(|a, b| a.blob == b.blob);
    match found.as_slice() {
        [one] => Ok(one),
        many => Err(Problem::input(match many.len() {
            0 => format!("no evidence of this session has a SHA-256 that begins with {}", clean(begins)),
            _ => format!("more than one piece has a SHA-256 that begins with {}", clean(begins)),
        })
        .next("`quell sessions evidence ID` lists all of it")),
    }
}
