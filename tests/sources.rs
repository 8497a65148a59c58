//! The sources against the simulated account: two independent readings of the same AWS documentation must meet.

use jiff::{SignedDuration, Timestamp};
use quell::aws::{Allow, Connection, StaticAccess};
use quell::runtime::Runtime;
use quell::simulator::{Scenario, Simulator};
use quell::source::{Fetched, Health, Limits, SourceEvent, Sources, fetch_all, operations};
use quell_core::finding::{Inbox, Status, Via, Workflow};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const START: &str = "2026-11-21T19:30:00Z";

/// A simulated account with a clock that stands where it was put.
struct Bench {
    now: Arc<Mutex<Timestamp>>,
    connection: Connection,
    runtime: Runtime,
}

impl Bench {
    fn new(scenario: Scenario, region: Option<&str>) -> Self {
        let now: Arc<Mutex<Timestamp>> = Arc::new(Mutex::new(START.parse().unwrap()));
        let clock = now.clone();
        let runtime = Runtime::new(move || *clock.lock().unwrap(), |_| Ok(()));
        let simulator = Simulator::new(scenario, 7, 1.0, runtime.clone());
        let access = simulator.access();
        let access = StaticAccess {
            region: region.map_or(access.region, str::to_owned),
            account: access.account,
            partition: access.partition,
            access_key_id: access.access_key_id,
            secret: access.secret_access_key,
        };
        let allow = Allow { read: operations(), ..Allow::default() };
        let connection = Connection::simulated(simulator.http_client(), &access, allow, runtime.clone());
        Self { now, connection, runtime }
    }

    fn fetch(&self) -> Fetched {
        run(fetch_all(&self.connection, Limits::default()))
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn crypto_mining() -> Scenario {
    Scenario::named("crypto-mining").unwrap()
}

#[test]
fn the_mined_account_is_read_and_merged() {
    let bench = Bench::new(crypto_mining(), None);
    let fetched = bench.fetch();
    assert_eq!((fetched.problems.as_slice(), fetched.notes.as_slice()), (&[][..], &[][..]));
    let of = |via: Via| fetched.findings.iter().filter(|finding| finding.via == via).count();
    // The scenario: nine findings of GuardDuty that are there at the start and not archived; Security Hub has them
    // too, and five controls.
    assert_eq!((of(Via::Guardduty), of(Via::Securityhub)), (9, 14));
    let mut inbox = Inbox::default();
    inbox.take(fetched.findings);
    let rows = inbox.rows();
    assert_eq!(rows.len(), 14);
    let (_, mining) = rows
        .iter()
        .find(|(_, row)| row.kind.as_ref().is_some_and(|k| k.line().as_str() == "CryptoCurrency:EC2/BitcoinTool.B!DNS"))
        .unwrap();
    // GuardDuty's own record wins; the workflow is Security Hub's.
    assert_eq!((mining.via, mining.workflow, mining.count), (Via::Guardduty, Some(Workflow::New), Some(41)));
    assert!(rows.iter().all(|(_, row)| row.status == Status::Active && row.region.is_some()));
}

#[test]
fn the_account_moves_on() {
    let bench = Bench::new(crypto_mining(), None);
    bench.fetch();
    *bench.now.lock().unwrap() += SignedDuration::from_mins(30);
    let fetched = bench.fetch();
    assert_eq!(fetched.problems, []);
    let tor = |f: &&quell_core::finding::Finding| {
        f.kind.as_ref().is_some_and(|k| k.line().as_str() == "UnauthorizedAccess:EC2/TorClient")
    };
    // It arrives after a minute and a half, in both services.
    assert_eq!(fetched.findings.iter().filter(tor).count(), 2);
}

#[test]
fn a_region_without_the_services_is_not_an_empty_one() {
    let bench = Bench::new(crypto_mining(), Some("us-east-1"));
    let fetched = bench.fetch();
    let mut what: Vec<&str> = fetched.problems.iter().map(|problem| problem.what.as_str()).collect();
    what.sort_unstable();
    assert_eq!(what, ["GuardDuty us-east-1 is not switched on", "Security Hub us-east-1 is not switched on"]);
}

#[test]
fn a_denied_source_says_so_and_the_other_goes_on() {
    let fault = "base = \"crypto-mining\"\n[[fault]]\noperation = \"guardduty:ListFindings\"\nerror = \"denied\"\n";
    let fetched = Bench::new(Scenario::from_toml(fault).unwrap(), None).fetch();
    assert_eq!(fetched.findings.len(), 14);
    assert_eq!(fetched.problems.len(), 1);
    let what = &fetched.problems[0].what;
    assert!(
        what.starts_with("GuardDuty eu-west-1 failed: arn:aws:iam::111122223333:user/quell-responder may not call")
    );
    assert!(what.contains(" guardduty:ListFindings "), "{what}");
    // Read through once, nobody asks again.
    assert_eq!(fetched.problems[0].meaning, "the credentials lack a permission");
}

#[test]
fn running_sources_say_that_they_ask_again() {
    let fault = "base = \"crypto-mining\"\n[[fault]]\noperation = \"guardduty:ListFindings\"\nerror = \"denied\"\n";
    let bench = Bench::new(Scenario::from_toml(fault).unwrap(), None);
    let meaning = run(async {
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let deliver = move |event| tell.send(event).unwrap_or_default();
        let runtime = bench.runtime.clone();
        let _running = Sources::start(bench.connection.clone(), runtime, Duration::from_secs(30), deliver);
        loop {
            if let Some(SourceEvent::Health { health: Health::Failing { problem, .. }, .. }) = told.recv().await {
                return problem.meaning;
            }
        }
    });
    assert_eq!(meaning, "the credentials lack a permission; quell asks again by itself");
}

#[test]
fn the_responder_is_who_the_account_says() {
    let bench = Bench::new(crypto_mining(), None);
    let identity = run(bench.connection.identity()).unwrap();
    assert_eq!(identity.account.as_str(), "111122223333");
    assert_eq!(identity.principal(), "arn:aws:iam::111122223333:user/quell-responder");
}

#[test]
fn running_sources_deliver_until_both_are_complete() {
    let bench = Bench::new(crypto_mining(), None);
    let count = run(async {
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let deliver = move |event| tell.send(event).unwrap_or_default();
        let runtime = bench.runtime.clone();
        let _running = Sources::start(bench.connection.clone(), runtime, Duration::from_secs(30), deliver);
        let (mut count, mut complete) = (0, 0);
        while complete < 2 {
            if let Some(SourceEvent::Findings { findings, complete: all, .. }) = told.recv().await {
                count += findings.len();
                complete += usize::from(all);
            }
        }
        count
    });
    assert_eq!(count, 23);
}
