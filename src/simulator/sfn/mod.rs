//! AWS Step Functions (API version 2016-11-23): state machines and their runs, which end when their time has passed.

#[cfg(test)]
mod tests;

use super::account::RunState;
use super::call::Call;
use super::clock::later;
use super::scenario::Machine;
use super::wire::{Failure, Reply, epoch};
use super::world::World;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

const OPERATIONS: [&str; 4] = ["DescribeExecution", "DescribeStateMachine", "StartExecution", "StopExecution"];
/// The longest input in bytes and the longest name in characters (Step Functions API reference).
const INPUT: usize = 256 * 1024;
const NAME: usize = 80;

/// The operation of that name.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|known| *known == name)
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Input {
    state_machine_arn: String,
    execution_arn: String,
    name: Option<String>,
    input: Option<String>,
    error: Option<String>,
    cause: Option<String>,
}

fn input(call: &Call) -> Input {
    serde_json::from_slice(&call.body).unwrap_or_default()
}

/// The ARN of what an operation is about.
pub(super) fn resource(call: &Call) -> String {
    let input = input(call);
    if input.execution_arn.is_empty() { input.state_machine_arn } else { input.execution_arn }
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    let input = input(call);
    match call.operation {
        "DescribeStateMachine" => {
            let machine = machine(world, call, &input.state_machine_arn)?;
            Ok(described(world, machine, &input.state_machine_arn))
        }
        "StartExecution" => start(world, call, input),
        "StopExecution" => stop(world, call, input),
        _ => execution(world, call, &input.execution_arn),
    }
    .map(Reply::Json)
}

fn refused(code: &str, message: impl Into<String>) -> Failure {
    Failure::new(code, 400, message)
}

/// What stands behind `arn:…:states:region:account:` in an ARN of this account and region; none for another place.
fn own<'a>(world: &World, call: &Call, arn: &'a str) -> Result<Option<&'a str>, Failure> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "states", region, account, rest] = parts.as_slice() else {
        return Err(refused("InvalidArn", format!("Invalid Arn: 'Invalid ARN prefix: {arn}'")));
    };
    let here = *region == world.scenario.region && *region == call.region && *account == world.scenario.account;
    Ok(Some(*rest).filter(|_| here))
}

fn machine<'a>(world: &'a World, call: &Call, arn: &str) -> Result<&'a Machine, Failure> {
    let name = own(world, call, arn)?.and_then(|rest| rest.strip_prefix("stateMachine:"));
    let found = world.scenario.machines.iter().find(|machine| Some(machine.name.as_str()) == name);
    found.ok_or_else(|| refused("StateMachineDoesNotExist", format!("State Machine Does Not Exist: '{arn}'")))
}

fn described(world: &World, machine: &Machine, arn: &str) -> Value {
    let encryption = match &machine.key {
        None => json!({ "type": "AWS_OWNED_KEY" }),
        Some(key) => json!({
            "type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": key, "kmsDataKeyReusePeriodSeconds": 300,
        }),
    };
    json!({
        "encryptionConfiguration": encryption,
        "stateMachineArn": arn,
        "name": machine.name,
        "status": "ACTIVE",
        "definition": json!({ "StartAt": "Page", "States": { "Page": { "Type": "Succeed" } } }).to_string(),
        "roleArn": format!("arn:aws:iam::{}:role/{}", world.scenario.account, machine.role),
        "type": if machine.express { "EXPRESS" } else { "STANDARD" },
        "creationDate": epoch(world.account.made),
        "loggingConfiguration": { "level": "OFF", "includeExecutionData": false },
    })
}

fn start(world: &mut World, call: &Call, input: Input) -> Result<Value, Failure> {
    let arn = &input.state_machine_arn;
    let machine = machine(world, call, arn)?.clone();
    let text = input.input.unwrap_or_else(|| "{}".to_owned());
    if text.len() > INPUT || serde_json::from_str::<Value>(&text).is_err() {
        return Err(refused("InvalidExecutionInput", "Invalid State Machine Execution Input"));
    }
    let name = input.name.unwrap_or_else(|| world.chance.uuid("execution", world.answered));
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || name.len() > NAME || !name.chars().all(word) {
        return Err(refused("InvalidName", format!("Invalid Name: '{name}'")));
    }
    let sort = if machine.express { "express" } else { "execution" };
    let execution = arn.replace(":stateMachine:", &format!(":{sort}:")) + ":" + &name;
    let ends = later(call.now.simulated, SignedDuration::from_secs(machine.seconds));
    let new = RunState {
        machine: arn.clone(),
        name,
        input: text,
        started: call.now.simulated,
        ends,
        fails: machine.fails,
        stopped: None,
    };
    match world.account.runs.get(&execution) {
        // The same name and input is the same run as long as it goes on.
        Some(run) if run.input != new.input || run.ends <= call.now.simulated => {
            Err(refused("ExecutionAlreadyExists", format!("Execution Already Exists: '{execution}'")))
        }
        Some(run) => Ok(json!({ "executionArn": execution, "startDate": epoch(run.started) })),
        None => {
            let started = epoch(new.started);
            if !machine.express {
                world.account.runs.insert(execution.clone(), new);
            }
            Ok(json!({ "executionArn": execution, "startDate": started }))
        }
    }
}

/// A run that has ended stays as it ended.
fn stop(world: &mut World, call: &Call, input: Input) -> Result<Value, Failure> {
    let arn = &input.execution_arn;
    for (name, text, most) in [("error", &input.error, 256), ("cause", &input.cause, 32_768)] {
        if text.as_ref().is_some_and(|text| text.chars().count() > most) {
            let message = format!("1 validation error detected: Value at '{name}' failed to satisfy constraint");
            return Err(refused("ValidationException", message));
        }
    }
    own(world, call, arn)?;
    execution(world, call, arn)?;
    let now = call.now.simulated;
    let run = world.account.runs.get_mut(arn);
    let run = run.ok_or_else(|| refused("ExecutionDoesNotExist", format!("Execution Does Not Exist: '{arn}'")))?;
    if run.ends > now {
        (run.ends, run.stopped) = (now, Some((input.error, input.cause)));
    }
    Ok(json!({ "stopDate": epoch(run.ends) }))
}

fn execution(world: &World, call: &Call, arn: &str) -> Result<Value, Failure> {
    let run = own(world, call, arn)?.and_then(|_| world.account.runs.get(arn));
    let run = run.ok_or_else(|| refused("ExecutionDoesNotExist", format!("Execution Does Not Exist: '{arn}'")))?;
    let mut found = json!({
        "executionArn": arn,
        "stateMachineArn": run.machine,
        "name": run.name,
        "status": "RUNNING",
        "startDate": epoch(run.started),
        "input": run.input,
        "inputDetails": { "included": true },
    });
    if run.ends <= call.now.simulated {
        found["stopDate"] = epoch(run.ends);
        if let Some((error, cause)) = &run.stopped {
            found["status"] = "ABORTED".into();
            for (name, text) in [("error", error), ("cause", cause)] {
                if let Some(text) = text {
                    found[name] = text.as_str().into();
                }
            }
            return Ok(found);
        }
        found["status"] = if run.fails { "FAILED" } else { "SUCCEEDED" }.into();
        match run.fails {
            true => {
                found["error"] = "States.TaskFailed".into();
                found["cause"] = "Nobody is on call.".into();
            }
            false => {
                found["output"] = run.input.as_str().into();
                found["outputDetails"] = json!({ "included": true });
            }
        }
    }
    Ok(found)
}
