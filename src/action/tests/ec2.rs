//! The kinds that act on an instance, against the simulated account; and what they refuse, against one that answers by a
//! script.

use super::super::testing::{Bench, books, fact, failure, filled, finding, link, own, raw, raws, request, token};
use super::super::{Action, Request, Value, by_name};
use super::simulated::{INSTANCE, Live, without_ids};
use crate::aws::fake::{Answer, run};
use quell_core::incident::{Fact, FailClass, Found, Outcome, Plan};
use quell_core::text::Untrusted;
use serde_json::json;

pub(super) fn about<const N: usize>(kind: &str, fields: [(&str, Value); N]) -> (&'static dyn Action, Request) {
    let kind = by_name(kind).unwrap();
    (kind, request(kind, finding("f-1", INSTANCE), fields))
}

fn words(outcome: &Outcome) -> String {
    let Outcome::Succeeded { outcome, .. } = outcome else { panic!("{outcome:?}") };
    raw(outcome)
}

fn back(kind: &dyn Action, plan: &Plan, outcome: &Outcome) -> Request {
    Request { undo_of: Some(link(7)), ..kind.undo(plan, outcome).unwrap() }
}

pub(super) fn answer(operation: &str, body: &str) -> Answer {
    Answer::ok(format!("<{operation}Response><requestId>r</requestId>{body}</{operation}Response>"))
}

pub(super) fn refused(status: u16, code: &str) -> Answer {
    let body = format!("<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors></Response>");
    Answer::Whole(status, "", body.into_bytes())
}

const DRY: &str = "EC2 would take it from this caller; whether it works is not said by that";

#[test]
fn snapshots_of_all_volumes_are_taken_once_found_again_and_kept() {
    let (kind, ask) = about("ec2-snapshot", []);
    let live = Live::new(kind);
    let plan = live.plan(kind, &ask);
    assert_eq!((plan.danger, plan.requests.len(), plan.destroys.len()), (1, 1, 0));
    assert_eq!(plan.requests[0].input, json!({ "InstanceSpecification": { "InstanceId": INSTANCE } }));
    let volumes = "/dev/sdf vol-8306d25ba79e1f4c0, /dev/xvda vol-0c4f1e97ab52d6038";
    assert_eq!(fact(&plan.facts, "volumes").as_deref(), Some(volumes));
    assert_eq!(fact(&plan.facts, "dry run").as_deref(), Some(DRY));
    let said = raws(&plan.warnings).join("\n");
    for words in ["do NOT hold memory, nor instance-store", "same KMS key", "an account of their own", "They cost"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(matches!(run(kind.check(&live.reader, &plan, token())), Found::CannotTell(_)));

    let outcome = live.execute(kind, &plan, 7);
    let Outcome::Succeeded { undo: None, facts, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(facts.len(), 3);
    let root = "snapshot snap-";
    let of_root = facts.iter().find(|one| raw(&one.value).starts_with("of vol-0c4f1e97ab52d6038")).unwrap();
    assert!(raw(&of_root.name).starts_with(root), "{facts:?}");
    // The built-in runbooks take it from there for what follows, by this step and this name.
    for id in ["crypto-mining", "ec2-brute-force", "ec2-compromise", "ec2-dns", "malware-scan"] {
        let book = books().into_iter().find(|book| book.id.as_str() == id).unwrap();
        let output = book.variables.iter().find(|told| &*told.name == "snapshot_id").unwrap().output.clone().unwrap();
        let step = book.steps.iter().find(|step| step.id == output.step).unwrap();
        assert_eq!((step.action.as_ref().unwrap().kind.as_str(), &*output.name), ("ec2-snapshot", "root snapshot"));
    }
    assert_eq!(fact(facts, "root snapshot"), raw(&of_root.name).strip_prefix("snapshot ").map(str::to_owned));
    assert!(raw(&facts[0].value).ends_with(": pending 0%"), "{facts:?}");
    // The point in time is there; that the copying goes on is said, and nothing more.
    let verified = run(kind.verify(&live.reader, &plan, &outcome));
    assert_eq!(verified.holds, None);
    assert_eq!(run(kind.check(&live.reader, &plan, token())), Found::Ended(without_ids(&outcome)));
    live.wait(120);
    let verified = run(kind.verify(&live.reader, &plan, &outcome));
    assert_eq!(verified.holds, Some(true));
    assert!(raw(&verified.facts[0].value).ends_with(": completed 100%"), "{verified:?}");
    assert!(kind.undo(&plan, &outcome).is_none());
    assert_eq!(kind.stands(&plan), None);
}

/// The tags of what is there, as EC2 tells them by a script's answer to CreateSnapshots.
fn sent_with(quiet: bool) -> (Plan, String) {
    let instance = "<reservationSet><item><instancesSet><item><instanceId>i-0c4f1e97ab52d6038</instanceId>\
                    <instanceState><name>running</name></instanceState><blockDeviceMapping><item><deviceName>/dev/xvda\
                    </deviceName><ebs><volumeId>vol-0c4f1e97ab52d6038</volumeId></ebs></item></blockDeviceMapping></item>\
                    </instancesSet></item></reservationSet>";
    let made = "<snapshotSet><item><snapshotId>snap-0c4f1e97ab52d6038</snapshotId><volumeId>vol-0c4f1e97ab52d6038\
                </volumeId><state>pending</state></item></snapshotSet>";
    let bench = Bench::new([
        ("DescribeInstances", vec![answer("DescribeInstances", instance)]),
        ("DescribeVolumes", vec![refused(403, "UnauthorizedOperation")]),
        ("CreateSnapshots (dry run)", vec![refused(412, "DryRunOperation")]),
        ("CreateSnapshots", vec![answer("CreateSnapshots", made)]),
    ]);
    let arn = "arn:aws:guardduty:eu-west-1:111122223333:detector/3ac1f0b8d24e96a7705b1e8c6f92d4b3/finding/aa";
    let kind = by_name("ec2-snapshot").unwrap();
    let ask = Request { quiet, ..request(kind, finding(arn, INSTANCE), []) };
    let plan = bench.plan(kind, &ask).unwrap();
    // Where volumes can't be read, that is said of their keys.
    let said = raws(&plan.warnings).join("\n");
    assert!(said.contains("Whether its volumes lie under a customer's KMS key can't be read"), "{said}");
    assert_eq!(kind.tags(&plan), !quiet);
    assert!(matches!(bench.execute(kind, &plan).0, Outcome::Succeeded { .. }));
    let body = bench.body("CreateSnapshots");
    let form: Vec<String> =
        form_urlencoded::parse(body.as_bytes()).map(|(name, value)| format!("{name}={value}")).collect();
    (plan, form.join("\n"))
}

#[test]
fn snapshots_name_their_record_and_finding_and_in_quiet_nothing_but_a_token() {
    let (_, form) = sent_with(false);
    for line in [
        "Description=quell: evidence of i-0c4f1e97ab52d6038, record aaaaaaaaaaaaaaaaaaaaaaaaaa:7, action \
         da722aa1-16f5-5153-b017-820a0c8deb76",
        "TagSpecification.1.ResourceType=snapshot",
        "TagSpecification.1.Tag.1.Key=quell:record",
        "TagSpecification.1.Tag.1.Value=aaaaaaaaaaaaaaaaaaaaaaaaaa:7",
        "TagSpecification.1.Tag.3.Key=quell:finding",
    ] {
        assert!(form.contains(line), "{line}: {form}");
    }
    let (_, form) = sent_with(true);
    assert!(form.contains("Description=da722aa1-16f5-5153-b017-820a0c8deb76"), "{form}");
    assert!(!form.contains("Tag") && !form.contains("quell"), "{form}");
}

#[test]
fn an_instance_is_stopped_and_started_again() {
    let (kind, ask) = about("ec2-stop", []);
    let live = Live::new(kind);
    let plan = live.plan(kind, &ask);
    assert_eq!((plan.danger, raw(&plan.confirm).as_str()), (3, INSTANCE));
    assert_eq!(plan.requests[0].input, json!({ "InstanceIds": [INSTANCE] }));
    assert_eq!(fact(&plan.facts, "dry run").as_deref(), Some(DRY));
    let lost = raws(&plan.destroys).join("\n");
    for words in ["its memory", "instance-store volumes, where its type (c6i.4xlarge) has any", "address 203.0.113.88"]
    {
        assert!(lost.contains(words), "{words}: {lost}");
    }
    let said = raws(&plan.warnings).join("\n");
    for words in ["capture it FIRST", "It does NOT end credentials of the role in its instance profile build-runner"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let outcome = live.execute(kind, &plan, 7);
    assert_eq!(words(&outcome), "i-0c4f1e97ab52d6038 is told to stop");
    let verified = run(kind.verify(&live.reader, &plan, &outcome));
    assert_eq!((verified.holds, fact(&verified.facts, "instance").as_deref()), (Some(true), Some("stopped")));
    assert_eq!(run(kind.check(&live.reader, &plan, token())), Found::Ended(without_ids(&outcome)));
    // The same plan again meets another state than it saw.
    assert!(matches!(live.execute(kind, &plan, 8), Outcome::Failed { .. }));

    let start = live.plan(kind, &back(kind, &plan, &outcome));
    assert_eq!((kind.stands(&plan), kind.stands(&start)), (Some(true), Some(false)));
    let said = raws(&start.warnings).join("\n");
    for words in ["another public address", "an empty memory", "runs again"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let outcome = live.execute(kind, &start, 9);
    let verified = run(kind.verify(&live.reader, &start, &outcome));
    assert_eq!((verified.holds, fact(&verified.facts, "instance").as_deref()), (Some(true), Some("running")));
}

#[test]
fn what_ec2_refuses_to_stop_is_refused_before() {
    let kind = by_name("ec2-stop").unwrap();
    let live = Live::new(kind);
    let what = |ask: &Request| run(kind.plan(&live.reader, ask)).unwrap_err().what;
    let bastion = request(kind, finding("f", "i-09e2d6f4c8b7a1530"), []);
    assert_eq!(what(&bastion), "stop protection is on for i-09e2d6f4c8b7a1530: EC2 refuses to stop it");
    let (_, ask) = about("ec2-stop", [("hibernate", own("true"))]);
    assert_eq!(what(&ask), "i-0c4f1e97ab52d6038 was not launched so that it can hibernate");
    let (_, ask) = about("ec2-stop", [("restore", own("running"))]);
    assert_eq!(what(&ask), "i-0c4f1e97ab52d6038 is running; only one that is stopped can be started");
    let (_, ask) = about("ec2-stop", [("restore", filled("running"))]);
    assert_eq!(what(&ask), "restore can't be filled from a finding");
    let bucket = request(kind, finding("f", "lumen-build-artifacts"), []);
    assert_eq!(what(&bucket), "instance is not an EC2 instance id: lumen-build-artifacts");
}

#[test]
fn a_tag_is_given_and_the_former_value_given_back_or_taken_away() {
    let kind = by_name("ec2-tag").unwrap();
    assert!(kind.tells());
    let live = Live::new(kind);
    let tag = |facts: &[Fact], key: &str| fact(facts, &format!("tag {key}")).unwrap();
    for (n, key, before) in [(7, "team", "= platform"), (17, "incident", "not there")] {
        let (_, ask) = about("ec2-tag", [("key", own(key)), ("value", own("quarantine"))]);
        let plan = live.plan(kind, &ask);
        assert_eq!((plan.danger, tag(&plan.facts, key).as_str()), (1, before));
        assert_eq!(fact(&plan.facts, "instance").as_deref(), Some("running"));
        assert_eq!(kind.stands(&plan), None);
        assert!(raws(&plan.warnings).join("\n").contains("policies may allow or deny by it"));
        let outcome = live.execute(kind, &plan, n);
        let verified = run(kind.verify(&live.reader, &plan, &outcome));
        assert_eq!((verified.holds, tag(&verified.facts, key).as_str()), (Some(true), "= quarantine"));
        assert_eq!(run(kind.check(&live.reader, &plan, token())), Found::Ended(without_ids(&outcome)));
        let undo = live.plan(kind, &back(kind, &plan, &outcome));
        let outcome = live.execute(kind, &undo, n + 1);
        let verified = run(kind.verify(&live.reader, &undo, &outcome));
        assert_eq!((verified.holds, tag(&verified.facts, key).as_str()), (Some(true), before));
    }
}

/// EC2 says of what is not there that it has no tag: an instance is read itself, of all else that is said.
#[test]
fn an_instance_that_is_not_there_gets_no_tag() {
    let kind = by_name("ec2-tag").unwrap();
    let live = Live::new(kind);
    let of = |resource: &str| about("ec2-tag", [("key", own("k")), ("resource", own(resource))]).1;
    let problem = run(kind.plan(&live.reader, &of("i-0123456789abcdef0"))).unwrap_err();
    assert!(problem.what.contains("i-0123456789abcdef0"), "{}", problem.what);
    let plan = live.plan(kind, &of("vol-0c4f1e97ab52d6038"));
    let said = "Whether vol-0c4f1e97ab52d6038 is there was not read: of what is not there EC2 refuses the call.";
    assert!(raws(&plan.warnings).contains(&said.to_owned()), "{:?}", raws(&plan.warnings));
    assert_eq!(fact(&plan.facts, "instance"), None);
}

#[test]
fn a_former_value_is_given_back_byte_by_byte_and_no_other_may_hold_what_hides() {
    let kind = by_name("ec2-tag").unwrap();
    let tags = |value: &str| {
        let item = format!("<item><resourceId>x</resourceId><key>k</key><value>{value}</value></item>");
        answer("DescribeTags", &format!("<tagSet>{item}</tagSet>"))
    };
    let described = format!(
        "<reservationSet><item><instancesSet><item><instanceId>{INSTANCE}</instanceId><instanceState><name>\
         shutting-down</name></instanceState></item></instancesSet></item></reservationSet>"
    );
    let bench = Bench::new([
        ("DescribeInstances", vec![answer("DescribeInstances", &described)]),
        ("DescribeTags", vec![tags("a\u{202e}b"), tags("a\u{202e}b"), tags("new")]),
        ("CreateTags (dry run)", vec![refused(412, "DryRunOperation")]),
        ("CreateTags", vec![answer("CreateTags", "<return>true</return>")]),
    ]);
    let ask = |value| about("ec2-tag", [("key", own("k")), ("value", value)]).1;
    let plan = bench.plan(kind, &ask(own("new"))).unwrap();
    assert_eq!(fact(&plan.facts, "instance").as_deref(), Some("shutting-down"));
    assert!(raws(&plan.warnings).join("\n").contains("i-0c4f1e97ab52d6038 is shutting-down: it is gone"));
    let (outcome, _) = bench.execute(kind, &plan);
    let undo = bench.plan(kind, &back(kind, &plan, &outcome)).unwrap();
    assert_eq!(undo.requests[0].input["Tags"][0]["Value"], "a\u{202e}b");
    let what = |request: &Request| bench.plan(kind, request).unwrap_err().what;
    assert!(what(&ask(own("a\u{202e}b"))).starts_with("value is not text in which every character can be seen"));
    let aws = about("ec2-tag", [("key", own("AWS:x"))]).1;
    assert_eq!(what(&aws), "key is AWS:x: it can't be empty, and aws: is AWS's own");
    let both = about("ec2-tag", [("key", own("k")), ("value", own("x")), ("state", own("off"))]).1;
    assert_eq!(what(&both), "with state off a tag has no value");
}

#[test]
fn an_instance_profile_is_taken_away_and_given_back() {
    let (kind, ask) = about("ec2-instance-profile", []);
    let live = Live::new(kind);
    let plan = live.plan(kind, &ask);
    let arn = "arn:aws:iam::111122223333:instance-profile/build-runner";
    assert_eq!(fact(&plan.facts, "instance profile").as_deref(), Some(arn));
    assert_eq!(fact(&plan.facts, "dry run").as_deref(), Some("EC2 has none of this call"));
    assert_eq!(plan.requests[0].input, json!({ "AssociationId": "iip-assoc-0c4f1e97ab52d6038" }));
    let said = raws(&plan.warnings).join("\n");
    for words in ["live on until they expire, for up to six hours", "(iam-revoke-sessions)", "Systems Manager"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let outcome = live.execute(kind, &plan, 7);
    let verified = run(kind.verify(&live.reader, &plan, &outcome));
    assert_eq!((verified.holds, fact(&verified.facts, "instance profile").as_deref()), (Some(true), Some("none")));
    assert_eq!(run(kind.check(&live.reader, &plan, token())), Found::Ended(without_ids(&outcome)));
    assert!(matches!(live.execute(kind, &plan, 8), Outcome::Failed { .. }));

    let give = live.plan(kind, &back(kind, &plan, &outcome));
    assert_eq!((kind.stands(&plan), kind.stands(&give)), (Some(true), Some(false)));
    assert_eq!(give.requests[0].input, json!({ "IamInstanceProfile": { "Arn": arn }, "InstanceId": INSTANCE }));
    let outcome = live.execute(kind, &give, 9);
    let verified = run(kind.verify(&live.reader, &give, &outcome));
    assert_eq!((verified.holds, fact(&verified.facts, "instance profile").as_deref()), (Some(true), Some(arn)));
    // What somebody gave since is not written over.
    let problem = run(kind.plan(
        &live.reader,
        &back(
            kind,
            &plan,
            &Outcome::Succeeded {
                outcome: Untrusted::default(),
                request_ids: Vec::new(),
                undo: Some(json!({ "Arn": arn })),
                facts: Vec::new(),
            },
        ),
    ));
    assert_eq!(problem.unwrap_err().what, "i-0c4f1e97ab52d6038 has the instance profile build-runner by now");
}

#[test]
fn a_plan_that_is_not_quite_its_own_is_not_sent() {
    for (kind, member) in [("ec2-stop", "Force"), ("ec2-snapshot", "OutpostArn"), ("ec2-instance-profile", "X")] {
        let (kind, ask) = about(kind, []);
        let live = Live::new(kind);
        let mut plan = live.plan(kind, &ask);
        plan.requests[0].input[member] = json!(true);
        assert_eq!(failure(&live.execute(kind, &plan, 7)).0, FailClass::NotSent);
        assert!(matches!(run(kind.check(&live.reader, &plan, token())), Found::CannotTell(_)));
    }
}

#[test]
fn a_shutdown_from_inside_is_made_a_stop_and_set_back() {
    let (kind, ask) = about("ec2-shutdown", []);
    let live = Live::new(kind);
    let behavior = |facts: &[Fact]| fact(facts, "a shutdown from inside").unwrap();
    let plan = live.plan(kind, &ask);
    assert_eq!((behavior(&plan.facts).as_str(), fact(&plan.facts, "dry run").as_deref()), ("terminate", Some(DRY)));
    let outcome = live.execute(kind, &plan, 7);
    assert_eq!(words(&outcome), "a shutdown from inside stops i-0c4f1e97ab52d6038 and does not end it");
    let verified = run(kind.verify(&live.reader, &plan, &outcome));
    assert_eq!((verified.holds, behavior(&verified.facts).as_str()), (Some(true), "stop"));
    assert_eq!(run(kind.check(&live.reader, &plan, token())), Found::Ended(without_ids(&outcome)));
    // The same plan again meets another state than it saw.
    assert!(matches!(live.execute(kind, &plan, 8), Outcome::Failed { .. }));
    let undo = live.plan(kind, &back(kind, &plan, &outcome));
    let outcome = live.execute(kind, &undo, 9);
    let verified = run(kind.verify(&live.reader, &undo, &outcome));
    assert_eq!((verified.holds, behavior(&verified.facts).as_str()), (Some(true), "terminate"));
}

#[test]
fn a_rule_group_is_put_into_the_vpc_of_an_instance_and_taken_out() {
    let group = ("rule_group", own("rslvr-frg-5f1c0a9d7e3b4826"));
    let (kind, ask) = about("dns-firewall", [group.clone()]);
    let live = Live::new(kind);
    let plan = live.plan(kind, &ask);
    assert_eq!((raw(&plan.target.resource).as_str(), plan.danger), ("vpc-0b51c7a90e3d64f28", 3));
    assert_eq!(plan.requests[0].input["Priority"], 101);
    // Nobody has sent it yet, and the VPC does not say otherwise.
    assert!(matches!(run(kind.check(&live.reader, &plan, token())), Found::CannotTell(_)));
    let outcome = live.execute(kind, &plan, 7);
    assert!(words(&outcome).ends_with(", COMPLETE"), "{outcome:?}");
    assert_eq!(run(kind.verify(&live.reader, &plan, &outcome)).holds, Some(true));
    let Found::Ended(found) = run(kind.check(&live.reader, &plan, token())) else { panic!() };
    assert_eq!(words(&found), words(&outcome));
    // A second one of the same is refused before anything is sent.
    let again = run(kind.plan(&live.reader, &ask)).unwrap_err();
    assert!(again.what.contains("has the rule group rslvr-frg-5f1c0a9d7e3b4826 already"), "{}", again.what);
    let undo = live.plan(kind, &back(kind, &plan, &outcome));
    let outcome = live.execute(kind, &undo, 8);
    assert_eq!(run(kind.verify(&live.reader, &undo, &outcome)).holds, Some(true));
    assert!(run(kind.plan(&live.reader, &ask)).is_ok());
}
