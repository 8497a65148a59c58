//! Steps that a decision has passed over: its choice leads on to a later step, and nobody has dealt with what lies
//! between. They are open, as is recorded, and can still be done; they only look otherwise.

use quell_core::incident::{Incident, Link, Mark, StepRef};
use quell_core::runbook::Runbook;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The mark of such a step.
pub(super) const SIGN: &str = "[~]";

/// The steps that were passed over, by their runbook's record and their row.
#[derive(Default)]
pub struct Passed(BTreeSet<(Link, u32)>);

impl Passed {
    /// In the open runbooks of an incident, with their texts, which say where a choice leads.
    pub fn of(incident: &Incident, books: &HashMap<Link, Arc<Runbook>>) -> Self {
        let mut all = BTreeSet::new();
        for open in incident.runbooks.iter().filter(|open| !open.closed) {
            let Some(book) = books.get(&open.link) else { continue };
            for (row, (step, state)) in book.steps.iter().zip(&open.steps).enumerate() {
                let Some(choice) = state.choice.as_ref().filter(|_| state.mark == Mark::Done) else { continue };
                let chosen = step.choices.iter().find(|one| one.words.line() == choice.line());
                let to = chosen.and_then(|one| book.steps.iter().position(|other| Some(&other.id) == one.to.as_ref()));
                let between = open.steps.iter().enumerate().take(to.unwrap_or(0)).skip(row + 1);
                let untouched = between.filter(|(_, state)| state.mark == Mark::Todo && state.action.is_none());
                all.extend(untouched.map(|(row, _)| (open.link.clone(), row as u32)));
            }
        }
        Self(all)
    }

    /// Whether the step was.
    pub fn has(&self, step: &StepRef) -> bool {
        self.0.contains(&(step.rb.clone(), step.row))
    }
}
