"""The DNS Firewall of Route 53 Resolver, from its service model (2018-04-01) and API reference: rule groups that are there,
and are put into a VPC or taken out of it, which takes a while."""

from harness import case, pages, refused, until

GROUP = "rslvr-frg-5f1c0a9d7e3b4826"
EMPTY = "rslvr-frg-0b7d42e8c6a19f35"
NOBODY = "rslvr-frg-ffffffffffffffff"
GONE = "rslvr-frgassoc-ffffffffffffffff"
INVALID, MISSING, CONFLICT = "ValidationException", "ResourceNotFoundException", "ConflictException"
ELSEWHERE = "us-west-2"


def vpc(a):
    return a.once("vpc", lambda: a.still.ec2.describe_instances()["Reservations"][0]["Instances"][0]["VpcId"])


def asked(a, group=GROUP, priority=101, token="one", protection="DISABLED"):
    return {"CreatorRequestId": token, "FirewallRuleGroupId": group, "VpcId": vpc(a), "Priority": priority,
            "Name": f"quell {token}", "MutationProtection": protection}


def put(a, account, *what):
    """The same call again gives the same association."""
    return account.route53resolver.associate_firewall_rule_group(**asked(a, *what))["FirewallRuleGroupAssociation"]


def protected(a):
    """An association of the slow account that nobody may take out."""
    return put(a, a.still, EMPTY, 102, "two", "ENABLED")


def there(a, account, **more):
    found = account.route53resolver.list_firewall_rule_group_associations(VpcId=vpc(a), **more)
    return {one["FirewallRuleGroupId"]: one["Status"] for one in found["FirewallRuleGroupAssociations"]}


@case("route53resolver", "AssociateFirewallRuleGroup", "success", "it is in force a while after; the same again is the same")
def _(a):
    first = put(a, a.fast)
    assert (first["Status"], first["Priority"], first["VpcId"]) == ("UPDATING", 101, vpc(a))
    assert first["CreatorRequestId"] == "one" and first["Name"] == "quell one"
    assert put(a, a.fast)["Id"] == first["Id"]
    assert until(lambda: there(a, a.fast)[GROUP], lambda found: found == "COMPLETE")


@case("route53resolver", "AssociateFirewallRuleGroup", "conflict", "a group twice, two at one place, a token for another")
def _(a):
    call = a.still.route53resolver.associate_firewall_rule_group
    call(**asked(a))
    refused(CONFLICT, call, **asked(a, GROUP, 103, "three"))
    refused(CONFLICT, call, **asked(a, EMPTY, 101, "three"))
    refused(CONFLICT, call, **asked(a, EMPTY, 103, "one"))


@case("route53resolver", "AssociateFirewallRuleGroup", "missing", "a group, a VPC, and another Region")
def _(a):
    call = a.still.route53resolver.associate_firewall_rule_group
    refused(MISSING, call, **asked(a, NOBODY, 104, "four"))
    refused(MISSING, call, **asked(a, EMPTY, 104, "four") | {"VpcId": "vpc-0ffffffffffffffff"})
    call = a.still.client("route53resolver", region=ELSEWHERE).associate_firewall_rule_group
    refused(MISSING, call, **asked(a, EMPTY, 104, "four"))


@case("route53resolver", "AssociateFirewallRuleGroup", "validation", "a place of AWS's own, and a name of figures alone")
def _(a):
    loose = a.still.client("route53resolver", check=False).associate_firewall_rule_group
    for wrong in ({"Priority": 100}, {"Priority": 9901}, {"Name": "12"}, {"Name": "a/b"}, {"FirewallRuleGroupId": ""}):
        refused(INVALID, loose, **asked(a, EMPTY, 105, "five") | wrong)


@case("route53resolver", "DisassociateFirewallRuleGroup", "success", "it is gone a while after")
def _(a):
    call = a.fast.route53resolver.disassociate_firewall_rule_group
    found = call(FirewallRuleGroupAssociationId=put(a, a.fast)["Id"])["FirewallRuleGroupAssociation"]
    assert (found["Status"], found["FirewallRuleGroupId"]) == ("DELETING", GROUP)
    until(lambda: there(a, a.fast), lambda found: GROUP not in found)


@case("route53resolver", "DisassociateFirewallRuleGroup", "conflict", "one that is protected")
def _(a):
    call = a.still.route53resolver.disassociate_firewall_rule_group
    refused(CONFLICT, call, FirewallRuleGroupAssociationId=protected(a)["Id"])


@case("route53resolver", "DisassociateFirewallRuleGroup", "missing", "no such association")
def _(a):
    refused(MISSING, a.still.route53resolver.disassociate_firewall_rule_group, FirewallRuleGroupAssociationId=GONE)


@case("route53resolver", "DisassociateFirewallRuleGroup", "validation", "an id that is longer than ids are")
def _(a):
    loose = a.still.client("route53resolver", check=False).disassociate_firewall_rule_group
    refused(INVALID, loose, FirewallRuleGroupAssociationId="x" * 65)


@case("route53resolver", "GetFirewallConfig", "success", "what becomes of a look-up while the firewall does not answer")
def _(a):
    found = a.still.route53resolver.get_firewall_config(ResourceId=vpc(a))["FirewallConfig"]
    assert (found["ResourceId"], found["OwnerId"], found["FirewallFailOpen"]) == (vpc(a), a.number, "DISABLED")


@case("route53resolver", "GetFirewallConfig", "missing", "a VPC")
def _(a):
    refused(MISSING, a.still.route53resolver.get_firewall_config, ResourceId="vpc-0ffffffffffffffff")


@case("route53resolver", "GetFirewallConfig", "validation", "what is no VPC")
def _(a):
    refused(INVALID, a.still.client("route53resolver", check=False).get_firewall_config, ResourceId="production")


@case("route53resolver", "GetFirewallRuleGroup", "success", "its name and how many rules it has, which may be none")
def _(a):
    call = a.still.route53resolver.get_firewall_rule_group
    found = call(FirewallRuleGroupId=GROUP)["FirewallRuleGroup"]
    assert (found["Id"], found["RuleCount"], found["Status"], found["OwnerId"]) == (GROUP, 1, "COMPLETE", a.number)
    assert call(FirewallRuleGroupId=EMPTY)["FirewallRuleGroup"]["RuleCount"] == 0


@case("route53resolver", "GetFirewallRuleGroup", "missing", "no such group, and one of another Region")
def _(a):
    refused(MISSING, a.still.route53resolver.get_firewall_rule_group, FirewallRuleGroupId=NOBODY)
    call = a.still.client("route53resolver", region=ELSEWHERE).get_firewall_rule_group
    refused(MISSING, call, FirewallRuleGroupId=GROUP)


@case("route53resolver", "GetFirewallRuleGroup", "validation", "no id")
def _(a):
    refused(INVALID, a.still.client("route53resolver", check=False).get_firewall_rule_group, FirewallRuleGroupId="")


@case("route53resolver", "GetFirewallRuleGroupAssociation", "success", "as it was put there")
def _(a):
    made = protected(a)
    found = a.still.route53resolver.get_firewall_rule_group_association(FirewallRuleGroupAssociationId=made["Id"])
    found = found["FirewallRuleGroupAssociation"]
    assert (found["FirewallRuleGroupId"], found["Priority"], found["MutationProtection"]) == (EMPTY, 102, "ENABLED")


@case("route53resolver", "GetFirewallRuleGroupAssociation", "missing", "no such association")
def _(a):
    refused(MISSING, a.still.route53resolver.get_firewall_rule_group_association, FirewallRuleGroupAssociationId=GONE)


@case("route53resolver", "GetFirewallRuleGroupAssociation", "validation", "no id")
def _(a):
    loose = a.still.client("route53resolver", check=False).get_firewall_rule_group_association
    refused(INVALID, loose, FirewallRuleGroupAssociationId="")


@case("route53resolver", "ListFirewallRuleGroupAssociations", "success", "all that the VPC has")
def _(a):
    put(a, a.still)
    protected(a)
    assert sorted(there(a, a.still)) == sorted([GROUP, EMPTY])


@case("route53resolver", "ListFirewallRuleGroupAssociations", "filter", "by group, by place, by status")
def _(a):
    put(a, a.still)
    protected(a)
    assert list(there(a, a.still, FirewallRuleGroupId=EMPTY)) == [EMPTY]
    assert list(there(a, a.still, Priority=101)) == [GROUP]
    assert there(a, a.still, Status="DELETING") == {}


@case("route53resolver", "ListFirewallRuleGroupAssociations", "paging", "a row on each page, and a token that is no token")
def _(a):
    put(a, a.still)
    protected(a)
    call = a.still.route53resolver.list_firewall_rule_group_associations
    found = pages(call, "NextToken", {"MaxResults": 1}, "FirewallRuleGroupAssociations", VpcId=vpc(a))
    assert [len(page) for page in found] == [1, 1]
    refused(INVALID, call, VpcId=vpc(a), NextToken="bm9uZQ==")


@case("route53resolver", "ListFirewallRuleGroupAssociations", "missing", "a VPC that has none, and another Region")
def _(a):
    call = a.still.route53resolver.list_firewall_rule_group_associations
    assert call(VpcId="vpc-0ffffffffffffffff")["FirewallRuleGroupAssociations"] == []
    call = a.still.client("route53resolver", region=ELSEWHERE).list_firewall_rule_group_associations
    assert call(VpcId=vpc(a))["FirewallRuleGroupAssociations"] == []


@case("route53resolver", "ListFirewallRuleGroupAssociations", "validation", "a page without rows")
def _(a):
    loose = a.still.client("route53resolver", check=False).list_firewall_rule_group_associations
    refused(INVALID, loose, VpcId=vpc(a), MaxResults=0)
