//! What becomes of all sessions while a list of them is shown.

use super::*;
use quell::timeline::{Status, Watch};
use quell_core::incident::{Resolution, SessionClosed};

fn rows(watch: &Watch) -> Vec<(String, Status, usize)> {
    let told = watch.found().map(|summary| summary.as_ref().unwrap());
    told.map(|s| (s.title.line().into_string(), s.status, s.records)).collect()
}

#[test]
fn what_others_begin_write_and_close_is_seen_at_the_next_look() {
    let state = state();
    let mut watch = Watch::of(&state.sessions);
    assert!(!watch.look().unwrap(), "no folder is no news");
    let session = state.begun();
    assert!(watch.look().unwrap());
    // Its writer's first record, and the opening.
    assert_eq!(rows(&watch), [("Crypto mining".to_owned(), Status::Open, 2)]);
    assert!(!watch.look().unwrap());
    let (mut pen, mut attached) = state.attach(&session);
    attached
        .log
        .commit(vec![pen.event(SessionClosed { resolution: Resolution::Benign, summary: "a drill".into() })])
        .unwrap();
    assert!(watch.look().unwrap());
    assert_eq!(rows(&watch), [("Crypto mining".to_owned(), Status::Closed, 4)]);
    let second = state.session();
    assert!(watch.look().unwrap());
    assert_eq!(rows(&watch).len(), 2);
    std::fs::remove_dir_all(second.path()).unwrap();
    assert!(watch.look().unwrap());
    assert_eq!(rows(&watch).len(), 1);
    assert!(!watch.look().unwrap());
}

#[test]
fn a_session_that_can_not_be_read_hides_no_other() {
    let state = state();
    let (bad, _) = (state.session(), state.begun());
    std::fs::remove_dir_all(bad.path()).unwrap();
    std::fs::create_dir(bad.path()).unwrap();
    let mut watch = Watch::of(&state.sessions);
    assert!(watch.look().unwrap());
    assert_eq!(watch.found().map(Result::is_ok).collect::<Vec<_>>(), [false, true]);
}
