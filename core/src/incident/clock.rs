//! What the records say of clocks. Order never rests on them; but a time that can't be true is marked.

use super::entry::Entry;
use super::event::ClockWitnessed;
use super::link::{Link, WriterId};
use super::state::{Incident, Stamp};
use jiff::Timestamp;
use serde::Serialize;

/// Less than this is no jump, in milliseconds: threads look at the clock one after the other, and clocks of two
/// machines are never quite the same.
const TOLERATED: i128 = 1000;

/// A record whose time is before that of a record that it comes after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Jump {
    pub link: Link,
    /// How much earlier it says that it is.
    pub seconds: i64,
    /// The other writer, whose record it had seen; `None` where its own clock went back.
    pub seen: Option<WriterId>,
}

/// How far a writer's clock was from AWS's, where that was most.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Skew {
    /// How many seconds the writer's clock was ahead; less than none is behind.
    pub seconds: i64,
    #[serde(flatten)]
    pub stamp: Stamp,
    #[serde(flatten)]
    pub witness: ClockWitnessed,
}

impl ClockWitnessed {
    /// How many seconds the writer's clock is ahead of AWS's. The header has no parts of a second, and an answer takes
    /// its time: up to two mean nothing.
    pub fn ahead(&self) -> i64 {
        self.local.duration_since(self.date).as_secs()
    }
}

/// The times of a writer's records by their numbers, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Times(Vec<(u64, Timestamp)>);

impl Times {
    fn at(&self, n: u64) -> Option<Timestamp> {
        let found = self.0.binary_search_by_key(&n, |(known, _)| *known).ok()?;
        self.0.get(found).map(|(_, t)| *t)
    }
}

fn behind(t: Timestamp, other: Timestamp) -> Option<i64> {
    let millis = other.duration_since(t).as_millis();
    (millis >= TOLERATED).then(|| (millis / 1000).try_into().unwrap_or(i64::MAX))
}

impl Incident {
    /// Holds a record's time against those of the records that it comes after.
    pub(super) fn look_at_clock(&mut self, entry: &Entry) {
        let Link(writer, n) = &entry.link;
        let seen = entry.seen.iter().flatten().filter_map(|(other, n)| {
            let t = self.writers.get(other)?.times.at(*n)?;
            Some((behind(entry.t, t)?, Some(other.clone())))
        });
        let seen = seen.max();
        let Some(own) = self.writers.get_mut(writer) else { return };
        let before = own.times.0.last().and_then(|(_, t)| behind(entry.t, *t)).map(|seconds| (seconds, None));
        own.times.0.push((*n, entry.t));
        // A clock that went back is behind everybody: that is told once, of itself.
        if let Some((seconds, seen)) = before.or(seen) {
            let jump = Jump { link: entry.link.clone(), seconds, seen };
            self.jumps.insert(entry.link.clone(), jump);
        }
    }

    pub(super) fn witness(&mut self, witness: &ClockWitnessed, stamp: Stamp) {
        let seconds = witness.ahead();
        if self.skew.as_ref().is_none_or(|known| known.seconds.unsigned_abs() < seconds.unsigned_abs()) {
            self.skew = Some(Skew { seconds, stamp, witness: witness.clone() });
        }
    }

    /// A jump in words.
    pub fn jump_words(&self, jump: &Jump) -> String {
        match &jump.seen {
            None => format!("the clock went back by {} s", jump.seconds),
            Some(other) => {
                let who = self.who_now(other);
                format!("the clock is {} s behind that of {}, who had written before", jump.seconds, who.line())
            }
        }
    }
}
