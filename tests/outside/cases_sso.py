"""IAM Identity Center, from the service model of sso-admin (2020-07-20) and its API reference: who may take on which
permission set in which account, and assignments that are made and taken away a while after it was asked."""

from harness import case, pages, refused, until

INSTANCE = "arn:aws:sso:::instance/ssoins-7223a1c0de5f4b68"
OTHER = "arn:aws:sso:::instance/ssoins-0000000000000000"
SET = "arn:aws:sso:::permissionSet/ssoins-7223a1c0de5f4b68/ps-4d2a9c17e08b53f6"
READS = "arn:aws:sso:::permissionSet/ssoins-7223a1c0de5f4b68/ps-8e51b0f2c6d7a934"
NOBODY = "arn:aws:sso:::permissionSet/ssoins-7223a1c0de5f4b68/ps-0000000000000000"
USER = "93f7b2c1d4-0a5e8d62-7b14-4c39-9e60-15a2f8c7d3b4"
GROUP = "93f7b2c1d4-5c20e9b8-1f47-4ad3-8b6e-70d4c3a91e52"
FRESH = "93f7b2c1d4-aaaaaaaa-1f47-4ad3-8b6e-70d4c3a9%04d"
UNKNOWN = "00000000-0000-0000-0000-000000000000"


def of(a, principal=USER, permission_set=SET, kind="USER"):
    return {"InstanceArn": INSTANCE, "PermissionSetArn": permission_set, "TargetId": a.number,
            "TargetType": "AWS_ACCOUNT", "PrincipalType": kind, "PrincipalId": principal}


def there(a, permission_set=SET):
    return {"InstanceArn": INSTANCE, "PermissionSetArn": permission_set, "AccountId": a.number}


def who(account, a, permission_set=SET):
    found = account.client("sso-admin").list_account_assignments(**there(a, permission_set))["AccountAssignments"]
    assert all(one["AccountId"] == a.number and one["PermissionSetArn"] == permission_set for one in found)
    return sorted((one["PrincipalType"], one["PrincipalId"]) for one in found)


def fresh(a, n):
    """A user of our own: given the permission set that only reads, in the account that is sped up."""
    user = FRESH % n
    sso = a.fast.client("sso-admin")
    sso.create_account_assignment(**of(a, user, READS))
    until(lambda: who(a.fast, a, READS), lambda found: ("USER", user) in found)
    return user


@case("sso-admin", "ListInstances", "success", "the instance, its store and its owner")
def _(a):
    found = a.still.client("sso-admin").list_instances()["Instances"]
    assert [(one["InstanceArn"], one["OwnerAccountId"], one["Status"]) for one in found] == [(INSTANCE, a.number, "ACTIVE")]
    assert found[0]["IdentityStoreId"].startswith("d-")


@case("sso-admin", "ListInstances", "missing", "another Region has none")
def _(a):
    assert a.still.client("sso-admin", region="us-west-2").list_instances()["Instances"] == []


@case("sso-admin", "ListInstances", "validation", "a page without rows")
def _(a):
    refused("ValidationException", a.still.client("sso-admin", check=False).list_instances, MaxResults=0)


@case("sso-admin", "DescribePermissionSet", "success", "its name, and how long its sessions last")
def _(a):
    found = a.still.client("sso-admin").describe_permission_set(InstanceArn=INSTANCE, PermissionSetArn=SET)
    found = found["PermissionSet"]
    assert (found["Name"], found["SessionDuration"], found["PermissionSetArn"]) == ("AdministratorAccess", "PT8H", SET)


@case("sso-admin", "DescribePermissionSet", "missing", "a permission set, an instance, and another Region")
def _(a):
    call = a.still.client("sso-admin").describe_permission_set
    refused("ResourceNotFoundException", call, InstanceArn=INSTANCE, PermissionSetArn=NOBODY)
    refused("ResourceNotFoundException", call, InstanceArn=OTHER, PermissionSetArn=SET)
    call = a.still.client("sso-admin", region="us-west-2").describe_permission_set
    refused("ResourceNotFoundException", call, InstanceArn=INSTANCE, PermissionSetArn=SET)


@case("sso-admin", "DescribePermissionSet", "validation", "what is no ARN of one")
def _(a):
    loose = a.still.client("sso-admin", check=False).describe_permission_set
    refused("ValidationException", loose, InstanceArn=INSTANCE, PermissionSetArn="AdministratorAccess")
    refused("ValidationException", loose, InstanceArn="people-people", PermissionSetArn=SET)


@case("sso-admin", "ListAccountAssignments", "success", "users and groups")
def _(a):
    assert who(a.still, a) == [("GROUP", GROUP), ("USER", USER)]


@case("sso-admin", "ListAccountAssignments", "paging", "a row on each page, and a token that is no token")
def _(a):
    call = a.still.client("sso-admin").list_account_assignments
    found = pages(call, "NextToken", {"MaxResults": 1}, "AccountAssignments", **there(a))
    assert [len(page) for page in found] == [1, 1]
    refused("ValidationException", call, **there(a), NextToken="bm9uZQ==")


@case("sso-admin", "ListAccountAssignments", "missing", "a permission set; an account where nobody has it")
def _(a):
    call = a.still.client("sso-admin").list_account_assignments
    refused("ResourceNotFoundException", call, **there(a, NOBODY))
    assert call(**there(a) | {"AccountId": "999988887777"})["AccountAssignments"] == []


@case("sso-admin", "ListAccountAssignments", "validation", "an account that is none")
def _(a):
    loose = a.still.client("sso-admin", check=False).list_account_assignments
    refused("ValidationException", loose, **there(a) | {"AccountId": "production"})


@case("sso-admin", "CreateAccountAssignment", "success", "it is there a while after it was asked")
def _(a):
    user = fresh(a, 1)
    assert ("USER", user) in who(a.fast, a, READS)
    found = a.still.client("sso-admin").create_account_assignment(**of(a, user, READS))
    status = found["AccountAssignmentCreationStatus"]
    assert (status["Status"], status["PrincipalId"], status["TargetId"]) == ("IN_PROGRESS", user, a.number)
    assert ("USER", user) not in who(a.still, a, READS)


@case("sso-admin", "CreateAccountAssignment", "conflict", "one at a time")
def _(a):
    call = a.still.client("sso-admin").create_account_assignment
    call(**of(a, FRESH % 2, READS))
    refused("ConflictException", call, **of(a, FRESH % 2, READS))


@case("sso-admin", "CreateAccountAssignment", "missing", "a permission set")
def _(a):
    refused("ResourceNotFoundException", a.still.client("sso-admin").create_account_assignment, **of(a, USER, NOBODY))


@case("sso-admin", "CreateAccountAssignment", "validation", "a principal of no kind, and an account that is none")
def _(a):
    loose = a.still.client("sso-admin", check=False).create_account_assignment
    refused("ValidationException", loose, **of(a, kind="ROLE"))
    refused("ValidationException", loose, **of(a) | {"TargetId": "production"})


@case("sso-admin", "DeleteAccountAssignment", "success", "it is gone a while after it was asked, and nobody else's is")
def _(a):
    user = fresh(a, 3)
    status = a.fast.client("sso-admin").delete_account_assignment(**of(a, user, READS))["AccountAssignmentDeletionStatus"]
    assert status["RequestId"] and status["PrincipalType"] == "USER"
    found = until(lambda: who(a.fast, a, READS), lambda found: ("USER", user) not in found)
    assert ("GROUP", GROUP) in found


@case("sso-admin", "DeleteAccountAssignment", "conflict", "one at a time")
def _(a):
    call = a.still.client("sso-admin").delete_account_assignment
    call(**of(a, FRESH % 4, READS))
    refused("ConflictException", call, **of(a, FRESH % 4, READS))


@case("sso-admin", "DeleteAccountAssignment", "missing", "a permission set; what nobody has fails later")
def _(a):
    call = a.fast.client("sso-admin").delete_account_assignment
    refused("ResourceNotFoundException", call, **of(a, USER, NOBODY))
    asked = call(**of(a, FRESH % 5, READS))["AccountAssignmentDeletionStatus"]["RequestId"]
    found = until(lambda: deletion(a.fast, asked), lambda found: found["Status"] != "IN_PROGRESS")
    assert found["Status"] == "FAILED" and found["FailureReason"]


@case("sso-admin", "DeleteAccountAssignment", "validation", "a principal of no kind")
def _(a):
    loose = a.still.client("sso-admin", check=False).delete_account_assignment
    refused("ValidationException", loose, **of(a, kind="ROLE"))


def deletion(account, asked):
    call = account.client("sso-admin").describe_account_assignment_deletion_status
    return call(InstanceArn=INSTANCE, AccountAssignmentDeletionRequestId=asked)["AccountAssignmentDeletionStatus"]


def creation(account, asked):
    call = account.client("sso-admin").describe_account_assignment_creation_status
    return call(InstanceArn=INSTANCE, AccountAssignmentCreationRequestId=asked)["AccountAssignmentCreationStatus"]


@case("sso-admin", "DescribeAccountAssignmentDeletionStatus", "success", "it goes on, and then it has succeeded")
def _(a):
    user = fresh(a, 6)
    asked = a.fast.client("sso-admin").delete_account_assignment(**of(a, user, READS))
    asked = asked["AccountAssignmentDeletionStatus"]["RequestId"]
    found = until(lambda: deletion(a.fast, asked), lambda found: found["Status"] != "IN_PROGRESS")
    assert (found["Status"], found["RequestId"], found["PrincipalId"]) == ("SUCCEEDED", asked, user)


@case("sso-admin", "DescribeAccountAssignmentDeletionStatus", "missing", "nothing was asked so")
def _(a):
    refused("ResourceNotFoundException", lambda: deletion(a.still, UNKNOWN))


@case("sso-admin", "DescribeAccountAssignmentDeletionStatus", "validation", "an id that is none")
def _(a):
    loose = a.still.client("sso-admin", check=False).describe_account_assignment_deletion_status
    refused("ValidationException", loose, InstanceArn=INSTANCE, AccountAssignmentDeletionRequestId="one")


@case("sso-admin", "DescribeAccountAssignmentCreationStatus", "success", "it goes on, and then it has succeeded")
def _(a):
    asked = a.fast.client("sso-admin").create_account_assignment(**of(a, FRESH % 7, READS))
    asked = asked["AccountAssignmentCreationStatus"]["RequestId"]
    found = until(lambda: creation(a.fast, asked), lambda found: found["Status"] != "IN_PROGRESS")
    assert (found["Status"], found["RequestId"]) == ("SUCCEEDED", asked)


@case("sso-admin", "DescribeAccountAssignmentCreationStatus", "missing", "nothing was asked so")
def _(a):
    refused("ResourceNotFoundException", lambda: creation(a.still, UNKNOWN))


@case("sso-admin", "DescribeAccountAssignmentCreationStatus", "validation", "an id that is none")
def _(a):
    loose = a.still.client("sso-admin", check=False).describe_account_assignment_creation_status
    refused("ValidationException", loose, InstanceArn=INSTANCE, AccountAssignmentCreationRequestId="one")
