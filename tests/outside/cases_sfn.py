"""Step Functions, from its service model (2016-11-23) and API reference: state machines and their runs."""

import json
import uuid

from harness import case, refused, until

MACHINE = "page-the-owner"
FAILING = "page-nobody"
NOBODY = "nobody-has-this-machine"


def arn(a, name=MACHINE, region=None):
    return f"arn:aws:states:{region or a.region}:{a.number}:stateMachine:{name}"


def start(account, a, machine=MACHINE, **params):
    params = {"name": str(uuid.uuid4()), "input": json.dumps({"a": 1})} | params
    return account.client("stepfunctions").start_execution(stateMachineArn=arn(a, machine), **params)["executionArn"]


def look(account, execution):
    return account.client("stepfunctions").describe_execution(executionArn=execution)


def missing(a, name, **params):
    call = getattr(a.still.client("stepfunctions"), name)
    refused("StateMachineDoesNotExist", call, stateMachineArn=arn(a, NOBODY), **params)
    other = getattr(a.still.client("stepfunctions", region="us-west-2"), name)
    refused("StateMachineDoesNotExist", other, stateMachineArn=arn(a, region="us-west-2"), **params)


@case("stepfunctions", "DescribeStateMachine", "success", "what it does, under which role, and of which type")
def _(a):
    found = a.still.client("stepfunctions").describe_state_machine(stateMachineArn=arn(a))
    assert (found["name"], found["status"], found["type"]) == (MACHINE, "ACTIVE", "STANDARD")
    assert json.loads(found["definition"])["StartAt"] and found["roleArn"].startswith(f"arn:aws:iam::{a.number}:role/")
    assert a.still.client("stepfunctions").describe_state_machine(stateMachineArn=arn(a, "enrich"))["type"] == "EXPRESS"


@case("stepfunctions", "DescribeStateMachine", "missing", "no such machine; another Region has none")
def _(a):
    missing(a, "describe_state_machine")


@case("stepfunctions", "DescribeStateMachine", "validation", "an ARN that is none")
def _(a):
    refused("InvalidArn", a.still.client("stepfunctions").describe_state_machine, stateMachineArn="no-arn")


@case("stepfunctions", "StartExecution", "success", "a run has the name that it was given")
def _(a):
    name = str(uuid.uuid4())
    execution = start(a.still, a, name=name)
    assert execution == f"arn:aws:states:{a.region}:{a.number}:execution:{MACHINE}:{name}"
    assert look(a.still, execution)["status"] == "RUNNING"


@case("stepfunctions", "StartExecution", "conflict", "the same name and input is the same run while it goes on")
def _(a):
    name, call = str(uuid.uuid4()), a.still.client("stepfunctions").start_execution
    assert start(a.still, a, name=name) == start(a.still, a, name=name)
    refused("ExecutionAlreadyExists", call, stateMachineArn=arn(a), name=name, input="{}")


@case("stepfunctions", "StartExecution", "conflict", "a name is not used again once its run has ended")
def _(a):
    name = str(uuid.uuid4())
    execution = start(a.fast, a, name=name)
    until(lambda: look(a.fast, execution), lambda found: found["status"] == "SUCCEEDED")
    call = a.fast.client("stepfunctions").start_execution
    refused("ExecutionAlreadyExists", call, stateMachineArn=arn(a), name=name, input=json.dumps({"a": 1}))


@case("stepfunctions", "StartExecution", "missing", "no such machine; another Region has none")
def _(a):
    missing(a, "start_execution")


@case("stepfunctions", "StartExecution", "validation", "a name and an input that are none")
def _(a):
    call = a.still.client("stepfunctions", check=False).start_execution
    refused("InvalidName", call, stateMachineArn=arn(a), name="a b")
    refused("InvalidExecutionInput", call, stateMachineArn=arn(a), input="{")
    refused("InvalidExecutionInput", call, stateMachineArn=arn(a), input=json.dumps("x" * 262144))


@case("stepfunctions", "DescribeExecution", "success", "a run ends, and gives out what it made")
def _(a):
    execution = start(a.fast, a)
    found = until(lambda: look(a.fast, execution), lambda found: found["status"] != "RUNNING")
    assert found["status"] == "SUCCEEDED" and json.loads(found["output"]) == {"a": 1}
    assert found["stopDate"] > found["startDate"] and "error" not in found


@case("stepfunctions", "DescribeExecution", "success", "a run that fails says why")
def _(a):
    execution = start(a.fast, a, FAILING)
    found = until(lambda: look(a.fast, execution), lambda found: found["status"] != "RUNNING")
    assert found["status"] == "FAILED" and found["error"] and found["cause"] and "output" not in found


@case("stepfunctions", "DescribeExecution", "missing", "no such run")
def _(a):
    call = a.still.client("stepfunctions").describe_execution
    refused("ExecutionDoesNotExist", call, executionArn=arn(a).replace("stateMachine", "execution") + ":none")


@case("stepfunctions", "DescribeExecution", "validation", "an ARN that is none")
def _(a):
    refused("InvalidArn", a.still.client("stepfunctions").describe_execution, executionArn="no-arn")


@case("stepfunctions", "StopExecution", "success", "a run is aborted, with the error and cause that were given")
def _(a):
    execution = start(a.still, a)
    stopped = a.still.client("stepfunctions").stop_execution(executionArn=execution, error="E", cause="why")
    found = look(a.still, execution)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "E", "why") and "output" not in found
    assert found["stopDate"] == stopped["stopDate"] >= found["startDate"]


@case("stepfunctions", "StopExecution", "conflict", "a run that has ended stays as it ended")
def _(a):
    execution = start(a.fast, a)
    ended = until(lambda: look(a.fast, execution), lambda found: found["status"] == "SUCCEEDED")
    a.fast.client("stepfunctions").stop_execution(executionArn=execution)
    assert look(a.fast, execution)["status"] == "SUCCEEDED" and look(a.fast, execution)["stopDate"] == ended["stopDate"]


@case("stepfunctions", "StopExecution", "missing", "no such run")
def _(a):
    call = a.still.client("stepfunctions").stop_execution
    refused("ExecutionDoesNotExist", call, executionArn=arn(a).replace("stateMachine", "execution") + ":none")


@case("stepfunctions", "StopExecution", "validation", "an ARN that is none")
def _(a):
    refused("InvalidArn", a.still.client("stepfunctions").stop_execution, executionArn="no-arn")


@case("stepfunctions", "StopExecution", "validation", "an error of more than 256 characters")
def _(a):
    loose = a.still.client("stepfunctions", check=False).stop_execution
    refused("ValidationException", loose, executionArn=start(a.still, a), error="x" * 257)
