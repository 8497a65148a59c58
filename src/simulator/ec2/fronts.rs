//! The interfaces that services have in the VPC for themselves: here those of Network Load Balancers, one each. Nobody
//! but the service changes them.

use super::group_set;
use crate::simulator::scenario::TargetGroup;
use crate::simulator::wire::query::Element;
use crate::simulator::world::World;

/// The interface of the load balancer of a target group.
pub(super) struct Front {
    pub id: String,
    /// As the load balancer's ARN ends.
    name: String,
}

/// Their type, by which they can be filtered.
pub(super) const TYPE: &str = "network_load_balancer";

pub(super) fn all(world: &World) -> Vec<Front> {
    let networks = world.scenario.target_groups.iter().filter(|group| group.network);
    let front = |group: &TargetGroup| {
        let hex = crate::simulator::chance::Chance(0).hex(&format!("front of {}", group.name), 0);
        let digits = |n: usize| hex.get(..n).unwrap_or_default();
        Front { id: format!("eni-{}", digits(17)), name: format!("net/{}/{}", group.name, digits(16)) }
    };
    networks.map(front).collect()
}

impl Front {
    /// As DescribeNetworkInterfaces shows it.
    pub(super) fn element(&self, world: &World) -> Element {
        let attachment = vec![
            Element::text("attachmentId", format!("ela-attach-{}", self.id.trim_start_matches("eni-"))),
            Element::text("instanceOwnerId", "amazon-aws"),
            Element::text("deviceIndex", "1"),
            Element::text("status", "attached"),
            Element::text("deleteOnTermination", "false"),
        ];
        let elements = vec![
            Element::text("networkInterfaceId", &self.id),
            Element::text("subnetId", &world.scenario.subnet),
            Element::text("vpcId", &world.scenario.vpc),
            Element::text("availabilityZone", &world.scenario.zone),
            Element::text("description", format!("ELB {}", self.name)),
            Element::text("ownerId", &world.scenario.account),
            Element::text("requesterId", "amazon-elb"),
            Element::text("requesterManaged", "true"),
            Element::text("status", "in-use"),
            Element::text("sourceDestCheck", "false"),
            group_set(&[]),
            Element::Nest("attachment", attachment),
            Element::Nest("tagSet", Vec::new()),
            Element::text("interfaceType", TYPE),
        ];
        Element::Nest("item", elements)
    }
}
