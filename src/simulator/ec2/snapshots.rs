//! Snapshots of an instance's volumes, all at one moment; their copying takes a while.

use super::filter::Filters;
use super::{checked, ids, instances, paged, refused, tags};
use crate::simulator::account::SnapshotState;
use crate::simulator::call::Call;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::wire::{Failure, seconds};
use crate::simulator::world::World;
use std::collections::BTreeMap;

pub(super) const KIND: (&str, (&str, &str), &str) =
    ("snap-", ("InvalidSnapshot.NotFound", "InvalidParameterValue"), "snapshot");
const FILTERS: [&str; 5] = ["snapshot-id", "description", "volume-id", "status", "tag:"];
/// So many seconds the copying of a volume takes.
const TAKES: i64 = 90;
/// The longest description (Amazon EC2 API Reference, "CreateSnapshots").
const LONGEST: usize = 255;

pub(super) fn create(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let id = form
        .get("InstanceSpecification.InstanceId")
        .filter(|id| !id.is_empty())
        .ok_or_else(|| refused("MissingParameter", "The request must contain the parameter InstanceSpecification"))?;
    checked(id, instances::KIND)?;
    let here = call.region == world.scenario.region && world.account.instances.contains_key(id);
    if !here {
        return Err(refused(instances::KIND.1.0, format!("The {} '{id}' does not exist", instances::KIND.2)));
    }
    let description = form.get("Description").unwrap_or_default().to_owned();
    if description.chars().count() > LONGEST {
        return Err(refused("InvalidParameterValue", format!("Character sets beyond {LONGEST} are not allowed")));
    }
    if form.get("TagSpecification.1.ResourceType").is_some_and(|kind| kind != "snapshot") {
        return Err(refused("InvalidParameterValue", "Value for ResourceType is not valid for this operation"));
    }
    let tags: BTreeMap<String, String> = super::tags::given(form, "TagSpecification.1.Tag")?.into_iter().collect();
    let mut items = Vec::new();
    for (n, (_, volume)) in instances::volumes(id).into_iter().enumerate() {
        let hex = world.chance.hex(&format!("snapshot {n}"), world.answered);
        let name = format!("snap-{}", hex.get(..17).unwrap_or_default());
        let state = SnapshotState { volume, description: description.clone(), taken: world.now, tags: tags.clone() };
        items.push(item(world, &name, &state, "state"));
        world.account.snapshots.insert(name, state);
    }
    Ok(vec![Element::Nest("snapshotSet", items)])
}

pub(super) fn describe(world: &World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let here = call.region == world.scenario.region;
    let named = ids(form, "SnapshotId", KIND, |id| here && world.account.snapshots.contains_key(id))?;
    let filters = Filters::of(form, &FILTERS)?;
    let keep = |(id, one): &(&String, &SnapshotState)| {
        let has = |name: &str| match name {
            "snapshot-id" => vec![(*id).clone()],
            "description" => vec![one.description.clone()],
            "volume-id" => vec![one.volume.clone()],
            "status" => vec![stage(world, one).0.to_owned()],
            tag => one.tags.get(tag.trim_start_matches("tag:")).cloned().into_iter().collect(),
        };
        here && (named.is_empty() || named.contains(&id.as_str())) && filters.keep(has)
    };
    let all: Vec<(&String, &SnapshotState)> = world.account.snapshots.iter().filter(keep).collect();
    paged(form, ("snapshotSet", !named.is_empty()), &all, |(id, one)| item(world, id, one, "status"))
}

/// The state, and how much is copied.
fn stage(world: &World, one: &SnapshotState) -> (&'static str, String) {
    let passed = world.now.duration_since(one.taken).as_secs();
    match passed >= TAKES {
        true => ("completed", "100%".to_owned()),
        false => ("pending", format!("{}%", passed.max(0) * 100 / TAKES)),
    }
}

fn item(world: &World, id: &str, one: &SnapshotState, state: &'static str) -> Element {
    let (word, progress) = stage(world, one);
    Element::Nest(
        "item",
        vec![
            Element::text("snapshotId", id),
            Element::text("volumeId", &one.volume),
            Element::text(state, word),
            Element::text("startTime", seconds(one.taken)),
            Element::text("progress", progress),
            Element::text("ownerId", &world.scenario.account),
            Element::text("volumeSize", "64"),
            Element::text("description", &one.description),
            Element::text("encrypted", "false"),
            tags(&one.tags),
        ],
    )
}
