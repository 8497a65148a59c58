//! What plans reach beside what they name: what the configuration says is never touched holds for that too.

use super::super::testing::{filled, finding, own, request};
use super::super::{Value, by_name};
use super::in_force::{contain, deny};
use super::simulated::{INSTANCE, Live};
use quell_core::incident::{Fact, Plan, names};
use quell_core::text::Id;

/// What a plan made of the simulated account reaches.
fn live<const N: usize>(kind: &str, resource: &str, fields: [(&str, Value); N]) -> Vec<String> {
    let kind = by_name(kind).unwrap();
    let plan = Live::new(kind).plan(kind, &request(kind, finding("f-1", resource), fields));
    words(&plan)
}

/// What one with these facts does.
fn with(kind: &str, facts: &[(&str, &str)]) -> Vec<String> {
    let facts = facts.iter().map(|(name, value)| Fact::new(*name, *value)).collect();
    words(&Plan { kind: Id::new(kind).unwrap(), facts, ..deny("build") })
}

fn words(plan: &Plan) -> Vec<String> {
    let kind = by_name(plan.kind.as_str()).unwrap();
    kind.reaches(plan).iter().map(|one| one.line().into_string()).collect()
}

#[test]
fn a_policy_on_a_user_reaches_its_keys_and_one_on_a_role_its_profiles() {
    for kind in ["iam-deny", "iam-revoke-sessions"] {
        let user = [("policy quell-deny-all", "not there"), ("key AKIAIOSFODNN7EXAMPLE", "Active")];
        assert_eq!(with(kind, &user), ["AKIAIOSFODNN7EXAMPLE"]);
        let role =
            [("may be taken on by", "arn:aws:iam::444455556666:root"), ("instance profile that has it", "fleet")];
        assert_eq!(with(kind, &role), ["fleet"]);
    }
    let user = [("user", filled("ci-publisher"))];
    assert_eq!(live("iam-deny", "ci-publisher", user), ["AKIAQ7LXN4WKY5RGT2FB"]);
}

#[test]
fn a_policy_on_a_bucket_or_a_trust_reaches_whom_it_denies() {
    for kind in ["s3-bucket-policy", "iam-role-trust"] {
        let denied = |whom: &str| with(kind, &[("denied", whom)]);
        let role = "arn:aws:iam::111122223333:role/backup";
        assert_eq!(denied(role), [role]);
        assert_eq!(denied("everybody of account 444455556666"), ["444455556666"]);
        // Whoever keeps it is not touched.
        assert!(denied(&format!("everybody but {role}")).is_empty() && denied("everybody").is_empty());
    }
}

#[test]
fn what_is_wide_reaches_what_lies_in_it() {
    let block = live("s3-block-public-account", INSTANCE, []);
    assert_eq!(block, ["arn:aws:s3:::*"]);
    assert!(names(&block[0], "arn:aws:s3:::lumen-web") && !names(&block[0], "arn:aws-cn:s3:::lumen-web"));
    // The VPC is that of the finding's instance.
    let group = [("rule_group", own("rslvr-frg-5f1c0a9d7e3b4826"))];
    assert_eq!(live("dns-firewall", INSTANCE, group), [INSTANCE]);
}

#[test]
fn what_hangs_on_an_instance_or_a_run_is_reached_by_what_was_read_of_it() {
    let mut document = contain("Contain", "false", "eu-west-1");
    document.facts = vec![Fact::new("interface eni-0aaaaaaaaaaaaaaa1", "sg-0bbbbbbbbbbbbbbb1")];
    assert_eq!(words(&document), ["eni-0aaaaaaaaaaaaaaa1"]);
    let volumes = "/dev/sdf vol-0aaaaaaaaaaaaaaa1, /dev/xvda vol-0bbbbbbbbbbbbbbb1";
    let both = ["vol-0aaaaaaaaaaaaaaa1", "vol-0bbbbbbbbbbbbbbb1"];
    assert_eq!(with("ec2-snapshot", &[("volumes", volumes)]), both);
    let profile = "arn:aws:iam::111122223333:instance-profile/fleet";
    assert_eq!(with("ec2-instance-profile", &[("instance profile", profile)]), [profile]);
    let machine = "arn:aws:states:eu-west-1:111122223333:stateMachine:respond";
    assert_eq!(with("sfn-stop", &[("state machine", machine)]), [machine]);
}
