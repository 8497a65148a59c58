//! Variables that are used and not declared, or declared and not used, where a runbook declares any.

use super::Linter;
use crate::runbook::meta::Meta;
use crate::runbook::template::spans;
use crate::runbook::variables::variable;
use crate::runbook::{Level, Runbook, StepKind};
use std::collections::BTreeSet;

/// More of one file nobody reads.
const MOST: usize = 100;

impl Linter<'_> {
    /// Holds what the text names against what the front matter declares.
    pub(super) fn variables(&mut self, meta: &Meta, book: &Runbook) {
        if !meta.declares {
            return;
        }
        let known: BTreeSet<&str> = meta.variables.iter().map(|declared| &*declared.variable.name).collect();
        let mut used: BTreeSet<String> = BTreeSet::new();
        let mut told = 0;
        for (at, name) in used_in(self.source.slice(meta.body_at..self.source.text.len())) {
            if !known.contains(name.as_str()) && told < MOST {
                told += 1;
                let what = format!("var.{name} is not declared among the variables of the front matter");
                self.at(Level::Error, meta.body_at + at, what);
            }
            used.insert(name);
        }
        for declared in &meta.variables {
            let name = &declared.variable.name;
            if !used.contains(&**name) {
                self.at(Level::Warning, declared.at, format!("the variable {name} is declared and used nowhere"));
            }
            let Some(output) = &declared.variable.output else { continue };
            match book.steps.iter().find(|step| step.id == output.step) {
                Some(step) if step.kind == StepKind::Action => {}
                Some(_) => self.at(Level::Error, declared.step_at, format!("step {} has no action", output.step)),
                None => self.at(Level::Error, declared.step_at, format!("there is no step {}", output.step)),
            }
        }
    }
}

/// The variables that a text names outside of comments, each with its place.
fn used_in(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty()) {
        let open = rest.find("<!--").unwrap_or(rest.len());
        let (shown, hidden) = rest.split_at(open);
        let named = spans(shown).into_iter().filter_map(|(at, span)| Some((from + at, variable(span)?.to_owned())));
        found.extend(named);
        from += open + hidden.find("-->").map_or(hidden.len(), |end| end + "-->".len());
    }
    found
}
