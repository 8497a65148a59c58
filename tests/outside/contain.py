"""A server that is not ours, with what is contained: a user's key, a bucket, and a topic that leads to a queue; where it
knows network interfaces, an instance with two of them.

    contain.py moto|ministack   prints one line of JSON: where it is, and what is there. For each line on standard input
                                it prints, as one line of JSON, how that stands and what has come to the queue since.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import boto3
from botocore.exceptions import ClientError

REGION = "eu-west-1"


def moto():
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        """A server that does not write a line for each request."""

        def log(self, *_):
            pass

    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True,
                         request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def ministack():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, "-c", "from ministack.app import main; main()"], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | {"BIND_HOST": "127.0.0.1", "MINISTACK_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)})
    # It goes with this process, which is killed.
    watch = f"import os,sys,time\nsys.stdin.read()\nos.kill({child.pid}, {int(signal.SIGKILL)})"
    subprocess.Popen([sys.executable, "-c", watch], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return port
        time.sleep(0.1)
    raise TimeoutError("ministack does not answer")


def main():
    name = sys.argv[1]
    endpoint = f"http://127.0.0.1:{moto() if name == 'moto' else ministack()}"

    def client(service):
        return boto3.client(service, region_name=REGION, endpoint_url=endpoint, aws_access_key_id="testing",
                            aws_secret_access_key="testing")

    iam, s3, sns, sqs, ec2 = map(client, ("iam", "s3", "sns", "sqs", "ec2"))
    account = client("sts").get_caller_identity()["Account"]
    user, bucket = "deploy", "harrow-build-output"
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    url = sqs.create_queue(QueueName="on-call")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="on-call")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    there = {"endpoint": endpoint, "account": account, "key": key, "bucket": bucket, "topic": topic}
    instance = None
    if name == "moto":
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
        web, closed = (ec2.create_security_group(GroupName=group, Description=group, VpcId=vpc)["GroupId"]
                       for group in ("web", "quell-isolation"))
        # A new group lets everything out.
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        ec2.revoke_security_group_egress(GroupId=closed, IpPermissions=everything)
        # Groups of the instance as a whole moto would add to each interface whatever that is given.
        made = [ec2.create_network_interface(SubnetId=subnet, Groups=[web])["NetworkInterface"] for _ in range(2)]
        interfaces = [{"DeviceIndex": n, "NetworkInterfaceId": one["NetworkInterfaceId"]} for n, one in enumerate(made)]
        instance = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1,
                                     NetworkInterfaces=interfaces)["Instances"][0]["InstanceId"]
        there |= {"instance": instance, "web": web, "closed": closed}
    print(json.dumps(there), flush=True)

    def groups():
        if instance is None:
            return None
        mine = [{"Name": "attachment.instance-id", "Values": [instance]}]
        found = ec2.describe_network_interfaces(Filters=mine)["NetworkInterfaces"]
        return sorted([group["GroupId"] for group in one["Groups"]] for one in found)

    def block():
        try:
            return s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        except ClientError as error:
            assert error.response["Error"]["Code"] == "NoSuchPublicAccessBlockConfiguration", error
            return None

    for _ in sys.stdin:
        came = []
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            came.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        status = iam.list_access_keys(UserName=user)["AccessKeyMetadata"][0]["Status"]
        print(json.dumps({"key": status, "block": block(), "groups": groups(), "came": came}), flush=True)


if __name__ == "__main__":
    main()
