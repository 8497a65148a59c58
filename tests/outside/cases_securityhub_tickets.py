"""Security Hub's second version, as far as tickets need it, from its service model (2018-10-26) and API reference."""

from harness import case, pages, refused

INVALID = "ValidationException"
MISSING = "ResourceNotFoundException"
# The account's connectors: one that is connected, one that waits to be authorised.
JIRA = "8b0f6c1e-2d47-4a93-9c58-e1d2f3a4b5c6"
SERVICE_NOW = "1f5d7a20-93be-4c68-b1f0-6ad2c49e8037"
NOBODY = "00000000-0000-4000-8000-000000000000"


def where(value, field="finding_info.uid"):
    return {"CompositeFilters": [{"StringFilters": [
        {"FieldName": field, "Filter": {"Value": value, "Comparison": "EQUALS"}}]}]}


def ticket(a):
    """What a ticket is asked for with: a connector, and what the hub calls a finding."""
    found = a.once("second version", lambda: a.still.securityhub.get_findings_v2(MaxResults=2)["Findings"])
    return {"ConnectorId": JIRA, "FindingMetadataUid": found[0]["metadata"]["uid"]}


@case("securityhub", "GetConnectorV2", "success", "where its tickets are, and whether it is connected")
def _(a):
    found = a.still.securityhub.get_connector_v2(ConnectorId=JIRA)
    assert found["ConnectorId"] == JIRA and found["Health"]["ConnectorStatus"] == "CONNECTED"
    assert set(found["ProviderDetail"]) == {"JiraCloud"}
    waits = a.still.securityhub.get_connector_v2(ConnectorId=SERVICE_NOW)
    assert waits["Health"]["ConnectorStatus"] == "PENDING_AUTHORIZATION" and set(waits["ProviderDetail"]) == {"ServiceNow"}


@case("securityhub", "GetConnectorV2", "missing", "a connector of nobody")
def _(a):
    refused(MISSING, a.still.securityhub.get_connector_v2, ConnectorId=NOBODY)


@case("securityhub", "GetConnectorV2", "validation", "an id of spaces")
def _(a):
    refused(INVALID, a.still.client("securityhub", check=False).get_connector_v2, ConnectorId=" ")


@case("securityhub", "GetFindingsV2", "success", "the first version's findings, each by an id of its own")
def _(a):
    found = a.still.securityhub.get_findings_v2(MaxResults=100)["Findings"]
    first = a.still.securityhub.get_findings(MaxResults=100)["Findings"]
    assert {f["finding_info"]["uid"] for f in found} == {f["Id"] for f in first}
    assert len({f["metadata"]["uid"] for f in found}) == len(found) > 1


@case("securityhub", "GetFindingsV2", "filter", "by the finding's own id; by another field; by an id of nobody")
def _(a):
    ask = a.still.securityhub.get_findings_v2
    one = ask(MaxResults=1)["Findings"][0]
    assert ask(Filters=where(one["finding_info"]["uid"]))["Findings"] == [one]
    assert ask(Filters=where(one["metadata"]["uid"], "metadata.uid"))["Findings"] == [one]
    assert ask(Filters=where(NOBODY))["Findings"] == []


@case("securityhub", "GetFindingsV2", "paging", "page by page it is all of it")
def _(a):
    ask = a.still.securityhub.get_findings_v2
    found = pages(ask, "NextToken", {"MaxResults": 2}, "Findings")
    assert [f for page in found for f in page] == ask(MaxResults=100)["Findings"] and len(found) > 1


@case("securityhub", "GetFindingsV2", "validation", "pages of nothing")
def _(a):
    refused(INVALID, a.still.client("securityhub", check=False).get_findings_v2, MaxResults=0)


@case("securityhub", "CreateTicketV2", "success", "a ticket, and where to read it; the same token is the same ticket")
def _(a):
    create, asked = a.still.securityhub.create_ticket_v2, ticket(a)
    one = create(**asked, ClientToken="one")
    assert one["TicketId"] and one["TicketSrcUrl"].endswith(one["TicketId"])
    assert create(**asked, ClientToken="one")["TicketId"] == one["TicketId"]
    assert create(**asked)["TicketId"] != one["TicketId"]


@case("securityhub", "CreateTicketV2", "conflict", "a token that was another ticket's")
def _(a):
    create, asked = a.still.securityhub.create_ticket_v2, ticket(a)
    create(**asked, ClientToken="two")
    other = a.kept["second version"][1]["metadata"]["uid"]
    refused("ConflictException", create, ConnectorId=JIRA, FindingMetadataUid=other, ClientToken="two")


@case("securityhub", "CreateTicketV2", "conflict", "a connector that is not connected")
def _(a):
    refused("ConflictException", a.still.securityhub.create_ticket_v2, **ticket(a) | {"ConnectorId": SERVICE_NOW})


@case("securityhub", "CreateTicketV2", "missing", "a connector of nobody")
def _(a):
    refused(MISSING, a.still.securityhub.create_ticket_v2, **ticket(a) | {"ConnectorId": NOBODY})


@case("securityhub", "CreateTicketV2", "missing", "a finding of nobody")
def _(a):
    refused(MISSING, a.still.securityhub.create_ticket_v2, **ticket(a) | {"FindingMetadataUid": NOBODY})


@case("securityhub", "CreateTicketV2", "validation", "a finding of spaces")
def _(a):
    asked = ticket(a) | {"FindingMetadataUid": " "}
    refused(INVALID, a.still.client("securityhub", check=False).create_ticket_v2, **asked)
