//! Security groups and their rules.

use super::filter::Filters;
use super::{ids, paged};
use crate::simulator::account::{GroupState, RuleState};
use crate::simulator::call::Call;
use crate::simulator::wire::Failure;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::world::World;

pub(super) const KIND: (&str, (&str, &str), &str) =
    ("sg-", ("InvalidGroup.NotFound", "InvalidGroupId.Malformed"), "security group");

pub(super) fn describe(world: &World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let here = call.region == world.scenario.region;
    let named = ids(form, "GroupId", KIND, |id| here && world.account.groups.contains_key(id))?;
    let filters = Filters::of(form, &["group-id", "group-name", "vpc-id"])?;
    let keep = |(id, group): &(&String, &GroupState)| {
        let has = |name: &str| match name {
            "group-id" => vec![(*id).clone()],
            "group-name" => vec![group.name.clone()],
            _ => vec![world.scenario.vpc.clone()],
        };
        here && (named.is_empty() || named.contains(&id.as_str())) && filters.keep(has)
    };
    let all: Vec<(&String, &GroupState)> = world.account.groups.iter().filter(keep).collect();
    paged(form, ("securityGroupInfo", !named.is_empty()), &all, |(id, group)| item(world, id, group))
}

fn item(world: &World, id: &str, group: &GroupState) -> Element {
    let rules = |name, rules: &[RuleState]| Element::Nest(name, rules.iter().map(|one| rule(world, id, one)).collect());
    Element::Nest(
        "item",
        vec![
            Element::text("ownerId", &world.scenario.account),
            Element::text("groupId", id),
            Element::text("groupName", &group.name),
            Element::text("groupDescription", format!("{} of {}", group.name, world.scenario.account_name)),
            Element::text("vpcId", &world.scenario.vpc),
            rules("ipPermissions", &group.ingress),
            rules("ipPermissionsEgress", &group.egress),
        ],
    )
}

fn rule(world: &World, id: &str, rule: &RuleState) -> Element {
    let cidr = rule.cidr.map(|cidr| Element::Nest("item", vec![Element::text("cidrIp", cidr)]));
    let itself = vec![Element::text("userId", &world.scenario.account), Element::text("groupId", id)];
    let itself = rule.cidr.is_none().then_some(Element::Nest("item", itself));
    let mut elements = vec![Element::text("ipProtocol", rule.protocol)];
    elements.extend(
        rule.ports.iter().flat_map(|(from, to)| {
            [Element::text("fromPort", from.to_string()), Element::text("toPort", to.to_string())]
        }),
    );
    elements.extend([
        Element::Nest("groups", itself.into_iter().collect()),
        Element::Nest("ipRanges", cidr.into_iter().collect()),
        Element::Nest("ipv6Ranges", Vec::new()),
        Element::Nest("prefixListIds", Vec::new()),
    ]);
    Element::Nest("item", elements)
}
