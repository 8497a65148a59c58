use super::super::testing::*;
use super::super::{Action, Request, Value};
use super::S3BlockPublic;
use super::state::State;
use crate::aws::fake::Answer;
use quell_core::finding::Compact;
use quell_core::incident::{FailClass, Found, Outcome, Plan};
use serde_json::json;

const BUCKET: &str = "customer-exports";
const LOCATION: &str = "GET /customer-exports?location";
const STATUS: &str = "GET /customer-exports?policyStatus";
const BLOCK: &str = "GET /customer-exports?publicAccessBlock";
const PUT: &str = "PUT /customer-exports?publicAccessBlock";
const DELETE: &str = "DELETE /customer-exports?publicAccessBlock";
const ALL: &str = "BlockPublicAcls on, IgnorePublicAcls on, BlockPublicPolicy on, RestrictPublicBuckets on";
const MIXED: &str = "BlockPublicAcls on, IgnorePublicAcls off, BlockPublicPolicy on, RestrictPublicBuckets off";
const NONE: &str = "no configuration";

fn refused(status: u16, code: &str) -> Answer {
    let error = format!("<Error><Code>{code}</Code><Message>It is so.</Message><RequestId>R</RequestId></Error>");
    Answer::Whole(status, "", error.into_bytes())
}

fn location(region: &str) -> Answer {
    Answer::ok(format!("<LocationConstraint>{region}</LocationConstraint>"))
}

/// An answer that says these words of the block.
fn block(words: &str) -> Answer {
    if words == NONE {
        return refused(404, "NoSuchPublicAccessBlockConfiguration");
    }
    let switches: String = words
        .split(", ")
        .map(|switch| {
            let (name, on) = switch.split_once(' ').unwrap();
            format!("<{name}>{}</{name}>", on == "on")
        })
        .collect();
    Answer::ok(format!("<PublicAccessBlockConfiguration>{switches}</PublicAccessBlockConfiguration>"))
}

fn public(is: bool) -> Answer {
    Answer::ok(format!("<PolicyStatus><IsPublic>{is}</IsPublic></PolicyStatus>"))
}

/// A bucket whose block stands so one time after the other, and whose change ends in `change`.
fn bench(blocks: &[&str], change: Answer) -> Bench {
    with_policy(blocks, change, public(true))
}

fn with_policy(blocks: &[&str], change: Answer, policy: Answer) -> Bench {
    Bench::new([
        (LOCATION, vec![location("eu-west-1")]),
        (STATUS, vec![policy]),
        (BLOCK, blocks.iter().map(|words| block(words)).collect()),
        (PUT, vec![change.clone()]),
        (DELETE, vec![change]),
    ])
}

fn of_bucket() -> Compact {
    let mut finding = finding("f-1", "arn:aws:s3:::customer-exports");
    finding.resource.kind = Some("AWS::S3::Bucket".into());
    finding.resource.name = Some(BUCKET.into());
    finding
}

fn ask<const N: usize>(fields: [(&str, Value); N]) -> Request {
    request(&S3BlockPublic, of_bucket(), fields)
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&S3BlockPublic, &ask([])).unwrap()
}

#[test]
fn the_plan_says_how_it_stands_what_ends_and_what_does_not() {
    let plan = planned(&bench(&[NONE], Answer::ok("")));
    assert_eq!(
        (plan.requests[0].service.as_str(), plan.requests[0].operation.as_str()),
        ("s3", "PutPublicAccessBlock")
    );
    assert_eq!(
        plan.requests[0].input,
        json!({
            "Bucket": BUCKET,
            "ExpectedBucketOwner": "111122223333",
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true,
                "RestrictPublicBuckets": true
            },
        })
    );
    assert_eq!((plan.requests.len(), plan.danger, raw(&plan.confirm).as_str()), (1, 2, BUCKET));
    assert_eq!((raw(&plan.target.account).as_str(), raw(&plan.target.resource).as_str()), ("111122223333", BUCKET));
    assert_eq!(fact(&plan.facts, "public access block").as_deref(), Some(NONE));
    assert_eq!(fact(&plan.facts, "bucket policy").as_deref(), Some("public"));
    assert_eq!(raw(&plan.undo), "Delete the configuration: there was none before.");
    let said = raws(&plan.warnings).join("\n");
    for words in [
        "Its policy is PUBLIC. Once blocked, that policy lets in AWS's services and this account alone",
        "It does NOT stop presigned URLs",
        "principals of the account itself",
        "what was copied already",
        "CloudFront that was given access by name",
        "Access points have policies and blocks of their own",
        "The block of the whole account is another one",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn what_the_policy_is_decides_what_ends() {
    for (policy, fact_is, words) in [
        (public(false), "not public", "It does NOT stop accounts and principals that the policy names"),
        (refused(404, "NoSuchBucketPolicy"), "there is none", "what is public of it is so by access lists (ACLs)"),
        (
            refused(403, "AccessDenied"),
            "not known (AccessDenied: It is so.)",
            "Whether its policy is public could not be read.",
        ),
    ] {
        let plan = planned(&with_policy(&[MIXED], Answer::ok(""), policy));
        assert_eq!(fact(&plan.facts, "bucket policy").as_deref(), Some(fact_is));
        let said = raws(&plan.warnings).join("\n");
        assert!(said.contains(words), "{words}: {said}");
        assert_eq!(raw(&plan.undo), format!("Put the four switches back: {MIXED}."));
    }
}

#[test]
fn a_block_is_put_once_and_undone_to_the_state_before() {
    for (before, operation) in [(NONE, DELETE), (MIXED, PUT)] {
        let bench = bench(&[before, before, ALL], Answer::ok(""));
        let plan = planned(&bench);
        let (outcome, reports) = bench.execute(&S3BlockPublic, &plan);
        let Outcome::Succeeded { outcome: words, undo, request_ids, .. } = &outcome else { panic!("{outcome:?}") };
        assert_eq!(raw(words), format!("public access block of customer-exports: {ALL}"));
        assert_eq!(undo, &Some(json!({ "PublicAccessBlock": before })));
        assert_eq!((raws(request_ids), reports.len(), bench.count(PUT)), (vec!["req-1".to_owned()], 1, 1));
        assert!(bench.body(PUT).contains("<RestrictPublicBuckets>true</RestrictPublicBuckets>"));
        assert_eq!(bench.verify(&S3BlockPublic, &plan, &outcome).holds, Some(true));
        let back = bench.plan(&S3BlockPublic, &S3BlockPublic.undo(&plan, &outcome).unwrap()).unwrap();
        assert_eq!((S3BlockPublic.stands(&plan), S3BlockPublic.stands(&back)), (Some(true), Some(false)));
        bench.execute(&S3BlockPublic, &back);
        assert_eq!(bench.count(operation), if operation == PUT { 2 } else { 1 });
        // What was off is put off again, and where there was none nothing is put.
        let off = bench.body(PUT).contains("<IgnorePublicAcls>false</IgnorePublicAcls>");
        assert_eq!((off, bench.verify(&S3BlockPublic, &back, &outcome).holds), (before == MIXED, Some(false)));
    }
}

#[test]
fn every_call_says_which_account_the_bucket_must_belong_to() {
    let bench = bench(&[NONE, NONE, ALL], Answer::ok(""));
    let plan = planned(&bench);
    let (outcome, _) = bench.execute(&S3BlockPublic, &plan);
    bench.verify(&S3BlockPublic, &plan, &outcome);
    let asked = bench.fake.asked();
    let owners: Vec<Option<&str>> = asked
        .iter()
        .filter(|asked| asked.uri.starts_with("https://s3."))
        .map(|asked| asked.header("x-amz-expected-bucket-owner"))
        .collect();
    // Where, how it stands, whose policy; how it stands again, the change; how it stands.
    assert_eq!(owners, [Some("111122223333"); 6]);
}

#[test]
fn the_undo_warns_of_what_it_opens_and_of_what_it_writes_over() {
    let restore = |now: &str| {
        let bench = bench(&[now], Answer::ok(""));
        let request = ask([("bucket", own(BUCKET)), ("restore", own(NONE))]);
        let plan = bench.plan(&S3BlockPublic, &request).unwrap();
        assert_eq!(plan.requests[0].operation, "DeletePublicAccessBlock");
        assert_eq!(plan.requests[0].input, json!({ "Bucket": BUCKET, "ExpectedBucketOwner": "111122223333" }));
        raws(&plan.warnings).join("\n")
    };
    let open = "The bucket's policy is PUBLIC: it opens the bucket again unless it is taken out first.";
    let attacker = "the state before may be the intruder's";
    let after = restore(ALL);
    assert!(after.contains(open) && after.contains(attacker) && !after.contains("not as the block left it"), "{after}");
    let changed = restore(MIXED);
    assert!(changed.contains(&format!("somebody has changed it since, to {MIXED}")), "{changed}");
    assert!(restore(NONE).starts_with("It stands so already; the call changes nothing."));
}

#[test]
fn what_changed_meanwhile_stops_the_call_and_so_does_a_failed_read() {
    let other = bench(&[NONE, MIXED], Answer::ok(""));
    let (class, message) = failure(&other.execute(&S3BlockPublic, &planned(&other)).0);
    assert_eq!(class, FailClass::Conflict);
    let was = format!("nothing was sent: public access block was {NONE}, is now {MIXED}; plan the action again");
    assert_eq!((message, other.count(PUT)), (was, 0));
    let denied = Bench::new([
        (LOCATION, vec![location("eu-west-1")]),
        (STATUS, vec![public(true)]),
        (BLOCK, vec![block(NONE), refused(403, "AccessDenied")]),
    ]);
    assert_eq!(failure(&denied.execute(&S3BlockPublic, &planned(&denied)).0).0, FailClass::NotSent);
}

#[test]
fn an_error_is_a_failure_and_silence_is_unknown() {
    for (status, code, class) in [
        (403, "AccessDenied", FailClass::Denied),
        (404, "NoSuchBucket", FailClass::NotFound),
        (409, "OperationAborted", FailClass::Conflict),
        (400, "MalformedXML", FailClass::Validation),
    ] {
        let bench = bench(&[NONE], refused(status, code));
        assert_eq!(failure(&bench.execute(&S3BlockPublic, &planned(&bench)).0).0, class, "{code}");
    }
    for silence in [Answer::Lost, Answer::Hangs, refused(500, "InternalError"), Answer::ok("<oops/>")] {
        let bench = bench(&[NONE], silence.clone());
        let (outcome, _) = bench.execute(&S3BlockPublic, &planned(&bench));
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{silence:?}: {outcome:?}");
        assert_eq!(bench.count(PUT), 1, "{silence:?}");
    }
}

#[test]
fn after_silence_the_configuration_tells() {
    let arrived = bench(&[NONE, ALL], Answer::ok(""));
    let plan = planned(&arrived);
    let found = arrived.check(&S3BlockPublic, &plan);
    let Found::Ended(Outcome::Succeeded { undo, .. }) = found else { panic!("{found:?}") };
    assert_eq!(undo, Some(json!({ "PublicAccessBlock": NONE })));
    // Not there yet, half there by another hand, and there before: nothing tells whether the call arrived.
    for (before, now) in [(NONE, NONE), (NONE, MIXED), (ALL, ALL)] {
        let bench = bench(&[before, now], Answer::ok(""));
        let plan = planned(&bench);
        assert!(matches!(bench.check(&S3BlockPublic, &plan), Found::CannotTell(_)), "{before} {now}");
    }
}

#[test]
fn what_is_blocked_already_is_said_and_has_no_undo() {
    let bench = bench(&[ALL], Answer::ok(""));
    let plan = planned(&bench);
    assert_eq!(raws(&plan.warnings)[0], "All four switches are on already; the call changes nothing.");
    let (outcome, _) = bench.execute(&S3BlockPublic, &plan);
    assert!(S3BlockPublic.undo(&plan, &outcome).is_none());
}

#[test]
fn a_bucket_elsewhere_or_of_another_account_is_refused_in_words() {
    let plan = |answer: Answer| {
        let bench = Bench::new([(LOCATION, vec![answer])]);
        bench.plan(&S3BlockPublic, &ask([])).unwrap_err()
    };
    let words = "the bucket customer-exports is in us-east-1, the finding in eu-west-1";
    assert_eq!(plan(Answer::ok("<LocationConstraint/>")).what, words);
    let words = "the bucket customer-exports is in another Region, the finding in eu-west-1";
    assert_eq!(plan(refused(301, "PermanentRedirect")).what, words);
    let denied = plan(refused(403, "AccessDenied"));
    assert!(
        format!("{denied}").contains("look whether customer-exports belongs to the account 111122223333"),
        "{denied}"
    );
    assert_eq!(plan(refused(404, "NoSuchBucket")).what, "NoSuchBucket: It is so.");
}

#[test]
fn what_is_not_exactly_a_bucket_or_a_state_is_refused() {
    let bench = Bench::new([]);
    let refuse = |request: &Request| bench.plan(&S3BlockPublic, request).unwrap_err().what;
    for name in ["Customer", "a/b", "../x", "customer-exports\u{202e}", "b?policy", "", "arn:aws:s3:::b"] {
        assert!(refuse(&ask([("bucket", filled(name))])).starts_with("bucket is not an S3 bucket name"), "{name}");
    }
    let of_a_finding = ask([("bucket", own(BUCKET)), ("restore", filled(NONE))]);
    assert_eq!(refuse(&of_a_finding), "restore can't be filled from a finding");
    assert_eq!(refuse(&ask([("restore", own("everything off"))])), "restore is no state of a public access block");
    // What bears a bucket's name in a finding about something else is not taken for one.
    let mut other = ask([]);
    other.finding.as_mut().unwrap().resource.kind = Some("AWS::EC2::Instance".into());
    assert_eq!(refuse(&other), "no bucket is named, and the finding is about none");
    assert!(bench.fake.operations().is_empty());
}

#[test]
fn a_state_is_known_by_its_words_and_by_nothing_near_them() {
    for words in [NONE, ALL, MIXED] {
        assert_eq!(State::of(&words.into()).map(State::words).as_deref(), Some(words));
    }
    for words in ["", "No configuration", "BlockPublicAcls on", "BlockPublicAcls on, IgnorePublicAcls on"] {
        assert_eq!(State::of(&words.into()), None, "{words}");
    }
}

#[test]
fn a_plan_that_says_more_than_the_call_can_is_not_sent() {
    let bench = bench(&[NONE], Answer::ok(""));
    let plan = planned(&bench);
    for (name, value) in [("Other", json!("x")), ("Bucket", json!("../x")), ("ExpectedBucketOwner", json!("1"))] {
        let mut plan = plan.clone();
        plan.requests[0].input[name] = value;
        assert_eq!(failure(&bench.execute(&S3BlockPublic, &plan).0).0, FailClass::NotSent, "{name}");
    }
    assert_eq!(bench.count(PUT), 0);
}
