//! The rest of the screens: panes in focus, fields and choices, unknown outcomes, the call log, evidence.

use super::rig::{Rig, succeeded};
use super::snapshots::{load, picture};
use super::thread::at_step;
use quell::console::core::input::Input;
use quell_core::incident::{FailClass, Outcome};

fn ran(row: usize, outcome: Outcome) -> Rig {
    let mut rig = at_step(row);
    rig.keys("Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig.end(outcome);
    rig.settle();
    rig.model.incident.step = row;
    rig
}

/// The focused pane has most room and a star; the others keep a line.
#[test]
fn panes() {
    for (keys, name) in [("Tab", "step"), ("Tab Tab", "timeline"), ("Tab Tab Tab", "finding")] {
        let mut rig = Rig::opened();
        rig.keys(keys);
        picture(&format!("pane_{name}"), &mut rig);
    }
}

/// An unknown outcome is a mark, a word, a count in the status line, and what Enter does about it.
#[test]
fn unknown() {
    let mut rig = ran(3, Outcome::Unknown { why: "the connection broke".into() });
    rig.keys("g g");
    rig.model.incident.step = 3;
    picture("unknown", &mut rig);
    rig.keys("Space");
    picture("unknown_open_again", &mut rig);
}

/// A failure keeps AWS's words and the request's id on the step.
#[test]
fn failed() {
    let message = "AccessDeniedException: not authorized to perform guardduty:ArchiveFindings".into();
    let outcome = Outcome::Failed { class: FailClass::Denied, message, request_ids: vec!["req-9".into()] };
    let mut rig = ran(3, outcome);
    rig.keys("k j");
    picture("failed", &mut rig);
}

/// The undo is a plan of its own; afterwards the step is to do again.
#[test]
fn undo() {
    let mut rig = ran(3, succeeded());
    rig.keys("u");
    rig.settle();
    picture("confirm_undo", &mut rig);
    rig.wait(400);
    rig.keys("y Enter");
    rig.settle();
    rig.end(succeeded());
    rig.settle();
    rig.model.incident.step = 3;
    rig.keys("k j");
    picture("undone", &mut rig);
}

/// One-line fields say what for; choices are numbered.
#[test]
fn fields_and_choices() {
    for (keys, name) in [("x", "skip"), ("e", "evidence"), ("m", "milestone")] {
        let mut rig = Rig::opened();
        rig.keys(keys);
        picture(&format!("ask_{name}"), &mut rig);
    }
    for command in ["close", "entity", "verdict", "runbook", "variable"] {
        let mut rig = Rig::opened();
        rig.keys(":");
        rig.type_in(command);
        rig.keys("Enter");
        picture(&format!("ask_{command}"), &mut rig);
    }
}

/// The call log, and evidence, are texts.
#[test]
fn texts() {
    let mut rig = Rig::opened();
    rig.keys("@");
    picture("calls", &mut rig);
    let bytes = br#"{"Output":["it would put the instance into a group of its own"],"Status":"Success"}"#.to_vec();
    rig.feed(Input::Evidence { name: "automation.json".into(), bytes });
    picture("evidence", &mut rig);
}

/// In a review Enter shows the incident whole, as it stood.
#[test]
fn review_jumped() {
    let mut rig = ran(3, succeeded());
    load(&mut rig, true);
    rig.keys("g g l l l l l l l l Enter");
    picture("review_jumped", &mut rig);
}

/// A search stands in the last line and goes along while it is typed.
#[test]
fn search() {
    let mut rig = Rig::opened();
    rig.keys("/");
    rig.type_in("contain the");
    picture("search", &mut rig);
}
