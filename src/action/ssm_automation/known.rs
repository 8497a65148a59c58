//! What quell knows of AWS's own automation documents that responders use: how dangerous each is, what it destroys,
//! and how it is undone. Out of the reference of automation runbooks in the Systems Manager documentation.

/// A document that quell knows.
pub(super) struct Known {
    pub name: &'static str,
    /// The least danger of a run that changes something.
    pub danger: u8,
    /// The parameter that names the resource.
    pub target: &'static str,
    /// What is lost for good; empty when nothing.
    pub destroys: &'static str,
    /// How it is undone; empty when it changes nothing.
    pub undo: &'static str,
}

/// A document that is not in the table is taken for the worst unless its block says otherwise, and never for
/// harmless: what it does is not known.
pub(super) const UNKNOWN_DANGER: u8 = 3;
pub(super) const UNKNOWN_FLOOR: u8 = 2;

/// The document by its exact name.
pub(super) fn known(name: &str) -> Option<&'static Known> {
    DOCUMENTS.iter().find(|known| known.name == name)
}

const fn reads(name: &'static str, target: &'static str) -> Known {
    Known { name, danger: 1, target, destroys: "", undo: "" }
}

const fn adds(name: &'static str, target: &'static str) -> Known {
    Known { name, danger: 1, target, destroys: "", undo: "Delete by hand what it made." }
}

const fn turns(name: &'static str, target: &'static str, undo: &'static str) -> Known {
    Known { name, danger: 2, target, destroys: "", undo }
}

const fn loses(name: &'static str, target: &'static str, destroys: &'static str) -> Known {
    Known { name, danger: 3, target, destroys, undo: "It can't be undone." }
}

const BY_HAND: &str = "Set by hand what was set before.";
const RESTORE: &str = "The same document with Action Restore and the backup that this run writes.";

const DOCUMENTS: &[Known] = &[
    turns("AWSSupport-ContainEC2Instance", "InstanceId", RESTORE),
    turns("AWSSupport-ContainIAMPrincipal", "PrincipalName", RESTORE),
    turns("AWSSupport-ContainS3Resource", "BucketName", RESTORE),
    loses("AWS-DisableS3BucketPublicReadWrite", "S3BucketName", "the bucket's ACL grants to everyone"),
    turns("AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock", "BucketName", BY_HAND),
    Known { danger: 3, ..turns("AWSConfigRemediation-ConfigureS3PublicAccessBlock", "AccountId", BY_HAND) },
    loses(
        "AWSConfigRemediation-RemovePrincipalStarFromS3BucketPolicy",
        "BucketName",
        "statements of the bucket policy",
    ),
    turns("AWSConfigRemediation-RestrictBucketSSLRequestsOnly", "BucketName", "Remove the deny statement by hand."),
    turns("AWS-ConfigureS3BucketVersioning", "BucketName", "Suspend versioning."),
    turns("AWS-ConfigureS3BucketLogging", "BucketName", BY_HAND),
    turns("AWS-EnableS3BucketEncryption", "BucketName", BY_HAND),
    reads("AWSSupport-TroubleshootS3PublicRead", "S3BucketName"),
    loses("AWS-DisablePublicAccessForSecurityGroup", "GroupId", "rules of the security group"),
    loses(
        "AWSConfigRemediation-RemoveUnrestrictedSourceIngressRules",
        "SecurityGroupId",
        "rules of the security group",
    ),
    loses("AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules", "GroupId", "rules of the security group"),
    loses("AWSConfigRemediation-DeleteUnusedSecurityGroup", "GroupId", "the security group"),
    turns("AWSConfigRemediation-EnforceEC2InstanceIMDSv2", "InstanceId", "Make metadata tokens optional again."),
    turns("AWSConfigRemediation-DisableSubnetAutoAssignPublicIP", "SubnetId", BY_HAND),
    loses("AWSConfigRemediation-DetachAndDeleteInternetGateway", "InternetGatewayId", "the internet gateway"),
    adds("AWSConfigRemediation-EnableVPCFlowLogsToCloudWatch", "FlowLogId"),
    adds("AWSConfigRemediation-EnableVPCFlowLogsToS3Bucket", "FlowLogId"),
    adds("AWS-CreateSnapshot", "VolumeId"),
    adds("AWS-CopySnapshot", "SnapshotId"),
    // Without NoReboot the instance restarts, and memory with it.
    Known { danger: 2, destroys: "memory, unless NoReboot is true", ..adds("AWS-CreateImage", "InstanceId") },
    loses("AWS-DeleteSnapshot", "SnapshotId", "the snapshot"),
    turns("AWS-DetachEBSVolume", "VolumeId", "Attach the volume again."),
    turns("AWS-AttachEBSVolume", "VolumeId", "Detach the volume."),
    turns("AWS-AttachIAMToInstance", "InstanceId", BY_HAND),
    turns("AWS-ASGEnterStandby", "InstanceId", "AWS-ASGExitStandby"),
    turns("AWS-ASGExitStandby", "InstanceId", "AWS-ASGEnterStandby"),
    loses("AWS-RestartEC2Instance", "InstanceId", "memory and running processes"),
    Known {
        undo: "Start the instance again.",
        ..loses("AWS-StopEC2Instance", "InstanceId", "memory and instance store")
    },
    turns("AWS-StartEC2Instance", "InstanceId", "Stop the instance."),
    loses("AWS-TerminateEC2Instance", "InstanceId", "the instance, its memory and its instance store"),
    adds("AWS-CreateRdsSnapshot", "DBInstanceIdentifier"),
    Known { danger: 3, ..turns("AWSSupport-ShareRDSSnapshot", "Database", "Stop sharing the snapshot by hand.") },
    turns("AWSConfigRemediation-DisablePublicAccessToRDSInstance", "DbiResourceId", BY_HAND),
    turns("AWSConfigRemediation-EnableRDSInstanceDeletionProtection", "DbInstanceResourceId", BY_HAND),
    turns("AWSConfigRemediation-EnableRDSClusterDeletionProtection", "ClusterId", BY_HAND),
    turns("AWSConfigRemediation-EnableCopyTagsToSnapshotOnRDSCluster", "DbClusterResourceId", BY_HAND),
    turns("AWSConfigRemediation-EnableEnhancedMonitoringOnRDSInstance", "ResourceId", BY_HAND),
    turns("AWSConfigRemediation-EnableMinorVersionUpgradeOnRDSDBInstance", "DbiResourceId", BY_HAND),
    turns("AWSConfigRemediation-EnableRedshiftClusterAuditLogging", "ClusterIdentifier", BY_HAND),
    turns("AWSConfigRemediation-DisablePublicAccessToRedshiftCluster", "ClusterIdentifier", BY_HAND),
    loses("AWSConfigRemediation-RevokeUnusedIAMUserCredentials", "IAMResourceId", "the user's unused password"),
    Known {
        destroys: "the account's former password policy",
        ..turns("AWSConfigRemediation-SetIAMPasswordPolicy", "", BY_HAND)
    },
    loses("AWSConfigRemediation-DetachIAMPolicy", "IAMResourceId", "which principals had the policy"),
    loses("AWSConfigRemediation-RemoveUserPolicies", "IAMUserID", "the user's policies"),
    loses("AWSConfigRemediation-ReplaceIAMInlinePolicy", "ResourceId", "the inline policies"),
    loses("AWS-DeleteIAMInlinePolicy", "IamInlinePolicyName", "the inline policy"),
    loses("AWSConfigRemediation-DeleteIAMUser", "IAMUserId", "the user"),
    loses("AWSConfigRemediation-DeleteIAMRole", "IAMRoleID", "the role"),
    loses("AWSConfigRemediation-DeleteAccessKeysFromCodeBuildProject", "ResourceId", "the keys in the project"),
    loses("AWSConfigRemediation-RotateSecret", "SecretId", "the secret's value in use"),
    loses("AWSConfigRemediation-DeleteSecret", "SecretId", "the secret, after its recovery window"),
    turns("AWSConfigRemediation-CancelKeyDeletion", "KeyId", "Schedule the deletion again."),
    turns("AWSConfigRemediation-EnableKeyRotation", "KeyId", "Turn rotation off."),
    adds("AWS-EnableCloudTrail", "S3BucketName"),
    adds("AWSConfigRemediation-CreateCloudTrailMultiRegionTrail", "TrailName"),
    turns("AWSConfigRemediation-EnableCloudTrailLogFileValidation", "TrailName", "Turn validation off."),
    turns("AWSConfigRemediation-EnableEbsEncryptionByDefault", "", "Turn encryption by default off."),
    turns("AWSConfigRemediation-EnableCloudFrontDefaultRootObject", "CloudFrontDistributionId", BY_HAND),
    loses("AWSConfigRemediation-DeleteLambdaFunction", "LambdaFunctionName", "the function"),
    turns("AWSConfigRemediation-MoveLambdaToVPC", "FunctionName", BY_HAND),
    reads("AWSSupport-CollectEKSInstanceLogs", "EKSInstanceId"),
    reads("AWSSupport-SendLogBundleToS3Bucket", "InstanceId"),
    loses("AWSSupport-ExecuteEC2Rescue", "UnreachableInstanceId", "memory: the instance is stopped"),
    loses("AWSSupport-StartEC2RescueWorkflow", "InstanceId", "memory: the instance is stopped"),
    loses("AWSSupport-ResetAccess", "InstanceId", "memory: the instance is stopped; the old password or key"),
    reads("AWSSupport-ListEC2Resources", ""),
    Known {
        danger: 3,
        ..turns("AWSSupport-GrantPermissionsToIAMUser", "IAMUserName", "Remove the user from the group.")
    },
    loses("AWS-ReleaseElasticIP", "AllocationId", "the address"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        let mut names: Vec<&str> = DOCUMENTS.iter().map(|d| d.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for document in DOCUMENTS {
            assert!((1..=3).contains(&document.danger), "{}", document.name);
            assert!(document.destroys.is_empty() || document.danger > 1, "{}", document.name);
        }
    }

    #[test]
    fn what_destroys_for_good_is_danger_three() {
        for name in ["AWS-TerminateEC2Instance", "AWS-DeleteSnapshot", "AWS-RestartEC2Instance"] {
            assert_eq!(known(name).map(|d| d.danger), Some(3), "{name}");
        }
        assert_eq!(known("AWSSupport-ContainEC2Instance").map(|d| d.danger), Some(2));
        assert_eq!(known("AWS-CreateSnapshot").map(|d| d.danger), Some(1));
        assert!(known("aws-createsnapshot").is_none());
    }
}
