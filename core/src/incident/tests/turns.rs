//! What is approved with a set starts at its turn, by a record of its own.

use super::sets::*;
use super::*;

/// Each has a start of its own, at its turn: what a crash keeps from it was not sent.
#[test]
fn what_waits_for_its_turn_starts_once_or_is_withdrawn() {
    let mut pen = Pen::new();
    let all = [staged(&mut pen, 3, "i-1"), staged(&mut pen, 4, "i-2"), staged(&mut pen, 4, "i-3")];
    let [a, b, c] = &all;
    pen.act(strike(&pen, &[a, b, c])).unwrap();
    let me = link('a', 0).0;
    assert_eq!(queued_by(pen.incident(), &me), [b.clone(), c.clone()]);
    assert_eq!(queued_by(pen.incident(), &link('b', 0).0), []);
    // It is under way: nothing else is done to its target, nobody approves it again, its runbook stays.
    let again = Intent::Plan(Box::new(plan(None, "i-2")));
    assert_eq!(pen.act(again), Err(Refusal::TargetBusy("i-2".to_owned())));
    assert_eq!(pen.act(strike(&pen, &[b])), Err(Refusal::ActionStands("approved and waits for its turn")));
    assert_eq!(pen.act(Intent::CloseBook { rb: step(3).rb, why: "x".into() }), Err(Refusal::BookBusy));
    // What has started is no more waiting, and what was never approved has no turn.
    assert_eq!(start(&mut pen, a), Err(Refusal::ActionStands("started")));
    start(&mut pen, b).unwrap();
    let state = &pen.incident().actions[b];
    assert_eq!((state.life, state.token.as_deref()), (Life::Started, Some("t-3")));
    assert_eq!(start(&mut pen, b), Err(Refusal::ActionStands("started")));
    pen.act(Intent::Cancel { action: c.clone(), why: "withdrawn".into() }).unwrap();
    assert_eq!((pen.life(c), queued_by(pen.incident(), &me)), (Life::Cancelled, vec![]));
}

/// A console that comes back starts nothing of it; who still waits for another person waits as before.
#[test]
fn what_a_console_left_before_its_turn_was_not_run() {
    let mut pen = Pen::new();
    let (a, b) = (staged(&mut pen, 3, "i-1"), staged(&mut pen, 4, "i-2"));
    pen.act(strike(&pen, &[&a, &b])).unwrap();
    let lone = pen.act(Intent::Plan(Box::new(plan(None, "i-9")))).unwrap();
    pen.act(approval_by(&pen, &lone, true)).unwrap();
    let left = |two: bool| -> Vec<Link> {
        let cancelled = |event| match event {
            Event::ActionCancelled(d) => d.action,
            other => panic!("{other:?}"),
        };
        not_run(pen.incident(), &link('a', 0).0, two).into_iter().map(cancelled).collect()
    };
    assert_eq!(left(true), std::slice::from_ref(&b));
    assert_eq!(left(false), [b.clone(), lone]);
    assert!(not_run(pen.incident(), &link('b', 0).0, false).is_empty());
    let closed = decide(pen.incident(), Intent::Close { resolution: Resolution::Benign, summary: "x".into() });
    assert_eq!(closed.unwrap_err(), Refusal::ActionsRun(1));
    pen.end(&a, succeeded()).unwrap();
    pen.act(Intent::Close { resolution: Resolution::Benign, summary: "x".into() }).unwrap();
    assert_eq!(pen.life(&b), Life::Cancelled);
}

#[test]
fn at_its_turn_what_is_not_to_be_done_any_more_is_not_started() {
    let mut pen = Pen::new();
    let (a, b) = (staged(&mut pen, 3, "i-1"), staged(&mut pen, 4, "i-2"));
    pen.act(strike(&pen, &[&a, &b])).unwrap();
    pen.act(Intent::Tick { step: step(4), note: None }).unwrap();
    start(&mut pen, &b).unwrap();
    let state = &pen.incident().actions[&b];
    assert_eq!(
        (state.life, state.words.clone()),
        (Life::Cancelled, Some("NOT RUN: its step was done meanwhile".into()))
    );
}

/// Several of one step: it is done when the last of them is.
#[test]
fn a_step_waits_for_what_of_its_set_is_still_to_start() {
    let mut pen = Pen::new();
    let (a, b, c) = (staged(&mut pen, 3, "i-1"), staged(&mut pen, 3, "i-2"), staged(&mut pen, 3, "i-3"));
    pen.act(strike(&pen, &[&a, &b, &c])).unwrap();
    pen.end(&a, succeeded()).unwrap();
    assert_eq!(pen.mark(3), Mark::Running);
    start(&mut pen, &b).unwrap();
    assert_eq!(pen.life(&b), Life::Started);
    pen.act(Intent::Cancel { action: c.clone(), why: "withdrawn".into() }).unwrap();
    assert_eq!(pen.mark(3), Mark::Running);
    pen.end(&b, succeeded()).unwrap();
    assert_eq!(pen.mark(3), Mark::Done);
    // The last one that was still to start is withdrawn: the step is as far as the others.
    let mut pen = Pen::new();
    let (a, b) = (staged(&mut pen, 3, "i-1"), staged(&mut pen, 3, "i-2"));
    pen.act(strike(&pen, &[&a, &b])).unwrap();
    pen.end(&a, failed()).unwrap();
    assert_eq!(pen.mark(3), Mark::Running);
    pen.act(Intent::Cancel { action: b.clone(), why: "withdrawn".into() }).unwrap();
    assert_eq!((pen.mark(3), pen.incident().step(&step(3)).unwrap().2.action.clone()), (Mark::Failed, Some(a)));
}
