//! Approvals, steps by hand, and stopping.

use super::{INSTANCE, contain, get, start, status};
use crate::simulator::testing::Bench;
use serde_json::{Value, json};

fn signal(bench: &mut Bench, id: &str, kind: &str, payload: &Value) {
    let body = json!({ "AutomationExecutionId": id, "SignalType": kind, "Payload": payload });
    bench.ssm("SendAutomationSignal", &body);
}

fn refused(bench: &mut Bench, id: &str, kind: &str, payload: &Value) -> String {
    let body = json!({ "AutomationExecutionId": id, "SignalType": kind, "Payload": payload });
    bench.ssm_refused("SendAutomationSignal", &body).0
}

fn waiting(bench: &mut Bench) -> String {
    let id = start(bench, "Custom-ApproveThenStop", &json!({ "InstanceId": [INSTANCE] }));
    assert_eq!(refused(bench, &id, "Approve", &json!({})), "InvalidAutomationSignalException", "it does not wait yet");
    bench.wait(3600);
    let execution = get(bench, &id);
    assert_eq!(execution["AutomationExecutionStatus"], "Waiting");
    assert_eq!(
        (&execution["CurrentStepName"], &execution["CurrentAction"]),
        (&json!("ApproveStop"), &json!("aws:approve"))
    );
    id
}

#[test]
fn an_approval_lets_the_execution_go_on() {
    let mut bench = Bench::new("crypto-mining");
    let id = waiting(&mut bench);
    signal(&mut bench, &id, "Approve", &json!({ "Comment": ["go"] }));
    bench.wait(24);
    assert!(bench.account().instances[INSTANCE].running);
    bench.wait(1);
    assert_eq!(status(&mut bench, &id), "InProgress");
    assert!(!bench.account().instances[INSTANCE].running);
    bench.wait(12);
    let execution = get(&mut bench, &id);
    assert_eq!(execution["AutomationExecutionStatus"], "Success");
    assert_eq!(execution["StepExecutions"][1]["Outputs"]["ApprovalStatus"], json!(["Approved"]));
    assert_eq!(refused(&mut bench, &id, "Approve", &json!({})), "InvalidAutomationSignalException");
}

#[test]
fn a_rejection_ends_it_and_nobody_s_answer_times_out() {
    let mut bench = Bench::new("crypto-mining");
    let id = waiting(&mut bench);
    signal(&mut bench, &id, "Reject", &json!({}));
    let execution = get(&mut bench, &id);
    assert_eq!(execution["AutomationExecutionStatus"], "Failed");
    assert!(execution["FailureMessage"].as_str().unwrap().contains("user/quell-responder"));
    let id = waiting(&mut bench);
    bench.wait(7 * 24 * 3600);
    assert_eq!(status(&mut bench, &id), "TimedOut");
    assert!(bench.account().instances[INSTANCE].running);
}

#[test]
fn steps_are_run_by_hand_in_interactive_mode() {
    let mut bench = Bench::new("crypto-mining");
    let body = json!({ "DocumentName": "AWSSupport-ContainEC2Instance", "Parameters": contain("true"), "Mode": "Interactive" });
    let id = bench.ssm("StartAutomationExecution", &body)["AutomationExecutionId"].as_str().unwrap().to_owned();
    bench.wait(60);
    assert_eq!(status(&mut bench, &id), "Waiting");
    let step = |name: &str| json!({ "StepName": [name] });
    assert_eq!(refused(&mut bench, &id, "StartStep", &step("Nothing")), "AutomationStepNotFoundException");
    assert_eq!(refused(&mut bench, &id, "StartStep", &step("ReportContain")), "InvalidAutomationSignalException");
    signal(&mut bench, &id, "StartStep", &step("ValidateRequiredInputs"));
    bench.wait(3);
    let execution = get(&mut bench, &id);
    assert_eq!(execution["StepExecutions"][0]["StepStatus"], "Success");
    assert_eq!(execution["AutomationExecutionStatus"], "Waiting");
    signal(&mut bench, &id, "Resume", &step("AssertInstanceIsNotTerminated"));
    bench.wait(60);
    assert_eq!(status(&mut bench, &id), "Success");
}

#[test]
fn a_step_is_stopped_by_its_execution_id() {
    let mut bench = Bench::new("crypto-mining");
    let id = start(&mut bench, "AWSSupport-ContainEC2Instance", &contain("false"));
    bench.wait(3);
    let steps = get(&mut bench, &id)["StepExecutions"].clone();
    let step = |n: usize| json!({ "StepExecutionId": [steps[n]["StepExecutionId"]] });
    assert_eq!(
        refused(&mut bench, &id, "StopStep", &json!({ "StepExecutionId": ["x"] })),
        "AutomationStepNotFoundException"
    );
    assert_eq!(refused(&mut bench, &id, "StopStep", &step(3)), "InvalidAutomationSignalException");
    signal(&mut bench, &id, "StopStep", &step(0));
    bench.wait(3);
    let execution = get(&mut bench, &id);
    assert_eq!(execution["AutomationExecutionStatus"], "Cancelled");
    assert_eq!(execution["StepExecutions"][0]["StepStatus"], "Cancelled");
}

#[test]
fn stopping_leaves_what_was_done() {
    let mut bench = Bench::new("crypto-mining");
    let id = start(&mut bench, "AWSSupport-ContainEC2Instance", &contain("false"));
    bench.wait(40);
    let stop = json!({ "AutomationExecutionId": id });
    bench.ssm("StopAutomationExecution", &stop);
    assert_eq!(status(&mut bench, &id), "Cancelling");
    assert_eq!(bench.ssm_refused("StopAutomationExecution", &stop).0, "InvalidAutomationStatusUpdateException");
    bench.wait(60);
    let execution = get(&mut bench, &id);
    assert_eq!(execution["AutomationExecutionStatus"], "Cancelled");
    // Half done: the instance is in the group that lets everything through.
    assert!(bench.account().instances[INSTANCE].groups[0].1.starts_with("all-access_"));
    assert_eq!(bench.ssm_refused("StopAutomationExecution", &stop).0, "InvalidAutomationStatusUpdateException");
}

#[test]
fn complete_lets_the_running_step_end() {
    let mut bench = Bench::new("crypto-mining");
    let id = start(&mut bench, "AWSSupport-ContainEC2Instance", &contain("false"));
    bench.wait(30);
    bench.ssm("StopAutomationExecution", &json!({ "AutomationExecutionId": id, "Type": "Complete" }));
    assert_eq!(get(&mut bench, &id)["CurrentStepName"], "CreateAllAccessSecurityGroup");
    bench.wait(8);
    let execution = get(&mut bench, &id);
    assert_eq!(execution["AutomationExecutionStatus"], "Cancelled");
    assert_eq!(execution["StepExecutions"][7]["StepStatus"], "Success");
    assert_eq!(execution["StepExecutions"][8]["StepStatus"], "Pending");
    let wrong = json!({ "AutomationExecutionId": id, "Type": "Pause" });
    assert_eq!(bench.ssm_refused("StopAutomationExecution", &wrong).0, "ValidationException");
}
