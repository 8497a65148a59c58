//! Who has which role: `:role` takes one, and what is open of another's bears the name.

use super::follow::joined;
use super::rig::Rig;

fn palette(rig: &mut Rig, command: &str) {
    rig.keys(":");
    rig.type_in(command);
    rig.keys("Enter");
}

/// Bob's console in the incident in which alice has taken the role of the first step.
fn bob() -> Rig {
    let mut alice = Rig::opened();
    palette(&mut alice, "role");
    alice.sees("ROLE of alice");
    alice.sees("handler: nobody yet; take it");
    alice.keys("Enter");
    alice.sees("the role handler is yours");
    alice.settle();
    // One's own steps are as they were, but for the name in the step's text.
    alice.sees("role handler (alice), target 5 min");
    alice.sees_not("handler: alice");
    let mut rig = joined(Rig::listed(), &alice);
    rig.model.me = "bob".into();
    rig.model.session.as_mut().unwrap().books = alice.model.session.as_ref().unwrap().books.clone();
    rig
}

#[test]
fn an_open_step_of_anothers_role_bears_the_name_and_can_be_done_all_the_same() {
    let mut rig = bob();
    rig.resize(120, 40);
    rig.sees("alice takes the role handler");
    rig.sees("1 Confirm that it is no test");
    rig.sees("handler: alice");
    rig.model.incident.step = 0;
    rig.keys("Enter");
    rig.settle();
    assert_eq!(rig.count("step.done"), 1);
    // What is done says who did it.
    rig.sees_not("handler: alice");
}

#[test]
fn a_role_that_another_has_can_be_taken_too_and_given_up() {
    let mut rig = bob();
    rig.resize(120, 40);
    palette(&mut rig, "role");
    rig.sees("handler: alice; take it too");
    rig.keys("Enter");
    rig.settle();
    rig.sees("role handler (alice, bob)");
    rig.sees_not("handler: alice");
    palette(&mut rig, "role");
    rig.sees("handler: alice, bob; give it up");
    rig.keys("Enter");
    rig.sees("the role handler is yours no more");
    rig.settle();
    rig.sees("handler: alice");
    assert_eq!(rig.count("role.set"), 3);
}

#[test]
fn a_runbook_without_roles_asks_for_none() {
    let text = super::fixtures::BOOK.replace(" role=handler", "");
    let book = quell_core::runbook::parse("test-compromise", text.as_bytes(), quell_core::runbook::Origin::BuiltIn);
    let mut rig = Rig::empty();
    rig.model.library = vec![book.unwrap().runbook].into();
    rig.arrive(super::fixtures::findings());
    rig.keys("Enter");
    rig.settle();
    palette(&mut rig, "role");
    rig.sees("no step of the open runbooks names a role");
    assert!(rig.model.prompt.is_none());
}
