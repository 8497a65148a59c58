//! The filter language of the list of findings: words, phrases, fields, ages.
//!
//! `sev>=high account:prod type:*Crypto* -is:archived age<2h "tor exit"`. All terms must hold. Matching is without
//! case, and against what is shown: outside text is compared in its cleaned form, so that what can be seen can be
//! found.

mod parse;

use super::{Finding, Label, Resource, Status, Workflow};
use crate::text::Untrusted;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Ordering;
use wildmatch::WildMatchPattern;

/// Bytes of one field that words are looked for in; nobody reads further, and an attacker can write much.
const FIELD_BYTES: usize = 4096;

/// A filter, ready to be held against rows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    terms: Vec<Term>,
}

/// A filter that can't be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {what}")]
pub struct FilterError {
    /// Column of the place, from 1, in characters.
    pub column: usize,
    /// What is wrong there, as a lower-case fragment.
    pub what: String,
}

/// A row as a filter sees it.
#[derive(Clone, Copy, Debug)]
pub struct RowView<'a> {
    pub finding: &'a Finding,
    /// The row's text, from [`haystack`].
    pub haystack: &'a str,
    /// The name that the responder's configuration gives the account.
    pub alias: Option<&'a str>,
    /// Whether it is attached to an open session.
    pub attached: bool,
    /// Whether the responder has marked it.
    pub marked: bool,
}

#[derive(Clone, Debug)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    /// One of these occurs in the row.
    Words(Vec<String>),
    /// One of these fits the field.
    Field(Field, Vec<Pattern>),
    Severity(Vec<(Order, Level)>),
    /// In seconds.
    Age(Order, i64),
    Is(Vec<State>),
}

/// The fields whose values are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Id,
    Type,
    Title,
    Account,
    Region,
    Resource,
    Actor,
    Source,
    Status,
    Workflow,
}

#[derive(Clone, Debug)]
enum Pattern {
    /// Nothing typed yet: everything fits.
    Any,
    Equal(String),
    Part(String),
    Glob(Box<WildMatchPattern<'*', '\0'>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Level {
    Label(Label),
    Score(f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Archived,
    Active,
    New,
    Attached,
    Marked,
}

impl Filter {
    /// Understands a filter; an empty one lets everything through.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::terms(text).map(|terms| Self { terms })
    }

    /// Whether a row passes; `now` is what ages are counted from.
    pub fn matches(&self, row: &RowView<'_>, now: Timestamp) -> bool {
        self.terms.iter().all(|term| term.test.holds(row, now) != term.negated)
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

impl Test {
    fn holds(&self, row: &RowView<'_>, now: Timestamp) -> bool {
        match self {
            Test::Words(words) => words.iter().any(|word| row.haystack.contains(word.as_str())),
            Test::Field(field, patterns) => patterns.iter().any(|pattern| field.fits(pattern, row)),
            Test::Severity(levels) => levels.iter().any(|(order, level)| level.holds(*order, row.finding)),
            Test::Age(order, seconds) => age(row.finding, now).is_some_and(|age| order.holds(age.cmp(seconds))),
            Test::Is(states) => states.iter().any(|state| state.holds(row)),
        }
    }
}

/// Seconds since it was last seen, else since its last update.
fn age(finding: &Finding, now: Timestamp) -> Option<i64> {
    let seen = finding.last_seen.or(finding.updated)?;
    let age: SignedDuration = now.duration_since(seen);
    Some(age.as_secs())
}

impl Field {
    fn fits(self, pattern: &Pattern, row: &RowView<'_>) -> bool {
        let finding = row.finding;
        let one = |text: &Option<Untrusted>| text.as_ref().is_some_and(|text| pattern.fits(&lower(text)));
        match self {
            _ if matches!(pattern, Pattern::Any) => true,
            Field::Id => pattern.fits(&lower(&finding.id)),
            Field::Type => one(&finding.kind),
            Field::Title => one(&finding.title),
            Field::Account => {
                one(&finding.account) || row.alias.is_some_and(|alias| pattern.fits(&alias.to_lowercase()))
            }
            Field::Region => one(&finding.region),
            Field::Source => one(&finding.source),
            Field::Resource => [&finding.resource].into_iter().chain(&finding.resources).any(|resource| {
                let Resource { kind, id, name, arn } = resource;
                [kind, id, name, arn].into_iter().any(one)
            }),
            Field::Actor => {
                let actor = &finding.actor;
                [&actor.ip, &actor.country, &actor.principal, &actor.access_key].into_iter().any(one)
            }
            Field::Status => pattern.fits(finding.status.word()),
            Field::Workflow => finding.workflow.is_some_and(|workflow| pattern.fits(workflow.word())),
        }
    }
}

impl Pattern {
    fn fits(&self, text: &str) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Equal(value) => text == value,
            Pattern::Part(value) => text.contains(value.as_str()),
            Pattern::Glob(glob) => glob.matches(text),
        }
    }
}

impl Level {
    fn holds(self, order: Order, finding: &Finding) -> bool {
        let compared = match self {
            Level::Label(label) => finding.severity.label.map(|own| own.cmp(&label)),
            Level::Score(score) => finding.severity.score.and_then(|own| own.partial_cmp(&score)),
        };
        compared.is_some_and(|compared| order.holds(compared))
    }
}

impl Order {
    fn holds(self, compared: Ordering) -> bool {
        match self {
            Order::Equal => compared.is_eq(),
            Order::Less => compared.is_lt(),
            Order::AtMost => compared.is_le(),
            Order::More => compared.is_gt(),
            Order::AtLeast => compared.is_ge(),
        }
    }
}

impl State {
    fn holds(self, row: &RowView<'_>) -> bool {
        match self {
            State::Archived => row.finding.status == Status::Archived,
            State::Active => row.finding.status == Status::Active,
            // Only Security Hub keeps a workflow: what nobody else has archived is new.
            State::New => {
                row.finding.status == Status::Active && matches!(row.finding.workflow, None | Some(Workflow::New))
            }
            State::Attached => row.attached,
            State::Marked => row.marked,
        }
    }
}

fn lower(text: &Untrusted) -> String {
    text.line().as_str().to_lowercase()
}

/// The text of a row that words are looked for in: cleaned, in lower case, its fields on lines of their own so that
/// no phrase runs from one into the next. To be made once for a row.
pub fn haystack(finding: &Finding, alias: Option<&str>) -> Box<str> {
    let actor = &finding.actor;
    let mut out = String::with_capacity(512);
    let mut add = |text: &Untrusted| {
        let text = lower(text);
        let end = (0..=FIELD_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        out.push_str(text.get(..end.unwrap_or(0)).unwrap_or_default());
        out.push('\n');
    };
    add(&finding.id);
    let texts = [&finding.kind, &finding.title, &finding.description, &finding.account, &finding.region];
    let whose = [&finding.source, &actor.ip, &actor.country, &actor.principal, &actor.access_key];
    texts.into_iter().chain(whose).flatten().for_each(&mut add);
    // The first of `resources` is most often `resource` itself.
    let others = finding.resources.iter().filter(|resource| **resource != finding.resource);
    for Resource { kind, id, name, arn } in [&finding.resource].into_iter().chain(others) {
        [kind, id, name, arn].into_iter().flatten().for_each(&mut add);
    }
    if let Some(label) = finding.severity.label {
        add(&label.word().into());
    }
    if let Some(alias) = alias {
        add(&alias.into());
    }
    out.into()
}

#[cfg(test)]
mod tests;
