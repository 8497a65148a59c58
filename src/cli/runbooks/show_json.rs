//! A runbook as one JSON object; its keys are a contract.

use quell_core::runbook::{ActionSpec, Field, Item, Match, Phase, Runbook, Step, StepKind};
use quell_core::text::Untrusted;
use serde::Serialize;
use std::collections::BTreeMap;

/// `runbooks show --json`.
#[derive(Serialize)]
pub(super) struct View<'a> {
    id: &'a str,
    title: &'a Untrusted,
    version: &'a Option<Untrusted>,
    sha256: &'a str,
    matches: Vec<String>,
    context: Vec<Section<'a>>,
    steps: Vec<StepView<'a>>,
}

#[derive(Serialize)]
struct Section<'a> {
    title: &'a Untrusted,
    line: usize,
    body: &'a Untrusted,
}

#[derive(Serialize)]
struct StepView<'a> {
    id: &'a str,
    number: &'a str,
    title: &'a Untrusted,
    phase: Option<Phase>,
    group: &'a [Untrusted],
    depth: usize,
    line: usize,
    kind: StepKind,
    commands: &'a [Untrusted],
    action: Option<ActionView<'a>>,
    body: &'a Untrusted,
}

#[derive(Serialize)]
struct ActionView<'a> {
    kind: &'a str,
    title: &'a Untrusted,
    danger: Option<u8>,
    line: usize,
    fields: BTreeMap<&'a str, FieldView<'a>>,
}

/// A field as it stands in the block: a template is written `{{ name }}`.
#[derive(Serialize)]
#[serde(untagged)]
enum FieldView<'a> {
    Text(&'a Untrusted),
    Template(String),
    List(Vec<FieldView<'a>>),
    Map(BTreeMap<&'a str, FieldView<'a>>),
}

impl<'a> View<'a> {
    /// The object of a runbook.
    pub fn of(book: &'a Runbook) -> Self {
        Self {
            id: book.id.as_str(),
            title: &book.title,
            version: &book.version,
            sha256: &book.sha256,
            matches: book.matches.iter().map(Match::text).collect(),
            context: book
                .context
                .iter()
                .map(|section| Section { title: &section.title, line: section.line, body: &section.body })
                .collect(),
            steps: book.steps.iter().map(StepView::of).collect(),
        }
    }
}

impl<'a> StepView<'a> {
    fn of(step: &'a Step) -> Self {
        Self {
            id: step.id.as_str(),
            number: &step.number,
            title: &step.title,
            phase: step.phase,
            group: &step.group,
            depth: step.depth,
            line: step.line,
            kind: step.kind,
            commands: &step.commands,
            action: step.action.as_ref().map(action),
            body: &step.body,
        }
    }
}

fn action(spec: &ActionSpec) -> ActionView<'_> {
    ActionView {
        kind: spec.kind.as_str(),
        title: &spec.title,
        danger: spec.danger,
        line: spec.line,
        fields: spec.fields.iter().map(|(name, value)| (&**name, field(value))).collect(),
    }
}

fn field(field_: &Field) -> FieldView<'_> {
    match field_ {
        Field::Item(one) => item(one),
        Field::List(items) => FieldView::List(items.iter().map(item).collect()),
        Field::Map(map) => FieldView::Map(map.iter().map(|(name, value)| (&**name, field(value))).collect()),
    }
}

fn item(item: &Item) -> FieldView<'_> {
    match item {
        Item::Text(text) => FieldView::Text(text),
        Item::Template { name, .. } => FieldView::Template(format!("{{{{ {name} }}}}")),
    }
}
