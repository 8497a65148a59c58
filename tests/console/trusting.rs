//! A runbook that nobody has trusted is walked and read; its actions are not planned.

use super::thread::at_step;
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell::problem::Problem;
use std::collections::BTreeSet;

#[test]
fn an_action_of_a_runbook_that_nobody_trusts_is_not_planned() {
    let mut rig = at_step(4);
    let trusted = std::mem::take(&mut rig.model.trusted);
    rig.trusting = false;
    rig.sees("VIEW ONLY: not trusted, Enter says more");
    rig.keys("Enter");
    assert!(matches!(rig.reads.as_slice(), [Reads::Trust]), "{:?}", rig.reads);
    rig.reads.clear();
    rig.feed(Input::Trusted(BTreeSet::new(), None));
    rig.sees("the runbook test-compromise is to be read only: nobody has trusted its text");
    rig.sees("quell runbooks trust");
    assert!(rig.reads.is_empty() && rig.unsaved.is_empty());
    // It is not staged either, nor by what could not be looked up.
    rig.keys("s a");
    rig.reads.clear();
    rig.feed(Input::Trusted(BTreeSet::new(), Some(Problem::local("others may write it"))));
    rig.sees("others may write it");
    assert!(rig.reads.is_empty() && rig.unsaved.is_empty());
    // A manual step is done as ever.
    rig.keys("k k k k Space");
    rig.save();
    assert_eq!(rig.count("step.done"), 1);
    // It was trusted beside this console: the same key plans it.
    rig.model.incident.step = 4;
    rig.keys("Enter");
    rig.reads.clear();
    rig.feed(Input::Trusted(trusted, None));
    assert!(matches!(rig.reads.as_slice(), [Reads::Plan { .. }]), "{:?}", rig.reads);
    rig.settle();
    rig.sees("CONFIRM: Contain the instance");
}

/// What was asked meanwhile is not covered by a plan that nobody waits for any more.
#[test]
fn an_answer_that_comes_over_another_question_plans_nothing() {
    let mut rig = at_step(4);
    let trusted = std::mem::take(&mut rig.model.trusted);
    rig.trusting = false;
    rig.keys("Enter a");
    rig.reads.clear();
    rig.feed(Input::Trusted(trusted, None));
    assert!(rig.reads.is_empty());
}
