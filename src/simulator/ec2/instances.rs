//! Instances.

use super::filter::Filters;
use super::{group_set, ids, interfaces, metadata, paged, profiles, tags};
use crate::simulator::account::InstanceState;
use crate::simulator::autoscaling;
use crate::simulator::call::Call;
use crate::simulator::scenario::Instance;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::wire::{Failure, seconds};
use crate::simulator::world::World;
use std::collections::BTreeMap;

pub(super) const KIND: (&str, (&str, &str), &str) =
    ("i-", ("InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"), "instance ID");
const FILTERS: [&str; 5] =
    ["instance-id", "vpc-id", "instance-state-name", "network-interface.network-interface-id", "tag:"];

pub(super) fn describe(world: &World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let here = call.region == world.scenario.region;
    let named = ids(form, "InstanceId", KIND, |id| here && world.account.instances.contains_key(id))?;
    let filters = Filters::of(form, &FILTERS)?;
    let both = world.scenario.instances.iter().filter_map(|i| Some((i, world.account.instances.get(&i.id)?)));
    let keep = |(i, state): &(&Instance, &InstanceState)| {
        let has = |name: &str| match name {
            "instance-id" => vec![i.id.clone()],
            "vpc-id" => vec![world.scenario.vpc.clone()],
            "instance-state-name" => vec![state.stage(world.now).1.to_owned()],
            "network-interface.network-interface-id" => vec![i.interface.clone(), i.second.clone()],
            tag => all_tags(world, &i.id, state).remove(tag.trim_start_matches("tag:")).into_iter().collect(),
        };
        here && (named.is_empty() || named.contains(&i.id.as_str())) && filters.keep(has)
    };
    let all: Vec<(&Instance, &InstanceState)> = both.filter(keep).collect();
    paged(form, ("reservationSet", !named.is_empty()), &all, |(i, state)| reservation(world, i, state))
}

/// The volumes of an instance: device and id. A scenario does not name them.
pub(super) fn volumes(instance: &str) -> [(&'static str, String); 2] {
    let digits = instance.trim_start_matches("i-");
    let turned: String = digits.chars().rev().collect();
    [("/dev/xvda", format!("vol-{digits}")), ("/dev/sdf", format!("vol-{turned}"))]
}

fn mapping(instance: &Instance) -> Element {
    let item = |(n, (device, volume)): (usize, (&str, String))| {
        let ebs = vec![
            Element::text("attachTime", seconds(instance.launched)),
            Element::text("deleteOnTermination", (n == 0).to_string()),
            Element::text("status", "attached"),
            Element::text("volumeId", volume),
        ];
        Element::Nest("item", vec![Element::text("deviceName", device), Element::Nest("ebs", ebs)])
    };
    Element::Nest("blockDeviceMapping", volumes(&instance.id).into_iter().enumerate().map(item).collect())
}

/// Its own tags, and the one that Auto Scaling puts on the instances of its groups.
fn all_tags(world: &World, instance: &str, state: &InstanceState) -> BTreeMap<String, String> {
    let mut all = state.tags.clone();
    let group = autoscaling::group_of(world, instance);
    all.extend(group.map(|group| ("aws:autoscaling:groupName".to_owned(), group.name.clone())));
    all
}

fn reservation(world: &World, i: &Instance, state: &InstanceState) -> Element {
    let id = format!("r-0{}", i.id.get(4..).unwrap_or_default());
    Element::Nest(
        "item",
        vec![
            Element::text("reservationId", id),
            Element::text("ownerId", &world.scenario.account),
            Element::Nest("instancesSet", vec![instance(world, i, state)]),
        ],
    )
}

fn instance(world: &World, i: &Instance, state: &InstanceState) -> Element {
    let (code, name) = state.stage(world.now);
    let all = interfaces::of(i, state);
    let mut elements = vec![
        Element::text("instanceId", &i.id),
        Element::text("imageId", &i.image),
        Element::Nest("instanceState", vec![Element::text("code", code), Element::text("name", name)]),
        Element::text("privateDnsName", interfaces::private_name(world, &i.private_ip)),
        Element::text("instanceType", &i.kind),
        Element::text("launchTime", seconds(i.launched)),
        Element::Nest("placement", vec![Element::text("availabilityZone", &world.scenario.zone)]),
        Element::text("subnetId", &world.scenario.subnet),
        Element::text("vpcId", &world.scenario.vpc),
        Element::text("privateIpAddress", &i.private_ip),
        Element::text("rootDeviceType", "ebs"),
        Element::text("rootDeviceName", "/dev/xvda"),
        mapping(i),
        group_set(&state.groups),
        Element::Nest("networkInterfaceSet", all.iter().map(|one| one.inside(world)).collect()),
        tags(&all_tags(world, &i.id, state)),
        Element::Nest("metadataOptions", metadata::options(state, world.now)),
    ];
    elements.extend(state.running.then(|| Element::text("ipAddress", &i.public_ip)));
    elements.extend(profiles::of_instance(world, &i.id));
    Element::Nest("item", elements)
}
