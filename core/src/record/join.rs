//! How one segment goes on from those before it: what its seg.open declares is held against what is there.

use super::chain::{Hash, Running};
use super::read::{LineFault, Record, read_segment};
use super::recover::{SegmentBytes, segment_name, segment_number};
use super::verify::Verdict;
use crate::incident::{After, Aside, Event, SegOpen, WriterId};

/// A writer's segments as far as they have been put together.
pub(super) struct Chain<'a> {
    pub writer: &'a WriterId,
    pub segments: Vec<SegmentBytes<'a>>,
    pub records: Vec<Record>,
    pub superseded: Vec<Record>,
    /// By file name.
    pub faults: Vec<(String, LineFault)>,
    pub opened: Option<SegOpen>,
    /// How many of the bytes that were set aside are not there: nothing binds what is left of them.
    pub missing: u64,
}

impl<'a> Chain<'a> {
    pub fn new(writer: &'a WriterId) -> Self {
        let (segments, records, superseded, faults) = Default::default();
        Self { writer, segments, records, superseded, faults, opened: None, missing: 0 }
    }

    /// Takes the next segment, in order of their numbers.
    pub fn add(&mut self, segment: SegmentBytes<'a>) {
        let read = read_segment(segment.bytes, self.writer, segment.number);
        // A first line that is no record has its fault already; nothing says then what it went on from.
        if let Some(first) = read.records.first().filter(|first| first.place.line == 1) {
            self.join(first, read.records.last());
        }
        let opened = read.records.iter().rev().find_map(|record| match &record.entry.event {
            Event::SegOpen(open) => Some(open.clone()),
            _ => None,
        });
        self.opened = opened.or(self.opened.take());
        let name = segment_name(self.writer, segment.number);
        self.faults.extend(read.faults.into_iter().map(|fault| (name.clone(), fault)));
        self.records.extend(read.records);
        self.segments.push(segment);
    }

    pub fn fault(&mut self, file: String, line: u64, byte: u64, kind: Verdict, detail: &str) {
        self.faults.push((file, LineFault { byte, line, kind, detail: detail.to_owned(), more: 0 }));
    }

    /// A fault of the segment whose first record is `first`.
    fn first_fault(&mut self, first: &Record, kind: Verdict, detail: &str) {
        self.fault(segment_name(self.writer, first.place.segment), 1, 0, kind, detail);
    }

    /// Holds a segment, from its first record to its last, against those before it.
    fn join(&mut self, first: &Record, last: Option<&Record>) {
        let n = first.entry.link.1;
        match &first.entry.event {
            Event::SegOpen(SegOpen { after: Some(after), aside, .. }) => {
                self.go_on((first, last), after, aside.as_ref())
            }
            // A later version's way to open a segment is not known here; number and hash still are.
            event @ Event::Unknown { .. } if event.is("seg.open") => self.go_on_unknown(first),
            Event::SegOpen(_) if !self.records.is_empty() => {
                self.first_fault(first, Verdict::InvalidRecord, "a later segment that goes on from nothing");
            }
            Event::SegOpen(_) if n > 0 => {
                self.first_fault(first, Verdict::Gap, &format!("records 0 to {} are missing", n - 1));
            }
            Event::SegOpen(_) if first.p != Hash::ZERO => {
                self.first_fault(first, Verdict::InvalidRecord, "the first record names a predecessor");
            }
            Event::SegOpen(_) => {}
            _ => self.no_open(first),
        }
    }

    fn no_open(&mut self, first: &Record) {
        let expected = self.records.last().map_or(0, |last| last.entry.link.1.saturating_add(1));
        match first.entry.link.1 {
            n if n > expected => {
                self.first_fault(first, Verdict::Gap, &format!("records {expected} to {} are missing", n - 1));
            }
            _ => self.first_fault(first, Verdict::InvalidRecord, "a segment must begin with seg.open"),
        }
    }

    fn go_on_unknown(&mut self, first: &Record) {
        let last = self.records.last();
        let expected = last.map_or((0, Hash::ZERO), |last| (last.entry.link.1.saturating_add(1), last.h));
        let grows = last.is_none_or(|last| last.entry.l < first.entry.l);
        if (first.entry.link.1, first.p) != expected || !grows {
            self.first_fault(first, Verdict::InvalidRecord, "the segment does not go on from the one before it");
        }
    }

    fn go_on(&mut self, (first, last): (&Record, Option<&Record>), after: &After, aside: Option<&Aside>) {
        let named = Hash::parse(after.h.as_bytes());
        if first.entry.link.1 != after.n.saturating_add(1) || Some(first.p) != named {
            let detail = "the segment's first record does not follow the record that it names";
            return self.first_fault(first, Verdict::InvalidRecord, detail);
        }
        let file = after.file.line().into_string();
        let Some(number) = segment_number(self.writer, &file).filter(|number| *number < first.place.segment) else {
            let detail = "the segment says that it goes on from what is no earlier one of this writer";
            return self.first_fault(first, Verdict::InvalidRecord, detail);
        };
        let Some(at) = self.segments.iter().position(|segment| segment.number == number) else {
            return self.fault(file, 0, 0, Verdict::MissingSegment, "the next segment goes on from this file");
        };
        let is_anchor = |record: &Record| record.entry.link.1 == after.n && Some(record.h) == named;
        let of_number = |record: &Record| record.entry.link.1 == after.n;
        let anchor = self.records.iter().rposition(is_anchor);
        let Some(anchor) = anchor.or_else(|| self.records.iter().rposition(of_number)) else {
            return self.cut_off(at, after.n);
        };
        let Some(record) = self.records.get(anchor) else { return };
        let here = self.segments.get(at).map(|segment| segment.number);
        // Lines that are missing before it have moved it: that is told already.
        let file = segment_name(self.writer, record.place.segment);
        let moved = Some(record.place.segment) == here
            && self.faults.iter().any(|(name, fault)| *name == file && fault.kind == Verdict::Gap);
        if Some(record.h) != named {
            let detail = format!("goes on from a record {} with other content than the one that is there", after.n);
            self.first_fault(first, Verdict::Fork, &detail);
        } else if !moved && (Some(record.place.segment) != here || record.place.end != after.bytes) {
            self.first_fault(first, Verdict::InvalidRecord, "the record it goes on from stands elsewhere");
        } else if first.entry.l <= record.entry.l {
            self.first_fault(first, Verdict::InvalidRecord, "the segment's Lamport time does not grow");
        } else {
            self.set_aside((first, last), anchor, at, aside);
        }
    }

    /// The record that the next segment goes on from is not in the file that it names.
    fn cut_off(&mut self, at: usize, n: u64) {
        let Some(segment) = self.segments.get(at).copied() else { return };
        // Also where lines of that file are no records: which of them it was can't be said.
        let detail = format!("the next segment goes on from record {n}, which is not there");
        let name = segment_name(self.writer, segment.number);
        self.fault(name, 0, segment.bytes.len() as u64, Verdict::Truncated, &detail);
    }

    /// What stands after the record `anchor` was never acknowledged. It may be as much as the new segment declares,
    /// or less, because an unsynced write can be lost; never more. Complete records among what is declared are
    /// superseded, also where the bytes are not those that were declared; one beyond it goes on from the same record
    /// as the new segment does.
    fn set_aside(
        &mut self,
        (first, last): (&Record, Option<&Record>),
        anchor: usize,
        at: usize,
        aside: Option<&Aside>,
    ) {
        let Some(place) = self.records.get(anchor).map(|record| record.place) else { return };
        let mut rest = Running::default();
        // How many of those bytes stand before each segment's own.
        let mut before: Vec<(u32, u64)> = Vec::new();
        for segment in self.segments.iter().skip(at) {
            before.push((segment.number, rest.bytes()));
            let from = if segment.number == place.segment { place.end as usize } else { 0 };
            rest.add(segment.bytes.get(from..).unwrap_or_default());
        }
        let limit = aside.map_or(0, |declared| declared.bytes);
        self.missing += limit.saturating_sub(rest.bytes());
        let Some(there) = rest.aside() else { return };
        let is_inside = |record: &Record| {
            let own = record.place.end - if record.place.segment == place.segment { place.end } else { 0 };
            before.iter().any(|(number, bytes)| *number == record.place.segment && bytes + own <= limit)
        };
        let (inside, beyond): (Vec<Record>, Vec<Record>) = self.records.drain(anchor + 1..).partition(is_inside);
        self.superseded.extend(inside);
        let name = segment_name(self.writer, place.segment);
        if aside.is_some_and(|declared| there.bytes < declared.bytes || there == *declared) {
            let later: Vec<String> =
                self.segments.iter().skip(at + 1).map(|s| segment_name(self.writer, s.number)).collect();
            self.faults.retain(|(file, f)| !later.contains(file) && (*file != name || f.byte < place.end));
        } else if beyond.iter().any(|record| record.h == first.h) {
            self.first_fault(first, Verdict::InvalidRecord, "the segment repeats records of another one");
        } else if beyond.first().is_some_and(|next| last.is_some_and(|last| next.p == last.h)) {
            self.first_fault(first, Verdict::InvalidRecord, "the segment stands behind one that goes on from it");
        } else if beyond.is_empty() {
            let detail = match there.bytes > limit {
                true => format!("{} bytes that the next segment does not declare", there.bytes - limit),
                false => "the bytes that were set aside are not those that the next segment declares".to_owned(),
            };
            self.fault(name, place.line + 1, place.end, Verdict::InvalidRecord, &detail);
        } else {
            let from = first.entry.link.1.saturating_sub(1);
            let detail = format!("goes on from record {from}, from which {} others go on", beyond.len());
            self.first_fault(first, Verdict::Fork, &detail);
        }
        self.records.extend(beyond);
    }
}
