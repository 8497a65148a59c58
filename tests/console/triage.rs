//! Triage from the list belongs to a session of its own, and to the row under the cursor or the marked ones.

use super::fixtures::findings;
use super::rig::{Rig, succeeded};
use quell::console::core::effect::Desk;
use quell::console::core::model::Screen;

#[test]
fn triage_of_one_row_says_which() {
    let mut rig = Rig::listed();
    rig.keys("j j j t n");
    rig.settle();
    rig.sees("CONFIRM: Set the workflow to NOTIFIED");
    rig.sees("reason: LOW Impact:EC2/PortSweep i-09f8e7d6c5b4a3210: NOTIFIED");
}

#[test]
fn triage_leaves_an_incident_that_the_finding_is_not_part_of() {
    let mut rig = Rig::opened();
    rig.keys("q j t n");
    assert!(
        matches!(&rig.desk[..], [Desk::Leave, Desk::Create { title, .. }]
        if title.line().as_str() == "Triage 2025-11-21 alice"),
        "{:?}",
        rig.desk
    );
    rig.settle();
    rig.sees("CONFIRM: Set the workflow to NOTIFIED");
    assert_eq!(rig.model.screen(), Screen::Findings);
    assert_eq!(rig.model.saved().unwrap().findings.len(), 1);
    rig.keys("Esc");
    // Back to the first incident, by its finding.
    rig.keys("k Enter");
    assert!(
        matches!(&rig.desk[..], [Desk::Leave, Desk::Resume { session }]
        if session == "20251121T140701Z-test-aaaaaa"),
        "{:?}",
        rig.desk
    );
    rig.sees("the session is being opened");
}

#[test]
fn triage_of_an_attached_finding_stays_in_its_incident() {
    let mut rig = Rig::opened();
    rig.keys("q t n");
    rig.settle();
    rig.sees("CONFIRM: Set the workflow to NOTIFIED");
    assert_eq!(rig.sessions, 1);
}

#[test]
fn a_key_that_comes_before_the_plan_opens_nothing() {
    let mut rig = Rig::listed();
    rig.keys("t n Enter");
    rig.sees("a triage is being planned");
    rig.settle();
    rig.sees("CONFIRM: Set the workflow to NOTIFIED");
    assert_eq!((rig.sessions, rig.count("runbook.opened")), (1, 0));
}

#[test]
fn a_running_action_keeps_its_session() {
    let mut rig = super::thread::running_at(3);
    rig.keys("q j t n");
    rig.sees("an action of the open incident still runs");
    rig.end(succeeded());
    rig.settle();
    assert_eq!(rig.sessions, 1);
    assert!(rig.model.triage.is_none());
}

#[test]
fn what_changes_in_an_attached_finding_is_on_record() {
    let mut rig = Rig::opened();
    let mut worse = findings().remove(0);
    worse.count = Some(46);
    rig.arrive(vec![worse, findings().remove(1)]);
    rig.save();
    assert_eq!(rig.count("finding.changed"), 1);
    rig.sees("the finding changed: count 9 to 46");
    rig.sees("now       x46");
}

#[test]
fn the_other_sources_record_of_the_same_finding_is_no_change() {
    let mut rig = Rig::opened();
    let mut hub = findings().remove(0);
    hub.via = quell_core::finding::Via::Securityhub;
    hub.workflow = Some(quell_core::finding::Workflow::New);
    hub.count = None;
    rig.arrive(vec![hub]);
    rig.save();
    rig.arrive(vec![findings().remove(0)]);
    rig.save();
    // That nobody has touched it is no change, and nothing is taken away.
    assert_eq!(rig.count("finding.changed"), 0);
}

#[test]
fn a_triage_is_undone_from_the_list() {
    let mut rig = Rig::listed();
    rig.keys("t n");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig.end(succeeded());
    rig.settle();
    rig.keys("t u");
    rig.sees("undo: Set the workflow to NOTIFIED");
    rig.keys("Enter");
    rig.settle();
    rig.sees("CONFIRM: Undo: Set the workflow to NOTIFIED");
}

#[test]
fn a_triage_session_is_no_incident_of_its_findings() {
    let mut rig = Rig::listed();
    rig.keys("t n");
    rig.settle();
    rig.keys("Esc");
    assert!(rig.model.findings.attached.is_empty());
    rig.keys("Enter");
    rig.settle();
    rig.sees("STEPS* test-compromise");
    assert_eq!(rig.sessions, 2);
}

#[test]
fn a_closed_session_is_named_and_can_be_taken_up_again() {
    let mut rig = Rig::opened();
    rig.close("done");
    rig.save();
    rig.keys("q Enter");
    rig.settle();
    rig.sees("a new session; the one of 2025-11-21 14:07Z is closed: S lists it");
    assert_eq!(rig.sessions, 2);
    rig.keys("S");
    let row = rig.model.sessions.rows.iter().position(|r| !r.open).unwrap();
    rig.model.sessions.selected = row;
    rig.keys(":");
    rig.type_in("reopen");
    rig.desk.clear();
    rig.keys("Enter");
    assert!(rig.desk.iter().any(|d| matches!(d, Desk::Resume { session } if session.ends_with("aaaaaa"))));
}

#[test]
fn a_second_triage_waits_for_the_session_of_the_first() {
    let mut rig = Rig::listed();
    rig.keys("t n t r");
    rig.sees("a session is being opened; then triage again");
    rig.settle();
    rig.sees("CONFIRM: Set the workflow to NOTIFIED");
    assert_eq!((rig.sessions, rig.count("runbook.opened")), (1, 0));
}

#[test]
fn several_marked_rows_are_triaged_as_one_set_in_the_triage_session_of_the_day() {
    let mut rig = Rig::listed();
    rig.keys("Space Space t a");
    rig.settle();
    assert_eq!(rig.model.screen(), Screen::Findings);
    rig.sees("CONFIRM: set 1, 2 action(s) (danger 1)");
    rig.sees("1. Archive the finding: 0001 in eu-west-1");
    rig.sees("2. Archive the finding: 0001 in eu-west-1");
    assert_eq!(rig.count("finding.attached"), 2);
    // What was not approved is not kept for later.
    rig.wait(400);
    rig.keys("Esc");
    rig.save();
    rig.sees("cancelled; nothing was sent");
    assert_eq!(rig.count("action.cancelled"), 2);
    rig.keys("t l");
    rig.sees("Nothing was staged in this session");
}

#[test]
fn no_more_than_fifty_rows_are_triaged_at_once() {
    let many = (0..51)
        .map(|i| quell_core::finding::Finding { id: format!("many-{i}").as_str().into(), ..findings()[0].clone() });
    let mut rig = Rig::empty();
    rig.arrive(many.collect());
    for _ in 0..51 {
        rig.keys("Space");
    }
    rig.keys("t n");
    rig.sees("51 marked; at most 50 are triaged at once");
    assert!(rig.desk.is_empty());
}
