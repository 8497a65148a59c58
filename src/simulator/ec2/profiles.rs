//! Instance profiles, as instances have them. Each is named after its role.

use super::filter::Filters;
use super::{checked, ids, instances, paged, refused};
use crate::simulator::account::ProfileState;
use crate::simulator::call::Call;
use crate::simulator::clock::later;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::wire::{Failure, seconds};
use crate::simulator::world::World;
use jiff::SignedDuration;

const KIND: (&str, (&str, &str), &str) =
    ("iip-assoc-", ("InvalidAssociationID.NotFound", "InvalidAssociationID.Malformed"), "association");
/// So long it takes until an instance has its profile, or has lost it.
const TAKES: SignedDuration = SignedDuration::from_secs(4);

/// The id of the association that an instance begins with.
pub(in crate::simulator) fn first(instance: &str) -> String {
    format!("iip-assoc-{}", instance.trim_start_matches("i-"))
}

pub(super) fn arn(world: &World, name: &str) -> String {
    format!("arn:aws:iam::{}:instance-profile/{name}", world.scenario.account)
}

/// The id of a profile, which is its name's own.
pub(super) fn unique(world: &World, name: &str) -> String {
    let known = world.scenario.instances.iter().find(|i| i.role == name);
    known.map(|i| i.profile_id.clone()).unwrap_or_default()
}

/// An instance's profile, unless it is gone by now.
fn of<'a>(world: &'a World, instance: &str) -> Option<&'a ProfileState> {
    let profile = world.account.instances.get(instance)?.profile.as_ref()?;
    (!profile.losing || profile.settles > world.now).then_some(profile)
}

fn stage(world: &World, one: &ProfileState) -> &'static str {
    match (one.losing, one.settles > world.now) {
        (true, _) => "disassociating",
        (false, true) => "associating",
        (false, false) => "associated",
    }
}

fn shown(world: &World, instance: &str, one: &ProfileState) -> Vec<Element> {
    let profile = vec![Element::text("arn", arn(world, &one.name)), Element::text("id", unique(world, &one.name))];
    vec![
        Element::text("associationId", &one.association),
        Element::text("instanceId", instance),
        Element::Nest("iamInstanceProfile", profile),
        Element::text("state", stage(world, one)),
    ]
}

pub(super) fn describe(world: &World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let here = call.region == world.scenario.region;
    let every: Vec<(&String, &ProfileState)> =
        world.account.instances.keys().filter_map(|id| Some((id, of(world, id)?))).collect();
    let named = ids(form, "AssociationId", KIND, |id| here && every.iter().any(|(_, one)| one.association == id))?;
    let filters = Filters::of(form, &["instance-id", "state"])?;
    let keep = |(id, one): &(&String, &ProfileState)| {
        let has = |name: &str| match name {
            "instance-id" => vec![(*id).clone()],
            _ => vec![stage(world, one).to_owned()],
        };
        here && (named.is_empty() || named.contains(&one.association.as_str())) && filters.keep(has)
    };
    let all: Vec<(&String, &ProfileState)> = every.into_iter().filter(keep).collect();
    paged(form, ("iamInstanceProfileAssociationSet", !named.is_empty()), &all, |(id, one)| {
        Element::Nest("item", shown(world, id, one))
    })
}

fn answer(world: &World, instance: &str) -> Vec<Element> {
    let Some(one) = world.account.instances.get(instance).and_then(|state| state.profile.as_ref()) else {
        return Vec::new();
    };
    let mut elements = shown(world, instance, one);
    elements.push(Element::text("timestamp", seconds(world.now)));
    vec![Element::Nest("iamInstanceProfileAssociation", elements)]
}

pub(super) fn associate(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let id = form
        .get("InstanceId")
        .filter(|id| !id.is_empty())
        .ok_or_else(|| refused("MissingParameter", "The request must contain the parameter InstanceId"))?
        .to_owned();
    checked(&id, instances::KIND)?;
    if call.region != world.scenario.region || !world.account.instances.contains_key(&id) {
        return Err(refused(instances::KIND.1.0, format!("The {} '{id}' does not exist", instances::KIND.2)));
    }
    let wanted = match (form.get("IamInstanceProfile.Arn"), form.get("IamInstanceProfile.Name")) {
        (Some(arn), None) => arn.rsplit('/').next().unwrap_or_default().to_owned(),
        (None, Some(name)) => name.to_owned(),
        _ => return Err(refused("MissingParameter", "The request must contain one parameter of IamInstanceProfile")),
    };
    if !world.scenario.instances.iter().any(|i| i.role == wanted) {
        let message =
            format!("Value ({wanted}) for parameter iamInstanceProfile is invalid. Invalid IAM Instance Profile");
        return Err(refused("InvalidParameterValue", message));
    }
    if of(world, &id).is_some() {
        return Err(refused("IncorrectState", format!("There is an existing association for instance {id}")));
    }
    let hex = world.chance.hex("association", world.answered);
    let association = format!("iip-assoc-{}", hex.get(..17).unwrap_or_default());
    let settles = later(world.now, TAKES);
    if let Some(state) = world.account.instances.get_mut(&id) {
        state.profile = Some(ProfileState { association, name: wanted, settles, losing: false });
    }
    Ok(answer(world, &id))
}

pub(super) fn disassociate(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let wanted = form
        .get("AssociationId")
        .filter(|id| !id.is_empty())
        .ok_or_else(|| refused("MissingParameter", "The request must contain the parameter AssociationId"))?;
    checked(wanted, KIND)?;
    let here = call.region == world.scenario.region;
    let mut holders = world.account.instances.keys();
    let found = holders.find(|id| here && of(world, id).is_some_and(|one| one.association == wanted)).cloned();
    let missing = || refused(KIND.1.0, format!("An invalid association-id of '{wanted}' was given"));
    let id = found.ok_or_else(missing)?;
    let settles = later(world.now, TAKES);
    let profile = world.account.instances.get_mut(&id).and_then(|state| state.profile.as_mut());
    if let Some(profile) = profile.filter(|profile| !profile.losing) {
        (profile.losing, profile.settles) = (true, settles);
    }
    Ok(answer(world, &id))
}

/// The profile as DescribeInstances shows it; one that is being lost is shown no more.
pub(super) fn of_instance(world: &World, instance: &str) -> Option<Element> {
    let one = of(world, instance).filter(|one| !one.losing)?;
    let profile = vec![Element::text("arn", arn(world, &one.name)), Element::text("id", unique(world, &one.name))];
    Some(Element::Nest("iamInstanceProfile", profile))
}
