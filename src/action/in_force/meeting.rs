//! What a plan must say of what stands where it writes, and when it must not be carried out at all.

use super::super::by_name;
use super::layers::{Done, Laid, Layer};
use super::thing::{Thing, meet, things};
use super::{State, all, laid};
use crate::problem::Problem;
use jiff::Timestamp;
use quell_core::incident::{Fact, Incident, Link, Plan};

/// The fact that names the containment that an undo puts back.
pub const PUTS_BACK: &str = "puts back";

/// What a plan finds where it writes.
#[derive(Debug, Default, PartialEq)]
pub struct Meeting {
    pub warnings: Vec<String>,
    pub facts: Vec<Fact>,
}

/// What to say in a plan of what stands where it writes, over all these sessions.
///
/// # Errors
///
/// A [`Problem`] where an undo would put back a containment that was lifted: it would shut off what is open.
pub fn meeting<'a>(
    plan: &Plan,
    sessions: impl IntoIterator<Item = (&'a str, &'a Incident)>,
) -> Result<Meeting, Problem> {
    let Some((kind, holds)) = by_name(plan.kind.as_str()).and_then(|kind| Some((kind, kind.stands(plan)?))) else {
        return Ok(Meeting::default());
    };
    let (laid, things) = (laid(all(sessions)), things(kind, plan));
    match (holds, &plan.undo_of) {
        (true, _) => Ok(Meeting { warnings: containing(laid, &things), facts: Vec::new() }),
        (false, Some(undone)) => undoing(&laid, undone, &things),
        (false, None) => {
            let words = |one: &Done| match one.standing.state {
                State::InPart => format!("It lifts what the undo of {} left as it was.", one.layer().words()),
                _ => format!("It lifts more than it names: {} stands here.", one.layer().words()),
            };
            Ok(Meeting { warnings: laid.met(&things).map(words).collect(), facts: Vec::new() })
        }
    }
}

/// A containment that finds another's, or finds that it does not hold any more.
fn containing(mut laid: Laid, things: &[Thing]) -> Vec<String> {
    let before: Vec<(Layer, State)> = laid.met(things).map(|one| (one.layer(), one.standing.state)).collect();
    laid.see(things, Timestamp::MAX);
    let stands = laid.met(things).map(|one| {
        let layer = one.layer().words();
        match one.standing.state {
            State::Verified => format!(
                "It is contained already: {layer}. What this plan found is that containment and not what was there before: \
                 its undo puts that back, and lifts nothing."
            ),
            state => format!(
                "It may be contained already: {layer}, {}. Look whether what this plan found is that containment: its undo \
                 puts back what the plan found.",
                state.word()
            ),
        }
    });
    let holding: Vec<Layer> = laid.met(things).map(Done::layer).collect();
    let open = before.iter().filter(|(layer, _)| !holding.contains(layer)).map(|(layer, state)| {
        let why = match state {
            State::WrittenOver | State::PerhapsLifted => "",
            _ => " Somebody has lifted it, and not by quell.",
        };
        format!(
            "It is NOT contained any more: this plan found what stood there before {}, which holds no longer.{why}",
            layer.words()
        )
    });
    open.chain(stands).collect()
}

/// An undo that puts back less than it seems to, or a containment.
fn undoing(laid: &Laid, undone: &Link, things: &[Thing]) -> Result<Meeting, Problem> {
    let is = |one: &&Done| one.standing.action == *undone;
    let one = laid.stands.iter().chain(&laid.gone).find(is);
    if let Some(layer) = one.and_then(|one| laid.lifted_under(one).into_iter().next()) {
        return Err(refused(&layer));
    }
    let under = one.map(|one| one.set_over.clone()).unwrap_or_default();
    let place = laid.stands.iter().position(|one| one.standing.action == *undone);
    let later = laid.stands.iter().skip(place.map_or(0, |place| place + 1));
    let over = later.filter(|other| meet(&other.things, things)).map(Done::layer);
    let over: Vec<Layer> = over.filter(|layer| !under.contains(layer)).collect();
    let opens_not = under.iter().map(|layer| {
        format!(
            "It does NOT open it: what is put back is the containment that stood before, {}, which stays in force. Lift \
             that afterwards.",
            layer.words()
        )
    });
    let writes_over = over
        .iter()
        .map(|layer| format!("It writes over a containment that was set later: {}. Lift that first.", layer.words()));
    let facts = under.iter().map(|layer| Fact::new(PUTS_BACK, format!("the containment {}", layer.words()))).collect();
    Ok(Meeting { warnings: opens_not.chain(writes_over).collect(), facts })
}

fn refused(layer: &Layer) -> Problem {
    Problem::input("this undo would contain it again, and is refused")
        .meaning(format!(
            "what it puts back is what it found: the containment {}, which does not stand any more",
            layer.words()
        ))
        .next(
            "look at what is there now; if it is still shut off, put back by hand what that containment's own plan says \
             stood before it",
        )
}
