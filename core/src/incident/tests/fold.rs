//! The fold is a function of the set of records.

use super::*;
use proptest::prelude::*;

/// Two writers who decide on what they have seen; now and then each hears the other.
fn sessions() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec((0u8..14, any::<bool>(), 0usize..5), 0..40).prop_map(|acts| {
        let mut a = Pen::new();
        let mut b = Pen::joined(&a);
        for (what, first, row) in acts {
            if what == 13 {
                let (from_a, from_b) = (a.timeline.entries().to_vec(), b.timeline.entries().to_vec());
                from_b.into_iter().for_each(|e| a.timeline.insert(e));
                from_a.into_iter().for_each(|e| b.timeline.insert(e));
                continue;
            }
            let pen = if first { &mut a } else { &mut b };
            // What is refused writes nothing.
            let _ = pen.act(intent(pen, what, row));
        }
        let of = |pen: &Pen| -> Vec<Entry> {
            pen.timeline.entries().iter().filter(|e| e.link.0 == writer(pen.letter)).cloned().collect()
        };
        [of(&a), of(&b)].concat()
    })
}

fn intent(pen: &Pen, what: u8, row: usize) -> Intent {
    let any = |life: Life| pen.incident().actions.values().find(|a| a.life == life).map(|a| a.link.clone());
    let action = |life| any(life).unwrap_or(link('z', 0));
    match what {
        0 => Intent::Tick { step: step(row), note: Some("n".into()) },
        1 => Intent::Untick { step: step(row), why: none() },
        2 => Intent::Skip { step: step(row), why: "w".into() },
        3 => Intent::Choose { step: step(row), choice: format!("{}", pen.letter).into(), why: none(), to: None },
        4 => Intent::Note { text: format!("{} {row}", pen.letter).into(), step: None },
        5 => Intent::Plan(Box::new(plan(Some(row), &format!("i-{row}")))),
        6 | 7 => {
            let action = action(Life::Planned);
            let plan_hash = pen.incident().actions.get(&action).map(|a| a.plan_hash.clone()).unwrap_or_default();
            let actions = vec![Approval { action, plan_hash, token: "t".into() }];
            Intent::Approve { actions, gesture: "y".into(), why: none(), by: link(pen.letter, 0).0, two: false }
        }
        8 => Intent::End { action: action(Life::Started), outcome: if row < 3 { succeeded() } else { failed() } },
        9 => Intent::End { action: action(Life::Started), outcome: unknown() },
        10 => Intent::Attach { finding: Box::new(compact(&format!("f-{row}"))), blob: None },
        11 => Intent::Milestone { name: "contained".into(), at: at(row as u32) },
        _ => match pen.incident().closed {
            Some(_) => Intent::Reopen { why: "w".into() },
            None => Intent::Close { resolution: Resolution::Benign, summary: pen.letter.to_string().into() },
        },
    }
}

/// The entries in an order that `seed` decides.
fn shuffled(entries: &[Entry], seed: u64) -> Vec<Entry> {
    let mut keyed: Vec<(u64, Entry)> = entries
        .iter()
        .enumerate()
        .map(|(i, e)| {
            ((i as u64 + 1).wrapping_mul(seed | 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29), e.clone())
        })
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, e)| e).collect()
}

fn state(incident: &Incident) -> String {
    crate::text::json::to_string(incident).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_arrival_gives_the_same_state(entries in sessions(), seed: u64) {
        let whole = Timeline::new(entries.clone());
        let mixed = shuffled(&entries, seed);
        let at_once = Timeline::new(mixed.clone());
        prop_assert_eq!(at_once.incident(), whole.incident());
        let mut one_by_one = Timeline::default();
        mixed.into_iter().for_each(|e| one_by_one.insert(e));
        prop_assert_eq!(one_by_one.incident(), whole.incident());
        let names = |t: &Timeline| t.entries().iter().map(|e| e.link.clone()).collect::<Vec<_>>();
        prop_assert_eq!(names(&one_by_one), names(&whole));
        prop_assert_eq!(state(&whole.at(entries.len())), state(whole.incident()));
    }

    #[test]
    fn a_record_that_comes_twice_counts_once(entries in sessions(), seed: u64) {
        let whole = Timeline::new(entries.clone());
        let mut twice = entries.clone();
        twice.extend(shuffled(&entries, seed));
        let at_once = Timeline::new(twice.clone());
        prop_assert_eq!(at_once.entries().len(), entries.len());
        prop_assert_eq!(at_once.incident(), whole.incident());
        let mut one_by_one = Timeline::default();
        twice.into_iter().for_each(|e| one_by_one.insert(e));
        prop_assert_eq!(one_by_one.entries().len(), entries.len());
        prop_assert_eq!(one_by_one.incident(), whole.incident());
    }

    #[test]
    fn no_action_runs_without_its_approval(entries in sessions()) {
        let whole = Timeline::new(entries);
        for action in whole.incident().actions.values() {
            prop_assert!(action.started.is_none() || action.approved.is_some());
            prop_assert!(!matches!(action.life, Life::Succeeded | Life::Unknown) || action.started.is_some());
        }
    }
}

#[test]
fn a_session_folds_to_what_its_records_say() {
    let mut pen = Pen::new();
    pen.act(Intent::Attach { finding: Box::new(compact("f-1")), blob: Some("ab".into()) }).unwrap();
    let action = pen.start(3, "i-1");
    pen.act(Intent::Progress { action: action.clone(), text: "half".into(), done: 1, of: 2 }).unwrap();
    pen.end(&action, succeeded()).unwrap();
    let verified = Verified { holds: Some(true), facts: vec![Fact::new("state", "isolated")] };
    pen.act(Intent::Verified { action: action.clone(), verified }).unwrap();
    let mut undo = plan(Some(3), "i-1");
    undo.undo_of = Some(action.clone());
    let undo = pen.act(Intent::Plan(Box::new(undo))).unwrap();
    let incident = pen.incident();
    let state = &incident.actions[&action];
    assert_eq!(state.life, Life::Succeeded);
    assert_eq!(state.progress, Some(("half".into(), 1, 2)));
    assert_eq!(state.verified, Some((Some(true), vec![Fact::new("state", "isolated")])));
    assert_eq!(state.request_ids, ["r-1".into()]);
    assert_eq!(state.undone_by, Some(undo.clone()));
    // An undo is no action of the step: the step stays done.
    assert_eq!(incident.step(&step(3)).unwrap().2.action, Some(action));
    pen.approve(&undo).unwrap();
    pen.end(&undo, failed()).unwrap();
    assert_eq!(pen.mark(3), Mark::Done);
    assert_eq!((pen.incident().title.clone(), pen.incident().simulated), ("Miner".into(), true));
    assert_eq!(pen.incident().opened, Some(Stamp { by: writer('a'), n: 0, at: at(1) }));
    assert_eq!(pen.incident().findings[0].blob.as_deref(), Some("ab"));
}

#[test]
fn what_does_not_fit_changes_nothing_until_what_it_needs_arrives() {
    let done = entry('b', 0, 9, StepDone { step: step(0), note: None, each: None });
    let mut timeline = Timeline::new(vec![done]);
    assert_eq!(timeline.incident(), &Incident::default());
    timeline.insert(entry('a', 1, 2, book()));
    assert_eq!(timeline.incident().runbooks[0].steps[0].mark, Mark::Done);
    assert_eq!(timeline.incident().runbooks[0].steps[0].stamp, Some(Stamp { by: writer('b'), n: 0, at: at(9) }));
}

#[test]
fn a_start_without_an_approval_is_no_start() {
    let mut pen = Pen::new();
    let action = pen.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    pen.write(ActionStarted { action: action.clone(), plan_hash: String::new(), token: "t".into() }.into());
    assert_eq!((pen.life(&action), pen.mark(3)), (Life::Planned, Mark::Todo));
}

#[test]
fn order_is_by_lamport_time_then_writer_then_number() {
    let note = |text: &str| NoteAdded { text: text.into(), step: None };
    let entries = vec![
        entry('b', 0, 2, note("third")),
        entry('a', 1, 2, note("second")),
        entry('b', 1, 3, note("fourth")),
        entry('a', 0, 1, note("first")),
    ];
    let timeline = Timeline::new(entries);
    let notes: Vec<String> = timeline.incident().notes.iter().map(|n| n.text.line().into_string()).collect();
    assert_eq!(notes, ["first", "second", "third", "fourth"]);
    assert_eq!(timeline.at(2).notes.len(), 2);
    assert_eq!(timeline.at(99).notes.len(), 4);
}

#[test]
fn kinds_of_the_future_are_kept() {
    let data = serde_json::value::RawValue::from_string("{\"a\":[1,2]}".into()).unwrap();
    let event = Event::read("weather.changed", &data);
    assert_eq!((event.kind(), event.data().unwrap().as_str()), (None, "{\"a\":[1,2]}"));
    // A known kind of a shape that does not fit is kept as well.
    let strange = Event::read("note.added", &data);
    assert!(matches!(&strange, Event::Unknown { kind, .. } if kind.line().as_str() == "note.added"));
    let timeline = Timeline::new(vec![entry('a', 0, 1, event), entry('a', 1, 2, strange)]);
    assert_eq!((timeline.incident().unknown, timeline.entries().len()), (2, 2));
}

#[test]
fn a_writer_that_left_is_not_attached() {
    let open = |user: &str| SegOpen {
        format: 1,
        session: Id::new("s").unwrap(),
        salt: String::new(),
        tool: "quell".into(),
        host: "bastion".into(),
        user: user.into(),
        caller: None,
        after: None,
        aside: None,
    };
    let timeline = Timeline::new(vec![
        entry('a', 0, 1, open("alice")),
        entry('b', 0, 2, open("bob")),
        entry('a', 1, 3, SessionDetached { why: "left".into() }),
    ]);
    let incident = timeline.incident();
    let attached: Vec<bool> = incident.writers.values().map(|w| w.attached).collect();
    assert_eq!(attached, [false, true]);
    assert_eq!(incident.who(&writer('b'), 0), "bob".into());
    assert_eq!(incident.who(&writer('c'), 0), "cccccccccc".into());
}

#[test]
fn an_undo_that_succeeded_opens_its_step_again_and_no_other() {
    let mut pen = Pen::new();
    let action = pen.start(3, "i-1");
    pen.end(&action, succeeded()).unwrap();
    let undo = |of: &Link| Intent::Plan(Box::new(Plan { undo_of: Some(of.clone()), ..plan(None, "i-1") }));
    let link = pen.act(undo(&action)).unwrap();
    pen.approve(&link).unwrap();
    pen.end(&link, unknown()).unwrap();
    assert_eq!(pen.mark(3), Mark::Done);
    pen.end(&link, succeeded()).unwrap();
    assert_eq!(pen.mark(3), Mark::Todo);
    // A later action of the step is not touched by the undo of an earlier one.
    let again = pen.start(3, "i-1");
    pen.end(&again, succeeded()).unwrap();
    let late = pen.act(undo(&action)).unwrap();
    pen.approve(&late).unwrap();
    pen.end(&late, succeeded()).unwrap();
    assert_eq!(pen.mark(3), Mark::Done);
}

#[test]
fn a_record_that_its_writer_went_on_without_leaves_no_trace() {
    let mut pen = Pen::new();
    let kept = pen.act(Intent::Note { text: "kept".into(), step: None }).unwrap();
    let lost = pen.act(Intent::Note { text: "lost".into(), step: None }).unwrap();
    pen.timeline.forget(std::slice::from_ref(&lost));
    let notes: Vec<_> = pen.incident().notes.iter().map(|n| n.link.clone()).collect();
    assert_eq!(notes, [kept]);
    // Its number is used again, for another record.
    pen.timeline.insert(entry('a', lost.1, 9, NoteAdded { text: "again".into(), step: None }));
    assert_eq!(pen.incident().notes[1].text, "again".into());
    pen.timeline.forget(&[link('z', 0)]);
    assert_eq!(pen.incident().notes.len(), 2);
}

#[test]
fn what_failed_half_way_keeps_what_its_undo_needs() {
    let mut pen = Pen::new();
    let action = pen.start(3, "i-1");
    let undo = Some(serde_json::json!({ "Interfaces": {} }));
    let (message, request_ids) = (Untrusted::from("one of two"), Vec::new());
    pen.end(&action, Outcome::Partly { message, request_ids, undo: undo.clone() }).unwrap();
    let state = &pen.incident().actions[&action];
    assert_eq!((state.life, state.class, &state.undo), (Life::Failed, Some(FailClass::Failed), &undo));
    assert_eq!(pen.mark(3), Mark::Failed);
    // What failed before it did anything says nothing of an undo, as it always did.
    let failed =
        ActionFailed { action, class: FailClass::Denied, message: "no".into(), request_ids: vec![], undo: None };
    let text = serde_json::to_string(&failed).unwrap();
    assert!(!text.contains("undo"), "{text}");
}
