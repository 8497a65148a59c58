//! What runs is stopped or answered; what was done, in whole or in part, is undone: by its step, or by choice.

use super::fixtures::plan;
use super::rig::{Rig, succeeded};
use super::thread::{at_step, running_at};
use quell::action::{Standing, in_force};
use quell::console::core::effect::{Desk, Reads};
use quell::console::core::input::Input;
use quell_core::incident::{Life, Outcome};
use serde_json::json;

/// An automation that runs can be stopped or answered: its own plan, and no step becomes another action's.
#[test]
fn an_automation_that_runs_is_stopped_by_choice() {
    let mut rig = at_step(4);
    rig.keys("Enter");
    rig.settle();
    rig.wait(400);
    rig.type_in("7890");
    rig.keys("Enter");
    rig.settle();
    let action = rig.running().unwrap();
    rig.sees("it runs; u stops or answers it");
    rig.keys("u");
    rig.sees("WHILE IT RUNS: Contain the instance");
    // No step waits for an answer yet.
    rig.sees_not("the step that waits");
    rig.keys("Esc");
    let text = "Ask: waits for an approval: u answers it".into();
    rig.feed(Input::Progress { action: action.clone(), text, done: 1, of: 3 });
    rig.settle();
    rig.keys("u");
    rig.sees("Reject the step that waits");
    rig.keys("Enter");
    let [Reads::PlanSignal { action: of, which: 0, .. }] = rig.reads.as_slice() else { panic!("{:?}", rig.reads) };
    assert_eq!(*of, action);
    rig.settle();
    rig.sees("CONFIRM: Stop: Contain the instance");
    rig.wait(400);
    rig.type_in("550c");
    rig.keys("Enter");
    rig.settle();
    let incident = rig.model.saved().unwrap();
    assert_eq!(incident.actions.len(), 2);
    let (_, _, state) = incident.step(&quell::console::screens::incident::steps(incident)[4]).unwrap();
    assert_eq!(state.action.as_ref(), Some(&action));
}

/// The plan of the step's action is of a document that contains, or of a dry run of it.
fn automation(dry: &str) -> Rig {
    let mut rig = at_step(4);
    rig.keys("Enter");
    let Reads::Plan { generation, request } = rig.reads.remove(0) else { panic!() };
    let mut plan = plan(&request);
    let parameters = json!({ "InstanceId": ["i-0abc12d34e5f67890"], "Action": ["Contain"], "DryRun": [dry] });
    plan.requests[0].input = json!({ "DocumentName": "AWSSupport-ContainEC2Instance", "Parameters": parameters });
    rig.feed(Input::Planned { generation, result: Box::new(Ok(plan)) });
    rig.settle();
    rig.wait(400);
    rig.keys("PgDn");
    rig.type_in("7890");
    rig.keys("Enter");
    rig.settle();
    rig
}

fn backup() -> Option<serde_json::Value> {
    Some(json!({ "BackupS3BucketName": "b-1", "BackupS3KeyName": "k" }))
}

/// Where no step is chosen that has it.
fn elsewhere(rig: &mut Rig) {
    rig.keys("Esc");
    rig.model.incident.step = 0;
    rig.keys("u");
}

#[test]
fn what_failed_half_way_is_undone_by_choice() {
    let half = |undo| Outcome::Partly { message: "one is isolated, NOT the other".into(), request_ids: vec![], undo };
    let mut rig = automation("false");
    rig.end(half(backup()));
    rig.settle();
    rig.sees("failed half-way");
    elsewhere(&mut rig);
    rig.sees("undo: Contain the instance");
    rig.keys("Enter");
    rig.settle();
    rig.sees("CONFIRM: Undo: Contain the instance");
    // On its step, too.
    let mut rig = running_at(3);
    rig.end(half(Some(json!({ "before": ["sg-1"] }))));
    rig.settle();
    rig.keys("Esc");
    rig.model.incident.step = 3;
    rig.sees("  u undoes what was done");
    rig.keys("u");
    rig.settle();
    rig.sees("CONFIRM: Undo: Archive the finding");
    rig.keys("y Enter");
    rig.settle();
    rig.end(succeeded());
    rig.settle();
    rig.sees_not("u undoes what was done");
    // Where nothing was done that could be undone, none is offered.
    let mut rig = automation("false");
    rig.end(half(None));
    rig.settle();
    elsewhere(&mut rig);
    rig.sees("no action here succeeded that could be undone");
}

/// A dry run changes nothing, and an answer to another action can't be taken back, whatever came of them.
#[test]
fn what_can_not_be_undone_is_not_offered() {
    let done =
        || Outcome::Succeeded { outcome: "done".into(), request_ids: Vec::new(), undo: backup(), facts: Vec::new() };
    let mut rig = automation("true");
    rig.end(done());
    rig.settle();
    elsewhere(&mut rig);
    rig.sees("no action here succeeded that could be undone");
    let mut rig = automation("false");
    rig.keys("u");
    rig.keys("Enter");
    rig.settle();
    rig.wait(400);
    rig.keys("PgDn");
    rig.type_in("550c");
    rig.keys("Enter");
    rig.settle();
    let running = |rig: &Rig| -> Vec<_> {
        let all = &rig.model.saved().unwrap().actions;
        all.values().filter(|a| a.life == Life::Started).map(|a| a.link.clone()).collect()
    };
    for action in running(&rig) {
        rig.feed(Input::Ended { action, outcome: done() });
        rig.settle();
    }
    elsewhere(&mut rig);
    rig.sees("UNDO which action?");
    rig.sees("undo: Contain the instance");
    rig.sees_not("undo: Stop");
}

/// What stands is lifted from the list of what stands: in the session that set it, by the plan of its undo.
#[test]
fn what_stands_is_lifted_from_its_list() {
    let mut rig = automation("false");
    let undo = backup();
    rig.end(Outcome::Succeeded { outcome: "done".into(), request_ids: Vec::new(), undo, facts: Vec::new() });
    rig.settle();
    let here = rig.model.session.as_ref().unwrap().id.clone();
    let own = in_force([(here.as_str(), rig.model.saved().unwrap())]).remove(0);
    let other = Standing { session: "20251121T120000Z-other-bbbbbb".to_owned(), ..own.clone() };
    let unsure = own.clone();
    let unlike = Standing { simulated: !own.simulated, ..own.clone() };
    rig.feed(Input::InForce(vec![own.clone()], Vec::new()));
    rig.sees("lift");
    // One alone needs no question.
    rig.keys("u");
    rig.settle();
    rig.sees("CONFIRM: Undo: Contain the instance");
    rig.keys("Esc");
    rig.feed(Input::InForce(vec![own, other, unlike], Vec::new()));
    rig.keys("u");
    rig.sees("LIFT which?");
    rig.sees("i-0abc12d34e5f67890: Contain the instance, by alice");
    rig.keys("j j Enter");
    rig.sees("it was set in a real account: this one is simulated");
    rig.keys("u");
    rig.keys("j Enter");
    let [Desk::Leave, Desk::Resume { session }] = rig.desk.as_slice() else { panic!("{:?}", rig.desk) };
    assert_eq!(session, "20251121T120000Z-other-bbbbbb");
    assert!(rig.model.lift.is_some());
    // Who left it is told that something stands.
    assert_eq!(rig.model.farewell[&here], (1, 0, 1));
    // Without a session that is open it is asked, too.
    let mut fresh = Rig::empty();
    let other = Standing { session: "20251121T120000Z-other-bbbbbb".to_owned(), ..unsure.clone() };
    fresh.feed(Input::InForce(vec![unsure, other], Vec::new()));
    fresh.keys("u");
    fresh.sees("LIFT which?");
    fresh.keys("j Enter");
    let [Desk::Resume { session }] = fresh.desk.as_slice() else { panic!("{:?}", fresh.desk) };
    assert_eq!(session, "20251121T120000Z-other-bbbbbb");
    // It could not be opened: nothing is planned in whatever is opened next.
    rig.feed(Input::NotAttached(quell::problem::Problem::local("gone")));
    assert!(rig.model.lift.is_none());
}

/// What was read back before the undo says nothing of what stands after it.
#[test]
fn what_is_ticked_after_its_undo_is_done_by_hand() {
    let mut rig = at_step(3);
    rig.keys("Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig.end(succeeded());
    rig.settle();
    rig.sees("verified");
    rig.model.incident.step = 3;
    rig.keys("u");
    rig.settle();
    rig.wait(400);
    rig.keys("y Enter");
    rig.settle();
    rig.end(succeeded());
    rig.settle();
    rig.model.incident.step = 3;
    rig.wait(400);
    rig.keys("Space");
    rig.save();
    rig.sees("by hand");
    // And what was done is not skipped.
    rig.wait(400);
    rig.keys("x");
    rig.type_in("oops");
    rig.keys("Enter");
    rig.sees("this step is done already");
}
