use super::Wanted;
use crate::aws::fake::{Answer, Asked, Fake, run};
use crate::aws::{Allow, ConnectOptions, ConnectionKind, ErrorClass, Failure, Reader};

const OPERATIONS: [(&str, &str); 6] = [
    ("Route53Resolver", "AssociateFirewallRuleGroup"),
    ("Route53Resolver", "DisassociateFirewallRuleGroup"),
    ("Route53Resolver", "GetFirewallConfig"),
    ("Route53Resolver", "GetFirewallRuleGroup"),
    ("Route53Resolver", "GetFirewallRuleGroupAssociation"),
    ("Route53Resolver", "ListFirewallRuleGroupAssociations"),
];
const ONE: &str = r#"{"Id":"rslvr-frgassoc-1","FirewallRuleGroupId":"rslvr-frg-1","VpcId":"vpc-1","Name":"n",
    "Priority":101,"Status":"UPDATING","CreatorRequestId":"t"}"#;

/// A client that may call all of it as reads: what is tested is what goes over the wire.
fn client(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Reader, Fake) {
    let fake = Fake::new(script);
    let allow = Allow { read: OPERATIONS.to_vec(), ..Allow::default() };
    let connection = fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow);
    (connection.reader("eu-west-1"), fake)
}

#[test]
fn a_vpc_s_groups_are_read_page_by_page_and_one_is_put_there_and_taken_out() {
    let (reader, fake) = client(|asked| match asked.operation.as_str() {
        "ListFirewallRuleGroupAssociations" if asked.body.contains("NextToken") => {
            Answer::ok(format!("{{\"FirewallRuleGroupAssociations\":[{ONE}]}}"))
        }
        "ListFirewallRuleGroupAssociations" => {
            Answer::ok(format!("{{\"NextToken\":\"2\",\"FirewallRuleGroupAssociations\":[{ONE}]}}"))
        }
        "GetFirewallRuleGroup" => {
            Answer::ok(r#"{"FirewallRuleGroup":{"Id":"rslvr-frg-1","Name":"g","RuleCount":3,"Status":"COMPLETE"}}"#)
        }
        "GetFirewallConfig" => Answer::ok(r#"{"FirewallConfig":{"ResourceId":"vpc-1","FirewallFailOpen":"ENABLED"}}"#),
        _ => Answer::ok(format!("{{\"FirewallRuleGroupAssociation\":{ONE}}}")),
    });
    let resolver = reader.resolver();
    let all = run(resolver.list_firewall_rule_group_associations("vpc-1")).unwrap().unwrap();
    assert_eq!((all.len(), all[1].priority, &all[1].status), (2, 101, &"UPDATING".into()));
    let group = run(resolver.get_firewall_rule_group("rslvr-frg-1")).unwrap();
    assert_eq!((group.name, group.rule_count, group.status), (Some("g".into()), Some(3), "COMPLETE".into()));
    assert_eq!(run(resolver.get_firewall_config("vpc-1")).unwrap(), "ENABLED".into());
    let wanted = Wanted { group: "rslvr-frg-1", vpc: "vpc-1", priority: 101, name: "n", token: "t" };
    let made = run(resolver.associate_firewall_rule_group(wanted)).unwrap().value;
    assert_eq!((made.id, made.creator_request_id), ("rslvr-frgassoc-1".into(), Some("t".into())));
    let asked = fake.asked().last().unwrap().clone();
    assert_eq!(asked.uri, "https://route53resolver.eu-west-1.amazonaws.com/");
    assert_eq!(asked.header("x-amz-target"), Some("Route53Resolver.AssociateFirewallRuleGroup"));
    assert_eq!(
        asked.body,
        r#"{"CreatorRequestId":"t","FirewallRuleGroupId":"rslvr-frg-1","MutationProtection":"DISABLED","Name":"n","Priority":101,"VpcId":"vpc-1"}"#
    );
    assert!(asked.authorization.contains("/eu-west-1/route53resolver/aws4_request"), "{}", asked.authorization);
    assert!(run(resolver.disassociate_firewall_rule_group("rslvr-frgassoc-1")).is_ok());
    let body = fake.asked().last().unwrap().body.clone();
    assert_eq!(body, r#"{"FirewallRuleGroupAssociationId":"rslvr-frgassoc-1"}"#);
}

#[test]
fn pages_without_an_end_are_no_list_and_what_is_not_there_is_not_found() {
    let (reader, fake) = client(|_| Answer::ok(r#"{"NextToken":"n"}"#));
    assert_eq!(run(reader.resolver().list_firewall_rule_group_associations("vpc-1")).unwrap(), None);
    assert_eq!(fake.asked().len(), 20);
    let body = r#"{"__type":"ResourceNotFoundException","Message":"No."}"#;
    let (reader, _) = client(move |_| Answer::Whole(400, "", body.as_bytes().to_vec()));
    let error = run(reader.resolver().get_firewall_rule_group_association("rslvr-frgassoc-1")).unwrap_err();
    assert_eq!(Failure::of(&error).class, ErrorClass::NotFound);
}
