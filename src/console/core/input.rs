//! Anything that reaches the loop.

use super::command::Command;
use super::key::Key;
use crate::action::{BlockNeeds, Request, Standing};
use crate::aws::Identity;
use crate::problem::Problem;
use crate::source::SourceEvent;
use crate::timeline::Stored;
use jiff::Timestamp;
use quell_core::incident::{Entry, Found, Link, LookupMade, Outcome, Plan, StepRef, Timeline, Verified, WriterId};
use quell_core::record::{Hash, Verification};
use quell_core::runbook::Runbook;
use quell_core::text::Untrusted;
use quell_core::text::secret::Secrets;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One thing that happened.
#[derive(Debug)]
pub enum Input {
    Key(Key),
    Paste(Untrusted),
    Resize(u16, u16),
    Command(Command),
    /// The timer that an update asked for.
    Wake,
    /// The console stands: the first input of all.
    Started,
    /// Begin an incident without a finding.
    Begin {
        title: Untrusted,
    },
    /// The terminal is back after a suspension.
    Resumed,
    Connected(Result<Identity, Problem>),
    /// Until when the connection is armed, or why it can't be; `None` of `Ok` is disarmed.
    Armed(Result<Option<Timestamp>, Problem>),
    Source(SourceEvent),
    /// Records that are on disk, the log's own among them.
    Saved(Vec<Entry>),
    /// Records that are not; where the log goes on.
    NotSaved {
        problem: Problem,
        next_n: u64,
        last_l: u64,
    },
    /// Whether the disk is full, and the log writes into what it kept for its last words.
    Low(bool),
    /// Why the second copy of the open session is behind; none when it has caught up.
    Behind(Option<Problem>),
    /// Records of other writers.
    Foreign {
        session: String,
        entries: Vec<Entry>,
        /// Records told before that their writer has gone on without.
        superseded: Vec<Link>,
    },
    /// No process holds these writers any more.
    Gone {
        session: String,
        writers: Vec<WriterId>,
    },
    Attached(Box<AttachedSession>),
    Sessions(Vec<SessionRow>),
    Loaded {
        session: String,
        review: bool,
        timeline: Box<Timeline>,
        chain: Verification,
        books: Vec<(Link, Arc<Runbook>)>,
    },
    /// What was asked for is several actions: one for each target.
    Several {
        generation: u64,
        requests: Vec<Request>,
    },
    Planned {
        generation: u64,
        result: Box<Result<Plan, Problem>>,
    },
    Progress {
        action: Link,
        text: Untrusted,
        done: u32,
        of: u32,
    },
    /// Full bytes that an action gave out.
    Output {
        action: Link,
        name: Untrusted,
        blob: Blob,
    },
    Ended {
        action: Link,
        outcome: Outcome,
    },
    Checked {
        action: Link,
        found: Found,
    },
    Verified {
        action: Link,
        verified: Verified,
    },
    /// What the actions of a runbook need, and what of it is there.
    Ready {
        session: String,
        book: Link,
        result: Result<Vec<BlockNeeds>, Problem>,
    },
    /// What was looked up.
    Looked {
        session: String,
        result: Box<Result<LookupMade, Problem>>,
    },
    /// The runbooks at hand, read anew, and what of them could not be.
    Library {
        books: Vec<Runbook>,
        problems: Vec<Problem>,
        show: bool,
    },
    /// A runbook's file was edited: what is wrong with it now, a line each.
    Edited {
        file: String,
        found: Result<Vec<String>, Problem>,
    },
    /// The hashes of the runbooks whose actions may be planned, and why others could not be looked up.
    Trusted(BTreeSet<String>, Option<Problem>),
    /// Evidence that was asked for, of a session.
    Evidence {
        session: String,
        name: String,
        blob: String,
        bytes: Vec<u8>,
    },
    File {
        /// The session that it was meant for.
        session: String,
        step: Option<StepRef>,
        name: Untrusted,
        result: Result<Blob, Problem>,
    },
    /// A checkpoint is on disk, or could not be made.
    Signed {
        session: String,
        result: Result<Stored, Problem>,
    },
    /// Sessions are kept in this state folder from here on.
    Chosen(Untrusted),
    /// The session that was asked for could not be made or taken up.
    NotAttached(Problem),
    /// Credentials of the responder that must not be kept, beside those that are known.
    Secrets(Secrets),
    /// What containment stands, and the problems of sessions that could not be read.
    InForce(Vec<Standing>, Vec<Problem>),
    /// What became of a copy.
    Copied(String),
    /// Something to say, for a moment.
    Said(String),
    Trouble(Problem),
}

/// Bytes that become evidence, with the name that records give them. Hashing takes time, so it is done before they
/// come here.
#[derive(Clone, Debug)]
pub struct Blob {
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    pub bytes: Vec<u8>,
    /// How many credentials of the responder were replaced in them.
    pub withheld: u64,
}

impl Blob {
    /// Hashes the bytes.
    pub fn of(bytes: Vec<u8>) -> Self {
        Self { sha256: Hash::of(&bytes).to_string(), bytes, withheld: 0 }
    }

    /// Leaves out the credentials that are known, and hashes what remains.
    pub fn without(known: &Secrets, bytes: Vec<u8>) -> Self {
        let (bytes, withheld) = known.withhold(bytes);
        Self { withheld, ..Self::of(bytes) }
    }
}

/// A session that this console now writes.
#[derive(Debug)]
pub struct AttachedSession {
    pub id: String,
    pub writer: WriterId,
    pub timeline: Timeline,
    pub next_n: u64,
    pub last_l: u64,
    /// The runbooks that its records name, from its own evidence.
    pub books: Vec<(Link, Arc<Runbook>)>,
    /// A new writer in a session that others wrote before.
    pub joined: bool,
    /// Other writers that nobody is any more.
    pub dead: Vec<WriterId>,
}

/// A line of the sessions list.
#[derive(Clone, Debug)]
pub struct SessionRow {
    pub id: String,
    pub title: Untrusted,
    pub open: bool,
    pub opened: Option<Timestamp>,
    pub simulated: bool,
    pub responders: Vec<Untrusted>,
    pub records: usize,
    /// The accounts of its findings.
    pub accounts: Vec<Untrusted>,
    /// The ids of its findings.
    pub findings: Vec<Untrusted>,
    /// Tags, notes and archiving wait for its strike.
    pub quiet: bool,
    pub chain: String,
}
