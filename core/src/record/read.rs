//! The strict reader of one segment: it takes exactly what [`super::append_line`] writes, names what it does not
//! take by byte and line, and goes on after it.

use super::chain::{HASH_END, HASH_KEY, Hash, MAX_LINE, SUFFIX};
use super::encode::{Header, write_header, write_previous};
use super::faults::keep;
use super::form::{MOST, event, is_in_years, is_plain};
use super::verify::Verdict;
use crate::incident::{Entry, Link, WriterId};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A record as it stands in a log.
#[derive(Clone, Debug)]
pub struct Record {
    pub entry: Entry,
    /// The hash of the writer's record before it.
    pub p: Hash,
    pub h: Hash,
    pub place: Place,
    /// Whether nothing before it in its segment is broken.
    pub chained: bool,
}

/// Where a record stands: its writer is in its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The segment's number.
    pub segment: u32,
    /// First byte of the line.
    pub start: u64,
    /// One past its newline.
    pub end: u64,
    /// From 1.
    pub line: u64,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// Byte of the line's start.
    pub byte: u64,
    /// From 1.
    pub line: u64,
    pub kind: Verdict,
    /// In our own words; holds nothing of the log.
    pub detail: String,
    /// How many others of its kind come after it that are not told one by one.
    pub more: u64,
}

/// One segment as read.
#[derive(Clone, Debug, Default)]
pub struct Segment {
    /// Every line whose own hash holds, also after a fault.
    pub records: Vec<Record>,
    /// Bytes before the first fault.
    pub good_bytes: u64,
    pub faults: Vec<LineFault>,
}

/// Reads a whole segment.
pub fn read_segment(bytes: &[u8], writer: &WriterId, number: u32) -> Segment {
    let mut scanner = Scanner::new(writer.clone(), number);
    let mut segment = Segment::default();
    let mut firsts = None;
    for piece in bytes.split_inclusive(|b| *b == b'\n') {
        let (record, fault) = scanner.take(piece);
        let fault = match &record {
            Some(record) => of_record(record, fault, &segment.records, &mut firsts),
            None => fault,
        };
        if let Some(fault) = fault {
            keep(&mut segment.faults, fault);
        }
        if segment.faults.is_empty() {
            segment.good_bytes = scanner.byte;
        }
        let chained = segment.faults.is_empty();
        segment.records.extend(record.map(|record| Record { chained, ..record }));
    }
    segment
}

/// What is wrong with a record where it stands: what its reader found, held against all of the segment before it.
/// `firsts` holds their numbers and hashes, once it was needed.
fn of_record(
    record: &Record,
    fault: Option<LineFault>,
    before: &[Record],
    firsts: &mut Option<BTreeMap<u64, Hash>>,
) -> Option<LineFault> {
    let n = record.entry.link.1;
    let Some(mut fault) = fault else {
        if let Some(firsts) = firsts {
            firsts.entry(n).or_insert(record.h);
        }
        let Place { start: byte, line, .. } = record.place;
        let detail = || "a seg.open inside a segment".to_owned();
        let inside = line > 1 && record.entry.event.is("seg.open");
        return inside.then(|| LineFault { byte, line, kind: Verdict::InvalidRecord, detail: detail(), more: 0 });
    };
    let firsts = firsts.get_or_insert_with(|| {
        let mut firsts = BTreeMap::new();
        for record in before {
            firsts.entry(record.entry.link.1).or_insert(record.h);
        }
        firsts
    });
    if *firsts.entry(n).or_insert(record.h) != record.h {
        (fault.kind, fault.detail) =
            (Verdict::Fork, format!("record {n} stands here a second time with other content"));
    } else if fault.kind == Verdict::Gap && record.entry.event.is("seg.open") {
        fault.kind = Verdict::InvalidRecord;
    }
    Some(fault)
}

/// Reads a segment line by line; what follows a log on disk keeps one and feeds it what was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanner {
    writer: WriterId,
    segment: u32,
    byte: u64,
    line: u64,
    last: Option<(u64, u64, Hash)>,
    /// Lines that were no records since the last one that was.
    skipped: u64,
}

impl Scanner {
    /// A reader at a segment's start: its first record is taken at its word, joining segments is `recover`'s.
    pub fn new(writer: WriterId, segment: u32) -> Self {
        Self { writer, segment, byte: 0, line: 0, last: None, skipped: 0 }
    }

    /// Bytes taken so far.
    pub fn byte(&self) -> u64 {
        self.byte
    }

    /// Takes the next line, up to and with its newline. A piece without newline is the torn end of a file.
    pub fn take(&mut self, piece: &[u8]) -> (Option<Record>, Option<LineFault>) {
        let start = self.byte;
        self.byte += piece.len() as u64;
        self.line += 1;
        let fault =
            |kind, detail: &str| LineFault { byte: start, line: self.line, kind, detail: detail.to_owned(), more: 0 };
        let parsed = match parse(piece, &self.writer) {
            Err(Refused::Torn) => return (None, Some(fault(Verdict::TornTail, "the last line is not complete"))),
            Err(Refused::Invalid(why)) => {
                let fault = fault(Verdict::InvalidRecord, why);
                self.skipped += 1;
                return (None, Some(fault));
            }
            Ok(parsed) => parsed,
        };
        let fault = self.follows(&parsed).map(|(kind, detail)| fault(kind, &detail));
        let Parsed { entry, p, h } = parsed;
        if self.last.is_none_or(|(n, ..)| entry.link.1 > n) {
            self.last = Some((entry.link.1, entry.l, h));
            self.skipped = 0;
        }
        let place = Place { segment: self.segment, start, end: self.byte, line: self.line };
        (Some(Record { entry, p, h, place, chained: fault.is_none() }), fault)
    }

    /// Whether the record goes on where the last one ended; what is wrong otherwise.
    fn follows(&self, record: &Parsed) -> Option<(Verdict, String)> {
        let (last_n, last_l, last_h) = self.last?;
        let (n, l) = (record.entry.link.1, record.entry.l);
        if n == last_n && record.h != last_h {
            return Some((Verdict::Fork, format!("record {n} stands here a second time with other content")));
        }
        if n <= last_n {
            return Some((Verdict::InvalidRecord, format!("record {n} stands after record {last_n}")));
        }
        if l <= last_l {
            return Some((Verdict::InvalidRecord, format!("record {n} has a Lamport time that does not grow")));
        }
        if n > last_n.saturating_add(1).saturating_add(self.skipped) {
            let (from, to) = (last_n + 1, n - 1);
            return Some((Verdict::Gap, format!("records {from} to {to} are missing")));
        }
        let chained = self.skipped > 0 || record.p == last_h;
        (!chained).then(|| (Verdict::InvalidRecord, format!("record {n} does not name the hash of record {last_n}")))
    }
}

struct Parsed {
    entry: Entry,
    p: Hash,
    h: Hash,
}

enum Refused {
    Torn,
    Invalid(&'static str),
}

#[derive(Deserialize)]
struct Line<'a> {
    w: Cow<'a, str>,
    n: u64,
    l: u64,
    t: Timestamp,
    at: Option<Timestamp>,
    seen: Option<BTreeMap<WriterId, u64>>,
    #[serde(borrow)]
    k: &'a RawValue,
    #[serde(borrow)]
    d: &'a RawValue,
    p: Hash,
}

/// Why a line would be refused as a record of that writer; none where it is one.
pub(super) fn refused(line: &[u8], writer: &WriterId) -> Option<&'static str> {
    match parse(line, writer) {
        Ok(_) => None,
        Err(Refused::Torn) => Some("the line is not complete"),
        Err(Refused::Invalid(why)) => Some(why),
    }
}

fn parse(piece: &[u8], writer: &WriterId) -> Result<Parsed, Refused> {
    use Refused::Invalid;
    if !piece.ends_with(b"\n") {
        return Err(Refused::Torn);
    }
    // Another version may have another length and another end; a hash that is there and does not fit is damage.
    let other = other_version(piece);
    if piece.len() > MAX_LINE {
        return Err(Invalid(other.unwrap_or("the line is longer than 65536 bytes")));
    }
    let (hashed, h) = split_hash(piece).ok_or(Invalid(other.unwrap_or("the line does not end with a hash")))?;
    if Hash::of(hashed) != h {
        return Err(Invalid("the hash does not fit the line"));
    }
    if let Some(other) = other {
        return Err(Invalid(other));
    }
    let no_record = Invalid("the line is not a record");
    let Ok(text) = std::str::from_utf8(piece.strip_suffix(b"\n").unwrap_or(piece)) else { return Err(no_record) };
    let Ok(line) = serde_json::from_str::<Line<'_>>(text) else { return Err(no_record) };
    let Ok(kind) = serde_json::from_str::<Cow<'_, str>>(line.k.get()) else { return Err(no_record) };
    if line.w != writer.as_str() {
        return Err(Invalid("the record is another writer's"));
    }
    if !is_exact(&line, writer, hashed) || !is_plain(text) {
        return Err(Invalid("the record is not written as quell writes it"));
    }
    let event = event(&kind, line.d);
    let Line { n, l, t, at, seen, p, .. } = line;
    Ok(Parsed { entry: Entry { link: Link(writer.clone(), n), l, t, at, seen, event }, p, h })
}

/// What is wrong with a line that says that it has another version than 1. What such a line means is not known here,
/// not even whether its kinds mean the same: nothing of it is taken in.
fn other_version(piece: &[u8]) -> Option<&'static str> {
    let digits = piece.strip_prefix(b"{\"v\":")?.split(|b| *b == b',').next()?;
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    match digits {
        b"1" => None,
        b"0" => Some("the record has version 0"),
        _ => is_number.then_some("the record has a version that this quell does not know; a newer quell may read it"),
    }
}

/// The hashed bytes of a line, and the hash.
fn split_hash(piece: &[u8]) -> Option<(&[u8], Hash)> {
    let (hashed, suffix) = piece.split_at_checked(piece.len().checked_sub(SUFFIX)?)?;
    let hex = suffix.strip_prefix(HASH_KEY)?.strip_suffix(HASH_END)?;
    Some((hashed, Hash::parse(hex)?))
}

/// Whether writing what stands around kind and data again gives the same bytes, and its values are such as they may be.
fn is_exact(line: &Line<'_>, w: &WriterId, hashed: &[u8]) -> bool {
    let header = Header { w, n: line.n, l: line.l, t: line.t, at: line.at, seen: line.seen.as_ref() };
    let mut again = Vec::with_capacity(hashed.len());
    let written = write_header(&mut again, &header);
    again.extend_from_slice(line.k.get().as_bytes());
    again.extend_from_slice(b",\"d\":");
    again.extend_from_slice(line.d.get().as_bytes());
    write_previous(&mut again, &line.p);
    let seen = line.seen.iter().flatten();
    let known = !line.seen.as_ref().is_some_and(|seen| seen.contains_key(w));
    let numbers = [line.n, line.l].into_iter().chain(seen.map(|(_, n)| *n)).all(|n| n <= MOST);
    let times = is_in_years(line.t) && line.at.is_none_or(is_in_years);
    written.is_ok() && again == hashed && known && numbers && times && line.d.get().starts_with('{')
}
