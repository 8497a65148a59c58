//! The call log's line of every operation: what the AWS command line would be given.

use super::super::ec2::Change;
use super::super::lambda::Invocation;
use super::super::s3::{Bucket, PublicAccessBlock};
use super::super::sns::Message;
use super::INSTANCE;
use crate::aws::fake::{Answer, Fake, run};
use crate::aws::{Allow, ConnectOptions, ConnectionKind, Operation, Reader};
use quell_core::text::Id;

/// The lines of what is called on a client that may call these; all of it is refused, and noted all the same.
fn lines(operations: &[Operation], call: impl AsyncFn(&Reader)) -> Vec<String> {
    let fake = Fake::new(|_| Answer::refused(403, "AccessDenied", "{}"));
    let allow = Allow { read: operations.to_vec(), ..Allow::default() };
    let connection = fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow);
    let reader = connection.reader("eu-west-1");
    run(call(&reader));
    connection.calls().calls().into_iter().map(|call| call.command.unwrap_or_default()).collect()
}

#[test]
fn ec2_s_calls() {
    let operations = ["DescribeInstances", "DescribeNetworkInterfaces", "DescribeSecurityGroups"];
    let more = ["DescribeRouteTables", "ModifyNetworkInterfaceAttribute", "StopInstances", "ModifyInstanceAttribute"];
    let operations = operations.iter().chain(&more).map(|name| ("EC2", *name));
    let called = lines(&operations.collect::<Vec<_>>(), async |reader| {
        let ec2 = reader.ec2();
        let filters = [("vpc-id", vec!["vpc-1"]), ("group-name", vec!["a", "b c"])];
        assert!(ec2.describe_instances(INSTANCE).await.is_err());
        assert!(ec2.describe_network_interfaces(INSTANCE).await.is_err());
        assert!(ec2.describe_security_groups(&filters).await.is_err());
        assert!(ec2.describe_route_tables("vpc-1").await.is_err());
        assert!(ec2.change(&Change::groups("eni-1", &["sg-1", "sg-2"])).await.is_err());
        assert!(ec2.dry_run(&Change::stop(INSTANCE, true)).await.is_err());
        assert!(ec2.change(&Change::shutdown(INSTANCE, "stop")).await.is_err());
    });
    assert_eq!(
        called,
        [
            "aws ec2 describe-instances --region eu-west-1 --cli-input-json \
             '{\"InstanceIds\":[\"i-0abc12d34e5f67890\"]}'",
            "aws ec2 describe-network-interfaces --region eu-west-1 --cli-input-json \
             '{\"Filters\":[{\"Name\":\"attachment.instance-id\",\"Values\":[\"i-0abc12d34e5f67890\"]}],\"MaxResults\":1000}'",
            "aws ec2 describe-security-groups --region eu-west-1 --cli-input-json \
             '{\"Filters\":[{\"Name\":\"vpc-id\",\"Values\":[\"vpc-1\"]},{\"Name\":\"group-name\",\"Values\":[\"a\",\"b c\"]}],\
             \"MaxResults\":1000}'",
            "aws ec2 describe-route-tables --region eu-west-1 --cli-input-json \
             '{\"Filters\":[{\"Name\":\"vpc-id\",\"Values\":[\"vpc-1\"]}],\"MaxResults\":100}'",
            "aws ec2 modify-network-interface-attribute --region eu-west-1 --cli-input-json \
             '{\"Groups\":[\"sg-1\",\"sg-2\"],\"NetworkInterfaceId\":\"eni-1\"}'",
            "aws ec2 stop-instances --region eu-west-1 --cli-input-json \
             '{\"DryRun\":true,\"Hibernate\":true,\"InstanceIds\":[\"i-0abc12d34e5f67890\"]}'",
            "aws ec2 modify-instance-attribute --region eu-west-1 --cli-input-json \
             '{\"InstanceId\":\"i-0abc12d34e5f67890\",\"InstanceInitiatedShutdownBehavior\":{\"Value\":\"stop\"}}'",
        ]
    );
}

#[test]
fn s3_s_calls() {
    let operations = ["GetBucketLocation", "GetBucketPolicyStatus", "GetPublicAccessBlock", "PutPublicAccessBlock"];
    let operations = operations.iter().chain(&["DeletePublicAccessBlock"]).map(|name| ("S3", *name));
    let called = lines(&operations.collect::<Vec<_>>(), async |reader| {
        let s3 = reader.s3();
        let bucket = Bucket { name: Id::new("exports").unwrap(), owner: Id::new("111122223333").unwrap() };
        let block = PublicAccessBlock {
            block_public_acls: true,
            ignore_public_acls: false,
            block_public_policy: true,
            restrict_public_buckets: false,
        };
        assert!(s3.get_bucket_location(&bucket).await.is_err());
        assert!(s3.get_bucket_policy_status(&bucket).await.is_err());
        assert!(s3.get_public_access_block(&bucket).await.is_err());
        assert!(s3.put_public_access_block(&bucket, block).await.is_err());
        assert!(s3.delete_public_access_block(&bucket).await.is_err());
    });
    let named = "--region eu-west-1 --cli-input-json '{\"Bucket\":\"exports\",\"ExpectedBucketOwner\":\"111122223333\"";
    assert_eq!(
        called,
        [
            format!("aws s3api get-bucket-location {named}}}'"),
            format!("aws s3api get-bucket-policy-status {named}}}'"),
            format!("aws s3api get-public-access-block {named}}}'"),
            format!(
                "aws s3api put-public-access-block {named},\"PublicAccessBlockConfiguration\":{{\"BlockPublicAcls\":true,\
                 \"BlockPublicPolicy\":true,\"IgnorePublicAcls\":false,\"RestrictPublicBuckets\":false}}}}'"
            ),
            format!("aws s3api delete-public-access-block {named}}}'"),
        ]
    );
}

#[test]
fn lambda_s_calls() {
    let operations = ["GetFunctionConfiguration", "GetFunctionConcurrency", "PutFunctionConcurrency"];
    let operations = operations.iter().chain(&["DeleteFunctionConcurrency"]).map(|name| ("Lambda", *name));
    let called = lines(&operations.collect::<Vec<_>>(), async |reader| {
        let (lambda, function) = (reader.lambda(), Id::new("resize").unwrap());
        assert!(lambda.get_function_configuration(&function).await.is_err());
        assert!(lambda.get_function_concurrency(&function).await.is_err());
        assert!(lambda.put_function_concurrency(&function, 0).await.is_err());
        assert!(lambda.delete_function_concurrency(&function).await.is_err());
    });
    let named = "--region eu-west-1 --cli-input-json '{\"FunctionName\":\"resize\"";
    assert_eq!(
        called,
        [
            format!("aws lambda get-function-configuration {named}}}'"),
            format!("aws lambda get-function-concurrency {named}}}'"),
            format!("aws lambda put-function-concurrency {named},\"ReservedConcurrentExecutions\":0}}'"),
            format!("aws lambda delete-function-concurrency {named}}}'"),
        ]
    );
}

#[test]
fn sns_s_and_eventbridge_s_calls() {
    let operations = [("SNS", "GetTopicAttributes"), ("SNS", "Publish")];
    let more = [("EventBridge", "DescribeEventBus"), ("EventBridge", "PutEvents")];
    let called = lines(&[operations, more].concat(), async |reader| {
        let topic = Id::new("arn:aws:sns:eu-west-1:111122223333:on-call").unwrap();
        assert!(reader.sns().get_topic_attributes(&topic).await.is_err());
        let order = Some(("g".to_owned(), "t".to_owned()));
        let message = Message { topic, subject: "S".to_owned(), text: "it is so".to_owned(), order };
        assert!(reader.sns().publish(&message).await.is_err());
        assert!(reader.events().describe_event_bus("security").await.is_err());
        assert!(reader.events().put_events(&serde_json::json!([{ "Source": "quell" }])).await.is_err());
    });
    let (region, topic) = ("--region eu-west-1 --cli-input-json", "arn:aws:sns:eu-west-1:111122223333:on-call");
    assert_eq!(called[0], format!("aws sns get-topic-attributes {region} '{{\"TopicArn\":\"{topic}\"}}'"));
    assert_eq!(
        called[1],
        format!(
            "aws sns publish {region} '{{\"Message\":\"it is so\",\"MessageDeduplicationId\":\"t\",\
             \"MessageGroupId\":\"g\",\"Subject\":\"S\",\"TopicArn\":\"{topic}\"}}'"
        )
    );
    assert_eq!(
        called[2..],
        [
            format!("aws events describe-event-bus {region} '{{\"Name\":\"security\"}}'"),
            format!("aws events put-events {region} '{{\"Entries\":[{{\"Source\":\"quell\"}}]}}'"),
        ]
    );
}

#[test]
fn what_the_command_line_calls_a_service_is_not_always_its_host() {
    let operations = [
        ("Auto Scaling", "EnterStandby"),
        ("Elastic Load Balancing v2", "RegisterTargets"),
        ("S3 Control", "DeletePublicAccessBlock"),
    ];
    let called = lines(&operations, async |reader| {
        assert!(reader.autoscaling().enter_standby("web", INSTANCE, true).await.is_err());
        assert!(reader.elb().register_targets("arn:x", INSTANCE, &[80]).await.is_err());
        assert!(reader.s3control().delete_public_access_block(&Id::new("111122223333").unwrap()).await.is_err());
    });
    assert_eq!(
        called,
        [
            "aws autoscaling enter-standby --region eu-west-1 --cli-input-json \
             '{\"AutoScalingGroupName\":\"web\",\"InstanceIds\":[\"i-0abc12d34e5f67890\"],\"ShouldDecrementDesiredCapacity\":true}'",
            "aws elbv2 register-targets --region eu-west-1 --cli-input-json \
             '{\"TargetGroupArn\":\"arn:x\",\"Targets\":[{\"Id\":\"i-0abc12d34e5f67890\",\"Port\":80}]}'",
            "aws s3control delete-public-access-block --region eu-west-1 --cli-input-json '{\"AccountId\":\"111122223333\"}'",
        ]
    );
}

#[test]
fn step_functions_calls_and_a_run_of_a_function() {
    let operations = ["DescribeStateMachine", "StartExecution", "DescribeExecution"].map(|name| ("SFN", name));
    let called = lines(&[operations.as_slice(), &[("Lambda", "Invoke")]].concat(), async |reader| {
        assert!(reader.sfn().describe_state_machine("m").await.is_err());
        assert!(reader.sfn().start_execution("m", "t", "{}").await.is_err());
        assert!(reader.sfn().describe_execution("e").await.is_err());
        let invocation = Invocation {
            function: Id::new("page").unwrap(),
            qualifier: Some(Id::new("live").unwrap()),
            kind: "RequestResponse",
            payload: "{}".to_owned(),
            patience: std::time::Duration::from_secs(40),
        };
        assert!(reader.lambda().invoke(&invocation).await.is_err());
    });
    let region = "--region eu-west-1 --cli-input-json";
    assert_eq!(
        called,
        [
            format!("aws stepfunctions describe-state-machine {region} '{{\"stateMachineArn\":\"m\"}}'"),
            format!(
                "aws stepfunctions start-execution {region} '{{\"input\":\"{{}}\",\"name\":\"t\",\
                 \"stateMachineArn\":\"m\"}}'"
            ),
            format!("aws stepfunctions describe-execution {region} '{{\"executionArn\":\"e\"}}'"),
            format!(
                "aws lambda invoke {region} '{{\"FunctionName\":\"page\",\"InvocationType\":\"RequestResponse\",\
                 \"LogType\":\"Tail\",\"Payload\":\"{{}}\",\"Qualifier\":\"live\"}}' --cli-binary-format \
                 raw-in-base64-out /dev/stdout"
            ),
        ]
    );
}

#[test]
fn config_s_calls() {
    let operations =
        ["DescribeRemediationConfigurations", "StartRemediationExecution", "DescribeRemediationExecutionStatus"];
    let called = lines(&operations.map(|name| ("Config Service", name)), async |reader| {
        let bucket = ("AWS::S3::Bucket", "b");
        assert!(reader.config().describe_remediation_configurations("r").await.is_err());
        assert!(reader.config().start_remediation_execution("r", bucket).await.is_err());
        assert!(reader.config().describe_remediation_execution_status("r", bucket).await.is_err());
    });
    let json =
        "'{\"ConfigRuleName\":\"r\",\"ResourceKeys\":[{\"resourceId\":\"b\",\"resourceType\":\"AWS::S3::Bucket\"}]}'";
    let region = "--region eu-west-1 --cli-input-json";
    assert_eq!(
        called,
        [
            format!("aws configservice describe-remediation-configurations {region} '{{\"ConfigRuleNames\":[\"r\"]}}'"),
            format!("aws configservice start-remediation-execution {region} {json}"),
            format!("aws configservice describe-remediation-execution-status {region} {json}"),
        ]
    );
}

#[test]
fn identity_center_s_calls() {
    use crate::aws::sso::Turn;
    let operations = ["ListInstances", "DeleteAccountAssignment", "DescribeAccountAssignmentDeletionStatus"];
    let called = lines(&operations.map(|name| ("SSO Admin", name)), async |reader| {
        assert!(reader.sso().list_instances().await.is_err());
        assert!(reader.sso().turn(Turn::Delete, serde_json::json!({ "InstanceArn": "i" })).await.is_err());
        assert!(reader.sso().turned(Turn::Delete, "i", &"r".into()).await.is_err());
    });
    let region = "--region eu-west-1 --cli-input-json";
    assert_eq!(
        called,
        [
            format!("aws sso-admin list-instances {region} '{{}}'"),
            format!("aws sso-admin delete-account-assignment {region} '{{\"InstanceArn\":\"i\"}}'"),
            format!(
                "aws sso-admin describe-account-assignment-deletion-status {region} \
                 '{{\"AccountAssignmentDeletionRequestId\":\"r\",\"InstanceArn\":\"i\"}}'"
            ),
        ]
    );
}

#[test]
fn route_53_resolver_s_calls() {
    use crate::aws::resolver::Wanted;
    let operations = ["GetFirewallConfig", "ListFirewallRuleGroupAssociations", "AssociateFirewallRuleGroup"];
    let called = lines(&operations.map(|name| ("Route53Resolver", name)), async |reader| {
        let resolver = reader.resolver();
        let wanted = Wanted { group: "rslvr-frg-1", vpc: "vpc-1", priority: 101, name: "n", token: "t" };
        assert!(resolver.get_firewall_config("vpc-1").await.is_err());
        assert!(resolver.list_firewall_rule_group_associations("vpc-1").await.is_err());
        assert!(resolver.associate_firewall_rule_group(wanted).await.is_err());
    });
    let region = "--region eu-west-1 --cli-input-json";
    assert_eq!(
        called,
        [
            format!("aws route53resolver get-firewall-config {region} '{{\"ResourceId\":\"vpc-1\"}}'"),
            format!(
                "aws route53resolver list-firewall-rule-group-associations {region} \
                 '{{\"MaxResults\":100,\"VpcId\":\"vpc-1\"}}'"
            ),
            format!(
                "aws route53resolver associate-firewall-rule-group {region} '{{\"CreatorRequestId\":\"t\",\
                 \"FirewallRuleGroupId\":\"rslvr-frg-1\",\"MutationProtection\":\"DISABLED\",\"Name\":\"n\",\
                 \"Priority\":101,\"VpcId\":\"vpc-1\"}}'"
            ),
        ]
    );
}
