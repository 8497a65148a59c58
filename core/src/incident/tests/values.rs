//! What a runbook's variables stand for, and where that comes from.

use super::*;
use crate::runbook::variables::{Output, Variable, VariableKind};

pub(super) fn variable(name: &str, kind: VariableKind) -> Variable {
    Variable { name: name.into(), about: None, kind, from: None, output: None, lookup: None, default: None }
}

/// A session whose runbook declares these.
pub(super) fn pen(variables: Vec<Variable>) -> Pen {
    let mut pen = Pen { letter: 'a', timeline: Timeline::default(), n: 0 };
    pen.write(opened().into());
    pen.write(RunbookOpened { variables, ..book() }.into());
    pen
}

fn value(pen: &Pen, name: &str, configured: Option<&str>) -> Option<(Untrusted, Source)> {
    let incident = pen.incident();
    incident.variable(
        incident.book(&link('a', 1)),
        name,
        Outside { configured: &|_| configured.map(Untrusted::from), finding: None },
    )
}

fn type_in(pen: &mut Pen, name: &str, value: &str) {
    pen.act(Intent::Variable { name: name.into(), value: value.into(), from: "typed".into() }).unwrap();
}

#[test]
fn what_was_typed_goes_before_the_finding_the_configuration_and_the_runbook() {
    let ip = Variable {
        from: Some("finding.actor.ip".into()),
        default: Some("192.0.2.1".into()),
        ..variable("ip", VariableKind::Ip)
    };
    let mut pen = pen(vec![ip]);
    assert_eq!(value(&pen, "ip", None), Some(("192.0.2.1".into(), Source::Default)));
    assert_eq!(value(&pen, "ip", Some("192.0.2.2")), Some(("192.0.2.2".into(), Source::Configured)));
    // What is configured and no address is none.
    assert_eq!(value(&pen, "ip", Some("here")), Some(("192.0.2.1".into(), Source::Default)));
    pen.act(Intent::Attach { finding: Box::new(compact("f")), blob: None }).unwrap();
    assert_eq!(value(&pen, "ip", Some("192.0.2.2")), Some(("198.51.100.7".into(), Source::Finding)));
    let mut other = compact("g");
    other.actor.ip = Some("198.51.100.8".into());
    let (incident, outside) = (pen.incident(), Outside { finding: Some(&other), ..Outside::NOTHING });
    let aimed = incident.variable(incident.book(&link('a', 1)), "ip", outside);
    assert_eq!(aimed, Some(("198.51.100.8".into(), Source::Finding)));
    type_in(&mut pen, "ip", "192.0.2.3");
    assert_eq!(value(&pen, "ip", Some("192.0.2.2")), Some(("192.0.2.3".into(), Source::Typed)));
}

/// Whoever reads a past session has another configuration, or none: what stood there then is on record.
#[test]
fn what_was_configured_when_the_runbook_was_opened_is_on_record() {
    let mut pen = Pen { letter: 'a', timeline: Timeline::default(), n: 0 };
    pen.write(opened().into());
    let variables = vec![variable("ip", VariableKind::Ip)];
    let then = [("ip", "192.0.2.1"), ("team", "blue")].map(|(name, value)| (name.into(), value.into()));
    pen.write(RunbookOpened { variables, configured: then.into(), ..book() }.into());
    let book = link('a', 1);
    let then = |name: &str| pen.incident().variable(pen.incident().book(&book), name, Outside::NOTHING);
    assert_eq!(then("ip"), Some(("192.0.2.1".into(), Source::Configured)));
    assert_eq!((then("team"), then("other")), (Some(("blue".into(), Source::Configured)), None));
    // Whoever works goes by what is configured now.
    assert_eq!(value(&pen, "ip", Some("192.0.2.2")), Some(("192.0.2.2".into(), Source::Configured)));
    // What was configured since goes before it; it is nothing that was typed, and goes where such a thing does.
    let since = VariableSet { name: "ip".into(), value: "192.0.2.3".into(), from: "configured".into() };
    pen.write(since.into());
    let then = pen.incident().variable(pen.incident().book(&book), "ip", Outside::NOTHING);
    assert_eq!(then, Some(("192.0.2.3".into(), Source::Configured)));
    assert!(pen.incident().variables.is_empty());
    type_in(&mut pen, "ip", "192.0.2.4");
    assert_eq!(value(&pen, "ip", Some("192.0.2.2")), Some(("192.0.2.4".into(), Source::Typed)));
    // A record of before says nothing of it.
    let data = Event::from(super::book()).data().unwrap();
    assert!(!data.contains("configured"), "{data}");
}

#[test]
fn what_does_not_fit_its_type_is_no_value() {
    let host = Variable { from: Some("finding.resource.id".into()), ..variable("host", VariableKind::InstanceId) };
    let mut pen = pen(vec![host]);
    // The finding's resource calls itself i-1, which no instance is called.
    pen.act(Intent::Attach { finding: Box::new(compact("f")), blob: None }).unwrap();
    assert_eq!(value(&pen, "host", None), None);
    type_in(&mut pen, "host", "i-1; reboot");
    assert_eq!(value(&pen, "host", None), None);
    type_in(&mut pen, "host", "i-0abc12d34e5f67890");
    assert_eq!(value(&pen, "host", None), Some(("i-0abc12d34e5f67890".into(), Source::Typed)));
    // What nobody has declared may be anything.
    type_in(&mut pen, "other", "i-1");
    assert_eq!(value(&pen, "other", None), Some(("i-1".into(), Source::Typed)));
    assert_eq!(value(&pen, "third", Some("x")), Some(("x".into(), Source::Configured)));
}

#[test]
fn a_value_of_an_action_is_there_once_it_has_ended_well_until_it_is_undone() {
    let output = |name: &str| Some(Output { step: Id::new("contain").unwrap(), name: name.into() });
    let all = vec![
        Variable { output: output("snapshot"), ..variable("copy", VariableKind::SnapshotId) },
        Variable { output: output("/Groups/0"), ..variable("group", VariableKind::SecurityGroupId) },
        Variable { output: output("/Count"), ..variable("count", VariableKind::Text) },
        Variable { output: output("/Groups"), ..variable("groups", VariableKind::Text) },
        Variable { output: output("state"), ..variable("state", VariableKind::Text) },
        Variable { output: output("snapshot"), ..variable("wrong", VariableKind::Ip) },
    ];
    let names = ["copy", "group", "count", "groups", "state", "wrong"];
    let mut pen = pen(all);
    let values =
        |pen: &Pen| names.map(|name| value(pen, name, None).map(|(value, _)| value.line().into_string())).to_vec();
    let none = vec![None; 6];
    assert_eq!(values(&pen), none);
    let action = pen.start(3, "i-1");
    assert_eq!(values(&pen), none);
    let undo = serde_json::json!({ "Groups": ["sg-903004f8"], "Count": 2 });
    let facts = vec![Fact::new("snapshot", "snap-066877671789bd71b")];
    pen.end(&action, Outcome::Succeeded { outcome: "done".into(), request_ids: Vec::new(), undo: Some(undo), facts })
        .unwrap();
    let some = |text: &str| Some(text.to_owned());
    let ended = vec![some("snap-066877671789bd71b"), some("sg-903004f8"), some("2"), None, None, None];
    assert_eq!(values(&pen), ended);
    assert_eq!(value(&pen, "copy", None).unwrap().1, Source::Action);
    let verified = Verified { holds: Some(true), facts: vec![Fact::new("state", "isolated")] };
    pen.act(Intent::Verified { action: action.clone(), verified }).unwrap();
    assert_eq!(values(&pen)[4], some("isolated"));
    let undoing = Plan { undo_of: Some(action), ..plan(Some(3), "i-1") };
    let undoing = pen.act(Intent::Plan(Box::new(undoing))).unwrap();
    pen.approve(&undoing).unwrap();
    assert_eq!(values(&pen)[0], some("snap-066877671789bd71b"));
    pen.end(&undoing, succeeded()).unwrap();
    assert_eq!(values(&pen), none);
}

#[test]
fn what_an_action_gave_under_an_earlier_text_is_there_under_the_new_one() {
    let variables = vec![Variable {
        output: Some(Output { step: Id::new("contain").unwrap(), name: "snapshot".into() }),
        ..variable("copy", VariableKind::SnapshotId)
    }];
    let mut pen = pen(variables.clone());
    let action = pen.start(3, "i-1");
    let gave = |id: &str| Outcome::Succeeded {
        outcome: "done".into(),
        request_ids: Vec::new(),
        undo: None,
        facts: vec![Fact::new("snapshot", id)],
    };
    pen.end(&action, gave("snap-066877671789bd71b")).unwrap();
    pen.act(Intent::CloseBook { rb: link('a', 1), why: "its text has changed".into() }).unwrap();
    let newer = pen.write(RunbookOpened { variables: variables.clone(), ..book() }.into());
    let copy = |pen: &Pen, rb: &Link| {
        let incident = pen.incident();
        incident.variable(incident.book(rb), "copy", Outside::NOTHING).map(|(value, _)| value)
    };
    assert_eq!(copy(&pen, &newer), Some("snap-066877671789bd71b".into()));
    // Another runbook's step of that name is another step.
    let other = RunbookOpened { id: Id::new("other").unwrap(), variables, ..book() };
    let other = pen.write(other.into());
    assert_eq!(copy(&pen, &other), None);
}

#[test]
fn an_action_that_failed_gives_nothing() {
    let output = Some(Output { step: Id::new("contain").unwrap(), name: "snapshot".into() });
    let mut pen = pen(vec![Variable { output, ..variable("copy", VariableKind::SnapshotId) }]);
    let action = pen.start(3, "i-1");
    pen.end(&action, failed()).unwrap();
    assert_eq!(value(&pen, "copy", None), None);
}

#[test]
fn a_runbook_that_declares_nothing_is_recorded_as_before() {
    let json = serde_json::to_value(book()).unwrap();
    assert_eq!(json.get("variables"), None);
    let back: RunbookOpened = serde_json::from_value(json).unwrap();
    assert!(back.variables.is_empty());
}

/// A session whose runbook's rows 0 to 4 have these conditions and depths.
fn conditioned(rows: [(Option<&str>, u32); 5]) -> Pen {
    let mut pen = Pen { letter: 'a', timeline: Timeline::default(), n: 0 };
    let mut book = book();
    for (line, (when, depth)) in book.outline.iter_mut().zip(rows) {
        line.when = when.map(|text| crate::runbook::condition::Condition::read(text).unwrap());
        line.depth = depth;
    }
    pen.write(opened().into());
    pen.write(book.into());
    pen
}

/// Why each row is left out.
fn left_out(pen: &Pen) -> Vec<Option<String>> {
    (0..5).map(|row| pen.incident().left_out(&step(row), Outside::NOTHING)).collect()
}

#[test]
fn a_step_is_left_out_while_its_condition_is_known_to_be_unmet() {
    let mut pen = conditioned([
        (Some("var.size == small"), 0),
        (Some("finding.account == 444455556666"), 0),
        (None, 0),
        (Some("decision choose = Cut"), 0),
        (None, 0),
    ]);
    // Nothing is known yet.
    assert_eq!(left_out(&pen), vec![None; 5]);
    pen.act(Intent::Attach { finding: Box::new(compact("f")), blob: None }).unwrap();
    type_in(&mut pen, "size", "large");
    pen.act(Intent::Choose { step: step(2), choice: "Flowing".into(), why: none(), to: None }).unwrap();
    let some = |text: &str| Some(text.to_owned());
    let account = some("finding.account is 111122223333");
    let all = vec![some("var.size is large"), account, None, some("choose was decided as Flowing"), None];
    assert_eq!(left_out(&pen), all);
    // It comes back when the value, or the decision, changes.
    type_in(&mut pen, "size", "small");
    pen.act(Intent::Untick { step: step(2), why: none() }).unwrap();
    assert_eq!((&left_out(&pen)[0], &left_out(&pen)[3]), (&None, &None));
    // What was configured counts where it is known.
    let configured = |name: &str| (name == "size").then(|| Untrusted::from("large"));
    let outside = Outside { configured: &configured, finding: None };
    assert_eq!(pen.incident().left_out(&step(0), outside), None);
    // Aimed at another finding, that one counts.
    let other = crate::finding::Compact { account: Some("444455556666".into()), ..compact("g") };
    assert_eq!(pen.incident().left_out(&step(1), Outside { finding: Some(&other), ..Outside::NOTHING }), None);
}

#[test]
fn sub_steps_go_with_the_step_above_them_and_what_was_dealt_with_stays() {
    let mut pen = conditioned([(Some("var.size present"), 0), (None, 1), (None, 2), (None, 1), (None, 0)]);
    let none_yet = Some("var.size has no value".to_owned());
    let rows = |pen: &Pen| left_out(pen).iter().map(Option::is_some).collect::<Vec<_>>();
    assert_eq!(left_out(&pen)[2], none_yet);
    assert_eq!(rows(&pen), [true, true, true, true, false]);
    // The action of row 3 runs, and is done: it is never left out.
    let action = pen.act(Intent::Plan(Box::new(plan(Some(3), "i-1")))).unwrap();
    assert_eq!(rows(&pen), [true, true, true, true, false]);
    pen.approve(&action).unwrap();
    assert_eq!(rows(&pen), [true, true, true, false, false]);
    pen.end(&action, succeeded()).unwrap();
    assert_eq!(rows(&pen), [true, true, true, false, false]);
    // What was done above holds the steps below.
    pen.act(Intent::Tick { step: step(0), note: None }).unwrap();
    assert_eq!(rows(&pen), [false; 5]);
}

#[test]
fn a_condition_says_nothing_of_the_steps_beside_it() {
    let pen = conditioned([(None, 0), (Some("var.size present"), 1), (None, 1), (None, 0), (None, 0)]);
    let rows: Vec<bool> = left_out(&pen).iter().map(Option::is_some).collect();
    assert_eq!(rows, [false, true, false, false, false]);
}

#[test]
fn what_waits_for_a_second_person_or_was_done_for_a_value_is_not_left_out() {
    let unmet = Some("var.size present");
    let mut pen = conditioned([(unmet, 0), (None, 0), (None, 0), (unmet, 0), (None, 0)]);
    let plan = plan(Some(3), "i-1");
    let plan_hash = plan.hash().unwrap();
    let action = pen.act(Intent::Plan(Box::new(plan))).unwrap();
    let (by, actions) = (link('a', 0).0, vec![Approval { action, plan_hash, token: "t".into() }]);
    pen.act(Intent::Approve { actions, gesture: "typed".into(), why: none(), by, two: true }).unwrap();
    assert_eq!(left_out(&pen)[3], None);
    assert!(left_out(&pen)[0].is_some());
    pen.write(StepDone { step: step(0), note: None, each: Some("i-1".into()) }.into());
    assert_eq!(left_out(&pen)[0], None);
}

#[test]
fn a_staged_action_is_not_left_out() {
    let mut pen = conditioned([(None, 0), (None, 0), (None, 0), (Some("var.size present"), 0), (None, 0)]);
    let staged = Plan { set: Some("1".into()), ..plan(Some(3), "i-1") };
    pen.act(Intent::Plan(Box::new(staged))).unwrap();
    assert_eq!(left_out(&pen)[3], None);
}

#[test]
fn a_condition_stands_in_the_record_and_an_old_record_has_none() {
    let pen = conditioned([(Some("var.size present"), 0), (None, 0), (None, 0), (None, 0), (None, 0)]);
    let Event::RunbookOpened(opened) = &pen.timeline.entries()[1].event else { panic!() };
    let json = serde_json::to_value(opened).unwrap();
    assert_eq!(json["outline"][0]["when"], "var.size present");
    assert_eq!(json["outline"][1].get("when"), None);
}
