use super::*;
use serde_json::json;

fn masks(n: u64, l: u64, record: Link, field: &str, why: &str) -> Entry {
    entry('a', n, l, EntryMasked { record, field: field.into(), why: why.into() })
}

fn note(n: u64, text: &str) -> Entry {
    entry('a', n, n + 1, NoteAdded { text: text.into(), step: None })
}

fn piece(n: u64, blob: &str) -> Entry {
    let how = "file".into();
    entry('a', n, n + 1, EvidenceAdded { blob: blob.into(), name: "env".into(), size: 3, how, step: None, run: None })
}

#[test]
fn what_is_masked_is_shown_nowhere_and_the_order_of_arrival_changes_nothing() {
    let entries = vec![
        entry('a', 0, 1, opened()),
        note(1, "the password is hunter2"),
        piece(2, "ab"),
        piece(3, "cd"),
        masks(4, 5, link('a', 1), "text", "a password"),
        masks(5, 6, link('a', 2), "content", "keys"),
        piece(6, "ab"),
    ];
    let whole = Timeline::new(entries.clone());
    assert_eq!(whole.incident().notes[0].text, "[masked: a password]".into());
    let shown = |timeline: &Timeline| timeline.incident().evidence.iter().map(|e| e.masked.clone()).collect::<Vec<_>>();
    assert_eq!(shown(&whole), [Some("keys".into()), None, Some("keys".into())]);
    assert_eq!(describe(&whole.entries()[1].event, whole.incident()).1, "note: [masked: a password]");
    // What goes to another disk is what was written.
    let written = whole.written();
    assert_eq!(describe(&written[1].event, whole.incident()).1, "note: the password is hunter2");
    assert_eq!(written.len(), entries.len());
    // Also before the record that masks it.
    assert_eq!(whole.at(3).notes[0].text, "[masked: a password]".into());
    assert_eq!(whole.at(3).evidence[0].masked, Some("keys".into()));
    for turn in 0..entries.len() {
        let mut timeline = Timeline::default();
        let mut order = entries.clone();
        order.rotate_left(turn);
        order.into_iter().for_each(|entry| timeline.insert(entry));
        assert_eq!(timeline.incident(), whole.incident(), "turned by {turn}");
        let reversed = entries.iter().rev().cloned();
        let mut timeline = Timeline::default();
        reversed.for_each(|entry| timeline.insert(entry));
        assert_eq!(timeline.incident(), whole.incident());
    }
}

#[test]
fn a_mask_that_was_never_saved_masks_nothing() {
    let mut timeline = Timeline::new(vec![note(1, "plain"), masks(2, 3, link('a', 1), "text", "w")]);
    assert_eq!(timeline.incident().notes[0].text, "[masked: w]".into());
    timeline.forget(&[link('a', 2)]);
    assert_eq!(timeline.incident().notes[0].text, "plain".into());
}

#[test]
fn a_mask_holds_also_where_its_record_comes_after_it() {
    let entries = [masks(2, 2, link('a', 3), "text", "w"), note(3, "late")];
    let mut timeline = Timeline::default();
    entries.iter().cloned().for_each(|entry| timeline.insert(entry));
    assert_eq!(timeline.incident(), Timeline::new(entries.to_vec()).incident());
    assert_eq!(timeline.incident().notes[0].text, "[masked: w]".into());
}

#[test]
fn facts_are_masked_whole_and_what_something_is_decided_by_is_not() {
    let facts = vec![Fact::new("stdout", "secret"), Fact::new("exit code", "0")];
    let (action, outcome) = (link('a', 9), "done".into());
    let ended = ActionSucceeded { action, outcome, request_ids: vec![], undo: Some(json!({"k": "v"})), facts };
    let variable = VariableSet { name: "role".into(), value: "r".into(), from: "typed".into() };
    let mut entries = vec![
        entry('a', 1, 2, ended),
        entry('a', 2, 3, variable),
        masks(3, 4, link('a', 1), "facts", "w"),
        masks(4, 5, link('a', 1), "undo", "w"),
        masks(5, 6, link('a', 2), "value", "w"),
        masks(6, 7, link('a', 77), "text", "w"),
    ];
    let originals = mask::apply(&mut entries);
    assert_eq!(originals.keys().collect::<Vec<_>>(), [&link('a', 1)]);
    assert_eq!(
        entries[0].event.data().unwrap(),
        r#"{"action":["aaaaaaaaaaaaaaaaaaaaaaaaaa",9],"outcome":"done","request_ids":[],"undo":{"k":"v"},"facts":[{"name":"[masked: w]","value":"[masked: w]"},{"name":"[masked: w]","value":"[masked: w]"}]}"#
    );
    assert_eq!(entries[1].event.data().unwrap(), r#"{"name":"role","value":"r","from":"typed"}"#);
}

#[test]
fn every_field_that_can_be_masked_is_there() {
    let value = |event: &Event| serde_json::from_str::<serde_json::Value>(&event.data().unwrap()).unwrap();
    let closed = SessionClosed { resolution: Resolution::Benign, summary: "s".into() };
    let done = StepDone { step: step(0), note: Some("n".into()), each: None };
    let failed = ActionFailed {
        action: link('a', 1),
        class: FailClass::Other,
        message: "m".into(),
        request_ids: vec![],
        undo: None,
    };
    for event in [closed.into(), done.into(), failed.into(), note(1, "x").event] {
        for field in mask::fields(&event) {
            let mut entries = [entry('a', 1, 1, event.clone()), masks(2, 2, link('a', 1), field, "w")];
            assert_eq!(mask::apply(&mut entries).len(), 1, "{event:?} {field}");
            assert_eq!(value(&entries[0].event)[field], "[masked: w]");
        }
    }
    assert!(mask::fields(&opened().into()).is_empty());
}
