//! Amazon EventBridge (API version 2015-10-07): event buses, and what is put on them.

#[cfg(test)]
mod tests;

use super::call::Call;
use super::wire::{Failure, Reply};
use super::world::World;
use serde::Deserialize;
use serde_json::{Value, json};

const OPERATIONS: [&str; 2] = ["DescribeEventBus", "PutEvents"];
/// The most events of a call.
const MOST: usize = 10;

/// The operation of that name.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|known| *known == name)
}

/// The ARN of the bus that an operation names first, or of the default one.
pub(super) fn resource(world: &World, call: &Call) -> String {
    let input: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let of_event = || input.get("Entries")?.get(0)?.get("EventBusName")?.as_str();
    let named = input.get("Name").and_then(Value::as_str).or_else(of_event).unwrap_or("default");
    arn(world, call, named)
}

fn arn(world: &World, call: &Call, named: &str) -> String {
    match named.starts_with("arn:") {
        true => named.to_owned(),
        false => format!("arn:aws:events:{}:{}:event-bus/{named}", call.region, world.scenario.account),
    }
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    match call.operation {
        "DescribeEventBus" => describe(world, call),
        _ => put(world, call),
    }
    .map(Reply::Json)
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new("ValidationException", 400, message)
}

fn describe(world: &World, call: &Call) -> Result<Value, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Input {
        name: Option<String>,
    }
    let input: Input = serde_json::from_slice(&call.body).map_err(|_| invalid("The input is no document."))?;
    let named = input.name.unwrap_or_else(|| "default".to_owned());
    let name = named.rsplit_once("event-bus/").map_or(named.as_str(), |(_, name)| name);
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    if name.is_empty() || !name.chars().all(word) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{named}' at 'name' failed to satisfy constraint: Member must satisfy \
             regular expression pattern"
        )));
    }
    let arn = arn(world, call, &named);
    let own = format!("arn:aws:events:{}:{}:event-bus/", world.scenario.region, world.scenario.account);
    let there = name == "default" || world.scenario.buses.iter().any(|bus| bus.name == name);
    let here = call.region == world.scenario.region || name == "default";
    match there && here && (arn.starts_with(&own) || name == "default") {
        true => Ok(json!({ "Name": name, "Arn": arn })),
        false => Err(Failure::new("ResourceNotFoundException", 400, format!("Event bus {name} does not exist."))),
    }
}

fn put(world: &mut World, call: &Call) -> Result<Value, Failure> {
    let input: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let entries = input.get("Entries").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if entries.is_empty() || entries.len() > MOST {
        return Err(invalid(
            "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length less \
             than or equal to 10 and greater than or equal to 1",
        ));
    }
    let mut told = Vec::new();
    for (n, entry) in (0u64..).zip(entries) {
        told.push(match wrong(entry) {
            Some((code, message)) => json!({ "ErrorCode": code, "ErrorMessage": message }),
            None => json!({ "EventId": world.chance.uuid("event", world.answered * 16 + n) }),
        });
    }
    let failed = told.iter().filter(|entry| entry.get("ErrorCode").is_some()).count();
    Ok(json!({ "FailedEntryCount": failed, "Entries": told }))
}

/// Why an event is not taken; the others of the call are, all the same.
fn wrong(entry: &Value) -> Option<(&'static str, String)> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    for name in ["Source", "DetailType", "Detail"] {
        if text(name).is_none() {
            let message = format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
            return Some(("InvalidArgument", message));
        }
    }
    if text("Source").is_some_and(|source| source.starts_with("aws.")) {
        return Some(("NotAuthorizedForSourceException", "Not authorized for the source.".to_owned()));
    }
    let detail: Option<Value> = text("Detail").and_then(|detail| serde_json::from_str(detail).ok());
    match detail.is_some_and(|detail| detail.is_object()) {
        true => None,
        false => Some(("MalformedDetail", "Detail is malformed.".to_owned())),
    }
}
