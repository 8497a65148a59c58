//! Access keys of users.

use super::{invalid, named, no_such, size, user};
use crate::simulator::account::KeyState;
use crate::simulator::call::Call;
use crate::simulator::caller::Service;
use crate::simulator::front::denied;
use crate::simulator::page;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::wire::{Failure, seconds};
use crate::simulator::world::World;

pub(super) fn list_access_keys(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = named(call, form)?.to_owned();
    let size = size(form)?;
    let keys = &user(world, &name)?.keys;
    let (page, next) = page::of(keys, form.get("Marker"), size, "iam").ok_or_else(|| invalid("Invalid Marker"))?;
    let member = |k: &KeyState| {
        Element::Nest(
            "member",
            vec![
                Element::text("UserName", &name),
                Element::text("AccessKeyId", &k.id),
                Element::text("Status", if k.active { "Active" } else { "Inactive" }),
                Element::text("CreateDate", seconds(k.created)),
            ],
        )
    };
    let mut elements = vec![
        Element::Nest("AccessKeyMetadata", page.iter().map(member).collect()),
        Element::text("IsTruncated", next.is_some().to_string()),
    ];
    elements.extend(next.map(|marker| Element::text("Marker", marker)));
    Ok(elements)
}

pub(super) fn update_access_key(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let (id, status) = (form.need(Service::Iam, "AccessKeyId")?, form.need(Service::Iam, "Status")?);
    let active = match status {
        "Active" => true,
        "Inactive" => false,
        other => {
            let rule = "failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]";
            return Err(invalid(format!("1 validation error detected: Value '{other}' at 'status' {rule}")));
        }
    };
    let keys = &mut user(world, named(call, form)?)?.keys;
    let missing = || no_such(format!("The Access Key with id {id} cannot be found."));
    keys.iter_mut().find(|k| k.id == id).ok_or_else(missing)?.active = active;
    Ok(Vec::new())
}

pub(super) fn last_used(world: &World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let id = form.need(Service::Iam, "AccessKeyId")?;
    let mut keys = world.account.users.iter().flat_map(|(name, user)| user.keys.iter().map(move |k| (name, k)));
    // The model has no "not found" for it: a key that nobody has is one that the caller may not ask about.
    let missing = || denied(call.service, &call.caller, &call.action(), &format!("access key {id}"), "");
    let (name, key) = keys.find(|(_, k)| k.id == id).ok_or_else(missing)?;
    let (service, region) = key.used.as_ref().map_or(("N/A", "N/A"), |(_, s, r)| (s.as_str(), r.as_str()));
    let mut used: Vec<Element> = key.used.iter().map(|(at, ..)| Element::text("LastUsedDate", seconds(*at))).collect();
    used.extend([Element::text("ServiceName", service), Element::text("Region", region)]);
    Ok(vec![Element::text("UserName", name), Element::Nest("AccessKeyLastUsed", used)])
}
