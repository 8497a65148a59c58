//! What an approval tells and asks before anything is sent, and what it leaves behind when it is given up.

use super::fixtures::{BOOK, findings};
use super::rig::{Rig, succeeded, writer};
use super::sets::{end, lives, struck, two_staged};
use super::thread::at_step;
use quell::console::core::confirm::Word;
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell_core::incident::{
    ActionApproved, ActionPlanned, ActionStarted, Entry, Event, Fact, Life, Link, Mark, NOTHING, Plan, Verified,
};
use quell_core::runbook::{Origin, parse};

fn read_on(rig: &mut Rig) {
    rig.wait(400);
    rig.keys("PgDn PgDn PgDn PgDn PgDn PgDn");
}

#[test]
fn an_undo_of_a_set_that_is_given_up_leaves_nothing_staged() {
    let mut rig = struck();
    end(&mut rig, 0, succeeded());
    end(&mut rig, 1, succeeded());
    rig.settle();
    for key in ["Esc", "Enter", "C-c"] {
        rig.keys("s u");
        rig.settle();
        rig.sees("CONFIRM: undo, set ");
        rig.wait(400);
        rig.keys(key);
        rig.save();
        rig.sees("cancelled; nothing was sent");
        assert!(rig.model.saved().unwrap().staged().is_empty(), "{key}");
    }
    rig.keys("s s");
    rig.sees("nothing is staged");
}

#[test]
fn an_undo_of_a_set_stands_beside_what_is_staged_and_leaves_it_as_it_was() {
    let mut rig = struck();
    end(&mut rig, 0, succeeded());
    end(&mut rig, 1, succeeded());
    rig.settle();
    rig.model.incident.step = 5;
    rig.keys("s a");
    rig.settle();
    rig.keys("s u");
    rig.settle();
    let titles: Vec<_> = rig.confirm().unwrap().proposed().map(|one| one.plan.title.line().into_string()).collect();
    assert_eq!(titles, ["Undo: Contain the instance", "Undo: Archive the finding"]);
    rig.wait(400);
    rig.keys("Esc");
    rig.save();
    rig.keys("s s");
    let titles: Vec<_> = rig.confirm().unwrap().proposed().map(|one| one.plan.title.line().into_string()).collect();
    assert_eq!(titles, ["Delete the key"]);
    rig.wait(400);
    rig.keys("Esc");
    rig.sees("nothing was sent; the set stays staged");
    assert_eq!(rig.model.saved().unwrap().staged().len(), 1);
}

#[test]
fn an_undo_of_a_set_that_is_left_half_planned_leaves_nothing_staged() {
    let mut rig = struck();
    end(&mut rig, 0, succeeded());
    end(&mut rig, 1, succeeded());
    rig.settle();
    rig.keys("s u");
    assert!(rig.answer());
    rig.save();
    // One is planned; the other is on its way when something else is asked for.
    assert_eq!(rig.model.saved().unwrap().staged().len(), 1);
    rig.model.incident.step = 5;
    rig.keys("Enter");
    rig.settle();
    rig.sees("CONFIRM: Delete the key (danger 3)");
    assert!(rig.model.saved().unwrap().staged().is_empty());
    // Nor where a question is open when the last is planned: it comes when that is closed.
    let mut rig = struck();
    end(&mut rig, 0, succeeded());
    end(&mut rig, 1, succeeded());
    rig.settle();
    rig.keys("s u a");
    rig.settle();
    rig.sees("NOTE");
    assert!(rig.confirm().is_none());
    rig.keys("Esc");
    rig.sees("CONFIRM: undo, set 2, 2 action(s)");
}

#[test]
fn a_set_that_is_not_armed_is_given_up_where_it_was_planned_to_be_sent_at_once() {
    let mut rig = at_step(5);
    rig.keys("Enter");
    let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { panic!() };
    rig.feed(Input::Several { generation, requests: vec![(*request).clone(), *request] });
    rig.settle();
    rig.model.account.read_only = true;
    let token = "AKIAIOSFODNN7EXAMPLE";
    read_on(&mut rig);
    for words in ["2 444455556666", token, token] {
        rig.type_in(words);
        rig.keys("Enter");
    }
    rig.save();
    assert_eq!((rig.count("action.started"), rig.model.saved().unwrap().staged().len()), (0, 2));
    rig.sees("nothing was sent: what stands at CONFLICT, at the top, forbids it");
    rig.keys("Esc");
    rig.save();
    assert!(rig.model.saved().unwrap().staged().is_empty());
}

#[test]
fn what_cannot_go_together_is_told_when_the_set_is_shown() {
    let mut rig = at_step(5);
    rig.keys("s a");
    let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { panic!() };
    let mut other = (*request).clone();
    other.title = "Delete the other key".into();
    rig.feed(Input::Several { generation, requests: vec![*request, other] });
    rig.settle();
    rig.sees("staged: 2; s s shows and approves them; CONFLICT: 1 (Delete the key:");
    rig.sees("AKIAIOSFODNN7EXAMPLE) and 2 (Delete the other key: AKIAIOSFODNN7EXAMPLE) of");
    rig.keys("s s");
    rig.sees("CONFLICT  1 (Delete the key: AKIAIOSFODNN7EXAMPLE) and 2");
    rig.sees("[ Cancel ] Enter cancels      approve (CONFLICT, at the top, forbids it)");
}

/// Writer b plans and starts what the last staged action does, too.
fn starts_elsewhere(rig: &mut Rig) {
    let session = rig.model.session.as_ref().unwrap();
    let last = session.saved().staged().pop().unwrap().plan.clone();
    let plan = Plan { set: None, step: None, ..last };
    let (id, plan_hash) = (session.id.clone(), plan.hash().unwrap());
    let action = Link(writer('b'), 0);
    let (gesture, why, token) = ("typed 7890".into(), "".into(), "t".into());
    let events: [Event; 3] = [
        ActionPlanned { plan, plan_hash: plan_hash.clone() }.into(),
        ActionApproved { action: action.clone(), plan_hash: plan_hash.clone(), gesture, why, queued: false }.into(),
        ActionStarted { action, plan_hash, token }.into(),
    ];
    let entry = |(n, event): (usize, Event)| {
        let (link, l) = (Link(writer('b'), n as u64), 100 + n as u64);
        Entry { link, l, t: rig.now, at: None, seen: None, event }
    };
    let entries = events.into_iter().enumerate().map(entry).collect();
    rig.feed(Input::Foreign { session: id, entries, superseded: Vec::new() });
}

#[test]
fn one_that_runs_already_is_told_before_the_gesture() {
    let mut rig = two_staged();
    // Somebody else starts what the set has, too, while the list is read.
    rig.keys("s s");
    rig.sees_not("CONFLICT");
    starts_elsewhere(&mut rig);
    rig.sees("CONFLICT  an action on i-0abc12d34e5f67890 is under way; wait for its end");
    read_on(&mut rig);
    rig.type_in("2 444455556666");
    rig.keys("Enter");
    rig.sees("nothing was sent: what stands at CONFLICT, at the top, forbids it");
    assert!(rig.confirm().is_some());
}

#[test]
fn a_set_with_a_plan_of_danger_three_asks_for_its_id_as_well() {
    let mut rig = two_staged();
    rig.keys("j s a");
    rig.settle();
    rig.keys("s s");
    rig.sees("CONFIRM: set 1, 3 action(s) (danger 3)");
    let words = &rig.confirm().unwrap().words;
    let word = |token: &str, of| Word { token: token.into(), of };
    assert_eq!(*words, [word("3 444455556666", None), word("AKIAIOSFODNN7EXAMPLE", Some(2))]);
    read_on(&mut rig);
    rig.sees("Type 3 444455556666 (how many, and in which account):");
    rig.sees("1 of 2");
    rig.type_in("3 444455556666");
    rig.sees("[ Go on ] Enter asks for the id of what is danger 3");
    rig.keys("Enter");
    rig.save();
    assert_eq!(rig.count("action.started"), 0);
    rig.sees("Type the whole of AKIAIOSFODNN7EXAMPLE: []");
    rig.sees("2 of 2");
    rig.type_in("AKIAIOSFODNN7EXAMPLE");
    rig.keys("Enter");
    rig.save();
    assert_eq!((rig.count("action.approved"), rig.count("action.started")), (3, 1));
    let gesture = rig.events().find_map(|event| match event {
        Event::ActionApproved(d) => Some(d.gesture.line().into_string()),
        _ => None,
    });
    assert_eq!(gesture.unwrap(), "typed 3 444455556666, AKIAIOSFODNN7EXAMPLE");
}

#[test]
fn the_id_of_danger_three_alone_or_cut_short_starts_nothing_of_a_set() {
    for words in [vec!["AKIAIOSFODNN7EXAMPLE"], vec!["3 444455556666", "MPLE"], vec!["3 444455556666", ""]] {
        let mut rig = two_staged();
        rig.keys("j s a");
        rig.settle();
        rig.keys("s s");
        read_on(&mut rig);
        for word in &words {
            rig.type_in(word);
            rig.keys("Enter");
        }
        rig.save();
        assert_eq!((rig.count("action.started"), rig.confirm().is_some()), (0, false), "{words:?}");
        assert_eq!(lives(&rig), [Life::Planned, Life::Planned, Life::Planned]);
    }
}

#[test]
fn a_gesture_that_is_wrong_closes_and_says_what_was_wrong() {
    for (row, typed, said) in [
        (3, "Y", "Y is not y (small and capital letters count): cancelled; nothing was sent"),
        (4, "789", "789 is not 7890: cancelled; nothing was sent"),
        (5, "AKIA\u{202e}", "AKIA\\u{202e} is not AKIAIOSFODNN7EXAMPLE: cancelled; nothing was sent"),
    ] {
        let mut rig = at_step(row);
        rig.keys("Enter");
        rig.settle();
        rig.wait(400);
        rig.type_in(typed);
        rig.keys("Enter");
        rig.sees(said);
        assert!(rig.confirm().is_none());
    }
    let mut rig = two_staged();
    rig.keys("s s");
    rig.wait(400);
    rig.type_in("2 111122223333");
    rig.keys("Enter");
    rig.sees("2 111122223333 is not 2 444455556666: nothing was sent; the set stays staged");
    // Who gives it up is told of no mistake.
    rig.keys("s s");
    rig.wait(400);
    rig.type_in("2 1");
    rig.keys("Esc");
    rig.sees_not("is not");
}

/// The incident at the action of row 4, whose step asks for a note.
fn noted() -> Rig {
    let text = BOOK.replace("step: id=contain", "step: id=contain note=required");
    let mut rig = Rig::empty();
    rig.model.library = vec![parse("test-compromise", text.as_bytes(), Origin::BuiltIn).unwrap().runbook].into();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.model.incident.step = 4;
    rig
}

#[test]
fn an_action_whose_step_asks_for_a_note_does_not_start_without_one() {
    let mut rig = noted();
    rig.keys("Enter");
    rig.settle();
    // Nothing is pre-filled that nobody has thought.
    assert_eq!(rig.model.prompt.as_ref().unwrap().words().unwrap(), "");
    // It is said from the start that one is needed.
    rig.sees("reason (required):");
    read_on(&mut rig);
    rig.type_in("7890");
    rig.keys("Enter");
    rig.sees("nothing was sent: a step here asks for a note; Tab, then say why");
    assert_eq!((rig.count("action.approved"), rig.confirm().is_some()), (0, true));
    rig.keys("Tab Space Enter Enter");
    assert_eq!(rig.count("action.approved"), 0);
    rig.keys("Tab");
    rig.type_in("netsec agreed");
    rig.keys("Enter Enter");
    rig.save();
    assert_eq!(rig.count("action.started"), 1);
    // In a set no less.
    let mut rig = noted();
    rig.keys("s a");
    rig.settle();
    rig.keys("s s");
    rig.sees("reason (required):");
    read_on(&mut rig);
    rig.type_in("1 444455556666");
    rig.keys("Enter");
    rig.sees("nothing was sent: a step here asks for a note");
    assert_eq!(rig.count("action.approved"), 0);
}

#[test]
fn an_action_step_that_asks_for_a_note_is_not_ticked_without_one() {
    let mut rig = noted();
    rig.keys("Space");
    rig.sees("NOTE: this step asks for one");
    rig.keys("Enter");
    rig.sees("this step asks for a note");
    assert_eq!(rig.mark(4), Mark::Todo);
    rig.type_in("done in the console");
    rig.keys("Enter");
    rig.save();
    assert_eq!(rig.mark(4), Mark::Done);
}

#[test]
fn a_dry_run_has_nothing_to_verify_and_says_no_less() {
    let mut rig = super::thread::running_at(3);
    rig.end(succeeded());
    rig.save();
    let action = rig.reads.drain(..).find_map(|read| match read {
        Reads::Verify { action, .. } => Some(action),
        _ => None,
    });
    let action = action.unwrap();
    let facts = vec![Fact::new(NOTHING, "a dry run changes nothing")];
    rig.feed(Input::Verified { action, verified: Verified { holds: None, facts } });
    rig.save();
    rig.sees("succeeded, nothing to verify: a dry run changes nothing");
    rig.sees("[x]  4 Archive the finding");
    rig.sees_not("not verified");
}

#[test]
fn an_undo_shows_what_was_there_before_beside_what_is_there_now_and_whose_it_may_be() {
    let mut rig = at_step(5);
    rig.keys("Enter");
    let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { panic!() };
    let mut plan = super::fixtures::plan(&request);
    plan.requests[0].operation = "UpdateAccessKey".into();
    plan.requests[0].input =
        serde_json::json!({"UserName": "jo", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Inactive"});
    rig.feed(Input::Planned { generation, result: Box::new(Ok(plan.clone())) });
    read_on(&mut rig);
    rig.type_in("AKIAIOSFODNN7EXAMPLE");
    rig.keys("Enter");
    rig.save();
    rig.end(succeeded());
    rig.settle();
    rig.keys("u");
    let Some(Reads::PlanUndo { generation, .. }) = rig.reads.pop() else { panic!() };
    let facts = vec![Fact::new("state", "off"), Fact::new("user", "jo")];
    let undo = Plan { facts, step: None, ..plan };
    rig.feed(Input::Planned { generation, result: Box::new(Ok(undo)) });
    rig.resize(140, 40);
    rig.sees("found     state: off; before what it undoes: running");
    rig.sees("found     user: jo ");
    rig.sees(
        "NOTE      What it puts back was read 2025-11-21 14:07Z, after the first sign of the intruder (2025-11-20",
    );
}

#[test]
fn a_strike_says_that_it_ends_the_quiet() {
    let mut rig = two_staged();
    rig.keys("s q");
    rig.save();
    rig.keys("s s");
    rig.sees("quiet     what others can read in the account goes last; the strike ends");
}

#[test]
fn an_approval_says_what_stops_working() {
    let mut rig = at_step(4);
    rig.keys("Enter");
    rig.settle();
    rig.sees("BREAKS    whatever works by it, at once");
    let mut rig = at_step(3);
    rig.keys("Enter");
    rig.settle();
    rig.sees("breaks    nothing");
    // A plan of an older quell said nothing of it, which is not that nothing breaks.
    let mut rig = at_step(4);
    rig.keys("Enter");
    let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { panic!() };
    let old = Plan { breaks: Vec::new(), ..super::fixtures::plan(&request) };
    rig.feed(Input::Planned { generation, result: Box::new(Ok(old)) });
    rig.sees("breaks    not said: it was planned by another quell than this; plan it");
}
