//! Two consoles on two machines that share a folder, each through a client of its own that keeps what it has looked up
//! and is told nothing. The clients are file systems of a test's own (`far_mount.py`), with the rules of NFS for who sees
//! what; the machines are names (`unshare --uts`). Needs root and /dev/fuse.

use super::mounts::wanting;
use super::runs;
use crate::figures::figure;
use crate::outside::python;
use crate::pty::endpoint::Simulator;
use crate::pty::rig::{Rig, run, session};
use crate::pty::tour::open_the_miner;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// For how long a client asks nobody again: as long as NFS may keep what stands in a folder, by default.
const KEPT: &str = "30";
/// How many notes each console writes.
const NOTES: usize = 6;

/// A client of the shared folder.
struct Client {
    server: Child,
    at: TempDir,
}

impl Client {
    fn of(served: &Path) -> Result<Self, String> {
        let at = TempDir::new().unwrap();
        let mut python = python("ctypes").ok_or("there is no Python")?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/far_mount.py");
        python.arg(script).arg(served).arg(at.path()).arg(KEPT).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut server = python.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line == "mounted\n" {
            return Ok(Self { server, at });
        }
        let said = server.wait_with_output().unwrap().stderr;
        Err(String::from_utf8_lossy(&said).lines().last().unwrap_or_default().to_owned())
    }

    /// A console on a machine of this name.
    fn console(&self, user: &str, host: &str, simulator: &Simulator) -> Rig {
        let script = "hostname \"$0\" && exec \"$@\"";
        let quell = [env!("CARGO_BIN_EXE_quell"), "--arm", "--responder", user];
        let args = [&["--uts", "sh", "-c", script, host], &quell[..]].concat();
        let env = [simulator.env(), vec![("USER", user)]].concat();
        let rig = Rig::program("/usr/bin/unshare", &self.state(), &args, &env);
        rig.see("ARMED until");
        rig
    }

    fn state(&self) -> PathBuf {
        self.at.path().join("state")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
        let _ = Command::new("umount").arg("--lazy").arg(self.at.path()).env("PATH", path).status();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The folder, and its two clients.
fn shared() -> Result<(TempDir, [Client; 2]), String> {
    if let Some(why) = wanting() {
        return Err(why.to_owned());
    }
    if !runs("unshare", &["--uts", "hostname", "far"]) {
        return Err("a machine can't be given another name here".to_owned());
    }
    let served = TempDir::new().unwrap();
    std::fs::create_dir(served.path().join("state")).unwrap();
    let clients = [Client::of(served.path())?, Client::of(served.path())?];
    Ok((served, clients))
}

/// What one has written is not there for the other before it opens the file: so a program that only asked for its length
/// again would wait in vain.
fn keep_what_they_know(one: &Client, two: &Client) {
    let [here, there] = [one, two].map(|client| client.at.path().join("grows"));
    let length = |path: &Path| path.metadata().unwrap().len();
    std::fs::write(&here, "a").unwrap();
    assert_eq!(length(&there), 1);
    std::fs::write(&here, "abc").unwrap();
    assert_eq!(length(&there), 1);
    assert_eq!(std::fs::File::open(&there).unwrap().metadata().unwrap().len(), 3);
    figure("far, caught", "a file that grows keeps its length for who does not open it anew");
}

/// It is said what such a folder means.
fn told(rig: &mut Rig) {
    rig.see("the state folder lies on a file system of the network");
    rig.keys("Esc");
    rig.gone("the state folder lies on a file system of the network");
}

/// Writes a note on one console; gives how long it took until it stood on the other.
fn noted(from: &mut Rig, to: &Rig, text: &str) -> Duration {
    from.keys("a");
    from.see("NOTE");
    from.text(text);
    from.see(text);
    let start = Instant::now();
    from.keys("Enter");
    to.see(&format!("note: {text}"));
    start.elapsed()
}

#[test]
fn two_machines_see_each_others_notes_and_steps_in_a_folder_that_tells_nobody_of_changes() {
    let (served, [one, two]) = match shared() {
        Ok(shared) => shared,
        Err(why) => {
            figure("far", &format!("not run: {why}"));
            return figure("far, caught", "not run");
        }
    };
    keep_what_they_know(&one, &two);
    let simulator = Simulator::start();
    let mut alice = one.console("alice", "north", &simulator);
    open_the_miner(&mut alice);
    told(&mut alice);
    let mut bob = two.console("bob", "south", &simulator);
    bob.see("Sessions were left open");
    bob.keys("Enter");
    bob.see("STEPS* crypto-mining");
    told(&mut bob);
    alice.see("bob");
    let mut took = Vec::new();
    for round in 1..=NOTES {
        took.push(noted(&mut alice, &bob, &format!("from the north {round}")));
        took.push(noted(&mut bob, &alice, &format!("from the south {round}")));
    }
    let ticked = |s: &str| s.contains("[x]  2 Point");
    assert!(!ticked(&bob.screen()));
    let start = Instant::now();
    alice.keys("Enter");
    bob.wait("the step that the other ticked", ticked);
    took.push(start.elapsed());
    // No lock of the one is seen by the other, and still neither takes the other for gone.
    for rig in [&mut bob, &mut alice] {
        rig.keys("q q");
        assert!(rig.end().success());
    }
    let state = served.path().join("state");
    let (code, out) = run(&state, &["sessions", "verify", &session(&state)]);
    assert!(code == 0 && out.contains(" records of 2 writers\n"), "{out}");
    let (_, out) = run(&state, &["sessions", "export", &session(&state), "--format", "ndjson"]);
    assert!(out.contains("\"host\":\"north\"") && out.contains("\"host\":\"south\""), "{out}");
    for kind in ["action.unknown", "action.adopted", "session.reopened"] {
        assert!(!out.contains(&format!("\"k\":\"{kind}\"")), "{kind} in {out}");
    }
    took.sort();
    let ms = |at: usize| took[at].as_millis();
    figure(
        "far",
        &format!(
            "{} notes and steps, each on the other's screen: median {} ms after the key, at most {} ms",
            took.len(),
            ms(took.len() / 2),
            ms(took.len() - 1)
        ),
    );
}
