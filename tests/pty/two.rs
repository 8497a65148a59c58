//! Two consoles on one session and one account, each in a terminal of its own.

use super::endpoint::{Simulator, armed, armed_as};
use super::rig::{run, session};
use super::tour::{CONTAIN, open_the_miner};

/// The whole id of the instance, which has a public address: the gesture of danger 3.
const GESTURE: &str = "i-0c4f1e97ab52d6038";

#[test]
fn two_consoles_work_on_one_incident() {
    let simulator = Simulator::start();
    let state = tempfile::tempdir().unwrap();
    let mut alice = armed(state.path(), &simulator);
    open_the_miner(&mut alice);
    alice.see("records saved");
    let mut bob = armed_as("bob", state.path(), &simulator);
    bob.see("Sessions were left open");
    bob.keys("Enter");
    bob.see("STEPS* crypto-mining");
    alice.see("bob");
    // Each sees what the other does, and by whom.
    alice.keys("a");
    alice.see("NOTE");
    alice.text("the build server, since four");
    alice.see("the build server, since four");
    alice.keys("Enter");
    alice.see("alice    note: the build server");
    bob.see("alice    note: the build server");
    bob.walk_to(CONTAIN);
    // An action of the one is not to be started, ticked or taken over by the other while the one lives.
    alice.walk_to(CONTAIN);
    alice.keys("Enter");
    alice.see("danger 3");
    alice.approve(GESTURE);
    bob.wait("the run of the other", |s| s.lines().any(|l| l.contains("[>]") && l.contains(CONTAIN)));
    bob.keys("Enter");
    bob.wait("to be refused", |s| s.contains("under way") || s.contains("[x]"));
    bob.wait("its end", |s| s.lines().any(|l| l.contains("[x]") && l.contains(CONTAIN)));
    assert_eq!(simulator.automations(), 1);
    bob.keys("q q");
    assert!(bob.end().success());
    alice.keys("q q");
    assert!(alice.end().success());
    let id = session(state.path());
    let (_, out) = run(state.path(), &["sessions", "export", &id, "--format", "ndjson"]);
    assert_eq!(out.matches("\"k\":\"action.started\"").count(), 1, "{out}");
    assert!(!out.contains("\"k\":\"action.adopted\"") && !out.contains("\"k\":\"action.unknown\""), "{out}");
    let (code, out) = run(state.path(), &["sessions", "verify", &id]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains(" records of 2 writers\n"), "{out}");
}

#[test]
fn what_one_console_opens_is_on_the_list_of_the_other_and_is_joined() {
    let simulator = Simulator::start();
    let state = tempfile::tempdir().unwrap();
    let mut alice = armed(state.path(), &simulator);
    let mut bob = armed_as("bob", state.path(), &simulator);
    bob.wait("the list", listed);
    let opened = |s: &str| s.lines().any(|l| l.contains("CryptoCurrency:EC2") && l.contains(" open"));
    bob.wait("no mark of a session", |s| !opened(s));
    open_the_miner(&mut alice);
    alice.see("records saved");
    bob.wait("the mark of the other's session", opened);
    open_the_miner(&mut bob);
    alice.see("bob");
    bob.keys("q q");
    assert!(bob.end().success());
    alice.keys("q q");
    assert!(alice.end().success());
    // One session, of both.
    let (_, out) = run(state.path(), &["sessions", "list"]);
    assert_eq!(out.matches("CryptoCurrency").count(), 1, "{out}");
}

/// Enter on the same finding in the same moment, again and again: always one session, and both in it.
#[test]
fn two_that_open_one_finding_in_the_same_moment_work_in_one_session() {
    let simulator = Simulator::start();
    for _ in 0..3 {
        let state = tempfile::tempdir().unwrap();
        let mut alice = armed(state.path(), &simulator);
        let mut bob = armed_as("bob", state.path(), &simulator);
        for console in [&mut alice, &mut bob] {
            console.wait("the list", listed);
            console.keys("g g");
        }
        alice.keys("Enter");
        bob.keys("Enter");
        alice.see("STEPS* crypto-mining");
        bob.see("STEPS* crypto-mining");
        alice.wait("the other, or to be told", |s| s.contains("bob") || s.contains("you are in theirs"));
        for mut console in [alice, bob] {
            console.keys("q q");
            assert!(console.end().success());
        }
        let (_, out) = run(state.path(), &["sessions", "list"]);
        assert_eq!(out.matches("CryptoCurrency").count(), 1, "{out}");
    }
}

/// Whether all that was there at the start is listed; the account moves on.
fn listed(screen: &str) -> bool {
    let count = screen.split_once("FINDINGS* ").and_then(|(_, rest)| rest.split(' ').next()?.parse::<u32>().ok());
    count.is_some_and(|count| count >= 14)
}
