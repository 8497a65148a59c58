//! Lists of executions and of steps.

use super::{INSTANCE, contain, start};
use crate::simulator::testing::Bench;
use serde_json::{Value, json};

fn ids(bench: &mut Bench, key: &str, values: &Value) -> Vec<String> {
    let body = json!({ "Filters": [{ "Key": key, "Values": values }] });
    let answer = bench.ssm("DescribeAutomationExecutions", &body);
    let list = answer["AutomationExecutionMetadataList"].as_array().unwrap();
    list.iter().map(|e| e["AutomationExecutionId"].as_str().unwrap().to_owned()).collect()
}

/// Two executions: one has ended, the other began a minute later and waits; it has a tag.
fn two(bench: &mut Bench) -> (String, String) {
    let ended = start(bench, "AWSSupport-ContainEC2Instance", &contain("true"));
    bench.wait(60);
    let body = json!({
        "DocumentName": "Custom-ApproveThenStop",
        "Parameters": { "InstanceId": [INSTANCE] },
        "Tags": [{ "Key": "quell:session", "Value": "s-42" }],
    });
    let waiting = bench.ssm("StartAutomationExecution", &body)["AutomationExecutionId"].as_str().unwrap().to_owned();
    bench.wait(60);
    (ended, waiting)
}

#[test]
fn executions_are_filtered() {
    let mut bench = Bench::new("crypto-mining");
    let (ended, waiting) = two(&mut bench);
    let (first, second) = (vec![ended.clone()], vec![waiting.clone()]);
    for (key, values, expected) in [
        ("ExecutionStatus", json!(["Success"]), first.clone()),
        ("ExecutionStatus", json!(["Success", "Waiting"]), vec![waiting.clone(), ended.clone()]),
        ("DocumentNamePrefix", json!(["AWSSupport-"]), first.clone()),
        ("ExecutionId", json!([waiting]), second.clone()),
        ("CurrentAction", json!(["aws:approve"]), second.clone()),
        ("StartTimeBefore", json!(["2026-11-21T10:00:30Z"]), first),
        ("StartTimeAfter", json!(["2026-11-21T10:00:30Z"]), second.clone()),
        ("TagKey", json!(["quell:session"]), second),
        ("TagKey", json!(["other"]), vec![]),
        ("ParentExecutionId", json!([ended]), vec![]),
        ("AutomationType", json!(["Local"]), vec![waiting, ended]),
    ] {
        assert_eq!(ids(&mut bench, key, &values), expected, "{key} {values}");
    }
}

#[test]
fn what_is_empty_is_left_out() {
    let mut bench = Bench::new("crypto-mining");
    let id = start(&mut bench, "AWSSupport-ContainEC2Instance", &contain("true"));
    let mut seen = vec![super::get(&mut bench, &id)];
    seen.push(bench.ssm("DescribeAutomationExecutions", &json!({}))["AutomationExecutionMetadataList"][0].clone());
    let steps = bench.ssm("DescribeAutomationStepExecutions", &json!({ "AutomationExecutionId": id }));
    seen.extend(steps["StepExecutions"].as_array().unwrap().iter().cloned());
    assert_eq!(seen.len(), 8);
    for value in seen {
        assert!(value.get("Outputs").is_none() && value.get("OverriddenParameters").is_none(), "{value}");
    }
}

#[test]
fn executions_are_paged_with_the_newest_first() {
    let mut bench = Bench::new("crypto-mining");
    let (ended, waiting) = two(&mut bench);
    let page = bench.ssm("DescribeAutomationExecutions", &json!({ "MaxResults": 1 }));
    assert_eq!(page["AutomationExecutionMetadataList"][0]["AutomationExecutionId"], waiting);
    let page = bench.ssm("DescribeAutomationExecutions", &json!({ "MaxResults": 1, "NextToken": page["NextToken"] }));
    assert_eq!(page["AutomationExecutionMetadataList"][0]["AutomationExecutionId"], ended);
    assert!(page.get("NextToken").is_none());
}

#[test]
fn steps_are_filtered_and_paged() {
    let mut bench = Bench::new("crypto-mining");
    let (_, waiting) = two(&mut bench);
    let steps = |bench: &mut Bench, more: Value| {
        let mut body = json!({ "AutomationExecutionId": waiting });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = bench.ssm("DescribeAutomationStepExecutions", &body);
        let names =
            answer["StepExecutions"].as_array().unwrap().iter().map(|s| s["StepName"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), answer["NextToken"].clone())
    };
    let all = ["DescribeTarget", "ApproveStop", "StopTarget", "ConfirmStopped"];
    assert_eq!(steps(&mut bench, json!({})).0, all);
    let filter = |key: &str, value: &str| json!({ "Filters": [{ "Key": key, "Values": [value] }] });
    assert_eq!(steps(&mut bench, filter("StepExecutionStatus", "Waiting")).0, ["ApproveStop"]);
    assert_eq!(steps(&mut bench, filter("Action", "aws:executeAwsApi")).0, ["DescribeTarget"]);
    assert_eq!(steps(&mut bench, filter("StartTimeAfter", "2026-11-21T10:01:03Z")).0, ["ApproveStop"]);
    let (page, token) = steps(&mut bench, json!({ "MaxResults": 3, "ReverseOrder": true }));
    assert_eq!(page, ["ConfirmStopped", "StopTarget", "ApproveStop"]);
    let (page, token) = steps(&mut bench, json!({ "MaxResults": 3, "ReverseOrder": true, "NextToken": token }));
    assert_eq!((page, token), (vec!["DescribeTarget".to_owned()], Value::Null));
}

#[test]
fn what_lists_refuse() {
    let mut bench = Bench::new("quiet");
    let filter = |key: &str, values: Value| json!({ "Filters": [{ "Key": key, "Values": values }] });
    for (body, code) in [
        (json!({ "MaxResults": 51 }), "ValidationException"),
        (json!({ "NextToken": "stale" }), "InvalidNextToken"),
        (filter("Colour", json!(["red"])), "InvalidFilterKey"),
        (filter("ExecutionStatus", json!([])), "InvalidFilterValue"),
        (filter("StartTimeAfter", json!(["yesterday"])), "InvalidFilterValue"),
        (filter("ExecutionStatus", json!(["Perhaps"])), "InvalidFilterValue"),
    ] {
        assert_eq!(bench.ssm_refused("DescribeAutomationExecutions", &body).0, code, "{body}");
    }
}
