//! What a runbook says itself of its variables.

use super::super::with_defaults;
use quell_core::runbook::{Origin, parse};

#[test]
fn a_runbook_s_own_value_counts_where_nothing_that_fits_is_configured() {
    let text = "---\nmatches: [generic]\nvariables:\n  copies:\n    type: bucket\n    default: ir-backup\n  role:\n    type: arn\n---\n# T\n\n1. Do it\n";
    let book = parse("own", text.as_bytes(), Origin::BuiltIn).unwrap().runbook;
    let of = |pairs: &[(&str, &str)]| {
        let configured = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        let all = with_defaults(&book, &configured);
        all.into_iter().map(|(name, value)| format!("{name}={}", value.line())).collect::<Vec<_>>()
    };
    assert_eq!(of(&[]), ["copies=ir-backup"]);
    assert_eq!(of(&[("copies", "other-bucket"), ("team", "x")]), ["copies=other-bucket", "team=x"]);
    assert_eq!(of(&[("copies", "No bucket"), ("role", "Admin")]), ["copies=ir-backup"]);
}
