//! What stands, by folds of sessions in which actions were done.

use super::super::in_force::State;
use super::super::{Standing, in_force, words};
use jiff::{SignedDuration, Timestamp};
use quell_core::incident::*;
use quell_core::text::{Id, Untrusted};
use serde_json::json;

/// What becomes of an action.
#[derive(Clone, Copy)]
pub(super) enum End {
    Verified(Option<bool>),
    Failed,
    /// Failed half-way, with something to undo.
    Half,
    Unknown,
    /// Planned and approved, and no more.
    Open,
    /// Started, and no more.
    Begun,
}

pub(super) fn key(status: &str) -> Plan {
    plan(
        "iam-access-key",
        "eu-west-1",
        "AKIAIOSFODNN7EXAMPLE",
        ("iam", "UpdateAccessKey"),
        json!({ "UserName": "jo", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": status }),
    )
}

pub(super) fn contain(action: &str, dry: &str, region: &str) -> Plan {
    let parameters = json!({ "InstanceId": ["i-0abc12d34e5f67890"], "Action": [action], "DryRun": [dry] });
    plan(
        "ssm-automation",
        region,
        "i-0abc12d34e5f67890",
        ("ssm", "StartAutomationExecution"),
        json!({ "DocumentName": "AWSSupport-ContainEC2Instance", "Parameters": parameters }),
    )
}

pub(super) fn deny(name: &str) -> Plan {
    let input = json!({ "RoleName": name, "PolicyName": "quell-deny-all", "PolicyDocument": "{}" });
    plan("iam-deny", "eu-west-1", name, ("iam", "PutRolePolicy"), input)
}

fn plan(
    kind: &str,
    region: &str,
    resource: &str,
    (service, operation): (&str, &str),
    input: serde_json::Value,
) -> Plan {
    Plan {
        kind: Id::new(kind).unwrap(),
        title: format!("Do {kind}").into(),
        step: None,
        target: Target {
            account: "111122223333".into(),
            partition: "aws".into(),
            region: region.into(),
            resource: resource.into(),
            through: None,
        },
        requests: vec![PlannedRequest { service: service.into(), operation: operation.into(), input }],
        facts: vec![Fact::new("status of the key", "Active")],
        danger: 2,
        destroys: Vec::new(),
        breaks: Vec::new(),
        writes: Vec::new(),
        warnings: Vec::new(),
        undo: "Put it back.".into(),
        confirm: resource.into(),
        undo_of: None,
        each: None,
        set: None,
    }
}

/// A session of one writer in which these were done, one each minute from then on.
pub(super) fn session(start: &str, done: &[(Plan, End)]) -> Incident {
    let timed: Vec<(Plan, End, usize, usize)> =
        done.iter().enumerate().map(|(minute, (plan, end))| (plan.clone(), *end, minute, minute)).collect();
    session_of(start, &timed)
}

/// The same, each begun and ended so many minutes from then on.
pub(super) fn session_of(start: &str, done: &[(Plan, End, usize, usize)]) -> Incident {
    let writer: WriterId = Id::new(&"a".repeat(26)).unwrap();
    let start: Timestamp = start.parse().unwrap();
    let mut entries: Vec<Entry> = Vec::new();
    let mut push = |minute: usize, event: Event| {
        let n = entries.len() as u64;
        let t = start + SignedDuration::from_mins(minute as i64);
        let link = Link(writer.clone(), n);
        entries.push(Entry { link: link.clone(), l: n + 1, t, at: None, seen: None, event });
        link
    };
    for (plan, end, begun, ended) in done {
        let (minute, last) = (*begun, *ended);
        let action = push(minute, ActionPlanned { plan: plan.clone(), plan_hash: "h".into() }.into());
        let (gesture, why) = (Untrusted::from("y"), Untrusted::default());
        let approved = ActionApproved { action: action.clone(), plan_hash: "h".into(), gesture, why, queued: false };
        push(minute, approved.into());
        if matches!(end, End::Open) {
            continue;
        }
        push(minute, ActionStarted { action: action.clone(), plan_hash: "h".into(), token: "t".into() }.into());
        let (outcome, none) = (Untrusted::from("done"), Vec::new());
        match *end {
            End::Verified(holds) => {
                let (undo, facts) = (Some(json!({})), Vec::new());
                let ended = ActionSucceeded { action: action.clone(), outcome, request_ids: none, undo, facts };
                push(last, ended.into());
                push(last, ActionVerified { action, holds, facts: Vec::new() }.into());
            }
            End::Failed => {
                let (class, message) = (FailClass::Denied, outcome);
                push(last, ActionFailed { action, class, message, request_ids: none, undo: None }.into());
            }
            End::Half => {
                let (class, message, undo) = (FailClass::Failed, outcome, Some(json!({})));
                push(last, ActionFailed { action, class, message, request_ids: none, undo }.into());
            }
            End::Unknown => drop(push(last, ActionUnknown { action, why: outcome }.into())),
            End::Open | End::Begun => {}
        }
    }
    Incident::fold(&entries)
}

pub(super) fn standing(sessions: &[(&str, Incident)]) -> Vec<Standing> {
    in_force(sessions.iter().map(|(id, incident)| (*id, incident)))
}

fn told(sessions: &[(&str, Incident)]) -> Vec<(String, String, State)> {
    let all = standing(sessions).into_iter();
    all.map(|one| (one.session, one.resource.line().into_string(), one.state)).collect()
}

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub(super) const EARLY: &str = "2026-11-21T10:00:00Z";
pub(super) const LATE: &str = "2026-11-22T10:00:00Z";

#[test]
fn what_was_done_stands_with_how_sure_it_is() {
    for (end, state) in [
        (End::Verified(Some(true)), Some(State::Verified)),
        (End::Verified(None), Some(State::NotVerified)),
        (End::Verified(Some(false)), Some(State::NotAsWanted)),
        (End::Unknown, Some(State::Unknown)),
        (End::Begun, Some(State::UnderWay)),
        (End::Half, Some(State::Partly)),
        (End::Failed, None),
        (End::Open, None),
    ] {
        let found = told(&[("s", session(EARLY, &[(key("Inactive"), end)]))]);
        let expected: Vec<_> = state.into_iter().map(|state| ("s".to_owned(), KEY.to_owned(), state)).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn what_is_lifted_in_whatever_session_stands_no_more() {
    let off = || ("early", session(EARLY, &[(key("Inactive"), End::Verified(Some(true)))]));
    let on = |end| ("late", session(LATE, &[(key("Active"), end)]));
    assert_eq!(told(&[off(), on(End::Verified(Some(true)))]), []);
    // The order of the sessions says nothing; the times do.
    assert_eq!(told(&[on(End::Verified(Some(true))), off()]), []);
    // What may not have been lifted may stand.
    assert_eq!(told(&[off(), on(End::Unknown)]).len(), 1);
    assert_eq!(told(&[off(), on(End::Failed)]).len(), 1);
    // Off again, later: the later one is told.
    let again = ("last", session("2026-11-23T10:00:00Z", &[(key("Inactive"), End::Verified(Some(true)))]));
    let expected = ("last".to_owned(), KEY.to_owned(), State::Verified);
    assert_eq!(told(&[off(), on(End::Verified(Some(true))), again]), [expected]);
}

#[test]
fn a_dry_run_stands_for_nothing_and_regions_are_places() {
    let sure = End::Verified(None);
    assert_eq!(told(&[("s", session(EARLY, &[(contain("Contain", "true", "eu-west-1"), sure)]))]), []);
    let both = [
        (contain("Contain", "false", "eu-west-1"), sure),
        (contain("Contain", "false", "eu-west-2"), sure),
        (contain("Restore", "false", "eu-west-1"), sure),
    ];
    let found = standing(&[("s", session(EARLY, &both))]);
    assert_eq!(found.iter().map(|one| one.region.line().into_string()).collect::<Vec<_>>(), ["eu-west-2"]);
}

/// An automation that failed or was stopped behind its backup: a part may stand until Restore puts it back.
#[test]
fn a_containment_that_ended_half_way_stands_until_it_is_restored() {
    let half = || (contain("Contain", "false", "eu-west-1"), End::Half);
    let found = |done: &[(Plan, End)]| told(&[("s", session(EARLY, done))]);
    let stands = [("s".to_owned(), "i-0abc12d34e5f67890".to_owned(), State::Partly)];
    assert_eq!(found(&[half()]), stands);
    let restore = |end| (contain("Restore", "false", "eu-west-1"), end);
    assert_eq!(found(&[half(), restore(End::Failed)]), stands);
    assert_eq!(found(&[half(), restore(End::Verified(None))]), []);
}

/// S3's block of an account is one, from whatever Region it is put and lifted.
#[test]
fn the_block_of_an_account_is_lifted_from_another_region() {
    let block = |region: &str, on: bool| {
        let switches = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
        let switches: serde_json::Map<_, _> = switches.iter().map(|name| ((*name).to_owned(), json!(on))).collect();
        let input = json!({ "AccountId": "111122223333", "PublicAccessBlockConfiguration": switches });
        plan("s3-block-public-account", region, "111122223333", ("s3control", "PutPublicAccessBlock"), input)
    };
    let sure = End::Verified(Some(true));
    assert_eq!(told(&[("s", session(EARLY, &[(block("eu-west-1", true), sure)]))]).len(), 1);
    let lifted = [(block("eu-west-1", true), sure), (block("us-east-1", false), sure)];
    assert_eq!(told(&[("s", session(EARLY, &lifted))]), []);
}

#[test]
fn an_undo_lifts_what_a_policy_did_and_the_oldest_comes_first() {
    let sure = End::Verified(Some(true));
    let mut undo = deny("one");
    undo.undo_of = Some(Link(Id::new(&"a".repeat(26)).unwrap(), 0));
    let done = [(deny("one"), sure), (deny("two"), sure), (key("Inactive"), sure), (undo, sure)];
    let found = told(&[("s", session(EARLY, &done))]);
    assert_eq!(found.into_iter().map(|(_, resource, _)| resource).collect::<Vec<_>>(), ["two", KEY]);
}

/// An instance with one interface, isolated or with its former group again.
pub(super) fn isolate(on: bool) -> Plan {
    let group = if on { "sg-0ccccccccccccccc1" } else { "sg-0bbbbbbbbbbbbbbb1" };
    let input = json!({ "NetworkInterfaceId": "eni-0aaaaaaaaaaaaaaa1", "Groups": [group] });
    let operation = ("ec2", "ModifyNetworkInterfaceAttribute");
    let mut plan = plan("ec2-isolate", "eu-west-1", "i-0abc12d34e5f67890", operation, input);
    plan.facts = vec![Fact::new("interface eni-0aaaaaaaaaaaaaaa1", "sg-0bbbbbbbbbbbbbbb1")];
    plan.facts.extend(on.then(|| Fact::new("isolation group", "sg-0ccccccccccccccc1 (closed): no rules")));
    plan
}

#[test]
fn an_isolated_instance_stands_whole_or_in_part_until_it_is_put_back() {
    let sure = End::Verified(Some(true));
    let found = |done: &[(Plan, End)]| told(&[("s", session(EARLY, done))]);
    let standing = |state| vec![("s".to_owned(), "i-0abc12d34e5f67890".to_owned(), state)];
    assert_eq!(found(&[(isolate(true), sure)]), standing(State::Verified));
    assert_eq!(found(&[(isolate(true), End::Half)]), standing(State::Partly));
    assert_eq!(found(&[(isolate(true), End::Half), (isolate(false), sure)]), []);
    // Put back in part, or not at all: it stands.
    assert_eq!(found(&[(isolate(true), sure), (isolate(false), End::Failed)]), standing(State::Verified));
}

#[test]
fn it_is_told_who_set_it_when_and_how_it_is_lifted() {
    let one = standing(&[("20261121T100000Z-x-abcdef", session(EARLY, &[(key("Inactive"), End::Unknown)]))]);
    let expected = [
        "AKIAIOSFODNN7EXAMPLE  Do iam-access-key  111122223333 eu-west-1",
        "  since 2026-11-21 10:00Z by aaaaaaaaaa, of UNKNOWN outcome",
        "  look at what is there now; to lift it: Put it back.",
        "  u on its step in session 20261121T100000Z-x-abcdef, open",
    ];
    assert_eq!(words(&one[0]), expected);
}
