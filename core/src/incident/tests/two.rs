//! Two writers at work on one session.

use super::*;

/// The records of the one that the other has not heard yet.
fn hear(pen: &mut Pen, other: &Pen) {
    pen.timeline.extend(other.timeline.entries().to_vec());
}

fn start(by: char, action: &Link, plan_hash: String) -> Intent {
    let actions = vec![Approval { action: action.clone(), plan_hash, token: "t".into() }];
    Intent::Approve { actions, gesture: "y".into(), why: none(), by: link(by, 0).0, two: false }
}

#[test]
fn two_people_ticking_one_step_are_two_events() {
    let mut one = Pen::new();
    let mut two = Pen::joined(&one);
    let tick = || Intent::Tick { step: step(0), note: None };
    one.act(tick()).unwrap();
    two.act(tick()).unwrap();
    hear(&mut one, &two);
    hear(&mut two, &one);
    let done = |pen: &Pen| {
        let done = pen.timeline.entries().iter().filter(|e| matches!(e.event, Event::StepDone(_)));
        done.map(|e| e.link.clone()).collect::<Vec<_>>()
    };
    assert_eq!((done(&one), done(&two)), (vec![link('a', 2), link('b', 0)], vec![link('a', 2), link('b', 0)]));
    assert_eq!((one.mark(0), one.incident()), (Mark::Done, two.incident()));
    // Whoever has heard that it is done is told.
    assert_eq!(two.act(tick()), Err(Refusal::StepStands("done")));
}

#[test]
fn a_second_start_on_a_target_is_refused_whoever_started_the_first() {
    let mut one = Pen::new();
    let mut two = Pen::joined(&one);
    // Both have planned it before either starts.
    let mine = one.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    let theirs = two.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    let hash = one.incident().actions[&mine].plan_hash.clone();
    one.act(start('a', &mine, hash.clone())).unwrap();
    hear(&mut two, &one);
    assert_eq!(two.act(start('b', &theirs, hash.clone())), Err(Refusal::TargetBusy("i-1".into())));
    assert_eq!(two.act(Intent::Plan(Box::new(plan(None, "i-1")))), Err(Refusal::TargetBusy("i-1".into())));
    assert!(rival(one.incident(), &mine).is_none());
    one.end(&mine, failed()).unwrap();
    hear(&mut two, &one);
    two.act(start('b', &theirs, hash)).unwrap();
}

/// The second approval was asked for before the first one's action ended: it would do the same again.
#[test]
fn what_somebody_has_done_meanwhile_is_not_done_again_by_an_older_approval() {
    let mut one = Pen::new();
    let mut two = Pen::joined(&one);
    let mine = one.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    let theirs = two.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    let hash = one.incident().actions[&mine].plan_hash.clone();
    one.act(start('a', &mine, hash.clone())).unwrap();
    one.end(&mine, succeeded()).unwrap();
    hear(&mut two, &one);
    assert_eq!(two.act(start('b', &theirs, hash.clone())), Err(Refusal::StepDone));
    // Its undo is another matter, and so is a step that was opened again.
    let undo = Plan { undo_of: Some(mine), ..plan(Some(3), "i-1") };
    let undo = two.act(Intent::Plan(Box::new(undo))).unwrap();
    two.approve(&undo).unwrap();
    two.end(&undo, failed()).unwrap();
    assert_eq!(two.act(start('b', &theirs, hash.clone())), Err(Refusal::StepDone));
    two.act(Intent::Untick { step: step(3), why: "again".into() }).unwrap();
    two.act(start('b', &theirs, hash)).unwrap();
}

/// Neither has heard of the other: both find the target free. Whoever looks after that sees a rival.
#[test]
fn two_that_start_at_the_same_moment_see_each_other_afterwards() {
    let mut one = Pen::new();
    let mut two = Pen::joined(&one);
    let (mine, theirs) = (one.start(3, "i-1"), two.start(3, "i-1"));
    let other = two.start(4, "i-2");
    hear(&mut one, &two);
    hear(&mut two, &one);
    assert_eq!(rival(one.incident(), &mine).map(|a| a.link.clone()), Some(theirs.clone()));
    assert_eq!(rival(two.incident(), &theirs).map(|a| a.link.clone()), Some(mine.clone()));
    assert!(rival(one.incident(), &other).is_none());
    two.end(&theirs, failed()).unwrap();
    hear(&mut one, &two);
    assert!(rival(one.incident(), &mine).is_none());
}

/// However they arrive, one after the other or all at once, the state is the same.
#[test]
fn many_late_records_at_once_are_as_one_by_one() {
    let mut one = Pen::new();
    let mut two = Pen::joined(&one);
    for row in [0, 2, 0] {
        let _ = one.act(Intent::Tick { step: step(row), note: None });
        let _ = two.act(Intent::Note { text: "seen".into(), step: None });
    }
    one.start(3, "i-1");
    let mut singly = two.timeline.clone();
    one.timeline.entries().iter().for_each(|entry| singly.insert(entry.clone()));
    for entries in [one.timeline.entries().to_vec(), one.timeline.entries().iter().rev().cloned().collect()] {
        let mut together = two.timeline.clone();
        together.extend(entries);
        assert_eq!(together.incident(), singly.incident());
        let links = |t: &Timeline| t.entries().iter().map(|e| e.link.clone()).collect::<Vec<_>>();
        assert_eq!(links(&together), links(&singly));
    }
}

/// The one that gave way says so for itself; the step stands for the one that was sent.
#[test]
fn a_step_follows_the_start_that_was_sent_and_not_the_one_that_gave_way() {
    let mut one = Pen::new();
    let mut two = Pen::joined(&one);
    let (mine, theirs) = (one.start(3, "i-1"), two.start(3, "i-1"));
    hear(&mut one, &two);
    hear(&mut two, &one);
    let gave_way =
        Outcome::Failed { class: FailClass::NotSent, message: "somebody else".into(), request_ids: Vec::new() };
    two.end(&theirs, gave_way).unwrap();
    hear(&mut one, &two);
    let stands = |pen: &Pen| (pen.mark(3), pen.incident().step(&step(3)).unwrap().2.action.clone());
    assert_eq!(stands(&one), (Mark::Running, Some(mine.clone())));
    assert_eq!(stands(&two), stands(&one));
    one.end(&mine, succeeded()).unwrap();
    hear(&mut two, &one);
    assert_eq!(stands(&one), (Mark::Done, Some(mine)));
    assert_eq!(stands(&two), stands(&one));
}

fn refused(class: FailClass) -> Outcome {
    Outcome::Failed { class, message: "nothing was sent".into(), request_ids: Vec::new() }
}

fn stands(pen: &Pen, row: usize) -> (Mark, Option<Link>) {
    (pen.mark(row), pen.incident().step(&step(row)).unwrap().2.action.clone())
}

/// Both have planned it; the second is approved by who has not heard yet that the first is through, and finds nothing
/// left to do.
#[test]
fn a_second_attempt_that_came_to_nothing_does_not_hide_what_stands() {
    let mut one = Pen::new();
    let mut two = Pen::joined(&one);
    let mine = one.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    let theirs = two.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    let hash = one.incident().actions[&mine].plan_hash.clone();
    one.act(start('a', &mine, hash.clone())).unwrap();
    one.end(&mine, succeeded()).unwrap();
    two.act(start('b', &theirs, hash.clone())).unwrap();
    hear(&mut two, &one);
    two.end(&theirs, refused(FailClass::Conflict)).unwrap();
    assert_eq!(stands(&two, 3), (Mark::Done, Some(mine.clone())));
    // Work that was begun and ended badly is another matter.
    two.act(Intent::Untick { step: step(3), why: "again".into() }).unwrap();
    let again = two.start(3, "i-1");
    two.end(&again, refused(FailClass::Failed)).unwrap();
    assert_eq!(stands(&two, 3), (Mark::Failed, Some(again)));
}

#[test]
fn of_two_undos_the_one_counts_that_has_worked() {
    let mut one = Pen::new();
    let mine = one.start(3, "i-1");
    one.end(&mine, succeeded()).unwrap();
    let mut two = Pen::joined(&one);
    let undo = || {
        let mut plan = plan(Some(3), "i-1");
        plan.undo_of = Some(mine.clone());
        plan
    };
    let first = one.act(Intent::Plan(Box::new(undo()))).unwrap();
    let second = two.act(Intent::Plan(Box::new(undo()))).unwrap();
    hear(&mut two, &one);
    // The one that was planned last is shown until one of them is started.
    assert_eq!(two.incident().actions[&mine].undone_by, Some(second.clone()));
    let hash = undo().hash().unwrap();
    one.act(start('a', &first, hash.clone())).unwrap();
    one.end(&first, succeeded()).unwrap();
    hear(&mut two, &one);
    two.act(start('b', &second, hash)).unwrap();
    two.end(&second, refused(FailClass::Conflict)).unwrap();
    assert_eq!(two.incident().actions[&mine].undone_by, Some(first));
    assert_eq!(two.mark(3), Mark::Todo);
}

#[test]
fn a_plan_that_is_given_up_leaves_its_step_to_what_ran_before() {
    let mut one = Pen::new();
    let mine = one.start(3, "i-1");
    one.end(&mine, refused(FailClass::Failed)).unwrap();
    let plan = one.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    assert_eq!(stands(&one, 3), (Mark::Failed, Some(plan.clone())));
    one.act(Intent::Cancel { action: plan, why: "no".into() }).unwrap();
    assert_eq!(stands(&one, 3), (Mark::Failed, Some(mine)));
}

/// A console died; what it had started may have been done. Nobody starts the same before it was looked up.
#[test]
fn an_unknown_outcome_is_looked_up_before_the_same_is_started_elsewhere() {
    let mut one = Pen::new();
    let mine = one.start(3, "i-1");
    one.end(&mine, unknown()).unwrap();
    let other = || Intent::Plan(Box::new(plan(Some(4), "i-1")));
    assert_eq!(one.act(other()), Err(Refusal::TargetUnknown("i-1".into())));
    one.act(Intent::Plan(Box::new(plan(Some(4), "i-2")))).unwrap();
    // Whoever opens the step again says why, and takes it upon them.
    one.act(Intent::Untick { step: step(3), why: "looked at it by hand".into() }).unwrap();
    one.act(other()).unwrap();
}
