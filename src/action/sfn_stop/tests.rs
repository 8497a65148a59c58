use super::super::testing::*;
use super::super::{Action, Request, by_name};
use super::SfnStop;
use crate::aws::fake::Answer;
use quell_core::incident::{FailClass, Found, Outcome};
use serde_json::json;

const MACHINE: &str = "arn:aws:states:eu-west-1:111122223333:stateMachine:page";
const RUN: &str = "arn:aws:states:eu-west-1:111122223333:execution:page:da722aa1-16f5-5153-b017-820a0c8deb76";

fn seen(status: &str) -> Answer {
    let found = json!({ "executionArn": RUN, "stateMachineArn": MACHINE, "status": status, "startDate": 1.5e9,
        "input": "{\"finding\":\"f-1\"}" });
    Answer::ok(found.to_string())
}

fn bench(looks: Vec<Answer>, stop: Answer) -> Bench {
    Bench::new([("DescribeExecution", looks), ("StopExecution", vec![stop])])
}

fn stopped() -> Answer {
    Answer::ok("{\"stopDate\":1.5E9}")
}

fn ask(arn: &str) -> Request {
    request(&SfnStop, finding("f-1", "i-1"), [("execution", own(arn))])
}

#[test]
fn a_run_is_stopped_once_and_read_back() {
    let bench = bench(vec![seen("RUNNING"), seen("RUNNING"), seen("ABORTED")], stopped());
    let plan = bench.plan(&SfnStop, &ask(RUN)).unwrap();
    assert_eq!((plan.danger, raw(&plan.confirm).as_str()), (2, "da722aa1-16f5-5153-b017-820a0c8deb76"));
    let input = json!({ "executionArn": RUN, "cause": "Stopped by a responder, with quell." });
    assert_eq!((plan.requests[0].operation.as_str(), &plan.requests[0].input), ("StopExecution", &input));
    assert_eq!(fact(&plan.facts, "state machine").as_deref(), Some(MACHINE));
    assert_eq!(fact(&plan.facts, "input").as_deref(), Some("{\"finding\":\"f-1\"}"));
    assert!(raw(&plan.warnings[0]).contains("nothing is rolled back"));
    let (outcome, _) = bench.execute(&SfnStop, &plan);
    assert!(matches!(&outcome, Outcome::Succeeded { undo: None, .. }), "{outcome:?}");
    assert_eq!((bench.count("StopExecution"), SfnStop.undo(&plan, &outcome)), (1, None));
    assert_eq!(bench.body("StopExecution"), input.to_string());
    assert_eq!(bench.verify(&SfnStop, &plan, &outcome).holds, Some(true));
}

#[test]
fn what_does_not_go_on_is_not_stopped() {
    for status in ["SUCCEEDED", "FAILED", "ABORTED"] {
        let problem = bench(vec![seen(status)], stopped()).plan(&SfnStop, &ask(RUN)).unwrap_err();
        assert_eq!(problem.what, format!("the run does not go on: it is {status}"));
        let bench = bench(vec![seen("RUNNING"), seen(status)], stopped());
        let plan = bench.plan(&SfnStop, &ask(RUN)).unwrap();
        let (class, message) = failure(&bench.execute(&SfnStop, &plan).0);
        assert_eq!((class, bench.count("StopExecution")), (FailClass::Conflict, 0));
        assert!(message.starts_with(&format!("nothing was sent: status was RUNNING, is now {status}")), "{message}");
    }
    for wrong in [
        "da722aa1",
        MACHINE,
        "arn:aws:states:eu-west-1:111122223333:execution:page",
        "arn:aws:states:eu-west-1:111122223333:express:page:n:m",
        "arn:aws:states:eu-west-1.evil.example:111122223333:execution:page:n",
    ] {
        assert!(bench(vec![seen("RUNNING")], stopped()).plan(&SfnStop, &ask(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn silence_is_unknown_and_looked_up() {
    let found = |after: &str| {
        let bench = bench(vec![seen("RUNNING"), seen("RUNNING"), seen(after)], Answer::Lost);
        let plan = bench.plan(&SfnStop, &ask(RUN)).unwrap();
        assert!(matches!(bench.execute(&SfnStop, &plan).0, Outcome::Unknown { .. }));
        assert_eq!(bench.count("StopExecution"), 1);
        bench.check(&SfnStop, &plan)
    };
    assert!(matches!(found("ABORTED"), Found::Ended(Outcome::Succeeded { .. })));
    // It may not have arrived, or have come too late.
    for after in ["RUNNING", "SUCCEEDED"] {
        let Found::CannotTell(why) = found(after) else { panic!() };
        assert_eq!(raw(&why), format!("the run is {after}: whether it was told to stop is not said there"));
    }
}

/// What is offered on a run is the request for it, where the run is.
#[test]
fn a_run_offers_that_it_is_stopped() {
    let start = by_name("sfn-start").unwrap();
    assert_eq!(start.signals("RUNNING"), ["Stop"]);
    assert_eq!(SfnStop.signals("RUNNING"), [""; 0]);
    let bench = bench(vec![seen("RUNNING")], stopped());
    let plan = bench.plan(&SfnStop, &ask(RUN)).unwrap();
    let stop = start.signal(&plan, &RUN.into(), 0).unwrap();
    assert_eq!((stop.kind.as_str(), &stop.fields["execution"]), ("sfn-stop", &own(RUN)));
    assert_eq!(SfnStop.place(&stop), Some(("111122223333".into(), "eu-west-1".into())));
    assert!(start.signal(&plan, &RUN.into(), 1).is_none());
}
