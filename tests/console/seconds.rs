//! Where two people must approve: the first approval starts nothing, the second is somebody else's.

use super::follow::joined;
use super::rig::{Rig, succeeded};
use super::thread::{at_step, running_at};
use quell::console::core::input::Input;
use quell_core::incident::Life;

/// The console in which the containment of the instance was approved once.
fn once() -> Rig {
    let mut rig = at_step(4);
    rig.model.account.two = true;
    rig.keys("Enter");
    rig.settle();
    approve(&mut rig);
    rig
}

fn approve(rig: &mut Rig) {
    rig.wait(400);
    rig.keys("PgDn PgDn");
    rig.type_in("7890");
    rig.keys("Enter");
    rig.save();
}

fn lives(rig: &Rig) -> Vec<Life> {
    rig.model.saved().unwrap().actions.values().map(|a| a.life).collect()
}

#[test]
fn the_first_approval_starts_nothing_and_one_cannot_give_both() {
    let mut rig = once();
    rig.sees("approved; somebody else must approve it too");
    rig.sees("APPROVED alice");
    assert_eq!((lives(&rig), rig.count("action.started")), (vec![Life::Approved], 0));
    rig.keys("Enter");
    rig.sees("CONFIRM: Contain the instance");
    approve(&mut rig);
    rig.sees("CONFLICT  you have approved it: somebody else must too, in their own");
    rig.sees("nothing was sent: what stands at CONFLICT, at the top, forbids it");
    assert_eq!((rig.count("action.approved"), rig.count("action.started")), (1, 0));
    rig.keys("Esc");
    rig.save();
    rig.sees("nothing was sent; it waits for a second approval as before");
    assert_eq!(lives(&rig), [Life::Approved]);
    rig.keys("u");
    rig.save();
    rig.sees("withdrawn; nothing was sent");
    assert_eq!(lives(&rig), [Life::Cancelled]);
}

/// Before anything is typed it is said that one approval starts nothing.
#[test]
fn the_first_of_two_is_told_what_it_is() {
    let mut rig = at_step(4);
    rig.model.account.two = true;
    rig.keys("Enter");
    rig.settle();
    rig.sees("approved  by nobody yet: it takes two people; yours is the first");
}

#[test]
fn somebody_else_starts_it_with_the_same_gesture() {
    let mut rig = joined(Rig::listed(), &once());
    rig.model.incident.step = 4;
    rig.sees("APPROVED alice");
    rig.keys("Enter");
    rig.sees("CONFIRM: Contain the instance (danger 2)");
    rig.sees("approved  once, by alice 14:07:");
    let hash = rig.model.saved().unwrap().actions.values().next().unwrap().plan_hash.clone();
    assert_eq!(hash.len(), 64);
    rig.sees(&format!("plan hash {hash}"));
    rig.sees("reason: seconded");
    approve(&mut rig);
    assert_eq!(lives(&rig), [Life::Started]);
    let kinds = rig.kinds();
    assert_eq!(kinds[kinds.len() - 2..], ["action.approved", "action.started"]);
    assert_eq!(rig.count("action.planned"), 1);
}

/// Who comes to it, and who is there already, is called; whoever approved it is not.
#[test]
fn somebody_else_is_told_what_waits_for_them() {
    let rig = joined(Rig::listed(), &once());
    let words = "alice has approved Contain the instance: it waits";
    rig.sees(&format!("resumed; {words}"));
    let before = at_step(4);
    let mut there = joined(Rig::listed(), &before);
    let records = once().saved.split_off(before.saved.len());
    there.sees_not("waits for a second approval");
    there.keys("j");
    let session = there.model.session.as_ref().unwrap().id.clone();
    there.feed(Input::Foreign { session, entries: records, superseded: Vec::new() });
    there.sees(words);
    once().sees_not("alice has approved");
}

#[test]
fn an_undo_waits_for_its_second_approval_too_and_can_be_withdrawn() {
    let mut rig = running_at(3);
    rig.end(succeeded());
    rig.settle();
    rig.model.account.two = true;
    rig.keys("u");
    rig.settle();
    rig.wait(400);
    rig.keys("y Enter");
    rig.save();
    rig.sees("approved; somebody else must approve it too");
    // Whoever gave the first approval sees that it waits, and may take it back.
    rig.keys("Enter");
    rig.sees("CONFIRM: Undo: Archive the finding");
    rig.wait(400);
    rig.keys("Esc");
    rig.keys("u");
    rig.save();
    rig.sees("withdrawn; nothing was sent");
    assert_eq!((rig.count("action.cancelled"), rig.count("action.started")), (1, 1));
}

#[test]
fn what_no_step_holds_is_approved_from_the_list_of_what_can_be_undone() {
    let mut rig = Rig::listed();
    rig.model.account.two = true;
    rig.keys("t a");
    rig.settle();
    rig.wait(400);
    rig.keys("y Enter");
    rig.settle();
    rig.sees("approved; somebody else must approve it too");
    let mut other = joined(Rig::listed(), &rig);
    other.keys("u");
    other.sees("approved once, withdraw or approve too: Archive the finding");
    other.keys("Enter");
    other.sees("CONFIRM: Archive the finding");
    other.wait(400);
    other.keys("y Enter");
    other.save();
    assert_eq!(lives(&other), [Life::Started]);
}

#[test]
fn a_set_that_waits_for_its_second_approval_takes_nothing_in_and_is_shown_whole() {
    let mut rig = at_step(3);
    rig.model.account.two = true;
    rig.keys("s a");
    rig.settle();
    rig.keys("s s");
    rig.wait(400);
    rig.keys("PgDn PgDn");
    rig.type_in("1 444455556666");
    rig.keys("Enter");
    rig.save();
    rig.sees("approved; somebody else must approve it too");
    rig.model.incident.step = 4;
    rig.keys("s a");
    rig.settle();
    let mut other = joined(Rig::listed(), &rig);
    other.model.incident.step = 3;
    other.keys("Enter");
    other.sees("CONFIRM: set 1, 1 action(s)");
    other.wait(400);
    other.keys("PgDn PgDn");
    other.type_in("1 444455556666");
    other.keys("Enter");
    other.save();
    assert_eq!(lives(&other), [Life::Started, Life::Planned]);
    other.keys("s s");
    other.sees("CONFIRM: set 2, 1 action(s)");
}
