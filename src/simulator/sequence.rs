//! The detection of an attack sequence: who acted on what.

use super::finding::access_key;
use super::scenario::Finding;
use super::world::World;
use jiff::Timestamp;
use serde_json::{Value, json};

/// `service.detection` of a finding that is an attack sequence.
pub(super) fn detection(world: &World, spec: &Finding, id: &str, seen: [Timestamp; 2], count: u64) -> Value {
    let target = &spec.resource;
    let (account, region) = (&world.scenario.account, &world.scenario.region);
    let resource = |kind: &str, uid: String, name: &str, service: &str| {
        json!({
            "uid": uid, "name": name, "resourceType": kind, "accountId": account, "region": region,
            "service": service, "cloudPartition": "aws",
        })
    };
    let mut resources = Vec::new();
    if let Some(name) = &target.bucket {
        resources.push(resource("S3_BUCKET", format!("arn:aws:s3:::{name}"), name, "s3"));
    }
    if let Some(key) = &target.key {
        resources.push(resource("ACCESS_KEY", key.clone(), key, "iam"));
    }
    if let Some(id) = &target.instance {
        resources.push(resource("EC2_INSTANCE", format!("arn:aws:ec2:{region}:{account}:instance/{id}"), id, "ec2"));
    }
    let mut actors = Vec::new();
    if target.user.is_some() || target.role.is_some() {
        let key = access_key(world, target);
        actors.push(json!({
            "id": key.get("principalId"),
            "user": {
                "name": key.get("userName"), "uid": key.get("principalId"), "type": key.get("userType"),
                "credentialUid": target.key, "account": { "uid": account },
            },
        }));
    }
    let [first, last] = seen.map(|at| at.as_second());
    let signals = json!([{
        "uid": format!("{id}-1"), "type": "CLOUD_TRAIL", "name": spec.title, "count": count,
        "createdAt": first, "updatedAt": last, "firstSeenAt": first, "lastSeenAt": last,
    }]);
    json!({ "sequence": {
        "uid": id, "description": spec.description, "actors": actors, "resources": resources, "signals": signals,
    } })
}
