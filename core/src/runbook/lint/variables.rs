//! Variables that are used and not declared, or declared and not used, where a runbook declares any.

use super::Linter;
use crate::runbook::condition::{Subject, same_choice};
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
        self.conditions(book);
        if !meta.declares {
            return;
        }
        let known: BTreeSet<&str> = meta.variables.iter().map(|declared| &*declared.variable.name).collect();
        let mut used: BTreeSet<String> = BTreeSet::new();
        let mut told = 0;
        let named = used_in(self.source.slice(meta.body_at..self.source.text.len()));
        let named = named.into_iter().map(|(at, name)| (meta.body_at + at, name)).chain(conditioned(book));
        for (at, name) in named {
            if !known.contains(name.as_str()) && told < MOST {
                told += 1;
                let what = format!("var.{name} is not declared among the variables of the front matter");
                self.at(Level::Error, at, what);
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

impl Linter<'_> {
    /// Conditions on decisions: the step must be there and have that choice.
    fn conditions(&mut self, book: &Runbook) {
        for step in &book.steps {
            let Some(when) = &step.when else { continue };
            for (at, subject) in when.subjects() {
                let Subject::Decision(id) = subject else { continue };
                let what = match book.steps.iter().find(|other| other.id == *id) {
                    None => format!("there is no step {id}"),
                    Some(other) if other.kind != StepKind::Decision => format!("step {id} decides nothing"),
                    Some(_) => continue,
                };
                self.at(Level::Error, step.when_at + at, what);
            }
            for (at, id, value) in when.choices() {
                let decision = book.steps.iter().find(|other| other.id == *id && other.kind == StepKind::Decision);
                let Some(decision) = decision.filter(|other| !other.choices.is_empty()) else { continue };
                if !decision.choices.iter().any(|choice| same_choice(value, &choice.words)) {
                    let words: Vec<String> = decision.choices.iter().map(|c| c.words.line().into_string()).collect();
                    let what = format!("{value} is no choice of step {id}: {}", words.join(", "));
                    self.at(Level::Error, step.when_at + at, what);
                }
            }
        }
    }
}

/// The variables that conditions name, each with its place in the file.
fn conditioned(book: &Runbook) -> impl Iterator<Item = (usize, String)> {
    book.steps.iter().flat_map(|step| {
        step.when.iter().flat_map(|when| when.subjects()).filter_map(|(at, subject)| match subject {
            Subject::Name(name) => Some((step.when_at + at, name.strip_prefix("var.")?.to_owned())),
            Subject::Decision(_) => None,
        })
    })
}

/// The variables that a text names outside of comments, each with its place.
fn used_in(text: &str) -> Vec<(usize, String)> {
    named_outside_comments(text, |span| variable(span).map(str::to_owned))
}

/// What `pick` takes of the `{{ … }}` of a text outside of its comments, each with its place.
pub(super) fn named_outside_comments<T>(text: &str, pick: impl Fn(&str) -> Option<T>) -> Vec<(usize, T)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty()) {
        let open = rest.find("<!--").unwrap_or(rest.len());
        let (shown, hidden) = rest.split_at(open);
        found.extend(spans(shown).into_iter().filter_map(|(at, span)| Some((from + at, pick(span)?))));
        from += open + hidden.find("-->").map_or(hidden.len(), |end| end + "-->".len());
    }
    found
}
