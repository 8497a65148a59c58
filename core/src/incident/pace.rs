//! How long a step was worked on, held against its time target. What is left out of it is waiting.
//!
//! The clock of a step is that of whoever does it. It begins at the latest of three: the opening of the runbook, the last
//! time that the same writer dealt with another step of it, and that writer's coming into the session. It ends when the
//! step is done. An action of the incident that is under way, an approval of the step's own action that waits for a second
//! person, and the time in which that writer is not in the session are waiting. Clocks may jump: what would be less than
//! nothing is nothing.

use super::*;
use jiff::{SignedDuration, Timestamp};

/// A stretch of time; one without an end lasts.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stretch {
    from: Timestamp,
    until: Option<Timestamp>,
}

/// Since when a writer is in the session, and when it was not in it since.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stay {
    since: Option<Timestamp>,
    away: Vec<Stretch>,
}

impl Stay {
    pub(super) fn come(&mut self, at: Timestamp) {
        self.since.get_or_insert(at);
        if let Some(last) = self.away.last_mut() {
            last.until.get_or_insert(at);
        }
    }

    pub(super) fn leave(&mut self, at: Timestamp) {
        if self.away.last().is_none_or(|last| last.until.is_some()) {
            self.away.push(Stretch { from: at, until: None });
        }
    }
}

/// Somebody has dealt with the step of that row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dealt {
    row: u32,
    stamp: Stamp,
}

/// How long a step with a time target has taken so far, or took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Seconds that it was worked on.
    pub worked: u64,
    /// Seconds of waiting, which are not among these.
    pub waited: u64,
    /// The target, in seconds.
    pub target: u64,
    /// Of an open step: when the target is reached if nothing waits any more; none while something does.
    pub until: Option<Timestamp>,
    begun: Timestamp,
    done: bool,
}

impl Pace {
    /// Whether the target was kept; `None` of a step that is not done.
    pub fn kept(&self) -> Option<bool> {
        self.done.then_some(self.worked <= self.target)
    }

    /// The target and how the step stands to it, as the console and the report say it. A minute of work that was begun
    /// counts whole, one of waiting once it is over; moments are UTC, with the day where it is another than that on which
    /// the clock began.
    pub fn words(&self) -> String {
        let target = self.target / 60;
        let mut words = format!("target {target} min");
        match self.until {
            _ if self.done => {
                let took = self.worked.div_ceil(60);
                words.push_str(&format!(": took {took} min"));
                if took > target {
                    words.push_str(&format!(", {} over", took - target));
                }
                if self.waited >= 60 {
                    words.push_str(&format!(", waited {} min", self.waited / 60));
                }
            }
            None => words.push_str(": it waits"),
            Some(until) => {
                let day = |at: Timestamp| at.strftime("%Y-%m-%d ").to_string();
                let day = Some(day(until)).filter(|of| *of != day(self.begun)).unwrap_or_default();
                words.push_str(&format!(": until {day}{}", until.strftime("%H:%M:%SZ")));
            }
        }
        words
    }
}

impl Incident {
    /// How a step stands to its time target: a done one by its records; an open one for that writer at that moment, where
    /// these are given. None of a step without a target, and of one that is skipped, passed over, not for the incident,
    /// or open in what is closed.
    pub fn pace(&self, step: &StepRef, now: Option<(&WriterId, Timestamp)>) -> Option<Pace> {
        let (book, line, state) = self.step(step)?;
        let target = u64::from(line.target?) * 60;
        let done = state.mark == Mark::Done;
        let (by, n, to) = match (&state.stamp, now) {
            (Some(stamp), _) if done => (&stamp.by, stamp.n, stamp.at),
            (_, Some((by, now))) if self.is_to_do(book, step, state) => (by, u64::MAX, now),
            _ => return None,
        };
        let stay = self.writers.get(by).map(|writer| &writer.stay);
        let other = |dealt: &&Dealt| dealt.row != step.row && dealt.stamp.by == *by && dealt.stamp.n < n;
        let before = book.dealt.iter().rev().find(other).map(|dealt| dealt.stamp.at);
        let begun = before.into_iter().chain(stay.and_then(|stay| stay.since)).fold(book.stamp.at, Timestamp::max);
        let waits = self.waits(step, stay);
        let waited = sum(&waits, begun, to);
        let worked = to.duration_since(begun).saturating_sub(waited);
        let goes_on = !done && waits.iter().all(|stretch| stretch.until.is_some());
        let whole = SignedDuration::from_secs(target.try_into().unwrap_or(i64::MAX)).saturating_add(waited);
        Some(Pace {
            worked: seconds(worked),
            waited: seconds(waited),
            target,
            // A target that no calendar reaches is reached at its end.
            until: goes_on.then(|| begun.checked_add(whole).unwrap_or(Timestamp::MAX)),
            begun,
            done,
        })
    }

    /// Whether a step that is not done is still for somebody to do.
    fn is_to_do(&self, book: &OpenBook, step: &StepRef, state: &StepState) -> bool {
        let open = self.closed.is_none() && !book.closed && state.mark != Mark::Skipped;
        open && !self.passed_over().has(step) && self.left_out(step, Outside::NOTHING).is_none()
    }

    /// What is left out of the time of a step for somebody of that stay.
    fn waits(&self, step: &StepRef, stay: Option<&Stay>) -> Vec<Stretch> {
        let ran = |a: &ActionState| Some(Stretch { from: a.started.as_ref()?.at, until: a.halted });
        let hung = |a: &ActionState| {
            let from = a.approved.as_ref().filter(|_| a.plan.step.as_ref() == Some(step))?.at;
            // One that was withdrawn never started.
            Some(Stretch { from, until: a.started.as_ref().or(a.ended.as_ref()).map(|stamp| stamp.at) })
        };
        let of_actions = self.actions.values().flat_map(|a| ran(a).into_iter().chain(hung(a)));
        of_actions.chain(stay.iter().flat_map(|stay| stay.away.iter().copied())).collect()
    }

    /// Takes down what the pace of steps rests on, of a record that the fold has taken in.
    pub(super) fn keep_pace(&mut self, entry: &Entry) {
        let step = match &entry.event {
            Event::StepDone(StepDone { step, .. })
            | Event::StepSkipped(StepSkipped { step, .. })
            | Event::StepFailed(StepFailed { step, .. })
            | Event::DecisionMade(DecisionMade { step, .. }) => Some(step.clone()),
            Event::ActionSucceeded(ActionSucceeded { action, .. })
            | Event::ActionFailed(ActionFailed { action, .. })
            | Event::ActionUnknown(ActionUnknown { action, .. }) => self.halt(action, &Stamp::of(entry)),
            _ => None,
        };
        let Some(step) = step.filter(|step| self.step(step).is_some()) else { return };
        if let Some(book) = self.runbooks.iter_mut().find(|book| book.link == step.rb) {
            book.dealt.push(Dealt { row: step.row, stamp: Stamp::of(entry) });
        }
    }

    /// An action is under way no more; gives its step. An outcome that is cleared up later is no longer run for that.
    fn halt(&mut self, action: &Link, stamp: &Stamp) -> Option<StepRef> {
        let state = self.actions.get_mut(action).filter(|state| state.ended.as_ref() == Some(stamp))?;
        state.halted.get_or_insert(stamp.at);
        state.plan.step.clone()
    }
}

/// How much of a span of time the stretches take up together; what several of them cover counts once.
fn sum(stretches: &[Stretch], from: Timestamp, to: Timestamp) -> SignedDuration {
    let within = |stretch: &Stretch| (stretch.from, stretch.until.unwrap_or(to).min(to));
    let mut all: Vec<(Timestamp, Timestamp)> = stretches.iter().map(within).collect();
    all.sort();
    let (mut sum, mut counted) = (SignedDuration::ZERO, from);
    for (start, end) in all {
        let start = start.max(counted);
        if start < end {
            sum = sum.saturating_add(end.duration_since(start));
            counted = end;
        }
    }
    sum
}

fn seconds(time: SignedDuration) -> u64 {
    time.as_secs().try_into().unwrap_or(0)
}
