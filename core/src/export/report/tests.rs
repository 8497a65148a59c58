//! What the report says of steps, held to literals.

use super::*;
use crate::record::Verdict;
use crate::runbook::StepKind;
use crate::text::Id;

fn line(id: &str, kind: StepKind, target: Option<u32>) -> OutlineStep {
    OutlineStep {
        id: Id::new(id).unwrap(),
        number: "1".into(),
        title: id.into(),
        phase: None,
        depth: 0,
        kind,
        note_required: false,
        evidence: None,
        target,
        when: None,
        each: None,
    }
}

fn book(outline: Vec<OutlineStep>) -> RunbookOpened {
    RunbookOpened {
        id: Id::new("book").unwrap(),
        title: "Book".into(),
        version: None,
        sha256: "ab".into(),
        outline,
        blob: None,
        variables: Vec::new(),
        configured: Default::default(),
    }
}

/// The report of the events of one writer, each at its time of one day.
fn told(events: Vec<(&str, Event)>) -> String {
    let entry = |(n, (time, event)): (usize, (&str, Event))| {
        let t = format!("2026-11-21T{time}Z").parse().unwrap();
        Entry { link: Link(writer(), n as u64), l: n as u64 + 1, t, at: None, seen: None, event }
    };
    let entries: Vec<Entry> = events.into_iter().enumerate().map(entry).collect();
    let verification = Verification {
        verdict: Verdict::OkUnsigned,
        records: entries.len(),
        writers: 1,
        problems: vec![],
        checkpoints: vec![],
        heads: vec![],
        uncovered: None,
        aside_missing: 0,
        kept: None,
    };
    report(&Incident::fold(&entries), &entries, &verification, &[])
}

fn writer() -> WriterId {
    Id::new("a".repeat(26).as_str()).unwrap()
}

/// A step of the runbook that the first record opened.
fn step(id: &str, row: u32) -> StepRef {
    StepRef { rb: Link(writer(), 0), id: Id::new(id).unwrap(), row }
}

#[test]
fn a_step_that_a_decision_led_past_is_told_so() {
    let outline = [("ask", StepKind::Decision), ("cut", StepKind::Manual), ("end", StepKind::Manual)];
    let book = book(outline.into_iter().map(|(id, kind)| line(id, kind, None)).collect());
    let to = Some(Id::new("end").unwrap());
    let decided = DecisionMade { step: step("ask", 0), choice: "False alarm".into(), why: "".into(), to };
    let text = told(vec![("18:00:00", book.into()), ("18:00:00", decided.into())]);
    assert!(text.contains("\n  - `[~]` `1` `cut`: passed over, a decision led past it\n"), "{text}");
    assert!(text.contains("\n  - `[ ]` `1` `end`\n"), "{text}");
    // Of what nobody set there is nothing to tell.
    assert!(!text.contains("arget"), "{text}");
}

#[test]
fn each_step_says_its_time_target_and_the_runbook_how_many_were_kept() {
    let ids = [("look", Some(15)), ("ask", Some(5)), ("free", None), ("left", Some(10)), ("open", Some(60))];
    let book = book(ids.into_iter().map(|(id, target)| line(id, StepKind::Manual, target)).collect());
    let done = |id, row| Event::from(StepDone { step: step(id, row), note: None, each: None });
    let mut events = vec![
        ("18:00:00", book.into()),
        ("18:07:00", done("look", 0)),
        ("18:14:30", done("ask", 1)),
        ("18:20:00", done("free", 2)),
        ("18:21:00", StepSkipped { step: step("left", 3), why: "no".into() }.into()),
    ];
    let text = told(events.clone());
    let said = "  - `[x]` `1` `look`, 2026-11-21 18:07:00Z by `aaaaaaaaaa`, target 15 min: took 7 min\n  \
        - `[x]` `1` `ask`, 2026-11-21 18:14:30Z by `aaaaaaaaaa`, target 5 min: took 8 min, 3 over\n  \
        - `[x]` `1` `free`, 2026-11-21 18:20:00Z by `aaaaaaaaaa`\n  \
        - `[-]` `1` `left`, 2026-11-21 18:21:00Z by `aaaaaaaaaa`\n    - Note: `no`\n  \
        - `[ ]` `1` `open`, target 60 min\n  \
        - Time targets: 1 of 2 kept; waiting is left out\n";
    assert!(text.contains(said), "{text}");
    // Where none was done there is nothing to count.
    events.drain(1..4);
    assert!(!told(events).contains("Time targets"));
}
