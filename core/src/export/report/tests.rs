//! What the report says of steps, held to literals.

use super::*;
use crate::record::Verdict;
use crate::runbook::StepKind;
use crate::text::Id;

#[test]
fn a_step_that_a_decision_led_past_is_told_so() {
    let w: WriterId = Id::new("a".repeat(26).as_str()).unwrap();
    let line = |id: &str, kind| OutlineStep {
        id: Id::new(id).unwrap(),
        number: "1".into(),
        title: id.into(),
        phase: None,
        depth: 0,
        kind,
        note_required: false,
        evidence: None,
        when: None,
        each: None,
    };
    let book = RunbookOpened {
        id: Id::new("book").unwrap(),
        title: "Book".into(),
        version: None,
        sha256: "ab".into(),
        outline: vec![line("ask", StepKind::Decision), line("cut", StepKind::Manual), line("end", StepKind::Manual)],
        blob: None,
        variables: Vec::new(),
        configured: Default::default(),
    };
    let step = StepRef { rb: Link(w.clone(), 0), id: Id::new("ask").unwrap(), row: 0 };
    let to = Some(Id::new("end").unwrap());
    let decided = DecisionMade { step, choice: "False alarm".into(), why: "".into(), to };
    let t: Timestamp = "2026-11-21T18:00:00Z".parse().unwrap();
    let entry = |n, event| Entry { link: Link(w.clone(), n), l: n + 1, t, at: None, seen: None, event };
    let entries = vec![entry(0, book.into()), entry(1, decided.into())];
    let verification = Verification {
        verdict: Verdict::OkUnsigned,
        records: 2,
        writers: 1,
        problems: vec![],
        checkpoints: vec![],
        heads: vec![],
        uncovered: None,
        aside_missing: 0,
        kept: None,
    };
    let text = report(&Incident::fold(&entries), &entries, &verification, &[]);
    assert!(text.contains("\n  - `[~]` `1` `cut`: passed over, a decision led past it\n"), "{text}");
    assert!(text.contains("\n  - `[ ]` `1` `end`\n"), "{text}");
}
