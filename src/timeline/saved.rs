//! The proof that events are on disk, and what it permits.

use crate::problem::Problem;
use quell_core::incident::{Entry, Event, Link};
use quell_core::record::Hash;

/// Events that are on disk. Made by the log alone, after its sync; can be neither copied nor read from a file.
#[derive(Debug)]
pub struct Saved {
    entries: Vec<Entry>,
    permits: Vec<Permit>,
    head: Hash,
    low: bool,
    copy: Option<Box<Problem>>,
}

/// The right to do one action once: its action.started is on disk.
#[derive(Debug)]
pub struct Permit {
    action: Link,
    plan_hash: String,
    token: String,
}

/// Events that are not on disk. It stands for everything that was sent and not acknowledged before: none of it will
/// be written later.
#[derive(Clone, Debug)]
pub struct NotSaved {
    pub problem: Problem,
    /// The number that the next event must have. One number may be left out for the seg.open that the log writes
    /// itself when it goes on in a new segment.
    pub next_n: u64,
    /// The Lamport time that the next event must exceed.
    pub last_l: u64,
    pub(super) round: u64,
}

impl Saved {
    pub(super) fn new(entries: Vec<Entry>, head: Hash, low: bool, copy: Option<Problem>) -> Self {
        let copy = copy.map(Box::new);
        let permits = entries.iter().filter_map(Permit::of).collect();
        Self { entries, permits, head, low, copy }
    }

    /// Whether the disk is full: this was written into what the log had kept for its last words.
    pub fn is_low(&self) -> bool {
        self.low
    }

    /// Why the second copy is behind, where there is one and it is.
    pub fn second_copy(&self) -> Option<&Problem> {
        self.copy.as_deref()
    }

    /// All that was written, in order; a seg.open that the log wrote itself included.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// One permit for each action.started among them. They can be taken once.
    pub fn permits(&mut self) -> Vec<Permit> {
        std::mem::take(&mut self.permits)
    }

    /// The hash of the last record: whoever writes it down elsewhere can tell later that nothing was changed.
    pub fn head(&self) -> Hash {
        self.head
    }
}

impl Permit {
    fn of(entry: &Entry) -> Option<Self> {
        match &entry.event {
            Event::ActionStarted(started) => Some(Self {
                action: started.action.clone(),
                plan_hash: started.plan_hash.clone(),
                token: started.token.clone(),
            }),
            _ => None,
        }
    }

    /// A permit out of nothing, for tests of other rooms.
    #[cfg(test)]
    pub fn for_test(action: Link, plan_hash: &str, token: &str) -> Self {
        Self { action, plan_hash: plan_hash.to_owned(), token: token.to_owned() }
    }

    /// The action: the name of its action.planned.
    pub fn action(&self) -> &Link {
        &self.action
    }

    /// The plan that was approved.
    pub fn plan_hash(&self) -> &str {
        &self.plan_hash
    }

    /// The client token that makes the call unrepeatable.
    pub fn token(&self) -> &str {
        &self.token
    }
}
