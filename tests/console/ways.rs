//! Ways into and around an incident that are no walk through its steps.

use super::fixtures;
use super::rig::{Rig, succeeded};
use super::thread::at_step;
use quell::console::core::input::{Blob, Input};

#[test]
fn evidence_goes_into_the_incident_that_it_was_meant_for_or_nowhere() {
    let mut rig = Rig::opened();
    let file =
        || Input::File { session: "another".into(), step: None, name: "a.bin".into(), result: Ok(Blob::of(vec![1])) };
    rig.feed(file());
    rig.sees("a.bin was not attached");
    assert_eq!(rig.count("evidence.added"), 0);
}

#[test]
fn a_plan_that_was_given_up_hides_nothing_that_ran() {
    let mut rig = at_step(3);
    rig.keys("Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig.end(succeeded());
    rig.settle();
    rig.model.incident.step = 3;
    rig.keys("Space");
    rig.save();
    rig.keys("Enter");
    rig.settle();
    rig.keys("Esc");
    rig.save();
    rig.keys("u");
    rig.sees("undo: Archive the finding");
}

#[test]
fn marks_stay_when_nothing_can_be_attached() {
    let mut rig = Rig::opened();
    rig.keys(":");
    rig.type_in("close");
    rig.keys("Enter Enter");
    rig.type_in("done");
    rig.keys("Enter");
    rig.save();
    rig.keys("q j Space :");
    rig.type_in("attach");
    rig.keys("Enter");
    rig.sees("the session is closed; :reopen it first");
    assert_eq!(rig.model.findings.marked.len(), 1);
}

#[test]
fn an_incident_begins_without_a_finding() {
    let mut rig = Rig::listed();
    rig.feed(Input::Begin { title: "A call from \u{1b}[31mlegal".into() });
    rig.settle();
    assert_eq!(rig.kinds(), ["seg.open", "session.opened"]);
    rig.sees("an incident without a finding");
    // What was typed is kept as it was, and shown harmless.
    assert_eq!(rig.model.saved().unwrap().title, "A call from \u{1b}[31mlegal".into());
    rig.sees("\\u{1b}[31mlegal");
}

#[test]
fn a_finding_that_is_asked_for_by_id_is_opened_as_soon_as_it_is_there() {
    let mut rig = Rig::empty();
    rig.model.wanted = Some("0003".into());
    rig.feed(Input::Sessions(Vec::new()));
    rig.arrive(fixtures::findings());
    rig.settle();
    rig.sees(" MED  Recon:EC2/PortProbeUnprotectedPort  x9");
    assert!(!rig.model.lacking);
}
