//! The whole thread: from a finding to the closed session, by real keys.

use super::fixtures::time;
use super::rig::{Rig, succeeded};
use quell::console::core::effect::{Desk, LoadFor, Reads};
use quell::console::core::model::Screen;
use quell_core::incident::{Event, FailClass, Life, Mark, Outcome, Resolution};

#[test]
fn a_finding_is_worked_to_its_end() {
    let mut rig = Rig::listed();
    rig.sees("FINDINGS* 4 of 4");
    rig.sees("runbook: test-compromise (7 steps, 3 actions)");
    rig.keys("Enter");
    rig.sees("the session is being opened");
    rig.settle();
    rig.sees("STEPS* test-compromise v3");
    rig.sees("0/7 done");
    assert_eq!(
        rig.kinds(),
        [
            "seg.open",
            "session.opened",
            "finding.attached",
            "entity.noted",
            "entity.noted",
            "entity.noted",
            "runbook.opened"
        ]
    );
    rig.keys("Enter");
    rig.save();
    rig.sees("[x]  1 Confirm that it is no test");
    // The cursor went on by itself: the next step asks for a note.
    rig.keys("Enter");
    rig.sees("NOTE: this step asks for one");
    rig.keys("Enter");
    rig.sees("this step asks for a note");
    rig.type_in("nginx and xmrig");
    rig.keys("Enter");
    rig.save();
    rig.sees("[x]  2 Record what runs on it");
    rig.keys("a");
    rig.type_in("netsec says it is real");
    rig.keys("Enter");
    rig.save();
    // A note does not tick its step.
    assert_eq!(rig.mark(2), Mark::Todo);
    rig.keys("Enter");
    rig.sees("1 True positive");
    rig.keys("j k Enter");
    rig.save();
    rig.sees("[x]  3 Decide whether it is real");
    rig.keys("Enter");
    rig.settle();
    let tail = rig.kinds().split_off(7);
    assert_eq!(tail, ["step.done", "step.done", "note.added", "decision.made", "action.planned"]);
    contained(&mut rig);
    closed(&mut rig);
}

/// Archives, contains, undoes.
fn contained(rig: &mut Rig) {
    rig.sees("CONFIRM: Archive the finding (danger 1)");
    rig.sees("Type y to approve:");
    rig.keys("y Enter");
    rig.settle();
    rig.sees("running");
    rig.end(succeeded());
    rig.settle();
    rig.sees("verified: state isolated");
    // The cursor stays with the action that ended.
    rig.keys("j Enter");
    rig.settle();
    rig.sees("Type the last four characters of i-0abc12d34e5f67890:");
    rig.sees("ssm:StartAutomationExecution {\"Id\":[\"i-0abc12d34e5f67890\"]}");
    rig.type_in("7890");
    rig.wait(400);
    rig.type_in("7890");
    rig.keys("Enter");
    rig.settle();
    rig.sees("[>]  5 Contain the instance");
    rig.sees(" running: Contain the instance ");
    let action = rig.running().unwrap();
    rig.feed(quell::console::core::input::Input::Progress { action, text: "isolating".into(), done: 2, of: 5 });
    rig.save();
    rig.sees("2/5 isolating");
    rig.end(succeeded());
    rig.settle();
    rig.sees("[x]  5 Contain the instance");
    rig.keys("u");
    rig.settle();
    rig.sees("CONFIRM: Undo: Contain the instance (danger 1)");
    rig.keys("y Enter");
    rig.settle();
    rig.sees("undo runs");
    rig.end(succeeded());
    rig.settle();
    rig.sees("undone");
    rig.keys("u");
    rig.sees("undone already");
}

fn closed(rig: &mut Rig) {
    rig.keys(":");
    rig.type_in("close");
    rig.keys("Enter");
    rig.sees("CLOSE the session as");
    rig.keys("Enter");
    rig.keys("Enter");
    rig.sees("say why");
    rig.type_in("a miner, contained");
    rig.keys("Enter");
    rig.save();
    let incident = rig.model.saved().unwrap();
    assert_eq!(incident.closed.as_ref().map(|c| c.resolution), Some(Resolution::TruePositive));
    assert_eq!(incident.opened.as_ref().map(|o| o.at), Some(time("2025-11-21T14:07:01Z")));
    rig.sees("closed as true positive");
    let before = rig.saved.len();
    rig.keys("Enter Space x");
    rig.type_in("no need");
    rig.keys("Enter");
    rig.sees("the session is closed; :reopen it first");
    assert_eq!(rig.saved.len() + rig.unsaved.len(), before);
}

#[test]
fn a_dangerous_action_asks_for_the_whole_id() {
    let mut rig = at_step(5);
    rig.keys("Enter");
    rig.settle();
    rig.sees("Type the whole of AKIAIOSFODNN7EXAMPLE:");
    rig.sees("DESTROYS  the key; its secret can't be had again");
    rig.wait(400);
    rig.type_in("MPLE");
    rig.keys("Enter");
    rig.settle();
    assert_eq!((rig.count("action.cancelled"), rig.count("action.started")), (1, 0));
    rig.keys("Enter");
    rig.settle();
    rig.wait(400);
    rig.type_in("AKIAIOSFODNN7EXAMPLE");
    rig.keys("Enter");
    rig.settle();
    assert_eq!(rig.count("action.started"), 1);
}

impl Rig {
    /// Asks to close the incident as a true positive; the record is on its way.
    pub fn close(&mut self, summary: &str) {
        self.keys(":");
        self.type_in("close");
        self.keys("Enter Enter");
        self.type_in(summary);
        self.keys("Enter");
    }
}

/// The incident with the cursor on the step of that row.
pub fn at_step(row: usize) -> Rig {
    let mut rig = Rig::opened();
    rig.model.incident.step = row;
    rig
}

/// The incident with the action of the step of that row running; it asks for a `y`.
pub fn running_at(row: usize) -> Rig {
    let mut rig = at_step(row);
    rig.keys("Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig
}

#[test]
fn a_failure_and_an_unknown_outcome_show_on_the_step() {
    let mut rig = running_at(3);
    let message = "AccessDenied".into();
    rig.end(Outcome::Failed { class: FailClass::Denied, message, request_ids: vec!["req-9".into()] });
    rig.settle();
    assert_eq!(rig.mark(3), Mark::Failed);
    rig.sees("[!]  4 Archive the finding");
    rig.sees("request req-9");
    rig.keys("Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig.end(Outcome::Unknown { why: "the line dropped".into() });
    rig.settle();
    rig.sees("[?]  4 Archive the finding");
    rig.keys("j k");
    rig.sees("1 of unknown outcome");
    // Enter looks up what happened; it never sends the action again.
    rig.keys("Enter");
    assert!(matches!(rig.reads[..], [Reads::Check { .. }]));
    rig.settle();
    assert_eq!(rig.mark(3), Mark::Done);
    assert_eq!(rig.count("action.started"), 2);
}

#[test]
fn an_open_action_keeps_the_session_open() {
    let mut rig = running_at(3);
    rig.close("done");
    rig.sees("1 action(s) still run; wait for their end");
    assert_eq!(rig.count("session.closed"), 0);
    // Leaving while it runs is asked about, and staying is the first answer.
    rig.keys("Esc q q");
    rig.sees("still run");
    rig.keys("Enter");
    assert_eq!(rig.model.screen(), Screen::Findings);
    assert!(rig.model.session.is_some());
    let out = {
        rig.keys("q j");
        rig.key("Enter")
    };
    assert!(out.end);
    assert_eq!(rig.count("session.detached"), 1);
}

#[test]
fn skipping_asks_why_and_a_step_is_reopened() {
    let mut rig = Rig::opened();
    rig.keys("x Enter");
    rig.sees("say why");
    rig.type_in("the owner is asleep");
    rig.keys("Enter");
    rig.save();
    rig.sees("[-]  1 Confirm that it is no test");
    assert_eq!(rig.mark(0), Mark::Skipped);
    rig.keys("k Space");
    rig.save();
    assert_eq!(rig.mark(0), Mark::Todo);
    let whys: Vec<String> = rig
        .events()
        .filter_map(|e| match e {
            Event::StepSkipped(d) => Some(d.why.line().into_string()),
            _ => None,
        })
        .collect();
    assert_eq!(whys, ["the owner is asleep"]);
}

#[test]
fn the_report_is_read_from_disk_and_written_on_demand() {
    let mut rig = Rig::opened();
    rig.keys("R");
    let asked = rig.reads.pop();
    assert!(matches!(asked, Some(Reads::Load { why: LoadFor::Report, .. })), "{asked:?}");
    super::snapshots::load(&mut rig, false);
    rig.sees("REPORT*");
    rig.keys("w");
    match &rig.desk[..] {
        [Desk::Export { name, text, signed: true, .. }] => {
            assert_eq!(name, "report-20251121T140703Z.md");
            assert!(text.contains("i-0abc12d34e5f67890"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_action_that_the_console_left_comes_back_as_unknown() {
    let mut rig = at_step(3);
    rig.keys("Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.save();
    let entries = rig.saved.clone();
    let mut again = Rig::listed();
    again.saved = entries.clone();
    let next_n = entries.last().unwrap().link.1 + 1;
    again.feed(quell::console::core::input::Input::Attached(Box::new(quell::console::core::input::AttachedSession {
        id: "20251121T140701Z-test-aaaaaa".into(),
        writer: super::rig::writer('a'),
        timeline: quell_core::incident::Timeline::new(entries),
        next_n,
        last_l: next_n,
        books: Vec::new(),
        joined: false,
        dead: Vec::new(),
    })));
    again.sees("resumed; 1 action(s) of unknown outcome");
    again.save();
    assert_eq!(again.mark(3), Mark::Unknown);
    assert_eq!(again.model.saved().unwrap().actions.values().next().unwrap().life, Life::Unknown);
    assert_eq!(again.count("action.started"), 1);
}
