//! The kinds that put a statement into a policy of others, and the block of a whole account, against the simulated
//! account.

use super::super::testing::{Bench, fact, failure, filled, finding, link, own, raw, raws, request, token};
use super::super::{Action, Request, Value, by_name, denial};
use super::simulated::{INSTANCE, Live, without_ids};
use crate::aws::fake::{Answer, run};
use quell_core::incident::{FailClass, Found, Outcome, Plan};
use serde_json::{Value as Json, json};

fn about<const N: usize>(kind: &str, fields: [(&str, Value); N]) -> (&'static dyn Action, Request) {
    let kind = by_name(kind).unwrap();
    (kind, request(kind, finding("f-1", INSTANCE), fields))
}

fn back(kind: &dyn Action, plan: &Plan, outcome: &Outcome) -> Request {
    Request { undo_of: Some(link(7)), ..kind.undo(plan, outcome).unwrap() }
}

/// The policy that a plan puts.
fn put(plan: &Plan, member: &str) -> Json {
    serde_json::from_str(plan.requests[0].input[member].as_str().unwrap()).unwrap()
}

const BUCKET: &str = "lumen-build-artifacts";

#[test]
fn a_bucket_s_policy_gets_a_statement_and_is_put_back_from_none_and_from_one() {
    let kind = by_name("s3-bucket-policy").unwrap();
    let live = Live::new(kind);
    let ask = |fields: Vec<(&str, Value)>| {
        let mut ask = request(kind, finding("f-1", INSTANCE), [("bucket", filled(BUCKET))]);
        ask.fields.extend(fields.into_iter().map(|(name, value)| (name.into(), value)));
        ask
    };
    let first = live.plan(kind, &ask(Vec::new()));
    assert_eq!((first.danger, raw(&first.undo).as_str()), (2, "Delete the policy: there was none before."));
    let statement = json!({
        "Sid": "QuellIncident", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::lumen-build-artifacts", "arn:aws:s3:::lumen-build-artifacts/*"],
        "Condition": {
            "StringNotEquals": { "aws:PrincipalAccount": "111122223333" },
            "BoolIfExists": { "aws:PrincipalIsAWSService": "false" },
        },
    });
    assert_eq!(put(&first, "Policy"), json!({ "Version": "2012-10-17", "Statement": [statement] }));
    let done = live.execute(kind, &first, 7);
    assert_eq!(run(kind.verify(&live.reader, &first, &done)).holds, Some(true));
    assert_eq!(run(kind.check(&live.reader, &first, token())), Found::Ended(without_ids(&done)));
    assert!(matches!(live.execute(kind, &first, 8), Outcome::Failed { .. }));
    // A second one would hide what still stands when the first is lifted.
    let more = vec![("deny", own("arn:aws:iam::111122223333:user/ci-publisher")), ("name", own("20260102-b"))];
    let what = run(kind.plan(&live.reader, &ask(more))).unwrap_err().what;
    assert_eq!(what, "the policy has a statement of quell's already: QuellIncident");
    let undo = live.plan(kind, &back(kind, &first, &done));
    assert_eq!((kind.stands(&first), kind.stands(&undo)), (Some(true), Some(false)));
    assert_eq!(undo.requests[0].operation, "DeleteBucketPolicy");
    let outcome = live.execute(kind, &undo, 19);
    let verified = run(kind.verify(&live.reader, &undo, &outcome));
    assert_eq!(
        (verified.holds, fact(&verified.facts, "bucket policy").as_deref()),
        (Some(true), Some("there is none"))
    );
}

/// A bucket with this policy, whatever is put.
fn bucket(policy: &str) -> Bench {
    let location = "<LocationConstraint>eu-west-1</LocationConstraint>";
    Bench::new([
        ("GET /lumen-build-artifacts?location", vec![Answer::ok(location)]),
        ("GET /lumen-build-artifacts?policy", vec![Answer::ok(policy)]),
        ("PUT /lumen-build-artifacts?policy", vec![Answer::ok("")]),
    ])
}

#[test]
fn what_stood_there_is_kept_byte_by_byte_whatever_it_holds() {
    let before = "{ \"Statement\" : {\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\n\
                  \"Resource\":\"arn:aws:s3:::lumen-build-artifacts/\u{202e}*\"}\t}";
    let deny = [("bucket", own(BUCKET)), ("deny", own("444455556666")), ("name", own("20260102T-b"))];
    let (kind, ask) = about("s3-bucket-policy", deny);
    let plan = bucket(before).plan(kind, &ask).unwrap();
    let statements = put(&plan, "Policy");
    assert_eq!(
        statements["Statement"][0]["Condition"],
        json!({ "StringEquals": { "aws:PrincipalAccount": "444455556666" } })
    );
    assert_eq!(statements["Statement"][0]["Sid"], "Quell20260102Tb");
    assert_eq!(statements["Statement"][1]["Effect"], "Allow");
    let (outcome, _) = bucket(before).execute(kind, &plan);
    let after = bucket(plan.requests[0].input["Policy"].as_str().unwrap());
    let undo = after.plan(kind, &back(kind, &plan, &outcome)).unwrap();
    assert_eq!(undo.requests[0].input["Policy"], before);
    // What somebody has changed since is not written over.
    let problem = bucket(before).plan(kind, &back(kind, &plan, &outcome)).unwrap_err();
    assert_eq!(problem.what, "the policy is not as this action left it: somebody has changed it since");
    let (outcome, _) = after.execute(kind, &undo);
    assert!(matches!(outcome, Outcome::Succeeded { undo: None, .. }), "{outcome:?}");
    assert_eq!(after.body("PUT /lumen-build-artifacts?policy"), before);
}

#[test]
fn a_policy_that_can_t_take_the_statement_is_refused_in_words() {
    let deny = |deny: Value| about("s3-bucket-policy", [("bucket", own(BUCKET)), ("deny", deny)]);
    let what = |policy: &str, word: &str| {
        let (kind, ask) = deny(own(word));
        bucket(policy).plan(kind, &ask).unwrap_err().what
    };
    let fine = "{\"Statement\":[]}";
    let long = format!("{{\"Statement\":[{{\"Sid\":\"{}\"}}]}}", "x".repeat(20_400));
    assert!(what(&long, "outside").ends_with(" bytes, 20480 are the most"), "{}", what(&long, "outside"));
    let unreadable = "the policy that stands there can't be read, so that nothing can be put into it";
    assert_eq!((what("[]", "outside"), what("{}", "outside")), (unreadable.to_owned(), unreadable.to_owned()));
    let session = "arn:aws:sts::111122223333:assumed-role/web/jo";
    assert_eq!(what(fine, session), format!("deny is no IAM user or role: {session}"));
    let wild = "arn:aws:iam::111122223333:role/*";
    assert_eq!(what(fine, wild), format!("deny is no IAM user or role: {wild}"));
    assert_eq!(what(fine, "everyone"), "deny is not an ARN: everyone");
    // The responder's own access is danger 3, and said first.
    let (kind, ask) = deny(own("arn:aws:iam::111122223333:user/responder"));
    let plan = bucket(fine).plan(kind, &ask).unwrap();
    assert_eq!(plan.danger, 3);
    assert!(raw(&plan.warnings[0]).starts_with("This is your own access"), "{:?}", raws(&plan.warnings));
    assert!(raws(&plan.warnings).join("\n").contains("ConfirmRemoveSelfBucketAccess"));
}

#[test]
fn a_role_s_trust_denies_and_is_put_back_byte_by_byte() {
    let kind = by_name("iam-role-trust").unwrap();
    let live = Live::new(kind);
    for (n, field, whom, condition) in [
        (7, None, "everybody", Json::Null),
        (
            17,
            Some(("keep", own("arn:aws:iam::111122223333:role/IncidentAutomation"))),
            "everybody but arn:aws:iam::111122223333:role/IncidentAutomation",
            json!({ "ArnNotEquals": { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/IncidentAutomation" } }),
        ),
    ] {
        let (_, mut ask) = about("iam-role-trust", [("role", filled("build-runner"))]);
        ask.fields.extend(field.map(|(name, value)| (name.into(), value)));
        let plan = live.plan(kind, &ask);
        let statement = &put(&plan, "PolicyDocument")["Statement"][0];
        let ways = json!(["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]);
        assert_eq!((statement["Action"].clone(), statement["Condition"].clone()), (ways, condition));
        assert_eq!(statement.get("Resource"), None);
        assert_eq!((plan.danger, fact(&plan.facts, "denied").as_deref()), (2, Some(whom)));
        let before = fact(&plan.facts, "before, byte by byte").unwrap();
        let said = raws(&plan.warnings).join("\n");
        assert!(said.contains("revoke them beside this (iam-revoke-sessions)"), "{said}");
        let outcome = live.execute(kind, &plan, n);
        assert_eq!(run(kind.verify(&live.reader, &plan, &outcome)).holds, Some(true));
        assert_eq!(run(kind.check(&live.reader, &plan, token())), Found::Ended(without_ids(&outcome)));
        assert!(matches!(live.execute(kind, &plan, n + 1), Outcome::Failed { .. }));
        let undo = live.plan(kind, &back(kind, &plan, &outcome));
        assert_eq!((kind.stands(&plan), kind.stands(&undo)), (Some(true), Some(false)));
        assert_eq!(undo.requests[0].input["PolicyDocument"], before.as_str());
        let outcome = live.execute(kind, &undo, n + 2);
        assert_eq!(run(kind.verify(&live.reader, &undo, &outcome)).holds, Some(true));
    }
}

#[test]
fn roles_that_nobody_may_edit_are_refused_in_words() {
    let kind = by_name("iam-role-trust").unwrap();
    let described = |path: &str, name: &str| {
        let role = format!(
            "<GetRoleResponse><GetRoleResult><Role><Path>{path}</Path><RoleName>{name}</RoleName><RoleId>AROAX</RoleId>\
             <Arn>arn:aws:iam::111122223333:role{path}{name}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>\
             <AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument></Role></GetRoleResult>\
             </GetRoleResponse>"
        );
        Bench::new([("GetRole", vec![Answer::ok(role)])])
    };
    let what = |path: &str, name: &str| {
        let (_, ask) = about("iam-role-trust", [("role", own(name))]);
        described(path, name).plan(kind, &ask).unwrap_err()
    };
    let problem = what("/aws-reserved/sso.amazonaws.com/", "AWSReservedSSO_Ops_5d1c8e0f2a7b94c3");
    assert!(problem.what.ends_with("belongs to IAM Identity Center: IAM lets nobody edit it"), "{}", problem.what);
    assert!(problem.next.contains("remove the assignment of the permission set"), "{}", problem.next);
    let problem = what("/aws-service-role/ssm.amazonaws.com/", "AWSServiceRoleForAmazonSSM");
    assert!(problem.what.ends_with("belongs to an AWS service: IAM lets nobody edit it"), "{}", problem.what);
    let (_, ask) = about("iam-role-trust", [("role", own("x")), ("deny", own("everyone")), ("keep", own("y"))]);
    assert_eq!(described("/", "x").plan(kind, &ask).unwrap_err().what, "deny and keep exclude each other");
    let (_, ask) = about("iam-role-trust", [("role", own("x")), ("restore", filled("{}")), ("put", own("{}"))]);
    let problem = described("/", "x").plan(kind, &ask).unwrap_err();
    assert_eq!(problem.what, "restore can't be filled from a finding");
}

#[test]
fn all_buckets_are_blocked_and_put_back_from_no_configuration_and_from_one() {
    let kind = by_name("s3-block-public-account").unwrap();
    let live = Live::new(kind);
    let name = "public access block of the account";
    let all = "BlockPublicAcls on, IgnorePublicAcls on, BlockPublicPolicy on, RestrictPublicBuckets on";
    let mixed = "BlockPublicAcls on, IgnorePublicAcls off, BlockPublicPolicy on, RestrictPublicBuckets off";
    let (_, former) = about("s3-block-public-account", [("restore", own(mixed))]);
    let (_, ask) = about("s3-block-public-account", []);
    for (n, before) in [(7, "no configuration"), (17, mixed)] {
        if before == mixed {
            let former = live.plan(kind, &former);
            assert!(matches!(live.execute(kind, &former, 5), Outcome::Succeeded { .. }));
        }
        let plan = live.plan(kind, &ask);
        assert_eq!((plan.danger, raw(&plan.confirm).as_str()), (3, "111122223333"));
        assert_eq!(fact(&plan.facts, name).as_deref(), Some(before));
        assert!(raw(&plan.warnings[0]).starts_with("It is about EVERY bucket"), "{:?}", raws(&plan.warnings));
        let outcome = live.execute(kind, &plan, n);
        let verified = run(kind.verify(&live.reader, &plan, &outcome));
        assert_eq!((verified.holds, fact(&verified.facts, name).as_deref()), (Some(true), Some(all)));
        assert_eq!(run(kind.check(&live.reader, &plan, token())), Found::Ended(without_ids(&outcome)));
        assert!(matches!(live.execute(kind, &plan, n + 1), Outcome::Failed { .. }));
        let undo = live.plan(kind, &back(kind, &plan, &outcome));
        assert_eq!((kind.stands(&plan), kind.stands(&undo)), (Some(true), Some(false)));
        let outcome = live.execute(kind, &undo, n + 2);
        let verified = run(kind.verify(&live.reader, &undo, &outcome));
        assert_eq!((verified.holds, fact(&verified.facts, name).as_deref()), (Some(true), Some(before)));
    }
}

#[test]
fn a_plan_that_is_not_quite_its_own_is_not_sent() {
    for (name, fields) in [
        ("s3-bucket-policy", vec![("bucket", own(BUCKET))]),
        ("iam-role-trust", vec![("role", own("build-runner"))]),
        ("s3-block-public-account", Vec::new()),
    ] {
        let (kind, mut ask) = about(name, []);
        ask.fields.extend(fields.into_iter().map(|(name, value)| (name.into(), value)));
        let live = Live::new(kind);
        let mut plan = live.plan(kind, &ask);
        plan.requests[0].input["ConfirmRemoveSelfBucketAccess"] = json!(true);
        assert_eq!(failure(&live.execute(kind, &plan, 7)).0, FailClass::NotSent);
    }
    assert!(denial::same(Some("{\"a\": 1}"), Some("{\"a\":1}")) && !denial::same(None, Some("{}")));
}

const DEAD: &str = "AROAQ7LXN4WKN5SY4GKTC";

fn partners(names: &[&str]) -> String {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Sid": "Partners", "Effect": "Allow", "Principal": { "AWS": names }, "Action": "s3:GetObject",
          "Resource": "arn:aws:s3:::lumen-build-artifacts/*" },
    ]})
    .to_string()
}

/// Somebody whom the former policy names was deleted since: AWS shows an id in their place, and takes neither.
#[test]
fn an_undo_is_without_whoever_was_deleted_since_and_says_so_first() {
    let (jo, ci) = ("arn:aws:iam::444455556666:user/jo", "arn:aws:iam::444455556666:role/ci");
    let (kind, ask) = about("s3-bucket-policy", [("bucket", own(BUCKET))]);
    let before = partners(&[jo, ci]);
    let plan = bucket(&before).plan(kind, &ask).unwrap();
    let (outcome, _) = bucket(&before).execute(kind, &plan);
    let put = plan.requests[0].input["Policy"].as_str().unwrap();
    // AWS lists the others in whatever order it likes.
    let now = put.replace(&format!("\"{jo}\",\"{ci}\""), &format!("\"{DEAD}\",\"{jo}\""));
    assert_ne!(now, put);
    let undo = bucket(&now).plan(kind, &back(kind, &plan, &outcome)).unwrap();
    let written: Json = serde_json::from_str(undo.requests[0].input["Policy"].as_str().unwrap()).unwrap();
    assert_eq!(written, serde_json::from_str::<Json>(&partners(&[jo])).unwrap());
    let said = raws(&undo.warnings).join("\n");
    assert!(said.contains(&format!("DIFFERENT from what stood there: {ci} was deleted")), "{said}");
    assert_eq!(undo.danger, 3);
    // In another order and else the same it is no change of anybody's.
    let turned = put.replace(&format!("\"{jo}\",\"{ci}\""), &format!("\"{ci}\",\"{jo}\""));
    let undo = bucket(&turned).plan(kind, &back(kind, &plan, &outcome)).unwrap();
    assert_eq!((undo.requests[0].input["Policy"].as_str(), undo.danger), (Some(before.as_str()), 2));
}

/// Where somebody was deleted before the action, not even the statement could be put in beside their id.
#[test]
fn whoever_was_deleted_before_is_left_out_of_the_policy_that_denies() {
    let (kind, ask) = about("s3-bucket-policy", [("bucket", own(BUCKET))]);
    let jo = "arn:aws:iam::444455556666:user/jo";
    let before = partners(&[DEAD, jo]);
    let plan = bucket(&before).plan(kind, &ask).unwrap();
    let written = put(&plan, "Policy");
    assert_eq!(written["Statement"][1]["Principal"], json!({ "AWS": [jo] }));
    let said = raws(&plan.warnings).join("\n");
    assert!(said.contains(&format!("{DEAD} was deleted")), "{said}");
    let (outcome, _) = bucket(&before).execute(kind, &plan);
    let after = bucket(plan.requests[0].input["Policy"].as_str().unwrap());
    let undo = after.plan(kind, &back(kind, &plan, &outcome)).unwrap();
    assert!(!undo.requests[0].input["Policy"].as_str().unwrap().contains(DEAD));
    // The account itself takes no such policy.
    let live = Live::new(kind);
    let mut plan = live.plan(kind, &ask);
    plan.requests[0].input["Policy"] = partners(&[DEAD]).into();
    let (_, message) = failure(&live.execute(kind, &plan, 7));
    assert!(message.contains("Invalid principal in policy"), "{message}");
}
