//! What the fold of an incident's records holds: data alone, as `sessions show --json` prints it.

use super::clock::Times;
use super::pace::{Dealt, Stay};
use super::*;
use crate::finding::{Compact, Severity};
use crate::text::{Id, Untrusted, id::Slug};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Who did something, and when it happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stamp {
    pub by: WriterId,
    /// The number of the writer's record that says so.
    pub n: u64,
    pub at: Timestamp,
}

impl Stamp {
    /// Of a record.
    pub fn of(entry: &Entry) -> Self {
        Self { by: entry.link.0.clone(), n: entry.link.1, at: entry.happened() }
    }
}

/// One console's attachment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Writer {
    pub user: Untrusted,
    pub host: Untrusted,
    pub caller: Option<Untrusted>,
    /// All that it has been in AWS, each once, in order.
    #[serde(skip)]
    pub callers: Vec<Untrusted>,
    pub attached: bool,
    /// Who it said that it is, in order.
    pub named: Vec<Named>,
    /// The number of its latest seg.open.
    #[serde(skip)]
    pub(super) segment: u64,
    #[serde(skip)]
    pub(super) times: Times,
    #[serde(skip)]
    pub(super) stay: Stay,
}

/// A name of a writer, and the number of the first record that it holds for: names are learnt late, and hold for the
/// whole segment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Named {
    pub n: u64,
    #[serde(flatten)]
    pub named: WriterNamed,
}

/// How the incident was closed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Closed {
    #[serde(flatten)]
    pub stamp: Stamp,
    pub resolution: Resolution,
    pub summary: Untrusted,
}

/// A finding in the incident.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Attached {
    pub link: Link,
    #[serde(flatten)]
    pub stamp: Stamp,
    pub finding: Compact,
    pub blob: Option<String>,
    pub verdict: Option<Resolution>,
    /// What its source has said of it since, by the field's name.
    pub changed: BTreeMap<Untrusted, Untrusted>,
}

/// A person, key, host or thing that the incident is about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entity {
    pub kind: EntityKind,
    pub id: Untrusted,
    pub provenance: Provenance,
    pub state: EntityState,
    #[serde(flatten)]
    pub stamp: Stamp,
}

/// Where a step stands: `[ ] [>] [x] [!] [-] [?]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    #[default]
    Todo,
    Running,
    Done,
    Failed,
    Skipped,
    Unknown,
}

impl Mark {
    /// The mark as it stands on every screen.
    pub fn sign(self) -> &'static str {
        match self {
            Mark::Todo => "[ ]",
            Mark::Running => "[>]",
            Mark::Done => "[x]",
            Mark::Failed => "[!]",
            Mark::Skipped => "[-]",
            Mark::Unknown => "[?]",
        }
    }
}

/// A step's state.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StepState {
    pub mark: Mark,
    pub stamp: Option<Stamp>,
    /// The note of its completion, the reason of its skip or failure.
    pub note: Option<Untrusted>,
    pub choice: Option<Untrusted>,
    /// The step that the choice leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Id<Slug>>,
    /// The latest action planned from it that is no undo.
    pub action: Option<Link>,
    /// Of a step that is done for each of a list: how it stands for each value that something was done for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", serialize_with = "by_value")]
    pub values: BTreeMap<Untrusted, StepState>,
    /// Somebody has dealt with such a step as a whole.
    #[serde(skip)]
    pub(super) whole: bool,
}

impl StepState {
    /// Of a step that nothing was done for.
    pub(super) const fn new() -> Self {
        let values = BTreeMap::new();
        Self { mark: Mark::Todo, stamp: None, note: None, choice: None, to: None, action: None, values, whole: false }
    }
}

/// A runbook as this incident follows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenBook {
    pub link: Link,
    #[serde(flatten)]
    pub stamp: Stamp,
    pub id: Id<Slug>,
    pub title: Untrusted,
    pub version: Option<Untrusted>,
    pub sha256: String,
    pub blob: Option<String>,
    pub outline: Vec<OutlineStep>,
    /// What it declares of its variables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<crate::runbook::variables::Variable>,
    /// What was configured of them when it was opened, or since, by name without `var.`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub configured: BTreeMap<Box<str>, Untrusted>,
    /// One for each line of the outline.
    pub steps: Vec<StepState>,
    pub closed: bool,
    /// Who dealt with which step, in order.
    #[serde(skip)]
    pub(super) dealt: Vec<Dealt>,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Note {
    pub link: Link,
    #[serde(flatten)]
    pub stamp: Stamp,
    pub text: Untrusted,
    pub step: Option<StepRef>,
}

/// What a look-up has told last of one thing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Looked {
    pub link: Link,
    #[serde(flatten)]
    pub stamp: Stamp,
    #[serde(flatten)]
    pub made: LookupMade,
}

/// A value that a template may name as `var.NAME`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variable {
    pub value: Untrusted,
    pub from: Untrusted,
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// The record that names it.
    pub link: Link,
    #[serde(flatten)]
    pub stamp: Stamp,
    pub blob: String,
    pub name: Untrusted,
    pub size: u64,
    pub how: Untrusted,
    /// The step that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<StepRef>,
    /// Of a command's output: what was run, and how it ended.
    pub run: Option<Run>,
    /// Why its content is not shown any more.
    pub masked: Option<Untrusted>,
    /// What became of it since, in order.
    pub custody: Vec<Custody>,
}

/// Where an action stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Life {
    Planned,
    Cancelled,
    Approved,
    /// Approved with its set; it starts at its turn.
    Queued,
    Started,
    Succeeded,
    Failed,
    Unknown,
}

/// An action and all that is known of it. Its id is the link of its planned event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ActionState {
    pub link: Link,
    /// The Lamport time of its planning: what order rests on.
    #[serde(skip)]
    pub l: u64,
    #[serde(flatten)]
    pub stamp: Stamp,
    pub plan: Plan,
    pub plan_hash: String,
    pub life: Life,
    pub approved: Option<Stamp>,
    /// The approval of a second person, where two had to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconded: Option<Stamp>,
    pub gesture: Option<Untrusted>,
    pub started: Option<Stamp>,
    pub token: Option<String>,
    /// Who follows it to its end, or did: who started it, has taken it over, or has found it again.
    #[serde(skip)]
    pub holder: Option<WriterId>,
    /// The last progress, which may be dropped without harm.
    pub progress: Option<(Untrusted, u32, u32)>,
    pub ended: Option<Stamp>,
    /// When its work ended, or nobody could tell any more whether it went on.
    #[serde(skip)]
    pub(super) halted: Option<Timestamp>,
    /// Its outcome, message or reason, in words.
    pub words: Option<Untrusted>,
    pub class: Option<FailClass>,
    pub request_ids: Vec<Untrusted>,
    /// What its undo needs.
    pub undo: Option<serde_json::Value>,
    pub facts: Vec<Fact>,
    /// What reading back showed; `holds` is `None` where it could not be verified.
    pub verified: Option<(Option<bool>, Vec<Fact>)>,
    /// The latest action planned to undo this one.
    pub undone_by: Option<Link>,
}

/// The incident at one moment: the fold of a set of records.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Incident {
    pub title: Untrusted,
    pub severity: Severity,
    pub drill: bool,
    pub simulated: bool,
    /// Tags, notes and archiving wait for the strike.
    pub quiet: bool,
    pub opened: Option<Stamp>,
    pub closed: Option<Closed>,
    #[serde(serialize_with = "by_writer")]
    pub writers: BTreeMap<WriterId, Writer>,
    pub findings: Vec<Attached>,
    pub entities: Vec<Entity>,
    pub runbooks: Vec<OpenBook>,
    pub notes: Vec<Note>,
    #[serde(serialize_with = "by_name")]
    pub variables: BTreeMap<Untrusted, Variable>,
    pub evidence: Vec<Evidence>,
    /// What was looked up last, of each thing by each look-up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lookups: Vec<Looked>,
    #[serde(serialize_with = "values")]
    pub actions: BTreeMap<Link, ActionState>,
    pub milestones: Vec<(Untrusted, Timestamp)>,
    /// Who has which role, in the order in which they were taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleHeld>,
    pub entries: Vec<(Lane, Untrusted, Stamp)>,
    /// Records whose time can't be true.
    #[serde(serialize_with = "values")]
    pub jumps: BTreeMap<Link, Jump>,
    /// The greatest difference to AWS's clock.
    pub skew: Option<Skew>,
    /// Records of kinds that this version does not know.
    pub unknown: u64,
}

fn by_writer<S: serde::Serializer>(map: &BTreeMap<WriterId, Writer>, s: S) -> Result<S::Ok, S::Error> {
    s.collect_map(map.iter().map(|(w, v)| (w.as_str(), v)))
}

fn by_name<S: serde::Serializer>(map: &BTreeMap<Untrusted, Variable>, s: S) -> Result<S::Ok, S::Error> {
    s.collect_map(map)
}

fn values<V: Serialize, S: serde::Serializer>(map: &BTreeMap<Link, V>, s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(map.values())
}

fn by_value<S: serde::Serializer>(map: &BTreeMap<Untrusted, StepState>, s: S) -> Result<S::Ok, S::Error> {
    s.collect_map(map)
}
