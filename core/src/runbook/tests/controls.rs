//! The controls of Security Hub that have a known remediation, and the findings of the other products: which runbook
//! each gets, and which document mends it.

use super::books::books;
use super::*;
use crate::runbook::matching::Specificity;
use std::collections::{BTreeMap, BTreeSet};

/// So many controls share a runbook at most.
const MOST: usize = 20;

/// Runbook, controls, and the remediation document that its action names: AWS's own where the solution Automated
/// Security Response calls one, else the solution's.
const REMEDIES: &[(&str, &[&str], &str)] = &[
    (
        "control-alarms",
        &[
            "CloudWatch.1",
            "CloudWatch.2",
            "CloudWatch.3",
            "CloudWatch.4",
            "CloudWatch.5",
            "CloudWatch.6",
            "CloudWatch.7",
            "CloudWatch.8",
            "CloudWatch.9",
            "CloudWatch.10",
            "CloudWatch.11",
            "CloudWatch.12",
            "CloudWatch.13",
            "CloudWatch.14",
        ],
        "ASR-CreateLogMetricFilterAndAlarm",
    ),
    ("control-compute", &["AutoScaling.1"], "ASR-EnableAutoScalingGroupELBHealthCheck"),
    ("control-compute", &["AutoScaling.3"], "ASR-ConfigureAutoScalingLaunchConfigToRequireIMDSv2"),
    ("control-compute", &["Autoscaling.5"], "ASR-ConfigureAutoScalingLaunchConfigNoPublicIP"),
    ("control-compute", &["EC2.1"], "ASR-MakeEBSSnapshotsPrivate"),
    ("control-compute", &["EC2.4"], "AWS-TerminateEC2Instance"),
    ("control-compute", &["EC2.7"], "AWSConfigRemediation-EnableEbsEncryptionByDefault"),
    ("control-compute", &["EC2.8"], "ASR-EnableIMDSV2OnInstance"),
    ("control-compute", &["SSM.1"], "ASR-AttachSSMPermissionsToEC2"),
    ("control-compute", &["SSM.4"], "ASR-BlockSSMDocumentPublicAccess"),
    ("control-compute", &["SSM.7"], "ASR-EnableSSMDocumentBlockPublicSharing"),
    ("control-databases", &["DynamoDB.1"], "ASR-ConfigureDynamoDBAutoScaling"),
    ("control-databases", &["DynamoDB.5"], "ASR-TagDynamoDBTableResource"),
    ("control-databases", &["DynamoDB.6"], "ASR-EnableDynamoDBDeletionProtection"),
    ("control-databases", &["ElastiCache.1"], "ASR-EnableElastiCacheBackups"),
    ("control-databases", &["ElastiCache.2"], "ASR-EnableElastiCacheVersionUpgrades"),
    ("control-databases", &["ElastiCache.3"], "ASR-EnableElastiCacheReplicationGroupFailover"),
    ("control-databases", &["RDS.1"], "ASR-MakeRDSSnapshotPrivate"),
    ("control-databases", &["RDS.2"], "AWSConfigRemediation-DisablePublicAccessToRDSInstance"),
    ("control-databases", &["RDS.4"], "ASR-EncryptRDSSnapshot"),
    ("control-databases", &["RDS.5"], "ASR-EnableMultiAZOnRDSInstance"),
    ("control-databases", &["RDS.6"], "AWSConfigRemediation-EnableEnhancedMonitoringOnRDSInstance"),
    ("control-databases", &["RDS.7"], "AWSConfigRemediation-EnableRDSClusterDeletionProtection"),
    ("control-databases", &["RDS.8"], "ASR-EnableRDSInstanceDeletionProtection"),
    ("control-databases", &["RDS.13"], "AWSConfigRemediation-EnableMinorVersionUpgradeOnRDSDBInstance"),
    ("control-databases", &["RDS.16"], "AWSConfigRemediation-EnableCopyTagsToSnapshotOnRDSCluster"),
    ("control-databases", &["Redshift.1"], "ASR-DisablePublicAccessToRedshiftCluster"),
    ("control-databases", &["Redshift.3"], "ASR-EnableAutomaticSnapshotsOnRedshiftCluster"),
    ("control-databases", &["Redshift.4"], "AWSConfigRemediation-EnableRedshiftClusterAuditLogging"),
    ("control-databases", &["Redshift.6"], "ASR-EnableAutomaticVersionUpgradeOnRedshiftCluster"),
    ("control-iam", &["IAM.3"], "ASR-RevokeUnrotatedKeys"),
    (
        "control-iam",
        &["IAM.7", "IAM.11", "IAM.12", "IAM.13", "IAM.14", "IAM.15", "IAM.16", "IAM.17"],
        "AWSConfigRemediation-SetIAMPasswordPolicy",
    ),
    ("control-iam", &["IAM.8", "IAM.22"], "AWSConfigRemediation-RevokeUnusedIAMUserCredentials"),
    ("control-iam", &["IAM.18"], "ASR-CreateIAMSupportRole"),
    ("control-logging", &["Athena.4"], "ASR-EnableAthenaWorkGroupLogging"),
    ("control-logging", &["APIGateway.1"], "ASR-EnableAPIGatewayExecutionLogs"),
    ("control-logging", &["CloudTrail.1", "CloudTrail.3"], "ASR-CreateCloudTrailMultiRegionTrail"),
    ("control-logging", &["CloudTrail.2"], "ASR-EnableCloudTrailEncryption"),
    ("control-logging", &["CloudTrail.4"], "AWSConfigRemediation-EnableCloudTrailLogFileValidation"),
    ("control-logging", &["CloudTrail.5"], "ASR-EnableCloudTrailToCloudWatchLogging"),
    ("control-logging", &["CloudTrail.6"], "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock"),
    ("control-logging", &["CloudTrail.7"], "AWS-ConfigureS3BucketLogging"),
    ("control-logging", &["CloudWatch.16"], "ASR-SetLogGroupRetentionDays"),
    ("control-logging", &["Config.1"], "ASR-EnableAWSConfig"),
    ("control-logging", &["EC2.6"], "ASR-EnableVPCFlowLogs"),
    ("control-logging", &["GuardDuty.1"], "ASR-EnableGuardDuty"),
    ("control-logging", &["GuardDuty.2", "GuardDuty.4"], "ASR-TagGuardDutyResource"),
    ("control-logging", &["Macie.1"], "ASR-EnableMacie"),
    ("control-network", &["EC2.2"], "AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules"),
    ("control-network", &["EC2.10"], "ASR-AttachServiceVPCEndpoint"),
    ("control-network", &["EC2.13", "EC2.14"], "AWS-DisablePublicAccessForSecurityGroup"),
    ("control-network", &["EC2.15"], "ASR-DisablePublicIPAutoAssign"),
    ("control-network", &["EC2.18"], "ASR-RevokeUnauthorizedInboundRules"),
    ("control-network", &["EC2.19"], "ASR-DisableUnrestrictedAccessToHighRiskPorts"),
    ("control-network", &["EC2.23"], "ASR-DisableTGWAutoAcceptSharedAttachments"),
    ("control-network", &["ELB.1"], "ASR-EnforceHTTPSForALB"),
    ("control-s3", &["S3.4"], "ASR-EnableDefaultEncryptionS3"),
    ("control-s3", &["S3.5"], "ASR-SetSSLBucketPolicy"),
    ("control-s3", &["S3.9"], "AWS-ConfigureS3BucketLogging"),
    ("control-s3", &["S3.11"], "ASR-EnableBucketEventNotifications"),
    ("control-s3", &["S3.13"], "ASR-SetS3LifecyclePolicy"),
    ("control-secrets", &["KMS.4"], "AWSConfigRemediation-EnableKeyRotation"),
    ("control-secrets", &["SecretsManager.1"], "ASR-EnableAutoSecretRotation"),
    ("control-secrets", &["SecretsManager.3"], "ASR-RemoveUnusedSecret"),
    ("control-secrets", &["SecretsManager.4"], "ASR-UpdateSecretRotationPeriod"),
    ("control-secrets", &["SNS.1"], "ASR-EnableEncryptionForSNSTopic"),
    ("control-secrets", &["SNS.2"], "ASR-EnableDeliveryStatusLoggingForSNSTopic"),
    ("control-secrets", &["SQS.1"], "ASR-EnableEncryptionForSQSQueue"),
    ("control-workloads", &["APIGateway.5"], "ASR-EnableAPIGatewayCacheDataEncryption"),
    ("control-workloads", &["CloudFormation.1"], "ASR-ConfigureSNSTopicForStack"),
    ("control-workloads", &["CloudFront.1"], "AWSConfigRemediation-EnableCloudFrontDefaultRootObject"),
    ("control-workloads", &["CloudFront.12"], "ASR-SetCloudFrontOriginDomain"),
    ("control-workloads", &["CodeBuild.2"], "ASR-ReplaceCodeBuildClearTextCredentials"),
    ("control-workloads", &["CodeBuild.5"], "ASR-RemoveCodeBuildPrivilegedMode"),
    ("control-workloads", &["ECS.5"], "ASR-LimitECSRootFilesystemAccess"),
    ("control-workloads", &["ECR.1"], "ASR-EnablePrivateRepositoryScanning"),
    ("control-workloads", &["Lambda.1"], "ASR-RemoveLambdaPublicAccess"),
];

/// An account or a bucket that is open: the program's own actions mend it, since they can be undone.
const OPEN: [&str; 5] = ["S3.1", "S3.2", "S3.3", "S3.6", "S3.8"];

/// What the other products call their findings.
const CLASSES: [(&str, &str); 22] = [
    ("PACKAGE_VULNERABILITY", "inspector"),
    ("CODE_VULNERABILITY", "inspector"),
    ("NETWORK_REACHABILITY", "inspector"),
    ("Software and Configuration Checks/Vulnerabilities/CVE", "inspector"),
    ("Software and Configuration Checks/AWS Security Best Practices/Network Reachability", "inspector"),
    ("SensitiveData:S3Object/Credentials", "macie"),
    ("SensitiveData:S3Object/CustomIdentifier", "macie"),
    ("SensitiveData:S3Object/Financial", "macie"),
    ("SensitiveData:S3Object/Multiple", "macie"),
    ("SensitiveData:S3Object/Personal", "macie"),
    ("Policy:IAMUser/S3BlockPublicAccessDisabled", "macie"),
    ("Policy:IAMUser/S3BucketEncryptionDisabled", "macie"),
    ("Policy:IAMUser/S3BucketPublic", "macie"),
    ("Policy:IAMUser/S3BucketReplicatedExternally", "macie"),
    ("Policy:IAMUser/S3BucketSharedExternally", "macie"),
    ("Policy:IAMUser/S3BucketSharedWithCloudFront", "macie"),
    ("Effects/Data Exposure/External Access Granted", "access-analyzer"),
    ("Software and Configuration Checks/AWS Security Best Practices/External Access Granted", "access-analyzer"),
    ("Software and Configuration Checks/AWS Security Best Practices/Unused IAM Role", "access-analyzer"),
    ("Software and Configuration Checks/AWS Security Best Practices/Unused IAM User Access Key", "access-analyzer"),
    ("Software and Configuration Checks/AWS Security Best Practices/Unused IAM User Password", "access-analyzer"),
    ("Software and Configuration Checks/AWS Security Best Practices/Unused Permission", "access-analyzer"),
];

fn parsed() -> Vec<Runbook> {
    books().into_iter().map(|(_, parsed)| parsed.runbook).collect()
}

/// The runbook that names a type exactly, in its matches and in its words.
fn named<'a>(books: &'a [Runbook], kind: &str) -> &'a Runbook {
    let (book, specificity) = matching::best(books, Some(kind), None).unwrap();
    assert_eq!(specificity, Specificity::Exact, "{kind} {}", book.id);
    // A long name goes over two lines.
    let words = book.source.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&format!("`{kind}`")), "{} says nothing of {kind}", book.id);
    book
}

#[test]
fn every_control_with_a_remediation_has_a_runbook_that_names_both() {
    let books = parsed();
    let mut controls: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (id, names, document) in REMEDIES {
        for control in *names {
            let book = named(&books, control);
            assert_eq!(book.id.as_str(), *id, "{control}");
            assert!(controls.entry(id).or_default().insert(control), "{control} twice");
            let line = format!("\n   document: {document}\n");
            assert!(book.source.contains(&line), "{id} does not run {document} for {control}");
        }
    }
    for control in OPEN {
        assert_eq!(named(&books, control).id.as_str(), "s3-exposure", "{control}");
    }
    let all: usize = controls.values().map(BTreeSet::len).sum();
    assert_eq!(all + OPEN.len(), 106);
    let crowded: Vec<_> = controls.iter().filter(|(_, names)| names.len() > MOST).collect();
    assert!(crowded.is_empty(), "{crowded:?}");
}

#[test]
fn the_findings_of_the_other_products_have_a_runbook_by_their_class() {
    let books = parsed();
    for (kind, id) in CLASSES {
        assert_eq!(named(&books, kind).id.as_str(), id, "{kind}");
    }
    // AWS Config's own rules are told by the rule's ARN alone, and another kind of resource changes nothing.
    for arn in
        ["arn:aws:config:eu-west-1:111122223333:config-rule/config-rule-k5r9xw", "arn:aws-cn:config:x:1:config-rule/r"]
    {
        let (book, specificity) = matching::best(&books, Some(arn), Some("AWS::S3::Bucket")).unwrap();
        assert_eq!((book.id.as_str(), specificity), ("config-rule", Specificity::Glob));
    }
    let unknown = matching::best(&books, Some("SensitiveData:S3Object/New"), None).unwrap();
    assert_eq!((unknown.0.id.as_str(), unknown.1), ("macie", Specificity::Glob));
}
