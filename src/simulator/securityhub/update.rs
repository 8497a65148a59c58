//! BatchUpdateFindings: what the people who investigate say about findings. It does not move UpdatedAt. AWS may take
//! minutes until a change is seen; here it is seen at once.

use super::{Failure, body, findings, invalid, label, normalized};
use crate::simulator::call::Call;
use crate::simulator::wire::millis;
use crate::simulator::world::World;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchUpdate {
    finding_identifiers: Option<Vec<Identifier>>,
    note: Option<Note>,
    severity: Option<Severity>,
    verification_state: Option<String>,
    confidence: Option<i64>,
    criticality: Option<i64>,
    types: Option<Vec<String>>,
    user_defined_fields: Option<BTreeMap<String, String>>,
    workflow: Option<Workflow>,
    related_findings: Option<Vec<Identifier>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identifier {
    id: String,
    product_arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Note {
    text: String,
    updated_by: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Severity {
    label: Option<String>,
    normalized: Option<i64>,
    product: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Workflow {
    status: Option<String>,
}

pub(super) fn answer(world: &mut World, call: &Call) -> Result<Value, Failure> {
    let input: BatchUpdate = body(call)?;
    let identifiers = input.finding_identifiers.as_deref().unwrap_or_default();
    if identifiers.is_empty() || identifiers.len() > 100 {
        return Err(invalid("Invalid parameter 'FindingIdentifiers'. You can update 1 to 100 findings."));
    }
    input.check()?;
    let changes = input.changes(call);
    let known: BTreeSet<Identifier> = findings(world).iter().filter_map(identifier).collect();
    let (mut processed, mut unprocessed) = (Vec::new(), Vec::new());
    for identifier in identifiers {
        if known.contains(identifier) {
            world.hub.changes.entry(identifier.id.clone()).or_default().extend(changes.clone());
            processed.push(json!(identifier));
        } else {
            unprocessed.push(json!({
                "FindingIdentifier": identifier,
                "ErrorCode": "FindingNotFound",
                "ErrorMessage": "Finding Not Found",
            }));
        }
    }
    Ok(json!({ "ProcessedFindings": processed, "UnprocessedFindings": unprocessed }))
}

fn identifier(finding: &Value) -> Option<Identifier> {
    let text = |name: &str| finding.get(name)?.as_str().map(str::to_owned);
    Some(Identifier { id: text("Id")?, product_arn: text("ProductArn")? })
}

impl BatchUpdate {
    fn check(&self) -> Result<(), Failure> {
        let one_of = |value: Option<&String>, known: &[&str]| value.is_none_or(|v| known.contains(&v.as_str()));
        let ratio = |value: Option<i64>| value.is_none_or(|v| (0..=100).contains(&v));
        let workflow = self.workflow.as_ref().and_then(|w| w.status.as_ref());
        let severity = self.severity.as_ref();
        for (name, fine) in [
            ("Workflow", one_of(workflow, &["NEW", "NOTIFIED", "RESOLVED", "SUPPRESSED"])),
            ("VerificationState", one_of(self.verification_state.as_ref(), &VERIFICATIONS)),
            ("Severity", one_of(severity.and_then(|s| s.label.as_ref()), &LABELS)),
            ("Severity", ratio(severity.and_then(|s| s.normalized))),
            ("Confidence", ratio(self.confidence)),
            ("Criticality", ratio(self.criticality)),
            (
                "Note",
                self.note
                    .as_ref()
                    .is_none_or(|n| (1..=512).contains(&n.text.chars().count()) && !n.updated_by.is_empty()),
            ),
            ("UserDefinedFields", self.user_defined_fields.as_ref().is_none_or(|f| f.len() <= 50)),
        ] {
            if !fine {
                return Err(invalid(format!("Invalid parameter '{name}'.")));
            }
        }
        Ok(())
    }

    fn changes(&self, call: &Call) -> Map<String, Value> {
        let note =
            |n: &Note| json!({ "Text": n.text, "UpdatedBy": n.updated_by, "UpdatedAt": millis(call.now.simulated) });
        let status = self.workflow.as_ref().and_then(|w| w.status.as_ref());
        [
            ("Note", self.note.as_ref().map(note)),
            ("Severity", self.severity.as_ref().map(Severity::json)),
            ("VerificationState", self.verification_state.as_ref().map(|v| json!(v))),
            ("Confidence", self.confidence.map(|v| json!(v))),
            ("Criticality", self.criticality.map(|v| json!(v))),
            ("Types", self.types.as_ref().map(|v| json!(v))),
            ("UserDefinedFields", self.user_defined_fields.as_ref().map(|v| json!(v))),
            ("Workflow", status.map(|s| json!({ "Status": s }))),
            ("WorkflowState", status.map(|s| json!(state(s)))),
            ("RelatedFindings", self.related_findings.as_ref().map(|v| json!(v))),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }
}

const VERIFICATIONS: [&str; 4] = ["UNKNOWN", "TRUE_POSITIVE", "FALSE_POSITIVE", "BENIGN_POSITIVE"];
const LABELS: [&str; 5] = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"];

/// The deprecated field follows the status as far as it has a word for it.
fn state(status: &str) -> &'static str {
    match status {
        "NOTIFIED" => "IN_PROGRESS",
        "RESOLVED" => "RESOLVED",
        "SUPPRESSED" => "DEFERRED",
        _ => "NEW",
    }
}

impl Severity {
    fn json(&self) -> Value {
        let number = self.normalized.or_else(|| self.label.as_deref().map(normalized)).unwrap_or_default();
        let label = self.label.clone().unwrap_or_else(|| label(number).to_owned());
        match self.product {
            Some(product) => json!({ "Label": label, "Normalized": number, "Product": product }),
            None => json!({ "Label": label, "Normalized": number }),
        }
    }
}
