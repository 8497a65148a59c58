//! What a decision has passed over looks so, is recorded as nothing, and can be done all the same.

use super::fixtures::{BOOK, findings};
use super::rig::{MONO, Rig};
use quell_core::incident::Mark;
use quell_core::runbook::{Origin, parse};

/// The decision of row 2 leads past rows 3 to 5.
fn passed() -> Rig {
    let text = BOOK.replace("go to the end", "[go to the end](#lessons)");
    let mut rig = Rig::empty();
    rig.model.library = vec![parse("test-compromise", text.as_bytes(), Origin::BuiltIn).unwrap().runbook].into();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.model.look = MONO;
    rig.model.incident.step = 2;
    rig.keys("Enter 2 Enter");
    rig.save();
    rig.resize(140, 40);
    rig
}

#[test]
fn steps_that_a_decision_passed_over_look_so_and_can_be_done() {
    let mut rig = passed();
    let line = |rig: &Rig, words: &str| {
        let screen = rig.screen();
        screen
            .lines()
            .find(|line| line.contains(words))
            .unwrap_or_else(|| panic!("{words} is not in\n{screen}"))
            .to_owned()
    };
    for words in ["[~]  4 Archive the finding", "[~]  5 Contain the instance", "[~]  6 Delete the key"] {
        assert!(line(&rig, words).ends_with(" passed over"), "{words}");
    }
    // Before the decision and from where it led to, nothing was passed over.
    rig.sees("[ ]  2 Record what runs on it");
    rig.sees("[ ]  7 Write down what was learned");
    // They are neither to do nor done.
    rig.sees("1/4 done, 3 passed over");
    // Nothing is recorded of them.
    assert_eq!((3..6).map(|row| rig.mark(row)).collect::<Vec<_>>(), [Mark::Todo; 3]);
    assert_eq!(rig.count("step.skipped"), 0);
    rig.model.incident.step = 4;
    rig.sees("passed over: a decision led past it; it is open all the same");
    rig.keys("Space");
    rig.save();
    rig.sees("[x]  5 Contain the instance");
    rig.sees("[~]  4 Archive the finding");
    rig.sees("2/5 done, 2 passed over");
    // Once it is not decided any more, nothing was passed over.
    rig.model.incident.step = 2;
    rig.keys("Space");
    rig.save();
    rig.sees("[ ]  4 Archive the finding");
    rig.sees("[x]  5 Contain the instance");
    rig.sees("1/7 done");
    rig.sees_not("passed over");
}

#[test]
fn the_question_of_closing_counts_what_was_passed_over_by_itself() {
    let mut rig = passed();
    rig.keys(":");
    rig.type_in("close");
    rig.keys("Enter");
    rig.sees("CLOSE the session as (3 steps open, 3 passed over)");
}

#[test]
fn whoever_comes_back_begins_behind_what_was_passed_over() {
    let mut rig = passed();
    rig.model.incident.step = 0;
    rig.keys("Enter");
    rig.save();
    rig.keys("Space");
    rig.type_in("sshd alone");
    rig.keys("Enter");
    rig.save();
    quell::console::screens::incident::follow_first(&mut rig.model);
    assert_eq!(rig.model.incident.step, 6);
}
