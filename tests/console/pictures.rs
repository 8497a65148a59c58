//! The rest of the screens: panes in focus, fields and choices, unknown outcomes, the call log, evidence.

use super::approving::{approval, program};
use super::rig::{Rig, succeeded};
use super::snapshots::{load, picture};
use super::thread::running_at;
use super::whereabouts::endpoint;
use super::{fixtures, quiet, values};
use quell::console::core::input::Input;
use quell::console::core::model::Mode;
use quell_core::incident::{FailClass, Outcome};

fn ran(row: usize, outcome: Outcome) -> Rig {
    let mut rig = running_at(row);
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
    rig.feed(Input::Evidence { session: String::new(), name: "automation.json".into(), blob: String::new(), bytes });
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

/// Where the findings are from, and what may be done: an endpoint that is armed, a file.
#[test]
fn accounts() {
    let mut rig = endpoint("http://127.0.0.1:45671");
    picture("endpoint_armed_incident", &mut rig);
    rig.keys("q");
    picture("endpoint_armed", &mut rig);
    let mut rig = Rig::of(Mode::File { name: "exports/2025-11-21/guardduty-findings.json".into(), endpoint: None });
    rig.model.account.identity = None;
    rig.arrive(fixtures::findings());
    picture("file", &mut rig);
}

/// An incident of its own, and one of several findings.
#[test]
fn incidents() {
    let mut rig = Rig::listed();
    rig.feed(Input::Begin { title: "A call from legal".into() });
    rig.settle();
    picture("incident_without_finding", &mut rig);
    let mut rig = Rig::listed();
    rig.keys("Space Space g g Enter");
    rig.settle();
    picture("incident_of_several", &mut rig);
    rig.keys(":");
    rig.type_in("detach");
    rig.keys("Enter");
    picture("ask_detach", &mut rig);
}

/// Which action to undo, where the step has none; how an entity stands; whether to leave while an action runs.
#[test]
fn questions() {
    let mut rig = ran(3, succeeded());
    rig.keys("g g u");
    picture("ask_undo", &mut rig);
    let mut rig = Rig::opened();
    rig.keys(":");
    rig.type_in("entity");
    rig.keys("Enter 2 Enter");
    rig.type_in("AKIAIOSFODNN7EXAMPLE");
    rig.keys("Enter");
    picture("ask_entity_state", &mut rig);
    let mut rig = running_at(3);
    rig.keys("q q");
    picture("ask_leave", &mut rig);
    picture("ask_value", &mut values::asked());
}

/// A filter that does not read, while it is typed; sources that fail beside the rows, and with none.
#[test]
fn troubles() {
    let mut rig = Rig::listed();
    rig.keys("/");
    rig.type_in("sev>=high nosuch>1");
    picture("filter_error", &mut rig);
    let mut rig = Rig::listed();
    quiet::both(&mut rig);
    picture("both_failing", &mut rig);
    let mut rig = Rig::empty();
    quiet::both(&mut rig);
    picture("both_failing_none", &mut rig);
}

/// A program's words stand first; nothing is approved before the end was seen.
#[test]
fn confirm_program() {
    let mut rig = approval(4, program);
    picture("confirm_program", &mut rig);
    rig.resize(80, 24);
    rig.wait(400);
    rig.type_in("mory");
    rig.keys("Enter");
    picture("confirm_unread", &mut rig);
}

/// Evidence of a past session is chosen and read as in the incident.
#[test]
fn review_evidence() {
    let mut rig = super::evidence::past();
    rig.keys("o");
    picture("review_evidence", &mut rig);
}
