//! Sealed sessions against the simulated account, whose front door holds session policies: each kind does its work in a
//! session that is limited to its plan, and no other kind can do anything in it.

use super::super::testing::{link, own};
use super::super::{Action, LOCAL, Request, Value, bound, by_name, kinds, reading};
use super::faults::{arn, paging, token, waiting};
use super::samples::sample;
use crate::aws::fake::{hasty, hasty_with, run};
use crate::aws::{Bearer, ConnectOptions, Connection, Reader, Refused, StaticAccess, Writer};
use crate::runtime::Runtime;
use crate::simulator::{Scenario, Simulator};
use crate::timeline::Permit;
use jiff::{SignedDuration, Timestamp};
use quell_core::incident::{FailClass, Outcome, Plan};
use quell_core::text::{Untrusted, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const ACCOUNT: &str = "111122223333";
const ROLE: &str = "arn:aws:iam::111122223333:role/IncidentResponder";

/// The account, reached through the responder's role.
struct Live {
    connection: Connection,
    clock: Arc<Mutex<Timestamp>>,
}

impl Live {
    fn new(lines: &str) -> Self {
        let clock = Arc::new(Mutex::new("2026-11-21T10:00:00Z".parse::<Timestamp>().unwrap()));
        let reads = clock.clone();
        let runtime = Runtime::new(move || *reads.lock().unwrap(), |_| Ok(()));
        let scenario = Scenario::from_toml(&format!("base = \"crypto-mining\"\n{lines}")).unwrap();
        let simulator = Simulator::new(scenario, 1, 1.0, runtime.clone());
        let access = simulator.access();
        let access = StaticAccess {
            account: access.account,
            region: access.region,
            partition: access.partition,
            access_key_id: access.access_key_id,
            secret: access.secret_access_key,
        };
        let roles = BTreeMap::from([(ACCOUNT.to_owned(), "IncidentResponder".to_owned())]);
        let options = ConnectOptions { roles, ..ConnectOptions::default() };
        let allow = super::super::allow();
        // Somebody's automation waits for an approval, and a state machine of theirs runs.
        let mut start = super::super::allow::of(&[]);
        start.read.extend([("SSM", "StartAutomationExecution"), ("SFN", "StartExecution")]);
        let reader = hasty(simulator.http_client(), &access, start, runtime.clone()).reader("eu-west-1");
        run(waiting(&reader));
        *clock.lock().unwrap() += SignedDuration::from_secs(20);
        run(paging(&reader));
        let connection = hasty_with(simulator.http_client(), &access, allow, runtime, options);
        Self { connection, clock }
    }

    fn reader(&self, kind: &dyn Action) -> Reader {
        let bearer = Bearer::new(Some("20260102T030405Z-demo-abcdef"), Some(&"jo".into()));
        run(self.connection.reader_in(Some(&ACCOUNT.into()), "eu-west-1", &bearer, &reading(kind))).unwrap()
    }

    fn plan(&self, kind: &dyn Action, request: &Request) -> Plan {
        let reader = self.reader(kind);
        bound(kind, run(kind.plan(&reader, request)).unwrap(), &reader).unwrap()
    }

    fn writer(&self, plan: &Plan) -> Result<Writer, Refused> {
        let armed = self.connection.arm(*self.clock.lock().unwrap()).unwrap();
        let permit = Permit::for_test(link(7), &plan.hash().unwrap(), token().as_str());
        run(self.connection.writer(&armed, permit, plan))
    }

    /// Executes a plan over a writer, which may be another plan's.
    fn execute(&self, kind: &dyn Action, plan: &Plan, writer: Writer) -> Outcome {
        let clock = self.clock.clone();
        let wait = move |time| *clock.lock().unwrap() += SignedDuration::try_from(time).unwrap();
        let progress = super::super::Progress::waiting(wait, |_| {});
        run(kind.execute(writer, &self.reader(kind), plan, &progress))
    }
}

/// Kinds that call AWS.
fn far() -> Vec<&'static dyn Action> {
    let far = |kind: &&&'static dyn Action| kind.info().operations.mutate.iter().all(|(service, _)| *service != LOCAL);
    kinds().iter().filter(far).copied().collect()
}

/// What is asked of each kind; an automation has a role of its own.
fn wanted(kind: &dyn Action, arn: &str) -> Request {
    let mut request = sample(kind, arn);
    if let Some(Value::Map(parameters)) = request.fields.get_mut("parameters") {
        let role = own("arn:aws:iam::111122223333:role/IncidentAutomation");
        parameters.insert("AutomationAssumeRole".into(), role);
    }
    request
}

#[test]
fn every_kind_does_its_work_in_a_session_that_may_do_nothing_else() {
    let arn = arn();
    for kind in far() {
        let (live, name) = (Live::new(""), kind.info().name);
        let plan = live.plan(kind, &wanted(kind, &arn));
        let through = plan.target.through.clone().unwrap();
        assert_eq!(
            (&through.role, &through.session),
            (&ROLE.into(), &"quell-20260102T030405Z-demo-abcdef".into()),
            "{name}"
        );
        assert_eq!(through.source, Some("jo".into()), "{name}");
        let permitted = through.permitted().unwrap_or_else(|| panic!("{name} is not sealed"));
        // GuardDuty knows no resources of findings, S3 none of the account's own block, and EC2 none of a look at VPCs; of
        // a ticket it is not known.
        let wide = permitted.iter().any(|one| one.wide);
        assert_eq!(
            wide,
            ["dns-firewall", "guardduty-archive", "s3-block-public-account", "securityhub-ticket"].contains(&name),
            "{name}: {permitted:?}"
        );
        let said = plan.warnings.iter().any(|w| w.line().as_str().contains("can't be limited to one resource"));
        assert_eq!(said, wide, "{name}");
        let length = |value| json::to_string(value).unwrap().chars().count();
        let (plan_s, reads) = (length(through.policy.as_ref().unwrap()), length(&reading(kind)));
        println!("figure: {name}: session policy of {plan_s} characters, {reads} for reading");
        assert!(plan_s <= 2048 && reads <= 2048, "{name}");
        let outcome = live.execute(kind, &plan, live.writer(&plan).unwrap());
        assert!(matches!(outcome, Outcome::Succeeded { .. }), "{name}: {outcome:?}");
        let verified = run(kind.verify(&live.reader(kind), &plan, &outcome));
        assert_ne!(verified.holds, Some(false), "{name}: {verified:?}");
    }
}

#[test]
fn no_kind_can_do_anything_in_the_session_of_another_s_plan() {
    let (arn, mut pairs) = (arn(), 0);
    for sealed in far() {
        for other in far().into_iter().filter(|other| other.info().name != sealed.info().name) {
            let live = Live::new("");
            let names = format!("{} in the session of {}", other.info().name, sealed.info().name);
            let plan = live.plan(sealed, &wanted(sealed, &arn));
            let theirs = live.plan(other, &wanted(other, &arn));
            let outcome = live.execute(other, &theirs, live.writer(&plan).unwrap());
            assert!(matches!(outcome, Outcome::Failed { class: FailClass::Denied, .. }), "{names}: {outcome:?}");
            pairs += 1;
        }
    }
    println!("figure: calls of another plan in a sealed session: {pairs} of {pairs} refused by its policy");
}

#[test]
fn the_same_call_on_another_resource_is_refused_too() {
    let (live, kind) = (Live::new(""), by_name("iam-access-key").unwrap());
    let plan = live.plan(kind, &wanted(kind, ""));
    let writer = live.writer(&plan).unwrap();
    let call = writer.iam().update_access_key().user_name("quell-responder");
    let error = run(call.access_key_id("AKIAQ7LXN4WKSIM2RESP").status("Inactive".into()).send()).unwrap_err();
    let problem = writer.problem("iam:UpdateAccessKey", &error);
    let why = "arn:aws:sts::111122223333:assumed-role/IncidentResponder/quell-20260102T030405Z-demo-abcdef may not \
               call iam:UpdateAccessKey on arn:aws:iam::111122223333:user/quell-responder (no session policy allows the iam:UpdateAccessKey action)";
    assert_eq!(problem.what, why);
    // A reader's session may not even try.
    let reads = reading(kind).to_string();
    assert!(!reads.contains("Update") && reads.contains("iam:ListAccessKeys"), "{reads}");
}

#[test]
fn an_automation_without_a_role_is_not_sealed_and_says_so() {
    let (live, kind) = (Live::new(""), by_name("ssm-automation").unwrap());
    let plan = live.plan(kind, &sample(kind, ""));
    assert_eq!(plan.target.through.as_ref().unwrap().policy, None);
    let said: Vec<String> = plan.warnings.iter().map(|w| w.line().into_string()).collect();
    assert!(said.iter().any(|w| w.starts_with("NOT SEALED: no AutomationAssumeRole is given")), "{said:?}");
    let outcome = live.execute(kind, &plan, live.writer(&plan).unwrap());
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
}

#[test]
fn a_trust_without_a_source_identity_is_said_aloud() {
    let denied = "denied = [\"sts:SetSourceIdentity\"]";
    let (live, kind) = (Live::new(denied), by_name("iam-deny").unwrap());
    let plan = live.plan(kind, &wanted(kind, ""));
    assert_eq!(plan.target.through.as_ref().unwrap().source, None);
    let said = "CloudTrail will not say who you are: the role's trust does not let a source identity be set \
                (sts:SetSourceIdentity).";
    assert!(plan.warnings.contains(&said.into()), "{:?}", plan.warnings);
    let outcome = live.execute(kind, &plan, live.writer(&plan).unwrap());
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
}

#[test]
fn the_role_that_is_taken_on_and_who_takes_it_on_are_one_s_own() {
    let (live, kind) = (Live::new(""), by_name("iam-deny").unwrap());
    for (field, name) in [("role", "IncidentResponder"), ("user", "quell-responder")] {
        let mut request = sample(kind, "");
        request.fields = [(field.into(), own(name))].into();
        let plan = live.plan(kind, &request);
        assert_eq!(plan.danger, 3, "{name}");
        let warned = plan.warnings.iter().filter(|w| w.line().as_str().starts_with("This is your own access")).count();
        assert_eq!(warned, 1, "{name}");
    }
    assert_eq!(live.plan(kind, &sample(kind, "")).danger, 2);
    // The very key that the role is taken on with.
    let kind = by_name("iam-access-key").unwrap();
    let mut request = sample(kind, "");
    request.fields = [("access_key".into(), own("AKIAQ7LXN4WKSIM2RESP"))].into();
    let plan = live.plan(kind, &request);
    assert_eq!((plan.danger, plan.warnings[0].line().as_str()), (3, super::super::calls::OWN_ACCESS));
}

/// An automation that goes on for longer than a session lasts is followed to its end.
#[test]
fn sessions_are_taken_on_again_while_an_automation_is_followed() {
    let (live, kind) = (Live::new(""), by_name("ssm-automation").unwrap());
    let plan = live.plan(kind, &wanted(kind, ""));
    let writer = live.writer(&plan).unwrap();
    let reader = live.reader(kind);
    let clock = live.clock.clone();
    // The first wait takes two hours.
    let wait = move |time| {
        *clock.lock().unwrap() += SignedDuration::try_from(time).unwrap() + SignedDuration::from_hours(2);
    };
    let progress = super::super::Progress::waiting(wait, |_| {});
    let outcome = run(kind.execute(writer, &reader, &plan, &progress));
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    let taken = live.connection.calls().calls();
    let taken = taken.iter().filter(|call| call.operation == "AssumeRole").count();
    assert!(taken >= 3, "{taken}");
}

#[test]
fn a_role_that_is_not_had_right_before_the_call_sends_nothing() {
    for (error, class) in [("denied", "may not call sts:AssumeRole"), ("unavailable", "ServiceUnavailable")] {
        // Reading takes the first, with its source identity.
        let fault = format!("[[fault]]\noperation = \"sts:AssumeRole\"\nfrom = 2\ncount = 9\nerror = \"{error}\"");
        let (live, kind) = (Live::new(&fault), by_name("iam-deny").unwrap());
        let plan = live.plan(kind, &wanted(kind, ""));
        let refused = live.writer(&plan).err().unwrap();
        let Refused::NoRole(problem) = &refused else { panic!("{refused:?}") };
        assert!(problem.what.contains(class), "{}", problem.what);
        assert!(!live.connection.calls().calls().iter().any(|call| call.writer), "{error}");
    }
}

#[test]
fn a_program_of_this_machine_gets_a_session_that_can_do_nothing() {
    let (live, kind) = (Live::new(""), by_name("command").unwrap());
    let mut request = sample(by_name("iam-deny").unwrap(), "");
    request.kind = quell_core::text::Id::new("command").unwrap();
    let argv = Value::List(["sh", "-c", "true"].map(super::super::Word::own).to_vec());
    request.fields = [("argv".into(), argv)].into();
    let plan = live.plan(kind, &request);
    let said = plan.target.through.as_ref().unwrap().permitted().unwrap();
    assert_eq!(said[0].words, Untrusted::from("no call of AWS at all"));
    let writer = live.writer(&plan).unwrap();
    let call = writer.iam().update_access_key().user_name("ci-publisher");
    let error = run(call.access_key_id("AKIAQ7LXN4WKY5RGT2FB").status("Inactive".into()).send()).unwrap_err();
    assert!(writer.problem("iam:UpdateAccessKey", &error).what.contains("no session policy allows"));
}

/// Who gives a role away says to which service, and its sessions may give it to no other.
#[test]
fn a_role_is_given_to_the_services_that_its_kind_names_and_to_no_other() {
    for kind in kinds() {
        let (info, passes) = (kind.info(), kind.passes());
        assert_eq!(info.permissions.contains(&"iam:PassRole"), !passes.is_empty(), "{}", info.name);
    }
    let to = |name: &str| by_name(name).unwrap().passes().to_vec();
    assert_eq!(to("ssm-automation"), ["ssm.amazonaws.com"]);
    assert_eq!(to("ec2-instance-profile"), ["ec2.amazonaws.com"]);
    assert_eq!(to("sfn-start"), Vec::<&str>::new());
    let live = Live::new("");
    let kind = by_name("ssm-automation").unwrap();
    let policy = live.plan(kind, &wanted(kind, "")).target.through.unwrap().policy.unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let pass = statements.iter().find(|one| one["Action"] == "iam:PassRole").unwrap();
    assert_eq!(pass["Condition"]["StringEquals"]["iam:PassedToService"], "ssm.amazonaws.com");
}
