//! Checkpoints held against the records, and what their signatures make of the verdict.

use super::chain::Hash;
use super::checkpoint::Checkpoint;
use super::faults::capped;
use super::read::Record;
use super::recover::segment_name;
use super::verify::{Fault, Recovery, Verdict};
use crate::incident::{Link, WriterId};
use crate::text::Untrusted;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// A checkpoint as it lies in the session's folder, and what came of looking at its signature.
#[derive(Clone, Debug)]
pub struct CheckpointFile {
    /// The file's name in the folder.
    pub name: String,
    pub text: Vec<u8>,
    pub signature: Option<Vec<u8>>,
    pub signed: Signed,
}

/// What is known of a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "signature", rename_all = "kebab-case")]
pub enum Signed {
    /// There is none.
    No,
    /// There is one, and nothing that could look at it.
    Unchecked { why: String },
    /// It is over this text, for timelines; whose it is was not asked.
    Intact { key: Untrusted },
    /// It is one of the allowed signers'.
    Good { principal: Untrusted, key: Untrusted },
    /// It is over this text, by a key that the allowed signers do not name for this.
    UnknownSigner { key: Untrusted },
    /// It is not over this text, not for timelines, or no signature.
    Bad,
}

/// A checkpoint that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The file's name in the checkpoints folder.
    pub file: String,
    /// The record of its maker that it ends with.
    pub record: Link,
    pub time: Timestamp,
    #[serde(flatten)]
    pub signed: Signed,
}

impl Checked {
    /// In one line, for a person.
    pub fn line(&self) -> String {
        let Self { file, record, time, signed } = self;
        let signed = match signed {
            Signed::No => "chain only, not signed".to_owned(),
            Signed::Unchecked { why } => format!("signed, not checked: {why}"),
            Signed::Intact { key } => format!("signed by {}; whose key that is was not checked", key.line()),
            Signed::Good { principal, key } => format!("signed by {}, {}", principal.line(), key.line()),
            Signed::UnknownSigner { key } => format!("signed by {}, which is no allowed signer's", key.line()),
            Signed::Bad => "BAD SIGNATURE".to_owned(),
        };
        let time = time.strftime("%Y-%m-%d %H:%M:%SZ");
        format!("checkpoints/{file}: all up to record {} of its maker, {time}: {signed}", record.1)
    }
}

impl Recovery {
    /// Holds checkpoints against the records: what they bind must be there with the content that they bind.
    pub fn check(&mut self, files: &[CheckpointFile]) {
        let known = Known::of(self);
        let Looked { mut covered, faults, checked } = look(files, |checkpoint| known.wrong(checkpoint));
        let faults = faults.into_iter().chain(self.records.iter().filter_map(|record| named(record, files)));
        let mut faults = capped(faults);
        let mut uncovered = Uncovered::default();
        self.records.iter().filter(|record| !covered.holds(record)).for_each(|record| uncovered.add(record));
        let missing = self.writers.iter().any(|writer| writer.missing > 0);
        self.signed = covered.any() && uncovered.is_empty() && !missing;
        self.uncovered = covered.any().then_some(uncovered);
        self.checkpoints = checked;
        self.faults.append(&mut faults);
        self.faults.sort_by_key(|fault| fault.kind);
    }
}

/// What checkpoints say.
pub(super) struct Looked {
    pub covered: Covered,
    pub faults: Vec<Fault>,
    pub checked: Vec<Checked>,
}

/// Looks at checkpoints: at what they are, at what came of their signatures, at those before them; and asks of each what
/// is `wrong` with it beside the records.
pub(super) fn look(files: &[CheckpointFile], mut wrong: impl FnMut(&Checkpoint) -> Vec<(Verdict, String)>) -> Looked {
    let mut covered = Covered::default();
    let (mut faults, mut checked) = (Vec::new(), Vec::new());
    for file in files {
        let mut fault = |kind, detail: &str| faults.push(at(&file.name, kind, detail));
        let Some(checkpoint) = Checkpoint::read(&file.text).filter(|read| read.name() == file.name) else {
            fault(Verdict::InvalidRecord, "no checkpoint, or one that belongs under another name");
            continue;
        };
        match &file.signed {
            Signed::Bad => fault(Verdict::BadSignature, "the signature is not over this checkpoint"),
            Signed::UnknownSigner { .. } => {
                fault(Verdict::UnknownSigner, "signed by a key that the allowed signers do not name")
            }
            Signed::Good { .. } => covered.add(&checkpoint, file),
            Signed::No | Signed::Unchecked { .. } | Signed::Intact { .. } => {}
        }
        let wrong = wrong(&checkpoint).into_iter().chain(previous(&checkpoint, files));
        wrong.for_each(|(kind, detail)| fault(kind, &detail));
        let record = Link(checkpoint.writer.clone(), checkpoint.count - 1);
        let (name, signed) = (file.name.clone(), file.signed.clone());
        checked.push(Checked { file: name, record, time: checkpoint.time, signed });
    }
    Looked { covered, faults, checked }
}

fn at(name: &str, kind: Verdict, detail: &str) -> Fault {
    Fault { file: format!("checkpoints/{name}"), line: 0, byte: 0, kind, detail: detail.to_owned() }
}

/// What the logs hold, by name.
struct Known<'a> {
    records: BTreeMap<&'a Link, &'a Record>,
    session: Option<String>,
    last: BTreeMap<&'a WriterId, u64>,
    /// What is wrong with a log already explains that records of it are not there.
    explained: bool,
}

impl<'a> Known<'a> {
    fn of(recovery: &'a Recovery) -> Self {
        let opened = recovery.writers.iter().find_map(|writer| writer.opened.as_ref());
        let mut last: BTreeMap<&WriterId, u64> = BTreeMap::new();
        for Record { entry, .. } in &recovery.records {
            let most = last.entry(&entry.link.0).or_default();
            *most = (*most).max(entry.link.1);
        }
        Self {
            records: recovery.records.iter().map(|record| (&record.entry.link, record)).collect(),
            session: opened.map(|open| open.session.as_str().to_owned()),
            last,
            explained: recovery.faults.iter().any(|fault| fault.kind != Verdict::TornTail),
        }
    }

    /// What a checkpoint binds that is not there, or is there with another content.
    fn wrong(&self, checkpoint: &Checkpoint) -> Vec<(Verdict, String)> {
        let mut wrong = Vec::new();
        if self.session.as_deref().is_some_and(|session| session != checkpoint.session.as_str()) {
            wrong.push((Verdict::InvalidRecord, "a checkpoint of another session".to_owned()));
        }
        for (writer, n, head) in checkpoint.heads() {
            match self.records.get(&Link(writer.clone(), n)) {
                Some(record) if record.h != head => {
                    wrong.push((Verdict::Fork, format!("record {n} of {writer} has another content than was bound")));
                }
                Some(_) => {}
                None => wrong.extend(self.missing(writer, n)),
            }
        }
        let own = self.records.get(&Link(checkpoint.writer.clone(), checkpoint.count - 1));
        if let Some(Record { entry, place, h, .. }) = own
            && *h == checkpoint.head
            && !self.explained
            && (segment_name(&entry.link.0, place.segment), place.end) != (checkpoint.file.clone(), checkpoint.bytes)
        {
            wrong.push((Verdict::InvalidRecord, "its record stands at another place than it says".to_owned()));
        }
        wrong
    }

    fn missing(&self, writer: &WriterId, n: u64) -> Option<(Verdict, String)> {
        match self.last.get(writer) {
            None => Some((Verdict::MissingSegment, format!("record {n} of {writer} was bound; its log is not there"))),
            Some(last) if *last < n => {
                Some((Verdict::Truncated, format!("record {n} of {writer} was bound; its log ends with record {last}")))
            }
            // A hole, which the log itself shows.
            Some(_) => None,
        }
    }
}

/// What is wrong with the checkpoint that another one names as the one before it.
fn previous(checkpoint: &Checkpoint, files: &[CheckpointFile]) -> Option<(Verdict, String)> {
    let (text, signature) = checkpoint.previous;
    if text == Hash::ZERO {
        return None;
    }
    let Some(before) = files.iter().find(|file| Hash::of(&file.text) == text) else {
        return Some((Verdict::MissingSegment, "the checkpoint before it is not there, or was changed".to_owned()));
    };
    signature_of(before, signature).map(|kind| (kind, format!("of {}, before it, {}", before.name, lacks(kind))))
}

/// What is wrong with a signature of which the hash is known.
fn signature_of(file: &CheckpointFile, expected: Hash) -> Option<Verdict> {
    match &file.signature {
        _ if expected == Hash::ZERO => None,
        Some(bytes) if Hash::of(bytes) == expected => None,
        Some(_) => Some(Verdict::BadSignature),
        None => Some(Verdict::MissingSegment),
    }
}

fn lacks(kind: Verdict) -> &'static str {
    if kind == Verdict::BadSignature { "the signature is another one" } else { "the signature is not there" }
}

/// What a record says of a checkpoint that is not so.
pub(super) fn named(record: &Record, files: &[CheckpointFile]) -> Option<Fault> {
    let (file, hashes) = record.entry.event.checkpoint()?;
    let name = file.line().into_string();
    let Some(file) = files.iter().find(|known| Untrusted::from(known.name.as_str()) == file) else {
        return Some(at(&name, Verdict::MissingSegment, "a record names this checkpoint, and it is not there"));
    };
    let [text, signature] = hashes.map(|hash| Hash::parse(hash?.as_bytes()));
    if text.is_some_and(|expected| expected != Hash::of(&file.text)) {
        return Some(at(&name, Verdict::InvalidRecord, "not the checkpoint that the record names"));
    }
    let kind = signature_of(file, signature?)?;
    Some(at(&name, kind, lacks(kind)))
}

/// What no signature of an allowed signer binds, of a session in which such a signature binds something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uncovered {
    /// How many records of each writer, and the first and the last of them.
    pub records: BTreeMap<WriterId, (usize, u64, u64)>,
}

impl Uncovered {
    /// Counts a record; of each writer they come in order.
    pub(super) fn add(&mut self, record: &Record) {
        let Link(writer, n) = &record.entry.link;
        let (count, _, last) = self.records.entry(writer.clone()).or_insert((0, *n, *n));
        (*count, *last) = (*count + 1, *n);
    }

    /// Whether everything is bound.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// How many records.
    pub fn count(&self) -> usize {
        self.records.values().map(|(count, ..)| count).sum()
    }
}

/// What signatures of allowed signers bind; it is asked of all records in their order.
#[derive(Default)]
pub(super) struct Covered {
    /// By writer the last record.
    heads: BTreeMap<WriterId, u64>,
    /// The checkpoints and their signatures, by the record that each ends with.
    signed: BTreeMap<Link, (Checkpoint, Vec<u8>)>,
    /// The records that name the checkpoints and follow from them: see [`Checkpoint::announced`].
    announced: BTreeMap<Link, Hash>,
}

impl Covered {
    fn add(&mut self, checkpoint: &Checkpoint, file: &CheckpointFile) {
        for (writer, n, _) in checkpoint.heads() {
            let most = self.heads.entry(writer.clone()).or_default();
            *most = n.max(*most);
        }
        let own = Link(checkpoint.writer.clone(), checkpoint.count - 1);
        self.signed.extend(file.signature.clone().map(|bytes| (own, (checkpoint.clone(), bytes))));
    }

    /// Whether an allowed signer's signature binds anything.
    pub fn any(&self) -> bool {
        !self.heads.is_empty()
    }

    /// Whether a signature binds the next record.
    pub fn holds(&mut self, record: &Record) -> bool {
        let Record { entry, h, .. } = record;
        if let Some((checkpoint, signature)) = self.signed.get(&entry.link).filter(|(of, _)| of.head == *h) {
            self.announced.extend(checkpoint.announced(signature, entry.l));
        }
        let Link(writer, n) = &entry.link;
        self.heads.get(writer).is_some_and(|most| most >= n) || self.announced.get(&entry.link) == Some(h)
    }
}
