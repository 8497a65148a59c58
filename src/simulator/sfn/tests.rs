use crate::simulator::testing::{Bench, text};
use serde_json::{Value, json};

const MACHINE: &str = "arn:aws:states:eu-west-1:111122223333:stateMachine:page-the-owner";

fn ask(bench: &mut Bench, operation: &str, body: &Value) -> (u16, Value) {
    let target = format!("AWSStepFunctions.{operation}");
    let response = bench.send("states", "POST", "/", &[("x-amz-target", &target)], &body.to_string());
    (response.status, serde_json::from_str(&text(&response)).unwrap())
}

#[test]
fn a_run_goes_on_until_its_time_has_passed() {
    let mut bench = Bench::new("crypto-mining");
    let (_, machine) = ask(&mut bench, "DescribeStateMachine", &json!({ "stateMachineArn": MACHINE }));
    assert_eq!((&machine["type"], &machine["status"]), (&json!("STANDARD"), &json!("ACTIVE")));
    let start = json!({ "stateMachineArn": MACHINE, "name": "n", "input": "{\"a\":1}" });
    let (status, started) = ask(&mut bench, "StartExecution", &start);
    let arn = "arn:aws:states:eu-west-1:111122223333:execution:page-the-owner:n";
    assert_eq!((status, &started["executionArn"]), (200, &json!(arn)));
    let look = |bench: &mut Bench| ask(bench, "DescribeExecution", &json!({ "executionArn": arn })).1;
    assert_eq!(look(&mut bench)["status"], "RUNNING");
    // The same name and input is the same run; another input is none.
    assert_eq!(ask(&mut bench, "StartExecution", &start).1["executionArn"], arn);
    let other = json!({ "stateMachineArn": MACHINE, "name": "n", "input": "{}" });
    assert_eq!(ask(&mut bench, "StartExecution", &other).1["__type"], "ExecutionAlreadyExists");
    bench.wait(20);
    let ended = look(&mut bench);
    assert_eq!((&ended["status"], &ended["output"]), (&json!("SUCCEEDED"), &json!("{\"a\":1}")));
    assert_eq!(ask(&mut bench, "StartExecution", &start).1["__type"], "ExecutionAlreadyExists");
}

#[test]
fn a_run_is_stopped_and_one_that_has_ended_stays_as_it_ended() {
    let mut bench = Bench::new("crypto-mining");
    let start = json!({ "stateMachineArn": MACHINE, "name": "n" });
    let arn = ask(&mut bench, "StartExecution", &start).1["executionArn"].clone();
    let stop = json!({ "executionArn": arn, "cause": "why" });
    let (status, stopped) = ask(&mut bench, "StopExecution", &stop);
    assert!(status == 200 && stopped["stopDate"].is_number(), "{stopped}");
    let found = ask(&mut bench, "DescribeExecution", &json!({ "executionArn": arn })).1;
    assert_eq!((&found["status"], &found["cause"], found.get("output")), (&json!("ABORTED"), &json!("why"), None));
    let other = json!({ "stateMachineArn": MACHINE, "name": "m" });
    let arn = ask(&mut bench, "StartExecution", &other).1["executionArn"].clone();
    bench.wait(20);
    assert_eq!(ask(&mut bench, "StopExecution", &json!({ "executionArn": arn })).0, 200);
    let found = ask(&mut bench, "DescribeExecution", &json!({ "executionArn": arn })).1;
    assert_eq!(found["status"], "SUCCEEDED");
    let nobody = json!({ "executionArn": format!("{}-", arn.as_str().unwrap()) });
    assert_eq!(ask(&mut bench, "StopExecution", &nobody).1["__type"], "ExecutionDoesNotExist");
    let long = json!({ "executionArn": arn, "error": "x".repeat(257) });
    assert_eq!(ask(&mut bench, "StopExecution", &long).1["__type"], "ValidationException");
}

#[test]
fn what_is_wrong_is_named_as_step_functions_names_it() {
    let mut bench = Bench::new("crypto-mining");
    let mut code = |operation: &str, body: Value| {
        let (status, found) = ask(&mut bench, operation, &body);
        assert_eq!(status, 400, "{found}");
        found["__type"].as_str().unwrap().to_owned()
    };
    let named = |name: &str| json!({ "stateMachineArn": MACHINE, "name": name, "input": "{}" });
    assert_eq!(code("DescribeStateMachine", json!({ "stateMachineArn": "x" })), "InvalidArn");
    assert_eq!(
        code("DescribeStateMachine", json!({ "stateMachineArn": format!("{MACHINE}s") })),
        "StateMachineDoesNotExist"
    );
    assert_eq!(code("StartExecution", named("a b")), "InvalidName");
    assert_eq!(code("StartExecution", json!({ "stateMachineArn": MACHINE, "input": "{" })), "InvalidExecutionInput");
    let execution = MACHINE.replace("stateMachine", "execution") + ":none";
    assert_eq!(code("DescribeExecution", json!({ "executionArn": execution })), "ExecutionDoesNotExist");
}
