//! The kinds of action as a check of runbooks needs to know them.

use super::{KindInfo, kinds};
use quell_core::runbook::lint::{FieldRule, KindRule};

/// What each kind's block must and may say, and how dangerous it is.
pub fn rules() -> Vec<KindRule> {
    let rule = |info: &KindInfo| {
        let fields = info.parameters.iter().map(|p| FieldRule { name: p.name, required: p.required });
        KindRule { name: info.name, fields: fields.collect(), danger: info.danger }
    };
    kinds().iter().map(|kind| rule(kind.info())).collect()
}
