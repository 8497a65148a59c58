//! The Automation operations, on the pure core.

mod contain;
mod lists;
mod places;
mod remedies;
mod signals;

use crate::simulator::testing::Bench;
use serde_json::{Value, json};

pub(super) const INSTANCE: &str = "i-0c4f1e97ab52d6038";
pub(super) const TOKEN: &str = "0b5f2c1e-8d3a-5f60-9c4e-2a7b1d9e6f03";

/// Starts a document and gives the execution's id.
pub(super) fn start(bench: &mut Bench, document: &str, parameters: &Value) -> String {
    let body = json!({ "DocumentName": document, "Parameters": parameters });
    bench.ssm("StartAutomationExecution", &body)["AutomationExecutionId"].as_str().unwrap().to_owned()
}

pub(super) fn get(bench: &mut Bench, id: &str) -> Value {
    bench.ssm("GetAutomationExecution", &json!({ "AutomationExecutionId": id }))["AutomationExecution"].clone()
}

pub(super) fn status(bench: &mut Bench, id: &str) -> String {
    get(bench, id)["AutomationExecutionStatus"].as_str().unwrap().to_owned()
}

pub(super) fn contain(dry_run: &str) -> Value {
    json!({ "InstanceId": [INSTANCE], "Action": ["Contain"], "DryRun": [dry_run] })
}

#[test]
fn a_document_describes_its_parameters() {
    let mut bench = Bench::new("quiet");
    let answer = bench.ssm("DescribeDocument", &json!({ "Name": "AWSSupport-ContainEC2Instance" }));
    let document = &answer["Document"];
    assert_eq!((&document["Owner"], &document["DocumentType"]), (&json!("Amazon"), &json!("Automation")));
    let dry_run = document["Parameters"].as_array().unwrap().iter().find(|p| p["Name"] == "DryRun").unwrap();
    assert_eq!(dry_run["DefaultValue"], "true");
    let action = document["Parameters"].as_array().unwrap().iter().find(|p| p["Name"] == "Action").unwrap();
    assert!(action.get("DefaultValue").is_none());
    assert!(action["Description"].as_str().unwrap().starts_with("(Required)"));
    let (code, _) = bench.ssm_refused("DescribeDocument", &json!({ "Name": "AWS-Nothing" }));
    assert_eq!(code, "InvalidDocument");
    let (code, _) = bench.ssm_refused("DescribeDocument", &json!({ "Name": "no spaces" }));
    assert_eq!(code, "ValidationException");
    let (code, _) = bench.ssm_refused("StartAutomationExecution", &json!({ "DocumentName": "no spaces" }));
    assert_eq!(code, "ValidationException");
    let old = json!({ "Name": "Custom-ApproveThenStop", "DocumentVersion": "7" });
    assert_eq!(bench.ssm_refused("DescribeDocument", &old).0, "InvalidDocumentVersion");
}

#[test]
fn parameters_are_checked_before_anything_starts() {
    let mut bench = Bench::new("crypto-mining");
    let ec2 = "AWSSupport-ContainEC2Instance";
    for (document, parameters, message) in [
        (ec2, json!({ "InstanceId": [INSTANCE] }), "Missing required parameter: Action in user inputs."),
        (
            ec2,
            json!({ "InstanceId": [INSTANCE], "Action": ["Release"] }),
            r#"has value \"Release\" not found in [Contain, Restore]."#,
        ),
        (
            ec2,
            json!({ "InstanceId": ["build-runner-2"], "Action": ["Contain"] }),
            r#"has value \"build-runner-2\" not matching"#,
        ),
        (ec2, json!({ "InstanceId": [INSTANCE, INSTANCE], "Action": ["Contain"] }), "exactly one value"),
        (
            ec2,
            json!({ "InstanceId": [INSTANCE], "Action": ["Contain"], "Dryrun": ["false"] }),
            r#"\"Dryrun\" is not defined"#,
        ),
        (ec2, json!({ "InstanceId": [INSTANCE], "Action": ["Contain"], "TagIdentifier": ["x"] }), "TagIdentifier"),
        (
            ec2,
            json!({ "InstanceId": [INSTANCE], "Action": ["Contain"], "BackupS3BucketAccess": ["arn:aws:s3:::x"] }),
            "BackupS3BucketAccess",
        ),
        (
            ec2,
            json!({ "InstanceId": [INSTANCE], "Action": ["Contain"], "AutomationAssumeRole": ["arn:aws:iam::444455556666:role/x"] }),
            "unable to be assumed",
        ),
        (
            "AWSSupport-ContainIAMPrincipal",
            json!({ "PrincipalType": ["User"], "PrincipalName": ["x"], "Action": ["Contain"] }),
            "PrincipalType",
        ),
    ] {
        let body = json!({ "DocumentName": document, "Parameters": parameters });
        let (code, text) = bench.ssm_refused("StartAutomationExecution", &body);
        assert_eq!(code, "InvalidAutomationExecutionParametersException", "{body}");
        assert!(text.contains(message), "{text}");
    }
}

#[test]
fn what_can_t_be_started() {
    let mut bench = Bench::new("crypto-mining");
    let ec2 = "AWSSupport-ContainEC2Instance";
    for (body, code) in [
        (json!({ "DocumentName": "AWS-Nothing" }), "AutomationDefinitionNotFoundException"),
        (
            json!({ "DocumentName": ec2, "DocumentVersion": "9", "Parameters": contain("true") }),
            "AutomationDefinitionVersionNotFoundException",
        ),
        (json!({ "DocumentName": ec2, "Parameters": contain("true"), "ClientToken": "short" }), "ValidationException"),
        (json!({ "DocumentName": ec2, "Parameters": contain("true"), "Mode": "Fast" }), "ValidationException"),
        (json!({ "Parameters": contain("true") }), "ValidationException"),
    ] {
        assert_eq!(bench.ssm_refused("StartAutomationExecution", &body).0, code, "{body}");
    }
    assert!(bench.world.automations.executions.is_empty());
}

#[test]
fn a_client_token_starts_one_execution() {
    let mut bench = Bench::new("crypto-mining");
    let mut body = json!({ "DocumentName": "AWSSupport-ContainEC2Instance", "Parameters": contain("false"), "ClientToken": TOKEN });
    let first = bench.ssm("StartAutomationExecution", &body);
    bench.wait(30);
    assert_eq!(bench.ssm("StartAutomationExecution", &body), first);
    body["ClientToken"] = json!(TOKEN.to_uppercase());
    assert_eq!(bench.ssm("StartAutomationExecution", &body), first);
    body["Parameters"]["DryRun"] = json!(["true"]);
    assert_eq!(bench.ssm_refused("StartAutomationExecution", &body).0, "IdempotentParameterMismatch");
    assert_eq!(bench.world.automations.executions.len(), 1);
}

#[test]
fn a_hundred_executions_run_at_once_and_no_more() {
    let mut bench = Bench::new("crypto-mining");
    for _ in 0..100 {
        start(&mut bench, "AWSSupport-ContainEC2Instance", &contain("true"));
    }
    let body = json!({ "DocumentName": "AWSSupport-ContainEC2Instance", "Parameters": contain("true") });
    let (code, _) = bench.ssm_refused("StartAutomationExecution", &body);
    assert_eq!(code, "AutomationExecutionLimitExceededException");
    bench.wait(60);
    bench.ssm("StartAutomationExecution", &body);
}

#[test]
fn an_execution_of_another_region_is_not_found() {
    let mut bench = Bench::new("crypto-mining");
    let id = start(&mut bench, "AWSSupport-ContainEC2Instance", &contain("true"));
    bench.region = "us-east-1".to_owned();
    let body = json!({ "AutomationExecutionId": id });
    for operation in ["GetAutomationExecution", "DescribeAutomationStepExecutions", "StopAutomationExecution"] {
        assert_eq!(bench.ssm_refused(operation, &body).0, "AutomationExecutionNotFoundException", "{operation}");
    }
    assert_eq!(
        bench.ssm_refused("GetAutomationExecution", &json!({ "AutomationExecutionId": "x" })).0,
        "ValidationException"
    );
    // The instance is not there either.
    let id = start(&mut bench, "AWSSupport-ContainEC2Instance", &contain("false"));
    bench.wait(60);
    let execution = get(&mut bench, &id);
    assert_eq!(execution["AutomationExecutionStatus"], "Failed");
    let message = execution["FailureMessage"].as_str().unwrap();
    assert!(message.contains("InvalidInstanceID.NotFound"), "{message}");
    assert_eq!(execution["StepExecutions"][1]["StepStatus"], "Failed");
    assert_eq!(execution["StepExecutions"][2]["StepStatus"], "Pending");
}

#[test]
fn refusals_name_the_document() {
    let mut bench = Bench::with("crypto-mining", "denied = [\"ssm:StartAutomationExecution\"]");
    let body = json!({ "DocumentName": "AWSSupport-ContainEC2Instance", "Parameters": contain("true") });
    let (code, text) = bench.ssm_refused("StartAutomationExecution", &body);
    assert_eq!(code, "AccessDeniedException");
    let resource = "arn:aws:ssm:eu-west-1:111122223333:automation-definition/AWSSupport-ContainEC2Instance:$DEFAULT";
    assert!(text.contains(resource), "{text}");
    assert_eq!(bench.ssm_refused("ListCommands", &json!({})).0, "UnknownOperationException");
}
