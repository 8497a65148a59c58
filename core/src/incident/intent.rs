//! What somebody wants, and why it can't be: as plain data.

use super::approve::Approval;
use super::*;
use crate::finding::{Compact, Severity};
use crate::text::{Id, Untrusted, id::Slug};

/// What someone wants.
#[derive(Clone, Debug)]
pub enum Intent {
    Open {
        title: Untrusted,
        severity: Severity,
        drill: bool,
        simulated: bool,
    },
    Attach {
        finding: Box<Compact>,
        blob: Option<String>,
    },
    Change {
        finding: Untrusted,
        changes: Vec<Change>,
    },
    Detach {
        finding: Untrusted,
        why: Untrusted,
    },
    OpenBook(RunbookOpened),
    CloseBook {
        rb: Link,
        why: Untrusted,
    },
    Tick {
        step: StepRef,
        note: Option<Untrusted>,
    },
    /// Done by hand for one value of the step's list.
    TickEach {
        step: StepRef,
        each: Untrusted,
        note: Option<Untrusted>,
    },
    Untick {
        step: StepRef,
        why: Untrusted,
    },
    /// Open again for one value of the step's list.
    UntickEach {
        step: StepRef,
        each: Untrusted,
        why: Untrusted,
    },
    Skip {
        step: StepRef,
        why: Untrusted,
    },
    Choose {
        step: StepRef,
        choice: Untrusted,
        why: Untrusted,
        /// The step that the choice leads to.
        to: Option<Id<Slug>>,
    },
    Note {
        text: Untrusted,
        step: Option<StepRef>,
    },
    Entity {
        kind: EntityKind,
        id: Untrusted,
        provenance: Provenance,
        state: EntityState,
    },
    /// What was looked up is kept.
    Look(Box<LookupMade>),
    Variable {
        name: Untrusted,
        value: Untrusted,
        from: Untrusted,
    },
    Milestone {
        name: Untrusted,
        at: jiff::Timestamp,
    },
    Verdict {
        finding: Untrusted,
        verdict: Resolution,
        why: Untrusted,
    },
    Quiet {
        on: bool,
    },
    /// Somebody takes a role, or gives it up.
    Role {
        role: Untrusted,
        who: Untrusted,
        on: bool,
    },
    Plan(Box<Plan>),
    /// All of them or none, in this order.
    Approve {
        actions: Vec<Approval>,
        gesture: Untrusted,
        why: Untrusted,
        /// Who approves.
        by: WriterId,
        /// Whether two people must.
        two: bool,
    },
    /// What a writer has approved with its set is at its turn.
    Start {
        action: Link,
        token: String,
        by: WriterId,
    },
    Cancel {
        action: Link,
        why: Untrusted,
    },
    Progress {
        action: Link,
        text: Untrusted,
        done: u32,
        of: u32,
    },
    End {
        action: Link,
        outcome: Outcome,
    },
    Verified {
        action: Link,
        verified: Verified,
    },
    Close {
        resolution: Resolution,
        summary: Untrusted,
    },
    Reopen {
        why: Untrusted,
    },
    HandOver {
        text: Untrusted,
    },
    Leave {
        why: Untrusted,
    },
}

/// Why an intent is refused, for the responder's eyes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the session is closed; :reopen it first")]
    Closed,
    #[error("this step is not in an open runbook")]
    NoStep,
    #[error("an action of this runbook is under way, or its outcome is not known: that comes first")]
    BookBusy,
    #[error("this step is {0} already")]
    StepStands(&'static str),
    #[error("the step was dealt with as a whole: it is opened again as a whole")]
    StepWhole,
    #[error("this is no value of the step's list")]
    NoValue,
    #[error("this finding is not attached to the incident")]
    NoFinding,
    #[error("an action of this step is under way")]
    StepBusy,
    #[error("this step asks for a note")]
    NoteRequired,
    #[error("this step asks for evidence: {0}; e attaches a file, x skips the step with a reason")]
    EvidenceRequired(String),
    #[error("say why")]
    WhyRequired,
    #[error("the role {0} stands so already")]
    RoleStands(String),
    #[error("there is nothing to save")]
    Empty,
    #[error("no such action")]
    NoAction,
    #[error("this action is {0} already")]
    ActionStands(&'static str),
    #[error("the plan has changed since it was shown; plan it again")]
    PlanChanged,
    #[error("an action on {0} is under way; wait for its end")]
    TargetBusy(String),
    #[error("what became of an action on {0} is not known: Enter on its [?] looks it up first")]
    TargetUnknown(String),
    #[error("its step was done meanwhile: look at the timeline; Space opens the step again")]
    StepDone,
    #[error("you have approved it: somebody else must too, in their own console")]
    OwnApproval,
    #[error("{one} and {other} of the set may write the same: take one out")]
    StagedTwice { one: String, other: String },
    #[error("{0} action(s) still run; wait for their end before closing")]
    ActionsRun(usize),
    #[error("the plan could not be written: {0}")]
    Unwritable(String),
}
