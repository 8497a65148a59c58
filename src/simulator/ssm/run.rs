//! The life of an execution: pending, its steps one after another, waiting for a signal, an end.

use super::document::Values;
use super::effect::{self, Backup};
use super::locations::{self, Locations, Place};
use super::plan::{Does, Step};
use crate::simulator::world::World;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How long an execution is Pending before its first step.
const PENDING: SignedDuration = SignedDuration::from_secs(2);
/// How long a cancelled execution is Cancelling.
const CANCELLING: SignedDuration = SignedDuration::from_secs(3);
/// How long aws:approve waits (its default, seven days).
const APPROVAL: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The executions of the account, the oldest first, and what they backed up, by bucket and key.
#[derive(Clone, Debug, Default)]
pub(in crate::simulator) struct Automations {
    pub(super) executions: Vec<Execution>,
    pub(super) backups: BTreeMap<(String, String), Backup>,
}

/// The status of an execution or of a step, by AWS's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Pending,
    InProgress,
    Waiting,
    Success,
    TimedOut,
    Cancelling,
    Cancelled,
    Failed,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Waiting => "Waiting",
            Self::Success => "Success",
            Self::TimedOut => "TimedOut",
            Self::Cancelling => "Cancelling",
            Self::Cancelled => "Cancelled",
            Self::Failed => "Failed",
        }
    }

    pub fn ended(self) -> bool {
        matches!(self, Self::Success | Self::TimedOut | Self::Cancelled | Self::Failed)
    }
}

/// A run of a document.
#[derive(Clone, Debug)]
pub(super) struct Execution {
    pub id: String,
    pub document: &'static str,
    pub region: String,
    pub parameters: Values,
    pub tags: Vec<(String, String)>,
    /// The execution that it follows from, and whether it is one in another account.
    pub parent: Option<String>,
    pub foreign: bool,
    /// Where it runs, if not here.
    pub locations: Option<Locations>,
    pub by: String,
    pub token: Option<String>,
    pub interactive: bool,
    pub status: Status,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
    pub steps: Vec<StepRun>,
    /// The step that runs or comes next.
    pub current: usize,
    pub outputs: Values,
    pub failure: Option<String>,
    /// Stop after the running step.
    pub stopping: bool,
    /// When the next thing happens by itself.
    pub due: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub(super) struct StepRun {
    pub step: Step,
    pub id: String,
    pub status: Status,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    pub outputs: Values,
    pub failure: Option<String>,
    /// The place that it stands for, of an execution in several.
    pub place: Option<Place>,
}

impl Automations {
    /// When the next execution goes on.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.executions.iter().filter_map(|e| e.due).min()
    }

    pub(super) fn find(&self, id: &str, region: &str) -> Option<&Execution> {
        self.executions.iter().find(|e| e.id == id && e.region == region && !e.foreign)
    }

    pub(super) fn find_mut(&mut self, id: &str, region: &str) -> Option<&mut Execution> {
        self.executions.iter_mut().find(|e| e.id == id && e.region == region && !e.foreign)
    }
}

/// Lets the next thing of the execution that is due first happen.
pub(super) fn happen(world: &mut World) {
    let due = world.automations.executions.iter().enumerate().filter_map(|(i, e)| Some((i, e.due?)));
    let Some((index, at)) = due.min_by_key(|(_, at)| *at) else { return };
    let Some(execution) = world.automations.executions.get(index) else { return };
    let ending = execution.steps.get(execution.current).filter(|s| s.status == Status::InProgress).map(|s| s.step);
    // A step changes the account when it ends; what it finds there decides how it ends.
    let result = match (execution.status, ending) {
        (Status::InProgress, Some(step)) => Some(effect::apply(world, index, step, at)),
        _ => None,
    };
    if let Some(execution) = world.automations.executions.get_mut(index) {
        execution.go_on(at, result);
    }
    locations::settle(world, at);
}

impl Execution {
    /// An execution that starts then; its first step begins a moment later.
    pub fn begins(mut self, at: Timestamp) -> Self {
        self.due = at.checked_add(PENDING).ok();
        self
    }

    pub fn step(&self) -> Option<&StepRun> {
        self.steps.get(self.current)
    }

    fn step_mut(&mut self) -> Option<&mut StepRun> {
        self.steps.get_mut(self.current)
    }

    fn go_on(&mut self, at: Timestamp, result: Option<Result<Values, String>>) {
        self.due = None;
        match (self.status, result) {
            (Status::Pending, _) => self.next_step(at),
            (Status::Cancelling, _) => self.finish(Status::Cancelled, at),
            (Status::Waiting, _) => {
                self.step_ends(Status::TimedOut, at, Some("The approval step timed out.".to_owned()))
            }
            (Status::InProgress, Some(Ok(outputs))) => {
                if let Some(step) = self.step_mut() {
                    step.outputs = outputs;
                }
                self.step_ends(Status::Success, at, None);
            }
            (Status::InProgress, Some(Err(message))) => self.step_ends(Status::Failed, at, Some(message)),
            _ => {}
        }
    }

    /// Begins the current step, or waits for the signal that begins it.
    fn next_step(&mut self, at: Timestamp) {
        match self.step().map(|s| s.step) {
            // What is in its places goes on by itself.
            _ if self.locations.is_some() => self.status = Status::InProgress,
            None => self.finish(Status::Success, at),
            Some(_) if self.interactive => self.status = Status::Waiting,
            Some(_) => self.start_step(at),
        }
    }

    /// Begins the current step now.
    pub fn start_step(&mut self, at: Timestamp) {
        let Some(step) = self.step_mut() else { return };
        step.started = Some(at);
        let approval = step.step.does == Does::Approve;
        let status = if approval { Status::Waiting } else { Status::InProgress };
        let seconds = step.step.seconds;
        step.status = status;
        self.status = status;
        let takes = if approval { APPROVAL } else { SignedDuration::from_secs(seconds) };
        self.due = at.checked_add(takes).ok();
    }

    /// Ends the current step; a step that did not succeed ends the execution.
    pub fn step_ends(&mut self, status: Status, at: Timestamp, failure: Option<String>) {
        let Some(step) = self.step_mut() else { return };
        step.status = status;
        step.ended = Some(at);
        step.failure.clone_from(&failure);
        let (name, outputs) = (step.step.name, step.outputs.clone());
        if status != Status::Success {
            let reason = failure.unwrap_or_default();
            self.failure = Some(format!("Step fails when it is {name}. {reason}"));
            return self.finish(if status == Status::TimedOut { status } else { Status::Failed }, at);
        }
        self.outputs.extend(outputs.into_iter().map(|(output, values)| (format!("{name}.{output}"), values)));
        self.current += 1;
        if self.stopping {
            return self.finish(Status::Cancelled, at);
        }
        self.next_step(at);
    }

    /// Stops the running step and what comes after it.
    pub fn cancel(&mut self, at: Timestamp) {
        if let Some(step) = self.step_mut().filter(|s| !s.status.ended() && s.started.is_some()) {
            step.status = Status::Cancelled;
            step.ended = Some(at);
        }
        self.status = Status::Cancelling;
        self.due = at.checked_add(CANCELLING).ok();
    }

    pub fn finish(&mut self, status: Status, at: Timestamp) {
        self.status = status;
        self.ended = Some(at);
        self.due = None;
    }
}
