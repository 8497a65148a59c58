//! The poller alone: time and answers in, requests and events out.

use super::account::{Account, Item, arn, told};
use super::*;
use crate::problem::Problem;
use crate::source::securityhub::SecurityHub;
use jiff::SignedDuration;
use proptest::prelude::*;
use quell_core::finding::Status;
use std::collections::BTreeMap;
use std::time::Duration;

const START: &str = "2026-11-21T12:00:00Z";

fn start() -> Timestamp {
    START.parse().unwrap()
}

fn seconds(n: i64) -> SignedDuration {
    SignedDuration::from_secs(n)
}

/// A poller with its clock, its account, and what it has told.
struct Bench {
    account: Account,
    poller: Poller,
    now: Timestamp,
    /// What the listener knows: id to moment and status.
    known: BTreeMap<String, (Timestamp, Status)>,
    health: Option<Health>,
    completes: usize,
    asks: Vec<Ask>,
}

impl Bench {
    fn new(items: &[(u32, i64)]) -> Self {
        let items = items.iter().map(|(id, ago)| Item { id: *id, updated: start() - seconds(*ago), archived: false });
        let account = Account(Arc::new(std::sync::Mutex::new(items.collect())));
        let source: &'static dyn Source = Box::leak(Box::new(account.clone()));
        let poller = Poller::new(source, "eu-west-1", Duration::from_secs(30));
        let (known, asks) = (BTreeMap::new(), Vec::new());
        Self { account, poller, now: start(), known, health: None, completes: 0, asks }
    }

    fn hear(&mut self, events: Vec<SourceEvent>) {
        for event in events {
            match event {
                SourceEvent::Findings { findings, complete, .. } => {
                    for finding in &findings {
                        let (id, updated, status) = told(finding);
                        let before = self.known.insert(id.clone(), (updated, status));
                        assert_ne!(before, Some((updated, status)), "{id} was told twice");
                        assert!(before.is_none_or(|(before, _)| before <= updated), "{id} went back in time");
                    }
                    self.completes += usize::from(complete);
                }
                SourceEvent::Health { health, .. } => self.health = Some(health),
                SourceEvent::Unreadable { problem, .. } => panic!("{problem}"),
            }
        }
    }

    /// Runs one reading to its end, with something happening before each page is answered.
    fn cycle(&mut self, mut meanwhile: impl FnMut(&mut Vec<Item>, Timestamp)) {
        let mut reply = None;
        loop {
            let step = self.poller.step(self.now, reply.take());
            self.hear(step.events);
            match step.requests.first() {
                Some(request) => {
                    self.now += seconds(1);
                    meanwhile(&mut self.account.0.lock().unwrap(), self.now);
                    self.asks.push(request.ask.clone());
                    reply =
                        Some(Reply { number: request.number, answer: Ok(self.account.answer(&request.ask, self.now)) });
                }
                None => {
                    self.now = step.wake.unwrap();
                    return;
                }
            }
        }
    }

    /// Answers the next request with a trouble and says when the next step is due.
    fn trouble(&mut self, class: ErrorClass) -> Timestamp {
        let step = self.poller.step(self.now, None);
        self.hear(step.events);
        let number = step.requests.first().unwrap().number;
        let trouble = Trouble { class, problem: Problem::aws("no") };
        let step = self.poller.step(self.now, Some(Reply { number, answer: Err(trouble) }));
        self.hear(step.events);
        step.wake.unwrap_or(self.now)
    }

    fn active(&self) -> Vec<(String, Timestamp)> {
        let active = self.known.iter().filter(|(_, (_, status))| *status == Status::Active);
        active.map(|(id, (updated, _))| (id.clone(), *updated)).collect()
    }
}

fn quiet(_: &mut Vec<Item>, _: Timestamp) {}

#[test]
fn first_everything_then_what_was_updated() {
    let mut bench = Bench::new(&[(1, 90_000), (2, 5_000), (3, 10)]);
    bench.cycle(quiet);
    assert_eq!(bench.active(), bench.account.active());
    assert_eq!(bench.completes, 1);
    assert_eq!(bench.health, Some(Health::Ok { as_of: start() }));
    assert_eq!(bench.asks.iter().map(|ask| ask.since).collect::<Vec<_>>(), [None, None]);
    // The first answer came at 12:00:01 by AWS's clock; ten minutes before that the next reading starts.
    bench.cycle(quiet);
    assert_eq!(bench.asks[2].since, Some("2026-11-21T11:50:01Z".parse().unwrap()));
    assert_eq!(bench.completes, 1);
}

#[test]
fn everything_is_read_again_after_ten_minutes() {
    let mut bench = Bench::new(&[(1, 90_000)]);
    bench.cycle(quiet);
    bench.now += SignedDuration::from_mins(10);
    bench.cycle(quiet);
    assert_eq!(bench.asks.last().unwrap().since, None);
    assert_eq!(bench.completes, 2);
}

#[test]
fn a_hurried_poller_reads_everything_at_once() {
    let mut bench = Bench::new(&[(1, 90_000)]);
    bench.cycle(quiet);
    bench.now -= seconds(29);
    assert!(bench.poller.step(bench.now, None).requests.is_empty());
    bench.poller.hurry();
    bench.cycle(quiet);
    assert_eq!(bench.asks.iter().map(|ask| ask.since).collect::<Vec<_>>(), [None, None]);
    assert_eq!(bench.completes, 2);
}

#[test]
fn what_leaves_the_list_is_archived_only_after_two_full_readings() {
    let mut bench = Bench::new(&[(1, 90_000), (2, 80_000)]);
    bench.cycle(quiet);
    bench.account.0.lock().unwrap().retain(|item| item.id != 1);
    bench.now += SignedDuration::from_mins(10);
    bench.cycle(quiet);
    assert_eq!(bench.known[&arn(1)].1, Status::Active);
    // The doubt is settled at the next reading, not ten minutes later.
    bench.cycle(quiet);
    assert_eq!(bench.known[&arn(1)].1, Status::Archived);
    assert_eq!(bench.active(), bench.account.active());
}

#[test]
fn an_archived_update_is_told_once_for_a_known_finding_and_never_for_others() {
    let mut bench = Bench::new(&[(1, 900), (2, 800)]);
    bench.cycle(quiet);
    let now = bench.now;
    {
        let mut items = bench.account.0.lock().unwrap();
        items[0].archived = true;
        items[0].updated = now;
        items.push(Item { id: 9, updated: now, archived: true });
    }
    bench.cycle(quiet);
    bench.cycle(quiet);
    assert_eq!(bench.known[&arn(1)].1, Status::Archived);
    assert!(!bench.known.contains_key(&arn(9)));
}

#[test]
fn failures_back_off_and_say_since_when() {
    let mut bench = Bench::new(&[(1, 900)]);
    bench.cycle(quiet);
    let as_of = Some(start());
    let since = bench.now;
    for wait in [5, 10, 20, 40, 80, 160, 300, 300] {
        let wake = bench.trouble(ErrorClass::Throttled);
        assert_eq!(wake.duration_since(bench.now), seconds(wait));
        let problem = Box::new(Problem::aws("no"));
        assert_eq!(bench.health, Some(Health::Failing { since, as_of, problem, next_try: wake }));
        bench.now = wake;
    }
    bench.cycle(quiet);
    assert!(matches!(bench.health, Some(Health::Ok { .. })));
    // Credentials are looked at again every time: somebody may just have renewed them.
    for _ in 0..3 {
        let wake = bench.trouble(ErrorClass::Expired);
        assert_eq!(wake.duration_since(bench.now), seconds(30));
        bench.now = wake;
    }
}

#[test]
fn a_failed_page_is_asked_again_and_a_stale_token_starts_over() {
    let mut bench = Bench::new(&[(1, 1), (2, 2), (3, 3)]);
    let first = bench.poller.step(bench.now, None);
    let page = bench.account.answer(&first.requests[0].ask, bench.now);
    let second = bench.poller.step(bench.now, Some(Reply { number: first.requests[0].number, answer: Ok(page) }));
    assert_eq!(second.requests[0].ask.token.as_deref(), Some("2"));
    let failed = |class| Err(Trouble { class, problem: Problem::aws("no") });
    let number = second.requests[0].number;
    let lost = bench.poller.step(bench.now, Some(Reply { number, answer: failed(ErrorClass::Transient) }));
    let again = bench.poller.step(lost.wake.unwrap(), None);
    assert_eq!(again.requests[0].ask.token.as_deref(), Some("2"));
    let number = again.requests[0].number;
    let stale = bench.poller.step(bench.now, Some(Reply { number, answer: failed(ErrorClass::StaleToken) }));
    assert_eq!(stale.requests[0].ask.token.as_deref(), Some("0"));
}

#[test]
fn a_stale_answer_is_dropped() {
    let mut bench = Bench::new(&[(1, 1)]);
    let first = bench.poller.step(bench.now, None);
    let page = bench.account.answer(&first.requests[0].ask, bench.now);
    let stale = bench.poller.step(bench.now, Some(Reply { number: first.requests[0].number + 7, answer: Ok(page) }));
    assert!(stale.events.is_empty() && stale.requests.is_empty() && stale.wake.is_none());
}

#[test]
fn not_enabled_is_looked_at_again_after_five_minutes() {
    let mut bench = Bench::new(&[]);
    let wake = bench.trouble(ErrorClass::NotEnabled);
    assert_eq!(bench.health, Some(Health::NotEnabled));
    assert_eq!(wake.duration_since(bench.now), seconds(300));
    assert_eq!(bench.completes, 0);
    bench.now = wake;
    bench.cycle(quiet);
    assert_eq!(bench.completes, 1);
}

#[test]
fn no_findings_is_told_as_such() {
    let mut bench = Bench::new(&[]);
    bench.cycle(quiet);
    assert_eq!((bench.completes, bench.known.len()), (1, 0));
}

#[test]
fn a_rate_lets_a_burst_through_and_then_paces() {
    let mut poller = Poller::new(&SecurityHub, "eu-west-1", Duration::from_secs(30));
    let (mut now, mut reply, mut sent) = (start(), None, 0);
    let hub = br#"{"HubArn":"arn:aws:securityhub:eu-west-1:111122223333:hub/default"}"#.to_vec();
    loop {
        let step = poller.step(now, reply.take());
        let Some(request) = step.requests.first() else {
            // Six at once, the seventh a third of a second later.
            assert_eq!((sent, step.wake.unwrap().duration_since(now)), (6, SignedDuration::from_millis(334)));
            break;
        };
        let body = match sent {
            0 => hub.clone(),
            n => format!(r#"{{"Findings":[],"NextToken":"{n}"}}"#).into_bytes(),
        };
        sent += 1;
        let page = Page { body: Arc::from(body), date: None, request_id: None };
        reply = Some(Reply { number: request.number, answer: Ok(page) });
    }
    now += seconds(10);
    assert_eq!(poller.step(now, None).requests.len(), 1);
}

/// Something that happens to the list: a finding is updated, comes, or goes.
#[derive(Clone, Copy, Debug)]
enum Happens {
    Update(usize),
    Arrive,
    Archive(usize),
    Nothing,
}

fn happen(items: &mut Vec<Item>, now: Timestamp, what: Happens) {
    let count = items.len();
    match what {
        Happens::Update(n) if count > 0 && !items[n % count].archived => items[n % count].updated = now,
        Happens::Arrive => items.push(Item { id: 1000 + count as u32, updated: now, archived: false }),
        Happens::Archive(n) if count > 0 => {
            items[n % count].archived = true;
            items[n % count].updated = now;
        }
        _ => {}
    }
}

fn events() -> impl Strategy<Value = Vec<Happens>> {
    let one = prop_oneof![
        3 => any::<usize>().prop_map(Happens::Update),
        2 => Just(Happens::Arrive),
        1 => any::<usize>().prop_map(Happens::Archive),
        2 => Just(Happens::Nothing),
    ];
    proptest::collection::vec(one, 0..40)
}

proptest! {
    /// Whatever moves between the pages, two readings later everything is told, nothing twice (see `hear`).
    #[test]
    fn what_moves_between_pages_is_told_within_two_cycles(
        ages in proptest::collection::vec(1i64..200_000, 0..12),
        events in events(),
    ) {
        let items: Vec<(u32, i64)> = ages.iter().enumerate().map(|(n, ago)| (n as u32, *ago)).collect();
        let mut bench = Bench::new(&items);
        let mut events = events.into_iter();
        let mut archived = false;
        bench.cycle(|items, now| {
            let what = events.next().unwrap_or(Happens::Nothing);
            archived |= matches!(what, Happens::Archive(_));
            happen(items, now, what);
        });
        // A finding that goes can hide another from one full reading; that is what the full readings are for.
        if archived {
            bench.now += SignedDuration::from_mins(10);
        }
        bench.cycle(quiet);
        for (id, updated) in bench.account.active() {
            prop_assert_eq!(bench.known.get(&id), Some(&(updated, Status::Active)));
        }
        // And what is gone is gone after the doubt is settled.
        bench.now += SignedDuration::from_mins(10);
        bench.cycle(quiet);
        bench.cycle(quiet);
        prop_assert_eq!(bench.active(), bench.account.active());
    }
}
