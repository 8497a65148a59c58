//! Systems Manager (API version 2014-11-06), as far as Automation goes: documents, executions, steps, signals.

mod document;
mod effect;
mod json;
mod list;
mod locations;
mod plan;
mod remedies;
mod run;
mod signal;
mod solution;
mod solution_on;
mod start;
#[cfg(test)]
mod tests;

pub(super) use run::Automations;

use super::call::Call;
use super::wire::{Failure, Reply};
use super::world::World;
use run::Execution;
use serde::Deserialize;
use serde_json::{Value, json};

const OPERATIONS: [&str; 7] = [
    "DescribeDocument",
    "StartAutomationExecution",
    "GetAutomationExecution",
    "DescribeAutomationExecutions",
    "DescribeAutomationStepExecutions",
    "StopAutomationExecution",
    "SendAutomationSignal",
];

/// The operation of that name.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|known| *known == name)
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    match call.operation {
        "DescribeDocument" => describe_document(world, call),
        "StartAutomationExecution" => start::answer(world, call),
        "GetAutomationExecution" => {
            let input: Named = body(call)?;
            let execution = json::execution(find(world, call, &input.automation_execution_id)?);
            Ok(json!({ "AutomationExecution": execution }))
        }
        "DescribeAutomationExecutions" => list::executions(world, call),
        "DescribeAutomationStepExecutions" => list::steps(world, call),
        "StopAutomationExecution" => signal::stop(world, call),
        _ => signal::send(world, call),
    }
    .map(Reply::Json)
}

/// Lets the next automation step that is due happen.
pub(super) fn happen(world: &mut World) {
    run::happen(world);
}

/// The ARN of what an operation is about.
pub(super) fn resource(world: &World, call: &Call) -> String {
    let (region, account) = (&call.region, &world.scenario.account);
    let input: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    match (text("DocumentName"), text("AutomationExecutionId"), text("Name")) {
        (Some(name), ..) => {
            let version = text("DocumentVersion").unwrap_or("$DEFAULT");
            format!("arn:aws:ssm:{region}:{account}:automation-definition/{name}:{version}")
        }
        (None, Some(id), _) => format!("arn:aws:ssm:{region}:{account}:automation-execution/{id}"),
        (None, None, Some(name)) => format!("arn:aws:ssm:{region}:{account}:document/{name}"),
        _ => "*".to_owned(),
    }
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new("ValidationException", 400, message)
}

fn body<T: for<'a> Deserialize<'a>>(call: &Call) -> Result<T, Failure> {
    let text: &[u8] = if call.body.is_empty() { b"{}" } else { &call.body };
    serde_json::from_slice(text).map_err(|e| invalid(format!("1 validation error detected: {e}")))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    automation_execution_id: String,
}

fn find<'a>(world: &'a World, call: &Call, id: &str) -> Result<&'a Execution, Failure> {
    check_id(id)?;
    world.automations.find(id, &call.region).ok_or_else(|| not_found(id))
}

fn check_id(id: &str) -> Result<(), Failure> {
    if id.len() == 36 {
        return Ok(());
    }
    Err(invalid(format!(
        "1 validation error detected: Value '{id}' at 'automationExecutionId' failed to satisfy constraint: \
         Member must have length equal to 36"
    )))
}

/// The model's pattern of a document's name.
fn check_name(name: &str, member: &str) -> Result<(), Failure> {
    let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:/".contains(&b));
    if letters && (3..=128).contains(&name.len()) {
        return Ok(());
    }
    Err(invalid(format!(
        "1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: ^[a-zA-Z0-9_\\-.:/]{{3,128}}$"
    )))
}

fn not_found(id: &str) -> Failure {
    let message = format!("Automation execution with ID {id} was not found.");
    Failure::new("AutomationExecutionNotFoundException", 400, message)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Describe {
    name: String,
    document_version: Option<String>,
}

fn describe_document(world: &World, call: &Call) -> Result<Value, Failure> {
    let input: Describe = body(call)?;
    check_name(&input.name, "name")?;
    let missing = || Failure::new("InvalidDocument", 400, format!("Document with name {} does not exist.", input.name));
    let document = document::named(&input.name).ok_or_else(missing)?;
    if !document::version_known(input.document_version.as_deref()) {
        let message = "The document version is not valid or does not exist.";
        return Err(Failure::new("InvalidDocumentVersion", 400, message));
    }
    Ok(json!({ "Document": json::document(document, &world.scenario.account) }))
}
