//! What it takes to approve an action, and what never approves one.

use super::rig::{Rig, succeeded};
use super::thread::at_step;
use quell::console::core::input::Input;
use quell::console::core::model::Mode;
use quell_core::incident::{Entry, Event, Link, NoteAdded};

/// The incident with the approval of an action open: row 3 is danger 1, row 4 danger 2, row 5 danger 3.
fn asked(row: usize) -> Rig {
    let mut rig = at_step(row);
    rig.keys("Enter");
    rig.settle();
    assert!(rig.confirm().is_some());
    rig
}

#[test]
fn two_enters_on_a_step_make_one_plan_and_no_action() {
    let mut rig = at_step(3);
    rig.burst("Enter Enter");
    assert_eq!(rig.reads.len(), 1);
    rig.settle();
    rig.burst("Enter Enter");
    rig.settle();
    assert_eq!((rig.count("action.planned"), rig.count("action.approved"), rig.count("action.cancelled")), (1, 0, 0));
    // Past the dead time Enter alone takes what is focused: Cancel.
    rig.wait(400);
    rig.burst("Enter");
    rig.settle();
    assert_eq!((rig.count("action.cancelled"), rig.count("action.started")), (1, 0));
}

#[test]
fn the_gesture_and_two_enters_in_one_read_start_one_action() {
    let mut rig = asked(3);
    rig.wait(300);
    rig.burst("y Enter Enter");
    assert_eq!(rig.count("action.started"), 1);
    assert!(rig.reads.is_empty(), "the second Enter planned nothing");
    rig.settle();
    assert_eq!((rig.count("action.planned"), rig.count("action.approved"), rig.count("action.started")), (1, 1, 1));
}

#[test]
fn the_first_300_ms_belong_to_what_the_dialog_covered() {
    let mut rig = asked(3);
    rig.wait(299);
    rig.burst("y Enter Esc C-c Tab y Enter");
    let confirm = rig.confirm().expect("it is still open");
    assert_eq!((confirm.typed.as_str(), confirm.in_reason), ("", false));
    assert_eq!((rig.count("action.approved"), rig.count("action.cancelled")), (0, 0));
    rig.wait(1);
    rig.burst("y Enter");
    assert_eq!(rig.count("action.started"), 1);
}

#[test]
fn a_paste_never_becomes_a_gesture() {
    for (row, token) in [(3, "y"), (4, "7890"), (5, "AKIAIOSFODNN7EXAMPLE")] {
        let mut rig = asked(row);
        rig.wait(400);
        for text in [token, &format!("{token}\r"), &format!("\u{1b}[201~{token}\n")] {
            let out = rig.paste(text);
            assert!(out.entries.is_empty());
            assert_eq!(rig.confirm().map(|c| c.typed.as_str()), Some(""), "{text:?}");
        }
        rig.sees("a paste is never taken as approval");
        rig.burst("Enter");
        rig.settle();
        assert_eq!((rig.count("action.cancelled"), rig.count("action.started")), (1, 0));
    }
}

#[test]
fn a_paste_goes_into_the_reason_and_stays_one_line() {
    let mut rig = asked(3);
    rig.wait(400);
    rig.burst("Tab");
    rig.paste(" as agreed\ny\n");
    rig.burst("Enter");
    assert!(rig.confirm().is_some(), "Enter in the reason goes back to the gesture");
    rig.burst("y Enter");
    let why = rig.events().find_map(|e| match e {
        Event::ActionApproved(d) => Some((d.why.line().into_string(), d.gesture.line().into_string())),
        _ => None,
    });
    assert_eq!(why, Some(("step 4 Archive the finding as agreed y".into(), "typed y".into())));
}

#[test]
fn enter_before_the_gesture_is_complete_cancels() {
    for (row, typed) in [(3, ""), (3, "Y"), (3, "yy"), (4, "789"), (4, "07890"), (5, "akiaiosfodnn7example")] {
        let mut rig = asked(row);
        rig.wait(400);
        rig.type_in(typed);
        rig.burst("Enter");
        rig.settle();
        assert!(rig.confirm().is_none());
        assert_eq!((rig.count("action.cancelled"), rig.count("action.started")), (1, 0), "{typed:?}");
        rig.sees("cancelled; nothing was sent");
    }
}

#[test]
fn escape_and_control_c_cancel_even_a_complete_gesture() {
    for key in ["Esc", "C-c"] {
        let mut rig = asked(3);
        rig.keys("y");
        rig.burst(key);
        rig.settle();
        assert_eq!((rig.count("action.cancelled"), rig.count("action.started")), (1, 0), "{key}");
    }
}

#[test]
fn other_bindings_are_off_in_a_dialog() {
    let mut rig = asked(5);
    rig.keys("q : ? @ a x u R S / C-d C-z C-p G F1 Left Right Home End Del M-x");
    let confirm = rig.confirm().expect("it is still open");
    // Only characters are typed; control and alt are not.
    assert_eq!(confirm.typed, "q:?@axuRS/G");
    assert!(rig.reads.is_empty() && rig.desk.is_empty());
    assert_eq!(rig.model.screens.len(), 2);
    rig.keys("BSpace BSpace");
    assert_eq!(rig.confirm().map(|c| c.typed.as_str()), Some("q:?@axuRS"));
    assert!(rig.key("C-l").redraw);
    assert!(rig.confirm().is_some());
}

#[test]
fn read_only_sends_nothing() {
    let mut rig = Rig::of(Mode::Real);
    rig.arrive(super::fixtures::findings());
    rig.keys("Enter");
    rig.settle();
    rig.sees("READ ONLY");
    rig.model.incident.step = 3;
    rig.keys("Enter");
    rig.settle();
    rig.sees("READ ONLY: approving sends nothing; cancel, then :arm");
    rig.keys("y Enter");
    rig.settle();
    assert_eq!((rig.count("action.started"), rig.count("action.approved"), rig.count("action.cancelled")), (0, 0, 1));
    rig.sees("READ ONLY: nothing was sent; :arm allows actions for 30 minutes");
}

#[test]
fn an_approval_counts_only_while_armed() {
    let mut rig = Rig::of(Mode::Real);
    rig.arrive(super::fixtures::findings());
    rig.keys("Enter");
    rig.settle();
    let until = rig.now + jiff::SignedDuration::from_mins(30);
    rig.feed(Input::Armed(Ok(Some(until))));
    rig.sees("ARMED until 14:37Z");
    rig.model.incident.step = 3;
    rig.keys("Enter");
    rig.settle();
    rig.wait(30 * 60 * 1000);
    rig.burst("y Enter");
    rig.settle();
    assert_eq!((rig.count("action.started"), rig.count("action.cancelled")), (0, 1));
    rig.sees("READ ONLY");
}

#[test]
fn a_plan_without_a_token_cannot_be_approved_by_enter_alone() {
    let mut rig = asked(4);
    let mut plan = rig.confirm().unwrap().first.plan.clone();
    rig.keys("Esc");
    plan.confirm = "".into();
    rig.keys("Enter");
    let generation = rig.model.generation;
    rig.reads.clear();
    rig.feed(Input::Planned { generation, result: Box::new(Ok(plan)) });
    rig.keys("Enter");
    assert_eq!(rig.count("action.started"), 0);
}

#[test]
fn the_end_of_a_long_id_can_be_read_where_it_is_asked_for() {
    let mut rig = asked(4);
    let mut plan = rig.confirm().unwrap().first.plan.clone();
    rig.keys("Esc");
    plan.confirm = format!("{}wxyz", "b".repeat(59)).into();
    rig.keys("Enter");
    let generation = rig.model.generation;
    rig.reads.clear();
    rig.feed(Input::Planned { generation, result: Box::new(Ok(plan)) });
    rig.sees("bwxyz:");
}

#[test]
fn a_plan_that_comes_while_a_note_is_typed_does_not_take_the_keys() {
    let mut rig = at_step(3);
    rig.keys("Enter a");
    rig.type_in("seen by");
    rig.answer();
    rig.wait(1000);
    rig.type_in(" y");
    rig.keys("Enter");
    let notes = |rig: &Rig| {
        rig.events()
            .filter_map(|e| match e {
                Event::NoteAdded(d) => Some(d.text.line().into_string()),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(notes(&rig), ["seen by y"]);
    assert_eq!(rig.count("action.started"), 0);
    // The approval opens when the note is done.
    assert!(rig.confirm().is_some());
}

#[test]
fn a_stale_plan_is_dropped() {
    let mut rig = at_step(3);
    rig.keys("Enter j Enter");
    assert_eq!(rig.reads.len(), 2);
    rig.answer();
    assert!(rig.confirm().is_none(), "the first plan is of no use any more");
    rig.answer();
    assert_eq!(rig.confirm().map(|c| c.first.plan.danger), Some(2));
    assert_eq!(rig.count("action.planned"), 1);
}

#[test]
fn another_writers_action_on_the_target_goes_first() {
    let mut rig = asked(3);
    let planned = rig.events().find(|e| e.kind() == Some("action.planned")).cloned().unwrap();
    let Event::ActionPlanned(data) = planned.clone() else { panic!() };
    let w = super::rig::writer('z');
    let link = |n| Link(w.clone(), n);
    let l = rig.saved.last().unwrap().l;
    let events: Vec<Event> = vec![
        rig.first('z').event,
        planned,
        quell_core::incident::ActionApproved {
            action: link(1),
            plan_hash: data.plan_hash.clone(),
            gesture: "typed y".into(),
            why: "".into(),
            queued: false,
        }
        .into(),
        quell_core::incident::ActionStarted { action: link(1), plan_hash: data.plan_hash, token: "t".into() }.into(),
        NoteAdded { text: "bob is here".into(), step: None }.into(),
    ];
    let entries: Vec<Entry> = events
        .into_iter()
        .enumerate()
        .map(|(n, event)| Entry { link: link(n as u64), l: l + n as u64, t: rig.now, at: None, seen: None, event })
        .collect();
    let session = rig.model.session.as_ref().unwrap().id.clone();
    rig.feed(Input::Foreign { session, entries, superseded: Vec::new() });
    rig.keys("y Enter");
    rig.settle();
    rig.sees("an action on 0001 is under way; wait for its end");
    assert_eq!(rig.count("action.started"), 0);
    rig.end(succeeded());
}
