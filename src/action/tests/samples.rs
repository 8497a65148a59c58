//! What is asked of each kind where all of them are tried.

use super::super::testing::{filled, finding, own, request};
use super::super::{Action, Request, Value};
use super::faults::{EXECUTION, RUN, session};

/// What is asked of each kind.
pub(super) fn sample(kind: &dyn Action, arn: &str) -> Request {
    let contain = || {
        let parameters = [
            ("PrincipalType", own("IAM user")),
            ("PrincipalName", filled("ci-publisher")),
            ("Action", own("Contain")),
            ("DryRun", own("false")),
        ];
        Value::Map(parameters.into_iter().map(|(k, v)| (k.into(), v)).collect())
    };
    let document = own("AWSSupport-ContainIAMPrincipal");
    match kind.info().name {
        "ssm-automation" => {
            request(kind, finding("f", "ci-publisher"), [("document", document), ("parameters", contain())])
        }
        "ssm-signal" => {
            let fields = [("execution", own(EXECUTION)), ("signal", own("approve"))];
            request(kind, finding("f", "i-0c4f1e97ab52d6038"), fields)
        }
        "iam-access-key" => {
            request(kind, finding("f", "ci-publisher"), [("access_key", filled("AKIAQ7LXN4WKY5RGT2FB"))])
        }
        "iam-deny" => request(kind, finding("f", "ci-publisher"), [("user", filled("ci-publisher"))]),
        "iam-revoke-sessions" => request(kind, finding("f", "build-runner"), [("role", filled("build-runner"))]),
        "ec2-isolate" | "ec2-snapshot" | "ec2-shutdown" | "ec2-stop" | "ec2-instance-profile" | "ec2-metadata" => {
            request(kind, finding("f", "i-0c4f1e97ab52d6038"), [])
        }
        "dns-firewall" => {
            request(kind, finding("f", "i-0c4f1e97ab52d6038"), [("rule_group", own("rslvr-frg-5f1c0a9d7e3b4826"))])
        }
        "asg-standby" => request(kind, finding("f", "i-03b8a7d5e9c1f2460"), []),
        "elb-deregister" => {
            let arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-web/0b188f78224a8e04";
            request(kind, finding("f", "i-03b8a7d5e9c1f2460"), [("target_group", own(arn))])
        }
        "ec2-tag" => {
            let fields = [("key", own("team")), ("value", own("incident"))];
            request(kind, finding("f", "i-0c4f1e97ab52d6038"), fields)
        }
        "s3-block-public-account" => request(kind, finding("f", "i-0c4f1e97ab52d6038"), []),
        "iam-role-trust" => request(kind, finding("f", "build-runner"), [("role", filled("build-runner"))]),
        "s3-block-public" | "s3-bucket-policy" => {
            request(kind, finding("f", "i-0c4f1e97ab52d6038"), [("bucket", filled("lumen-build-artifacts"))])
        }
        "lambda-concurrency" => {
            request(kind, finding("f", "i-0c4f1e97ab52d6038"), [("function", filled("nightly-report"))])
        }
        "identity-center-assignment" => {
            let set = own("arn:aws:sso:::permissionSet/ssoins-7223a1c0de5f4b68/ps-4d2a9c17e08b53f6");
            let user = filled("93f7b2c1d4-0a5e8d62-7b14-4c39-9e60-15a2f8c7d3b4");
            request(kind, finding("f", "ines.duarte"), [("permission_set", set), ("user", user)])
        }
        "iam-console-access" => request(kind, finding("f", "ci-publisher"), [("user", filled("ci-publisher"))]),
        "securityhub-workflow" => request(kind, finding(arn, "i-0c4f1e97ab52d6038"), [("workflow", own("NOTIFIED"))]),
        "securityhub-ticket" => {
            let connector = own("8b0f6c1e-2d47-4a93-9c58-e1d2f3a4b5c6");
            request(kind, finding(arn, "i-0c4f1e97ab52d6038"), [("connector", connector)])
        }
        "sns-publish" => handover(kind, "topic", "sns", "security-incidents"),
        "eventbridge-put-events" => handover(kind, "bus", "events", "event-bus/security"),
        "sfn-stop" => request(kind, finding("f", "i-0c4f1e97ab52d6038"), [("execution", own(RUN))]),
        "sfn-start" => handover(kind, "state_machine", "states", "stateMachine:page-the-owner"),
        "config-remediation" => {
            let rule = ("rule", own("s3-bucket-level-public-access-prohibited"));
            request(kind, finding("f", "lumen-build-artifacts"), [rule, ("type", own("AWS::S3::Bucket"))])
        }
        "lambda-invoke" => handover(kind, "function", "lambda", "function:nightly-report"),
        "guardduty-archive" => request(kind, finding(arn, "i-0c4f1e97ab52d6038"), []),
        other => panic!("{other} has no sample"),
    }
}

/// A hand-over of the incident to what the field names.
fn handover(kind: &dyn Action, field: &str, service: &str, named: &str) -> Request {
    let arn = format!("arn:aws:{service}:eu-west-1:111122223333:{named}");
    request(kind, finding("f", "i-0c4f1e97ab52d6038"), [(field, own(&arn)), ("session", own(session().as_str()))])
}
