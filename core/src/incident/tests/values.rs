//! What a runbook's variables stand for, and where that comes from.

use super::*;
use crate::runbook::variables::{Output, Variable, VariableKind};

pub(super) fn variable(name: &str, kind: VariableKind) -> Variable {
    Variable { name: name.into(), about: None, kind, from: None, output: None, default: None }
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
    incident.variable(incident.book(&link('a', 1)), name, &|_| configured.map(Untrusted::from))
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
    type_in(&mut pen, "ip", "192.0.2.3");
    assert_eq!(value(&pen, "ip", Some("192.0.2.2")), Some(("192.0.2.3".into(), Source::Typed)));
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
