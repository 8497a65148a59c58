//! A console whose disk fails goes on in another folder.

use super::rig::{Rig, run, session};
use super::tour::{contain, open_the_miner};

#[test]
fn the_session_goes_on_in_another_folder_with_all_that_was_done() {
    let state = tempfile::tempdir().unwrap();
    let mut rig = Rig::start(state.path(), &["demo"], &[]);
    rig.see("14 of 14");
    rig.keys("Enter");
    rig.see("STEPS*");
    rig.keys("Enter");
    rig.see("[x]");
    rig.command("move");
    rig.see("MOVE: another folder");
    rig.text("~/other");
    rig.keys("Enter");
    rig.see("the session goes on in ");
    rig.see("[x]");
    rig.keys("a");
    rig.see("NOTE");
    rig.text("on the other disk");
    rig.see("on the other disk");
    rig.keys("Enter");
    rig.see("note: on the other disk");
    rig.keys("q q");
    rig.see("go on:   quell --state-dir ");
    assert!(rig.end().success());
    let other = state.path().join("other");
    let id = session(&other);
    assert_eq!(session(state.path()), id);
    let (code, out) = run(&other, &["sessions", "verify", &id]);
    assert_eq!(code, 0, "{out}");
    let (_, out) = run(&other, &["sessions", "show", &id]);
    assert!(out.contains("note: on the other disk") && out.contains("done step 2"), "{out}");
}

/// A containment of a session that stayed in the first folder stands, wherever sessions are kept now.
#[test]
fn what_was_contained_before_is_in_force_after_a_move() {
    let state = tempfile::tempdir().unwrap();
    let mut rig = Rig::start(state.path(), &["demo", "--speed", "20"], &[]);
    open_the_miner(&mut rig);
    contain(&mut rig);
    rig.keys("q");
    rig.see("FINDINGS*");
    rig.keys("G Enter");
    rig.see("STEPS*");
    rig.command("move");
    rig.see("MOVE: another folder");
    rig.text("~/other");
    rig.keys("Enter");
    rig.see("the session goes on in ");
    rig.command("in-force");
    rig.see("IN FORCE 1");
    rig.see("i-0c4f1e97ab52d6038");
}
