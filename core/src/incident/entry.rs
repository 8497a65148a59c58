//! An event with its place in the timeline: what the fold takes in.

use super::event::Event;
use super::link::{Link, WriterId};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A record's content without its chain. Order is `(l, w, n)`; wall-clock time is a claim and decides nothing.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Writer and number.
    pub link: Link,
    /// Lamport time: one more than the highest that the writer had seen.
    pub l: u64,
    /// When it was written.
    pub t: Timestamp,
    /// When it happened, where that is another time.
    pub at: Option<Timestamp>,
    /// The highest record of every other writer that this one had seen, where it changed.
    pub seen: Option<BTreeMap<WriterId, u64>>,
    pub event: Event,
}

impl Entry {
    /// Its place in the order of all records.
    pub fn order(&self) -> (u64, &WriterId, u64) {
        (self.l, &self.link.0, self.link.1)
    }

    /// When it happened.
    pub fn happened(&self) -> Timestamp {
        self.at.unwrap_or(self.t)
    }
}
