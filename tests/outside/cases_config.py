"""AWS Config, from its service model (2014-11-12) and API reference: what remedies a rule's findings, and runs of it."""

from harness import case, refused, until

RULE = "s3-bucket-level-public-access-prohibited"
FAILING = "iam-user-unused-credentials-check"
NOBODY = "nobody-has-this-rule"


def key(name, kind="AWS::S3::Bucket"):
    return {"resourceType": kind, "resourceId": name}


def start(account, *keys, rule=RULE):
    answer = account.client("config").start_remediation_execution(ConfigRuleName=rule, ResourceKeys=list(keys))
    answer.pop("ResponseMetadata")
    return answer


def last(account, *keys, rule=RULE):
    call = account.client("config").describe_remediation_execution_status
    return call(ConfigRuleName=rule, ResourceKeys=list(keys))["RemediationExecutionStatuses"]


@case("config", "DescribeRemediationConfigurations", "success", "the document, and whether it runs by itself")
def _(a):
    call = a.still.client("config").describe_remediation_configurations
    found = call(ConfigRuleNames=[RULE])["RemediationConfigurations"]
    assert [(one["ConfigRuleName"], one["TargetType"], one["Automatic"]) for one in found] == [(RULE, "SSM_DOCUMENT", False)]
    assert found[0]["TargetId"].startswith("AWSConfigRemediation-") and found[0]["Parameters"]


@case("config", "DescribeRemediationConfigurations", "missing", "a rule without one is left out; another Region has none")
def _(a):
    for region in (None, "us-west-2"):
        call = a.still.client("config", region=region).describe_remediation_configurations
        assert call(ConfigRuleNames=[NOBODY] if region is None else [RULE])["RemediationConfigurations"] == []


@case("config", "DescribeRemediationConfigurations", "validation", "more rules than may be asked for")
def _(a):
    loose = a.still.client("config", check=False).describe_remediation_configurations
    refused("ValidationException", loose, ConfigRuleNames=[f"rule-{n}" for n in range(26)])


@case("config", "StartRemediationExecution", "success", "runs are started for several resources")
def _(a):
    assert start(a.still, key("one"), key("two")) == {}
    assert {found["State"] for found in last(a.still, key("one"), key("two"))} == {"IN_PROGRESS"}


@case("config", "StartRemediationExecution", "conflict", "none is started where one goes on, and the call is good")
def _(a):
    assert start(a.still, key("twice")) == {}
    found = start(a.still, key("twice"), key("fresh"))
    assert found["FailedItems"] == [key("twice")] and found["FailureMessage"]


@case("config", "StartRemediationExecution", "missing", "a rule without a remediation; another Region has none")
def _(a):
    call = a.still.client("config").start_remediation_execution
    refused("NoSuchRemediationConfigurationException", call, ConfigRuleName=NOBODY, ResourceKeys=[key("one")])
    call = a.still.client("config", region="us-west-2").start_remediation_execution
    refused("NoSuchRemediationConfigurationException", call, ConfigRuleName=RULE, ResourceKeys=[key("one")])


@case("config", "StartRemediationExecution", "validation", "no resource, and a type that is none")
def _(a):
    loose = a.still.client("config", check=False).start_remediation_execution
    for keys in ([], [key("one", "bucket")]):
        refused("ValidationException", loose, ConfigRuleName=RULE, ResourceKeys=keys)


@case("config", "DescribeRemediationExecutionStatus", "success", "a run ends, and says when it began")
def _(a):
    start(a.fast, key("ends"))
    found = until(lambda: last(a.fast, key("ends"))[0], lambda found: found["State"] != "IN_PROGRESS")
    assert found["State"] == "SUCCEEDED" and found["ResourceKey"] == key("ends")
    assert found["LastUpdatedTime"] > found["InvocationTime"]
    assert [step["State"] for step in found["StepDetails"]] == ["SUCCEEDED"]


@case("config", "DescribeRemediationExecutionStatus", "success", "a run that fails says at which step and why")
def _(a):
    user = key("ines.duarte", "AWS::IAM::User")
    start(a.fast, user, rule=FAILING)
    found = until(lambda: last(a.fast, user, rule=FAILING)[0], lambda found: found["State"] != "IN_PROGRESS")
    assert found["State"] == "FAILED" and found["StepDetails"][0]["ErrorMessage"]


@case("config", "DescribeRemediationExecutionStatus", "missing", "no run for the resource is no error")
def _(a):
    assert last(a.still, key("never")) == []


@case("config", "DescribeRemediationExecutionStatus", "missing", "a rule without a remediation")
def _(a):
    call = a.still.client("config").describe_remediation_execution_status
    refused("NoSuchRemediationConfigurationException", call, ConfigRuleName=NOBODY)


@case("config", "DescribeRemediationExecutionStatus", "validation", "a type that is none")
def _(a):
    loose = a.still.client("config", check=False).describe_remediation_execution_status
    refused("ValidationException", loose, ConfigRuleName=RULE, ResourceKeys=[key("one", "bucket")])
