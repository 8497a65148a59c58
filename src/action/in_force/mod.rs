//! What containment still stands, over all sessions: what was done to each resource counts in its order, in whatever
//! session, and whoever did it.

mod layers;
mod meeting;
mod thing;
mod writes;

use super::{by_name, reverses};
use crate::problem::clean;
use jiff::Timestamp;
pub use layers::Layer;
use layers::{Done, Way, laid};
pub use meeting::{Meeting, PUTS_BACK, meeting};
use quell_core::incident::{ActionState, Fact, Incident, Life, Link};
use quell_core::text::{Id, Untrusted, id::Slug};
use serde::Serialize;
use thing::things;
pub use writes::writes;

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
    /// What an undo of it did not lift: what of which resource.
    pub left: Vec<String>,
    /// Whether `u` on its step does something: undoes it, or looks it up.
    pub undo: bool,
    /// What its undo would put back though it does not stand any more: such an undo is refused.
    pub back: Vec<Layer>,
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
    /// It was started and has not ended.
    UnderWay,
    /// What was there before an earlier one was put back over it.
    WrittenOver,
    /// Its undo was begun, and did not end as wanted.
    PerhapsLifted,
    /// It was undone, but for what its undo does not put back.
    InPart,
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
            State::UnderWay => "UNDER WAY: it has not ended yet",
            State::WrittenOver => "NOT SURE: what stood before an earlier one was put back over it",
            State::PerhapsLifted => "NOT SURE: an undo of it was begun and did not end as wanted",
            State::InPart => "LIFTED IN PART: its undo does not put all of it back",
        }
    }
}

/// What stands, the oldest first. Sessions come with their ids.
pub fn in_force<'a>(sessions: impl IntoIterator<Item = (&'a str, &'a Incident)>) -> Vec<Standing> {
    laid(all(sessions)).standing()
}

/// All that was done in these sessions and contains, lifts, or saw what stands.
fn all<'a>(sessions: impl IntoIterator<Item = (&'a str, &'a Incident)>) -> Vec<Done> {
    let of = |(session, incident): (&str, &Incident)| -> Vec<Done> {
        incident.actions.values().filter_map(|action| of(session, incident, action)).collect()
    };
    sessions.into_iter().flat_map(of).collect()
}

/// What an action did; none where it neither contains nor lifts.
fn of(session: &str, incident: &Incident, action: &ActionState) -> Option<Done> {
    let plan = &action.plan;
    let kind = by_name(plan.kind.as_str())?;
    let holds = kind.stands(plan)?;
    let state = match (action.life, &action.verified) {
        (Life::Succeeded, Some((Some(true), _))) => Some(State::Verified),
        (Life::Succeeded, Some((Some(false), _))) => Some(State::NotAsWanted),
        (Life::Succeeded, _) => Some(State::NotVerified),
        (Life::Failed, _) if action.undo.is_some() => Some(State::Partly),
        (Life::Started, _) => Some(State::UnderWay),
        (Life::Unknown, _) => Some(State::Unknown),
        _ => None,
    };
    let way = match (state, holds) {
        (Some(_), true) => Way::Contains,
        (Some(_), false) => Way::Lifts,
        (None, true) => Way::Saw,
        (None, false) => return None,
    };
    let read = action.started.as_ref().unwrap_or(&action.stamp).at;
    // What was only planned says what stood when it was.
    let stamp = match way {
        Way::Saw => &action.stamp,
        _ => action.ended.as_ref().or(action.started.as_ref()).unwrap_or(&action.stamp),
    };
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
        state: state.unwrap_or(State::Unknown),
        lift: plan.undo.clone(),
        before: plan.facts.clone(),
        under: Vec::new(),
        over: Vec::new(),
        left: Vec::new(),
        undo: undoable(incident, action),
        back: Vec::new(),
    };
    let (things, repeats, undoes) = (things(kind, plan), kind.repeats(plan), plan.undo_of.clone());
    Some(Done { at: stamp.at, read, way, things, repeats, undoes, set_over: Vec::new(), standing })
}

/// Whether there is something that `u` does with it: what has no undo, or was undone, is only looked at.
fn undoable(incident: &Incident, action: &ActionState) -> bool {
    let undone = action.undone_by.as_ref().and_then(|undo| incident.actions.get(undo));
    match action.life {
        Life::Succeeded | Life::Failed => reverses(action) && undone.is_none_or(|undo| undo.life != Life::Succeeded),
        _ => true,
    }
}

/// What a list of what stands is: nobody has asked AWS for it.
pub const AS_RECORDED: &str =
    "As the sessions' records have it, AWS was not asked: the plan of its undo (u) shows what is there now.";

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
    ];
    lines.push(format!("  {}", to_lift(one)));
    lines.extend(under.chain(over));
    let by_u = one.back.is_empty() && one.undo;
    lines.push(if by_u {
        format!("  u on its step in {session}")
    } else {
        format!("  u does not undo it; set in {session}")
    });
    lines
}

/// How one is lifted, in a line: by its undo, but where that would shut off what is open.
pub fn to_lift(one: &Standing) -> String {
    let sure = matches!(one.state, State::Verified | State::NotVerified);
    match one.back.first() {
        Some(layer) => format!(
            "its undo is refused, since it would put back {}, which was lifted: look at what is there now (the plan of \
             another containment reads it)",
            layer.words()
        ),
        None if one.state == State::InPart => {
            format!("still as it was set: {}; an action of that kind lifts it", one.left.join(", "))
        }
        None if sure => format!("to lift it: {}", one.lift.line()),
        None => format!("look at what is there now; to lift it: {}", one.lift.line()),
    }
}
