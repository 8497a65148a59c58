//! Identity and Access Management (API version 2010-05-08): access keys and inline policies of users.

#[cfg(test)]
mod tests;

use super::account::{KeyState, UserState};
use super::call::Call;
use super::caller::Service;
use super::front::denied;
use super::page;
use super::policy::Policy;
use super::wire::query::{Element, Form, Rule};
use super::wire::{Failure, Reply, seconds};
use super::world::World;

const OPERATIONS: [&str; 6] =
    ["ListAccessKeys", "UpdateAccessKey", "GetAccessKeyLastUsed", "PutUserPolicy", "GetUserPolicy", "DeleteUserPolicy"];

const NAME: &str = "+=,.@_-";

const RULES: [Rule; 3] = [
    Rule { member: "UserName", min: 1, max: 128, letters: NAME },
    Rule { member: "PolicyName", min: 1, max: 128, letters: NAME },
    Rule { member: "AccessKeyId", min: 16, max: 128, letters: "_" },
];

/// The inline policies of a user together, white space not counted (IAM quotas).
const POLICIES: usize = 2048;

/// The operation of that name.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|known| *known == name)
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    let form = Form::parse(&call.body);
    RULES.iter().try_for_each(|rule| rule.check(Service::Iam, &form))?;
    match call.operation {
        "ListAccessKeys" => list_access_keys(world, call, &form),
        "UpdateAccessKey" => update_access_key(world, call, &form),
        "GetAccessKeyLastUsed" => last_used(world, call, &form),
        "PutUserPolicy" => put_user_policy(world, &form),
        "GetUserPolicy" => get_user_policy(world, &form),
        _ => delete_user_policy(world, &form),
    }
    .map(|elements| Reply::Xml(Element::Nest("", elements)))
}

/// The ARN of the user that an operation is about.
pub(super) fn resource(world: &World, call: &Call) -> String {
    let form = Form::parse(&call.body);
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

fn user<'a>(world: &'a mut World, name: &str) -> Result<&'a mut UserState, Failure> {
    let missing = || no_such(format!("The user with name {name} cannot be found."));
    world.account.users.get_mut(name).ok_or_else(missing)
}

/// The user that is named, else the one that calls.
fn named<'a>(call: &'a Call, form: &'a Form) -> Result<&'a str, Failure> {
    let missing = || invalid("Must specify userName when calling with non-User credentials");
    form.get("UserName").or(call.caller.user.as_deref()).ok_or_else(missing)
}

fn list_access_keys(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = named(call, form)?.to_owned();
    let size = form.get("MaxItems").map_or(Ok(100), str::parse).ok().filter(|n| (1..=1000).contains(n));
    let size =
        size.ok_or_else(|| invalid("1 validation error detected: Value at 'maxItems' failed to satisfy constraint"))?;
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

fn update_access_key(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
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

fn last_used(world: &World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
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

fn put_user_policy(world: &mut World, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = policy_name(form)?.to_owned();
    let text = form.need(Service::Iam, "PolicyDocument")?;
    if Policy::parse(text).is_none() {
        return Err(Failure::new("MalformedPolicyDocument", 400, "Syntax errors in policy."));
    }
    let owner = form.need(Service::Iam, "UserName")?;
    let policies = &mut user(world, owner)?.policies;
    let size = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let others: usize = policies.iter().filter(|(n, _)| **n != name).map(|(_, text)| size(text)).sum();
    if others + size(text) > POLICIES {
        let message = format!("Maximum policy size of {POLICIES} bytes exceeded for user {owner}");
        return Err(Failure::new("LimitExceeded", 409, message));
    }
    policies.insert(name, text.to_owned());
    Ok(Vec::new())
}

fn get_user_policy(world: &mut World, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = policy_name(form)?;
    let owner = form.need(Service::Iam, "UserName")?;
    let text = user(world, owner)?.policies.get(name).ok_or_else(|| no_policy(name))?;
    // The document is percent-encoded (RFC 3986), where a form writes a space as a plus sign.
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    Ok(vec![
        Element::text("UserName", owner),
        Element::text("PolicyName", name),
        Element::text("PolicyDocument", encoded.replace('+', "%20")),
    ])
}

fn delete_user_policy(world: &mut World, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = policy_name(form)?;
    let policies = &mut user(world, form.need(Service::Iam, "UserName")?)?.policies;
    policies.remove(name).ok_or_else(|| no_policy(name))?;
    Ok(Vec::new())
}

fn no_policy(name: &str) -> Failure {
    no_such(format!("The user policy with name {name} cannot be found."))
}

fn policy_name(form: &Form) -> Result<&str, Failure> {
    form.need(Service::Iam, "PolicyName")
}
