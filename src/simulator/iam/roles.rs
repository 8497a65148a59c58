//! Roles: what they are, who may take them on, which instance profiles have them.

use super::policies::encoded;
use super::{invalid, no_such, size};
use crate::simulator::caller::Service;
use crate::simulator::page;
use crate::simulator::sts;
use crate::simulator::wire::query::{Element, Form};
use crate::simulator::wire::{Failure, seconds};
use crate::simulator::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where IAM Identity Center keeps the roles that it makes; nobody else may change those.
const RESERVED: &str = "/aws-reserved/";

/// The inline policies of a role.
pub(super) fn policies<'a>(world: &'a mut World, name: &str) -> Result<&'a mut BTreeMap<String, String>, Failure> {
    let missing = || no_such(format!("The role with name {name} cannot be found."));
    world.account.roles.get_mut(name).ok_or_else(missing)
}

/// Whether the role is one that AWS made for itself.
pub(super) fn may_change(world: &World, name: &str) -> Result<(), Failure> {
    match path(world, name).starts_with(RESERVED) {
        true => {
            let why = "this role is only modifiable by AWS";
            let message = format!("Cannot perform the operation on the protected role '{name}' - {why}");
            Err(Failure::new("UnmodifiableEntity", 400, message))
        }
        false => Ok(()),
    }
}

fn path(world: &World, name: &str) -> String {
    let role = world.scenario.roles.iter().find(|role| role.name == name);
    role.map_or_else(|| "/".to_owned(), |role| role.path.clone())
}

/// The role's ARN, with its path.
pub(super) fn arn(world: &World, name: &str) -> String {
    format!("arn:aws:iam::{}:role{}{name}", world.scenario.account, path(world, name))
}

pub(super) fn get(world: &mut World, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = form.need(Service::Iam, "RoleName")?.to_owned();
    policies(world, &name)?;
    let mut elements = described(world, &name);
    let used = world
        .account
        .role_uses
        .get(&name)
        .map(|(at, region)| vec![Element::text("LastUsedDate", seconds(*at)), Element::text("Region", region)]);
    elements.push(Element::text("MaxSessionDuration", "3600"));
    elements.push(Element::Nest("RoleLastUsed", used.unwrap_or_default()));
    Ok(vec![Element::Nest("Role", elements)])
}

/// The most characters of a trust policy, white space not counted (IAM quotas, the default).
const TRUST: usize = 2048;

/// Puts another trust policy on a role: one names principals and no resource.
pub(super) fn trust(world: &mut World, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = form.need(Service::Iam, "RoleName")?.to_owned();
    let text = form.need(Service::Iam, "PolicyDocument")?.to_owned();
    policies(world, &name)?;
    may_change(world, &name)?;
    let malformed = |message: &str| Failure::new("MalformedPolicyDocument", 400, message);
    let policy: Value = serde_json::from_str(&text).map_err(|_| malformed("Syntax errors in policy."))?;
    let statements = match policy.get("Statement") {
        Some(Value::Array(all)) if !all.is_empty() => all.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => return Err(malformed("Syntax errors in policy.")),
    };
    let lacks = |field: &str| statements.iter().any(|statement| statement.get(field).is_none());
    if ["Effect", "Principal", "Action"].into_iter().any(lacks) {
        return Err(malformed("AssumeRolepolicy must contain a principal and an action"));
    }
    let nobody =
        |statement: &Value| statement.get("Principal").is_some_and(crate::simulator::s3::policies::names_nobody);
    if statements.iter().any(nobody) {
        return Err(malformed("Invalid principal in policy"));
    }
    if statements.iter().any(|statement| statement.get("Resource").is_some()) {
        return Err(malformed("Has prohibited field Resource"));
    }
    if text.chars().filter(|c| !c.is_whitespace()).count() > TRUST {
        let message = format!("Cannot exceed quota for ACLSizePerRole: {TRUST}");
        return Err(Failure::new("LimitExceeded", 409, message));
    }
    world.account.trusts.insert(name, text);
    Ok(Vec::new())
}

fn described(world: &World, name: &str) -> Vec<Element> {
    let responder = &world.scenario.responder;
    let known = world.scenario.roles.iter().find(|role| role.name == name);
    let principal = match known {
        Some(role) if role.path.starts_with(RESERVED) => {
            json!({ "Federated": format!("arn:aws:iam::{}:saml-provider/AWSSSO", world.scenario.account) })
        }
        Some(role) => json!({ "Service": role.service }),
        None => json!({ "AWS": world.user_arn(&responder.user) }),
    };
    let action = match known {
        _ if principal.get("Federated").is_some() => json!("sts:AssumeRoleWithSAML"),
        None if sts::names(world) => json!(["sts:AssumeRole", "sts:SetSourceIdentity"]),
        _ => json!("sts:AssumeRole"),
    };
    let first = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": principal, "Action": action },
    ] });
    let trust = world.account.trusts.get(name).cloned().unwrap_or_else(|| first.to_string());
    let id = known.map_or(&responder.role_id, |role| &role.id);
    vec![
        Element::text("Path", path(world, name)),
        Element::text("RoleName", name),
        Element::text("RoleId", id),
        Element::text("Arn", arn(world, name)),
        Element::text("CreateDate", seconds(world.account.made)),
        Element::text("AssumeRolePolicyDocument", encoded(&trust)),
    ]
}

fn profile_elements(world: &World, name: &str, id: &str) -> Vec<Element> {
    vec![
        Element::text("Path", "/"),
        Element::text("InstanceProfileName", name),
        Element::text("InstanceProfileId", id),
        Element::text("Arn", format!("arn:aws:iam::{}:instance-profile/{name}", world.scenario.account)),
        Element::text("CreateDate", seconds(world.account.made)),
        Element::Nest("Roles", vec![Element::Nest("member", described(world, name))]),
    ]
}

/// One instance profile, with the role that it has.
pub(super) fn profile(world: &mut World, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = form.need(Service::Iam, "InstanceProfileName")?.to_owned();
    let missing = || no_such(format!("Instance Profile {name} cannot be found."));
    let known = world.scenario.instances.iter().find(|instance| instance.role == name).ok_or_else(missing)?;
    Ok(vec![Element::Nest("InstanceProfile", profile_elements(world, &name, &known.profile_id))])
}

/// Instance profiles that have the role: each instance's is named after its role.
pub(super) fn profiles(world: &mut World, form: &Form) -> Result<Vec<Element>, Failure> {
    let name = form.need(Service::Iam, "RoleName")?.to_owned();
    policies(world, &name)?;
    let size = size(form)?;
    let mut ids: Vec<String> =
        world.scenario.instances.iter().filter(|i| i.role == name).map(|i| i.profile_id.clone()).collect();
    ids.dedup();
    let (page, next) = page::of(&ids, form.get("Marker"), size, "iam").ok_or_else(|| invalid("Invalid Marker"))?;
    let member = |id: &String| Element::Nest("member", profile_elements(world, &name, id));
    let mut elements = vec![
        Element::Nest("InstanceProfiles", page.iter().map(member).collect()),
        Element::text("IsTruncated", next.is_some().to_string()),
    ];
    elements.extend(next.map(|marker| Element::text("Marker", marker)));
    Ok(elements)
}
