//! Two users of one machine on a state folder that their group shares.

use super::rig::{Rig, session};
use super::tour::open_the_miner;
use crate::skipped::skipped;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A group that no machine has, and users of it.
const GROUP: u32 = 44_242;
const ALICE: u32 = 44_001;
const BOB: u32 = 44_002;
const CAROL: u32 = 44_003;

/// As which user, and in which group: with a umask that takes everything from others.
const AS: &str = "umask 077; user=$1; group=$2; shift 2; \
                  exec setpriv --reuid \"$user\" --regid \"$user\" --groups \"$group\" -- \"$@\"";

struct Shared {
    dir: TempDir,
    state: PathBuf,
}

impl Shared {
    /// A state folder as an administrator makes it, and the program where everybody may run it.
    fn new() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            skipped("two users need a test that root runs");
            return None;
        }
        if Command::new("setpriv").arg("--version").output().is_err() {
            skipped("two users need setpriv of util-linux");
            return None;
        }
        let dir = TempDir::new().unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_quell"), dir.path().join("quell")).unwrap();
        let state = dir.path().join("state");
        fs::create_dir(&state).unwrap();
        chown(&state, None, Some(GROUP)).unwrap();
        fs::set_permissions(&state, Permissions::from_mode(0o2770)).unwrap();
        fs::write(dir.path().join("config.toml"), format!("group = \"{GROUP}\"\n")).unwrap();
        Some(Self { dir, state })
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_string_lossy().into_owned()
    }

    fn words(&self, user: u32, group: u32, args: &[&str]) -> Vec<String> {
        let mut words: Vec<String> = ["-c", AS, "sh"].map(str::to_owned).to_vec();
        words.extend([user.to_string(), group.to_string(), self.path("quell")]);
        words.extend(args.iter().map(|arg| (*arg).to_owned()));
        words.extend(["--config".to_owned(), self.path("config.toml")]);
        words
    }

    fn console(&self, name: &str, user: u32) -> Rig {
        let words = self.words(user, GROUP, &["demo"]);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Rig::program("/bin/sh", &self.state, &words, &[("USER", name)])
    }

    fn run(&self, user: u32, group: u32, args: &[&str]) -> (i32, String) {
        let mut command = Command::new("/bin/sh");
        command.args(self.words(user, group, args)).env_clear().env("PATH", "/usr/bin:/bin");
        command.env("USER", "carol").env("QUELL_STATE_DIR", &self.state).env("HOME", self.dir.path());
        let Output { status, stdout, stderr } = command.output().unwrap();
        (status.code().unwrap(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
    }
}

fn note(rig: &mut Rig, text: &str) {
    rig.keys("a");
    rig.see("NOTE");
    rig.text(text);
    rig.see(text);
    rig.keys("Enter");
}

/// What is not the group's, of folders and of files.
fn strange(folder: &Path) -> Vec<String> {
    let found = fs::metadata(folder).unwrap();
    let mut strange = Vec::new();
    let wanted = if found.is_dir() { 0o2770 } else { 0o660 };
    if (found.gid(), found.mode() & 0o7777) != (GROUP, wanted) {
        strange.push(format!("{} {} {:o}", folder.display(), found.gid(), found.mode()));
    }
    if found.is_dir() {
        for entry in fs::read_dir(folder).unwrap() {
            strange.extend(self::strange(&entry.unwrap().path()));
        }
    }
    strange
}

#[test]
fn two_users_of_a_group_work_on_one_incident() {
    let Some(shared) = Shared::new() else { return };
    let mut alice = shared.console("alice", ALICE);
    open_the_miner(&mut alice);
    alice.see("records saved");
    let mut bob = shared.console("bob", BOB);
    bob.see("Sessions were left open");
    bob.keys("Enter");
    bob.see("STEPS* crypto-mining");
    note(&mut bob, "by bob, who is another user");
    alice.see("bob      note: by bob, who is another user");
    note(&mut alice, "by alice, who has heard");
    bob.see("alice    note: by alice, who has heard");
    let id = session(&shared.state);
    let (code, out) = shared.run(CAROL, GROUP, &["sessions", "note", &id, "by carol"]);
    assert_eq!(code, 0, "{out}");
    bob.see("carol    note: by carol");
    // All of it is the group's, and nobody else's, whatever the umask.
    assert_eq!(strange(&shared.state), [""; 0]);
    // Who went comes back as the writer that they were, beside the others.
    bob.kill();
    let mut bob = shared.console("bob", BOB);
    bob.see("Sessions were left open");
    bob.keys("Enter");
    bob.see("STEPS* crypto-mining");
    note(&mut bob, "again");
    alice.see("bob      note: again");
    let (code, out) = shared.run(CAROL, GROUP, &["sessions", "verify", &id]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains(" records of 3 writers\n"), "{out}");
    for rig in [&mut alice, &mut bob] {
        rig.keys("q q");
        assert!(rig.end().success());
    }
    assert_eq!(strange(&shared.state), [""; 0]);
}

#[test]
fn whoever_is_not_in_the_group_stays_outside() {
    let Some(shared) = Shared::new() else { return };
    let (code, out) = shared.run(CAROL, CAROL, &["sessions", "list"]);
    assert_eq!(code, 2, "{out}");
    assert!(out.contains("you are not in the group 44242"), "{out}");
}
