"""EC2, from its service model (2016-11-15) and API reference. It speaks a Query protocol of its own."""

from harness import case, refused

NOBODY = "0000000000000000a"
WRONG = {"InvalidParameterValue", "InvalidParameterCombination", "MissingParameter"}


def interfaces(a, **params):
    return a.still.ec2.describe_network_interfaces(**params)["NetworkInterfaces"]


def instance(a):
    return a.once("ec2 instance", lambda: a.still.ec2.describe_instances()["Reservations"][0]["Instances"][0])


def ids(groups):
    return [group["GroupId"] for group in groups]


def group(a, name):
    found = a.still.ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])["SecurityGroups"]
    assert len(found) == 1, found
    return found[0]


def now(a, interface):
    return ids(interfaces(a, NetworkInterfaceIds=[interface])[0]["Groups"])


@case("ec2", "DescribeInstances", "success", "state, VPC, profile, tags, and the same interfaces as on their own")
def _(a):
    found = instance(a)
    assert found["State"] == {"Code": 16, "Name": "running"} and found["Tags"] and found["IamInstanceProfile"]["Arn"]
    own = {i["NetworkInterfaceId"]: ids(i["Groups"]) for i in found["NetworkInterfaces"]}
    filters = [{"Name": "attachment.instance-id", "Values": [found["InstanceId"]]}]
    apart = {i["NetworkInterfaceId"]: ids(i["Groups"]) for i in interfaces(a, Filters=filters)}
    assert own == apart and len(own) == 2 and max(len(groups) for groups in own.values()) > 1


@case("ec2", "DescribeInstances", "filter", "by id, tag, state and pattern; all filters must hold")
def _(a):
    found = instance(a)
    tag = found["Tags"][0]
    for filters, hits in (
        ([("instance-id", [found["InstanceId"]])], 1),
        ([("instance-id", ["i-*"]), ("instance-state-name", ["running"])], 1),
        ([(f"tag:{tag['Key']}", [tag["Value"]])], 1),
        ([("instance-state-name", ["stopped"])], 0),
        ([("instance-id", [found["InstanceId"]]), ("vpc-id", ["vpc-0"])], 0),
    ):
        wanted = [{"Name": name, "Values": values} for name, values in filters]
        answer = a.still.ec2.describe_instances(Filters=wanted)["Reservations"]
        assert bool(answer) == bool(hits), (filters, answer)


@case("ec2", "DescribeInstances", "paging", "what fits one page has no token")
def _(a):
    answer = a.still.ec2.describe_instances(MaxResults=5)
    assert answer["Reservations"] and "NextToken" not in answer
    assert list(a.still.ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5}))


@case("ec2", "DescribeInstances", "missing", "no such instance; another Region has none")
def _(a):
    refused("InvalidInstanceID.NotFound", a.still.ec2.describe_instances, InstanceIds=[f"i-{NOBODY}"])
    assert a.still.client("ec2", region="us-west-2").describe_instances()["Reservations"] == []


@case("ec2", "DescribeInstances", "validation", "an id that is none, page sizes, a token, a filter; a dry run")
def _(a):
    loose = a.still.client("ec2", check=False).describe_instances
    refused("InvalidInstanceID.Malformed", loose, InstanceIds=["i-xyz"])
    for wrong in ({"MaxResults": 4}, {"MaxResults": 1001}, {"NextToken": "no-token"},
                  {"Filters": [{"Name": "colour", "Values": ["x"]}]},
                  {"InstanceIds": [instance(a)["InstanceId"]], "MaxResults": 5}):
        refused(WRONG, loose, **wrong)
    error = refused("DryRunOperation", loose, DryRun=True)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 412


@case("ec2", "DescribeNetworkInterfaces", "success", "whose it is, where, with which groups; one has a public address")
def _(a):
    all_of = interfaces(a, Filters=[{"Name": "interface-type", "Values": ["interface"]}])
    assert sorted(i["Attachment"]["DeviceIndex"] for i in all_of if
                  i["Attachment"]["InstanceId"] == instance(a)["InstanceId"]) == [0, 1]
    assert all(i["Status"] == "in-use" and not i["RequesterManaged"] and i["Groups"] for i in all_of)
    assert any(i.get("Association", {}).get("PublicIp") for i in all_of)


@case("ec2", "DescribeNetworkInterfaces", "filter", "by instance, group and id")
def _(a):
    one = interfaces(a)[0]
    for name, value in (("network-interface-id", one["NetworkInterfaceId"]), ("group-id", ids(one["Groups"])[0]),
                        ("interface-type", one["InterfaceType"]), ("attachment.instance-id", one["Attachment"]["InstanceId"]), ("vpc-id", one["VpcId"])):
        found = interfaces(a, Filters=[{"Name": name, "Values": [value]}])
        assert one["NetworkInterfaceId"] in [i["NetworkInterfaceId"] for i in found], name
        assert interfaces(a, Filters=[{"Name": name, "Values": ["none-of-these"]}]) == []


@case("ec2", "DescribeNetworkInterfaces", "paging", "what fits one page has no token")
def _(a):
    answer = a.still.ec2.describe_network_interfaces(MaxResults=5)
    assert len(answer["NetworkInterfaces"]) <= 5 and ("NextToken" in answer) == (len(interfaces(a)) > 5)


@case("ec2", "DescribeNetworkInterfaces", "missing", "no such interface")
def _(a):
    refused("InvalidNetworkInterfaceID.NotFound", a.still.ec2.describe_network_interfaces,
            NetworkInterfaceIds=[f"eni-{NOBODY}"])


@case("ec2", "DescribeNetworkInterfaces", "validation", "an id that is none, page size, token, filter")
def _(a):
    loose = a.still.client("ec2", check=False).describe_network_interfaces
    refused("InvalidNetworkInterfaceId.Malformed", loose, NetworkInterfaceIds=["eni-xyz"])
    for wrong in ({"MaxResults": 4}, {"NextToken": "no-token"}, {"Filters": [{"Name": "colour", "Values": ["x"]}]}):
        refused(WRONG, loose, **wrong)


def tables(a, **given):
    return a.still.ec2.describe_route_tables(**given)["RouteTables"]


@case("ec2", "DescribeRouteTables", "success", "the main table of the VPC leads out by an internet gateway")
def _(a):
    main = [t for t in tables(a) if any(link["Main"] for link in t["Associations"])]
    assert [t["VpcId"] for t in main] == [instance(a)["VpcId"]]
    ways = {route["DestinationCidrBlock"]: route["GatewayId"] for route in main[0]["Routes"]}
    assert ways["0.0.0.0/0"].startswith("igw-") and "local" in ways.values()
    assert all(route["State"] == "active" for route in main[0]["Routes"])


@case("ec2", "DescribeRouteTables", "filter", "by id, VPC and main; no subnet has one of its own")
def _(a):
    one = tables(a)[0]
    for name, value in (("route-table-id", one["RouteTableId"]), ("vpc-id", one["VpcId"]), ("association.main", "true")):
        assert one in tables(a, Filters=[{"Name": name, "Values": [value]}]), name
        assert tables(a, Filters=[{"Name": name, "Values": ["none-of-these"]}]) == []
    assert tables(a, Filters=[{"Name": "association.subnet-id", "Values": ["*"]}]) == []
    assert one in tables(a, RouteTableIds=[one["RouteTableId"]])


@case("ec2", "DescribeRouteTables", "paging", "what fits one page has no token")
def _(a):
    assert "NextToken" not in a.still.ec2.describe_route_tables(MaxResults=5)


@case("ec2", "DescribeRouteTables", "missing", "no such table")
def _(a):
    refused("InvalidRouteTableID.NotFound", a.still.ec2.describe_route_tables, RouteTableIds=[f"rtb-{NOBODY}"])


@case("ec2", "DescribeRouteTables", "validation", "an id that is none, page sizes of which 101 is one, token, filter")
def _(a):
    loose = a.still.client("ec2", check=False).describe_route_tables
    refused("InvalidRouteTableId.Malformed", loose, RouteTableIds=["rtb-xyz"])
    for wrong in ({"MaxResults": 4}, {"MaxResults": 101}, {"NextToken": "no-token"},
                  {"Filters": [{"Name": "colour", "Values": ["x"]}]}):
        refused(WRONG, loose, **wrong)


@case("ec2", "DescribeSecurityGroups", "success", "one that isolates has no rule, another lets everything out")
def _(a):
    closed = group(a, "quell-isolation")
    assert closed["IpPermissions"] == [] and closed["IpPermissionsEgress"] == []
    assert closed["VpcId"] == instance(a)["VpcId"]
    own = a.still.ec2.describe_security_groups(GroupIds=ids(instance(a)["SecurityGroups"]))["SecurityGroups"][0]
    assert own["IpPermissionsEgress"][0]["IpProtocol"] == "-1"
    assert own["IpPermissionsEgress"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}]
    assert own["IpPermissions"][0]["FromPort"] == own["IpPermissions"][0]["ToPort"] == 22
    inner = group(a, "internal")
    assert ids(inner["IpPermissions"][0]["UserIdGroupPairs"]) == [inner["GroupId"]]


@case("ec2", "DescribeSecurityGroups", "filter", "by id, name, pattern and VPC; one that is gone is left out")
def _(a):
    closed = group(a, "quell-isolation")
    for name, values, hit in (("group-id", [closed["GroupId"], f"sg-{NOBODY}"], True), ("group-name", ["quell-*"], True),
                              ("vpc-id", [closed["VpcId"]], True), ("group-name", ["quell"], False)):
        found = a.still.ec2.describe_security_groups(Filters=[{"Name": name, "Values": values}])["SecurityGroups"]
        assert (closed["GroupId"] in ids(found)) == hit, (name, values)


@case("ec2", "DescribeSecurityGroups", "paging", "what fits one page has no token")
def _(a):
    everything = a.still.ec2.describe_security_groups()["SecurityGroups"]
    answer = a.still.ec2.describe_security_groups(MaxResults=5)
    assert len(answer["SecurityGroups"]) <= 5 and ("NextToken" in answer) == (len(everything) > 5)


@case("ec2", "DescribeSecurityGroups", "missing", "no such group")
def _(a):
    refused("InvalidGroup.NotFound", a.still.ec2.describe_security_groups, GroupIds=[f"sg-{NOBODY}"])


@case("ec2", "DescribeSecurityGroups", "validation", "an id that is none, page size, token, filter")
def _(a):
    loose = a.still.client("ec2", check=False).describe_security_groups
    refused("InvalidGroupId.Malformed", loose, GroupIds=["sg-xyz"])
    for wrong in ({"MaxResults": 4}, {"NextToken": "no-token"}, {"Filters": [{"Name": "colour", "Values": ["x"]}]}):
        refused(WRONG, loose, **wrong)


@case("ec2", "ModifyNetworkInterfaceAttribute", "success", "each interface of an instance is isolated and put back")
def _(a):
    closed = group(a, "quell-isolation")["GroupId"]
    before = {i["NetworkInterfaceId"]: ids(i["Groups"]) for i in instance(a)["NetworkInterfaces"]}
    for interface in before:
        a.still.ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=[closed])
        assert now(a, interface) == [closed]
    for interface, groups in before.items():
        a.still.ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=groups)
        assert now(a, interface) == groups


@case("ec2", "ModifyNetworkInterfaceAttribute", "success", "one interface is changed, and the other stays")
def _(a):
    closed = group(a, "quell-isolation")["GroupId"]
    first, second = instance(a)["NetworkInterfaces"]
    call = a.still.ec2.modify_network_interface_attribute
    call(NetworkInterfaceId=first["NetworkInterfaceId"], Groups=[closed])
    assert now(a, second["NetworkInterfaceId"]) == ids(second["Groups"])
    call(NetworkInterfaceId=first["NetworkInterfaceId"], Groups=ids(first["Groups"]))


@case("ec2", "ModifyNetworkInterfaceAttribute", "conflict", "the groups that it has already change nothing")
def _(a):
    first = instance(a)["NetworkInterfaces"][0]
    for _ in range(2):
        a.still.ec2.modify_network_interface_attribute(NetworkInterfaceId=first["NetworkInterfaceId"],
                                                       Groups=ids(first["Groups"]))
    assert now(a, first["NetworkInterfaceId"]) == ids(first["Groups"])


@case("ec2", "ModifyNetworkInterfaceAttribute", "missing", "no such interface, no such group")
def _(a):
    call, first = a.still.ec2.modify_network_interface_attribute, instance(a)["NetworkInterfaces"][0]
    refused("InvalidNetworkInterfaceID.NotFound", call, NetworkInterfaceId=f"eni-{NOBODY}",
            Groups=ids(first["Groups"]))
    refused("InvalidGroup.NotFound", call, NetworkInterfaceId=first["NetworkInterfaceId"], Groups=[f"sg-{NOBODY}"])
    assert now(a, first["NetworkInterfaceId"]) == ids(first["Groups"])


@case("ec2", "ModifyNetworkInterfaceAttribute", "validation", "no interface, no attribute, two of them, too many groups")
def _(a):
    loose, first = a.still.client("ec2", check=False).modify_network_interface_attribute, instance(a)["NetworkInterfaces"][0]
    own = {"NetworkInterfaceId": first["NetworkInterfaceId"]}
    refused(WRONG, loose, Groups=ids(first["Groups"]))
    refused(WRONG, loose, **own)
    refused(WRONG, loose, **own, Groups=ids(first["Groups"]), Description={"Value": "x"})
    refused("SecurityGroupsPerInterfaceLimitExceeded", loose, **own, Groups=ids(first["Groups"]) * 6)
    refused("InvalidNetworkInterfaceId.Malformed", loose, NetworkInterfaceId="eni-xyz", Groups=ids(first["Groups"]))
