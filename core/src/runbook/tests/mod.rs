//! Whole files: quell's own format, and the shapes of playbooks in the wild.

pub(super) mod books;
mod controls;
mod corpus;
mod drift;
mod hostile;
mod library;
mod loss;
mod nasty;
mod own;
mod remedies;
mod shapes;
mod wild;

use super::*;
use crate::text::Shape;

fn read(text: &str) -> Parsed {
    parse("file-name", text.as_bytes(), Origin::BuiltIn).unwrap()
}

fn raw(text: &Untrusted) -> String {
    text.clean(Shape::Block).into_string()
}

/// Number, title and kind of every step.
fn outline(parsed: &Parsed) -> Vec<(String, String, StepKind)> {
    parsed.runbook.steps.iter().map(|step| (step.number.clone(), raw(&step.title), step.kind)).collect()
}

fn lints(parsed: &Parsed) -> Vec<(Level, usize, usize, String)> {
    parsed.warnings.iter().map(|lint| (lint.level, lint.line, lint.column, lint.what.to_string())).collect()
}

fn words(choices: &[Choice]) -> Vec<String> {
    choices.iter().map(|choice| raw(&choice.words)).collect()
}
