"""S3, from its service model (2006-03-01) and API reference: where a bucket is, its own block of public access, and
whether its policy is public."""

from harness import case, refused

OPEN = "harrow-public-site"
CLOSED = "harrow-release-archive"
NOBODY = "nobody-has-this-bucket"
SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ALL = dict.fromkeys(SWITCHES, True)
MIXED = dict(zip(SWITCHES, (True, False, True, False)))
OWNER = {"ExpectedBucketOwner": "000000000001"}


def now(a, bucket=CLOSED):
    return a.still.s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]


def put(a, switches, bucket=CLOSED, **more):
    a.still.s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=switches, **more)


def gone(a, bucket=CLOSED):
    a.still.s3.delete_public_access_block(Bucket=bucket)
    error = refused("NoSuchPublicAccessBlockConfiguration", a.still.s3.get_public_access_block, Bucket=bucket)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 404


def wrong_owners(a, name, **params):
    """An account that the bucket does not belong to, and one that is none."""
    error = refused("AccessDenied", getattr(a.still.s3, name), Bucket=CLOSED, **params, **OWNER)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 403
    loose = getattr(a.still.client("s3", check=False), name)
    refused("InvalidBucketOwnerAWSAccountID", loose, Bucket=CLOSED, **params, ExpectedBucketOwner="x")
    getattr(a.still.s3, name)(Bucket=OPEN, **params, ExpectedBucketOwner=a.number)


@case("s3", "GetBucketLocation", "success", "the oldest Region has no name; a client of another one is told the same")
def _(a):
    wanted = None if a.region == "us-east-1" else a.region
    assert a.still.s3.get_bucket_location(Bucket=CLOSED)["LocationConstraint"] == wanted
    other = a.still.client("s3", region="us-west-2")
    assert other.get_bucket_location(Bucket=CLOSED)["LocationConstraint"] == wanted


@case("s3", "GetBucketLocation", "missing", "no such bucket")
def _(a):
    refused("NoSuchBucket", a.still.s3.get_bucket_location, Bucket=NOBODY)


@case("s3", "GetBucketLocation", "validation", "another owner than is expected")
def _(a):
    wrong_owners(a, "get_bucket_location")


@case("s3", "GetBucketPolicyStatus", "success", "public by its policy, and still so when it is blocked")
def _(a):
    status = lambda: a.still.s3.get_bucket_policy_status(Bucket=OPEN)["PolicyStatus"]  # noqa: E731
    assert status() == {"IsPublic": True}
    put(a, ALL, OPEN)
    assert status() == {"IsPublic": True}
    gone(a, OPEN)


@case("s3", "GetBucketPolicyStatus", "missing", "no policy, no bucket")
def _(a):
    refused("NoSuchBucketPolicy", a.still.s3.get_bucket_policy_status, Bucket=CLOSED)
    refused("NoSuchBucket", a.still.s3.get_bucket_policy_status, Bucket=NOBODY)


@case("s3", "GetBucketPolicyStatus", "validation", "another owner than is expected")
def _(a):
    wrong_owners(a, "get_bucket_policy_status")


@case("s3", "GetPublicAccessBlock", "success", "all four switches as they were put")
def _(a):
    for switches in (ALL, MIXED):
        put(a, switches)
        assert now(a) == switches
    gone(a)


@case("s3", "GetPublicAccessBlock", "missing", "no configuration is no configuration with everything off")
def _(a):
    gone(a)
    put(a, dict.fromkeys(SWITCHES, False))
    assert now(a) == dict.fromkeys(SWITCHES, False)
    gone(a)


@case("s3", "GetPublicAccessBlock", "missing", "no such bucket; one of another Region redirects, and boto3 follows")
def _(a):
    refused("NoSuchBucket", a.still.s3.get_public_access_block, Bucket=NOBODY)
    put(a, MIXED)
    other, seen = a.still.client("s3", region="us-west-2"), []
    other.meta.events.register("before-parse.s3", lambda response_dict, **_: seen.append(response_dict["status_code"]))
    assert other.get_public_access_block(Bucket=CLOSED)["PublicAccessBlockConfiguration"] == MIXED
    assert seen == [301, 200], seen
    gone(a)


@case("s3", "GetPublicAccessBlock", "validation", "another owner than is expected")
def _(a):
    put(a, ALL, OPEN)
    wrong_owners(a, "get_public_access_block")
    gone(a, OPEN)


@case("s3", "PutPublicAccessBlock", "success", "the switches that are not named are off")
def _(a):
    put(a, {"RestrictPublicBuckets": True})
    assert now(a) == dict.fromkeys(SWITCHES, False) | {"RestrictPublicBuckets": True}
    gone(a)


@case("s3", "PutPublicAccessBlock", "success", "with each checksum that botocore makes")
def _(a):
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        put(a, ALL, ChecksumAlgorithm=algorithm)
        assert now(a) == ALL
    gone(a)


@case("s3", "PutPublicAccessBlock", "conflict", "put twice is put once")
def _(a):
    for _ in range(2):
        put(a, MIXED)
        assert now(a) == MIXED
    gone(a)


@case("s3", "PutPublicAccessBlock", "missing", "no such bucket")
def _(a):
    refused("NoSuchBucket", put, a=a, switches=ALL, bucket=NOBODY)


@case("s3", "PutPublicAccessBlock", "validation", "another owner than is expected")
def _(a):
    wrong_owners(a, "put_public_access_block", PublicAccessBlockConfiguration=ALL)
    gone(a, OPEN)


@case("s3", "DeletePublicAccessBlock", "success", "none is left; deleting says nothing")
def _(a):
    put(a, ALL)
    answer = a.still.s3.delete_public_access_block(Bucket=CLOSED)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    gone(a)


@case("s3", "DeletePublicAccessBlock", "conflict", "what is not there can be deleted")
def _(a):
    gone(a)
    gone(a)


@case("s3", "DeletePublicAccessBlock", "missing", "no such bucket")
def _(a):
    refused("NoSuchBucket", a.still.s3.delete_public_access_block, Bucket=NOBODY)


@case("s3", "DeletePublicAccessBlock", "validation", "another owner than is expected")
def _(a):
    wrong_owners(a, "delete_public_access_block")
