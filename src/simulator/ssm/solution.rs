//! What the solution Automated Security Response on AWS has in a member account to take away, replace or make something,
//! with the names and parameters of its sources.

use super::document::{Document, FLAG, RUNS_AS, Rule, many, optional, required, solution};

/// What the sources call Boolean or Integer is a String here.
pub(super) static DOCUMENTS: &[Document] = &[
    solution(
        "ASR-AttachSSMPermissionsToEC2",
        "Lets Systems Manager manage an instance.",
        &[
            RUNS_AS,
            required("InstanceArn", Rule::Any, "The instance, by its ARN."),
            required("RemediationRole", Rule::Any, "The role that is made use of."),
            required("InstanceProfile", Rule::Any, "The instance profile for instances without one."),
        ],
    ),
    solution(
        "ASR-AttachServiceVPCEndpoint",
        "Makes an interface endpoint for a service in a VPC.",
        &[
            RUNS_AS,
            required("VPCId", Rule::Any, "The VPC."),
            required("ServiceName", Rule::Any, "The service, such as ec2."),
        ],
    ),
    solution(
        "ASR-BlockSSMDocumentPublicAccess",
        "Takes the sharing with all from a document.",
        &[RUNS_AS, required("DocumentArn", Rule::Any, "The document, by its ARN.")],
    ),
    solution(
        "ASR-ConfigureAutoScalingLaunchConfigNoPublicIP",
        "Replaces a launch configuration by one without public addresses.",
        &[RUNS_AS, required("LaunchConfigurationName", Rule::Any, "The launch configuration.")],
    ),
    solution(
        "ASR-ConfigureAutoScalingLaunchConfigToRequireIMDSv2",
        "Replaces a launch configuration by one that demands tokens.",
        &[RUNS_AS, required("LaunchConfigurationName", Rule::Any, "The launch configuration.")],
    ),
    solution(
        "ASR-ConfigureDynamoDBAutoScaling",
        "Lets a table scale by itself.",
        &[
            RUNS_AS,
            required("TableId", Rule::Any, "The table."),
            required("MinProvisionedReadCapacity", Rule::Any, "The least capacity for reading."),
            required("TargetReadUtilization", Rule::Any, "The use of it aimed at, in percent."),
            required("MinProvisionedWriteCapacity", Rule::Any, "The least capacity for writing."),
            required("TargetWriteUtilization", Rule::Any, "The use of it aimed at, in percent."),
        ],
    ),
    solution(
        "ASR-ConfigureSNSTopicForStack",
        "Lets a stack tell a topic of its changes.",
        &[
            RUNS_AS,
            required("StackArn", Rule::Any, "The stack, by its ARN."),
            optional("TopicName", "SO0111-ASR-CloudFormationNotifications", Rule::Any, "The topic to make."),
        ],
    ),
    solution(
        "ASR-CreateCloudTrailMultiRegionTrail",
        "Makes a trail for all Regions.",
        &[
            RUNS_AS,
            optional(
                "KMSKeyArn",
                "{{ssm:/Solutions/SO0111/CMK_REMEDIATION_ARN}}",
                Rule::Any,
                "The KMS key, by its ARN.",
            ),
            optional("AWSPartition", "aws", Rule::OneOf(&["aws", "aws-cn", "aws-us-gov"]), "The partition."),
        ],
    ),
    solution("ASR-CreateIAMSupportRole", "Makes a role that may open cases with AWS Support.", &[RUNS_AS]),
    solution(
        "ASR-CreateLogMetricFilterAndAlarm",
        "Makes a metric filter and an alarm on it.",
        &[
            RUNS_AS,
            required("LogGroupName", Rule::Any, "The log group."),
            required("FilterName", Rule::Any, "The metric filter."),
            required("FilterPattern", Rule::Any, "What it counts."),
            required("MetricName", Rule::Any, "The metric."),
            required("MetricValue", Rule::Any, "What each event counts."),
            required("MetricNamespace", Rule::Any, "Where the metric goes."),
            required("AlarmName", Rule::Any, "The alarm."),
            required("AlarmDesc", Rule::Any, "What the alarm is for."),
            required("AlarmThreshold", Rule::Any, "From which sum on it rings."),
            required("KMSKeyArn", Rule::Any, "The KMS key, by its ARN."),
            required("SNSTopicName", Rule::Any, "The topic to make and tell."),
        ],
    ),
    solution(
        "ASR-DisablePublicAccessToRedshiftCluster",
        "Takes the public address of a cluster away.",
        &[RUNS_AS, required("ClusterIdentifier", Rule::Any, "The cluster.")],
    ),
    solution(
        "ASR-DisablePublicIPAutoAssign",
        "Lets a subnet give no public addresses.",
        &[RUNS_AS, required("SubnetARN", Rule::Any, "The subnet, by its ARN.")],
    ),
    solution(
        "ASR-DisableTGWAutoAcceptSharedAttachments",
        "Lets a transit gateway accept nothing by itself.",
        &[RUNS_AS, required("TransitGatewayId", Rule::Any, "The transit gateway.")],
    ),
    solution(
        "ASR-DisableUnrestrictedAccessToHighRiskPorts",
        "Closes ports of high risk to the world.",
        &[RUNS_AS, required("SecurityGroupId", Rule::Any, "The security group.")],
    ),
    solution(
        "ASR-EncryptRDSSnapshot",
        "Makes an encrypted copy of a snapshot and deletes the snapshot.",
        &[
            RUNS_AS,
            required("SourceDBSnapshotIdentifier", Rule::Any, "The snapshot that is not encrypted."),
            required("TargetDBSnapshotIdentifier", Rule::Any, "The name of the copy."),
            required(
                "DBSnapshotType",
                Rule::OneOf(&["snapshot", "cluster-snapshot", "dbclustersnapshot"]),
                "Of an instance or a cluster.",
            ),
            optional("KmsKeyId", "alias/aws/rds", Rule::Any, "The key for the copy."),
        ],
    ),
    solution(
        "ASR-EnforceHTTPSForALB",
        "Lets a load balancer send HTTP on to HTTPS.",
        &[RUNS_AS, required("ResourceARN", Rule::Any, "The resource, by its ARN.")],
    ),
    solution(
        "ASR-LimitECSRootFilesystemAccess",
        "Makes a revision whose containers can't write to their root.",
        &[RUNS_AS, required("TaskDefinitionId", Rule::Any, "The task definition with its revision.")],
    ),
    solution(
        "ASR-MakeEBSSnapshotsPrivate",
        "Takes the sharing with all from every EBS snapshot.",
        &[
            RUNS_AS,
            required("AccountId", Rule::Any, "The account."),
            optional("TestMode", "false", Rule::OneOf(FLAG), "Look at made-up ids."),
        ],
    ),
    solution(
        "ASR-MakeRDSSnapshotPrivate",
        "Takes the sharing with all from a database snapshot.",
        &[
            RUNS_AS,
            required("DBSnapshotId", Rule::Any, "The snapshot."),
            required("DBSnapshotType", Rule::OneOf(&["cluster-snapshot", "snapshot"]), "Of an instance or a cluster."),
        ],
    ),
    solution(
        "ASR-RemoveCodeBuildPrivilegedMode",
        "Takes the host's rights from a build.",
        &[RUNS_AS, required("ProjectName", Rule::Any, "The project.")],
    ),
    solution(
        "ASR-RemoveLambdaPublicAccess",
        "Takes statements for everybody out of a function's policy.",
        &[RUNS_AS, required("FunctionName", Rule::Any, "The function.")],
    ),
    solution(
        "ASR-RemoveUnusedSecret",
        "Deletes a secret that is not used.",
        &[
            RUNS_AS,
            required("SecretARN", Rule::Any, "The secret, by its ARN."),
            optional("UnusedForDays", "90", Rule::Any, "Days without use."),
        ],
    ),
    solution(
        "ASR-ReplaceCodeBuildClearTextCredentials",
        "Puts the keys of a build into parameters.",
        &[RUNS_AS, required("ProjectName", Rule::Any, "The project.")],
    ),
    solution(
        "ASR-RevokeUnauthorizedInboundRules",
        "Closes ports to the world that nobody permitted.",
        &[
            RUNS_AS,
            required("SecurityGroupId", Rule::Any, "The security group."),
            many("AuthorizedTcpPorts", Some(""), "TCP ports that may stay open."),
            many("AuthorizedUdpPorts", Some(""), "UDP ports that may stay open."),
        ],
    ),
    solution(
        "ASR-RevokeUnrotatedKeys",
        "Deactivates the old keys of a user.",
        &[
            RUNS_AS,
            required("IAMResourceId", Rule::Any, "The user, by its unique id."),
            optional("MaxCredentialUsageAge", "90", Rule::Any, "The most days."),
        ],
    ),
    solution(
        "ASR-SetCloudFrontOriginDomain",
        "Points a dead origin at a harmless name.",
        &[RUNS_AS, required("DistributionId", Rule::Any, "The distribution.")],
    ),
    solution(
        "ASR-SetLogGroupRetentionDays",
        "Keeps a log group for so many days.",
        &[
            RUNS_AS,
            required("LogGroupArn", Rule::Any, "The log group, by its ARN."),
            optional("RetentionDays", "365", Rule::Any, "Days to keep."),
        ],
    ),
    solution(
        "ASR-SetS3LifecyclePolicy",
        "Gives a bucket an example of a lifecycle.",
        &[
            RUNS_AS,
            required("BucketName", Rule::Bucket, "The bucket."),
            optional("TargetTransitionDays", "30", Rule::Any, "Days until objects move."),
            optional("TargetExpirationDays", "0", Rule::Any, "Days until objects expire; 0 is never."),
            optional("TargetTransitionStorageClass", "INTELLIGENT_TIERING", Rule::Any, "Where objects move."),
        ],
    ),
    solution(
        "ASR-SetSSLBucketPolicy",
        "Lets a bucket's policy refuse plain HTTP.",
        &[
            RUNS_AS,
            required("AccountId", Rule::Any, "The account."),
            required("BucketName", Rule::Bucket, "The bucket."),
        ],
    ),
    solution(
        "ASR-TagDynamoDBTableResource",
        "Tags a table.",
        &[
            RUNS_AS,
            required("ResourceArn", Rule::Any, "The resource, by its ARN."),
            many("RequiredTagKeys", None, "The keys of the tags."),
        ],
    ),
    solution(
        "ASR-TagGuardDutyResource",
        "Tags a resource of GuardDuty's.",
        &[
            RUNS_AS,
            required("ResourceArn", Rule::Any, "The resource, by its ARN."),
            many("RequiredTagKeys", Some(""), "The keys of the tags."),
        ],
    ),
    solution(
        "ASR-UpdateSecretRotationPeriod",
        "Rotates a secret now and from then on.",
        &[
            RUNS_AS,
            required("SecretARN", Rule::Any, "The secret, by its ARN."),
            optional("MaxDaysSinceRotation", "90", Rule::Any, "Days between rotations."),
        ],
    ),
];
