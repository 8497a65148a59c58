//! What a runbook says itself of its variables.

use super::super::{with_defaults, with_later};
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

#[test]
fn what_a_finding_or_an_action_gives_is_typed_by_nobody() {
    let text = "---\nmatches: [generic]\nvariables:\n  user:\n    from: \"{{ finding.resource.name }}\"\n  copy:\n    \
                from-action: shoot\n    output: root snapshot\n  team:\n    about: x\n---\n# T\n\n1. Do it\n";
    let book = parse("own", text.as_bytes(), Origin::BuiltIn).unwrap().runbook;
    let configured = [("user".to_owned(), "jo".into())].into();
    let all = with_later(&book, with_defaults(&book, &configured));
    let all: Vec<_> = all.into_iter().map(|(name, value)| (name, value.line().into_string())).collect();
    // What is configured is looked at; the team is asked for.
    assert_eq!(all, [("copy".to_owned(), String::new()), ("user".to_owned(), "jo".to_owned())]);
}
