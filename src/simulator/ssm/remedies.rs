//! AWS's own documents that mend what controls of Security Hub find, with the parameters of the runbook reference.

use super::document::{Document, FLAG, ROLE, RUNS_AS, Rule, amazon, many, optional, required};

/// What the reference calls Boolean or Integer is a String here: the model knows String and StringList alone.
pub(super) static DOCUMENTS: &[Document] = &[
    amazon(
        "AWS-ConfigureS3BucketLogging",
        "Switches the access log of a bucket on.",
        &[
            ROLE,
            required("BucketName", Rule::Bucket, "The bucket."),
            required("GrantedPermission", Rule::OneOf(&["FULL_CONTROL", "READ", "WRITE"]), "What is granted."),
            optional("GranteeEmailAddress", "", Rule::Any, "The grantee by mail address."),
            optional("GranteeId", "", Rule::Any, "The grantee by its id."),
            required(
                "GranteeType",
                Rule::OneOf(&["CanonicalUser", "AmazonCustomerByEmail", "Group"]),
                "What kind of grantee.",
            ),
            optional("GranteeUri", "", Rule::Any, "The grantee that is a group."),
            required("TargetBucket", Rule::Bucket, "The bucket for the log."),
            optional("TargetPrefix", "", Rule::Any, "The prefix of its keys."),
        ],
    ),
    amazon(
        "AWS-DisablePublicAccessForSecurityGroup",
        "Closes SSH and RDP to the world.",
        &[
            ROLE,
            required("GroupId", Rule::Any, "The group."),
            optional("IpAddressToBlock", "", Rule::Any, "One more address."),
        ],
    ),
    amazon("AWS-TerminateEC2Instance", "Terminates instances.", &[ROLE, many("InstanceId", None, "The instances.")]),
    amazon(
        "AWSConfigRemediation-EnableCloudFrontDefaultRootObject",
        "Gives a distribution a default page.",
        &[
            RUNS_AS,
            required("CloudFrontDistributionId", Rule::Any, "The distribution."),
            required("DefaultRootObject", Rule::Any, "The object for the root."),
        ],
    ),
    amazon(
        "AWSConfigRemediation-EnableCloudTrailLogFileValidation",
        "Switches validation of a trail's files on.",
        &[RUNS_AS, required("TrailName", Rule::Any, "The trail.")],
    ),
    amazon(
        "AWSConfigRemediation-EnableCopyTagsToSnapshotOnRDSCluster",
        "Copies the tags of a cluster to its snapshots.",
        &[
            RUNS_AS,
            optional("ApplyImmediately", "false", Rule::OneOf(FLAG), "Before the maintenance window."),
            required("DbClusterResourceId", Rule::Any, "The cluster, by its resource id."),
        ],
    ),
    amazon("AWSConfigRemediation-EnableEbsEncryptionByDefault", "Encrypts new volumes by default.", &[RUNS_AS]),
    amazon(
        "AWSConfigRemediation-EnableEnhancedMonitoringOnRDSInstance",
        "Switches enhanced monitoring of an instance on.",
        &[
            RUNS_AS,
            optional(
                "MonitoringInterval",
                "60",
                Rule::OneOf(&["1", "5", "10", "15", "30", "60"]),
                "Seconds between looks.",
            ),
            required("MonitoringRoleArn", Rule::Any, "The role that RDS writes with."),
            required("ResourceId", Rule::Any, "The instance, by its resource id."),
        ],
    ),
    amazon(
        "AWSConfigRemediation-EnableKeyRotation",
        "Lets a key rotate.",
        &[RUNS_AS, required("KeyId", Rule::Any, "The key.")],
    ),
    amazon(
        "AWSConfigRemediation-EnableMinorVersionUpgradeOnRDSDBInstance",
        "Lets an instance take minor versions by itself.",
        &[RUNS_AS, required("DbiResourceId", Rule::Any, "The instance, by its resource id.")],
    ),
    amazon(
        "AWSConfigRemediation-EnableRDSClusterDeletionProtection",
        "Protects a cluster from deletion.",
        &[RUNS_AS, required("ClusterId", Rule::Any, "The cluster.")],
    ),
    amazon(
        "AWSConfigRemediation-EnableRedshiftClusterAuditLogging",
        "Switches the audit log of a cluster on.",
        &[
            RUNS_AS,
            required("BucketName", Rule::Bucket, "The bucket."),
            required("ClusterIdentifier", Rule::Any, "The cluster."),
            optional("S3KeyPrefix", "", Rule::Any, "The prefix of its keys."),
        ],
    ),
    amazon(
        "AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules",
        "Empties the default group of a VPC.",
        &[RUNS_AS, required("GroupId", Rule::Any, "The group.")],
    ),
    amazon(
        "AWSConfigRemediation-RevokeUnusedIAMUserCredentials",
        "Takes away what a user does not use.",
        &[
            RUNS_AS,
            required("IAMResourceId", Rule::Any, "The user, by its unique id."),
            optional("MaxCredentialUsageAge", "90", Rule::Any, "The most days."),
        ],
    ),
    amazon(
        "AWSConfigRemediation-SetIAMPasswordPolicy",
        "Sets the account's password policy.",
        &[
            RUNS_AS,
            optional("AllowUsersToChangePassword", "false", Rule::OneOf(FLAG), "Users change their own."),
            optional("HardExpiry", "false", Rule::OneOf(FLAG), "An ended password locks out."),
            optional("MaxPasswordAge", "0", Rule::Any, "Days until it ends."),
            optional("MinimumPasswordLength", "6", Rule::Any, "The least length."),
            optional("PasswordReusePrevention", "0", Rule::Any, "How many old ones are refused."),
            optional("RequireLowercaseCharacters", "false", Rule::OneOf(FLAG), "A small letter."),
            optional("RequireNumbers", "false", Rule::OneOf(FLAG), "A digit."),
            optional("RequireSymbols", "false", Rule::OneOf(FLAG), "A sign."),
            optional("RequireUppercaseCharacters", "false", Rule::OneOf(FLAG), "A capital letter."),
        ],
    ),
];
