//! BatchImportFindings: findings of a product of one's own, under the account's default product ARN.

use super::{Failure, body, invalid, label, normalized};
use crate::simulator::call::Call;
use crate::simulator::front;
use crate::simulator::world::World;
use serde::Deserialize;
use serde_json::{Value, json};

/// The largest finding, in bytes.
const LARGEST: usize = 240 * 1024;

const REQUIRED: [&str; 10] = [
    "SchemaVersion",
    "Id",
    "ProductArn",
    "GeneratorId",
    "AwsAccountId",
    "CreatedAt",
    "UpdatedAt",
    "Title",
    "Description",
    "Resources",
];

const LABELS: [&str; 5] = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchImport {
    findings: Option<Vec<Value>>,
}

pub(super) fn answer(world: &mut World, call: &Call) -> Result<Value, Failure> {
    let findings = body::<BatchImport>(call)?.findings.unwrap_or_default();
    if findings.is_empty() || findings.len() > 100 {
        return Err(invalid("Invalid parameter 'Findings'. You can import 1 to 100 findings."));
    }
    let account = world.scenario.account.clone();
    let ours = format!("arn:aws:securityhub:{}:{account}:product/{account}/default", call.region);
    let mut products = findings.iter().filter_map(|f| f.get("ProductArn")?.as_str());
    if let Some(product) = products.find(|arn| *arn != ours) {
        return Err(front::denied(call.service, &call.caller, &call.action(), product, ""));
    }
    let mut failed = Vec::new();
    let total = findings.len();
    for finding in findings {
        match fault(&finding, &account) {
            None => take(world, finding),
            Some(message) => {
                let id = finding.get("Id").and_then(Value::as_str).unwrap_or_default();
                failed.push(json!({ "Id": id, "ErrorCode": "InvalidInput", "ErrorMessage": message }));
            }
        }
    }
    Ok(json!({ "FailedCount": failed.len(), "SuccessCount": total - failed.len(), "FailedFindings": failed }))
}

/// What is wrong with a finding.
fn fault(finding: &Value, account: &str) -> Option<String> {
    let format = |what: String| Some(format!("Finding does not adhere to Amazon Finding Format. {what}."));
    if finding.to_string().len() > LARGEST {
        return Some("Finding size is greater than 240 KB.".to_owned());
    }
    if let Some(name) = REQUIRED.iter().find(|name| finding.get(name).is_none()) {
        return format(format!("data should have required property '{name}'"));
    }
    let rated = finding.get("FindingProviderFields").is_some();
    if !rated && (finding.get("Severity").is_none() || finding.get("Types").is_none()) {
        return format("data should have required property 'FindingProviderFields'".to_owned());
    }
    for name in ["CreatedAt", "UpdatedAt"] {
        let moment = finding.get(name).and_then(Value::as_str).and_then(|t| t.parse::<jiff::Timestamp>().ok());
        if moment.is_none() {
            return format(format!("data.{name} should match format \"date-time\""));
        }
    }
    for pointer in ["/Severity/Label", "/FindingProviderFields/Severity/Label"] {
        let label = finding.pointer(pointer);
        if label.is_some_and(|l| !l.as_str().is_some_and(|l| LABELS.contains(&l))) {
            return format(format!("data{} should be equal to one of the allowed values", pointer.replace('/', ".")));
        }
    }
    let resources = finding.get("Resources").and_then(Value::as_array).filter(|r| !r.is_empty());
    let named =
        |r: &Value| ["Type", "Id"].iter().all(|n| r.get(n).and_then(Value::as_str).is_some_and(|t| !t.is_empty()));
    match resources {
        None => return format("data.Resources should NOT have fewer than 1 items".to_owned()),
        Some(r) if !r.iter().all(named) => return format("data.Resources should have Type and Id".to_owned()),
        Some(_) => {}
    }
    if finding.get("AwsAccountId").and_then(Value::as_str) != Some(account) {
        return Some("The account that calls is not the finding's AwsAccountId.".to_owned());
    }
    None
}

/// A new finding, or a later version of one that is known; an earlier one changes nothing.
fn take(world: &mut World, mut finding: Value) {
    complete(&mut finding);
    let moment = |f: &Value| f.get("UpdatedAt").and_then(Value::as_str).and_then(|t| t.parse::<jiff::Timestamp>().ok());
    let known = world.hub.imported.iter_mut().find(|f| f.get("Id") == finding.get("Id"));
    match known {
        Some(known) if moment(known) < moment(&finding) => *known = finding,
        Some(_) => {}
        None => world.hub.imported.push(finding),
    }
}

/// Security Hub fills what the finder left out.
fn complete(finding: &mut Value) {
    let given = |pointer: &str| finding.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let by_label = given("/Severity/Label").or_else(|| given("/FindingProviderFields/Severity/Label"));
    let number = finding.pointer("/Severity/Normalized").and_then(Value::as_i64);
    let severity = by_label.unwrap_or_else(|| label(number.unwrap_or_default()).to_owned());
    let number = number.unwrap_or_else(|| normalized(&severity));
    let types = finding.get("Types").or_else(|| finding.pointer("/FindingProviderFields/Types")).cloned();
    let Some(object) = finding.as_object_mut() else { return };
    object.insert("Severity".to_owned(), json!({ "Label": severity, "Normalized": number }));
    object.insert("Types".to_owned(), types.unwrap_or_else(|| json!([])));
    for (name, value) in [
        ("Workflow", json!({ "Status": "NEW" })),
        ("WorkflowState", json!("NEW")),
        ("RecordState", json!("ACTIVE")),
        ("ProductName", json!("Default")),
        ("CompanyName", json!("Personal")),
    ] {
        object.entry(name).or_insert(value);
    }
}
