//! Inspector's own shape (ListFindings of Inspector 2; the `detail` of its EventBridge events).

use super::arn::Arn;
use super::doc::Node;
use super::kinds::resource;
use super::record::{Bad, Record, account};
use super::time::time;
use super::{Finding, Resource, Severity, Status};

/// Reads one finding.
pub(super) fn read(record: &Record<'_>) -> Result<Finding, Bad> {
    let arn = record.get("findingArn")?;
    let resources = record.get("resources")?;
    let mut finding = record.blank();
    finding.known_by(&[&arn]);
    let region = resources.items().iter().find_map(|r| r.get("region").text());
    let place = arn.str().and_then(Arn::read);
    finding.placed(account(&record.get("awsAccountId")?), place.and_then(|arn| arn.region()).or(region), &[place]);
    finding.source = Some("inspector".into());
    finding.kind = record.get("type")?.text();
    finding.title = record.get("title")?.text();
    finding.description = record.get("description")?.text();
    finding.severity = Severity::of_word(&record.get("severity")?);
    finding.resources = resources.items().iter().map(one).collect();
    finding.resource = finding.resources.first().cloned().unwrap_or_default();
    finding.first_seen = time(&record.get("firstObservedAt")?);
    finding.last_seen = time(&record.get("lastObservedAt")?);
    finding.updated = time(&record.get("updatedAt")?);
    // SUPPRESSED is hidden by a filter of the account's own, CLOSED is remedied: neither waits for anyone.
    if matches!(record.get("status")?.str(), Some("SUPPRESSED" | "CLOSED")) {
        finding.status = Status::Archived;
    }
    Ok(finding)
}

fn one(node: &Node<'_>) -> Resource {
    let function = node.at(&["details", "awsLambdaFunction", "functionName"]).text();
    let name = function.or_else(|| node.at(&["tags", "Name"]).text());
    resource(node.get("type").str(), node.get("id").str(), name)
}
