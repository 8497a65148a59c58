use super::super::iam_deny::IAM_DENY;
use super::super::iam_revoke::IAM_REVOKE;
use super::super::testing::*;
use super::super::{Request, Value};
use super::{InlinePolicy, Plan};
use crate::aws::fake::Answer;
use quell_core::incident::{FailClass, Found, Outcome};
use quell_core::text::Untrusted;
use serde_json::json;

const DENY: &str = r#"{"Statement":[{"Action":"*","Effect":"Deny","Resource":"*"}],"Version":"2012-10-17"}"#;
const EARLIER: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

fn error(status: u16, code: &str) -> Answer {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>\
         <RequestId>r</RequestId></ErrorResponse>"
    );
    Answer::Whole(status, "", body.into())
}

fn gone() -> Answer {
    error(404, "NoSuchEntity")
}

fn policy(document: &str) -> Answer {
    let document: String = document.bytes().map(|byte| format!("%{byte:02X}")).collect();
    Answer::ok(format!(
        "<GetRolePolicyResponse><GetRolePolicyResult><RoleName>build</RoleName><PolicyName>p</PolicyName>\
         <PolicyDocument>{document}</PolicyDocument></GetRolePolicyResult></GetRolePolicyResponse>"
    ))
}

fn role(path: &str) -> Answer {
    let trust = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A\
                 %22ec2.amazonaws.com%22%2C%22AWS%22%3A%5B%22arn%3Aaws%3Aiam%3A%3A999988887777%3Aroot%22%5D%7D%7D%7D";
    Answer::ok(format!(
        "<GetRoleResponse><GetRoleResult><Role><Path>{path}</Path><RoleName>build</RoleName><RoleId>AROA</RoleId>\
         <Arn>arn</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>\
         <AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument><RoleLastUsed>\
         <LastUsedDate>2026-03-01T10:00:00Z</LastUsedDate><Region>eu-west-1</Region></RoleLastUsed></Role>\
         </GetRoleResult></GetRoleResponse>"
    ))
}

fn profiles() -> Answer {
    Answer::ok(
        "<ListInstanceProfilesForRoleResponse><ListInstanceProfilesForRoleResult><InstanceProfiles><member>\
         <Path>/</Path><InstanceProfileName>build-fleet</InstanceProfileName><InstanceProfileId>AIPA</InstanceProfileId>\
         <Arn>arn</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate><Roles/></member></InstanceProfiles>\
         <IsTruncated>false</IsTruncated></ListInstanceProfilesForRoleResult></ListInstanceProfilesForRoleResponse>",
    )
}

fn empty(operation: &str) -> Answer {
    Answer::ok(format!(
        "<{operation}Response><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{operation}Response>"
    ))
}

/// An account in which the role's policy stands so one after the other.
fn bench(policies: Vec<Answer>, put: Answer) -> Bench {
    Bench::new([
        ("GetRole", vec![role("/")]),
        ("ListInstanceProfilesForRole", vec![profiles()]),
        ("GetRolePolicy", policies),
        ("PutRolePolicy", vec![put]),
        ("DeleteRolePolicy", vec![empty("DeleteRolePolicy")]),
    ])
}

fn ask<const N: usize>(kind: &InlinePolicy, more: [(&str, Value); N]) -> Request {
    let mut request = request(kind, finding("f-1", "build"), more);
    request.fields.entry("role".into()).or_insert_with(|| filled("build"));
    request
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&IAM_DENY, &ask(&IAM_DENY, [])).unwrap()
}

#[test]
fn the_plan_says_what_is_put_on_whom_and_who_else_has_it() {
    let plan = planned(&bench(vec![gone()], empty("PutRolePolicy")));
    assert_eq!((plan.requests[0].service.as_str(), plan.requests[0].operation.as_str()), ("iam", "PutRolePolicy"));
    let input = json!({ "RoleName": "build", "PolicyName": "quell-deny-all", "PolicyDocument": DENY });
    assert_eq!(plan.requests[0].input, input);
    assert_eq!((raw(&plan.target.resource).as_str(), raw(&plan.confirm).as_str(), plan.danger), ("build", "build", 2));
    assert_eq!(fact(&plan.facts, "policy quell-deny-all").as_deref(), Some("not there"));
    let trusted = fact(&plan.facts, "may be taken on by");
    assert_eq!(trusted.as_deref(), Some("arn:aws:iam::999988887777:root, ec2.amazonaws.com"));
    assert_eq!(fact(&plan.facts, "last use of the role").as_deref(), Some("2026-03-01T10:00:00Z in eu-west-1"));
    assert_eq!(fact(&plan.facts, "instance profile that has it").as_deref(), Some("build-fleet"));
    assert_eq!(raw(&plan.undo), "Take the policy quell-deny-all away again.");
    let warnings = raws(&plan.warnings);
    assert!(warnings[0].starts_with("Every workload that has the role build is denied at once"), "{warnings:?}");
}

#[test]
fn it_is_sent_once_read_back_and_taken_away_again() {
    let bench = bench(vec![gone(), gone(), policy(DENY), policy(DENY), policy(DENY), gone()], empty("PutRolePolicy"));
    let plan = planned(&bench);
    let (outcome, _) = bench.execute(&IAM_DENY, &plan);
    let Outcome::Succeeded { outcome: words, undo, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!((raw(words).as_str(), undo), ("build is denied everything", &Some(json!({ "PolicyDocument": null }))));
    assert_eq!(bench.count("PutRolePolicy"), 1);
    assert_eq!(bench.verify(&IAM_DENY, &plan, &outcome).holds, Some(true));
    let undo = super::Action::undo(&IAM_DENY, &plan, &outcome).unwrap();
    assert_eq!((undo.fields.get("role"), undo.fields.get("state")), (Some(&own("build")), Some(&own("off"))));
    let back = bench.plan(&IAM_DENY, &undo).unwrap();
    assert_eq!(back.requests[0].operation, "DeleteRolePolicy");
    assert_eq!(back.requests[0].input, json!({ "RoleName": "build", "PolicyName": "quell-deny-all" }));
    let (outcome, _) = bench.execute(&IAM_DENY, &back);
    assert_eq!(bench.count("DeleteRolePolicy"), 1);
    assert_eq!(bench.verify(&IAM_DENY, &back, &outcome).holds, Some(true));
}

#[test]
fn what_stood_there_before_is_put_back_byte_for_byte() {
    let before = || policy(EARLIER);
    let bench = bench(vec![before(), before(), policy(DENY)], empty("PutRolePolicy"));
    let plan = planned(&bench);
    assert_eq!(raw(&plan.undo), "Put the policy quell-deny-all back as it was.");
    let (outcome, _) = bench.execute(&IAM_DENY, &plan);
    let undo = super::Action::undo(&IAM_DENY, &plan, &outcome).unwrap();
    let back = bench.plan(&IAM_DENY, &undo).unwrap();
    assert_eq!(back.requests[0].input["PolicyDocument"], EARLIER);
}

#[test]
fn a_policy_that_has_changed_since_the_plan_stops_it() {
    let bench = bench(vec![gone(), policy(EARLIER)], empty("PutRolePolicy"));
    let plan = planned(&bench);
    let (class, message) = failure(&bench.execute(&IAM_DENY, &plan).0);
    assert_eq!(class, FailClass::Conflict);
    assert!(message.starts_with("nothing was sent: policy quell-deny-all was not there, is now there"), "{message}");
    assert_eq!(bench.count("PutRolePolicy"), 0);
}

#[test]
fn an_unknown_outcome_is_looked_up() {
    let bench = bench(vec![gone(), policy(DENY), gone(), error(403, "AccessDenied")], empty("PutRolePolicy"));
    let plan = planned(&bench);
    let Found::Ended(Outcome::Succeeded { undo, .. }) = bench.check(&IAM_DENY, &plan) else { panic!() };
    assert_eq!(undo, Some(json!({ "PolicyDocument": null })));
    let Found::CannotTell(why) = bench.check(&IAM_DENY, &plan) else { panic!() };
    assert_eq!(raw(&why), "the policy is not there; planning again is safe, since the call only sets it");
    assert!(matches!(bench.check(&IAM_DENY, &plan), Found::CannotTell(_)));
}

#[test]
fn a_look_up_does_not_invent_what_stood_there_before() {
    let bench = bench(vec![policy(EARLIER), policy(DENY)], empty("PutRolePolicy"));
    let plan = planned(&bench);
    let Found::Ended(Outcome::Succeeded { undo, facts, .. }) = bench.check(&IAM_DENY, &plan) else { panic!() };
    assert_eq!(undo, None);
    assert_eq!(fact(&facts, "undo").as_deref(), Some("what stood there before is not known any more"));
}

#[test]
fn older_sessions_are_revoked_as_of_half_a_minute_ahead() {
    let bench = bench(vec![gone()], empty("PutRolePolicy"));
    let plan = bench.plan(&IAM_REVOKE, &ask(&IAM_REVOKE, [])).unwrap();
    assert_eq!(plan.requests[0].input["PolicyName"], "AWSRevokeOlderSessions");
    let document = plan.requests[0].input["PolicyDocument"].as_str().unwrap();
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    let statement = &document["Statement"][0];
    assert_eq!((&statement["Effect"], &statement["Action"]), (&json!("Deny"), &json!(["*"])));
    let now: jiff::Timestamp = crate::aws::fake::NOW.parse().unwrap();
    let ahead = now.checked_add(jiff::SignedDuration::from_secs(30)).unwrap();
    let before = &statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"];
    assert_eq!(before.as_str().unwrap().parse::<jiff::Timestamp>().unwrap(), ahead);
    assert!(raws(&plan.warnings).iter().any(|w| w.contains("after five minutes this plan is refused")));
}

#[test]
fn a_plan_that_got_old_is_not_sent() {
    let bench = bench(vec![gone()], empty("PutRolePolicy"));
    let mut plan = bench.plan(&IAM_REVOKE, &ask(&IAM_REVOKE, [])).unwrap();
    let made = plan.facts.iter_mut().find(|fact| fact.name == Untrusted::from("planned at")).unwrap();
    let then: jiff::Timestamp = crate::aws::fake::NOW.parse().unwrap();
    made.value = then.checked_sub(jiff::SignedDuration::from_secs(301)).unwrap().to_string().into();
    let (class, message) = failure(&bench.execute(&IAM_REVOKE, &plan).0);
    assert_eq!(class, FailClass::NotSent);
    assert!(message.contains("more than five minutes old"), "{message}");
    assert_eq!(bench.count("PutRolePolicy"), 0);
}

#[test]
fn roles_that_nobody_may_edit_are_refused_with_what_can_be_done() {
    for (path, next) in [
        ("/aws-reserved/sso.amazonaws.com/eu-west-1/", "remove the assignment of the permission set"),
        ("/aws-service-role/es.amazonaws.com/", "stop what the service does"),
    ] {
        let bench = Bench::new([("GetRole", vec![role(path)])]);
        let problem = bench.plan(&IAM_DENY, &ask(&IAM_DENY, [])).unwrap_err();
        assert!(problem.what.contains("IAM lets nobody edit it"), "{}", problem.what);
        assert!(problem.next.contains(next), "{}", problem.next);
    }
}

#[test]
fn fields_that_do_not_fit_are_refused() {
    let bench = bench(vec![gone()], empty("PutRolePolicy"));
    let refused = |fields: Vec<(&str, Value)>| {
        let mut request = request(&IAM_DENY, finding("f-1", "build"), []);
        request.fields.extend(fields.into_iter().map(|(name, value)| (name.into(), value)));
        bench.plan(&IAM_DENY, &request).unwrap_err().what
    };
    assert_eq!(refused(vec![]), "either user or role must be given");
    assert_eq!(refused(vec![("user", own("a")), ("role", own("b"))]), "either user or role must be given");
    assert!(refused(vec![("role", own("a b"))]).starts_with("role is not an IAM role name"));
    assert_eq!(refused(vec![("role", own("a")), ("state", own("up"))]), "state is on or off, not up");
    let document = ("document", filled("{}"));
    let off = ("state", own("off"));
    assert_eq!(refused(vec![("role", own("a")), off, document]), "document can't be filled from a finding");
    assert_eq!(
        refused(vec![("role", own("a")), ("document", own("{}"))]),
        "document is for state off: what is put back"
    );
    assert_eq!(
        refused(vec![("role", own("build")), ("state", own("off"))]),
        "the policy is as it was before: quell-deny-all"
    );
}

#[test]
fn a_refusal_and_a_lost_answer_are_told_apart() {
    let denied = bench(vec![gone()], error(403, "AccessDenied"));
    let (class, _) = failure(&denied.execute(&IAM_DENY, &planned(&denied)).0);
    assert_eq!(class, FailClass::Denied);
    let protected = bench(vec![gone()], error(500, "ServiceFailure"));
    let outcome = protected.execute(&IAM_DENY, &planned(&protected)).0;
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
}
