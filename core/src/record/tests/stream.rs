//! The reader of one line at a time, held to the full recovery: it says whole exactly where that finds nothing wrong and
//! nothing set aside, and says the same of it.

use super::made::{Made, WRONG, made};
use super::*;
use crate::text::chance::Chance;

/// Lines of logs in memory.
struct Bytes<'a> {
    segments: std::vec::IntoIter<SegmentBytes<'a>>,
    open: Option<SegmentBytes<'a>>,
}

impl Lines for Bytes<'_> {
    fn next(&mut self, line: &mut Vec<u8>) -> Piece {
        assert!(line.is_empty());
        loop {
            if let Some(open) = self.open.as_mut().filter(|open| !open.bytes.is_empty()) {
                let piece = open.bytes.split_inclusive(|b| *b == b'\n').next().unwrap();
                open.bytes = &open.bytes[piece.len()..];
                line.extend_from_slice(&piece[..piece.len().min(MAX_LINE + 1)]);
                return Piece::Line(open.number);
            }
            self.open = self.segments.next();
            if self.open.is_none() {
                return Piece::End;
            }
        }
    }
}

pub fn pass(files: &[WriterFiles<'_>], checkpoints: &[CheckpointFile], kept: Option<&Kept>) -> Option<Whole> {
    fn lines<'a>(one: &WriterFiles<'a>) -> WriterLines<Bytes<'a>> {
        let mut segments = one.segments.clone();
        segments.sort_by_key(|segment| segment.number);
        let lines = Bytes { segments: segments.into_iter(), open: None };
        WriterLines { writer: one.writer.clone(), lines, head: one.head.map(<[u8]>::to_vec) }
    }
    whole(files.iter().map(lines).collect(), checkpoints, kept)
}

/// What of a session without a fault is left to the full recovery: what was set aside, or could have been; openings of
/// a later version; an earlier segment of another session than the last one's.
fn is_ordinary(recovery: &Recovery) -> bool {
    let opens = || recovery.records.iter().map(|record| &record.entry.event).filter(|event| event.is("seg.open"));
    let mut sessions = opens().map(|event| match event {
        Event::SegOpen(SegOpen { session, aside: None, .. }) => Some(session),
        _ => None,
    });
    let first = sessions.next().flatten();
    let is_one = opens().next().is_none() || (first.is_some() && sessions.all(|session| session == first));
    let mut blobs = recovery.records.iter().filter_map(|record| record.entry.event.blob());
    recovery.superseded.is_empty() && is_one && blobs.all(|blob| Hash::parse(blob.as_bytes()).is_some())
}

/// Holds the pass to a recovery that was held against the same checkpoints; gives the verdict if it has one.
pub fn agree(files: &[WriterFiles<'_>], recovery: &Recovery, checkpoints: &[CheckpointFile]) -> Option<Verdict> {
    let whole = pass(files, checkpoints, None);
    let expected = recovery.faults.is_empty() && is_ordinary(recovery);
    assert_eq!(whole.is_some(), expected, "{:?}", recovery.faults);
    let whole = whole?;
    assert_eq!(whole.verification, recovery.verification());
    assert_eq!(whole.opened, recovery.unopened().is_none());
    let mut evidence: Vec<String> = whole.evidence.iter().map(Hash::to_string).collect();
    let mut named: Vec<String> =
        recovery.records.iter().filter_map(|record| Some(record.entry.event.blob()?.into_owned())).collect();
    evidence.sort();
    named.sort();
    named.dedup();
    assert_eq!(evidence, named);
    Some(whole.verification.verdict)
}

/// The verdict of the pass, if it has one; it is held to the full recovery's.
fn judge(made: &Made) -> Option<Verdict> {
    let files = made.files();
    let mut recovery = super::super::recover_session(&files);
    recovery.check(&made.checkpoints);
    agree(&files, &recovery, &made.checkpoints)
}

#[test]
fn what_is_whole_is_said_to_be_whole() {
    let mut chance = Chance(20_261_124);
    let (mut segments, mut checkpoints, mut signed) = (0, 0, 0);
    for _ in 0..150 {
        let made = made(&mut chance, None);
        signed += usize::from(judge(&made).unwrap() == Verdict::Ok);
        segments += made.logs.iter().map(|log| log.segments.len()).sum::<usize>();
        checkpoints += made.checkpoints.len();
    }
    assert!(segments > 1_000 && checkpoints > 200 && signed > 3, "{segments} {checkpoints} {signed}");
}

#[test]
fn no_slip_of_a_writer_is_said_to_be_whole() {
    let mut chance = Chance(20_261_125);
    for wrong in WRONG {
        let found = (0..25).filter(|_| judge(&made(&mut chance, Some(wrong))).is_none()).count();
        assert!(found >= 3, "{wrong}: {found}");
    }
}

/// One damage to one of the files.
fn damage(made: &mut Made, chance: &mut Chance) {
    let log = chance.place(made.logs.len());
    let log = &mut made.logs[log];
    if log.segments.is_empty() {
        return;
    }
    let segment = chance.place(log.segments.len());
    let checkpoint = chance.place(made.checkpoints.len());
    let bytes = match chance.place(8) {
        0 => return drop(log.segments.remove(segment)),
        1 => return log.segments[segment].0 += 1 + chance.next(3) as u32,
        2 => match &mut log.head {
            Some(head) => head,
            None => return,
        },
        3 | 4 if !made.checkpoints.is_empty() => {
            let file = &mut made.checkpoints[checkpoint];
            match chance.place(5) {
                0 => return drop(made.checkpoints.remove(checkpoint)),
                1 => return file.signed = Signed::Bad,
                2 => return file.signed = Signed::UnknownSigner { key: "k".into() },
                3 => &mut file.text,
                _ => return file.signature = chance.place(2).checked_sub(1).map(|_| b"another".to_vec()),
            }
        }
        _ => &mut log.segments[segment].1,
    };
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    if lines.is_empty() {
        return bytes.extend_from_slice(b"x\n");
    }
    let (at, other, bit) = (chance.place(lines.len()), chance.place(lines.len()), chance.place(bytes.len() * 8));
    match chance.place(6) {
        0 => drop(lines.remove(at)),
        1 => lines.swap(at, other),
        2 => lines.insert(at, lines[other].clone()),
        3 => return bytes.truncate(bit / 8),
        4 => return bytes[bit / 8] ^= 1 << (bit % 8),
        _ => return bytes.extend_from_slice(b"xx"),
    }
    *bytes = lines.concat();
}

#[test]
fn no_damage_is_said_to_be_whole() {
    let mut chance = Chance(20_261_126);
    let mut found = 0;
    for _ in 0..100 {
        let whole = made(&mut chance, None);
        for _ in 0..15 {
            let mut damaged = whole.clone();
            (0..=chance.place(3) / 2).for_each(|_| damage(&mut damaged, &mut chance));
            found += usize::from(judge(&damaged).is_none());
        }
    }
    assert!(found > 1_200, "{found}");
}

/// A file that no one can read.
struct Locked;

impl Lines for Locked {
    fn next(&mut self, _: &mut Vec<u8>) -> Piece {
        Piece::Unreadable
    }
}

#[test]
fn what_can_not_be_read_is_not_said_to_be_whole() {
    assert!(whole(vec![WriterLines { writer: writer('a'), lines: Locked, head: None }], &[], None).is_none());
}
