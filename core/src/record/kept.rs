//! What was kept of a session outside of it: heads in a report, a bundle, a ticket, a mail. Only they show that the newest
//! records are gone where all that names them was taken away as well.

use super::chain::Hash;
use super::checkpoint::Checkpoint;
use super::form::MOST;
use super::verify::{Fault, Recovery, Verdict};
use crate::incident::{Link, WriterId};
use crate::text::Id;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Records by name and hash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept(BTreeSet<(Link, Hash)>);

/// The line of a report behind which its heads stand, and nothing but what quell says.
const INTEGRITY: &str = "## Integrity";

impl Kept {
    /// Finds the heads in a checkpoint, in a report, in what `sessions verify` printed, for a person or as JSON, and in the
    /// answers of `sessions note -`. What is said in the session itself is no head: of a report only its last section
    /// counts, and of other text only lines that say a head and nothing else.
    pub fn read(text: &[u8]) -> Self {
        if let Some(checkpoint) = Checkpoint::read(text) {
            return Self(checkpoint.heads().map(|(writer, n, h)| (Link(writer.clone(), n), h)).collect());
        }
        if let Ok(Printed { heads }) = serde_json::from_slice(text) {
            let head = |(writer, n, h): (WriterId, u64, String)| Some((Link(writer, n), Hash::parse(h.as_bytes())?));
            return Self(heads.into_iter().filter_map(head).filter(|(Link(_, n), _)| *n <= MOST).collect());
        }
        let text = String::from_utf8_lossy(text);
        let lines: Vec<&str> = text.lines().collect();
        let last = lines.iter().rposition(|line| *line == INTEGRITY).filter(|_| text.starts_with("# "));
        let lines = lines.get(last.unwrap_or(0)..).unwrap_or_default();
        Self(lines.iter().filter_map(|line| head(line)).collect())
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

/// As `sessions verify --json` prints it.
#[derive(Deserialize)]
struct Printed {
    heads: Vec<(WriterId, u64, String)>,
}

/// The head that a line says.
fn head(line: &str) -> Option<(Link, Hash)> {
    let words: Vec<&str> = line.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let (writer, n, h) = match words.as_slice() {
        ["head" | "Head", "of", writer, "record", n, h] | ["noted", writer, n, h] => (writer, n, h),
        _ => return None,
    };
    let n = n.parse::<u64>().ok().filter(|n| *n <= MOST)?;
    Some((Link(Id::new(writer).ok()?, n), Hash::parse(h.as_bytes())?))
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
    fn a_head_is_found_where_quell_has_said_it() {
        let h = "1f".repeat(32);
        let zero = "0".repeat(64);
        for text in [
            format!("ok: 3 records of 1 writers\nhead of {A}: record 17, {h}\n"),
            format!("> head of {A}: record 17, {h}\r\n"),
            format!("{{\"verdict\":\"ok\",\"heads\":[[\"{A}\",17,\"{h}\"]],\"records\":3}}\n"),
            format!("# Incident report: x\n\n## Integrity\n\n- Verdict: **ok**\n- Head of `{A}`: record 17, `{h}`\n"),
            format!("noted {A} 17 {h}"),
            format!(
                "quell checkpoint v1\nsession 20261121T180446Z-a\nwriter {A}\nfile {A}.0001.ndjson\ncount 18\nbytes 4096\n\
                 head {h}\nprevious {zero}\nprevious-signature {zero}\ntime 2026-11-21T18:04:46Z\n"
            ),
        ] {
            assert_eq!(read(&text), [(A.to_owned(), 17, h.clone())], "{text}");
        }
        let two = format!("noted {B} 0 {h}\nnoted {A} 9007199254740991 {h}\nnoted {A} 9007199254740991 {h}\n");
        assert_eq!(read(&two), [(A.to_owned(), 9_007_199_254_740_991, h.clone()), (B.to_owned(), 0, h)]);
    }

    /// Whoever writes into the session can't put words into what is kept of it.
    #[test]
    fn what_is_no_head_is_none() {
        let h = "1f".repeat(32);
        let head = format!("head of {A}: record 17, {h}");
        for text in [
            format!("noted {A} -1x {h}"),
            format!("noted {A} 9007199254740992 {h}"),
            format!("noted {A} 17 {}", h.to_uppercase()),
            format!("noted {A} 17 {}", &h[1..]),
            format!("noted x{A} 17 {h}"),
            format!("{A} 17 {h}"),
            format!("a note: {head}"),
            format!("{head} and more"),
            format!("# Incident report: x\n\n## Integrity\n{head}\n## Integrity\n"),
            format!("# Incident report: x\n\n{head}\n## Integrity\n"),
            format!("{{\"v\":1,\"w\":\"{A}\",\"n\":17,\"l\":23,\"h\":\"{h}\"}}"),
        ] {
            assert_eq!(read(&text), [], "{text}");
        }
    }
}
