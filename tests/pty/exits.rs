//! Every way out gives the terminal back, or ends the process, and the log says that the console left.

use super::rig::{Rig, run, session};
use super::tour::{CONTAIN, open_the_miner};
use std::path::Path;

fn last_kind(state: &Path) -> String {
    let id = session(state);
    let (_, out) = run(state, &["sessions", "export", &id, "--format", "ndjson"]);
    let last = out.lines().last().unwrap_or_default().to_owned();
    last.split("\"k\":\"").nth(1).and_then(|k| k.split('"').next()).unwrap_or_default().to_owned()
}

fn opened(state: &Path) -> Rig {
    let mut rig = Rig::start(state, &["demo"], &[]);
    open_the_miner(&mut rig);
    rig.see("records saved");
    rig
}

#[test]
fn leaving_restores_the_terminal() {
    for keys in ["q q", "q C-c C-c"] {
        let state = tempfile::tempdir().unwrap();
        let mut rig = opened(state.path());
        rig.keys(keys);
        assert!(rig.end().success());
        assert!(!rig.holds_modes(), "{keys}");
        assert_eq!(last_kind(state.path()), "session.detached", "{keys}");
    }
}

#[test]
fn being_asked_to_end_restores_the_terminal() {
    // HUP may come from somebody while the terminal lives.
    for signal in ["TERM", "INT", "QUIT", "HUP"] {
        let state = tempfile::tempdir().unwrap();
        let mut rig = opened(state.path());
        rig.signal(signal);
        rig.end();
        assert!(!rig.holds_modes(), "{signal}");
        assert_eq!(last_kind(state.path()), "session.detached", "{signal}");
    }
}

#[test]
fn a_line_that_drops_ends_the_process_after_the_last_record() {
    let state = tempfile::tempdir().unwrap();
    let mut rig = opened(state.path());
    rig.hang_up();
    rig.end();
    assert_eq!(last_kind(state.path()), "session.detached");
}

#[test]
fn what_was_approved_is_finished_and_recorded_after_the_line_has_dropped() {
    for drop in [Rig::hang_up as fn(&mut Rig), |rig| rig.signal("HUP")] {
        let state = tempfile::tempdir().unwrap();
        let mut rig = Rig::start(state.path(), &["demo", "--speed", "5"], &[]);
        open_the_miner(&mut rig);
        rig.walk_to(CONTAIN);
        rig.keys("Enter");
        rig.see("danger 3");
        rig.approve("i-0c4f1e97ab52d6038");
        rig.see("running");
        drop(&mut rig);
        rig.end();
        let id = session(state.path());
        let (_, out) = run(state.path(), &["sessions", "export", &id, "--format", "ndjson"]);
        let count = |kind: &str| out.matches(&format!("\"k\":\"{kind}\"")).count();
        assert_eq!((count("action.started"), count("action.succeeded"), count("action.unknown")), (1, 1, 0), "{out}");
        assert_eq!(count("action.verified"), 1);
        assert_eq!(last_kind(state.path()), "session.detached");
    }
}

#[test]
fn a_paste_is_no_gesture() {
    let state = tempfile::tempdir().unwrap();
    let mut rig = opened(state.path());
    rig.walk_to("Take the finding");
    rig.keys("Enter");
    rig.see("Type y to approve");
    rig.send(b"\x1b[200~y\r\x1b[201~");
    rig.see("a paste is never taken as approval");
    rig.see("CONFIRM");
    rig.see("[]");
    // Enter without the gesture cancels.
    rig.press_until("Enter", |s| !s.contains("CONFIRM"));
    rig.see("cancelled");
    rig.keys("q q");
    rig.end();
    let id = session(state.path());
    let (_, out) = run(state.path(), &["sessions", "export", &id, "--format", "ndjson"]);
    assert!(!out.contains("\"k\":\"action.started\""), "{out}");
}
