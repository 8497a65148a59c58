//! The metadata service of instances: whether it is on, and whether it wants a token. It takes a moment.

use super::instances::KIND;
use super::refused;
use crate::simulator::account::InstanceState;
use crate::simulator::call::Call;
use crate::simulator::clock::later;
use crate::simulator::wire::Failure;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::world::World;
use jiff::{SignedDuration, Timestamp};

/// So long a change is on its way.
const TAKES: SignedDuration = SignedDuration::from_secs(4);

/// How it is set.
pub(super) fn options(state: &InstanceState, now: Timestamp) -> Vec<Element> {
    let (on, tokens) = state.metadata;
    vec![
        Element::text("state", if state.applied <= now { "applied" } else { "pending" }),
        Element::text("httpTokens", if tokens { "required" } else { "optional" }),
        Element::text("httpPutResponseHopLimit", "2"),
        Element::text("httpEndpoint", if on { "enabled" } else { "disabled" }),
        Element::text("httpProtocolIpv6", "disabled"),
        Element::text("instanceMetadataTags", "disabled"),
    ]
}

pub(super) fn modify(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let id = form.get("InstanceId").filter(|id| !id.is_empty()).map(str::to_owned);
    let id = id.ok_or_else(|| refused("MissingParameter", "The request must contain the parameter InstanceId"))?;
    super::checked(&id, KIND)?;
    let here = call.region == world.scenario.region;
    let choice = |name: &str, (yes, no): (&str, &str)| match form.get(name) {
        None => Ok(None),
        Some(word) if word == yes || word == no => Ok(Some(word == yes)),
        Some(word) => Err(refused("InvalidParameterValue", format!("Value ({word}) for parameter {name} is invalid."))),
    };
    let (on, tokens) =
        (choice("HttpEndpoint", ("enabled", "disabled"))?, choice("HttpTokens", ("required", "optional"))?);
    let now = world.now;
    let missing = || refused(KIND.1.0, format!("The {} '{id}' does not exist", KIND.2));
    let state = world.account.instances.get_mut(&id).filter(|_| here).ok_or_else(missing)?;
    if on.is_none() && tokens.is_none() {
        let message = "The request must contain at least one metadata option to modify.";
        return Err(refused("InvalidParameterCombination", message));
    }
    state.metadata = (on.unwrap_or(state.metadata.0), tokens.unwrap_or(state.metadata.1));
    state.applied = later(now, TAKES);
    Ok(vec![Element::text("instanceId", &id), Element::Nest("instanceMetadataOptions", options(state, now))])
}
