//! The facts of an incident, as DESIGN names them: kind, and data in snake_case.
//!
//! New kinds may be added; a kind or a shape that this version does not know is kept as [`Event::Unknown`] and
//! shown raw, never dropped.

use super::actor::ActorFrom;
use super::custody::EvidenceCustody;
use super::link::{Link, WriterId};
use super::plan::{Fact, Plan};
use crate::finding::{Compact, Severity};
use crate::runbook::condition::Condition;
use crate::runbook::each::List;
use crate::runbook::variables::Variable;
use crate::runbook::{Phase, StepKind};
use crate::text::{Id, Untrusted, id::Slug};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

macro_rules! events {
    ($($kind:literal => $name:ident,)*) => {
        /// One fact.
        #[derive(Clone, Debug)]
        pub enum Event {
            $($name($name),)*
            /// A kind or a shape that this version does not know.
            Unknown { kind: Untrusted, data: Box<RawValue> },
        }

        impl Event {
            /// Its kind as written; `None` for one that this version does not know.
            pub fn kind(&self) -> Option<&'static str> {
                match self {
                    $(Event::$name(_) => Some($kind),)*
                    Event::Unknown { .. } => None,
                }
            }

            /// Its data as compact JSON whose hidden characters are escaped.
            pub fn data(&self) -> Result<String, serde_json::Error> {
                match self {
                    $(Event::$name(data) => crate::text::json::to_string(data),)*
                    Event::Unknown { data, .. } => crate::text::json::to_string(data),
                }
            }

            /// Reads an event; what does not fit is kept as it is.
            pub fn read(kind: &str, data: &RawValue) -> Event {
                let known = match kind {
                    $($kind => serde_json::from_str(data.get()).ok().map(Event::$name),)*
                    _ => None,
                };
                known.unwrap_or_else(|| Event::Unknown { kind: kind.into(), data: data.to_owned() })
            }
        }

        $(impl From<$name> for Event {
            fn from(data: $name) -> Event {
                Event::$name(data)
            }
        })*
    };
}

macro_rules! data {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type,)* }
    )*};
}

events! {
    "seg.open" => SegOpen,
    "session.opened" => SessionOpened,
    "session.joined" => SessionJoined,
    "session.detached" => SessionDetached,
    "session.closed" => SessionClosed,
    "session.reopened" => SessionReopened,
    "writer.named" => WriterNamed,
    "finding.attached" => FindingAttached,
    "finding.changed" => FindingChanged,
    "finding.detached" => FindingDetached,
    "entity.noted" => EntityNoted,
    "runbook.opened" => RunbookOpened,
    "runbook.closed" => RunbookClosed,
    "step.started" => StepStarted,
    "step.done" => StepDone,
    "step.skipped" => StepSkipped,
    "step.failed" => StepFailed,
    "step.reopened" => StepReopened,
    "decision.made" => DecisionMade,
    "lookup.made" => LookupMade,
    "variable.set" => VariableSet,
    "note.added" => NoteAdded,
    "evidence.added" => EvidenceAdded,
    "evidence.custody" => EvidenceCustody,
    "action.planned" => ActionPlanned,
    "action.approved" => ActionApproved,
    "action.cancelled" => ActionCancelled,
    "action.started" => ActionStarted,
    "action.adopted" => ActionAdopted,
    "action.progress" => ActionProgress,
    "action.succeeded" => ActionSucceeded,
    "action.failed" => ActionFailed,
    "action.unknown" => ActionUnknown,
    "action.verified" => ActionVerified,
    "milestone.set" => MilestoneSet,
    "quiet.set" => QuietSet,
    "role.set" => RoleSet,
    "verdict.set" => VerdictSet,
    "entry.added" => EntryAdded,
    "entry.corrected" => EntryCorrected,
    "entry.masked" => EntryMasked,
    "checkpoint.made" => CheckpointMade,
    "clock.witnessed" => ClockWitnessed,
}

/// How an incident, or a finding in it, was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resolution {
    TruePositive,
    FalsePositive,
    Benign,
    Duplicate,
}

/// What an entity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntityKind {
    Principal,
    Key,
    Host,
    Bucket,
    Account,
    Ip,
    Other,
}

/// How an entity came into the incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    Finding,
    Lookup,
    Typed,
}

/// How an entity stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntityState {
    Suspected,
    Confirmed,
    Contained,
    Cleared,
}

/// Whose side of the story an entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    Response,
    Attacker,
    Communication,
}

/// How a failure is classed: what proves that nothing was sent is `not-sent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailClass {
    NotSent,
    Denied,
    Expired,
    Throttled,
    NotFound,
    Conflict,
    Validation,
    /// The work itself ended badly: a failed automation, an exit code.
    Failed,
    Other,
}

/// A step of a runbook as opened in this session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StepRef {
    /// The runbook.opened record.
    pub rb: Link,
    pub id: Id<Slug>,
    /// Its row in the outline, from 0.
    pub row: u32,
}

/// A step as the outline of runbook.opened keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutlineStep {
    pub id: Id<Slug>,
    pub number: Untrusted,
    pub title: Untrusted,
    pub phase: Option<Phase>,
    pub depth: u32,
    pub kind: StepKind,
    pub note_required: bool,
    /// What must be attached to it before it is done, in the author's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Untrusted>,
    /// How many minutes it should take, waiting left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<u32>,
    /// When it is for the incident, if it is not for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// The list for each value of which it is done; none where it is done once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<List>,
}

/// The end of the previous segment, as its successor found it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct After {
    pub file: Untrusted,
    /// Bytes of the previous segment that are good.
    pub bytes: u64,
    pub n: u64,
    pub h: String,
}

/// Bytes of the previous segment that are not part of the log: a torn tail, an unacknowledged commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aside {
    pub bytes: u64,
    pub sha256: String,
}

/// One thing that a look-up told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub name: Untrusted,
    pub value: Untrusted,
    /// What the value is, where it may belong to the incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<EntityKind>,
}

/// A command that was run, and one of its outputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The words as they were handed to the program, without a shell.
    pub argv: Vec<Untrusted>,
    /// The program's file.
    pub path: Untrusted,
    /// Which of its outputs: stdout or stderr.
    pub stream: Untrusted,
    /// Its exit code; null where a signal ended it.
    pub exit: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// How long it ran, in milliseconds.
    pub ms: u64,
    /// All bytes that it wrote to this output, kept or not.
    pub wrote: u64,
    /// How many credentials of the responder were replaced, in the words and in the output.
    pub withheld: u64,
}

/// What a finding said of one of its fields, and what it says now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// severity, count, status or workflow.
    pub name: Untrusted,
    pub from: Option<Untrusted>,
    pub to: Untrusted,
}

data! {
    /// First of every segment: who writes, with what, and after what.
    SegOpen {
        format: u32, session: Id<Slug>, salt: String, tool: Untrusted, host: Untrusted, user: Untrusted,
        /// The AWS caller's ARN, when known.
        caller: Option<Untrusted>,
        after: Option<After>, aside: Option<Aside>,
    }
    SessionOpened { title: Untrusted, severity: Severity, drill: bool, simulated: bool, }
    SessionJoined { }
    SessionDetached { why: Untrusted, }
    SessionClosed { resolution: Resolution, summary: Untrusted, }
    SessionReopened { why: Untrusted, }
    /// Who the person behind a writer is: holds for the segment that it stands in, and on, until the next.
    WriterNamed {
        actor: Untrusted, from: ActorFrom,
        /// What the name was read from, where that says more.
        detail: Option<Untrusted>,
    }
    FindingAttached { finding: Compact, blob: Option<String>, }
    FindingChanged { finding: Untrusted, changes: Vec<Change>, }
    FindingDetached { finding: Untrusted, why: Untrusted, }
    EntityNoted { kind: EntityKind, id: Untrusted, provenance: Provenance, state: EntityState, }
    RunbookOpened {
        id: Id<Slug>, title: Untrusted, version: Option<Untrusted>, sha256: String, outline: Vec<OutlineStep>, blob: Option<String>,
        /// What it declares of its variables.
        #[serde(default, skip_serializing_if = "Vec::is_empty")] variables: Vec<Variable>,
        /// What was configured then of the variables that it names.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")] configured: BTreeMap<Box<str>, Untrusted>,
    }
    RunbookClosed { rb: Link, why: Untrusted, }
    StepStarted { step: StepRef, }
    StepDone {
        step: StepRef, note: Option<Untrusted>,
        /// Of a step that is done for each of a list: for which value; none where it is done for all.
        #[serde(default, skip_serializing_if = "Option::is_none")] each: Option<Untrusted>,
    }
    StepSkipped { step: StepRef, why: Untrusted, }
    StepFailed { step: StepRef, why: Untrusted, }
    StepReopened {
        step: StepRef, why: Untrusted,
        /// Of a step that is done for each of a list: for which value; none where it is opened for all.
        #[serde(default, skip_serializing_if = "Option::is_none")] each: Option<Untrusted>,
    }
    DecisionMade {
        step: StepRef, choice: Untrusted, why: Untrusted,
        /// The step that the choice leads to, where it names one.
        #[serde(default, skip_serializing_if = "Option::is_none")] to: Option<Id<Slug>>,
    }
    /// What AWS says of something of the incident: read, and nothing changed.
    LookupMade {
        /// Which look-up.
        lookup: Untrusted,
        /// The id of what was looked up.
        subject: Untrusted, account: Option<Untrusted>, region: Untrusted, told: Vec<Told>, step: Option<StepRef>,
    }
    VariableSet { name: Untrusted, value: Untrusted, from: Untrusted, }
    NoteAdded { text: Untrusted, step: Option<StepRef>, }
    EvidenceAdded {
        blob: String, name: Untrusted, size: u64, how: Untrusted, step: Option<StepRef>,
        /// Of a command's output: what was run, and how it ended.
        #[serde(default, skip_serializing_if = "Option::is_none")] run: Option<Run>,
    }
    ActionPlanned { #[serde(flatten)] plan: Plan, plan_hash: String, }
    ActionApproved {
        action: Link, plan_hash: String, gesture: Untrusted, why: Untrusted,
        /// Approved with others of its set before it: whoever writes this starts it at its turn.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")] queued: bool,
    }
    ActionCancelled { action: Link, why: Untrusted, }
    ActionStarted { action: Link, plan_hash: String, token: String, }
    ActionAdopted { action: Link, from: WriterId, }
    ActionProgress { action: Link, text: Untrusted, done: u32, of: u32, }
    ActionSucceeded { action: Link, outcome: Untrusted, request_ids: Vec<Untrusted>, undo: Option<serde_json::Value>, facts: Vec<Fact>, }
    ActionFailed {
        action: Link, class: FailClass, message: Untrusted, request_ids: Vec<Untrusted>,
        /// Of one that failed half-way: what an undo of the part that was done needs.
        #[serde(default, skip_serializing_if = "Option::is_none")] undo: Option<serde_json::Value>,
    }
    ActionUnknown { action: Link, why: Untrusted, }
    ActionVerified { action: Link, holds: Option<bool>, facts: Vec<Fact>, }
    MilestoneSet { name: Untrusted, at: Timestamp, }
    /// Whether what others could read in the account (tags, notes, archived findings) waits for the strike.
    QuietSet { on: bool, }
    /// Somebody has a role from now on, or has it no more.
    RoleSet { role: Untrusted, who: Untrusted, on: bool, }
    VerdictSet { finding: Untrusted, verdict: Resolution, why: Untrusted, }
    EntryAdded { lane: Lane, text: Untrusted, source: Untrusted, }
    EntryCorrected { record: Link, field: Untrusted, value: Untrusted, why: Untrusted, }
    /// A field of a record that is not shown any more; the record itself stays as it is.
    EntryMasked { record: Link, field: Untrusted, why: Untrusted, }
    /// The Date of an answer of AWS, beside this machine's time when it had come.
    ClockWitnessed {
        service: Untrusted, operation: Untrusted, request_id: Option<Untrusted>, date: Timestamp, local: Timestamp,
    }
    CheckpointMade {
        /// In the checkpoints folder.
        file: Untrusted,
        /// Records of its maker up to the one that it ends with.
        count: u64,
        /// That record's hash.
        head: String,
        /// The hash of the checkpoint's text.
        #[serde(default, skip_serializing_if = "Option::is_none")] sha256: Option<String>,
        /// The hash of its signature; none where it is not signed.
        #[serde(default, skip_serializing_if = "Option::is_none")] signature: Option<String>,
    }
}
