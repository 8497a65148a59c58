//! Every automation that a built-in runbook names, planned against the simulated account; and one that is not there.

use super::super::testing::{books, fact, finding, own, request};
use super::super::{Request, by_name};
use super::simulated::{INSTANCE, Live};
use crate::aws::fake::run;
use quell_core::incident::Outcome;
use quell_core::text::Untrusted;
use std::collections::BTreeSet;

/// A value of the kind that the runbooks' automations expect of a name.
fn value(name: &str) -> Untrusted {
    match name {
        "finding.resource.id" | "var.node_instance_id" => INSTANCE,
        "finding.resource.name" => "lumen-build-artifacts",
        "var.backup_bucket" | "var.evidence_bucket" => "lumen-ir-evidence",
        "var.automation_role" | "var.backup_access" | "var.keep_access" => "arn:aws:iam::111122223333:role/Incident",
        "var.principal_type" => "IAM user",
        "var.principal_name" => "ci-publisher",
        "var.dbi_resource_id" => "db-QK3RZ7NWLT5XJ2M4",
        "var.backup_key" => "2026/11/21/10/00/4105a4fc-f944-11e6-9d32-0a1b2c3d495h.json",
        "finding.account" => "111122223333",
        "finding.region" => "eu-west-1",
        "finding.resource.arn" => "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc12d34e5f67890",
        "var.log_bucket" | "var.trail_bucket" => "lumen-ir-evidence",
        "var.db_snapshot_type" => "snapshot",
        "var.filter_pattern" => "{($.eventName=StopLogging)}",
        "var.unused_days" | "var.read_capacity" | "var.write_capacity" => "45",
        // Whatever else a responder types: the documents of remedies hold it against nothing more.
        other => other.strip_prefix("var.").unwrap_or_else(|| panic!("{other}")),
    }
    .into()
}

#[test]
fn every_automation_of_the_built_in_runbooks_is_planned_with_its_documents_hash() {
    let kind = by_name("ssm-automation").unwrap();
    let live = Live::new(kind);
    let mut documents = BTreeSet::new();
    for book in books() {
        let specs = book.steps.iter().filter_map(|step| step.action.as_ref());
        for spec in specs.filter(|spec| spec.kind.as_str() == kind.info().name) {
            let mut request = Request::from_spec(spec, |name| Some(value(name))).unwrap();
            let mut finding = finding("f-1", INSTANCE);
            finding.resource.kind = Some("AWS::S3::Bucket".into());
            request.finding = Some(finding);
            let plan = live.plan(kind, &request);
            let hash = fact(&plan.facts, "document hash").unwrap();
            assert!(hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()), "{hash}");
            documents.insert(plan.requests[0].input["DocumentName"].as_str().unwrap().to_owned());
        }
    }
    let expected = [
        "ASR-AttachSSMPermissionsToEC2",
        "ASR-AttachServiceVPCEndpoint",
        "ASR-BlockSSMDocumentPublicAccess",
        "ASR-ConfigureAutoScalingLaunchConfigNoPublicIP",
        "ASR-ConfigureAutoScalingLaunchConfigToRequireIMDSv2",
        "ASR-ConfigureDynamoDBAutoScaling",
        "ASR-ConfigureSNSTopicForStack",
        "ASR-CreateCloudTrailMultiRegionTrail",
        "ASR-CreateIAMSupportRole",
        "ASR-CreateLogMetricFilterAndAlarm",
        "ASR-DisablePublicAccessToRedshiftCluster",
        "ASR-DisablePublicIPAutoAssign",
        "ASR-DisableTGWAutoAcceptSharedAttachments",
        "ASR-DisableUnrestrictedAccessToHighRiskPorts",
        "ASR-EnableAPIGatewayCacheDataEncryption",
        "ASR-EnableAPIGatewayExecutionLogs",
        "ASR-EnableAWSConfig",
        "ASR-EnableAthenaWorkGroupLogging",
        "ASR-EnableAutoScalingGroupELBHealthCheck",
        "ASR-EnableAutoSecretRotation",
        "ASR-EnableAutomaticSnapshotsOnRedshiftCluster",
        "ASR-EnableAutomaticVersionUpgradeOnRedshiftCluster",
        "ASR-EnableBucketEventNotifications",
        "ASR-EnableCloudTrailEncryption",
        "ASR-EnableCloudTrailToCloudWatchLogging",
        "ASR-EnableDefaultEncryptionS3",
        "ASR-EnableDeliveryStatusLoggingForSNSTopic",
        "ASR-EnableDynamoDBDeletionProtection",
        "ASR-EnableElastiCacheBackups",
        "ASR-EnableElastiCacheReplicationGroupFailover",
        "ASR-EnableElastiCacheVersionUpgrades",
        "ASR-EnableEncryptionForSNSTopic",
        "ASR-EnableEncryptionForSQSQueue",
        "ASR-EnableGuardDuty",
        "ASR-EnableIMDSV2OnInstance",
        "ASR-EnableMacie",
        "ASR-EnableMultiAZOnRDSInstance",
        "ASR-EnablePrivateRepositoryScanning",
        "ASR-EnableRDSInstanceDeletionProtection",
        "ASR-EnableSSMDocumentBlockPublicSharing",
        "ASR-EnableVPCFlowLogs",
        "ASR-EncryptRDSSnapshot",
        "ASR-EnforceHTTPSForALB",
        "ASR-LimitECSRootFilesystemAccess",
        "ASR-MakeEBSSnapshotsPrivate",
        "ASR-MakeRDSSnapshotPrivate",
        "ASR-RemoveCodeBuildPrivilegedMode",
        "ASR-RemoveLambdaPublicAccess",
        "ASR-RemoveUnusedSecret",
        "ASR-ReplaceCodeBuildClearTextCredentials",
        "ASR-RevokeUnauthorizedInboundRules",
        "ASR-RevokeUnrotatedKeys",
        "ASR-SetCloudFrontOriginDomain",
        "ASR-SetLogGroupRetentionDays",
        "ASR-SetS3LifecyclePolicy",
        "ASR-SetSSLBucketPolicy",
        "ASR-TagDynamoDBTableResource",
        "ASR-TagGuardDutyResource",
        "ASR-UpdateSecretRotationPeriod",
        "AWS-ConfigureS3BucketLogging",
        "AWS-DisablePublicAccessForSecurityGroup",
        "AWS-TerminateEC2Instance",
        "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock",
        "AWSConfigRemediation-DisablePublicAccessToRDSInstance",
        "AWSConfigRemediation-EnableCloudFrontDefaultRootObject",
        "AWSConfigRemediation-EnableCloudTrailLogFileValidation",
        "AWSConfigRemediation-EnableCopyTagsToSnapshotOnRDSCluster",
        "AWSConfigRemediation-EnableEbsEncryptionByDefault",
        "AWSConfigRemediation-EnableEnhancedMonitoringOnRDSInstance",
        "AWSConfigRemediation-EnableKeyRotation",
        "AWSConfigRemediation-EnableMinorVersionUpgradeOnRDSDBInstance",
        "AWSConfigRemediation-EnableRDSClusterDeletionProtection",
        "AWSConfigRemediation-EnableRedshiftClusterAuditLogging",
        "AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules",
        "AWSConfigRemediation-RevokeUnusedIAMUserCredentials",
        "AWSConfigRemediation-SetIAMPasswordPolicy",
        "AWSSupport-CollectEKSInstanceLogs",
        "AWSSupport-ContainEC2Instance",
        "AWSSupport-ContainIAMPrincipal",
        "AWSSupport-ContainS3Resource",
    ];
    assert_eq!(documents, expected.map(str::to_owned).into());
}

/// What the closing run has recorded is the key that opening needs: the runbook takes it from there.
#[test]
fn what_a_bucket_was_closed_with_opens_it_again() {
    let kind = by_name("ssm-automation").unwrap();
    let mut seen = BTreeSet::new();
    for book in books() {
        let Some(told) = book.variables.iter().find(|told| &*told.name == "backup_key") else { continue };
        let live = Live::new(kind);
        let output = told.output.clone().unwrap();
        let of = |id: &str, key: Option<String>| {
            let step = book.steps.iter().find(|step| step.id.as_str() == id).unwrap();
            let fill = |name: &str| match (name, &key) {
                ("var.backup_key", Some(key)) => Some(key.as_str().into()),
                // One that the simulated account has.
                ("var.backup_bucket", _) => Some("lumen-build-artifacts".into()),
                _ => Some(value(name)),
            };
            let mut request = Request::from_spec(step.action.as_ref().unwrap(), fill).unwrap();
            let mut finding = finding("f-1", "lumen-build-artifacts");
            finding.resource.kind = Some("AWS::S3::Bucket".into());
            request.finding = Some(finding);
            live.plan(kind, &request)
        };
        let closed = live.execute(kind, &of(output.step.as_str(), None), 7);
        let Outcome::Succeeded { facts, .. } = closed else { panic!("{closed:?}") };
        let key = fact(&facts, &output.name).unwrap();
        assert!(key.starts_with("2026/11/21/10/00/"), "{key}");
        let opened = live.execute(kind, &of("reopen", Some(key)), 8);
        assert!(matches!(opened, Outcome::Succeeded { .. }), "{opened:?}");
        seen.insert(book.id.to_string());
    }
    assert_eq!(seen, ["s3-data-theft", "s3-destruction", "s3-exposure"].map(str::to_owned).into());
}

/// The documents of a solution are there only where it was deployed.
#[test]
fn a_document_that_is_not_there_is_told_before_anything_is_sent() {
    let kind = by_name("ssm-automation").unwrap();
    let live = Live::new(kind);
    let problem = |document: &str| {
        let request = request(kind, finding("f-1", INSTANCE), [("document", own(document))]);
        run(kind.plan(&live.reader, &request)).unwrap_err()
    };
    let solution = problem("ASR-NotDeployed");
    assert_eq!(solution.what, "InvalidDocument: Document with name ASR-NotDeployed does not exist.");
    assert!(solution.meaning.contains("Automated Security Response"), "{}", solution.meaning);
    assert_eq!(solution.next, "do the step by hand, or have the solution deployed");
    assert!(!problem("Org-NotThere").meaning.contains("Automated"));
}
