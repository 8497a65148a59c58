"""EC2 Auto Scaling (2011-01-01) and Elastic Load Balancing (2015-12-01), from their service models and API references:
an instance on standby and in service again, taken out of its target groups and put back."""

from harness import case, pages, refused, until

GROUP = "api-gateway"
NOBODY = "i-0000000000000000a"


def scaling(a, region=None, check=True):
    return a.fast.client("autoscaling", region=region, check=check)


def instance(a):
    return a.once("scaled", lambda: scaling(a).describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"][0])[
        "InstanceId"]


def state(a):
    found = scaling(a).describe_auto_scaling_instances(InstanceIds=[instance(a)])["AutoScalingInstances"]
    return found[0]["LifecycleState"]


def group(a):
    return scaling(a).describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"][0]


def enter(a, decrement=True, ids=None, name=GROUP):
    answer = scaling(a).enter_standby(AutoScalingGroupName=name, ShouldDecrementDesiredCapacity=decrement,
                                      InstanceIds=ids or [instance(a)])
    until(lambda: state(a), lambda found: found == "Standby")
    return answer["Activities"]


def leave(a, ids=None, name=GROUP):
    answer = scaling(a).exit_standby(AutoScalingGroupName=name, InstanceIds=ids or [instance(a)])
    until(lambda: state(a), lambda found: found == "InService")
    return answer["Activities"]


@case("autoscaling", "DescribeAutoScalingInstances", "success", "its group and state; EC2 shows the group's tag")
def _(a):
    found = scaling(a).describe_auto_scaling_instances(InstanceIds=[instance(a)])["AutoScalingInstances"]
    assert (found[0]["AutoScalingGroupName"], found[0]["LifecycleState"]) == (GROUP, "InService")
    tags = a.fast.ec2.describe_instances(InstanceIds=[instance(a)])["Reservations"][0]["Instances"][0]["Tags"]
    assert {"Key": "aws:autoscaling:groupName", "Value": GROUP} in tags


@case("autoscaling", "DescribeAutoScalingInstances", "missing", "one of no group is left out; another Region has none")
def _(a):
    assert scaling(a).describe_auto_scaling_instances(InstanceIds=[NOBODY])["AutoScalingInstances"] == []
    assert scaling(a, region="us-west-2").describe_auto_scaling_instances()["AutoScalingInstances"] == []


@case("autoscaling", "DescribeAutoScalingInstances", "validation", "page size, token")
def _(a):
    refused("ValidationError", scaling(a, check=False).describe_auto_scaling_instances, MaxRecords=51)
    refused("InvalidNextToken", scaling(a).describe_auto_scaling_instances, NextToken="no-token")


@case("autoscaling", "DescribeAutoScalingGroups", "success", "its sizes, and the same instance")
def _(a):
    found = group(a)
    assert found["MinSize"] < found["DesiredCapacity"] <= found["MaxSize"]
    assert [one["InstanceId"] for one in found["Instances"]] == [instance(a)]


@case("autoscaling", "DescribeAutoScalingGroups", "missing", "no such group is left out; another Region has none")
def _(a):
    assert scaling(a).describe_auto_scaling_groups(AutoScalingGroupNames=["nobody"])["AutoScalingGroups"] == []
    assert scaling(a, region="us-west-2").describe_auto_scaling_groups()["AutoScalingGroups"] == []


@case("autoscaling", "DescribeAutoScalingGroups", "validation", "page size, token")
def _(a):
    refused("ValidationError", scaling(a, check=False).describe_auto_scaling_groups, MaxRecords=101)
    refused("InvalidNextToken", scaling(a).describe_auto_scaling_groups, NextToken="no-token")


@case("autoscaling", "EnterStandby", "success", "the group wants one less, and as many as before where it replaces")
def _(a):
    before = group(a)["DesiredCapacity"]
    [activity] = enter(a)
    assert instance(a) in activity["Description"] and group(a)["DesiredCapacity"] == before - 1
    leave(a)
    enter(a, decrement=False)
    assert group(a)["DesiredCapacity"] == before
    leave(a)
    assert group(a)["DesiredCapacity"] == before + 1


@case("autoscaling", "EnterStandby", "conflict", "one on standby can't go there again")
def _(a):
    enter(a)
    refused("ValidationError", enter, a=a)
    leave(a)


@case("autoscaling", "EnterStandby", "missing", "no such group, no such instance in it; another Region has none")
def _(a):
    refused("ValidationError", enter, a=a, name="nobody")
    refused("ValidationError", enter, a=a, ids=[NOBODY])
    refused("ValidationError", scaling(a, region="us-west-2").enter_standby, AutoScalingGroupName=GROUP,
            ShouldDecrementDesiredCapacity=True)


@case("autoscaling", "EnterStandby", "validation", "no group, no word of the capacity")
def _(a):
    call = scaling(a, check=False).enter_standby
    refused("ValidationError", call, ShouldDecrementDesiredCapacity=True)
    refused("ValidationError", call, AutoScalingGroupName=GROUP, InstanceIds=[instance(a)])


@case("autoscaling", "ExitStandby", "success", "through Pending into service; the group wants one more")
def _(a):
    enter(a)
    before = group(a)["DesiredCapacity"]
    [activity] = leave(a)
    assert activity["StatusCode"] == "InProgress" and group(a)["DesiredCapacity"] == before + 1


@case("autoscaling", "ExitStandby", "conflict", "one in service can't leave standby")
def _(a):
    refused("ValidationError", leave, a=a)


@case("autoscaling", "ExitStandby", "missing", "no such group, no such instance in it")
def _(a):
    refused("ValidationError", leave, a=a, name="nobody")
    refused("ValidationError", leave, a=a, ids=[NOBODY])


@case("autoscaling", "ExitStandby", "validation", "no group")
def _(a):
    refused("ValidationError", scaling(a, check=False).exit_standby, InstanceIds=[instance(a)])


def elb(a, region=None, check=True):
    return a.fast.client("elbv2", region=region, check=check)


def arn(a, n=0):
    return a.once("target groups", lambda: elb(a).describe_target_groups()["TargetGroups"])[n]["TargetGroupArn"]


def health(a, n=0):
    found = elb(a).describe_target_health(TargetGroupArn=arn(a, n))["TargetHealthDescriptions"]
    return {(one["Target"]["Id"], one["Target"]["Port"]): one["TargetHealth"]["State"] for one in found}


def target(a):
    return next(iter(health(a)))


def as_targets(*all_of):
    return [{"Id": id, "Port": port} for id, port in all_of]


def out(a, *all_of, n=0):
    elb(a).deregister_targets(TargetGroupArn=arn(a, n), Targets=as_targets(*all_of))


def into(a, *all_of, n=0):
    elb(a).register_targets(TargetGroupArn=arn(a, n), Targets=as_targets(*all_of))


NO_GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/nobody/73e2d6bc24d8a067"


def of_groups(a, name, **params):
    refused("TargetGroupNotFound", getattr(elb(a), name), TargetGroupArn=NO_GROUP, **params)
    refused("TargetGroupNotFound", getattr(elb(a, region="us-west-2"), name), TargetGroupArn=arn(a), **params)
    loose = getattr(elb(a, check=False), name)
    refused("ValidationError", loose, **params)
    refused("ValidationError", loose, TargetGroupArn="x", **params)


@case("elbv2", "DescribeTargetGroups", "success", "target groups of instances, by ARN too")
def _(a):
    found = elb(a).describe_target_groups()["TargetGroups"]
    assert len(found) == 2 and all(one["TargetType"] == "instance" for one in found)
    assert elb(a).describe_target_groups(TargetGroupArns=[arn(a)])["TargetGroups"] == found[:1]


@case("elbv2", "DescribeTargetGroups", "paging", "pages hold them all, each once")
def _(a):
    found = pages(elb(a).describe_target_groups, "NextMarker", {"PageSize": 1}, "TargetGroups", ask="Marker")
    assert [one["TargetGroupArn"] for page in found for one in page] == [arn(a, 0), arn(a, 1)]


@case("elbv2", "DescribeTargetGroups", "missing", "no such group; another Region has none")
def _(a):
    refused("TargetGroupNotFound", elb(a).describe_target_groups, TargetGroupArns=[NO_GROUP])
    assert elb(a, region="us-west-2").describe_target_groups()["TargetGroups"] == []


@case("elbv2", "DescribeTargetGroups", "validation", "page size, marker")
def _(a):
    loose = elb(a, check=False).describe_target_groups
    refused("ValidationError", loose, PageSize=401)
    refused("ValidationError", loose, Marker="no-marker")


def attributes(a, n=0):
    found = elb(a).describe_target_group_attributes(TargetGroupArn=arn(a, n))["Attributes"]
    return {one["Key"]: one["Value"] for one in found}


DELAY, ENDS = "deregistration_delay.timeout_seconds", "deregistration_delay.connection_termination.enabled"


@case("elbv2", "DescribeTargetGroupAttributes", "success", "of an Application Load Balancer's group")
def _(a):
    found = attributes(a)
    assert found[DELAY].isdigit() and ENDS not in found and found["stickiness.type"] == "lb_cookie"


@case("elbv2", "DescribeTargetGroupAttributes", "success", "of a Network Load Balancer's group, as its protocol says")
def _(a):
    found = attributes(a, 1)
    assert (found[ENDS], found["preserve_client_ip.enabled"], found["stickiness.type"]) == ("false", "true", "source_ip")
    protocols = [one["Protocol"] for one in elb(a).describe_target_groups()["TargetGroups"]]
    assert protocols == ["HTTP", "TCP"]


@case("elbv2", "DescribeTargetGroupAttributes", "missing", "no such group, none at all")
def _(a):
    of_groups(a, "describe_target_group_attributes")


@case("elbv2", "DescribeTargetHealth", "success", "who stands there, with its port")
def _(a):
    assert set(health(a).values()) == {"healthy"} and target(a)[0].startswith("i-")


@case("elbv2", "DescribeTargetHealth", "missing", "no such group, none at all")
def _(a):
    of_groups(a, "describe_target_health")


@case("elbv2", "DeregisterTargets", "success", "it drains, and is gone after a while; the other group keeps it")
def _(a):
    one, other = target(a), health(a, 1)
    out(a, one)
    assert health(a)[one] == "draining"
    until(lambda: health(a), lambda found: one not in found)
    assert health(a, 1) == other
    into(a, one)


@case("elbv2", "DeregisterTargets", "conflict", "what is not there can be taken out")
def _(a):
    before = health(a)
    out(a, (target(a)[0], 9))
    assert health(a) == before


@case("elbv2", "DeregisterTargets", "missing", "no such group, none at all")
def _(a):
    of_groups(a, "deregister_targets", Targets=as_targets(target(a)))


@case("elbv2", "DeregisterTargets", "validation", "no target")
def _(a):
    refused("ValidationError", elb(a, check=False).deregister_targets, TargetGroupArn=arn(a), Targets=[])


@case("elbv2", "RegisterTargets", "success", "by a port of its own, beside the first; and while it drains")
def _(a):
    one = target(a)
    into(a, (one[0], 9000))
    assert health(a)[(one[0], 9000)] == "healthy"
    out(a, (one[0], 9000))
    into(a, (one[0], 9000))
    assert health(a)[(one[0], 9000)] == "healthy"
    out(a, (one[0], 9000))
    until(lambda: health(a), lambda found: (one[0], 9000) not in found)


@case("elbv2", "RegisterTargets", "conflict", "put in twice it stands there once")
def _(a):
    before = health(a)
    for _ in range(2):
        into(a, target(a))
        assert health(a) == before


@case("elbv2", "RegisterTargets", "missing", "no such group, none at all")
def _(a):
    of_groups(a, "register_targets", Targets=as_targets(target(a)))


@case("elbv2", "RegisterTargets", "validation", "no target, one that is not there")
def _(a):
    refused("ValidationError", elb(a, check=False).register_targets, TargetGroupArn=arn(a), Targets=[])
    refused("InvalidTarget", elb(a).register_targets, TargetGroupArn=arn(a), Targets=as_targets((NOBODY, 80)))
