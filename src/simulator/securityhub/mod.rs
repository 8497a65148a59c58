//! Security Hub (API version 2018-10-26): findings of GuardDuty and of controls, their workflow, imported findings.

mod asff;
mod control;
mod filter;
mod import;
mod sort;
#[cfg(test)]
mod tests;
mod ticket;
mod update;

use super::call::Call;
use super::clock::later;
use super::page;
use super::wire::{Failure, Reply, millis};
use super::world::World;
use filter::Filters;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sort::Order;
use std::collections::BTreeMap;

/// What Security Hub keeps besides what it is told.
#[derive(Clone, Debug, Default)]
pub(super) struct Hub {
    /// Fields that BatchUpdateFindings set, by finding id.
    changes: BTreeMap<String, Map<String, Value>>,
    imported: Vec<Value>,
    tickets: ticket::Tickets,
}

impl Hub {
    /// A finding that was archived is active again: a workflow that had got on starts anew.
    pub fn reopened(&mut self, id: &str) {
        let status = self.changes.get_mut(id).and_then(|c| c.get_mut("Workflow")).and_then(|w| w.get_mut("Status"));
        if let Some(status) = status
            && (status == "RESOLVED" || status == "NOTIFIED")
        {
            *status = json!("NEW");
        }
    }
}

/// The operation that a method and path stand for.
pub(super) fn route(method: &str, path: &str) -> Option<&'static str> {
    Some(match (method, path.trim_end_matches('/')) {
        ("GET", "/accounts") => "DescribeHub",
        ("POST", "/findings") => "GetFindings",
        ("PATCH", "/findings/batchupdate") => "BatchUpdateFindings",
        ("POST", "/findings/import") => "BatchImportFindings",
        ("POST", "/findingsv2") => "GetFindingsV2",
        ("POST", "/ticketsv2") => "CreateTicketV2",
        ("GET", path) if path.starts_with(CONNECTORS) => "GetConnectorV2",
        _ => return None,
    })
}

const CONNECTORS: &str = "/connectorsv2/";

/// What a path names besides its operation.
pub(super) fn argument(path: &str) -> &str {
    path.strip_prefix(CONNECTORS).unwrap_or_default()
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    if call.region != world.scenario.region {
        let message = format!("Account {} is not subscribed to AWS Security Hub", world.scenario.account);
        return Err(Failure::new("InvalidAccessException", 401, message));
    }
    match call.operation {
        "DescribeHub" => describe_hub(world, call),
        "GetFindings" => get_findings(world, call),
        "GetFindingsV2" => ticket::get_findings(world, call),
        "GetConnectorV2" => ticket::get_connector(world, call),
        "CreateTicketV2" => ticket::create(world, call),
        "BatchUpdateFindings" => update::answer(world, call),
        _ => import::answer(world, call),
    }
    .map(Reply::Json)
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new("InvalidInputException", 400, message)
}

fn body<T: for<'a> Deserialize<'a>>(call: &Call) -> Result<T, Failure> {
    let text: &[u8] = if call.body.is_empty() { b"{}" } else { &call.body };
    serde_json::from_slice(text).map_err(|e| invalid(format!("Invalid request body: {e}")))
}

fn describe_hub(world: &World, call: &Call) -> Result<Value, Failure> {
    let arn = format!("arn:aws:securityhub:{}:{}:hub/default", call.region, world.scenario.account);
    if call.query("HubArn").is_some_and(|wanted| wanted != arn) {
        return Err(invalid("Invalid parameter 'HubArn'."));
    }
    Ok(json!({
        "HubArn": arn,
        "SubscribedAt": "2025-03-04T10:20:30.000Z",
        "AutoEnableControls": true,
        "ControlFindingGenerator": "SECURITY_CONTROL",
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetFindings {
    #[serde(default)]
    filters: Filters,
    #[serde(default)]
    sort_criteria: Vec<Order>,
    next_token: Option<String>,
    max_results: Option<u64>,
}

fn get_findings(world: &World, call: &Call) -> Result<Value, Failure> {
    let input: GetFindings = body(call)?;
    let size = input.max_results.unwrap_or(10);
    if !(1..=100).contains(&size) {
        return Err(invalid("Invalid parameter 'MaxResults'. Valid values are 1 to 100."));
    }
    input.filters.check()?;
    let mut found: Vec<Value> = findings(world);
    found.retain(|finding| input.filters.hold(finding, call.now.simulated));
    sort::apply(&mut found, &input.sort_criteria)?;
    let (page, next) = page::of(&found, input.next_token.as_deref(), size as usize, "securityhub")
        .ok_or_else(|| invalid("Invalid parameter 'NextToken'."))?;
    let mut answer = json!({ "Findings": page });
    if let (Some(object), Some(next)) = (answer.as_object_mut(), next) {
        object.insert("NextToken".to_owned(), json!(next));
    }
    Ok(answer)
}

/// Everything that the hub holds, as it stands now.
fn findings(world: &World) -> Vec<Value> {
    let guardduty = world.findings.values().map(|finding| asff::finding(world, finding));
    let controls = world.scenario.controls.iter().enumerate().map(|(n, c)| control::finding(world, c, n as u64));
    guardduty.chain(controls).chain(world.hub.imported.iter().cloned()).map(|f| changed(world, f)).collect()
}

/// A finding with what its workflow changed.
fn changed(world: &World, mut finding: Value) -> Value {
    let changes = finding.get("Id").and_then(Value::as_str).and_then(|id| world.hub.changes.get(id));
    if let (Some(object), Some(changes)) = (finding.as_object_mut(), changes) {
        object.extend(changes.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    finding
}

/// The ARN of a product of AWS's own.
fn product(world: &World, name: &str) -> String {
    format!("arn:aws:securityhub:{}::product/aws/{name}", world.scenario.region)
}

/// Label and number of a severity from 0 to 100 (ASFF, Severity).
fn label(normalized: i64) -> &'static str {
    match normalized {
        ..=0 => "INFORMATIONAL",
        1..=39 => "LOW",
        40..=69 => "MEDIUM",
        70..=89 => "HIGH",
        90.. => "CRITICAL",
    }
}

/// The number that a label alone stands for.
fn normalized(label: &str) -> i64 {
    match label {
        "LOW" => 1,
        "MEDIUM" => 40,
        "HIGH" => 70,
        "CRITICAL" => 90,
        _ => 0,
    }
}

/// Fields that findings of AWS's own products share.
fn frame(world: &World, created: jiff::Timestamp, updated: jiff::Timestamp) -> Map<String, Value> {
    let mut frame = Map::new();
    for (name, value) in [
        ("SchemaVersion", json!("2018-10-08")),
        ("AwsAccountId", json!(world.scenario.account)),
        ("AwsAccountName", json!(world.scenario.account_name)),
        ("Region", json!(world.scenario.region)),
        ("CreatedAt", json!(millis(created))),
        ("UpdatedAt", json!(millis(updated))),
        ("ProcessedAt", json!(millis(later(updated, jiff::SignedDuration::from_millis(1_700))))),
        ("WorkflowState", json!("NEW")),
        ("Workflow", json!({ "Status": "NEW" })),
        ("RecordState", json!("ACTIVE")),
        ("Sample", json!(false)),
    ] {
        frame.insert(name.to_owned(), value);
    }
    frame
}
