use super::{Execution, Machine};
use crate::aws::fake::{Answer, Asked, Fake, run};
use crate::aws::{Allow, ConnectOptions, ConnectionKind, ErrorClass, Failure, Reader};
use aws_types::request_id::RequestId;

const OPERATIONS: [(&str, &str); 4] = [
    ("SFN", "DescribeStateMachine"),
    ("SFN", "StartExecution"),
    ("SFN", "DescribeExecution"),
    ("SFN", "StopExecution"),
];

/// A client that may call all of it as reads: what is tested is what goes over the wire.
fn client(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Reader, Fake) {
    let fake = Fake::new(script);
    let allow = Allow { read: OPERATIONS.to_vec(), ..Allow::default() };
    let connection = fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow);
    (connection.reader("eu-west-1"), fake)
}

#[test]
fn a_machine_is_read_started_and_its_run_read_again() {
    let (reader, fake) = client(|asked| match asked.operation.as_str() {
        "DescribeStateMachine" => Answer::ok(
            r#"{"stateMachineArn":"m","name":"n","status":"ACTIVE","definition":"{}","roleArn":"r","type":"STANDARD","creationDate":1.5E9}"#,
        ),
        "StopExecution" => Answer::ok(r#"{"stopDate":1.5E9}"#),
        "StartExecution" => Answer::ok(r#"{"executionArn":"e","startDate":1.5E9}"#),
        _ => Answer::ok(
            r#"{"executionArn":"e","stateMachineArn":"m","status":"FAILED","startDate":1.5E9,"error":"x","cause":"y"}"#,
        ),
    });
    let sfn = reader.sfn();
    let machine = run(sfn.describe_state_machine("m")).unwrap();
    let expected = Machine {
        state_machine_arn: "m".into(),
        status: Some("ACTIVE".into()),
        definition: "{}".into(),
        role_arn: "r".into(),
        kind: "STANDARD".into(),
        encryption_configuration: None,
    };
    assert_eq!(machine, expected);
    let started = run(sfn.start_execution("m", "t", "{\"a\":1}")).unwrap();
    assert_eq!((started.value.execution_arn.clone(), started.request_id()), ("e".into(), Some("req-1")));
    let (error, cause) = (Some("x".into()), Some("y".into()));
    let expected = Execution {
        execution_arn: "e".into(),
        status: "FAILED".into(),
        state_machine_arn: Some("m".into()),
        input: None,
        output: None,
        error,
        cause,
    };
    assert_eq!(run(sfn.describe_execution("e")).unwrap(), expected);
    assert_eq!(run(sfn.stop_execution("e", "why")).unwrap().value["stopDate"], 1.5e9);
    let asked = fake.asked().pop().unwrap();
    assert_eq!(asked.body, r#"{"cause":"why","executionArn":"e"}"#);
    assert_eq!(asked.header("x-amz-target"), Some("AWSStepFunctions.StopExecution"));
    let asked = &fake.asked()[1];
    assert_eq!(asked.uri, "https://states.eu-west-1.amazonaws.com/");
    assert_eq!(asked.body, r#"{"input":"{\"a\":1}","name":"t","stateMachineArn":"m"}"#);
    assert_eq!(asked.header("x-amz-target"), Some("AWSStepFunctions.StartExecution"));
    assert_eq!(asked.header("content-type"), Some("application/x-amz-json-1.0"));
    assert!(asked.authorization.contains("/eu-west-1/states/aws4_request"), "{}", asked.authorization);
}

#[test]
fn refusals_are_told_apart() {
    for (code, class) in [
        ("StateMachineDoesNotExist", ErrorClass::NotFound),
        ("ExecutionDoesNotExist", ErrorClass::NotFound),
        ("ExecutionAlreadyExists", ErrorClass::Conflict),
        ("ExecutionLimitExceeded", ErrorClass::Throttled),
        ("InvalidExecutionInput", ErrorClass::Validation),
        ("AccessDeniedException", ErrorClass::Denied),
    ] {
        let body = format!("{{\"__type\":\"com.amazonaws.swf.service.v2.model#{code}\",\"message\":\"No.\"}}");
        let (reader, _) = client(move |_| Answer::Whole(400, "", body.clone().into_bytes()));
        assert_eq!(Failure::of(&run(reader.sfn().describe_execution("e")).unwrap_err()).class, class, "{code}");
    }
}
