//! What was done to one thing lies in layers: each containment was set over what stood then, which its undo puts back.
//! Several kinds write one thing: a document of AWS and `ec2-isolate` both set the groups of an instance's interfaces.

use super::{Standing, State};
use jiff::Timestamp;
use quell_core::incident::{Link, Plan};
use quell_core::text::Untrusted;
use serde::Serialize;

/// What an action writes: what of which resource, where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Thing {
    pub what: String,
    pub account: Untrusted,
    /// None where it is one for all Regions.
    pub region: Option<Untrusted>,
    pub resource: Untrusted,
}

/// A containment that lies under another, or over it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layer {
    pub session: String,
    pub action: Link,
    pub title: Untrusted,
    pub at: Timestamp,
}

/// What one action did.
pub(super) struct Done {
    pub at: Timestamp,
    /// Whether it contains; else it lifts.
    pub holds: bool,
    pub things: Vec<Thing>,
    /// Whether what it found was left by another of its kind, which its undo puts back.
    pub repeats: bool,
    /// What it undoes: an action of its own session.
    pub undoes: Option<Link>,
    pub standing: Standing,
}

/// What stands after all of it, the oldest first, each with what lies under and over it.
pub(super) fn laid(mut all: Vec<Done>) -> Vec<Standing> {
    let name = |one: &Done| (one.at, one.standing.session.clone(), one.standing.action.clone());
    all.sort_by_key(name);
    let mut stands: Vec<Done> = Vec::new();
    for done in all {
        match done.holds {
            true => set(&mut stands, done),
            false => lift(&mut stands, &done),
        }
    }
    let layers: Vec<(Vec<Layer>, Vec<Layer>)> = (0..stands.len()).map(|at| around(&stands, at)).collect();
    let laid = stands.into_iter().zip(layers);
    laid.map(|(done, (under, over))| Standing { under, over, ..done.standing }).collect()
}

/// One more of the same kind on the same takes the place of what does not hold any more, or there would have been nothing
/// to do.
fn set(stands: &mut Vec<Done>, done: Done) {
    let replaced = |other: &Done| {
        !done.repeats
            && other.standing.kind == done.standing.kind
            && other.things.iter().all(|thing| done.things.contains(thing))
    };
    stands.retain(|other| !replaced(other));
    stands.push(done);
}

/// An undo puts back what its action found: what lay under that stands, and what was set over it later is not sure any
/// more. What lifts by itself leaves nothing.
fn lift(stands: &mut Vec<Done>, done: &Done) {
    // Of unknown outcome, failed half-way or read back otherwise: it may stand still.
    let state = done.standing.state;
    if matches!(state, State::Unknown | State::Partly | State::NotAsWanted) {
        return;
    }
    let undoes = |other: &Done| {
        other.standing.session == done.standing.session && Some(&other.standing.action) == done.undoes.as_ref()
    };
    match stands.iter().position(undoes) {
        Some(at) => {
            let undone = stands.remove(at);
            for over in stands.iter_mut().skip(at).filter(|over| meet(over, &undone)) {
                over.standing.state = State::WrittenOver;
            }
        }
        None => stands.retain(|other| !meet(other, done)),
    }
}

fn meet(one: &Done, other: &Done) -> bool {
    one.things.iter().any(|thing| other.things.contains(thing))
}

/// What lies under the one at a place and what over it.
fn around(stands: &[Done], at: usize) -> (Vec<Layer>, Vec<Layer>) {
    let Some(one) = stands.get(at) else { return (Vec::new(), Vec::new()) };
    let layer = |(_, other): (usize, &Done)| {
        let Standing { session, action, title, at, .. } = &other.standing;
        Layer { session: session.clone(), action: action.clone(), title: title.clone(), at: *at }
    };
    let others = || stands.iter().enumerate().filter(|(place, other)| *place != at && meet(one, other));
    (
        others().filter(|(place, _)| *place < at).map(layer).collect(),
        others().filter(|(place, _)| *place > at).map(layer).collect(),
    )
}

impl Layer {
    /// It in words: what, in which session, since when.
    pub(super) fn words(&self) -> String {
        let at = self.at.strftime("%Y-%m-%d %H:%MZ");
        format!("{} of {at}, session {}", self.title.line(), crate::problem::clean(&self.session))
    }
}

/// What a plan must say of what stands where it writes: an undo that puts back less than it seems to, a containment that
/// finds another's.
pub(super) fn warnings(plan: &Plan, things: &[Thing], holds: bool, all: &[(Vec<Thing>, Standing)]) -> Vec<String> {
    let met = || all.iter().filter(|(theirs, _)| theirs.iter().any(|thing| things.contains(thing)));
    let layer = |one: &Standing| {
        Layer { session: one.session.clone(), action: one.action.clone(), title: one.title.clone(), at: one.at }.words()
    };
    match (holds, &plan.undo_of) {
        (true, _) => met()
            .map(|(_, one)| {
                format!(
                    "It is contained already: {}. What this plan found is that containment and not what was there before: \
                     its undo puts that back, and lifts nothing.",
                    layer(one)
                )
            })
            .collect(),
        (false, Some(undone)) => {
            let place = all.iter().position(|(_, one)| one.action == *undone);
            let (before, after): (Vec<_>, Vec<_>) = all
                .iter()
                .enumerate()
                .filter(|(at, (theirs, _))| Some(*at) != place && theirs.iter().any(|thing| things.contains(thing)))
                .partition(|(at, _)| place.is_none_or(|place| *at < place));
            let under = before.into_iter().map(|(_, (_, one))| {
                format!(
                    "It does NOT open it: what is put back is the containment that stood before, {}, which stays in force. \
                     Lift that afterwards.",
                    layer(one)
                )
            });
            let over = after.into_iter().map(|(_, (_, one))| {
                format!("It writes over a containment that was set later: {}. Lift that first.", layer(one))
            });
            under.chain(over).collect()
        }
        (false, None) => {
            met().map(|(_, one)| format!("It lifts more than it names: {} stands here.", layer(one))).collect()
        }
    }
}
