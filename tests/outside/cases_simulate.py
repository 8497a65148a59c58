"""SimulatePrincipalPolicy, from IAM's service model (2010-05-08) and API reference."""

import json

from cases_iam import GONE, NOBODY, RULE, user
from harness import case, pages, refused


def asked(a, *actions, **more):
    arn = f"arn:aws:iam::{a.number}:user/{user(a)}"
    return a.still.iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=list(actions), **more)


def decisions(answer):
    return {r["EvalActionName"]: r["EvalDecision"] for r in answer["EvaluationResults"]}


def policy(effect, action, resource="*", **more):
    statement = {"Effect": effect, "Action": action, "Resource": resource} | more
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@case("iam", "SimulatePrincipalPolicy", "success", "a deny of an inline policy is explicit and named; else all is well")
def _(a):
    params = {"UserName": user(a), "PolicyName": "simulated"}
    a.still.iam.put_user_policy(**params, PolicyDocument=policy("Deny", "ssm:Start*"))
    try:
        found = asked(a, "ssm:StartAutomationExecution", "ssm:DescribeDocument")
        assert decisions(found) == {"ssm:StartAutomationExecution": "explicitDeny", "ssm:DescribeDocument": "allowed"}
        denied, allowed = found["EvaluationResults"]
        assert len(denied["MatchedStatements"]) == 1 and "simulated" in denied["MatchedStatements"][0]["SourcePolicyId"]
        assert denied["EvalResourceName"] == "*" and "ResourceSpecificResults" not in denied
    finally:
        a.still.iam.delete_user_policy(**params)
    assert decisions(asked(a, "ssm:StartAutomationExecution")) == {"ssm:StartAutomationExecution": "allowed"}


@case("iam", "SimulatePrincipalPolicy", "success", "one result of several resources, the strictest; each has its own")
def _(a):
    on = ["arn:aws:s3:::open", "arn:aws:s3:::shut"]
    found = asked(a, "s3:GetObject", ResourceArns=on, PolicyInputList=[policy("Deny", "s3:*", on[1])])
    [result] = found["EvaluationResults"]
    assert result["EvalDecision"] == "explicitDeny"
    each = {r["EvalResourceName"]: r["EvalResourceDecision"] for r in result["ResourceSpecificResults"]}
    assert each == {on[0]: "allowed", on[1]: "explicitDeny"}


@case("iam", "SimulatePrincipalPolicy", "success", "a boundary holds back what it does not allow")
def _(a):
    found = asked(a, "s3:GetObject", "iam:GetUser", PermissionsBoundaryPolicyInputList=[policy("Allow", "s3:*")])
    assert decisions(found) == {"s3:GetObject": "allowed", "iam:GetUser": "implicitDeny"}
    within = [r["PermissionsBoundaryDecisionDetail"] for r in found["EvaluationResults"]]
    assert [w["AllowedByPermissionsBoundary"] for w in within] == [True, False]


@case("iam", "SimulatePrincipalPolicy", "success", "a condition whose key is not given is named; given, it decides")
def _(a):
    older = policy("Deny", "*", Condition={"DateLessThan": {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"}})
    [result] = asked(a, "s3:GetObject", PolicyInputList=[older])["EvaluationResults"]
    assert result["EvalDecision"] == "allowed" and result["MissingContextValues"] == ["aws:TokenIssueTime"]
    for day, decision in (("2025-12-31", "explicitDeny"), ("2026-01-02", "allowed")):
        entry = {"ContextKeyName": "aws:TokenIssueTime", "ContextKeyType": "date",
                 "ContextKeyValues": [f"{day}T00:00:00Z"]}
        [result] = asked(a, "s3:GetObject", PolicyInputList=[older], ContextEntries=[entry])["EvaluationResults"]
        assert result["EvalDecision"] == decision and result["MissingContextValues"] == []


@case("iam", "SimulatePrincipalPolicy", "paging", "pages of two, by hand and by botocore's paginator")
def _(a):
    params = {"PolicySourceArn": f"arn:aws:iam::{a.number}:user/{user(a)}",
              "ActionNames": ["iam:GetUser", "iam:GetRole", "ssm:DescribeDocument", "s3:GetObject", "s3:PutObject"]}
    found = pages(a.still.iam.simulate_principal_policy, "Marker", {"MaxItems": 2}, "EvaluationResults", ask="Marker",
                  **params)
    assert [len(page) for page in found] == [2, 2, 1]
    again = a.still.iam.get_paginator("simulate_principal_policy").paginate(**params, PaginationConfig={"PageSize": 2})
    assert [r["EvalActionName"] for r in again.search("EvaluationResults")] == params["ActionNames"]


@case("iam", "SimulatePrincipalPolicy", "missing", "no such user, no such role")
def _(a):
    for kind in ("user", "role"):
        refused(GONE, a.still.iam.simulate_principal_policy, ActionNames=["iam:GetUser"],
                PolicySourceArn=f"arn:aws:iam::{a.number}:{kind}/{NOBODY}")


@case("iam", "SimulatePrincipalPolicy", "validation", "an ARN that is too short, an action that is too short, none")
def _(a):
    call = a.still.client("iam", check=False).simulate_principal_policy
    arn = f"arn:aws:iam::{a.number}:user/{user(a)}"
    refused(RULE, call, PolicySourceArn="arn:aws:iam::1", ActionNames=["iam:GetUser"])
    refused(RULE, call, PolicySourceArn=arn, ActionNames=["s3"])
    refused(RULE, call, PolicySourceArn=arn, ActionNames=[])


@case("iam", "SimulatePrincipalPolicy", "validation", "a session and the root user are no source; text is no policy")
def _(a):
    call = a.still.iam.simulate_principal_policy
    refused("InvalidInput", call, PolicySourceArn=f"arn:aws:iam::{a.number}:root", ActionNames=["iam:GetUser"])
    refused("InvalidInput", call, PolicySourceArn=f"arn:aws:sts::{a.number}:assumed-role/{a.role}/somebody",
            ActionNames=["iam:GetUser"])
    refused("InvalidInput", call, PolicySourceArn=f"arn:aws:iam::{a.number}:user/{user(a)}",
            ActionNames=["iam:GetUser"], PolicyInputList=["nonsense"])
