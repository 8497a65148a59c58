//! Stopping and starting instances, and whether one is protected from it: both take a while. And what a shutdown from
//! inside does to one.

use super::instances::KIND;
use super::{ids, refused};
use crate::simulator::call::Call;
use crate::simulator::clock::later;
use crate::simulator::wire::Failure;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::world::World;
use jiff::SignedDuration;

/// So long a guest shuts down, or comes up.
const TAKES: SignedDuration = SignedDuration::from_secs(35);
/// The attribute that says what a shutdown from inside does.
const SHUTDOWN: &str = "instanceInitiatedShutdownBehavior";

pub(super) fn stop(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let ids = named(world, call, form)?;
    if form.get("Hibernate") == Some("true") {
        let message = format!("The instance '{}' is not enabled for hibernation", ids.join(", "));
        return Err(refused("UnsupportedHibernationConfiguration", message));
    }
    let guarded = |id: &&String| world.scenario.instances.iter().any(|i| i.id == **id && i.protected);
    if let Some(id) = ids.iter().find(guarded) {
        let message = format!(
            "The instance '{id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again."
        );
        return Err(refused("OperationNotPermitted", message));
    }
    turn(world, &ids, false)
}

pub(super) fn start(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let ids = named(world, call, form)?;
    let now = world.now;
    let stopping = |id: &&String| world.account.instances.get(*id).is_some_and(|i| !i.running && i.settles > now);
    if let Some(id) = ids.iter().find(stopping) {
        let message = format!("The instance '{id}' is not in a state from which it can be started.");
        return Err(refused("IncorrectInstanceState", message));
    }
    turn(world, &ids, true)
}

fn named(world: &World, call: &Call, form: &Form) -> Result<Vec<String>, Failure> {
    let here = call.region == world.scenario.region;
    let all = ids(form, "InstanceId", KIND, |id| here && world.account.instances.contains_key(id))?;
    match all.is_empty() {
        true => Err(refused("MissingParameter", "The request must contain the parameter InstanceId")),
        false => Ok(all.into_iter().map(str::to_owned).collect()),
    }
}

/// Brings the instances there; what is there already stays as it is.
fn turn(world: &mut World, ids: &[String], running: bool) -> Result<Vec<Element>, Failure> {
    let now = world.now;
    let mut items = Vec::new();
    for id in ids {
        let Some(state) = world.account.instances.get_mut(id) else { continue };
        let before = state.stage(now);
        if state.running != running {
            state.running = running;
            state.settles = later(now, TAKES);
        }
        let stage = |name, (code, word): (&str, &str)| {
            Element::Nest(name, vec![Element::text("code", code), Element::text("name", word)])
        };
        let elements = vec![
            Element::text("instanceId", id),
            stage("currentState", state.stage(now)),
            stage("previousState", before),
        ];
        items.push(Element::Nest("item", elements));
    }
    Ok(vec![Element::Nest("instancesSet", items)])
}

pub(super) fn attribute(world: &World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let id = form
        .get("InstanceId")
        .filter(|id| !id.is_empty())
        .ok_or_else(|| refused("MissingParameter", "The request must contain the parameter instanceId"))?;
    super::checked(id, KIND)?;
    let known = world.scenario.instances.iter().find(|i| i.id == id && call.region == world.scenario.region);
    let known = known.ok_or_else(|| refused(KIND.1.0, format!("The {} '{id}' does not exist", KIND.2)))?;
    match form.get("Attribute") {
        Some("disableApiStop") => {
            let value = vec![Element::text("value", known.protected.to_string())];
            Ok(vec![Element::text("instanceId", id), Element::Nest("disableApiStop", value)])
        }
        Some(SHUTDOWN) => {
            let ends = world.account.instances.get(id).is_some_and(|state| state.ends);
            let value = vec![Element::text("value", if ends { "terminate" } else { "stop" })];
            Ok(vec![Element::text("instanceId", id), Element::Nest(SHUTDOWN, value)])
        }
        None => Err(refused("MissingParameter", "The request must contain the parameter attribute")),
        Some(other) => {
            Err(refused("InvalidParameterValue", format!("Value ({other}) for parameter attribute is invalid.")))
        }
    }
}

/// Of all attributes only what a shutdown from inside does can be set here.
pub(super) fn modify(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let id = form.get("InstanceId").filter(|id| !id.is_empty()).map(str::to_owned);
    let id = id.ok_or_else(|| refused("MissingParameter", "The request must contain the parameter instanceId"))?;
    super::checked(&id, KIND)?;
    let here = call.region == world.scenario.region;
    let missing = || refused(KIND.1.0, format!("The {} '{id}' does not exist", KIND.2));
    let state = world.account.instances.get_mut(&id).filter(|_| here).ok_or_else(missing)?;
    state.ends = match form.get("InstanceInitiatedShutdownBehavior.Value") {
        Some("stop") => false,
        Some("terminate") => true,
        Some(other) => {
            let message = format!("Value ({other}) for parameter {SHUTDOWN} is invalid.");
            return Err(refused("InvalidParameterValue", message));
        }
        None => return Err(refused("InvalidParameterCombination", "No attributes specified.")),
    };
    Ok(vec![Element::text("return", "true")])
}
