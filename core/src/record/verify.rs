//! All of a session: what its logs hold, and how far they can be believed.

use super::chain::Hash;
use super::faults::capped;
use super::merge::merge;
use super::read::Record;
use super::recover::{Recovered, WriterFiles, recover, segment_name};
use super::signed::{Checked, Uncovered};
use crate::incident::{Link, WriterId};
use crate::text::{Id, id::Slug};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How far a session's logs can be believed; the worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Two contents for one record, or two goings-on from one.
    Fork,
    /// Bytes that are no record, or a record that does not belong where it stands.
    InvalidRecord,
    /// A file that another one names is not there.
    MissingSegment,
    /// Records are missing between others.
    Gap,
    /// A log ends before a record that is known to have been in it.
    Truncated,
    /// A signature that is not over what it should be over, or is no signature.
    BadSignature,
    /// A signature by a key that the allowed signers do not name.
    UnknownSigner,
    /// The last segment ends with an incomplete line that nobody has declared: a crash while writing.
    TornTail,
    /// The chain holds; it is not, or not to its end, signed by an allowed signer.
    OkUnsigned,
    /// The chain holds, and allowed signers have signed every record of it.
    Ok,
}

impl Verdict {
    /// The word for it, as DESIGN lists them.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Fork => "fork",
            Verdict::InvalidRecord => "invalid-record",
            Verdict::MissingSegment => "missing-segment",
            Verdict::Gap => "gap",
            Verdict::Truncated => "truncated",
            Verdict::BadSignature => "bad-signature",
            Verdict::UnknownSigner => "unknown-signer",
            Verdict::TornTail => "torn-tail",
            Verdict::OkUnsigned => "ok-unsigned",
            Verdict::Ok => "ok",
        }
    }

    /// Whether nothing that was acknowledged is known to be lost or changed.
    pub fn holds(self) -> bool {
        matches!(self, Verdict::TornTail | Verdict::OkUnsigned | Verdict::Ok)
    }
}

/// Something wrong in a session's logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file's name in the log folder.
    pub file: String,
    /// From 1; 0 when the file has no such line.
    pub line: u64,
    /// From 0.
    pub byte: u64,
    pub kind: Verdict,
    /// In our own words; holds nothing of the log.
    pub detail: String,
}

/// What `sessions verify --json` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    pub verdict: Verdict,
    pub records: usize,
    /// Of whom there are records.
    pub writers: usize,
    pub problems: Vec<Fault>,
    /// What was signed, in the order of their names; left out where there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checkpoints: Vec<Checked>,
    /// Each writer's last record: number and hash. Written down elsewhere they show any later change.
    pub heads: Vec<(WriterId, u64, Hash)>,
    /// How many heads that were kept elsewhere the session was held against; none where it was given nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<usize>,
    /// Where allowed signers have signed: what their signatures do not cover.
    #[serde(skip)]
    pub uncovered: Option<Uncovered>,
    /// How many of the bytes that were set aside are not there.
    pub aside_missing: u64,
}

/// A session put together from its logs.
#[derive(Clone, Debug, Default)]
pub struct Recovery {
    /// All records of all writers, in order.
    pub records: Vec<Record>,
    /// Records that reached the disk and were never acknowledged, because the sync after them failed.
    pub superseded: Vec<Record>,
    /// By writer; their records are in `records`.
    pub writers: Vec<Recovered>,
    pub faults: Vec<Fault>,
    /// The checkpoints that were held against the records.
    pub checkpoints: Vec<Checked>,
    /// Whether signatures of allowed signers cover every record.
    pub signed: bool,
    /// Where there are such signatures: what they do not cover.
    pub uncovered: Option<Uncovered>,
    /// How many heads that were kept elsewhere the records were held against.
    pub kept: Option<usize>,
}

impl Recovery {
    /// The first verdict that holds.
    pub fn verdict(&self) -> Verdict {
        let whole = if self.signed { Verdict::Ok } else { Verdict::OkUnsigned };
        self.faults.iter().map(|fault| fault.kind).min().unwrap_or(whole)
    }

    /// The verdict with its reasons.
    pub fn verification(&self) -> Verification {
        let heads = self.heads();
        Verification {
            verdict: self.verdict(),
            records: self.records.len(),
            writers: heads.len(),
            problems: self.faults.clone(),
            checkpoints: self.checkpoints.clone(),
            heads,
            uncovered: self.uncovered.clone(),
            kept: self.kept,
            aside_missing: self.writers.iter().map(|writer| writer.missing).sum(),
        }
    }

    /// What is wrong with a folder that bears another name than the session whose records lie in it.
    pub fn misnamed(&self, folder: &Id<Slug>) -> Option<Fault> {
        let mut sessions = self.writers.iter().filter_map(|writer| writer.opened.as_ref()).map(|open| &open.session);
        let named = sessions.next()?;
        let is_one = named == folder || sessions.any(|session| session == folder);
        let detail = format!("the folder is called {folder}; its records are of the session {named}");
        (!is_one).then_some(Fault { file: String::new(), line: 0, byte: 0, kind: Verdict::InvalidRecord, detail })
    }

    /// What is wrong with a session whose beginning is not there: it holds no record at all, or records of which none
    /// opens it. Where only seg.open was ever written it was never begun, and nothing is missing; where something
    /// else is wrong, that is why.
    pub fn unopened(&self) -> Option<Fault> {
        let missing = |detail: &str| {
            let (file, kind) = (String::new(), Verdict::MissingSegment);
            Some(Fault { file, line: 0, byte: 0, kind, detail: detail.to_owned() })
        };
        if self.records.is_empty() && self.faults.is_empty() {
            return missing("there is no record: the files that held the session are not there");
        }
        let mut events = self.records.iter().map(|record| &record.entry.event);
        let begun = events.clone().any(|event| !event.is("seg.open"));
        let explained = self.faults.iter().any(|fault| fault.kind != Verdict::TornTail);
        match begun && !explained && !events.any(|event| event.is("session.opened")) {
            true => missing("no record opens the session: the file that held it is not there"),
            false => None,
        }
    }

    fn heads(&self) -> Vec<(WriterId, u64, Hash)> {
        let mut heads: BTreeMap<&WriterId, (u64, Hash)> = BTreeMap::new();
        for Record { entry, h, .. } in &self.records {
            let head = heads.entry(&entry.link.0).or_insert((entry.link.1, *h));
            if entry.link.1 >= head.0 {
                *head = (entry.link.1, *h);
            }
        }
        heads.into_iter().map(|(writer, (n, h))| (writer.clone(), n, h)).collect()
    }
}

/// Puts a session together. Reads only; the same bytes give the same result, in any order of the writers.
pub fn recover_session(files: &[WriterFiles<'_>]) -> Recovery {
    let mut recovery = Recovery::default();
    let mut records = Vec::new();
    for one in files {
        let mut writer = recover(one);
        records.append(&mut writer.records);
        recovery.superseded.append(&mut writer.superseded);
        recovery.faults.append(&mut writer.faults);
        recovery.writers.push(writer);
    }
    recovery.writers.sort_by(|a, b| a.writer.cmp(&b.writer));
    recovery.records = merge(records);
    recovery.superseded = merge(std::mem::take(&mut recovery.superseded));
    let more = unseen(&recovery).into_iter().chain(before_seen(&recovery)).chain(strangers(&recovery));
    let more = capped(more);
    recovery.faults.extend(more);
    recovery.faults.sort_by(|a, b| (a.kind, &a.file, a.byte, &a.detail).cmp(&(b.kind, &b.file, b.byte, &b.detail)));
    recovery
}

/// Records whose sync failed can be seen before their writer goes on without them, from a lower number: nothing is held
/// against who had seen those.
fn aside(recovery: &Recovery) -> BTreeSet<&Link> {
    recovery.superseded.iter().map(|record| &record.entry.link).collect()
}

/// Records that one writer had seen of another, and that are no longer there.
fn unseen(recovery: &Recovery) -> Vec<Fault> {
    let aside = aside(recovery);
    let mut seen: BTreeMap<&WriterId, u64> = BTreeMap::new();
    for (writer, n) in recovery.records.iter().filter_map(|r| r.entry.seen.as_ref()).flatten() {
        if !aside.contains(&Link(writer.clone(), *n)) {
            let most = seen.entry(writer).or_default();
            *most = (*most).max(*n);
        }
    }
    let known: BTreeMap<&WriterId, &Recovered> = recovery.writers.iter().map(|w| (&w.writer, w)).collect();
    let mut faults = Vec::new();
    for (writer, n) in seen {
        let detail = format!("another writer has seen its record {n}");
        match known.get(writer).map(|w| (w.last_n, w.last_segment)) {
            Some((Some(last), _)) if last >= n => {}
            Some((Some(last), segment)) => faults.push(Fault {
                file: segment_name(writer, segment),
                line: 0,
                byte: 0,
                kind: Verdict::Truncated,
                detail: format!("{detail}; it ends with record {last}"),
            }),
            Some((None, _)) | None => faults.push(Fault {
                file: segment_name(writer, 0),
                line: 0,
                byte: 0,
                kind: Verdict::MissingSegment,
                detail,
            }),
        }
    }
    faults
}

/// Records that are not after what they say that they had seen; of each writer the first.
fn before_seen(recovery: &Recovery) -> Vec<Fault> {
    let times: BTreeMap<&Link, u64> =
        recovery.records.iter().map(|record| (&record.entry.link, record.entry.l)).collect();
    let aside = aside(recovery);
    let is_before = |record: &&Record| {
        let mut seen = record.entry.seen.iter().flatten().map(|(w, n)| Link(w.clone(), *n));
        seen.any(|link| !aside.contains(&link) && times.get(&link).is_some_and(|l| record.entry.l <= *l))
    };
    let mut told: BTreeMap<&WriterId, Fault> = BTreeMap::new();
    for Record { entry, place, .. } in recovery.records.iter().filter(is_before) {
        told.entry(&entry.link.0).or_insert_with(|| Fault {
            file: segment_name(&entry.link.0, place.segment),
            line: place.line,
            byte: place.start,
            kind: Verdict::InvalidRecord,
            detail: format!("record {} has a Lamport time that is not after one that it had seen", entry.link.1),
        });
    }
    told.into_values().collect()
}

/// Segments that say that they belong to another session than the others.
fn strangers(recovery: &Recovery) -> Vec<Fault> {
    let Some(session) = recovery.writers.iter().find_map(|w| w.opened.as_ref()).map(|open| &open.session) else {
        return Vec::new();
    };
    let other = |w: &&Recovered| w.opened.as_ref().is_some_and(|open| open.session != *session);
    let fault = |w: &Recovered| Fault {
        file: segment_name(&w.writer, w.last_segment),
        line: 1,
        byte: 0,
        kind: Verdict::InvalidRecord,
        detail: "the segment belongs to another session than the first writer's".to_owned(),
    };
    recovery.writers.iter().filter(other).map(fault).collect()
}
