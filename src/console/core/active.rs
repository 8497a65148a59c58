//! The session that this console writes: two folds of its records, and the numbers of the next ones.
//!
//! `saved` holds what the log has acknowledged and is the only one drawn as done; `pending` holds that and what was
//! sent, and is the only one that decisions read. What the log could not save falls out of `pending` again.

use super::strike::Turn;
use crate::problem::Problem;
use crate::timeline::Stored;
use jiff::Timestamp;
use quell_core::incident::{Entry, Event, Incident, Link, Timeline, WriterId, mask, queued_by};
use quell_core::runbook::Runbook;
use quell_core::text::secret::Secrets;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A session with this console's place in it.
#[derive(Debug)]
pub struct Active {
    pub id: String,
    pub writer: WriterId,
    saved: Timeline,
    pending: Timeline,
    next_n: u64,
    last_l: u64,
    /// One more than the highest number that was sent, and than the highest that was acknowledged.
    sent: u64,
    done: u64,
    /// The highest record of each other writer, as last told.
    told: BTreeMap<WriterId, u64>,
    /// The runbooks that its records name.
    pub books: HashMap<Link, Arc<Runbook>>,
    pub not_saved: Option<Problem>,
    /// The record of the last checkpoint that was signed here.
    signed: Option<u64>,
    /// Where the set is that was approved here last.
    pub turn: Turn,
    /// The disk is full; a reserve takes what is written.
    pub low: bool,
    /// The second copy can't be written, or was not yet since that.
    pub behind: bool,
}

impl Active {
    /// A session as it was read, going on at `next_n` after the Lamport time `last_l`.
    pub fn new(id: String, writer: WriterId, timeline: Timeline, next_n: u64, last_l: u64) -> Self {
        let told = highest(&timeline, &writer);
        Self {
            id,
            writer,
            pending: timeline.clone(),
            saved: timeline,
            next_n,
            last_l,
            sent: next_n,
            done: next_n,
            told,
            books: HashMap::new(),
            not_saved: None,
            signed: None,
            turn: Turn::default(),
            low: false,
            behind: false,
        }
    }

    /// What is on disk.
    pub fn saved(&self) -> &Incident {
        self.saved.incident()
    }

    /// The records that are on disk, in order.
    pub fn timeline(&self) -> &Timeline {
        &self.saved
    }

    /// What is on disk or on its way there.
    pub fn pending(&self) -> &Incident {
        self.pending.incident()
    }

    /// Records on their way to the disk.
    pub fn waiting(&self) -> u64 {
        self.sent.saturating_sub(self.done)
    }

    /// Numbers events, without the credentials that are known, and takes them into `pending`; the result is for the log.
    pub fn emit(&mut self, events: Vec<Event>, now: Timestamp, known: &Secrets) -> Vec<Entry> {
        let mut seen = highest(&self.pending, &self.writer);
        let mut entries = Vec::with_capacity(events.len());
        for event in events.into_iter().map(|event| mask::without(event, known)) {
            self.last_l += 1;
            let link = Link(self.writer.clone(), self.next_n);
            self.next_n += 1;
            let news = (seen != self.told && !seen.is_empty()).then(|| seen.clone());
            self.told = std::mem::take(&mut seen);
            seen = self.told.clone();
            let entry = Entry { link, l: self.last_l, t: now, at: None, seen: news, event };
            self.pending.insert(entry.clone());
            entries.push(entry);
        }
        self.sent = self.next_n;
        entries
    }

    /// [`Active::emit`] of a checkpoint. Where nothing was written or heard since the record that it binds, the record
    /// of it has the time that is signed: then the signature speaks for it as well.
    pub fn announce(&mut self, stored: Stored, now: Timestamp) -> Vec<Entry> {
        let Stored { made, time } = stored;
        let follows = made.count == self.next_n && highest(&self.pending, &self.writer) == self.told;
        self.signed = (follows && made.signature.is_some()).then_some(self.next_n);
        self.emit(vec![made.into()], if follows { time } else { now }, &Secrets::default())
    }

    /// Whether the last that was written here is a signature over all before it: nothing that would not be under it
    /// needs to come after.
    pub fn ends_signed(&self) -> bool {
        self.signed.is_some_and(|n| n + 1 == self.next_n)
    }

    /// The log has these on disk.
    pub fn acknowledge(&mut self, entries: Vec<Entry>) {
        self.not_saved = None;
        for entry in entries {
            if entry.link.0 == self.writer {
                self.done = self.done.max(entry.link.1 + 1);
                self.next_n = self.next_n.max(entry.link.1 + 1);
            }
            self.last_l = self.last_l.max(entry.l);
            self.pending.insert(entry.clone());
            self.saved.insert(entry);
        }
    }

    /// The log could not save; it goes on at `next_n`.
    pub fn lose(&mut self, problem: Problem, next_n: u64, last_l: u64) {
        self.pending = self.saved.clone();
        self.next_n = next_n;
        self.last_l = last_l;
        self.sent = self.done;
        self.turn.lost(queued_by(self.saved.incident(), &self.writer));
        self.not_saved = Some(problem);
    }

    /// Another writer's records have arrived, and some that were told before do not count.
    pub fn hear(&mut self, entries: Vec<Entry>, superseded: &[Link]) {
        self.saved.forget(superseded);
        self.pending.forget(superseded);
        self.last_l = entries.iter().map(|entry| entry.l).fold(self.last_l, u64::max);
        self.pending.extend(entries.clone());
        self.saved.extend(entries);
    }
}

fn highest(timeline: &Timeline, me: &WriterId) -> BTreeMap<WriterId, u64> {
    let mut seen = BTreeMap::new();
    for entry in timeline.entries().iter().filter(|e| e.link.0 != *me) {
        let n = seen.entry(entry.link.0.clone()).or_insert(0);
        *n = entry.link.1.max(*n);
    }
    seen
}
