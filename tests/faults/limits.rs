//! The file size limit (`ulimit -f`): a write stops in the middle of a record, and a signal comes with it that ends a
//! program that does not expect it.

use super::notes::Bench;
use super::runs;
use crate::figures::figure;
use crate::pty::rig::{Rig, run, session};
use crate::pty::tour::open_the_miner;
use std::process::Command;
use tempfile::TempDir;

#[test]
fn a_file_size_limit_is_told_and_loses_nothing() {
    if !runs("prlimit", &["--version"]) {
        return;
    }
    let mut bench = Bench::on(TempDir::new().unwrap());
    let mut limits = 0;
    for bytes in (300..3000).step_by(233) {
        let limit = format!("--fsize={bytes}");
        // The limit's signal as it is by default, and as a shell may have been told to ignore it.
        for under in [&["prlimit", &limit][..], &["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh", "prlimit", &limit]] {
            let ended = bench.run(under, 12);
            ended.told();
            assert!(ended.err.contains("File too large"), "{}", ended.err);
            bench.works();
            limits += 1;
        }
    }
    let answered = bench.promised.answered();
    figure("limits", &format!("{limits} runs, {answered} notes answered, 0 lost"));
}

/// The console goes on, too, and says it.
#[test]
fn a_console_outlives_a_file_size_limit() {
    if !runs("prlimit", &["--version"]) {
        return;
    }
    let state = TempDir::new().unwrap();
    let mut rig = Rig::start(state.path(), &["demo"], &[]);
    open_the_miner(&mut rig);
    rig.see("records saved");
    let log = state.path().join("sessions").join(session(state.path())).join("log");
    let segment = std::fs::read_dir(log).unwrap().map(|file| file.unwrap());
    let segment = segment.filter(|file| file.path().extension().is_some_and(|e| e == "ndjson"));
    let size = segment.map(|file| file.metadata().unwrap().len()).max().unwrap();
    let limit = ["--pid", &rig.pid().to_string(), &format!("--fsize={}", size + 100)].map(str::to_owned);
    assert!(Command::new("prlimit").args(&limit).status().unwrap().success());
    rig.keys("a");
    rig.see("NOTE");
    rig.text("beyond the limit");
    rig.see("beyond the limit");
    rig.keys("Enter");
    rig.see(" NOT SAVED ");
    // What was typed is kept, and the next segment has room.
    rig.keys("a");
    rig.see("beyond the limit");
    rig.keys("Enter");
    rig.see("note: beyond the limit");
    rig.gone("NOT SAVED");
    rig.keys("q q");
    assert!(rig.end().success());
    let (code, out) = run(state.path(), &["sessions", "verify", &session(state.path())]);
    assert_eq!(code, 0, "{out}");
    figure("limits of a console", "NOT SAVED shown, the note kept, saved in the next segment");
}
