//! The call log: what quell asked AWS, bounded, without a single credential or body.

use jiff::Timestamp;
use quell_core::text::Untrusted;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Calls that are kept, of those that only read and of those that may change something; the oldest of their sort goes
/// first. A console that polls for hours keeps what was changed.
const KEPT: usize = 500;

/// One call as the console's call log shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// When it ended.
    pub at: Timestamp,
    pub service: String,
    pub operation: String,
    /// The account that the call was made in and the ARN that it was made as, as STS last told of its credentials.
    pub account: Option<String>,
    pub caller: Option<Untrusted>,
    /// The region that the client is pinned to.
    pub region: String,
    /// HTTP status of the last attempt; `None` when there was no answer.
    pub status: Option<u16>,
    pub request_id: Option<Untrusted>,
    /// AWS's own clock, as the answer's Date header has it.
    pub date: Option<Timestamp>,
    /// From before serialisation to the end, retries included.
    pub elapsed: Duration,
    /// `ok`, `refused`, `timeout`, `no connection`, `unreadable`, or AWS's own error code.
    pub class: Untrusted,
    /// Whether the client that made it may change things.
    pub writer: bool,
    /// The same call on the AWS command line; nothing where its input could not be told.
    pub command: Option<String>,
}

/// The shared ring of the latest calls.
#[derive(Clone, Debug, Default)]
pub struct CallLog(Arc<Mutex<Ring>>);

#[derive(Debug, Default)]
struct Ring {
    calls: VecDeque<Call>,
    total: u64,
}

impl CallLog {
    /// The latest calls, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.iter().cloned().collect()
    }

    /// The latest call whose answer bears witness of the time.
    pub fn witness(&self) -> Option<Call> {
        self.lock().calls.iter().rev().find(|call| call.date.is_some()).cloned()
    }

    /// How many calls were ever made; tells a screen whether there is something new.
    pub fn total(&self) -> u64 {
        self.lock().total
    }

    pub(super) fn push(&self, call: Call) {
        let mut ring = self.lock();
        let same = |one: &Call| one.writer == call.writer;
        if ring.calls.iter().filter(|one| same(one)).count() >= KEPT
            && let Some(oldest) = ring.calls.iter().position(same)
        {
            ring.calls.remove(oldest);
        }
        ring.calls.push_back(call);
        ring.total += 1;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ring> {
        // A log of calls is never half-written: a panic elsewhere does not spoil it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_keeps_the_latest() {
        let log = CallLog::default();
        let push = |n: usize, writer: bool| {
            log.push(Call {
                at: Timestamp::UNIX_EPOCH,
                service: "STS".to_owned(),
                operation: n.to_string(),
                account: None,
                caller: None,
                region: "us-east-1".to_owned(),
                status: Some(200),
                request_id: None,
                date: None,
                elapsed: Duration::ZERO,
                class: Untrusted::from("ok"),
                writer,
                command: None,
            });
        };
        (0..3).for_each(|n| push(n, true));
        (3..KEPT + 5).for_each(|n| push(n, false));
        let calls = log.calls();
        assert_eq!(calls.len(), 503);
        // What may have changed something outlives what only reads.
        let first: Vec<&str> = calls.iter().take(4).map(|call| call.operation.as_str()).collect();
        assert_eq!(first, ["0", "1", "2", "5"]);
        assert_eq!(log.total(), 505);
        (505..1005).for_each(|n| push(n, true));
        assert_eq!((log.calls().len(), log.calls()[0].operation.as_str()), (1000, "5"));
    }
}
