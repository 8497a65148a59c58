//! Words that were typed into a question are never lost: they stand there again when the same is asked.

use super::rig::{Rig, succeeded, writer};
use super::thread::at_step;
use quell::console::core::input::{AttachedSession, Blob, Input};
use quell::problem::Problem;
use quell_core::incident::{Event, Timeline};

const KEPT: &str = "your words are kept";

fn command(rig: &mut Rig, name: &str) {
    rig.keys(":");
    rig.type_in(name);
    rig.keys("Enter");
}

/// What stands in the open question.
fn stands(rig: &Rig) -> String {
    rig.model.prompt.as_ref().unwrap().words().unwrap()
}

/// Types words, gives the question up, asks again in the same way, and gives the answer.
fn comes_back(rig: &mut Rig, ask: impl Fn(&mut Rig), words: &str, kind: &str) {
    let before = rig.count(kind);
    ask(rig);
    rig.type_in(words);
    rig.keys("Esc");
    rig.sees(KEPT);
    rig.keys("j k");
    rig.sees_not(words);
    ask(rig);
    rig.sees(words);
    rig.keys("C-c");
    rig.sees(KEPT);
    ask(rig);
    rig.sees(words);
    rig.keys("Enter");
    rig.save();
    assert_eq!(rig.count(kind), before + 1, "{kind}");
    assert!(rig.model.prompt.is_none());
}

#[test]
fn each_question_brings_its_words_back() {
    let mut rig = Rig::opened();
    comes_back(&mut rig, |r| r.keys("a"), "half a thought", "note.added");
    let skip = |r: &mut Rig| {
        r.model.incident.step = 6;
        r.keys("x");
    };
    comes_back(&mut rig, skip, "two weeks are long", "step.skipped");
    let verdict = |r: &mut Rig| {
        command(r, "verdict");
        r.keys("Enter");
    };
    comes_back(&mut rig, verdict, "the owner knows nothing of it", "verdict.set");
    let variable = |r: &mut Rig| {
        command(r, "variable");
        // The name is there already when it was given before.
        if r.screen().contains("VARIABLE: its name") && !r.screen().contains("bucket") {
            r.type_in("bucket");
        }
        r.keys("Enter");
    };
    comes_back(&mut rig, variable, "logs-of-the-case", "variable.set");
    let close = |r: &mut Rig| {
        command(r, "close");
        r.keys("Enter");
    };
    comes_back(&mut rig, close, "a miner, and it is gone", "session.closed");
    comes_back(&mut rig, |r| command(r, "reopen"), "it came back", "session.reopened");
    // What was used is forgotten, everywhere.
    rig.model.incident.step = 6;
    for ask in [|r: &mut Rig| r.keys("a"), |r: &mut Rig| r.keys("x")] {
        ask(&mut rig);
        assert_eq!(stands(&rig), "");
        rig.keys("Esc");
        rig.sees_not(KEPT);
    }
    close(&mut rig);
    rig.sees("SUMMARY: closed as");
    assert_eq!(stands(&rig), "");
}

#[test]
fn another_answer_to_the_same_question_has_the_same_words() {
    let mut rig = Rig::opened();
    command(&mut rig, "close");
    rig.keys("Enter");
    rig.type_in("our own scanner");
    rig.keys("Esc");
    command(&mut rig, "close");
    rig.keys("3 Enter");
    rig.sees("SUMMARY: closed as benign");
    rig.sees("our own scanner");
}

#[test]
fn words_belong_to_their_step() {
    let mut rig = Rig::opened();
    rig.keys("x");
    rig.type_in("the owner is asleep");
    rig.keys("Esc j x");
    rig.sees("SKIP, because");
    rig.sees_not("the owner is asleep");
    rig.keys("Esc k x");
    rig.sees("the owner is asleep");
}

#[test]
fn the_words_of_an_entity_are_kept_until_it_is_said_how_it_stands() {
    let mut rig = Rig::opened();
    let known = rig.count("entity.noted");
    command(&mut rig, "entity");
    rig.keys("2 Enter");
    rig.type_in("AKIAIOSFODNN7EXAMPLE");
    rig.keys("Enter");
    rig.sees("KEY AKIAIOSFODNN7EXAMPLE is");
    rig.keys("Esc");
    rig.sees(KEPT);
    command(&mut rig, "entity");
    rig.keys("2 Enter");
    rig.sees("AKIAIOSFODNN7EXAMPLE");
    rig.keys("Enter Enter");
    rig.save();
    assert_eq!(rig.count("entity.noted"), known + 1);
    command(&mut rig, "entity");
    rig.keys("2 Enter");
    rig.sees("ENTITY: which key?");
    assert_eq!(stands(&rig), "");
}

#[test]
fn a_milestone_has_the_time_that_was_typed_or_the_time_of_now() {
    let mut rig = Rig::opened();
    let ask = |rig: &mut Rig| {
        rig.keys("m Enter");
    };
    ask(&mut rig);
    // Moving in what stands there is no word of one's own.
    rig.keys("Left Esc");
    rig.sees_not(KEPT);
    rig.wait(3_600_000);
    ask(&mut rig);
    rig.sees("2025-11-21 15:07:");
    rig.keys("C-u");
    rig.type_in("2025-11-21 13:30:00Z");
    rig.keys("Esc");
    rig.sees(KEPT);
    ask(&mut rig);
    rig.sees("2025-11-21 13:30:00Z");
}

#[test]
fn a_path_is_kept_until_its_file_was_read() {
    let mut rig = Rig::opened();
    let session = || "20251121T140701Z-test-aaaaaa".to_owned();
    rig.keys("e");
    rig.type_in("/tmp/ps.tx");
    rig.keys("Enter");
    let problem = Problem::input("there is no such file");
    rig.feed(Input::File { session: session(), step: step(&rig), name: "/tmp/ps.tx".into(), result: Err(problem) });
    rig.keys("e");
    rig.sees("/tmp/ps.tx");
    rig.type_in("t");
    rig.keys("Enter");
    rig.feed(Input::File {
        session: session(),
        step: step(&rig),
        name: "/tmp/ps.txt".into(),
        result: Ok(Blob::of(vec![1])),
    });
    rig.save();
    assert_eq!(rig.count("evidence.added"), 1);
    rig.keys("e");
    rig.sees("EVIDENCE: path of a file");
    assert_eq!(stands(&rig), "");
}

fn step(rig: &Rig) -> Option<quell_core::incident::StepRef> {
    let incident = rig.model.saved().unwrap();
    quell::console::screens::incident::steps(incident).first().cloned()
}

#[test]
fn the_reason_of_an_approval_is_there_when_the_same_is_planned_again() {
    let mut rig = at_step(3);
    rig.keys("Enter");
    rig.settle();
    rig.keys("Tab");
    rig.type_in("agreed with the owner");
    rig.sees("Esc cancel  Enter back to the approval");
    // It is still the same dialog after the window has changed.
    rig.resize(140, 40);
    rig.sees("agreed with the owner");
    rig.wait(400);
    rig.keys("Enter y");
    rig.sees("agreed with the owner");
    rig.keys("Esc");
    rig.sees("your reason is kept");
    rig.settle();
    rig.keys("Enter");
    rig.settle();
    rig.sees("agreed with the owner");
    rig.keys("y Enter");
    rig.settle();
    let why = |rig: &Rig| {
        rig.events().find_map(|e| match e {
            Event::ActionApproved(d) => Some(d.why.line().into_string()),
            _ => None,
        })
    };
    assert_eq!(why(&rig).as_deref(), Some("step 4 Archive the finding agreed with the owner"));
    rig.end(succeeded());
    rig.settle();
    rig.model.incident.step = 3;
    rig.keys("u");
    rig.settle();
    rig.sees("reason: undo of Archive the finding");
    rig.sees_not("agreed");
}

#[test]
fn an_approval_that_nobody_gave_a_reason_keeps_none() {
    let mut rig = at_step(3);
    rig.keys("Enter");
    rig.settle();
    rig.keys("Tab Tab x Esc");
    rig.sees("cancelled; nothing was sent");
    rig.sees_not("is kept");
}

#[test]
fn words_that_were_not_saved_come_back_all_of_them() {
    let mut rig = Rig::opened();
    rig.keys("a");
    rig.type_in("first note");
    rig.keys("Enter a");
    rig.type_in("second note");
    rig.keys("Enter");
    rig.model.incident.step = 1;
    rig.keys("x");
    rig.type_in("no time for it");
    rig.keys("Enter");
    rig.model.incident.step = 0;
    rig.keys("a");
    rig.type_in("third");
    rig.refuse();
    rig.sees(" NOT SAVED ");
    rig.sees(KEPT);
    // What is being typed goes on beside what comes back.
    rig.type_in(" note");
    rig.keys("Enter a");
    rig.sees("first note");
    rig.keys("Enter a");
    rig.sees("second note");
    rig.keys("Enter");
    rig.save();
    let notes: Vec<String> = rig.model.saved().unwrap().notes.iter().map(|n| n.text.line().into_string()).collect();
    assert_eq!(notes, ["third note", "first note", "second note"]);
    rig.model.incident.step = 1;
    rig.keys("x");
    rig.sees("no time for it");
}

#[test]
fn a_window_that_becomes_too_small_loses_no_words() {
    let mut rig = Rig::opened();
    rig.keys("a");
    rig.type_in("seen at the bastion");
    rig.resize(40, 10);
    rig.keys("C-c");
    rig.resize(80, 24);
    rig.keys("a");
    rig.sees("seen at the bastion");
}

#[test]
fn words_stay_with_their_session() {
    let mut rig = Rig::opened();
    command(&mut rig, "close");
    rig.keys("Enter");
    rig.type_in("of the first incident");
    rig.keys("Esc");
    let (entries, next_n) = (rig.saved.clone(), rig.saved.last().unwrap().link.1 + 1);
    rig.keys("q j Enter");
    rig.settle();
    command(&mut rig, "close");
    rig.keys("Enter");
    rig.sees("SUMMARY: closed as");
    rig.sees_not("of the first incident");
    rig.keys("Esc");
    rig.feed(Input::Attached(Box::new(AttachedSession {
        id: "20251121T140701Z-test-aaaaaa".into(),
        writer: writer('a'),
        timeline: Timeline::new(entries),
        next_n,
        last_l: next_n,
        books: Vec::new(),
        joined: false,
        dead: Vec::new(),
    })));
    command(&mut rig, "close");
    rig.keys("Enter");
    rig.sees("of the first incident");
}

/// Who goes on typing would add to what stands there.
#[test]
fn a_question_says_that_its_words_are_from_before() {
    let mut rig = Rig::opened();
    rig.keys("a");
    rig.type_in("half");
    rig.sees_not("from before");
    rig.keys("Esc a");
    rig.sees("(from before; C-u deletes it)");
    rig.keys("C-u");
    rig.type_in("whole");
    assert_eq!(stands(&rig), "whole");
}
