use super::super::testing::*;
use super::super::{Action, Report, Request, Value};
use super::SfnStart;
use crate::aws::fake::Answer;
use quell_core::incident::{FailClass, Found, Outcome, Plan};
use serde_json::json;

const MACHINE: &str = "arn:aws:states:eu-west-1:111122223333:stateMachine:page";
const RUN: &str = "arn:aws:states:eu-west-1:111122223333:execution:page:da722aa1-16f5-5153-b017-820a0c8deb76";
const MACHINES: &str = "DescribeStateMachine";
const START: &str = "StartExecution";
const LOOK: &str = "DescribeExecution";

fn machine(kind: &str, definition: &str) -> Answer {
    let role = "arn:aws:iam::111122223333:role/pager";
    let found = json!({ "stateMachineArn": MACHINE, "name": "page", "status": "ACTIVE", "definition": definition,
        "roleArn": role, "type": kind, "creationDate": 1.5e9 });
    Answer::ok(found.to_string())
}

fn started(arn: &str) -> Answer {
    Answer::ok(json!({ "executionArn": arn, "startDate": 1.5e9 }).to_string())
}

fn run(status: &str) -> Answer {
    let mut found = json!({ "executionArn": RUN, "stateMachineArn": MACHINE, "status": status, "startDate": 1.5e9 });
    match status {
        "SUCCEEDED" => found["output"] = "{\"paged\":\"\u{202e}jo\"}".into(),
        "FAILED" => {
            found["error"] = "States.TaskFailed".into();
            found["cause"] = "Nobody is on call.".into();
        }
        _ => {}
    }
    Answer::ok(found.to_string())
}

fn bench(start: Answer, looks: Vec<Answer>) -> Bench {
    Bench::new([(MACHINES, vec![machine("STANDARD", "{}")]), (START, vec![start]), (LOOK, looks)])
}

fn ask<const N: usize>(more: [(&str, Value); N]) -> Request {
    let fields = [("state_machine", own(MACHINE)), ("session", filled("s-1"))];
    let mut request = request(&SfnStart, finding("f-1", "i-1"), fields);
    request.fields.extend(more.into_iter().map(|(name, value)| (name.into(), value)));
    request
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&SfnStart, &ask([])).unwrap()
}

#[test]
fn the_plan_says_what_runs_under_which_role_and_that_it_is_not_known() {
    let plan = planned(&bench(started(RUN), vec![run("SUCCEEDED")]));
    assert_eq!((plan.danger, raw(&plan.confirm).as_str()), (3, "page"));
    let input = plan.requests[0].input["input"].as_str().unwrap();
    assert!(input.contains("\"session\":\"s-1\""), "{input}");
    assert_eq!(plan.requests[0].input["stateMachineArn"], MACHINE);
    assert_eq!(fact(&plan.facts, "role").as_deref(), Some("arn:aws:iam::111122223333:role/pager"));
    // By hand: `printf {} | sha256sum`.
    assert_eq!(fact(&plan.facts, "definition").as_deref(), Some("sha256 44136fa355b3678a"));
    assert!(raws(&plan.warnings)[0].starts_with("quell does not know what this state machine does"));
    let said = Request { danger: Some(1), ..ask([]) };
    assert_eq!(bench(started(RUN), vec![]).plan(&SfnStart, &said).unwrap().danger, 2);
}

#[test]
fn a_run_bears_the_token_and_is_followed_to_its_end() {
    let bench = bench(started(RUN), vec![run("RUNNING"), run("RUNNING"), run("SUCCEEDED")]);
    let plan = planned(&bench);
    let (outcome, reports) = bench.execute(&SfnStart, &plan);
    let Outcome::Succeeded { outcome: told, undo: None, facts, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(raw(told), format!("{RUN}: SUCCEEDED"));
    assert_eq!(fact(facts, "output").as_deref(), Some("{\"paged\":\"\\u{202e}jo\"}"));
    let body: serde_json::Value = serde_json::from_str(&bench.body(START)).unwrap();
    assert_eq!((body["name"].as_str(), bench.count(START), bench.count(LOOK)), (Some(TOKEN), 1, 3));
    let steps: Vec<String> = reports
        .iter()
        .map(|report| match report {
            Report::Step(step) => raw(&step.text),
            Report::Output { name, bytes } => format!("{}: {}", raw(name), String::from_utf8_lossy(bytes)),
        })
        .collect();
    let output = format!("execution-{TOKEN}-output: {{\"paged\":\"\u{202e}jo\"}}");
    assert_eq!(steps, [format!("started as {TOKEN}"), "RUNNING".into(), "SUCCEEDED".into(), output]);
    assert_eq!((bench.verify(&SfnStart, &plan, &outcome).holds, SfnStart.undo(&plan, &outcome)), (None, None));
}

#[test]
fn a_run_that_ends_badly_says_why() {
    for (status, said) in [
        ("FAILED", "FAILED: States.TaskFailed: Nobody is on call."),
        ("TIMED_OUT", "TIMED_OUT"),
        ("ABORTED", "ABORTED"),
    ] {
        let bench = bench(started(RUN), vec![run(status)]);
        let (class, message) = failure(&bench.execute(&SfnStart, &planned(&bench)).0);
        assert_eq!((class, message), (FailClass::Failed, format!("{RUN}: {said}")));
    }
}

#[test]
fn after_silence_the_run_s_own_name_tells() {
    for silence in [Answer::Lost, Answer::Hangs, Answer::ok("{}"), Answer::refused(500, "InternalFailure", "{}")] {
        let bench = bench(silence, vec![run("RUNNING"), run("SUCCEEDED")]);
        let plan = planned(&bench);
        assert!(matches!(bench.execute(&SfnStart, &plan).0, Outcome::Unknown { .. }));
        assert_eq!(bench.check(&SfnStart, &plan), Found::Running(RUN.into()));
        assert!(matches!(bench.check(&SfnStart, &plan), Found::Ended(Outcome::Succeeded { .. })));
        assert_eq!(bench.count(START), 1);
    }
    // What was started late is shown late: that it is not there proves nothing.
    let gone = bench(Answer::Lost, vec![Answer::refused(400, "ExecutionDoesNotExist", r#"{"message":"No."}"#)]);
    let found = gone.check(&SfnStart, &planned(&gone));
    let Found::CannotTell(why) = found else { panic!("{found:?}") };
    assert!(raw(&why).contains("look again in a minute"), "{why:?}");
    // Another run's name, and a run that is there already, are no proof of this one.
    let other = bench(started("arn:aws:states:eu-west-1:111122223333:execution:page:x"), vec![]);
    assert!(matches!(other.execute(&SfnStart, &planned(&other)).0, Outcome::Unknown { .. }));
    let twice = bench(Answer::refused(400, "ExecutionAlreadyExists", r#"{"message":"No."}"#), vec![]);
    assert!(matches!(twice.execute(&SfnStart, &planned(&twice)).0, Outcome::Unknown { .. }));
}

#[test]
fn a_run_that_was_found_again_is_followed_to_its_end_under_its_own_name_alone() {
    let bench = bench(started(RUN), vec![run("RUNNING"), run("SUCCEEDED")]);
    let plan = planned(&bench);
    let (outcome, reports) = bench.follow(&SfnStart, &plan, RUN);
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    // Where it is, its end, and its output.
    assert_eq!((reports.len(), bench.count(LOOK), bench.count(START)), (3, 2, 0));
    let asked: serde_json::Value = serde_json::from_str(&bench.body(LOOK)).unwrap();
    assert_eq!(asked["executionArn"], RUN);
    let other = "arn:aws:states:eu-west-1:111122223333:execution:other:x";
    assert!(matches!(bench.follow(&SfnStart, &plan, other).0, Outcome::Unknown { .. }));
    assert_eq!(bench.count(LOOK), 2);
}

#[test]
fn another_definition_stops_it_and_another_type_is_refused() {
    let changed = Bench::new([
        (MACHINES, vec![machine("STANDARD", "{}"), machine("STANDARD", "{ }")]),
        (START, vec![started(RUN)]),
    ]);
    assert_eq!(failure(&changed.execute(&SfnStart, &planned(&changed)).0).0, FailClass::Conflict);
    assert_eq!(changed.count(START), 0);
    let express = Bench::new([(MACHINES, vec![machine("EXPRESS", "{}")])]);
    let problem = express.plan(&SfnStart, &ask([])).unwrap_err();
    assert_eq!(problem.what, "the state machine is of type EXPRESS, and quell starts STANDARD ones alone");
    let refused = bench(Answer::refused(400, "StateMachineDeleting", r#"{"message":"No."}"#), vec![]);
    assert_eq!(failure(&refused.execute(&SfnStart, &planned(&refused)).0).0, FailClass::Conflict);
}
