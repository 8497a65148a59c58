//! The text beside the steps, and the undo of what no step holds.

use super::fixtures::worst;
use super::rig::{MONO, Rig, succeeded};
use super::thread::at_step;
use quell::console::core::input::Input;
use quell::console::core::model::Screen;
use quell::problem::Problem;
use quell_core::incident::{Life, Outcome};

#[test]
fn a_command_stands_there_as_it_is_copied() {
    let rig = Rig::opened();
    rig.sees("aws ec2 describe-instances --instance-ids 'i-0abc12d34e5f67890'");
    rig.sees_not("{{");
}

#[test]
fn a_past_session_shows_its_own_values() {
    let mut rig = Rig::opened();
    rig.keys("S");
    super::snapshots::load(&mut rig, true);
    rig.resize(140, 40);
    rig.keys("g g l l l l l l");
    rig.sees("'i-0abc12d34e5f67890'");
}

#[test]
fn a_value_that_can_not_be_quoted_leaves_the_template() {
    let mut rig = Rig::empty();
    let mut finding = worst();
    finding.resource.id = Some("i-0\u{202e}1".into());
    rig.arrive(vec![finding]);
    rig.keys("Enter");
    rig.settle();
    rig.sees("--instance-ids {{ finding.resource.id }}");
}

#[test]
fn an_actions_step_says_what_enter_does_now() {
    let mut rig = at_step(3);
    let offer = "  Enter plans it";
    rig.sees(offer);
    rig.keys("Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig.sees("  it runs");
    rig.sees_not(offer);
    rig.end(Outcome::Unknown { why: "the connection broke".into() });
    rig.settle();
    rig.keys("Esc");
    rig.sees("Enter looks up what happened");
    rig.sees_not(offer);
    rig.keys("Enter");
    rig.settle();
    rig.model.incident.step = 3;
    rig.sees("  u undoes it");
    rig.sees_not(offer);
}

/// A triage that ran to its end, from the list.
fn triaged(outcome: Outcome) -> Rig {
    let mut rig = Rig::listed();
    rig.keys("t n");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig.end(outcome);
    rig.settle();
    assert_eq!(rig.count("action.started"), 1);
    rig.model.screens = vec![Screen::Findings, Screen::Incident];
    rig
}

#[test]
fn a_triage_is_undone_by_choice() {
    let mut rig = triaged(succeeded());
    rig.keys("u");
    rig.sees("UNDO which action?");
    rig.sees("undo: Set the workflow status");
    rig.keys("Enter");
    rig.settle();
    rig.sees("CONFIRM: Undo: Set the workflow status");
    rig.keys("y Enter");
    rig.settle();
    rig.end(succeeded());
    rig.settle();
    assert_eq!(rig.count("action.started"), 2);
    rig.keys("u");
    rig.sees("no action here succeeded that could be undone");
}

#[test]
fn a_triage_of_unknown_outcome_is_looked_up_by_choice() {
    let mut rig = triaged(Outcome::Unknown { why: "the connection broke".into() });
    rig.keys("u");
    rig.sees("look up: Set the workflow status");
    rig.keys("Enter");
    rig.settle();
    let life = rig.model.saved().unwrap().actions.values().next().unwrap().life;
    assert_eq!(life, Life::Succeeded);
    assert_eq!(rig.count("action.started"), 1);
}

#[test]
fn closing_says_what_stays_unknown() {
    let mut rig = triaged(Outcome::Unknown { why: "the connection broke".into() });
    rig.keys(":");
    rig.type_in("close");
    rig.keys("Enter");
    rig.sees("CLOSE the session as (1 action(s) of unknown outcome stay so)");
}

#[test]
fn a_session_that_can_not_be_made_leads_back_to_the_list() {
    let mut rig = Rig::listed();
    rig.keys("Enter");
    rig.sees("the session is being opened");
    rig.desk.clear();
    rig.feed(Input::NotAttached(Problem::local("the folder can't be made").next("free some room")));
    rig.sees("FINDINGS* 4 of 4");
    rig.sees("the folder can't be made");
    rig.sees("free some room");
    rig.keys("Enter");
    rig.settle();
    rig.sees("STEPS* test-compromise");
}

#[test]
fn letters_that_the_terminal_lacks_keep_their_cells() {
    let mut rig = Rig::empty();
    let mut finding = worst();
    finding.title = Some("Café 東京 done".into());
    rig.arrive(vec![finding]);
    rig.sees("Café 東 京  done");
    rig.model.look = MONO;
    rig.sees("Caf? ? ?  done");
    assert!(rig.screen().is_ascii());
}
