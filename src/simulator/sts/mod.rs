//! Security Token Service (API version 2011-06-15): who calls, and taking on a role.

#[cfg(test)]
mod tests;

use super::call::Call;
use super::caller::{Caller, Service, Session};
use super::clock::later;
use super::policy::{Policy, matches};
use super::wire::query::{Element, Form, Rule};
use super::wire::{Failure, Reply, seconds};
use super::world::World;
use jiff::SignedDuration;

const OPERATIONS: [&str; 2] = ["GetCallerIdentity", "AssumeRole"];

const RULES: [Rule; 3] = [
    Rule { member: "RoleArn", min: 20, max: 2048, letters: ":/+=,.@_-" },
    Rule { member: "RoleSessionName", min: 2, max: 64, letters: "_+=,.@-" },
    Rule { member: "SourceIdentity", min: 2, max: 64, letters: "_+=,.@-" },
];

/// The operation of that name.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|known| *known == name)
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    let form = Form::parse(&call.body);
    match call.operation {
        "GetCallerIdentity" => Ok(caller_identity(world, call)),
        _ => assume_role(world, call, &form),
    }
    .map(|elements| Reply::Xml(Element::Nest("", elements)))
}

fn caller_identity(world: &World, call: &Call) -> Vec<Element> {
    vec![
        Element::text("Arn", &call.caller.arn),
        Element::text("UserId", &call.caller.user_id),
        Element::text("Account", &world.scenario.account),
    ]
}

fn assume_role(world: &mut World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    RULES.iter().try_for_each(|rule| rule.check(Service::Sts, form))?;
    let role_arn = form.need(Service::Sts, "RoleArn")?.to_owned();
    let name = form.need(Service::Sts, "RoleSessionName")?.to_owned();
    let duration = duration(form)?;
    let responder = &world.scenario.responder;
    let refused = |action| Err(super::front::denied(Service::Sts, &call.caller, action, &role_arn, ""));
    // A role that is not there and one that may not be taken on look the same.
    if role_arn != world.role_arn(&responder.role) || call.caller.user.as_deref() != Some(&*responder.user) {
        return refused("sts:AssumeRole");
    }
    if form.get("SourceIdentity").is_some() && !names(world) {
        return refused("sts:SetSourceIdentity");
    }
    let text = form.get("Policy");
    let policy = text.map(session_policy).transpose()?;
    let n = world.sessions.len() as u64;
    let arn = format!("arn:aws:sts::{}:assumed-role/{}/{name}", world.scenario.account, responder.role);
    let id = format!("{}:{name}", responder.role_id);
    let key = format!("ASIA{}", world.chance.base32("session key", n, 16));
    let secret = world.chance.hex("session secret", n).get(..20).unwrap_or_default().repeat(2);
    let token = format!("{}{}", world.chance.base32("session token", n, 32), world.chance.hex("session token", n));
    let expires = later(call.now.real, duration);
    let role = Some((responder.role.clone(), call.now.real));
    world.account.role_uses.insert(responder.role.clone(), (call.now.simulated, call.region.clone()));
    let caller = Caller { arn: arn.clone(), user_id: id.clone(), user: None, role, policy };
    world.sessions.insert(key.clone(), Session { token: token.clone(), expires, caller });
    let mut elements = vec![
        Element::Nest(
            "Credentials",
            vec![
                Element::text("AccessKeyId", key),
                Element::text("SecretAccessKey", secret),
                Element::text("SessionToken", token),
                Element::text("Expiration", seconds(expires)),
            ],
        ),
        Element::Nest("AssumedRoleUser", vec![Element::text("AssumedRoleId", id), Element::text("Arn", arn)]),
    ];
    if let Some(text) = text {
        elements.push(Element::text("PackedPolicySize", packed(text).to_string()));
    }
    if let Some(identity) = form.get("SourceIdentity") {
        elements.push(Element::text("SourceIdentity", identity));
    }
    Ok(elements)
}

/// Whether the role's trust lets a source identity be set: it does, unless the scenario denies it.
pub(super) fn names(world: &World) -> bool {
    !world.scenario.denied.iter().any(|pattern| matches(pattern, "sts:SetSourceIdentity"))
}

/// Per cent of the packed limit; AWS packs in a binary form that is not published, so this is near, not exact.
fn packed(policy: &str) -> usize {
    policy.len().saturating_mul(100).div_ceil(4096)
}

fn session_policy(text: &str) -> Result<Policy, Failure> {
    if text.len() > 2048 {
        let message = "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048";
        return Err(Failure::new("ValidationError", 400, message));
    }
    Policy::parse(text).ok_or_else(|| Failure::new("MalformedPolicyDocument", 400, "Syntax errors in policy."))
}

/// 900 to 3600 seconds: the role's longest session is the default of one hour.
fn duration(form: &Form) -> Result<SignedDuration, Failure> {
    let seconds = match form.get("DurationSeconds") {
        Some(text) => text.parse().unwrap_or(0),
        None => 3600,
    };
    if (900..=3600).contains(&seconds) {
        return Ok(SignedDuration::from_secs(seconds));
    }
    let message = if seconds > 3600 {
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.".to_owned()
    } else {
        format!(
            "1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900"
        )
    };
    Err(Failure::new("ValidationError", 400, message))
}
