//! Logs made by hand, whole and damaged.

mod damage;
mod every;
mod kept;
mod lines;
mod made;
mod segments;
mod signed;
mod stream;

use super::*;
use crate::incident::{After, Aside, Entry, Event, Link, NoteAdded, SegOpen, WriterId};
use crate::text::Id;
use std::collections::BTreeMap;

pub(super) fn writer(letter: char) -> WriterId {
    Id::new(&letter.to_string().repeat(26)).unwrap()
}

/// Writes one writer's lines, one after the other.
#[derive(Clone)]
pub(super) struct Pen {
    pub w: WriterId,
    pub n: u64,
    pub l: u64,
    pub h: Hash,
}

impl Pen {
    pub fn new(letter: char) -> Self {
        Self { w: writer(letter), n: 0, l: 0, h: Hash::ZERO }
    }

    pub fn write(&mut self, event: Event, seen: Option<BTreeMap<WriterId, u64>>) -> Vec<u8> {
        self.write_at("2026-11-21T18:04:46.123456789Z", event, seen)
    }

    pub fn write_at(&mut self, t: &str, event: Event, seen: Option<BTreeMap<WriterId, u64>>) -> Vec<u8> {
        let mut line = Vec::new();
        self.l += 1;
        let t = t.parse().unwrap();
        let entry = Entry { link: Link(self.w.clone(), self.n), l: self.l, t, at: None, seen, event };
        self.h = append_line(&mut line, &entry, &self.h).unwrap();
        self.n += 1;
        line
    }

    pub fn note(&mut self, text: &str) -> Vec<u8> {
        self.write(NoteAdded { text: text.into(), step: None }.into(), None)
    }

    pub fn open(&mut self, after: Option<After>, aside: Option<Aside>) -> Vec<u8> {
        let salt = "000102030405060708090a0b0c0d0e0f".to_owned();
        let (session, tool) = (Id::new("20261121T180446Z-crypto-k3j2h4g5").unwrap(), "quell 0.1.0".into());
        let (host, user) = ("bastion".into(), "alice".into());
        self.write(SegOpen { format: 1, session, salt, tool, host, user, caller: None, after, aside }.into(), None)
    }

    /// What a next segment says that goes on from here.
    pub fn after(&self, number: u32, bytes: usize) -> After {
        let file = segment_name(&self.w, number).into();
        After { file, bytes: bytes as u64, n: self.n - 1, h: self.h.to_string() }
    }

    pub fn head(&self, number: u32, bytes: usize) -> Vec<u8> {
        let head = Head { file: segment_name(&self.w, number), bytes: bytes as u64, n: self.n - 1, h: self.h };
        head.encode().unwrap()
    }
}

/// One segment: seg.open and `notes` notes, and its head.
pub(super) fn small(notes: usize) -> (Pen, Vec<Vec<u8>>, Vec<u8>) {
    let mut pen = Pen::new('a');
    let mut lines = vec![pen.open(None, None)];
    lines.extend((0..notes).map(|i| pen.note(&format!("note {i}"))));
    let head = pen.head(0, lines.concat().len());
    (pen, lines, head)
}

pub(super) fn files<'a>(w: &WriterId, segments: &[(u32, &'a [u8])], head: Option<&'a [u8]>) -> WriterFiles<'a> {
    let segments = segments.iter().map(|(number, bytes)| SegmentBytes { number: *number, bytes }).collect();
    WriterFiles { writer: w.clone(), segments, head }
}

/// As [`super::recover_session`], which tells what is wrong; the reader of one line at a time is held to it each time.
pub(super) fn recover_session(files: &[WriterFiles<'_>]) -> Recovery {
    let recovery = super::recover_session(files);
    let mut checked = recovery.clone();
    checked.check(&[]);
    stream::agree(files, &checked, &[]);
    recovery
}

pub(super) fn verdict(segments: &[(u32, &[u8])], head: Option<&[u8]>) -> Verdict {
    recover_session(&[files(&writer('a'), segments, head)]).verdict()
}

/// The texts of all notes, in order.
pub(super) fn notes(records: &[Record]) -> Vec<String> {
    let text = |record: &Record| match &record.entry.event {
        Event::NoteAdded(note) => Some(note.text.line().into_string()),
        _ => None,
    };
    records.iter().filter_map(text).collect()
}
