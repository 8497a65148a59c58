//! Every kind under every fault at every call that it makes, on the simulated account: what changes something is sent
//! once, what is not known is called unknown, and what a look-up says afterwards is so. The cases are made of the
//! registry and of the calls that a run without a fault makes: a kind without a sample fails.

use super::super::testing::link;
use super::super::{Action, LOCAL, Report, Request, allow, kinds};
use super::samples::sample;
use crate::aws::fake::{Asked, hasty, overheard, run};
use crate::aws::{BoxFuture, Connection, Reader, StaticAccess, Writer};
use crate::problem::Problem;
use crate::runtime::Runtime;
use crate::simulator::{Scenario, Simulator};
use crate::timeline::Permit;
use jiff::{SignedDuration, Timestamp};
use quell_core::incident::{FailClass, Found, Outcome, Plan, Token, Verified};
use quell_core::text::{Id, id::Slug};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Faults, and whether a call that meets one has been carried out all the same.
const FAULTS: [(&str, bool); 13] = [
    ("throttled", false),
    ("denied", false),
    ("expired", false),
    ("unknown-key", false),
    ("validation", false),
    ("not-found", false),
    ("internal", false),
    ("unavailable", false),
    ("refused", false),
    ("lost", true),
    ("hanging", true),
    ("truncated", true),
    ("garbled", true),
];

/// The account, and one kind's connection to it.
pub(super) struct Live {
    pub(super) connection: Connection,
    pub(super) reader: Reader,
    clock: Arc<Mutex<Timestamp>>,
    seen: u64,
}

/// A call as the account names it, and the how manieth of its name it is.
type Place = (String, usize);

impl Live {
    pub(super) fn new(kind: &'static dyn Action, faults: &str) -> Self {
        Self::heard(kind, faults).0
    }

    /// The same, with what goes over the wire.
    pub(super) fn heard(kind: &'static dyn Action, faults: &str) -> (Self, Arc<Mutex<Vec<Asked>>>) {
        let clock = Arc::new(Mutex::new("2026-11-21T10:00:00Z".parse::<Timestamp>().unwrap()));
        let reads = clock.clone();
        let runtime = Runtime::new(move || *reads.lock().unwrap(), |_| Ok(()));
        let scenario = Scenario::from_toml(&format!("base = \"crypto-mining\"\n{faults}")).unwrap();
        let simulator = Simulator::new(scenario, 1, 1.0, runtime.clone());
        let access = simulator.access();
        let access = StaticAccess {
            account: access.account,
            region: access.region,
            partition: access.partition,
            access_key_id: access.access_key_id,
            secret: access.secret_access_key,
        };
        if kind.info().name == "ssm-signal" {
            let mut allow = allow::of(&[]);
            allow.read.push(("SSM", "StartAutomationExecution"));
            let reader = hasty(simulator.http_client(), &access, allow, runtime.clone()).reader("eu-west-1");
            assert_eq!(run(waiting(&reader)), EXECUTION);
            *clock.lock().unwrap() += SignedDuration::from_secs(20);
        }
        if kind.info().name == "sfn-stop" {
            let mut allow = allow::of(&[]);
            allow.read.push(("SFN", "StartExecution"));
            let reader = hasty(simulator.http_client(), &access, allow, runtime.clone()).reader("eu-west-1");
            assert_eq!(run(paging(&reader)), RUN);
        }
        let (http, heard) = overheard(simulator.http_client());
        let connection = hasty(http, &access, allow::of(&[kind]), runtime);
        let reader = connection.reader("eu-west-1");
        (Self { connection, reader, clock, seen: 0 }, heard)
    }

    pub(super) fn execute(&self, kind: &dyn Action, plan: &Plan) -> Outcome {
        let clock = self.clock.clone();
        let wait = move |time| *clock.lock().unwrap() += SignedDuration::try_from(time).unwrap();
        let progress = super::super::Progress::waiting(wait, |_| {});
        run(async {
            let armed = self.connection.arm(*self.clock.lock().unwrap()).unwrap();
            let permit = Permit::for_test(link(7), &plan.hash().unwrap(), token().as_str());
            match self.connection.writer(&armed, permit, plan).await {
                Ok(writer) => kind.execute(writer, &self.reader, plan, &progress).await,
                // The account could not be asked who calls: nothing was sent.
                Err(refused) => Outcome::Failed {
                    class: FailClass::NotSent,
                    message: format!("{refused:?}").into(),
                    request_ids: Vec::new(),
                },
            }
        })
    }

    /// What a program said on its standard output.
    pub(super) fn outputs(&self, kind: &dyn Action, plan: &Plan) -> String {
        let said: Arc<Mutex<Vec<u8>>> = Arc::default();
        let sink = said.clone();
        let progress = super::super::Progress::new(Runtime::real(), move |report| {
            if let Report::Output { bytes, .. } = report {
                sink.lock().unwrap().extend(bytes);
            }
        });
        run(async {
            let armed = self.connection.arm(*self.clock.lock().unwrap()).unwrap();
            let permit = Permit::for_test(link(7), &plan.hash().unwrap(), token().as_str());
            let writer = self.connection.writer(&armed, permit, plan).await.unwrap();
            kind.execute(writer, &self.reader, plan, &progress).await
        });
        let said = said.lock().unwrap();
        String::from_utf8(said.clone()).unwrap()
    }

    /// The calls since the last look, by service and operation, and whether a writer made them.
    fn calls(&mut self) -> Vec<(String, bool)> {
        let all = self.connection.calls().calls();
        let new = all.len() - self.seen as usize;
        self.seen = all.len() as u64;
        let name = |service: &str| match service {
            "GuardDuty" => "guardduty",
            "SecurityHub" => "securityhub",
            "SSM" => "ssm",
            "IAM" => "iam",
            "EC2" => "ec2",
            "S3" => "s3",
            "S3 Control" => "s3control",
            "Auto Scaling" => "autoscaling",
            "Elastic Load Balancing v2" => "elbv2",
            "Lambda" => "lambda",
            "SNS" => "sns",
            "EventBridge" => "events",
            "SFN" => "states",
            "Config Service" => "config",
            "SSO Admin" => "sso",
            "Route53Resolver" => "route53resolver",
            _ => "sts",
        };
        let named = all.iter().rev().take(new).map(|c| (format!("{}:{}", name(&c.service), c.operation), c.writer));
        let mut named: Vec<_> = named.collect();
        named.reverse();
        named
    }
}

/// The first execution of the account; its ids are made of the seed.
pub(super) const EXECUTION: &str = "03121400-e83a-41ae-ab38-62174afd75cf";

/// Starts an automation that comes to wait for an approval, as somebody else would; its id.
pub(super) async fn waiting(reader: &Reader) -> String {
    let start = reader.ssm().start_automation_execution().document_name("Custom-ApproveThenStop");
    let start = start.parameters("InstanceId", vec!["i-0c4f1e97ab52d6038".to_owned()]);
    start.send().await.unwrap().automation_execution_id().unwrap().to_owned()
}

/// The run that [`paging`] starts.
pub(super) const RUN: &str = "arn:aws:states:eu-west-1:111122223333:execution:page-the-owner:of-somebody-else";

/// Starts a run of a state machine, as somebody else would; its ARN.
pub(super) async fn paging(reader: &Reader) -> String {
    let machine = "arn:aws:states:eu-west-1:111122223333:stateMachine:page-the-owner";
    let answer = reader.sfn().start_execution(machine, "of-somebody-else", "{}").await.unwrap();
    answer.value.execution_arn.line().into_string()
}

pub(super) fn session() -> Id<Slug> {
    Id::new("20260102T030405Z-demo-abcdef").unwrap()
}

pub(super) fn token() -> Token {
    Token::new(&session(), &link(7))
}

/// A GuardDuty finding of the account, found with a connection of its own.
pub(super) fn arn() -> String {
    let detector = "3ac1f0b8d24e96a7705b1e8c6f92d4b3";
    let live = Live::new(kinds()[0], "");
    let mut allow = allow::of(&[]);
    allow.read.push(("GuardDuty", "ListFindings"));
    let runtime = live.connection.runtime().clone();
    let simulator = Simulator::new(Scenario::named("crypto-mining").unwrap(), 1, 1.0, runtime.clone());
    let access = simulator.access();
    let access = StaticAccess {
        account: access.account,
        region: access.region,
        partition: access.partition,
        access_key_id: access.access_key_id,
        secret: access.secret_access_key,
    };
    let reader = hasty(simulator.http_client(), &access, allow, runtime).reader("eu-west-1");
    let answer = run(reader.guardduty().list_findings().detector_id(detector).send()).unwrap();
    let id = answer.finding_ids().first().unwrap();
    format!("arn:aws:guardduty:eu-west-1:111122223333:detector/{detector}/finding/{id}")
}

/// Every call of a run, by its place.
fn places(live: &mut Live) -> Vec<Place> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let calls = live.calls().into_iter().map(|(name, _)| {
        let n = counts.entry(name.clone()).or_default();
        *n += 1;
        (name, *n)
    });
    calls.collect()
}

/// How often in a row a fault hits: up to as often as a reader tries. What no reader tries again hits once, so that it
/// is over when the account is looked at.
fn times(fault: &str) -> &'static [usize] {
    match fault {
        "denied" | "expired" | "unknown-key" | "validation" | "not-found" => &[1],
        _ => &[1, 2, 3],
    }
}

struct Case<'a> {
    kind: &'static dyn Action,
    request: &'a Request,
    at: &'a Place,
    fault: (&'static str, bool),
    times: usize,
}

impl Case<'_> {
    fn name(&self) -> String {
        format!("{} {} {:?} x{}", self.kind.info().name, self.fault.0, self.at, self.times)
    }
}

/// What went wrong with it, if anything.
fn wrong(case: &Case<'_>) -> Option<String> {
    let (operation, from) = case.at;
    let (fault, _) = case.fault;
    let faults =
        format!("[[fault]]\noperation = \"{operation}\"\nfrom = {from}\ncount = {}\nerror = \"{fault}\"", case.times);
    let mut live = Live::new(case.kind, &faults);
    // A plan that can't be made sends nothing that changes; and says why.
    let plan = match run(case.kind.plan(&live.reader, case.request)) {
        Ok(plan) => plan,
        Err(problem) if problem.what.is_empty() => return Some("a plan is refused without a word".into()),
        Err(_) => return live.calls().iter().any(|(_, writer)| *writer).then(|| "planning changes something".into()),
    };
    live.calls();
    let outcome = live.execute(case.kind, &plan);
    let mutates = |name: &str| case.kind.info().operations.mutate.iter().any(|(_, o)| name.ends_with(&format!(":{o}")));
    let sent = live.calls().iter().filter(|(name, writer)| *writer && mutates(name)).count();
    if sent > plan.requests.len() {
        return Some(format!("{sent} calls were sent for {} requests", plan.requests.len()));
    }
    let hit = mutates(operation) && sent > 0;
    match &outcome {
        Outcome::Failed { class: FailClass::NotSent, .. } if sent > 0 && fault != "refused" => {
            return Some("it was sent, and is called not sent".into());
        }
        Outcome::Failed { message, .. } | Outcome::Partly { message, .. } if hit && case.fault.1 => {
            return Some(format!("it may have been done, and is called failed: {message:?}"));
        }
        Outcome::Succeeded { .. } if hit && !case.fault.1 => return Some("it was refused, and is called done".into()),
        _ => {}
    }
    looked_up(case, &live, &plan, &outcome)
}

/// Holds the words against the account, once the faults are over.
fn looked_up(case: &Case<'_>, live: &Live, plan: &Plan, outcome: &Outcome) -> Option<String> {
    let done = |outcome: &Outcome| run(case.kind.verify(&live.reader, plan, outcome)).holds;
    match outcome {
        Outcome::Succeeded { .. } => {
            (done(outcome) == Some(false)).then(|| "it is called done, and is not as wanted".into())
        }
        // What was done of it stands, and an undo of that is there.
        Outcome::Partly { .. } if case.kind.undo(plan, outcome).is_none() => {
            Some("a part is done, with no undo".into())
        }
        Outcome::Failed { .. } | Outcome::Partly { .. } => {
            (done(outcome) == Some(true)).then(|| "it is called failed, and is as wanted".into())
        }
        Outcome::Unknown { .. } => match run(case.kind.check(&live.reader, plan, token())) {
            Found::Ended(found) => {
                let whole = !matches!(found, Outcome::Partly { .. });
                (done(&found) == Some(!whole)).then(|| "it is found done or half done, and is not so".into())
            }
            Found::NotSent => (done(outcome) == Some(true)).then(|| "it is found not sent, and is done".into()),
            Found::Running(_) | Found::CannotTell(_) | Found::DoesNotStand(_) => None,
        },
    }
}

/// All cases of one kind: how many there are, and what is wrong with them.
fn cases(kind: &'static dyn Action, arn: &str) -> (usize, Vec<String>) {
    let request = sample(kind, arn);
    let mut live = Live::new(kind, "");
    let plan = run(kind.plan(&live.reader, &request)).unwrap();
    let outcome = live.execute(kind, &plan);
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{}: {outcome:?}", kind.info().name);
    let (mut points, mut all) = (0, Vec::new());
    for at in &places(&mut live) {
        for fault in FAULTS {
            for times in times(fault.0) {
                let case = Case { kind, request: &request, at, fault, times: *times };
                points += 1;
                all.extend(wrong(&case).map(|wrong| format!("{}: {wrong}", case.name())));
            }
        }
    }
    (points, all)
}

#[test]
fn every_kind_keeps_its_word_under_every_fault_at_every_call() {
    let arn = arn();
    let far = |kind: &&'static dyn Action| kind.info().operations.mutate.iter().all(|(service, _)| *service != LOCAL);
    let found: Vec<(usize, Vec<String>)> = std::thread::scope(|scope| {
        let kinds = kinds().iter().copied().filter(far);
        let lanes: Vec<_> = kinds
            .map(|kind| {
                scope.spawn({
                    let arn = &arn;
                    move || cases(kind, arn)
                })
            })
            .collect();
        lanes.into_iter().map(|lane| lane.join().unwrap()).collect()
    });
    let points: usize = found.iter().map(|(points, _)| points).sum();
    println!("fault points: {points}");
    assert_eq!(found.into_iter().flat_map(|(_, wrong)| wrong).collect::<Vec<_>>(), [""; 0]);
    assert!(points >= 1000, "{points} points are too few");
}

/// A kind that does not keep its word.
enum Liar {
    /// What may have been done is called failed.
    Hopeful,
    /// Whatever is looked up was not sent.
    Forgetful,
    /// What was refused is called done.
    Proud,
}

fn honest() -> &'static dyn Action {
    super::super::by_name("iam-deny").unwrap()
}

impl Action for Liar {
    fn info(&self) -> &super::super::KindInfo {
        honest().info()
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        honest().plan(reader, request)
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a super::super::Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let outcome = honest().execute(writer, reader, plan, progress).await;
            let words = || (FailClass::Other, "no".into(), Vec::new());
            match (self, outcome) {
                (Liar::Hopeful, Outcome::Unknown { .. }) => {
                    let (class, message, request_ids) = words();
                    Outcome::Failed { class, message, request_ids }
                }
                (Liar::Proud, Outcome::Failed { .. }) => {
                    let (outcome, request_ids) = ("done".into(), Vec::new());
                    Outcome::Succeeded { outcome, request_ids, undo: None, facts: Vec::new() }
                }
                (_, outcome) => outcome,
            }
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, token: Token) -> BoxFuture<'a, Found> {
        match self {
            Liar::Forgetful => Box::pin(async { Found::NotSent }),
            _ => honest().check(reader, plan, token),
        }
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, outcome: &'a Outcome) -> BoxFuture<'a, Verified> {
        honest().verify(reader, plan, outcome)
    }

    fn undo(&self, _: &Plan, _: &Outcome) -> Option<Request> {
        None
    }
}

/// What makes the test above worth anything.
#[test]
fn a_kind_that_does_not_keep_its_word_is_caught() {
    static LIARS: [Liar; 3] = [Liar::Hopeful, Liar::Forgetful, Liar::Proud];
    let at = ("iam:PutUserPolicy".to_owned(), 1);
    let request = sample(honest(), "");
    let caught = |liar: &'static Liar, fault| wrong(&Case { kind: liar, request: &request, at: &at, fault, times: 1 });
    let [hopeful, forgetful, proud] = &LIARS;
    assert!(caught(hopeful, ("lost", true)).unwrap().starts_with("it may have been done, and is called failed"));
    assert_eq!(caught(forgetful, ("lost", true)).unwrap(), "it is found not sent, and is done");
    assert_eq!(caught(proud, ("denied", false)).unwrap(), "it was refused, and is called done");
}
