//! AWS IAM Identity Center (`sso-admin`, API version 2020-07-20): who may take on which permission set in which account.
//! Assignments are made and taken away some seconds after it was asked.

#[cfg(test)]
mod tests;

use super::account::Turn;
use super::call::Call;
use super::clock::later;
use super::page;
use super::scenario::{Center, PermissionSet};
use super::wire::{Failure, Reply, epoch};
use super::world::World;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

const OPERATIONS: [&str; 7] = [
    "CreateAccountAssignment",
    "DeleteAccountAssignment",
    "DescribeAccountAssignmentCreationStatus",
    "DescribeAccountAssignmentDeletionStatus",
    "DescribePermissionSet",
    "ListAccountAssignments",
    "ListInstances",
];
/// How long an assignment takes.
const SECONDS: i64 = 6;
/// The rows of a page where nobody asks for fewer.
const PAGE: usize = 100;

/// The operation of that name.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|known| *known == name)
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    instance_arn: String,
    permission_set_arn: String,
    account_id: String,
    target_id: String,
    target_type: String,
    principal_type: String,
    principal_id: String,
    account_assignment_creation_request_id: String,
    account_assignment_deletion_request_id: String,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// The ARN of what an operation is about: of the three that an assignment is of, the permission set's.
pub(super) fn resource(call: &Call) -> String {
    let input: Input = serde_json::from_slice(&call.body).unwrap_or_default();
    match (input.permission_set_arn, input.instance_arn) {
        (set, _) if !set.is_empty() => set,
        (_, instance) if !instance.is_empty() => instance,
        _ => "*".to_owned(),
    }
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    let input: Input = serde_json::from_slice(&call.body).map_err(|_| invalid("the input is no document"))?;
    settle(world, call.now.simulated);
    let answer = match call.operation {
        "ListInstances" => instances(world, call, &input),
        "DescribePermissionSet" => describe(world, call, &input),
        "ListAccountAssignments" => assignments(world, call, &input),
        "CreateAccountAssignment" => turn(world, call, &input, true),
        "DeleteAccountAssignment" => turn(world, call, &input, false),
        "DescribeAccountAssignmentCreationStatus" => {
            status(world, call, &input, (&input.account_assignment_creation_request_id, true))
        }
        _ => status(world, call, &input, (&input.account_assignment_deletion_request_id, false)),
    };
    answer.map(Reply::Json)
}

fn invalid(what: &str) -> Failure {
    Failure::new("ValidationException", 400, format!("1 validation error detected: {what}"))
}

fn missing(what: &str) -> Failure {
    Failure::new("ResourceNotFoundException", 400, format!("{what} not found"))
}

/// What has been asked for takes effect when its time has come.
fn settle(world: &mut World, now: Timestamp) {
    let due = world.account.turns.values().filter(|turn| turn.ends <= now && turn.fails.is_none());
    let mut due: Vec<Turn> = due.cloned().collect();
    due.sort_by_key(|turn| turn.started);
    for Turn { of, makes, .. } in due {
        match makes {
            true => _ = world.account.assigned.insert(of),
            false => _ = world.account.assigned.remove(&of),
        }
    }
}

fn instance_arn(center: &Center) -> String {
    format!("arn:aws:sso:::instance/{}", center.instance)
}

fn instances(world: &World, call: &Call, input: &Input) -> Result<Value, Failure> {
    size(input)?;
    let here = call.region == world.scenario.region;
    let shown = |center: &Center| {
        json!({
            "InstanceArn": instance_arn(center),
            "IdentityStoreId": center.store,
            "OwnerAccountId": world.scenario.account,
            "Name": "people",
            "CreatedDate": epoch(world.account.made),
            "Status": "ACTIVE",
        })
    };
    let all: Vec<Value> = world.scenario.identity_center.iter().filter(|_| here).map(shown).collect();
    Ok(json!({ "Instances": all }))
}

fn size(input: &Input) -> Result<usize, Failure> {
    match input.max_results {
        Some(size) if !(1..=100).contains(&size) => {
            Err(invalid("Value at 'maxResults' failed to satisfy constraint: Member must have value between 1 and 100"))
        }
        size => Ok(size.unwrap_or(PAGE)),
    }
}

/// The instance that is named, where it is in this region.
fn center<'a>(world: &'a World, call: &Call, input: &Input) -> Result<&'a Center, Failure> {
    if !input.instance_arn.starts_with("arn:aws:sso:::instance/") {
        return Err(invalid("Value at 'instanceArn' failed to satisfy constraint: Member must satisfy the pattern"));
    }
    let here = call.region == world.scenario.region;
    let found =
        world.scenario.identity_center.as_ref().filter(|center| here && instance_arn(center) == input.instance_arn);
    found.ok_or_else(|| missing("Instance"))
}

fn set<'a>(world: &'a World, call: &Call, input: &Input) -> Result<&'a PermissionSet, Failure> {
    let center = center(world, call, input)?;
    let Some(id) = input.permission_set_arn.strip_prefix("arn:aws:sso:::permissionSet/") else {
        return Err(invalid(
            "Value at 'permissionSetArn' failed to satisfy constraint: Member must satisfy the pattern",
        ));
    };
    let id = id.strip_prefix(&center.instance).and_then(|id| id.strip_prefix('/'));
    let found = world.scenario.permission_sets.iter().find(|set| id == Some(set.id.as_str()));
    found.ok_or_else(|| missing("PermissionSet"))
}

fn describe(world: &World, call: &Call, input: &Input) -> Result<Value, Failure> {
    let set = set(world, call, input)?;
    Ok(json!({ "PermissionSet": {
        "Name": set.name,
        "PermissionSetArn": input.permission_set_arn,
        "CreatedDate": epoch(world.account.made),
        "SessionDuration": set.session,
    } }))
}

/// The account that is named: twelve digits.
fn account(id: &str) -> Result<&str, Failure> {
    match id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok(id),
        false => Err(invalid("Value at 'accountId' failed to satisfy constraint: Member must satisfy the pattern")),
    }
}

fn assignments(world: &World, call: &Call, input: &Input) -> Result<Value, Failure> {
    let set = set(world, call, input)?;
    let account = account(&input.account_id)?;
    let size = size(input)?;
    let all = world.account.assigned.iter().filter(|one| one.0 == set.id && one.1 == account);
    let shown = |(_, account, kind, principal): &(String, String, String, String)| {
        json!({
            "AccountId": account,
            "PermissionSetArn": input.permission_set_arn,
            "PrincipalType": kind,
            "PrincipalId": principal,
        })
    };
    let token = input.next_token.as_deref();
    let all: Vec<Value> = all.map(shown).collect();
    let (rows, next) =
        page::of(&all, token, size, "sso").ok_or_else(|| invalid("Value at 'nextToken' is not one of this list"))?;
    let mut answer = json!({ "AccountAssignments": rows });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

fn turn(world: &mut World, call: &Call, input: &Input, makes: bool) -> Result<Value, Failure> {
    let set = set(world, call, input)?.id.clone();
    let target = account(&input.target_id)?.to_owned();
    if input.target_type != "AWS_ACCOUNT" || !["USER", "GROUP"].contains(&input.principal_type.as_str()) {
        return Err(invalid(
            "Value at 'principalType' failed to satisfy constraint: Member must satisfy enum value set",
        ));
    }
    if input.principal_id.is_empty() {
        return Err(invalid("Value at 'principalId' failed to satisfy constraint: Member must have length greater"));
    }
    let of = (set, target, input.principal_type.clone(), input.principal_id.clone());
    let now = call.now.simulated;
    if world.account.turns.values().any(|turn| turn.of == of && turn.ends > now) {
        return Err(Failure::new("ConflictException", 400, "An operation on the assignment is in progress."));
    }
    let fails = match (makes, world.account.assigned.contains(&of)) {
        (false, false) => Some("Received a 404 status error: the assignment does not exist."),
        _ => None,
    };
    let id = world.chance.uuid("assignment", world.answered);
    let ends = later(now, SignedDuration::from_secs(SECONDS));
    let turn = Turn { of, makes, started: now, ends, fails };
    let told = told(input, &id, &turn, now);
    world.account.turns.insert(id, turn);
    Ok(json!({ member(makes): told }))
}

fn member(makes: bool) -> &'static str {
    if makes { "AccountAssignmentCreationStatus" } else { "AccountAssignmentDeletionStatus" }
}

fn told(input: &Input, id: &str, turn: &Turn, now: Timestamp) -> Value {
    let (status, why) = match (turn.ends <= now, turn.fails) {
        (false, _) => ("IN_PROGRESS", None),
        (true, Some(why)) => ("FAILED", Some(why)),
        (true, None) => ("SUCCEEDED", None),
    };
    let (set, account, kind, principal) = &turn.of;
    let instance = input.instance_arn.rsplit('/').next().unwrap_or_default();
    let mut all = json!({
        "Status": status,
        "RequestId": id,
        "TargetId": account,
        "TargetType": "AWS_ACCOUNT",
        "PermissionSetArn": format!("arn:aws:sso:::permissionSet/{instance}/{set}"),
        "PrincipalType": kind,
        "PrincipalId": principal,
        "CreatedDate": epoch(turn.started),
    });
    if let Some(why) = why {
        all["FailureReason"] = why.into();
    }
    all
}

fn status(world: &World, call: &Call, input: &Input, (id, makes): (&str, bool)) -> Result<Value, Failure> {
    center(world, call, input)?;
    if id.len() != 36 {
        return Err(invalid("Value at 'requestId' failed to satisfy constraint: Member must have length 36"));
    }
    let turn = world.account.turns.get(id).filter(|turn| turn.makes == makes).ok_or_else(|| missing("Request"))?;
    Ok(json!({ member(makes): told(input, id, turn, call.now.simulated) }))
}
