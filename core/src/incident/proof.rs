//! What a step asks to be attached before it is done: a memory image, a log, a screenshot.

use super::{Incident, Refusal, StepRef};
use crate::text::Untrusted;

impl Incident {
    /// What a step asks for as evidence, in its author's words, as long as nothing is attached to it. What was attached to
    /// the same step of an earlier text of its runbook counts.
    pub fn lacks_evidence(&self, step: &StepRef) -> Option<&Untrusted> {
        let (book, line, _) = self.step(step)?;
        let asked = line.evidence.as_ref()?;
        let is_same = |other: &StepRef| {
            other.id == step.id && self.runbooks.iter().any(|b| b.link == other.rb && b.id == book.id)
        };
        let attached = self.evidence.iter().filter_map(|piece| piece.step.as_ref()).any(is_same);
        (!attached).then_some(asked)
    }
}

/// The refusal of what is done without it.
pub(super) fn lacking<T>(incident: &Incident, step: &StepRef) -> Result<T, Refusal> {
    let asked = incident.lacks_evidence(step).map(|what| what.line().into_string());
    Err(Refusal::EvidenceRequired(asked.unwrap_or_default()))
}
