//! The incident held to literals, and to what must be true of every set of records.

mod actor;
mod change;
mod clock;
mod decide;
mod each;
mod fold;
mod held;
mod looked;
mod masking;
mod pace;
mod passed;
mod proof;
mod role;
mod sets;
mod turns;
mod two;
mod values;
mod words;

use super::*;
use crate::finding::{Actor, Compact, Label, Resource, Severity};
use crate::runbook::{Phase, StepKind};
use crate::text::{Id, Untrusted};
use jiff::Timestamp;

pub(super) fn writer(letter: char) -> WriterId {
    Id::new(&letter.to_string().repeat(26)).unwrap()
}

pub(super) fn link(letter: char, n: u64) -> Link {
    Link(writer(letter), n)
}

pub(super) fn at(second: u32) -> Timestamp {
    format!("2026-11-21T14:{:02}:{:02}Z", second / 60 % 60, second % 60).parse().unwrap()
}

pub(super) fn entry(letter: char, n: u64, l: u64, event: impl Into<Event>) -> Entry {
    Entry { link: link(letter, n), l, t: at(l as u32), at: None, seen: None, event: event.into() }
}

pub(super) fn opened() -> SessionOpened {
    let severity = Severity { label: Some(Label::High), score: Some(80.0) };
    SessionOpened { title: "Miner".into(), severity, drill: false, simulated: true }
}

/// Rows: 0 manual, 1 asks for a note, 2 a decision, 3 and 4 actions.
pub(super) fn book() -> RunbookOpened {
    let line = |id: &str, kind, note_required| OutlineStep {
        id: Id::new(id).unwrap(),
        number: "1".into(),
        title: format!("Step {id}").into(),
        phase: Some(Phase::Contain),
        depth: 0,
        kind,
        note_required,
        evidence: None,
        target: None,
        when: None,
        each: None,
    };
    RunbookOpened {
        id: Id::new("book").unwrap(),
        title: "Book".into(),
        version: Some("1".into()),
        sha256: "00".repeat(32),
        outline: vec![
            line("look", StepKind::Manual, false),
            line("write", StepKind::Manual, true),
            line("choose", StepKind::Decision, false),
            line("contain", StepKind::Action, false),
            line("archive", StepKind::Action, false),
        ],
        blob: None,
        variables: Vec::new(),
        configured: Default::default(),
    }
}

/// The step of that row of the runbook that record 1 of writer a opened.
pub(super) fn step(row: usize) -> StepRef {
    StepRef { rb: link('a', 1), id: book().outline[row].id.clone(), row: row as u32 }
}

pub(super) fn plan(row: Option<usize>, resource: &str) -> Plan {
    Plan {
        kind: Id::new("ssm-automation").unwrap(),
        title: "Contain".into(),
        step: row.map(step),
        target: Target {
            account: "111122223333".into(),
            partition: "aws".into(),
            region: "eu-west-1".into(),
            resource: resource.into(),
            through: None,
        },
        requests: Vec::new(),
        facts: Vec::new(),
        danger: 2,
        destroys: Vec::new(),
        breaks: Vec::new(),
        writes: Vec::new(),
        warnings: Vec::new(),
        undo: "u".into(),
        confirm: resource.into(),
        undo_of: None,
        each: None,
        set: None,
    }
}

pub(super) fn compact(id: &str) -> Compact {
    Compact {
        id: id.into(),
        source: Some("guardduty".into()),
        kind: Some("Recon:EC2/X".into()),
        title: None,
        severity: Severity::default(),
        account: Some("111122223333".into()),
        region: None,
        resource: Resource { kind: Some("AWS::EC2::Instance".into()), id: Some("i-1".into()), name: None, arn: None },
        actor: Actor { ip: Some("198.51.100.7".into()), ..Actor::default() },
        first_seen: None,
        last_seen: None,
        count: None,
        status: None,
        workflow: None,
        raw_sha256: String::new(),
    }
}

/// A console in small: what it decides it writes, as writer `letter`.
pub(super) struct Pen {
    pub letter: char,
    pub timeline: Timeline,
    n: u64,
}

impl Pen {
    /// A session with one open runbook, written by a.
    pub fn new() -> Self {
        Self::with(book())
    }

    /// The same with another runbook.
    pub fn with(book: RunbookOpened) -> Self {
        let mut pen = Self { letter: 'a', timeline: Timeline::default(), n: 0 };
        pen.write(opened().into());
        pen.write(book.into());
        pen
    }

    /// The same session as writer b sees it.
    pub fn joined(other: &Pen) -> Self {
        Self { letter: 'b', timeline: other.timeline.clone(), n: 0 }
    }

    pub fn write(&mut self, event: Event) -> Link {
        let l = self.timeline.entries().iter().map(|e| e.l).max().unwrap_or(0) + 1;
        let entry = entry(self.letter, self.n, l, event);
        self.n += 1;
        self.timeline.insert(entry.clone());
        entry.link
    }

    /// Decides and writes; gives the name of the first record.
    pub fn act(&mut self, intent: Intent) -> Result<Link, Refusal> {
        let events = decide(self.incident(), intent)?;
        let links: Vec<Link> = events.into_iter().map(|event| self.write(event)).collect();
        links.into_iter().next().ok_or(Refusal::Empty)
    }

    pub fn incident(&self) -> &Incident {
        self.timeline.incident()
    }

    pub fn mark(&self, row: usize) -> Mark {
        self.incident().step(&step(row)).unwrap().2.mark
    }

    pub fn life(&self, action: &Link) -> Life {
        self.incident().actions[action].life
    }

    pub fn approve(&mut self, action: &Link) -> Result<Link, Refusal> {
        let plan_hash = self.incident().actions[action].plan_hash.clone();
        let (action, token) = (action.clone(), "t".into());
        let actions = vec![Approval { action, plan_hash, token }];
        self.act(Intent::Approve {
            actions,
            gesture: "typed".into(),
            why: "".into(),
            by: link(self.letter, 0).0,
            two: false,
        })
    }

    /// Plans and starts an action on `resource` from the step of that row.
    pub fn start(&mut self, row: usize, resource: &str) -> Link {
        let action = self.act(Intent::Plan(Box::new(plan(Some(row), resource)))).unwrap();
        self.approve(&action).unwrap();
        action
    }

    pub fn end(&mut self, action: &Link, outcome: Outcome) -> Result<Link, Refusal> {
        self.act(Intent::End { action: action.clone(), outcome })
    }
}

pub(super) fn succeeded() -> Outcome {
    Outcome::Succeeded { outcome: "done".into(), request_ids: vec!["r-1".into()], undo: None, facts: Vec::new() }
}

pub(super) fn unknown() -> Outcome {
    Outcome::Unknown { why: "timeout".into() }
}

pub(super) fn failed() -> Outcome {
    Outcome::Failed { class: FailClass::Denied, message: "denied".into(), request_ids: Vec::new() }
}

pub(super) fn none() -> Untrusted {
    Untrusted::default()
}
