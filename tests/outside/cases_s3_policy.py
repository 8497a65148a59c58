"""S3, from its service model (2006-03-01) and API reference: a bucket's policy, as a text. S3 Control (2018-08-20): the
block of public access of the whole account."""

import json

from cases_s3 import ALL, CLOSED, MIXED, NOBODY, OPEN, SWITCHES, gone, put, wrong_owners
from harness import case, refused


def policy(bucket=CLOSED, **more):
    statement = {"Sid": "A", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                 "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
                 "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]}, indent=1)


def text(a, bucket=CLOSED):
    return a.still.s3.get_bucket_policy(Bucket=bucket)["Policy"]


def write(a, policy, bucket=CLOSED, **more):
    a.still.s3.put_bucket_policy(Bucket=bucket, Policy=policy, **more)


def none(a, bucket=CLOSED):
    a.still.s3.delete_bucket_policy(Bucket=bucket)
    error = refused("NoSuchBucketPolicy", a.still.s3.get_bucket_policy, Bucket=bucket)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 404


@case("s3", "GetBucketPolicy", "success", "the text as it was put, and why a bucket is public at the start")
def _(a):
    write(a, policy())
    assert text(a) == policy()
    none(a)
    statement = json.loads(text(a, OPEN))["Statement"][0]
    assert (statement["Effect"], statement["Principal"]) == ("Allow", "*")


@case("s3", "GetBucketPolicy", "missing", "no policy, no bucket")
def _(a):
    none(a)
    refused("NoSuchBucket", a.still.s3.get_bucket_policy, Bucket=NOBODY)


@case("s3", "GetBucketPolicy", "validation", "another owner than is expected")
def _(a):
    write(a, policy())
    wrong_owners(a, "get_bucket_policy")
    none(a)


@case("s3", "PutBucketPolicy", "success", "what the policy is decides whether it is public")
def _(a):
    before = text(a, OPEN)
    write(a, policy(OPEN), OPEN)
    assert a.still.s3.get_bucket_policy_status(Bucket=OPEN)["PolicyStatus"] == {"IsPublic": False}
    write(a, before, OPEN)
    assert a.still.s3.get_bucket_policy_status(Bucket=OPEN)["PolicyStatus"] == {"IsPublic": True}
    assert text(a, OPEN) == before


@case("s3", "PutBucketPolicy", "conflict", "put twice is put once; a block keeps a public one out")
def _(a):
    for _ in range(2):
        write(a, policy())
        assert text(a) == policy()
    put(a, ALL, OPEN)
    refused("AccessDenied", write, a=a, policy=text(a, OPEN), bucket=OPEN)
    gone(a, OPEN)
    none(a)


@case("s3", "PutBucketPolicy", "missing", "no such bucket")
def _(a):
    refused("NoSuchBucket", write, a=a, policy=policy(NOBODY), bucket=NOBODY)


@case("s3", "PutBucketPolicy", "validation", "no JSON, no statement, another bucket's, too long; another owner")
def _(a):
    none(a)
    for wrong in ("x", "{}", policy(OPEN), json.dumps({"Statement": [{"Effect": "Deny"}]}),
                  policy(Principal={"AWS": "AROAQ7LXN4WKN5SY4GKTC"}),
                  policy(Sid="x" * 20_500)):
        refused("MalformedPolicy", write, a=a, policy=wrong)
    error = refused("AccessDenied", write, a=a, policy=policy(), ExpectedBucketOwner="000000000001")
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 403
    refused("NoSuchBucketPolicy", a.still.s3.get_bucket_policy, Bucket=CLOSED)


@case("s3", "DeleteBucketPolicy", "success", "none is left; deleting says nothing")
def _(a):
    write(a, policy())
    answer = a.still.s3.delete_bucket_policy(Bucket=CLOSED)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    none(a)


@case("s3", "DeleteBucketPolicy", "conflict", "what is not there can be deleted")
def _(a):
    none(a)
    none(a)


@case("s3", "DeleteBucketPolicy", "missing", "no such bucket")
def _(a):
    refused("NoSuchBucket", a.still.s3.delete_bucket_policy, Bucket=NOBODY)


@case("s3", "DeleteBucketPolicy", "validation", "another owner than is expected")
def _(a):
    before = text(a, OPEN)
    wrong_owners(a, "delete_bucket_policy")
    write(a, before, OPEN)


def control(a, check=True):
    return a.still.client("s3control", check=check)


def now(a):
    return control(a).get_public_access_block(AccountId=a.number)["PublicAccessBlockConfiguration"]


def lifted(a):
    answer = control(a).delete_public_access_block(AccountId=a.number)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    error = refused("NoSuchPublicAccessBlockConfiguration", control(a).get_public_access_block, AccountId=a.number)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 404


def blocked(a, switches):
    control(a).put_public_access_block(AccountId=a.number, PublicAccessBlockConfiguration=switches)


@case("s3control", "GetPublicAccessBlock", "success", "all four switches as they were put; in every Region the same")
def _(a):
    for switches in (ALL, MIXED):
        blocked(a, switches)
        other = a.still.client("s3control", region="us-west-2").get_public_access_block(AccountId=a.number)
        assert now(a) == switches == other["PublicAccessBlockConfiguration"]
    lifted(a)


@case("s3control", "GetPublicAccessBlock", "missing", "no configuration is none with everything off")
def _(a):
    lifted(a)
    blocked(a, dict.fromkeys(SWITCHES, False))
    assert now(a) == dict.fromkeys(SWITCHES, False)
    lifted(a)


@case("s3control", "GetPublicAccessBlock", "validation", "another account")
def _(a):
    refused("AccessDenied", control(a).get_public_access_block, AccountId="000000000001")


@case("s3control", "PutPublicAccessBlock", "success", "the switches that are not named are off; a bucket's own is another")
def _(a):
    blocked(a, {"RestrictPublicBuckets": True})
    assert now(a) == dict.fromkeys(SWITCHES, False) | {"RestrictPublicBuckets": True}
    refused("NoSuchPublicAccessBlockConfiguration", a.still.s3.get_public_access_block, Bucket=CLOSED)
    lifted(a)


@case("s3control", "PutPublicAccessBlock", "conflict", "put twice is put once")
def _(a):
    for _ in range(2):
        blocked(a, MIXED)
        assert now(a) == MIXED
    lifted(a)


@case("s3control", "PutPublicAccessBlock", "validation", "another account")
def _(a):
    refused("AccessDenied", control(a).put_public_access_block, AccountId="000000000001",
            PublicAccessBlockConfiguration=ALL)


@case("s3control", "DeletePublicAccessBlock", "success", "none is left")
def _(a):
    blocked(a, ALL)
    lifted(a)


@case("s3control", "DeletePublicAccessBlock", "conflict", "what is not there can be deleted")
def _(a):
    lifted(a)
    lifted(a)


@case("s3control", "DeletePublicAccessBlock", "validation", "another account")
def _(a):
    refused("AccessDenied", control(a).delete_public_access_block, AccountId="000000000001")
