//! Kinds of resources: from the words of GuardDuty, ASFF and Inspector to the names of CloudFormation.
//!
//! Where CloudFormation has no such type the name is AWS Config's, or the one that Security Hub's OCSF uses.

use super::Resource;
use super::arn::Arn;
use crate::text::Untrusted;

/// CloudFormation's name for a word of one of the services; a word that is not in the table stays as it is, for a
/// word says more than nothing.
pub(super) fn cloudformation(word: &str) -> &str {
    TABLE.iter().find(|(from, _)| *from == word).map_or(word, |(_, to)| to)
}

/// A resource from the two things that ASFF, OCSF and Inspector say of one: a kind and an id that may be an ARN.
pub(super) fn resource(kind: Option<&str>, id: Option<&str>, name: Option<Untrusted>) -> Resource {
    let arn = id.and_then(Arn::read);
    let short = match arn {
        Some(arn) => arn.short_id().or(id),
        None => id.and_then(after_type),
    };
    let named = kind.map(cloudformation).filter(|k| !matches!(*k, "Other" | "other"));
    let kind = named.or(arn.and_then(|a| a.kind())).or(kind);
    // An id that was cut out of a longer one may be that of something else: of the account, often.
    let whole = arn.is_some() || short == id;
    Resource {
        name: name.or_else(|| short.filter(|_| whole && kind.is_some_and(id_is_name)).map(Untrusted::from)),
        kind: kind.map(Untrusted::from),
        id: short.map(Untrusted::from),
        arn: arn.and(id).map(Untrusted::from),
    }
}

/// Whether people call a resource of this kind by its id.
fn id_is_name(kind: &str) -> bool {
    const NAMED: [&str; 13] = [
        "AWS::S3::Bucket",
        "AWS::IAM::User",
        "AWS::IAM::Role",
        "AWS::IAM::Group",
        "AWS::Lambda::Function",
        "AWS::EKS::Cluster",
        "AWS::ECS::Cluster",
        "AWS::RDS::DBInstance",
        "AWS::RDS::DBCluster",
        "AWS::Redshift::Cluster",
        "AWS::CloudTrail::Trail",
        "AWS::DynamoDB::Table",
        "AWS::CodeBuild::Project",
    ];
    NAMED.contains(&kind)
}

/// Security Hub writes ids without an ARN as `AWS::IAM::AccessKey:AKIA…` and `AWS::::Account:1111…`, and ends after the
/// colon where there is none: nobody signs in to the console with a key.
fn after_type(id: &str) -> Option<&str> {
    match id.strip_prefix("AWS::").and_then(|rest| rest.rsplit_once(':')) {
        Some((_, tail)) => Some(tail).filter(|tail| !tail.is_empty()),
        None => Some(id),
    }
}

const TABLE: &[(&str, &str)] = &[
    // GuardDuty, resource.resourceType.
    ("Instance", "AWS::EC2::Instance"),
    ("AccessKey", "AWS::IAM::AccessKey"),
    ("S3Bucket", "AWS::S3::Bucket"),
    ("S3Object", "AWS::S3::Object"),
    ("EKSCluster", "AWS::EKS::Cluster"),
    ("KubernetesCluster", "AWS::EKS::Cluster"),
    ("ECSCluster", "AWS::ECS::Cluster"),
    ("Container", "AWS::Container::Container"),
    ("Lambda", "AWS::Lambda::Function"),
    ("RDSDBInstance", "AWS::RDS::DBInstance"),
    ("RDSLimitlessDB", "AWS::RDS::DBShardGroup"),
    ("EBSVolume", "AWS::EC2::Volume"),
    ("EBSSnapshot", "AWS::EC2::Snapshot"),
    ("EC2Image", "AWS::EC2::Image"),
    ("EC2AMI", "AWS::EC2::Image"),
    ("EBSRecoveryPoint", "AWS::Backup::RecoveryPoint"),
    ("EC2RecoveryPoint", "AWS::Backup::RecoveryPoint"),
    ("S3RecoveryPoint", "AWS::Backup::RecoveryPoint"),
    ("BedrockGuardrail", "AWS::Bedrock::Guardrail"),
    // GuardDuty, resources of an attack sequence; Inspector.
    ("EC2_INSTANCE", "AWS::EC2::Instance"),
    ("EC2_NETWORK_INTERFACE", "AWS::EC2::NetworkInterface"),
    ("S3_BUCKET", "AWS::S3::Bucket"),
    ("S3_OBJECT", "AWS::S3::Object"),
    ("ACCESS_KEY", "AWS::IAM::AccessKey"),
    ("EKS_CLUSTER", "AWS::EKS::Cluster"),
    ("CONTAINER", "AWS::Container::Container"),
    ("ECS_CLUSTER", "AWS::ECS::Cluster"),
    ("ECS_TASK", "AWS::ECS::Task"),
    ("AUTOSCALING_AUTO_SCALING_GROUP", "AWS::AutoScaling::AutoScalingGroup"),
    ("IAM_INSTANCE_PROFILE", "AWS::IAM::InstanceProfile"),
    ("CLOUDFORMATION_STACK", "AWS::CloudFormation::Stack"),
    ("EC2_LAUNCH_TEMPLATE", "AWS::EC2::LaunchTemplate"),
    ("EC2_VPC", "AWS::EC2::VPC"),
    ("EC2_IMAGE", "AWS::EC2::Image"),
    ("BEDROCK_GUARDRAIL", "AWS::Bedrock::Guardrail"),
    ("SAGEMAKER_ENDPOINT", "AWS::SageMaker::Endpoint"),
    ("AWS_EC2_INSTANCE", "AWS::EC2::Instance"),
    ("AWS_ECR_CONTAINER_IMAGE", "AWS::ECR::ContainerImage"),
    ("AWS_ECR_REPOSITORY", "AWS::ECR::Repository"),
    ("AWS_LAMBDA_FUNCTION", "AWS::Lambda::Function"),
    // ASFF, Resources[].Type.
    ("AwsAccount", "AWS::::Account"),
    ("AwsAmazonMqBroker", "AWS::AmazonMQ::Broker"),
    ("AwsApiGatewayRestApi", "AWS::ApiGateway::RestApi"),
    ("AwsApiGatewayStage", "AWS::ApiGateway::Stage"),
    ("AwsApiGatewayV2Api", "AWS::ApiGatewayV2::Api"),
    ("AwsApiGatewayV2Stage", "AWS::ApiGatewayV2::Stage"),
    ("AwsAppSyncGraphQlApi", "AWS::AppSync::GraphQLApi"),
    ("AwsAthenaWorkGroup", "AWS::Athena::WorkGroup"),
    ("AwsAutoScalingAutoScalingGroup", "AWS::AutoScaling::AutoScalingGroup"),
    ("AwsAutoScalingLaunchConfiguration", "AWS::AutoScaling::LaunchConfiguration"),
    ("AwsBackupBackupPlan", "AWS::Backup::BackupPlan"),
    ("AwsBackupBackupVault", "AWS::Backup::BackupVault"),
    ("AwsBackupRecoveryPoint", "AWS::Backup::RecoveryPoint"),
    ("AwsCertificateManagerCertificate", "AWS::CertificateManager::Certificate"),
    ("AwsCloudFormationStack", "AWS::CloudFormation::Stack"),
    ("AwsCloudFrontDistribution", "AWS::CloudFront::Distribution"),
    ("AwsCloudTrailTrail", "AWS::CloudTrail::Trail"),
    ("AwsCloudWatchAlarm", "AWS::CloudWatch::Alarm"),
    ("AwsCodeBuildProject", "AWS::CodeBuild::Project"),
    ("AwsDmsEndpoint", "AWS::DMS::Endpoint"),
    ("AwsDmsReplicationInstance", "AWS::DMS::ReplicationInstance"),
    ("AwsDmsReplicationTask", "AWS::DMS::ReplicationTask"),
    ("AwsDynamoDbTable", "AWS::DynamoDB::Table"),
    ("AwsEc2ClientVpnEndpoint", "AWS::EC2::ClientVpnEndpoint"),
    ("AwsEc2Eip", "AWS::EC2::EIP"),
    ("AwsEc2Instance", "AWS::EC2::Instance"),
    ("AwsEc2LaunchTemplate", "AWS::EC2::LaunchTemplate"),
    ("AwsEc2NetworkAcl", "AWS::EC2::NetworkAcl"),
    ("AwsEc2NetworkInterface", "AWS::EC2::NetworkInterface"),
    ("AwsEc2RouteTable", "AWS::EC2::RouteTable"),
    ("AwsEc2SecurityGroup", "AWS::EC2::SecurityGroup"),
    ("AwsEc2Subnet", "AWS::EC2::Subnet"),
    ("AwsEc2TransitGateway", "AWS::EC2::TransitGateway"),
    ("AwsEc2Volume", "AWS::EC2::Volume"),
    ("AwsEc2Vpc", "AWS::EC2::VPC"),
    ("AwsEc2VpcEndpointService", "AWS::EC2::VPCEndpointService"),
    ("AwsEc2VpcPeeringConnection", "AWS::EC2::VPCPeeringConnection"),
    ("AwsEc2VpnConnection", "AWS::EC2::VPNConnection"),
    ("AwsEcrContainerImage", "AWS::ECR::ContainerImage"),
    ("AwsEcrRepository", "AWS::ECR::Repository"),
    ("AwsEcsCluster", "AWS::ECS::Cluster"),
    ("AwsEcsContainer", "AWS::Container::Container"),
    ("AwsEcsService", "AWS::ECS::Service"),
    ("AwsEcsTask", "AWS::ECS::Task"),
    ("AwsEcsTaskDefinition", "AWS::ECS::TaskDefinition"),
    ("AwsEfsAccessPoint", "AWS::EFS::AccessPoint"),
    ("AwsEksCluster", "AWS::EKS::Cluster"),
    ("AwsElasticBeanstalkEnvironment", "AWS::ElasticBeanstalk::Environment"),
    ("AwsElasticsearchDomain", "AWS::Elasticsearch::Domain"),
    ("AwsElbLoadBalancer", "AWS::ElasticLoadBalancing::LoadBalancer"),
    ("AwsElbv2LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer"),
    ("AwsEventSchemasRegistry", "AWS::EventSchemas::Registry"),
    ("AwsEventsEndpoint", "AWS::Events::Endpoint"),
    ("AwsEventsEventbus", "AWS::Events::EventBus"),
    ("AwsGuardDutyDetector", "AWS::GuardDuty::Detector"),
    ("AwsIamAccessKey", "AWS::IAM::AccessKey"),
    ("AwsIamGroup", "AWS::IAM::Group"),
    ("AwsIamPolicy", "AWS::IAM::ManagedPolicy"),
    ("AwsIamRole", "AWS::IAM::Role"),
    ("AwsIamUser", "AWS::IAM::User"),
    ("AwsKinesisStream", "AWS::Kinesis::Stream"),
    ("AwsKmsKey", "AWS::KMS::Key"),
    ("AwsLambdaFunction", "AWS::Lambda::Function"),
    ("AwsLambdaLayerVersion", "AWS::Lambda::LayerVersion"),
    ("AwsMskCluster", "AWS::MSK::Cluster"),
    ("AwsNetworkFirewallFirewall", "AWS::NetworkFirewall::Firewall"),
    ("AwsNetworkFirewallFirewallPolicy", "AWS::NetworkFirewall::FirewallPolicy"),
    ("AwsNetworkFirewallRuleGroup", "AWS::NetworkFirewall::RuleGroup"),
    ("AwsOpenSearchServiceDomain", "AWS::OpenSearchService::Domain"),
    ("AwsRdsDbCluster", "AWS::RDS::DBCluster"),
    ("AwsRdsDbClusterSnapshot", "AWS::RDS::DBClusterSnapshot"),
    ("AwsRdsDbInstance", "AWS::RDS::DBInstance"),
    ("AwsRdsDbSecurityGroup", "AWS::RDS::DBSecurityGroup"),
    ("AwsRdsDbSnapshot", "AWS::RDS::DBSnapshot"),
    ("AwsRdsEventSubscription", "AWS::RDS::EventSubscription"),
    ("AwsRedshiftCluster", "AWS::Redshift::Cluster"),
    ("AwsRoute53HostedZone", "AWS::Route53::HostedZone"),
    ("AwsS3AccessPoint", "AWS::S3::AccessPoint"),
    ("AwsS3AccountPublicAccessBlock", "AWS::S3::AccountPublicAccessBlock"),
    ("AwsS3Bucket", "AWS::S3::Bucket"),
    ("AwsS3Object", "AWS::S3::Object"),
    ("AwsSageMakerNotebookInstance", "AWS::SageMaker::NotebookInstance"),
    ("AwsSecretsManagerSecret", "AWS::SecretsManager::Secret"),
    ("AwsSnsTopic", "AWS::SNS::Topic"),
    ("AwsSqsQueue", "AWS::SQS::Queue"),
    ("AwsSsmPatchCompliance", "AWS::SSM::PatchCompliance"),
    ("AwsStepFunctionStateMachine", "AWS::StepFunctions::StateMachine"),
    ("AwsWafRateBasedRule", "AWS::WAF::RateBasedRule"),
    ("AwsWafRegionalRateBasedRule", "AWS::WAFRegional::RateBasedRule"),
    ("AwsWafRegionalRule", "AWS::WAFRegional::Rule"),
    ("AwsWafRegionalRuleGroup", "AWS::WAFRegional::RuleGroup"),
    ("AwsWafRegionalWebAcl", "AWS::WAFRegional::WebACL"),
    ("AwsWafRule", "AWS::WAF::Rule"),
    ("AwsWafRuleGroup", "AWS::WAF::RuleGroup"),
    ("AwsWafWebAcl", "AWS::WAF::WebACL"),
    ("AwsWafv2RuleGroup", "AWS::WAFv2::RuleGroup"),
    ("AwsWafv2WebAcl", "AWS::WAFv2::WebACL"),
    ("AwsXrayEncryptionConfig", "AWS::XRay::EncryptionConfig"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str, id: &str) -> [Option<Untrusted>; 4] {
        let r = resource(Some(kind), Some(id), None);
        [r.kind, r.id, r.name, r.arn]
    }

    fn texts(parts: [Option<&str>; 4]) -> [Option<Untrusted>; 4] {
        parts.map(|part| part.map(Untrusted::from))
    }

    #[test]
    fn resources_of_a_kind_and_an_id() {
        let bucket = "arn:aws:s3:::customer-exports";
        assert_eq!(
            of("AwsS3Bucket", bucket),
            texts([Some("AWS::S3::Bucket"), Some("customer-exports"), Some("customer-exports"), Some(bucket)])
        );
        let instance = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b";
        assert_eq!(
            of("AwsEc2Instance", instance),
            texts([Some("AWS::EC2::Instance"), Some("i-0a1b"), None, Some(instance)])
        );
        assert_eq!(
            of("AwsIamAccessKey", "AWS::IAM::AccessKey:AKIAEXAMPLE"),
            texts([Some("AWS::IAM::AccessKey"), Some("AKIAEXAMPLE"), None, None])
        );
        assert_eq!(
            of("AwsAccount", "AWS::::Account:111122223333"),
            texts([Some("AWS::::Account"), Some("111122223333"), None, None])
        );
    }

    #[test]
    fn an_id_that_is_only_a_type_is_none() {
        let nobody = texts([Some("AWS::IAM::AccessKey"), None, None, None]);
        assert_eq!(of("AwsIamAccessKey", "AWS::IAM::AccessKey:"), nobody);
        // A type without a colon behind it is what it is.
        assert_eq!(of("Other", "AWS::Thing"), texts([Some("Other"), Some("AWS::Thing"), None, None]));
    }

    #[test]
    fn a_kind_that_says_nothing_is_told_by_the_arn() {
        let snapshot = "arn:aws:ec2:eu-west-1:111122223333:snapshot/snap-1";
        assert_eq!(of("Other", snapshot), texts([Some("AWS::EC2::Snapshot"), Some("snap-1"), None, Some(snapshot)]));
        assert_eq!(of("Other", "thing"), texts([Some("Other"), Some("thing"), None, None]));
        assert_eq!(of("AwsBrandNewThing", "x"), texts([Some("AwsBrandNewThing"), Some("x"), None, None]));
    }

    #[test]
    fn no_word_stands_twice() {
        for (at, (word, _)) in TABLE.iter().enumerate() {
            assert!(TABLE[at + 1..].iter().all(|(other, _)| other != word), "{word}");
        }
    }
}
