//! What becomes of a finding while it belongs to an incident: what its source says now against what is on record.

use super::event::Change;
use super::state::Attached;
use crate::finding::{Compact, Finding, Workflow};
use crate::text::Untrusted;

const SEVERITY: &str = "severity";
const COUNT: &str = "count";
const STATUS: &str = "status";
const WORKFLOW: &str = "workflow";

impl Attached {
    /// What a source says of the finding now that is not on record yet. What it does not say is no change, and
    /// neither is an older copy of the finding.
    pub fn changes(&self, now: &Finding) -> Vec<Change> {
        if self.finding.last_seen.is_some_and(|then| now.last_seen.is_some_and(|now| now < then)) {
            return Vec::new();
        }
        // A finding is never seen less often than before: another console's source is behind.
        if now.count.zip(number(self.latest(COUNT).as_ref())).is_some_and(|(now, then)| now < then) {
            return Vec::new();
        }
        let told = [
            (SEVERITY, now.severity.label.map(|label| label.word().to_owned())),
            (COUNT, now.count.map(|count| count.to_string())),
            (STATUS, Some(now.status.word().to_owned())),
            (WORKFLOW, now.workflow.map(|workflow| workflow.word().to_owned())),
        ];
        let change = |(name, to): (&str, Option<String>)| {
            let (from, to) = (self.latest(name), to?);
            // Nobody has touched it yet: that one source says so and the other says nothing is no change.
            if from.is_none() && name == WORKFLOW && to == Workflow::New.word() {
                return None;
            }
            if name == COUNT && !tells(from.as_ref(), &to) {
                return None;
            }
            let to = Untrusted::from(to.as_str());
            (from.as_ref() != Some(&to)).then(|| Change { name: name.into(), from, to })
        };
        told.into_iter().filter_map(change).collect()
    }

    /// What is on record of the finding by that name: the last change, else how it was attached.
    pub fn latest(&self, name: &str) -> Option<Untrusted> {
        self.changed.get(&Untrusted::from(name)).cloned().or_else(|| first(&self.finding, name))
    }
}

/// Whether a count is worth a record: the first, or one that has doubled. What goes on for hours counts up all the time,
/// and would bury what people did.
fn tells(from: Option<&Untrusted>, to: &str) -> bool {
    match (number(from), to.parse::<u64>()) {
        (Some(from), Ok(to)) => to > from && to >= from.saturating_mul(2),
        _ => true,
    }
}

fn number(text: Option<&Untrusted>) -> Option<u64> {
    text?.line().as_str().parse().ok()
}

fn first(finding: &Compact, name: &str) -> Option<Untrusted> {
    match name {
        SEVERITY => finding.severity.label.map(|label| label.word().into()),
        COUNT => finding.count.map(|count| count.to_string().as_str().into()),
        STATUS => finding.status.map(|status| status.word().into()),
        WORKFLOW => finding.workflow.map(|workflow| workflow.word().into()),
        _ => None,
    }
}
