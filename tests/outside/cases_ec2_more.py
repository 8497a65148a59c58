"""EC2, from its service model (2016-11-15) and API reference: snapshots, stop and start, tags, instance profiles."""

from cases_ec2 import NOBODY, WRONG, instance
from harness import case, pages, refused, until


def own(a):
    return instance(a)["InstanceId"]


def loose(a, name):
    return getattr(a.still.client("ec2", check=False), name)


def elsewhere(a, name):
    return getattr(a.still.client("ec2", region="us-west-2"), name)


def dry(call, **params):
    error = refused("DryRunOperation", call, DryRun=True, **params)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 412


def taken(a, description, **params):
    return a.still.ec2.create_snapshots(InstanceSpecification={"InstanceId": own(a)}, Description=description,
                                        **params)["Snapshots"]


def snapshots(a, **params):
    return a.still.ec2.describe_snapshots(OwnerIds=["self"], **params)["Snapshots"]


@case("ec2", "CreateSnapshots", "success", "one of each volume, of one moment, with description and tags")
def _(a):
    found = taken(a, "all of it", TagSpecifications=[
        {"ResourceType": "snapshot", "Tags": [{"Key": "incident", "Value": "7"}, {"Key": "empty", "Value": ""}]}])
    volumes = {m["Ebs"]["VolumeId"] for m in a.still.ec2.describe_instances()["Reservations"][0]["Instances"][0][
        "BlockDeviceMappings"]}
    assert {s["VolumeId"] for s in found} == volumes and len(found) == 2
    assert len({s["StartTime"] for s in found}) == 1
    assert all(s["State"] == "pending" and s["OwnerId"] == a.number for s in found)
    assert found[0]["Tags"] == [{"Key": "empty", "Value": ""}, {"Key": "incident", "Value": "7"}]


@case("ec2", "CreateSnapshots", "conflict", "taken twice are two sets: nothing makes them one")
def _(a):
    ids = [s["SnapshotId"] for _ in range(2) for s in taken(a, "twice")]
    assert len(set(ids)) == 4


@case("ec2", "CreateSnapshots", "missing", "no such instance; another Region has none")
def _(a):
    nobody = {"InstanceSpecification": {"InstanceId": f"i-{NOBODY}"}}
    refused("InvalidInstanceID.NotFound", a.still.ec2.create_snapshots, **nobody)
    refused("InvalidInstanceID.NotFound", elsewhere(a, "create_snapshots"),
            InstanceSpecification={"InstanceId": own(a)})


@case("ec2", "CreateSnapshots", "validation", "no instance, a wrong one, a long description, another resource; a dry run")
def _(a):
    call, good = loose(a, "create_snapshots"), {"InstanceSpecification": {"InstanceId": own(a)}}
    refused(WRONG, call)
    refused("InvalidInstanceID.Malformed", call, InstanceSpecification={"InstanceId": "i-xyz"})
    refused(WRONG, call, **good, Description="x" * 256)
    refused(WRONG, call, **good, TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": "a", "Value": "b"}]}])
    before = len(snapshots(a))
    dry(a.still.ec2.create_snapshots, **good)
    assert len(snapshots(a)) == before


@case("ec2", "DescribeSnapshots", "success", "a snapshot is copied after a while; what it holds is of its start")
def _(a):
    fast = a.fast.ec2
    made = fast.create_snapshots(InstanceSpecification={"InstanceId": own(a)})["Snapshots"]
    ids = [s["SnapshotId"] for s in made]
    done = until(lambda: fast.describe_snapshots(SnapshotIds=ids)["Snapshots"],
                 lambda found: all(s["State"] == "completed" for s in found))
    assert all(s["Progress"] == "100%" for s in done)
    assert sorted(s["StartTime"] for s in done) == sorted(s["StartTime"] for s in made)


@case("ec2", "DescribeSnapshots", "filter", "by description with a pattern, id, volume, tag; all must hold")
def _(a):
    one = taken(a, "mark 123 end", TagSpecifications=[
        {"ResourceType": "snapshot", "Tags": [{"Key": "incident", "Value": "9"}]}])[0]
    for name, value, hits in (("description", "*123*", 2), ("description", "123", 0), ("tag:incident", "9", 2),
                              ("snapshot-id", one["SnapshotId"], 1)):
        found = snapshots(a, Filters=[{"Name": name, "Values": [value]}])
        assert len(found) == hits, (name, value, found)
    both = [{"Name": "tag:incident", "Values": ["9"]}, {"Name": "volume-id", "Values": [one["VolumeId"]]}]
    assert [s["SnapshotId"] for s in snapshots(a, Filters=both)] == [one["SnapshotId"]]


@case("ec2", "DescribeSnapshots", "paging", "pages hold them all, each once")
def _(a):
    for n in range(3):
        taken(a, f"page {n}")
    found = pages(a.still.ec2.describe_snapshots, "NextToken", {"MaxResults": 5}, "Snapshots", OwnerIds=["self"])
    ids = [s["SnapshotId"] for page in found for s in page]
    assert len(found) > 1 and len(ids) == len(set(ids)) == len(snapshots(a))


@case("ec2", "DescribeSnapshots", "missing", "no such snapshot")
def _(a):
    refused("InvalidSnapshot.NotFound", a.still.ec2.describe_snapshots, SnapshotIds=[f"snap-{NOBODY}"])


@case("ec2", "DescribeSnapshots", "validation", "an id that is none, page size, token, filter")
def _(a):
    call = loose(a, "describe_snapshots")
    for wrong in ({"SnapshotIds": ["snap-xyz"]}, {"MaxResults": 4}, {"NextToken": "no-token"},
                  {"Filters": [{"Name": "colour", "Values": ["x"]}]}):
        refused(WRONG, call, **wrong)


def state(a):
    return a.fast.ec2.describe_instances(InstanceIds=[own(a)])["Reservations"][0]["Instances"][0]["State"]["Name"]


def turned(a, name, into):
    answer = getattr(a.fast.ec2, name)(InstanceIds=[own(a)])
    until(lambda: state(a), lambda found: found == into)
    return next(iter(v for k, v in answer.items() if k != "ResponseMetadata"))[0]


def metadata(a, account=None):
    found = (account or a.fast).ec2.describe_instances(InstanceIds=[own(a)])
    return found["Reservations"][0]["Instances"][0]["MetadataOptions"]


def shut(a, **options):
    """Sets it, and waits until that is in force."""
    answer = a.fast.ec2.modify_instance_metadata_options(InstanceId=own(a), **options)
    assert answer["InstanceId"] == own(a)
    until(lambda: metadata(a), lambda found: found["State"] == "applied")
    return answer["InstanceMetadataOptions"]


@case("ec2", "ModifyInstanceMetadataOptions", "success", "off and on again; its tokens stay as they are")
def _(a):
    before = metadata(a)
    assert shut(a, HttpEndpoint="disabled")["State"] == "pending"
    assert (metadata(a)["HttpEndpoint"], metadata(a)["HttpTokens"]) == ("disabled", before["HttpTokens"])
    shut(a, HttpEndpoint="enabled")
    assert metadata(a) == before


@case("ec2", "ModifyInstanceMetadataOptions", "success", "tokens are required, and optional again")
def _(a):
    shut(a, HttpTokens="required")
    assert (metadata(a)["HttpEndpoint"], metadata(a)["HttpTokens"]) == ("enabled", "required")
    shut(a, HttpTokens="optional")


@case("ec2", "ModifyInstanceMetadataOptions", "conflict", "what is so already stays so")
def _(a):
    assert shut(a, HttpEndpoint="enabled")["HttpEndpoint"] == "enabled"


@case("ec2", "ModifyInstanceMetadataOptions", "missing", "no such instance; another Region has none")
def _(a):
    call = a.still.ec2.modify_instance_metadata_options
    refused("InvalidInstanceID.NotFound", call, InstanceId=f"i-{NOBODY}", HttpEndpoint="disabled")
    call = elsewhere(a, "modify_instance_metadata_options")
    refused("InvalidInstanceID.NotFound", call, InstanceId=own(a), HttpEndpoint="disabled")


@case("ec2", "ModifyInstanceMetadataOptions", "validation", "an id and a word that are none, nothing to do; a dry run")
def _(a):
    call = loose(a, "modify_instance_metadata_options")
    refused("InvalidInstanceID.Malformed", call, InstanceId="i-xyz", HttpEndpoint="disabled")
    refused("InvalidParameterValue", call, InstanceId=own(a), HttpEndpoint="off")
    refused("InvalidParameterCombination", call, InstanceId=own(a))
    dry(a.fast.ec2.modify_instance_metadata_options, InstanceId=own(a), HttpEndpoint="disabled")
    assert metadata(a)["HttpEndpoint"] == "enabled"


@case("ec2", "StopInstances", "success", "through stopping to stopped; its public address is gone meanwhile")
def _(a):
    # An automation may have stopped it before.
    turned(a, "start_instances", "running")
    change = turned(a, "stop_instances", "stopped")
    assert change["PreviousState"] == {"Code": 16, "Name": "running"}
    assert change["CurrentState"] == {"Code": 64, "Name": "stopping"}
    found = a.fast.ec2.describe_instances(InstanceIds=[own(a)])["Reservations"][0]["Instances"][0]
    assert "PublicIpAddress" not in found and found["PrivateIpAddress"]
    turned(a, "start_instances", "running")


@case("ec2", "StopInstances", "conflict", "one that is stopped stays so")
def _(a):
    turned(a, "stop_instances", "stopped")
    assert turned(a, "stop_instances", "stopped")["CurrentState"]["Name"] == "stopped"
    turned(a, "start_instances", "running")


@case("ec2", "StopInstances", "missing", "no such instance; another Region has none")
def _(a):
    refused("InvalidInstanceID.NotFound", a.still.ec2.stop_instances, InstanceIds=[f"i-{NOBODY}"])
    refused("InvalidInstanceID.NotFound", elsewhere(a, "stop_instances"), InstanceIds=[own(a)])


@case("ec2", "StopInstances", "validation", "none, an id that is none, no hibernation; a dry run stops nothing")
def _(a):
    call = loose(a, "stop_instances")
    refused(WRONG, call)
    refused("InvalidInstanceID.Malformed", call, InstanceIds=["i-xyz"])
    refused("UnsupportedHibernationConfiguration", call, InstanceIds=[own(a)], Hibernate=True)
    dry(a.fast.ec2.stop_instances, InstanceIds=[own(a)])
    assert state(a) == "running"


@case("ec2", "StartInstances", "success", "through pending to running")
def _(a):
    turned(a, "stop_instances", "stopped")
    change = turned(a, "start_instances", "running")
    assert (change["PreviousState"]["Name"], change["CurrentState"]["Name"]) == ("stopped", "pending")


@case("ec2", "StartInstances", "conflict", "one that runs stays so; one that is stopping can't be started")
def _(a):
    assert turned(a, "start_instances", "running")["CurrentState"]["Name"] == "running"
    still = a.still.ec2
    still.stop_instances(InstanceIds=[own(a)])
    refused("IncorrectInstanceState", still.start_instances, InstanceIds=[own(a)])


@case("ec2", "StartInstances", "missing", "no such instance; another Region has none")
def _(a):
    refused("InvalidInstanceID.NotFound", a.still.ec2.start_instances, InstanceIds=[f"i-{NOBODY}"])
    refused("InvalidInstanceID.NotFound", elsewhere(a, "start_instances"), InstanceIds=[own(a)])


@case("ec2", "StartInstances", "validation", "none, an id that is none; a dry run")
def _(a):
    refused(WRONG, loose(a, "start_instances"))
    refused("InvalidInstanceID.Malformed", loose(a, "start_instances"), InstanceIds=["i-xyz"])
    dry(a.fast.ec2.start_instances, InstanceIds=[own(a)])


@case("ec2", "DescribeInstanceAttribute", "success", "whether it is protected from being stopped")
def _(a):
    found = a.still.ec2.describe_instance_attribute(InstanceId=own(a), Attribute="disableApiStop")
    assert found["DisableApiStop"] == {"Value": False} and found["InstanceId"] == own(a)


BEHAVIOR = "instanceInitiatedShutdownBehavior"


def behavior(a):
    found = a.still.ec2.describe_instance_attribute(InstanceId=own(a), Attribute=BEHAVIOR)
    return found["InstanceInitiatedShutdownBehavior"]["Value"]


def behave(a, word):
    a.still.ec2.modify_instance_attribute(InstanceId=own(a), InstanceInitiatedShutdownBehavior={"Value": word})


@case("ec2", "DescribeInstanceAttribute", "success", "what a shutdown from inside does")
def _(a):
    assert behavior(a) == "stop"


@case("ec2", "ModifyInstanceAttribute", "success", "a shutdown from inside ends it, and stops it again")
def _(a):
    behave(a, "terminate")
    assert behavior(a) == "terminate"
    behave(a, "stop")
    assert behavior(a) == "stop"


@case("ec2", "ModifyInstanceAttribute", "conflict", "what is so already stays so")
def _(a):
    behave(a, "stop")
    assert behavior(a) == "stop"


@case("ec2", "ModifyInstanceAttribute", "missing", "no such instance; another Region has none")
def _(a):
    stop = {"InstanceInitiatedShutdownBehavior": {"Value": "stop"}}
    refused("InvalidInstanceID.NotFound", a.still.ec2.modify_instance_attribute, InstanceId=f"i-{NOBODY}", **stop)
    refused("InvalidInstanceID.NotFound", elsewhere(a, "modify_instance_attribute"), InstanceId=own(a), **stop)


@case("ec2", "ModifyInstanceAttribute", "validation", "an id and a word that are none, nothing to do; a dry run")
def _(a):
    call, ends = loose(a, "modify_instance_attribute"), {"InstanceInitiatedShutdownBehavior": {"Value": "terminate"}}
    refused("InvalidInstanceID.Malformed", call, InstanceId="i-xyz", **ends)
    refused(WRONG, call, InstanceId=own(a), InstanceInitiatedShutdownBehavior={"Value": "halt"})
    refused("InvalidParameterCombination", call, InstanceId=own(a))
    dry(a.still.ec2.modify_instance_attribute, InstanceId=own(a), **ends)
    assert behavior(a) == "stop"


@case("ec2", "DescribeInstanceAttribute", "missing", "no such instance")
def _(a):
    refused("InvalidInstanceID.NotFound", a.still.ec2.describe_instance_attribute, InstanceId=f"i-{NOBODY}",
            Attribute="disableApiStop")


@case("ec2", "DescribeInstanceAttribute", "validation", "no instance, a wrong one, no attribute, a wrong one")
def _(a):
    call = loose(a, "describe_instance_attribute")
    refused(WRONG, call, Attribute="disableApiStop")
    refused("InvalidInstanceID.Malformed", call, InstanceId="i-xyz", Attribute="disableApiStop")
    refused(WRONG, call, InstanceId=own(a))
    refused(WRONG, call, InstanceId=own(a), Attribute="colour")


def tags(a, resource, **more):
    filters = [{"Name": "resource-id", "Values": [resource]}]
    filters += [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in more.items()]
    found = a.still.ec2.describe_tags(Filters=filters)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}


def put(a, resource, key, value):
    a.still.ec2.create_tags(Resources=[resource], Tags=[{"Key": key, "Value": value}])


@case("ec2", "CreateTags", "success", "on an instance, where DescribeInstances shows it, and on what else has an id")
def _(a):
    volume = a.still.ec2.describe_instances()["Reservations"][0]["Instances"][0]["BlockDeviceMappings"][0]["Ebs"]
    interface = instance(a)["NetworkInterfaces"][0]["NetworkInterfaceId"]
    for resource in (own(a), volume["VolumeId"], interface, taken(a, "tagged")[0]["SnapshotId"]):
        put(a, resource, "incident", "42")
        assert tags(a, resource)["incident"] == "42"
    shown = a.still.ec2.describe_instances(InstanceIds=[own(a)])["Reservations"][0]["Instances"][0]["Tags"]
    assert {"Key": "incident", "Value": "42"} in shown


@case("ec2", "CreateTags", "conflict", "a tag that is there gets the new value")
def _(a):
    for value in ("1", "1", "2", ""):
        put(a, own(a), "twice", value)
        assert tags(a, own(a))["twice"] == value


@case("ec2", "CreateTags", "missing", "no such resource; another Region has none")
def _(a):
    new = {"Tags": [{"Key": "a", "Value": "b"}]}
    refused("InvalidInstanceID.NotFound", a.still.ec2.create_tags, Resources=[f"i-{NOBODY}"], **new)
    refused("InvalidVolume.NotFound", a.still.ec2.create_tags, Resources=[f"vol-{NOBODY}"], **new)
    refused("InvalidInstanceID.NotFound", elsewhere(a, "create_tags"), Resources=[own(a)], **new)


@case("ec2", "CreateTags", "validation", "no resource, no tag, a key of AWS's own, too long ones, too many; a dry run")
def _(a):
    call, on = loose(a, "create_tags"), {"Resources": [own(a)]}
    refused(WRONG, call, Tags=[{"Key": "a", "Value": "b"}])
    refused(WRONG, call, **on)
    refused("InvalidID", call, Resources=["x"], Tags=[{"Key": "a", "Value": "b"}])
    for key, value in (("aws:x", "y"), ("k" * 129, ""), ("k", "v" * 257)):
        refused(WRONG, call, **on, Tags=[{"Key": key, "Value": value}])
    refused("TagLimitExceeded", call, **on, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(49)])
    dry(a.still.ec2.create_tags, **on, Tags=[{"Key": "rehearsed", "Value": "x"}])
    assert "rehearsed" not in tags(a, own(a))


@case("ec2", "DeleteTags", "success", "by its key whatever its value, or only where it has that value")
def _(a):
    put(a, own(a), "gone", "1")
    a.still.ec2.delete_tags(Resources=[own(a)], Tags=[{"Key": "gone", "Value": "2"}])
    assert tags(a, own(a))["gone"] == "1"
    a.still.ec2.delete_tags(Resources=[own(a)], Tags=[{"Key": "gone"}])
    assert "gone" not in tags(a, own(a))


@case("ec2", "DeleteTags", "conflict", "what is not there can be deleted")
def _(a):
    for _ in range(2):
        a.still.ec2.delete_tags(Resources=[own(a)], Tags=[{"Key": "never"}])


@case("ec2", "DeleteTags", "missing", "no such resource; another Region has none")
def _(a):
    refused("InvalidInstanceID.NotFound", a.still.ec2.delete_tags, Resources=[f"i-{NOBODY}"], Tags=[{"Key": "a"}])
    refused("InvalidInstanceID.NotFound", elsewhere(a, "delete_tags"), Resources=[own(a)], Tags=[{"Key": "a"}])


@case("ec2", "DeleteTags", "validation", "no resource, what is no id; a dry run")
def _(a):
    refused(WRONG, loose(a, "delete_tags"), Tags=[{"Key": "a"}])
    refused("InvalidID", loose(a, "delete_tags"), Resources=["x"], Tags=[{"Key": "a"}])
    put(a, own(a), "stays", "1")
    dry(a.still.ec2.delete_tags, Resources=[own(a)], Tags=[{"Key": "stays"}])
    assert tags(a, own(a))["stays"] == "1"


@case("ec2", "DescribeTags", "success", "key, value, and whose they are")
def _(a):
    found = a.still.ec2.describe_tags()["Tags"]
    assert {"ResourceId": own(a), "ResourceType": "instance", "Key": "team", "Value": "edge"} in found


@case("ec2", "DescribeTags", "filter", "by resource, type, key and value")
def _(a):
    assert tags(a, own(a), key="team") == {"team": "edge"} == tags(a, own(a), key="te*", value="edge")
    assert tags(a, own(a), resource_type="volume") == {} == tags(a, f"i-{NOBODY}")


@case("ec2", "DescribeTags", "paging", "pages hold them all")
def _(a):
    for n in range(6):
        put(a, own(a), f"page{n}", "")
    found = pages(a.still.ec2.describe_tags, "NextToken", {"MaxResults": 5}, "Tags")
    assert len(found) > 1 and sum(map(len, found)) == len(a.still.ec2.describe_tags()["Tags"])


@case("ec2", "DescribeTags", "missing", "another Region has none")
def _(a):
    assert elsewhere(a, "describe_tags")()["Tags"] == []


@case("ec2", "DescribeTags", "validation", "page size, token, filter")
def _(a):
    for wrong in ({"MaxResults": 4}, {"NextToken": "no-token"}, {"Filters": [{"Name": "colour", "Values": ["x"]}]}):
        refused(WRONG, loose(a, "describe_tags"), **wrong)


def associations(a, **more):
    return a.fast.ec2.describe_iam_instance_profile_associations(**more)["IamInstanceProfileAssociations"]


def of_own(a):
    return associations(a, Filters=[{"Name": "instance-id", "Values": [own(a)]}])


def settled(a, there):
    return until(lambda: of_own(a), lambda found: [one["State"] for one in found] == ["associated"] * there)


def profile(a):
    return instance(a)["IamInstanceProfile"]["Arn"]


def taken_away(a):
    found = settled(a, 1)[0]
    answer = a.fast.ec2.disassociate_iam_instance_profile(AssociationId=found["AssociationId"])
    settled(a, 0)
    return answer["IamInstanceProfileAssociation"]


def given(a, **named):
    answer = a.fast.ec2.associate_iam_instance_profile(InstanceId=own(a), IamInstanceProfile=named)
    settled(a, 1)
    return answer["IamInstanceProfileAssociation"]


@case("ec2", "DescribeIamInstanceProfileAssociations", "success", "the same profile as the instance shows")
def _(a):
    [found] = of_own(a)
    assert found["IamInstanceProfile"] == instance(a)["IamInstanceProfile"] and found["State"] == "associated"
    assert found["AssociationId"].startswith("iip-assoc-")


@case("ec2", "DescribeIamInstanceProfileAssociations", "filter", "by instance, state and id")
def _(a):
    [found] = of_own(a)
    assert associations(a, AssociationIds=[found["AssociationId"]]) == [found]
    assert found in associations(a, Filters=[{"Name": "state", "Values": ["associated"]}])
    assert associations(a, Filters=[{"Name": "instance-id", "Values": [f"i-{NOBODY}"]}]) == []


@case("ec2", "DescribeIamInstanceProfileAssociations", "paging", "what fits one page has no token")
def _(a):
    answer = a.fast.ec2.describe_iam_instance_profile_associations(MaxResults=5)
    assert answer["IamInstanceProfileAssociations"] and "NextToken" not in answer


@case("ec2", "DescribeIamInstanceProfileAssociations", "missing", "no such association; another Region has none")
def _(a):
    refused("InvalidAssociationID.NotFound", associations, a=a, AssociationIds=[f"iip-assoc-{NOBODY}"])
    other = elsewhere(a, "describe_iam_instance_profile_associations")()
    assert other["IamInstanceProfileAssociations"] == []


@case("ec2", "DescribeIamInstanceProfileAssociations", "validation", "an id that is none, page size, token, filter")
def _(a):
    call = loose(a, "describe_iam_instance_profile_associations")
    refused("InvalidAssociationID.Malformed", call, AssociationIds=["iip-assoc-x"])
    for wrong in ({"MaxResults": 4}, {"NextToken": "no-token"}, {"Filters": [{"Name": "colour", "Values": ["x"]}]}):
        refused(WRONG, call, **wrong)


@case("ec2", "DisassociateIamInstanceProfile", "success", "the instance shows none any more")
def _(a):
    assert taken_away(a)["State"] == "disassociating"
    found = a.fast.ec2.describe_instances(InstanceIds=[own(a)])["Reservations"][0]["Instances"][0]
    assert "IamInstanceProfile" not in found
    given(a, Arn=profile(a))


@case("ec2", "DisassociateIamInstanceProfile", "missing", "no such association, and none any more")
def _(a):
    gone = taken_away(a)["AssociationId"]
    for association in (f"iip-assoc-{NOBODY}", gone):
        refused("InvalidAssociationID.NotFound", a.fast.ec2.disassociate_iam_instance_profile,
                AssociationId=association)
    given(a, Arn=profile(a))


@case("ec2", "DisassociateIamInstanceProfile", "validation", "none, and what is no id")
def _(a):
    call = loose(a, "disassociate_iam_instance_profile")
    refused(WRONG, call)
    refused("InvalidAssociationID.Malformed", call, AssociationId="x")


@case("ec2", "AssociateIamInstanceProfile", "success", "by ARN and by name; each time by another association")
def _(a):
    ids = set()
    for named in ({"Arn": profile(a)}, {"Name": profile(a).split("/")[-1]}):
        taken_away(a)
        answer = given(a, **named)
        assert answer["IamInstanceProfile"]["Arn"] == profile(a) and answer["State"] == "associating"
        ids.add(answer["AssociationId"])
    assert len(ids) == 2


@case("ec2", "AssociateIamInstanceProfile", "conflict", "one that has a profile gets no second")
def _(a):
    refused("IncorrectState", a.fast.ec2.associate_iam_instance_profile, InstanceId=own(a),
            IamInstanceProfile={"Arn": profile(a)})


@case("ec2", "AssociateIamInstanceProfile", "missing", "no such instance, no such profile; another Region has none")
def _(a):
    call = a.fast.ec2.associate_iam_instance_profile
    refused("InvalidInstanceID.NotFound", call, InstanceId=f"i-{NOBODY}", IamInstanceProfile={"Arn": profile(a)})
    refused(WRONG, call, InstanceId=own(a), IamInstanceProfile={"Name": "nobody"})
    refused("InvalidInstanceID.NotFound", elsewhere(a, "associate_iam_instance_profile"), InstanceId=own(a),
            IamInstanceProfile={"Arn": profile(a)})


@case("ec2", "AssociateIamInstanceProfile", "validation", "no instance, no profile, two of them")
def _(a):
    call = loose(a, "associate_iam_instance_profile")
    refused(WRONG, call, IamInstanceProfile={"Arn": profile(a)})
    refused(WRONG, call, InstanceId=own(a))
    refused(WRONG, call, InstanceId=own(a), IamInstanceProfile={"Arn": profile(a), "Name": "x"})


def disks(a, **params):
    return a.still.ec2.describe_volumes(**params)["Volumes"]


@case("ec2", "DescribeVolumes", "success", "those of an instance, and the key of the one that is encrypted")
def _(a):
    found = disks(a, Filters=[{"Name": "attachment.instance-id", "Values": [own(a)]}])
    mapped = {m["Ebs"]["VolumeId"]: m["DeviceName"] for m in instance(a)["BlockDeviceMappings"]}
    assert {v["VolumeId"]: v["Attachments"][0]["Device"] for v in found} == mapped
    plain, encrypted = sorted(found, key=lambda one: one["Encrypted"])
    assert "KmsKeyId" not in plain and encrypted["KmsKeyId"].startswith("arn:aws:kms:")
    assert disks(a, VolumeIds=[plain["VolumeId"]]) == [plain]


@case("ec2", "DescribeVolumes", "filter", "by encryption and id; a filter that is none")
def _(a):
    every = disks(a)
    [wanted] = [v for v in every if v["Encrypted"]][:1]
    assert all(v["Encrypted"] for v in disks(a, Filters=[{"Name": "encrypted", "Values": ["true"]}]))
    assert disks(a, Filters=[{"Name": "volume-id", "Values": [wanted["VolumeId"]]}]) == [wanted]
    refused("InvalidParameterValue", a.still.ec2.describe_volumes, Filters=[{"Name": "colour", "Values": ["red"]}])


@case("ec2", "DescribeVolumes", "paging", "pages hold them all, each once")
def _(a):
    found = [v["VolumeId"] for page in pages(a.still.ec2.describe_volumes, "NextToken", {"MaxResults": 5}, "Volumes")
             for v in page]
    assert sorted(found) == sorted(v["VolumeId"] for v in disks(a)) and len(set(found)) == len(found)


@case("ec2", "DescribeVolumes", "missing", "no such volume; another Region has none")
def _(a):
    refused("InvalidVolume.NotFound", a.still.ec2.describe_volumes, VolumeIds=[f"vol-{NOBODY}"])
    assert elsewhere(a, "describe_volumes")()["Volumes"] == []


@case("ec2", "DescribeVolumes", "validation", "a wrong id, page size, token; a dry run")
def _(a):
    refused("InvalidParameterValue", loose(a, "describe_volumes"), VolumeIds=["vol-x"])
    refused("InvalidParameterValue", loose(a, "describe_volumes"), MaxResults=4)
    refused("InvalidParameterValue", a.still.ec2.describe_volumes, NextToken="no-token")
    dry(a.still.ec2.describe_volumes)
