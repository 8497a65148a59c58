//! What was kept of a session outside of it: heads in a report, a bundle, a ticket, a mail. Only they show that the newest
//! records are gone where all that names them was taken away as well.

use super::chain::Hash;
use super::form::MOST;
use super::verify::{Fault, Recovery, Verdict};
use crate::incident::{Link, WriterId};
use crate::text::Id;
use std::collections::{BTreeMap, BTreeSet};

/// Records by name and hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept(BTreeSet<(Link, Hash)>);

/// The most words of one head: of a checkpoint.
const WORDS: usize = 11;

impl Kept {
    /// Finds the heads in any text: a writer, a number and a hash, as `sessions verify` prints them, as a checkpoint says
    /// them, or as a log's own head does. What stands between those words does not matter, nor what else is there.
    pub fn read(text: &[u8]) -> Self {
        let words: Vec<&[u8]> =
            text.split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let heads = (0..words.len()).filter_map(|at| head(words.get(at..words.len().min(at + WORDS))?));
        Self(heads.collect())
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These and others.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(super) fn heads(&self) -> impl Iterator<Item = &(Link, Hash)> {
        self.0.iter()
    }
}

/// The head that the words begin with.
fn head(words: &[&[u8]]) -> Option<(Link, Hash)> {
    match words {
        [writer, b"record", n, h, ..] | [writer, n, h, ..] if h.len() == 64 => made(writer, n, 0, h),
        [writer, b"file", _, _, b"ndjson", b"count", count, b"bytes", _, b"head", h, ..] => made(writer, count, 1, h),
        [writer, _, b"ndjson", b"bytes", _, b"n", n, b"h", h, ..] => made(writer, n, 0, h),
        _ => None,
    }
}

fn made(writer: &[u8], n: &[u8], less: u64, h: &[u8]) -> Option<(Link, Hash)> {
    let writer: WriterId = Id::new(std::str::from_utf8(writer).ok()?).ok()?;
    let digits = std::str::from_utf8(n).ok().filter(|n| n.bytes().all(|byte| byte.is_ascii_digit()))?;
    let n = digits.parse::<u64>().ok().filter(|n| *n <= MOST)?.checked_sub(less)?;
    Some((Link(writer, n), Hash::parse(h)?))
}

impl Recovery {
    /// Holds the session against what was kept of it: each such record must be there, with that content.
    pub fn hold(&mut self, kept: &Kept) {
        let records: BTreeMap<&Link, Hash> = self.records.iter().map(|record| (&record.entry.link, record.h)).collect();
        let aside: BTreeSet<Hash> = self.superseded.iter().map(|record| record.h).collect();
        let mut last: BTreeMap<&WriterId, u64> = BTreeMap::new();
        for Link(writer, n) in records.keys() {
            last.insert(writer, *n);
        }
        let wrong = |(link, h): &(Link, Hash)| {
            let Link(writer, n) = link;
            let (kind, what) = match (records.get(link), last.get(writer)) {
                (Some(there), _) if there == h => return None,
                _ if aside.contains(h) => (Verdict::Fork, "it was set aside".to_owned()),
                (Some(_), _) => (Verdict::Fork, "it has another content".to_owned()),
                (None, None) => (Verdict::MissingSegment, "its log is not there".to_owned()),
                (None, Some(last)) if last < n => (Verdict::Truncated, format!("its log ends with record {last}")),
                // A hole, which the log itself shows.
                (None, Some(_)) => return None,
            };
            let detail = format!("record {n} of {writer} was kept elsewhere; {what}");
            Some(Fault { file: "kept".to_owned(), line: 0, byte: 0, kind, detail })
        };
        let faults: Vec<Fault> = kept.heads().filter_map(wrong).collect();
        self.faults.extend(faults);
        self.faults.sort_by_key(|fault| fault.kind);
        self.kept = Some(kept.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn read(text: &str) -> Vec<(String, u64, String)> {
        let Kept(heads) = Kept::read(text.as_bytes());
        heads.into_iter().map(|(Link(writer, n), h)| (writer.as_str().to_owned(), n, h.to_string())).collect()
    }

    #[test]
    fn a_head_is_found_wherever_it_was_written_down() {
        let h = "1f".repeat(32);
        for text in [
            format!("head of {A}: record 17, {h}\n"),
            format!("- Head of `{A}`: record 17, `{h}`"),
            format!("\"heads\":[[\"{A}\",17,\"{h}\"]]"),
            format!("noted {A} 17 {h}"),
            format!("seen {A} 17 {h}\n"),
            format!("\0\0writer {A}\nfile {A}.0001.ndjson\ncount 18\nbytes 4096\nhead {h}\nprevious 0\n"),
            format!("{{\"file\":\"{A}.0001.ndjson\",\"bytes\":4096,\"n\":17,\"h\":\"{h}\"}}\n"),
            format!("> head of {A}:\r\n> record 17,\r\n> {h}"),
        ] {
            assert_eq!(read(&text), [(A.to_owned(), 17, h.clone())], "{text}");
        }
        let two = format!("{B} 0 {h} {A} record 9007199254740991 {h} {A} record 9007199254740991 {h}");
        assert_eq!(read(&two), [(A.to_owned(), 9_007_199_254_740_991, h.clone()), (B.to_owned(), 0, h)]);
    }

    #[test]
    fn what_is_no_head_is_none() {
        let h = "1f".repeat(32);
        for text in [
            format!("{A} -1x {h}"),
            format!("{A} 9007199254740992 {h}"),
            format!("{A} 17 {}", h.to_uppercase()),
            format!("{A} 17 {}", &h[1..]),
            format!("x{A} 17 {h}"),
            format!("{A} n 17 {h}"),
            format!("writer {A}\nfile {A}.0001.ndjson\ncount 0\nbytes 4096\nhead {h}"),
            format!("{{\"v\":1,\"w\":\"{A}\",\"n\":17,\"l\":23,\"h\":\"{h}\"}}"),
        ] {
            assert_eq!(read(&text), [], "{text}");
        }
    }
}
