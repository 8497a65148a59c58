use crate::simulator::testing::{Bench, text};
use serde_json::{Value, json};

const GROUP: &str = "rslvr-frg-5f1c0a9d7e3b4826";
const EMPTY: &str = "rslvr-frg-0b7d42e8c6a19f35";

fn ask(bench: &mut Bench, operation: &str, body: &Value) -> (u16, Value) {
    let target = format!("Route53Resolver.{operation}");
    let response = bench.send("route53resolver", "POST", "/", &[("x-amz-target", &target)], &body.to_string());
    (response.status, serde_json::from_str(&text(&response)).unwrap())
}

fn wanted(bench: &Bench, group: &str, priority: i64, token: &str) -> Value {
    json!({ "CreatorRequestId": token, "FirewallRuleGroupId": group, "VpcId": bench.world.scenario.vpc,
        "Priority": priority, "Name": "one", "MutationProtection": "DISABLED" })
}

/// The groups of the VPC, by id and status.
fn there(bench: &mut Bench) -> Vec<(String, String)> {
    let of = json!({ "VpcId": bench.world.scenario.vpc });
    let (status, answer) = ask(bench, "ListFirewallRuleGroupAssociations", &of);
    assert_eq!(status, 200);
    let word = |one: &Value, member: &str| one[member].as_str().unwrap().to_owned();
    let all = answer["FirewallRuleGroupAssociations"].as_array().unwrap();
    all.iter().map(|one| (word(one, "FirewallRuleGroupId"), word(one, "Status"))).collect()
}

fn refused(bench: &mut Bench, operation: &str, body: &Value) -> String {
    let (status, answer) = ask(bench, operation, body);
    assert_eq!(status, 400, "{answer}");
    answer["__type"].as_str().unwrap().to_owned()
}

#[test]
fn a_group_comes_into_the_vpc_and_goes_after_a_while() {
    let mut bench = Bench::new("crypto-mining");
    assert_eq!(there(&mut bench), []);
    let body = wanted(&bench, GROUP, 101, "t");
    let (status, made) = ask(&mut bench, "AssociateFirewallRuleGroup", &body);
    assert_eq!(status, 200);
    assert_eq!(there(&mut bench), [(GROUP.to_owned(), "UPDATING".to_owned())]);
    // The same again is the same, and makes no second one.
    assert_eq!(ask(&mut bench, "AssociateFirewallRuleGroup", &body), (200, made.clone()));
    bench.wait(40);
    assert_eq!(there(&mut bench), [(GROUP.to_owned(), "COMPLETE".to_owned())]);
    let id = json!({ "FirewallRuleGroupAssociationId": made["FirewallRuleGroupAssociation"]["Id"] });
    assert_eq!(ask(&mut bench, "DisassociateFirewallRuleGroup", &id).0, 200);
    assert_eq!(there(&mut bench), [(GROUP.to_owned(), "DELETING".to_owned())]);
    assert_eq!(refused(&mut bench, "DisassociateFirewallRuleGroup", &id), "ConflictException");
    bench.wait(40);
    assert_eq!(there(&mut bench), []);
    assert_eq!(refused(&mut bench, "GetFirewallRuleGroupAssociation", &id), "ResourceNotFoundException");
}

#[test]
fn a_group_stands_in_a_vpc_once_and_alone_at_its_place() {
    let mut bench = Bench::new("crypto-mining");
    let body = wanted(&bench, GROUP, 200, "t");
    assert_eq!(ask(&mut bench, "AssociateFirewallRuleGroup", &body).0, 200);
    for (group, priority, token) in [(GROUP, 201, "u"), (EMPTY, 200, "u"), (GROUP, 201, "t")] {
        let body = wanted(&bench, group, priority, token);
        assert_eq!(refused(&mut bench, "AssociateFirewallRuleGroup", &body), "ConflictException");
    }
    for (member, value, code) in [
        ("Priority", json!(100), "ValidationException"),
        ("Priority", json!(9901), "ValidationException"),
        ("Name", json!("12"), "ValidationException"),
        ("Name", json!("a/b"), "ValidationException"),
        ("FirewallRuleGroupId", json!("rslvr-frg-0"), "ResourceNotFoundException"),
        ("FirewallRuleGroupId", json!(""), "ValidationException"),
        ("VpcId", json!("vpc-0"), "ResourceNotFoundException"),
        ("VpcId", json!("sg-0"), "ValidationException"),
    ] {
        let mut body = wanted(&bench, EMPTY, 300, "v");
        body[member] = value;
        assert_eq!(refused(&mut bench, "AssociateFirewallRuleGroup", &body), code, "{body}");
    }
    assert_eq!(there(&mut bench).len(), 1);
}

#[test]
fn what_is_protected_stays_and_another_region_has_nothing() {
    let mut bench = Bench::new("crypto-mining");
    let mut body = wanted(&bench, EMPTY, 101, "t");
    body["MutationProtection"] = json!("ENABLED");
    let made = ask(&mut bench, "AssociateFirewallRuleGroup", &body).1;
    let id = json!({ "FirewallRuleGroupAssociationId": made["FirewallRuleGroupAssociation"]["Id"] });
    assert_eq!(refused(&mut bench, "DisassociateFirewallRuleGroup", &id), "ConflictException");
    let group = json!({ "FirewallRuleGroupId": EMPTY });
    assert_eq!(ask(&mut bench, "GetFirewallRuleGroup", &group).1["FirewallRuleGroup"]["RuleCount"], 0);
    let vpc = json!({ "ResourceId": bench.world.scenario.vpc });
    assert_eq!(ask(&mut bench, "GetFirewallConfig", &vpc).1["FirewallConfig"]["FirewallFailOpen"], "DISABLED");
    bench.region = "us-west-2".to_owned();
    assert_eq!(there(&mut bench), []);
    for (operation, body) in
        [("GetFirewallRuleGroup", group), ("GetFirewallRuleGroupAssociation", id), ("GetFirewallConfig", vpc)]
    {
        assert_eq!(refused(&mut bench, operation, &body), "ResourceNotFoundException");
    }
}
