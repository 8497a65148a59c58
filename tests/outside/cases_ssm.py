"""Systems Manager Automation, from its service model (2014-11-06) and API reference."""

import re
from datetime import timedelta
from uuid import uuid4

from cases_guardduty import findings
from harness import case, pages, refused, until

DOCUMENT = "AWSSupport-ContainEC2Instance"
LOGS = "AWSSupport-CollectEKSInstanceLogs"
NOBODY = "00000000-0000-4000-8000-000000000000"
GONE = "AutomationExecutionNotFoundException"
# A rule of the model: the service says ValidationException.
RULE = "ValidationException"
ENDED = {"Success", "Failed", "Cancelled", "TimedOut", "Rejected"}


def instance(a):
    """An instance of the account, by its findings."""
    details = [f["Resource"].get("InstanceDetails", {}).get("InstanceId") for f in findings(a).values()]
    return a.once("instance", lambda: next(i for i in details if i))


def dry(a):
    return {"InstanceId": [instance(a)], "Action": ["Contain"], "DryRun": ["true"]}


def start(a, account, **more):
    asked = {"DocumentName": DOCUMENT, "Parameters": dry(a)} | more
    return account.ssm.start_automation_execution(**asked)["AutomationExecutionId"]


def look(account, execution):
    return account.ssm.get_automation_execution(AutomationExecutionId=execution)["AutomationExecution"]


def steps(account, execution, **more):
    found = pages(account.ssm.describe_automation_step_executions, "NextToken", {"MaxResults": 50}, "StepExecutions",
                  AutomationExecutionId=execution, **more)
    return [s for page in found for s in page]


def ended(a):
    """A dry run that has ended, in the fast account."""
    def make():
        execution = start(a, a.fast, Tags=[{"Key": "incident", "Value": "table"}])
        until(lambda: look(a.fast, execution)["AutomationExecutionStatus"], lambda s: s in ENDED)
        return execution
    return a.once("ended", make)


def running(a):
    """A run that goes on for as long as the table takes, in the account at the clock's speed."""
    return a.once("running", lambda: start(a, a.still))


def executions(a, account, *filters):
    asked = {"Filters": [{"Key": k, "Values": v} for k, *v in filters]} if filters else {}
    found = pages(account.ssm.describe_automation_executions, "NextToken", {"MaxResults": 50},
                  "AutomationExecutionMetadataList", **asked)
    return [e for page in found for e in page]


@case("ssm", "DescribeDocument", "success", "AWS's own, an automation, with its parameters")
def _(a):
    document = a.still.ssm.describe_document(Name=DOCUMENT)["Document"]
    assert (document["Name"], document["DocumentType"], document["Owner"]) == (DOCUMENT, "Automation", "Amazon")
    assert document["Status"] == "Active"
    assert {"InstanceId", "Action", "DryRun", "BackupS3BucketName"} <= {p["Name"] for p in document["Parameters"]}
    [dry_run] = [p for p in document["Parameters"] if p["Name"] == "DryRun"]
    assert dry_run["DefaultValue"] == "true"


@case("ssm", "DescribeDocument", "success", "each has a hash of its own, the same each time")
def _(a):
    names = [DOCUMENT, LOGS, "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock"]
    found = [a.still.ssm.describe_document(Name=n)["Document"] for n in names + names]
    assert all(d["HashType"] == "Sha256" and re.fullmatch("[0-9a-f]{64}", d["Hash"]) for d in found)
    hashes = [d["Hash"] for d in found]
    assert len(set(hashes)) == 3 and hashes[:3] == hashes[3:]


@case("ssm", "DescribeDocument", "success", "a version of it")
def _(a):
    document = a.still.ssm.describe_document(Name=DOCUMENT)["Document"]
    same = a.still.ssm.describe_document(Name=DOCUMENT, DocumentVersion=document["DefaultVersion"])["Document"]
    assert same["DocumentVersion"] == document["DefaultVersion"]
    for name in ("AWSSupport-ContainIAMPrincipal", "AWSSupport-ContainS3Resource"):
        assert a.still.ssm.describe_document(Name=name)["Document"]["DocumentType"] == "Automation"


@case("ssm", "DescribeDocument", "missing", "no such document, no such version")
def _(a):
    refused("InvalidDocument", a.still.ssm.describe_document, Name="AWSSupport-NoSuchDocument")
    refused("InvalidDocumentVersion", a.still.ssm.describe_document, Name=DOCUMENT, DocumentVersion="99999")


@case("ssm", "DescribeDocument", "validation", "a name that can be none")
def _(a):
    refused(RULE, a.still.client("ssm", check=False).describe_document, Name="no spaces here")


@case("ssm", "StartAutomationExecution", "success", "a dry run goes through its steps and ends well")
def _(a):
    found = look(a.fast, ended(a))
    assert found["AutomationExecutionStatus"] == "Success", found.get("FailureMessage")
    assert (found["DocumentName"], found["Mode"]) == (DOCUMENT, "Auto")
    for name, value in dry(a).items():
        assert found["Parameters"][name] == value
    assert found["ExecutionStartTime"] <= found["ExecutionEndTime"]


@case("ssm", "StartAutomationExecution", "success", "at first it runs")
def _(a):
    found = look(a.still, running(a))
    assert found["AutomationExecutionStatus"] in {"Pending", "InProgress"} and "ExecutionEndTime" not in found


@case("ssm", "StartAutomationExecution", "conflict", "a client token with other parameters")
def _(a):
    token = str(uuid4())
    start(a, a.still, ClientToken=token)
    other = dry(a) | {"Action": ["Restore"]}
    refused("IdempotentParameterMismatch", a.still.ssm.start_automation_execution, DocumentName=DOCUMENT,
            Parameters=other, ClientToken=token)


@case("ssm", "StartAutomationExecution", "conflict", "a client token with the same parameters starts nothing new")
def _(a):
    token = str(uuid4())
    first, count = start(a, a.still, ClientToken=token), len(executions(a, a.still))
    # Tokens are the same in either case of their letters (API reference, ClientToken).
    assert start(a, a.still, ClientToken=token) == start(a, a.still, ClientToken=token.upper()) == first
    assert len(executions(a, a.still)) == count
    assert start(a, a.still, ClientToken=str(uuid4())) != first


@case("ssm", "StartAutomationExecution", "missing", "no such document, no such version")
def _(a):
    call = a.still.ssm.start_automation_execution
    refused("AutomationDefinitionNotFoundException", call, DocumentName="AWSSupport-NoSuchDocument")
    refused("AutomationDefinitionVersionNotFoundException", call, DocumentName=DOCUMENT, DocumentVersion="99999",
            Parameters=dry(a))


@case("ssm", "StartAutomationExecution", "validation", "parameters that the document does not take")
def _(a):
    wrong = "InvalidAutomationExecutionParametersException"
    call = a.still.ssm.start_automation_execution
    refused(wrong, call, DocumentName=DOCUMENT, Parameters={"InstanceId": [instance(a)]})
    refused(wrong, call, DocumentName=DOCUMENT, Parameters=dry(a) | {"NoSuch": ["1"]})
    refused(wrong, call, DocumentName=DOCUMENT, Parameters=dry(a) | {"Action": ["Release"]})
    refused(wrong, call, DocumentName=DOCUMENT, Parameters=dry(a) | {"InstanceId": ["not an instance"]})


@case("ssm", "StartAutomationExecution", "validation", "a token that is no UUID, a mode of no list")
def _(a):
    loose = a.still.client("ssm", check=False).start_automation_execution
    refused(RULE, loose, DocumentName=DOCUMENT, Parameters=dry(a), ClientToken="twice")
    refused(RULE, loose, DocumentName=DOCUMENT, Parameters=dry(a), Mode="Slowly")


@case("ssm", "GetAutomationExecution", "success", "its steps have names, actions, times and states")
def _(a):
    found = look(a.fast, ended(a))
    assert len(found["StepExecutions"]) > 1 and found["Outputs"]
    assert all(s["Action"].startswith("aws:") for s in found["StepExecutions"])
    assert found["StepExecutions"][0]["StepStatus"] == "Success"
    assert found["ExecutedBy"].startswith(f"arn:aws:iam::{a.number}:")


@case("ssm", "GetAutomationExecution", "success", "a node's logs are collected and uploaded by commands")
def _(a):
    execution = start(a, a.fast, DocumentName=LOGS,
                      Parameters={"EKSInstanceId": [instance(a)], "LogDestination": ["evidence-of-the-table"]})
    until(lambda: look(a.fast, execution)["AutomationExecutionStatus"], lambda s: s in ENDED)
    found = look(a.fast, execution)
    assert found["AutomationExecutionStatus"] == "Success"
    actions = ["aws:assertAwsResourceProperty", "aws:runCommand", "aws:branch", "aws:runCommand"]
    assert [s["Action"] for s in found["StepExecutions"]] == actions


@case("ssm", "GetAutomationExecution", "missing", "of nobody")
def _(a):
    refused(GONE, a.still.ssm.get_automation_execution, AutomationExecutionId=NOBODY)


@case("ssm", "GetAutomationExecution", "validation", "an id of three characters")
def _(a):
    refused(RULE, a.still.client("ssm", check=False).get_automation_execution, AutomationExecutionId="abc")


@case("ssm", "DescribeAutomationExecutions", "success", "what was started is listed")
def _(a):
    [found] = [e for e in executions(a, a.fast) if e["AutomationExecutionId"] == ended(a)]
    assert (found["AutomationExecutionStatus"], found["DocumentName"]) == ("Success", DOCUMENT)
    assert found["AutomationType"] == "Local"


@case("ssm", "DescribeAutomationExecutions", "filter", "id, document, state, tag, beginning")
def _(a):
    first, other = ended(a), start(a, a.fast)
    until(lambda: look(a.fast, other)["AutomationExecutionStatus"], lambda s: s in ENDED)
    began = look(a.fast, first)["ExecutionStartTime"]
    later, earlier = ((began + timedelta(milliseconds=d)).isoformat() for d in (1000, -1000))

    def ids(*filters):
        return {e["AutomationExecutionId"] for e in executions(a, a.fast, *filters)}

    assert ids(("ExecutionId", first)) == {first}
    assert ids(("ExecutionId", first, other)) == {first, other}
    assert {first, other} <= ids(("DocumentNamePrefix", "AWSSupport-Contain"))
    assert ids(("DocumentNamePrefix", "AWSConfigRemediation")) == set()
    assert {first, other} <= ids(("ExecutionStatus", "Success")) and not ids(("ExecutionStatus", "Failed"))
    assert ids(("TagKey", "incident")) == {first}
    assert ids(("ExecutionId", first), ("ExecutionStatus", "Failed")) == set()
    assert first in ids(("StartTimeAfter", earlier)) and first not in ids(("StartTimeBefore", earlier))
    assert first in ids(("StartTimeBefore", later)) and first not in ids(("StartTimeAfter", later))


@case("ssm", "DescribeAutomationExecutions", "paging", "pages of one hold each once")
def _(a):
    for _ in range(2):
        start(a, a.still)
    found = pages(a.still.ssm.describe_automation_executions, "NextToken", {"MaxResults": 1},
                  "AutomationExecutionMetadataList")
    ids = [e["AutomationExecutionId"] for page in found for e in page]
    assert len(ids) > 2 and len(set(ids)) == len(ids) and all(len(page) == 1 for page in found if page)
    assert set(ids) == {e["AutomationExecutionId"] for e in executions(a, a.still)}


@case("ssm", "DescribeAutomationExecutions", "missing", "an id that nobody has finds nothing")
def _(a):
    assert executions(a, a.still, ("ExecutionId", NOBODY)) == []


@case("ssm", "DescribeAutomationExecutions", "validation", "token, key, value, page size")
def _(a):
    loose = a.still.client("ssm", check=False).describe_automation_executions
    refused("InvalidNextToken", loose, NextToken="no-token-of-yours")
    refused({"InvalidFilterKey", RULE}, loose, Filters=[{"Key": "Colour", "Values": ["blue"]}])
    refused("InvalidFilterValue", loose, Filters=[{"Key": "ExecutionStatus", "Values": ["Perhaps"]}])
    refused(RULE, loose, MaxResults=51)


@case("ssm", "DescribeAutomationStepExecutions", "success", "the steps of an execution, as the execution says")
def _(a):
    found = steps(a.fast, ended(a))
    assert [s["StepName"] for s in found] == [s["StepName"] for s in look(a.fast, ended(a))["StepExecutions"]]
    assert len({s["StepExecutionId"] for s in found}) == len(found)


@case("ssm", "DescribeAutomationStepExecutions", "filter", "by name, state and action")
def _(a):
    everything = steps(a.fast, ended(a))
    name, action = everything[1]["StepName"], everything[0]["Action"]

    def names(key, *values):
        return [s["StepName"] for s in steps(a.fast, ended(a), Filters=[{"Key": key, "Values": list(values)}])]

    assert names("StepName", name) == [name]
    assert names("StepExecutionId", everything[0]["StepExecutionId"]) == [everything[0]["StepName"]]
    assert names("StepExecutionStatus", "Success") == [s["StepName"] for s in everything if s["StepStatus"] == "Success"]
    assert names("StepExecutionStatus", "Failed") == []
    assert names("Action", action) == [s["StepName"] for s in everything if s["Action"] == action]


@case("ssm", "DescribeAutomationStepExecutions", "sort", "backwards")
def _(a):
    begun = [s["StepName"] for s in steps(a.fast, ended(a)) if "ExecutionStartTime" in s]
    back = [s["StepName"] for s in steps(a.fast, ended(a), ReverseOrder=True) if "ExecutionStartTime" in s]
    assert back == begun[::-1] and len(back) > 1


@case("ssm", "DescribeAutomationStepExecutions", "paging", "pages of two hold each once")
def _(a):
    found = pages(a.fast.ssm.describe_automation_step_executions, "NextToken", {"MaxResults": 2}, "StepExecutions",
                  AutomationExecutionId=ended(a))
    assert [s["StepName"] for page in found for s in page] == [s["StepName"] for s in steps(a.fast, ended(a))]
    assert len(found) > 1


@case("ssm", "DescribeAutomationStepExecutions", "missing", "of nobody")
def _(a):
    refused(GONE, a.still.ssm.describe_automation_step_executions, AutomationExecutionId=NOBODY)


@case("ssm", "DescribeAutomationStepExecutions", "validation", "token, key, state")
def _(a):
    loose, execution = a.still.client("ssm", check=False).describe_automation_step_executions, running(a)
    refused("InvalidNextToken", loose, AutomationExecutionId=execution, NextToken="no-token-of-yours")
    refused({"InvalidFilterKey", RULE}, loose, AutomationExecutionId=execution,
            Filters=[{"Key": "Colour", "Values": ["blue"]}])
    refused("InvalidFilterValue", loose, AutomationExecutionId=execution,
            Filters=[{"Key": "StepExecutionStatus", "Values": ["Perhaps"]}])


@case("ssm", "StopAutomationExecution", "success", "a run is cancelled and stays so")
def _(a):
    execution = start(a, a.fast)
    a.fast.ssm.stop_automation_execution(AutomationExecutionId=execution, Type="Cancel")
    found = until(lambda: look(a.fast, execution), lambda f: f["AutomationExecutionStatus"] in ENDED)
    assert found["AutomationExecutionStatus"] == "Cancelled" and "ExecutionEndTime" in found
    assert any(s["StepStatus"] in {"Cancelled", "Pending"} for s in found["StepExecutions"])


@case("ssm", "StopAutomationExecution", "conflict", "of a run that has ended")
def _(a):
    refused("InvalidAutomationStatusUpdateException", a.fast.ssm.stop_automation_execution,
            AutomationExecutionId=ended(a))


@case("ssm", "StopAutomationExecution", "missing", "of nobody")
def _(a):
    refused(GONE, a.still.ssm.stop_automation_execution, AutomationExecutionId=NOBODY)


@case("ssm", "StopAutomationExecution", "validation", "a way to stop that there is not")
def _(a):
    refused(RULE, a.still.client("ssm", check=False).stop_automation_execution, AutomationExecutionId=running(a),
            Type="Abort")


@case("ssm", "SendAutomationSignal", "success", "an interactive run does the step that it is told to")
def _(a):
    execution = start(a, a.fast, Mode="Interactive")
    until(lambda: look(a.fast, execution)["AutomationExecutionStatus"], lambda s: s == "Waiting")
    first = steps(a.fast, execution)[0]
    assert first["StepStatus"] in {"Pending", "Waiting"} and look(a.fast, execution)["Mode"] == "Interactive"
    a.fast.ssm.send_automation_signal(AutomationExecutionId=execution, SignalType="StartStep",
                                      Payload={"StepName": [first["StepName"]]})
    done = until(lambda: steps(a.fast, execution)[:2], lambda s: s[0]["StepStatus"] == "Success")
    assert len(done) == 1 or done[1]["StepStatus"] in {"Pending", "Waiting"}, "the next step waits for its own signal"


@case("ssm", "SendAutomationSignal", "missing", "no such step")
def _(a):
    execution = start(a, a.fast, Mode="Interactive")
    until(lambda: look(a.fast, execution)["AutomationExecutionStatus"], lambda s: s == "Waiting")
    refused("AutomationStepNotFoundException", a.fast.ssm.send_automation_signal, AutomationExecutionId=execution,
            SignalType="StartStep", Payload={"StepName": ["noSuchStep"]})


@case("ssm", "SendAutomationSignal", "success", "an approval lets the run go on, a rejection ends it")
def _(a):
    for signal, wanted in (("Approve", "Success"), ("Reject", "Failed")):
        # A document of the account's own, as a team writes one.
        execution = start(a, a.fast, DocumentName="Custom-ApproveThenStop", Parameters={"InstanceId": [instance(a)]})
        until(lambda: look(a.fast, execution)["AutomationExecutionStatus"], lambda s: s == "Waiting")
        assert look(a.fast, execution)["CurrentAction"] == "aws:approve"
        a.fast.ssm.send_automation_signal(AutomationExecutionId=execution, SignalType=signal,
                                          Payload={"Comment": ["by the table"]})
        found = until(lambda: look(a.fast, execution), lambda f: f["AutomationExecutionStatus"] in ENDED)
        assert found["AutomationExecutionStatus"] == wanted, found.get("FailureMessage")


@case("ssm", "SendAutomationSignal", "conflict", "nothing waits for an approval; nothing runs any more")
def _(a):
    wrong = "InvalidAutomationSignalException"
    refused(wrong, a.still.ssm.send_automation_signal, AutomationExecutionId=running(a), SignalType="Approve")
    refused(wrong, a.fast.ssm.send_automation_signal, AutomationExecutionId=ended(a), SignalType="Reject",
            Payload={"Comment": ["too late"]})


@case("ssm", "SendAutomationSignal", "missing", "of nobody")
def _(a):
    refused(GONE, a.still.ssm.send_automation_signal, AutomationExecutionId=NOBODY, SignalType="Approve")


@case("ssm", "SendAutomationSignal", "validation", "a signal of no list")
def _(a):
    refused(RULE, a.still.client("ssm", check=False).send_automation_signal, AutomationExecutionId=running(a),
            SignalType="Wave")
