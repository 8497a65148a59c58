//! The detection of an attack sequence: who acted on what, and the findings that make it up.

use super::finding::{Held, access_key};
use super::scenario::Finding;
use super::wire::epoch;
use super::world::World;
use serde_json::{Value, json};

/// `service.detection` of a finding that is an attack sequence.
pub(super) fn detection(world: &World, spec: &Finding, held: &Held) -> Value {
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
    let ids = |list: &[Value], name: &str| list.iter().filter_map(|v| v.get(name).cloned()).collect::<Vec<_>>();
    let (touched, acting) = (ids(&resources, "uid"), ids(&actors, "id"));
    json!({ "sequence": {
        "uid": held.id,
        "description": spec.description,
        "actors": actors,
        "resources": resources,
        "signals": signals(world, spec, held, &touched, &acting),
    } })
}

/// The findings so far that name the same key or bucket, the first first; the sequence's own calls when there is none
/// (the model asks for one).
fn signals(world: &World, spec: &Finding, sequence: &Held, touched: &[Value], acting: &[Value]) -> Vec<Value> {
    let same = |other: &Finding| {
        let (ours, theirs) = (&spec.resource, &other.resource);
        ours.key.is_some() && ours.key == theirs.key || ours.bucket.is_some() && ours.bucket == theirs.bucket
    };
    let known = world.findings.values().filter_map(|h| Some((world.scenario.findings.get(h.spec)?, h)));
    let mut parts: Vec<(&Finding, &Held)> = known.filter(|(s, _)| !s.sequence && same(s)).collect();
    parts.sort_by_key(|(_, h)| h.first);
    // The model's most.
    parts.truncate(100);
    let signal = |s: &Finding, h: &Held, kind: &str| {
        json!({
            "uid": h.arn(world),
            "type": kind,
            "name": s.type_,
            "description": s.title,
            "createdAt": epoch(h.created),
            "updatedAt": epoch(h.updated),
            "firstSeenAt": epoch(h.first),
            "lastSeenAt": epoch(h.last),
            "severity": s.severity,
            "count": h.count,
            "resourceUids": touched,
            "actorIds": acting,
        })
    };
    match parts.is_empty() {
        true => vec![signal(spec, sequence, "CLOUD_TRAIL")],
        false => parts.into_iter().map(|(s, h)| signal(s, h, "FINDING")).collect(),
    }
}
