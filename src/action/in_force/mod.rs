//! What containment still stands, over all sessions: the last of what was done to each resource counts, in whatever
//! session, and whoever did it.

use super::by_name;
use crate::problem::clean;
use jiff::Timestamp;
use quell_core::incident::{ActionState, Fact, Incident, Life, Link};
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
        }
    }
}

/// What an action acts on: two that name the same act on one thing. IAM has no regions, and S3's block of an account is
/// one for all.
type On = (String, Untrusted, Untrusted, Untrusted);

fn on(action: &ActionState) -> On {
    let (plan, target) = (&action.plan, &action.plan.target);
    let global = plan.requests.iter().all(|request| ["iam", "s3control"].contains(&request.service.as_str()));
    let region = if global { Untrusted::default() } else { target.region.clone() };
    // A policy and a key of one user are two things; so the kind counts.
    (plan.kind.as_str().to_owned(), target.account.clone(), region, target.resource.clone())
}

/// What stands, the oldest first. Sessions come with their ids.
pub fn in_force<'a>(sessions: impl IntoIterator<Item = (&'a str, &'a Incident)>) -> Vec<Standing> {
    let mut all: Vec<(Timestamp, bool, On, Standing)> = Vec::new();
    for (session, incident) in sessions {
        all.extend(incident.actions.values().filter_map(|action| of(session, incident, action)));
    }
    all.sort_by(|a, b| (a.0, &a.3.session, &a.3.action).cmp(&(b.0, &b.3.session, &b.3.action)));
    let mut standing: BTreeMap<On, (usize, Standing)> = BTreeMap::new();
    for (place, (_, holds, on, one)) in all.into_iter().enumerate() {
        match holds {
            true => drop(standing.insert(on, (place, one))),
            // Of unknown outcome: it may stand still.
            false if one.state == State::Unknown => {}
            false => drop(standing.remove(&on)),
        }
    }
    let mut standing: Vec<(usize, Standing)> = standing.into_values().collect();
    standing.sort_by_key(|(place, _)| *place);
    standing.into_iter().map(|(_, one)| one).collect()
}

/// When an action was done, and whether it contains (or else lifts); none where it does neither, or was not done.
fn of(session: &str, incident: &Incident, action: &ActionState) -> Option<(Timestamp, bool, On, Standing)> {
    let state = match (action.life, &action.verified) {
        (Life::Succeeded, Some((Some(true), _))) => State::Verified,
        (Life::Succeeded, Some((Some(false), _))) => State::NotAsWanted,
        (Life::Succeeded, _) => State::NotVerified,
        (Life::Failed, _) if action.undo.is_some() => State::Partly,
        (Life::Started | Life::Unknown, _) => State::Unknown,
        _ => return None,
    };
    let plan = &action.plan;
    let holds = by_name(plan.kind.as_str())?.stands(plan)?;
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
    };
    Some((stamp.at, holds, on(action), standing))
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
    vec![
        format!("{}  {}  {account} {region}{simulated}", one.resource.line(), one.title.line()),
        format!("  since {at} by {}, {}", one.by.line(), one.state.word()),
        format!("  to lift it: {}", one.lift.line()),
        format!("  u on its step in {session}"),
    ]
}
