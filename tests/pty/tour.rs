//! The README's tour, step by step, with real keys.

use super::rig::{Rig, run, session};

/// The instance that mines in the scenario. It has a public address, which AWS's document opens for a moment: the whole
/// id is the gesture of danger 3.
const GESTURE: &str = "i-0c4f1e97ab52d6038";

/// The step that contains it by an automation.
pub const CONTAIN: &str = "Contain by the AWS document";

pub fn open_the_miner(rig: &mut Rig) {
    rig.see("FINDINGS");
    rig.see("14 of 14");
    rig.keys("g g");
    rig.wait("the miner on top", |s| s.lines().any(|l| l.starts_with('>') && l.contains("CryptoCurrency:EC2")));
    rig.keys("Enter");
    rig.see("STEPS* crypto-mining");
}

pub fn contain_and_undo(rig: &mut Rig) {
    contain(rig);
    rig.keys("u");
    rig.see("CONFIRM: Undo: Contain the instance");
    rig.approve(GESTURE);
    rig.wait("the undo to end", |s| s.lines().any(|l| l.contains(CONTAIN) && l.contains("undone")));
}

/// Contains the miner, and stays on the step.
pub fn contain(rig: &mut Rig) {
    rig.walk_to(CONTAIN);
    rig.keys("Enter");
    rig.see("danger 3");
    read_on(rig);
    rig.approve(GESTURE);
    rig.see("running");
    // The automation's word is no proof: the interfaces were read.
    let line = |s: &str| s.lines().find(|l| l.contains(CONTAIN) && l.contains("[x]")).map(str::to_owned);
    rig.wait("the step to be done and read back", |s| line(s).is_some_and(|l| l.contains(" verified")));
    rig.see("  verified  interface eni-");
    rig.walk_to(CONTAIN);
}

/// Scrolls the plan line by line to its end: it says what will be sent, to what, as whom, what the action does not stop,
/// what it destroys and breaks, and how it is undone.
fn read_on(rig: &mut Rig) {
    // A whole dialog whose foot says nothing of more lines shows the last one.
    let below = |s: &str| -> Option<usize> {
        let said = s.lines().find_map(|l| l.split_once(" more line")?.0.split_whitespace().last()?.parse().ok());
        said.or_else(|| (s.contains("CONFIRM") && s.contains("└──")).then_some(0))
    };
    let mut read = rig.wait("a plan that is longer than its dialog", |s| below(s).is_some_and(|left| left > 0));
    let mut left = below(&read).unwrap();
    // The dialog is deaf at first.
    rig.press_until("Down", |s| below(s).is_some_and(|now| now < left));
    while left > 0 {
        let screen = rig.wait("the plan to scroll", |s| below(s).is_some_and(|now| now < left));
        left = below(&screen).unwrap();
        read += &screen;
        rig.keys("Down");
    }
    for word in [
        "target    i-0c4f1e97ab52d6038",
        "where     111122223333 eu-west-1",
        "as        arn:aws:iam::111122223333:user/quell-responder",
        "the host can still tunnel over DNS",
        "OPENS EVERY PORT to the internet at 203.0.113.88",
        "ways out of subnet-",
        "destroys  nothing",
        "BREAKS    every new connection to it and from it",
        "undo      The same document with Action Restore",
        "sends     ssm:StartAutomationExecution",
        "AWSSupport-Contain",
    ] {
        assert!(read.contains(word), "{word} is not in the plan:\n{read}");
    }
}

pub fn close(rig: &mut Rig) {
    rig.closing();
    rig.keys("Enter");
    rig.see("SUMMARY");
    rig.text("Miner on a build server, contained and restored.");
    rig.see("contained and restored.");
    rig.keys("Enter");
    rig.see("closed as true positive");
}

#[test]
fn the_tour_of_the_readme() {
    let state = tempfile::tempdir().unwrap();
    let mut rig = Rig::start(state.path(), &["demo", "--speed", "20"], &[]);
    walk(&mut rig);
    verify(state.path());
}

/// The steps of the README's tour, by its numbers.
pub fn walk(rig: &mut Rig) {
    rig.see("14 of 14");
    // 1. The list, its help, its filter.
    rig.keys("?");
    rig.see("HELP findings");
    rig.keys("q");
    rig.keys("/");
    rig.see("filter:");
    rig.text("type:*Crypto*");
    rig.see("3 of 14");
    rig.keys("Enter Esc");
    rig.see("14 of 14");
    // 2. Open.
    open_the_miner(rig);
    rig.keys("Tab");
    rig.see("STEP* 2");
    rig.keys("Tab");
    rig.see("TIMELINE*");
    rig.keys("Tab");
    rig.see("FINDING*");
    rig.keys("Tab");
    rig.see("STEPS*");
    tick_and_write(rig);
    // 6 to 8. Contain, watch, undo.
    contain_and_undo(rig);
    // 9. Close.
    close(rig);
    read_it(rig);
}

fn tick_and_write(rig: &mut Rig) {
    // 3. Walk.
    rig.see("PREPARE  1 step");
    rig.keys("k");
    rig.see("> [ ]  1");
    rig.keys("j Enter");
    rig.see("[x]  2");
    // 4. Note and skip.
    rig.keys("a");
    rig.see("NOTE");
    rig.text("load is high");
    rig.see("load is high");
    rig.keys("Enter");
    rig.see("note: load is high");
    rig.walk_to("Look at its load");
    rig.keys("x");
    rig.see("SKIP");
    rig.text("seen in the finding");
    rig.see("seen in the finding");
    rig.keys("Enter");
    rig.see("skipped step");
    // 5. Decide.
    rig.walk_to("Decide: true positive");
    rig.keys("Enter");
    rig.see("1 True positive");
    rig.keys("Enter");
    rig.see("NOTE: True positive, because");
    rig.text("the pool is a known one");
    rig.see("a known one");
    rig.keys("Enter");
    rig.see("decided step");
}

fn read_it(rig: &mut Rig) {
    // 10. Read.
    rig.keys("R");
    rig.see("REPORT*");
    rig.see("Incident report");
    rig.keys("w");
    rig.see("written to");
    rig.keys("q q S");
    rig.see("SESSIONS* 1");
    rig.keys("v");
    rig.see("RECORDS*");
    rig.keys("h h l");
    rig.see("REVIEW AT");
    rig.keys("q q q");
    assert!(rig.end().success());
    assert!(!rig.holds_modes());
}

/// The chain is whole, and the report names every step, action, undo and note.
pub fn verify(state: &std::path::Path) {
    let id = session(state);
    let (code, out) = run(state, &["sessions", "verify", &id, "--json"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("\"verdict\":\"ok-unsigned\""), "{out}");
    let (code, report) = run(state, &["sessions", "report", &id]);
    assert_eq!(code, 0);
    for word in [
        "load is high",
        "seen in the finding",
        "True positive",
        "the pool is a known one",
        "Undo: Contain the instance",
        "Miner on a build server, contained and restored.",
    ] {
        assert!(report.contains(word), "{word} is not in the report:\n{report}");
    }
    let (_, book) = run(state, &["runbooks", "show", "crypto-mining", "--json"]);
    let book: serde_json::Value = serde_json::from_str(&book).unwrap();
    let steps = book["steps"].as_array().unwrap();
    assert!(steps.len() > 20, "{}", steps.len());
    for step in steps {
        let title = step["title"].as_str().unwrap();
        assert!(report.contains(title), "the step {title} is not in the report:\n{report}");
    }
}
