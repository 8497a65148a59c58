//! Runbooks: Markdown with positions, read into steps that a responder walks.
//!
//! [`parse`] takes any Markdown: quell's own format (docs/runbook-format.md) and the playbooks that teams already
//! have. It never drops text: what is no step is a section to read.

mod action;
mod assemble;
mod attrs;
mod blocks;
pub mod cacao;
mod caution;
mod choices;
pub mod condition;
mod context;
pub mod coverage;
pub mod drift;
pub mod each;
mod fence;
mod finding_type;
mod heading;
mod ids;
pub mod include;
mod inline;
mod jumps;
pub mod lint;
mod markers;
pub mod matching;
mod meta;
mod orders;
mod outline;
pub mod parse;
mod phase;
pub mod placeholder;
mod promote;
pub mod render;
pub mod scaffold;
mod source;
pub mod template;
#[cfg(test)]
mod tests;
mod title;
mod toml_front;
pub mod variables;
mod walk;
mod words;
mod yaml;

pub use matching::Specificity;
pub use parse::{LIMIT, parse, parse_with};

use crate::text::{Clean, Id, Untrusted, id::Slug};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A runbook as read from one Markdown file.
#[derive(Clone, Debug)]
pub struct Runbook {
    pub id: Id<Slug>,
    pub title: Untrusted,
    pub version: Option<Untrusted>,
    pub owner: Option<Untrusted>,
    pub reviewed: Option<Untrusted>,
    pub matches: Vec<Match>,
    /// Types that its text names, where it says nowhere which findings it is for.
    pub mentions: Vec<Match>,
    /// What it declares of its variables, in the order of the file.
    pub variables: Vec<variables::Variable>,
    /// SHA-256 of the file's bytes, of one with parts of its whole text, in lower-case hexadecimal.
    pub sha256: String,
    /// Sections that are read, not done.
    pub context: Vec<Section>,
    pub steps: Vec<Step>,
    pub origin: Origin,
    /// Whether it has no front matter for quell: then its commands leave open what other teams write so.
    pub foreign: bool,
    /// The file's text, with the parts that it includes.
    pub source: Arc<str>,
    /// Where the text of those stands in it.
    pub parts: Vec<include::Part>,
}

/// A runbook and what is wrong with its file.
#[derive(Clone, Debug)]
pub struct Parsed {
    pub runbook: Runbook,
    /// In the order of the file.
    pub warnings: Vec<Lint>,
}

/// Why a file is not read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the file has {bytes} bytes; at most {LIMIT} are read")]
    TooLarge { bytes: usize },
    #[error("no identifier could be made from the file's name")]
    Nameless,
}

/// Something wrong with a file, at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    pub level: Level,
    /// In the whole text, from 1: [`include::written`] says in which file.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub what: Clean,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something that was meant does not work.
    Error,
    /// Something is missing or not understood.
    Warning,
}

/// Where a runbook came from; the user's folder goes before the built-in ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A file of the user's, by path.
    User(Box<str>),
    BuiltIn,
}

/// One line of `matches`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// A type or control id.
    Exact(Box<str>),
    /// A type with one `*`.
    Glob(Box<str>),
    /// A resource class, as CloudFormation names it.
    Resource(Box<str>),
    Generic,
}

/// A section of the file that holds no steps.
#[derive(Clone, Debug)]
pub struct Section {
    pub title: Untrusted,
    /// Markdown.
    pub body: Untrusted,
    /// Line of the heading, from 1.
    pub line: usize,
}

/// One thing to do.
#[derive(Clone, Debug)]
pub struct Step {
    /// The attribute, else slug of the group path and 8 hex digits of the text's hash.
    pub id: Id<Slug>,
    /// Its number as shown: `3`, `3a`.
    pub number: String,
    pub title: Untrusted,
    pub phase: Option<Phase>,
    /// The headings above it, outermost first, without the phase's.
    pub group: Vec<Untrusted>,
    /// 0 for a step, 1 for a sub-step, …
    pub depth: usize,
    /// Line in the file, from 1.
    pub line: usize,
    pub kind: StepKind,
    /// Fenced commands, ready to copy; they never run by themselves.
    pub commands: Vec<Untrusted>,
    pub action: Option<ActionSpec>,
    /// The step's text below its title, as Markdown, without the action block.
    pub body: Untrusted,
    /// The choices of a decision.
    pub choices: Vec<Choice>,
    pub note_required: bool,
    /// What must be attached before it can be ticked, in the author's words.
    pub evidence: Option<Untrusted>,
    pub role: Option<Untrusted>,
    /// Time target, in minutes.
    pub target_minutes: Option<u32>,
    /// When it is for an incident, if it is not for all.
    pub when: Option<condition::Condition>,
    /// Where the text of that stands in the file, in bytes.
    when_at: usize,
    /// The look-up that it is about, by its name.
    pub lookup: Option<Box<str>>,
    /// Where that stands in the file, in bytes.
    lookup_at: usize,
    /// The list for each value of which it is done; none where it is done once.
    pub each: Option<each::List>,
}

/// An answer to a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub words: Untrusted,
    /// The step that it leads to; without one the next.
    pub to: Option<Id<Slug>>,
    /// What it says of that, as written.
    lead: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    Manual,
    Decision,
    Action,
    Command,
}

/// The phases of NIST SP 800-61 and SANS, as headings name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    Prepare,
    Detect,
    Analyze,
    Contain,
    Eradicate,
    Recover,
    Post,
}

/// An action block: the only thing in a runbook that can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionSpec {
    pub kind: Id<Slug>,
    pub title: Untrusted,
    /// 1 to 3, where the block raises it.
    pub danger: Option<u8>,
    /// Every other field of the block, by name.
    pub fields: BTreeMap<Box<str>, Field>,
    /// Line of the block, from 1.
    pub line: usize,
}

/// A field of an action block. A template fills a whole item: its name stands here in place of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    Item(Item),
    List(Vec<Item>),
    Map(BTreeMap<Box<str>, Field>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Text(Untrusted),
    /// `{{ name }}`, with the place of its name: line and column from 1.
    Template {
        name: Box<str>,
        line: usize,
        column: usize,
    },
}

impl Choice {
    /// A choice with these words that leads to the next step.
    pub(crate) fn of(words: impl Into<Untrusted>) -> Self {
        Self { words: words.into(), to: None, lead: None }
    }
}

impl Phase {
    /// The phase as a heading.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Prepare => "Prepare",
            Phase::Detect => "Detect",
            Phase::Analyze => "Analyze",
            Phase::Contain => "Contain",
            Phase::Eradicate => "Eradicate",
            Phase::Recover => "Recover",
            Phase::Post => "Post-incident",
        }
    }
}
