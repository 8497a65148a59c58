"""SNS, from its service model (2010-03-31) and API reference: topics, and what is published to them."""

from harness import case, refused

NAME = "security-incidents"
NOBODY = "nobody-has-this-topic"


def arn(a, name=NAME, region=None):
    return f"arn:aws:sns:{region or a.region}:{a.number}:{name}"


def attributes(a, name=NAME):
    return a.still.client("sns").get_topic_attributes(TopicArn=arn(a, name))["Attributes"]


def publish(a, name=NAME, **params):
    return a.still.client("sns").publish(TopicArn=arn(a, name), **{"Message": "one"} | params)


def missing(a, name, **params):
    call = getattr(a.still.client("sns"), name)
    error = refused("NotFound", call, TopicArn=arn(a, NOBODY), **params)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 404
    other = getattr(a.still.client("sns", region="us-west-2"), name)
    refused("NotFound", other, TopicArn=arn(a, region="us-west-2"), **params)


@case("sns", "GetTopicAttributes", "success", "whose it is, and how many it tells")
def _(a):
    found = attributes(a)
    assert found["TopicArn"] == arn(a) and found["Owner"] == a.number
    assert (found["SubscriptionsConfirmed"], found["SubscriptionsPending"]) == ("3", "1")
    assert "FifoTopic" not in found


@case("sns", "GetTopicAttributes", "success", "a FIFO topic says so")
def _(a):
    found = attributes(a, NAME + ".fifo")
    assert (found["FifoTopic"], found["ContentBasedDeduplication"]) == ("true", "false")


@case("sns", "GetTopicAttributes", "missing", "no such topic; another Region has none")
def _(a):
    missing(a, "get_topic_attributes")


@case("sns", "GetTopicAttributes", "validation", "an ARN that is none")
def _(a):
    refused("InvalidParameter", a.still.client("sns").get_topic_attributes, TopicArn="no-arn")


@case("sns", "Publish", "success", "each message has an id of its own")
def _(a):
    first, second = publish(a, Subject="s"), publish(a, Subject="s")
    assert first["MessageId"] != second["MessageId"] and "SequenceNumber" not in first


@case("sns", "Publish", "success", "a FIFO topic numbers them")
def _(a):
    numbers = [publish(a, NAME + ".fifo", MessageGroupId="g", MessageDeduplicationId=f"numbers-{n}")["SequenceNumber"]
               for n in range(2)]
    assert all(len(n) == 20 for n in numbers) and numbers[0] < numbers[1]


@case("sns", "Publish", "conflict", "the same deduplication id is taken and dropped")
def _(a):
    found = [publish(a, NAME + ".fifo", MessageGroupId="g", MessageDeduplicationId="once") for _ in range(2)]
    assert found[0]["MessageId"] == found[1]["MessageId"]


@case("sns", "Publish", "missing", "no such topic; another Region has none")
def _(a):
    missing(a, "publish", Message="one")


@case("sns", "Publish", "validation", "no message, one that is too long, a subject that is none")
def _(a):
    call = a.still.client("sns").publish
    for wrong in ({"Message": ""}, {"Message": "x" * 262145}, {"Message": "one", "Subject": "two\nlines"},
                  {"Message": "one", "Subject": "x" * 101}, {"Message": "one", "Subject": "ü"}):
        error = refused("InvalidParameter", call, TopicArn=arn(a), **wrong)
        assert error["Error"]["Message"].startswith("Invalid parameter: ")


@case("sns", "Publish", "validation", "a FIFO topic wants a group and a deduplication id")
def _(a):
    call, fifo = a.still.client("sns").publish, arn(a, NAME + ".fifo")
    error = refused("InvalidParameter", call, TopicArn=fifo, Message="one")
    assert "MessageGroupId" in error["Error"]["Message"]
    error = refused("InvalidParameter", call, TopicArn=fifo, Message="one", MessageGroupId="g")
    assert "MessageDeduplicationId" in error["Error"]["Message"]
