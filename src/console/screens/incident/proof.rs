//! Evidence that a step asks for before it is done.

use super::update::ask;
use crate::console::core::model::{Ctx, Model};
use crate::console::core::prompt::FieldPurpose;
use quell_core::incident::StepRef;

/// What a step asks for as evidence, and has not got.
pub fn lacks(model: &Model, step: &StepRef) -> Option<String> {
    model.session.as_ref()?.pending().lacks_evidence(step).map(|what| what.line().into_string())
}

/// Asks for a file, for the step where there is one.
pub(super) fn ask_evidence(model: &mut Model, step: Option<StepRef>, asked: Option<String>, ctx: &Ctx) {
    let title = match asked {
        Some(what) => format!("EVIDENCE this step asks for: {what}. Path of a file"),
        None => "EVIDENCE: path of a file".to_owned(),
    };
    ask(model, ctx, &title, FieldPurpose::Evidence(step), false);
}
