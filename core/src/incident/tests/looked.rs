//! What was looked up, what of it may belong to the incident, and what variables take from it.

use super::values::{pen, variable};
use super::*;
use crate::finding::Compact;
use crate::runbook::variables::{OfLookup, Output, Variable, VariableKind};

fn told(name: &str, value: &str, entity: Option<EntityKind>) -> Told {
    Told { name: name.into(), value: value.into(), entity }
}

fn finding() -> Compact {
    Compact { region: Some("eu-west-1".into()), account: Some("111122223333".into()), ..compact("f") }
}

/// Of the resource that it names.
fn made(told: Vec<Told>) -> LookupMade {
    let finding = finding();
    LookupMade {
        lookup: "ec2-instance".into(),
        subject: finding.resource.id.unwrap(),
        account: finding.account,
        region: finding.region.unwrap(),
        told,
        step: None,
    }
}

fn role() -> Variable {
    let lookup = Some(OfLookup { lookup: "ec2-instance".into(), name: "role".into() });
    Variable { lookup, default: Some("fallback".into()), ..variable("role", VariableKind::Role) }
}

fn value(pen: &Pen) -> Option<(Untrusted, Source)> {
    let incident = pen.incident();
    incident.variable(incident.book(&link('a', 1)), "role", Outside::NOTHING)
}

fn with_finding() -> Pen {
    let mut pen = pen(vec![role()]);
    pen.act(Intent::Attach { finding: Box::new(finding()), blob: None }).unwrap();
    pen
}

#[test]
fn the_latest_answer_on_a_thing_counts() {
    let mut pen = with_finding();
    assert_eq!(value(&pen), Some(("fallback".into(), Source::Default)));
    pen.act(Intent::Look(Box::new(made(vec![told("role", "web", None)])))).unwrap();
    assert_eq!(value(&pen), Some(("web".into(), Source::Lookup)));
    assert_eq!(Source::Lookup.word(), "looked up");
    pen.act(Intent::Look(Box::new(made(vec![told("role", "db", None)])))).unwrap();
    assert_eq!(value(&pen), Some(("db".into(), Source::Lookup)));
    assert_eq!(pen.incident().lookups.len(), 1);
    pen.act(Intent::Look(Box::new(LookupMade { lookup: "other".into(), ..made(Vec::new()) }))).unwrap();
    assert_eq!(pen.incident().lookups.len(), 2);
    assert_eq!(value(&pen), Some(("db".into(), Source::Lookup)));
    // What an answer does not say is not known, whatever an earlier one said.
    pen.act(Intent::Look(Box::new(made(Vec::new())))).unwrap();
    assert_eq!(value(&pen), Some(("fallback".into(), Source::Default)));
    // What somebody typed goes before it.
    pen.act(Intent::Look(Box::new(made(vec![told("role", "web", None)])))).unwrap();
    pen.act(Intent::Variable { name: "role".into(), value: "mine".into(), from: "typed".into() }).unwrap();
    assert_eq!(value(&pen), Some(("mine".into(), Source::Typed)));
}

#[test]
fn it_goes_before_the_finding_and_behind_an_action() {
    let both = Variable {
        from: Some("finding.resource.name".into()),
        output: Some(Output { step: step(3).id, name: "role".into() }),
        ..role()
    };
    let mut pen = pen(vec![both]);
    let mut finding = finding();
    finding.resource.name = Some("named".into());
    pen.act(Intent::Attach { finding: Box::new(finding), blob: None }).unwrap();
    assert_eq!(value(&pen), Some(("named".into(), Source::Finding)));
    pen.act(Intent::Look(Box::new(made(vec![told("role", "web", None)])))).unwrap();
    assert_eq!(value(&pen), Some(("web".into(), Source::Lookup)));
    let action = pen.start(3, "i-1");
    let facts = vec![Fact { name: "role".into(), value: "acted".into() }];
    let outcome = Outcome::Succeeded { outcome: none(), request_ids: Vec::new(), undo: None, facts };
    pen.act(Intent::End { action, outcome }).unwrap();
    assert_eq!(value(&pen), Some(("acted".into(), Source::Action)));
}

#[test]
fn an_answer_on_something_else_or_from_elsewhere_is_not_taken() {
    for other in [
        LookupMade { subject: "i-99999999".into(), ..made(vec![told("role", "web", None)]) },
        LookupMade { account: Some("444455556666".into()), ..made(vec![told("role", "web", None)]) },
        LookupMade { region: "us-west-2".into(), ..made(vec![told("role", "web", None)]) },
        LookupMade { lookup: "iam-access-key".into(), ..made(vec![told("role", "web", None)]) },
        made(vec![told("rule", "web", None)]),
        // Of two nobody can say which is meant.
        made(vec![told("role", "web", None), told("role", "db", None)]),
        // What is no role's name is none.
        made(vec![told("role", "a b", None)]),
    ] {
        let mut pen = with_finding();
        pen.act(Intent::Look(Box::new(other.clone()))).unwrap();
        assert_eq!(value(&pen), Some(("fallback".into(), Source::Default)), "{other:?}");
    }
    let mut pen = with_finding();
    pen.act(Intent::Look(Box::new(made(vec![told("role", "web", None), told("role", "web", None)])))).unwrap();
    assert_eq!(value(&pen), Some(("web".into(), Source::Lookup)));
}

#[test]
fn what_it_found_is_offered_until_it_is_noted() {
    let mut pen = with_finding();
    let (role, ip) = (EntityKind::Principal, EntityKind::Ip);
    let answer = vec![
        told("role", "web", Some(role)),
        told("vpc", "vpc-1", None),
        told("address", "203.0.113.9", Some(ip)),
        told("role again", "web", Some(role)),
    ];
    pen.act(Intent::Look(Box::new(made(answer)))).unwrap();
    let found = |pen: &Pen| -> Vec<(EntityKind, Untrusted)> {
        pen.incident().found().into_iter().map(|(kind, id)| (kind, id.clone())).collect()
    };
    assert_eq!(found(&pen), [(role, "web".into()), (ip, "203.0.113.9".into())]);
    let (provenance, state) = (Provenance::Lookup, EntityState::Suspected);
    pen.act(Intent::Entity { kind: role, id: "web".into(), provenance, state }).unwrap();
    assert_eq!(found(&pen), [(ip, "203.0.113.9".into())]);
}

#[test]
fn it_is_told_in_words_and_read_back_as_it_was_written() {
    let event = Event::from(made(vec![told("role", "web", Some(EntityKind::Principal)), told("vpc", "vpc-1", None)]));
    let (_, words) = describe(&event, &Incident::default());
    let subject = finding().resource.id.unwrap();
    assert_eq!(words, format!("looked up {} (ec2-instance): role web, vpc vpc-1", subject.line()));
    let data = event.data().unwrap();
    assert!(data.contains(r#"{"name":"role","value":"web","entity":"principal"},{"name":"vpc","value":"vpc-1"}"#));
    let raw = serde_json::value::RawValue::from_string(data.clone()).unwrap();
    assert_eq!(Event::read("lookup.made", &raw).data().unwrap(), data);
}
