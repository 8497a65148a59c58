//! IAM users and roles: a user's keys and console password, inline policies, and whether one of them denies everything.

use super::super::super::fields::id;
use super::super::super::iam_access_key;
use super::super::super::iam_console::{self, PASSWORD};
use super::super::super::iam_policy::Principal;
use super::super::super::iam_policy::read::{self, KEY};
use super::super::super::kind::Written;
use super::super::contain;
use super::super::parameters::{Parameters, single};
use super::{BEFORE, Seen};
use crate::aws::Reader;
use crate::problem::{Problem, clean};
use quell_core::incident::{Fact, Plan, Verified};
use quell_core::record::Hash;
use quell_core::text::Untrusted;
use serde_json::Value as Json;

/// The fact that names the inline policies, and tells others from them by one hash.
pub(super) const POLICIES: &str = "inline policies";
/// What the fact of a policy that denies everything begins with.
const DENIED: &str = "denied everything by ";
const NONE: &str = "none";
const ACTIVE: &str = "Active";
const EVERYTHING: &str = "always";
const UNREAD: &str = "the automation says that it succeeded; quell does not read users of Identity Center. Look at the user's \
     assignments and groups";
const LAG: &str = "IAM takes some seconds to spread a change: calls may pass for a moment";

/// Whether a fact of that name says how a principal stood.
pub(super) fn state(name: &str) -> bool {
    name.starts_with(KEY) || [PASSWORD, POLICIES].contains(&name)
}

/// The user or the role that a run is about; none of Identity Center.
fn named(parameters: &Parameters) -> Result<Option<Principal>, Problem> {
    let name = Untrusted::from(single(parameters, "PrincipalName").unwrap_or_default());
    Ok(match single(parameters, "PrincipalType") {
        Some("IAM user") => Some(Principal::User(id("PrincipalName", &name)?)),
        Some("IAM role") => Some(Principal::Role(id("PrincipalName", &name)?)),
        _ => None,
    })
}

/// What there is of a principal, beside its name.
struct Stands {
    facts: Vec<Fact>,
    /// Of each policy that denies everything: its fact.
    denied: Vec<Fact>,
}

/// Reads what a run changes: the keys and the password of a user, and the inline policies.
async fn stands(reader: &Reader, of: &Principal) -> Result<Stands, Problem> {
    let mut facts = read::principal(reader, of).await?;
    if let Principal::User(user) = of {
        facts.push(iam_console::fact(iam_console::password(reader, user).await?));
    }
    let (mut all, mut denied) = (Vec::new(), Vec::new());
    for name in read::names(reader, of).await? {
        let Some(document) = read::policy(reader, of, &name).await? else { continue };
        denied.extend(denies(&document).map(|until| Fact::new(format!("{DENIED}{}", clean(&name)), until)));
        all.push((name, document));
    }
    facts.push(Fact::new(POLICIES, told(&all)));
    facts.extend(denied.iter().cloned());
    Ok(Stands { facts, denied })
}

/// The policies by name, with a hash over all of them.
fn told(all: &[(String, String)]) -> String {
    let names: Vec<String> = all.iter().map(|(name, _)| clean(name).into_string()).collect();
    let bytes: Vec<u8> =
        all.iter().flat_map(|(name, text)| [name.as_bytes(), b"\0", text.as_bytes(), b"\0"].concat()).collect();
    match names.is_empty() {
        true => NONE.to_owned(),
        false => format!("{}; SHA-256 {}", names.join(", "), Hash::of(&bytes)),
    }
}

/// Which sessions a policy denies everything to, where it does: all of them, or those from before a time.
fn denies(document: &str) -> Option<String> {
    let policy: Json = serde_json::from_str(document).ok()?;
    let statements = match policy.get("Statement")? {
        Json::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    statements.iter().find_map(|one| {
        let whole = ["Action", "Resource"].iter().all(|member| match one.get(member) {
            Some(Json::String(text)) => text == "*",
            Some(Json::Array(all)) => all.iter().any(|text| text == "*"),
            _ => false,
        });
        let denies = whole && one.get("Effect")?.as_str()? == "Deny";
        denies.then_some(())?;
        match one.get("Condition") {
            None => Some(EVERYTHING.to_owned()),
            Some(condition) => older(condition),
        }
    })
}

/// The condition that holds for sessions from before a time, and no other.
fn older(condition: &Json) -> Option<String> {
    let [(operator, keys)] = condition.as_object()?.iter().collect::<Vec<_>>()[..] else { return None };
    let [(key, time)] = keys.as_object()?.iter().collect::<Vec<_>>()[..] else { return None };
    let is = operator.eq_ignore_ascii_case("DateLessThan") && key.eq_ignore_ascii_case("aws:TokenIssueTime");
    let time = match time {
        Json::Array(all) => all.first()?.as_str()?,
        one => one.as_str()?,
    };
    is.then(|| format!("to sessions from before {}", clean(time)))
}

/// What there is before a run.
pub(super) async fn principal(reader: &Reader, parameters: &Parameters, contains: bool) -> Result<Seen, Problem> {
    let Some(of) = named(parameters)? else { return Ok(Seen::default()) };
    let Stands { facts, denied } = stands(reader, &of).await?;
    let already = denied
        .iter()
        .find(|_| contains)
        .map(|fact| format!("A policy denies everything already ({}): look who has put it there.", words(fact)));
    Ok(Seen { facts, warnings: already.into_iter().collect(), exposed: false })
}

fn words(fact: &Fact) -> String {
    let name = fact.name.line().into_string();
    format!("{}: {}", name.strip_prefix(DENIED).unwrap_or(&name), fact.value.line())
}

/// The keys that a run switches: those that were active. A Restore does only where it is told to; but one that it finds
/// active, as the containment did, it leaves so, and nothing is left to lift.
pub(super) fn keys(plan: &Plan, parameters: &Parameters) -> Vec<Written> {
    let contains = contain::changes(contain::IAM, parameters);
    let prefix = if contains { KEY.to_owned() } else { format!("{BEFORE}{KEY}") };
    let is_active = |key: &str| plan.facts.contains(&Fact::new(format!("{KEY}{key}"), ACTIVE));
    let active = plan.facts.iter().filter(|fact| fact.value == ACTIVE.into());
    active
        .filter_map(|fact| Some(fact.name.line().as_str().strip_prefix(&prefix)?.to_owned()))
        .filter(|key| contains || activates(parameters) || is_active(key))
        .map(|key| iam_access_key::written(key.into(), ACTIVE.into()))
        .collect()
}

/// Whether a Restore switches the keys on again (runbook reference: `ActivateDisabledKeys`, false when not given).
fn activates(parameters: &Parameters) -> bool {
    single(parameters, "ActivateDisabledKeys") == Some("true")
}

/// A user is contained who has neither an active key nor a password and is denied everything; a role that is.
pub(super) async fn contained(reader: &Reader, plan: &Plan, parameters: &Parameters) -> Result<Verified, Problem> {
    let Some(of) = named(parameters)? else { return Ok(super::unverified(UNREAD)) };
    let Stands { facts: all, denied } = stands(reader, &of).await?;
    // What denies it stands first; how it was used before is no matter any more.
    let states = all.into_iter().filter(|fact| state(fact.name.line().as_str()));
    let mut facts: Vec<Fact> = denied.iter().cloned().chain(states).collect();
    let way_in = facts.iter().any(|fact| match fact.name.line().as_str() {
        PASSWORD => fact.value != NONE.into(),
        name => name.starts_with(KEY) && fact.value != "Inactive".into(),
    });
    // One for older sessions that stood there before does not deny those that have come since.
    let denies = denied.iter().any(|fact| fact.value == EVERYTHING.into() || !plan.facts.contains(fact));
    let unchanged = facts.iter().any(|fact| fact.name == POLICIES.into() && plan.facts.contains(fact));
    let holds = match (way_in, denies) {
        (true, _) => Some(false),
        (false, true) => Some(true),
        (false, false) if unchanged => Some(false),
        (false, false) => None,
    };
    if holds.is_none() {
        facts.push(Fact::new("not verified", "no inline policy is seen to deny everything: read them"));
    }
    facts.push(Fact::new("note", LAG));
    Ok(Verified { holds, facts })
}

/// Whether the policies are as the containment had found them, and the keys where they are switched on again; none where
/// the plan does not say how that was. What does not come back is told.
pub(super) async fn restored(
    reader: &Reader,
    before: &[Fact],
    parameters: &Parameters,
) -> Option<Result<Verified, Problem>> {
    let of = named(parameters).ok().flatten().filter(|_| !before.is_empty())?;
    Some(stands(reader, &of).await.map(|Stands { mut facts, .. }| {
        let lost = |fact: &&Fact| !facts.contains(fact);
        let (left, wrong): (Vec<&Fact>, Vec<&Fact>) =
            before.iter().filter(lost).partition(|fact| match fact.name.line().as_str() {
                PASSWORD => true,
                name => name.starts_with(KEY) && !activates(parameters),
            });
        let (left, holds) = (left.iter().map(|fact| off(fact)).collect::<Vec<_>>(), wrong.is_empty());
        facts.extend(left);
        Verified { holds: Some(holds), facts }
    }))
}

/// What a Restore has not brought back, and how it is had again.
fn off(before: &Fact) -> Fact {
    let name = before.name.line().into_string();
    let was = before.value.line();
    match name == PASSWORD {
        true => Fact::new("not back: console password", format!("it was {was}; the user needs a new one")),
        false => Fact::new(
            format!("not back: {name}"),
            format!("it was {was}; iam-access-key with status {ACTIVE} switches it on again"),
        ),
    }
}
