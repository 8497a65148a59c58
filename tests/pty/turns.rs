//! A set that is cut short: what had not started is on record as that, and is looked up nowhere.

use super::rig::{PATIENCE, Rig, run, session};
use super::tour::open_the_miner;
use std::path::Path;
use std::time::{Duration, Instant};

fn log(state: &Path) -> String {
    run(state, &["sessions", "export", &session(state), "--format", "ndjson"]).1
}

fn count(state: &Path, kind: &str) -> usize {
    log(state).matches(&format!("\"k\":\"action.{kind}\"")).count()
}

/// The miner's incident with three actions staged, of which the first takes a while, approved.
fn struck(state: &Path) -> Rig {
    let mut rig = Rig::start(state, &["demo", "--speed", "2"], &[]);
    open_the_miner(&mut rig);
    let steps = ["Dry run: contain by", "Tell the people on call", "Open a ticket for the finding"];
    for (at, title) in steps.into_iter().enumerate() {
        rig.walk_to(title);
        rig.keys("s a");
        rig.see(&format!("staged: {}", at + 1));
    }
    rig.keys("s s");
    rig.see("CONFIRM: set 1, 3 action(s)");
    rig.approve("3 111122223333");
    let end = Instant::now() + PATIENCE;
    while count(state, "started") == 0 {
        assert!(Instant::now() < end, "nothing was started:\n{}", rig.screen());
        std::thread::sleep(Duration::from_millis(5));
    }
    rig
}

#[test]
fn what_a_killed_console_had_not_started_is_told_as_not_run() {
    let state = tempfile::tempdir().unwrap();
    let state = state.path();
    struck(state).kill();
    let started = count(state, "started");
    // The next is a second behind the first.
    assert!(started < 3 && count(state, "approved") == 3, "{}", log(state));
    let mut rig = Rig::start(state, &["demo", "--speed", "2"], &[]);
    rig.see("Sessions were left open");
    rig.keys("1 Enter");
    rig.see("approved and NOT RUN: Enter on the step plans it anew");
    let told = "approved and NOT RUN: the console ended before it was started";
    let end = Instant::now() + PATIENCE;
    while log(state).matches(told).count() < 3 - started {
        assert!(Instant::now() < end, "{}", log(state));
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!((count(state, "started"), count(state, "cancelled")), (started, 3 - started));
}

/// A terminal that goes keeps no approved action back: all of the set starts, each at its turn, with nobody watching.
#[test]
fn a_set_is_finished_without_a_screen() {
    let state = tempfile::tempdir().unwrap();
    let state = state.path();
    let mut rig = struck(state);
    rig.hang_up();
    rig.end();
    let counts = ["started", "succeeded", "failed", "cancelled", "unknown"].map(|kind| count(state, kind));
    assert_eq!(counts, [3, 3, 0, 0, 0], "{}", log(state));
    assert_eq!(run(state, &["sessions", "verify", &session(state)]).0, 0);
}
