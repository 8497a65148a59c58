"""Security Hub, from its service model (2018-10-26) and API reference."""

import time
from datetime import datetime, timedelta, timezone

from harness import case, ordered, pages, refused, until

INVALID = "InvalidInputException"


def every(a, **params):
    found = pages(a.still.securityhub.get_findings, "NextToken", {"MaxResults": 100}, "Findings", **params)
    return [f for page in found for f in page]


def known(a):
    """All findings, as they were before this table changed any."""
    return a.once("hub", lambda: every(a))


def where(a, **filters):
    return every(a, Filters=filters)


def expect(a, found, keep):
    wanted = {f["Id"] for f in known(a) if keep(f)}
    assert 0 < len(wanted) < len(known(a)), "the filter parts nothing"
    assert {f["Id"] for f in found} == wanted, f"{len(found)} findings instead of {len(wanted)}"


def equals(*values, comparison="EQUALS"):
    return [{"Value": value, "Comparison": comparison} for value in values]


def identifier(found):
    return {"Id": found["Id"], "ProductArn": found["ProductArn"]}


def again(a, found):
    """The finding as it is now."""
    return where(a, Id=equals(found["Id"]), ProductArn=equals(found["ProductArn"]))[0]


@case("securityhub", "DescribeHub", "success", "the region's hub, by its ARN too")
def _(a):
    hub = a.still.securityhub.describe_hub()
    assert hub["HubArn"] == f"arn:aws:securityhub:{a.region}:{a.number}:hub/default"
    assert a.still.securityhub.describe_hub(HubArn=hub["HubArn"])["HubArn"] == hub["HubArn"]


@case("securityhub", "DescribeHub", "missing", "a hub of nobody")
def _(a):
    arn = f"arn:aws:securityhub:{a.region}:{a.number}:hub/other"
    refused({"ResourceNotFoundException", INVALID}, a.still.securityhub.describe_hub, HubArn=arn)


@case("securityhub", "DescribeHub", "missing", "not subscribed in another region")
def _(a):
    elsewhere = a.still.client("securityhub", region="ap-southeast-2")
    refused("InvalidAccessException", elsewhere.describe_hub)
    refused("InvalidAccessException", elsewhere.get_findings)


@case("securityhub", "DescribeHub", "validation", "what is no ARN")
def _(a):
    refused(INVALID, a.still.client("securityhub", check=False).describe_hub, HubArn="default")


@case("securityhub", "GetFindings", "success", "of the account, of this region, of several products")
def _(a):
    found = every(a)
    assert len({(f["Id"], f["ProductArn"]) for f in found}) == len(found) > 4
    assert {f["AwsAccountId"] for f in found} == {a.number}
    assert len({f["ProductArn"] for f in found}) > 1


@case("securityhub", "GetFindings", "filter", "severity label: one, one of two, none of two")
def _(a):
    expect(a, where(a, SeverityLabel=equals("HIGH")), lambda f: f["Severity"]["Label"] == "HIGH")
    expect(a, where(a, SeverityLabel=equals("LOW", "MEDIUM")), lambda f: f["Severity"]["Label"] in ("LOW", "MEDIUM"))
    expect(a, where(a, SeverityLabel=equals("LOW", "MEDIUM", comparison="NOT_EQUALS")),
           lambda f: f["Severity"]["Label"] not in ("LOW", "MEDIUM"))


@case("securityhub", "GetFindings", "filter", "the beginning, the middle and not the beginning of a text")
def _(a):
    title = known(a)[0]["Title"]
    expect(a, where(a, Title=equals(title[:12], comparison="PREFIX")), lambda f: f["Title"].startswith(title[:12]))
    expect(a, where(a, Title=equals(title[:12], comparison="PREFIX_NOT_EQUALS")),
           lambda f: not f["Title"].startswith(title[:12]))
    expect(a, where(a, Title=equals(title[4:20], comparison="CONTAINS")), lambda f: title[4:20] in f["Title"])
    expect(a, where(a, Title=equals(title[4:20], comparison="NOT_CONTAINS")), lambda f: title[4:20] not in f["Title"])


@case("securityhub", "GetFindings", "filter", "a beginning together with one that is not wanted")
def _(a):
    kinds = sorted({f["Types"][0] for f in known(a) if f["Types"][0].startswith("TTPs/")})
    assert len(kinds) > 1
    both = equals("TTPs/", comparison="PREFIX") + equals(kinds[0], comparison="NOT_EQUALS")
    expect(a, where(a, Type=both), lambda f: any(t.startswith("TTPs/") for t in f["Types"]) and kinds[0] not in f["Types"])


@case("securityhub", "GetFindings", "filter", "different attributes hold together")
def _(a):
    def of_guardduty(f):
        return f["ProductArn"].endswith("/guardduty") and f["RecordState"] == "ACTIVE"

    label = next(f["Severity"]["Label"] for f in known(a) if of_guardduty(f))
    found = where(a, SeverityLabel=equals(label), ProductName=equals("GuardDuty"), RecordState=equals("ACTIVE"))
    expect(a, found, lambda f: of_guardduty(f) and f["Severity"]["Label"] == label)


@case("securityhub", "GetFindings", "filter", "resource, compliance, record state, workflow")
def _(a):
    resource = known(a)[0]["Resources"][0]
    expect(a, where(a, ResourceId=equals(resource["Id"])), lambda f: resource["Id"] in [r["Id"] for r in f["Resources"]])
    expect(a, where(a, ResourceType=equals(resource["Type"])),
           lambda f: resource["Type"] in [r["Type"] for r in f["Resources"]])
    expect(a, where(a, ComplianceStatus=equals("FAILED")), lambda f: f.get("Compliance", {}).get("Status") == "FAILED")
    expect(a, where(a, RecordState=equals("ARCHIVED")), lambda f: f["RecordState"] == "ARCHIVED")
    assert where(a, WorkflowStatus=equals("SUPPRESSED")) == []


@case("securityhub", "GetFindings", "filter", "by a product field")
def _(a):
    name, value = next((k, v) for f in known(a) for k, v in f["ProductFields"].items()
                       if sum(1 for g in known(a) if g["ProductFields"].get(k) == v) < 3)
    expect(a, where(a, ProductFields=[{"Key": name, "Value": value, "Comparison": "EQUALS"}]),
           lambda f: f["ProductFields"].get(name) == value)


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@case("securityhub", "GetFindings", "filter", "updated between two moments, and in the last days")
def _(a):
    times = sorted(moment(f["UpdatedAt"]) for f in known(a))
    low, high = times[1], times[-2]
    found = where(a, UpdatedAt=[{"Start": low.isoformat(), "End": high.isoformat()}])
    expect(a, found, lambda f: low <= moment(f["UpdatedAt"]) <= high)
    now = datetime.now(timezone.utc)
    for days in (1, 7, 30):
        since = now - timedelta(days=days)
        wanted = {f["Id"] for f in known(a) if moment(f["CreatedAt"]) >= since}
        assert {f["Id"] for f in where(a, CreatedAt=[{"DateRange": {"Value": days, "Unit": "DAYS"}}])} == wanted, days


@case("securityhub", "GetFindings", "missing", "an id that nobody has finds nothing")
def _(a):
    assert where(a, Id=equals("no-such-finding")) == []


@case("securityhub", "GetFindings", "validation", "11 attributes, 21 values of one, an attribute of no list")
def _(a):
    loose = a.still.client("securityhub", check=False).get_findings
    names = ["Title", "Id", "ProductArn", "ProductName", "RecordState", "ResourceId", "ResourceType", "SeverityLabel",
             "Type", "WorkflowStatus", "ComplianceStatus"]
    refused(INVALID, loose, Filters={name: equals("a") for name in names})
    assert where(a, **{name: equals("a") for name in names[:10]}) == []
    refused(INVALID, loose, Filters={"Id": equals(*(f"finding-{n}" for n in range(21)))})
    assert where(a, Id=equals(*(f"finding-{n}" for n in range(20)))) == []


@case("securityhub", "GetFindings", "sort", "by the time of the update and by severity, both ways")
def _(a):
    for order, falling in (("asc", False), ("desc", True)):
        found = every(a, SortCriteria=[{"Field": "UpdatedAt", "SortOrder": order}])
        ordered([moment(f["UpdatedAt"]) for f in found], falling)
        found = every(a, SortCriteria=[{"Field": "SeverityNormalized", "SortOrder": order}])
        ordered([f["Severity"]["Normalized"] for f in found], falling)


@case("securityhub", "GetFindings", "paging", "pages of two hold every finding once, in order")
def _(a):
    order = {"SortCriteria": [{"Field": "UpdatedAt", "SortOrder": "asc"}]}
    found = pages(a.still.securityhub.get_findings, "NextToken", {"MaxResults": 2}, "Findings", **order)
    assert all(len(page) == 2 for page in found[:-1]) and len(found) > 3
    assert [f["Id"] for page in found for f in page] == [f["Id"] for f in every(a, **order)]


@case("securityhub", "GetFindings", "paging", "botocore's paginator, under filters")
def _(a):
    paginator = a.still.securityhub.get_paginator("get_findings")
    found = list(paginator.paginate(Filters={"RecordState": equals("ACTIVE")}, PaginationConfig={"PageSize": 3}))
    assert len(found) > 2
    expect(a, [f for page in found for f in page["Findings"]], lambda f: f["RecordState"] == "ACTIVE")


@case("securityhub", "GetFindings", "throttling", "more than a burst of six at three a second")
def _(a):
    a.still.hurry = True
    try:
        started = time.monotonic()
        error = refused("TooManyRequestsException", lambda: [a.still.securityhub.get_findings(MaxResults=1)
                                                            for _ in range(40)])
        assert error["ResponseMetadata"]["HTTPStatusCode"] == 429
    finally:
        a.still.hurry = False
        time.sleep(max(0.0, started + 3 - time.monotonic()))


@case("securityhub", "GetFindings", "validation", "page size, token, comparison, order")
def _(a):
    loose = a.still.client("securityhub", check=False).get_findings
    for size in (0, 101):
        refused(INVALID, loose, MaxResults=size)
    refused(INVALID, loose, NextToken="no-token-of-yours")
    refused(INVALID, loose, Filters={"Title": equals("a", comparison="LIKE")})
    refused(INVALID, loose, SortCriteria=[{"Field": "UpdatedAt", "SortOrder": "up"}])
    refused(INVALID, loose, Filters={"UpdatedAt": [{"Start": "yesterday", "End": "today"}]})


def chosen(a, at):
    return a.once(f"hub {at}", lambda: [f for f in known(a) if f["RecordState"] == "ACTIVE"][at])


@case("securityhub", "BatchUpdateFindings", "success", "workflow, note, severity and more stick; the update's time stays")
def _(a):
    before = chosen(a, 0)
    answer = a.still.securityhub.batch_update_findings(
        FindingIdentifiers=[identifier(before)], Workflow={"Status": "NOTIFIED"},
        Note={"Text": "owner told", "UpdatedBy": "night-shift"}, Severity={"Label": "CRITICAL"},
        VerificationState="TRUE_POSITIVE", Confidence=87, Criticality=42, UserDefinedFields={"ticket": "IR-2207"},
        Types=["Effects/Data Exfiltration"])
    assert answer["ProcessedFindings"] == [identifier(before)] and answer["UnprocessedFindings"] == []
    after = until(lambda: again(a, before), lambda f: f["Workflow"]["Status"] == "NOTIFIED")
    assert (after["Note"]["Text"], after["Note"]["UpdatedBy"]) == ("owner told", "night-shift")
    assert (after["Severity"]["Label"], after["VerificationState"]) == ("CRITICAL", "TRUE_POSITIVE")
    assert (after["Confidence"], after["Criticality"]) == (87, 42)
    assert after["UserDefinedFields"] == {"ticket": "IR-2207"} and after["Types"] == ["Effects/Data Exfiltration"]
    assert after["UpdatedAt"] == before["UpdatedAt"]
    assert identifier(before) in [identifier(f) for f in where(a, WorkflowStatus=equals("NOTIFIED"))]


@case("securityhub", "BatchUpdateFindings", "success", "each workflow status")
def _(a):
    found = chosen(a, 1)
    for status in ("SUPPRESSED", "RESOLVED", "NEW"):
        a.still.securityhub.batch_update_findings(FindingIdentifiers=[identifier(found)], Workflow={"Status": status})
        until(lambda: again(a, found)["Workflow"]["Status"], lambda now: now == status)


@case("securityhub", "BatchUpdateFindings", "missing", "one that is not there does not hold up one that is")
def _(a):
    there, gone = identifier(chosen(a, 1)), {"Id": "no-such-finding", "ProductArn": chosen(a, 1)["ProductArn"]}
    answer = a.still.securityhub.batch_update_findings(FindingIdentifiers=[gone, there],
                                                       Workflow={"Status": "NOTIFIED"})
    assert answer["ProcessedFindings"] == [there]
    [left] = answer["UnprocessedFindings"]
    assert (left["FindingIdentifier"], left["ErrorCode"]) == (gone, "FindingNotFound")
    until(lambda: again(a, chosen(a, 1))["Workflow"]["Status"], lambda now: now == "NOTIFIED")


@case("securityhub", "BatchUpdateFindings", "conflict", "the same finding twice, the same status again")
def _(a):
    there = identifier(chosen(a, 1))
    for _ in range(2):
        answer = a.still.securityhub.batch_update_findings(FindingIdentifiers=[there], Workflow={"Status": "RESOLVED"})
        assert answer["ProcessedFindings"] == [there]


@case("securityhub", "BatchUpdateFindings", "validation", "101 findings, a status of no list, a number out of range")
def _(a):
    loose = a.still.client("securityhub", check=False).batch_update_findings
    one = identifier(chosen(a, 1))
    many = [{"Id": f"finding-{n}", "ProductArn": one["ProductArn"]} for n in range(101)]
    refused(INVALID, loose, FindingIdentifiers=many, Workflow={"Status": "NOTIFIED"})
    refused(INVALID, loose, FindingIdentifiers=[one], Workflow={"Status": "DONE"})
    refused(INVALID, loose, FindingIdentifiers=[one], Confidence=101)
    refused(INVALID, loose, FindingIdentifiers=[one], Note={"Text": "by nobody"})
    refused(INVALID, loose, Workflow={"Status": "NOTIFIED"})


def own(a, name, **more):
    """A finding of our own for the account's default product."""
    made = {
        "SchemaVersion": "2018-10-08", "Id": f"quell-table/{name}", "GeneratorId": "quell-table",
        "ProductArn": f"arn:aws:securityhub:{a.region}:{a.number}:product/{a.number}/default",
        "AwsAccountId": a.number, "Types": ["Unusual Behaviors/User"], "CreatedAt": "2026-11-20T08:00:00Z",
        "UpdatedAt": "2026-11-20T08:00:00Z", "Severity": {"Label": "LOW"}, "Title": f"Found by hand: {name}",
        "Description": "Written for this table.",
        "Resources": [{"Type": "AwsIamUser", "Id": f"arn:aws:iam::{a.number}:user/{name}", "Partition": "aws",
                       "Region": a.region}],
    }
    return made | more


@case("securityhub", "BatchImportFindings", "success", "two new findings, active and new")
def _(a):
    made = [own(a, "one"), own(a, "two", Severity={"Label": "HIGH"})]
    answer = a.still.securityhub.batch_import_findings(Findings=made)
    assert (answer["SuccessCount"], answer["FailedCount"], answer.get("FailedFindings", [])) == (2, 0, [])
    for one in made:
        found = until(lambda: where(a, Id=equals(one["Id"])), bool)[0]
        assert (found["Title"], found["RecordState"], found["Workflow"]["Status"]) == (one["Title"], "ACTIVE", "NEW")
        assert found["Severity"]["Label"] == one["Severity"]["Label"]


@case("securityhub", "BatchImportFindings", "conflict", "a newer copy changes the finding, not what its owner set")
def _(a):
    a.still.securityhub.batch_update_findings(
        FindingIdentifiers=[identifier(own(a, "one"))], Workflow={"Status": "SUPPRESSED"},
        Note={"Text": "known", "UpdatedBy": "night-shift"}, UserDefinedFields={"ticket": "IR-1"})
    newer = own(a, "one", Title="Found by hand, again", UpdatedAt="2026-11-20T09:00:00Z", Workflow={"Status": "NEW"},
                Note={"Text": "mine", "UpdatedBy": "product", "UpdatedAt": "2026-11-20T09:00:00Z"})
    answer = a.still.securityhub.batch_import_findings(Findings=[newer])
    assert (answer["SuccessCount"], answer["FailedCount"]) == (1, 0)
    found = until(lambda: again(a, newer), lambda f: f["Title"] == newer["Title"])
    assert (found["Workflow"]["Status"], found["Note"]["Text"]) == ("SUPPRESSED", "known")
    assert found["UserDefinedFields"] == {"ticket": "IR-1"}


@case("securityhub", "BatchImportFindings", "validation", "a bad finding fails alone, with its reason")
def _(a):
    bad = [own(a, "bad-time", UpdatedAt="yesterday"), own(a, "bad-account", AwsAccountId="999999999999"),
           own(a, "bad-label", Severity={"Label": "TERRIBLE"})]
    answer = a.still.client("securityhub", check=False).batch_import_findings(Findings=[own(a, "three"), *bad])
    assert (answer["SuccessCount"], answer["FailedCount"]) == (1, 3), answer
    assert {f["Id"] for f in answer["FailedFindings"]} == {f["Id"] for f in bad}
    assert {f["ErrorCode"] for f in answer["FailedFindings"]} <= {"InvalidInput", "AccessDenied", "InvalidAccess"}
    until(lambda: where(a, Id=equals(own(a, "three")["Id"])), bool)
    assert where(a, Id=equals(bad[0]["Id"])) == []


@case("securityhub", "BatchImportFindings", "conflict", "an older copy changes nothing")
def _(a):
    before = again(a, own(a, "one"))
    older = own(a, "one", Title="Found by hand, long ago", UpdatedAt="2026-11-19T08:00:00Z")
    a.still.securityhub.batch_import_findings(Findings=[older])
    assert again(a, older) == before


@case("securityhub", "BatchImportFindings", "validation", "too large, a member lacking, no resource")
def _(a):
    bare = own(a, "bad-bare")
    del bare["GeneratorId"]
    bad = [own(a, "bad-large", Description="x" * (240 * 1024)), bare, own(a, "bad-resources", Resources=[])]
    answer = a.still.client("securityhub", check=False).batch_import_findings(Findings=[*bad, own(a, "four")])
    assert (answer["SuccessCount"], answer["FailedCount"]) == (1, 3), answer
    assert [f["Id"] for f in answer["FailedFindings"]] == [f["Id"] for f in bad]
    large, lacking, empty = (f["ErrorMessage"] for f in answer["FailedFindings"])
    assert "240" in large and "GeneratorId" in lacking and "Resources" in empty
    until(lambda: where(a, Id=equals(own(a, "four")["Id"])), bool)
    assert where(a, Id=equals(*(f["Id"] for f in bad))) == []


@case("securityhub", "BatchImportFindings", "missing", "another's product is denied, and nothing comes in")
def _(a):
    stranger = own(a, "stranger", ProductArn=f"arn:aws:securityhub:{a.region}::product/nobody/nothing")
    denied = refused({"AccessDeniedException", "AccessDenied"}, a.still.securityhub.batch_import_findings,
                     Findings=[own(a, "five"), stranger])
    assert "securityhub:BatchImportFindings" in denied["Error"]["Message"]
    assert where(a, Id=equals(own(a, "five")["Id"], stranger["Id"])) == []


@case("securityhub", "BatchImportFindings", "validation", "no finding, 101 findings")
def _(a):
    loose = a.still.client("securityhub", check=False).batch_import_findings
    refused(INVALID, loose, Findings=[])
    refused(INVALID, loose, Findings=[own(a, f"many-{n}") for n in range(101)])
