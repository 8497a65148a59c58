//! Findings of Security Hub's own controls, in the consolidated form (one finding a control and resource).

use super::{frame, normalized, product};
use crate::simulator::clock::earlier;
use crate::simulator::scenario::Control;
use crate::simulator::wire::millis;
use crate::simulator::world::World;
use serde_json::{Value, json};

pub(super) fn finding(world: &World, control: &Control, n: u64) -> Value {
    let (first, last) = (earlier(world.start, control.began), earlier(world.start, control.seen));
    let (region, account) = (&world.scenario.region, &world.scenario.account);
    let uuid = world.chance.uuid(&format!("control {}", control.id), n);
    let id = format!("arn:aws:securityhub:{region}:{account}:security-control/{}/finding/{uuid}", control.id);
    let (kind, resource) = resource(world, control);
    let types = "Software and Configuration Checks/Industry and Regulatory Standards";
    let severity =
        json!({ "Label": control.severity, "Normalized": normalized(&control.severity), "Original": control.severity });
    let mut out = frame(world, first, last);
    for (name, value) in [
        ("Id", json!(id)),
        ("ProductArn", json!(product(world, "securityhub"))),
        ("ProductName", json!("Security Hub CSPM")),
        ("CompanyName", json!("AWS")),
        ("GeneratorId", json!(format!("security-control/{}", control.id))),
        ("Types", json!([types])),
        ("FirstObservedAt", json!(millis(first))),
        ("LastObservedAt", json!(millis(last))),
        ("Title", json!(control.title)),
        ("Description", json!(control.description)),
        ("Severity", severity),
        ("Remediation", remediation(&control.id)),
        (
            "Compliance",
            json!({
                "Status": "FAILED",
                "SecurityControlId": control.id,
                "AssociatedStandards": [{ "StandardsId": "standards/aws-foundational-security-best-practices/v/1.0.0" }],
            }),
        ),
        ("ProductFields", fields(world, &resource, &id)),
        ("Resources", json!([{ "Type": kind, "Id": resource, "Partition": "aws", "Region": region }])),
        (
            "FindingProviderFields",
            json!({
                "Severity": { "Label": control.severity, "Original": control.severity },
                "Types": [types],
            }),
        ),
    ] {
        out.insert(name.to_owned(), value);
    }
    Value::Object(out)
}

fn fields(world: &World, resource: &str, id: &str) -> Value {
    json!({
        "RelatedAWSResources:0/type": "AWS::Config::ConfigRule",
        "Resources:0/Id": resource,
        "aws/securityhub/ProductName": "Security Hub CSPM",
        "aws/securityhub/CompanyName": "AWS",
        "aws/securityhub/FindingId": format!("{}/{id}", product(world, "securityhub")),
    })
}

fn remediation(id: &str) -> Value {
    json!({ "Recommendation": {
        "Text": "The control's page in the user guide says how to put this right.",
        "Url": format!("https://docs.aws.amazon.com/console/securityhub/{id}/remediation"),
    } })
}

/// The type and id of the control's resource; the account itself when it names none.
fn resource(world: &World, control: &Control) -> (&'static str, String) {
    let (region, account) = (&world.scenario.region, &world.scenario.account);
    let target = &control.resource;
    if let Some(id) = &target.instance {
        return ("AwsEc2Instance", format!("arn:aws:ec2:{region}:{account}:instance/{id}"));
    }
    if let Some(name) = &target.bucket {
        return ("AwsS3Bucket", format!("arn:aws:s3:::{name}"));
    }
    if let Some(name) = &target.user {
        return ("AwsIamUser", world.user_arn(name));
    }
    if let Some(id) = &target.group {
        return ("AwsEc2SecurityGroup", format!("arn:aws:ec2:{region}:{account}:security-group/{id}"));
    }
    ("AwsAccount", format!("AWS::::Account:{account}"))
}
