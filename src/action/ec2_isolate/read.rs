//! What there is: the instance, its interfaces, security groups.

use super::super::calls;
use super::super::fields::refuse;
use super::super::instance::known;
use crate::aws::{Reader, ec2};
use crate::problem::Problem;
use quell_core::incident::Plan;
use quell_core::text::id::{InstanceId, InterfaceId, SecurityGroupId};
use quell_core::text::{Id, Untrusted};

/// An interface that is attached to the instance; its groups are in order.
pub(in crate::action) struct Interface {
    pub id: Id<InterfaceId>,
    pub vpc: Untrusted,
    pub subnet: Option<Untrusted>,
    pub groups: Vec<Id<SecurityGroupId>>,
    /// Id and name of each group.
    pub named: Vec<(Untrusted, Untrusted)>,
    /// Why nobody but AWS may change it, where it is so.
    pub managed: Option<String>,
    pub public: Vec<Untrusted>,
}

impl Interface {
    fn of(seen: ec2::Interface) -> Result<Self, Problem> {
        let mut groups = seen.groups.iter().map(|(id, _)| known(id)).collect::<Result<Vec<_>, _>>()?;
        groups.sort();
        let service = seen.operator.as_ref().filter(|name| !name.is_empty());
        let managed = match (seen.managed, &seen.operator) {
            (_, Some(_)) => {
                Some(format!("operated by {}", service.map_or("AWS".into(), |name| name.line().into_string())))
            }
            (true, None) => Some("made by an AWS service for itself".to_owned()),
            _ => None,
        };
        let (vpc, subnet, public) = (seen.vpc, seen.subnet, seen.public);
        Ok(Self { id: known(&seen.id)?, vpc, subnet, groups, named: seen.groups, managed, public })
    }

    /// Whether it has this group and no other.
    pub(super) fn has_only(&self, group: &Id<SecurityGroupId>) -> bool {
        self.groups.as_slice() == std::slice::from_ref(group)
    }
}

/// The interfaces of the instance that the plan is for, by their place.
pub(super) async fn interfaces(reader: &Reader, plan: &Plan) -> Result<Vec<Interface>, Problem> {
    let id = plan.target.resource.parse::<InstanceId>();
    let id = id.map_err(|bad| refuse(format!("the plan's instance is {bad}")))?;
    interfaces_of(reader, &id).await
}

/// The interfaces of the instance, by their place.
pub(in crate::action) async fn interfaces_of(reader: &Reader, id: &Id<InstanceId>) -> Result<Vec<Interface>, Problem> {
    let found = reader.ec2().describe_network_interfaces(id.as_str()).await;
    let mut found = found.map_err(|error| calls::problem(&error, reader, "ec2:DescribeNetworkInterfaces"))?;
    found.sort_by(|a, b| (a.device, &a.id).cmp(&(b.device, &b.id)));
    found.into_iter().map(Interface::of).collect()
}

/// The security groups that fit.
pub(in crate::action) async fn groups(
    reader: &Reader,
    filters: &[(&str, Vec<&str>)],
) -> Result<Vec<ec2::Group>, Problem> {
    let found = reader.ec2().describe_security_groups(filters).await;
    found.map_err(|error| calls::problem(&error, reader, "ec2:DescribeSecurityGroups"))
}
