//! The fold: an incident is what its records say, in their order, and nothing else.
//!
//! [`Incident::apply`] is total: an event that does not fit the state it meets (a step of a runbook that no
//! record opened, an end of an action that no record planned) changes nothing, because the record that would make
//! it fit may still arrive from another writer. [`Timeline`] keeps the records in order and refolds when one
//! arrives late, so that any order of arrival gives the same state.

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
    pub at: Timestamp,
}

/// One console's attachment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Writer {
    pub user: Untrusted,
    pub host: Untrusted,
    pub caller: Option<Untrusted>,
    pub attached: bool,
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
    /// The latest action planned from it that is no undo.
    pub action: Option<Link>,
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
    /// One for each line of the outline.
    pub steps: Vec<StepState>,
    pub closed: bool,
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

/// A value that a template may name as `var.NAME`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variable {
    pub value: Untrusted,
    pub from: Untrusted,
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    #[serde(flatten)]
    pub stamp: Stamp,
    pub blob: String,
    pub name: Untrusted,
    pub size: u64,
    pub how: Untrusted,
}

/// Where an action stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Life {
    Planned,
    Cancelled,
    Approved,
    Started,
    Succeeded,
    Failed,
    Unknown,
}

/// An action and all that is known of it. Its id is the link of its planned event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ActionState {
    pub link: Link,
    #[serde(flatten)]
    pub stamp: Stamp,
    pub plan: Plan,
    pub plan_hash: String,
    pub life: Life,
    pub approved: Option<Stamp>,
    pub gesture: Option<Untrusted>,
    pub started: Option<Stamp>,
    pub token: Option<String>,
    /// The last progress, which may be dropped without harm.
    pub progress: Option<(Untrusted, u32, u32)>,
    pub ended: Option<Stamp>,
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
    #[serde(serialize_with = "values")]
    pub actions: BTreeMap<Link, ActionState>,
    pub milestones: Vec<(Untrusted, Timestamp)>,
    pub entries: Vec<(Lane, Untrusted, Stamp)>,
    /// Records of kinds that this version does not know.
    pub unknown: u64,
}

fn by_writer<S: serde::Serializer>(map: &BTreeMap<WriterId, Writer>, s: S) -> Result<S::Ok, S::Error> {
    s.collect_map(map.iter().map(|(w, v)| (w.as_str(), v)))
}

fn by_name<S: serde::Serializer>(map: &BTreeMap<Untrusted, Variable>, s: S) -> Result<S::Ok, S::Error> {
    s.collect_map(map)
}

fn values<S: serde::Serializer>(map: &BTreeMap<Link, ActionState>, s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(map.values())
}

impl Incident {
    /// Folds entries that are already in order.
    pub fn fold<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut incident = Incident::default();
        entries.into_iter().for_each(|entry| incident.apply(entry));
        incident
    }

    /// Takes in the next event.
    pub fn apply(&mut self, entry: &Entry) {
        let stamp = Stamp { by: entry.link.0.clone(), at: entry.happened() };
        match &entry.event {
            Event::Unknown { .. } => self.unknown += 1,
            event => match event.kind().and_then(|k| k.split_once('.')) {
                Some(("action", _)) => self.apply_action(entry, stamp),
                Some(("step", _)) => self.apply_step(event, stamp),
                Some(("seg" | "session", _)) => self.apply_session(event, stamp),
                _ => self.apply_matter(&entry.link, event, stamp),
            },
        }
    }

    fn apply_session(&mut self, event: &Event, stamp: Stamp) {
        match event {
            Event::SegOpen(d) => {
                let writer =
                    Writer { user: d.user.clone(), host: d.host.clone(), caller: d.caller.clone(), attached: true };
                self.writers.insert(stamp.by, writer);
            }
            Event::SessionOpened(d) => {
                self.title = d.title.clone();
                self.severity = d.severity;
                self.drill = d.drill;
                self.simulated = d.simulated;
                self.opened.get_or_insert(stamp);
            }
            Event::SessionDetached(_) => {
                if let Some(writer) = self.writers.get_mut(&stamp.by) {
                    writer.attached = false;
                }
            }
            Event::SessionClosed(d) => {
                self.closed = Some(Closed { stamp, resolution: d.resolution, summary: d.summary.clone() });
            }
            Event::SessionReopened(_) => self.closed = None,
            _ => {}
        }
    }

    fn apply_matter(&mut self, link: &Link, event: &Event, stamp: Stamp) {
        match event {
            Event::FindingAttached(d) => self.attach(link, d, stamp),
            Event::FindingDetached(d) => self.findings.retain(|f| f.finding.id != d.finding),
            Event::VerdictSet(d) => {
                for attached in self.findings.iter_mut().filter(|f| f.finding.id == d.finding) {
                    attached.verdict = Some(d.verdict);
                }
            }
            Event::EntityNoted(d) => self.note_entity(d, stamp),
            Event::RunbookOpened(d) => self.open_book(link, d, stamp),
            Event::RunbookClosed(d) => {
                if let Some(book) = self.runbooks.iter_mut().find(|b| b.link == d.rb) {
                    book.closed = true;
                }
            }
            Event::DecisionMade(d) => {
                if let Some(state) = self.step_mut(&d.step) {
                    let note = (!d.why.is_empty()).then(|| d.why.clone());
                    *state = StepState {
                        mark: Mark::Done,
                        stamp: Some(stamp),
                        note,
                        choice: Some(d.choice.clone()),
                        action: state.action.clone(),
                    };
                }
            }
            Event::VariableSet(d) => {
                self.variables.insert(d.name.clone(), Variable { value: d.value.clone(), from: d.from.clone() });
            }
            Event::NoteAdded(d) => {
                self.notes.push(Note { link: link.clone(), stamp, text: d.text.clone(), step: d.step.clone() });
            }
            Event::EvidenceAdded(d) => self.evidence.push(Evidence {
                stamp,
                blob: d.blob.clone(),
                name: d.name.clone(),
                size: d.size,
                how: d.how.clone(),
            }),
            Event::MilestoneSet(d) => {
                self.milestones.retain(|(name, _)| *name != d.name);
                self.milestones.push((d.name.clone(), d.at));
            }
            Event::EntryAdded(d) => self.entries.push((d.lane, d.text.clone(), stamp)),
            _ => {}
        }
    }

    fn attach(&mut self, link: &Link, d: &FindingAttached, stamp: Stamp) {
        let attached =
            Attached { link: link.clone(), stamp, finding: d.finding.clone(), blob: d.blob.clone(), verdict: None };
        match self.findings.iter_mut().find(|f| f.finding.id == d.finding.id) {
            Some(known) => *known = Attached { verdict: known.verdict, ..attached },
            None => self.findings.push(attached),
        }
    }

    fn note_entity(&mut self, d: &EntityNoted, stamp: Stamp) {
        let entity = Entity { kind: d.kind, id: d.id.clone(), provenance: d.provenance, state: d.state, stamp };
        match self.entities.iter_mut().find(|e| e.kind == d.kind && e.id == d.id) {
            Some(known) => *known = entity,
            None => self.entities.push(entity),
        }
    }

    fn open_book(&mut self, link: &Link, d: &RunbookOpened, stamp: Stamp) {
        self.runbooks.push(OpenBook {
            link: link.clone(),
            stamp,
            id: d.id.clone(),
            title: d.title.clone(),
            version: d.version.clone(),
            sha256: d.sha256.clone(),
            blob: d.blob.clone(),
            steps: vec![StepState::default(); d.outline.len()],
            outline: d.outline.clone(),
            closed: false,
        });
    }

    fn apply_step(&mut self, event: &Event, stamp: Stamp) {
        let (step, mark, note) = match event {
            Event::StepStarted(d) => (&d.step, Mark::Running, None),
            Event::StepDone(d) => (&d.step, Mark::Done, d.note.clone()),
            Event::StepSkipped(d) => (&d.step, Mark::Skipped, Some(d.why.clone())),
            Event::StepFailed(d) => (&d.step, Mark::Failed, Some(d.why.clone())),
            Event::StepReopened(d) => (&d.step, Mark::Todo, None),
            _ => return,
        };
        if let Some(state) = self.step_mut(step) {
            state.mark = mark;
            state.stamp = Some(stamp);
            state.note = note;
            if mark == Mark::Todo {
                state.choice = None;
            }
        }
    }

    pub(super) fn step_mut(&mut self, step: &StepRef) -> Option<&mut StepState> {
        let book = self.runbooks.iter_mut().find(|b| b.link == step.rb)?;
        let row = step.row as usize;
        match book.outline.get(row) {
            Some(line) if line.id == step.id => book.steps.get_mut(row),
            _ => None,
        }
    }

    /// The state of a step, when its runbook is open and the step is in it.
    pub fn step(&self, step: &StepRef) -> Option<(&OpenBook, &OutlineStep, &StepState)> {
        let book = self.runbooks.iter().find(|b| b.link == step.rb)?;
        let row = step.row as usize;
        let outline = book.outline.get(row).filter(|line| line.id == step.id)?;
        Some((book, outline, book.steps.get(row)?))
    }

    /// The name of the person behind a writer, as recorded when it opened its segment.
    pub fn who(&self, writer: &WriterId) -> Untrusted {
        self.writers.get(writer).map_or_else(|| short(writer).into(), |w| w.user.clone())
    }

    /// Actions whose outcome is still open: started without an end, or unknown.
    pub fn open_actions(&self) -> impl Iterator<Item = &ActionState> {
        self.actions.values().filter(|a| matches!(a.life, Life::Started | Life::Unknown))
    }
}

/// Records in order, with their fold.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    entries: Vec<Entry>,
    incident: Incident,
}

impl Timeline {
    /// Takes in records in any order.
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.order().cmp(&b.order()));
        entries.dedup_by(|a, b| a.link == b.link);
        let incident = Incident::fold(&entries);
        Self { entries, incident }
    }

    /// Takes in one record; a late one refolds, one that is known already changes nothing.
    pub fn insert(&mut self, entry: Entry) {
        let place = self.entries.partition_point(|known| known.order() < entry.order());
        match self.entries.get(place) {
            None => {
                self.incident.apply(&entry);
                self.entries.push(entry);
            }
            Some(known) if known.link == entry.link => {}
            Some(_) => {
                self.entries.insert(place, entry);
                self.incident = Incident::fold(&self.entries);
            }
        }
    }

    /// The records, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The state that they give.
    pub fn incident(&self) -> &Incident {
        &self.incident
    }

    /// The state after the first `count` records.
    pub fn at(&self, count: usize) -> Incident {
        Incident::fold(self.entries.iter().take(count))
    }
}
