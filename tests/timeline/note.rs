//! `quell sessions note` keeps the console's rules.

use super::cli::{log_of, session};
use super::*;
use quell_core::incident::{Approval, Incident, Intent, Plan, Resolution, SessionClosed, Target, decide};
use quell_core::text::Id;
use std::fs;

fn kinds(session: &SessionDir) -> Vec<&'static str> {
    let timeline = session.read().unwrap();
    timeline.recovery.records.iter().map(|record| record.entry.event.kind().unwrap()).collect()
}

#[test]
fn whoever_writes_a_note_is_gone_afterwards() {
    let (state, session) = session();
    let run = state.quell(&["sessions", "note", session.short(), "seen"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let shown = state.json(&["sessions", "show", session.short(), "--json"]);
    let writers = shown["writers"].as_object().unwrap().values();
    let carol: Vec<_> = writers.filter(|writer| writer["user"] == "carol").map(|w| &w["attached"]).collect();
    assert_eq!(carol, [&serde_json::Value::Bool(false)]);
    let head = session.read().unwrap().recovery.records.last().unwrap().h;
    assert_eq!(run.out, format!("noted in {}, head {head}\n", session.id()));
}

#[test]
fn a_closed_session_takes_no_note() {
    let state = state();
    let session = state.session();
    let (mut pen, mut attached) = state.attach(&session);
    let closed = SessionClosed { resolution: Resolution::Benign, summary: "a test".into() };
    attached.log.commit(vec![pen.opened("x"), pen.event(closed)]).unwrap();
    attached.log.close().unwrap();
    let before = fs::read(log_of(&session)).unwrap();
    let run = state.quell(&["sessions", "note", session.short(), "too late"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.starts_with("quell: the session is closed\n"), "{}", run.err);
    assert!(run.err.contains(":reopen"), "{}", run.err);
    assert_eq!(fs::read(log_of(&session)).unwrap(), before);
    assert_eq!(kinds(&session), ["seg.open", "session.opened", "session.closed"]);
}

#[test]
fn a_session_that_was_never_begun_takes_no_note() {
    let state = state();
    let session = state.session();
    drop(state.attach(&session));
    let run = state.quell(&["sessions", "note", session.short(), "of what?"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("the session was not begun"), "{}", run.err);
    assert_eq!(kinds(&session), ["seg.open"]);
}

#[test]
fn a_note_that_is_too_long_leaves_nobody_attached() {
    let (state, session) = session();
    let run = state.quell(&["sessions", "note", session.short(), &"x".repeat(70_000)]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("the event note.added takes "), "{}", run.err);
    let expected = ["seg.open", "session.opened", "note.added", "seg.open", "session.joined", "session.detached"];
    assert_eq!(kinds(&session), expected);
    assert_eq!(state.quell(&["sessions", "verify", session.short()]).code, 0);
}

fn plan() -> Plan {
    Plan {
        kind: Id::new("ssm-automation").unwrap(),
        title: "Contain".into(),
        step: None,
        target: Target {
            account: "111122223333".into(),
            partition: "aws".into(),
            region: "eu-west-1".into(),
            resource: "i-0a1b".into(),
            through: None,
        },
        requests: Vec::new(),
        facts: Vec::new(),
        danger: 2,
        destroys: Vec::new(),
        breaks: Vec::new(),
        writes: Vec::new(),
        warnings: Vec::new(),
        undo: "u".into(),
        confirm: "i-0a1b".into(),
        undo_of: None,
        each: None,
        set: None,
    }
}

#[test]
fn an_action_that_a_crash_left_under_way_is_unknown_before_the_note() {
    let state = state();
    let session = state.session();
    // The same person on this machine: the note goes on as the writer that crashed.
    let carol = Who { user: "carol".into(), ..Who::here(None) };
    let mut attached = session.attach(&carol, &state.runtime).unwrap();
    let mut pen = Pen::of(&attached);
    let mut entries = vec![pen.opened("x")];
    let mut write = |intent: Intent| {
        let events = decide(&Incident::fold(&entries), intent).unwrap();
        entries.extend(events.into_iter().map(|event| pen.event(event)));
        entries.clone()
    };
    let planned = write(Intent::Plan(Box::new(plan()))).pop().unwrap();
    let plan_hash = plan().hash().unwrap();
    let (action, token) = (planned.link.clone(), "t".to_owned());
    let entries = {
        let actions = vec![Approval { action, plan_hash, token }];
        let by = planned.link.0.clone();
        write(Intent::Approve { actions, gesture: "0a1b".into(), why: "".into(), by, two: false })
    };
    attached.log.commit(entries).unwrap();
    drop(attached);
    assert_eq!(state.quell(&["sessions", "note", session.short(), "it crashed"]).code, 0);
    let expected = ["seg.open", "action.unknown", "note.added", "session.detached"];
    assert_eq!(kinds(&session)[5..], expected);
    let shown = state.json(&["sessions", "show", session.short(), "--json"]);
    let writers: Vec<_> = shown["writers"].as_object().unwrap().values().map(|w| &w["attached"]).collect();
    assert_eq!(writers, [&serde_json::Value::Bool(false)]);
}

/// The names and hashes of notes, as they are answered.
fn answers(session: &SessionDir) -> Vec<String> {
    let records = session.read().unwrap().recovery.records;
    let notes = records.iter().filter(|record| record.entry.event.kind() == Some("note.added"));
    notes.map(|r| format!("noted {} {} {}", r.entry.link.0, r.entry.link.1, r.h)).collect()
}

#[test]
fn each_line_of_standard_input_is_a_note_and_is_answered() {
    let (state, session) = session();
    let run = state.quell_given(b"one\n\n \t\n  two\r\n\xffthree", &["sessions", "note", session.short(), "-"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(recorded(&session.read().unwrap().recovery.records), ["first", "one", "  two", "\u{fffd}three"]);
    let lines: Vec<&str> = run.out.lines().collect();
    // The first note is the one that the session had already.
    assert_eq!(lines, answers(&session)[1..]);
    let kinds = kinds(&session);
    let expected = ["seg.open", "session.joined", "note.added", "note.added", "note.added", "session.detached"];
    assert_eq!(kinds[3..], expected);
    let log = fs::read_dir(session.path().join("log")).unwrap().map(|file| file.unwrap().path());
    assert_eq!(log.filter(|path| path.extension().is_some_and(|e| e == "head")).count(), 2, "both have ended well");
}

#[test]
fn a_line_that_is_too_long_is_told_by_its_number_and_the_others_are_saved() {
    let (state, session) = session();
    // The second is longer than what is read of a line, the third only as a record.
    let input = format!("one\n{}\n{}\nfour\n", "x".repeat(200_000), "y".repeat(65_500));
    let run = state.quell_given(input.as_bytes(), &["sessions", "note", session.short(), "-"]);
    assert_eq!(run.code, 2);
    let told: Vec<&str> = run.err.lines().filter(|line| line.starts_with("quell:")).collect();
    let words = "the note is too long: a record holds at most 65536 bytes";
    assert_eq!(told, [2, 3].map(|line| format!("quell: standard input:{line}: {words}")));
    assert_eq!(recorded(&session.read().unwrap().recovery.records), ["first", "one", "four"]);
    assert_eq!(run.out.lines().collect::<Vec<_>>(), answers(&session)[1..]);
    assert_eq!(state.quell(&["sessions", "verify", session.short()]).code, 0);
}

#[test]
fn lines_for_a_session_that_is_closed_are_refused_before_anything_is_written() {
    let state = state();
    let session = state.session();
    let (mut pen, mut attached) = state.attach(&session);
    let closed = SessionClosed { resolution: Resolution::Benign, summary: "a test".into() };
    attached.log.commit(vec![pen.opened("x"), pen.event(closed)]).unwrap();
    attached.log.close().unwrap();
    let run = state.quell_given(b"too late\n", &["sessions", "note", session.short(), "-"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.starts_with("quell: the session is closed\n"), "{}", run.err);
    assert_eq!(kinds(&session), ["seg.open", "session.opened", "session.closed"]);
}

/// The second copy is in trouble, and the note is saved all the same: both are said.
#[test]
fn a_note_that_has_no_second_copy_is_answered() {
    let (state, session) = session();
    let below = state.dir.path().join("copies");
    fs::write(&below, "in the way").unwrap();
    let config = state.dir.path().join("config.toml");
    fs::write(&config, format!("mirror = \"{}\"\n", below.display())).unwrap();
    let run = state.quell(&["sessions", "note", session.short(), "seen", "--config", config.to_str().unwrap()]);
    assert_eq!(run.code, 3, "{}", run.err);
    assert!(run.err.contains("the second copy could not be written: "), "{}", run.err);
    let records = session.read().unwrap().recovery.records;
    let note = records.iter().rfind(|record| record.entry.event.kind() == Some("note.added")).unwrap();
    assert_eq!(run.out, format!("noted in {}, head {}\n", session.id(), note.h));
}
