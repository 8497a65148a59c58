//! An action block with its values filled in: what is asked for, before anything was read.

use crate::problem::{Problem, clean};
use quell_core::finding::Compact;
use quell_core::incident::{Link, Plan, StepRef};
use quell_core::runbook::{ActionSpec, Field, Item};
use quell_core::text::{Id, Untrusted, id::Slug};
use std::collections::BTreeMap;

/// What a runbook or a responder asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub kind: Id<Slug>,
    pub title: Untrusted,
    pub step: Option<StepRef>,
    /// Where to act, when it is not the finding that says so.
    pub account: Option<Untrusted>,
    pub partition: Option<Untrusted>,
    pub region: Option<Untrusted>,
    /// The finding that it answers.
    pub finding: Option<Compact>,
    /// The action block's other fields.
    pub fields: BTreeMap<Box<str>, Value>,
    /// The danger that the action block states.
    pub danger: Option<u8>,
    pub undo_of: Option<Link>,
    /// Of a step that is done for each of a list: for which value.
    pub each: Option<Untrusted>,
    /// The set it is part of.
    pub set: Option<Untrusted>,
    /// Nothing that somebody who reads the account would notice more than the act itself goes with it: no tag.
    pub quiet: bool,
}

/// A field with its values filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(Word),
    List(Vec<Word>),
    Map(BTreeMap<Box<str>, Value>),
}

/// One whole item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub text: Untrusted,
    /// Whether it came through a template, so that a finding's author may have written it.
    pub filled: bool,
}

impl Word {
    /// A word that stands in the runbook, or that quell wrote itself.
    pub fn own(text: impl Into<Untrusted>) -> Self {
        Self { text: text.into(), filled: false }
    }
}

impl Request {
    /// What an action block asks for, with its templates filled by `fill` (the table of names is the finding's).
    pub fn from_spec(spec: &ActionSpec, fill: impl Fn(&str) -> Option<Untrusted>) -> Result<Self, Problem> {
        let fields = resolve(&spec.fields, &fill)?;
        Ok(Self { danger: spec.danger, ..Self::of_kind(spec.kind.clone(), spec.title.clone(), fields) })
    }

    /// A request of a kind with nothing but its fields.
    pub fn of_kind(kind: Id<Slug>, title: Untrusted, fields: BTreeMap<Box<str>, Value>) -> Self {
        Self {
            kind,
            title,
            step: None,
            account: None,
            partition: None,
            region: None,
            finding: None,
            fields,
            danger: None,
            undo_of: None,
            each: None,
            set: None,
            quiet: false,
        }
    }

    /// The request that undoes `plan`: same kind, same place, and a gesture that is no easier.
    pub(super) fn undoing<'a>(plan: &Plan, fields: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let title = format!("Undo: {}", plan.title.line());
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Self {
            step: plan.step.clone(),
            account: Some(plan.target.account.clone()),
            partition: Some(plan.target.partition.clone()),
            region: Some(plan.target.region.clone()),
            danger: Some(plan.danger),
            ..Self::of_kind(plan.kind.clone(), title.into(), fields)
        }
    }
}

/// The fields with each template filled by a whole value; a name without a value is an error at its place.
pub(super) fn resolve(
    fields: &BTreeMap<Box<str>, Field>,
    fill: &dyn Fn(&str) -> Option<Untrusted>,
) -> Result<BTreeMap<Box<str>, Value>, Problem> {
    fields.iter().map(|(name, field)| Ok((name.clone(), value(field, fill)?))).collect()
}

fn value(field: &Field, fill: &dyn Fn(&str) -> Option<Untrusted>) -> Result<Value, Problem> {
    Ok(match field {
        Field::Item(item) => Value::Text(word(item, fill)?),
        Field::List(items) => Value::List(items.iter().map(|item| word(item, fill)).collect::<Result<_, _>>()?),
        Field::Map(map) => Value::Map(resolve(map, fill)?),
    })
}

fn word(item: &Item, fill: &dyn Fn(&str) -> Option<Untrusted>) -> Result<Word, Problem> {
    match item {
        Item::Text(text) => Ok(Word { text: text.clone(), filled: false }),
        Item::Template { name, line, column } => match fill(name) {
            Some(text) => Ok(Word { text, filled: true }),
            None => Err(Problem::input(format!("{} has no value", clean(name)))
                .in_file("the runbook", *line, *column)
                .meaning("the action can't be planned without it")
                .next("give the value, then plan the action again")),
        },
    }
}
