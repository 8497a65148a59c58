//! What a runbook's variables stand for in an incident, and where that comes from: what was typed, what an action of
//! the runbook has recorded, what was looked up, the finding, what is configured, what the runbook says where nobody else does. A value
//! that does not fit the variable's type is none.

use super::{ActionState, Incident, Life, Link, Mark, OpenBook, StepRef};
use crate::finding::{Compact, fields};
use crate::runbook::condition::{Condition, Subject};
use crate::runbook::variables::{Output, Variable};
use crate::text::Untrusted;

/// What `variable.set` says of a value that is configured now, and was not when the runbook was opened.
pub const CONFIGURED: &str = "configured";

/// Where a variable's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Typed,
    Action,
    Lookup,
    Finding,
    Configured,
    Default,
}

impl Source {
    /// As it stands beside the value.
    pub fn word(self) -> &'static str {
        match self {
            Source::Typed => "typed",
            Source::Action => "from its action",
            Source::Lookup => "looked up",
            Source::Finding => "from the finding",
            Source::Configured => CONFIGURED,
            Source::Default => "the runbook's own",
        }
    }
}

/// What is known outside of the records.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// Values that are configured, by name without `var.`.
    pub configured: &'a dyn Fn(&str) -> Option<Untrusted>,
    /// What steps are aimed at, where it is not the first finding.
    pub finding: Option<&'a Compact>,
}

impl Outside<'_> {
    /// Nothing is.
    pub const NOTHING: Outside<'static> = Outside { configured: &|_| None, finding: None };

    /// The finding that names speak of.
    fn finding<'f>(&'f self, incident: &'f Incident) -> Option<&'f Compact> {
        self.finding.or_else(|| Some(&incident.findings.first()?.finding))
    }

    /// A field of it.
    fn field(&self, incident: &Incident, name: &str) -> Option<Untrusted> {
        fields::value(self.finding(incident)?, name)
    }
}

impl OpenBook {
    /// What the runbook says of a variable; `name` is without `var.`.
    pub fn declared(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| &*variable.name == name)
    }
}

impl Incident {
    /// The runbook that this record opened.
    pub fn book(&self, rb: &Link) -> Option<&OpenBook> {
        self.runbooks.iter().find(|book| book.link == *rb)
    }

    /// The value of a variable for a runbook, and where it comes from; `name` is without `var.`.
    pub fn variable(&self, book: Option<&OpenBook>, name: &str, outside: Outside<'_>) -> Option<(Untrusted, Source)> {
        let typed = self.variables.get(&Untrusted::from(name)).map(|known| known.value.clone());
        // A past session and the report know what was configured then.
        let configured = || (outside.configured)(name).or_else(|| book?.configured.get(name).cloned());
        let Some(variable) = book.and_then(|book| book.declared(name)) else {
            let configured = || configured().map(|value| (value, Source::Configured));
            return typed.map(|value| (value, Source::Typed)).or_else(configured);
        };
        let output = || self.output(book?, variable.output.as_ref()?);
        let looked = || self.told(outside.finding(self)?, variable.lookup.as_ref()?);
        let finding = || outside.field(self, variable.from.as_deref()?);
        let fits = |value: Option<Untrusted>, source| {
            value.filter(|value| variable.kind.takes(value)).map(|value| (value, source))
        };
        fits(typed, Source::Typed)
            .or_else(|| fits(output(), Source::Action))
            .or_else(|| fits(looked(), Source::Lookup))
            .or_else(|| fits(finding(), Source::Finding))
            .or_else(|| fits(configured(), Source::Configured))
            .or_else(|| fits(variable.default.clone(), Source::Default))
    }

    /// Why a step is not for this incident: its condition, or that of the step above it, is known to be unmet. One that
    /// somebody has dealt with, or whose action waits, is never left out; neither is one whose condition rests on a value
    /// that is not known.
    pub fn left_out(&self, step: &StepRef, outside: Outside<'_>) -> Option<String> {
        let (book, ..) = self.step(step)?;
        let mut row = Some(step.row as usize).filter(|row| self.is_untouched(book, *row));
        while let Some(at) = row {
            let line = book.outline.get(at)?;
            if let Some(why) = line.when.as_ref().and_then(|when| self.unmet(book, when, outside)) {
                return Some(why);
            }
            let above = |depth: u32| book.outline.get(..at)?.iter().rposition(|line| line.depth < depth);
            row = (line.depth > 0).then_some(line.depth).and_then(above).filter(|row| self.is_untouched(book, *row));
        }
        None
    }

    /// Whether nobody has dealt with a step, and no action of it waits to be started.
    fn is_untouched(&self, book: &OpenBook, row: usize) -> bool {
        let Some(state) = book.steps.get(row) else { return false };
        let action = state.action.as_ref().and_then(|action| self.actions.get(action));
        let waits = |action: &ActionState| match action.life {
            Life::Planned => action.plan.set.is_some(),
            life => matches!(life, Life::Approved | Life::Queued),
        };
        let dealt = state.values.values().any(|slot| slot.mark != Mark::Todo);
        state.mark == Mark::Todo && !dealt && !action.is_some_and(waits)
    }

    fn unmet(&self, book: &OpenBook, when: &Condition, outside: Outside<'_>) -> Option<String> {
        when.unmet(&|subject| match subject {
            Subject::Decision(id) => {
                let decided = book.outline.iter().position(|line| line.id == *id)?;
                book.steps.get(decided).filter(|state| state.mark == Mark::Done)?.choice.clone()
            }
            Subject::Name(name) => match name.strip_prefix("var.") {
                Some(name) => self.variable(Some(book), name, outside).map(|(value, _)| value),
                None => outside.field(self, name),
            },
        })
    }

    /// What an action of a runbook has recorded under that name; nothing before it has ended well, or once it is undone.
    /// An action that was run under an earlier text of the runbook counts where the step has run none since.
    fn output(&self, book: &OpenBook, output: &Output) -> Option<Untrusted> {
        let of = |book: &OpenBook| {
            let row = book.outline.iter().position(|line| line.id == output.step)?;
            self.actions.get(book.steps.get(row)?.action.as_ref()?)
        };
        let earlier = || self.runbooks.iter().rev().filter(|other| other.id == book.id).find_map(of);
        let action = of(book).or_else(earlier)?;
        let undone = |undo: &ActionState| undo.life == Life::Succeeded;
        let is_undone = action.undone_by.as_ref().and_then(|undo| self.actions.get(undo)).is_some_and(undone);
        if action.life != Life::Succeeded || is_undone {
            return None;
        }
        if output.name.starts_with('/') {
            return match action.undo.as_ref()?.pointer(&output.name)? {
                serde_json::Value::String(text) => Some(text.as_str().into()),
                other @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => Some(other.to_string().into()),
                _ => None,
            };
        }
        let read = action.verified.iter().flat_map(|(_, facts)| facts);
        let named = Untrusted::from(&*output.name);
        action.facts.iter().chain(read).find(|fact| fact.name == named).map(|fact| fact.value.clone())
    }
}
