//! The Open Cybersecurity Schema Framework: Security Hub v2, Security Lake, Prowler.

use super::actor::first_text;
use super::arn::Arn;
use super::asff_type::native;
use super::doc::Node;
use super::kinds;
use super::record::{Bad, Record, account};
use super::source::source;
use super::time::time;
use super::{Actor, Finding, Label, Resource, Severity, Status, Workflow};
use crate::text::Untrusted;
use jiff::Timestamp;

/// Reads one finding of the Findings category (classes 2001 to 2008).
pub(super) fn read(record: &Record<'_>) -> Result<Finding, Bad> {
    // Class 2001, Security Finding, came before `finding_info` and calls it `finding`.
    let info = match record.get("finding_info")? {
        Node::Null => record.get("finding")?,
        info => info,
    };
    let (metadata, cloud) = (record.get("metadata")?, record.get("cloud")?);
    let resources = match record.get("resources")? {
        Node::Null => record.get("resource")?,
        resources => resources,
    };
    let mut finding = record.blank();
    finding.known_by(&[info.get("uid"), metadata.get("uid")]);
    place(&mut finding, &info, &cloud, &resources);
    let product = metadata.get("product");
    finding.source = source(product.get("uid").str(), product.get("name").str());
    finding.kind = kind(finding.source.as_ref(), &info, &metadata, &record.get("compliance")?);
    finding.title = info.get("title").text();
    finding.description = first_text(&[info.get("desc"), &record.get("message")?]);
    finding.severity = severity(record)?;
    finding.resources = resources.items().iter().map(one).collect();
    finding.resource = finding.resources.first().cloned().unwrap_or_default();
    finding.actor = who(record)?;
    finding.first_seen = either(&info, "first_seen_time");
    finding.last_seen = either(&info, "last_seen_time");
    finding.created = either(&info, "created_time");
    let told = || Ok(time(&record.get("time")?).or(time(&record.get("time_dt")?)));
    finding.updated = match either(&info, "modified_time") {
        None => told()?,
        at => at,
    };
    finding.count = record.get("count")?.whole();
    (finding.status, finding.workflow) = standing(record)?;
    Ok(finding)
}

/// A time in its number form, else in its text form: Prowler writes the text in local time without saying so.
fn either(info: &Node<'_>, name: &str) -> Option<Timestamp> {
    time(info.get(name)).or_else(|| time(info.get(&format!("{name}_dt"))))
}

fn place(finding: &mut Finding, info: &Node<'_>, cloud: &Node<'_>, resources: &Node<'_>) {
    let of = |path: &[&str]| resources.items().iter().find_map(|r| r.at(path).text());
    let arn = info.get("uid").str().and_then(Arn::read);
    let owner = account(cloud.at(&["account", "uid"])).or_else(|| of(&["owner", "account", "uid"]));
    let region = cloud.get("region").text().or_else(|| arn.and_then(|arn| arn.region())).or_else(|| of(&["region"]));
    finding.placed(owner, region, &[arn]);
}

/// GuardDuty's type is the last of `types`; a control has an id; scanners name the check in `event_code`.
fn kind(source: Option<&Untrusted>, info: &Node<'_>, metadata: &Node<'_>, compliance: &Node<'_>) -> Option<Untrusted> {
    let is = |name: &str| source == Some(&Untrusted::from(name));
    let types: Vec<&str> = info.get("types").items().iter().rev().filter_map(Node::str).collect();
    let last = types.first().map(|text| Untrusted::from(*text));
    if is("guardduty") || is("macie") {
        return native(&types).map(Untrusted::from).or(last);
    }
    let control = is("securityhub").then(|| compliance.get("control").text()).flatten();
    control.or_else(|| metadata.get("event_code").text()).or(last)
}

fn severity(record: &Record<'_>) -> Result<Severity, Bad> {
    let of_id = |node: &Node<'_>| match node.whole() {
        Some(1) => Some(Label::Informational),
        Some(2) => Some(Label::Low),
        Some(3) => Some(Label::Medium),
        Some(4) => Some(Label::High),
        Some(5 | 6) => Some(Label::Critical),
        _ => None,
    };
    let vendor = record.get("vendor_attributes")?;
    let first = match of_id(&record.get("severity_id")?) {
        Some(label) => Severity::of_label(label),
        None => Severity::of_word(&record.get("severity")?),
    };
    Ok(match first.label {
        Some(_) => first,
        None => of_id(vendor.get("severity_id")).map(Severity::of_label).unwrap_or_default(),
    })
}

/// `status_id` (class 2001: `state_id`): new, in progress, suppressed, resolved, archived, deleted.
fn standing(record: &Record<'_>) -> Result<(Status, Option<Workflow>), Bad> {
    let id = match record.get("status_id")?.whole() {
        None => record.get("state_id")?.whole(),
        id => id,
    };
    Ok(match id {
        Some(1) => (Status::Active, Some(Workflow::New)),
        Some(2) => (Status::Active, Some(Workflow::Notified)),
        Some(3) => (Status::Active, Some(Workflow::Suppressed)),
        Some(4) => (Status::Active, Some(Workflow::Resolved)),
        Some(5 | 6) => (Status::Archived, None),
        _ => (Status::Active, None),
    })
}

/// A resource: Security Hub writes the short id as `uid` and the ARN as `uid_alt`; others the ARN as `uid`.
fn one(node: &Node<'_>) -> Resource {
    let (uid, alt) = (node.get("uid").str(), node.get("uid_alt").str());
    let tag = node.get("tags").items().iter().find(|tag| tag.get("name").str() == Some("Name"));
    let name = match node.get("name").str() {
        // An instance's own id is no name.
        Some(name) if Some(name) != uid => Some(name.into()),
        _ => tag.and_then(|tag| tag.get("value").text()),
    };
    let arn = [uid, alt].into_iter().flatten().find(|id| id.starts_with("arn:"));
    let mut resource = kinds::resource(node.get("type").str(), arn.or(uid), name);
    if let Some(uid) = uid.filter(|uid| !uid.starts_with("arn:")) {
        resource.id = Some(uid.into());
    }
    resource
}

/// Who did it, from the evidence; a user beside a process is the machine's, not AWS's.
fn who(record: &Record<'_>) -> Result<Actor, Bad> {
    let evidences = record.get("evidences")?;
    let top =
        Node::Map(vec![("actor".into(), record.get("actor")?), ("src_endpoint".into(), record.get("src_endpoint")?)]);
    let found = evidences.items().iter().chain([&top]).map(evidence);
    Ok(found.fold(Actor::default(), Actor::or))
}

fn evidence(node: &Node<'_>) -> Actor {
    let connection = node.get("connection_info");
    let outward = connection.get("direction_id").whole() == Some(2);
    let ends = match outward {
        true => [node.get("dst_endpoint"), node.get("src_endpoint")],
        false => [node.get("src_endpoint"), node.get("dst_endpoint")],
    };
    let far = ends.into_iter().find(|end| end.get("ip").str().is_some());
    let actor = node.get("actor");
    let (user, session) = (actor.get("user"), actor.get("session"));
    let local = !actor.get("process").is_null();
    let person = |value: Option<Untrusted>| value.filter(|_| !local);
    Actor {
        ip: far.and_then(|end| end.get("ip").text()),
        country: far.and_then(|end| end.at(&["location", "country"]).text()),
        principal: person(first_text(&[user.get("name"), user.get("uid")])),
        access_key: person(first_text(&[user.get("credential_uid"), session.get("credential_uid")])),
    }
}
