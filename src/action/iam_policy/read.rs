//! What there is: the principal, who else has it, and the policy of that name.

use super::super::calls;
use super::super::fields::refuse;
use super::Principal;
use crate::aws::Reader;
use crate::problem::{Problem, clean};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use percent_encoding::percent_decode_str;
use quell_core::incident::Fact;
use quell_core::text::id::{RoleName, UserName};
use quell_core::text::{Id, Untrusted, cut_end};
use serde_json::Value;

/// The document of the principal's inline policy of that name; none where there is no such policy.
pub(in crate::action) async fn policy(
    reader: &Reader,
    of: &Principal,
    policy: &str,
) -> Result<Option<String>, Problem> {
    let iam = reader.iam();
    macro_rules! document {
        ($operation:literal, $call:expr) => {
            match $call.send().await {
                Ok(answer) => Ok(Some(decoded(answer.policy_document()))),
                Err(error) if error.code() == Some("NoSuchEntity") => Ok(None),
                Err(error) => Err(calls::problem(&error, reader, $operation)),
            }
        };
    }
    match of {
        Principal::User(name) => {
            document!("iam:GetUserPolicy", iam.get_user_policy().user_name(name.as_str()).policy_name(policy))
        }
        Principal::Role(name) => {
            document!("iam:GetRolePolicy", iam.get_role_policy().role_name(name.as_str()).policy_name(policy))
        }
    }
}

/// So many inline policies are read: all that IAM's quota of characters has room for, and more.
const MANY: usize = 100;

/// The names of the principal's inline policies, in their order.
pub(in crate::action) async fn names(reader: &Reader, of: &Principal) -> Result<Vec<String>, Problem> {
    let (mut all, mut marker): (Vec<String>, Option<String>) = (Vec::new(), None);
    macro_rules! page {
        ($operation:literal, $call:expr) => {{
            let page = $call.set_marker(marker).send().await.map_err(|e| calls::problem(&e, reader, $operation))?;
            all.extend(page.policy_names().iter().cloned());
            page.marker().filter(|_| page.is_truncated()).map(str::to_owned)
        }};
    }
    loop {
        marker = match of {
            Principal::User(name) => {
                page!("iam:ListUserPolicies", reader.iam().list_user_policies().user_name(name.as_str()))
            }
            Principal::Role(name) => {
                page!("iam:ListRolePolicies", reader.iam().list_role_policies().role_name(name.as_str()))
            }
        };
        if marker.is_none() || all.len() > MANY {
            all.truncate(MANY);
            all.sort();
            return Ok(all);
        }
    }
}

/// Documents come percent-encoded (RFC 3986).
pub(in crate::action) fn decoded(document: &str) -> String {
    percent_decode_str(document).decode_utf8_lossy().into_owned()
}

/// What the facts of a user's keys begin with.
pub(in crate::action) const KEY: &str = "key ";
/// The facts that name how a role gets onto instances.
const PROFILE: &str = "instance profile that has it";

/// What a policy on the principal reaches with it: the user's keys, and the profiles by which instances have the role.
pub(super) fn reached(facts: &[Fact]) -> Vec<Untrusted> {
    let one = |fact: &Fact| match fact.name.line().as_str() {
        PROFILE => Some(fact.value.clone()),
        name => name.strip_prefix(KEY).map(Untrusted::from),
    };
    facts.iter().filter_map(one).collect()
}

/// That the principal is there and may be changed, and what to know of it.
pub(in crate::action) async fn principal(reader: &Reader, of: &Principal) -> Result<Vec<Fact>, Problem> {
    match of {
        Principal::User(name) => user(reader, name).await,
        Principal::Role(name) => role(reader, name).await,
    }
}

async fn user(reader: &Reader, name: &Id<UserName>) -> Result<Vec<Fact>, Problem> {
    let answer = reader.iam().get_user().user_name(name.as_str()).send().await;
    let answer = answer.map_err(|e| calls::problem(&e, reader, "iam:GetUser"))?;
    let mut facts = Vec::new();
    let password = answer.user().and_then(|user| user.password_last_used()).map(calls::time);
    facts.extend(password.map(|at| Fact::new("last use of the password", at)));
    let keys = reader.iam().list_access_keys().user_name(name.as_str()).send().await;
    let keys = keys.map_err(|e| calls::problem(&e, reader, "iam:ListAccessKeys"))?;
    facts.extend(keys.access_key_metadata().iter().filter_map(|key| {
        let status = key.status().map_or("unknown", |status| status.as_str());
        Some(Fact::new(format!("{KEY}{}", clean(key.access_key_id()?)), status))
    }));
    Ok(facts)
}

async fn role(reader: &Reader, name: &Id<RoleName>) -> Result<Vec<Fact>, Problem> {
    let answer = reader.iam().get_role().role_name(name.as_str()).send().await;
    let answer = answer.map_err(|e| calls::problem(&e, reader, "iam:GetRole"))?;
    let role = answer.role().ok_or_else(|| Problem::aws(format!("IAM does not describe the role {name}")))?;
    protected(name, role.path())?;
    let mut facts = Vec::new();
    let trust = role.assume_role_policy_document().map(decoded).unwrap_or_default();
    facts.push(Fact::new("may be taken on by", trusted(&trust)));
    let used = role.role_last_used().and_then(|used| Some((used.last_used_date()?, used.region()?)));
    let used = used.map_or_else(
        || "not in the last 400 days, or not yet known".to_owned(),
        |(at, region)| format!("{} in {}", calls::time(at), clean(region)),
    );
    facts.push(Fact::new("last use of the role", used));
    let profiles = reader.iam().list_instance_profiles_for_role().role_name(name.as_str()).send().await;
    let profiles = profiles.map_err(|e| calls::problem(&e, reader, "iam:ListInstanceProfilesForRole"))?;
    let names = profiles.instance_profiles().iter().map(|profile| profile.instance_profile_name());
    facts.extend(names.map(|name| Fact::new(PROFILE, name)));
    Ok(facts)
}

/// Refuses what is a person of Identity Center where an IAM user is meant: the role of their sessions, or such a session.
pub(in crate::action) fn no_person(user: &Untrusted) -> Result<(), Problem> {
    let words = user.line().into_string();
    match words.split(['/', ':']).any(|part| part.starts_with("AWSReservedSSO_")) {
        false => Ok(()),
        true => Err(refuse(format!("{words} is a person's session of IAM Identity Center, and no IAM user"))
            .meaning("its console access is that person's in Identity Center: IAM has no password and no keys of it")
            .next(
                "take the permission set from the person (identity-center-assignment), and end their active sessions in \
                 Identity Center; what is signed in lives on until then",
            )),
    }
}

/// Refuses roles that nobody may edit, and says what can be done instead.
pub(in crate::action) fn protected(name: &Id<RoleName>, path: &str) -> Result<(), Problem> {
    if path.starts_with("/aws-reserved/") {
        return Err(refuse(format!("{name} belongs to IAM Identity Center: IAM lets nobody edit it")).next(
            "in Identity Center, remove the assignment of the permission set (identity-center-assignment), or disable \
                 the user",
        ));
    }
    if path.starts_with("/aws-service-role/") {
        return Err(refuse(format!("{name} belongs to an AWS service: IAM lets nobody edit it"))
            .next("stop what the service does for the intruder in the service itself"));
    }
    Ok(())
}

/// Whom a trust policy names, in words.
fn trusted(document: &str) -> String {
    let Ok(policy) = serde_json::from_str::<Value>(document) else { return "not readable".to_owned() };
    let statements = match policy.get("Statement") {
        Some(Value::Array(all)) => all.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let allows = statements.iter().filter(|s| s.get("Effect").and_then(Value::as_str) == Some("Allow"));
    let mut names: Vec<String> = allows.filter_map(|s| s.get("Principal")).flat_map(principals).collect();
    names.sort();
    names.dedup();
    match names.is_empty() {
        true => "nobody".to_owned(),
        false => cut_end(&names.join(", "), 300),
    }
}

fn principals(of: &Value) -> Vec<String> {
    match of {
        Value::String(name) => vec![clean(name).into_string()],
        Value::Array(all) => all.iter().flat_map(principals).collect(),
        Value::Object(kinds) => kinds.values().flat_map(principals).collect(),
        _ => Vec::new(),
    }
}
