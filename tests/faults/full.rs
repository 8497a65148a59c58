//! A console whose disk is full, in a terminal. It needs root, for a small file system in memory.

use super::mounts::{Mount, wanting};
use crate::figures::figure;
use crate::pty::rig::{Rig, run, session};
use crate::pty::tour::{CONTAIN, open_the_miner};
use crate::skipped::skipped;
use std::path::Path;

fn log(state: &Path) -> String {
    run(state, &["sessions", "export", &session(state), "--format", "ndjson"]).1
}

/// Writes notes until one is not saved: the last page of a file may have some room left. Gives that one.
fn note_until_full(rig: &mut Rig) -> String {
    for i in 1.. {
        let note = format!("note {i} {}", "x".repeat(30));
        rig.keys("a");
        rig.see("─ NOTE");
        rig.text(&note);
        rig.see(&note);
        rig.keys("Enter");
        let shown = |s: &str| s.contains(&format!("note: note {i} ")) || s.contains(" NOT SAVED ");
        let screen = rig.wait("the note to be saved, or not", |s| !s.contains("saving") && shown(s));
        if screen.contains(" NOT SAVED ") {
            return note;
        }
    }
    unreachable!()
}

#[test]
fn a_console_on_a_full_disk_says_so_starts_nothing_and_goes_on_when_there_is_room() {
    if let Some(why) = wanting() {
        return skipped(why);
    }
    let mount = Mount::tmpfs("1m").unwrap();
    let state = tempfile::TempDir::new_in(mount.path()).unwrap();
    let state = state.path();
    let mut rig = Rig::start(state, &["demo", "--speed", "20"], &[]);
    open_the_miner(&mut rig);
    rig.see("records saved");
    let ballast = mount.fill();
    let note = note_until_full(&mut rig);
    let screen = rig.see("make room on the disk that holds the state folder");
    assert!(screen.contains("the timeline could not be written"), "{screen}");
    // What was typed stands there again, and the reserve takes it.
    rig.keys("a");
    rig.see(&note);
    rig.keys("Enter");
    rig.see(&format!("note: {}", &note[..note.find(" x").unwrap()]));
    rig.see(" DISK FULL ");
    // An action can't be started.
    rig.walk_to(CONTAIN);
    rig.press_until("Enter", |s| s.contains("CONFIRM"));
    rig.approve("i-0c4f1e97ab52d6038");
    rig.see("the disk that holds the timeline is full");
    assert!(!log(state).contains("\"k\":\"action.started\""), "{}", log(state));
    std::fs::remove_file(ballast).unwrap();
    // The work goes on, to an action's end.
    rig.press_until("Enter", |s| s.contains("CONFIRM"));
    rig.approve("i-0c4f1e97ab52d6038");
    rig.see("  verified  interface eni-");
    rig.wait("room", |s| !s.contains("NOT SAVED") && !s.contains("DISK FULL"));
    rig.keys("q q");
    assert!(rig.end().success());
    let (code, out) = run(state, &["sessions", "verify", &session(state)]);
    assert_eq!(code, 0, "{out}");
    let log = log(state);
    for (what, count) in [(note.as_str(), 1), ("\"k\":\"action.started\"", 1), ("\"k\":\"action.succeeded\"", 1)] {
        assert_eq!(log.matches(what).count(), count, "{what}");
    }
    figure(
        "full console",
        "NOT SAVED shown with what to do, a note saved into the reserve, no action started, nothing typed lost",
    );
}

#[test]
fn a_disk_that_is_full_before_an_incident_is_open_leaves_no_session_and_another_folder_can_be_chosen() {
    if let Some(why) = wanting() {
        return skipped(why);
    }
    let mount = Mount::tmpfs("1m").unwrap();
    let state = tempfile::TempDir::new_in(mount.path()).unwrap();
    let (state, other) = (state.path(), tempfile::TempDir::new().unwrap());
    let mut rig = Rig::start(state, &["demo", "--speed", "20"], &[]);
    rig.see("FINDINGS* 14 of");
    let _ballast = mount.fill();
    rig.keys("t s");
    rig.see(" NOT SAVED ");
    rig.see("y c on its row copies the exact command");
    rig.press_until("Enter", |s| s.contains("FINDINGS*") && s.contains(" NOT SAVED ") && !s.contains("y c on"));
    // A press that is still on its way makes a folder for a moment.
    rig.wait("no session's folder is left", |_| std::fs::read_dir(state.join("sessions")).unwrap().count() == 0);
    let (_, list) = run(state, &["sessions", "list"]);
    assert!(!list.contains("open"), "{list}");
    rig.keys(":");
    rig.text("move");
    rig.keys("Enter");
    rig.see("MOVE: another folder");
    rig.text(&other.path().to_string_lossy());
    rig.keys("Enter");
    rig.see("sessions are kept in");
    open_the_miner(&mut rig);
    rig.see("records saved");
    rig.keys("q q");
    assert!(rig.end().success());
    let (code, out) = run(other.path(), &["sessions", "verify", &session(other.path())]);
    assert_eq!(code, 0, "{out}");
}
