//! Actions whose console has ended, or that nobody has watched to their end.

use super::follow::{heard, joined, joined_after};
use super::rig::{Rig, succeeded, writer};
use super::thread::running_at;
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell_core::incident::{ActionAdopted, ActionProgress, Entry, Found, Life, Link, Outcome};
use quell_core::text::Untrusted;

/// The incident in which writer a has an action running.
fn theirs() -> Rig {
    joined(Rig::listed(), &running_at(3))
}

fn gone(rig: &mut Rig, letter: char) {
    let session = rig.model.session.as_ref().unwrap().id.clone();
    rig.feed(Input::Gone { session, writers: vec![writer(letter)] });
}

#[test]
fn what_a_dead_console_had_running_is_taken_over_once() {
    let mut rig = theirs();
    rig.sees("[>]  4 Archive the finding");
    gone(&mut rig, 'a');
    rig.sees("the console of alice has ended; what it had running is looked up");
    // Nothing is taken over before the account has answered.
    assert_eq!(rig.count("action.adopted"), 0);
    let Some(Reads::Check { action, .. }) = rig.reads.pop() else { panic!() };
    rig.feed(Input::Checked { action: action.clone(), found: Found::CannotTell("nobody knows".into()) });
    rig.save();
    assert_eq!((rig.count("action.adopted"), rig.count("action.unknown")), (1, 1));
    rig.sees("[?]  4 Archive the finding");
    gone(&mut rig, 'a');
    rig.feed(Input::Checked { action, found: Found::CannotTell("nobody knows".into()) });
    assert_eq!(rig.count("action.adopted"), 1);
}

#[test]
fn what_a_dead_console_had_done_is_taken_over_with_its_end() {
    let mut rig = theirs();
    gone(&mut rig, 'a');
    let Some(Reads::Check { action, .. }) = rig.reads.pop() else { panic!() };
    rig.feed(Input::Checked { action, found: Found::Ended(succeeded()) });
    rig.save();
    let kinds: Vec<&str> = rig.saved.iter().filter_map(|e| e.event.kind()).collect();
    assert_eq!(kinds[kinds.len() - 2..], ["action.adopted", "action.succeeded"]);
    rig.sees("[x]  4 Archive the finding");
}

#[test]
fn what_told_its_progress_and_is_not_known_to_aws_is_unknown_and_not_under_way_for_ever() {
    let mut rig = theirs();
    let action = rig.model.saved().unwrap().actions.keys().next().unwrap().clone();
    let progress = ActionProgress { action: action.clone(), text: "isolating".into(), done: 1, of: 3 };
    let session = rig.model.session.as_ref().unwrap().id.clone();
    let l = rig.saved.iter().map(|e| e.l).max().unwrap() + 1;
    let n = rig.saved.iter().filter(|e| e.link.0 == writer('a')).map(|e| e.link.1).max().unwrap() + 1;
    let entry = Entry { link: Link(writer('a'), n), l, t: rig.now, at: None, seen: None, event: progress.into() };
    rig.feed(Input::Foreign { session, entries: vec![entry], superseded: Vec::new() });
    gone(&mut rig, 'a');
    rig.feed(Input::Checked { action: action.clone(), found: Found::NotSent });
    rig.save();
    assert_eq!((rig.count("action.adopted"), rig.count("action.unknown"), rig.count("action.failed")), (1, 1, 0));
    rig.model.incident.step = 3;
    rig.sees("[?]  4 Archive the finding");
    // Nobody takes it over a second time; the step can be opened again, with a reason.
    gone(&mut rig, 'a');
    assert_eq!(rig.count("action.adopted"), 1);
    rig.model.incident.step = 3;
    rig.keys("Space");
    rig.sees("OPEN AGAIN: its action may have worked");
}

#[test]
fn without_a_connection_nothing_is_taken_over_until_there_is_one() {
    let mut rig = theirs();
    let identity = rig.model.account.identity.take().unwrap();
    gone(&mut rig, 'a');
    rig.sees("what it had running is looked up");
    rig.feed(Input::Connected(Err(quell::problem::Problem::local("no credentials"))));
    rig.save();
    // Until then it counts as under way.
    assert_eq!((rig.count("action.adopted"), rig.count("action.unknown")), (0, 0));
    rig.sees("[>]  4 Archive the finding");
    assert!(!rig.reads.iter().any(|reads| matches!(reads, Reads::Check { .. })));
    rig.feed(Input::Connected(identity));
    let Some(Reads::Check { action, .. }) = rig.reads.pop() else { panic!() };
    rig.feed(Input::Checked { action, found: Found::Ended(succeeded()) });
    rig.save();
    assert_eq!((rig.count("action.adopted"), rig.count("action.unknown")), (1, 0));
    rig.sees("[x]  4 Archive the finding");
}

#[test]
fn who_comes_after_a_console_has_ended_looks_up_before_taking_over() {
    for connected in [true, false] {
        let mut rig = Rig::listed();
        let identity = rig.model.account.identity.take();
        if connected {
            rig.model.account.identity = identity.clone();
        }
        let mut rig = joined_after(rig, &running_at(3), vec![writer('a')]);
        rig.sees("the console of alice has ended; what it had running is looked up");
        assert_eq!((rig.count("session.joined"), rig.count("action.adopted")), (1, 0));
        if !connected {
            assert!(!rig.reads.iter().any(|reads| matches!(reads, Reads::Check { .. })));
            rig.feed(Input::Connected(identity.unwrap()));
        }
        let Some(Reads::Check { action, .. }) = rig.reads.pop() else { panic!() };
        rig.feed(Input::Checked { action, found: Found::NotSent });
        rig.save();
        let kinds: Vec<&str> = rig.saved.iter().filter_map(|e| e.event.kind()).collect();
        assert_eq!(kinds[kinds.len() - 2..], ["action.adopted", "action.failed"]);
    }
}

#[test]
fn a_dead_console_with_nothing_running_is_no_news() {
    let mut rig = Rig::opened();
    gone(&mut rig, 'z');
    rig.sees_not("has ended");
    assert_eq!(rig.count("action.adopted"), 0);
}

/// What a look-up finds to go on is found under that name.
fn runs(action: &Link) -> Input {
    Input::Checked { action: action.clone(), found: Found::Running("exec-1".into()) }
}

fn followed(rig: &mut Rig) -> Option<(Link, Untrusted)> {
    rig.reads.drain(..).rev().find_map(|reads| match reads {
        Reads::Follow { action, running, .. } => Some((action, running)),
        _ => None,
    })
}

#[test]
fn what_still_runs_is_followed_to_its_end_as_what_runs() {
    let mut rig = running_at(3);
    rig.end(Outcome::Unknown { why: "the connection broke".into() });
    rig.save();
    rig.model.incident.step = 3;
    rig.sees("[?]  4 Archive the finding");
    rig.keys("Enter Enter");
    let Some(Reads::Check { action, .. }) = rig.reads.pop() else { panic!("{:?}", rig.reads) };
    rig.feed(runs(&action));
    rig.sees("it goes on as exec-1, and is followed from here");
    assert_eq!(followed(&mut rig), Some((action.clone(), "exec-1".into())));
    rig.save();
    rig.sees("[>]  4 Archive the finding");
    rig.sees("goes on as exec-1");
    // A second look finds the same, and nobody follows it twice; one that can't tell changes nothing.
    rig.feed(runs(&action));
    assert_eq!(followed(&mut rig), None);
    rig.feed(Input::Checked { action: action.clone(), found: Found::CannotTell("throttled".into()) });
    rig.save();
    assert_eq!((rig.count("action.progress"), rig.count("action.unknown")), (1, 1));
    rig.sees("[>]  4 Archive the finding");
    // It is to u and q what runs, and not what is looked up.
    rig.keys("u");
    rig.sees("it runs; an action of this kind can't be stopped");
    rig.keys("q q");
    rig.sees("1 action(s) still run, and go on in AWS unseen");
    rig.keys("Esc Enter");
    rig.end(succeeded());
    rig.settle();
    rig.sees("[x]  4 Archive the finding");
    // What comes late of it is no news.
    rig.feed(runs(&action));
    assert_eq!((followed(&mut rig), rig.count("action.progress")), (None, 1));
}

#[test]
fn what_a_dead_console_had_running_is_followed_by_who_took_it_over() {
    let mut rig = theirs();
    gone(&mut rig, 'a');
    let Some(Reads::Check { action, .. }) = rig.reads.pop() else { panic!() };
    rig.feed(runs(&action));
    assert_eq!(followed(&mut rig), Some((action.clone(), "exec-1".into())));
    rig.save();
    let kinds: Vec<&str> = rig.saved.iter().filter_map(|e| e.event.kind()).collect();
    assert_eq!(kinds[kinds.len() - 2..], ["action.adopted", "action.progress"]);
    rig.sees("[>]  4 Archive the finding");
    // It is this console's now: leaving asks.
    rig.keys("q q");
    rig.sees("1 action(s) still run");
    rig.keys("Esc Enter");
    rig.end(succeeded());
    rig.settle();
    rig.sees("[x]  4 Archive the finding");
    assert_eq!(rig.count("action.unknown"), 0);
}

#[test]
fn what_somebody_else_has_taken_over_meanwhile_stays_theirs() {
    let mut rig = theirs();
    gone(&mut rig, 'a');
    let Some(Reads::Check { action, .. }) = rig.reads.pop() else { panic!() };
    let l = rig.saved.iter().map(|e| e.l).max().unwrap() + 1;
    let adopted = ActionAdopted { action: action.clone(), from: writer('a') };
    heard(&mut rig, 1, l, adopted.into(), Vec::new());
    let before = rig.count("action.adopted");
    rig.feed(runs(&action));
    rig.save();
    assert_eq!((followed(&mut rig), rig.count("action.adopted")), (None, before));
    rig.keys("q q");
    rig.sees_not("1 action(s) still run");
}

#[test]
fn what_told_its_progress_was_sent_whatever_the_account_says() {
    let mut rig = running_at(3);
    let action = rig.running().unwrap();
    rig.feed(Input::Progress { action: action.clone(), text: "step 1".into(), done: 1, of: 2 });
    rig.end(Outcome::Unknown { why: "the console ended".into() });
    rig.save();
    rig.feed(Input::Checked { action: action.clone(), found: Found::NotSent });
    rig.sees("AWS knows of no such run, but it told its progress");
    let life = |rig: &Rig| rig.model.saved().unwrap().actions[&action].life;
    assert_eq!(life(&rig), Life::Unknown);
    assert_eq!(rig.count("action.failed"), 0);
}
