"""EventBridge, from its service model (2015-10-07) and API reference: event buses, and what is put on them."""

import json

from harness import case, refused

GOOD = {"Source": "quell", "DetailType": "Security Incident", "Detail": json.dumps({"a": 1})}


def put(a, *entries):
    return a.still.client("events").put_events(Entries=list(entries))


@case("events", "DescribeEventBus", "success", "the default bus, when none is named")
def _(a):
    found = a.still.client("events").describe_event_bus()
    assert (found["Name"], found["Arn"]) == ("default", f"arn:aws:events:{a.region}:{a.number}:event-bus/default")


@case("events", "DescribeEventBus", "success", "by name and by ARN")
def _(a):
    arn = f"arn:aws:events:{a.region}:{a.number}:event-bus/security"
    for name in ("security", arn):
        found = a.still.client("events").describe_event_bus(Name=name)
        assert (found["Name"], found["Arn"]) == ("security", arn)


@case("events", "DescribeEventBus", "missing", "no such bus; another Region and another account have none")
def _(a):
    call = a.still.client("events").describe_event_bus
    refused("ResourceNotFoundException", call, Name="nobody-has-this-bus")
    refused("ResourceNotFoundException", call, Name=f"arn:aws:events:{a.region}:444455556666:event-bus/security")
    refused("ResourceNotFoundException", a.still.client("events", region="us-west-2").describe_event_bus, Name="security")


@case("events", "DescribeEventBus", "validation", "a name that is none")
def _(a):
    refused("ValidationException", a.still.client("events", check=False).describe_event_bus, Name="no bus")


@case("events", "PutEvents", "success", "each event has an id of its own")
def _(a):
    found = put(a, GOOD, GOOD)
    ids = {entry["EventId"] for entry in found["Entries"]}
    assert found["FailedEntryCount"] == 0 and len(ids) == 2


@case("events", "PutEvents", "conflict", "what is put twice is there twice: nothing makes it once")
def _(a):
    assert put(a, GOOD)["Entries"][0]["EventId"] != put(a, GOOD)["Entries"][0]["EventId"]


@case("events", "PutEvents", "validation", "a bad event is told apart from its neighbours, and the call is good")
def _(a):
    found = put(a, GOOD, GOOD | {"Detail": "[1"}, GOOD | {"Source": "aws.ec2"},
                {k: v for k, v in GOOD.items() if k != "DetailType"})
    assert found["FailedEntryCount"] == 3 and "EventId" in found["Entries"][0]
    codes = [entry["ErrorCode"] for entry in found["Entries"][1:]]
    assert codes == ["MalformedDetail", "NotAuthorizedForSourceException", "InvalidArgument"]


@case("events", "PutEvents", "validation", "none, and more than ten")
def _(a):
    loose = a.still.client("events", check=False).put_events
    for entries in ([], [GOOD] * 11):
        refused("ValidationException", loose, Entries=entries)
