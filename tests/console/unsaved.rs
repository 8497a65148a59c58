//! Durable before done: what the log could not save is not done, and what is on its way is drawn as saving.

use super::fixtures::{findings, worst};
use super::rig::Rig;
use super::thread::at_step;
use quell::console::core::effect::{Desk, Reads};
use quell::console::core::input::Input;
use quell::console::core::model::Screen;
use quell::problem::Problem;
use quell_core::finding::Finding;
use quell_core::incident::{Mark, Outcome};

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
    rig.sees(" NOT SAVED  the disk is full");
    rig.keys("j k");
    rig.sees(" NOT SAVED ");
    rig.unsaved.clear();
    rig.keys("Enter");
    rig.settle();
    rig.sees("0/7 done");
    rig.sees_not("NOT SAVED");
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

/// A step may have commands of its own beside its action: what was blocked is the action.
#[test]
fn the_blocked_action_goes_before_the_step_s_own_command() {
    let text = "---\nid: both\ntitle: Both\nmatches: [\"*\"]\n---\n\n## Contain\n\n1. Deny it\n\n   ```action\n   kind: iam-deny\n   \
                title: Deny\n   role: web\n   ```\n\n   ```bash\n   date\n   ```\n";
    let mut rig = Rig::empty();
    let book = quell_core::runbook::parse("both", text.as_bytes(), quell_core::runbook::Origin::BuiltIn).unwrap();
    rig.model.library = vec![book.runbook].into();
    rig.arrive(super::fixtures::findings());
    rig.keys("Enter");
    rig.settle();
    let copied = |rig: &mut Rig| {
        rig.reads.clear();
        rig.keys("y c");
        let copy = |read: &Reads| if let Reads::Copy(text) = read { Some(text.clone()) } else { None };
        rig.reads.iter().find_map(copy).unwrap()
    };
    assert_eq!(copied(&mut rig), "date");
    rig.keys("Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.refuse();
    rig.sees("the action was not started; y c");
    let command = copied(&mut rig);
    assert!(command.starts_with("aws "), "{command}");
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
fn that_the_second_copy_is_behind_is_said_for_as_long_as_it_is() {
    let mut rig = Rig::opened();
    rig.feed(Input::Behind(Some(Problem::local("the second copy could not be written: Input/output error"))));
    rig.sees("the second copy could not be written: Input/output error");
    rig.keys("Esc j k");
    rig.sees_not("Input/output error");
    rig.sees(" second copy BEHIND  log ");
    rig.keys("Enter");
    rig.save();
    rig.sees(" second copy BEHIND  log ");
    rig.feed(Input::Behind(None));
    rig.sees("the second copy has caught up");
    rig.sees_not("BEHIND");
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

fn full() -> Problem {
    Problem::local("the timeline could not be written: No space left on device")
        .in_file("/srv/quell/sessions/x/log", 0, 0)
        .next("make room on the disk that holds the state folder")
}

/// The session that was asked for could not be made.
fn refused(rig: &mut Rig, problem: Problem) {
    rig.desk.clear();
    rig.feed(Input::NotAttached(problem));
}

/// What `y c` copies on the list.
fn copied(rig: &mut Rig) -> Option<String> {
    rig.reads.clear();
    rig.keys("y c");
    rig.reads.iter().find_map(|reads| match reads {
        Reads::Copy(text) => Some(text.clone()),
        _ => None,
    })
}

#[test]
fn not_saved_stands_on_the_list_until_a_session_is_saved() {
    let mut rig = Rig::listed();
    rig.keys("Enter");
    refused(&mut rig, full());
    for keys in ["j k", "S", "q", "/ Esc"] {
        rig.sees(" NOT SAVED  the timeline could not be written: No space left on device");
        rig.sees("make room on the disk that holds the state folder");
        rig.sees("/srv/quell/sessions/x/log");
        rig.keys(keys);
    }
    rig.keys("Enter");
    rig.attach();
    // Its first records are on their way.
    rig.sees(" NOT SAVED ");
    rig.save();
    rig.sees("STEPS* test-compromise");
    rig.sees_not("NOT SAVED");
}

#[test]
fn not_saved_on_the_list_says_what_to_do_where_no_folder_could_be_made() {
    let mut rig = Rig::listed();
    rig.keys("Enter");
    refused(&mut rig, Problem::local("can't make a folder: No space left on device"));
    rig.sees(" NOT SAVED  can't make a folder: No space left on device");
    rig.sees("make room on the disk that holds the state folder");
    rig.sees(":move to a folder on another disk");
    // What is wrong with what was asked for has nothing to do with the disk.
    let mut rig = Rig::listed();
    rig.keys("Enter");
    refused(&mut rig, Problem::input("no session is called x"));
    rig.sees("no session is called x");
    rig.sees_not("NOT SAVED");
}

#[test]
fn the_exact_command_of_a_triage_without_a_session_can_be_copied() {
    let mut rig = Rig::listed();
    assert_eq!(copied(&mut rig), None);
    rig.keys("t a");
    refused(&mut rig, full());
    rig.sees(" NOT SAVED ");
    rig.sees("the triage was not started; what it would send is being read");
    rig.keys("y c");
    rig.sees("it is still being read");
    assert!(rig.answer());
    rig.sees("the triage was not started; y c on its row copies the exact command");
    // Nothing is asked and nothing begun.
    assert!(rig.confirm().is_none() && rig.desk.is_empty() && rig.unsaved.is_empty());
    let command = copied(&mut rig).unwrap();
    assert!(command.starts_with("aws guardduty archive-findings "), "{command}");
    assert_eq!(command.lines().count(), 1);
    rig.sees(" NOT SAVED ");
    rig.keys("j");
    assert_eq!(copied(&mut rig), None);
    rig.sees("there is nothing to copy here");
    // Once it goes its way there is nothing to run elsewhere.
    rig.keys("k t a");
    rig.settle();
    rig.sees("CONFIRM: Archive the finding");
    rig.sees_not("NOT SAVED");
    rig.wait(400);
    rig.keys("Esc");
    rig.settle();
    assert_eq!(copied(&mut rig), None);
}

#[test]
fn a_triage_of_several_calls_is_copied_whole() {
    let mut rig = Rig::listed();
    rig.arrive(vec![super::fixtures::elsewhere(1, "111122223333")]);
    rig.keys("Space Space t a");
    refused(&mut rig, full());
    assert!(rig.answer());
    rig.keys("y c");
    rig.sees("it is still being read");
    assert!(rig.answer());
    assert_eq!(copied(&mut rig).unwrap().lines().count(), 2);
    // What is marked is meant: with a row more it is not that triage.
    rig.keys("Space");
    assert_eq!(copied(&mut rig), None);
    rig.keys("k Space g g");
    // A call that can't be planned is told, and no part of the triage passes for the whole.
    rig.keys("t a");
    refused(&mut rig, full());
    assert!(rig.answer());
    let generation = rig.model.generation;
    rig.feed(Input::Planned { generation, result: Box::new(Err(Problem::aws("access denied"))) });
    rig.sees("the triage was not started, and can't be planned: access denied");
    assert_eq!(copied(&mut rig), None);
}

#[test]
fn the_exact_command_of_a_triage_that_was_not_recorded_can_be_copied() {
    // The first records of its session are lost.
    let mut rig = Rig::listed();
    rig.keys("t a");
    rig.attach();
    rig.refuse();
    assert!(rig.model.session.is_none());
    while rig.answer() {}
    rig.sees(" NOT SAVED  the disk is full");
    let command = copied(&mut rig).unwrap();
    assert!(command.starts_with("aws guardduty archive-findings "), "{command}");
    // The finding that goes into the session of the day is.
    let mut rig = Rig::listed();
    rig.keys("t a");
    rig.settle();
    rig.wait(400);
    rig.keys("Esc");
    rig.settle();
    rig.keys("j t a");
    rig.refuse();
    while rig.answer() {}
    rig.sees(" NOT SAVED  the disk is full");
    assert!(copied(&mut rig).is_some());
    rig.keys("k");
    assert_eq!(copied(&mut rig), None);
    // Its plan is, or its approval.
    for approved in [false, true] {
        let mut rig = Rig::listed();
        rig.keys("t a");
        rig.attach();
        rig.save();
        rig.answer();
        if approved {
            rig.save();
            rig.wait(400);
            rig.keys("y Enter");
        }
        rig.refuse();
        rig.sees("the triage was not started; y c on its row copies the exact command");
        assert_eq!(copied(&mut rig).unwrap(), command);
    }
}

#[test]
fn another_folder_is_chosen_from_the_list() {
    let go = |rig: &mut Rig| {
        rig.keys(":");
        rig.type_in("move");
        rig.keys("Enter");
    };
    let mut rig = Rig::listed();
    rig.keys("Enter");
    refused(&mut rig, full());
    go(&mut rig);
    rig.sees("MOVE: another folder for sessions, on a disk that works");
    rig.type_in("/mnt/other");
    rig.keys("Enter");
    assert!(matches!(&rig.desk[..], [Desk::Choose { to }] if to.line().as_str() == "/mnt/other"), "{:?}", rig.desk);
    rig.desk.clear();
    rig.reads.clear();
    rig.sees(" NOT SAVED ");
    rig.feed(Input::Chosen("/mnt/other".into()));
    rig.sees("sessions are kept in /mnt/other from here on");
    assert!(matches!(&rig.reads[..], [Reads::ListSessions]), "{:?}", rig.reads);
    rig.keys("j");
    rig.sees_not("NOT SAVED");
    // While a session is being made in the first one it is too early.
    rig.keys("t a");
    go(&mut rig);
    rig.sees("a session is being opened");
    assert!(rig.model.prompt.is_none());
}

/// No step holds the undo of a triage: it is copied on the row of its finding.
#[test]
fn the_exact_command_of_an_undone_triage_can_be_copied() {
    let id = "arn:aws:guardduty:eu-west-1:444455556666:detector/12abc34d567e8fa901bc2d34e56789f0/finding/\
              46ba0ac2845071e23ccdeb2ae03bfdea";
    let mut rig = Rig::empty();
    rig.arrive(vec![Finding { id: id.into(), ..worst() }, findings().remove(1)]);
    rig.keys("t a");
    rig.settle();
    rig.wait(400);
    rig.keys("y Enter");
    rig.settle();
    let undo = Some(serde_json::json!({ "State": "ACTIVE" }));
    let (outcome, request_ids, facts) = ("archived".into(), Vec::new(), Vec::new());
    rig.end(Outcome::Succeeded { outcome, request_ids, undo, facts });
    rig.settle();
    rig.keys("t u");
    rig.sees("UNDO which action?");
    rig.wait(400);
    rig.keys("Enter");
    rig.answer();
    rig.save();
    rig.wait(400);
    rig.keys("y Enter");
    rig.refuse();
    rig.sees("the undo was not started; y c on the finding's row in the list copies the");
    let command = copied(&mut rig).unwrap();
    assert!(command.starts_with("aws guardduty archive-findings "), "{command}");
    rig.keys("j");
    assert_eq!(copied(&mut rig), None);
}
