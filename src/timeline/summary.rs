//! A session in one row of the list.

use super::session::SessionDir;
use crate::problem::Problem;
use jiff::Timestamp;
use quell_core::incident::{ActionFailed, ActionSucceeded, Entry, Event, Link, Touch, WriterId};
use quell_core::record::{Record, Verdict};
use quell_core::text::Untrusted;
use serde::Serialize;
use std::collections::BTreeMap;

/// Whether a session is still worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Open,
    Closed,
}

/// What `sessions list --json` prints for a session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    pub id: String,
    pub dir: Untrusted,
    pub title: Untrusted,
    pub status: Status,
    pub opened: Option<Timestamp>,
    pub closed: Option<Timestamp>,
    pub drill: bool,
    pub simulated: bool,
    /// Everybody who wrote, by name, in order of coming.
    pub responders: Vec<Untrusted>,
    /// The users of everybody who wrote, each once; not part of what is printed.
    #[serde(skip)]
    pub logins: Vec<Untrusted>,
    pub records: usize,
    pub chain: Verdict,
    /// The accounts of its findings, each once; not part of what is printed.
    #[serde(skip)]
    pub accounts: Vec<Untrusted>,
    /// The ids of its findings; not part of what is printed.
    #[serde(skip)]
    pub findings: Vec<Untrusted>,
    /// Whether what others could read in the account waits for a strike; not part of what is printed.
    #[serde(skip)]
    pub quiet: bool,
    /// What was started and has no known end; not part of what is printed.
    #[serde(skip)]
    pub open_actions: BTreeMap<Link, Touch>,
}

impl Summary {
    /// Reads the session and sums it up.
    pub(super) fn of(dir: &SessionDir) -> Result<Self, Problem> {
        let timeline = dir.checked()?;
        let mut summary = Self {
            id: dir.id().to_string(),
            dir: dir.path().to_string_lossy().into_owned().into(),
            title: Untrusted::default(),
            status: Status::Open,
            opened: None,
            closed: None,
            drill: false,
            simulated: false,
            responders: Vec::new(),
            logins: Vec::new(),
            records: timeline.recovery.records.len(),
            chain: timeline.verdict(),
            accounts: Vec::new(),
            findings: Vec::new(),
            quiet: false,
            open_actions: BTreeMap::new(),
        };
        let mut planned = BTreeMap::new();
        let mut writers: Vec<(WriterId, Vec<Untrusted>)> = Vec::new();
        for record in &timeline.recovery.records {
            summary.add(&record.entry);
            summary.act(&record.entry, &mut planned);
            name(&mut writers, &record.entry);
        }
        for who in writers.into_iter().flat_map(|(_, names)| names) {
            if !summary.responders.contains(&who) {
                summary.responders.push(who);
            }
        }
        // A session whose first records could not be saved stays as a folder; an empty title would not say so.
        let opens = |record: &Record| matches!(record.entry.event, Event::SegOpen(_));
        match timeline.recovery.records.as_slice() {
            [] => summary.title = "(no records)".into(),
            records if records.iter().all(opens) => summary.title = "(not begun)".into(),
            _ => {}
        }
        Ok(summary)
    }

    fn add(&mut self, entry: &Entry) {
        match &entry.event {
            Event::SessionOpened(opened) if self.opened.is_none() => {
                self.title = opened.title.clone();
                self.opened = Some(entry.happened());
                (self.drill, self.simulated) = (opened.drill, opened.simulated);
            }
            Event::SegOpen(open) if !self.logins.contains(&open.user) => self.logins.push(open.user.clone()),
            Event::FindingAttached(attached) => {
                self.findings.push(attached.finding.id.clone());
                self.accounts
                    .extend(attached.finding.account.clone().filter(|account| !self.accounts.contains(account)));
            }
            Event::FindingDetached(detached) => self.findings.retain(|id| *id != detached.finding),
            Event::QuietSet(set) => self.quiet = set.on,
            Event::SessionClosed(_) => (self.status, self.closed) = (Status::Closed, Some(entry.happened())),
            Event::SessionReopened(_) => (self.status, self.closed) = (Status::Open, None),
            _ => {}
        }
    }
}

type Planned = BTreeMap<Link, Touch>;

impl Summary {
    /// Follows what was started to its end.
    fn act(&mut self, entry: &Entry, planned: &mut Planned) {
        match &entry.event {
            Event::ActionPlanned(d) => drop(planned.insert(entry.link.clone(), Touch::of(&d.plan))),
            Event::ActionStarted(d) => {
                self.open_actions.extend(planned.remove(&d.action).map(|what| (d.action.clone(), what)));
            }
            Event::ActionSucceeded(ActionSucceeded { action, .. })
            | Event::ActionFailed(ActionFailed { action, .. }) => {
                self.open_actions.remove(action);
            }
            _ => {}
        }
    }
}

/// The names of a writer: its user's, until it has said a better one.
fn name(writers: &mut Vec<(WriterId, Vec<Untrusted>)>, entry: &Entry) {
    let known = writers.iter_mut().find(|(writer, _)| *writer == entry.link.0);
    match (&entry.event, known) {
        (Event::SegOpen(open), None) => writers.push((entry.link.0.clone(), vec![open.user.clone()])),
        (Event::WriterNamed(named), Some((_, names))) => {
            names.truncate(usize::from(names.len() > 1) * names.len());
            names.push(named.actor.clone());
        }
        _ => {}
    }
}
