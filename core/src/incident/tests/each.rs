//! Steps that are done for each of a list.

use super::*;
use crate::runbook::each::List;

/// A session whose rows 0, 1 and 3 are done for each host.
fn pen(hosts: &[&str]) -> Pen {
    let mut pen = Pen { letter: 'a', timeline: Timeline::default(), n: 0 };
    let mut book = book();
    for row in [0, 1, 3] {
        book.outline[row].each = Some(List::Hosts);
    }
    pen.write(opened().into());
    pen.write(book.into());
    hosts.iter().for_each(|host| note(&mut pen, host, EntityState::Suspected));
    pen
}

fn note(pen: &mut Pen, id: &str, state: EntityState) {
    let (kind, id, provenance) = (EntityKind::Host, id.into(), Provenance::Typed);
    pen.act(Intent::Entity { kind, id, provenance, state }).unwrap();
}

fn planned(pen: &mut Pen, host: &str) -> Result<Link, Refusal> {
    pen.act(Intent::Plan(Box::new(Plan { each: Some(host.into()), ..plan(Some(3), host) })))
}

fn run(pen: &mut Pen, host: &str, outcome: Outcome) -> Link {
    let action = planned(pen, host).unwrap();
    pen.approve(&action).unwrap();
    pen.end(&action, outcome).unwrap();
    action
}

fn marks(pen: &Pen, row: usize) -> Vec<(String, Mark)> {
    let each = pen.incident().each(&step(row));
    each.into_iter().map(|(value, slot)| (value.line().into_string(), slot.mark)).collect()
}

fn all(of: &[(&str, Mark)]) -> Vec<(String, Mark)> {
    of.iter().map(|(value, mark)| ((*value).to_owned(), *mark)).collect()
}

#[test]
fn a_list_holds_the_entities_that_are_not_cleared_each_once() {
    let mut pen = pen(&["i-1", "i-2"]);
    pen.act(Intent::Attach { finding: Box::new(compact("f")), blob: None }).unwrap();
    note(&mut pen, "i-3", EntityState::Confirmed);
    note(&mut pen, "i-2", EntityState::Cleared);
    let lists = [List::Hosts, List::Ips, List::Keys, List::Findings, List::Unknown];
    let held = lists.map(|list| pen.incident().list(list));
    let texts: [Vec<Untrusted>; 5] =
        [vec!["i-1".into(), "i-3".into()], vec!["198.51.100.7".into()], vec![], vec!["f".into()], vec![]];
    assert_eq!(held, texts);
}

#[test]
fn the_step_is_done_when_an_action_has_worked_for_each_value() {
    let mut pen = pen(&["i-1", "i-2"]);
    assert_eq!((pen.incident().done_of(&step(3)), pen.mark(3)), ((0, 2), Mark::Todo));
    let first = run(&mut pen, "i-1", succeeded());
    assert_eq!((pen.incident().done_of(&step(3)), pen.mark(3)), ((1, 2), Mark::Todo));
    let second = planned(&mut pen, "i-2").unwrap();
    pen.approve(&second).unwrap();
    assert_eq!(pen.mark(3), Mark::Running);
    pen.end(&second, failed()).unwrap();
    assert_eq!(pen.mark(3), Mark::Failed);
    assert_eq!(marks(&pen, 3), all(&[("i-1", Mark::Done), ("i-2", Mark::Failed)]));
    run(&mut pen, "i-2", succeeded());
    assert_eq!((pen.incident().done_of(&step(3)), pen.mark(3)), ((2, 2), Mark::Done));
    // What is undone is to do again, for that value alone.
    let undo = Plan { undo_of: Some(first), ..plan(Some(3), "i-1") };
    let undo = pen.act(Intent::Plan(Box::new(undo))).unwrap();
    pen.approve(&undo).unwrap();
    pen.end(&undo, succeeded()).unwrap();
    assert_eq!(marks(&pen, 3), all(&[("i-1", Mark::Todo), ("i-2", Mark::Done)]));
    assert_eq!(pen.mark(3), Mark::Todo);
}

#[test]
fn a_value_that_comes_later_opens_the_step_and_one_that_is_cleared_holds_nothing_back() {
    let mut pen = pen(&["i-1"]);
    run(&mut pen, "i-1", succeeded());
    assert_eq!(pen.mark(3), Mark::Done);
    note(&mut pen, "i-2", EntityState::Suspected);
    assert_eq!((pen.mark(3), pen.incident().done_of(&step(3))), (Mark::Todo, (1, 2)));
    note(&mut pen, "i-2", EntityState::Cleared);
    assert_eq!((pen.mark(3), pen.incident().done_of(&step(3))), (Mark::Done, (1, 1)));
    // What was done for a value stays, though it is no value any more.
    note(&mut pen, "i-1", EntityState::Cleared);
    assert_eq!((pen.mark(3), marks(&pen, 3)), (Mark::Done, all(&[("i-1", Mark::Done)])));
}

#[test]
fn two_values_run_beside_each_other_and_one_value_once() {
    let mut pen = pen(&["i-1", "i-2"]);
    let first = planned(&mut pen, "i-1").unwrap();
    pen.approve(&first).unwrap();
    let second = planned(&mut pen, "i-2").unwrap();
    pen.approve(&second).unwrap();
    assert_eq!(planned(&mut pen, "i-1"), Err(Refusal::StepBusy));
    assert_eq!(pen.act(Intent::Tick { step: step(3), note: None }), Err(Refusal::StepBusy));
    pen.end(&first, succeeded()).unwrap();
    assert_eq!(pen.mark(3), Mark::Running);
    pen.end(&second, unknown()).unwrap();
    assert_eq!(pen.mark(3), Mark::Unknown);
    // Until it is looked up nothing else goes to that one.
    assert_eq!(planned(&mut pen, "i-2"), Err(Refusal::TargetUnknown("i-2".into())));
    pen.end(&second, succeeded()).unwrap();
    assert_eq!(pen.mark(3), Mark::Done);
}

#[test]
fn values_are_ticked_one_by_one_with_a_note_where_the_step_asks_for_one() {
    let mut pen = pen(&["i-1", "i-2"]);
    let tick = |row: usize, each: &str, note: Option<&str>| Intent::TickEach {
        step: step(row),
        each: each.into(),
        note: note.map(Into::into),
    };
    assert_eq!(pen.act(tick(0, "i-3", None)), Err(Refusal::NoValue));
    assert_eq!(pen.act(tick(2, "i-1", None)), Err(Refusal::NoValue));
    assert_eq!(pen.act(tick(1, "i-1", None)), Err(Refusal::NoteRequired));
    pen.act(tick(1, "i-1", Some("seen"))).unwrap();
    pen.act(tick(0, "i-1", None)).unwrap();
    assert_eq!(pen.act(tick(0, "i-1", None)), Err(Refusal::StepStands("done")));
    assert_eq!((pen.mark(0), pen.mark(1)), (Mark::Todo, Mark::Todo));
    assert_eq!(pen.incident().slot(&step(1), Some(&"i-1".into())).unwrap().note, Some("seen".into()));
    pen.act(tick(0, "i-2", None)).unwrap();
    assert_eq!(pen.mark(0), Mark::Done);
    // Opened again, it is to do for all of them.
    pen.act(Intent::Untick { step: step(0), why: none() }).unwrap();
    assert_eq!(marks(&pen, 0), all(&[("i-1", Mark::Todo), ("i-2", Mark::Todo)]));
    // What is said of all of them holds whatever is noted later.
    pen.act(Intent::Skip { step: step(0), why: "booked".into() }).unwrap();
    note(&mut pen, "i-3", EntityState::Suspected);
    assert_eq!(pen.mark(0), Mark::Skipped);
}

#[test]
fn one_value_is_opened_again_alone() {
    let mut pen = pen(&["i-1", "i-2"]);
    let tick = |each: &str| Intent::TickEach { step: step(0), each: each.into(), note: None };
    let untick =
        |row: usize, each: &str, why: &str| Intent::UntickEach { step: step(row), each: each.into(), why: why.into() };
    pen.act(tick("i-1")).unwrap();
    pen.act(tick("i-2")).unwrap();
    assert_eq!(pen.mark(0), Mark::Done);
    pen.act(untick(0, "i-1", "")).unwrap();
    assert_eq!(marks(&pen, 0), all(&[("i-1", Mark::Todo), ("i-2", Mark::Done)]));
    assert_eq!((pen.mark(0), pen.incident().by_value(&step(0))), (Mark::Todo, true));
    assert_eq!(pen.act(untick(0, "i-1", "")), Err(Refusal::StepStands("open")));
    assert_eq!(pen.act(untick(0, "i-9", "")), Err(Refusal::NoValue));
    assert_eq!(pen.act(untick(2, "i-1", "")), Err(Refusal::NoValue));
    // Of an action the same rules hold as for a whole step.
    let first = planned(&mut pen, "i-1").unwrap();
    pen.approve(&first).unwrap();
    assert_eq!(pen.act(untick(3, "i-1", "w")), Err(Refusal::StepBusy));
    pen.end(&first, unknown()).unwrap();
    assert_eq!(pen.act(untick(3, "i-1", "")), Err(Refusal::WhyRequired));
    pen.act(untick(3, "i-1", "looked by hand")).unwrap();
    assert_eq!(marks(&pen, 3), all(&[("i-1", Mark::Todo), ("i-2", Mark::Todo)]));
    let undone = run(&mut pen, "i-2", succeeded());
    let undo = Plan { undo_of: Some(undone), ..plan(Some(3), "i-2") };
    let undo = pen.act(Intent::Plan(Box::new(undo))).unwrap();
    pen.approve(&undo).unwrap();
    assert_eq!(pen.act(untick(3, "i-2", "w")), Err(Refusal::StepBusy));
    // What was said of all is taken back of all.
    pen.act(Intent::Skip { step: step(0), why: "booked".into() }).unwrap();
    assert_eq!((pen.act(untick(0, "i-2", "w")), pen.incident().by_value(&step(0))), (Err(Refusal::StepWhole), false));
}

#[test]
fn what_a_step_is_done_for_stands_in_the_records_and_old_ones_say_nothing_of_it() {
    let mut pen = pen(&["i-1"]);
    run(&mut pen, "i-1", succeeded());
    let records: Vec<serde_json::Value> =
        pen.timeline.entries().iter().map(|e| serde_json::from_str(&e.event.data().unwrap()).unwrap()).collect();
    assert_eq!(records[1]["outline"][3]["each"], "incident.hosts");
    assert_eq!(records[1]["outline"][4].get("each"), None);
    assert_eq!(records[3]["each"], "i-1");
    let once = serde_json::to_value(plan(Some(4), "i-1")).unwrap();
    assert_eq!(once.get("each"), None);
    // A list of a newer quell holds nothing, and takes nothing else with it.
    let mut line = records[1]["outline"][3].clone();
    line["each"] = "incident.volumes".into();
    assert_eq!(serde_json::from_value::<OutlineStep>(line).unwrap().each, Some(List::Unknown));
}

#[test]
fn a_plan_for_a_value_of_a_step_without_a_list_is_one_of_the_step() {
    let mut pen = pen(&["i-1"]);
    let action = pen.act(Intent::Plan(Box::new(Plan { each: Some("i-1".into()), ..plan(Some(4), "i-1") }))).unwrap();
    pen.approve(&action).unwrap();
    assert_eq!(pen.mark(4), Mark::Running);
    pen.end(&action, succeeded()).unwrap();
    assert_eq!((pen.mark(4), pen.incident().each(&step(4)).len()), (Mark::Done, 0));
}
