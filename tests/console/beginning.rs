//! How an incident is begun, or taken up where another has begun it.

use super::fixtures::{findings, time, worst};
use super::follow::joined;
use super::rig::Rig;
use super::thread::running_at;
use quell::console::core::effect::{Desk, Reads};
use quell::console::core::input::{Input, SessionRow};
use quell::console::core::model::{Mode, Screen};

fn row(open: bool) -> SessionRow {
    SessionRow {
        id: "20251120T093000Z-earlier-qqqqqq".into(),
        title: "Earlier".into(),
        open,
        opened: Some(time("2025-11-20T09:30:00Z")),
        simulated: false,
        responders: vec!["alice".into()],
        records: 9,
        accounts: vec!["444455556666".into()],
        findings: vec![worst().id],
        quiet: false,
        chain: "ok-unsigned".into(),
    }
}

/// A console on a file of one finding, with a session of that finding on disk.
fn on_file(open: bool) -> Rig {
    let mut rig = Rig::of(Mode::File { name: "one.json".into(), endpoint: None });
    rig.model.sessions.offer = false;
    rig.model.wanted = Some(worst().id.line().into_string());
    rig.arrive(vec![worst()]);
    // Which sessions there are is not known yet: nothing is begun.
    assert!(rig.desk.is_empty());
    rig.feed(Input::Sessions(vec![row(open)]));
    rig
}

#[test]
fn a_file_opened_a_second_time_leads_back_to_its_open_session() {
    let rig = on_file(true);
    assert!(matches!(&rig.desk[..], [Desk::Resume { session }] if session.contains("earlier")), "{:?}", rig.desk);
    assert_eq!(rig.model.screen(), Screen::Incident);
    let rig = on_file(false);
    assert!(matches!(&rig.desk[..], [Desk::Create { .. }]), "{:?}", rig.desk);
}

#[test]
fn an_incident_that_another_console_opens_is_on_its_row_and_enter_leads_there() {
    let mut rig = Rig::empty();
    rig.arrive(vec![worst()]);
    rig.feed(Input::Sessions(Vec::new()));
    rig.sees("~6666 new");
    rig.feed(Input::Sessions(vec![SessionRow { simulated: true, ..row(true) }]));
    rig.sees("~6666 open");
    rig.sees("in a session of alice since 09:30Z; runbook: ");
    rig.sees_not("Sessions were left open");
    rig.keys("Enter");
    assert!(matches!(&rig.desk[..], [Desk::Resume { session }] if session.contains("earlier")), "{:?}", rig.desk);
}

#[test]
fn one_that_is_opened_in_the_same_moment_is_joined_and_marks_are_not_lost() {
    let mut rig = Rig::empty();
    rig.arrive(findings());
    rig.keys("Space Space g g Enter");
    let wanted = worst().id;
    assert!(matches!(&rig.desk[..], [Desk::Create { finding, .. }] if *finding == Some(wanted.clone())));
    assert!(rig.model.findings.marked.is_empty());
    let mut rig = joined(rig, &running_at(3));
    rig.sees("somebody has opened an incident on this finding meanwhile: you are in theirs");
    rig.save();
    assert_eq!((rig.count("session.opened"), rig.count("finding.attached")), (1, 1));
    // The one that came along is marked again, for M.
    assert_eq!(rig.model.findings.marked.len(), 1);
    assert!(!rig.model.findings.marked.contains(&wanted));
}

#[test]
fn the_cursor_stays_on_its_session_when_others_begin_some() {
    let mut rig = Rig::empty();
    let later = SessionRow { id: "20251122T093000Z-later-qqqqqq".into(), title: "Later".into(), ..row(true) };
    rig.feed(Input::Sessions(vec![SessionRow { open: false, ..row(false) }]));
    rig.keys("S");
    rig.feed(Input::Sessions(vec![row(false), later]));
    rig.sees("> 2025-11-20 09:30Z");
}

#[test]
fn on_a_file_an_account_is_there_for_whoever_arms_it() {
    let mut rig = on_file(false);
    let identity = rig.model.account.identity.take().unwrap();
    rig.settle();
    rig.model.incident.step = 3;
    rig.keys("Enter");
    rig.sees("these findings are from a file: :arm connects");
    rig.keys(":");
    rig.type_in("arm");
    rig.keys("Enter");
    rig.sees("connecting to the account of your AWS configuration");
    assert!(matches!(rig.reads.pop(), Some(Reads::Arm)));
    rig.feed(Input::Connected(identity));
    let until = rig.now + jiff::SignedDuration::from_mins(30);
    rig.feed(Input::Armed(Ok(Some(until))));
    rig.sees(" FILE one.json");
    rig.sees("ARMED until 14:37Z");
    rig.keys("Enter");
    rig.settle();
    rig.sees("CONFIRM: Archive the finding");
}

#[test]
fn an_incident_of_another_account_says_so() {
    let first = running_at(3);
    let mut other = Rig::empty();
    let Some(Ok(identity)) = &mut other.model.account.identity else { panic!() };
    identity.account = quell_core::text::Id::new("555566667777").unwrap();
    other.feed(Input::Sessions(vec![SessionRow { simulated: true, ..row(true) }]));
    other.sees("> 1 resume 2025-11-20 09:30Z (444455556666) Earlier");
    other.keys("Esc");
    let rig = joined(other, &first);
    rig.sees("this incident is of account 444455556666, and you are connected to");
    rig.sees("its actions are refused here");
}

#[test]
fn a_session_that_was_closed_meanwhile_is_not_resumed_from_the_question() {
    let mut rig = Rig::empty();
    rig.feed(Input::Sessions(vec![SessionRow { simulated: true, ..row(true) }]));
    rig.sees("Sessions were left open");
    rig.feed(Input::Sessions(vec![SessionRow { simulated: true, ..row(false) }]));
    rig.keys("Enter");
    rig.sees("this session was closed meanwhile");
    assert!(rig.desk.is_empty(), "{:?}", rig.desk);
}

#[test]
fn whoever_comes_is_told_who_is_there() {
    let rig = joined(Rig::empty(), &running_at(3));
    rig.sees("resumed; also here: alice");
}
