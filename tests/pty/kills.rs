//! Killed at seeded moments and started again: all that the screen had shown as done is there, and an action that
//! was under way comes back as unknown outcome and is not repeated.

use super::rig::{Rig, run, session};
use super::tour::open_the_miner;
use std::collections::BTreeSet;

/// Kills of one run; QUELL_KILLS asks for another number.
const KILLS: usize = 20;

struct Chance(u64);

impl Chance {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// What the screen shows as done: the numbers of ticked and skipped steps, and the notes.
fn done(screen: &str) -> BTreeSet<String> {
    let step = |line: &str| {
        let marked = line.contains("[x]") || line.contains("[-]");
        let title = line.get(6..).map(|t| t.split("  ").next().unwrap_or_default().trim().to_owned());
        title.filter(|t| marked && !t.is_empty() && !line.contains('~'))
    };
    screen.lines().filter_map(step).collect()
}

fn resume(rig: &mut Rig) {
    rig.see("Sessions were left open");
    rig.keys("1");
    rig.wait("the first to be chosen", |s| s.lines().any(|l| l.contains("> 1 resume")));
    rig.keys("Enter");
    rig.see("STEPS* crypto-mining");
}

#[test]
fn what_was_shown_as_done_survives_kill_9() {
    let kills = std::env::var("QUELL_KILLS").ok().and_then(|k| k.parse().ok()).unwrap_or(KILLS);
    let mut chance = Chance(20_261_121);
    let mut killed = 0;
    while killed < kills {
        let state = tempfile::tempdir().unwrap();
        let mut rig = Rig::start(state.path(), &["demo"], &[]);
        open_the_miner(&mut rig);
        for round in 0..10 {
            let shown = work(&mut rig, &mut chance, round);
            rig.kill();
            killed += 1;
            rig = Rig::start(state.path(), &["demo"], &[]);
            resume(&mut rig);
            rig.keys("g g");
            let after = rig.wait("the steps", |s| s.contains("records saved"));
            let missing: Vec<&String> = shown.iter().filter(|s| !everything(state.path()).contains(*s)).collect();
            assert!(missing.is_empty(), "{missing:?} of\n{after}");
        }
    }
}

/// All that the session's report says.
fn everything(state: &std::path::Path) -> String {
    run(state, &["sessions", "report", &session(state)]).1
}

/// Does a few things, and gives what the screen had shown as done when the kill came.
fn work(rig: &mut Rig, chance: &mut Chance, round: usize) -> BTreeSet<String> {
    let note = format!("note {round} {}", chance.next(1000));
    rig.keys("a");
    rig.see("NOTE");
    rig.text(&note);
    rig.see(&note);
    rig.keys("Enter");
    rig.see(&format!("note: {note}"));
    for _ in 0..chance.next(3) {
        // These are not waited for: they may be saved or lost, but never shown and lost.
        rig.keys("Space j");
    }
    let mut shown = done(&rig.screen());
    shown.insert(note);
    shown
}

#[test]
fn an_action_under_way_comes_back_as_unknown_and_is_not_repeated() {
    let state = tempfile::tempdir().unwrap();
    let mut rig = Rig::start(state.path(), &["demo"], &[]);
    open_the_miner(&mut rig);
    rig.walk_to("Contain the instance");
    rig.keys("Enter");
    rig.approve("6038");
    rig.see("running");
    rig.kill();
    let mut rig = Rig::start(state.path(), &["demo"], &[]);
    resume(&mut rig);
    rig.see("1 action(s) of unknown outcome");
    rig.walk_to("Contain the instance");
    rig.wait("the mark", |s| s.lines().any(|l| l.contains("[?]") && l.contains("Contain the instance")));
    // Looking it up sends nothing.
    rig.keys("Enter");
    rig.wait("the look-up", |s| s.contains("looked up") || s.contains("can't be told") || s.contains("never sent"));
    rig.keys("q q");
    rig.end();
    let id = session(state.path());
    let (_, out) = run(state.path(), &["sessions", "export", &id, "--format", "ndjson"]);
    assert_eq!(out.matches("\"k\":\"action.started\"").count(), 1, "{out}");
    assert_eq!(out.matches("\"k\":\"action.unknown\"").count(), 1, "{out}");
}
