//! One document in several accounts and Regions.

use super::{TOKEN, get, status};
use crate::simulator::testing::Bench;
use serde_json::{Value, json};

const BLOCK: &str = "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock";

fn asked(accounts: &[&str], more: &Value) -> Value {
    let mut location = json!({ "Accounts": accounts, "Regions": ["eu-west-1"] });
    location.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({
        "DocumentName": BLOCK, "ClientToken": TOKEN, "TargetLocations": [location],
        "Parameters": {
            "BucketName": ["lumen-build-artifacts"],
            "AutomationAssumeRole": ["arn:aws:iam::111122223333:role/IncidentAutomation"],
        },
    })
}

fn start(bench: &mut Bench, accounts: &[&str], more: &Value) -> String {
    bench.ssm("StartAutomationExecution", &asked(accounts, more))["AutomationExecutionId"].as_str().unwrap().to_owned()
}

fn children(bench: &mut Bench, parent: &str) -> Vec<Value> {
    let filter = json!({ "Filters": [{ "Key": "ParentExecutionId", "Values": [parent] }] });
    bench.ssm("DescribeAutomationExecutions", &filter)["AutomationExecutionMetadataList"].as_array().unwrap().clone()
}

#[test]
fn it_runs_in_one_place_after_the_other_with_an_execution_in_each() {
    let mut bench = Bench::new("crypto-mining");
    let id = start(&mut bench, &["444455556666", "111122223333"], &json!({}));
    bench.wait(5);
    let running = get(&mut bench, &id);
    let states = |e: &Value| -> Vec<String> {
        let steps = e["StepExecutions"].as_array().unwrap().iter();
        steps.map(|s| s["StepStatus"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(states(&running), ["InProgress", "Pending"]);
    // What runs in another account is not seen from here.
    let far = running["StepExecutions"][0]["Outputs"]["ExecutionId"][0].as_str().unwrap();
    let gone = bench.ssm_refused("GetAutomationExecution", &json!({ "AutomationExecutionId": far })).0;
    assert_eq!(gone, "AutomationExecutionNotFoundException");
    assert_eq!(children(&mut bench, &id), [json!(null); 0]);
    bench.wait(60);
    let ended = get(&mut bench, &id);
    assert_eq!(
        (states(&ended), ended["AutomationExecutionStatus"].as_str()),
        (vec!["Success".into(), "Success".into()], Some("Success"))
    );
    assert_eq!(ended["ProgressCounters"]["SuccessSteps"], 2);
    assert_eq!(ended["StepExecutions"][1]["TargetLocation"]["Regions"], json!(["eu-west-1"]));
    let here = children(&mut bench, &id);
    assert_eq!(here.len(), 1);
    assert_eq!((&here[0]["ParentAutomationExecutionId"], &here[0]["AutomationType"]), (&json!(id), &json!("Local")));
    assert!(bench.account().buckets["lumen-build-artifacts"].block.is_some());
    // The same token starts nothing anew; with other places it is refused.
    assert_eq!(start(&mut bench, &["444455556666", "111122223333"], &json!({})), id);
    let other = bench.ssm_refused("StartAutomationExecution", &asked(&["111122223333"], &json!({}))).0;
    assert_eq!(other, "IdempotentParameterMismatch");
}

#[test]
fn a_failure_stops_what_has_not_begun_unless_more_may_fail() {
    let mut bench = Bench::new("crypto-mining");
    let id = start(&mut bench, &["777788889999", "111122223333"], &json!({}));
    bench.wait(60);
    let ended = get(&mut bench, &id);
    assert_eq!(ended["AutomationExecutionStatus"], "Failed");
    assert_eq!(ended["StepExecutions"][0]["StepStatus"], "Failed");
    assert_eq!(ended["StepExecutions"][1]["StepStatus"], "Cancelled");
    assert!(bench.account().buckets["lumen-build-artifacts"].block.is_none());
    let mut bench = Bench::new("crypto-mining");
    let more = json!({ "TargetLocationMaxErrors": "50%", "TargetLocationMaxConcurrency": "100%" });
    let id = start(&mut bench, &["777788889999", "111122223333"], &more);
    bench.wait(60);
    assert_eq!(status(&mut bench, &id), "Success");
    assert!(bench.account().buckets["lumen-build-artifacts"].block.is_some());
}

#[test]
fn it_is_stopped_in_all_places() {
    let mut bench = Bench::new("crypto-mining");
    let more = json!({ "TargetLocationMaxConcurrency": "2" });
    let id = start(&mut bench, &["111122223333", "444455556666"], &more);
    bench.wait(5);
    bench.ssm("StopAutomationExecution", &json!({ "AutomationExecutionId": id }));
    bench.wait(60);
    assert_eq!(status(&mut bench, &id), "Cancelled");
    assert_eq!(children(&mut bench, &id)[0]["AutomationExecutionStatus"], "Cancelled");
    assert!(bench.account().buckets["lumen-build-artifacts"].block.is_none());
}

#[test]
fn places_are_held_to_the_service_model() {
    let mut bench = Bench::new("crypto-mining");
    let mut refused =
        |accounts: &[&str], more: &Value| bench.ssm_refused("StartAutomationExecution", &asked(accounts, more)).0;
    assert_eq!(refused(&[], &json!({})), "ValidationException");
    assert_eq!(refused(&["1"], &json!({})), "InvalidTarget");
    for more in [
        json!({ "ExecutionRoleName": "a b" }),
        json!({ "TargetLocationMaxConcurrency": "0" }),
        json!({ "TargetLocationMaxErrors": "101%" }),
        json!({ "Regions": [] }),
    ] {
        assert_eq!(refused(&["111122223333"], &more), "ValidationException", "{more}");
    }
    // A unit of the organization is all its accounts.
    let id = start(&mut bench, &["ou-1a2b-3c4d5e6f"], &json!({}));
    assert_eq!(get(&mut bench, &id)["StepExecutions"][0]["TargetLocation"]["Accounts"], json!(["444455556666"]));
}
