//! Sets: staged one by one, approved together, each with an end of its own.

use super::*;

pub(super) fn staged(pen: &mut Pen, row: usize, resource: &str) -> Link {
    let set = Some(pen.incident().open_set());
    pen.act(Intent::Plan(Box::new(Plan { set, ..plan(Some(row), resource) }))).unwrap()
}

pub(super) fn approval(pen: &Pen, action: &Link) -> Approval {
    let plan_hash = pen.incident().actions[action].plan_hash.clone();
    Approval { action: action.clone(), plan_hash, token: format!("t-{}", action.1) }
}

pub(super) fn strike(pen: &Pen, actions: &[&Link]) -> Intent {
    let actions = actions.iter().map(|action| approval(pen, action)).collect();
    let (gesture, why) = ("typed 2 111122223333".into(), "both at once".into());
    Intent::Approve { actions, gesture, why, by: link(pen.letter, 0).0, two: false }
}

pub(super) fn start(pen: &mut Pen, action: &Link) -> Result<Link, Refusal> {
    let by = link(pen.letter, 0).0;
    pen.act(Intent::Start { action: action.clone(), token: format!("t-{}", action.1), by })
}

/// The set is approved and each of it started at its turn.
fn strike_all(pen: &mut Pen, actions: &[&Link]) {
    pen.act(strike(pen, actions)).unwrap();
    for action in actions.iter().skip(1) {
        start(pen, action).unwrap();
    }
}

fn links(actions: &[&ActionState]) -> Vec<Link> {
    actions.iter().map(|action| action.link.clone()).collect()
}

/// What was planned anew because it had got too old is sent where its first plan was; what was taken out and staged again
/// is the last.
#[test]
fn what_is_planned_anew_keeps_its_place() {
    let mut pen = Pen::new();
    let (a, b) = (staged(&mut pen, 3, "i-1"), staged(&mut pen, 4, "i-2"));
    let again = |pen: &mut Pen, old: &Link, why: &str| {
        pen.act(Intent::Cancel { action: old.clone(), why: why.into() }).unwrap();
        staged(pen, 3, "i-1")
    };
    let second = again(&mut pen, &a, STALE);
    let third = again(&mut pen, &second, STALE);
    assert_eq!(links(&pen.incident().staged()), [third.clone(), b.clone()]);
    assert_eq!(links(&pen.incident().set(&"set 1".into())), [third.clone(), b.clone()]);
    let last = again(&mut pen, &third, "taken out of the set");
    assert_eq!(links(&pen.incident().staged()), [b.clone(), last.clone()]);
    let renewed = again(&mut pen, &last, STALE);
    assert_eq!(links(&pen.incident().staged()), [b, renewed]);
}

#[test]
fn what_is_staged_waits_and_is_approved_in_its_order_all_or_none() {
    let mut pen = Pen::new();
    let (a, b) = (staged(&mut pen, 3, "i-1"), staged(&mut pen, 4, "i-2"));
    assert_eq!(links(&pen.incident().staged()), [a.clone(), b.clone()]);
    assert_eq!((pen.life(&a), pen.mark(3)), (Life::Planned, Mark::Todo));
    // One of them has changed since it was shown: none starts.
    let other = Approval { plan_hash: String::new(), ..approval(&pen, &b) };
    let actions = vec![approval(&pen, &a), other];
    let intent = Intent::Approve { actions, gesture: "typed".into(), why: "".into(), by: b.0.clone(), two: false };
    assert_eq!(pen.act(intent), Err(Refusal::PlanChanged));
    assert_eq!(pen.life(&a), Life::Planned);
    assert_eq!(decide(pen.incident(), strike(&pen, &[])).unwrap_err(), Refusal::NoAction);
    let events = decide(pen.incident(), strike(&pen, &[&a, &b])).unwrap();
    let said: Vec<_> = events
        .iter()
        .map(|event| match event {
            Event::ActionApproved(d) if d.queued => ("queued", d.action.clone(), d.gesture.line().into_string()),
            Event::ActionApproved(d) => ("approved", d.action.clone(), d.gesture.line().into_string()),
            Event::ActionStarted(d) => ("started", d.action.clone(), d.token.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    let gesture = "typed 2 111122223333".to_owned();
    assert_eq!(
        said,
        [
            ("approved", a.clone(), gesture.clone()),
            ("started", a.clone(), format!("t-{}", a.1)),
            ("queued", b.clone(), gesture),
        ]
    );
    pen.act(strike(&pen, &[&a, &b])).unwrap();
    assert_eq!((pen.life(&a), pen.life(&b), pen.incident().staged().len()), (Life::Started, Life::Queued, 0));
    // Nothing of it twice.
    assert_eq!(pen.act(strike(&pen, &[&a, &b])), Err(Refusal::ActionStands("started")));
}

fn twice(one: &str, other: &str) -> Refusal {
    Refusal::StagedTwice { one: one.to_owned(), other: other.to_owned() }
}

fn writes(what: &str, parts: &[&str]) -> Writes {
    let parts = parts.iter().map(|part| (*part).into()).collect();
    let (account, region) = ("111122223333".into(), Some("eu-west-1".into()));
    Writes { what: what.into(), account, region, resource: "i-1".into(), parts }
}

#[test]
fn what_goes_together_is_judged_by_what_is_written_and_a_refusal_names_the_two() {
    let mut pen = Pen::new();
    let mut staged = |row: usize, title: &str, writes: Vec<Writes>| {
        let set = Some(pen.incident().open_set());
        let plan = Plan { title: title.into(), set, writes, ..plan(Some(row), "i-1") };
        pen.act(Intent::Plan(Box::new(plan))).unwrap()
    };
    let tag = staged(3, "Tag it", vec![writes("tag", &["case"])]);
    let other = staged(4, "Tag it otherwise", vec![writes("tag", &["owner"])]);
    let snapshot = staged(4, "Keep its volumes", vec![writes("snapshot", &[])]);
    let groups = staged(4, "Contain it", vec![writes("groups", &["eni-1", "eni-2"]), writes("standby", &[])]);
    let isolate = staged(4, "Isolate it", vec![writes("groups", &["eni-2"])]);
    let all = staged(4, "Restore it", vec![writes("groups", &[])]);
    let me = link('a', 0).0;
    let told = |actions: &[&Link]| conflicts(pen.incident(), actions.iter().copied(), &me);
    assert_eq!(told(&[&tag, &other, &snapshot, &groups]), []);
    let refusal = twice("2 (Contain it: i-1)", "3 (Isolate it: i-1)");
    assert_eq!(told(&[&tag, &groups, &isolate]), std::slice::from_ref(&refusal));
    assert_eq!(
        refusal.to_string(),
        "2 (Contain it: i-1) and 3 (Isolate it: i-1) of the set may write the same: take one out"
    );
    assert_eq!(told(&[&all, &groups]), [twice("1 (Restore it: i-1)", "2 (Contain it: i-1)")]);
    // What does not say what it writes may write anything of its target.
    let older = Plan { set: Some(pen.incident().open_set()), ..plan(Some(4), "i-1") };
    let older = pen.act(Intent::Plan(Box::new(older))).unwrap();
    let told = conflicts(pen.incident(), [&tag, &older], &me);
    assert_eq!(told, [twice("1 (Tag it: i-1)", "2 (Contain: i-1)")]);
    pen.act(strike(&pen, &[&tag, &other, &snapshot, &groups])).unwrap();
    assert_eq!(pen.act(strike(&pen, &[&isolate])), Err(Refusal::TargetBusy("i-1".to_owned())));
}

#[test]
fn two_that_do_the_same_to_one_target_do_not_start_together() {
    let mut pen = Pen::new();
    let (a, b) = (staged(&mut pen, 3, "i-1"), staged(&mut pen, 4, "i-1"));
    assert_eq!(pen.act(strike(&pen, &[&a, &b])), Err(twice("1 (Contain: i-1)", "2 (Contain: i-1)")));
    pen.act(strike(&pen, &[&b])).unwrap();
    // Nor beside what runs there.
    assert_eq!(pen.act(strike(&pen, &[&a])), Err(Refusal::TargetBusy("i-1".to_owned())));
}

#[test]
fn a_step_is_as_far_as_what_of_its_set_is_furthest_behind() {
    let mut pen = Pen::new();
    let (a, b) = (staged(&mut pen, 3, "i-1"), staged(&mut pen, 3, "i-2"));
    strike_all(&mut pen, &[&a, &b]);
    pen.end(&b, succeeded()).unwrap();
    assert_eq!(pen.mark(3), Mark::Running);
    pen.end(&a, failed()).unwrap();
    // The one that failed is what the step shows, though the other came later.
    assert_eq!(pen.mark(3), Mark::Failed);
    assert_eq!(pen.incident().step(&step(3)).unwrap().2.action, Some(a));
    let mut pen = Pen::new();
    let (a, b) = (staged(&mut pen, 3, "i-1"), staged(&mut pen, 3, "i-2"));
    strike_all(&mut pen, &[&a, &b]);
    pen.end(&a, unknown()).unwrap();
    pen.end(&b, failed()).unwrap();
    assert_eq!(pen.mark(3), Mark::Unknown);
    pen.end(&a, succeeded()).unwrap();
    assert_eq!(pen.mark(3), Mark::Failed);
}

#[test]
fn a_set_that_worked_is_undone_from_its_end_and_opens_its_steps() {
    let mut pen = Pen::new();
    let (a, b, c) = (staged(&mut pen, 3, "i-1"), staged(&mut pen, 3, "i-2"), staged(&mut pen, 4, "i-3"));
    let first: Untrusted = "set 1".into();
    assert!(pen.incident().undoable(&first).is_empty());
    strike_all(&mut pen, &[&a, &b, &c]);
    pen.end(&a, succeeded()).unwrap();
    pen.end(&b, succeeded()).unwrap();
    pen.end(&c, failed()).unwrap();
    assert_eq!(pen.mark(3), Mark::Done);
    assert_eq!(links(&pen.incident().undoable(&first)), [b.clone(), a.clone()]);
    let undo = Plan { undo_of: Some(a.clone()), set: Some(pen.incident().open_set()), ..plan(Some(3), "i-1") };
    let undo = pen.act(Intent::Plan(Box::new(undo))).unwrap();
    assert_eq!(links(&pen.incident().staged()), std::slice::from_ref(&undo));
    // What is only staged has undone nothing.
    assert_eq!(links(&pen.incident().undoable(&first)), [b.clone(), a.clone()]);
    pen.act(strike(&pen, &[&undo])).unwrap();
    assert_eq!(links(&pen.incident().undoable(&first)), std::slice::from_ref(&b));
    pen.end(&undo, succeeded()).unwrap();
    // The step showed the other one.
    assert_eq!(pen.mark(3), Mark::Todo);
    assert_eq!(pen.incident().sets(), [&first, &"set 2".into()]);
    assert!(pen.incident().undoable(&"set 2".into()).is_empty());
}

#[test]
fn what_was_done_half_way_is_undone_with_its_set() {
    let mut pen = Pen::new();
    let a = staged(&mut pen, 3, "i-1");
    pen.act(strike(&pen, &[&a])).unwrap();
    let undo = Some(serde_json::json!({"eni-1": ["sg-1"]}));
    pen.end(&a, Outcome::Partly { message: "the second was refused".into(), request_ids: Vec::new(), undo }).unwrap();
    assert_eq!(links(&pen.incident().undoable(&"set 1".into())), [a]);
}

#[test]
fn sets_are_counted_and_what_was_taken_out_is_none_of_them() {
    let mut pen = Pen::new();
    assert_eq!(pen.incident().open_set(), "set 1".into());
    let a = staged(&mut pen, 3, "i-1");
    assert_eq!(pen.incident().open_set(), "set 1".into());
    pen.act(Intent::Cancel { action: a, why: "taken out".into() }).unwrap();
    assert!(pen.incident().sets().is_empty() && pen.incident().set(&"set 1".into()).is_empty());
    // A name is not used twice.
    let b = staged(&mut pen, 3, "i-1");
    assert_eq!(pen.incident().actions[&b].plan.set, Some("set 2".into()));
    assert_eq!(links(&pen.incident().set(&"set 2".into())), [b]);
}

#[test]
fn quiet_ends_with_the_strike_and_not_with_what_is_done_before() {
    let mut pen = Pen::new();
    pen.act(Intent::Quiet { on: true }).unwrap();
    assert!(pen.incident().quiet);
    let alone = pen.start(4, "i-9");
    assert!(pen.incident().quiet && pen.life(&alone) == Life::Started);
    let a = staged(&mut pen, 3, "i-1");
    pen.act(strike(&pen, &[&a])).unwrap();
    assert!(!pen.incident().quiet);
    let last = pen.timeline.entries().iter().rev().take(3).map(|e| e.event.kind().unwrap()).collect::<Vec<_>>();
    assert_eq!(last, ["quiet.set", "action.started", "action.approved"]);
    pen.act(Intent::Quiet { on: true }).unwrap();
    pen.act(Intent::Quiet { on: false }).unwrap();
    assert!(!pen.incident().quiet);
}

#[test]
fn closing_takes_a_set_apart_that_was_never_approved() {
    let mut pen = Pen::new();
    let a = staged(&mut pen, 3, "i-1");
    pen.act(Intent::Close { resolution: Resolution::Benign, summary: "a drill".into() }).unwrap();
    assert_eq!((pen.life(&a), pen.incident().closed.is_some()), (Life::Cancelled, true));
    assert_eq!(pen.incident().actions[&a].words, Some("the session was closed".into()));
}

pub(super) fn approval_by(pen: &Pen, action: &Link, two: bool) -> Intent {
    let actions = vec![approval(pen, action)];
    Intent::Approve { actions, gesture: "typed".into(), why: "".into(), by: link(pen.letter, 0).0, two }
}

/// The user that writes as that letter.
fn named(pen: &mut Pen, user: &str) {
    let open = SegOpen {
        format: 1,
        session: Id::new("20261121T180446Z-x-abcdef").unwrap(),
        salt: "00".repeat(16),
        tool: "quell".into(),
        host: "bastion".into(),
        user: user.into(),
        caller: None,
        after: None,
        aside: None,
    };
    pen.write(open.into());
}

#[test]
fn where_two_must_approve_the_first_starts_nothing_and_the_second_is_somebody_else() {
    let mut alice = Pen::new();
    named(&mut alice, "alice");
    let action = alice.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    alice.act(approval_by(&alice, &action, true)).unwrap();
    assert_eq!((alice.life(&action), alice.mark(3)), (Life::Approved, Mark::Todo));
    // Not again by the same writer, nor by the same person at another console.
    assert_eq!(alice.act(approval_by(&alice, &action, true)), Err(Refusal::OwnApproval));
    assert_eq!(alice.act(approval_by(&alice, &action, false)), Err(Refusal::OwnApproval));
    let mut other = Pen::joined(&alice);
    named(&mut other, "alice");
    assert_eq!(other.act(approval_by(&other, &action, true)), Err(Refusal::OwnApproval));
    let mut again = Pen::joined(&alice);
    named(&mut again, " Alice");
    assert_eq!(again.act(approval_by(&again, &action, true)), Err(Refusal::OwnApproval));
    // Nothing else happens to the target meanwhile.
    let again = Intent::Plan(Box::new(plan(Some(4), "i-1")));
    assert_eq!(alice.act(again), Err(Refusal::TargetBusy("i-1".to_owned())));
    // Whoever starts it is who approves second, whether their own console asks for two or not.
    let mut bob = Pen::joined(&alice);
    named(&mut bob, "bob");
    bob.act(approval_by(&bob, &action, false)).unwrap();
    let state = &bob.incident().actions[&action];
    assert_eq!(state.life, Life::Started);
    let by = |stamp: &Option<Stamp>| stamp.as_ref().map(|stamp| stamp.by.as_str().chars().next().unwrap());
    assert_eq!((by(&state.approved), by(&state.seconded), by(&state.started)), (Some('a'), Some('b'), Some('b')));
    assert_eq!(bob.act(approval_by(&bob, &action, true)), Err(Refusal::ActionStands("started")));
}

#[test]
fn what_waits_for_a_second_approval_is_withdrawn_or_ends_with_its_session() {
    let mut pen = Pen::new();
    let action = pen.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    pen.act(approval_by(&pen, &action, true)).unwrap();
    pen.act(Intent::Cancel { action: action.clone(), why: "withdrawn".into() }).unwrap();
    assert_eq!((pen.life(&action), pen.mark(3)), (Life::Cancelled, Mark::Todo));
    let action = pen.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    pen.act(approval_by(&pen, &action, true)).unwrap();
    pen.act(Intent::Close { resolution: Resolution::Benign, summary: "a drill".into() }).unwrap();
    assert_eq!(pen.life(&action), Life::Cancelled);
}

#[test]
fn a_set_waits_for_its_second_approval_as_one_and_quiet_lasts_until_it_starts() {
    let mut alice = Pen::new();
    named(&mut alice, "alice");
    alice.act(Intent::Quiet { on: true }).unwrap();
    let (a, b) = (staged(&mut alice, 3, "i-1"), staged(&mut alice, 4, "i-2"));
    let both = |pen: &Pen| Intent::Approve {
        actions: vec![approval(pen, &a), approval(pen, &b)],
        gesture: "typed 2 111122223333".into(),
        why: "".into(),
        by: link(pen.letter, 0).0,
        two: true,
    };
    alice.act(both(&alice)).unwrap();
    assert_eq!((links(&alice.incident().staged()), alice.incident().quiet), (vec![a.clone(), b.clone()], true));
    let mut bob = Pen::joined(&alice);
    named(&mut bob, "bob");
    bob.act(both(&bob)).unwrap();
    assert_eq!((bob.life(&a), bob.life(&b), bob.incident().quiet), (Life::Started, Life::Queued, false));
    // It is whoever approved second that starts the others.
    let writers = |of: char| queued_by(bob.incident(), &link(of, 0).0);
    assert_eq!((writers('a'), writers('b')), (vec![], vec![b.clone()]));
    let mut alice = Pen::joined(&bob);
    alice.letter = 'a';
    assert_eq!(start(&mut alice, &b), Err(Refusal::ActionStands("approved and waits for its turn")));
    start(&mut bob, &b).unwrap();
    assert_eq!(bob.life(&b), Life::Started);
}

#[test]
fn what_would_be_refused_is_known_before_it_is_approved() {
    let mut pen = Pen::new();
    let (a, b, c) = (staged(&mut pen, 3, "i-1"), staged(&mut pen, 4, "i-1"), staged(&mut pen, 4, "i-2"));
    let me = link('a', 0).0;
    let twice = twice("1 (Contain: i-1)", "2 (Contain: i-1)");
    assert_eq!(conflicts(pen.incident(), [&a, &b, &c], &me), [twice]);
    assert_eq!(conflicts(pen.incident(), [&a, &c], &me), []);
    pen.act(strike(&pen, &[&b])).unwrap();
    assert_eq!(conflicts(pen.incident(), [&a, &c], &me), [Refusal::TargetBusy("i-1".to_owned())]);
    // Whoever has approved it once cannot be the second.
    let Intent::Approve { actions, gesture, why, by, .. } = strike(&pen, &[&c]) else { panic!() };
    pen.act(Intent::Approve { actions, gesture, why, by, two: true }).unwrap();
    assert_eq!(conflicts(pen.incident(), [&c], &me), [Refusal::OwnApproval]);
    assert_eq!(conflicts(pen.incident(), [&c], &link('b', 0).0), []);
}

#[test]
fn through_which_role_something_is_done_does_not_make_another_target_of_it() {
    let mut pen = Pen::new();
    let a = staged(&mut pen, 3, "i-1");
    let through = Through {
        role: "arn:aws:iam::111122223333:role/respond".into(),
        session: "quell".into(),
        source: None,
        policy: None,
    };
    let mut other = plan(Some(4), "i-1");
    other.target.through = Some(through);
    other.set = Some(pen.incident().open_set());
    let b = pen.act(Intent::Plan(Box::new(other))).unwrap();
    assert_eq!(pen.act(strike(&pen, &[&a, &b])), Err(twice("1 (Contain: i-1)", "2 (Contain: i-1)")));
}

#[test]
fn nothing_is_added_to_a_set_that_somebody_has_approved() {
    let mut pen = Pen::new();
    let a = staged(&mut pen, 3, "i-1");
    let Intent::Approve { actions, gesture, why, by, .. } = strike(&pen, &[&a]) else { panic!() };
    pen.act(Intent::Approve { actions, gesture, why, by, two: true }).unwrap();
    assert_eq!((pen.life(&a), pen.incident().open_set()), (Life::Approved, "set 2".into()));
    assert_eq!(pen.incident().set_to_approve(), Some("set 1".into()));
    staged(&mut pen, 4, "i-2");
    assert_eq!(pen.incident().set_to_approve(), Some("set 2".into()));
}
