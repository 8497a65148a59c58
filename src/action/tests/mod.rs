mod arguments;
mod automations;
mod balanced;
mod blocks;
mod breaks;
mod ec2;
mod faults;
mod halves;
mod in_force;
mod layers;
mod places;
mod policies;
mod reaches;
mod samples;
mod sealed;
mod sends;
mod simulated;
mod stop;
mod touch;
mod triples;

use super::request::resolve;
use super::testing::*;
use super::*;
use quell_core::runbook::{Field, Item};
use quell_core::text::Untrusted;
use std::collections::BTreeMap;

#[test]
fn kinds_are_found_by_name_and_told_apart() {
    let names: Vec<&str> = kinds().iter().map(|kind| kind.info().name).collect();
    let expected = [
        "ssm-automation",
        "ssm-signal",
        "iam-access-key",
        "iam-deny",
        "iam-revoke-sessions",
        "iam-console-access",
        "iam-role-trust",
        "identity-center-assignment",
        "ec2-isolate",
        "ec2-snapshot",
        "ec2-shutdown",
        "ec2-stop",
        "ec2-tag",
        "ec2-instance-profile",
        "ec2-metadata",
        "asg-standby",
        "elb-deregister",
        "s3-block-public",
        "s3-block-public-account",
        "s3-bucket-policy",
        "dns-firewall",
        "lambda-concurrency",
        "securityhub-workflow",
        "guardduty-archive",
        "sns-publish",
        "eventbridge-put-events",
        "sfn-start",
        "sfn-stop",
        "lambda-invoke",
        "config-remediation",
        "securityhub-ticket",
        "webhook",
        "command",
    ];
    assert_eq!(names, expected);
    assert_eq!(by_name("command").map(|kind| kind.info().danger), Some(2));
    assert_eq!(by_name("iam-access-key").map(|kind| kind.info().danger), Some(2));
    assert_eq!(by_name("guardduty-archive").map(|kind| kind.info().danger), Some(1));
    assert_eq!(by_name("securityhub-workflow").map(|kind| kind.info().danger), Some(1));
    assert!(by_name("shell").is_none());
}

#[test]
fn the_guard_lets_through_what_the_kinds_name_and_no_more() {
    let allow = allow();
    let mutate = [
        ("Auto Scaling", "EnterStandby"),
        ("Auto Scaling", "ExitStandby"),
        ("Config Service", "StartRemediationExecution"),
        ("EC2", "AssociateIamInstanceProfile"),
        ("EC2", "CreateSnapshots"),
        ("EC2", "CreateTags"),
        ("EC2", "DeleteTags"),
        ("EC2", "DisassociateIamInstanceProfile"),
        ("EC2", "ModifyInstanceAttribute"),
        ("EC2", "ModifyInstanceMetadataOptions"),
        ("EC2", "ModifyNetworkInterfaceAttribute"),
        ("EC2", "StartInstances"),
        ("EC2", "StopInstances"),
        ("Elastic Load Balancing v2", "DeregisterTargets"),
        ("Elastic Load Balancing v2", "RegisterTargets"),
        ("EventBridge", "PutEvents"),
        ("GuardDuty", "ArchiveFindings"),
        ("GuardDuty", "UnarchiveFindings"),
        ("GuardDuty", "UpdateFindingsFeedback"),
        ("IAM", "DeleteLoginProfile"),
        ("IAM", "DeleteRolePolicy"),
        ("IAM", "DeleteUserPolicy"),
        ("IAM", "PutRolePolicy"),
        ("IAM", "PutUserPolicy"),
        ("IAM", "UpdateAccessKey"),
        ("IAM", "UpdateAssumeRolePolicy"),
        ("Lambda", "DeleteFunctionConcurrency"),
        ("Lambda", "Invoke"),
        ("Lambda", "PutFunctionConcurrency"),
        ("Route53Resolver", "AssociateFirewallRuleGroup"),
        ("Route53Resolver", "DisassociateFirewallRuleGroup"),
        ("S3", "DeleteBucketPolicy"),
        ("S3", "DeletePublicAccessBlock"),
        ("S3", "PutBucketPolicy"),
        ("S3", "PutPublicAccessBlock"),
        ("S3 Control", "DeletePublicAccessBlock"),
        ("S3 Control", "PutPublicAccessBlock"),
        ("SFN", "StartExecution"),
        ("SFN", "StopExecution"),
        ("SNS", "Publish"),
        ("SSM", "SendAutomationSignal"),
        ("SSM", "StartAutomationExecution"),
        ("SSM", "StopAutomationExecution"),
        ("SSO Admin", "CreateAccountAssignment"),
        ("SSO Admin", "DeleteAccountAssignment"),
        ("SecurityHub", "BatchUpdateFindings"),
        ("SecurityHub", "CreateTicketV2"),
    ];
    assert_eq!(allow.mutate, mutate);
    let read = [
        ("Auto Scaling", "DescribeAutoScalingGroups"),
        ("Auto Scaling", "DescribeAutoScalingInstances"),
        ("Config Service", "DescribeRemediationConfigurations"),
        ("Config Service", "DescribeRemediationExecutionStatus"),
        ("EC2", "DescribeIamInstanceProfileAssociations"),
        ("EC2", "DescribeInstanceAttribute"),
        ("EC2", "DescribeInstances"),
        ("EC2", "DescribeNetworkInterfaces"),
        ("EC2", "DescribeRouteTables"),
        ("EC2", "DescribeSecurityGroups"),
        ("EC2", "DescribeSnapshots"),
        ("EC2", "DescribeTags"),
        ("EC2", "DescribeVolumes"),
        ("EC2", "DescribeVpcs"),
        ("Elastic Load Balancing v2", "DescribeTargetGroupAttributes"),
        ("Elastic Load Balancing v2", "DescribeTargetGroups"),
        ("Elastic Load Balancing v2", "DescribeTargetHealth"),
        ("EventBridge", "DescribeEventBus"),
        ("GuardDuty", "GetFindings"),
        ("IAM", "GetAccessKeyLastUsed"),
        ("IAM", "GetLoginProfile"),
        ("IAM", "GetRole"),
        ("IAM", "GetRolePolicy"),
        ("IAM", "GetUser"),
        ("IAM", "GetUserPolicy"),
        ("IAM", "ListAccessKeys"),
        ("IAM", "ListInstanceProfilesForRole"),
        ("IAM", "ListRolePolicies"),
        ("IAM", "ListUserPolicies"),
        ("Lambda", "GetFunctionConcurrency"),
        ("Lambda", "GetFunctionConfiguration"),
        ("Route53Resolver", "GetFirewallConfig"),
        ("Route53Resolver", "GetFirewallRuleGroup"),
        ("Route53Resolver", "GetFirewallRuleGroupAssociation"),
        ("Route53Resolver", "ListFirewallRuleGroupAssociations"),
        ("S3", "GetBucketLocation"),
        ("S3", "GetBucketPolicy"),
        ("S3", "GetBucketPolicyStatus"),
        ("S3", "GetPublicAccessBlock"),
        ("S3 Control", "GetPublicAccessBlock"),
        ("SFN", "DescribeExecution"),
        ("SFN", "DescribeStateMachine"),
        ("SNS", "GetTopicAttributes"),
        ("SSM", "DescribeAutomationExecutions"),
        ("SSM", "DescribeAutomationStepExecutions"),
        ("SSM", "DescribeDocument"),
        ("SSM", "GetAutomationExecution"),
        ("SSO Admin", "DescribeAccountAssignmentCreationStatus"),
        ("SSO Admin", "DescribeAccountAssignmentDeletionStatus"),
        ("SSO Admin", "DescribePermissionSet"),
        ("SSO Admin", "ListAccountAssignments"),
        ("SSO Admin", "ListInstances"),
        ("SecurityHub", "GetConnectorV2"),
        ("SecurityHub", "GetFindings"),
        ("SecurityHub", "GetFindingsV2"),
    ];
    assert_eq!(allow.read, read);
    assert!(allow.consume.is_empty());
}

#[test]
fn a_template_fills_a_whole_item_or_is_asked_for() {
    let template = |name: &str| Item::Template { name: name.into(), line: 12, column: 18 };
    let fields: BTreeMap<Box<str>, Field> = BTreeMap::from([
        ("document".into(), Field::Item(Item::Text("AWS-CreateSnapshot".into()))),
        (
            "parameters".into(),
            Field::Map(BTreeMap::from([("VolumeId".into(), Field::List(vec![template("finding.resource.id")]))])),
        ),
    ]);
    let fill = |name: &str| (name == "finding.resource.id").then(|| Untrusted::from("vol-1, vol-2; rm"));
    let filled = resolve(&fields, &fill).unwrap();
    assert_eq!(filled["document"], own("AWS-CreateSnapshot"));
    let Value::Map(parameters) = &filled["parameters"] else { panic!() };
    let word = Word { text: "vol-1, vol-2; rm".into(), filled: true };
    assert_eq!(parameters["VolumeId"], Value::List(vec![word]));
    let problem = resolve(&fields, &|_| None).unwrap_err();
    assert_eq!(problem.headline(), "the runbook:12:18: finding.resource.id has no value");
}
