//! GuardDuty's own shape (the API's GetFindings; EventBridge's `detail`).

use super::actor::{self, first_text};
use super::arn::Arn;
use super::doc::Node;
use super::record::{Bad, Record, account};
use super::time::time;
use super::{Actor, Finding, Severity, Status, guardduty_resource};

/// Reads one finding.
pub(super) fn read(record: &Record<'_>) -> Result<Finding, Bad> {
    let (arn, id) = (record.get("arn")?, record.get("id")?);
    let (service, resource) = (record.get("service")?, record.get("resource")?);
    let mut finding = record.blank();
    finding.known_by(&[&arn, &id]);
    let place = arn.str().and_then(Arn::read);
    finding.placed(account(&record.get("accountId")?), record.get("region")?.text(), &[place]);
    finding.source = Some("guardduty".into());
    finding.kind = record.get("type")?.text();
    finding.title = record.get("title")?.text();
    finding.description = record.get("description")?.text();
    finding.severity = Severity::of_guardduty(&record.get("severity")?);
    (finding.resource, finding.resources) = guardduty_resource::all(&resource, &service);
    finding.actor = actor(&resource, &service);
    finding.first_seen = time(service.get("eventFirstSeen"));
    finding.last_seen = time(service.get("eventLastSeen"));
    finding.created = time(&record.get("createdAt")?);
    finding.updated = time(&record.get("updatedAt")?);
    finding.count = service.get("count").whole();
    // Some exporters lift `archived` out of `service`.
    if service.get("archived").is_true() || record.get("archived")?.is_true() {
        finding.status = Status::Archived;
    }
    Ok(finding)
}

fn actor(resource: &Node<'_>, service: &Node<'_>) -> Actor {
    let key = resource.get("accessKeyDetails");
    let own = Actor {
        principal: first_text(&[
            key.get("userName"),
            key.get("principalId"),
            resource.at(&["kubernetesDetails", "kubernetesUserDetails", "username"]),
            resource.at(&["rdsDbUserDetails", "user"]),
        ]),
        access_key: key.get("accessKeyId").text(),
        ..Actor::default()
    };
    own.or(actor::remote(service.get("action"))).or(actor::sequence(service.at(&["detection", "sequence"])))
}
