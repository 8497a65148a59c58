//! A GuardDuty finding: what the account remembers of it, and how it looks in GuardDuty's JSON.

use super::scenario::{Action, Finding, Process, Remote, Target};
use super::wire::millis;
use super::world::World;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// A finding that has come up.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// Its place in the scenario's list.
    pub spec: usize,
    pub id: String,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub first: Timestamp,
    pub last: Timestamp,
    pub count: u64,
    pub archived: bool,
    pub feedback: Option<String>,
    remote: Option<String>,
    /// The resource as it was when the finding was last updated.
    resource: Value,
}

impl Held {
    /// The `n`th finding of a scenario's entry: first seen then, made then.
    pub fn new(world: &World, spec: usize, n: u64, first: Timestamp, created: Timestamp) -> Self {
        let entry = world.scenario.findings.get(spec);
        let label = entry.map(|f| f.label.clone()).unwrap_or_default();
        let remotes = entry.map(|f| f.action.remotes.as_slice()).unwrap_or_default();
        let pick = (world.chance.unit(&format!("remote {label}"), n) * remotes.len() as f64) as usize;
        Self {
            spec,
            id: world.chance.hex(&format!("finding {label}"), n),
            created,
            updated: created,
            first,
            last: first,
            count: 0,
            archived: false,
            feedback: None,
            remote: remotes.get(pick).cloned(),
            resource: Value::Null,
        }
    }

    /// Sees it once more: last seen then, published then, and so often in all.
    pub fn seen_again(&mut self, world: &World, last: Timestamp, updated: Timestamp, count: u64) {
        self.last = last;
        self.updated = updated;
        self.count = count;
        if let Some(spec) = world.scenario.findings.get(self.spec) {
            self.resource = resource(world, spec);
        }
    }

    pub fn arn(&self, world: &World) -> String {
        format!("{}/finding/{}", world.scenario.detector_arn(), self.id)
    }

    /// The finding as GetFindings gives it.
    pub fn json(&self, world: &World) -> Value {
        let Some(spec) = world.scenario.findings.get(self.spec) else { return Value::Null };
        json!({
            "schemaVersion": "2.0",
            "accountId": world.scenario.account,
            "region": world.scenario.region,
            "partition": "aws",
            "id": self.id,
            "arn": self.arn(world),
            "type": spec.type_,
            "severity": number(spec.severity),
            "title": spec.title,
            "description": spec.description,
            "createdAt": millis(self.created),
            "updatedAt": millis(self.updated),
            "resource": self.resource,
            "service": self.service(world, spec),
        })
    }

    fn service(&self, world: &World, spec: &Finding) -> Value {
        let target = spec.action.connect.as_deref() == Some("OUTBOUND") || spec.action.dns.is_some();
        let mut service = json!({
            "serviceName": "guardduty",
            "detectorId": world.scenario.detector,
            "action": action(&spec.action, self.remote.as_ref().and_then(|r| world.scenario.remotes.get(r)), spec, world),
            "resourceRole": if target { "ACTOR" } else { "TARGET" },
            "additionalInfo": more(spec),
            "eventFirstSeen": whole(self.first),
            "eventLastSeen": whole(self.last),
            "archived": self.archived,
            "count": self.count,
        });
        if let (Some(object), Some(threat)) = (service.as_object_mut(), spec.more.get("threatListName")) {
            let names = vec![spec.more.get("threatName").cloned().unwrap_or_default()];
            let details = json!([{ "threatListName": threat, "threatNames": names }]);
            object.insert("evidence".to_owned(), json!({ "threatIntelligenceDetails": details }));
        }
        if let (Some(object), Some(feature)) = (service.as_object_mut(), &spec.feature) {
            object.insert("featureName".to_owned(), json!(feature));
        }
        if let (Some(object), Some(process)) = (service.as_object_mut(), &spec.process) {
            object.insert("runtimeDetails".to_owned(), runtime(process, self.first));
        }
        if let (Some(object), true) = (service.as_object_mut(), spec.sequence) {
            object.insert(
                "detection".to_owned(),
                super::sequence::detection(world, spec, &self.id, [self.first, self.last], self.count),
            );
        }
        if let (Some(object), Some(feedback)) = (service.as_object_mut(), &self.feedback) {
            object.insert("userFeedback".to_owned(), json!(feedback));
        }
        service
    }
}

/// GuardDuty writes whole severities without a fraction.
fn number(severity: f64) -> Value {
    if severity.fract() == 0.0 { json!(severity as i64) } else { json!(severity) }
}

/// Events are seen to the second.
fn whole(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

fn more(spec: &Finding) -> Value {
    let value = serde_json::to_string(&spec.more).unwrap_or_default();
    let mut info: Map<String, Value> = spec.more.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
    info.insert("type".to_owned(), json!("default"));
    info.insert("value".to_owned(), json!(value));
    Value::Object(info)
}

fn runtime(process: &Process, start: Timestamp) -> Value {
    json!({
        "process": {
            "name": process.name,
            "executablePath": process.path,
            "executableSha256": process.sha256,
            "pid": process.pid,
            "namespacePid": process.pid,
            "user": process.user,
            "userId": process.user_id,
            "euid": process.user_id,
            "startTime": start.as_second(),
            "lineage": [{ "name": process.parent.rsplit('/').next(), "executablePath": process.parent, "pid": process.pid.saturating_sub(2) }],
        }
    })
}

fn action(action: &Action, remote: Option<&Remote>, spec: &Finding, world: &World) -> Value {
    let protocol = action.protocol.as_deref().unwrap_or("TCP");
    let ours = |port: u16| json!({ "port": port, "portName": port_name(port) });
    let instance = world.scenario.instances.iter().find(|i| spec.resource.instance.as_ref() == Some(&i.id));
    let local = instance.map(|i| json!({ "ipAddressV4": i.private_ip })).unwrap_or_else(|| json!({}));
    if let Some(domain) = &action.dns {
        return json!({
            "actionType": "DNS_REQUEST",
            "dnsRequestAction": { "domain": domain, "protocol": protocol, "blocked": false },
        });
    }
    if let Some(direction) = &action.connect {
        return json!({
            "actionType": "NETWORK_CONNECTION",
            "networkConnectionAction": {
                "connectionDirection": direction,
                "protocol": protocol,
                "blocked": false,
                "localIpDetails": local,
                "localPortDetails": ours(action.local_port.unwrap_or_default()),
                "remoteIpDetails": remote_ip(remote),
                "remotePortDetails": ours(action.remote_port.unwrap_or_default()),
            },
        });
    }
    if let Some(port) = action.probe {
        let detail =
            json!({ "localPortDetails": ours(port), "localIpDetails": local, "remoteIpDetails": remote_ip(remote) });
        return json!({
            "actionType": "PORT_PROBE",
            "portProbeAction": { "blocked": false, "portProbeDetails": [detail] },
        });
    }
    match &action.api {
        Some(api) => api_call(action, api, remote),
        None => json!({}),
    }
}

fn api_call(action: &Action, api: &str, remote: Option<&Remote>) -> Value {
    let mut call = json!({
        "api": api,
        "serviceName": action.service,
        "callerType": "Remote IP",
        "remoteIpDetails": remote_ip(remote),
        "userAgent": action.user_agent,
        "affectedResources": {},
    });
    if let (Some(object), Some(error)) = (call.as_object_mut(), &action.error) {
        object.insert("errorCode".to_owned(), json!(error));
    }
    json!({ "actionType": "AWS_API_CALL", "awsApiCallAction": call })
}

fn remote_ip(remote: Option<&Remote>) -> Value {
    let Some(r) = remote else { return json!({}) };
    json!({
        "ipAddressV4": r.ip,
        "country": { "countryCode": r.code, "countryName": r.country },
        "city": { "cityName": r.city },
        "geoLocation": { "lat": r.lat, "lon": r.lon },
        "organization": { "asn": r.asn.to_string(), "asnOrg": r.org, "isp": r.org, "org": r.org },
    })
}

fn port_name(port: u16) -> &'static str {
    match port {
        22 => "SSH",
        80 => "HTTP",
        443 => "HTTPS",
        3389 => "RDP",
        _ => "Unknown",
    }
}

/// The resource in the state that it is in now.
fn resource(world: &World, spec: &Finding) -> Value {
    if spec.sequence {
        return json!({ "resourceType": "AttackSequence" });
    }
    let target = &spec.resource;
    let mut resource = Map::new();
    let kind = match target {
        Target { bucket: Some(_), .. } => "S3Bucket",
        Target { key: Some(_), .. } | Target { user: Some(_), .. } => "AccessKey",
        _ => "Instance",
    };
    resource.insert("resourceType".to_owned(), json!(kind));
    if let Some(id) = &target.instance {
        resource.insert("instanceDetails".to_owned(), instance(world, id));
    }
    if target.user.is_some() || target.role.is_some() {
        resource.insert("accessKeyDetails".to_owned(), access_key(world, target));
    }
    if let Some(name) = &target.bucket {
        resource.insert("s3BucketDetails".to_owned(), json!([bucket(world, name)]));
    }
    Value::Object(resource)
}

fn instance(world: &World, id: &str) -> Value {
    let Some(i) = world.scenario.instances.iter().find(|i| i.id == id) else { return json!({}) };
    let Some(state) = world.account.instances.get(id) else { return json!({}) };
    let groups: Vec<Value> =
        state.groups.iter().map(|(id, name)| json!({ "groupId": id, "groupName": name })).collect();
    let tags: Vec<Value> = state.tags.iter().map(|(k, v)| json!({ "key": k, "value": v })).collect();
    let (region, dashed) = (&world.scenario.region, i.private_ip.replace('.', "-"));
    let private_name = format!("ip-{dashed}.{region}.compute.internal");
    json!({
        "instanceId": i.id,
        "instanceType": i.kind,
        "instanceState": if state.running { "running" } else { "stopped" },
        "launchTime": super::wire::seconds(i.launched),
        "availabilityZone": world.scenario.zone,
        "imageId": i.image,
        "imageDescription": "Linux base image",
        "iamInstanceProfile": {
            "arn": format!("arn:aws:iam::{}:instance-profile/{}", world.scenario.account, i.role),
            "id": i.profile_id,
        },
        "networkInterfaces": [{
            "networkInterfaceId": i.interface,
            "vpcId": world.scenario.vpc,
            "subnetId": world.scenario.subnet,
            "ipv6Addresses": [],
            "privateDnsName": private_name,
            "privateIpAddress": i.private_ip,
            "privateIpAddresses": [{ "privateDnsName": private_name, "privateIpAddress": i.private_ip }],
            "publicDnsName": format!("ec2-{}.{region}.compute.amazonaws.com", i.public_ip.replace('.', "-")),
            "publicIp": i.public_ip,
            "securityGroups": groups,
        }],
        "tags": tags,
    })
}

pub(super) fn access_key(world: &World, target: &Target) -> Value {
    let key = target.key.clone().unwrap_or_default();
    match (&target.role, &target.user) {
        (Some(role), _) => {
            let id = world.scenario.roles.iter().find(|r| &r.name == role).map(|r| r.id.clone()).unwrap_or_default();
            let session = target.instance.clone().unwrap_or_else(|| "session".to_owned());
            json!({ "accessKeyId": key, "principalId": format!("{id}:{session}"), "userName": role, "userType": "AssumedRole" })
        }
        (None, Some(user)) if user == "Root" => {
            json!({ "accessKeyId": key, "principalId": world.scenario.account, "userName": "Root", "userType": "Root" })
        }
        (None, user) => {
            let id = user.as_ref().and_then(|u| world.account.users.get(u)).map(|u| u.id.clone()).unwrap_or_default();
            json!({ "accessKeyId": key, "principalId": id, "userName": user, "userType": "IAMUser" })
        }
    }
}

fn bucket(world: &World, name: &str) -> Value {
    let Some(state) = world.account.buckets.get(name) else { return json!({}) };
    let open = state.public && !state.closed();
    let block = state.block.unwrap_or_default();
    let block = json!({
        "ignorePublicAcls": block.ignore_acls,
        "restrictPublicBuckets": block.restrict,
        "blockPublicAcls": block.block_acls,
        "blockPublicPolicy": block.block_policy,
    });
    json!({
        "arn": format!("arn:aws:s3:::{name}"),
        "name": name,
        "type": "Destination",
        "createdAt": state.created.as_second(),
        "owner": { "id": "CanonicalIdOfOwner" },
        "tags": [],
        "defaultServerSideEncryption": { "encryptionType": "AES256" },
        "publicAccess": {
            "effectivePermission": if open { "PUBLIC" } else { "NOT_PUBLIC" },
            "permissionConfiguration": {
                "bucketLevelPermissions": {
                    "accessControlList": { "allowsPublicReadAccess": false, "allowsPublicWriteAccess": false },
                    "bucketPolicy": { "allowsPublicReadAccess": state.public && !state.contained, "allowsPublicWriteAccess": false },
                    "blockPublicAccess": block,
                },
                "accountLevelPermissions": { "blockPublicAccess": {
                    "ignorePublicAcls": false, "restrictPublicBuckets": false, "blockPublicAcls": false, "blockPublicPolicy": false,
                } },
            },
        },
    })
}
