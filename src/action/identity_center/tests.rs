use super::super::testing::*;
use super::super::{Action, Request, Value};
use super::{IdentityCenter, Plan};
use crate::aws::fake::Answer;
use quell_core::incident::{FailClass, Found, Outcome};
use serde_json::json;

const INSTANCE: &str = "arn:aws:sso:::instance/ssoins-7223a1c0de5f4b68";
const SET: &str = "arn:aws:sso:::permissionSet/ssoins-7223a1c0de5f4b68/ps-4d2a9c17e08b53f6";
const USER: &str = "93f7b2c1d4-0a5e8d62-7b14-4c39-9e60-15a2f8c7d3b4";
const GROUP: &str = "5c20e9b8-1f47-4ad3-8b6e-70d4c3a91e52";
const DELETE: &str = "DeleteAccountAssignment";
const STATUS: &str = "DescribeAccountAssignmentDeletionStatus";

/// Who has the permission set.
fn who(all: &[(&str, &str)]) -> Answer {
    let all: Vec<_> = all.iter().map(|(kind, id)| json!({ "PrincipalType": kind, "PrincipalId": id })).collect();
    Answer::ok(json!({ "AccountAssignments": all }).to_string())
}

fn status(word: &str) -> Answer {
    let status = json!({ "Status": word, "RequestId": "r-1", "FailureReason": (word == "FAILED").then_some("No.") });
    Answer::ok(json!({ "AccountAssignmentDeletionStatus": status }).to_string())
}

fn bench(who: Vec<Answer>, delete: Answer, told: Vec<Answer>) -> Bench {
    let instances = json!({ "Instances": [{ "InstanceArn": INSTANCE, "OwnerAccountId": "111122223333" }] });
    let set = json!({ "PermissionSet": { "Name": "AdministratorAccess", "SessionDuration": "PT8H" } });
    let created = json!({ "AccountAssignmentCreationStatus": { "Status": "SUCCEEDED", "RequestId": "r-2" } });
    Bench::new([
        ("ListInstances", vec![Answer::ok(instances.to_string())]),
        ("ListAccountAssignments", who),
        ("DescribePermissionSet", vec![Answer::ok(set.to_string())]),
        (DELETE, vec![delete]),
        ("CreateAccountAssignment", vec![Answer::ok(created.to_string())]),
        (STATUS, told),
    ])
}

fn ask<const N: usize>(fields: [(&str, Value); N]) -> Request {
    let mut request = request(&IdentityCenter, finding("f", "ines"), fields);
    request.fields.entry("permission_set".into()).or_insert_with(|| own(SET));
    request.fields.entry("user".into()).or_insert_with(|| filled(USER));
    request
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&IdentityCenter, &ask([])).unwrap()
}

fn both() -> Answer {
    who(&[("USER", USER), ("GROUP", GROUP)])
}

#[test]
fn the_plan_says_who_keeps_what() {
    let bench = bench(vec![both()], status("SUCCEEDED"), vec![]);
    let plan = planned(&bench);
    assert_eq!((plan.requests[0].service.as_str(), plan.requests[0].operation.as_str()), ("sso-admin", DELETE));
    let expected = json!({
        "InstanceArn": INSTANCE, "PermissionSetArn": SET, "PrincipalId": USER, "PrincipalType": "USER",
        "TargetId": "111122223333", "TargetType": "AWS_ACCOUNT",
    });
    assert_eq!(plan.requests[0].input, expected);
    assert_eq!((raw(&plan.confirm).as_str(), plan.danger), (USER, 2));
    assert_eq!(raw(&plan.target.resource), format!("111122223333/ps-4d2a9c17e08b53f6/{USER}"));
    assert_eq!(fact(&plan.facts, "groups that have it too").as_deref(), Some(GROUP));
    let words = raws(&plan.warnings).join("\n");
    for said in ["whoever is in one of them keeps it", "after PT8H at most", "no API to disable a user"] {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert_eq!(IdentityCenter.stands(&plan), Some(true));
    let asked: serde_json::Value = serde_json::from_str(&bench.body("ListAccountAssignments")).unwrap();
    assert_eq!(asked["AccountId"], "111122223333");
}

#[test]
fn it_is_taken_away_once_followed_verified_and_given_back() {
    let states = vec![both(), both(), who(&[("GROUP", GROUP)])];
    let told = vec![status("IN_PROGRESS"), status("SUCCEEDED")];
    let bench = bench(states, status("IN_PROGRESS"), told);
    let plan = planned(&bench);
    let (outcome, _) = bench.execute(&IdentityCenter, &plan);
    let Outcome::Succeeded { outcome: words, undo, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(raw(words), format!("{USER} can't take the permission set on any more in 111122223333"));
    assert_eq!(undo, &Some(json!({ "State": "assigned" })));
    assert_eq!((bench.count(DELETE), bench.count(STATUS)), (1, 2));
    assert_eq!(bench.verify(&IdentityCenter, &plan, &outcome).holds, Some(true));
    let back = bench.plan(&IdentityCenter, &IdentityCenter.undo(&plan, &outcome).unwrap()).unwrap();
    assert_eq!(back.requests[0].operation, "CreateAccountAssignment");
    assert_eq!(back.requests[0].input, plan.requests[0].input);
    assert_eq!((IdentityCenter.stands(&back), back.danger), (Some(false), 2));
    let (outcome, _) = bench.execute(&IdentityCenter, &back);
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
}

#[test]
fn what_identity_center_could_not_do_is_a_failure_with_its_words() {
    let bench = bench(vec![both()], status("IN_PROGRESS"), vec![status("FAILED")]);
    let (class, message) = failure(&bench.execute(&IdentityCenter, &planned(&bench)).0);
    assert_eq!((class, message.as_str()), (FailClass::Failed, "Identity Center could not do it: No."));
}

#[test]
fn silence_is_unknown_and_who_has_it_tells() {
    for silence in [Answer::Lost, Answer::Hangs, Answer::ok("{\"Account")] {
        let bench = bench(vec![both()], silence.clone(), vec![]);
        let (outcome, _) = bench.execute(&IdentityCenter, &planned(&bench));
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{silence:?}: {outcome:?}");
        assert_eq!(bench.count(DELETE), 1, "{silence:?}");
    }
    let gone = bench(vec![both(), who(&[])], Answer::Lost, vec![]);
    assert!(matches!(gone.check(&IdentityCenter, &planned(&gone)), Found::Ended(Outcome::Succeeded { .. })));
    let there = bench(vec![both()], Answer::Lost, vec![]);
    assert!(matches!(there.check(&IdentityCenter, &planned(&there)), Found::CannotTell(_)));
}

#[test]
fn what_changed_meanwhile_stops_the_call() {
    let bench = bench(vec![both(), who(&[("USER", USER)])], status("SUCCEEDED"), vec![]);
    let (class, _) = failure(&bench.execute(&IdentityCenter, &planned(&bench)).0);
    assert_eq!((class, bench.count(DELETE)), (FailClass::Conflict, 0));
}

#[test]
fn it_is_asked_where_identity_center_is_administered() {
    let home = [("admin_account", own("444455556666")), ("home_region", own("us-east-1"))];
    assert_eq!(IdentityCenter.place(&ask(home)), Some(("444455556666".into(), "us-east-1".into())));
    let region = ask([("home_region", own("us-east-1"))]);
    assert_eq!(IdentityCenter.place(&region), Some(("111122223333".into(), "us-east-1".into())));
    assert_eq!(IdentityCenter.place(&ask([])), None);
    assert_eq!(IdentityCenter.place(&ask([("home_region", own("evil.example/"))])), None);
    // The credentials' account is the administration's, whatever account the permission set is taken away in.
    let bench = bench(vec![both()], status("SUCCEEDED"), vec![]);
    let plan = bench.plan(&IdentityCenter, &ask([("in_account", own("444455556666"))])).unwrap();
    assert_eq!(
        (raw(&plan.target.account).as_str(), &plan.requests[0].input["TargetId"]),
        ("111122223333", &json!("444455556666"))
    );
    let elsewhere = bench.plan(&IdentityCenter, &ask([("admin_account", own("444455556666"))])).unwrap_err();
    assert!(elsewhere.what.contains("the credentials are for 111122223333"), "{}", elsewhere.what);
}

#[test]
fn what_is_not_there_or_not_named_rightly_is_refused() {
    let bench = bench(vec![who(&[("GROUP", GROUP)])], status("SUCCEEDED"), vec![]);
    let refuse = |request: &Request| bench.plan(&IdentityCenter, request).unwrap_err().what;
    let words = format!("{USER} has not the permission set in 111122223333 itself; a group has it: {GROUP}");
    assert_eq!(refuse(&ask([])), words);
    assert!(refuse(&ask([("admin_account", own("4444"))])).starts_with("admin_account is "));
    assert!(refuse(&ask([("home_region", own("evil.example/"))])).starts_with("home_region is "));
    refuse(&ask([("user", filled("ines.duarte"))]));
    refuse(&ask([("user", filled("93f7b2c1d4-0a5e8d62-7b14-4c39-9e60-15a2f8c7d3b4\n"))]));
    for set in ["AdministratorAccess", "arn:aws:iam::111122223333:role/x", "arn:aws:sso:::permissionSet/ins/ps-1"] {
        refuse(&ask([("permission_set", own(set))]));
    }
    refuse(&ask([("state", own("gone"))]));
    refuse(&ask([("in_account", filled("1111"))]));
    let other = "arn:aws:sso:::permissionSet/ssoins-0000000000000000/ps-4d2a9c17e08b53f6";
    let said = refuse(&ask([("permission_set", own(other))]));
    assert!(said.starts_with("no arn:aws:sso:::instance/ssoins-0000000000000000 is to be seen"), "{said}");
}

#[test]
fn your_own_permission_set_is_danger_three() {
    let arn = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/ines";
    let bench = bench(vec![both()], status("SUCCEEDED"), vec![]);
    let wanted = super::Assignment::asked(&ask([])).unwrap();
    let set = crate::aws::fake::run(wanted.described(&bench.reader)).unwrap();
    assert!(wanted.is_own(&arn.into(), &set));
    for other in [
        "arn:aws:sts::444455556666:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/ines",
        "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ReadOnlyAccess_0123456789abcdef/ines",
        "arn:aws:iam::111122223333:user/ines",
    ] {
        assert!(!wanted.is_own(&other.into(), &set), "{other}");
    }
}
