//! A runbook whose file has changed since it was opened: told, shown step by step, gone on with by choice.

use super::fixtures::BOOK;
use super::rig::{Rig, succeeded};
use super::thread::{at_step, running_at};
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell_core::incident::Mark;
use quell_core::runbook::{Origin, Runbook, parse};

/// The runbook of the fixtures: its first step says more, the second is another one, the last is gone.
fn changed() -> Runbook {
    let text = BOOK.replace("A booked test has a ticket.", "A booked test has a ticket, and a date.");
    let text = text.replace("<!-- step: id=record note=required -->", "<!-- step: id=record-all note=required -->");
    let text = text.replace(
        "1. Write down what was learned\n   <!-- step: id=lessons -->\n",
        "1. Call the owner\n   <!-- step: id=call -->\n",
    );
    parse("test-compromise", text.as_bytes(), Origin::User("/r/own.md".into())).unwrap().runbook
}

fn reread(rig: &mut Rig, show: bool) {
    rig.feed(Input::Library { books: vec![changed()], problems: Vec::new(), show });
}

#[test]
fn a_runbook_that_has_changed_is_told_and_shown_step_by_step() {
    let mut rig = at_step(0);
    rig.sees_not("CHANGED");
    rig.keys(":");
    rig.type_in("drift");
    rig.keys("Enter");
    assert!(matches!(rig.reads.as_slice(), [Reads::Library { show: true }]), "{:?}", rig.reads);
    rig.reads.clear();
    let same = rig.model.library.to_vec();
    rig.feed(Input::Library { books: same, problems: Vec::new(), show: true });
    rig.sees("none has changed");
    reread(&mut rig, false);
    rig.sees("CHANGED: :drift");
    reread(&mut rig, true);
    rig.sees("CHANGED since it was opened: test-compromise");
    rig.sees("reworded: 1 Confirm that it is no test");
    rig.sees("taken for 2 Record what runs on it: 2 Record what runs on it");
    rig.sees("gone: 7 Write down what was learned");
    rig.sees("new: 7 Call the owner");
    rig.sees_not("Contain the instance: ");
    // Staying is the first choice, and changes nothing.
    rig.keys("Enter");
    assert_eq!((rig.count("runbook.opened"), rig.count("runbook.closed")), (1, 0));
    rig.sees("CHANGED: :drift");
}

#[test]
fn the_marks_come_along_and_no_action_is_done_twice() {
    let mut rig = at_step(0);
    rig.keys("Space");
    rig.save();
    rig.model.incident.step = 2;
    rig.keys("Enter Enter");
    rig.save();
    rig.model.incident.step = 5;
    rig.keys("x");
    rig.type_in("no key");
    rig.keys("Enter");
    rig.save();
    rig.model.incident.step = 3;
    rig.keys("Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig.end(succeeded());
    rig.settle();
    rig.keys("Esc");
    let before: Vec<Mark> = (0..7).map(|row| rig.mark(row)).collect();
    assert_eq!(before, [Mark::Done, Mark::Todo, Mark::Done, Mark::Done, Mark::Todo, Mark::Skipped, Mark::Todo]);
    reread(&mut rig, true);
    rig.keys("j Enter");
    rig.save();
    rig.sees("going on with the new text");
    let incident = rig.model.saved().unwrap();
    assert_eq!((incident.runbooks.len(), incident.runbooks[0].closed, incident.runbooks[1].closed), (2, true, false));
    let now: Vec<Mark> = incident.runbooks[1].steps.iter().map(|step| step.mark).collect();
    assert_eq!(now, [Mark::Done, Mark::Todo, Mark::Done, Mark::Done, Mark::Todo, Mark::Skipped, Mark::Todo]);
    let note = |row: usize| incident.runbooks[1].steps[row].note.as_ref().unwrap().line().into_string();
    assert_eq!(note(0), "done as step 1 of the earlier text");
    assert_eq!(note(3), "done as step 4 of the earlier text");
    assert_eq!(note(5), "skipped as step 6 of the earlier text: no key");
    assert_eq!(incident.runbooks[1].steps[2].choice.as_ref().unwrap().line().as_str(), "True positive");
    rig.sees_not("CHANGED");
    // What was done by its action can be undone still.
    rig.keys("u");
    rig.sees("undo: Archive the finding");
}

#[test]
fn what_is_under_way_keeps_its_text() {
    let mut rig = running_at(3);
    reread(&mut rig, true);
    rig.keys("j Enter");
    rig.sees("an action of this runbook is under way");
    assert_eq!(rig.count("runbook.opened"), 1);
}

/// Runbooks that are read anew while a question counts them would make the answer mean another one.
#[test]
fn an_open_question_keeps_the_runbooks_that_it_counts() {
    let mut rig = at_step(0);
    rig.keys(":");
    reread(&mut rig, true);
    assert!(rig.model.runbooks.late);
    rig.keys("Esc");
    rig.sees_not("CHANGED");
    // Once it is closed they are read again.
    assert!(!rig.model.runbooks.late);
}
