//! Where the responder is in the incident.

use super::ready::Ready;
use super::set::Staging;
use super::values::Values;
use crate::console::core::drafts::Drafts;
use jiff::Timestamp;
use quell_core::finding::Finding;
use quell_core::incident::{
    ClockWitnessed, Incident, Link, Mark, OpenBook, OutlineStep, PassedOver, Plan, StepRef, StepState, WriterId,
};
use quell_core::runbook::{Phase, Runbook};
use quell_core::text::Untrusted;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

/// The panes, in the order of Tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    #[default]
    Steps,
    Step,
    Timeline,
    Finding,
}

impl Pane {
    const ORDER: [Pane; 4] = [Pane::Steps, Pane::Step, Pane::Timeline, Pane::Finding];

    pub fn next(self, by: usize) -> Pane {
        let at = Self::ORDER.iter().position(|p| *p == self).unwrap_or(0);
        Self::ORDER[(at + by) % Self::ORDER.len()]
    }
}

/// Where the responder is.
#[derive(Debug, Default)]
pub struct State {
    pub pane: Pane,
    /// The selected step, counted over all open runbooks.
    pub step: usize,
    /// First line shown of the step's text, the timeline (from its end) and the finding.
    pub scroll: [usize; 3],
    /// What was typed into questions and is not on disk, of each session.
    pub drafts: Drafts,
    /// What was last searched: in the steps, and in the timeline.
    pub search: [String; 2],
    /// How many values were given in a row for the action that is about to be planned.
    pub given: usize,
    /// Values that were typed for that action; they are kept once its plan has taken them.
    pub tried: BTreeMap<String, Untrusted>,
    /// The step whose action waits until it is known whether its runbook is trusted.
    pub trusting: Option<StepRef>,
    /// The step whose action is planned once a value of it was looked up.
    pub looking: Option<StepRef>,
    /// The step for which that came to nothing: its values are asked for.
    pub in_vain: Option<StepRef>,
    /// What is to be known of a copy that is being made.
    pub copied: Option<String>,
    /// The value of the step's list that it is planned for.
    pub each: Option<Untrusted>,
    /// Whether that action goes into the set that is being staged.
    pub stage: bool,
    /// What else is to be staged.
    pub staging: Staging,
    /// What the session that is being made shall start with.
    pub begin: Vec<Arc<Finding>>,
    pub title: Option<Untrusted>,
    /// The runbook that was chosen for the session that is being opened.
    pub chosen: Option<Arc<Runbook>>,
    /// A session is being made.
    pub opening: bool,
    /// A plan that came while a question was open, with its generation; it is shown when the question is closed.
    pub held: Option<(u64, Box<Plan>)>,
    /// What consoles that have ended had under way, and whose it was, while it is looked up.
    pub left: BTreeMap<Link, WriterId>,
    /// Consoles that have ended with something under way, as long as there is nobody to look it up with.
    pub ended: BTreeSet<WriterId>,
    /// The last plan that could not go on because the log could not be written.
    pub blocked: Option<Box<Plan>>,
    /// The session whose timeline is being signed.
    pub signing: Option<String>,
    /// What has come to disk since must be signed too.
    pub sign_again: bool,
    /// The time of the last input, by the wall clock and by the one that never jumps.
    pub ticked: Option<(Timestamp, Instant)>,
    /// What was last taken down of AWS's clock in this session.
    pub witnessed: Option<ClockWitnessed>,
    /// What the actions of the open runbooks need.
    pub ready: BTreeMap<Link, Ready>,
    /// What its actions are aimed at, where it is not the first finding.
    pub aim: Option<Box<super::aim::Aim>>,
    /// Move on to the next open step when the selected one is done.
    pub follow: bool,
}

/// A line of the steps pane.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    Book(usize),
    Phase(Phase),
    /// The steps of getting ready, of which so many are dealt with.
    Folded {
        steps: usize,
        done: usize,
    },
    Step(StepRef),
}

impl State {
    /// Back to the first step of a new session.
    pub fn reset(&mut self) {
        self.pane = Pane::Steps;
        self.step = 0;
        self.scroll = [0; 3];
        self.search = Default::default();
        self.witnessed = None;
        self.tried.clear();
        self.looking = None;
        self.in_vain = None;
        self.left.clear();
        self.ready.clear();
        self.ended.clear();
    }

    /// The selected step was dealt with: go to the next one when its record is on disk.
    pub fn follow(&mut self) {
        self.follow = true;
    }

    /// Goes to the first step of unknown outcome, else to the first that is neither done, passed over nor folded away.
    pub fn follow_first(&mut self, values: Option<Values<'_>>, passed: &PassedOver) {
        let Some(values) = values else { return };
        let incident = values.incident;
        let steps = steps(incident);
        let first = |holds: fn(Mark) -> bool, among: &dyn Fn(&StepRef) -> bool| {
            let is = |s: &StepRef| incident.step(s).is_some_and(|(_, _, state)| holds(state.mark));
            steps.iter().position(|s| is(s) && values.left_out(s).is_none() && !passed.has(s) && among(s))
        };
        let open = |mark| !matches!(mark, Mark::Done | Mark::Skipped);
        let unfolded = shown(incident, None);
        let has = |step: &StepRef| unfolded.iter().any(|row| matches!(row, Row::Step(other) if other == step));
        self.step = first(|mark| mark == Mark::Unknown, &|_| true)
            .or_else(|| first(open, &has))
            .or_else(|| first(open, &|_| true))
            .unwrap_or(0);
    }

    pub fn scroll_mut(&mut self, pane: Pane) -> Option<&mut usize> {
        match pane {
            Pane::Steps => None,
            Pane::Step => self.scroll.get_mut(0),
            Pane::Timeline => self.scroll.get_mut(1),
            Pane::Finding => self.scroll.get_mut(2),
        }
    }
}

/// The lines of the steps pane: runbooks, their phases and steps.
pub fn rows(incident: &Incident) -> Vec<Row> {
    let mut rows = Vec::new();
    let open: Vec<_> = incident.runbooks.iter().enumerate().filter(|(_, b)| !b.closed).collect();
    let several = open.len() > 1;
    for (index, book) in open {
        if several {
            rows.push(Row::Book(index));
        }
        let mut phase = None;
        for (row, line) in book.outline.iter().enumerate() {
            if line.phase != phase {
                phase = line.phase;
                rows.extend(phase.map(Row::Phase));
            }
            rows.push(Row::Step(StepRef { rb: book.link.clone(), id: line.id.clone(), row: row as u32 }));
        }
    }
    rows
}

/// The lines as they are shown with this step selected: getting ready is for before the incident, and is folded away
/// while the responder is not at it and nothing of it runs or went wrong.
pub fn shown(incident: &Incident, selected: Option<&StepRef>) -> Vec<Row> {
    let mut shown = Vec::new();
    let mut rows = rows(incident).into_iter().peekable();
    while let Some(row) = rows.next() {
        if row != Row::Phase(Phase::Prepare) {
            shown.push(row);
            continue;
        }
        let steps: Vec<Row> =
            std::iter::from_fn(|| rows.next_if(|row| phase(incident, row) == Some(Phase::Prepare))).collect();
        let is_last = matches!(rows.peek(), None | Some(Row::Book(_)));
        let marks = steps.iter().filter_map(|row| Some(step(incident, row)?.2.mark));
        let quiet = marks.clone().all(|mark| matches!(mark, Mark::Todo | Mark::Done | Mark::Skipped));
        let here = steps.iter().any(|row| matches!(row, Row::Step(step) if Some(step) == selected));
        if here || is_last || !quiet {
            shown.push(row);
            shown.extend(steps);
        } else {
            let done = marks.filter(|mark| *mark != Mark::Todo).count();
            shown.push(Row::Folded { steps: steps.len(), done });
        }
    }
    shown
}

/// The place of a runbook's first step that is not folded away.
pub fn first_of(incident: &Incident, rb: &Link) -> usize {
    let rows = shown(incident, None);
    let mut steps_shown = rows.iter().filter_map(|row| match row {
        Row::Step(step) => Some(step),
        _ => None,
    });
    let first = steps_shown.find(|step| step.rb == *rb);
    first.and_then(|first| steps(incident).iter().position(|step| step == first)).unwrap_or(0)
}

fn step<'a>(incident: &'a Incident, row: &Row) -> Option<(&'a OpenBook, &'a OutlineStep, &'a StepState)> {
    match row {
        Row::Step(step) => incident.step(step),
        _ => None,
    }
}

fn phase(incident: &Incident, row: &Row) -> Option<Phase> {
    step(incident, row)?.1.phase
}

/// The steps alone, in order.
pub fn steps(incident: &Incident) -> Vec<StepRef> {
    rows(incident)
        .into_iter()
        .filter_map(|row| match row {
            Row::Step(step) => Some(step),
            _ => None,
        })
        .collect()
}
