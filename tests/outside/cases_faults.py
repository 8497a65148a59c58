"""Every operation when it is throttled, when it is denied, and when the key has expired, in an account in which the
first calls of each fail so. botocore's own retries must know the throttling for what it is."""

import json

from botocore.retries.standard import ThrottledRetryableChecker
import cases_resolver as resolver
from cases_sso import FRESH, INSTANCE, SET, of, there
from harness import OPERATIONS, PREFIXES, case, refused, until

THROTTLED = set(ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
USER = "ines.duarte"
ROLE = "api-gateway"
BUCKET = {"Bucket": "harrow-public-site"}
FUNCTION = {"FunctionName": "rotate-tokens"}
RULE = "s3-bucket-level-public-access-prohibited"
# S3 names the permission after the bucket, and deletes by the one that puts; Lambda names one after the function.
PERMISSIONS = {
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "Invoke": "InvokeFunction",
}
CONNECTOR = "8b0f6c1e-2d47-4a93-9c58-e1d2f3a4b5c6"


def snake(name):
    return "".join("_" + c.lower() if c.isupper() else c for c in name)[1:]


def first(a, service, operation):
    """What an operation's good call takes; the operations that it needs stand before it in the list."""
    f = a.faulty

    def detector():
        return a.once("faulty detector", lambda: f.guardduty.list_detectors()["DetectorIds"][0])

    def finding():
        return a.once("faulty finding", lambda: f.guardduty.list_findings(DetectorId=detector())["FindingIds"][0])

    def hub_finding():
        # Attempts that were retried before count towards the burst too; so this one may have to wait.
        hub = f.client("securityhub", retries=4)
        found = a.once("faulty hub", lambda: hub.get_findings(MaxResults=1)["Findings"][0])
        return {"Id": found["Id"], "ProductArn": found["ProductArn"]}

    def hub_uid():
        hub = f.client("securityhub", retries=4)
        found = a.once("faulty uid", lambda: hub.get_findings_v2(MaxResults=1)["Findings"][0])
        return found["metadata"]["uid"]

    def execution():
        return a.once("faulty execution", lambda: f.ssm.start_automation_execution(
            DocumentName="AWSSupport-ContainIAMPrincipal", Parameters=principal)["AutomationExecutionId"])

    principal = {"PrincipalType": ["IAM user"], "PrincipalName": [USER], "Action": ["Contain"], "DryRun": ["true"]}
    of_finding = lambda: {"DetectorId": detector(), "FindingIds": [finding()]}  # noqa: E731
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
    inline = {"UserName": USER, "PolicyName": "faults"}
    of_role = {"RoleName": ROLE, "PolicyName": "faults"}
    if service == "s3control":
        account = {"AccountId": a.number}
        return {
            "PutPublicAccessBlock": lambda: account | {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}},
            "GetPublicAccessBlock": lambda: account,
            "DeletePublicAccessBlock": lambda: account,
        }[operation]()
    return {
        "ListDetectors": dict,
        "GetDetector": lambda: {"DetectorId": detector()},
        "ListFindings": lambda: {"DetectorId": detector()},
        "ArchiveFindings": of_finding,
        "UnarchiveFindings": of_finding,
        "UpdateFindingsFeedback": lambda: of_finding() | {"Feedback": "USEFUL"},
        "DescribeHub": dict,
        "GetFindings": of_finding if service == "guardduty" else dict,
        "BatchUpdateFindings": lambda: {"FindingIdentifiers": [hub_finding()], "Workflow": {"Status": "NOTIFIED"}},
        "GetConnectorV2": lambda: {"ConnectorId": CONNECTOR},
        "GetFindingsV2": dict,
        "CreateTicketV2": lambda: {"ConnectorId": CONNECTOR, "FindingMetadataUid": hub_uid()},
        "BatchImportFindings": lambda: {"Findings": [imported(a)]},
        "DescribeDocument": lambda: {"Name": "AWSSupport-ContainIAMPrincipal"},
        "StartAutomationExecution": lambda: {"DocumentName": "AWSSupport-ContainIAMPrincipal",
                                             "Parameters": principal},
        "GetAutomationExecution": lambda: {"AutomationExecutionId": execution()},
        "DescribeAutomationExecutions": dict,
        "DescribeAutomationStepExecutions": lambda: {"AutomationExecutionId": execution()},
        "StopAutomationExecution": lambda: {"AutomationExecutionId": execution()},
        "SendAutomationSignal": lambda: {"AutomationExecutionId": waiting(a, principal), "SignalType": "StartStep",
                                         "Payload": {"StepName": [a.kept["faulty step"]]}},
        "ListAccessKeys": lambda: {"UserName": USER},
        "UpdateAccessKey": lambda: {"AccessKeyId": own_key(a), "UserName": USER, "Status": "Inactive"},
        "GetAccessKeyLastUsed": lambda: {"AccessKeyId": own_key(a)},
        "PutUserPolicy": lambda: inline | {"PolicyDocument": policy},
        "GetUserPolicy": lambda: with_policy(a, inline, policy),
        "ListUserPolicies": lambda: {"UserName": USER},
        "DeleteUserPolicy": lambda: with_policy(a, inline, policy),
        "PutRolePolicy": lambda: of_role | {"PolicyDocument": policy},
        "GetRolePolicy": lambda: with_role_policy(a, of_role, policy),
        "ListRolePolicies": lambda: {"RoleName": ROLE},
        "DeleteRolePolicy": lambda: with_role_policy(a, of_role, policy),
        "GetUser": lambda: {"UserName": USER},
        "GetLoginProfile": lambda: {"UserName": USER},
        "DeleteLoginProfile": lambda: {"UserName": USER},
        "GetRole": lambda: {"RoleName": ROLE},
        "GetInstanceProfile": lambda: {"InstanceProfileName": ROLE},
        "ListInstanceProfilesForRole": lambda: {"RoleName": ROLE},
        "UpdateAssumeRolePolicy": lambda: {"RoleName": ROLE, "PolicyDocument": trust(a)},
        "SimulatePrincipalPolicy": lambda: {"PolicySourceArn": f"arn:aws:iam::{a.number}:user/{USER}",
                                            "ActionNames": ["iam:GetUser"]},
        "GetFunctionConfiguration": lambda: FUNCTION,
        "GetFunctionConcurrency": lambda: FUNCTION,
        "PutFunctionConcurrency": lambda: FUNCTION | {"ReservedConcurrentExecutions": 0},
        "DeleteFunctionConcurrency": lambda: FUNCTION,
        "Invoke": lambda: FUNCTION,
        "DescribeRemediationConfigurations": lambda: {"ConfigRuleNames": [RULE]},
        "StartRemediationExecution": lambda: remedy("faults"),
        "DescribeRemediationExecutionStatus": lambda: remedy("faults"),
        "ListInstances": dict,
        "DescribePermissionSet": lambda: {"InstanceArn": INSTANCE, "PermissionSetArn": SET},
        "ListAccountAssignments": lambda: there(a),
        "CreateAccountAssignment": lambda: of(a, FRESH % 91),
        "DeleteAccountAssignment": lambda: of(a, FRESH % 92),
        "DescribeAccountAssignmentCreationStatus": lambda: {
            "InstanceArn": INSTANCE, "AccountAssignmentCreationRequestId": turned(a, "creation")},
        "DescribeAccountAssignmentDeletionStatus": lambda: {
            "InstanceArn": INSTANCE, "AccountAssignmentDeletionRequestId": turned(a, "deletion")},
        "AssociateFirewallRuleGroup": lambda: resolver.asked(a),
        "DisassociateFirewallRuleGroup": lambda: {"FirewallRuleGroupAssociationId": firewall(a, resolver.GROUP, 101, "one")},
        "GetFirewallConfig": lambda: {"ResourceId": resolver.vpc(a)},
        "GetFirewallRuleGroup": lambda: {"FirewallRuleGroupId": resolver.GROUP},
        "GetFirewallRuleGroupAssociation": lambda: {
            "FirewallRuleGroupAssociationId": firewall(a, resolver.EMPTY, 102, "two")},
        "ListFirewallRuleGroupAssociations": lambda: {"VpcId": resolver.vpc(a)},
        "DescribeStateMachine": lambda: machine(a),
        "StartExecution": lambda: machine(a),
        "StopExecution": lambda: {"executionArn": a.once("faulty stop", lambda: f.client(
            "stepfunctions").start_execution(**machine(a))["executionArn"])},
        "DescribeExecution": lambda: {"executionArn": a.once("faulty run", lambda: f.client(
            "stepfunctions").start_execution(**machine(a))["executionArn"])},
        "DescribeVolumes": dict,
        "GetTopicAttributes": lambda: topic(a),
        "Publish": lambda: topic(a) | {"Message": "faults"},
        "DescribeEventBus": dict,
        "PutEvents": lambda: {"Entries": [{"Source": "quell", "DetailType": "faults", "Detail": "{}"}]},
        "GetBucketLocation": lambda: BUCKET,
        "GetBucketPolicyStatus": lambda: BUCKET,
        "GetPublicAccessBlock": lambda: blocked(a),
        "PutPublicAccessBlock": lambda: BUCKET | {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}},
        "DeletePublicAccessBlock": lambda: BUCKET,
        "GetBucketPolicy": lambda: BUCKET,
        "PutBucketPolicy": lambda: BUCKET | {"Policy": open_policy(a)},
        "DeleteBucketPolicy": lambda: BUCKET,
        "GetCallerIdentity": dict,
        "DescribeInstances": dict,
        "DescribeNetworkInterfaces": dict,
        "DescribeSecurityGroups": dict,
        "DescribeRouteTables": dict,
        "ModifyNetworkInterfaceAttribute": lambda: own_interface(a),
        "DescribeAutoScalingInstances": dict,
        "DescribeAutoScalingGroups": dict,
        "EnterStandby": lambda: {"AutoScalingGroupName": ROLE, "InstanceIds": [own_instance(a)],
                                 "ShouldDecrementDesiredCapacity": True},
        "ExitStandby": lambda: on_standby(a),
        "DescribeTargetGroups": dict,
        "DescribeTargetGroupAttributes": lambda: {"TargetGroupArn": target_group(a)},
        "DescribeTargetHealth": lambda: {"TargetGroupArn": target_group(a)},
        "DeregisterTargets": lambda: {"TargetGroupArn": target_group(a), "Targets": [{"Id": own_instance(a)}]},
        "RegisterTargets": lambda: {"TargetGroupArn": target_group(a), "Targets": [{"Id": own_instance(a)}]},
        "CreateSnapshots": lambda: {"InstanceSpecification": {"InstanceId": own_instance(a)}},
        "DescribeSnapshots": dict,
        "ModifyInstanceAttribute": lambda: {"InstanceId": own_instance(a),
                                            "InstanceInitiatedShutdownBehavior": {"Value": "stop"}},
        "ModifyInstanceMetadataOptions": lambda: {"InstanceId": own_instance(a), "HttpTokens": "required"},
        "StopInstances": lambda: {"InstanceIds": [own_instance(a)]},
        "StartInstances": lambda: {"InstanceIds": [own_instance(a)]},
        "DescribeInstanceAttribute": lambda: {"InstanceId": own_instance(a), "Attribute": "disableApiStop"},
        "CreateTags": lambda: {"Resources": [own_instance(a)], "Tags": [{"Key": "faults", "Value": "1"}]},
        "DeleteTags": lambda: {"Resources": [own_instance(a)], "Tags": [{"Key": "faults"}]},
        "DescribeTags": dict,
        "DescribeIamInstanceProfileAssociations": dict,
        "DisassociateIamInstanceProfile": lambda: {"AssociationId": own_profile(a)["AssociationId"]},
        "AssociateIamInstanceProfile": lambda: without_profile(a),
        "AssumeRole": lambda: {"RoleArn": f"arn:aws:iam::{a.number}:role/{a.role}", "RoleSessionName": "faults"},
    }[operation]()


def permission(service, operation):
    """As IAM names it; S3 Control's are S3's, of an account in place of a bucket."""
    name = PERMISSIONS.get(operation, operation)
    if service == "elbv2":
        return f"elasticloadbalancing:{name}"
    return f"s3:{name.replace('Bucket', 'Account')}" if service == "s3control" else f"{PREFIXES.get(service, service)}:{name}"


def turned(a, what):
    """An assignment of our own that is being made or taken away."""
    def make():
        sso = a.faulty.client("sso-admin")
        if what == "creation":
            return sso.create_account_assignment(**of(a, FRESH % 93))["AccountAssignmentCreationStatus"]["RequestId"]
        return sso.delete_account_assignment(**of(a, FRESH % 94))["AccountAssignmentDeletionStatus"]["RequestId"]
    return a.once(f"faulty {what}", make)


def firewall(a, *what):
    return a.once(f"faulty firewall {what}", lambda: resolver.put(a, a.faulty, *what)["Id"])


def own_key(a):
    return a.once("faulty key", lambda: a.faulty.iam.list_access_keys(UserName=USER)["AccessKeyMetadata"][0])[
        "AccessKeyId"]


def own_interface(a):
    """An interface, and the groups that it has."""
    def make():
        found = a.still.ec2.describe_network_interfaces()["NetworkInterfaces"][0]
        return {"NetworkInterfaceId": found["NetworkInterfaceId"], "Groups": [g["GroupId"] for g in found["Groups"]]}
    return a.once("faulty interface", make)


def open_policy(a):
    return a.once("open policy", lambda: a.still.s3.get_bucket_policy(**BUCKET)["Policy"])


def trust(a):
    return a.once("trust", lambda: json.dumps(a.still.iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]))


def target_group(a):
    return a.once("target group", lambda: a.still.elbv2.describe_target_groups()["TargetGroups"][0]["TargetGroupArn"])


def on_standby(a):
    """What puts the instance into service again, once it is on standby; that takes as long as it does."""
    until(lambda: a.faulty.autoscaling.describe_auto_scaling_instances(InstanceIds=[own_instance(a)])[
        "AutoScalingInstances"][0]["LifecycleState"], lambda found: found == "Standby")
    return {"AutoScalingGroupName": ROLE, "InstanceIds": [own_instance(a)]}


def own_instance(a):
    return a.once("faulty instance", lambda: a.still.ec2.describe_instances()["Reservations"][0]["Instances"][0])[
        "InstanceId"]


def own_profile(a):
    return a.once("faulty profile", lambda: a.still.ec2.describe_iam_instance_profile_associations()[
        "IamInstanceProfileAssociations"][0])


def without_profile(a):
    """What gives the profile back, once the instance has lost it."""
    until(lambda: a.faulty.ec2.describe_iam_instance_profile_associations(
        Filters=[{"Name": "instance-id", "Values": [own_instance(a)]}])["IamInstanceProfileAssociations"],
        lambda found: not found)
    return {"InstanceId": own_instance(a), "IamInstanceProfile": {"Arn": own_profile(a)["IamInstanceProfile"]["Arn"]}}
def remedy(bucket):
    return {"ConfigRuleName": RULE, "ResourceKeys": [{"resourceType": "AWS::S3::Bucket", "resourceId": bucket}]}


def machine(a):
    return {"stateMachineArn": f"arn:aws:states:{a.region}:{a.number}:stateMachine:page-the-owner"}


def topic(a):
    return {"TopicArn": f"arn:aws:sns:{a.region}:{a.number}:security-incidents"}


def blocked(a):
    a.faulty.s3.put_public_access_block(**BUCKET, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    return BUCKET


def with_policy(a, inline, policy):
    a.faulty.iam.put_user_policy(**inline, PolicyDocument=policy)
    return inline


def with_role_policy(a, of_role, policy):
    a.faulty.iam.put_role_policy(**of_role, PolicyDocument=policy)
    return of_role


def waiting(a, principal):
    def make():
        execution = a.faulty.ssm.start_automation_execution(
            DocumentName="AWSSupport-ContainIAMPrincipal", Parameters=principal, Mode="Interactive")
        execution = execution["AutomationExecutionId"]
        until(lambda: a.faulty.ssm.get_automation_execution(AutomationExecutionId=execution),
              lambda found: found["AutomationExecution"]["AutomationExecutionStatus"] == "Waiting")
        found = a.faulty.ssm.describe_automation_step_executions(AutomationExecutionId=execution)
        a.kept["faulty step"] = found["StepExecutions"][0]["StepName"]
        return execution
    return a.once("faulty waiting", make)


def imported(a):
    from cases_securityhub import own
    return own(a, "faults")


def register(service, operation):
    """The account's file says of each operation: calls 1 and 2 are throttled, 3 is denied, 4 has an expired token,
    5 is throttled, and from 6 on all is well."""
    name = snake(operation)

    @case(service, operation, "throttling", "said in words that botocore's retries know")
    def _(a):
        error = refused(THROTTLED, getattr(a.faulty.client(service), name), **first(a, service, operation))
        assert error["ResponseMetadata"]["HTTPStatusCode"] in (400, 429, 503 if service in ("ec2", "s3", "s3control") else 400)

    @case(service, operation, "denied", "says who may not do what; an expired token says so")
    def _(a):
        params, call = first(a, service, operation), getattr(a.faulty.client(service), name)
        refused(THROTTLED, call, **params)
        error = refused(DENIED, call, **params)
        assert permission(service, operation) in error["Error"]["Message"] and a.number in error["Error"]["Message"]
        assert error["ResponseMetadata"]["HTTPStatusCode"] == (400 if service in ("ssm", "events", "stepfunctions", "config", "sso-admin", "route53resolver") else 403)
        refused(EXPIRED, call, **params)

    @case(service, operation, "other", "a retry gets through after a throttled call")
    def _(a):
        answer = getattr(a.faulty.client(service, retries=3), name)(**first(a, service, operation))
        assert answer["ResponseMetadata"]["RetryAttempts"] == 1


for every_service, its_operations in OPERATIONS.items():
    for its_operation in its_operations:
        register(every_service, its_operation)
