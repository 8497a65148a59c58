//! Volumes of instances: the second one of each is encrypted with a customer's key.

use super::filter::Filters;
use super::{ids, instances, paged};
use crate::simulator::call::Call;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::wire::{Failure, seconds};
use crate::simulator::world::World;

const KIND: (&str, (&str, &str), &str) = ("vol-", ("InvalidVolume.NotFound", "InvalidParameterValue"), "volume");
const FILTERS: [&str; 3] = ["attachment.instance-id", "encrypted", "volume-id"];

/// The key that volumes are encrypted with.
pub(in crate::simulator) fn key(world: &World) -> String {
    let (region, account) = (&world.scenario.region, &world.scenario.account);
    format!("arn:aws:kms:{region}:{account}:key/7d9b1e52-40c6-4f7e-9a35-2b8e61d0c4fa")
}

pub(super) fn describe(world: &World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let here = call.region == world.scenario.region;
    let of =
        |id: &String| instances::volumes(id).into_iter().enumerate().map(|(n, one)| (id.clone(), n, one)).collect();
    let every: Vec<(String, usize, (&str, String))> =
        world.account.instances.keys().flat_map(|id| -> Vec<_> { of(id) }).collect();
    let named = ids(form, "VolumeId", KIND, |id| here && every.iter().any(|(_, _, (_, volume))| volume == id))?;
    let filters = Filters::of(form, &FILTERS)?;
    let keep = |(instance, n, (_, volume)): &&(String, usize, (&str, String))| {
        let has = |name: &str| match name {
            "attachment.instance-id" => vec![instance.clone()],
            "encrypted" => vec![(*n > 0).to_string()],
            _ => vec![volume.clone()],
        };
        here && (named.is_empty() || named.contains(&volume.as_str())) && filters.keep(has)
    };
    let all: Vec<_> = every.iter().filter(keep).collect();
    paged(form, ("volumeSet", !named.is_empty()), &all, |one| item(world, one))
}

fn item(world: &World, (instance, n, (device, volume)): &(String, usize, (&str, String))) -> Element {
    let made = world.scenario.instances.iter().find(|one| one.id == *instance).map(|one| one.launched);
    let made = seconds(made.unwrap_or(world.now));
    let attachment = vec![
        Element::text("volumeId", volume),
        Element::text("instanceId", instance),
        Element::text("device", *device),
        Element::text("status", "attached"),
        Element::text("attachTime", made.clone()),
        Element::text("deleteOnTermination", (*n == 0).to_string()),
    ];
    let mut elements = vec![
        Element::text("volumeId", volume),
        Element::text("size", "64"),
        Element::text("snapshotId", ""),
        Element::text("availabilityZone", format!("{}a", world.scenario.region)),
        Element::text("status", "in-use"),
        Element::text("createTime", made),
        Element::Nest("attachmentSet", vec![Element::Nest("item", attachment)]),
        Element::text("volumeType", "gp3"),
        Element::text("encrypted", (*n > 0).to_string()),
    ];
    elements.extend((*n > 0).then(|| Element::text("kmsKeyId", key(world))));
    Element::Nest("item", elements)
}
