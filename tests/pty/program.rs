//! A program of this machine that a runbook runs: what it prints is on the screen while it runs, and kept though the
//! console is killed.

use super::rig::{PATIENCE, Rig, run, session};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

const FRONT: &str = "---\nid: ours\ntitle: Ours\nversion: 1\nreviewed: 2026-01-01\n\
                     matches: [\"CryptoCurrency:EC2/BitcoinTool.B!DNS\"]\n---\n# Ours\n\nWords.\n\n## Detect\n\n";

/// Whether a file of the session's evidence holds just these bytes.
fn kept(state: &Path, bytes: &[u8]) -> bool {
    let mut folders = vec![state.join("sessions").join(session(state)).join("evidence")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if std::fs::read(&path).is_ok_and(|held| held == bytes) => return true,
                _ => {}
            }
        }
    }
    false
}

#[test]
fn what_a_program_prints_is_shown_and_kept_while_it_runs() {
    let state = tempfile::tempdir().unwrap();
    let (books, file) = (state.path().join("books"), state.path().join("printed"));
    std::fs::create_dir(&books).unwrap();
    std::fs::write(&file, "one\n").unwrap();
    let block = format!("   kind: command\n   title: Follow it\n   argv: [tail, -f, \"{}\"]\n", file.display());
    let step = format!("1. Follow it <!-- step: id=follow -->\n\n   ```action\n{block}   ```\n");
    std::fs::write(books.join("ours.md"), format!("{FRONT}{step}")).unwrap();
    let books = books.to_string_lossy().into_owned();
    assert_eq!(run(state.path(), &["runbooks", "trust", &format!("{books}/ours.md")]).0, 0);
    let mut rig = Rig::start(state.path(), &["demo", "--runbooks", &books], &[]);
    rig.see("14 of 14");
    rig.keys("g g");
    rig.wait("the miner on top", |s| s.lines().any(|l| l.starts_with('>') && l.contains("CryptoCurrency:EC2")));
    rig.keys("Enter");
    rig.see("STEPS* ours");
    rig.walk_to("Follow it");
    rig.keys("Enter");
    rig.approve("tail");
    rig.see("0/1 tail: one");
    let mut printed = std::fs::File::options().append(true).open(&file).unwrap();
    printed.write_all(b"two\nthr").unwrap();
    rig.see("0/1 tail: two");
    let end = Instant::now() + PATIENCE;
    while !kept(state.path(), b"one\ntwo\nthr") {
        assert!(Instant::now() < end, "nothing was kept:\n{}", rig.screen());
        std::thread::sleep(Duration::from_millis(20));
    }
    // Its bytes are on disk before the record that names them.
    let told = || run(state.path(), &["sessions", "report", &session(state.path())]).1;
    while !told().contains("tail.stdout, so far") {
        assert!(Instant::now() < end, "no record names it:\n{}", told());
        std::thread::sleep(Duration::from_millis(20));
    }
    rig.kill();
    // Nobody reads what it prints any more, which ends it.
    printed.write_all(b"ee\n").unwrap();
    assert_eq!(run(state.path(), &["sessions", "verify", &session(state.path())]).0, 0);
}
