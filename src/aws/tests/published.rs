//! Each answer that AWS publishes, read unchanged by the clients that quell builds.

mod balanced;
mod ec2;
mod resolver;

use crate::aws::fake::{Answer, Fake, run};
use crate::aws::published::{Published, published};
use crate::aws::{Allow, ConnectOptions, ConnectionKind, Reader, s3, sns};
use quell_core::text::Id;

/// The operations that the simulator has and that AWS publishes an example answer of.
const SHOWN: [(&str, &str); 82] = [
    ("guardduty", "ListDetectors"),
    ("guardduty", "GetDetector"),
    ("guardduty", "ListFindings"),
    ("guardduty", "GetFindings"),
    ("guardduty", "ArchiveFindings"),
    ("securityhub", "DescribeHub"),
    ("securityhub", "GetFindings"),
    ("securityhub", "BatchUpdateFindings"),
    ("securityhub", "BatchImportFindings"),
    ("ssm", "DescribeDocument"),
    ("ssm", "StartAutomationExecution"),
    ("ssm", "GetAutomationExecution"),
    ("ssm", "DescribeAutomationExecutions"),
    ("ssm", "DescribeAutomationStepExecutions"),
    ("ssm", "StopAutomationExecution"),
    ("ssm", "SendAutomationSignal"),
    ("iam", "ListAccessKeys"),
    ("iam", "UpdateAccessKey"),
    ("iam", "GetAccessKeyLastUsed"),
    ("iam", "PutUserPolicy"),
    ("iam", "DeleteUserPolicy"),
    ("iam", "GetUserPolicy"),
    ("iam", "PutRolePolicy"),
    ("iam", "DeleteRolePolicy"),
    ("iam", "GetUser"),
    ("iam", "GetLoginProfile"),
    ("iam", "DeleteLoginProfile"),
    ("iam", "GetRole"),
    ("iam", "GetInstanceProfile"),
    ("iam", "ListInstanceProfilesForRole"),
    ("iam", "SimulatePrincipalPolicy"),
    ("iam", "UpdateAssumeRolePolicy"),
    ("iam", "ListUserPolicies"),
    ("iam", "ListRolePolicies"),
    ("sts", "GetCallerIdentity"),
    ("sts", "AssumeRole"),
    ("ec2", "DescribeInstances"),
    ("ec2", "DescribeNetworkInterfaces"),
    ("ec2", "DescribeRouteTables"),
    ("ec2", "ModifyNetworkInterfaceAttribute"),
    ("ec2", "ModifyInstanceAttribute"),
    ("ec2", "ModifyInstanceMetadataOptions"),
    ("ec2", "DescribeSnapshots"),
    ("ec2", "StartInstances"),
    ("ec2", "StopInstances"),
    ("ec2", "CreateTags"),
    ("ec2", "DeleteTags"),
    ("ec2", "DescribeTags"),
    ("ec2", "DescribeIamInstanceProfileAssociations"),
    ("ec2", "DisassociateIamInstanceProfile"),
    ("ec2", "AssociateIamInstanceProfile"),
    ("s3", "GetBucketLocation"),
    ("s3", "GetBucketPolicyStatus"),
    ("s3", "PutPublicAccessBlock"),
    ("s3", "GetPublicAccessBlock"),
    ("s3", "DeletePublicAccessBlock"),
    ("s3", "GetBucketPolicy"),
    ("s3", "PutBucketPolicy"),
    ("s3", "DeleteBucketPolicy"),
    ("s3control", "PutPublicAccessBlock"),
    ("s3control", "GetPublicAccessBlock"),
    ("s3control", "DeletePublicAccessBlock"),
    ("lambda", "GetFunctionConfiguration"),
    ("lambda", "GetFunctionConcurrency"),
    ("lambda", "PutFunctionConcurrency"),
    ("lambda", "DeleteFunctionConcurrency"),
    ("sns", "GetTopicAttributes"),
    ("sns", "Publish"),
    ("autoscaling", "DescribeAutoScalingInstances"),
    ("autoscaling", "DescribeAutoScalingGroups"),
    ("autoscaling", "EnterStandby"),
    ("autoscaling", "ExitStandby"),
    ("elbv2", "DescribeTargetGroups"),
    ("elbv2", "DescribeTargetHealth"),
    ("elbv2", "DeregisterTargets"),
    ("elbv2", "RegisterTargets"),
    ("route53resolver", "AssociateFirewallRuleGroup"),
    ("route53resolver", "DisassociateFirewallRuleGroup"),
    ("route53resolver", "GetFirewallConfig"),
    ("route53resolver", "GetFirewallRuleGroup"),
    ("route53resolver", "GetFirewallRuleGroupAssociation"),
    ("route53resolver", "ListFirewallRuleGroupAssociations"),
];

/// The connection lets these through as reads: what is tested is how answers are read, and nothing is sent.
fn reader(example: &'static Published) -> Reader {
    let name = match example.service.as_str() {
        "guardduty" => "GuardDuty",
        "securityhub" => "SecurityHub",
        "ssm" => "SSM",
        "iam" => "IAM",
        "ec2" => "EC2",
        "s3" => "S3",
        "s3control" => "S3 Control",
        "lambda" => "Lambda",
        "sns" => "SNS",
        "autoscaling" => "Auto Scaling",
        "elbv2" => "Elastic Load Balancing v2",
        "route53resolver" => "Route53Resolver",
        _ => "STS",
    };
    let operation: &'static str = &example.operation;
    let allow = Allow { read: vec![(name, operation)], ..Allow::default() };
    let fake = Fake::new(|asked| match example.fits(asked) {
        true => example.answer(),
        false => Answer::refused(400, "Unexpected", "{}"),
    });
    fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow).reader("eu-west-1")
}

/// Sends an operation and gives what came of it in words.
macro_rules! words {
    ($call:expr) => {
        format!("{:?}", run($call.send()).unwrap())
    };
}

fn guardduty(reader: &Reader, operation: &str) -> String {
    let client = reader.guardduty();
    match operation {
        "ListDetectors" => words!(client.list_detectors()),
        "GetDetector" => words!(client.get_detector().detector_id("d")),
        "ListFindings" => words!(client.list_findings().detector_id("d")),
        "ArchiveFindings" => words!(client.archive_findings().detector_id("d").finding_ids("f")),
        other => panic!("{other}"),
    }
}

fn securityhub(reader: &Reader, operation: &str) -> String {
    let client = reader.securityhub();
    match operation {
        "DescribeHub" => words!(client.describe_hub()),
        "BatchUpdateFindings" => words!(client.batch_update_findings().set_finding_identifiers(Some(Vec::new()))),
        "BatchImportFindings" => words!(client.batch_import_findings().set_findings(Some(Vec::new()))),
        other => panic!("{other}"),
    }
}

fn ssm(reader: &Reader, operation: &str) -> String {
    use aws_sdk_ssm::types::SignalType;
    let client = reader.ssm();
    match operation {
        "DescribeDocument" => words!(client.describe_document().name("n")),
        "StartAutomationExecution" => words!(client.start_automation_execution().document_name("n")),
        "GetAutomationExecution" => words!(client.get_automation_execution().automation_execution_id("i")),
        "DescribeAutomationExecutions" => words!(client.describe_automation_executions()),
        "DescribeAutomationStepExecutions" => {
            words!(client.describe_automation_step_executions().automation_execution_id("i"))
        }
        "StopAutomationExecution" => words!(client.stop_automation_execution().automation_execution_id("i")),
        "SendAutomationSignal" => {
            words!(client.send_automation_signal().automation_execution_id("i").signal_type(SignalType::Approve))
        }
        other => panic!("{other}"),
    }
}

fn iam(reader: &Reader, operation: &str) -> String {
    use aws_sdk_iam::types::StatusType;
    let client = reader.iam();
    match operation {
        "ListAccessKeys" => words!(client.list_access_keys()),
        "UpdateAccessKey" => words!(client.update_access_key().access_key_id("k").status(StatusType::Inactive)),
        "GetAccessKeyLastUsed" => words!(client.get_access_key_last_used().access_key_id("k")),
        "PutUserPolicy" => words!(client.put_user_policy().user_name("u").policy_name("p").policy_document("{}")),
        "DeleteUserPolicy" => words!(client.delete_user_policy().user_name("u").policy_name("p")),
        "GetUserPolicy" => words!(client.get_user_policy().user_name("u").policy_name("p")),
        "PutRolePolicy" => words!(client.put_role_policy().role_name("r").policy_name("p").policy_document("{}")),
        "DeleteRolePolicy" => words!(client.delete_role_policy().role_name("r").policy_name("p")),
        "GetUser" => words!(client.get_user().user_name("u")),
        "GetLoginProfile" => words!(client.get_login_profile().user_name("u")),
        "DeleteLoginProfile" => words!(client.delete_login_profile().user_name("u")),
        "GetRole" => words!(client.get_role().role_name("r")),
        "GetInstanceProfile" => words!(client.get_instance_profile().instance_profile_name("p")),
        "ListUserPolicies" => words!(client.list_user_policies().user_name("u")),
        "ListRolePolicies" => words!(client.list_role_policies().role_name("r")),
        "ListInstanceProfilesForRole" => words!(client.list_instance_profiles_for_role().role_name("r")),
        "UpdateAssumeRolePolicy" => {
            words!(client.update_assume_role_policy().role_name("r").policy_document("{}"))
        }
        "SimulatePrincipalPolicy" => {
            words!(client.simulate_principal_policy().policy_source_arn("a").action_names("x"))
        }
        other => panic!("{other}"),
    }
}

const ALL: s3::PublicAccessBlock = s3::PublicAccessBlock {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: true,
};

fn s3control(reader: &Reader, operation: &str) -> String {
    let (client, account) = (reader.s3control(), Id::new("123456789012").unwrap());
    match operation {
        "GetPublicAccessBlock" => format!("{:?}", run(client.get_public_access_block(&account)).unwrap()),
        "PutPublicAccessBlock" => format!("{:?}", run(client.put_public_access_block(&account, ALL)).unwrap()),
        "DeletePublicAccessBlock" => format!("{:?}", run(client.delete_public_access_block(&account)).unwrap()),
        other => panic!("{other}"),
    }
}

fn s3(reader: &Reader, operation: &str) -> String {
    let client = reader.s3();
    let bucket = s3::Bucket { name: Id::new("amzn-s3-demo-bucket").unwrap(), owner: Id::new("123456789012").unwrap() };
    match operation {
        "GetBucketLocation" => run(client.get_bucket_location(&bucket)).unwrap().line().into_string(),
        "GetBucketPolicyStatus" => run(client.get_bucket_policy_status(&bucket)).unwrap().to_string(),
        "GetPublicAccessBlock" => format!("{:?}", run(client.get_public_access_block(&bucket)).unwrap()),
        "PutPublicAccessBlock" => format!("{:?}", run(client.put_public_access_block(&bucket, ALL)).unwrap()),
        "GetBucketPolicy" => run(client.get_bucket_policy(&bucket)).unwrap(),
        "PutBucketPolicy" => format!("{:?}", run(client.put_bucket_policy(&bucket, "{}")).unwrap()),
        "DeleteBucketPolicy" => format!("{:?}", run(client.delete_bucket_policy(&bucket)).unwrap()),
        "DeletePublicAccessBlock" => format!("{:?}", run(client.delete_public_access_block(&bucket)).unwrap()),
        other => panic!("{other}"),
    }
}

fn lambda(reader: &Reader, operation: &str) -> String {
    let (client, name) = (reader.lambda(), Id::new("my-function").unwrap());
    match operation {
        "GetFunctionConfiguration" => {
            let found = run(client.get_function_configuration(&name)).unwrap();
            let texts = [Some(found.function_name), Some(found.function_arn), Some(found.role), found.state];
            texts.iter().flatten().map(|text| text.line().into_string()).collect::<Vec<_>>().join(" ")
        }
        "GetFunctionConcurrency" => format!("{:?}", run(client.get_function_concurrency(&name)).unwrap()),
        "PutFunctionConcurrency" => format!("{:?}", run(client.put_function_concurrency(&name, 100)).unwrap()),
        "DeleteFunctionConcurrency" => format!("{:?}", run(client.delete_function_concurrency(&name)).unwrap()),
        other => panic!("{other}"),
    }
}

fn sns(reader: &Reader, operation: &str) -> String {
    let (client, topic) = (reader.sns(), Id::new("arn:aws:sns:us-west-2:123456789012:my-topic").unwrap());
    match operation {
        "GetTopicAttributes" => {
            let found = run(client.get_topic_attributes(&topic)).unwrap();
            format!("{} {} {} {}", found.owner.line(), found.confirmed, found.pending, found.fifo)
        }
        "Publish" => {
            let message = sns::Message { topic, subject: "S".into(), text: "T".into(), order: None };
            run(client.publish(&message)).unwrap().value.line().into_string()
        }
        other => panic!("{other}"),
    }
}

fn read(example: &'static Published) -> String {
    let reader = reader(example);
    match example.service.as_str() {
        "guardduty" => guardduty(&reader, &example.operation),
        "securityhub" => securityhub(&reader, &example.operation),
        "ssm" => ssm(&reader, &example.operation),
        "iam" => iam(&reader, &example.operation),
        "ec2" => ec2::read(&reader, &example.operation),
        "s3" => s3(&reader, &example.operation),
        "s3control" => s3control(&reader, &example.operation),
        "lambda" => lambda(&reader, &example.operation),
        "sns" => sns(&reader, &example.operation),
        "route53resolver" => resolver::read(&reader, &example.operation),
        "autoscaling" | "elbv2" => balanced::read(&reader, &example.operation),
        _ => match example.operation.as_str() {
            "GetCallerIdentity" => words!(reader.sts().get_caller_identity()),
            _ => words!(reader.sts().assume_role().role_arn("r").role_session_name("s")),
        },
    }
}

/// Words of the examples, by what must be there once they have been read.
const HOLDS: [(&str, &[&str]); 48] = [
    ("ListDetectors", &["12abc34d567e8fa901bc2d34eexample"]),
    ("GetDetector", &["Enabled", "2018-11-07T03:24:22.938Z", "SixHours"]),
    ("ListFindings", &["example"]),
    ("DescribeHub", &["arn:aws:securityhub:us-west-1:123456789012:hub/default", "SecurityControl"]),
    ("BatchUpdateFindings", &["finding/a1b2c3d4-5678-90ab-cdef-EXAMPLE22222", "unprocessed_findings: Some([])"]),
    ("BatchImportFindings", &["success_count: Some(1)", "failed_count: Some(0)"]),
    ("DescribeDocument", &["AutomationAssumeRole", "InstanceId", "Automation", "2020-03-03T17:52:18.266Z"]),
    ("StartAutomationExecution", &["4105a4fc-f944-11e6-9d32-0a1b2EXAMPLE"]),
    ("GetAutomationExecution", &["AWS-StartEC2Instance", "Success", "startInstances", "i-0cb99161f6EXAMPLE"]),
    ("DescribeAutomationExecutions", &["73c8eef8-f4ee-4a05-820c-e354fEXAMPLE", "Local", "2020-03-09T07:00:34.719Z"]),
    ("DescribeAutomationStepExecutions", &["startInstances", "aws:changeInstanceState"]),
    ("ListAccessKeys", &["AKIAIOSFODNN7EXAMPLE", "Inactive", "AKIAI44QH8DHBEXAMPLE", "Bob"]),
    ("GetAccessKeyLastUsed", &["us-east-1", "service_name: \"iam\"", "Bob"]),
    ("GetUserPolicy", &["ExamplePolicy", "2012-10-17"]),
    ("GetUser", &["Paulo", "2019-09-21T23:03:13Z"]),
    ("GetLoginProfile", &["Bob", "2012-09-21T23:03:39Z"]),
    ("GetRole", &["Test-Role", "us-east-1", "2019-11-13T17:14:00Z"]),
    ("GetInstanceProfile", &["ExampleInstanceProfile", "Test-Role"]),
    ("ListUserPolicies", &["ExamplePolicy", "TestPolicy"]),
    ("ListRolePolicies", &["ExamplePolicy"]),
    ("ListInstanceProfilesForRole", &["ExampleInstanceProfile", "Test-Role"]),
    ("SimulatePrincipalPolicy", &["eval_action_name: \"", "eval_resource_name: Some(\"*\")", "eval_decision: "]),
    ("GetCallerIdentity", &["123456789012", "arn:aws:iam::123456789012:user/DevAdmin"]),
    ("AssumeRole", &["assumed-role/xaccounts3access/s3-access-example", "AROA3XFRBF535PLBIFPI4:s3-access-example"]),
    ("ArchiveFindings", &["ArchiveFindingsOutput"]),
    (
        "DescribeInstances",
        &["i-1234567890abcdef0 running vpc-1234567890abcdef0", "AmazonSSMRole", "eni-1234567890abcdefg"],
    ),
    ("DescribeNetworkInterfaces", &["eni-", "vpc-", "false"]),
    ("DescribeSnapshots", &["snap-01234567890abcdef vol-049df61146c4d7901 completed 100%"]),
    (
        "DescribeIamInstanceProfileAssociations",
        &["iip-assoc-0db249b1f25fa24b8 arn:aws:iam::123456789012:instance-profile/admin-role associated"],
    ),
    ("DescribeRouteTables", &["subnet-0d3d002af8EXAMPLE", "172.31.0.0/16 local 0.0.0.0/0 igw-fEXAMPLE"]),
    ("DescribeAutoScalingInstances", &["my-asg InService"]),
    ("DescribeTargetGroups", &["my-targets true"]),
    ("DescribeTargetHealth", &["i-0f76fade 80 healthy"]),
    (
        "AssociateFirewallRuleGroup",
        &["rslvr-frgassoc-57e8873d7example rslvr-frg-47f93271fexample vpc-31e92222 101 UPDATING"],
    ),
    ("DisassociateFirewallRuleGroup", &["rslvr-frg-47f93271fexample vpc-31e92222 103 DELETING"]),
    ("GetFirewallConfig", &["DISABLED"]),
    ("GetFirewallRuleGroup", &["test Some(0) COMPLETE"]),
    ("GetFirewallRuleGroupAssociation", &["vpc-31e92222 101 COMPLETE 2ca1a304-32b3-4f5f-bc4c-EXAMPLE11111"]),
    ("ListFirewallRuleGroupAssociations", &["rslvr-frgassoc-57e8873d7example rslvr-frg-47f93271fexample"]),
    ("GetBucketLocation", &["us-west-2"]),
    ("GetBucketPolicy", &["{\"Version\":\"2008-10-17\",\"Statement\":[", "secret/*"]),
    ("GetBucketPolicyStatus", &["false"]),
    ("GetFunctionConfiguration", &["my-function", "arn:aws:lambda:us-west-2:123456789012:function:my-function"]),
    ("GetFunctionConcurrency", &["Some(250)"]),
    ("PutFunctionConcurrency", &["Some(100)"]),
    ("GetTopicAttributes", &["123456789012 1 0 false"]),
    ("Publish", &["123a45b6-7890-12c3-45d6-"]),
    ("GetPublicAccessBlock", &["block_public_acls: true", "restrict_public_buckets: true"]),
];

#[test]
fn published_answers_are_read_unchanged() {
    let Some(all) = published() else { return };
    let mut shown: Vec<(&str, &str)> = all.iter().map(|e| (e.service.as_str(), e.operation.as_str())).collect();
    shown.dedup();
    assert_eq!(shown, SHOWN);
    // Findings are read by the sources, from their bytes.
    for example in all.iter().filter(|e| e.operation != "GetFindings") {
        let words = read(example);
        let wanted = HOLDS.iter().filter(|(operation, _)| *operation == example.operation);
        for word in wanted.flat_map(|(_, words)| words.iter()) {
            assert!(words.contains(word), "{}: {word} is not in {words}", example.operation);
        }
    }
}
