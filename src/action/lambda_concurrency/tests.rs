use super::super::testing::*;
use super::super::{Action, Request, Value};
use super::LambdaConcurrency;
use super::call::State;
use crate::aws::fake::Answer;
use quell_core::finding::Compact;
use quell_core::incident::{FailClass, Found, Outcome, Plan};
use serde_json::json;

const FUNCTION: &str = "resize-images";
const CONFIGURATION: &str = "GET /2015-03-31/functions/resize-images/configuration";
const GET: &str = "GET /2019-09-30/functions/resize-images/concurrency";
const PUT: &str = "PUT /2017-10-31/functions/resize-images/concurrency";
const DELETE: &str = "DELETE /2017-10-31/functions/resize-images/concurrency";

fn configuration() -> Answer {
    Answer::ok(
        r#"{"FunctionName":"resize-images","FunctionArn":"arn:aws:lambda:eu-west-1:111122223333:function:resize-images",
            "Role":"arn:aws:iam::111122223333:role/service/resize","State":"Active"}"#,
    )
}

/// An answer that says that so much is reserved.
fn reserved(n: Option<u32>) -> Answer {
    Answer::ok(n.map_or("{}".to_owned(), |n| format!("{{\"ReservedConcurrentExecutions\":{n}}}")))
}

/// A function for which so much is reserved one time after the other, and whose change ends in `put`.
fn bench(states: &[Option<u32>], put: Answer) -> Bench {
    Bench::new([
        (CONFIGURATION, vec![configuration()]),
        (GET, states.iter().map(|n| reserved(*n)).collect()),
        (PUT, vec![put]),
        (DELETE, vec![Answer::Whole(204, "", Vec::new())]),
    ])
}

fn of_function() -> Compact {
    let mut finding = finding("f-1", FUNCTION);
    finding.resource.kind = Some("AWS::Lambda::Function".into());
    finding
}

fn ask<const N: usize>(fields: [(&str, Value); N]) -> Request {
    request(&LambdaConcurrency, of_function(), fields)
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&LambdaConcurrency, &ask([])).unwrap()
}

#[test]
fn the_plan_says_what_is_reserved_and_what_does_not_stop() {
    let plan = planned(&bench(&[None], reserved(Some(0))));
    let request = &plan.requests[0];
    assert_eq!((request.service.as_str(), request.operation.as_str()), ("lambda", "PutFunctionConcurrency"));
    assert_eq!(request.input, json!({ "FunctionName": FUNCTION, "ReservedConcurrentExecutions": 0 }));
    assert_eq!((plan.requests.len(), plan.danger, raw(&plan.confirm).as_str()), (1, 2, FUNCTION));
    assert_eq!(fact(&plan.facts, "reserved concurrency").as_deref(), Some("none is reserved"));
    assert_eq!(fact(&plan.facts, "role").as_deref(), Some("resize"));
    assert_eq!(raw(&plan.undo), "Reserve nothing for the function any more: nothing was before.");
    assert!(raws(&plan.destroys)[0].starts_with("asynchronous events that come meanwhile"));
    let said = raws(&plan.warnings).join("\n");
    for words in [
        "It does NOT end invocations that run now: they go on to their end, up to 15 minutes.",
        "Credentials of its role resize that it has handed out stay valid until they expire",
        "Queues and streams that feed it pile up and are worked off once it is lifted",
        "Where it has provisioned concurrency, Lambda may refuse the call",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_function_is_stopped_once_and_gets_back_what_it_had() {
    for (before, words, operation) in [(None, "none is reserved", DELETE), (Some(40), "40 reserved", PUT)] {
        let bench = bench(&[before, before, Some(0)], reserved(Some(0)));
        let plan = planned(&bench);
        let (outcome, reports) = bench.execute(&LambdaConcurrency, &plan);
        let Outcome::Succeeded { outcome: told, undo, request_ids, .. } = &outcome else { panic!("{outcome:?}") };
        assert_eq!(raw(told), "concurrency of resize-images: 0 reserved");
        assert_eq!(undo, &Some(json!({ "ReservedConcurrency": words })));
        assert_eq!((raws(request_ids), reports.len(), bench.count(PUT)), (vec!["req-1".to_owned()], 1, 1));
        assert_eq!(bench.body(PUT), r#"{"ReservedConcurrentExecutions":0}"#);
        let verified = bench.verify(&LambdaConcurrency, &plan, &outcome);
        assert_eq!(verified.holds, Some(true));
        assert_eq!(
            fact(&verified.facts, "note").as_deref(),
            Some("invocations that ran before may go on, up to 15 minutes")
        );
        let back = bench.plan(&LambdaConcurrency, &LambdaConcurrency.undo(&plan, &outcome).unwrap()).unwrap();
        assert_eq!((LambdaConcurrency.stands(&plan), LambdaConcurrency.stands(&back)), (Some(true), Some(false)));
        assert!(back.destroys.is_empty());
        let says = raws(&back.warnings);
        assert!(says[0].starts_with("The function runs again, with the code and the role that it has now"), "{says:?}");
        bench.execute(&LambdaConcurrency, &back);
        assert_eq!(bench.count(operation), if operation == PUT { 2 } else { 1 });
        if operation == PUT {
            assert_eq!(bench.body(PUT), r#"{"ReservedConcurrentExecutions":40}"#);
        }
    }
}

#[test]
fn an_undo_says_what_it_writes_over() {
    let says = |now: Option<u32>| {
        let bench = bench(&[now], reserved(Some(40)));
        let fields = [("function", own(FUNCTION)), ("restore", own("40 reserved"))];
        raws(&bench.plan(&LambdaConcurrency, &ask(fields)).unwrap().warnings).join("\n")
    };
    assert!(!says(Some(0)).contains("changed it since"));
    assert!(says(Some(5)).contains("somebody has changed it since (5 reserved); the undo writes over that."));
    assert!(says(Some(40)).starts_with("It stands so already; the call changes nothing."));
}

#[test]
fn what_changed_meanwhile_stops_the_call() {
    let bench = bench(&[None, Some(3)], reserved(Some(0)));
    let (class, message) = failure(&bench.execute(&LambdaConcurrency, &planned(&bench)).0);
    let was = "nothing was sent: reserved concurrency was none is reserved, is now 3 reserved; plan the action again";
    assert_eq!((class, message.as_str(), bench.count(PUT)), (FailClass::Conflict, was, 0));
    // Between none and nought lies a stopped function.
    let stopped = self::bench(&[None, Some(0)], reserved(Some(0)));
    assert_eq!(failure(&stopped.execute(&LambdaConcurrency, &planned(&stopped)).0).0, FailClass::Conflict);
}

#[test]
fn an_error_is_a_failure_and_silence_is_unknown() {
    for (status, code, class) in [
        (403, "AccessDeniedException", FailClass::Denied),
        (404, "ResourceNotFoundException", FailClass::NotFound),
        (409, "ResourceConflictException", FailClass::Conflict),
        (429, "TooManyRequestsException", FailClass::Throttled),
        (400, "InvalidParameterValueException", FailClass::Validation),
    ] {
        let bench = bench(&[None], Answer::refused(status, code, r#"{"message":"It is so."}"#));
        assert_eq!(failure(&bench.execute(&LambdaConcurrency, &planned(&bench)).0).0, class, "{code}");
    }
    let broken = Answer::refused(500, "ServiceException", r#"{"message":"It is so."}"#);
    for silence in [Answer::Lost, Answer::Hangs, broken, Answer::ok("<oops/>")] {
        let bench = bench(&[None], silence.clone());
        let (outcome, _) = bench.execute(&LambdaConcurrency, &planned(&bench));
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{silence:?}: {outcome:?}");
        assert_eq!(bench.count(PUT), 1, "{silence:?}");
    }
}

#[test]
fn after_silence_the_reservation_tells() {
    let arrived = bench(&[Some(40), Some(0)], reserved(Some(0)));
    let plan = planned(&arrived);
    let found = arrived.check(&LambdaConcurrency, &plan);
    let Found::Ended(Outcome::Succeeded { undo, .. }) = found else { panic!("{found:?}") };
    assert_eq!(undo, Some(json!({ "ReservedConcurrency": "40 reserved" })));
    for (before, now) in [(None, None), (None, Some(3)), (Some(0), Some(0))] {
        let bench = bench(&[before, now], reserved(Some(0)));
        let plan = planned(&bench);
        assert!(matches!(bench.check(&LambdaConcurrency, &plan), Found::CannotTell(_)), "{before:?} {now:?}");
    }
}

#[test]
fn what_is_not_exactly_a_function_or_a_state_is_refused() {
    let bench = Bench::new([]);
    let refuse = |request: &Request| bench.plan(&LambdaConcurrency, request).unwrap_err().what;
    for name in ["a/b", "../x", "resize:live", "resize\u{202e}", "", "arn:aws:lambda:eu-west-1:111122223333:function:x"]
    {
        assert!(
            refuse(&ask([("function", filled(name))])).starts_with("function is not a Lambda function name"),
            "{name}"
        );
    }
    let of_a_finding = ask([("function", own(FUNCTION)), ("restore", filled("40 reserved"))]);
    assert_eq!(refuse(&of_a_finding), "restore can't be filled from a finding");
    assert_eq!(refuse(&ask([("restore", own("forty"))])), "restore is no state of a function's concurrency");
    let mut other = ask([]);
    other.finding.as_mut().unwrap().resource.kind = Some("AWS::EC2::Instance".into());
    assert_eq!(refuse(&other), "no function is named, and the finding is about none");
    assert!(bench.fake.operations().is_empty());
}

#[test]
fn a_state_is_known_by_its_words_and_by_nothing_near_them() {
    for (words, state) in
        [("none is reserved", State(None)), ("0 reserved", State(Some(0))), ("40 reserved", State(Some(40)))]
    {
        assert_eq!((State::of(&words.into()), state.words()), (Some(state), words.to_owned()));
    }
    for words in ["", "reserved", "040 reserved", "+4 reserved", "-1 reserved", "40  reserved", "none"] {
        assert_eq!(State::of(&words.into()), None, "{words}");
    }
}

#[test]
fn a_plan_that_says_more_than_the_call_can_is_not_sent() {
    let bench = bench(&[None], reserved(Some(0)));
    let plan = planned(&bench);
    for (name, value) in
        [("Other", json!("x")), ("FunctionName", json!("../x")), ("ReservedConcurrentExecutions", json!(-1))]
    {
        let mut plan = plan.clone();
        plan.requests[0].input[name] = value;
        assert_eq!(failure(&bench.execute(&LambdaConcurrency, &plan).0).0, FailClass::NotSent, "{name}");
    }
    assert_eq!(bench.count(PUT), 0);
}
