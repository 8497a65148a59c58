//! What was done to one thing lies in layers: each containment was set over what stood then, which its undo puts back.
//! Several kinds write one thing: a document of AWS and `ec2-isolate` both set the groups of an instance's interfaces.

use super::thing::{Thing, as_found_by, cover, left, meet};
use super::{Standing, State};
use jiff::Timestamp;
use quell_core::incident::Link;
use quell_core::text::Untrusted;
use serde::Serialize;

/// A containment that lies under another, or over it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layer {
    pub session: String,
    pub action: Link,
    pub title: Untrusted,
    pub at: Timestamp,
}

/// What an action did, or saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Contains,
    Lifts,
    /// It was only planned, to contain: what it read says what stood then.
    Saw,
}

/// What one action did.
#[derive(Clone, Debug)]
pub(super) struct Done {
    /// When it ended.
    pub at: Timestamp,
    /// When what it found was read, at the latest: before it began.
    pub read: Timestamp,
    pub way: Way,
    pub things: Vec<Thing>,
    /// Whether what it found was left by another of its kind, which its undo puts back.
    pub repeats: bool,
    /// What it undoes: an action of its own session.
    pub undoes: Option<Link>,
    /// What stood where it was set: its undo puts that back.
    pub set_over: Vec<Layer>,
    pub standing: Standing,
}

/// All that was done: what stands, the oldest first, and the containments that do not.
#[derive(Debug, Default)]
pub(super) struct Laid {
    pub stands: Vec<Done>,
    /// Lifted, replaced, or seen not to hold any more.
    pub gone: Vec<Done>,
}

/// Lays all of it in the order of its times.
pub(super) fn laid(mut all: Vec<Done>) -> Laid {
    let name = |one: &Done| (one.at, one.standing.session.clone(), one.standing.action.clone());
    all.sort_by_key(name);
    let mut laid = Laid::default();
    for done in all {
        laid.lay(done);
    }
    laid
}

impl Laid {
    /// Lays one more over the others.
    pub fn lay(&mut self, done: Done) {
        match done.way {
            Way::Contains => self.set(done),
            Way::Saw => self.see(&done.things, done.read),
            Way::Lifts => self.lift(&done),
        }
    }

    /// What stands, each with what lies under and over it.
    pub fn standing(self) -> Vec<Standing> {
        let one = |(at, done): (usize, &Done)| {
            let (under, over) = self.around(at, done);
            Standing { under, over, back: self.lifted_under(done), ..done.standing.clone() }
        };
        self.stands.iter().enumerate().map(one).collect()
    }

    /// The containments that its undo would put back though they do not stand any more.
    pub fn lifted_under(&self, one: &Done) -> Vec<Layer> {
        let stands = |layer: &&Layer| !self.stands.iter().any(|other| other.layer() == **layer);
        one.set_over.iter().filter(stands).cloned().collect()
    }

    /// What stands where another writes.
    pub fn met(&self, things: &[Thing]) -> impl Iterator<Item = &Done> {
        self.stands.iter().filter(move |other| meet(&other.things, things))
    }

    /// One more of the same kind on the same takes the place of what does not hold any more, or there would have been
    /// nothing to do.
    fn set(&mut self, mut done: Done) {
        self.see(&done.things, done.read);
        let replaced = |other: &Done| {
            !done.repeats && other.standing.kind == done.standing.kind && cover(&done.things, &other.things)
        };
        self.leave(replaced);
        done.set_over = self.met(&done.things).map(Done::layer).collect();
        self.stands.push(done);
    }

    /// What was read before the first containment, and is read again, is not contained: whoever has lifted it.
    pub fn see(&mut self, things: &[Thing], read: Timestamp) {
        let first = self.stands.iter().chain(&self.gone).filter(|other| other.set_over.is_empty());
        let open: Vec<Thing> = first.flat_map(|other| as_found_by(things, &other.things)).collect();
        self.leave(|other| other.at <= read && cover(&open, &other.things));
    }

    fn leave(&mut self, gone: impl Fn(&Done) -> bool) {
        let (gone, stands) = std::mem::take(&mut self.stands).into_iter().partition(gone);
        self.stands = stands;
        self.gone.extend::<Vec<Done>>(gone);
    }

    /// An undo puts back what its action found: what lay under that stands, and what was set over it later does not, or is
    /// not sure any more. What lifts by itself lifts the latest of its kind.
    fn lift(&mut self, done: &Done) {
        let undoes = |other: &Done| {
            other.standing.session == done.standing.session && Some(&other.standing.action) == done.undoes.as_ref()
        };
        let of_kind = |other: &Done| other.standing.kind == done.standing.kind && meet(&other.things, &done.things);
        let place = self.stands.iter().position(undoes).or_else(|| self.stands.iter().rposition(of_kind));
        // Of unknown outcome, failed half-way or read back otherwise: it may stand still.
        let unsure =
            matches!(done.standing.state, State::Unknown | State::UnderWay | State::Partly | State::NotAsWanted);
        match place {
            Some(at) if unsure => self.stands.iter_mut().skip(at).take(1).for_each(|one| {
                one.standing.state = State::PerhapsLifted;
            }),
            Some(at) => self.take(at, &done.things, done.standing.state == State::Verified),
            None => self.cross(done, unsure),
        }
    }

    /// Something is put back without the undo of what stands there: what an undo had left is lifted so, of the rest nobody
    /// knows.
    fn cross(&mut self, done: &Done, unsure: bool) {
        for mut other in std::mem::take(&mut self.stands) {
            match (meet(&other.things, &done.things), other.standing.state) {
                (false, _) => {}
                (true, State::InPart) if !unsure => other.leave(&done.things, false),
                (true, _) => other.standing.state = State::WrittenOver,
            }
            match other.things.is_empty() {
                true => self.gone.push(other),
                false => self.stands.push(other),
            }
        }
    }

    /// Takes one away that was undone, but for what its undo did not write; what it found was `read` back there, or is only
    /// said to be there.
    fn take(&mut self, at: usize, things: &[Thing], read: bool) {
        let undone = self.stands.remove(at);
        let mut rest = undone.clone();
        rest.leave(things, undone.standing.state == State::Partly);
        // What stood before any containment was read there: nothing that was set over it holds.
        let opened = |other: &Done| read && undone.set_over.is_empty() && cover(&undone.things, &other.things);
        let later = self.stands.split_off(at);
        for mut over in later {
            match meet(&over.things, &undone.things) {
                true if opened(&over) => self.gone.push(over),
                true => {
                    over.standing.state = State::WrittenOver;
                    self.stands.push(over);
                }
                false => self.stands.push(over),
            }
        }
        match rest.things.is_empty() {
            true => self.gone.push(undone),
            false => self.stands.insert(at, rest),
        }
    }

    /// What lies under the one at a place and what over it.
    fn around(&self, at: usize, one: &Done) -> (Vec<Layer>, Vec<Layer>) {
        let others = self.stands.iter().enumerate();
        let others = others.filter(|(place, other)| *place != at && meet(&other.things, &one.things));
        let (under, over): (Vec<_>, Vec<_>) = others.partition(|(place, _)| *place < at);
        let layers = |all: Vec<(usize, &Done)>| all.into_iter().map(|(_, other)| other.layer()).collect();
        (layers(under), layers(over))
    }
}

impl Done {
    /// Leaves of it what these do not write.
    fn leave(&mut self, things: &[Thing], partly: bool) {
        self.things = left(&self.things, things, partly);
        let Standing { state, left, undo, .. } = &mut self.standing;
        (*state, *undo) = (State::InPart, false);
        *left = self.things.iter().map(Thing::words).collect();
    }

    /// It as it lies beside others.
    pub fn layer(&self) -> Layer {
        let Standing { session, action, title, at, .. } = &self.standing;
        Layer { session: session.clone(), action: action.clone(), title: title.clone(), at: *at }
    }
}

impl Layer {
    /// It in words: what, in which session, since when.
    pub(super) fn words(&self) -> String {
        let at = self.at.strftime("%Y-%m-%d %H:%MZ");
        format!("{} of {at}, session {}", self.title.line(), crate::problem::clean(&self.session))
    }
}
