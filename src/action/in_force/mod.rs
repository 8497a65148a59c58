//! What containment still stands, over all sessions: what was done to each resource counts in its order, in whatever
//! session, and whoever did it.

mod layers;

use super::by_name;
use super::kind::{Action, BUCKET};
use crate::problem::clean;
use jiff::Timestamp;
pub use layers::Layer;
use layers::{Done, Thing, laid};
use quell_core::incident::{ActionState, Fact, Incident, Life, Link, Plan};
use quell_core::text::{Id, Untrusted, id::Slug};
use serde::Serialize;
use std::collections::BTreeMap;

/// One resource that is contained, or may be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    pub session: String,
    /// Whether its session is open.
    pub open: bool,
    pub simulated: bool,
    pub action: Link,
    pub kind: Id<Slug>,
    pub title: Untrusted,
    pub account: Untrusted,
    pub region: Untrusted,
    pub resource: Untrusted,
    pub by: Untrusted,
    pub at: Timestamp,
    pub state: State,
    /// How it is lifted, as its plan said.
    pub lift: Untrusted,
    /// What was there before, as its plan had read it.
    pub before: Vec<Fact>,
    /// What it was set over, which its undo puts back.
    pub under: Vec<Layer>,
    /// What was set over it later.
    pub over: Vec<Layer>,
}

/// How sure it is that it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It was read back, and was as wanted.
    Verified,
    /// It was done, and not read back.
    NotVerified,
    /// It was done, and something else was read back.
    NotAsWanted,
    /// It failed half-way: a part of it was done.
    Partly,
    /// Nobody knows whether it was done.
    Unknown,
    /// What was there before an earlier one was put back over it.
    WrittenOver,
}

impl State {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            State::Verified => "verified",
            State::NotVerified => "not verified",
            State::NotAsWanted => "NOT as wanted when read back",
            State::Partly => "PARTLY done: it failed half-way",
            State::Unknown => "of UNKNOWN outcome",
            State::WrittenOver => "NOT SURE: what stood before an earlier one was put back over it",
        }
    }
}

/// What an action writes; IAM has no regions, and S3's block of an account is one for all, as the name of a bucket is.
fn things(kind: &dyn Action, plan: &Plan) -> Vec<Thing> {
    let target = &plan.target;
    let global = plan.requests.iter().all(|request| ["iam", "s3control", "s3"].contains(&request.service.as_str()));
    let thing = |(what, resource): (&str, Untrusted)| Thing {
        what: what.to_owned(),
        account: target.account.clone(),
        region: (!global && !what.starts_with(BUCKET)).then(|| target.region.clone()),
        resource,
    };
    kind.writes(plan).into_iter().map(thing).collect()
}

/// What stands, the oldest first. Sessions come with their ids.
pub fn in_force<'a>(sessions: impl IntoIterator<Item = (&'a str, &'a Incident)>) -> Vec<Standing> {
    let mut all = Vec::new();
    for (session, incident) in sessions {
        all.extend(incident.actions.values().filter_map(|action| of(session, incident, action)));
    }
    laid(all)
}

/// What a plan must say of what stands where it writes.
pub fn meeting<'a>(plan: &Plan, sessions: impl IntoIterator<Item = (&'a str, &'a Incident)>) -> Vec<String> {
    let Some((kind, holds)) = by_name(plan.kind.as_str()).and_then(|kind| Some((kind, kind.stands(plan)?))) else {
        return Vec::new();
    };
    let sessions: BTreeMap<&str, &Incident> = sessions.into_iter().collect();
    let standing = in_force(sessions.iter().map(|(id, incident)| (*id, *incident)));
    let of = |one: Standing| {
        let action = sessions.get(one.session.as_str())?.actions.get(&one.action)?;
        let kind = by_name(action.plan.kind.as_str())?;
        Some((things(kind, &action.plan), one))
    };
    let standing: Vec<(Vec<Thing>, Standing)> = standing.into_iter().filter_map(of).collect();
    layers::warnings(plan, &things(kind, plan), holds, &standing)
}

/// What an action did; none where it neither contains nor lifts, or was not done.
fn of(session: &str, incident: &Incident, action: &ActionState) -> Option<Done> {
    let state = match (action.life, &action.verified) {
        (Life::Succeeded, Some((Some(true), _))) => State::Verified,
        (Life::Succeeded, Some((Some(false), _))) => State::NotAsWanted,
        (Life::Succeeded, _) => State::NotVerified,
        (Life::Failed, _) if action.undo.is_some() => State::Partly,
        (Life::Started | Life::Unknown, _) => State::Unknown,
        _ => return None,
    };
    let plan = &action.plan;
    let kind = by_name(plan.kind.as_str())?;
    let holds = kind.stands(plan)?;
    let stamp = action.ended.as_ref().or(action.started.as_ref()).unwrap_or(&action.stamp);
    let by = action.approved.as_ref().unwrap_or(&action.stamp);
    let standing = Standing {
        session: session.to_owned(),
        open: incident.closed.is_none(),
        simulated: incident.simulated,
        action: action.link.clone(),
        kind: plan.kind.clone(),
        title: plan.title.clone(),
        account: plan.target.account.clone(),
        region: plan.target.region.clone(),
        resource: plan.target.resource.clone(),
        by: incident.who(&by.by, by.n),
        at: stamp.at,
        state,
        lift: plan.undo.clone(),
        before: plan.facts.clone(),
        under: Vec::new(),
        over: Vec::new(),
    };
    let (things, repeats) = (things(kind, plan), kind.repeats(plan));
    Some(Done { at: stamp.at, holds, things, repeats, undoes: plan.undo_of.clone(), standing })
}

/// It as lines for people: what, on what, since when and by whom, how sure, and how it is lifted.
pub fn words(one: &Standing) -> Vec<String> {
    let at = one.at.strftime("%Y-%m-%d %H:%MZ");
    let simulated = if one.simulated { "  SIMULATED" } else { "" };
    let (account, region) = (one.account.line(), one.region.line());
    let session = match one.open {
        true => format!("session {}, open", clean(&one.session)),
        false => format!("session {}, closed: it is reopened first", clean(&one.session)),
    };
    let under =
        one.under.iter().map(|layer| format!("  lifting it opens nothing yet: {} stands under it", layer.words()));
    let over = one.over.iter().map(|layer| format!("  lift what was set over it first: {}", layer.words()));
    let mut lines = vec![
        format!("{}  {}  {account} {region}{simulated}", one.resource.line(), one.title.line()),
        format!("  since {at} by {}, {}", one.by.line(), one.state.word()),
        format!("  to lift it: {}", one.lift.line()),
    ];
    lines.extend(under.chain(over));
    lines.push(format!("  u on its step in {session}"));
    lines
}
