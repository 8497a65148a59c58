//! Tags of whatever has an id (Amazon EC2 User Guide, "Tag your Amazon EC2 resources").

use super::filter::Filters;
use super::{groups, instances, is_id, paged, refused, snapshots};
use crate::simulator::call::Call;
use crate::simulator::wire::Failure;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::world::World;
use std::collections::BTreeMap;

const FILTERS: [&str; 4] = ["resource-id", "resource-type", "key", "value"];
/// The most tags of a resource, and the longest key and value.
const MOST: usize = 50;
const KEY: usize = 128;
const VALUE: usize = 256;

/// What can be tagged: the prefix of its ids, the error where there is no such thing, and what it is called.
const KINDS: [(&str, &str, &str); 5] = [
    ("i-", instances::KIND.1.0, "instance"),
    ("eni-", "InvalidNetworkInterfaceID.NotFound", "network-interface"),
    ("sg-", groups::KIND.1.0, "security-group"),
    ("vol-", "InvalidVolume.NotFound", "volume"),
    ("snap-", snapshots::KIND.1.0, "snapshot"),
];

/// The tags of a request, by the name of their list.
pub(super) fn given(form: &Form, list: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut all = Vec::new();
    for n in 1..=MOST + 1 {
        let Some(key) = form.get(&format!("{list}.{n}.Key")) else { break };
        let value = form.get(&format!("{list}.{n}.Value")).unwrap_or_default();
        if key.is_empty() || key.chars().count() > KEY || value.chars().count() > VALUE {
            return Err(refused("InvalidParameterValue", format!("Tag key or value is too long, or empty: {key}")));
        }
        if key.to_lowercase().starts_with("aws:") {
            let message = format!("Tag keys starting with 'aws:' are reserved for internal use: {key}");
            return Err(refused("InvalidParameterValue", message));
        }
        all.push((key.to_owned(), value.to_owned()));
    }
    Ok(all)
}

/// The resources of a request, each there.
fn resources<'a>(world: &World, call: &Call, form: &'a Form) -> Result<Vec<&'a str>, Failure> {
    let all = form.list("ResourceId");
    if all.is_empty() {
        return Err(refused("MissingParameter", "The request must contain the parameter resourceIdSet"));
    }
    for id in &all {
        let Some((_, code, _)) = KINDS.iter().find(|(prefix, ..)| is_id(id, prefix)) else {
            return Err(refused("InvalidID", format!("The ID '{id}' is not valid")));
        };
        if call.region != world.scenario.region || !there(world, id) {
            return Err(refused(code, format!("The ID '{id}' does not exist")));
        }
    }
    Ok(all)
}

fn there(world: &World, id: &str) -> bool {
    let account = &world.account;
    let of_instance = world.scenario.instances.iter().any(|i| {
        i.interface == id || i.second == id || instances::volumes(&i.id).iter().any(|(_, volume)| volume == id)
    });
    of_instance
        || account.instances.contains_key(id)
        || account.groups.contains_key(id)
        || account.snapshots.contains_key(id)
}

fn tags_of<'a>(world: &'a mut World, id: &str) -> &'a mut BTreeMap<String, String> {
    let account = &mut world.account;
    if let Some(instance) = account.instances.get_mut(id) {
        return &mut instance.tags;
    }
    match account.snapshots.get_mut(id) {
        Some(snapshot) => &mut snapshot.tags,
        None => account.tags.entry(id.to_owned()).or_default(),
    }
}

pub(super) fn create(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let new = given(form, "Tag")?;
    if new.is_empty() {
        return Err(refused("MissingParameter", "The request must contain the parameter tagSet"));
    }
    for id in resources(world, call, form)? {
        let tags = tags_of(world, id);
        let more = new.iter().filter(|(key, _)| !tags.contains_key(key)).count();
        if tags.len() + more > MOST {
            return Err(refused("TagLimitExceeded", "The maximum number of Tags for a resource has been reached."));
        }
        tags.extend(new.iter().cloned());
    }
    Ok(vec![Element::text("return", "true")])
}

/// A tag with a value goes only where it has that value; without keys all of them go.
pub(super) fn delete(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let gone = given(form, "Tag")?;
    let valued = |n: usize| form.get(&format!("Tag.{}.Value", n + 1)).is_some();
    for id in resources(world, call, form)? {
        let tags = tags_of(world, id);
        if gone.is_empty() {
            tags.clear();
        }
        for (n, (key, value)) in gone.iter().enumerate() {
            if !valued(n) || tags.get(key) == Some(value) {
                tags.remove(key);
            }
        }
    }
    Ok(vec![Element::text("return", "true")])
}

pub(super) fn describe(world: &World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let filters = Filters::of(form, &FILTERS)?;
    let account = &world.account;
    let instances = account.instances.iter().map(|(id, state)| (id, &state.tags));
    let snapshots = account.snapshots.iter().map(|(id, state)| (id, &state.tags));
    let all = instances.chain(snapshots).chain(account.tags.iter());
    let all = all.flat_map(|(id, tags)| tags.iter().map(move |(key, value)| (id, key, value)));
    let kind = |id: &str| KINDS.iter().find(|(prefix, ..)| id.starts_with(prefix)).map_or("", |(_, _, kind)| *kind);
    let keep = |(id, key, value): &(&String, &String, &String)| {
        let has = |name: &str| match name {
            "resource-id" => vec![(*id).clone()],
            "resource-type" => vec![kind(id).to_owned()],
            "key" => vec![(*key).clone()],
            _ => vec![(*value).clone()],
        };
        call.region == world.scenario.region && filters.keep(has)
    };
    let all: Vec<(&String, &String, &String)> = all.filter(keep).collect();
    paged(form, ("tagSet", false), &all, |(id, key, value)| {
        let tag = vec![
            Element::text("resourceId", *id),
            Element::text("resourceType", kind(id)),
            Element::text("key", *key),
            Element::text("value", *value),
        ];
        Element::Nest("item", tag)
    })
}
