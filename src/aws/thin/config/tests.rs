use crate::aws::fake::{Answer, Asked, Fake, run};
use crate::aws::{Allow, ConnectOptions, ConnectionKind, ErrorClass, Failure, Reader};

const OPERATIONS: [(&str, &str); 3] = [
    ("Config Service", "DescribeRemediationConfigurations"),
    ("Config Service", "StartRemediationExecution"),
    ("Config Service", "DescribeRemediationExecutionStatus"),
];

/// A client that may call all of it as reads: what is tested is what goes over the wire.
fn client(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Reader, Fake) {
    let fake = Fake::new(script);
    let allow = Allow { read: OPERATIONS.to_vec(), ..Allow::default() };
    let connection = fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow);
    (connection.reader("eu-west-1"), fake)
}

#[test]
fn a_remedy_is_read_run_and_its_last_run_read() {
    let (reader, fake) = client(|asked| match asked.operation.as_str() {
        "DescribeRemediationConfigurations" => Answer::ok(
            r#"{"RemediationConfigurations":[{"ConfigRuleName":"r","TargetType":"SSM_DOCUMENT","TargetId":"D","Automatic":true,
                "Parameters":{"a":{"StaticValue":{"Values":["b"]}}},"MaximumAutomaticAttempts":5,"RetryAttemptSeconds":60}]}"#,
        ),
        "StartRemediationExecution" => Answer::ok(
            r#"{"FailureMessage":"No.","FailedItems":[{"resourceType":"AWS::S3::Bucket","resourceId":"b"}]}"#,
        ),
        _ => Answer::ok(
            r#"{"RemediationExecutionStatuses":[{"ResourceKey":{"resourceType":"AWS::S3::Bucket","resourceId":"b"},
                "State":"FAILED","StepDetails":[{"Name":"s","State":"FAILED","ErrorMessage":"e"}],"InvocationTime":1.5E9}]}"#,
        ),
    });
    let (config, bucket) = (reader.config(), ("AWS::S3::Bucket", "b"));
    let found = run(config.describe_remediation_configurations("r")).unwrap();
    assert_eq!((found.len(), &found[0].target_id, found[0].automatic), (1, &"D".into(), true));
    assert_eq!((found[0].maximum_automatic_attempts, found[0].retry_attempt_seconds), (Some(5), Some(60)));
    let started = run(config.start_remediation_execution("r", bucket)).unwrap().value;
    assert_eq!((started.failed_items.len(), started.failure_message), (1, Some("No.".into())));
    let last = run(config.describe_remediation_execution_status("r", bucket)).unwrap().unwrap();
    assert_eq!((last.state, last.invocation_time), ("FAILED".into(), 1.5e9));
    assert_eq!(last.step_details[0].error_message, Some("e".into()));
    // The run for another resource is none for this one.
    assert!(run(config.describe_remediation_execution_status("r", ("AWS::S3::Bucket", "c"))).unwrap().is_none());
    let asked = &fake.asked()[1];
    assert_eq!(asked.uri, "https://config.eu-west-1.amazonaws.com/");
    assert_eq!(asked.header("x-amz-target"), Some("StarlingDoveService.StartRemediationExecution"));
    assert_eq!(
        asked.body,
        r#"{"ConfigRuleName":"r","ResourceKeys":[{"resourceId":"b","resourceType":"AWS::S3::Bucket"}]}"#
    );
    assert!(asked.authorization.contains("/eu-west-1/config/aws4_request"), "{}", asked.authorization);
    let body = r#"{"__type":"NoSuchRemediationConfigurationException","message":"No."}"#;
    let (reader, _) = client(move |_| Answer::Whole(400, "", body.as_bytes().to_vec()));
    let error = run(reader.config().describe_remediation_execution_status("r", bucket)).unwrap_err();
    assert_eq!(Failure::of(&error).class, ErrorClass::NotFound);
}
