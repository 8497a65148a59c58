//! A sync that takes ten seconds: the console answers keys and draws meanwhile, and shows nothing as done too early.

use super::strace;
use crate::figures::figure;
use crate::pty::rig::{Rig, run, selected, session};
use crate::pty::tour::open_the_miner;
use crate::skipped::skipped;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// How often it is tried. On a busy machine strace now and then lets a call go before its time; a console that waits
/// for its disk fails each time.
const TRIES: usize = 30;

/// Makes the next sync of a process that runs take ten seconds; the reason where that can't be.
fn stall_next_sync(rig: &Rig) -> Result<Child, String> {
    let mut tracer = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", "inject=fdatasync:delay_enter=10000000:when=1"])
        .args(["-p", &rig.pid().to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(tracer.stderr.take().unwrap()).read_line(&mut said).unwrap();
    if said.contains("attached") {
        return Ok(tracer);
    }
    tracer.wait().unwrap();
    Err(format!("strace can't trace what runs already: {said}"))
}

/// Ticks a step, then does this and that, all of it before the tick is saved: whether it was so.
fn answers_meanwhile(rig: &mut Rig) -> bool {
    let saved = |s: &str| s.contains("[x]  1");
    let meanwhile = |rig: &Rig, what: &str, holds: &dyn Fn(&str) -> bool| {
        let stands = |s: &str| s.contains("saving") && s.contains("[ ]  1") && holds(s);
        stands(&rig.wait(what, |s| stands(s) || saved(s)))
    };
    rig.keys("Enter");
    if !meanwhile(rig, "the first step to be saved", &|s| s.contains("saving 1")) {
        return false;
    }
    rig.keys("j j");
    if !meanwhile(rig, "the cursor to move", &|s| selected(s).is_some_and(|line| line.contains("  3 "))) {
        return false;
    }
    rig.keys("?");
    rig.see("HELP incident");
    rig.keys("q");
    if !meanwhile(rig, "the help to close", &|s| !s.contains("HELP incident")) {
        return false;
    }
    rig.resize(30, 100);
    if !meanwhile(rig, "the screen to be drawn anew", &|s| s.lines().count() > 26) {
        return false;
    }
    rig.keys("a");
    rig.see("─ NOTE");
    rig.text("typed meanwhile");
    rig.see("typed meanwhile");
    rig.keys("Enter");
    meanwhile(rig, "the note to wait, too", &|s| s.contains("saving 2"))
}

#[test]
fn a_sync_that_stalls_stalls_neither_keys_nor_drawing() {
    if !strace() {
        return;
    }
    for _ in 0..TRIES {
        let state = TempDir::new().unwrap();
        let mut rig = Rig::start(state.path(), &["demo"], &[]);
        open_the_miner(&mut rig);
        rig.see("records saved");
        let mut tracer = match stall_next_sync(&rig) {
            Ok(tracer) => tracer,
            Err(why) => return skipped(&why),
        };
        let answered = answers_meanwhile(&mut rig);
        if answered {
            // The disk answers.
            rig.wait("both to be saved", |s| !s.contains("saving") && s.contains("[x]  1"));
            rig.see("note: typed meanwhile");
            rig.keys("q q");
            assert!(rig.end().success());
            let (code, out) = run(state.path(), &["sessions", "verify", &session(state.path())]);
            assert_eq!(code, 0, "{out}");
        }
        drop(rig);
        tracer.wait().unwrap();
        if answered {
            let found = "keys, a note and a new window size answered meanwhile, nothing drawn as done before its end";
            return figure("stall", found);
        }
    }
    panic!("{TRIES} times nothing was answered before the disk had answered");
}
