//! An entry as one line, its keys in their fixed order.

use super::chain::{HASH_END, HASH_KEY, Hash, MAX_LINE};
use super::read::refused;
use crate::incident::{Entry, Event, WriterId};
use crate::text::json;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io::Write;

/// Why an entry can't be a line; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    #[error("the event {kind} takes {bytes} bytes; a record holds at most {MAX_LINE}")]
    TooBig { kind: &'static str, bytes: usize },
    #[error("the event {kind} can't be written as JSON: {source}")]
    Json { kind: &'static str, source: serde_json::Error },
    #[error("nobody could read the event {kind} again: {why}")]
    Unreadable { kind: &'static str, why: &'static str },
}

/// What a line says before its event.
pub(super) struct Header<'a> {
    pub w: &'a WriterId,
    pub n: u64,
    pub l: u64,
    pub t: Timestamp,
    pub at: Option<Timestamp>,
    pub seen: Option<&'a BTreeMap<WriterId, u64>>,
}

/// Appends the entry's line, newline included, and gives its hash. After an error `out` is as it was.
pub fn append_line(out: &mut Vec<u8>, entry: &Entry, previous: &Hash) -> Result<Hash, EncodeError> {
    let start = out.len();
    let kind = entry.event.kind().unwrap_or("of an unknown kind");
    let hash = encode(out, entry, previous).map_err(|source| EncodeError::Json { kind, source });
    let bytes = out.len() - start;
    // What no reader takes must not be acknowledged: a time that is too high, a clock in another age.
    let written = out.get(start..).unwrap_or_default();
    let refused = hash.is_ok().then(|| refused(written, &entry.link.0)).flatten();
    match hash {
        Ok(_) if bytes <= MAX_LINE && refused.is_some() => {
            out.truncate(start);
            Err(EncodeError::Unreadable { kind, why: refused.unwrap_or_default() })
        }
        Ok(hash) if bytes <= MAX_LINE => Ok(hash),
        Ok(_) => {
            out.truncate(start);
            Err(EncodeError::TooBig { kind, bytes })
        }
        Err(error) => {
            out.truncate(start);
            Err(error)
        }
    }
}

fn encode(out: &mut Vec<u8>, entry: &Entry, previous: &Hash) -> Result<Hash, serde_json::Error> {
    let start = out.len();
    let Entry { link, l, t, at, seen, event } = entry;
    let header = Header { w: &link.0, n: link.1, l: *l, t: *t, at: *at, seen: seen.as_ref() };
    write_header(out, &header)?;
    match (event, event.kind()) {
        (Event::Unknown { kind, .. }, _) => json::to_writer(&mut *out, kind)?,
        (_, kind) => json::to_writer(&mut *out, kind.unwrap_or_default())?,
    }
    out.extend_from_slice(b",\"d\":");
    out.extend_from_slice(event.data()?.as_bytes());
    Ok(finish(out, start, previous))
}

/// Writes everything up to the kind's value.
pub(super) fn write_header(out: &mut Vec<u8>, header: &Header<'_>) -> Result<(), serde_json::Error> {
    let Header { w, n, l, t, at, seen } = header;
    let json_io = serde_json::Error::io;
    write!(out, "{{\"v\":1,\"w\":\"{w}\",\"n\":{n},\"l\":{l},\"t\":\"{t:.9}\"").map_err(json_io)?;
    if let Some(at) = at.filter(|at| at != t) {
        write!(out, ",\"at\":\"{at:.9}\"").map_err(json_io)?;
    }
    if let Some(seen) = seen {
        out.extend_from_slice(b",\"seen\":");
        json::to_writer(&mut *out, seen)?;
    }
    out.extend_from_slice(b",\"k\":");
    Ok(())
}

/// Closes the line that begins at `start`: predecessor, hash, newline.
fn finish(out: &mut Vec<u8>, start: usize, previous: &Hash) -> Hash {
    write_previous(out, previous);
    let hash = Hash::of(out.get(start..).unwrap_or_default());
    out.extend_from_slice(HASH_KEY);
    out.extend_from_slice(hash.to_string().as_bytes());
    out.extend_from_slice(HASH_END);
    hash
}

/// The last of the hashed bytes.
pub(super) fn write_previous(out: &mut Vec<u8>, previous: &Hash) {
    out.extend_from_slice(b",\"p\":\"");
    out.extend_from_slice(previous.to_string().as_bytes());
    out.push(b'"');
}
