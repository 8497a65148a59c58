//! A session in which nothing is wrong, told from its lines one at a time. What is wrong is named by
//! [`super::recover_session`] and [`super::Recovery::check`] alone, which hold all records; here it is enough to say
//! that they would name nothing, and what they would say. Whatever is out of the ordinary, also what they allow, is left
//! to them.
//!
//! Memory grows with the writers, the checkpoints and the evidence that is named, never with the records: the lines of
//! all writers are merged by their Lamport times, so that of each writer the last one is enough.

use super::chain::Hash;
use super::checkpoint::Checkpoint;
use super::head::Head;
use super::kept::Kept;
use super::read::{Place, Record, Scanner};
use super::recover::segment_name;
use super::signed::{CheckpointFile, Looked, Uncovered, look, named};
use super::verify::{Verdict, Verification};
use crate::incident::{Event, Link, SegOpen, WriterId};
use crate::text::{Id, id::Slug};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A writer's lines as they come from where they are kept, segment after segment in order of their numbers.
pub trait Lines {
    /// Puts the next line, up to and with its newline, into `line`, which is empty. Of a line that is longer than
    /// [`super::MAX_LINE`] it is enough to put down more than that.
    fn next(&mut self, line: &mut Vec<u8>) -> Piece;
}

/// What comes next of a writer's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A line of the segment of this number.
    Line(u32),
    /// No more.
    End,
    /// Something that can't be read.
    Unreadable,
}

/// What one writer has on disk, yet to be read. The head must have been read before the lines are.
#[derive(Debug)]
pub struct WriterLines<L> {
    pub writer: WriterId,
    pub lines: L,
    pub head: Option<Vec<u8>>,
}

/// A session in whose logs and checkpoints nothing is wrong.
#[derive(Clone, Debug)]
pub struct Whole {
    /// What the full way says of it.
    pub verification: Verification,
    /// What its records name as evidence.
    pub evidence: HashSet<Hash>,
    /// The session that its segments name.
    pub session: Option<Id<Slug>>,
    /// Whether a record opens it, or nothing in it was begun yet: else [`super::Recovery::unopened`] says what is
    /// missing.
    pub opened: bool,
}

/// Reads a session through; `None` where that is not enough to say that nothing is wrong.
pub fn whole<L: Lines>(
    writers: Vec<WriterLines<L>>,
    checkpoints: &[CheckpointFile],
    kept: Option<&Kept>,
) -> Option<Whole> {
    let mut sum = Sum::of(checkpoints, kept)?;
    let mut strands = writers.into_iter().map(Strand::of).collect::<Option<Vec<_>>>()?;
    strands.sort_by(|a, b| a.writer.cmp(&b.writer));
    let (mut line, mut ready) = (Vec::new(), BTreeSet::new());
    for (at, strand) in strands.iter_mut().enumerate() {
        ready.extend(strand.pull(&mut line)?.map(|l| (l, at)));
    }
    while let Some((_, at)) = ready.pop_first() {
        let record = strands.get_mut(at)?.next.take()?;
        if !is_after_seen(&strands, &record) {
            return None;
        }
        sum.add(&record)?;
        let strand = strands.get_mut(at)?;
        strand.pass(&record)?;
        ready.extend(strand.pull(&mut line)?.map(|l| (l, at)));
    }
    sum.finish(&strands)
}

/// Whether all that a record had seen comes before it. Of a writer that has come to the same Lamport time, all but its
/// last record does.
fn is_after_seen<L>(strands: &[Strand<L>], record: &Record) -> bool {
    record.entry.seen.iter().flatten().all(|(writer, n)| {
        let other = strands.binary_search_by(|strand| strand.writer.cmp(writer)).ok().and_then(|at| strands.get(at));
        let last = other.and_then(|other| other.last.as_ref());
        last.is_some_and(|last| *n < last.n || (*n == last.n && last.l < record.entry.l))
    })
}

/// One writer's log as far as it was read.
struct Strand<L> {
    writer: WriterId,
    lines: L,
    /// What its head remembers, until that record has come.
    head: Option<Head>,
    /// The segment that is read, and its reader.
    reader: Option<(u32, Scanner)>,
    /// Read, and not yet in its order.
    next: Option<Record>,
    last: Option<Last>,
}

/// The last record of a writer that has come in its order.
struct Last {
    n: u64,
    l: u64,
    h: Hash,
    place: Place,
}

impl<L: Lines> Strand<L> {
    fn of(one: WriterLines<L>) -> Option<Self> {
        let WriterLines { writer, lines, head } = one;
        let head = match head {
            Some(bytes) => Some(Head::read(&bytes)?),
            None => None,
        };
        Some(Self { writer, lines, head, reader: None, next: None, last: None })
    }

    /// Reads the next record and gives its Lamport time, where there is one more; `None` where something is wrong.
    fn pull(&mut self, line: &mut Vec<u8>) -> Option<Option<u64>> {
        line.clear();
        let number = match self.lines.next(line) {
            Piece::Line(number) => number,
            Piece::End => return Some(None),
            Piece::Unreadable => return None,
        };
        let is_first = self.reader.as_ref().is_none_or(|(of, _)| *of != number);
        if is_first {
            self.reader = Some((number, Scanner::new(self.writer.clone(), number)));
        }
        let (_, scanner) = self.reader.as_mut()?;
        let (Some(record), None) = scanner.take(line) else { return None };
        let holds = if is_first { self.goes_on(&record) } else { !record.entry.event.is("seg.open") };
        let l = record.entry.l;
        self.next = Some(record);
        holds.then_some(Some(l))
    }

    /// Whether a segment's first record opens it, and goes on from the last record of all before, behind which nothing
    /// stands. What an opening sets aside, and a later version's opening, are `recover`'s to judge.
    fn goes_on(&self, first: &Record) -> bool {
        let Event::SegOpen(SegOpen { after, aside: None, .. }) = &first.entry.event else { return false };
        let (Link(_, n), l) = (&first.entry.link, first.entry.l);
        match (after, &self.last) {
            (None, None) => *n == 0 && first.p == Hash::ZERO,
            (Some(after), Some(last)) => {
                let named = (after.n, Hash::parse(after.h.as_bytes()), after.file.line().into_string(), after.bytes);
                let file = segment_name(&self.writer, last.place.segment);
                named == (last.n, Some(last.h), file, last.place.end)
                    && (*n, first.p) == (last.n.saturating_add(1), last.h)
                    && l > last.l
            }
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    /// Takes a record in its order, and holds it against the head.
    fn pass(&mut self, record: &Record) -> Option<()> {
        let Record { entry, h, place, .. } = record;
        if let Some(head) = self.head.take_if(|head| head.n == entry.link.1) {
            let file = segment_name(&self.writer, place.segment);
            let is_it = (head.h, head.file, head.bytes) == (*h, file, place.end);
            is_it.then_some(())?;
        }
        self.last = Some(Last { n: entry.link.1, l: entry.l, h: *h, place: *place });
        Some(())
    }
}

/// What all records so far come to.
struct Sum<'a> {
    files: &'a [CheckpointFile],
    looked: Looked,
    /// What checkpoints bind, or what was kept elsewhere, and has not come yet: the hash; and of a maker's own record the file and the bytes.
    bound: BTreeMap<Link, Vec<Bound>>,
    /// How many of those were kept elsewhere.
    kept: Option<usize>,
    session: Option<Id<Slug>>,
    evidence: HashSet<Hash>,
    records: usize,
    uncovered: Uncovered,
    begun: bool,
    opened: bool,
}

struct Bound {
    h: Hash,
    place: Option<(String, u64)>,
}

impl<'a> Sum<'a> {
    fn of(files: &'a [CheckpointFile], kept: Option<&Kept>) -> Option<Self> {
        let mut checkpoints: Vec<Checkpoint> = Vec::new();
        let looked = look(files, |checkpoint| {
            checkpoints.push(checkpoint.clone());
            Vec::new()
        });
        let mut bound: BTreeMap<Link, Vec<Bound>> = BTreeMap::new();
        for checkpoint in &checkpoints {
            let mut place = Some((checkpoint.file.clone(), checkpoint.bytes));
            // The maker's own comes first.
            for (writer, n, h) in checkpoint.heads() {
                bound.entry(Link(writer.clone(), n)).or_default().push(Bound { h, place: place.take() });
            }
        }
        for (link, h) in kept.into_iter().flat_map(Kept::heads) {
            bound.entry(link.clone()).or_default().push(Bound { h: *h, place: None });
        }
        let session = checkpoints.first().map(|checkpoint| checkpoint.session.clone());
        let is_one = checkpoints.iter().all(|checkpoint| Some(&checkpoint.session) == session.as_ref());
        let evidence = HashSet::new();
        let kept = kept.map(Kept::len);
        let (records, uncovered, begun, opened) = (0, Uncovered::default(), false, false);
        let sum = Self { files, looked, bound, kept, session, evidence, records, uncovered, begun, opened };
        (is_one && sum.looked.faults.is_empty()).then_some(sum)
    }

    /// Takes the next record in the order of all; `None` where something is wrong with it.
    fn add(&mut self, record: &Record) -> Option<()> {
        let Record { entry, h, place, .. } = record;
        let here = || (segment_name(&entry.link.0, place.segment), place.end);
        let is_bound = |bound: &Bound| bound.h == *h && bound.place.as_ref().is_none_or(|place| *place == here());
        if !self.bound.remove(&entry.link).iter().flatten().all(is_bound) || named(record, self.files).is_some() {
            return None;
        }
        if let Event::SegOpen(open) = &entry.event
            && self.session.get_or_insert_with(|| open.session.clone()) != &open.session
        {
            return None;
        }
        if let Some(blob) = entry.event.blob() {
            self.evidence.insert(Hash::parse(blob.as_bytes())?);
        }
        self.records += 1;
        if !self.looked.covered.holds(record) {
            self.uncovered.add(record);
        }
        self.begun |= !entry.event.is("seg.open");
        self.opened |= entry.event.is("session.opened");
        Some(())
    }

    /// What it comes to, once all records have come: then every head and every bound record must have.
    fn finish<L>(self, strands: &[Strand<L>]) -> Option<Whole> {
        if !self.bound.is_empty() || strands.iter().any(|strand| strand.head.is_some()) {
            return None;
        }
        let last = |strand: &Strand<L>| strand.last.as_ref().map(|last| (strand.writer.clone(), last.n, last.h));
        let heads: Vec<(WriterId, u64, Hash)> = strands.iter().filter_map(last).collect();
        let signed = self.looked.covered.any() && self.uncovered.is_empty();
        let uncovered = self.looked.covered.any().then_some(self.uncovered);
        let verification = Verification {
            verdict: if signed { Verdict::Ok } else { Verdict::OkUnsigned },
            records: self.records,
            writers: heads.len(),
            problems: Vec::new(),
            checkpoints: self.looked.checked,
            heads,
            uncovered,
            kept: self.kept,
            // What was set aside is left to the full way.
            aside_missing: 0,
        };
        let opened = self.opened || (self.records > 0 && !self.begun);
        Some(Whole { verification, evidence: self.evidence, session: self.session, opened })
    }
}
