//! Where findings come from: one file for each place, and the poller that asks them.
//!
//! A [`Source`] knows how to walk through one service's findings, page by page, from bytes alone; the [`Poller`]
//! decides when to ask and what is new; [`carry`] takes one request to AWS and brings the answer's bytes back.
//! A source that fails says so by its [`Health`]; the others go on.

mod carry;
mod fetch;
mod guardduty;
mod poller;
mod securityhub;
mod sources;
mod told;

#[cfg(test)]
mod tests;

pub use carry::carry;
pub use fetch::{Fetched, Limits, fetch_all};
pub use poller::{Poller, Step};
pub use sources::{INTERVAL, Sources};

use crate::aws::{BoxFuture, ErrorClass, Failure, Operation, Reader};
use crate::problem::Problem;
use jiff::{SignedDuration, Timestamp};
use quell_core::finding::{Finding, Via};
use quell_core::text::Untrusted;
use std::fmt;
use std::sync::Arc;

/// All sources that a connection is asked through. To add one: a file, and a line here.
static SOURCES: &[&dyn Source] = &[&guardduty::GuardDuty, &securityhub::SecurityHub];

/// How many there are in each region.
pub fn count() -> usize {
    SOURCES.len()
}

/// The operations that the sources call; they all read. Part of a connection's allow list.
pub fn operations() -> Vec<Operation> {
    SOURCES.iter().flat_map(|source| source.operations().iter().copied()).collect()
}

/// One source in one region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceName {
    pub via: Via,
    pub region: String,
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = match self.via {
            Via::Guardduty => "GuardDuty",
            Via::Securityhub => "Security Hub",
            Via::SecurityhubV2 => "Security Hub v2",
            Via::Eventbridge => "EventBridge",
            Via::File => "file",
        };
        match self.region.is_empty() {
            true => f.write_str(service),
            false => write!(f, "{service} {}", self.region),
        }
    }
}

/// How a source does.
#[derive(Clone, Debug, PartialEq)]
pub enum Health {
    /// The first full reading is under way.
    Loading { pages: usize },
    /// All findings are known as they were at `as_of`, the start of the last reading that came to its end.
    Ok { as_of: Timestamp },
    /// The service is not switched on in the account and region. This is not "no findings".
    NotEnabled,
    /// The last request failed. What is known is from `as_of`, if anything is.
    Failing { since: Timestamp, as_of: Option<Timestamp>, problem: Box<Problem>, next_try: Timestamp },
}

/// What a source tells.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceEvent {
    /// Findings that are new or have changed. `complete` ends a full reading: all active ones have been told.
    Findings { source: SourceName, findings: Vec<Finding>, complete: bool },
    /// A record that could not be read; the others of its page came.
    Unreadable { source: SourceName, problem: Problem },
    /// The source's health, whenever it changes.
    Health { source: SourceName, health: Health },
}

/// One request of a source, as plain data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// The operation as the SDK names it.
    pub operation: &'static str,
    /// GuardDuty's detector.
    pub detector: String,
    /// The findings that are wanted whole.
    pub ids: Vec<String>,
    /// Only what was updated since; all statuses. `None`: all that is active.
    pub since: Option<Timestamp>,
    /// The page.
    pub token: Option<String>,
}

/// An answer's bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub body: Arc<[u8]>,
    /// AWS's own clock, by the answer's Date header.
    pub date: Option<Timestamp>,
    pub request_id: Option<Untrusted>,
}

/// A rate of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The time between two requests, in the long run.
    pub gap: SignedDuration,
    /// How many may come at once.
    pub burst: i32,
}

/// What a page held.
#[derive(Debug, Default)]
pub struct Taken {
    pub findings: Vec<Finding>,
    /// Records that could not be read.
    pub bad: Vec<String>,
}

/// A walk through a source's findings; it holds where it stands.
pub trait Walk: Send {
    /// The request that it needs answered; `None` when it has come to its end.
    fn ask(&self) -> Option<Ask>;

    /// Takes the answer to the request. An answer that makes no sense is an error, and the walk stays where it is.
    fn take(&mut self, page: &Page) -> Result<Taken, Failure>;
}

/// A place where findings come from.
pub trait Source: Send + Sync {
    /// By which way its findings come.
    fn via(&self) -> Via;

    /// The operations that it calls; they all read.
    fn operations(&self) -> &'static [Operation];

    /// How often it may be asked, where AWS publishes that.
    fn rate(&self) -> Option<Rate>;

    /// Starts a walk through all active findings, or through all that were updated since.
    fn walk(&self, region: &str, since: Option<Timestamp>) -> Box<dyn Walk>;

    /// Takes a request to AWS.
    fn call<'a>(&'a self, reader: &'a Reader, ask: &'a Ask) -> BoxFuture<'a, Result<Page, Failure>>;
}

/// A request with the number by which its answer is known.
#[derive(Clone)]
pub struct Request {
    pub(crate) source: &'static dyn Source,
    pub region: String,
    pub number: u64,
    pub ask: Ask,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("region", &self.region).field("ask", &self.ask).finish_non_exhaustive()
    }
}

/// What came of a request.
#[derive(Clone, Debug)]
pub struct Reply {
    pub number: u64,
    pub answer: Result<Page, Trouble>,
}

/// A failure, as a class for the poller and in words for a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    pub class: ErrorClass,
    pub problem: Problem,
}
