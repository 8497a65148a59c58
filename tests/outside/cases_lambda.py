"""Lambda, from its service model (2015-03-31) and API reference: a function, and the concurrency reserved for it."""

import base64
import json

from harness import case, refused

NONE = "rotate-tokens"
SOME = "harrow-webhook"
NOBODY = "nobody-has-this-function"


def now(a, name=NONE):
    return a.still.client("lambda").get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")


def put(a, reserved, name=NONE):
    answer = a.still.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    assert answer["ReservedConcurrentExecutions"] == reserved


def gone(a, name=NONE):
    answer = a.still.client("lambda").delete_function_concurrency(FunctionName=name)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204 and now(a, name) is None


def missing(a, name, **params):
    call = getattr(a.still.client("lambda"), name)
    error = refused("ResourceNotFoundException", call, FunctionName=NOBODY, **params)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 404 and NOBODY in error["Error"]["Message"]
    other = getattr(a.still.client("lambda", region="us-west-2"), name)
    refused("ResourceNotFoundException", other, FunctionName=NONE, **params)


def malformed(a, name, **params):
    loose = getattr(a.still.client("lambda", check=False), name)
    for wrong in ("no function", "a" * 65, "a!b"):
        refused("ValidationException", loose, FunctionName=wrong, **params)


@case("lambda", "GetFunctionConfiguration", "success", "name, ARN, role and state")
def _(a):
    found = a.still.client("lambda").get_function_configuration(FunctionName=NONE)
    assert found["FunctionName"] == NONE and found["State"] == "Active"
    assert found["FunctionArn"] == f"arn:aws:lambda:{a.region}:{a.number}:function:{NONE}"
    assert found["Role"].startswith(f"arn:aws:iam::{a.number}:role/")


@case("lambda", "GetFunctionConfiguration", "missing", "no such function; another Region has none")
def _(a):
    missing(a, "get_function_configuration")


@case("lambda", "GetFunctionConfiguration", "validation", "a name that is none")
def _(a):
    malformed(a, "get_function_configuration")


@case("lambda", "GetFunctionConcurrency", "success", "what is reserved at the start")
def _(a):
    assert now(a, SOME) == 12


@case("lambda", "GetFunctionConcurrency", "success", "none is no nought")
def _(a):
    assert now(a) is None
    put(a, 0)
    assert now(a) == 0
    gone(a)


@case("lambda", "GetFunctionConcurrency", "missing", "no such function; another Region has none")
def _(a):
    missing(a, "get_function_concurrency")


@case("lambda", "GetFunctionConcurrency", "validation", "a name that is none")
def _(a):
    malformed(a, "get_function_concurrency")


@case("lambda", "PutFunctionConcurrency", "success", "a function is stopped and started again with what it had")
def _(a):
    for reserved in (0, 12):
        put(a, reserved, SOME)
        assert now(a, SOME) == reserved


@case("lambda", "PutFunctionConcurrency", "success", "the account keeps a hundred for all others")
def _(a):
    put(a, 888)
    call = a.still.client("lambda").put_function_concurrency
    error = refused("InvalidParameterValueException", call, FunctionName=NONE, ReservedConcurrentExecutions=889)
    assert "UnreservedConcurrentExecution" in error["Error"]["Message"] and now(a) == 888
    gone(a)


@case("lambda", "PutFunctionConcurrency", "conflict", "put twice is put once")
def _(a):
    for _ in range(2):
        put(a, 3)
        assert now(a) == 3
    gone(a)


@case("lambda", "PutFunctionConcurrency", "missing", "no such function; another Region has none")
def _(a):
    missing(a, "put_function_concurrency", ReservedConcurrentExecutions=0)


@case("lambda", "PutFunctionConcurrency", "validation", "a name that is none, less than nought")
def _(a):
    malformed(a, "put_function_concurrency", ReservedConcurrentExecutions=0)
    loose = a.still.client("lambda", check=False).put_function_concurrency
    refused("InvalidParameterValueException", loose, FunctionName=NONE, ReservedConcurrentExecutions=-1)


@case("lambda", "DeleteFunctionConcurrency", "success", "none is left; deleting says nothing")
def _(a):
    put(a, 5)
    gone(a)


@case("lambda", "DeleteFunctionConcurrency", "conflict", "what is not there can be deleted")
def _(a):
    gone(a)
    gone(a)


@case("lambda", "DeleteFunctionConcurrency", "missing", "no such function; another Region has none")
def _(a):
    missing(a, "delete_function_concurrency")


@case("lambda", "DeleteFunctionConcurrency", "validation", "a name that is none")
def _(a):
    malformed(a, "delete_function_concurrency")


def invoke(a, name=NONE, **params):
    return a.still.client("lambda").invoke(FunctionName=name, Payload=b'{"a": 1}', **params)


@case("lambda", "Invoke", "success", "it gives back a document, its version and the end of its log")
def _(a):
    found = invoke(a, LogType="Tail")
    assert found["StatusCode"] == 200 and found["ExecutedVersion"] == "$LATEST" and "FunctionError" not in found
    assert json.loads(found["Payload"].read()) == {"handled": {"a": 1}}
    assert base64.b64decode(found["LogResult"]).startswith(b"START RequestId: ")


@case("lambda", "Invoke", "success", "an event is taken, a dry run runs nothing")
def _(a):
    assert (invoke(a, InvocationType="Event")["StatusCode"], invoke(a, InvocationType="DryRun")["StatusCode"]) == (202, 204)
    assert invoke(a, Qualifier="$LATEST")["StatusCode"] == 200


@case("lambda", "Invoke", "success", "a function's own error comes with a good status")
def _(a):
    found = invoke(a, "broken-enrichment")
    assert found["StatusCode"] == 200 and found["FunctionError"] == "Unhandled"
    assert json.loads(found["Payload"].read())["errorMessage"]


@case("lambda", "Invoke", "conflict", "a function that is stopped takes no run")
def _(a):
    put(a, 0)
    error = refused("TooManyRequestsException", a.still.client("lambda").invoke, FunctionName=NONE)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 429
    gone(a)


@case("lambda", "Invoke", "missing", "no such function, no such version; another Region has none")
def _(a):
    missing(a, "invoke")
    refused("ResourceNotFoundException", a.still.client("lambda").invoke, FunctionName=NONE, Qualifier="7")


@case("lambda", "Invoke", "validation", "a name that is none, a payload that is none")
def _(a):
    malformed(a, "invoke")
    call = a.still.client("lambda").invoke
    refused("InvalidRequestContentException", call, FunctionName=NONE, Payload=b"{")
