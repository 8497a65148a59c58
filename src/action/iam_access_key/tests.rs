use super::super::testing::*;
use super::super::{Request, Value};
use super::{IamAccessKey, Plan};
use crate::aws::fake::Answer;
use quell_core::incident::{FailClass, Found, Outcome};
use quell_core::text::Untrusted;
use serde_json::json;

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const OTHER: &str = "AKIAI44QH8DHBEXAMPLE";
const DENIED: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>\
                      <RequestId>r</RequestId></ErrorResponse>";

fn used(user: &str) -> Answer {
    Answer::ok(format!(
        "<GetAccessKeyLastUsedResponse><GetAccessKeyLastUsedResult><UserName>{user}</UserName><AccessKeyLastUsed>\
         <LastUsedDate>2026-03-01T10:00:00Z</LastUsedDate><ServiceName>s3</ServiceName><Region>eu-west-1</Region>\
         </AccessKeyLastUsed></GetAccessKeyLastUsedResult></GetAccessKeyLastUsedResponse>"
    ))
}

fn keys(statuses: [(&str, &str); 2]) -> Answer {
    let members: String = statuses
        .iter()
        .map(|(key, status)| {
            format!(
                "<member><UserName>deploy</UserName><AccessKeyId>{key}</AccessKeyId><Status>{status}</Status></member>"
            )
        })
        .collect();
    Answer::ok(format!(
        "<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata>{members}</AccessKeyMetadata>\
         <IsTruncated>false</IsTruncated></ListAccessKeysResult></ListAccessKeysResponse>"
    ))
}

fn updated() -> Answer {
    Answer::ok(
        "<UpdateAccessKeyResponse><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></UpdateAccessKeyResponse>",
    )
}

/// An account whose key has the statuses one after the other, and whose update ends in `update`.
fn bench(statuses: &[&str], update: Answer) -> Bench {
    Bench::new([
        ("GetAccessKeyLastUsed", vec![used("deploy")]),
        ("ListAccessKeys", statuses.iter().map(|status| keys([(KEY, status), (OTHER, "Active")])).collect()),
        ("UpdateAccessKey", vec![update]),
    ])
}

fn deactivate<const N: usize>(more: [(&str, Value); N]) -> Request {
    let mut request = request(&IamAccessKey, finding("f-1", "deploy"), more);
    request.fields.entry("access_key".into()).or_insert_with(|| filled(KEY));
    request
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&IamAccessKey, &deactivate([])).unwrap()
}

#[test]
fn the_plan_says_what_is_sent_and_what_else_there_is() {
    let plan = planned(&bench(&["Active"], updated()));
    assert_eq!(plan.requests.len(), 1);
    assert_eq!(plan.requests[0].service, "iam");
    assert_eq!(plan.requests[0].operation, "UpdateAccessKey");
    assert_eq!(plan.requests[0].input, json!({"UserName": "deploy", "AccessKeyId": KEY, "Status": "Inactive"}));
    assert_eq!(raw(&plan.target.account), "111122223333");
    assert_eq!(raw(&plan.target.partition), "aws");
    assert_eq!(raw(&plan.target.region), "eu-west-1");
    assert_eq!(raw(&plan.target.resource), KEY);
    assert_eq!(raw(&plan.confirm), KEY);
    assert_eq!(plan.danger, 2);
    assert_eq!(fact(&plan.facts, "status of the key").as_deref(), Some("Active"));
    assert_eq!(fact(&plan.facts, "last use of the key").as_deref(), Some("2026-03-01T10:00:00Z, s3 in eu-west-1"));
    let other = fact(&plan.facts, "other key AKIAI44QH8DHBEXAMPLE");
    assert_eq!(other.as_deref(), Some("Active, last use: 2026-03-01T10:00:00Z, s3 in eu-west-1"));
    let warnings = raws(&plan.warnings);
    let next = "AKIAI44QH8DHBEXAMPLE of the same user is active too: switch both off in one go, one alone tells to use the next.";
    assert!(warnings.iter().any(|w| w == next), "{warnings:?}");
    assert_eq!(raw(&plan.undo), "Set the key back to Active.");
}

#[test]
fn the_hash_follows_key_status_and_account() {
    let bench = bench(&["Active"], updated());
    let hash = |request: &Request| bench.plan(&IamAccessKey, request).unwrap().hash().unwrap();
    let plain = hash(&deactivate([]));
    assert_eq!(plain, hash(&deactivate([])));
    assert_ne!(plain, hash(&deactivate([("status", own("Active"))])));
    assert_ne!(plain, hash(&deactivate([("access_key", own(OTHER))])));
    let mut elsewhere = planned(&bench);
    elsewhere.target.account = "444455556666".into();
    assert_ne!(plain, elsewhere.hash().unwrap());
}

#[test]
fn a_call_is_sent_once_and_undone_by_the_status_before() {
    let bench = bench(&["Active", "Active", "Inactive"], updated());
    let plan = planned(&bench);
    let (outcome, reports) = bench.execute(&IamAccessKey, &plan);
    let Outcome::Succeeded { outcome: words, undo, request_ids, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(raw(words), "AKIAIOSFODNN7EXAMPLE of deploy is set to Inactive");
    assert_eq!(undo, &Some(json!({"Status": "Active"})));
    assert_eq!(raws(request_ids), ["req-1"]);
    assert_eq!(reports.len(), 1);
    assert_eq!(bench.count("UpdateAccessKey"), 1);
    let body = bench.body("UpdateAccessKey");
    assert!(body.contains("UserName=deploy&AccessKeyId=AKIAIOSFODNN7EXAMPLE&Status=Inactive"), "{body}");
    let verified = bench.verify(&IamAccessKey, &plan, &outcome);
    assert_eq!(verified.holds, Some(true));
    let undo = super::Action::undo(&IamAccessKey, &plan, &outcome).unwrap();
    assert_eq!(undo.fields["status"], own("Active"));
    assert_eq!(undo.fields["access_key"], own(KEY));
    assert_eq!(undo.account.as_ref().map(raw).as_deref(), Some("111122223333"));
    assert_eq!(undo.undo_of, None);
    let again = bench.plan(&IamAccessKey, &undo).unwrap();
    assert_eq!(again.requests[0].input["Status"], "Active");
}

#[test]
fn what_changed_meanwhile_stops_the_call() {
    let bench = bench(&["Active", "Inactive"], updated());
    let plan = planned(&bench);
    let (outcome, _) = bench.execute(&IamAccessKey, &plan);
    let (class, message) = failure(&outcome);
    assert_eq!(class, FailClass::Conflict);
    assert_eq!(message, "nothing was sent: status of the key was Active, is now Inactive; plan the action again");
    assert_eq!(bench.count("UpdateAccessKey"), 0);
}

#[test]
fn a_failed_read_before_the_call_proves_that_nothing_was_sent() {
    let bench = Bench::new([
        ("GetAccessKeyLastUsed", vec![used("deploy")]),
        ("ListAccessKeys", vec![keys([(KEY, "Active"), (OTHER, "Active")]), Answer::refused(403, "", DENIED)]),
    ]);
    let plan = planned(&bench);
    assert_eq!(failure(&bench.execute(&IamAccessKey, &plan).0).0, FailClass::NotSent);
}

#[test]
fn an_error_is_a_failure_and_silence_is_unknown() {
    let denied = bench(&["Active"], Answer::refused(403, "", DENIED));
    assert_eq!(failure(&denied.execute(&IamAccessKey, &planned(&denied)).0).0, FailClass::Denied);
    for silence in [Answer::Lost, Answer::Hangs, Answer::Whole(500, "", b"<oops/>".to_vec())] {
        let bench = bench(&["Active"], silence.clone());
        let (outcome, _) = bench.execute(&IamAccessKey, &planned(&bench));
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{silence:?}: {outcome:?}");
        assert_eq!(bench.count("UpdateAccessKey"), 1, "{silence:?}");
    }
}

#[test]
fn after_silence_the_status_tells() {
    let arrived = bench(&["Active", "Inactive"], updated());
    let plan = planned(&arrived);
    let found = arrived.check(&IamAccessKey, &plan);
    let Found::Ended(Outcome::Succeeded { undo, .. }) = found else { panic!("{found:?}") };
    assert_eq!(undo, Some(json!({"Status": "Active"})));
    let not_there = bench(&["Active"], updated());
    let plan = planned(&not_there);
    assert!(matches!(not_there.check(&IamAccessKey, &plan), Found::CannotTell(_)));
    // It was so before: nothing tells whether the call arrived.
    let already = bench(&["Inactive"], updated());
    let plan = planned(&already);
    assert!(matches!(already.check(&IamAccessKey, &plan), Found::CannotTell(_)));
}

#[test]
fn a_key_that_is_still_active_is_told() {
    let bench = bench(&["Active"], updated());
    let plan = planned(&bench);
    let (outcome, _) = bench.execute(&IamAccessKey, &plan);
    assert_eq!(bench.verify(&IamAccessKey, &plan, &outcome).holds, Some(false));
}

#[test]
fn what_is_not_exactly_a_long_term_key_is_refused() {
    let bench = Bench::new([]);
    let refuse = |fields: [(&str, Value); 1]| bench.plan(&IamAccessKey, &deactivate(fields)).unwrap_err();
    let session = refuse([("access_key", filled("ASIAIOSFODNN7EXAMPLE"))]);
    assert_eq!(session.what, "ASIAIOSFODNN7EXAMPLE belongs to a session, not to a user");
    let hidden = refuse([("access_key", filled("AKIAIOSFODNN7EXAMPLE\u{202e}"))]);
    assert_eq!(hidden.what, "access_key is not an access key id: AKIAIOSFODNN7EXAMPLE\\u{202e}");
    refuse([("access_key", filled("AKIA --profile x"))]);
    refuse([("access_key", filled(" AKIAIOSFODNN7EXAMPLE"))]);
    refuse([("user", filled("../admin"))]);
    refuse([("status", own("inactive"))]);
    refuse([("acces_key", own(KEY))]);
    assert!(bench.fake.operations().is_empty());
}

#[test]
fn another_users_key_is_refused() {
    let bench = bench(&["Active"], updated());
    let problem = bench.plan(&IamAccessKey, &deactivate([("user", own("someone"))])).unwrap_err();
    assert_eq!(problem.what, "AKIAIOSFODNN7EXAMPLE belongs to deploy, not to someone");
}

#[test]
fn the_account_is_the_findings_or_nothing_happens() {
    let bench = bench(&["Active"], updated());
    let mut other = deactivate([]);
    other.finding.as_mut().unwrap().account = Some("444455556666".into());
    let problem = bench.plan(&IamAccessKey, &other).unwrap_err();
    assert_eq!(problem.what, "the target is in account 444455556666, the credentials are for 111122223333");
    other.finding.as_mut().unwrap().account = None;
    assert_eq!(bench.plan(&IamAccessKey, &other).unwrap_err().what, "the finding names no account");
    other.finding.as_mut().unwrap().account = Some("1111222233334".into());
    assert!(bench.plan(&IamAccessKey, &other).is_err());
    let mut region = deactivate([]);
    region.finding.as_mut().unwrap().region = Some("us-east-1".into());
    assert!(bench.plan(&IamAccessKey, &region).is_err());
    assert_eq!(bench.count("ListAccessKeys"), 0);
}

#[test]
fn the_own_key_is_danger_three_and_no_block_lowers_danger() {
    let own_key = Bench::new([
        ("GetAccessKeyLastUsed", vec![used("responder")]),
        ("ListAccessKeys", vec![keys([(KEY, "Active"), (OTHER, "Inactive")])]),
    ]);
    let plan = planned(&own_key);
    assert_eq!(plan.danger, 3);
    assert!(raws(&plan.warnings)[0].starts_with("This is your own access"));
    let bench = bench(&["Active"], updated());
    let danger = |danger: Option<u8>| {
        let request = Request { danger, ..deactivate([]) };
        bench.plan(&IamAccessKey, &request).map(|plan| plan.danger)
    };
    assert_eq!(danger(Some(1)).unwrap(), 2);
    assert_eq!(danger(Some(3)).unwrap(), 3);
    assert!(danger(Some(4)).is_err());
    assert!(danger(Some(0)).is_err());
}

#[test]
fn a_key_that_is_deleted_meanwhile_is_a_problem() {
    let bench = Bench::new([
        ("GetAccessKeyLastUsed", vec![used("deploy")]),
        ("ListAccessKeys", vec![keys([("AKIAIOSFODNN7XXXXXXX", "Active"), (OTHER, "Active")])]),
    ]);
    let problem = bench.plan(&IamAccessKey, &deactivate([])).unwrap_err();
    assert_eq!(problem.what, "AKIAIOSFODNN7EXAMPLE is no key of the user deploy any more");
    assert!(Untrusted::from(problem.what.as_str()).line().as_str().is_ascii());
}

/// IAM's word for a key that is not there is that the caller may not look.
#[test]
fn a_key_that_is_not_there_is_not_told_as_a_lack_of_permission_alone() {
    let bench = Bench::new([("GetAccessKeyLastUsed", vec![Answer::refused(403, "", DENIED)])]);
    let problem = bench.plan(&IamAccessKey, &deactivate([])).unwrap_err();
    assert!(problem.meaning.starts_with("there is no such key in this account"), "{problem}");
    assert!(problem.next.starts_with("compare the key's id and the finding's account"), "{problem}");
}
