//! Time targets in the step's pane: until when, and how long it took; what waits is left out, and nothing ticks.

use super::fixtures::{BOOK, findings};
use super::rig::{MONO, Rig, succeeded};
use super::snapshots::load;
use quell_core::runbook::{Origin, parse};

/// The incident, opened at 14:07:01, with a target of 15 minutes for the step that records what runs and the one that
/// archives the finding.
fn opened() -> Rig {
    of(&BOOK.replace("id=record ", "id=record target=15m ").replace("id=archive ", "id=archive target=15m "))
}

/// The incident of a runbook's text.
fn of(text: &str) -> Rig {
    let mut rig = Rig::empty();
    rig.model.library = vec![parse("test-compromise", text.as_bytes(), Origin::BuiltIn).unwrap().runbook].into();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.model.look = MONO;
    rig.resize(140, 40);
    rig
}

/// Goes to a step and does nothing there.
fn at(rig: &mut Rig, row: usize) {
    rig.model.incident.step = row;
}

#[test]
fn an_open_step_says_until_when_and_a_done_one_how_long_it_took() {
    let mut rig = opened();
    rig.sees("role handler, target 5 min: until 14:12:01Z");
    let before = rig.screen();
    rig.wait(60_000);
    assert_eq!(rig.screen(), before);
    // Ticked at 14:14:02: seven minutes and one second.
    rig.wait(360_000);
    rig.keys("Space");
    rig.save();
    at(&mut rig, 0);
    rig.sees("role handler, target 5 min: took 8 min, 3 over");
    at(&mut rig, 1);
    rig.sees("target 15 min: until 14:29:02Z, a note is required");
    at(&mut rig, 2);
    rig.sees_not("target");
    // In a review each step stands as it did at the record.
    load(&mut rig, true);
    rig.keys("Enter");
    at_review(&mut rig, 0);
    rig.sees("role handler, target 5 min: took 8 min, 3 over");
    at_review(&mut rig, 1);
    rig.sees("target 15 min: until 14:29:02Z, a note is required");
    rig.keys("h");
    at_review(&mut rig, 0);
    rig.sees("role handler, target 5 min: until 14:12:01Z");
}

fn at_review(rig: &mut Rig, row: usize) {
    rig.model.review.as_mut().unwrap().step = row;
}

#[test]
fn while_an_action_runs_the_target_waits() {
    let mut rig = opened();
    at(&mut rig, 3);
    rig.sees("target 15 min: until 14:22:01Z");
    rig.keys("Enter");
    rig.settle();
    // It is started at 14:07:04 and ends at 14:10:24.
    rig.keys("y Enter");
    rig.settle();
    at(&mut rig, 3);
    rig.sees("target 15 min: it waits");
    at(&mut rig, 0);
    rig.sees("role handler, target 5 min: it waits");
    rig.wait(200_000);
    rig.end(succeeded());
    rig.settle();
    at(&mut rig, 3);
    rig.sees("target 15 min: took 1 min, waited 3 min");
    at(&mut rig, 0);
    rig.sees("role handler, target 5 min: until 14:15:24Z");
}

/// What is closed runs against nothing.
#[test]
fn in_a_closed_incident_an_open_step_says_its_target_alone() {
    let mut rig = opened();
    rig.keys(":");
    rig.type_in("close");
    rig.keys("Enter Enter");
    rig.type_in("over");
    rig.keys("Enter");
    rig.settle();
    assert_eq!(rig.count("session.closed"), 1);
    load(&mut rig, true);
    rig.keys("Enter");
    at_review(&mut rig, 0);
    rig.sees("role handler, target 5 min");
    rig.sees_not("until");
}

/// A target with how it stands takes room: what does not fit beside it stands below.
#[test]
fn what_a_step_asks_for_is_readable_whole_beside_its_target() {
    let asked = "id=record target=15m evidence=\"what ps and netstat gave out then, one file each\" ";
    let mut rig = of(&BOOK.replace("id=record ", asked));
    at(&mut rig, 1);
    rig.resize(80, 24);
    rig.sees(" target 15 min: until 14:22:01Z, a note is required, evidence is required:");
    rig.sees("one file each");
}
