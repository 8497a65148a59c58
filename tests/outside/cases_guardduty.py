"""GuardDuty, from its service model (2017-11-28) and API reference. What findings there are, the account itself says."""

from harness import case, ordered, pages, refused, until

NO_DETECTOR = "0123456789abcdef0123456789abcdef"
NO_FINDING = "fedcba9876543210fedcba9876543210"
BAD = "BadRequestException"


def detector(a):
    return a.once("detector", lambda: a.still.guardduty.list_detectors()["DetectorIds"][0])


def list_ids(a, **params):
    listed = pages(a.still.guardduty.list_findings, "NextToken", {"MaxResults": 50}, "FindingIds",
                   DetectorId=detector(a), **params)
    return [i for page in listed for i in page]


def where(a, **conditions):
    """Ids under these criteria; `service__archived` is `service.archived`."""
    criterion = {name.replace("__", "."): condition for name, condition in conditions.items()}
    return list_ids(a, FindingCriteria={"Criterion": criterion})


def get(a, ids, **params):
    return a.still.guardduty.get_findings(DetectorId=detector(a), FindingIds=ids, **params)["Findings"]


def findings(a):
    """All findings, by id."""
    return {f["Id"]: f for f in get(a, list_ids(a))}


def expect(a, found, keep):
    """The ids found must be those of the findings to keep: some, and not all."""
    wanted = {i for i, f in findings(a).items() if keep(f)}
    assert 0 < len(wanted) < len(findings(a)), "the criterion parts nothing"
    assert set(found) == wanted, f"{sorted(found)} instead of {sorted(wanted)}"


@case("guardduty", "ListDetectors", "success", "the region's one detector")
def _(a):
    assert len(a.still.guardduty.list_detectors()["DetectorIds"]) == 1


@case("guardduty", "ListDetectors", "success", "no detector in a region where it is not enabled")
def _(a):
    assert a.still.client("guardduty", region="ap-southeast-2").list_detectors()["DetectorIds"] == []


@case("guardduty", "ListDetectors", "paging", "a page of one is the last")
def _(a):
    found = pages(a.still.guardduty.list_detectors, "NextToken", {"MaxResults": 1}, "DetectorIds")
    assert [i for page in found for i in page] == [detector(a)]


@case("guardduty", "ListDetectors", "validation", "a page of 51 or of none")
def _(a):
    for size in (0, 51):
        refused(BAD, a.still.client("guardduty", check=False).list_detectors, MaxResults=size)


@case("guardduty", "GetDetector", "success", "enabled, with its features")
def _(a):
    answer = a.still.guardduty.get_detector(DetectorId=detector(a))
    assert answer["Status"] == "ENABLED" and answer["ServiceRole"].startswith("arn:aws:iam::" + a.number)


@case("guardduty", "GetDetector", "missing", "a detector of nobody")
def _(a):
    refused(BAD, a.still.guardduty.get_detector, DetectorId=NO_DETECTOR)


@case("guardduty", "GetDetector", "validation", "an id longer than the model has any")
def _(a):
    refused(BAD, a.still.client("guardduty", check=False).get_detector, DetectorId="d" * 301)


@case("guardduty", "ListFindings", "success", "archived ones too when nothing is asked")
def _(a):
    found = findings(a)
    assert {f["Service"]["Archived"] for f in found.values()} == {True, False}
    assert all(f["AccountId"] == a.number and f["Region"] == a.region for f in found.values())


@case("guardduty", "ListFindings", "filter", "severity from 7 up, below 7, between")
def _(a):
    expect(a, where(a, severity={"GreaterThanOrEqual": 7}), lambda f: f["Severity"] >= 7)
    expect(a, where(a, severity={"Gte": 7}), lambda f: f["Severity"] >= 7)
    expect(a, where(a, severity={"LessThan": 7}), lambda f: f["Severity"] < 7)
    expect(a, where(a, severity={"Lt": 8, "Gt": 2}), lambda f: 2 < f["Severity"] < 8)
    expect(a, where(a, severity={"LessThanOrEqual": 2}), lambda f: f["Severity"] <= 2)


@case("guardduty", "ListFindings", "filter", "archived or not")
def _(a):
    expect(a, where(a, service__archived={"Equals": ["true"]}), lambda f: f["Service"]["Archived"])
    expect(a, where(a, service__archived={"Eq": ["false"]}), lambda f: not f["Service"]["Archived"])


@case("guardduty", "ListFindings", "filter", "one type, two types, all but one")
def _(a):
    types = sorted({f["Type"] for f in findings(a).values()})
    expect(a, where(a, type={"Equals": types[:1]}), lambda f: f["Type"] == types[0])
    expect(a, where(a, type={"Eq": types[:2]}), lambda f: f["Type"] in types[:2])
    expect(a, where(a, type={"NotEquals": types[:1]}), lambda f: f["Type"] != types[0])
    expect(a, where(a, type={"Neq": types[:2]}), lambda f: f["Type"] not in types[:2])


@case("guardduty", "ListFindings", "filter", "by access key, resource type, remote address and API")
def _(a):
    keys = [f["Resource"].get("AccessKeyDetails", {}).get("AccessKeyId") for f in findings(a).values()]
    key = next(k for k in keys if k)
    expect(a, where(a, resource__accessKeyDetails__accessKeyId={"Equals": [key]}),
           lambda f: f["Resource"].get("AccessKeyDetails", {}).get("AccessKeyId") == key)
    expect(a, where(a, resource__resourceType={"Equals": ["Instance"]}),
           lambda f: f["Resource"]["ResourceType"] == "Instance")

    def call(f):
        return f["Service"].get("Action", {}).get("AwsApiCallAction", {})

    api = next(c["Api"] for c in map(call, findings(a).values()) if c)
    expect(a, where(a, service__action__awsApiCallAction__api={"Equals": [api]}), lambda f: call(f).get("Api") == api)
    ip = next(c["RemoteIpDetails"]["IpAddressV4"] for c in map(call, findings(a).values()) if c.get("RemoteIpDetails"))
    expect(a, where(a, service__action__awsApiCallAction__remoteIpDetails__ipAddressV4={"Equals": [ip]}),
           lambda f: call(f).get("RemoteIpDetails", {}).get("IpAddressV4") == ip)


@case("guardduty", "ListFindings", "filter", "several conditions hold together")
def _(a):
    found = where(a, severity={"GreaterThanOrEqual": 4}, service__archived={"Equals": ["false"]},
                  resource__resourceType={"Equals": ["AccessKey"]})
    expect(a, found, lambda f: f["Severity"] >= 4 and not f["Service"]["Archived"]
           and f["Resource"]["ResourceType"] == "AccessKey")


@case("guardduty", "ListFindings", "filter", "updated after a moment, in milliseconds")
def _(a):
    from datetime import datetime

    def millis(f):
        return round(datetime.fromisoformat(f["UpdatedAt"].replace("Z", "+00:00")).timestamp() * 1000)

    middle = sorted(millis(f) for f in findings(a).values())[len(findings(a)) // 2]
    expect(a, where(a, updatedAt={"GreaterThan": middle}), lambda f: millis(f) > middle)
    expect(a, where(a, updatedAt={"GreaterThanOrEqual": middle}), lambda f: millis(f) >= middle)
    expect(a, where(a, updatedAt={"LessThan": middle}), lambda f: millis(f) < middle)


@case("guardduty", "ListFindings", "filter", "nothing fits")
def _(a):
    assert where(a, type={"Equals": ["Backdoor:EC2/Nothing"]}) == []


@case("guardduty", "ListFindings", "sort", "by the time of the update and by severity, both ways")
def _(a):
    known = findings(a)
    for order, falling in (("ASC", False), ("DESC", True)):
        ids = list_ids(a, SortCriteria={"AttributeName": "updatedAt", "OrderBy": order})
        ordered([known[i]["UpdatedAt"] for i in ids], falling)
        ids = list_ids(a, SortCriteria={"AttributeName": "severity", "OrderBy": order})
        ordered([known[i]["Severity"] for i in ids], falling)


@case("guardduty", "ListFindings", "paging", "pages of three hold every finding once, in order")
def _(a):
    order = {"SortCriteria": {"AttributeName": "updatedAt", "OrderBy": "ASC"}}
    found = pages(a.still.guardduty.list_findings, "NextToken", {"MaxResults": 3}, "FindingIds",
                  DetectorId=detector(a), **order)
    assert all(len(page) == 3 for page in found[:-1]) and len(found) > 2 and len(found[-1]) <= 3
    assert [i for page in found for i in page] == list_ids(a, **order)


@case("guardduty", "ListFindings", "paging", "botocore's paginator, under criteria")
def _(a):
    paginator = a.still.guardduty.get_paginator("list_findings")
    criteria = {"Criterion": {"service.archived": {"Eq": ["false"]}}}
    found = list(paginator.paginate(DetectorId=detector(a), FindingCriteria=criteria,
                                    PaginationConfig={"PageSize": 2}))
    ids = [i for page in found for i in page["FindingIds"]]
    assert len(found) > 2 and len(set(ids)) == len(ids)
    expect(a, ids, lambda f: not f["Service"]["Archived"])


@case("guardduty", "ListFindings", "validation", "page size, token, order, attribute")
def _(a):
    loose = a.still.client("guardduty", check=False).list_findings
    for size in (0, 51):
        refused(BAD, loose, DetectorId=detector(a), MaxResults=size)
    refused(BAD, loose, DetectorId=detector(a), NextToken="no-token-of-yours")
    refused(BAD, loose, DetectorId=detector(a), SortCriteria={"AttributeName": "updatedAt", "OrderBy": "UP"})
    criteria = {"Criterion": {"no.such.attribute": {"Eq": ["1"]}}}
    refused(BAD, loose, DetectorId=detector(a), FindingCriteria=criteria)


@case("guardduty", "ListFindings", "missing", "a detector of nobody")
def _(a):
    refused(BAD, a.still.guardduty.list_findings, DetectorId=NO_DETECTOR)


@case("guardduty", "GetFindings", "success", "two of them by their ids")
def _(a):
    wanted = list_ids(a)[:2]
    assert {f["Id"] for f in get(a, wanted)} == set(wanted)
    for found in get(a, wanted):
        assert found["Arn"].endswith(f":detector/{detector(a)}/finding/{found['Id']}")


@case("guardduty", "GetFindings", "sort", "by severity, both ways")
def _(a):
    for order, falling in (("ASC", False), ("DESC", True)):
        sort = {"AttributeName": "severity", "OrderBy": order}
        ordered([f["Severity"] for f in get(a, list_ids(a), SortCriteria=sort)], falling)


@case("guardduty", "GetFindings", "validation", "51 ids, an empty id, an order of no list")
def _(a):
    loose = a.still.client("guardduty", check=False).get_findings
    refused(BAD, loose, DetectorId=detector(a), FindingIds=[f"{n:032x}" for n in range(51)])
    refused(BAD, loose, DetectorId=detector(a), FindingIds=[""])
    sort = {"AttributeName": "severity", "OrderBy": "UP"}
    refused(BAD, loose, DetectorId=detector(a), FindingIds=list_ids(a)[:2], SortCriteria=sort)


@case("guardduty", "GetFindings", "missing", "a detector of nobody")
def _(a):
    refused(BAD, a.still.guardduty.get_findings, DetectorId=NO_DETECTOR, FindingIds=list_ids(a)[:1])


@case("guardduty", "GetFindings", "missing", "an id that nobody has is left out; the others come")
def _(a):
    # The reference names no error for it: BadRequestException is for the detector and for what the model forbids.
    there = list_ids(a)[0]
    assert [f["Id"] for f in get(a, [NO_FINDING, there])] == [there]
    assert get(a, [NO_FINDING]) == []


def archived(a, wanted):
    return lambda found: found["Service"]["Archived"] is wanted


def current(a):
    ids = where(a, service__archived={"Equals": ["false"]})
    return ids[0]


@case("guardduty", "ArchiveFindings", "success", "is gone from the current ones and stands among the archived")
def _(a):
    chosen = a.once("archived", lambda: current(a))
    a.still.guardduty.archive_findings(DetectorId=detector(a), FindingIds=[chosen])
    until(lambda: get(a, [chosen])[0], archived(a, True))
    assert chosen in where(a, service__archived={"Equals": ["true"]})
    assert chosen not in where(a, service__archived={"Equals": ["false"]})


@case("guardduty", "ArchiveFindings", "conflict", "again changes nothing")
def _(a):
    before = get(a, [a.kept["archived"]])[0]
    a.still.guardduty.archive_findings(DetectorId=detector(a), FindingIds=[a.kept["archived"]])
    assert get(a, [a.kept["archived"]])[0]["Service"]["Archived"] is before["Service"]["Archived"] is True


@case("guardduty", "UnarchiveFindings", "success", "is current again")
def _(a):
    chosen = a.kept["archived"]
    a.still.guardduty.unarchive_findings(DetectorId=detector(a), FindingIds=[chosen])
    until(lambda: get(a, [chosen])[0], archived(a, False))
    assert chosen in where(a, service__archived={"Equals": ["false"]})


@case("guardduty", "UnarchiveFindings", "conflict", "of a current one changes nothing")
def _(a):
    a.still.guardduty.unarchive_findings(DetectorId=detector(a), FindingIds=[a.kept["archived"]])
    assert get(a, [a.kept["archived"]])[0]["Service"]["Archived"] is False


@case("guardduty", "UpdateFindingsFeedback", "success", "stands in the finding")
def _(a):
    chosen = current(a)
    for feedback in ("NOT_USEFUL", "USEFUL"):
        a.still.guardduty.update_findings_feedback(DetectorId=detector(a), FindingIds=[chosen], Feedback=feedback,
                                                   Comments="seen by the night shift")
        until(lambda: get(a, [chosen])[0]["Service"].get("UserFeedback"), lambda found: found == feedback)


@case("guardduty", "UpdateFindingsFeedback", "validation", "a word that is none of the two")
def _(a):
    refused(BAD, a.still.client("guardduty", check=False).update_findings_feedback, DetectorId=detector(a),
            FindingIds=[current(a)], Feedback="MAYBE")


def each_changes(operation, name, changed, **more):
    @case("guardduty", operation, "missing", "a detector of nobody")
    def _(a):
        refused(BAD, getattr(a.still.guardduty, name), DetectorId=NO_DETECTOR, FindingIds=[current(a)], **more)

    @case("guardduty", operation, "missing", "an id that nobody has does not hold up one that somebody has")
    def _(a):
        # The reference names no error for it, and the answer has no place to tell it.
        there = current(a)
        if operation == "UnarchiveFindings":
            a.still.guardduty.archive_findings(DetectorId=detector(a), FindingIds=[there])
        assert not changed(get(a, [there])[0])
        getattr(a.still.guardduty, name)(DetectorId=detector(a), FindingIds=[NO_FINDING, there], **more)
        until(lambda: get(a, [there])[0], changed)
        assert NO_FINDING not in list_ids(a)
        a.still.guardduty.unarchive_findings(DetectorId=detector(a), FindingIds=[there])

    @case("guardduty", operation, "validation", "51 ids")
    def _(a):
        refused(BAD, getattr(a.still.client("guardduty", check=False), name), DetectorId=detector(a),
                FindingIds=[f"{n:032x}" for n in range(51)], **more)


each_changes("ArchiveFindings", "archive_findings", lambda f: f["Service"]["Archived"])
each_changes("UnarchiveFindings", "unarchive_findings", lambda f: not f["Service"]["Archived"])
each_changes("UpdateFindingsFeedback", "update_findings_feedback",
             lambda f: f["Service"].get("UserFeedback") == "NOT_USEFUL", Feedback="NOT_USEFUL")
