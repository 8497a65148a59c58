//! What each kind says of what stops working: of containing, and of undoing that.

use super::super::kind::{NOTHING, UNSAID};
use super::super::testing::*;
use super::super::{Action, LOCAL, by_name, kinds};
use super::faults::{Live, arn};
use super::samples::sample;
use crate::aws::fake::run;
use quell_core::incident::Plan;

fn planned(kind: &'static dyn Action, arn: &str) -> (Live, Plan) {
    let live = Live::new(kind, "");
    let plan = run(kind.plan(&live.reader, &sample(kind, arn))).unwrap();
    (live, plan)
}

/// How the words of each kind begin.
const BEGINS: [(&str, &str); 29] = [
    ("ssm-automation", "everything that the user does: its keys"),
    ("ssm-signal", "not known: whatever the steps behind this one do"),
    (
        "iam-access-key",
        "every program that signs with this key, wherever it runs, within seconds (last use of the key: ",
    ),
    ("iam-deny", "everything that the user does, by console, keys and temporary sessions alike"),
    ("iam-revoke-sessions", "every workload and person on the role, until they have new credentials"),
    ("iam-console-access", "signing in to the console with the password"),
    ("iam-role-trust", "taking the role on, for everybody: instances, functions"),
    ("ec2-isolate", "every new connection to it and from it that the isolation group does not let through"),
    ("ec2-snapshot", "nothing: the instance runs on"),
    ("ec2-stop", "everything that runs on it, for whoever uses it"),
    ("ec2-shutdown", "jobs that end their own instance by a shutdown"),
    ("ec2-tag", "nothing by itself; what goes by this tag acts on it"),
    ("ec2-instance-profile", "every program on it that calls AWS with the role"),
    ("asg-standby", "what the group's load balancers send to it: it goes to the others, one less from then on"),
    ("elb-deregister", "what the load balancer sends to it there"),
    ("s3-block-public", "public web sites, downloads and lists out of the bucket"),
    ("s3-block-public-account", "every public web site, download and list of any bucket of the account"),
    ("s3-bucket-policy", "reading, writing and listing the bucket, for everybody outside account 111122223333"),
    ("dns-firewall", "look-ups of the names that the group blocks, of every host of vpc-"),
    ("lambda-concurrency", "every call of the function, by all its versions and aliases"),
    ("securityhub-workflow", "nothing that runs"),
    ("guardduty-archive", "nothing that runs"),
    ("securityhub-ticket", "nothing by itself; whom a new ticket calls"),
    ("sns-publish", "nothing by itself"),
    ("eventbridge-put-events", "nothing by itself"),
    ("sfn-start", "not known: whatever the state machine does"),
    ("lambda-invoke", "not known: whatever the function does"),
    ("config-remediation", "not known: whatever the remediation's document does"),
    ("command", "not known: whatever the program does"),
];

#[test]
fn each_kind_says_what_stops_working() {
    let arn = arn();
    for kind in kinds() {
        let name = kind.info().name;
        if kind.info().operations.mutate.iter().all(|(service, _)| *service == LOCAL) {
            continue;
        }
        let (_, plan) = planned(*kind, &arn);
        let words = kind.breaks(&plan);
        assert!(!words.is_empty() && words.iter().all(|text| !text.is_empty() && text != UNSAID), "{name}: {words:?}");
        if let Some((_, begins)) = BEGINS.iter().find(|(known, _)| *known == name) {
            assert!(words[0].starts_with(begins), "{name}: {words:?}");
        }
    }
}

#[test]
fn an_undo_breaks_nothing() {
    let arn = arn();
    for name in [
        "iam-access-key",
        "iam-deny",
        "iam-revoke-sessions",
        "iam-role-trust",
        "ec2-isolate",
        "ec2-shutdown",
        "ec2-stop",
        "ec2-instance-profile",
        "asg-standby",
        "elb-deregister",
        "s3-block-public",
        "s3-block-public-account",
        "s3-bucket-policy",
        "lambda-concurrency",
    ] {
        let kind = by_name(name).unwrap();
        let (live, plan) = planned(kind, &arn);
        let outcome = live.execute(kind, &plan);
        let mut request = kind.undo(&plan, &outcome).unwrap_or_else(|| panic!("{name}: {outcome:?}"));
        request.undo_of = Some(link(7));
        let undo = run(kind.plan(&live.reader, &request)).unwrap();
        assert_eq!(kind.breaks(&undo), [NOTHING], "{name}");
    }
}

#[test]
fn closing_a_bucket_by_automation_says_who_keeps_it_and_whether_the_caller_does() {
    let kind = by_name("ssm-automation").unwrap();
    let live = Live::new(kind, "");
    let asks = |kept: &str| {
        let mut parameters =
            vec![("BucketName", own("lumen-build-artifacts")), ("Action", own("Contain")), ("DryRun", own("false"))];
        parameters.extend((!kept.is_empty()).then(|| ("BucketRestrictAccess", own(kept))));
        let parameters = super::super::Value::Map(parameters.into_iter().map(|(k, v)| (k.into(), v)).collect());
        let document = own("AWSSupport-ContainS3Resource");
        let fields = [("document", document), ("parameters", parameters)];
        run(kind.plan(&live.reader, &request(kind, finding("f", "i-0c4f1e97ab52d6038"), fields)))
    };
    let refused = asks("").unwrap_err();
    assert_eq!(refused.what, "AWSSupport-ContainS3Resource: Contain needs BucketRestrictAccess");
    let asks = |kept: &str| {
        let plan = asks(kept).unwrap();
        let first = plan.warnings[0].line().into_string();
        (kind.breaks(&plan).remove(0), first)
    };
    let other = "arn:aws:iam::111122223333:role/forensics";
    let (words, first) = asks(other);
    assert!(
        words.starts_with(
            "reading, writing and listing the bucket, for everybody but arn:aws:iam::111122223333:role/fo"
        )
    );
    assert!(first.contains("are NOT among those who keep the bucket"), "{first}");
    let own = calls_as(&live);
    let (_, first) = asks(&own);
    assert!(first.ends_with("are among those who keep the bucket."), "{first}");
}

/// The user or role that the account's caller is, by its ARN.
fn calls_as(live: &Live) -> String {
    let answer = run(live.reader.sts().get_caller_identity().send()).unwrap();
    let arn = answer.arn().unwrap().to_owned();
    match arn.split_once(":assumed-role/") {
        None => arn,
        Some((_, rest)) => format!("arn:aws:iam::111122223333:role/{}", rest.split('/').next().unwrap()),
    }
}
