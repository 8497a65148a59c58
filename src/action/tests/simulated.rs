//! The kinds against the simulated account: the same wire, a clock of the test's own. Each kind's connection lets
//! through the operations of that kind's own lists alone, so a call that they do not name fails its test.

use super::super::testing::{fact, filled, finding, link, own, quick, raw, request, token};
use super::super::{Action, Progress, Request, Value, allow, by_name};
use crate::aws::fake::run;
use crate::aws::{Connection, Reader, StaticAccess};
use crate::runtime::Runtime;
use crate::simulator::{Scenario, Simulator};
use crate::timeline::Permit;
use jiff::{SignedDuration, Timestamp};
use quell_core::incident::{Found, Outcome, Plan};
use std::sync::{Arc, Mutex};

pub(super) const INSTANCE: &str = "i-0c4f1e97ab52d6038";
const DETECTOR: &str = "3ac1f0b8d24e96a7705b1e8c6f92d4b3";

/// The account of a scenario at a moment that only waits move.
pub(super) struct Live {
    connection: Connection,
    pub(super) reader: Reader,
    clock: Arc<Mutex<Timestamp>>,
}

impl Live {
    pub(super) fn new(kind: &'static dyn Action) -> Self {
        Self::of(kind, Scenario::named("crypto-mining").unwrap(), &[("GuardDuty", "ListFindings")])
    }

    /// An account of that scenario; `own` are calls of the test's own.
    pub(super) fn of(kind: &'static dyn Action, scenario: Scenario, own: &[(&'static str, &'static str)]) -> Self {
        let clock = Arc::new(Mutex::new("2026-11-21T10:00:00Z".parse::<Timestamp>().unwrap()));
        let reads = clock.clone();
        let runtime = Runtime::new(move || *reads.lock().unwrap(), |_| Ok(()));
        let simulator = Simulator::new(scenario, 1, 1.0, runtime.clone());
        let access = simulator.access();
        let access = StaticAccess {
            account: access.account,
            region: access.region,
            partition: access.partition,
            access_key_id: access.access_key_id,
            secret: access.secret_access_key,
        };
        let mut allow = allow::of(&[kind]);
        allow.read.extend_from_slice(own);
        let connection = Connection::simulated(simulator.http_client(), &access, allow, runtime);
        let reader = connection.reader("eu-west-1");
        Self { connection, reader, clock }
    }

    pub(super) fn plan(&self, kind: &dyn Action, request: &Request) -> Plan {
        run(kind.plan(&self.reader, request)).unwrap()
    }

    /// Executes a plan as the `n`th action; its waits move the clock.
    pub(super) fn execute(&self, kind: &dyn Action, plan: &Plan, n: u64) -> Outcome {
        self.execute_with(kind, plan, n, &self.waits())
    }

    /// A run whose waits move the clock.
    fn waits(&self) -> Progress {
        let clock = self.clock.clone();
        let wait = move |time: std::time::Duration| {
            *clock.lock().unwrap() += SignedDuration::try_from(time).unwrap();
        };
        Progress::waiting(wait, |_| {})
    }

    pub(super) fn execute_with(&self, kind: &dyn Action, plan: &Plan, n: u64, progress: &Progress) -> Outcome {
        run(async {
            let armed = self.connection.arm(*self.clock.lock().unwrap()).unwrap();
            let token = quell_core::incident::Token::new(&session(), &link(n));
            let permit = Permit::for_test(link(n), &plan.hash().unwrap(), token.as_str());
            let writer = self.connection.writer(&armed, permit, plan).await.unwrap();
            kind.execute(writer, &self.reader, plan, progress).await
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        *self.clock.lock().unwrap()
    }

    pub(super) fn clock(&self) -> Arc<Mutex<Timestamp>> {
        self.clock.clone()
    }

    /// Another reader of the same account.
    pub(super) fn again(&self) -> Reader {
        self.connection.reader("eu-west-1")
    }

    /// Lets so many seconds pass.
    pub(super) fn wait(&self, seconds: i64) {
        *self.clock.lock().unwrap() += SignedDuration::from_secs(seconds);
    }

    /// The ARN of a finding that is there.
    fn finding(&self) -> String {
        let answer = run(self.reader.guardduty().list_findings().detector_id(DETECTOR).send()).unwrap();
        let id = answer.finding_ids().first().unwrap().clone();
        format!("arn:aws:guardduty:eu-west-1:111122223333:detector/{DETECTOR}/finding/{id}")
    }
}

fn session() -> quell_core::text::Id<quell_core::text::id::Slug> {
    quell_core::text::Id::new("20260102T030405Z-demo-abcdef").unwrap()
}

fn contain(dry: &str) -> Request {
    let kind = by_name("ssm-automation").unwrap();
    let parameters = [("InstanceId", filled(INSTANCE)), ("Action", own("Contain")), ("DryRun", own(dry))];
    let parameters = Value::Map(parameters.into_iter().map(|(k, v)| (k.into(), v)).collect());
    let fields = [("document", own("AWSSupport-ContainEC2Instance")), ("parameters", parameters)];
    request(kind, finding("f-1", INSTANCE), fields)
}

#[test]
fn an_instance_is_contained_found_again_and_restored() {
    let kind = by_name("ssm-automation").unwrap();
    let live = Live::new(kind);
    let plan = live.plan(kind, &contain("false"));
    assert_eq!(run(kind.check(&live.reader, &plan, token())), Found::NotSent);
    let outcome = live.execute(kind, &plan, 7);
    let Outcome::Succeeded { undo: Some(backup), .. } = &outcome else { panic!("{outcome:?}") };
    let key = backup["BackupS3KeyName"].as_str().unwrap();
    assert!(key.starts_with("2026/11/21/10/00/") && key.ends_with(".json"), "{key}");
    let found = run(kind.check(&live.reader, &plan, token()));
    let Found::Ended(Outcome::Succeeded { undo, .. }) = found else { panic!("{found:?}") };
    assert_eq!(undo.as_ref(), Some(backup));

    let restore = live.plan(kind, &kind.undo(&plan, &outcome).unwrap());
    assert_eq!(restore.requests[0].input["Parameters"]["Action"][0], "Restore");
    let outcome = live.execute(kind, &restore, 8);
    let Outcome::Succeeded { outcome, .. } = &outcome else { panic!("{outcome:?}") };
    assert!(raw(outcome).starts_with("AWSSupport-ContainEC2Instance: Success ("), "{}", raw(outcome));
}

/// What is known before the run is said before its approval, and not when it has failed.
#[test]
fn a_backup_bucket_that_is_not_there_is_said_in_the_plan() {
    let kind = by_name("ssm-automation").unwrap();
    let plan = |bucket: &str| {
        let mut request = contain("false");
        let Some(Value::Map(parameters)) = request.fields.get_mut("parameters") else { panic!() };
        parameters.insert("BackupS3BucketName".into(), own(bucket));
        Live::new(kind).plan(kind, &request)
    };
    let missing = raw(&plan("nobody-has-this").warnings[0]);
    assert!(missing.starts_with("The bucket nobody-has-this of its backup is MISSING: "), "{missing}");
    assert!(missing.ends_with("Without it the run ends there, and nothing is contained."), "{missing}");
    let there: Vec<String> = plan("lumen-production-ir-backup").warnings.iter().map(raw).collect();
    let said = there.iter().find(|warning| warning.contains("of its backup"));
    assert_eq!(said, None);
}

#[test]
fn a_running_automation_is_found_by_its_token() {
    let kind = by_name("ssm-automation").unwrap();
    let live = Live::new(kind);
    let plan = live.plan(kind, &contain("false"));
    // The console goes away right after the call: the waits never end.
    let stalled = Progress::waiting(|_| panic!("gone"), |_| {});
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| live.execute_with(kind, &plan, 7, &stalled)));
    assert!(died.is_err());
    let Found::Running(running) = run(kind.check(&live.reader, &plan, token())) else { panic!() };
    // Another console follows it from there, to an end that can be undone.
    let outcome = run(kind.follow(&live.reader, &plan, &running, &live.waits()));
    assert!(matches!(outcome, Outcome::Succeeded { undo: Some(_), .. }), "{outcome:?}");
}

/// Which kinds may be found to go on is known from what they look up; each of these follows what it finds.
#[test]
fn what_only_looks_up_and_does_not_follow_says_so() {
    let kind = by_name("guardduty-archive").unwrap();
    let live = Live::new(kind);
    let plan = live.plan(kind, &request(kind, finding(&live.finding(), INSTANCE), []));
    let outcome = run(kind.follow(&live.reader, &plan, &"x".into(), &live.waits()));
    let Outcome::Unknown { why } = outcome else { panic!("{outcome:?}") };
    assert_eq!(raw(&why), "it goes on, and actions of this kind are not followed: look it up again");
}

#[test]
fn a_finding_is_archived_and_brought_back() {
    let kind = by_name("guardduty-archive").unwrap();
    let live = Live::new(kind);
    let plan = live.plan(kind, &request(kind, finding(&live.finding(), INSTANCE), []));
    let outcome = live.execute_with(kind, &plan, 7, &quick().0);
    assert_eq!(run(kind.verify(&live.reader, &plan, &outcome)).holds, Some(true));
    let back = live.plan(kind, &kind.undo(&plan, &outcome).unwrap());
    let outcome = live.execute_with(kind, &back, 8, &quick().0);
    assert_eq!(run(kind.verify(&live.reader, &back, &outcome)).holds, Some(true));
    assert_eq!(back.requests[0].operation, "UnarchiveFindings");
}

#[test]
fn a_workflow_is_set_and_set_back() {
    let kind = by_name("securityhub-workflow").unwrap();
    let live = Live::new(kind);
    let fields = [("workflow", own("NOTIFIED")), ("note", own("on it"))];
    let plan = live.plan(kind, &request(kind, finding(&live.finding(), INSTANCE), fields));
    let outcome = live.execute_with(kind, &plan, 7, &quick().0);
    assert_eq!(run(kind.verify(&live.reader, &plan, &outcome)).holds, Some(true));
    let back = live.plan(kind, &kind.undo(&plan, &outcome).unwrap());
    let outcome = live.execute_with(kind, &back, 8, &quick().0);
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    assert_eq!(run(kind.verify(&live.reader, &back, &outcome)).holds, Some(true));
}

#[test]
fn a_key_is_switched_off_and_on_again() {
    let kind = by_name("iam-access-key").unwrap();
    let live = Live::new(kind);
    let fields = [("access_key", filled("AKIAQ7LXN4WKY5RGT2FB"))];
    let plan = live.plan(kind, &request(kind, finding("f-1", "ci-publisher"), fields));
    assert_eq!(plan.requests[0].input["UserName"], "ci-publisher");
    assert_eq!(plan.danger, 2);
    let outcome = live.execute_with(kind, &plan, 7, &quick().0);
    assert_eq!(run(kind.verify(&live.reader, &plan, &outcome)).holds, Some(true));
    // The same plan again meets another status than it saw.
    assert!(matches!(live.execute_with(kind, &plan, 8, &quick().0), Outcome::Failed { .. }));
    let back = live.plan(kind, &kind.undo(&plan, &outcome).unwrap());
    let outcome = live.execute_with(kind, &back, 9, &quick().0);
    assert_eq!(run(kind.verify(&live.reader, &back, &outcome)).holds, Some(true));
}

#[test]
fn a_role_and_a_user_are_denied_everything_and_let_go_again() {
    for (kind, field, name) in [
        ("iam-deny", "role", "build-runner"),
        ("iam-deny", "user", "ci-publisher"),
        ("iam-revoke-sessions", "role", "build-runner"),
    ] {
        let kind = by_name(kind).unwrap();
        let live = Live::new(kind);
        let plan = live.plan(kind, &request(kind, finding("f-1", name), [(field, filled(name))]));
        let outcome = live.execute_with(kind, &plan, 7, &quick().0);
        assert_eq!(run(kind.verify(&live.reader, &plan, &outcome)).holds, Some(true));
        // The same plan again meets another state than it saw.
        assert!(matches!(live.execute_with(kind, &plan, 8, &quick().0), Outcome::Failed { .. }));
        let back = live.plan(kind, &kind.undo(&plan, &outcome).unwrap());
        let outcome = live.execute_with(kind, &back, 9, &quick().0);
        assert_eq!(run(kind.verify(&live.reader, &back, &outcome)).holds, Some(true));
        assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    }
}

#[test]
fn an_instance_s_two_interfaces_are_isolated_and_put_back() {
    let kind = by_name("ec2-isolate").unwrap();
    let live = Live::new(kind);
    let plan = live.plan(kind, &request(kind, finding("f-1", INSTANCE), []));
    assert_eq!((plan.requests.len(), plan.danger), (2, 2));
    let before = ["sg-07d4b2f8e16ac9350", "sg-01a3d85bb43ab988b, sg-07d4b2f8e16ac9350"];
    let groups = |facts: &[quell_core::incident::Fact]| -> Vec<String> {
        let all = facts.iter().filter(|fact| fact.name.line().as_str().starts_with("interface "));
        all.map(|fact| fact.value.line().into_string()).collect()
    };
    assert_eq!(groups(&plan.facts), before);
    let outcome = live.execute_with(kind, &plan, 7, &quick().0);
    let verified = run(kind.verify(&live.reader, &plan, &outcome));
    assert_eq!((verified.holds, groups(&verified.facts)), (Some(true), vec!["sg-0d3b596582cdaf7ec".to_owned(); 2]));
    assert_eq!(run(kind.check(&live.reader, &plan, token())), Found::Ended(without_ids(&outcome)));
    // The same plan again meets other groups than it saw.
    assert!(matches!(live.execute_with(kind, &plan, 8, &quick().0), Outcome::Failed { .. }));
    let back = live.plan(kind, &kind.undo(&plan, &outcome).unwrap());
    let outcome = live.execute_with(kind, &back, 9, &quick().0);
    let verified = run(kind.verify(&live.reader, &back, &outcome));
    assert_eq!((verified.holds, groups(&verified.facts)), (Some(true), groups(&plan.facts)));
}

/// A bucket is blocked from one state and put back into it, whichever that was: none at all, or four switches.
#[test]
fn a_bucket_is_blocked_and_put_back_from_no_configuration_and_from_one() {
    let kind = by_name("s3-block-public").unwrap();
    let live = Live::new(kind);
    let block = |facts: &[quell_core::incident::Fact]| fact(facts, "public access block").unwrap();
    let all = "BlockPublicAcls on, IgnorePublicAcls on, BlockPublicPolicy on, RestrictPublicBuckets on";
    let mixed = "BlockPublicAcls on, IgnorePublicAcls off, BlockPublicPolicy on, RestrictPublicBuckets off";
    let fields = || [("bucket", filled("lumen-build-artifacts"))];
    // What an undo asks for stands for a state that was there before.
    let former = [("bucket", own("lumen-build-artifacts")), ("restore", own(mixed))];
    let former = live.plan(kind, &request(kind, finding("f-1", INSTANCE), former));
    for (n, before) in [(7, "no configuration"), (17, mixed)] {
        if before == mixed {
            assert!(matches!(live.execute_with(kind, &former, 5, &quick().0), Outcome::Succeeded { .. }));
        }
        let plan = live.plan(kind, &request(kind, finding("f-1", INSTANCE), fields()));
        assert_eq!((block(&plan.facts).as_str(), plan.danger), (before, 2));
        let outcome = live.execute_with(kind, &plan, n, &quick().0);
        let verified = run(kind.verify(&live.reader, &plan, &outcome));
        assert_eq!((verified.holds, block(&verified.facts).as_str()), (Some(true), all));
        assert_eq!(run(kind.check(&live.reader, &plan, token())), Found::Ended(without_ids(&outcome)));
        // The same plan again meets another state than it saw.
        assert!(matches!(live.execute_with(kind, &plan, n + 1, &quick().0), Outcome::Failed { .. }));
        let back = live.plan(kind, &kind.undo(&plan, &outcome).unwrap());
        assert_eq!((kind.stands(&plan), kind.stands(&back)), (Some(true), Some(false)));
        let outcome = live.execute_with(kind, &back, n + 2, &quick().0);
        let verified = run(kind.verify(&live.reader, &back, &outcome));
        assert_eq!((verified.holds, block(&verified.facts).as_str()), (Some(true), before));
    }
}

#[test]
fn a_function_is_stopped_and_put_back_from_none_reserved_and_from_some() {
    let kind = by_name("lambda-concurrency").unwrap();
    let live = Live::new(kind);
    let reserved = |facts: &[quell_core::incident::Fact]| fact(facts, "reserved concurrency").unwrap();
    for (n, name, before) in [(7, "nightly-report", "none is reserved"), (17, "thumbnails", "20 reserved")] {
        let plan = live.plan(kind, &request(kind, finding("f-1", INSTANCE), [("function", filled(name))]));
        assert_eq!((reserved(&plan.facts).as_str(), plan.danger), (before, 2));
        let outcome = live.execute_with(kind, &plan, n, &quick().0);
        let verified = run(kind.verify(&live.reader, &plan, &outcome));
        assert_eq!((verified.holds, reserved(&verified.facts).as_str()), (Some(true), "0 reserved"));
        assert_eq!(run(kind.check(&live.reader, &plan, token())), Found::Ended(without_ids(&outcome)));
        // The same plan again meets another state than it saw.
        assert!(matches!(live.execute_with(kind, &plan, n + 1, &quick().0), Outcome::Failed { .. }));
        let back = live.plan(kind, &kind.undo(&plan, &outcome).unwrap());
        assert_eq!((kind.stands(&plan), kind.stands(&back)), (Some(true), Some(false)));
        let outcome = live.execute_with(kind, &back, n + 2, &quick().0);
        let verified = run(kind.verify(&live.reader, &back, &outcome));
        assert_eq!((verified.holds, reserved(&verified.facts).as_str()), (Some(true), before));
    }
}

/// What a look-up finds of it: all but the ids of its requests.
pub(super) fn without_ids(outcome: &Outcome) -> Outcome {
    let Outcome::Succeeded { outcome, undo, facts, .. } = outcome.clone() else { panic!("{outcome:?}") };
    Outcome::Succeeded { outcome, request_ids: Vec::new(), undo, facts }
}

#[test]
fn a_console_password_is_taken_away() {
    let kind = by_name("iam-console-access").unwrap();
    let live = Live::new(kind);
    let plan = live.plan(kind, &request(kind, finding("f-1", "ci-publisher"), [("user", filled("ci-publisher"))]));
    let outcome = live.execute_with(kind, &plan, 7, &quick().0);
    assert_eq!(run(kind.verify(&live.reader, &plan, &outcome)).holds, Some(true));
}

#[test]
fn the_responders_own_key_is_danger_three() {
    let kind = by_name("iam-access-key").unwrap();
    let live = Live::new(kind);
    let fields = [("access_key", filled("AKIAQ7LXN4WKSIM2RESP"))];
    let plan = live.plan(kind, &request(kind, finding("f-1", "quell-responder"), fields));
    assert_eq!(plan.danger, 3);
}

#[test]
fn a_contained_user_is_read_back_and_so_is_what_a_restore_leaves_off() {
    let kind = by_name("ssm-automation").unwrap();
    let live = Live::new(kind);
    let parameters = [
        ("PrincipalType", own("IAM user")),
        ("PrincipalName", filled("ci-publisher")),
        ("Action", own("Contain")),
        ("DryRun", own("false")),
    ];
    let parameters = Value::Map(parameters.into_iter().map(|(k, v)| (k.into(), v)).collect());
    let fields = [("document", own("AWSSupport-ContainIAMPrincipal")), ("parameters", parameters)];
    let plan = live.plan(kind, &request(kind, finding("f-1", "ci-publisher"), fields));
    let outcome = live.execute(kind, &plan, 7);
    let verified = run(kind.verify(&live.reader, &plan, &outcome));
    assert_eq!(verified.holds, Some(true));
    let key = "key AKIAQ7LXN4WKY5RGT2FB";
    assert_eq!(fact(&plan.facts, key).as_deref(), Some("Active"));
    assert_eq!(fact(&verified.facts, key).as_deref(), Some("Inactive"));
    let denied = "denied everything by AWSSupport-ContainIAMPrincipal-DenyOlderSessions";
    let denied = fact(&verified.facts, denied).unwrap();
    assert!(denied.starts_with("to sessions from before 2026-11-21T"), "{denied}");
    let undo = live.plan(kind, &kind.undo(&plan, &outcome).unwrap());
    assert_eq!(fact(&undo.facts, &format!("before the containment, {key}")).as_deref(), Some("Active"));
    let outcome = live.execute(kind, &undo, 8);
    let verified = run(kind.verify(&live.reader, &undo, &outcome));
    assert_eq!(verified.holds, Some(true));
    assert_eq!(fact(&verified.facts, "inline policies"), fact(&plan.facts, "inline policies"));
    assert_eq!(
        fact(&verified.facts, &format!("not back: {key}")).as_deref(),
        Some("it was Active; iam-access-key with status Active switches it on again")
    );
}

#[test]
fn a_call_that_a_kind_does_not_name_is_refused() {
    let live = Live::new(by_name("guardduty-archive").unwrap());
    let kind = by_name("iam-access-key").unwrap();
    let fields = [("access_key", filled("AKIAQ7LXN4WKY5RGT2FB"))];
    let request = request(kind, finding("f-1", "ci-publisher"), fields);
    let problem = run(kind.plan(&live.reader, &request)).unwrap_err();
    assert!(problem.what.contains("IAM GetAccessKeyLastUsed is not on quell's list"), "{}", problem.what);
}
