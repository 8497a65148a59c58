mod locations;
mod plan;
mod principal;
mod run;
mod seen;
mod signal;

use super::super::testing::*;
use super::super::{Action, Report, Request, Value, Word};
use super::{Plan, SsmAutomation};
use crate::aws::fake::{Answer, Asked};
use quell_core::incident::{FailClass, Found, Outcome};
use quell_core::text::Untrusted;
use serde_json::{Value as Json, json};

const CONTAIN: &str = "AWSSupport-ContainEC2Instance";
const INSTANCE: &str = "i-0abc12d34e5f67890";
const EXECUTION: &str = "71bf0f37-40fe-4404-9bb0-2eb5e33d550c";
const KEY: &str = "2026/06/12/20/59/71bf0f37-40fe-4404-9bb0-2eb5e33d550c.json";

fn ok(body: &Json) -> Answer {
    Answer::ok(body.to_string())
}

fn parameter(name: &str, default: Option<&str>) -> Json {
    match default {
        Some(default) => json!({"Name": name, "Type": "String", "DefaultValue": default}),
        None => json!({"Name": name, "Type": "String"}),
    }
}

fn document(name: &str, owner: &str, hash: &str) -> Answer {
    let optional = ["BackupS3BucketName", "BackupS3KeyName", "AutomationAssumeRole", "TagIdentifier"];
    let mut parameters = vec![
        parameter("InstanceId", None),
        parameter("Action", None),
        parameter("DryRun", Some("true")),
        json!({"Name": "BackupS3BucketAccess", "Type": "StringList", "DefaultValue": "[]"}),
    ];
    parameters.extend(optional.iter().map(|name| parameter(name, Some(""))));
    ok(&json!({"Document": {
        "Name": name, "Owner": owner, "DocumentVersion": "4", "Status": "Active", "DocumentType": "Automation",
        "Hash": hash, "Parameters": parameters,
    }}))
}

fn started() -> Answer {
    ok(&json!({"AutomationExecutionId": EXECUTION}))
}

fn step(name: &str, action: &str, status: &str) -> Json {
    json!({"StepName": name, "Action": action, "StepStatus": status})
}

fn execution(status: &str, steps: &[Json], more: Json) -> Answer {
    let mut execution = json!({
        "AutomationExecutionId": EXECUTION, "DocumentName": CONTAIN, "DocumentVersion": "4",
        "AutomationExecutionStatus": status, "StepExecutions": steps, "StepExecutionsTruncated": false,
    });
    let members = execution.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    ok(&json!({"AutomationExecution": execution}))
}

fn succeeded() -> Answer {
    let mut report = step("ReportContain", "aws:executeScript", "Success");
    let message = format!("### (Amazon S3) Bucket : ir-backups\n### Amazon S3 prefix : {KEY}\n");
    report["Outputs"] = json!({"Message": [message]});
    let outputs = json!({"Outputs": {"ContainEC2Instance.Output": ["contained"]}});
    execution("Success", &[step("ValidateRequiredInputs", "aws:executeScript", "Success"), report], outputs)
}

/// An account in which the instance has one interface, in a subnet without a way out.
fn account<const N: usize>(answers: [(&str, Vec<Answer>); N]) -> Bench {
    Bench::beside(answers, |asked| there(asked, "sg-0bbbbbbbbbbbbbbb1", "", ""))
}

/// What EC2 says of an instance whose interface has this group, of this group's rules for what goes out, and what more of
/// the interface.
fn there(asked: &Asked, group: &str, rules: &str, more: &str) -> Option<Answer> {
    if asked.operation.ends_with("?location") {
        return Some(Answer::ok("<LocationConstraint>eu-west-1</LocationConstraint>"));
    }
    let body = match asked.operation.as_str() {
        "DescribeInstances" => format!(
            "<reservationSet><item><instancesSet><item><instanceId>{INSTANCE}</instanceId><instanceState>\
             <name>running</name></instanceState></item></instancesSet></item></reservationSet>"
        ),
        "DescribeNetworkInterfaces" => format!(
            "<networkInterfaceSet><item><networkInterfaceId>eni-0aaaaaaaaaaaaaaa1</networkInterfaceId><vpcId>vpc-1</vpcId>\
             <subnetId>subnet-1</subnetId><groupSet><item><groupId>{group}</groupId><groupName>web</groupName></item>\
             </groupSet>{more}</item></networkInterfaceSet>"
        ),
        "DescribeRouteTables" => "<routeTableSet><item><routeSet><item><destinationCidrBlock>0.0.0.0/0\
             </destinationCidrBlock><natGatewayId>nat-1</natGatewayId></item></routeSet><associationSet><item>\
             <main>true</main></item></associationSet></item></routeTableSet>"
            .to_owned(),
        "DescribeSecurityGroups" => format!(
            "<securityGroupInfo><item><groupId>{group}</groupId><groupName>web</groupName><ipPermissions/>\
             <ipPermissionsEgress>{rules}</ipPermissionsEgress></item></securityGroupInfo>"
        ),
        _ => return None,
    };
    let name = &asked.operation;
    Some(Answer::ok(format!("<{name}Response><requestId>r</requestId>{body}</{name}Response>")))
}

fn bench(start: Answer, looks: Vec<Answer>) -> Bench {
    account([
        ("DescribeDocument", vec![document(CONTAIN, "Amazon", "h1")]),
        ("StartAutomationExecution", vec![start]),
        ("GetAutomationExecution", looks),
    ])
}

fn given(name: &str, parameters: &[(&str, Value)]) -> Request {
    let map = parameters.iter().map(|(k, v)| ((*k).into(), v.clone())).collect();
    let fields = [("document", own(name)), ("parameters", Value::Map(map))];
    request(&SsmAutomation, finding("f-1", INSTANCE), fields)
}

fn contain(dry: &str) -> Request {
    let id = Word { text: INSTANCE.into(), filled: true };
    let parameters = [
        ("InstanceId", Value::List(vec![id])),
        ("Action", Value::List(vec![Word::own("Contain")])),
        ("DryRun", Value::List(vec![Word::own(dry)])),
        ("BackupS3BucketAccess", Value::List(vec![Word::own("arn:aws:iam::111122223333:role/ir")])),
    ];
    given(CONTAIN, &parameters)
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&SsmAutomation, &contain("false")).unwrap()
}

fn steps(reports: &[Report]) -> Vec<(String, u32, u32)> {
    let step = |report: &Report| match report {
        Report::Step(step) => Some((raw(&step.text), step.done, step.of)),
        Report::Output { .. } => None,
    };
    reports.iter().filter_map(step).collect()
}
