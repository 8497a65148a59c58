"""IAM and STS, from their service models (2010-05-08, 2011-06-15) and API references. They speak the Query protocol."""

import json

from cases_guardduty import findings
from harness import case, pages, refused

RULE = "ValidationError"
GONE = "NoSuchEntity"
NOBODY = "nobody.of.this.account"
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


def user(a):
    """A user with two keys, one of which the findings name."""
    def make():
        for found in findings(a).values():
            name = found["Resource"].get("AccessKeyDetails", {}).get("UserName")
            if found["Resource"].get("AccessKeyDetails", {}).get("UserType") == "IAMUser" and len(keys(a, name)) > 1:
                return name
        raise AssertionError("no finding names a user with two keys")
    return a.once("user", make)


def keys(a, name):
    return a.still.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]


def status(a, key):
    return {k["AccessKeyId"]: k["Status"] for k in keys(a, user(a))}[key]


@case("iam", "ListAccessKeys", "success", "two keys of a user; the caller's own when none is named")
def _(a):
    assert {k["UserName"] for k in keys(a, user(a))} == {user(a)}
    own = a.still.iam.list_access_keys()["AccessKeyMetadata"]
    assert a.still.key in [k["AccessKeyId"] for k in own]


@case("iam", "ListAccessKeys", "paging", "pages of one, by hand and by botocore's paginator")
def _(a):
    found = pages(a.still.iam.list_access_keys, "Marker", {"MaxItems": 1}, "AccessKeyMetadata", ask="Marker",
                  UserName=user(a))
    assert [len(page) for page in found] == [1] * len(keys(a, user(a)))
    paginator = a.still.iam.get_paginator("list_access_keys")
    again = list(paginator.paginate(UserName=user(a), PaginationConfig={"PageSize": 1}))
    assert [p["IsTruncated"] for p in again] == [True] * (len(again) - 1) + [False]
    assert [k for p in again for k in p["AccessKeyMetadata"]] == [k for page in found for k in page]


@case("iam", "ListAccessKeys", "missing", "no such user")
def _(a):
    refused(GONE, a.still.iam.list_access_keys, UserName=NOBODY)


@case("iam", "ListAccessKeys", "validation", "page size, marker, a name with a space")
def _(a):
    loose = a.still.client("iam", check=False).list_access_keys
    for wrong in ({"MaxItems": 0}, {"MaxItems": 1001}, {"Marker": "no-marker-of-yours"}, {"UserName": "a b"}):
        refused({RULE, "InvalidInput"}, loose, **({"UserName": user(a)} | wrong))


@case("iam", "UpdateAccessKey", "success", "a key is switched off and on again")
def _(a):
    key = keys(a, user(a))[1]["AccessKeyId"]
    for wanted in ("Inactive", "Active"):
        a.still.iam.update_access_key(UserName=user(a), AccessKeyId=key, Status=wanted)
        assert status(a, key) == wanted


@case("iam", "UpdateAccessKey", "conflict", "what it is already changes nothing")
def _(a):
    key = keys(a, user(a))[1]["AccessKeyId"]
    for _ in range(2):
        a.still.iam.update_access_key(UserName=user(a), AccessKeyId=key, Status="Inactive")
        assert status(a, key) == "Inactive"
    a.still.iam.update_access_key(UserName=user(a), AccessKeyId=key, Status="Active")


@case("iam", "UpdateAccessKey", "missing", "no such user, no such key, the key of another user")
def _(a):
    key = keys(a, user(a))[0]["AccessKeyId"]
    call = a.still.iam.update_access_key
    refused(GONE, call, UserName=NOBODY, AccessKeyId=key, Status="Inactive")
    refused(GONE, call, UserName=user(a), AccessKeyId="AKIA0000NOSUCHKEY000", Status="Inactive")
    refused(GONE, call, AccessKeyId=key, Status="Inactive")
    assert status(a, key) == "Active"


@case("iam", "UpdateAccessKey", "validation", "a state of no list, a key of three characters")
def _(a):
    loose, key = a.still.client("iam", check=False).update_access_key, keys(a, user(a))[0]["AccessKeyId"]
    refused(RULE, loose, UserName=user(a), AccessKeyId=key, Status="Off")
    refused(RULE, loose, UserName=user(a), AccessKeyId="AKI", Status="Inactive")


@case("iam", "GetAccessKeyLastUsed", "success", "whose it is, when, where and for what")
def _(a):
    key = keys(a, user(a))[0]
    used = a.still.iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert used["UserName"] == user(a)
    assert used["AccessKeyLastUsed"]["LastUsedDate"] > key["CreateDate"]
    assert used["AccessKeyLastUsed"]["ServiceName"] != "N/A" and used["AccessKeyLastUsed"]["Region"] != "N/A"


@case("iam", "GetAccessKeyLastUsed", "missing", "no such key")
def _(a):
    refused({"AccessDenied", GONE}, a.still.iam.get_access_key_last_used, AccessKeyId="AKIA0000NOSUCHKEY000")


@case("iam", "GetAccessKeyLastUsed", "validation", "a key of three characters")
def _(a):
    refused(RULE, a.still.client("iam", check=False).get_access_key_last_used, AccessKeyId="AKI")


@case("iam", "PutUserPolicy", "success", "a policy is written, read back, and written over")
def _(a):
    for document in (DENY, DENY | {"Id": "the second"}):
        a.still.iam.put_user_policy(UserName=user(a), PolicyName="table", PolicyDocument=json.dumps(document))
        read = a.still.iam.get_user_policy(UserName=user(a), PolicyName="table")
        assert read["PolicyDocument"] == document and read["PolicyName"] == "table"


@case("iam", "PutUserPolicy", "conflict", "more than a user's policies may be in all")
def _(a):
    names = [f"arn:aws:s3:::bucket-number-{n}/*" for n in range(100)]
    large = json.dumps({"Version": "2012-10-17",
                        "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": names}]})
    refused("LimitExceeded", a.still.iam.put_user_policy, UserName=user(a), PolicyName="large", PolicyDocument=large)
    refused(GONE, a.still.iam.get_user_policy, UserName=user(a), PolicyName="large")


@case("iam", "PutUserPolicy", "missing", "no such user")
def _(a):
    refused(GONE, a.still.iam.put_user_policy, UserName=NOBODY, PolicyName="table", PolicyDocument=json.dumps(DENY))


@case("iam", "PutUserPolicy", "validation", "no JSON, no policy, an empty name")
def _(a):
    call = a.still.client("iam", check=False).put_user_policy
    for document in ("{", "[]", '{"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}'):
        refused("MalformedPolicyDocument", call, UserName=user(a), PolicyName="bad", PolicyDocument=document)
    refused(RULE, call, UserName=user(a), PolicyName="", PolicyDocument=json.dumps(DENY))


@case("iam", "GetUserPolicy", "success", "the document, URL-encoded as RFC 3986 says")
def _(a):
    read = a.still.iam.get_user_policy(UserName=user(a), PolicyName="table")
    assert (read["UserName"], read["PolicyDocument"]["Statement"]) == (user(a), DENY["Statement"])


@case("iam", "GetUserPolicy", "missing", "no such user, no such policy")
def _(a):
    refused(GONE, a.still.iam.get_user_policy, UserName=NOBODY, PolicyName="table")
    refused(GONE, a.still.iam.get_user_policy, UserName=user(a), PolicyName="no-such-policy")


@case("iam", "GetUserPolicy", "validation", "a name with a space")
def _(a):
    refused(RULE, a.still.client("iam", check=False).get_user_policy, UserName=user(a), PolicyName="a b")


@case("iam", "ListUserPolicies", "success", "the names of what was put; none of another")
def _(a):
    found = a.still.iam.list_user_policies(UserName=user(a))
    assert "table" in found["PolicyNames"] and not found["IsTruncated"]


@case("iam", "ListUserPolicies", "paging", "by botocore's paginator, a page each")
def _(a):
    document = json.dumps(DENY)
    a.still.iam.put_user_policy(UserName=user(a), PolicyName="table-2", PolicyDocument=document)
    paginator = a.still.iam.get_paginator("list_user_policies")
    pages = list(paginator.paginate(UserName=user(a), PaginationConfig={"PageSize": 1}))
    names = [name for page in pages for name in page["PolicyNames"]]
    a.still.iam.delete_user_policy(UserName=user(a), PolicyName="table-2")
    assert {"table", "table-2"} <= set(names) and len(pages) == len(names) == len(set(names))


@case("iam", "ListUserPolicies", "missing", "nobody of that name")
def _(a):
    refused(GONE, a.still.iam.list_user_policies, UserName=NOBODY)


@case("iam", "ListUserPolicies", "validation", "page size, marker, a name with a space")
def _(a):
    loose = a.still.client("iam", check=False).list_user_policies
    for wrong in ({"MaxItems": 0}, {"MaxItems": 1001}, {"Marker": "no-marker-of-yours"}, {"UserName": "a b"}):
        refused({RULE, "InvalidInput"}, loose, **({"UserName": user(a)} | wrong))


@case("iam", "DeleteUserPolicy", "success", "is gone afterwards")
def _(a):
    a.still.iam.delete_user_policy(UserName=user(a), PolicyName="table")
    refused(GONE, a.still.iam.get_user_policy, UserName=user(a), PolicyName="table")


@case("iam", "DeleteUserPolicy", "missing", "no such user, no such policy, twice the same")
def _(a):
    refused(GONE, a.still.iam.delete_user_policy, UserName=NOBODY, PolicyName="table")
    refused(GONE, a.still.iam.delete_user_policy, UserName=user(a), PolicyName="table")


@case("iam", "DeleteUserPolicy", "validation", "a name with a space")
def _(a):
    refused(RULE, a.still.client("iam", check=False).delete_user_policy, UserName=user(a), PolicyName="a b")


def roles(a):
    """A role of an instance that the findings name, and the one that IAM Identity Center keeps."""
    def make():
        for found in findings(a).values():
            profile = found["Resource"].get("InstanceDetails", {}).get("IamInstanceProfile")
            if profile:
                return profile["Arn"].rsplit("/", 1)[1]
        raise AssertionError("no finding names an instance profile")
    return a.once("role of an instance", make)


RESERVED = "AWSReservedSSO_Operations_5d1c8e0f2a7b94c3"


@case("iam", "PutRolePolicy", "success", "a policy is written, read back, and written over")
def _(a):
    for document in (DENY, DENY | {"Id": "the second"}):
        a.still.iam.put_role_policy(RoleName=roles(a), PolicyName="table", PolicyDocument=json.dumps(document))
        read = a.still.iam.get_role_policy(RoleName=roles(a), PolicyName="table")
        assert read["PolicyDocument"] == document and read["PolicyName"] == "table"


@case("iam", "PutRolePolicy", "conflict", "more than a role's policies may be in all, and a role that is AWS's own")
def _(a):
    names = [f"arn:aws:s3:::bucket-number-{n}/*" for n in range(400)]
    large = json.dumps({"Version": "2012-10-17",
                        "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": names}]})
    refused("LimitExceeded", a.still.iam.put_role_policy, RoleName=roles(a), PolicyName="large", PolicyDocument=large)
    refused(GONE, a.still.iam.get_role_policy, RoleName=roles(a), PolicyName="large")
    refused("UnmodifiableEntity", a.still.iam.put_role_policy, RoleName=RESERVED, PolicyName="table",
            PolicyDocument=json.dumps(DENY))


@case("iam", "PutRolePolicy", "missing", "no such role")
def _(a):
    refused(GONE, a.still.iam.put_role_policy, RoleName=NOBODY, PolicyName="table", PolicyDocument=json.dumps(DENY))


@case("iam", "PutRolePolicy", "validation", "no JSON, a name with a space, one of 65 characters")
def _(a):
    call = a.still.client("iam", check=False).put_role_policy
    refused("MalformedPolicyDocument", call, RoleName=roles(a), PolicyName="bad", PolicyDocument="{")
    for name in ("a b", "x" * 65):
        refused(RULE, call, RoleName=name, PolicyName="bad", PolicyDocument=json.dumps(DENY))


@case("iam", "GetRolePolicy", "success", "the document, URL-encoded as RFC 3986 says")
def _(a):
    read = a.still.iam.get_role_policy(RoleName=roles(a), PolicyName="table")
    assert (read["RoleName"], read["PolicyDocument"]["Statement"]) == (roles(a), DENY["Statement"])


@case("iam", "GetRolePolicy", "missing", "no such role, no such policy")
def _(a):
    refused(GONE, a.still.iam.get_role_policy, RoleName=NOBODY, PolicyName="table")
    refused(GONE, a.still.iam.get_role_policy, RoleName=roles(a), PolicyName="no-such-policy")


@case("iam", "GetRolePolicy", "validation", "a name with a space")
def _(a):
    refused(RULE, a.still.client("iam", check=False).get_role_policy, RoleName=roles(a), PolicyName="a b")


@case("iam", "ListRolePolicies", "success", "the names of what was put; none of another")
def _(a):
    found = a.still.iam.list_role_policies(RoleName=roles(a))
    assert "table" in found["PolicyNames"] and not found["IsTruncated"]


@case("iam", "ListRolePolicies", "paging", "by botocore's paginator, a page each")
def _(a):
    document = json.dumps(DENY)
    a.still.iam.put_role_policy(RoleName=roles(a), PolicyName="table-2", PolicyDocument=document)
    paginator = a.still.iam.get_paginator("list_role_policies")
    pages = list(paginator.paginate(RoleName=roles(a), PaginationConfig={"PageSize": 1}))
    names = [name for page in pages for name in page["PolicyNames"]]
    a.still.iam.delete_role_policy(RoleName=roles(a), PolicyName="table-2")
    assert {"table", "table-2"} <= set(names) and len(pages) == len(names) == len(set(names))


@case("iam", "ListRolePolicies", "missing", "nobody of that name")
def _(a):
    refused(GONE, a.still.iam.list_role_policies, RoleName=NOBODY)


@case("iam", "ListRolePolicies", "validation", "page size, marker, a name with a space")
def _(a):
    loose = a.still.client("iam", check=False).list_role_policies
    for wrong in ({"MaxItems": 0}, {"MaxItems": 1001}, {"Marker": "no-marker-of-yours"}, {"RoleName": "a b"}):
        refused({RULE, "InvalidInput"}, loose, **({"RoleName": roles(a)} | wrong))


@case("iam", "DeleteRolePolicy", "success", "is gone afterwards")
def _(a):
    a.still.iam.delete_role_policy(RoleName=roles(a), PolicyName="table")
    refused(GONE, a.still.iam.get_role_policy, RoleName=roles(a), PolicyName="table")


@case("iam", "DeleteRolePolicy", "conflict", "a role that is AWS's own")
def _(a):
    refused("UnmodifiableEntity", a.still.iam.delete_role_policy, RoleName=RESERVED, PolicyName="table")


@case("iam", "DeleteRolePolicy", "missing", "no such role, no such policy, twice the same")
def _(a):
    refused(GONE, a.still.iam.delete_role_policy, RoleName=NOBODY, PolicyName="table")
    refused(GONE, a.still.iam.delete_role_policy, RoleName=roles(a), PolicyName="table")


@case("iam", "DeleteRolePolicy", "validation", "a name with a space")
def _(a):
    refused(RULE, a.still.client("iam", check=False).delete_role_policy, RoleName=roles(a), PolicyName="a b")


@case("iam", "GetUser", "success", "by name, and the caller without one")
def _(a):
    found = a.still.iam.get_user(UserName=user(a))["User"]
    assert found["UserName"] == user(a) and found["Arn"].endswith(f":user/{user(a)}")
    assert a.still.iam.get_user()["User"]["Arn"] == a.still.sts.get_caller_identity()["Arn"]


@case("iam", "GetUser", "missing", "no such user")
def _(a):
    refused(GONE, a.still.iam.get_user, UserName=NOBODY)


@case("iam", "GetUser", "validation", "a name with a space")
def _(a):
    refused(RULE, a.still.client("iam", check=False).get_user, UserName="a b")


@case("iam", "GetLoginProfile", "success", "since when there is a password")
def _(a):
    profile = a.still.iam.get_login_profile(UserName=user(a))["LoginProfile"]
    assert profile["UserName"] == user(a) and profile["CreateDate"].year > 2000


@case("iam", "GetLoginProfile", "missing", "no such user")
def _(a):
    refused(GONE, a.still.iam.get_login_profile, UserName=NOBODY)


@case("iam", "GetLoginProfile", "validation", "a name with a space")
def _(a):
    refused(RULE, a.still.client("iam", check=False).get_login_profile, UserName="a b")


@case("iam", "DeleteLoginProfile", "success", "there is none afterwards")
def _(a):
    a.still.iam.delete_login_profile(UserName=user(a))
    refused(GONE, a.still.iam.get_login_profile, UserName=user(a))


@case("iam", "DeleteLoginProfile", "missing", "no such user, none any more")
def _(a):
    refused(GONE, a.still.iam.delete_login_profile, UserName=NOBODY)
    refused(GONE, a.still.iam.delete_login_profile, UserName=user(a))


@case("iam", "DeleteLoginProfile", "validation", "a name with a space")
def _(a):
    refused(RULE, a.still.client("iam", check=False).delete_login_profile, UserName="a b")


@case("iam", "GetRole", "success", "its path, its ARN and who may take it on")
def _(a):
    found = a.still.iam.get_role(RoleName=roles(a))["Role"]
    assert found["Arn"] == f"arn:aws:iam::{a.number}:role/{roles(a)}"
    assert found["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}
    kept = a.still.iam.get_role(RoleName=RESERVED)["Role"]
    assert kept["Path"].startswith("/aws-reserved/") and kept["Arn"].endswith(f"{kept['Path']}{RESERVED}")


@case("iam", "GetRole", "missing", "no such role")
def _(a):
    refused(GONE, a.still.iam.get_role, RoleName=NOBODY)


@case("iam", "GetRole", "validation", "a name with a space")
def _(a):
    refused(RULE, a.still.client("iam", check=False).get_role, RoleName="a b")


@case("iam", "GetInstanceProfile", "success", "named after its role, which it has")
def _(a):
    found = a.still.iam.get_instance_profile(InstanceProfileName=roles(a))["InstanceProfile"]
    assert found in a.still.iam.list_instance_profiles_for_role(RoleName=roles(a))["InstanceProfiles"]
    assert found["Arn"].endswith(f":instance-profile/{roles(a)}") and found["Roles"][0]["RoleName"] == roles(a)


@case("iam", "GetInstanceProfile", "missing", "no such profile; a role that no instance has")
def _(a):
    for name in (NOBODY, RESERVED):
        refused(GONE, a.still.iam.get_instance_profile, InstanceProfileName=name)


@case("iam", "GetInstanceProfile", "validation", "a name with a space")
def _(a):
    refused(RULE, a.still.client("iam", check=False).get_instance_profile, InstanceProfileName="a b")


@case("iam", "ListInstanceProfilesForRole", "success", "the profile of an instance; none of another role")
def _(a):
    found = a.still.iam.list_instance_profiles_for_role(RoleName=roles(a))["InstanceProfiles"]
    assert [role["RoleName"] for profile in found for role in profile["Roles"]] == [roles(a)] * len(found) != []
    assert a.still.iam.list_instance_profiles_for_role(RoleName=RESERVED)["InstanceProfiles"] == []


@case("iam", "ListInstanceProfilesForRole", "paging", "by botocore's paginator")
def _(a):
    paginator = a.still.iam.get_paginator("list_instance_profiles_for_role")
    again = list(paginator.paginate(RoleName=roles(a), PaginationConfig={"PageSize": 1}))
    assert [p["IsTruncated"] for p in again] == [True] * (len(again) - 1) + [False]


@case("iam", "ListInstanceProfilesForRole", "missing", "no such role")
def _(a):
    refused(GONE, a.still.iam.list_instance_profiles_for_role, RoleName=NOBODY)


@case("iam", "ListInstanceProfilesForRole", "validation", "page size, marker, a name with a space")
def _(a):
    loose = a.still.client("iam", check=False).list_instance_profiles_for_role
    for wrong in ({"MaxItems": 0}, {"MaxItems": 1001}, {"Marker": "no-marker-of-yours"}, {"RoleName": "a b"}):
        refused({RULE, "InvalidInput"}, loose, **({"RoleName": roles(a)} | wrong))


def role_arn(a):
    return f"arn:aws:iam::{a.number}:role/{a.role}"


@case("sts", "GetCallerIdentity", "success", "a user of the account")
def _(a):
    who = a.still.sts.get_caller_identity()
    assert who["Arn"].startswith(f"arn:aws:iam::{who['Account']}:user/") and who["UserId"].startswith("AIDA")


@case("sts", "GetCallerIdentity", "other", "a key that nobody has")
def _(a):
    stranger = a.still.with_keys("AKIA0000NOSUCHKEY000", "nothing")
    refused("InvalidClientTokenId", stranger.sts.get_caller_identity)
    refused("InvalidClientTokenId", stranger.iam.list_access_keys)
    for call in (stranger.guardduty.list_detectors, stranger.securityhub.get_findings,
                 stranger.ssm.describe_automation_executions):
        refused("UnrecognizedClientException", call)


@case("sts", "AssumeRole", "success", "its keys act as the role's session")
def _(a):
    answer = a.still.sts.assume_role(RoleArn=role_arn(a), RoleSessionName="table", DurationSeconds=900,
                                     SourceIdentity="jo@example.com")
    assert answer["SourceIdentity"] == "jo@example.com"
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{a.number}:assumed-role/{a.role}/table"
    given = answer["Credentials"]
    assert given["AccessKeyId"].startswith("ASIA")
    session = a.still.with_keys(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    who = session.sts.get_caller_identity()
    assert who["Arn"] == answer["AssumedRoleUser"]["Arn"] and who["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    assert session.guardduty.list_detectors()["DetectorIds"]
    bare = a.still.with_keys(given["AccessKeyId"], given["SecretAccessKey"], "another token")
    refused("InvalidClientTokenId", bare.sts.get_caller_identity)


@case("sts", "AssumeRole", "missing", "a role that is not there is denied, as STS does")
def _(a):
    refused("AccessDenied", a.still.sts.assume_role, RoleArn=role_arn(a) + "-not", RoleSessionName="table")


@case("sts", "AssumeRole", "validation", "too short, too long, a bad name, a bad ARN, no policy")
def _(a):
    loose = a.still.client("sts", check=False).assume_role
    good = {"RoleArn": role_arn(a), "RoleSessionName": "table"}
    for wrong in ({"DurationSeconds": 899}, {"DurationSeconds": 43201}, {"RoleSessionName": "a b"},
                  {"RoleSessionName": "x"}, {"RoleArn": "role"}, {"SourceIdentity": "j o"}):
        refused(RULE, loose, **(good | wrong))
    refused("MalformedPolicyDocument", loose, **good, Policy="{")


@case("sts", "AssumeRole", "other", "a session policy takes away")
def _(a):
    policy = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["guardduty:List*"], "Resource": "*"}]})
    given = a.still.sts.assume_role(RoleArn=role_arn(a), RoleSessionName="narrow", Policy=policy)["Credentials"]
    session = a.still.with_keys(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    found = session.guardduty.list_detectors()["DetectorIds"]
    denied = refused({"AccessDeniedException", "AccessDenied"}, session.guardduty.archive_findings,
                     DetectorId=found[0], FindingIds=[])
    assert "guardduty:ArchiveFindings" in denied["Error"]["Message"]
    # A role that trusts a user is not for the sessions of a role, not even its own.
    refused("AccessDenied", session.sts.assume_role, RoleArn=role_arn(a), RoleSessionName="again")
    elsewhere = json.loads(policy)
    elsewhere["Statement"][0]["Condition"] = {"StringEquals": {"aws:RequestedRegion": "ap-south-1"}}
    given = a.still.sts.assume_role(RoleArn=role_arn(a), RoleSessionName="far", Policy=json.dumps(elsewhere))
    given = given["Credentials"]
    session = a.still.with_keys(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    refused({"AccessDeniedException", "AccessDenied"}, session.guardduty.list_detectors)


TRUSTED = "api-gateway"


def trust(a, role=TRUSTED):
    return a.still.iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]


def trusting(effect="Deny", **more):
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Principal": "*", "Action": "sts:AssumeRole"} | more]}


def update(a, document, role=TRUSTED):
    a.still.iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(document))


@case("iam", "UpdateAssumeRolePolicy", "success", "GetRole gives what was put")
def _(a):
    before = trust(a)
    update(a, trusting())
    assert trust(a) == trusting()
    update(a, before)
    assert trust(a) == before


@case("iam", "UpdateAssumeRolePolicy", "conflict", "put twice is put once; a role of Identity Center takes none")
def _(a):
    before = trust(a)
    for _ in range(2):
        update(a, trusting())
        assert trust(a) == trusting()
    update(a, before)
    refused("UnmodifiableEntity", update, a=a, document=trusting(), role=RESERVED)


@case("iam", "UpdateAssumeRolePolicy", "missing", "no such role")
def _(a):
    refused("NoSuchEntity", update, a=a, document=trusting(), role="nobody")


@case("iam", "UpdateAssumeRolePolicy", "validation", "no policy, no principal, a resource, too long")
def _(a):
    before = trust(a)
    loose = a.still.client("iam", check=False).update_assume_role_policy
    refused("MalformedPolicyDocument", loose, RoleName=TRUSTED, PolicyDocument="x")
    refused("MalformedPolicyDocument", update, a=a, document={"Statement": [{"Effect": "Deny", "Action": "*"}]})
    refused("MalformedPolicyDocument", update, a=a, document=trusting(Resource="*"))
    nobody = {"AWS": "AROAQ7LXN4WKN5SY4GKTC"}
    refused("MalformedPolicyDocument", update, a=a, document=trusting(Principal=nobody))
    refused("LimitExceeded", update, a=a, document=trusting(Sid="x" * 2048))
    refused("ValidationError", loose, RoleName="a b", PolicyDocument="{}")
    assert trust(a) == before
