//! A finding of each control, as Security Hub writes it, gives the remediation's parameters that come with a finding.

use super::books::books;
use super::*;
use crate::finding::{Via, fields, read};

/// Control, type and id of the resource in ASFF, and a parameter with the value that the finding gives it.
const FILLED: &[(&str, &str, &str, &str, &str)] = &[
    (
        "APIGateway.5",
        "AwsApiGatewayStage",
        "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/prod",
        "APIGatewayStageArn",
        "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/prod",
    ),
    ("Athena.4", "AwsAthenaWorkGroup", "arn:aws:athena:eu-west-1:111122223333:workgroup/bi", "WorkGroupName", "bi"),
    (
        "AutoScaling.1",
        "AwsAutoScalingAutoScalingGroup",
        "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1f:autoScalingGroupName/web",
        "AutoScalingGroupName",
        "web",
    ),
    (
        "CloudFormation.1",
        "AwsCloudFormationStack",
        "arn:aws:cloudformation:eu-west-1:111122223333:stack/net/11111111-2222-3333-4444-555555555555",
        "StackArn",
        "arn:aws:cloudformation:eu-west-1:111122223333:stack/net/11111111-2222-3333-4444-555555555555",
    ),
    (
        "CloudFront.1",
        "AwsCloudFrontDistribution",
        "arn:aws:cloudfront::111122223333:distribution/E2QWRUHEXAMPLE",
        "CloudFrontDistributionId",
        "E2QWRUHEXAMPLE",
    ),
    (
        "CloudFront.12",
        "AwsCloudFrontDistribution",
        "arn:aws:cloudfront::111122223333:distribution/E2QWRUHEXAMPLE",
        "DistributionId",
        "E2QWRUHEXAMPLE",
    ),
    ("CloudTrail.2", "AwsCloudTrailTrail", TRAIL, "TrailArn", TRAIL),
    ("CloudTrail.4", "AwsCloudTrailTrail", TRAIL, "TrailName", "main"),
    ("CloudTrail.5", "AwsCloudTrailTrail", TRAIL, "TrailName", "main"),
    (
        "CodeBuild.2",
        "AwsCodeBuildProject",
        "arn:aws:codebuild:eu-west-1:111122223333:project/app",
        "ProjectName",
        "app",
    ),
    (
        "CodeBuild.5",
        "AwsCodeBuildProject",
        "arn:aws:codebuild:eu-west-1:111122223333:project/app",
        "ProjectName",
        "app",
    ),
    ("DynamoDB.1", "AwsDynamoDbTable", TABLE, "TableId", "orders"),
    ("DynamoDB.5", "AwsDynamoDbTable", TABLE, "ResourceArn", TABLE),
    ("DynamoDB.6", "AwsDynamoDbTable", TABLE, "ResourceArn", TABLE),
    ("EC2.1", "AwsAccount", "AWS::::Account:111122223333", "AccountId", "111122223333"),
    ("EC2.2", "AwsEc2SecurityGroup", GROUP, "GroupId", "sg-0a1b2c3d"),
    ("EC2.4", "AwsEc2Instance", INSTANCE, "InstanceId", "i-0a1b2c3d4e5f60718"),
    ("EC2.6", "AwsEc2Vpc", "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-0a1b2c3d", "VPC", "vpc-0a1b2c3d"),
    ("EC2.8", "AwsEc2Instance", INSTANCE, "InstanceARN", INSTANCE),
    ("EC2.10", "AwsEc2Vpc", "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-0a1b2c3d", "VPCId", "vpc-0a1b2c3d"),
    ("EC2.13", "AwsEc2SecurityGroup", GROUP, "GroupId", "sg-0a1b2c3d"),
    ("EC2.14", "AwsEc2SecurityGroup", GROUP, "GroupId", "sg-0a1b2c3d"),
    ("EC2.15", "AwsEc2Subnet", SUBNET, "SubnetARN", SUBNET),
    ("EC2.18", "AwsEc2SecurityGroup", GROUP, "SecurityGroupId", "sg-0a1b2c3d"),
    ("EC2.19", "AwsEc2SecurityGroup", GROUP, "SecurityGroupId", "sg-0a1b2c3d"),
    (
        "EC2.23",
        "AwsEc2TransitGateway",
        "arn:aws:ec2:eu-west-1:111122223333:transit-gateway/tgw-0a1b2c3d",
        "TransitGatewayId",
        "tgw-0a1b2c3d",
    ),
    ("ECR.1", "AwsEcrRepository", "arn:aws:ecr:eu-west-1:111122223333:repository/app/web", "RepositoryName", "app/web"),
    ("ELB.1", "AwsElbv2LoadBalancer", BALANCER, "ResourceARN", BALANCER),
    ("ElastiCache.1", "AwsElastiCacheCacheCluster", CACHE, "ResourceARN", CACHE),
    ("ElastiCache.2", "AwsElastiCacheCacheCluster", CACHE, "ClusterId", "sessions"),
    (
        "ElastiCache.3",
        "AwsElastiCacheReplicationGroup",
        "arn:aws:elasticache:eu-west-1:111122223333:replicationgroup:sessions",
        "GroupId",
        "sessions",
    ),
    (
        "GuardDuty.2",
        "AwsGuardDutyFilter",
        "arn:aws:guardduty:eu-west-1:111122223333:detector/d1/filter/known",
        "ResourceArn",
        "arn:aws:guardduty:eu-west-1:111122223333:detector/d1/filter/known",
    ),
    (
        "KMS.4",
        "AwsKmsKey",
        "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555",
        "KeyId",
        "11111111-2222-3333-4444-555555555555",
    ),
    (
        "Lambda.1",
        "AwsLambdaFunction",
        "arn:aws:lambda:eu-west-1:111122223333:function:resize",
        "FunctionName",
        "resize",
    ),
    (
        "RDS.1",
        "AwsRdsDbSnapshot",
        "arn:aws:rds:eu-west-1:111122223333:snapshot:orders-copy",
        "DBSnapshotId",
        "orders-copy",
    ),
    (
        "RDS.4",
        "AwsRdsDbSnapshot",
        "arn:aws:rds:eu-west-1:111122223333:snapshot:orders-copy",
        "SourceDBSnapshotIdentifier",
        "orders-copy",
    ),
    (
        "RDS.5",
        "AwsRdsDbInstance",
        "arn:aws:rds:eu-west-1:111122223333:db:orders",
        "RDSInstanceARN",
        "arn:aws:rds:eu-west-1:111122223333:db:orders",
    ),
    ("Redshift.1", "AwsRedshiftCluster", WAREHOUSE, "ClusterIdentifier", "sales"),
    ("Redshift.3", "AwsRedshiftCluster", WAREHOUSE, "ClusterIdentifier", "sales"),
    ("Redshift.4", "AwsRedshiftCluster", WAREHOUSE, "ClusterIdentifier", "sales"),
    ("Redshift.6", "AwsRedshiftCluster", WAREHOUSE, "ClusterIdentifier", "sales"),
    ("S3.4", "AwsS3Bucket", "arn:aws:s3:::customer-exports", "BucketName", "customer-exports"),
    ("S3.5", "AwsS3Bucket", "arn:aws:s3:::customer-exports", "AccountId", "111122223333"),
    ("S3.9", "AwsS3Bucket", "arn:aws:s3:::customer-exports", "TargetPrefix", "customer-exports"),
    ("S3.11", "AwsS3Bucket", "arn:aws:s3:::customer-exports", "BucketName", "customer-exports"),
    ("S3.13", "AwsS3Bucket", "arn:aws:s3:::customer-exports", "BucketName", "customer-exports"),
    ("SNS.1", "AwsSnsTopic", TOPIC, "TopicArn", TOPIC),
    ("SNS.2", "AwsSnsTopic", TOPIC, "SNSTopicArn", TOPIC),
    ("SQS.1", "AwsSqsQueue", "arn:aws:sqs:eu-west-1:111122223333:jobs", "SQSQueueName", "jobs"),
    ("SSM.1", "AwsEc2Instance", INSTANCE, "InstanceArn", INSTANCE),
    (
        "SSM.4",
        "AwsSsmDocument",
        "arn:aws:ssm:eu-west-1:111122223333:document/Deploy",
        "DocumentArn",
        "arn:aws:ssm:eu-west-1:111122223333:document/Deploy",
    ),
    ("SSM.7", "AwsAccount", "AWS::::Account:111122223333", "AccountId", "111122223333"),
    ("SecretsManager.1", "AwsSecretsManagerSecret", SECRET, "SecretARN", SECRET),
    ("SecretsManager.3", "AwsSecretsManagerSecret", SECRET, "SecretARN", SECRET),
    ("SecretsManager.4", "AwsSecretsManagerSecret", SECRET, "SecretARN", SECRET),
];

const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";
const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
const GROUP: &str = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0a1b2c3d";
const INSTANCE: &str = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718";
const SUBNET: &str = "arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-0a1b2c3d";
const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188";
const CACHE: &str = "arn:aws:elasticache:eu-west-1:111122223333:cluster:sessions";
const WAREHOUSE: &str = "arn:aws:redshift:eu-west-1:111122223333:cluster:sales";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alarms";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf";

#[test]
fn what_a_remediation_takes_from_the_finding_is_there() {
    let books: Vec<Runbook> = books().into_iter().map(|(_, parsed)| parsed.runbook).collect();
    for (control, kind, id, parameter, value) in FILLED {
        let finding = serde_json::json!({
            "Id": format!("arn:aws:securityhub:eu-west-1:111122223333:security-control/{control}/finding/1"),
            "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
            "ProductName": "Security Hub", "GeneratorId": format!("security-control/{control}"),
            "AwsAccountId": "111122223333", "Region": "eu-west-1",
            "Compliance": { "Status": "FAILED", "SecurityControlId": control },
            "Resources": [{ "Type": kind, "Id": id }],
        });
        let batch = read(finding.to_string().as_bytes(), Via::File);
        let finding = batch.findings[0].compact();
        let (book, _) = matching::best(&books, Some(control), None).unwrap();
        assert_eq!(finding.kind, Some((*control).into()));
        let step = book.steps.iter().find(|step| {
            let first = raw(&step.body).split("\n\n").next().unwrap_or_default().to_owned();
            first.contains(&format!("`{control}`"))
                && step.action.as_ref().is_some_and(|a| a.kind.as_str() == "ssm-automation")
        });
        let action = step.and_then(|step| step.action.as_ref()).unwrap_or_else(|| panic!("{control}"));
        // What only a team knows is asked for; what a finding has is not.
        let filled = template::resolve(action, &|name| match name.starts_with("var.") {
            true => Some("typed".into()),
            false => fields::value(&finding, name),
        });
        assert_eq!(filled.missing, [], "{control}");
        let Some(template::Value::Map(parameters)) = filled.fields.get("parameters") else { panic!("{control}") };
        let expected = template::Value::List(vec![(*value).into()]);
        assert_eq!(parameters.get(*parameter), Some(&expected), "{control}");
    }
}
