//! When to ask a source what, and what is new in the answers. Pure: time and answers come in, requests, events and
//! the time of the next step go out.
//!
//! First all active findings are read, then only those that were updated since the last reading began, less an
//! overlap, by AWS's own clock. Pages are no snapshot, Security Hub does not move UpdatedAt when a workflow changes,
//! and scanners import findings late: so every now and then all is read again.

use super::told::Told;
use super::{Health, Page, Reply, Request, Source, SourceEvent, SourceName, Trouble, Walk};
use crate::aws::{ErrorClass, Failure, Scope};
use crate::problem::Problem;
use jiff::{SignedDuration, Timestamp};
use quell_core::finding::Finding;
use quell_core::text::Untrusted;
use std::collections::HashSet;
use std::time::Duration;

/// How far a reading of updates reaches back before the start of the one before it.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);
/// Everything is read again after this long, or four times as long as that took.
const FULL_EVERY: SignedDuration = SignedDuration::from_mins(10);
/// The longest wait after failures.
const LONGEST: SignedDuration = SignedDuration::from_mins(5);
/// The first wait after a failure that goes away by itself.
const SHORTEST: SignedDuration = SignedDuration::from_secs(5);
/// Failures in a row after which a reading starts from its first page again.
const STUCK: u32 = 3;

/// What comes out of a step.
#[derive(Debug, Default)]
pub struct Step {
    /// At most one: a source is asked one thing at a time.
    pub requests: Vec<Request>,
    pub events: Vec<SourceEvent>,
    /// When to step again without an answer; `None` while one is awaited.
    pub wake: Option<Timestamp>,
}

/// One source in one region.
pub struct Poller {
    source: &'static dyn Source,
    name: SourceName,
    every: SignedDuration,
    told: Told,
    state: State,
    number: u64,
    health: Option<Health>,
    /// When the last reading that came to its end began, by our clock and by AWS's.
    as_of: Option<(Timestamp, Timestamp)>,
    full_due: Option<Timestamp>,
    failing: Option<Failing>,
    /// When the rate is used up, were it spent evenly (the generic cell rate algorithm).
    spent: Option<Timestamp>,
}

enum State {
    Resting { until: Timestamp },
    Waiting { until: Timestamp, scan: Scan },
    Asked { scan: Scan },
}

struct Failing {
    since: Timestamp,
    times: u32,
}

/// One reading: all that is active, or what was updated.
struct Scan {
    walk: Box<dyn Walk>,
    full: bool,
    since: Option<Timestamp>,
    begun: Timestamp,
    /// AWS's clock at the first answer.
    clock: Option<Timestamp>,
    pages: usize,
    seen: HashSet<Untrusted>,
    restarts: u32,
}

impl Poller {
    /// A poller that has not asked anything yet.
    pub(super) fn new(source: &'static dyn Source, region: &str, every: Duration) -> Self {
        Self {
            source,
            name: SourceName { via: source.via(), region: region.to_owned() },
            every: SignedDuration::try_from(every).unwrap_or(LONGEST),
            told: Told::default(),
            state: State::Resting { until: Timestamp::MIN },
            number: 0,
            health: None,
            as_of: None,
            full_due: None,
            failing: None,
            spent: None,
        }
    }

    /// Moves on: with the answer to the last request, or because it is time. An answer to an older one is dropped.
    pub fn step(&mut self, now: Timestamp, reply: Option<Reply>) -> Step {
        let mut step = Step::default();
        self.state = match (std::mem::replace(&mut self.state, State::Resting { until: now }), reply) {
            (State::Asked { scan }, Some(reply)) if reply.number == self.number => {
                self.answered(now, scan, reply, &mut step)
            }
            (state, _) => state,
        };
        self.state = match std::mem::replace(&mut self.state, State::Resting { until: now }) {
            State::Resting { until } if until <= now => self.send(now, self.begin(now), &mut step),
            State::Waiting { until, scan } if until <= now => self.send(now, scan, &mut step),
            state => state,
        };
        step.wake = match &self.state {
            State::Resting { until } | State::Waiting { until, .. } => Some(*until),
            State::Asked { .. } => None,
        };
        step
    }

    /// Reads everything again, as soon as it is stepped or the reading that is under way has ended: for a change
    /// that moves no `updated`, such as a workflow status that was just set.
    pub fn hurry(&mut self) {
        self.full_due = None;
        match &mut self.state {
            State::Resting { until } | State::Waiting { until, .. } => *until = Timestamp::MIN,
            State::Asked { .. } => {}
        }
    }

    fn begin(&self, now: Timestamp) -> Scan {
        let since = match (self.as_of, self.full_due) {
            (Some((_, clock)), Some(due)) if now < due => clock.checked_sub(OVERLAP).ok(),
            _ => None,
        };
        Scan::new(self.source, &self.name.region, since, now)
    }

    fn send(&mut self, now: Timestamp, scan: Scan, step: &mut Step) -> State {
        let Some(ask) = scan.walk.ask() else { return State::Resting { until: later(now, self.every) } };
        if let Some(until) = self.full_rate(now) {
            return State::Waiting { until, scan };
        }
        if scan.pages == 0 && self.as_of.is_none() && self.failing.is_none() {
            self.say(Health::Loading { pages: 0 }, step);
        }
        self.number += 1;
        let (source, region, number) = (self.source, self.name.region.clone(), self.number);
        step.requests.push(Request { source, region, number, ask });
        State::Asked { scan }
    }

    /// When the next request may go if not now; else it is counted as gone.
    fn full_rate(&mut self, now: Timestamp) -> Option<Timestamp> {
        let rate = self.source.rate()?;
        let spent = self.spent.unwrap_or(now).max(now);
        let free = spent.checked_sub(rate.gap.saturating_mul(rate.burst - 1)).unwrap_or(now);
        if free > now {
            return Some(free);
        }
        self.spent = Some(later(spent, rate.gap));
        None
    }

    fn answered(&mut self, now: Timestamp, mut scan: Scan, reply: Reply, step: &mut Step) -> State {
        let page = match reply.answer {
            Ok(page) => page,
            Err(trouble) => return self.failed(now, scan, trouble, step),
        };
        let operation = scan.walk.ask().map(|ask| ask.operation).unwrap_or_default();
        match scan.take(&page) {
            Ok(taken) => {
                self.failing = None;
                scan.seen.extend(taken.findings.iter().map(|finding| finding.id.clone()));
                let source = &self.name;
                step.events.extend(taken.bad.into_iter().map(|reason| SourceEvent::Unreadable {
                    source: source.clone(),
                    problem: Problem::aws(format!("a record from {source} could not be read: {reason}")),
                }));
                let news = self.told.news(taken.findings);
                match scan.walk.ask() {
                    Some(_) => self.going_on(now, scan, news, step),
                    None => self.ended(now, scan, news, step),
                }
            }
            Err(failure) => {
                let trouble = self.trouble(&failure, operation);
                self.failed(now, scan, trouble, step)
            }
        }
    }

    fn going_on(&mut self, now: Timestamp, scan: Scan, news: Vec<Finding>, step: &mut Step) -> State {
        if !news.is_empty() {
            step.events.push(SourceEvent::Findings { source: self.name.clone(), findings: news, complete: false });
        }
        self.say(self.as_of.map_or(Health::Loading { pages: scan.pages }, |(as_of, _)| Health::Ok { as_of }), step);
        State::Waiting { until: now, scan }
    }

    fn ended(&mut self, now: Timestamp, scan: Scan, mut news: Vec<Finding>, step: &mut Step) -> State {
        self.as_of = Some((scan.begun, scan.clock.unwrap_or(scan.begun)));
        if scan.full {
            let (gone, doubtful) = self.told.sweep(&scan.seen);
            news.extend(gone);
            let took = now.duration_since(scan.begun).saturating_mul(4);
            let wait = if doubtful { SignedDuration::ZERO } else { took.max(FULL_EVERY) };
            self.full_due = Some(later(now, wait));
        }
        if scan.full || !news.is_empty() {
            let (source, complete) = (self.name.clone(), scan.full);
            step.events.push(SourceEvent::Findings { source, findings: news, complete });
        }
        self.say(Health::Ok { as_of: scan.begun }, step);
        State::Resting { until: later(now, self.every) }
    }

    fn failed(&mut self, now: Timestamp, mut scan: Scan, trouble: Trouble, step: &mut Step) -> State {
        if trouble.class == ErrorClass::NotEnabled {
            (self.failing, self.as_of) = (None, None);
            self.say(Health::NotEnabled, step);
            return State::Resting { until: later(now, self.every.saturating_mul(10).max(LONGEST)) };
        }
        if trouble.class == ErrorClass::StaleToken && scan.restarts < STUCK {
            scan.restart(self.source, &self.name.region);
            return State::Waiting { until: now, scan };
        }
        let failing = self.failing.get_or_insert(Failing { since: now, times: 0 });
        failing.times += 1;
        let (since, times) = (failing.since, failing.times);
        if times.is_multiple_of(STUCK) {
            scan.restart(self.source, &self.name.region);
        }
        let until = later(now, wait(trouble.class, times, self.every));
        let as_of = self.as_of.map(|(as_of, _)| as_of);
        let problem = Box::new(trouble.problem);
        self.say(Health::Failing { since, as_of, problem, next_try: until }, step);
        State::Waiting { until, scan }
    }

    fn trouble(&self, failure: &Failure, operation: &str) -> Trouble {
        let scope = Scope { region: self.name.region.clone(), ..Scope::default() };
        Trouble { class: failure.class, problem: failure.problem(operation, &scope) }
    }

    fn say(&mut self, health: Health, step: &mut Step) {
        if self.health.as_ref() != Some(&health) {
            self.health = Some(health.clone());
            step.events.push(SourceEvent::Health { source: self.name.clone(), health });
        }
    }
}

impl Scan {
    fn new(source: &'static dyn Source, region: &str, since: Option<Timestamp>, begun: Timestamp) -> Self {
        Self {
            walk: source.walk(region, since),
            full: since.is_none(),
            since,
            begun,
            clock: None,
            pages: 0,
            seen: HashSet::new(),
            restarts: 0,
        }
    }

    /// Back to the first page. What was seen stays seen: it was there.
    fn restart(&mut self, source: &'static dyn Source, region: &str) {
        self.walk = source.walk(region, self.since);
        self.restarts += 1;
    }

    fn take(&mut self, page: &Page) -> Result<super::Taken, Failure> {
        let taken = self.walk.take(page)?;
        self.clock = self.clock.or(page.date);
        self.pages += 1;
        Ok(taken)
    }
}

/// How long to wait after so many failures in a row: doubling, except for credentials, whose renewal should be
/// seen soon.
fn wait(class: ErrorClass, times: u32, every: SignedDuration) -> SignedDuration {
    let first = match class {
        ErrorClass::Expired => return every,
        ErrorClass::Throttled | ErrorClass::Transient | ErrorClass::Unreadable | ErrorClass::StaleToken => SHORTEST,
        _ => every,
    };
    let doubled = 1i32.checked_shl(times.saturating_sub(1).min(16)).unwrap_or(i32::MAX);
    first.saturating_mul(doubled).min(LONGEST)
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}
