"""moto, a server that is not ours, with a topic and an event bus that lead to a queue, and a state machine.

    moto_handover.py        prints one line of JSON: where it is, and what is there. For each line on standard input it
                            prints, as one line of JSON, the messages that have come to the queue since.
"""

import json
import sys
import threading
import time

import boto3
from moto.core.config import default_user_config
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

REGION = "eu-central-1"
ROLE = "arn:aws:iam::123456789012:role/hand-over"


class Quiet(WSGIRequestHandler):
    """A server that does not write a line for each request."""

    def log(self, *_):
        pass


def main():
    # State machines are run, not only noted.
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True,
                         request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"

    def client(service):
        return boto3.client(service, region_name=REGION, endpoint_url=endpoint, aws_access_key_id="testing",
                            aws_secret_access_key="testing")

    sqs, sns, events, sfn = client("sqs"), client("sns"), client("events"), client("stepfunctions")
    url = sqs.create_queue(QueueName="on-call")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="on-call")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    bus = events.create_event_bus(Name="security")["EventBusArn"]
    events.put_rule(Name="all", EventBusName="security", EventPattern=json.dumps({"source": ["quell"]}))
    events.put_targets(Rule="all", EventBusName="security", Targets=[{"Id": "queue", "Arn": queue}])
    states = {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Page"},
              "Page": {"Type": "Pass", "Parameters": {"paged.$": "$.session"}, "End": True}}
    definition = {"StartAt": "Wait", "States": states}
    machine = sfn.create_state_machine(name="hand-over", roleArn=ROLE, definition=json.dumps(definition))
    print(json.dumps({"endpoint": endpoint, "topic": topic, "bus": bus, "machine": machine["stateMachineArn"]}),
          flush=True)
    for _ in sys.stdin:
        found, end = [], time.monotonic() + 10
        while not found and time.monotonic() < end:
            for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
