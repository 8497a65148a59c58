//! What a runbook's variables stand for in an incident, and where that comes from: what was typed, what an action of
//! the runbook has recorded, the finding, what is configured, what the runbook says where nobody else does. A value
//! that does not fit the variable's type is none.

use super::{ActionState, Incident, Life, Link, OpenBook};
use crate::finding::fields;
use crate::runbook::variables::{Output, Variable};
use crate::text::Untrusted;

/// Where a variable's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Typed,
    Action,
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
            Source::Finding => "from the finding",
            Source::Configured => "configured",
            Source::Default => "the runbook's own",
        }
    }
}

/// Values that are known outside of the records, by name without `var.`.
pub type Configured<'a> = &'a dyn Fn(&str) -> Option<Untrusted>;

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
    pub fn variable(
        &self,
        book: Option<&OpenBook>,
        name: &str,
        configured: Configured<'_>,
    ) -> Option<(Untrusted, Source)> {
        let typed = self.variables.get(&Untrusted::from(name)).map(|known| known.value.clone());
        let Some(variable) = book.and_then(|book| book.declared(name)) else {
            let configured = || configured(name).map(|value| (value, Source::Configured));
            return typed.map(|value| (value, Source::Typed)).or_else(configured);
        };
        let output = || self.output(book?, variable.output.as_ref()?);
        let finding = || fields::value(&self.findings.first()?.finding, variable.from.as_deref()?);
        let fits = |value: Option<Untrusted>, source| {
            value.filter(|value| variable.kind.takes(value)).map(|value| (value, source))
        };
        fits(typed, Source::Typed)
            .or_else(|| fits(output(), Source::Action))
            .or_else(|| fits(finding(), Source::Finding))
            .or_else(|| fits(configured(name), Source::Configured))
            .or_else(|| fits(variable.default.clone(), Source::Default))
    }

    /// What an action of a runbook has recorded under that name; nothing before it has ended well, or once it is undone.
    fn output(&self, book: &OpenBook, output: &Output) -> Option<Untrusted> {
        let row = book.outline.iter().position(|line| line.id == output.step)?;
        let action = self.actions.get(book.steps.get(row)?.action.as_ref()?)?;
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
