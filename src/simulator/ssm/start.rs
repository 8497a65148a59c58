//! StartAutomationExecution: idempotent by its ClientToken.

use super::document::{self, Values};
use super::locations::{self, Location};
use super::plan;
use super::run::{Execution, Status};
use super::{Failure, body, check_name, invalid};
use crate::simulator::call::Call;
use crate::simulator::world::World;
use serde::Deserialize;
use serde_json::{Value, json};

/// Executions that may run at once (the default quota).
const AT_ONCE: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Start {
    document_name: String,
    document_version: Option<String>,
    #[serde(default)]
    parameters: Values,
    client_token: Option<String>,
    mode: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    target_parameter_name: Option<String>,
    target_locations: Option<Vec<Location>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

pub(super) fn answer(world: &mut World, call: &Call) -> Result<Value, Failure> {
    let input: Start = body(call)?;
    check_name(&input.document_name, "documentName")?;
    input.check()?;
    let message = format!("Document with name {} cannot be found.", input.document_name);
    let missing = Failure::new("AutomationDefinitionNotFoundException", 400, message);
    let document = document::named(&input.document_name).ok_or(missing)?;
    if !document::version_known(input.document_version.as_deref()) {
        let message = "The document version does not exist.";
        return Err(Failure::new("AutomationDefinitionVersionNotFoundException", 400, message));
    }
    let parameters = document::resolve(document, &input.parameters)?;
    check_role(world, &parameters)?;
    let execution = input.execution(world, call, document.name, parameters);
    if let Some(same) = known(world, call, input.client_token.as_deref()) {
        return repeated(same, &execution);
    }
    let running = world.automations.executions.iter().filter(|e| e.region == call.region && !e.status.ended()).count();
    if running >= AT_ONCE {
        let message = "The number of simultaneously running Automation executions exceeded the allowable limit.";
        return Err(Failure::new("AutomationExecutionLimitExceededException", 400, message));
    }
    let id = execution.id.clone();
    world.automations.executions.push(execution.begins(call.now.simulated));
    Ok(json!({ "AutomationExecutionId": id }))
}

/// The execution that the same token started before; tokens are the same in either case of their letters.
fn known<'a>(world: &'a World, call: &Call, token: Option<&str>) -> Option<&'a Execution> {
    let token = token?;
    world
        .automations
        .executions
        .iter()
        .find(|e| e.region == call.region && e.token.as_deref().is_some_and(|t| t.eq_ignore_ascii_case(token)))
}

fn repeated(same: &Execution, asked: &Execution) -> Result<Value, Failure> {
    let equal = same.document == asked.document
        && same.parameters == asked.parameters
        && same.interactive == asked.interactive
        && same.locations == asked.locations
        && same.tags == asked.tags;
    if equal {
        return Ok(json!({ "AutomationExecutionId": same.id }));
    }
    let message = "The idempotency token was used before with other parameters.";
    Err(Failure::new("IdempotentParameterMismatch", 400, message))
}

/// A role of another account can't be taken on; whether one of this account can, only its trust policy knows.
fn check_role(world: &World, parameters: &Values) -> Result<(), Failure> {
    let ours = format!("arn:aws:iam::{}:role/", world.scenario.account);
    match plan::value(parameters, "AutomationAssumeRole") {
        Some(role) if !role.starts_with(&ours) => {
            let message = "The defined assume role is unable to be assumed.";
            Err(Failure::new("InvalidAutomationExecutionParametersException", 400, message))
        }
        _ => Ok(()),
    }
}

impl Start {
    /// The rules of the service model.
    fn check(&self) -> Result<(), Failure> {
        let token = self.client_token.as_deref().is_none_or(is_uuid);
        let mode = matches!(self.mode.as_deref(), None | Some("Auto" | "Interactive"));
        let sized = |v: &String| (1..=512).contains(&v.chars().count());
        let values = self.parameters.values().all(|v| v.len() <= 50 && v.iter().all(sized));
        let tag = |t: &Tag| (1..=128).contains(&t.key.chars().count()) && t.value.chars().count() <= 256;
        for (name, fine) in [
            ("clientToken", token),
            ("mode", mode),
            ("parameters", values),
            ("tags", self.tags.len() <= 1000 && self.tags.iter().all(tag)),
            // Several targets at once are not simulated.
            ("targetParameterName", self.target_parameter_name.is_none()),
        ] {
            if !fine {
                let message = format!("1 validation error detected: Value at '{name}' failed to satisfy constraint");
                return Err(invalid(message));
            }
        }
        if self.target_locations.as_ref().is_some_and(|all| !(1..=100).contains(&all.len())) {
            let message = "1 validation error detected: Value at 'targetLocations' failed to satisfy constraint";
            return Err(invalid(message));
        }
        self.target_locations.iter().flatten().try_for_each(Location::check)
    }

    fn execution(&self, world: &World, call: &Call, document: &'static str, parameters: Values) -> Execution {
        let n = world.automations.executions.len() as u64;
        let several = self.target_locations.clone().map(|asked| locations::of(asked, &world.scenario.members));
        let (locations, places) = several.map_or((None, Vec::new()), |(asked, places)| (Some(asked), places));
        let id = |i: usize| world.chance.uuid(&format!("step {n}"), i as u64);
        let steps = match locations {
            None => plan::runs(world, document, &parameters, n),
            Some(_) => places.into_iter().enumerate().map(|(i, place)| locations::step(place, id(i))).collect(),
        };
        Execution {
            id: world.chance.uuid("execution", n),
            document,
            region: call.region.clone(),
            steps,
            parent: None,
            foreign: false,
            locations,
            parameters,
            tags: self.tags.iter().map(|t| (t.key.clone(), t.value.clone())).collect(),
            by: call.caller.arn.clone(),
            token: self.client_token.clone(),
            interactive: self.mode.as_deref() == Some("Interactive"),
            status: Status::Pending,
            started: call.now.simulated,
            ended: None,
            current: 0,
            outputs: Values::new(),
            failure: None,
            stopping: false,
            due: None,
        }
    }
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let hex = |p: &&str| p.bytes().all(|b| b.is_ascii_hexdigit());
    parts.iter().map(|p| p.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(hex)
}
