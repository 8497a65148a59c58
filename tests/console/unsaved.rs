//! Durable before done: what the log could not save is not done, and what is on its way is drawn as saving.

use super::rig::Rig;
use super::thread::at_step;
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell::console::core::model::Screen;
use quell::problem::Problem;
use quell_core::incident::Mark;

#[test]
fn what_is_pending_is_drawn_as_saving() {
    let mut rig = Rig::opened();
    rig.keys("Enter");
    rig.sees("saving 1");
    rig.sees("[ ]  1 Confirm that it is no test");
    rig.sees("0/7 done");
    assert_eq!(rig.mark(0), Mark::Todo);
    rig.save();
    rig.sees_not("saving");
    rig.sees("1/7 done");
}

#[test]
fn a_second_enter_on_a_step_that_is_being_saved_does_nothing() {
    let mut rig = Rig::opened();
    rig.burst("Enter Enter Enter");
    assert_eq!(rig.count("step.done"), 1);
    rig.sees("done already");
}

#[test]
fn what_was_not_saved_is_undone_and_said() {
    let mut rig = Rig::opened();
    rig.keys("Enter");
    rig.refuse();
    rig.sees(" NOT SAVED ");
    rig.sees("the disk is full");
    rig.sees("free some room; the next key tries again");
    rig.sees_not("saving");
    rig.sees("[ ]  1 Confirm that it is no test");
    // A key does not wipe it away.
    rig.keys("j k");
    rig.sees(" NOT SAVED ");
    let next = rig.saved.last().unwrap().link.1 + 1;
    rig.keys("Enter");
    assert_eq!(rig.unsaved[0].link.1, next, "the numbers go on without a gap");
    rig.save();
    rig.sees_not("NOT SAVED");
    rig.sees("[x]  1 Confirm that it is no test");
}

#[test]
fn a_dialog_made_from_what_was_not_saved_closes() {
    let mut rig = at_step(3);
    rig.keys("Enter");
    rig.answer();
    assert!(rig.confirm().is_some());
    rig.refuse();
    assert!(rig.confirm().is_none());
    rig.keys("y");
    rig.settle();
    assert_eq!((rig.count("action.planned"), rig.count("action.started")), (0, 0));
    rig.keys("Esc Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    assert_eq!((rig.count("action.planned"), rig.count("action.started")), (1, 1));
}

#[test]
fn an_approval_that_was_not_saved_starts_nothing() {
    let mut rig = at_step(3);
    rig.keys("Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.refuse();
    assert!(rig.running().is_none());
    assert_eq!(rig.mark(3), Mark::Todo);
    rig.sees(" NOT SAVED ");
    rig.sees_not("running");
    rig.sees_not("approved; it starts");
    rig.keys("Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    assert_eq!(rig.count("action.started"), 1);
}

#[test]
fn the_words_of_a_note_that_was_not_saved_are_kept() {
    let mut rig = Rig::opened();
    rig.keys("a");
    rig.type_in("seen at the bastion");
    rig.keys("Enter");
    rig.refuse();
    rig.keys("a");
    rig.sees("seen at the bastion");
    rig.keys("Enter");
    rig.save();
    assert_eq!(rig.model.saved().unwrap().notes.len(), 1);
}

#[test]
fn a_session_whose_first_records_were_not_saved_is_left() {
    let mut rig = Rig::listed();
    rig.keys("Enter");
    rig.attach();
    rig.refuse();
    assert_eq!(rig.model.screen(), Screen::Findings);
    assert!(rig.model.session.is_none());
    rig.sees("NOT SAVED");
    rig.unsaved.clear();
    rig.keys("Enter");
    rig.settle();
    rig.sees("0/7 done");
    assert_eq!(rig.count("session.opened"), 1);
}

#[test]
fn the_exact_command_of_a_blocked_action_can_be_copied() {
    let copied = |rig: &mut Rig| {
        rig.reads.clear();
        rig.keys("y c");
        rig.reads.iter().find_map(|reads| match reads {
            Reads::Copy(text) => Some(text.clone()),
            _ => None,
        })
    };
    let mut rig = at_step(3);
    assert_eq!(copied(&mut rig), None);
    rig.keys("Enter");
    rig.answer();
    // The plan itself could not be recorded.
    rig.refuse();
    rig.sees("the action was not started; y c on its step copies the exact command");
    let command = copied(&mut rig).unwrap();
    assert!(command.starts_with("aws "), "{command}");
    assert!(command.contains(" --cli-input-json '{"), "{command}");
    // Neither could its approval.
    let mut rig = at_step(3);
    rig.keys("Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.refuse();
    rig.sees("the action was not started; y c");
    assert_eq!(copied(&mut rig), Some(command.clone()));
    // What was planned and is on record can be copied as well; another step's is not it.
    let mut rig = at_step(3);
    rig.keys("Enter");
    rig.settle();
    rig.keys("Esc");
    rig.settle();
    assert_eq!(copied(&mut rig), Some(command));
    rig.model.incident.step = 5;
    assert_eq!(copied(&mut rig), None);
}

#[test]
fn a_full_disk_is_said_for_as_long_as_the_reserve_is_written_to() {
    let mut rig = Rig::opened();
    rig.feed(Input::Low(true));
    rig.sees(" DISK FULL  notes and ticks are saved into a reserve; no action starts");
    rig.keys("Enter");
    rig.save();
    rig.sees(" DISK FULL ");
    rig.sees("[x]  1 Confirm that it is no test");
    rig.refuse();
    rig.sees(" NOT SAVED ");
    rig.save();
    rig.feed(Input::Low(false));
    rig.keys("Space");
    rig.save();
    rig.sees_not("DISK FULL");
}

#[test]
fn a_long_path_hides_neither_what_happened_nor_what_to_do() {
    let mut rig = Rig::opened();
    rig.keys("Enter");
    rig.refuse();
    let what = "the timeline could not be written: No space left on device (os error 28)";
    let problem = Problem::local(what).in_file(format!("/srv/{}", "state/".repeat(40)), 0, 0).next("make room");
    rig.model.session.as_mut().unwrap().not_saved = Some(problem);
    rig.sees(" NOT SAVED  the timeline could not be written: No space left on device");
    rig.sees("28)");
    rig.sees("make room");
    rig.sees("/srv/state/state/");
}
