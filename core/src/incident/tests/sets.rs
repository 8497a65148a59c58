//! Sets: staged one by one, approved together, each with an end of its own.

use super::*;

fn staged(pen: &mut Pen, row: usize, resource: &str) -> Link {
    let set = Some(pen.incident().open_set());
    pen.act(Intent::Plan(Box::new(Plan { set, ..plan(Some(row), resource) }))).unwrap()
}

fn approval(pen: &Pen, action: &Link) -> Approval {
    let plan_hash = pen.incident().actions[action].plan_hash.clone();
    Approval { action: action.clone(), plan_hash, token: format!("t-{}", action.1) }
}

fn strike(pen: &Pen, actions: &[&Link]) -> Intent {
    let actions = actions.iter().map(|action| approval(pen, action)).collect();
    Intent::Approve { actions, gesture: "typed 2 111122223333".into(), why: "both at once".into() }
}

fn links(actions: &[&ActionState]) -> Vec<Link> {
    actions.iter().map(|action| action.link.clone()).collect()
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
    let intent = Intent::Approve { actions, gesture: "typed".into(), why: "".into() };
    assert_eq!(pen.act(intent), Err(Refusal::PlanChanged));
    assert_eq!(pen.life(&a), Life::Planned);
    assert_eq!(decide(pen.incident(), strike(&pen, &[])).unwrap_err(), Refusal::NoAction);
    let events = decide(pen.incident(), strike(&pen, &[&a, &b])).unwrap();
    let said: Vec<_> = events
        .iter()
        .map(|event| match event {
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
            ("approved", b.clone(), gesture),
            ("started", b.clone(), format!("t-{}", b.1)),
        ]
    );
    pen.act(strike(&pen, &[&a, &b])).unwrap();
    assert_eq!((pen.life(&a), pen.life(&b), pen.incident().staged().len()), (Life::Started, Life::Started, 0));
    // Nothing of it twice.
    assert_eq!(pen.act(strike(&pen, &[&a, &b])), Err(Refusal::ActionStands("started")));
}

#[test]
fn two_that_do_the_same_to_one_target_do_not_start_together() {
    let mut pen = Pen::new();
    let (a, b) = (staged(&mut pen, 3, "i-1"), staged(&mut pen, 4, "i-1"));
    assert_eq!(pen.act(strike(&pen, &[&a, &b])), Err(Refusal::StagedTwice("i-1".to_owned())));
    pen.act(strike(&pen, &[&b])).unwrap();
    // Nor beside what runs there.
    assert_eq!(pen.act(strike(&pen, &[&a])), Err(Refusal::TargetBusy("i-1".to_owned())));
}

#[test]
fn a_step_is_as_far_as_what_of_its_set_is_furthest_behind() {
    let mut pen = Pen::new();
    let (a, b) = (staged(&mut pen, 3, "i-1"), staged(&mut pen, 3, "i-2"));
    pen.act(strike(&pen, &[&a, &b])).unwrap();
    pen.end(&b, succeeded()).unwrap();
    assert_eq!(pen.mark(3), Mark::Running);
    pen.end(&a, failed()).unwrap();
    // The one that failed is what the step shows, though the other came later.
    assert_eq!(pen.mark(3), Mark::Failed);
    assert_eq!(pen.incident().step(&step(3)).unwrap().2.action, Some(a));
    let mut pen = Pen::new();
    let (a, b) = (staged(&mut pen, 3, "i-1"), staged(&mut pen, 3, "i-2"));
    pen.act(strike(&pen, &[&a, &b])).unwrap();
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
    pen.act(strike(&pen, &[&a, &b, &c])).unwrap();
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
