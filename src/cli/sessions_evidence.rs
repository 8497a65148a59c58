//! `quell sessions evidence`: what a session holds as evidence, who brought it in and how, whether it is still what it
//! was; one piece written out or shown; and what people did with one. The last two are recorded.

use super::Io;
use super::sessions_custody::{Hands, Happened, Reason, give, happened};
use super::sessions_mask::masking;
use crate::problem::{Problem, clean};
use crate::timeline::{SessionDir, Sessions, Who};
use clap::Subcommand;
use quell_core::incident::{Custody, Evidence, Incident, Link, Run, mask, short};
use quell_core::text::secret::suspects;
use quell_core::text::{Untrusted, json};
use serde::Serialize;
use std::path::PathBuf;

/// What deals with single records and pieces of evidence.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the evidence of a session, or write one piece out
    ///
    /// Without a piece: who brought each in, when and how, its size and SHA-256, whether it is still what it was, what
    /// became of it since and by whom, and what looks like a secret in it; that changes nothing. That a piece was
    /// written out, or shown on a terminal, is recorded.
    Evidence {
        /// A session's id, its unique beginning, its short id, or a folder
        id: String,
        /// The beginning of a piece's SHA-256
        piece: Option<String>,
        /// A file to write the piece to, which must not be there yet, instead of standard output
        #[arg(long, value_name = "F", requires = "piece")]
        out: Option<PathBuf>,
        #[command(flatten)]
        why: Reason,
        /// Print one JSON object a line
        #[arg(long, conflicts_with = "piece")]
        json: bool,
    },
    /// Record what people did with a piece of evidence outside of quell: to whom it went, why, by whose order
    ///
    /// Its bytes in the session are read first: one that is not what it was is refused. They stay where they are.
    Custody {
        /// A session's id, its unique beginning, its short id, or a folder
        id: String,
        /// The beginning of a piece's SHA-256
        piece: String,
        what: Happened,
        #[command(flatten)]
        hands: Hands,
        #[command(flatten)]
        why: Reason,
    },
    /// Show a field of a record no more; the record itself stays
    ///
    /// Reports, screens and an ndjson export show the reason in its place; the log, and a bundle of it, hold it as it was. Of evidence
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
        Command::Evidence { id, piece: Some(piece), out, why, .. } => {
            give(&sessions.find(id)?, piece, out.as_deref(), why, who, io).map(|()| (Vec::new(), 0))
        }
        Command::Custody { id, piece, what, hands, why } => {
            let said = happened(&sessions.find(id)?, piece, *what, hands, why, who, io)?;
            Ok((said.into_bytes(), 0))
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
    custody: Vec<Held<'a>>,
    /// Lines that look like secrets, and what they look like.
    suspects: Vec<(usize, &'static str)>,
}

/// What became of a piece: with who did it, and on which host.
#[derive(Serialize)]
struct Held<'a> {
    who: Untrusted,
    host: Option<&'a Untrusted>,
    #[serde(flatten)]
    custody: &'a Custody,
}

impl<'a> Held<'a> {
    fn of(incident: &'a Incident, custody: &'a Custody) -> Self {
        let by = &custody.stamp.by;
        let host = incident.writers.get(by).map(|writer| &writer.host);
        Self { who: incident.who(by, custody.stamp.n), host, custody }
    }

    fn words(&self) -> String {
        let Custody { stamp, what, why, .. } = self.custody;
        let host = self.host.map_or(String::new(), |host| format!(" on {}", host.line()));
        let mut text = format!("{} {} by {}{host}", utc(&stamp.at), what.line(), self.who.line());
        let parts = self.custody.parts().map(|(word, part)| format!(", {word} {}", part.line()));
        text.extend(parts);
        text.push_str(self.custody.hash_words());
        if !why.is_empty() {
            text.push_str(&format!(": {}", why.line()));
        }
        text
    }
}

fn utc(time: &jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
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

fn row<'a>(session: &SessionDir, incident: &'a Incident, piece: &'a Evidence) -> Row<'a> {
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
        custody: piece.custody.iter().map(|custody| Held::of(incident, custody)).collect(),
        suspects: looks,
    }
}

fn words(session: &SessionDir, row: &Row<'_>) -> String {
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
    for held in &row.custody {
        text.push_str(&format!("\n  {}", held.words()));
    }
    if let (None, [(line, what), more @ ..]) = (row.masked, row.suspects.as_slice()) {
        let more = if more.is_empty() { String::new() } else { format!(" (and {} more)", more.len()) };
        let id = session.short();
        text.push_str(&format!("\n  line {line} looks like {what}{more}: quell sessions mask {id} {name} --why WORDS"));
    }
    text
}
