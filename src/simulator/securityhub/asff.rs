//! A GuardDuty finding in the AWS Security Finding Format, as GuardDuty's integration sends it.

use super::{frame, label, product};
use crate::simulator::finding::Held;
use crate::simulator::scenario::Finding;
use crate::simulator::wire::millis;
use crate::simulator::world::World;
use serde_json::{Map, Value, json};

pub(super) fn finding(world: &World, held: &Held) -> Value {
    let native = held.json(world);
    let Some(spec) = world.scenario.findings.get(held.spec) else { return Value::Null };
    let arn = held.arn(world);
    let mut out = frame(world, held.created, held.updated);
    let normalized = (spec.severity * 10.0).round() as i64;
    for (name, value) in [
        ("Id", json!(arn)),
        ("ProductArn", json!(product(world, "guardduty"))),
        ("ProductName", json!("GuardDuty")),
        ("CompanyName", json!("Amazon")),
        ("GeneratorId", json!(world.scenario.detector_arn())),
        ("Types", json!([spec.asff])),
        ("FirstObservedAt", json!(millis(held.first))),
        ("LastObservedAt", json!(millis(held.last))),
        ("Severity", severity(spec, normalized)),
        ("Title", json!(spec.title)),
        ("Description", json!(spec.description)),
        ("SourceUrl", json!(source(world, &held.id))),
        ("ProductFields", fields(world, &native, &arn)),
        ("Resources", resources(world, spec, &native)),
        ("RecordState", json!(if held.archived { "ARCHIVED" } else { "ACTIVE" })),
        ("FindingProviderFields", json!({ "Severity": { "Label": label(normalized) }, "Types": [spec.asff] })),
    ] {
        out.insert(name.to_owned(), value);
    }
    if let Some(action) = native.pointer("/service/action").filter(|a| a.get("actionType").is_some()) {
        out.insert("Action".to_owned(), pascal(action));
    }
    Value::Object(out)
}

fn severity(spec: &Finding, normalized: i64) -> Value {
    json!({ "Product": spec.severity, "Label": label(normalized), "Normalized": normalized })
}

fn source(world: &World, id: &str) -> String {
    let region = &world.scenario.region;
    format!("https://{region}.console.aws.amazon.com/guardduty/home?region={region}#/findings?macros=current&fId={id}")
}

/// The names of a GuardDuty structure with a capital, as ASFF has them; its one differing type is the AS number.
fn pascal(value: &Value) -> Value {
    match value {
        // The format has fewer members than GuardDuty's own action.
        Value::Object(object) => {
            let known = object
                .iter()
                .filter(|(name, _)| !["userAgent", "localIpDetails", "errorCode"].contains(&name.as_str()));
            Value::Object(known.map(|(name, value)| member(name, value)).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(pascal).collect()),
        other => other.clone(),
    }
}

fn member(name: &str, value: &Value) -> (String, Value) {
    let mut letters = name.chars();
    let upper: String = letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect();
    match value.as_str().and_then(|v| v.parse::<u32>().ok()) {
        Some(number) if name == "asn" => (upper, json!(number)),
        _ => (upper, pascal(value)),
    }
}

/// ProductFields: the finding's `service` flattened to texts, and what the hub adds.
fn fields(world: &World, native: &Value, arn: &str) -> Value {
    let mut out = Map::new();
    let mut service = native.get("service").cloned().unwrap_or_default();
    if let Some(object) = service.as_object_mut() {
        // A sequence's signals would be more fields than a finding may have.
        object.remove("detection");
    }
    flatten("aws/guardduty/service", &service, &mut out);
    let id = format!("{}/{arn}", product(world, "guardduty"));
    for (name, value) in [("FindingId", id.as_str()), ("ProductName", "GuardDuty"), ("CompanyName", "Amazon")] {
        out.insert(format!("aws/securityhub/{name}"), json!(value));
    }
    Value::Object(out)
}

fn flatten(path: &str, value: &Value, out: &mut Map<String, Value>) {
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(name, value)| flatten(&format!("{path}/{name}"), value, out));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, value)| flatten(&format!("{path}.{n}_"), value, out));
        }
        Value::Null => {}
        Value::String(text) => {
            out.insert(path.to_owned(), json!(text));
        }
        other => {
            out.insert(path.to_owned(), json!(other.to_string()));
        }
    }
}

fn resources(world: &World, spec: &Finding, native: &Value) -> Value {
    let mut out = Vec::new();
    let resource = |kind: &str, id: String, details: Value, tags: Value| {
        let mut resource = json!({
            "Type": kind, "Id": id, "Partition": "aws", "Region": world.scenario.region, "Details": { kind: details },
        });
        if let (Some(object), true) = (resource.as_object_mut(), tags.is_object()) {
            object.insert("Tags".to_owned(), tags);
        }
        resource
    };
    if let Some(bucket) = native.pointer("/resource/s3BucketDetails/0") {
        let id = text(bucket, "/arn");
        let details = json!({ "OwnerId": text(bucket, "/owner/id"), "Name": text(bucket, "/name") });
        out.push(resource("AwsS3Bucket", id, details, Value::Null));
    }
    if let Some(instance) = native.pointer("/resource/instanceDetails") {
        let id = spec.resource.instance.clone().unwrap_or_default();
        let arn = format!("arn:aws:ec2:{}:{}:instance/{id}", world.scenario.region, world.scenario.account);
        out.push(resource("AwsEc2Instance", arn, instance_details(instance), tags(instance)));
    }
    if let Some(key) = native.pointer("/resource/accessKeyDetails") {
        let id = format!("AWS::IAM::AccessKey:{}", text(key, "/accessKeyId"));
        // Who signs in at the console has no key; the format wants no empty texts.
        let details = [
            ("AccessKeyId", "/accessKeyId"),
            ("PrincipalId", "/principalId"),
            ("PrincipalName", "/userName"),
            ("PrincipalType", "/userType"),
        ];
        let details = details.map(|(name, at)| (name.to_owned(), json!(text(key, at))));
        let details: Map<String, Value> = details.into_iter().filter(|(_, text)| text != "").collect();
        out.push(resource("AwsIamAccessKey", id, Value::Object(details), Value::Null));
    }
    if out.is_empty() {
        let id = format!("AWS::::Account:{}", world.scenario.account);
        out.push(json!({ "Type": "AwsAccount", "Id": id, "Partition": "aws", "Region": world.scenario.region }));
    }
    Value::Array(out)
}

fn instance_details(instance: &Value) -> Value {
    json!({
        "Type": text(instance, "/instanceType"),
        "ImageId": text(instance, "/imageId"),
        "IpV4Addresses": [
            text(instance, "/networkInterfaces/0/publicIp"),
            text(instance, "/networkInterfaces/0/privateIpAddress"),
        ],
        "IamInstanceProfileArn": text(instance, "/iamInstanceProfile/arn"),
        "VpcId": text(instance, "/networkInterfaces/0/vpcId"),
        "SubnetId": text(instance, "/networkInterfaces/0/subnetId"),
        "LaunchedAt": text(instance, "/launchTime"),
        "NetworkInterfaces": [{ "NetworkInterfaceId": text(instance, "/networkInterfaces/0/networkInterfaceId") }],
    })
}

fn tags(instance: &Value) -> Value {
    let tags = instance.get("tags").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    Value::Object(tags.iter().map(|tag| (text(tag, "/key"), json!(text(tag, "/value")))).collect())
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
