//! Signing what is on disk: asked for, and at the close.

use super::rig::Rig;
use quell::console::core::effect::{Desk, Reads};
use quell::console::core::input::Input;
use quell::timeline::Stored;
use quell_core::incident::{CheckpointMade, Event};

/// When the checkpoints of these tests were made.
const TIME: &str = "2026-11-21T17:00:00Z";

fn made(signature: Option<&str>) -> Stored {
    let signature = signature.map(str::to_owned);
    let made = CheckpointMade { file: "w.7.txt".into(), count: 8, head: "h".into(), sha256: None, signature };
    Stored { made, time: TIME.parse().unwrap() }
}

impl Rig {
    /// The sessions that checkpoints were asked for since the last look.
    fn asked_to_sign(&mut self) -> Vec<String> {
        let session = |reads| match reads {
            Reads::Sign { session, .. } => Some(session),
            _ => None,
        };
        std::mem::take(&mut self.reads).into_iter().filter_map(session).collect()
    }

    fn signed(&mut self, result: Result<Stored, quell::problem::Problem>) {
        let session = self.model.session.as_ref().unwrap().id.clone();
        self.feed(Input::Signed { session, result });
    }
}

#[test]
fn signing_is_asked_for_once_and_recorded_when_it_is_on_disk() {
    let mut rig = Rig::opened();
    rig.keys(":");
    rig.type_in("sign");
    let own = rig.model.session.as_ref().unwrap().id.clone();
    rig.keys("Enter");
    assert_eq!(rig.asked_to_sign(), [own]);
    rig.sees("signing the timeline");
    rig.keys(":");
    rig.type_in("sign");
    rig.keys("Enter");
    assert!(rig.asked_to_sign().is_empty());
    assert_eq!(rig.count("checkpoint.made"), 0);
    rig.signed(Ok(made(Some("s"))));
    rig.save();
    rig.sees("signed: checkpoint w.7.txt");
    rig.sees("checkpoint over 8 records, signed");
    assert_eq!(rig.count("checkpoint.made"), 1);
}

#[test]
fn without_a_key_it_says_that_nothing_is_signed() {
    let mut rig = Rig::opened();
    rig.keys("j");
    rig.signed(Ok(made(None)));
    rig.save();
    rig.sees("chain only, not signed");
    rig.sees("checkpoint over 8 records, not signed");
    // What fails is told and leaves no record.
    rig.signed(Err(quell::problem::Problem::local("not signed: agent refused operation")));
    rig.sees("not signed: agent refused operation");
    assert_eq!(rig.count("checkpoint.made"), 1);
}

#[test]
fn a_report_that_is_written_is_signed_with_it_where_its_session_is_the_open_one() {
    let mut rig = Rig::opened();
    rig.keys("R");
    super::snapshots::load(&mut rig, false);
    rig.asked_to_sign();
    rig.keys("w");
    assert!(matches!(&rig.desk[..], [Desk::Export { signed: true, .. }]));
    let own = rig.model.session.as_ref().unwrap().id.clone();
    assert_eq!(rig.asked_to_sign(), [own]);
    // Another's report is written too, and signs nothing here.
    rig.desk.clear();
    rig.signed(Ok(made(None)));
    rig.model.text.report = Some(("20251120T140701Z-other-bbbbbb".to_owned(), "# A report".to_owned()));
    rig.keys("w");
    assert!(matches!(&rig.desk[..], [Desk::Export { signed: false, .. }]));
    assert!(rig.asked_to_sign().is_empty());
}

#[test]
fn a_session_is_signed_when_its_close_is_on_disk() {
    let mut rig = Rig::opened();
    rig.close("done");
    assert!(rig.asked_to_sign().is_empty());
    rig.save();
    assert_eq!(rig.asked_to_sign().len(), 1);
    rig.signed(Ok(made(Some("s"))));
    rig.save();
    rig.sees("checkpoint over 8 records, signed");
    assert!(rig.asked_to_sign().is_empty());
}

#[test]
fn what_was_left_meanwhile_gets_no_record_of_it() {
    let mut rig = Rig::opened();
    rig.feed(Input::Signed { session: "another".into(), result: Ok(made(Some("s"))) });
    rig.save();
    assert_eq!(rig.count("checkpoint.made"), 0);
}

#[test]
fn what_was_said_of_something_else_is_not_covered() {
    let mut rig = Rig::opened();
    rig.keys(":");
    rig.type_in("sign");
    rig.keys("Enter");
    rig.feed(Input::Said("written to exports/report.md".into()));
    rig.signed(Ok(made(Some("s"))));
    rig.save();
    rig.sees("written to exports/report.md");
    assert_eq!(rig.count("checkpoint.made"), 1);
}

#[test]
fn handing_over_is_recorded_and_signed_when_it_is_on_disk() {
    let mut rig = Rig::opened();
    rig.keys(":");
    rig.type_in("hand-over");
    rig.keys("Enter");
    rig.sees("HAND OVER: who takes over, and what they must know");
    rig.type_in("bob; the key of jo is still live");
    rig.keys("Enter");
    assert!(rig.asked_to_sign().is_empty());
    rig.save();
    rig.sees("hand-over: bob; the key of jo is still live");
    assert_eq!(rig.count("entry.added"), 1);
    assert_eq!(rig.asked_to_sign().len(), 1);
    rig.close("done");
    rig.save();
    rig.keys(":");
    rig.type_in("hand-over");
    rig.keys("Enter");
    rig.sees_not("HAND OVER: who");
}

#[test]
fn what_is_handed_over_while_something_is_signed_is_signed_next() {
    let mut rig = Rig::opened();
    rig.keys(":");
    rig.type_in("sign");
    rig.keys("Enter");
    assert_eq!(rig.asked_to_sign().len(), 1);
    rig.close("done");
    rig.save();
    // One at a time; the end comes after.
    assert!(rig.asked_to_sign().is_empty());
    rig.signed(Ok(made(Some("s"))));
    assert_eq!(rig.asked_to_sign().len(), 1);
    rig.signed(Ok(made(Some("s"))));
    assert!(rig.asked_to_sign().is_empty());
}

#[test]
fn leaving_waits_for_the_signature_and_a_second_q_does_not() {
    let left = |more: &str| {
        let mut rig = Rig::opened();
        rig.close("done");
        rig.keys("q q");
        rig.sees("the timeline is being signed; quell leaves when it is");
        assert!(!rig.ended);
        rig.save();
        assert_eq!(rig.asked_to_sign().len(), 1);
        if !more.is_empty() {
            rig.keys(more);
        }
        rig
    };
    let mut rig = left("");
    rig.signed(Ok(made(Some("s"))));
    assert!(rig.ended);
    assert!(left("q").ended);
    // What can't be signed keeps nobody.
    let mut rig = left("");
    rig.signed(Err(quell::problem::Problem::local("not signed: agent refused operation")));
    assert!(rig.ended);
    // A disk that fails does.
    let mut rig = Rig::opened();
    rig.close("done");
    rig.keys("q q");
    rig.refuse();
    assert!(!rig.ended);
    rig.sees_not("is being signed");
}

#[test]
fn what_is_signed_to_its_end_is_left_so() {
    // The count is that of the records before it, or it is not.
    let left = |count: Option<u64>, signature: Option<&str>, more: bool| {
        let mut rig = Rig::opened();
        let own = rig.model.session.as_ref().unwrap().timeline().entries().len() as u64;
        let mut stored = made(signature);
        stored.made.count = count.unwrap_or(own);
        rig.signed(Ok(stored));
        rig.save();
        if more {
            rig.keys("a");
            rig.type_in("and one thing more");
            rig.keys("Enter");
            rig.save();
        }
        let entries = rig.model.session.as_ref().unwrap().timeline().entries();
        let named = entries.iter().find(|e| matches!(e.event, Event::CheckpointMade(_))).unwrap();
        let signed_for = named.t == TIME.parse().unwrap();
        rig.keys("q q");
        rig.save();
        (signed_for, rig.count("session.detached"))
    };
    assert_eq!(left(None, Some("s"), false), (true, 0));
    // What is not signed, not to its end, or no longer, ends as any other session.
    assert_eq!(left(None, None, false), (true, 1));
    assert_eq!(left(Some(8), Some("s"), false), (false, 1));
    assert_eq!(left(None, Some("s"), true), (true, 1));
}
