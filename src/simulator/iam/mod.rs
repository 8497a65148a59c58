//! Identity and Access Management (API version 2010-05-08): users with their keys and passwords, roles, inline policies.

mod keys;
mod policies;
mod roles;
mod simulate;
mod users;

#[cfg(test)]
mod tests;

use super::account::UserState;
use super::call::Call;
use super::caller::Service;
use super::wire::query::{Element, Form, Rule};
use super::wire::{Failure, Reply};
use super::world::World;
use policies::{ROLE, USER};

const OPERATIONS: [&str; 19] = [
    "ListAccessKeys",
    "UpdateAccessKey",
    "GetAccessKeyLastUsed",
    "PutUserPolicy",
    "GetUserPolicy",
    "ListUserPolicies",
    "DeleteUserPolicy",
    "PutRolePolicy",
    "GetRolePolicy",
    "ListRolePolicies",
    "DeleteRolePolicy",
    "GetUser",
    "GetLoginProfile",
    "DeleteLoginProfile",
    "GetRole",
    "GetInstanceProfile",
    "ListInstanceProfilesForRole",
    "SimulatePrincipalPolicy",
    "UpdateAssumeRolePolicy",
];

const NAME: &str = "+=,.@_-";

const RULES: [Rule; 5] = [
    Rule { member: "UserName", min: 1, max: 128, letters: NAME },
    Rule { member: "RoleName", min: 1, max: 64, letters: NAME },
    Rule { member: "InstanceProfileName", min: 1, max: 128, letters: NAME },
    Rule { member: "PolicyName", min: 1, max: 128, letters: NAME },
    Rule { member: "AccessKeyId", min: 16, max: 128, letters: "_" },
];

/// The operation of that name.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|known| *known == name)
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    let form = Form::parse(&call.body);
    RULES.iter().try_for_each(|rule| rule.check(Service::Iam, &form))?;
    match call.operation {
        "ListAccessKeys" => keys::list_access_keys(world, call, &form),
        "UpdateAccessKey" => keys::update_access_key(world, call, &form),
        "GetAccessKeyLastUsed" => keys::last_used(world, call, &form),
        "PutUserPolicy" => policies::put(world, USER, &form),
        "GetUserPolicy" => policies::get(world, USER, &form),
        "ListUserPolicies" => policies::list(world, USER, &form),
        "DeleteUserPolicy" => policies::delete(world, USER, &form),
        "PutRolePolicy" => policies::put(world, ROLE, &form),
        "GetRolePolicy" => policies::get(world, ROLE, &form),
        "ListRolePolicies" => policies::list(world, ROLE, &form),
        "DeleteRolePolicy" => policies::delete(world, ROLE, &form),
        "GetUser" => users::get(world, call, &form),
        "GetLoginProfile" => users::login_profile(world, call, &form),
        "DeleteLoginProfile" => users::delete_login_profile(world, &form),
        "GetRole" => roles::get(world, &form),
        "UpdateAssumeRolePolicy" => roles::trust(world, &form),
        "GetInstanceProfile" => roles::profile(world, &form),
        "SimulatePrincipalPolicy" => simulate::principal(world, &form),
        _ => roles::profiles(world, &form),
    }
    .map(|elements| Reply::Xml(Element::Nest("", elements)))
}

/// The ARN of the user or the role that an operation is about.
pub(super) fn resource(world: &World, call: &Call) -> String {
    let form = Form::parse(&call.body);
    if let Some(role) = form.get("RoleName") {
        return roles::arn(world, role);
    }
    if let Some(source) = form.get("PolicySourceArn") {
        return source.to_owned();
    }
    let owner =
        |key| world.account.users.iter().find(|(_, u)| u.keys.iter().any(|k| k.id == key)).map(|(n, _)| n.as_str());
    let of_key = form.get("AccessKeyId").and_then(owner);
    match form.get("UserName").or(of_key).or(call.caller.user.as_deref()) {
        Some(name) => world.user_arn(name),
        None => "*".to_owned(),
    }
}

fn no_such(message: String) -> Failure {
    Failure::new("NoSuchEntity", 404, message)
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new("ValidationError", 400, message)
}

/// How many items a page has at most.
fn size(form: &Form) -> Result<usize, Failure> {
    let size = form.get("MaxItems").map_or(Ok(100), str::parse).ok().filter(|n| (1..=1000).contains(n));
    size.ok_or_else(|| invalid("1 validation error detected: Value at 'maxItems' failed to satisfy constraint"))
}

fn user<'a>(world: &'a mut World, name: &str) -> Result<&'a mut UserState, Failure> {
    let missing = || no_such(format!("The user with name {name} cannot be found."));
    world.account.users.get_mut(name).ok_or_else(missing)
}

/// The user that is named, else the one that calls.
fn named<'a>(call: &'a Call, form: &'a Form) -> Result<&'a str, Failure> {
    let missing = || invalid("Must specify userName when calling with non-User credentials");
    form.get("UserName").or(call.caller.user.as_deref()).ok_or_else(missing)
}
