//! All segments of one writer and its head, put together: good records, what was set aside, what is wrong.

use super::chain::{Hash, Running};
use super::faults::with_more;
use super::form::MOST;
use super::head::Head;
use super::join::Chain;
use super::read::Record;
use super::verify::{Fault, Verdict};
use crate::incident::{Entry, SegOpen, WriterId};

/// One file of a writer's log.
#[derive(Clone, Copy, Debug)]
pub struct SegmentBytes<'a> {
    pub number: u32,
    pub bytes: &'a [u8],
}

/// What one writer has on disk. The head must be read before the segments: a writer at work appends between.
#[derive(Clone, Debug)]
pub struct WriterFiles<'a> {
    pub writer: WriterId,
    pub segments: Vec<SegmentBytes<'a>>,
    pub head: Option<&'a [u8]>,
}

/// One writer's log put together.
#[derive(Clone, Debug)]
pub struct Recovered {
    pub writer: WriterId,
    pub records: Vec<Record>,
    /// Records that were on disk and not acknowledged; a later segment goes on without them.
    pub superseded: Vec<Record>,
    pub faults: Vec<Fault>,
    /// Its latest seg.open.
    pub opened: Option<SegOpen>,
    pub last_n: Option<u64>,
    /// The number of its last file.
    pub last_segment: u32,
    /// How a next segment goes on; `None` when the log holds nothing or is broken: then a new writer must be made.
    pub resume: Option<Resume>,
    /// Bytes that were set aside and that nothing binds: an unsynced write is there in part.
    pub missing: u64,
}

/// Where and how a new segment goes on.
#[derive(Clone, Debug)]
pub struct Resume {
    /// The new segment's number.
    pub segment: u32,
    /// The last good record.
    pub n: u64,
    pub l: u64,
    pub h: Hash,
    /// The file it stands in, and how many bytes of that are good.
    pub file: String,
    pub bytes: u64,
    /// The bytes that stand after the last good record: its seg.open declares them as set aside.
    pub rest: Running,
}

/// The file name of a segment.
pub fn segment_name(writer: &WriterId, number: u32) -> String {
    format!("{writer}.{number:04}.ndjson")
}

/// Puts one writer's log together. Reads only.
pub fn recover(files: &WriterFiles<'_>) -> Recovered {
    let mut segments = files.segments.clone();
    segments.sort_by_key(|segment| segment.number);
    let mut chain = Chain::new(&files.writer);
    for segment in segments {
        chain.add(segment);
    }
    if let Some(bytes) = files.head {
        check_head(&mut chain, bytes);
    }
    finish(chain)
}

fn finish(chain: Chain<'_>) -> Recovered {
    let resume = resume(&chain);
    let last_segment = chain.segments.last().map_or(0, |segment| segment.number);
    let fault = |(file, fault): (String, super::read::LineFault)| Fault {
        file,
        line: fault.line,
        byte: fault.byte,
        kind: fault.kind,
        detail: with_more(fault.detail, fault.kind, fault.more),
    };
    Recovered {
        writer: chain.writer.clone(),
        last_n: chain.records.iter().map(|record| record.entry.link.1).max(),
        records: chain.records,
        superseded: chain.superseded,
        faults: chain.faults.into_iter().map(fault).collect(),
        opened: chain.opened,
        last_segment,
        resume,
        missing: chain.missing,
    }
}

fn resume(chain: &Chain<'_>) -> Option<Resume> {
    if chain.faults.iter().any(|(_, fault)| fault.kind != Verdict::TornTail) {
        return None;
    }
    let last = chain.records.last()?;
    let mut rest = Running::default();
    for segment in &chain.segments {
        if segment.number == last.place.segment {
            rest.add(segment.bytes.get(last.place.end as usize..).unwrap_or_default());
        } else if segment.number > last.place.segment {
            rest.add(segment.bytes);
        }
    }
    let segment = chain.segments.last()?.number.checked_add(1)?;
    let file = segment_name(chain.writer, last.place.segment);
    let Entry { link, l, .. } = &last.entry;
    Some(Resume { segment, n: link.1, l: *l, h: last.h, file, bytes: last.place.end, rest })
}

/// Holds the log against the last acknowledged record that the head remembers.
fn check_head(chain: &mut Chain<'_>, bytes: &[u8]) {
    let own = format!("{}.head", chain.writer);
    let is_sound = |head: &Head| {
        let is_name = head.file.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.'));
        is_name && (1..=64).contains(&head.file.len()) && head.bytes <= MOST && head.n <= MOST
    };
    let Some(Head { file, bytes, n, h }) = Head::read(bytes).filter(is_sound) else {
        return chain.fault(own, 1, 0, Verdict::InvalidRecord, "the head can't be read");
    };
    if segment_number(chain.writer, &file).is_none() {
        chain.fault(own.clone(), 1, 0, Verdict::InvalidRecord, "the head names no file of this writer");
    }
    if chain.superseded.iter().any(|record| record.h == h) {
        let detail = format!("record {n} was acknowledged and is set aside");
        return chain.fault(own, 1, 0, Verdict::Fork, &detail);
    }
    let of_number = |record: &&Record| record.entry.link.1 == n;
    if let Some(record) = chain.records.iter().find(|record| of_number(record) && record.h == h) {
        let name = segment_name(chain.writer, record.place.segment);
        // Lines that are missing before it have moved it: that is told already.
        let moved = chain.faults.iter().any(|(of, fault)| *of == name && fault.kind == Verdict::Gap);
        if name != file || (record.place.end != bytes && !moved) {
            chain.fault(own, 1, 0, Verdict::InvalidRecord, "the head names another place than the record's");
        }
        return;
    }
    if chain.records.iter().any(|record| of_number(&record)) {
        let detail = format!("record {n} was acknowledged with other content");
        return chain.fault(own, 1, 0, Verdict::Fork, &detail);
    }
    if chain.records.iter().any(|record| record.entry.link.1 > n) {
        // A hole that the segments themselves show.
        return;
    }
    let there = chain.segments.iter().find(|segment| segment_name(chain.writer, segment.number) == file);
    let detail = format!("record {n} was acknowledged and is not there");
    match there.map(|segment| segment.bytes.len() as u64) {
        Some(end) => chain.fault(file, 0, end, Verdict::Truncated, &detail),
        None => chain.fault(file, 0, 0, Verdict::MissingSegment, &detail),
    }
}

/// The most that a segment's number can be: nine digits.
pub const MOST_SEGMENTS: u32 = 999_999_999;

/// The number in a segment's file name.
pub fn segment_number(writer: &WriterId, name: &str) -> Option<u32> {
    let number = name.strip_prefix(writer.as_str())?.strip_prefix('.')?.strip_suffix(".ndjson")?.parse().ok()?;
    (number <= MOST_SEGMENTS && segment_name(writer, number) == name).then_some(number)
}
