//! The resources of a GuardDuty finding: one details object for each kind, and one word that says which matters.

use super::Resource;
use super::arn::Arn;
use super::doc::Node;
use super::kinds::{cloudformation, resource as of_kind};
use crate::text::Untrusted;

/// Where a details object of `resource` keeps a resource's id, name and ARN; an empty name is none.
struct Details {
    field: &'static str,
    kind: &'static str,
    id: &'static str,
    name: &'static str,
    arn: &'static str,
}

const fn details(
    field: &'static str,
    kind: &'static str,
    id: &'static str,
    name: &'static str,
    arn: &'static str,
) -> Details {
    Details { field, kind, id, name, arn }
}

const DETAILS: [Details; 13] = [
    details("instanceDetails", "Instance", "instanceId", "", ""),
    details("accessKeyDetails", "AccessKey", "accessKeyId", "userName", ""),
    details("s3BucketDetails", "S3Bucket", "name", "name", "arn"),
    details("eksClusterDetails", "EKSCluster", "name", "name", "arn"),
    details("ecsClusterDetails", "ECSCluster", "name", "name", "arn"),
    details("containerDetails", "Container", "id", "name", ""),
    details("lambdaDetails", "Lambda", "functionName", "functionName", "functionArn"),
    details("rdsDbInstanceDetails", "RDSDBInstance", "dbInstanceIdentifier", "dbInstanceIdentifier", "dbInstanceArn"),
    details(
        "rdsLimitlessDbDetails",
        "RDSLimitlessDB",
        "dbShardGroupIdentifier",
        "dbShardGroupIdentifier",
        "dbShardGroupArn",
    ),
    details("ebsSnapshotDetails", "EBSSnapshot", "", "", "snapshotArn"),
    details("ec2ImageDetails", "EC2Image", "", "", "imageArn"),
    details("recoveryPointDetails", "EBSRecoveryPoint", "", "", "recoveryPointArn"),
    details("bedrockGuardrailDetails", "BedrockGuardrail", "", "", "guardrailArn"),
];

/// The resource that matters and all of them, that one first.
pub(super) fn all(resource: &Node<'_>, service: &Node<'_>) -> (Resource, Vec<Resource>) {
    let mut all = named(resource);
    all.extend(service.at(&["detection", "sequence", "resources"]).items().iter().map(of_sequence));
    if all.is_empty() {
        all.extend(affected(service.get("action")));
    }
    let word = resource.get("resourceType").str();
    // An attack sequence has no single resource: the first that its signals name stands for it.
    if let Some(word) = word.filter(|word| *word != "AttackSequence") {
        let kind = Untrusted::from(cloudformation(word));
        match all.iter().position(|r| r.kind.as_ref() == Some(&kind)) {
            Some(at) => all[..=at].rotate_right(1),
            None => all.insert(0, Resource { kind: Some(kind), ..Resource::default() }),
        }
    }
    (all.first().cloned().unwrap_or_default(), all)
}

/// The resources that have a details object of their own.
fn named(resource: &Node<'_>) -> Vec<Resource> {
    let mut all = Vec::new();
    for from in &DETAILS {
        for node in resource.get(from.field).items() {
            all.push(one(from, node));
            all.extend(node.get("s3ObjectDetails").items().iter().map(object));
        }
    }
    for volume in resource.at(&["ebsVolumeDetails", "scannedVolumeDetails"]).items() {
        all.push(of_kind(Some("EBSVolume"), volume.get("volumeArn").str(), None));
    }
    all.extend(workload(resource.at(&["kubernetesDetails", "kubernetesWorkloadDetails"])));
    all
}

fn one(from: &Details, node: &Node<'_>) -> Resource {
    let arn = node.get(from.arn).str();
    let short = arn.and_then(Arn::read).and_then(|arn| arn.short_id()).map(Untrusted::from);
    let tagged = || (from.kind == "Instance").then(|| name_tag(node.get("tags"))).flatten();
    Resource {
        kind: Some(cloudformation(from.kind).into()),
        id: node.get(from.id).text().or_else(|| short.clone()),
        name: node.get(from.name).text().or_else(|| short.filter(|_| !from.name.is_empty())).or_else(tagged),
        arn: arn.map(Untrusted::from),
    }
}

fn object(node: &Node<'_>) -> Resource {
    of_kind(Some("S3Object"), node.get("objectArn").str(), node.get("key").text())
}

/// A workload of a cluster; CloudFormation has no name for what lives inside Kubernetes.
fn workload(node: &Node<'_>) -> Option<Resource> {
    let name = node.get("name").str()?;
    let name = match node.get("namespace").str() {
        Some(space) => format!("{space}/{name}"),
        None => name.to_owned(),
    };
    let kind = format!("Kubernetes::{}", node.get("type").str().unwrap_or("Workload"));
    Some(Resource { kind: Some(kind.into()), id: node.get("uid").text(), name: Some(name.into()), arn: None })
}

fn of_sequence(node: &Node<'_>) -> Resource {
    let user = node.at(&["data", "accessKey", "userName"]).text();
    of_kind(node.get("resourceType").str(), node.get("uid").str(), user.or_else(|| node.get("name").text()))
}

/// What an API call touched, by CloudFormation's names, for a finding that carries no resource at all.
fn affected(action: &Node<'_>) -> Vec<Resource> {
    let touched = action.at(&["awsApiCallAction", "affectedResources"]).pairs().iter();
    touched.filter_map(|(kind, id)| Some(of_kind(Some(kind), Some(id.str()?), None))).collect()
}

/// The value of the tag `Name`: what people call an instance.
fn name_tag(tags: &Node<'_>) -> Option<Untrusted> {
    tags.items().iter().find(|tag| tag.get("key").str() == Some("Name")).and_then(|tag| tag.get("value").text())
}
