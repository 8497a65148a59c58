//! Sets on the screen: staged step by step, one list, one gesture, an end for each, undone as one.

use super::fixtures::{BOOK, elsewhere, findings, time};
use super::rig::{Rig, succeeded};
use super::thread::at_step;
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell::problem::Problem;
use quell_core::incident::{Fact, FailClass, Life, Link, Mark, Outcome};
use quell_core::runbook::{Origin, parse};

/// The incident with the actions of rows 3 and 4 staged.
pub fn two_staged() -> Rig {
    let mut rig = at_step(3);
    rig.keys("s a");
    rig.settle();
    rig.sees("staged: 1; s s shows and approves them");
    rig.keys("j s a");
    rig.settle();
    rig
}

/// The same, approved and running.
pub fn struck() -> Rig {
    let mut rig = two_staged();
    rig.keys("s s");
    rig.wait(400);
    rig.keys("PgDn PgDn PgDn");
    rig.type_in("2 444455556666");
    rig.keys("Enter");
    rig.settle();
    rig
}

pub fn lives(rig: &Rig) -> Vec<Life> {
    rig.model.saved().unwrap().actions.values().map(|a| a.life).collect()
}

pub fn end(rig: &mut Rig, at: usize, outcome: Outcome) {
    let running: Vec<Link> = rig.model.saved().unwrap().actions.keys().cloned().collect();
    rig.feed(Input::Ended { action: running[at].clone(), outcome });
}

#[test]
fn staging_plans_and_records_and_sends_nothing() {
    let mut rig = two_staged();
    assert_eq!(lives(&rig), [Life::Planned, Life::Planned]);
    assert!(rig.confirm().is_none());
    rig.sees("[ ]  4 Archive the finding                                             STAGED");
    rig.sees("2 STAGED 0/7 done");
    rig.sees("planned Archive the finding on 0001, staged in set 1");
    // Enter does not plan it a second time.
    rig.keys("Enter");
    rig.sees("its action is staged: s s shows the set, s a takes it out");
    assert!(rig.reads.is_empty());
    rig.keys("s a");
    rig.save();
    rig.sees("taken out; staged: 1");
    assert_eq!(lives(&rig), [Life::Planned, Life::Cancelled]);
    rig.sees("1 STAGED");
    rig.keys("k s a");
    rig.save();
    rig.sees("taken out; nothing is staged");
    rig.keys("s s");
    rig.sees("nothing is staged: s a on a step stages its action");
    // A step that has no action has nothing to stage.
    rig.keys("g g s a");
    rig.sees("this step has no action that could be staged");
}

#[test]
fn one_gesture_names_the_count_and_the_account_and_starts_all_in_order() {
    let mut rig = two_staged();
    rig.keys("s s");
    rig.sees("CONFIRM: set 1, 2 action(s) (danger 2)");
    rig.sees("1. Archive the finding: 0001 in eu-west-1");
    rig.sees("2. Contain the instance: i-0abc12d34e5f67890 in eu-west-1");
    rig.wait(400);
    // Read to its end first; anything less than the whole gesture cancels.
    rig.type_in("2 444455556666");
    rig.keys("Enter");
    rig.sees("nothing was sent: more below");
    rig.keys("PgDn PgDn PgDn");
    rig.sees("2 of 2: Contain the instance (danger 2)");
    rig.sees("Type 2 444455556666 (how many, and in which account):");
    rig.keys("Enter");
    rig.save();
    rig.wait(1000);
    rig.feed(Input::Wake);
    rig.save();
    assert_eq!((rig.count("action.approved"), rig.count("action.started")), (2, 2));
    let kinds = rig.kinds();
    let last = ["action.approved", "action.started", "action.approved", "action.started"];
    assert_eq!(kinds[kinds.len() - 4..], last);
    assert_eq!(lives(&rig), [Life::Started, Life::Started]);
}

#[test]
fn a_gesture_that_is_not_whole_leaves_the_set_staged() {
    for typed in ["", "2", "y", "3 444455556666", "2 111122223333"] {
        let mut rig = two_staged();
        rig.keys("s s");
        rig.wait(400);
        rig.keys("PgDn PgDn PgDn");
        rig.type_in(typed);
        rig.keys("Enter");
        rig.save();
        let said = rig.screen().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("nothing was sent; the set stays staged"), "{said}");
        assert_eq!((lives(&rig), rig.confirm().is_some()), (vec![Life::Planned, Life::Planned], false), "{typed}");
    }
    // Neither does an approval that is not armed take it apart.
    let mut rig = two_staged();
    rig.model.account.mode = quell::console::core::model::Mode::Real;
    rig.keys("s s");
    rig.wait(400);
    rig.keys("PgDn PgDn PgDn");
    rig.type_in("2 444455556666");
    rig.keys("Enter");
    rig.save();
    rig.sees("READ ONLY: nothing was sent");
    assert_eq!(lives(&rig), [Life::Planned, Life::Planned]);
}

#[test]
fn each_has_an_end_of_its_own_and_the_list_says_which() {
    let mut rig = struck();
    let message = "AccessDeniedException".into();
    end(&mut rig, 0, Outcome::Failed { class: FailClass::Denied, message, request_ids: Vec::new() });
    end(&mut rig, 1, succeeded());
    rig.settle();
    assert_eq!((rig.mark(3), rig.mark(4)), (Mark::Failed, Mark::Done));
    rig.sees("set 1, 2 actions: 1 verified, 1 FAILED; s l says what came of each");
    rig.keys("s l");
    rig.sees("set 1: 2 action(s), approved ");
    rig.sees("[!] Archive the finding on 0001 in eu-west-1: failed: AccessDeniedException");
    rig.sees("[x] Contain the instance on i-0abc12d34e5f67890 in eu-west-1: succeeded");
    rig.keys("q");
    // What ran is undone as a set; what failed is not.
    rig.keys("s u");
    rig.settle();
    rig.sees("CONFIRM: undo, set 2, 1 action(s) (danger 1)");
    rig.sees("1 of 1: Undo: Contain the instance");
    rig.wait(400);
    rig.keys("PgDn PgDn");
    rig.type_in("1 444455556666");
    rig.keys("Enter");
    rig.save();
    end(&mut rig, 2, succeeded());
    rig.settle();
    assert_eq!(rig.mark(4), Mark::Todo);
    rig.keys("s u");
    rig.sees("no set did anything that could be undone");
}

#[test]
fn the_last_is_undone_first() {
    let mut rig = struck();
    end(&mut rig, 0, succeeded());
    end(&mut rig, 1, succeeded());
    rig.settle();
    rig.keys("s u");
    rig.settle();
    let titles: Vec<_> = rig.confirm().unwrap().proposed().map(|one| one.plan.title.line().into_string()).collect();
    assert_eq!(titles, ["Undo: Contain the instance", "Undo: Archive the finding"]);
}

#[test]
fn one_request_for_several_targets_is_a_set_that_asks_at_once() {
    let mut rig = at_step(5);
    rig.keys("Enter");
    let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { panic!() };
    let mut other = (*request).clone();
    other.title = "Delete the other key".into();
    rig.feed(Input::Several { generation, requests: vec![*request, other] });
    rig.settle();
    rig.sees("CONFIRM: set 1, 2 action(s) (danger 3)");
    let sets: Vec<_> = rig.confirm().unwrap().proposed().map(|one| one.plan.set.clone()).collect();
    assert_eq!(sets, [Some("set 1".into()), Some("set 1".into())]);
    assert!(rig.confirm().unwrap().proposed().all(|one| one.plan.step.as_ref().is_some_and(|s| s.row == 5)));
    // One alone is an action like any other.
    let mut rig = at_step(5);
    rig.keys("Enter");
    let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { panic!() };
    rig.feed(Input::Several { generation, requests: vec![*request] });
    rig.settle();
    rig.sees("CONFIRM: Delete the key (danger 3)");
    assert_eq!(rig.confirm().unwrap().set, None);
}

#[test]
fn what_can_not_be_planned_keeps_nothing_else_back_and_is_told() {
    let mut rig = at_step(5);
    rig.keys("s a");
    let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { panic!() };
    rig.feed(Input::Several { generation, requests: vec![(*request).clone(), *request] });
    let Some(Reads::Plan { generation, .. }) = rig.reads.pop() else { panic!() };
    let result = Box::new(Err(Problem::input("no such key").next("look again")));
    rig.feed(Input::Planned { generation, result });
    rig.settle();
    rig.sees("not staged: no such key");
    assert_eq!(lives(&rig), [Life::Planned]);
    assert!(rig.confirm().is_none());
}

#[test]
fn what_is_quiet_holds_back_what_others_could_read() {
    let mut rig = at_step(3);
    rig.keys("s q");
    rig.save();
    rig.sees("quiet: tags, notes and archiving wait for the strike");
    rig.sees("QUIET ARMED");
    // Archiving is staged, though it was to be done at once; it goes last.
    rig.keys("Enter");
    rig.settle();
    rig.sees("quiet; staged: 1");
    assert!(rig.confirm().is_none());
    rig.keys("j s a");
    let Some(Reads::Plan { request, .. }) = rig.reads.last() else { panic!() };
    assert!(request.quiet);
    rig.settle();
    rig.keys("s s");
    let titles: Vec<_> = rig.confirm().unwrap().proposed().map(|one| one.plan.title.line().into_string()).collect();
    assert_eq!(titles, ["Contain the instance", "Archive the finding"]);
    rig.wait(400);
    // Nor is it triaged beside the incident.
    rig.keys("Enter q");
    rig.save();
    rig.keys("g g t a");
    rig.sees("an incident is quiet, and triage would show");
    assert!(rig.model.triage.is_none() && rig.reads.is_empty());
    rig.keys("Enter");
    rig.settle();
    rig.keys("s s");
    rig.wait(400);
    rig.keys("PgDn PgDn PgDn");
    rig.type_in("2 444455556666");
    rig.keys("Enter");
    rig.save();
    assert_eq!(rig.count("quiet.set"), 2);
    rig.sees_not("QUIET");
}

#[test]
fn what_contains_may_be_done_at_once_while_it_is_quiet() {
    let mut rig = at_step(4);
    rig.keys("s q");
    rig.save();
    rig.keys("Enter");
    rig.settle();
    rig.sees("CONFIRM: Contain the instance");
}

#[test]
fn a_triage_is_a_set_of_its_own_beside_what_is_staged() {
    let mut rig = Rig::listed();
    rig.arrive(vec![elsewhere(1, "111122223333")]);
    rig.keys("Space Space g g Enter");
    rig.settle();
    rig.model.incident.step = 4;
    rig.keys("s a");
    rig.settle();
    rig.keys("q g g Space Space t a");
    rig.settle();
    rig.sees("CONFIRM: set 2, 2 action(s)");
    rig.wait(400);
    rig.keys("Esc");
    rig.save();
    // What was staged before is staged still.
    assert_eq!(lives(&rig), [Life::Planned, Life::Cancelled, Life::Cancelled]);
}

#[test]
fn what_is_still_to_be_staged_is_given_up_with_its_session() {
    let mut rig = Rig::listed();
    rig.arrive(vec![elsewhere(1, "111122223333"), elsewhere(2, "222233334444")]);
    rig.keys("Space Space Space t a");
    rig.attach();
    rig.save();
    assert!(rig.answer());
    assert_eq!(rig.reads.len(), 1);
    assert!(!format!("{:?}", rig.model.incident.staging).contains("queue: []"));
    // Another session is taken up while the second is being planned.
    rig.feed(Input::Sessions(super::properties::rows()));
    rig.keys("S");
    rig.type_in("j");
    rig.keys("k Enter");
    assert!(rig.model.session.is_none());
    assert!(format!("{:?}", rig.model.incident.staging).contains("queue: []"));
}

/// The undo of a set is being planned, one plan of two is made, and a triage of several rows begins.
#[test]
fn a_triage_gives_up_the_undo_that_was_being_planned_for_an_approval() {
    let mut rig = Rig::listed();
    rig.arrive(vec![elsewhere(1, "111122223333")]);
    rig.keys("Space Space g g Enter");
    rig.settle();
    rig.model.incident.step = 3;
    rig.keys("s a");
    rig.settle();
    rig.keys("j s a");
    rig.settle();
    rig.keys("s s");
    rig.wait(400);
    rig.keys("PgDn PgDn PgDn");
    rig.type_in("2 444455556666");
    rig.keys("Enter");
    rig.settle();
    end(&mut rig, 0, succeeded());
    end(&mut rig, 1, succeeded());
    rig.settle();
    rig.keys("s u");
    assert!(rig.answer());
    rig.save();
    assert_eq!(lives(&rig), [Life::Succeeded, Life::Succeeded, Life::Planned]);
    rig.keys("q g g Space Space t a");
    rig.save();
    assert_eq!(lives(&rig)[2], Life::Cancelled);
}

#[test]
fn what_was_staged_with_a_tag_does_not_stay_in_a_set_that_is_to_be_quiet() {
    let mut rig = at_step(4);
    rig.keys("s a");
    rig.settle();
    rig.keys("s q");
    rig.save();
    rig.sees("quiet; 1 staged automation(s) had a tag: taken out, stage them again");
    assert_eq!(lives(&rig), [Life::Cancelled]);
}

#[test]
fn an_undo_is_as_quiet_as_its_incident() {
    let mut rig = struck();
    end(&mut rig, 0, succeeded());
    end(&mut rig, 1, succeeded());
    rig.settle();
    rig.keys("s q u");
    let quiet = rig.reads.iter().find_map(|reads| match reads {
        Reads::PlanUndo { quiet, .. } => Some(*quiet),
        _ => None,
    });
    assert_eq!(quiet, Some(true));
}

/// The step whose plan gets old, staged at a time.
fn planned_at(rig: &mut Rig, at: &str) {
    let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { panic!("{:?}", rig.reads) };
    let mut plan = super::fixtures::plan(&request);
    plan.facts.push(Fact::new("planned at", at));
    rig.feed(Input::Planned { generation, result: Box::new(Ok(plan)) });
    rig.settle();
}

/// What ends the sessions that are older than a time is planned anew where that time is long past.
#[test]
fn what_was_staged_too_long_ago_is_planned_anew_before_it_is_approved() {
    let kind = "kind: iam-access-key\n   title: Delete the key\n   danger: 3";
    let text = BOOK.replace(kind, "kind: iam-revoke-sessions\n   title: Revoke the sessions\n   danger: 2");
    let mut rig = Rig::empty();
    rig.model.library = vec![parse("test-compromise", text.as_bytes(), Origin::BuiltIn).unwrap().runbook].into();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.model.incident.step = 5;
    rig.keys("s a");
    planned_at(&mut rig, "2025-11-21T14:07:00Z");
    rig.sees("staged: 1");
    // In time it is as it was staged.
    rig.now = time("2025-11-21T14:11:50Z");
    rig.keys("s s");
    assert!(rig.confirm().is_some());
    rig.keys("Esc");
    rig.save();
    rig.now = time("2025-11-21T14:12:30Z");
    rig.keys("s s");
    assert!(rig.confirm().is_none());
    planned_at(&mut rig, "2025-11-21T14:12:30Z");
    assert_eq!(lives(&rig), [Life::Cancelled, Life::Planned]);
    assert_eq!(rig.confirm().unwrap().proposed().count(), 1);
    // Given up, it stays staged, as it was before.
    rig.keys("Esc");
    rig.save();
    assert_eq!(lives(&rig), [Life::Cancelled, Life::Planned]);
    // Where it can't be planned, it is out of the set, and that is said.
    rig.now = time("2025-11-21T14:20:00Z");
    rig.keys("s s");
    let Some(Reads::Plan { generation, .. }) = rig.reads.pop() else { panic!("{:?}", rig.reads) };
    rig.feed(Input::Planned { generation, result: Box::new(Err(Problem::input("the role is gone"))) });
    rig.settle();
    rig.sees("not staged: the role is gone");
    assert_eq!(lives(&rig), [Life::Cancelled, Life::Cancelled]);
}
