//! Documents, executions and steps in the service's JSON.

use super::document::{Document, Parameter, VERSION};
use super::locations::{Location, Place};
use super::run::{Execution, Status, StepRun};
use crate::simulator::wire::epoch;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Members that have a value.
fn object(members: Vec<(&str, Option<Value>)>) -> Value {
    let given = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect::<Map<String, Value>>())
}

pub(super) fn document(document: &Document, account: &str) -> Value {
    let parameters: Value = document.parameters.iter().map(parameter).collect();
    json!({
        "Hash": hash(document.name, &parameters),
        "HashType": "Sha256",
        "Name": document.name,
        "Owner": if document.amazon { "Amazon" } else { account },
        "CreatedDate": 1_751_328_000.0,
        "Status": "Active",
        "DocumentVersion": VERSION,
        "LatestVersion": VERSION,
        "DefaultVersion": VERSION,
        "Description": document.description,
        "Parameters": parameters,
        "PlatformTypes": ["Windows", "Linux", "MacOS"],
        "DocumentType": "Automation",
        "SchemaVersion": "0.3",
        "DocumentFormat": "YAML",
        "Tags": [],
    })
}

/// AWS hashes the document's content, which nobody has here: what is known of it stands for it.
fn hash(name: &str, parameters: &Value) -> String {
    let digest = Sha256::digest(format!("{name}\n{VERSION}\n{parameters}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The values that are allowed stand in the description: the model has no member for them.
fn parameter(parameter: &Parameter) -> Value {
    let need = if parameter.default.is_some() { "Optional" } else { "Required" };
    let allowed = parameter.rule.allowed().map(|a| format!(" Allowed values: {}.", a.join(", "))).unwrap_or_default();
    object(vec![
        ("Name", Some(json!(parameter.name))),
        ("Type", Some(json!(if parameter.list { "StringList" } else { "String" }))),
        ("Description", Some(json!(format!("({need}) {}{allowed}", parameter.description)))),
        ("DefaultValue", parameter.default.map(|d| if parameter.list { json!("[]") } else { json!(d) })),
    ])
}

pub(super) fn execution(e: &Execution) -> Value {
    let mut execution = summary(e);
    if let Some(object) = execution.as_object_mut() {
        object.insert("Parameters".to_owned(), json!(e.parameters));
        object.insert("StepExecutions".to_owned(), e.steps.iter().enumerate().map(|(n, s)| step(e, n, s)).collect());
        object.insert("StepExecutionsTruncated".to_owned(), json!(false));
        if let Some(locations) = &e.locations {
            let asked = locations.asked.iter().map(Location::json).collect();
            object.insert("TargetLocations".to_owned(), asked);
            object.insert("ProgressCounters".to_owned(), counters(e));
        }
    }
    execution
}

/// What the list and the execution itself have in common.
pub(super) fn summary(e: &Execution) -> Value {
    let current = e.step().filter(|s| s.started.is_some() && !e.status.ended());
    object(vec![
        ("AutomationExecutionId", Some(json!(e.id))),
        ("DocumentName", Some(json!(e.document))),
        ("DocumentVersion", Some(json!(VERSION))),
        ("AutomationExecutionStatus", Some(json!(e.status.name()))),
        ("ExecutionStartTime", Some(epoch(e.started))),
        ("ExecutionEndTime", e.ended.map(epoch)),
        ("ExecutedBy", Some(json!(e.by))),
        ("Mode", Some(json!(if e.interactive { "Interactive" } else { "Auto" }))),
        ("ParentAutomationExecutionId", e.parent.as_ref().map(|parent| json!(parent))),
        ("CurrentStepName", current.map(|s| json!(s.name()))),
        ("CurrentAction", current.map(|s| json!(s.step.action))),
        ("FailureMessage", e.failure.as_ref().map(|f| json!(f))),
        ("Outputs", (!e.outputs.is_empty()).then(|| json!(e.outputs))),
        ("Targets", Some(json!([]))),
        ("ResolvedTargets", Some(json!({ "ParameterValues": [], "Truncated": false }))),
    ])
}

/// Whether it runs here, or in several places.
pub(super) fn kind(e: &Execution) -> &'static str {
    if e.locations.is_some() { "CrossAccount" } else { "Local" }
}

/// How many of an execution's places came to what.
fn counters(e: &Execution) -> Value {
    let count = |status| e.steps.iter().filter(|step| step.status == status).count();
    json!({
        "TotalSteps": e.steps.len(), "SuccessSteps": count(Status::Success), "FailedSteps": count(Status::Failed),
        "CancelledSteps": count(Status::Cancelled), "TimedOutSteps": count(Status::TimedOut),
    })
}

/// A member of the list of executions.
pub(super) fn metadata(e: &Execution) -> Value {
    let mut metadata = summary(e);
    if let Some(object) = metadata.as_object_mut() {
        object.insert("AutomationType".to_owned(), json!(kind(e)));
        object.insert("LogFile".to_owned(), json!(""));
    }
    metadata
}

pub(super) fn step(e: &Execution, n: usize, s: &StepRun) -> Value {
    let next = e.steps.get(n + 1).map(StepRun::name);
    let failed = matches!(s.status, Status::Failed | Status::TimedOut);
    let details = s.failure.as_ref().filter(|_| failed).map(|message| {
        json!({ "FailureStage": "Invocation", "FailureType": "ActionFailed", "Details": { "Message": [message] } })
    });
    object(vec![
        ("StepName", Some(json!(s.name()))),
        ("StepExecutionId", Some(json!(s.id))),
        ("Action", Some(json!(s.step.action))),
        ("StepStatus", Some(json!(s.status.name()))),
        ("ExecutionStartTime", s.started.map(epoch)),
        ("ExecutionEndTime", s.ended.map(epoch)),
        ("ResponseCode", (s.status == Status::Success).then(|| json!("0"))),
        ("Inputs", Some(json!({}))),
        ("Outputs", (!s.outputs.is_empty()).then(|| json!(s.outputs))),
        ("FailureMessage", s.failure.as_ref().map(|f| json!(f))),
        ("FailureDetails", details),
        ("OnFailure", Some(json!("Abort"))),
        ("MaxAttempts", Some(json!(1))),
        ("IsEnd", Some(json!(next.is_none()))),
        ("TargetLocation", s.place.as_ref().map(Place::json)),
        ("NextStep", next.as_ref().map(|n| json!(n))),
        ("IsCritical", Some(json!(true))),
        ("ValidNextSteps", Some(json!(next.into_iter().collect::<Vec<_>>()))),
    ])
}
