//! Network interfaces, and the change of their security groups.

use super::filter::Filters;
use super::fronts::{self, Front};
use super::{group_set, groups, ids, is_id, paged, refused};
use crate::simulator::account::{GroupState, InstanceState};
use crate::simulator::call::Call;
use crate::simulator::scenario::Instance;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::wire::{Failure, seconds};
use crate::simulator::world::World;

const KIND: (&str, (&str, &str), &str) =
    ("eni-", ("InvalidNetworkInterfaceID.NotFound", "InvalidNetworkInterfaceId.Malformed"), "networkInterface ID");
const FILTERS: [&str; 6] =
    ["network-interface-id", "attachment.instance-id", "vpc-id", "subnet-id", "group-id", "interface-type"];
/// Groups that an interface can have (Amazon VPC quotas).
const MOST: usize = 5;

/// One interface of an instance.
pub(super) struct Interface<'a> {
    instance: &'a Instance,
    id: &'a str,
    ip: &'a str,
    device: u8,
    public: Option<&'a str>,
    groups: &'a [(String, String)],
}

/// The two interfaces of an instance.
pub(super) fn of<'a>(instance: &'a Instance, state: &'a InstanceState) -> [Interface<'a>; 2] {
    // Amazon takes its address back from an instance that is stopped.
    let public = state.running.then_some(instance.public_ip.as_str());
    [
        Interface {
            instance,
            id: &instance.interface,
            ip: &instance.private_ip,
            device: 0,
            public,
            groups: &state.groups,
        },
        Interface {
            instance,
            id: &instance.second,
            ip: &instance.second_ip,
            device: 1,
            public: None,
            groups: &state.second,
        },
    ]
}

/// The name that the resolver gives a private address.
pub(super) fn private_name(world: &World, ip: &str) -> String {
    format!("ip-{}.{}.compute.internal", ip.replace('.', "-"), world.scenario.region)
}

fn all(world: &World) -> Vec<Interface<'_>> {
    let both = world.scenario.instances.iter().filter_map(|i| Some((i, world.account.instances.get(&i.id)?)));
    both.flat_map(|(i, state)| of(i, state)).collect()
}

/// Whose an interface is.
enum Held<'a> {
    Instance(Interface<'a>),
    Service(Front),
}

pub(super) fn describe(world: &World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let here = call.region == world.scenario.region;
    let own = all(world).into_iter().map(Held::Instance);
    let all: Vec<Held<'_>> = own.chain(fronts::all(world).into_iter().map(Held::Service)).collect();
    let named = ids(form, "NetworkInterfaceId", KIND, |id| here && all.iter().any(|one| one.id() == id))?;
    let filters = Filters::of(form, &FILTERS)?;
    let keep = |one: &&Held<'_>| {
        let has = |name: &str| match name {
            "network-interface-id" => vec![one.id().to_owned()],
            "vpc-id" => vec![world.scenario.vpc.clone()],
            "subnet-id" => vec![world.scenario.subnet.clone()],
            of_its_own => one.has(of_its_own),
        };
        here && (named.is_empty() || named.contains(&one.id())) && filters.keep(has)
    };
    let found: Vec<&Held<'_>> = all.iter().filter(keep).collect();
    paged(form, ("networkInterfaceSet", !named.is_empty()), &found, |one| match one {
        Held::Instance(one) => one.alone(world),
        Held::Service(one) => one.element(world),
    })
}

impl Held<'_> {
    fn id(&self) -> &str {
        match self {
            Self::Instance(one) => one.id,
            Self::Service(one) => &one.id,
        }
    }

    fn has(&self, filter: &str) -> Vec<String> {
        match (self, filter) {
            (Self::Instance(one), "attachment.instance-id") => vec![one.instance.id.clone()],
            (Self::Instance(_), "interface-type") => vec!["interface".to_owned()],
            (Self::Instance(one), _) => one.groups.iter().map(|(id, _)| id.clone()).collect(),
            (Self::Service(_), "interface-type") => vec![fronts::TYPE.to_owned()],
            (Self::Service(_), _) => Vec::new(),
        }
    }
}

impl Interface<'_> {
    /// As DescribeInstances shows it.
    pub(super) fn inside(&self, world: &World) -> Element {
        let mut elements = self.common(world);
        elements.push(Element::Nest("attachment", self.attachment()));
        Element::Nest("item", elements)
    }

    /// As DescribeNetworkInterfaces shows it.
    fn alone(&self, world: &World) -> Element {
        let mut attachment = self.attachment();
        attachment.push(Element::text("instanceId", &self.instance.id));
        attachment.push(Element::text("instanceOwnerId", &world.scenario.account));
        let mut elements = self.common(world);
        elements.extend([
            Element::text("availabilityZone", &world.scenario.zone),
            Element::text("requesterManaged", "false"),
            Element::Nest("attachment", attachment),
            Element::Nest("tagSet", Vec::new()),
        ]);
        Element::Nest("item", elements)
    }

    fn common(&self, world: &World) -> Vec<Element> {
        let mut address = vec![
            Element::text("privateIpAddress", self.ip),
            Element::text("privateDnsName", private_name(world, self.ip)),
            Element::text("primary", "true"),
        ];
        address.extend(self.association());
        let mut elements = vec![
            Element::text("networkInterfaceId", self.id),
            Element::text("subnetId", &world.scenario.subnet),
            Element::text("vpcId", &world.scenario.vpc),
            Element::text("description", ""),
            Element::text("ownerId", &world.scenario.account),
            Element::text("status", "in-use"),
            Element::text("macAddress", format!("02:00:00:00:00:{:02x}", self.device)),
            Element::text("privateIpAddress", self.ip),
            Element::text("privateDnsName", private_name(world, self.ip)),
            Element::text("sourceDestCheck", "true"),
            group_set(self.groups),
            Element::Nest("privateIpAddressesSet", vec![Element::Nest("item", address)]),
            Element::Nest("ipv6AddressesSet", Vec::new()),
            Element::text("interfaceType", "interface"),
        ];
        elements.extend(self.association());
        elements
    }

    fn association(&self) -> Option<Element> {
        let public = Element::text("publicIp", self.public?);
        Some(Element::Nest("association", vec![public, Element::text("ipOwnerId", "amazon")]))
    }

    fn attachment(&self) -> Vec<Element> {
        vec![
            Element::text("attachmentId", format!("eni-attach-{}", self.id.trim_start_matches("eni-"))),
            Element::text("deviceIndex", self.device.to_string()),
            Element::text("status", "attached"),
            Element::text("attachTime", seconds(self.instance.launched)),
            Element::text("deleteOnTermination", (self.device == 0).to_string()),
        ]
    }
}

/// Only the groups can be changed here, of all attributes.
pub(super) fn modify(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let id = form
        .get("NetworkInterfaceId")
        .filter(|id| !id.is_empty())
        .ok_or_else(|| refused("MissingParameter", "The request must contain the parameter networkInterfaceId"))?;
    if !is_id(id, KIND.0) {
        return Err(refused(KIND.1.1, format!("Invalid id: \"{id}\"")));
    }
    let here = call.region == world.scenario.region;
    if here && fronts::all(world).iter().any(|one| one.id == id) {
        return Err(refused("AuthFailure", "You do not have permission to access the specified resource."));
    }
    if !here || !all(world).iter().any(|one| one.id == id) {
        return Err(refused(KIND.1.0, format!("The {} '{id}' does not exist", KIND.2)));
    }
    let wanted = ids(form, "SecurityGroupId", groups::KIND, |id| world.account.groups.contains_key(id))?;
    let others = ["Attachment.", "Description.", "SourceDestCheck.", "EnaSrdSpecification."];
    let more = form.names().any(|name| others.iter().any(|other| name.starts_with(other)));
    match (wanted.len(), more) {
        (0, false) => return Err(refused("InvalidParameterCombination", "No attributes specified.")),
        (_, true) => {
            return Err(refused("InvalidParameterCombination", "Fields for multiple attribute types specified"));
        }
        (n, _) if n > MOST => {
            let message =
                format!("You have exceeded the number of security groups allowed per network interface: {MOST}");
            return Err(refused("SecurityGroupsPerInterfaceLimitExceeded", message));
        }
        _ => {}
    }
    put(world, id, &wanted);
    Ok(vec![Element::text("return", "true")])
}

/// Puts the groups on the interface; an instance is cut off once nothing comes through any of its interfaces.
fn put(world: &mut World, interface: &str, wanted: &[&str]) {
    let account = &mut world.account;
    let name = |id: &str| account.groups.get(id).map(|group| group.name.clone()).unwrap_or_default();
    let wanted: Vec<(String, String)> = wanted.iter().map(|id| ((*id).to_owned(), name(id))).collect();
    let holder = world.scenario.instances.iter().find(|i| i.interface == interface || i.second == interface);
    let Some((i, state)) = holder.and_then(|i| Some((i, account.instances.get_mut(&i.id)?))) else { return };
    match i.interface == interface {
        true => state.groups = wanted,
        false => state.second = wanted,
    }
    let closed = |(id, _): &(String, String)| account.groups.get(id).is_some_and(GroupState::is_closed);
    state.contained = state.groups.iter().chain(&state.second).all(closed);
}
