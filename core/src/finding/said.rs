//! What this console has just said of a finding, by triage, shown over readings that do not know it yet: Security Hub
//! may take minutes until a change is read back, and moves no time of update by it.

use super::{Finding, Severity, Status, Via, Workflow};
use jiff::Timestamp;
use std::sync::Arc;

/// What was said; what is left out was not said.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Said {
    pub workflow: Option<Workflow>,
    pub severity: Option<Severity>,
    pub status: Option<Status>,
}

/// A row that something was said of.
#[derive(Clone, Debug)]
pub(super) struct Spoken {
    said: Said,
    /// What stood there when it was said.
    before: Arc<Finding>,
    /// What is read of it.
    pub(super) read: Arc<Finding>,
    pub(super) until: Timestamp,
}

impl Spoken {
    /// What is said of a row that reads so; what was said earlier and still stands is kept.
    pub(super) fn new(said: Said, read: Arc<Finding>, until: Timestamp, earlier: Option<&Self>) -> Self {
        let kept = earlier.map(|spoken| spoken.said).unwrap_or_default();
        let said = Said {
            workflow: said.workflow.or(kept.workflow),
            // Of the two records of a finding the finder's own tells its severity, which triage does not change.
            severity: said.severity.filter(|_| read.via != Via::Guardduty).or(kept.severity),
            status: said.status.or(kept.status),
        };
        Self { said, before: Arc::clone(&read), read, until }
    }

    /// Takes a reading; what it knows by now, and what somebody has said otherwise since, is not shown over it any more.
    /// Whether anything still is.
    pub(super) fn take(&mut self, read: Arc<Finding>) -> bool {
        let Said { workflow, severity, status } = &mut self.said;
        let label = |finding: &Finding| finding.severity.label;
        workflow.take_if(|_| read.workflow != self.before.workflow);
        severity.take_if(|_| label(&read) != label(&self.before));
        status.take_if(|_| read.status != self.before.status);
        self.read = read;
        self.said != Said::default()
    }

    /// The finding as it is shown.
    pub(super) fn shown(&self) -> Arc<Finding> {
        let mut shown = Finding::clone(&self.read);
        shown.workflow = self.said.workflow.or(shown.workflow);
        shown.severity = self.said.severity.unwrap_or(shown.severity);
        shown.status = self.said.status.unwrap_or(shown.status);
        Arc::new(shown)
    }
}
