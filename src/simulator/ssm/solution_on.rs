//! What the solution Automated Security Response on AWS has in a member account to switch something on,
//! with the names and parameters of its sources.

use super::document::{Document, FLAG, RUNS_AS, Rule, many, optional, required, solution};

/// What the sources call Boolean or Integer is a String here.
pub(super) static DOCUMENTS: &[Document] = &[
    solution(
        "ASR-EnableAPIGatewayCacheDataEncryption",
        "Encrypts the cache of a stage.",
        &[RUNS_AS, required("APIGatewayStageArn", Rule::Any, "The stage, by its ARN.")],
    ),
    solution(
        "ASR-EnableAPIGatewayExecutionLogs",
        "Switches the log of a stage on.",
        &[
            RUNS_AS,
            required("APIGatewayStageArnSuffix", Rule::Any, "The end of the stage's ARN."),
            required("LoggingLevel", Rule::OneOf(&["INFO", "ERROR"]), "INFO or ERROR."),
        ],
    ),
    solution(
        "ASR-EnableAWSConfig",
        "Switches AWS Config on.",
        &[
            RUNS_AS,
            required("KMSKeyArn", Rule::Any, "The KMS key, by its ARN."),
            optional(
                "AWSServiceRoleForConfig",
                "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
                Rule::Any,
                "The role of AWS Config.",
            ),
            required("SNSTopicName", Rule::Any, "The topic to make and tell."),
        ],
    ),
    solution(
        "ASR-EnableAthenaWorkGroupLogging",
        "Publishes the metrics of a work group.",
        &[RUNS_AS, required("WorkGroupName", Rule::Any, "The work group.")],
    ),
    solution(
        "ASR-EnableAutoScalingGroupELBHealthCheck",
        "Lets a group look at the load balancer's check.",
        &[
            RUNS_AS,
            required("AutoScalingGroupName", Rule::Any, "The group."),
            optional("HealthCheckGracePeriod", "300", Rule::Any, "Seconds before the first check."),
        ],
    ),
    solution(
        "ASR-EnableAutoSecretRotation",
        "Lets a secret rotate by itself.",
        &[
            RUNS_AS,
            required("SecretARN", Rule::Any, "The secret, by its ARN."),
            optional("MaximumAllowedRotationFrequency", "90", Rule::Any, "Days between rotations."),
        ],
    ),
    solution(
        "ASR-EnableAutomaticSnapshotsOnRedshiftCluster",
        "Keeps automatic snapshots of a cluster longer.",
        &[
            RUNS_AS,
            required("ClusterIdentifier", Rule::Any, "The cluster."),
            optional("MinRetentionPeriod", "7", Rule::Any, "Days to keep."),
        ],
    ),
    solution(
        "ASR-EnableAutomaticVersionUpgradeOnRedshiftCluster",
        "Lets a cluster take new versions by itself.",
        &[
            RUNS_AS,
            required("ClusterIdentifier", Rule::Any, "The cluster."),
            optional("AllowVersionUpgrade", "true", Rule::OneOf(FLAG), "Whether it may."),
        ],
    ),
    solution(
        "ASR-EnableBucketEventNotifications",
        "Sends the events of a bucket to a topic.",
        &[
            RUNS_AS,
            required("AccountId", Rule::Any, "The account."),
            required("BucketName", Rule::Bucket, "The bucket."),
            optional("TopicName", "SO0111-ASR-S3BucketNotifications", Rule::Any, "The topic to make."),
            many("EventTypes", Some(""), "Which events."),
        ],
    ),
    solution(
        "ASR-EnableCloudTrailEncryption",
        "Puts the files of a trail under a key.",
        &[
            RUNS_AS,
            optional(
                "KMSKeyArn",
                "{{ssm:/Solutions/SO0111/CMK_REMEDIATION_ARN}}",
                Rule::Any,
                "The KMS key, by its ARN.",
            ),
            required("TrailRegion", Rule::Any, "The trail's Region."),
            required("TrailArn", Rule::Any, "The trail, by its ARN."),
        ],
    ),
    solution(
        "ASR-EnableCloudTrailToCloudWatchLogging",
        "Sends a trail to a new log group.",
        &[
            RUNS_AS,
            required("TrailName", Rule::Any, "The trail."),
            required("CloudWatchLogsRole", Rule::Any, "The role that CloudTrail writes with."),
            required("LogGroupName", Rule::Any, "The log group."),
        ],
    ),
    solution(
        "ASR-EnableDefaultEncryptionS3",
        "Sets the default encryption of a bucket.",
        &[
            RUNS_AS,
            required("AccountId", Rule::Any, "The account."),
            required("BucketName", Rule::Bucket, "The bucket."),
            optional("KmsKeyAlias", "default-s3-encryption", Rule::Any, "The alias of a key, else keys of S3."),
        ],
    ),
    solution(
        "ASR-EnableDeliveryStatusLoggingForSNSTopic",
        "Logs the deliveries of a topic.",
        &[
            RUNS_AS,
            required("LoggingRole", Rule::Any, "The role that SNS writes with."),
            required("SNSTopicArn", Rule::Any, "The topic, by its ARN."),
            optional("SampleRate", "0", Rule::Any, "Percent of good deliveries to log."),
        ],
    ),
    solution(
        "ASR-EnableDynamoDBDeletionProtection",
        "Protects a table from deletion.",
        &[RUNS_AS, required("ResourceArn", Rule::Any, "The resource, by its ARN.")],
    ),
    solution(
        "ASR-EnableElastiCacheBackups",
        "Lets a cache make backups.",
        &[
            RUNS_AS,
            required("ResourceARN", Rule::Any, "The resource, by its ARN."),
            required("SnapshotRetentionPeriod", Rule::Any, "Days to keep."),
        ],
    ),
    solution(
        "ASR-EnableElastiCacheReplicationGroupFailover",
        "Lets a replication group fail over by itself.",
        &[RUNS_AS, required("GroupId", Rule::Any, "The group.")],
    ),
    solution(
        "ASR-EnableElastiCacheVersionUpgrades",
        "Lets a cache take minor versions by itself.",
        &[RUNS_AS, required("ClusterId", Rule::Any, "The cluster.")],
    ),
    solution(
        "ASR-EnableEncryptionForSNSTopic",
        "Encrypts a topic with a key.",
        &[
            RUNS_AS,
            optional(
                "KmsKeyArn",
                "{{ssm:/Solutions/SO0111/CMK_REMEDIATION_ARN}}",
                Rule::Any,
                "The KMS key, by its ARN.",
            ),
            required("TopicArn", Rule::Any, "The topic, by its ARN."),
        ],
    ),
    solution(
        "ASR-EnableEncryptionForSQSQueue",
        "Encrypts a queue with a key.",
        &[
            RUNS_AS,
            optional(
                "KmsKeyArn",
                "{{ssm:/Solutions/SO0111/CMK_REMEDIATION_ARN}}",
                Rule::Any,
                "The KMS key, by its ARN.",
            ),
            required("SQSQueueName", Rule::Any, "The queue."),
        ],
    ),
    solution("ASR-EnableGuardDuty", "Switches GuardDuty on.", &[RUNS_AS]),
    solution(
        "ASR-EnableIMDSV2OnInstance",
        "Demands tokens of an instance's metadata.",
        &[RUNS_AS, required("InstanceARN", Rule::Any, "The instance, by its ARN.")],
    ),
    solution("ASR-EnableMacie", "Switches Macie on.", &[RUNS_AS]),
    solution(
        "ASR-EnableMultiAZOnRDSInstance",
        "Puts a standby of an instance into another zone.",
        &[
            RUNS_AS,
            required("RDSInstanceARN", Rule::Any, "The instance, by its ARN."),
            optional("ApplyImmediately", "false", Rule::OneOf(FLAG), "Before the maintenance window."),
        ],
    ),
    solution(
        "ASR-EnablePrivateRepositoryScanning",
        "Scans the images of a repository when they come.",
        &[RUNS_AS, required("RepositoryName", Rule::Any, "The repository.")],
    ),
    solution(
        "ASR-EnableRDSInstanceDeletionProtection",
        "Protects a database instance from deletion.",
        &[
            RUNS_AS,
            optional("ApplyImmediately", "false", Rule::OneOf(FLAG), "Before the maintenance window."),
            required("DbInstanceResourceId", Rule::Any, "The instance, by its resource id."),
        ],
    ),
    solution(
        "ASR-EnableSSMDocumentBlockPublicSharing",
        "Forbids sharing documents with all.",
        &[RUNS_AS, required("AccountId", Rule::Any, "The account.")],
    ),
    solution(
        "ASR-EnableVPCFlowLogs",
        "Switches the flow log of a VPC on.",
        &[
            RUNS_AS,
            required("VPC", Rule::Any, "The VPC."),
            required("RemediationRole", Rule::Any, "The role that is made use of."),
            optional(
                "KMSKeyArn",
                "{{ssm:/Solutions/SO0111/CMK_REMEDIATION_ARN}}",
                Rule::Any,
                "The KMS key, by its ARN.",
            ),
        ],
    ),
];
