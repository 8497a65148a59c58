//! A console that closes its session signs it, by the key that the configuration names.

use super::rig::{Rig, run, session};
use crate::skipped::skipped;
use std::fs;
use std::process::Command;

#[test]
fn closing_signs_what_was_done() {
    let state = tempfile::tempdir().unwrap();
    let key = state.path().join("key");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).output();
    if made.is_err() {
        return skipped("ssh-keygen is not here");
    }
    let public = fs::read_to_string(key.with_extension("pub")).unwrap();
    let allowed = state.path().join("allowed");
    fs::write(&allowed, format!("alice@example.com {public}")).unwrap();
    let config = state.path().join("config.toml");
    // The home folder of the test is the state folder.
    fs::write(&config, "signing_key = \"~/key\"\n").unwrap();
    let mut rig = Rig::start(state.path(), &["demo", "--config", config.to_str().unwrap()], &[]);
    rig.see("14 of 14");
    rig.keys("Enter");
    rig.see("STEPS*");
    super::tour::close(&mut rig);
    rig.see("signed: checkpoint");
    rig.see("checkpoint over ");
    rig.keys("q q");
    assert!(rig.end().success());
    let id = session(state.path());
    let allowed = allowed.to_str().unwrap();
    let (code, out) = run(state.path(), &["sessions", "verify", &id, "--allowed-signers", allowed, "--json"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("\"verdict\":\"ok\"") && out.contains("alice@example.com"), "{out}");
}
