//! What an update asks of the world, as data. Nothing here can change AWS: what runs follows from a synced record.

use crate::action::{Request, Site};
use crate::lookup::Question;
use quell_core::incident::{Entry, Link, Outcome, Plan, StepRef, WriterId};
use quell_core::runbook::Runbook;
use quell_core::text::Untrusted;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// What came of one input.
#[derive(Debug, Default)]
pub struct Reaction {
    /// Records for the log, numbered.
    pub entries: Vec<Entry>,
    /// Bytes that the records name; they are on disk before the records are.
    pub blobs: Vec<Vec<u8>>,
    pub reads: Vec<Reads>,
    pub desk: Vec<Desk>,
    /// The screen must be drawn.
    pub dirty: bool,
    /// The screen must be drawn from nothing.
    pub redraw: bool,
    /// One timer, which comes back as an input.
    pub wake: Option<Instant>,
    pub suspend: bool,
    /// The console ends.
    pub end: bool,
}

/// Effects that change nothing.
#[derive(Debug)]
pub enum Reads {
    Plan {
        generation: u64,
        request: Box<Request>,
    },
    /// The plan of what undoes an action, in a set or by itself.
    PlanUndo {
        generation: u64,
        action: Link,
        plan: Box<Plan>,
        outcome: Box<Outcome>,
        set: Option<Untrusted>,
        quiet: bool,
    },
    /// The plan of what is said to an action that runs; `which` counts what its kind takes.
    PlanSignal {
        generation: u64,
        action: Link,
        plan: Box<Plan>,
        which: usize,
    },
    /// What became of an action with unknown outcome.
    Check {
        action: Link,
        plan: Box<Plan>,
        token: String,
    },
    /// What was found to go on, to its end.
    Follow {
        action: Link,
        plan: Box<Plan>,
        running: Untrusted,
    },
    /// What the actions of a runbook need, where its findings are.
    Ready {
        session: String,
        book: Link,
        runbook: Arc<Runbook>,
        sites: Vec<Site>,
        variables: BTreeMap<String, Untrusted>,
    },
    /// What AWS says of a thing that the incident is about.
    LookUp {
        session: String,
        question: Box<Question>,
    },
    /// Reads an action's resource back.
    Verify {
        action: Link,
        plan: Box<Plan>,
        outcome: Box<Outcome>,
    },
    /// To the terminal's clipboard.
    Copy(String),
    ListSessions,
    /// What containment stands, over all sessions.
    InForce,
    /// Which runbooks' actions may be planned now.
    Trust,
    /// The runbooks as they are on disk now; `show` asks whether one that has changed shall be gone on with.
    Library {
        show: bool,
    },
    /// A session's records, without attaching to it.
    Load {
        session: String,
        why: LoadFor,
    },
    /// Evidence of a session, to be read on the screen.
    ReadEvidence {
        session: String,
        blob: String,
        name: String,
    },
    /// A file that shall become evidence, of the step that it belongs to.
    ReadFile {
        session: String,
        path: Untrusted,
        step: Option<StepRef>,
    },
    /// A checkpoint over all that a session has on disk, signed where there is a key.
    Sign {
        session: String,
        writer: WriterId,
    },
    Arm,
    Disarm,
}

/// What a loaded session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadFor {
    Review,
    Report,
}

/// Effects on this machine's own files.
#[derive(Debug)]
pub enum Desk {
    /// Makes a session folder and attaches to it, or to the open session that somebody has made for the same meanwhile:
    /// with this finding, or for the triage of that day.
    Create { title: Untrusted, simulated: bool, finding: Option<Untrusted> },
    /// Attaches to a session.
    Resume { session: String },
    /// Writes a session's records into another state folder and goes on there.
    Move { session: String, to: Untrusted, entries: Vec<Entry> },
    /// Keeps sessions in another state folder from here on.
    Choose { to: Untrusted },
    /// Writes what is queued and gives the session up.
    Leave,
    /// Gives the terminal to the responder's editor with this file, and reads the runbooks anew afterwards.
    Edit { file: String },
    /// Writes a file into the session's exports; whether a checkpoint is made with it.
    Export { session: String, name: String, text: String, signed: bool },
}
