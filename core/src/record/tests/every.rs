//! Every damage of a kind, not a sample: each bit of 64 KiB, each byte to cut at, each line and file to delete, repeat
//! and swap. Each gets the verdict that is right for its kind.

use super::*;
use crate::text::skipped::tell;
use std::ops::Range;

const SIZE: usize = 64 * 1024;

/// A log of 64 KiB to the byte, its lines and its head.
fn log() -> (Vec<Vec<u8>>, Vec<u8>) {
    let mut pen = Pen::new('a');
    let mut lines = vec![pen.open(None, None)];
    let mut left = SIZE - lines[0].len();
    for length in (0..).map(|i| 40 + i * 97 % 160) {
        let line = pen.clone().note(&"x".repeat(length));
        // What remains must be enough for one more, and not too much.
        if left < line.len() + 400 {
            break;
        }
        left -= line.len();
        lines.push(pen.note(&"x".repeat(length)));
    }
    let empty = pen.clone().note("").len();
    lines.push(pen.note(&"x".repeat(left - empty)));
    let head = pen.head(0, SIZE);
    assert_eq!(lines.concat().len(), SIZE);
    (lines, head)
}

/// A reader at the start of each line, and at the end.
fn readers(lines: &[Vec<u8>]) -> Vec<Scanner> {
    let mut scanner = Scanner::new(writer('a'), 0);
    let mut readers = vec![scanner.clone()];
    for line in lines {
        assert!(matches!(scanner.take(line), (Some(_), None)));
        readers.push(scanner.clone());
    }
    readers
}

/// A log under damage. What comes after a damaged line is read again only where the reader stands otherwise after it
/// than after another damage of that line that led to the same verdict: the same reader reads the same.
struct Damaged<'a> {
    lines: &'a [Vec<u8>],
    head: &'a [u8],
    readers: &'a [Scanner],
    /// After damages of the line at hand: where the reader stood, what it had found, and the verdicts.
    known: Vec<(Option<Scanner>, Vec<Verdict>, [Verdict; 2])>,
    whole: usize,
}

impl Damaged<'_> {
    /// The verdicts without and with the head where `with` stands in place of the lines `gone`.
    fn verdicts(&mut self, gone: Range<usize>, with: &[u8]) -> [Verdict; 2] {
        let mut reader = self.readers[gone.start].clone();
        let mut found = Vec::new();
        for piece in with.split_inclusive(|byte| *byte == b'\n') {
            let (record, fault) = reader.take(piece);
            assert!(record.is_none());
            found.extend(fault.map(|fault| fault.kind));
        }
        // Where nothing follows, it does not matter where the reader stands.
        let reader = (gone.end < self.lines.len()).then_some(reader);
        if let Some((.., verdicts)) = self.known.iter().find(|(at, kinds, _)| (at, kinds) == (&reader, &found)) {
            return *verdicts;
        }
        let bytes = [&self.lines[..gone.start].concat(), with, &self.lines[gone.end..].concat()].concat();
        let verdicts = [None, Some(self.head)].map(|head| verdict(&[(0, &bytes)], head));
        self.known.push((reader, found, verdicts));
        self.whole += 1;
        verdicts
    }
}

/// Flips each bit of one line; gives how many, and how often the whole log was read.
fn flip_line(lines: &[Vec<u8>], head: &[u8], readers: &[Scanner], at: usize) -> (usize, usize) {
    let mut damaged = Damaged { lines, head, readers, known: Vec::new(), whole: 0 };
    let (mut line, end, last) = (lines[at].clone(), lines[at].len() - 1, at + 1 == lines.len());
    for bit in 0..line.len() * 8 {
        line[bit / 8] ^= 1 << (bit % 8);
        // Without its newline a line goes on in the next one.
        let (expected, found) = match bit / 8 == end {
            false => ([Verdict::InvalidRecord; 2], damaged.verdicts(at..at + 1, &line)),
            true if last => ([Verdict::TornTail, Verdict::Truncated], damaged.verdicts(at..at + 1, &line)),
            true => {
                let both = [line.as_slice(), &lines[at + 1]].concat();
                ([Verdict::InvalidRecord; 2], damaged.verdicts(at..at + 2, &both))
            }
        };
        assert_eq!(found, expected, "bit {bit} of line {at}");
        line[bit / 8] ^= 1 << (bit % 8);
    }
    (line.len() * 8, damaged.whole)
}

#[test]
fn every_bit_of_64_kib_that_is_flipped_is_named() {
    let (lines, head) = log();
    let readers = readers(&lines);
    assert_eq!(verdict(&[(0, &lines.concat())], Some(&head)), Verdict::OkUnsigned);
    let half = |odd: usize| {
        let own = (0..lines.len()).filter(|at| at % 2 == odd);
        own.map(|at| flip_line(&lines, &head, &readers, at)).fold((0, 0), |(a, b), (c, d)| (a + c, b + d))
    };
    let (one, two) = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        (half(0), other.join().unwrap())
    });
    let (bits, whole) = (one.0 + two.0, one.1 + two.1);
    assert_eq!(bits, 524_288);
    let records = lines.len();
    tell(&format!(
        "bits flipped in a log of {SIZE} bytes, each named: {bits} ({records} records, read whole {whole} times)"
    ));
}

#[test]
fn every_byte_of_64_kib_that_a_log_is_cut_at_is_named() {
    let (lines, head) = log();
    let readers = readers(&lines);
    let mut cuts = 0;
    for (at, line) in lines.iter().enumerate() {
        let mut damaged =
            Damaged { lines: &lines[..at + 1], head: &head, readers: &readers, known: Vec::new(), whole: 0 };
        for cut in 0..line.len() {
            // A log that ends with a record, or before the first, can't be told from one that was never longer.
            let alone = if cut == 0 { Verdict::OkUnsigned } else { Verdict::TornTail };
            assert_eq!(
                damaged.verdicts(at..at + 1, &line[..cut]),
                [alone, Verdict::Truncated],
                "byte {cut} of line {at}"
            );
            cuts += 1;
        }
    }
    assert_eq!(cuts, SIZE);
    tell(&format!("bytes that a log was cut at, each named: {cuts}"));
}

/// Twelve records and their head.
fn dozen() -> (Vec<Vec<u8>>, Vec<u8>) {
    let (_, lines, head) = small(11);
    (lines, head)
}

#[test]
fn every_line_that_is_deleted_repeated_or_swapped_is_named() {
    let (lines, head) = dozen();
    let judge = |lines: &[Vec<u8>]| verdict(&[(0, &lines.concat())], Some(&head));
    let (mut deleted, mut repeated, mut swapped) = (0, 0, 0);
    for from in 0..lines.len() {
        for to in from + 1..=lines.len() {
            // Lines from one to another, all of them at the end.
            let left = [&lines[..from], &lines[to..]].concat();
            let expected = if to == lines.len() { Verdict::Truncated } else { Verdict::Gap };
            assert_eq!(judge(&left), expected, "lines {from} to {to} deleted");
            deleted += 1;
        }
        for place in 0..=lines.len() {
            let mut other = lines.clone();
            other.insert(place, lines[from].clone());
            assert_eq!(judge(&other), Verdict::InvalidRecord, "line {from} repeated at {place}");
            repeated += 1;
        }
        for with in from + 1..lines.len() {
            let mut other = lines.clone();
            other.swap(from, with);
            assert_eq!(judge(&other), Verdict::InvalidRecord, "lines {from} and {with} swapped");
            swapped += 1;
        }
    }
    assert_eq!((deleted, repeated, swapped), (78, 156, 66));
    tell(&format!("lines of 12, each named: {deleted} runs deleted, {repeated} repeated, {swapped} pairs swapped"));
}

/// A writer's files: three segments and the head.
#[derive(Clone, PartialEq)]
struct Files {
    segments: Vec<(u32, Vec<u8>)>,
    head: Option<Vec<u8>>,
}

/// Two writers, the second of whom has seen all of the first.
fn two() -> [Files; 2] {
    let mut seen = None;
    ['a', 'b'].map(|letter| {
        let mut pen = Pen { l: if letter == 'a' { 0 } else { 100 }, ..Pen::new(letter) };
        let mut segments: Vec<(u32, Vec<u8>)> = Vec::new();
        for number in 0..3 {
            let after = segments.last().map(|(number, bytes)| pen.after(*number, bytes.len()));
            let note = NoteAdded { text: format!("{letter} {number}").into(), step: None };
            let bytes = [pen.open(after, None), pen.write(note.into(), seen.take())].concat();
            segments.push((number, bytes));
        }
        seen = Some(BTreeMap::from([(pen.w.clone(), pen.n - 1)]));
        let head = Some(pen.head(2, segments[2].1.len()));
        Files { segments, head }
    })
}

fn judge_files(two: &[Files; 2]) -> Verdict {
    let there = ['a', 'b'].into_iter().zip(two).filter(|(_, of)| !of.segments.is_empty() || of.head.is_some());
    let files = there.map(|(letter, of)| WriterFiles {
        writer: writer(letter),
        segments: of.segments.iter().map(|(number, bytes)| SegmentBytes { number: *number, bytes }).collect(),
        head: of.head.as_deref(),
    });
    recover_session(&files.collect::<Vec<_>>()).verdict()
}

#[test]
fn every_file_that_is_deleted_is_named() {
    let whole = two();
    assert_eq!(judge_files(&whole), Verdict::OkUnsigned);
    for who in 0..2 {
        for at in 0..3 {
            let mut left = whole.clone();
            left[who].segments.remove(at);
            assert_eq!(judge_files(&left), Verdict::MissingSegment, "segment {at} of {who}");
        }
        let mut left = whole.clone();
        left[who].segments.clear();
        assert_eq!(judge_files(&left), Verdict::MissingSegment, "all segments of {who}");
        // A head may be behind or missing: with it goes only what it alone knew.
        left = whole.clone();
        left[who].head = None;
        assert_eq!(judge_files(&left), Verdict::OkUnsigned);
        left[who].segments.pop();
        // The second writer knows what the first had; what nobody knows is missed by nobody.
        assert_eq!(judge_files(&left), [Verdict::Truncated, Verdict::OkUnsigned][who]);
        left[who].segments.clear();
        assert_eq!(judge_files(&left), [Verdict::MissingSegment, Verdict::OkUnsigned][who]);
    }
}

#[test]
fn every_file_that_is_repeated_or_swapped_is_named() {
    let whole = two();
    let all: Vec<(usize, usize)> = (0..2).flat_map(|who| (0..3).map(move |at| (who, at))).collect();
    let bytes = |(who, at): (usize, usize)| whole[who].segments[at].1.clone();
    let (mut repeated, mut swapped) = (0, 0);
    for (i, one) in all.iter().enumerate() {
        for who in 0..2 {
            let mut more = whole.clone();
            more[who].segments.push((3, bytes(*one)));
            assert_eq!(judge_files(&more), Verdict::InvalidRecord, "{one:?} as another segment of {who}");
            repeated += 1;
        }
        for other in &all[i + 1..] {
            let mut moved = whole.clone();
            moved[one.0].segments[one.1].1 = bytes(*other);
            moved[other.0].segments[other.1].1 = bytes(*one);
            assert_eq!(judge_files(&moved), Verdict::InvalidRecord, "{one:?} and {other:?} swapped");
            swapped += 1;
        }
    }
    let mut moved = whole.clone();
    let [a, b] = &mut moved;
    std::mem::swap(&mut a.head, &mut b.head);
    // Record 5 of each is there, with another hash than the head says.
    assert_eq!(judge_files(&moved), Verdict::Fork);
    assert_eq!((repeated, swapped), (12, 15));
    tell(&format!(
        "files of 8, each named: 8 deleted, {repeated} segments repeated, {swapped} pairs and the heads swapped"
    ));
}
