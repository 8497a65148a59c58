//! Look-ups that steps and variables name.

use super::Linter;
use crate::runbook::meta::Meta;
use crate::runbook::{Level, Runbook};

/// A look-up as a check of runbooks needs to know it.
#[derive(Clone, Debug)]
pub struct LookupRule {
    pub name: &'static str,
    /// What it may tell, by the names that it gives it.
    pub tells: Vec<&'static str>,
}

impl Linter<'_> {
    /// Look-ups must be there, and tell what is taken of them.
    pub(super) fn lookups(&mut self, meta: &Meta, book: &Runbook, rules: &[LookupRule]) {
        let known: Vec<&str> = rules.iter().map(|rule| rule.name).collect();
        let missing = |name: &str| format!("there is no look-up {name}; there are {}", known.join(", "));
        for step in &book.steps {
            let Some(name) = step.lookup.as_deref().filter(|name| !known.contains(name)) else { continue };
            self.at(Level::Error, step.lookup_at, missing(name));
        }
        for declared in &meta.variables {
            let Some(of) = &declared.variable.lookup else { continue };
            let Some(rule) = rules.iter().find(|rule| *rule.name == *of.lookup) else {
                self.at(Level::Error, declared.lookup_at, missing(&of.lookup));
                continue;
            };
            if !rule.tells.contains(&&*of.name) {
                let what = format!("{} tells no {}; it tells {}", rule.name, of.name, rule.tells.join(", "));
                self.at(Level::Error, declared.lookup_at, what);
            }
        }
    }
}
