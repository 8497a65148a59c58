//! SendAutomationSignal and StopAutomationExecution.

use super::document::Values;
use super::locations;
use super::plan::{Does, value};
use super::run::{Execution, Status};
use super::{Failure, body, check_id, invalid, not_found};
use crate::simulator::call::Call;
use crate::simulator::world::World;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Signal {
    automation_execution_id: String,
    signal_type: String,
    #[serde(default)]
    payload: Values,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stop {
    automation_execution_id: String,
    #[serde(rename = "Type")]
    kind: Option<String>,
}

pub(super) fn send(world: &mut World, call: &Call) -> Result<Value, Failure> {
    let input: Signal = body(call)?;
    check_id(&input.automation_execution_id)?;
    let by = call.caller.arn.clone();
    let execution = find(world, call, &input.automation_execution_id)?;
    let at = call.now.simulated;
    match input.signal_type.as_str() {
        "Approve" => decide(execution, at, true, &by),
        "Reject" => decide(execution, at, false, &by),
        "StartStep" => start_step(execution, at, value(&input.payload, "StepName"), true),
        "Resume" => start_step(execution, at, value(&input.payload, "StepName"), false),
        "StopStep" => stop_step(execution, at, value(&input.payload, "StepExecutionId")),
        "Revoke" => Err(wrong()),
        _ => Err(invalid("1 validation error detected: Value at 'signalType' failed to satisfy constraint")),
    }?;
    Ok(json!({}))
}

fn find<'a>(world: &'a mut World, call: &Call, id: &str) -> Result<&'a mut Execution, Failure> {
    world.automations.find_mut(id, &call.region).ok_or_else(|| not_found(id))
}

fn wrong() -> Failure {
    let message = "The signal is not valid for the current Automation execution.";
    Failure::new("InvalidAutomationSignalException", 400, message)
}

fn no_step() -> Failure {
    let message = "The specified step name and execution ID do not exist.";
    Failure::new("AutomationStepNotFoundException", 400, message)
}

/// An approval ends the waiting step well, a rejection ends the execution.
fn decide(execution: &mut Execution, at: Timestamp, approve: bool, by: &str) -> Result<(), Failure> {
    let waiting = execution.step().is_some_and(|s| s.status == Status::Waiting && s.step.does == Does::Approve);
    if !waiting {
        return Err(wrong());
    }
    let step = execution.current;
    let word = if approve { "Approved" } else { "Rejected" };
    if let Some(step) = execution.steps.get_mut(step) {
        step.outputs.insert("ApprovalStatus".to_owned(), vec![word.to_owned()]);
        step.outputs.insert("ApproverDecisions".to_owned(), vec![format!("{by}: {word}")]);
    }
    match approve {
        true => execution.step_ends(Status::Success, at, None),
        false => execution.step_ends(Status::Failed, at, Some(format!("Approval was rejected by {by}."))),
    }
    Ok(())
}

/// Begins the named step of an execution that waits for it; `once` leaves it waiting again afterwards.
fn start_step(execution: &mut Execution, at: Timestamp, name: Option<&str>, once: bool) -> Result<(), Failure> {
    let name = name.ok_or_else(wrong)?;
    let index = execution.steps.iter().position(|s| s.step.name == name).ok_or_else(no_step)?;
    let waits = execution.interactive && execution.status == Status::Waiting;
    if !waits || index != execution.current || execution.step().is_some_and(|s| s.started.is_some()) {
        return Err(wrong());
    }
    execution.interactive = once;
    execution.start_step(at);
    Ok(())
}

/// Stops the running step; the execution ends with it.
fn stop_step(execution: &mut Execution, at: Timestamp, id: Option<&str>) -> Result<(), Failure> {
    let id = id.ok_or_else(wrong)?;
    let index = execution.steps.iter().position(|s| s.id == id).ok_or_else(no_step)?;
    let runs = execution.step().is_some_and(|s| matches!(s.status, Status::InProgress | Status::Waiting));
    if index != execution.current || !runs || execution.status.ended() {
        return Err(wrong());
    }
    execution.cancel(at);
    Ok(())
}

/// Cancel stops now, Complete after the running step. What was done stays done.
pub(super) fn stop(world: &mut World, call: &Call) -> Result<Value, Failure> {
    let input: Stop = body(call)?;
    check_id(&input.automation_execution_id)?;
    let kind = input.kind.as_deref().unwrap_or("Cancel");
    if !matches!(kind, "Cancel" | "Complete") {
        return Err(invalid("1 validation error detected: Value at 'type' failed to satisfy constraint"));
    }
    let at = call.now.simulated;
    let execution = find(world, call, &input.automation_execution_id)?;
    if execution.status.ended() || execution.status == Status::Cancelling {
        let message = "The specified update status operation is not valid.";
        return Err(Failure::new("InvalidAutomationStatusUpdateException", 400, message));
    }
    let running = execution.step().is_some_and(|s| s.status == Status::InProgress);
    match (kind, running) {
        ("Complete", true) => execution.stopping = true,
        _ => execution.cancel(at),
    }
    if execution.locations.is_some() {
        locations::stop(world, &input.automation_execution_id, at);
    }
    Ok(json!({}))
}
