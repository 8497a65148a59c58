"""Automations in several accounts and Regions, from the service model (2014-11-06), the API reference and the user
guide, "Running automations in multiple AWS Regions and accounts"."""

from cases_ssm import DOCUMENT, ENDED, GONE, RULE, dry, executions, look, start, steps
from harness import case, refused, until

MEMBER = "444455556666"
STRANGER = "777788889999"


def place(accounts, regions, **more):
    return [{"Accounts": accounts, "Regions": regions} | more]


def wide(a):
    """A dry run in two accounts that has ended, in the fast account."""
    def make():
        execution = start(a, a.fast, TargetLocations=place([a.number, MEMBER], [a.fast.region]))
        until(lambda: look(a.fast, execution)["AutomationExecutionStatus"], lambda s: s in ENDED)
        return execution
    return a.once("wide", make)


@case("ssm", "StartAutomationExecution", "success", "in two accounts: a step for each, that names its place")
def _(a):
    found = look(a.fast, wide(a))
    assert found["AutomationExecutionStatus"] == "Success", found
    assert found["TargetLocations"] == place([a.number, MEMBER], [a.fast.region])
    places = [s["TargetLocation"] for s in found["StepExecutions"]]
    assert [p["Accounts"] for p in places] == [[a.number], [MEMBER]] and all(p["Regions"] == [a.fast.region] for p in places)
    assert {s["StepStatus"] for s in found["StepExecutions"]} == {"Success"}
    assert found["ProgressCounters"]["TotalSteps"] == found["ProgressCounters"]["SuccessSteps"] == 2
    assert [s["StepName"] for s in steps(a.fast, wide(a))] == [s["StepName"] for s in found["StepExecutions"]]


@case("ssm", "GetAutomationExecution", "success", "of the execution in this account's place, and of none in another's")
def _(a):
    near, far = (s["Outputs"]["ExecutionId"][0] for s in look(a.fast, wide(a))["StepExecutions"])
    child = look(a.fast, near)
    assert (child["DocumentName"], child["ParentAutomationExecutionId"]) == (DOCUMENT, wide(a))
    assert child["Parameters"]["InstanceId"] == dry(a)["InstanceId"]
    refused(GONE, a.fast.ssm.get_automation_execution, AutomationExecutionId=far)


@case("ssm", "DescribeAutomationExecutions", "filter", "those that follow from one, those in several accounts")
def _(a):
    near = look(a.fast, wide(a))["StepExecutions"][0]["Outputs"]["ExecutionId"][0]
    [child] = executions(a, a.fast, ("ParentExecutionId", wide(a)))
    assert (child["AutomationExecutionId"], child["AutomationType"]) == (near, "Local")
    [parent] = executions(a, a.fast, ("AutomationType", "CrossAccount"), ("ExecutionId", wide(a)))
    assert parent["AutomationType"] == "CrossAccount"


@case("ssm", "StartAutomationExecution", "conflict", "a place whose role trusts nobody here fails, and no further one begins")
def _(a):
    execution = start(a, a.still, TargetLocations=place([STRANGER, a.number], [a.still.region]))
    found = until(lambda: look(a.still, execution), lambda e: e["AutomationExecutionStatus"] in ENDED)
    assert found["AutomationExecutionStatus"] == "Failed"
    first, second = found["StepExecutions"]
    assert (first["StepStatus"], second["StepStatus"]) == ("Failed", "Cancelled") and STRANGER in first["FailureMessage"]
    assert executions(a, a.still, ("ParentExecutionId", execution)) == []


@case("ssm", "StartAutomationExecution", "validation", "places outside the model")
def _(a):
    loose, region = a.still.client("ssm", check=False).start_automation_execution, a.still.region
    for wrong in [place([], [region]), place([MEMBER], []), place([MEMBER], [region], ExecutionRoleName="a b"),
                  place([MEMBER], [region], TargetLocationMaxConcurrency="0"),
                  place([MEMBER], [region], TargetLocationMaxErrors="101%"), []]:
        refused(RULE, loose, DocumentName=DOCUMENT, Parameters=dry(a), TargetLocations=wrong)
    refused("InvalidTarget", loose, DocumentName=DOCUMENT, Parameters=dry(a), TargetLocations=place(["1"], [region]))
