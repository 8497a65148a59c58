//! What was approved with a set starts at its turn, each by a record of its own: nothing is on record as started that
//! was not about to be sent.

use super::rig::{Rig, succeeded, writer};
use super::sets::{end, lives, two_staged};
use super::thread::at_step;
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell::console::core::model::Mode;
use quell_core::incident::{ActionApproved, ActionPlanned, Entry, Event, Life, Link, Plan};
use std::time::Duration;

/// Two actions approved, of which the first runs.
fn approved() -> Rig {
    let mut rig = two_staged();
    rig.keys("s s");
    rig.wait(400);
    rig.keys("PgDn PgDn PgDn");
    rig.type_in("2 444455556666");
    rig.keys("Enter");
    rig.save();
    assert_eq!(lives(&rig), [Life::Started, Life::Queued]);
    rig
}

fn words(rig: &Rig) -> Vec<String> {
    let words = |event: &Event| match event {
        Event::ActionCancelled(d) => Some(d.why.line().into_string()),
        _ => None,
    };
    rig.events().filter_map(words).collect()
}

#[test]
fn the_next_starts_a_second_after_the_one_before_has_begun() {
    let mut rig = two_staged();
    rig.keys("s s");
    rig.wait(400);
    rig.keys("PgDn PgDn PgDn");
    rig.type_in("2 444455556666");
    rig.keys("Enter");
    rig.sees("approved; all 2 start, one after the other, each when its record is on disk");
    // Not before the first record is on disk, however long that takes.
    rig.wait(5000);
    rig.feed(Input::Wake);
    let first = std::mem::take(&mut rig.unsaved);
    rig.saved.extend(first.clone());
    let out = rig.feed(Input::Saved(first));
    assert_eq!((lives(&rig), rig.unsaved.len()), (vec![Life::Started, Life::Queued], 0));
    rig.sees("QUEUED");
    assert_eq!(out.wake, Some(rig.instant + Duration::from_secs(1)));
    rig.wait(999);
    let out = rig.feed(Input::Wake);
    assert_eq!((rig.unsaved.len(), out.wake), (0, Some(rig.instant + Duration::from_millis(1))));
    rig.wait(1);
    rig.feed(Input::Wake);
    // Once, and its record is waited for as well.
    rig.feed(Input::Wake);
    rig.save();
    assert_eq!((lives(&rig), rig.count("action.started")), (vec![Life::Started, Life::Started], 2));
    rig.sees_not("QUEUED");
}

#[test]
fn the_next_starts_when_the_one_before_has_ended() {
    let mut rig = approved();
    end(&mut rig, 0, succeeded());
    rig.save();
    assert_eq!(lives(&rig), [Life::Succeeded, Life::Started]);
}

#[test]
fn what_waits_for_its_turn_is_withdrawn_from_its_step() {
    let mut rig = approved();
    rig.keys("Enter");
    rig.sees("approved: it starts at its turn; u withdraws it before that");
    assert!(!rig.reads.iter().any(|read| matches!(read, Reads::Plan { .. })));
    rig.keys("u");
    rig.save();
    rig.sees("withdrawn; nothing was sent");
    end(&mut rig, 0, succeeded());
    rig.save();
    assert_eq!((lives(&rig), rig.count("action.started")), (vec![Life::Succeeded, Life::Cancelled], 1));
}

/// The disk that did not take a start is not asked to take the next: nobody sees what would run then.
#[test]
fn a_start_that_is_not_saved_ends_the_set() {
    let mut rig = approved();
    end(&mut rig, 0, succeeded());
    rig.refuse();
    rig.sees("NOT SAVED");
    rig.wait(5000);
    rig.feed(Input::Wake);
    assert!(rig.unsaved.is_empty());
    // Room again: what had not started does not start by itself.
    rig.keys("a");
    rig.type_in("room");
    rig.keys("Enter");
    rig.save();
    rig.save();
    assert_eq!(lives(&rig), [Life::Started, Life::Cancelled]);
    assert_eq!(words(&rig), ["NOT RUN: a record before it was not saved"]);
    rig.sees("1 approved action(s) did not start");
}

#[test]
fn an_approval_that_is_not_saved_keeps_no_later_set_back() {
    let mut rig = two_staged();
    for again in [true, false] {
        rig.keys("s s");
        rig.wait(400);
        rig.keys("PgDn PgDn PgDn");
        rig.type_in("2 444455556666");
        rig.keys("Enter");
        if again {
            rig.refuse();
            assert_eq!(lives(&rig), [Life::Planned, Life::Planned]);
        }
    }
    rig.save();
    end(&mut rig, 0, succeeded());
    rig.save();
    assert_eq!(lives(&rig), [Life::Succeeded, Life::Started]);
}

#[test]
fn what_is_not_armed_any_more_at_its_turn_does_not_start() {
    let mut rig = approved();
    rig.model.account.mode = Mode::Real;
    end(&mut rig, 0, succeeded());
    rig.save();
    assert_eq!(lives(&rig), [Life::Succeeded, Life::Cancelled]);
    assert_eq!(words(&rig), ["NOT RUN: the connection was not armed any more at its turn"]);
}

#[test]
fn leaving_asks_and_starts_nothing_more() {
    let mut rig = approved();
    rig.keys("q q");
    rig.sees("2 action(s) still run");
    rig.keys("j Enter");
    rig.save();
    assert!(rig.ended);
    assert_eq!(words(&rig), ["NOT RUN: the session was left before its turn"]);
}

/// Nobody starts it any more: neither the console that takes over what ran, nor the one that comes back.
#[test]
fn what_a_dead_console_had_approved_is_not_run() {
    let mut rig = at_step(3);
    let session = rig.model.session.as_ref().unwrap().id.clone();
    let plan: Plan = {
        let mut other = two_staged();
        other.save();
        other.model.saved().unwrap().staged()[0].plan.clone()
    };
    let plan = Plan { step: None, ..plan };
    let (action, plan_hash) = (Link(writer('z'), 1), plan.hash().unwrap());
    let (gesture, why) = ("typed".into(), "".into());
    let events: [Event; 3] = [
        rig.first('z').event,
        ActionPlanned { plan, plan_hash: plan_hash.clone() }.into(),
        ActionApproved { action: action.clone(), plan_hash, gesture, why, queued: true }.into(),
    ];
    let entry = |(n, event): (usize, Event)| {
        let (link, l) = (Link(writer('z'), n as u64), 100 + n as u64);
        Entry { link, l, t: rig.now, at: None, seen: None, event }
    };
    let entries = events.into_iter().enumerate().map(entry).collect();
    rig.feed(Input::Foreign { session: session.clone(), entries, superseded: Vec::new() });
    rig.wait(5000);
    rig.feed(Input::Wake);
    rig.save();
    assert_eq!(rig.model.saved().unwrap().actions[&action].life, Life::Queued);
    rig.feed(Input::Gone { session, writers: vec![writer('z')] });
    rig.save();
    rig.sees("the console of bob has ended; 1 that it had approved were NOT RUN");
    assert_eq!(words(&rig), ["NOT RUN: the console that had approved it ended before its turn"]);
    assert_eq!(rig.model.saved().unwrap().actions[&action].life, Life::Cancelled);
}
