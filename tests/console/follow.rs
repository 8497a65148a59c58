//! What happens beside the responder's keys: other consoles, changes at the source, actions that nobody watched.

use super::fixtures::{findings, time, worst};
use super::rig::{Rig, succeeded, writer};
use super::thread::running_at;
use quell::console::core::input::{AttachedSession, Blob, Input};
use quell::source::{Health, SourceEvent, SourceName};
use quell_core::finding::{Via, Workflow};
use quell_core::incident::{
    ActionProgress, Entry, Event, FailClass, Found, Life, Link, NoteAdded, Outcome, Timeline, WriterId,
};

/// The console of the session's other writer, z, has this on disk at that Lamport time.
pub fn heard(rig: &mut Rig, n: u64, l: u64, event: Event, superseded: Vec<Link>) {
    let entry = Entry { link: Link(writer('z'), n), l, t: rig.now, at: None, seen: None, event };
    let session = rig.model.session.as_ref().unwrap().id.clone();
    rig.feed(Input::Foreign { session, entries: vec![entry], superseded });
}

fn note(text: &str) -> Event {
    NoteAdded { text: text.into(), step: None }.into()
}

/// A console that joins the session of another as writer b.
pub fn joined(rig: Rig, other: &Rig) -> Rig {
    joined_after(rig, other, Vec::new())
}

/// The same; these had ended before.
pub fn joined_after(mut rig: Rig, other: &Rig, dead: Vec<WriterId>) -> Rig {
    rig.saved = other.saved.clone();
    let attached = AttachedSession {
        id: other.model.session.as_ref().unwrap().id.clone(),
        writer: writer('b'),
        timeline: Timeline::new(other.saved.clone()),
        next_n: 1,
        last_l: other.saved.iter().map(|e| e.l).max().unwrap(),
        books: Vec::new(),
        joined: true,
        dead,
    };
    rig.feed(Input::Attached(Box::new(attached)));
    rig.save();
    rig
}

#[test]
fn what_another_writer_goes_on_without_is_seen_no_more() {
    let mut rig = Rig::opened();
    let l = rig.saved.len() as u64;
    heard(&mut rig, 1, l + 1, note("never saved"), Vec::new());
    rig.sees("never saved");
    heard(&mut rig, 2, l + 2, note("saved instead"), vec![Link(writer('z'), 1)]);
    rig.sees("saved instead");
    rig.sees_not("never saved");
}

#[test]
fn what_changed_between_two_sittings_is_on_record() {
    let first = running_at(3);
    let mut rig = Rig::empty();
    let mut now = findings();
    now[0].count = Some(46);
    now[0].workflow = Some(Workflow::Notified);
    rig.arrive(now);
    let rig = joined(rig, &first);
    assert_eq!(rig.count("finding.changed"), 1);
    rig.sees("the finding changed: count 9 to 46, workflow is");
    rig.sees("now       x46");
}

#[test]
fn nothing_counts_as_a_change_while_a_source_is_read_the_first_time() {
    let mut rig = Rig::opened();
    let health = |rig: &mut Rig, health| {
        let source = SourceName { via: Via::Securityhub, region: "eu-west-1".into() };
        rig.feed(Input::Source(SourceEvent::Health { source, health }));
    };
    health(&mut rig, Health::Loading { pages: 1 });
    let mut half = worst();
    half.workflow = Some(Workflow::Resolved);
    rig.arrive(vec![half]);
    assert_eq!(rig.count("finding.changed"), 0);
    health(&mut rig, Health::Ok { as_of: time("2025-11-21T14:07:00Z") });
    assert_eq!(rig.count("finding.changed"), 1);
}

#[test]
fn what_another_has_ticked_is_opened_again_only_with_a_reason() {
    let mut rig = Rig::opened();
    let book = rig.model.saved().unwrap().runbooks[0].link.clone();
    let id = rig.model.saved().unwrap().runbooks[0].outline[0].id.clone();
    let step = quell_core::incident::StepRef { rb: book, id, row: 0 };
    heard(&mut rig, 1, 90, quell_core::incident::StepDone { step, note: None, each: None }.into(), Vec::new());
    rig.sees("[x]  1 ");
    rig.keys("g g Space");
    rig.sees("OPEN AGAIN what");
    rig.keys("Enter");
    rig.sees("say why");
    assert_eq!(rig.count("step.reopened"), 0);
    rig.type_in("the address is another one");
    rig.keys("Enter");
    rig.save();
    assert_eq!(rig.count("step.reopened"), 1);
}

#[test]
fn success_is_said_only_when_its_record_is_on_disk() {
    let mut rig = running_at(3);
    rig.end(succeeded());
    rig.sees_not("succeeded: Archive the finding");
    rig.save();
    rig.sees("succeeded: Archive the finding; reading it back");
    rig.answer();
    rig.sees_not("verified: state isolated");
    rig.save();
    rig.sees("verified: state isolated");
}

#[test]
fn the_cursor_stays_where_an_action_ends() {
    let mut rig = running_at(3);
    rig.end(succeeded());
    rig.settle();
    rig.sees("> [x]  4 Archive the finding");
}

#[test]
fn a_tick_by_hand_of_an_action_says_that_nothing_was_sent() {
    let mut rig = super::thread::at_step(3);
    rig.keys("Space");
    rig.sees("ticked as done by hand: quell has sent nothing");
    rig.save();
    assert_eq!(rig.count("step.done"), 1);
}

#[test]
fn the_second_press_after_an_answer_does_nothing() {
    let mut rig = Rig::opened();
    rig.keys("a");
    rig.type_in("a note");
    rig.burst("Enter Enter");
    rig.save();
    assert_eq!((rig.count("note.added"), rig.count("step.done")), (1, 0));
    // Another key, or the time, and it counts again.
    rig.burst("j k Enter");
    assert_eq!(rig.count("step.done"), 1);
    rig.keys("a");
    rig.type_in("another");
    rig.key("Enter");
    rig.wait(300);
    rig.save();
    rig.key("Space");
    rig.sees("NOTE: this step asks for one");
}

#[test]
fn what_waits_says_how_bad_it_is() {
    let mut rig = Rig::listed();
    rig.keys("j");
    let mut late = findings();
    (late[0].id, late[1].id, late[2].id) = ("x1".into(), "x2".into(), "x3".into());
    late.truncate(3);
    late[2].severity = late[0].severity;
    rig.arrive(late);
    rig.sees("+3 new (r) 2 CRIT");
}

#[test]
fn a_closed_incident_offers_no_key_that_it_refuses() {
    let mut rig = Rig::opened();
    rig.sees("Enter do  Space tick");
    rig.close("done");
    rig.save();
    rig.sees_not("Enter do");
    rig.sees("R report");
}

#[test]
fn a_step_that_gave_out_bytes_says_how_to_read_them() {
    let mut rig = running_at(3);
    let action = rig.running().unwrap();
    rig.feed(Input::Output { action, name: "out.json".into(), blob: Blob::of(b"{}".to_vec()) });
    rig.end(succeeded());
    rig.settle();
    rig.sees("o reads its output, u undoes it");
}

/// Both have the question open, and the other answers it first.
#[test]
fn what_another_has_decided_meanwhile_is_not_overwritten() {
    let mut rig = super::thread::at_step(2);
    rig.keys("Enter");
    let incident = rig.model.saved().unwrap();
    let book = &incident.runbooks[0];
    let step = quell_core::incident::StepRef { rb: book.link.clone(), id: book.outline[2].id.clone(), row: 2 };
    let decided = quell_core::incident::DecisionMade { step, choice: "It is real".into(), why: "".into(), to: None };
    heard(&mut rig, 1, 90, decided.into(), Vec::new());
    rig.keys("j Enter");
    rig.sees("this step is decided already");
    assert_eq!(rig.count("decision.made"), 0);
}

/// The incident with an action of unknown outcome, which is looked up.
fn unknown() -> (Rig, Link) {
    let mut rig = running_at(3);
    rig.end(Outcome::Unknown { why: "the line dropped".into() });
    rig.settle();
    let action = rig.model.saved().unwrap().actions.keys().next().unwrap().clone();
    (rig, action)
}

fn looked_up(rig: &mut Rig, action: &Link, found: Found) {
    rig.feed(Input::Checked { action: action.clone(), found });
    rig.save();
}

/// Who looked, when, and why nothing could be told stands in the timeline; the outcome stays unknown.
#[test]
fn a_look_up_that_can_tell_nothing_is_recorded() {
    let (mut rig, action) = unknown();
    looked_up(&mut rig, &action, Found::CannotTell("access denied".into()));
    assert_eq!((rig.count("action.unknown"), rig.mark(3)), (2, quell_core::incident::Mark::Unknown));
    let state = &rig.model.saved().unwrap().actions[&action];
    let words = Some("looked up, and it can't be told: access denied".into());
    assert_eq!((state.life, &state.words), (Life::Unknown, &words));
    rig.sees("can't be told: access denied");
    // What has told its progress before, and AWS does not know, is the same.
    let session = rig.model.session.as_ref().unwrap().id.clone();
    let l = state.started.as_ref().and_then(|stamp| rig.saved.iter().find(|e| stamp.n == e.link.1)).unwrap().l;
    let progress = ActionProgress { action: action.clone(), text: "isolating".into(), done: 1, of: 3 };
    let entry = Entry { link: Link(writer('z'), 0), l, t: rig.now, at: None, seen: None, event: progress.into() };
    rig.feed(Input::Foreign { session, entries: vec![entry], superseded: Vec::new() });
    looked_up(&mut rig, &action, Found::NotSent);
    assert_eq!((rig.count("action.unknown"), rig.count("action.failed")), (3, 0));
    // One that can tell ends it, and nothing is recorded of a look-up that comes after.
    looked_up(&mut rig, &action, Found::Ended(succeeded()));
    looked_up(&mut rig, &action, Found::CannotTell("access denied".into()));
    assert_eq!((rig.count("action.unknown"), rig.count("action.succeeded")), (3, 1));
}

/// A call that was never sent, of a set that was killed midway, is told to have come to nothing, but not while it may be
/// under way.
#[test]
fn what_does_not_stand_minutes_later_came_to_nothing() {
    let (mut rig, action) = unknown();
    rig.wait(5 * 60_000 - 1_000);
    looked_up(&mut rig, &action, Found::DoesNotStand("the policy is not there".into()));
    assert_eq!((rig.count("action.unknown"), rig.count("action.failed")), (2, 0));
    rig.sees("can't be told: it does not stand, and may be under way: 5 minutes after its");
    rig.wait(1_000);
    looked_up(&mut rig, &action, Found::DoesNotStand("the policy is not there".into()));
    assert_eq!((rig.count("action.unknown"), rig.count("action.failed")), (2, 1));
    let state = &rig.model.saved().unwrap().actions[&action];
    let words = "looked up: what it was to do does not stand; it was never sent, was refused, or was put back since \
                 (the policy is not there)";
    assert_eq!((state.life, state.class, &state.words), (Life::Failed, Some(FailClass::Other), &Some(words.into())));
    // The step can be done again, by a new approval.
    rig.sees("[!]  4 Archive the finding");
}

/// A console that ended between the records of an approval and of its start: nobody has to approve it again to see it gone.
#[test]
fn what_was_approved_and_never_started_is_told_as_not_run() {
    for two in [false, true] {
        let before = running_at(3);
        let started = |e: &Entry| matches!(e.event, Event::ActionStarted(_));
        let at = before.saved.iter().position(started).unwrap();
        let entries = before.saved[..at].to_vec();
        let mut rig = Rig::listed();
        (rig.saved, rig.model.account.two) = (entries.clone(), two);
        let attached = AttachedSession {
            id: before.model.session.as_ref().unwrap().id.clone(),
            writer: writer('a'),
            next_n: entries.iter().map(|e| e.link.1).max().unwrap() + 1,
            last_l: entries.iter().map(|e| e.l).max().unwrap(),
            timeline: Timeline::new(entries),
            books: Vec::new(),
            joined: false,
            dead: Vec::new(),
        };
        rig.feed(Input::Attached(Box::new(attached)));
        rig.save();
        let life = rig.model.saved().unwrap().actions.values().next().unwrap().life;
        if two {
            // It waits for somebody else.
            assert_eq!((life, rig.count("action.cancelled")), (Life::Approved, 0));
            continue;
        }
        assert_eq!((life, rig.count("action.cancelled")), (Life::Cancelled, 1));
        rig.sees("resumed; 1 approved and NOT RUN: Enter on the step plans it anew, s a stages");
        assert_eq!(rig.mark(3), quell_core::incident::Mark::Todo);
    }
}
