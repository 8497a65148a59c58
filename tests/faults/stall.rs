//! A disk that takes ten seconds: the console answers keys and draws meanwhile, and shows nothing as done too early.
//!
//! The disk is an ext4 of the test's own that is frozen, so that what writes to it waits in the kernel until it is
//! thawed.

use super::mounts::{Mount, wanting};
use crate::figures::figure;
use crate::pty::rig::{Rig, run, selected, session};
use crate::pty::tour::open_the_miner;
use crate::skipped::skipped;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// How often it is tried. A console that waits for its disk fails each time; a machine that needs more than ten seconds
/// for a dozen keys may fail once.
const TRIES: usize = 5;

/// A disk that answers nothing for ten seconds. It thaws by itself, so that a test that breaks leaves none frozen.
struct Frozen(Child);

impl Frozen {
    /// The reason where that can't be.
    fn new(disk: &Path) -> Result<Self, String> {
        let script = r#"fsfreeze --freeze "$1" && echo frozen && sleep 10; fsfreeze --unfreeze "$1""#;
        let path = std::env::var("PATH").unwrap_or_default();
        let mut child = Command::new("sh")
            .args(["-c", script, "sh", &disk.to_string_lossy()])
            .env("PATH", format!("{path}:/usr/sbin:/sbin"))
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        if said == "frozen\n" {
            return Ok(Self(child));
        }
        child.wait().unwrap();
        Err("fsfreeze can't freeze a file system here".to_owned())
    }

    fn still(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        let _ = self.0.wait();
    }
}

/// Ticks a step, then does this and that, all of it before the tick is saved: whether it was so.
fn answers_meanwhile(rig: &mut Rig) -> bool {
    let saved = |s: &str| s.contains("[x]  2");
    let meanwhile = |rig: &Rig, what: &str, holds: &dyn Fn(&str) -> bool| {
        let stands = |s: &str| s.contains("saving") && s.contains("[ ]  2") && holds(s);
        stands(&rig.wait(what, |s| stands(s) || saved(s)))
    };
    rig.keys("Enter");
    if !meanwhile(rig, "the first step to be saved", &|s| s.contains("saving 1")) {
        return false;
    }
    rig.keys("j j");
    if !meanwhile(rig, "the cursor to move", &|s| selected(s).is_some_and(|line| line.contains("  4 "))) {
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
fn a_disk_that_stalls_stalls_neither_keys_nor_drawing() {
    let mount = match wanting().map_or_else(|| Mount::ext4(32 << 20), |why| Err(why.to_owned())) {
        Ok(mount) => mount,
        Err(why) => return skipped(&why),
    };
    for _ in 0..TRIES {
        let state = TempDir::new_in(mount.path()).unwrap();
        let mut rig = Rig::start(state.path(), &["demo"], &[]);
        open_the_miner(&mut rig);
        rig.see("records saved");
        let mut frozen = match Frozen::new(mount.path()) {
            Ok(frozen) => frozen,
            Err(why) => return skipped(&why),
        };
        let answered = answers_meanwhile(&mut rig) && frozen.still();
        drop(frozen);
        if answered {
            rig.wait("both to be saved", |s| !s.contains("saving") && s.contains("[x]  2"));
            rig.see("note: typed meanwhile");
            rig.keys("q q");
            assert!(rig.end().success());
            let (code, out) = run(state.path(), &["sessions", "verify", &session(state.path())]);
            assert_eq!(code, 0, "{out}");
            let found = "keys, a note and a new window size answered meanwhile, nothing drawn as done before its end";
            return figure("stall", found);
        }
    }
    panic!("{TRIES} times nothing was answered before the disk had answered");
}
