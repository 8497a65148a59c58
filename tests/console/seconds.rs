//! Where two people must approve: the first approval starts nothing, the second is somebody else's.

use super::follow::joined;
use super::rig::Rig;
use super::thread::at_step;
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
    rig.sees("you have approved it: somebody else must too, in their own console");
    assert_eq!((rig.count("action.approved"), rig.count("action.started")), (1, 0));
    rig.keys("Enter");
    rig.wait(400);
    rig.keys("Esc");
    rig.save();
    rig.sees("nothing was sent; it waits for a second approval as before");
    assert_eq!(lives(&rig), [Life::Approved]);
    rig.keys("u");
    rig.save();
    rig.sees("withdrawn; nothing was sent");
    assert_eq!(lives(&rig), [Life::Cancelled]);
}

#[test]
fn somebody_else_starts_it_with_the_same_gesture() {
    let mut rig = joined(Rig::listed(), &once());
    rig.model.incident.step = 4;
    rig.sees("APPROVED alice");
    rig.keys("Enter");
    rig.sees("CONFIRM: Contain the instance (danger 2)");
    rig.sees("reason: seconded");
    approve(&mut rig);
    assert_eq!(lives(&rig), [Life::Started]);
    let kinds = rig.kinds();
    assert_eq!(kinds[kinds.len() - 2..], ["action.approved", "action.started"]);
    assert_eq!(rig.count("action.planned"), 1);
}
