use super::super::testing::*;
use super::super::{Action, Request, Value, Word};
use super::{GuarddutyArchive, Plan};
use crate::aws::fake::Answer;
use quell_core::finding::{Said, Status};
use quell_core::incident::{FailClass, Found, Outcome};
use serde_json::{Value as Json, json};

const ARN: &str = "arn:aws:guardduty:eu-west-1:111122223333:detector/12abc34d567e8fa901bc2d34e56789f0/finding/\
                   f0e1d2c3b4a5968778695a4b3c2d1e0f";
const DETECTOR: &str = "12abc34d567e8fa901bc2d34e56789f0";
const FINDING: &str = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
const GET: &str = "POST /detector/12abc34d567e8fa901bc2d34e56789f0/findings/get";
const ARCHIVE: &str = "POST /detector/12abc34d567e8fa901bc2d34e56789f0/findings/archive";
const UNARCHIVE: &str = "POST /detector/12abc34d567e8fa901bc2d34e56789f0/findings/unarchive";
const FEEDBACK: &str = "POST /detector/12abc34d567e8fa901bc2d34e56789f0/findings/feedback";

fn found(archived: bool) -> Answer {
    let body = json!({"findings": [{
        "id": FINDING, "arn": ARN, "accountId": "111122223333", "region": "eu-west-1", "type": "T", "schemaVersion": "2.0",
        "severity": "8.0", "createdAt": "2026-03-01T10:00:00Z", "updatedAt": "2026-03-01T10:00:00Z",
        "resource": {}, "service": {"archived": archived},
    }]});
    Answer::ok(body.to_string())
}

fn bench(states: &[bool], sent: Answer) -> Bench {
    Bench::new([
        (GET, states.iter().map(|state| found(*state)).collect()),
        (ARCHIVE, vec![sent.clone()]),
        (UNARCHIVE, vec![sent.clone()]),
        (FEEDBACK, vec![sent]),
    ])
}

fn archive<const N: usize>(fields: [(&str, Value); N]) -> Request {
    request(&GuarddutyArchive, finding(ARN, "i-0abc12d34e5f67890"), fields)
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&GuarddutyArchive, &archive([])).unwrap()
}

#[test]
fn detector_and_finding_are_the_arns() {
    let bench = bench(&[false], Answer::ok("{}"));
    let plan = planned(&bench);
    assert_eq!(plan.requests.len(), 1);
    assert_eq!((plan.requests[0].service.as_str(), plan.danger), ("guardduty", 1));
    assert_eq!(plan.requests[0].operation, "ArchiveFindings");
    assert_eq!(plan.requests[0].input, json!({"DetectorId": DETECTOR, "FindingIds": [FINDING]}));
    assert_eq!(raw(&plan.confirm), FINDING);
    assert_eq!(raw(&plan.target.resource), ARN);
    assert_eq!(fact(&plan.facts, "state of the finding").as_deref(), Some("active"));
    assert_eq!(raw(&plan.undo), "Set the finding back to active.");
    let back = bench.plan(&GuarddutyArchive, &archive([("state", own("active"))])).unwrap();
    assert_eq!(back.requests[0].operation, "UnarchiveFindings");
    assert_ne!(plan.hash().unwrap(), back.hash().unwrap());
}

#[test]
fn a_finding_is_archived_once_verified_and_brought_back() {
    let bench = bench(&[false, false, true], Answer::ok("{}"));
    let plan = planned(&bench);
    let (outcome, _) = bench.execute(&GuarddutyArchive, &plan);
    let Outcome::Succeeded { outcome: words, undo, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(raw(words), format!("{FINDING} is archived"));
    assert_eq!(undo, &Some(json!({"State": "active"})));
    assert_eq!((bench.count(ARCHIVE), bench.count(FEEDBACK)), (1, 0));
    let sent: Json = serde_json::from_str(&bench.body(ARCHIVE)).unwrap();
    assert_eq!(sent, json!({"findingIds": [FINDING]}));
    assert_eq!(bench.verify(&GuarddutyArchive, &plan, &outcome).holds, Some(true));
    let undo = GuarddutyArchive.undo(&plan, &outcome).unwrap();
    let back = bench.plan(&GuarddutyArchive, &undo).unwrap();
    assert_eq!(back.requests[0].operation, "UnarchiveFindings");
    bench.execute(&GuarddutyArchive, &back);
    assert_eq!(bench.count(UNARCHIVE), 1);
}

#[test]
fn feedback_is_a_request_of_its_own() {
    let bench = bench(&[false], Answer::ok("{}"));
    let request = archive([("feedback", own("NOT_USEFUL")), ("comments", own("a known scanner"))]);
    let plan = bench.plan(&GuarddutyArchive, &request).unwrap();
    assert_eq!(plan.requests[1].operation, "UpdateFindingsFeedback");
    assert_eq!(
        plan.requests[1].input,
        json!({"DetectorId": DETECTOR, "FindingIds": [FINDING], "Feedback": "NOT_USEFUL", "Comments": "a known scanner"})
    );
    bench.execute(&GuarddutyArchive, &plan);
    let sent: Json = serde_json::from_str(&bench.body(FEEDBACK)).unwrap();
    assert_eq!(sent, json!({"findingIds": [FINDING], "feedback": "NOT_USEFUL", "comments": "a known scanner"}));
}

#[test]
fn feedback_that_fails_says_that_the_finding_is_done() {
    let denied = Answer::refused(403, "AccessDeniedException", "{\"message\":\"no\"}");
    let bench = Bench::new([(GET, vec![found(false)]), (ARCHIVE, vec![Answer::ok("{}")]), (FEEDBACK, vec![denied])]);
    let plan = bench.plan(&GuarddutyArchive, &archive([("feedback", own("USEFUL"))])).unwrap();
    let (outcome, _) = bench.execute(&GuarddutyArchive, &plan);
    let Outcome::Partly { message, undo, .. } = &outcome else { panic!("{outcome:?}") };
    let message = raw(message);
    assert!(message.starts_with(&format!("{FINDING} is archived; the feedback failed: ")), "{message}");
    assert_eq!(undo, &Some(json!({"State": "active"})));
    let back = bench.plan(&GuarddutyArchive, &GuarddutyArchive.undo(&plan, &outcome).unwrap()).unwrap();
    assert_eq!(back.requests[0].operation, "UnarchiveFindings");
}

#[test]
fn what_changed_meanwhile_stops_the_call() {
    let bench = bench(&[false, true], Answer::ok("{}"));
    assert_eq!(failure(&bench.execute(&GuarddutyArchive, &planned(&bench)).0).0, FailClass::Conflict);
    assert_eq!(bench.count(ARCHIVE), 0);
}

#[test]
fn an_error_is_a_failure_and_silence_is_unknown() {
    let bad = Answer::refused(400, "BadRequestException", "{\"message\":\"The request is rejected\"}");
    let bench_ = bench(&[false], bad);
    assert_eq!(failure(&bench_.execute(&GuarddutyArchive, &planned(&bench_)).0).0, FailClass::Validation);
    for silence in [Answer::Lost, Answer::Hangs] {
        let bench = bench(&[false], silence.clone());
        let (outcome, _) = bench.execute(&GuarddutyArchive, &planned(&bench));
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{silence:?}: {outcome:?}");
        assert_eq!(bench.count(ARCHIVE), 1, "{silence:?}");
    }
}

#[test]
fn after_silence_the_state_tells() {
    let arrived = bench(&[false, true], Answer::ok("{}"));
    let found = arrived.check(&GuarddutyArchive, &planned(&arrived));
    let Found::Ended(Outcome::Succeeded { undo, .. }) = found else { panic!("{found:?}") };
    assert_eq!(undo, Some(json!({"State": "active"})));
    for states in [&[false, false], &[true, true]] {
        let bench = bench(states, Answer::ok("{}"));
        assert!(matches!(bench.check(&GuarddutyArchive, &planned(&bench)), Found::CannotTell(_)), "{states:?}");
    }
}

#[test]
fn what_is_no_guardduty_finding_of_the_region_is_refused() {
    let bench = bench(&[false], Answer::ok("{}"));
    let refuse = |id: &str| bench.plan(&GuarddutyArchive, &archive([("finding", filled(id))])).unwrap_err().what;
    refuse("f0e1d2c3b4a5968778695a4b3c2d1e0f");
    refuse("arn:aws:securityhub:eu-west-1:111122223333:subscription/x/finding/y");
    refuse(&format!("{ARN}/../x"));
    refuse(&format!("{ARN}\n"));
    refuse(&ARN.replace("finding/", "findings/"));
    let region = refuse(&ARN.replace("eu-west-1", "us-east-1"));
    assert!(region.starts_with("the finding's ARN is not of the region eu-west-1"), "{region}");
    let fields = [("state", own("gone"))];
    assert!(bench.plan(&GuarddutyArchive, &archive(fields)).is_err());
    assert!(bench.plan(&GuarddutyArchive, &archive([("comments", own("x"))])).is_err());
    let mut other = archive([]);
    other.finding.as_mut().unwrap().account = Some("444455556666".into());
    assert!(bench.plan(&GuarddutyArchive, &other).is_err());
    assert_eq!(bench.count(GET), 0);
    assert_eq!(bench.plan(&GuarddutyArchive, &Request { danger: Some(3), ..archive([]) }).unwrap().danger, 3);
}

const SECOND: &str = "aaaabbbbccccdddd0000111122223333";

/// The two findings, by whether each is archived, and what was told of the second.
fn two(first: bool, second: bool, feedback: Option<&str>) -> Answer {
    let one = |id: &str, archived: bool, feedback: Option<&str>| json!({ "id": id, "service": { "archived": archived, "userFeedback": feedback } });
    Answer::ok(json!({ "findings": [one(FINDING, first, feedback), one(SECOND, second, feedback)] }).to_string())
}

fn both() -> Value {
    Value::List(vec![Word::own(ARN), Word::own(ARN.replace(FINDING, SECOND))])
}

#[test]
fn several_findings_of_a_detector_are_one_call_and_go_back_to_what_each_was() {
    let states = vec![two(false, true, None), two(false, true, None), two(true, true, None)];
    let ok = || vec![Answer::ok("{}")];
    let bench = Bench::new([(GET, states), (ARCHIVE, ok()), (UNARCHIVE, ok())]);
    let plan = bench.plan(&GuarddutyArchive, &archive([("findings", both())])).unwrap();
    assert_eq!((raw(&plan.confirm), raw(&plan.target.resource)), ("2".to_owned(), "2 findings".to_owned()));
    assert_eq!(plan.requests[0].input, json!({"DetectorId": DETECTOR, "FindingIds": [FINDING, SECOND]}));
    assert_eq!(fact(&plan.facts, &format!("state of {SECOND}")).as_deref(), Some("archived"));
    assert!(raws(&plan.warnings).contains(&"1 of them are archived already.".to_owned()));
    let (outcome, _) = bench.execute(&GuarddutyArchive, &plan);
    let Outcome::Succeeded { undo, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(undo, &Some(json!({"State": "active", "Findings": [FINDING]})));
    assert_eq!(bench.verify(&GuarddutyArchive, &plan, &outcome).holds, Some(true));
    let said = Said { status: Some(Status::Archived), ..Said::default() };
    assert_eq!(GuarddutyArchive.told(&plan, None)[0], (ARN.into(), said));
    let back = bench.plan(&GuarddutyArchive, &GuarddutyArchive.undo(&plan, &outcome).unwrap()).unwrap();
    assert_eq!(back.requests[0].input, json!({"DetectorId": DETECTOR, "FindingIds": [FINDING]}));
    let other = ARN.replace(DETECTOR, "00000000000000000000000000000000");
    let mixed = Value::List(vec![Word::own(ARN), Word::own(other)]);
    let said = bench.plan(&GuarddutyArchive, &archive([("findings", mixed)])).unwrap_err().what;
    assert_eq!(said, "the findings are of several detectors");
}

#[test]
fn feedback_alone_changes_no_state_and_is_read_back() {
    let states = vec![two(false, true, None), two(false, true, None), two(false, true, Some("USEFUL"))];
    let bench = Bench::new([(GET, states), (FEEDBACK, vec![Answer::ok("{}")])]);
    let fields = [("findings", both()), ("state", own("unchanged")), ("feedback", own("USEFUL"))];
    let plan = bench.plan(&GuarddutyArchive, &archive(fields)).unwrap();
    assert_eq!(plan.requests.iter().map(|r| r.operation.as_str()).collect::<Vec<_>>(), ["UpdateFindingsFeedback"]);
    let (outcome, _) = bench.execute(&GuarddutyArchive, &plan);
    let Outcome::Succeeded { outcome: words, undo: None, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(raw(words), "GuardDuty took the feedback on 2 finding(s)");
    assert_eq!(bench.verify(&GuarddutyArchive, &plan, &outcome).holds, Some(true));
    let nothing = bench.plan(&GuarddutyArchive, &archive([("state", own("unchanged"))])).unwrap_err().what;
    assert_eq!(nothing, "nothing is asked for: no state and no feedback");
}
