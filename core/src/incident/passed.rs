//! Steps that a decision has passed over: its choice leads on to a later step, and nobody has dealt with what lies
//! between. They are open, as is recorded, and can still be done; who counts what is left counts them by themselves.

use super::{Incident, Link, Mark, StepRef};
use std::collections::BTreeSet;

/// The steps that decisions have passed over, by their runbook's record and their row.
#[derive(Default)]
pub struct PassedOver(BTreeSet<(Link, u32)>);

impl PassedOver {
    /// The mark of such a step.
    pub const SIGN: &'static str = "[~]";

    /// Whether the step was.
    pub fn has(&self, step: &StepRef) -> bool {
        self.0.contains(&(step.rb.clone(), step.row))
    }
}

impl Incident {
    /// What its decisions, as they stand, have passed over.
    pub fn passed_over(&self) -> PassedOver {
        let mut all = BTreeSet::new();
        for book in &self.runbooks {
            for (row, state) in book.steps.iter().enumerate().filter(|(_, state)| state.mark == Mark::Done) {
                let Some(to) = &state.to else { continue };
                let end = book.outline.iter().position(|line| line.id == *to).unwrap_or(0);
                let between = book.steps.iter().enumerate().take(end).skip(row + 1);
                let untouched = between.filter(|(_, state)| state.mark == Mark::Todo && state.action.is_none());
                all.extend(untouched.map(|(row, _)| (book.link.clone(), row as u32)));
            }
        }
        PassedOver(all)
    }
}
