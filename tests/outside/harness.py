"""The table of cases: who registers one, what it is given, how it is judged."""

import os
import time
import traceback
from itertools import zip_longest
from urllib.parse import urlsplit, urlunsplit

import boto3
import shapes
from botocore.config import Config
from botocore.exceptions import ClientError

OPERATIONS = {
    "guardduty": ["ListDetectors", "GetDetector", "ListFindings", "GetFindings", "ArchiveFindings",
                  "UnarchiveFindings", "UpdateFindingsFeedback"],
    "securityhub": ["DescribeHub", "GetFindings", "BatchUpdateFindings", "BatchImportFindings",
                    "GetConnectorV2", "GetFindingsV2", "CreateTicketV2"],
    "ssm": ["DescribeDocument", "StartAutomationExecution", "GetAutomationExecution",
            "DescribeAutomationExecutions", "DescribeAutomationStepExecutions", "StopAutomationExecution",
            "SendAutomationSignal"],
    "iam": ["ListAccessKeys", "UpdateAccessKey", "GetAccessKeyLastUsed", "PutUserPolicy", "DeleteUserPolicy",
            "GetUserPolicy", "PutRolePolicy", "GetRolePolicy", "DeleteRolePolicy", "GetUser", "GetLoginProfile",
            "DeleteLoginProfile", "GetRole", "GetInstanceProfile", "ListInstanceProfilesForRole", "SimulatePrincipalPolicy",
            "UpdateAssumeRolePolicy", "ListUserPolicies", "ListRolePolicies"],
    "sts": ["GetCallerIdentity", "AssumeRole"],
    "ec2": ["DescribeInstances", "DescribeNetworkInterfaces", "DescribeSecurityGroups", "DescribeRouteTables",
            "ModifyNetworkInterfaceAttribute", "ModifyInstanceAttribute", "ModifyInstanceMetadataOptions",
            "CreateSnapshots", "DescribeSnapshots", "StartInstances", "StopInstances", "DescribeInstanceAttribute",
            "DescribeVolumes",
            "CreateTags", "DeleteTags", "DescribeTags",
            "DescribeIamInstanceProfileAssociations", "DisassociateIamInstanceProfile",
            "AssociateIamInstanceProfile"],
    "s3": ["GetBucketLocation", "GetBucketPolicyStatus", "PutPublicAccessBlock", "GetPublicAccessBlock",
           "DeletePublicAccessBlock", "GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"],
    "s3control": ["PutPublicAccessBlock", "GetPublicAccessBlock", "DeletePublicAccessBlock"],
    "lambda": ["GetFunctionConfiguration", "GetFunctionConcurrency", "PutFunctionConcurrency",
               "DeleteFunctionConcurrency", "Invoke"],
    "sns": ["GetTopicAttributes", "Publish"],
    "events": ["DescribeEventBus", "PutEvents"],
    "autoscaling": ["DescribeAutoScalingInstances", "DescribeAutoScalingGroups", "EnterStandby", "ExitStandby"],
    "elbv2": ["DescribeTargetGroups", "DescribeTargetGroupAttributes", "DescribeTargetHealth", "DeregisterTargets",
              "RegisterTargets"],
    "stepfunctions": ["DescribeStateMachine", "StartExecution", "DescribeExecution", "StopExecution"],
    "config": ["DescribeRemediationConfigurations", "StartRemediationExecution",
               "DescribeRemediationExecutionStatus"],
    "sso-admin": ["ListInstances", "DescribePermissionSet", "ListAccountAssignments", "CreateAccountAssignment",
                  "DeleteAccountAssignment", "DescribeAccountAssignmentCreationStatus",
                  "DescribeAccountAssignmentDeletionStatus"],
    "route53resolver": ["AssociateFirewallRuleGroup", "DisassociateFirewallRuleGroup", "GetFirewallConfig",
                        "GetFirewallRuleGroup", "GetFirewallRuleGroupAssociation",
                        "ListFirewallRuleGroupAssociations"],
}
# What stands before a service's operations where boto3 has another name for it.
PREFIXES = {"stepfunctions": "states", "sso-admin": "sso"}
KINDS = ["success", "filter", "sort", "paging", "conflict", "missing", "validation", "throttling", "denied", "other"]
# How many cases each operation must have of each kind, no more and no fewer, so that none goes unnoticed. A dot stands
# where its reference knows no such answer: filter, sort and paging are of those that list; ListDetectors and
# GetCallerIdentity name nothing that could be missing, and the latter takes nothing that could be wrong; conflict is of
# what can be done twice, or too late. GetFindingsV2 is there for its filter by id: it is not sorted here.
DEMANDED = """
                                            success filter sort paging conflict missing validation throttling denied other
guardduty ListDetectors                           2      .    .      1        .       .          1          1      1     1
guardduty GetDetector                             1      .    .      .        .       1          1          1      1     1
guardduty ListFindings                            1      7    1      2        .       1          1          1      1     1
guardduty GetFindings                             1      .    1      .        .       2          1          1      1     1
guardduty ArchiveFindings                         1      .    .      .        1       2          1          1      1     1
guardduty UnarchiveFindings                       1      .    .      .        1       2          1          1      1     1
guardduty UpdateFindingsFeedback                  1      .    .      .        .       2          2          1      1     1
securityhub DescribeHub                           1      .    .      .        .       2          1          1      1     1
securityhub GetFindings                           1      7    1      2        .       1          2          2      1     1
securityhub BatchUpdateFindings                   2      .    .      .        1       1          1          1      1     1
securityhub BatchImportFindings                   1      .    .      .        2       1          3          1      1     1
securityhub GetConnectorV2                        1      .    .      .        .       1          1          1      1     1
securityhub GetFindingsV2                         1      1    .      1        .       .          1          1      1     1
securityhub CreateTicketV2                        1      .    .      .        2       2          1          1      1     1
ssm DescribeDocument                              3      .    .      .        .       1          1          1      1     1
ssm StartAutomationExecution                      3      .    .      .        3       1          3          1      1     1
ssm GetAutomationExecution                        3      .    .      .        .       1          1          1      1     1
ssm DescribeAutomationExecutions                  1      2    .      1        .       1          1          1      1     1
ssm DescribeAutomationStepExecutions              1      1    1      1        .       1          1          1      1     1
ssm StopAutomationExecution                       1      .    .      .        1       1          1          1      1     1
ssm SendAutomationSignal                          2      .    .      .        1       2          1          1      1     1
iam ListAccessKeys                                1      .    .      1        .       1          1          1      1     1
iam UpdateAccessKey                               1      .    .      .        1       1          1          1      1     1
iam GetAccessKeyLastUsed                          1      .    .      .        .       1          1          1      1     1
iam PutUserPolicy                                 1      .    .      .        1       1          1          1      1     1
iam DeleteUserPolicy                              1      .    .      .        .       1          1          1      1     1
iam GetUserPolicy                                 1      .    .      .        .       1          1          1      1     1
iam PutRolePolicy                                 1      .    .      .        1       1          1          1      1     1
iam GetRolePolicy                                 1      .    .      .        .       1          1          1      1     1
iam DeleteRolePolicy                              1      .    .      .        1       1          1          1      1     1
iam GetUser                                       1      .    .      .        .       1          1          1      1     1
iam GetLoginProfile                               1      .    .      .        .       1          1          1      1     1
iam DeleteLoginProfile                            1      .    .      .        .       1          1          1      1     1
iam GetRole                                       1      .    .      .        .       1          1          1      1     1
iam GetInstanceProfile                            1      .    .      .        .       1          1          1      1     1
iam ListInstanceProfilesForRole                   1      .    .      1        .       1          1          1      1     1
iam SimulatePrincipalPolicy                       4      .    .      1        .       1          2          1      1     1
iam UpdateAssumeRolePolicy                        1      .    .      .        1       1          1          1      1     1
iam ListUserPolicies                              1      .    .      1        .       1          1          1      1     1
iam ListRolePolicies                              1      .    .      1        .       1          1          1      1     1
sts GetCallerIdentity                             1      .    .      .        .       .          .          1      1     2
sts AssumeRole                                    1      .    .      .        .       1          1          1      1     2
ec2 DescribeInstances                             1      1    .      1        .       1          1          1      1     1
ec2 DescribeNetworkInterfaces                     1      1    .      1        .       1          1          1      1     1
ec2 DescribeSecurityGroups                        1      1    .      1        .       1          1          1      1     1
ec2 DescribeRouteTables                           1      1    .      1        .       1          1          1      1     1
ec2 ModifyNetworkInterfaceAttribute               2      .    .      .        1       1          1          1      1     1
ec2 ModifyInstanceAttribute                       1      .    .      .        1       1          1          1      1     1
ec2 ModifyInstanceMetadataOptions                 2      .    .      .        1       1          1          1      1     1
ec2 CreateSnapshots                               1      .    .      .        1       1          1          1      1     1
ec2 DescribeSnapshots                             1      1    .      1        .       1          1          1      1     1
ec2 StartInstances                                1      .    .      .        1       1          1          1      1     1
ec2 StopInstances                                 1      .    .      .        1       1          1          1      1     1
ec2 DescribeInstanceAttribute                     2      .    .      .        .       1          1          1      1     1
ec2 DescribeVolumes                               1      1    .      1        .       1          1          1      1     1
ec2 CreateTags                                    1      .    .      .        1       1          1          1      1     1
ec2 DeleteTags                                    1      .    .      .        1       1          1          1      1     1
ec2 DescribeTags                                  1      1    .      1        .       1          1          1      1     1
ec2 DescribeIamInstanceProfileAssociations        1      1    .      1        .       1          1          1      1     1
ec2 DisassociateIamInstanceProfile                1      .    .      .        .       1          1          1      1     1
ec2 AssociateIamInstanceProfile                   1      .    .      .        1       1          1          1      1     1
s3 GetBucketLocation                              1      .    .      .        .       1          1          1      1     1
s3 GetBucketPolicyStatus                          1      .    .      .        .       1          1          1      1     1
s3 PutPublicAccessBlock                           2      .    .      .        1       1          1          1      1     1
s3 GetPublicAccessBlock                           1      .    .      .        .       2          1          1      1     1
s3 DeletePublicAccessBlock                        1      .    .      .        1       1          1          1      1     1
s3 GetBucketPolicy                                1      .    .      .        .       1          1          1      1     1
s3 PutBucketPolicy                                1      .    .      .        1       1          1          1      1     1
s3 DeleteBucketPolicy                             1      .    .      .        1       1          1          1      1     1
s3control PutPublicAccessBlock                    1      .    .      .        1       .          1          1      1     1
s3control GetPublicAccessBlock                    1      .    .      .        .       1          1          1      1     1
s3control DeletePublicAccessBlock                 1      .    .      .        1       .          1          1      1     1
lambda GetFunctionConfiguration                   1      .    .      .        .       1          1          1      1     1
lambda GetFunctionConcurrency                     2      .    .      .        .       1          1          1      1     1
lambda PutFunctionConcurrency                     2      .    .      .        1       1          1          1      1     1
lambda DeleteFunctionConcurrency                  1      .    .      .        1       1          1          1      1     1
lambda Invoke                                     3      .    .      .        1       1          1          1      1     1
sns GetTopicAttributes                            2      .    .      .        .       1          1          1      1     1
sns Publish                                       2      .    .      .        1       1          2          1      1     1
events DescribeEventBus                           2      .    .      .        .       1          1          1      1     1
events PutEvents                                  1      .    .      .        1       .          2          1      1     1
autoscaling DescribeAutoScalingInstances          1      .    .      .        .       1          1          1      1     1
autoscaling DescribeAutoScalingGroups             1      .    .      .        .       1          1          1      1     1
autoscaling EnterStandby                          1      .    .      .        1       1          1          1      1     1
autoscaling ExitStandby                           1      .    .      .        1       1          1          1      1     1
elbv2 DescribeTargetGroups                        1      .    .      1        .       1          1          1      1     1
elbv2 DescribeTargetGroupAttributes               2      .    .      .        .       1          .          1      1     1
elbv2 DescribeTargetHealth                        1      .    .      .        .       1          .          1      1     1
elbv2 DeregisterTargets                           1      .    .      .        1       1          1          1      1     1
elbv2 RegisterTargets                             1      .    .      .        1       1          1          1      1     1
stepfunctions DescribeStateMachine                1      .    .      .        .       1          1          1      1     1
stepfunctions StartExecution                      1      .    .      .        2       1          1          1      1     1
stepfunctions DescribeExecution                   2      .    .      .        .       1          1          1      1     1
stepfunctions StopExecution                       1      .    .      .        1       1          2          1      1     1
config DescribeRemediationConfigurations          1      .    .      .        .       1          1          1      1     1
config StartRemediationExecution                  1      .    .      .        1       1          1          1      1     1
config DescribeRemediationExecutionStatus         2      .    .      .        .       2          1          1      1     1
sso-admin ListInstances                           1      .    .      .        .       1          1          1      1     1
sso-admin DescribePermissionSet                   1      .    .      .        .       1          1          1      1     1
sso-admin ListAccountAssignments                  1      .    .      1        .       1          1          1      1     1
sso-admin CreateAccountAssignment                 1      .    .      .        1       1          1          1      1     1
sso-admin DeleteAccountAssignment                 1      .    .      .        1       1          1          1      1     1
sso-admin DescribeAccountAssignmentCreationStatus      1      .    .      .        .       1          1          1      1     1
sso-admin DescribeAccountAssignmentDeletionStatus      1      .    .      .        .       1          1          1      1     1
route53resolver AssociateFirewallRuleGroup        1      .    .      .        1       1          1          1      1     1
route53resolver DisassociateFirewallRuleGroup      1      .    .      .        1       1          1          1      1     1
route53resolver GetFirewallConfig                 1      .    .      .        .       1          1          1      1     1
route53resolver GetFirewallRuleGroup              1      .    .      .        .       1          1          1      1     1
route53resolver GetFirewallRuleGroupAssociation      1      .    .      .        .       1          1          1      1     1
route53resolver ListFirewallRuleGroupAssociations      1      1    .      1        .       1          1          1      1     1
"""
CASES = []


def case(service, operation, kind, title):
    """Registers a case; it fails by an assertion, or by what is not valid under the service's model."""
    assert operation in OPERATIONS[service] and kind in KINDS

    def register(run):
        CASES.append((service, operation, kind, title, run))
        return run

    return register


class Account:
    """An endpoint and a key for it; clients whose every request and answer is held against the model."""

    def __init__(self, endpoint, region, key, secret, token=None):
        self.endpoint, self.region, self.key, self.secret, self.token = endpoint, region, key, secret, token
        self.problems = []
        self.made, self.calls, self.hurry = {}, [], False

    def with_keys(self, key, secret, token=None):
        other = Account(self.endpoint, self.region, key, secret, token)
        other.problems = self.problems
        return other

    def client(self, service, region=None, check=True, retries=1):
        """`check` False sends what is not valid: botocore looks at it no more, and it counts as no mistake of ours."""
        name = (service, region or self.region, check, retries)
        if name not in self.made:
            config = Config(retries={"total_max_attempts": retries, "mode": "standard"}, parameter_validation=check,
                            connect_timeout=5, read_timeout=30)
            client = boto3.session.Session().client(
                service, region_name=region or self.region, endpoint_url=self.endpoint, config=config,
                aws_access_key_id=self.key, aws_secret_access_key=self.secret, aws_session_token=self.token)
            events = client.meta.events
            if check:
                events.register("before-parameter-build", self.sent)
            if service == "securityhub":
                events.register("before-call", self.pace)
            if service == "s3control":
                events.register("before-send", self.direct)
            events.register("before-parse", self.came)
            self.made[name] = client
        return self.made[name]

    def pace(self, model, **_):
        """Keeps to Security Hub's published rates, 3 a second for GetFindings after a burst of 6, with some room: what
        happens beyond them is a case of its own."""
        if model.name == "GetFindings" and not self.hurry:
            self.calls = [t for t in self.calls if t > time.monotonic() - 2.2]
            if len(self.calls) >= 6:
                time.sleep(max(0.0, self.calls[-6] + 2.2 - time.monotonic()))
            self.calls.append(time.monotonic())

    def direct(self, request, **_):
        """The account stands before the host's name; before a loopback address it can't."""
        there = urlsplit(self.endpoint)
        request.url = urlunsplit((there.scheme, there.netloc, *urlsplit(request.url)[2:]))

    def sent(self, params, model, **_):
        shapes.request(model.input_shape, params, model.name, self.problems)

    def came(self, operation_model, response_dict, **_):
        try:
            shapes.response(operation_model, response_dict, self.problems)
        except Exception as e:
            self.problems.append(f"{operation_model.name}: {e!r}: {response_dict['body'][:300]!r}")

    def __getattr__(self, service):
        if service in OPERATIONS:
            return self.client(service)
        raise AttributeError(service)


class Bench:
    """What a case is given: the account at the clock's speed, the same one sped up, and one in which calls fail."""

    def __init__(self):
        region = os.environ["SIM_REGION"]
        key, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
        self.still = Account(os.environ["AWS_ENDPOINT_URL"], region, key, secret)
        self.fast = Account(os.environ["SIM_FAST_URL"], region, key, secret)
        self.faulty = Account(os.environ["SIM_FAULTY_URL"], region, key, secret)
        self.region, self.role = region, os.environ["SIM_ROLE"]
        self.kept = {}

    def problems(self):
        found = [p for account in (self.still, self.fast, self.faulty) for p in account.problems]
        for account in (self.still, self.fast, self.faulty):
            account.problems.clear()
        return list(dict.fromkeys(found))

    def once(self, name, make):
        """What is found out once and used by several cases."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    @property
    def number(self):
        """The account's id, by its own answer."""
        return self.once("number", lambda: self.still.sts.get_caller_identity()["Account"])


def refused(codes, call, **params):
    """The call must fail with one of these codes; gives the error."""
    codes = {codes} if isinstance(codes, str) else set(codes)
    try:
        answer = call(**params)
    except ClientError as e:
        code = e.response["Error"]["Code"]
        assert code in codes, f"{code} ({e.response['Error'].get('Message')}) instead of {sorted(codes)}"
        return e.response
    answer.pop("ResponseMetadata", None)
    raise AssertionError(f"answered {str(answer)[:200]} instead of {sorted(codes)}")


def until(look, wanted, seconds=60):
    """Asks again until the answer is wanted; gives the answer."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if wanted(found):
            return found
        assert time.monotonic() < end, f"still {str(found)[:300]}"
        time.sleep(0.1)


def pages(call, token, size, items, ask="NextToken", **params):
    """Walks an operation by hand; gives the items of each page. A last page has no token, or an empty one."""
    found, answer = [], call(**params, **size)
    while True:
        found.append(answer[items])
        assert len(found) < 200, "the pages do not end"
        if not answer.get(token):
            return found
        answer = call(**params, **size, **{ask: answer[token]})


def ordered(values, falling=False):
    assert len(values) > 1, "nothing to order"
    assert values == sorted(values, reverse=falling), f"not in order: {values}"


def run():
    """Runs all cases in their order; gives how many failed."""
    bench, seen, failed = Bench(), {}, 0
    for service, operation, kind, title, body in CASES:
        try:
            body(bench)
            wrong = bench.problems()
        except Exception as e:
            place = traceback.extract_tb(e.__traceback__)
            lines = [f.lineno for f in place if f.name == body.__name__]
            wrong = [f"{type(e).__name__} (line {lines[-1] if lines else '?'}): {e}", *bench.problems()]
        seen.setdefault((service, operation), {}).setdefault(kind, 0)
        seen[service, operation][kind] += 1
        print(f"{'FAIL' if wrong else 'ok  '} {service} {operation} · {kind}: {title}", flush=True)
        for problem in wrong[:8]:
            print(f"       {problem}", flush=True)
        failed += bool(wrong)
    print()
    head, *demanded = DEMANDED.strip("\n").splitlines()
    print(head)
    found = []
    for service, operations in OPERATIONS.items():
        for operation in operations:
            counts = seen.get((service, operation), {})
            cells = (f"{counts.get(kind, '.'):>{len(kind)}}" for kind in KINDS)
            found.append(f"{service + ' ' + operation:44}" + " ".join(cells))
            print(found[-1])
    assert head.split() == KINDS
    for there, wanted in zip_longest(found, demanded):
        if there != wanted:
            failed += 1
            print(f"FAIL the table says\n{wanted}\nbut the cases are\n{there}")
    print(f"\n{len(CASES)} cases, {failed} wrong")
    return failed
