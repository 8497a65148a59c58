//! The DNS Firewall of Route 53 Resolver.

use crate::aws::Reader;
use crate::aws::fake::run;
use crate::aws::resolver::{Association, Wanted};
use quell_core::text::Untrusted;

fn line(text: &Untrusted) -> String {
    text.line().into_string()
}

fn told(one: &Association) -> String {
    let (group, vpc) = (line(&one.firewall_rule_group_id), line(&one.vpc_id));
    let token = one.creator_request_id.as_ref().map(line).unwrap_or_default();
    format!("{} {group} {vpc} {} {} {token}", line(&one.id), one.priority, line(&one.status))
}

pub(super) fn read(reader: &Reader, operation: &str) -> String {
    let client = reader.resolver();
    match operation {
        "AssociateFirewallRuleGroup" => {
            let wanted = Wanted { group: "g", vpc: "v", priority: 101, name: "n", token: "t" };
            told(&run(client.associate_firewall_rule_group(wanted)).unwrap().value)
        }
        "DisassociateFirewallRuleGroup" => told(&run(client.disassociate_firewall_rule_group("a")).unwrap().value),
        "GetFirewallConfig" => line(&run(client.get_firewall_config("v")).unwrap()),
        "GetFirewallRuleGroup" => {
            let found = run(client.get_firewall_rule_group("g")).unwrap();
            format!(
                "{} {:?} {}",
                found.name.as_ref().map(line).unwrap_or_default(),
                found.rule_count,
                line(&found.status)
            )
        }
        "GetFirewallRuleGroupAssociation" => told(&run(client.get_firewall_rule_group_association("a")).unwrap()),
        "ListFirewallRuleGroupAssociations" => {
            run(client.list_firewall_rule_group_associations("v")).unwrap().unwrap().iter().map(told).collect()
        }
        other => panic!("{other}"),
    }
}
