use super::super::testing::*;
use super::super::{Action, Request, Value};
use super::EventbridgePutEvents as Kind;
use crate::aws::fake::Answer;
use quell_core::incident::{FailClass, Found, Outcome, Plan};
use serde_json::{Value as Json, json};

const BUS: &str = "arn:aws:events:eu-west-1:111122223333:event-bus/security";
const DESCRIBE: &str = "DescribeEventBus";
const PUT: &str = "PutEvents";
const DETAIL: &str = "{\"finding\":{\"account\":\"111122223333\",\"id\":\"f-1\",\"region\":\"eu-west-1\",\
                      \"resource\":\"i-1\",\"title\":\"A finding\"},\"session\":\"s-1\",\"source\":\"quell\"}";

fn described(arn: &str) -> Answer {
    Answer::ok(json!({ "Name": "security", "Arn": arn }).to_string())
}

fn bench(put: Answer) -> Bench {
    Bench::new([(DESCRIBE, vec![described(BUS)]), (PUT, vec![put])])
}

fn taken() -> Answer {
    Answer::ok(json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "e-1" }] }).to_string())
}

fn ask<const N: usize>(more: [(&str, Value); N]) -> Request {
    let mut request = request(&Kind, finding("f-1", "i-1"), [("bus", own(BUS)), ("session", filled("s-1"))]);
    request.fields.extend(more.into_iter().map(|(name, value)| (name.into(), value)));
    request
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&Kind, &ask([])).unwrap()
}

#[test]
fn the_event_is_put_once_as_the_plan_has_it() {
    let bench = bench(taken());
    let plan = planned(&bench);
    let entry = json!({ "Source": "quell", "DetailType": "Security Incident", "Detail": DETAIL, "EventBusName": BUS });
    assert_eq!(plan.requests[0].input, json!({ "Entries": [entry] }));
    assert_eq!(
        (plan.requests[0].service.as_str(), plan.danger, raw(&plan.confirm).as_str()),
        ("events", 2, "security")
    );
    assert!(raws(&plan.warnings)[0].starts_with("Which rules of the bus match it"));
    let (outcome, _) = bench.execute(&Kind, &plan);
    let Outcome::Succeeded { outcome: told, undo: None, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!((raw(told).as_str(), bench.count(PUT)), ("EventBridge took the event as e-1", 1));
    assert_eq!(serde_json::from_str::<Json>(&bench.body(PUT)).unwrap(), plan.requests[0].input);
    assert!(Kind.tells() && Kind.undo(&plan, &outcome).is_none());
    assert_eq!(bench.verify(&Kind, &plan, &outcome).holds, None);
    let typed = bench.plan(&Kind, &ask([("detail_type", own("Page"))])).unwrap();
    assert_eq!(typed.requests[0].input["Entries"][0]["DetailType"], "Page");
}

#[test]
fn a_good_answer_with_a_bad_entry_is_a_failure_with_its_code() {
    for (code, class) in [
        ("ThrottlingException", FailClass::Throttled),
        ("NotAuthorizedForSourceException", FailClass::Denied),
        ("MalformedDetail", FailClass::Validation),
        ("SomethingNew", FailClass::Other),
    ] {
        let entry = json!({ "ErrorCode": code, "ErrorMessage": "No." });
        let bench = bench(Answer::ok(json!({ "FailedEntryCount": 1, "Entries": [entry] }).to_string()));
        let (found, message) = failure(&bench.execute(&Kind, &planned(&bench)).0);
        assert_eq!((found, message), (class, format!("EventBridge did not take the event: {code}: No.")));
    }
}

#[test]
fn what_says_neither_is_unknown_and_can_not_be_looked_up() {
    let internal = json!({ "FailedEntryCount": 1, "Entries": [{ "ErrorCode": "InternalFailure" }] });
    let odd = [
        internal,
        json!({}),
        json!({ "FailedEntryCount": 0, "Entries": [] }),
        json!({ "FailedEntryCount": 1, "Entries": [{ "EventId": "e-1" }] }),
        json!({ "FailedEntryCount": 0, "Entries": [{ "ErrorCode": "MalformedDetail" }] }),
        json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "e-1" }, { "EventId": "e-2" }] }),
    ];
    let odd = odd.into_iter().map(|odd| Answer::ok(odd.to_string()));
    for silence in odd.chain([Answer::Lost, Answer::Hangs, Answer::refused(500, "InternalException", "{}")]) {
        let bench = bench(silence.clone());
        let plan = planned(&bench);
        let (outcome, _) = bench.execute(&Kind, &plan);
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{silence:?}: {outcome:?}");
        assert_eq!(bench.count(PUT), 1);
        assert!(matches!(bench.check(&Kind, &plan), Found::CannotTell(_)));
    }
}

#[test]
fn another_bus_than_the_one_that_is_named_is_refused() {
    let bus = |arn: &str| Bench::new([(DESCRIBE, vec![described(BUS), described(arn)]), (PUT, vec![taken()])]);
    let changed = bus("arn:aws:events:eu-west-1:111122223333:event-bus/other");
    assert_eq!(failure(&changed.execute(&Kind, &planned(&changed)).0).0, FailClass::Conflict);
    assert_eq!(changed.count(PUT), 0);
    let other = Bench::new([(DESCRIBE, vec![described("arn:aws:events:eu-west-1:444455556666:event-bus/security")])]);
    let said = other.plan(&Kind, &ask([])).unwrap_err().what;
    assert!(said.starts_with("the bus says that it is another one: arn:aws:events:eu-west-1:444455556666"), "{said}");
    let refuse = |arn: &str| bench(taken()).plan(&Kind, &ask([("bus", own(arn))])).unwrap_err().what;
    assert!(refuse("default").starts_with("bus is not an ARN"));
    assert!(refuse("arn:aws:events:eu-west-1:111122223333:rule/x").starts_with("bus is another thing's ARN"));
}
