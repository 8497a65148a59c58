//! Lines that come one by one, and what happens between them.

use super::notes::{Noting, Promised};
use crate::timeline::{Pen, state, who};
use quell_core::incident::{Resolution, SessionClosed};

#[test]
fn a_line_is_answered_before_the_next_one_is_sent_and_its_writer_is_held_meanwhile() {
    let state = state();
    let session = state.begun();
    let mut promised = Promised::default();
    let mut first = Noting::start(&[], &state, &session);
    first.send(&["one".into()]);
    assert!(first.answer());
    // It is there while the program waits for more.
    assert_eq!(promised_by(&first, "one").wrong(&session), None);
    // Somebody of the same name does not take its writer from it.
    let mut second = Noting::start(&[], &state, &session);
    second.send(&["two".into()]);
    assert!(second.answer());
    first.send(&["three".into()]);
    assert!(first.answer());
    assert_eq!(first.end(&mut promised).code, Some(0));
    assert_eq!(second.end(&mut promised).code, Some(0));
    assert_eq!(promised.wrong(&session), None);
    let writers = promised.lines.values().flatten().map(|(link, _)| link.0.clone());
    let writers: std::collections::BTreeSet<_> = writers.collect();
    assert_eq!(writers.len(), 2);
}

fn promised_by(noting: &Noting, line: &str) -> Promised {
    Promised { lines: [(line.to_owned(), noting.last().cloned())].into() }
}

#[test]
fn a_session_that_somebody_closes_takes_no_more_lines() {
    let state = state();
    let session = state.begun();
    let mut promised = Promised::default();
    let mut noting = Noting::start(&[], &state, &session);
    noting.send(&["one".into()]);
    assert!(noting.answer());
    let mut carol = session.attach(&who("carol"), &state.runtime).unwrap();
    let closed = SessionClosed { resolution: Resolution::Benign, summary: "a test".into() };
    let closed = Pen::of(&carol).event(closed);
    carol.log.commit(vec![closed]).unwrap();
    carol.log.close().unwrap();
    noting.send(&["two".into(), "three".into()]);
    let ended = noting.end(&mut promised);
    assert_eq!((ended.code, ended.answered), (Some(2), 1));
    assert!(ended.err.starts_with("quell: the session is closed\n"), "{}", ended.err);
    assert!(ended.err.contains("notes saved: 1, each of those that were answered; lines read: 2"), "{}", ended.err);
    assert_eq!(promised.wrong(&session), None);
}

#[test]
fn lines_are_saved_also_when_nobody_reads_the_answers() {
    let state = state();
    let session = state.begun();
    let mut noting = Noting::start(&["sh", "-c", "\"$@\" | true", "sh"], &state, &session);
    noting.send(&(1..=20).map(|i| format!("line {i}")).collect::<Vec<_>>());
    let mut promised = Promised::default();
    noting.end(&mut promised);
    assert_eq!(promised.unanswered_but_there(&session), 20);
}
