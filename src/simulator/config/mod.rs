//! AWS Config (API version 2014-11-12): what remedies the findings of a rule, and runs of it, which end when their time
//! has passed.

#[cfg(test)]
mod tests;

use super::call::Call;
use super::clock::later;
use super::scenario::Remediation;
use super::wire::{Failure, Reply, epoch};
use super::world::World;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

const OPERATIONS: [&str; 3] =
    ["DescribeRemediationConfigurations", "DescribeRemediationExecutionStatus", "StartRemediationExecution"];
/// The most rules of a question, and the most resources of a call (Config's service model).
const RULES: usize = 25;
const KEYS: usize = 100;

/// The operation of that name.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|known| *known == name)
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    config_rule_names: Vec<String>,
    config_rule_name: String,
    resource_keys: Option<Vec<Key>>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    resource_type: String,
    resource_id: String,
}

/// The ARN of what an operation is about: AWS makes a remediation configuration's of the rule and an id of its own; what
/// describes is about none.
pub(super) fn resource(world: &World, call: &Call) -> String {
    let input: Input = serde_json::from_slice(&call.body).unwrap_or_default();
    let (region, account, rule) = (&call.region, &world.scenario.account, input.config_rule_name);
    match call.operation {
        "StartRemediationExecution" => {
            format!("arn:aws:config:{region}:{account}:remediation-configuration/{rule}/1f9b2c")
        }
        _ => "*".to_owned(),
    }
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    let input: Input = serde_json::from_slice(&call.body).map_err(|_| invalid("the input is no document"))?;
    match call.operation {
        "DescribeRemediationConfigurations" => configurations(world, call, &input),
        "StartRemediationExecution" => start(world, call, &input),
        _ => statuses(world, call, &input),
    }
    .map(Reply::Json)
}

fn invalid(what: &str) -> Failure {
    Failure::new("ValidationException", 400, format!("1 validation error detected: {what}"))
}

fn configurations(world: &World, call: &Call, input: &Input) -> Result<Value, Failure> {
    if input.config_rule_names.len() > RULES {
        return Err(invalid("Value at 'configRuleNames' failed to satisfy constraint: Member must have length less"));
    }
    let here = call.region == world.scenario.region;
    let all = world.scenario.remediations.iter().filter(|one| here && input.config_rule_names.contains(&one.rule));
    let shown = |one: &Remediation| {
        json!({
            "ConfigRuleName": one.rule,
            "TargetType": "SSM_DOCUMENT",
            "TargetId": one.document,
            "TargetVersion": "1",
            "Parameters": { "BucketName": { "ResourceValue": { "Value": "RESOURCE_ID" } } },
            "Automatic": false,
            "Arn": format!("arn:aws:config:{}:{}:remediation-configuration/{}/1f9b2c", call.region,
                world.scenario.account, one.rule),
        })
    };
    Ok(json!({ "RemediationConfigurations": all.map(shown).collect::<Vec<_>>() }))
}

/// What remedies the rule, and the resources that are named.
fn remedy<'a>(world: &World, call: &Call, input: &'a Input) -> Result<(Remediation, &'a [Key]), Failure> {
    let here = call.region == world.scenario.region;
    let found = world.scenario.remediations.iter().find(|one| here && one.rule == input.config_rule_name);
    let missing = || {
        let message = "The rule has no remediation configuration.";
        Failure::new("NoSuchRemediationConfigurationException", 400, message)
    };
    let keys = input.resource_keys.as_deref().unwrap_or_default();
    if keys.len() > KEYS || keys.iter().any(|key| !key.resource_type.starts_with("AWS::") || key.resource_id.is_empty())
    {
        return Err(invalid("Value at 'resourceKeys' failed to satisfy constraint"));
    }
    Ok((found.ok_or_else(missing)?.clone(), keys))
}

fn start(world: &mut World, call: &Call, input: &Input) -> Result<Value, Failure> {
    let (remedy, keys) = remedy(world, call, input)?;
    if keys.is_empty() {
        return Err(invalid("Value at 'resourceKeys' failed to satisfy constraint: Member must have length greater"));
    }
    let (now, mut failed) = (call.now.simulated, Vec::new());
    for key in keys {
        let ends = later(now, SignedDuration::from_secs(remedy.seconds));
        let name = (remedy.rule.clone(), key.resource_type.clone(), key.resource_id.clone());
        match world.account.remedied.get(&name) {
            // One at a time.
            Some((_, ends)) if *ends > now => failed.push(shown(key)),
            _ => _ = world.account.remedied.insert(name, (now, ends)),
        }
    }
    match failed.is_empty() {
        true => Ok(json!({})),
        false => Ok(json!({ "FailureMessage": "A remediation is in progress.", "FailedItems": failed })),
    }
}

fn shown(key: &Key) -> Value {
    json!({ "resourceType": key.resource_type, "resourceId": key.resource_id })
}

fn statuses(world: &World, call: &Call, input: &Input) -> Result<Value, Failure> {
    let (remedy, keys) = remedy(world, call, input)?;
    let status = |key: &Key| {
        let name = (remedy.rule.clone(), key.resource_type.clone(), key.resource_id.clone());
        let (started, ends) = *world.account.remedied.get(&name)?;
        Some(status(key, (started, ends), call.now.simulated, remedy.fails))
    };
    Ok(json!({ "RemediationExecutionStatuses": keys.iter().filter_map(status).collect::<Vec<_>>() }))
}

fn status(key: &Key, (started, ends): (Timestamp, Timestamp), now: Timestamp, fails: bool) -> Value {
    let (state, step) = match ends <= now {
        false => ("IN_PROGRESS", "PENDING"),
        true if fails => ("FAILED", "FAILED"),
        true => ("SUCCEEDED", "SUCCEEDED"),
    };
    let mut step = json!({ "Name": "PutPublicAccessBlock", "State": step, "StartTime": epoch(started) });
    if state == "FAILED" {
        step["ErrorMessage"] = "Access Denied".into();
    }
    json!({
        "ResourceKey": shown(key),
        "State": state,
        "StepDetails": [step],
        "InvocationTime": epoch(started),
        "LastUpdatedTime": epoch(now.min(ends)),
    })
}
