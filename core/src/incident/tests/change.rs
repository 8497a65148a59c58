//! What changes in a finding, against what is on record of it.

use super::*;
use crate::finding::{Finding, Status, Workflow, read};

/// A GuardDuty finding as its source gives it: count 9, active, no workflow.
fn now() -> Finding {
    let json = r#"{"schemaVersion":"2.0","accountId":"111122223333","region":"eu-west-1","id":"f-1",
        "type":"Recon:EC2/X","severity":8,"resource":{},
        "service":{"count":9,"archived":false,"eventLastSeen":"2026-11-21T14:00:10Z"}}"#;
    read(json.as_bytes(), crate::finding::Via::File).findings.remove(0)
}

/// The incident of that finding.
fn attached() -> Pen {
    let mut pen = Pen::new();
    pen.act(Intent::Attach { finding: Box::new(now().compact()), blob: None }).unwrap();
    pen
}

/// The changes as words, and on record afterwards.
fn told(pen: &mut Pen, now: &Finding) -> Vec<String> {
    let changes = pen.incident().findings[0].changes(now);
    let from = |c: &Change| c.from.as_ref().map_or("-".to_owned(), |f| f.line().into_string());
    let words = changes.iter().map(|c| format!("{} {} {}", c.name.line(), from(c), c.to.line())).collect();
    if !changes.is_empty() {
        pen.act(Intent::Change { finding: now.id.clone(), changes }).unwrap();
    }
    words
}

#[test]
fn a_change_is_told_once_and_the_next_one_starts_from_it() {
    let mut pen = attached();
    assert_eq!(told(&mut pen, &now()), [""; 0]);
    let mut worse = now();
    (worse.count, worse.severity) = (Some(46), Severity { label: Some(Label::Critical), score: Some(90.0) });
    assert_eq!(told(&mut pen, &worse), ["severity HIGH CRITICAL", "count 9 46"]);
    assert_eq!(told(&mut pen, &worse), [""; 0]);
    worse.status = Status::Archived;
    worse.workflow = Some(Workflow::Resolved);
    assert_eq!(told(&mut pen, &worse), ["status active archived", "workflow - resolved"]);
    let mut better = Finding { count: worse.count, ..now() };
    better.workflow = worse.workflow;
    assert_eq!(told(&mut pen, &better), ["severity CRITICAL HIGH", "status archived active"]);
    // Another console's source is behind: what it says is of before.
    assert_eq!(told(&mut pen, &now()), [""; 0]);
}

#[test]
fn a_count_is_told_when_it_has_doubled() {
    let mut pen = attached();
    let mut tell = |count| {
        let now = Finding { count: Some(count), ..now() };
        told(&mut pen, &now)
    };
    assert_eq!((tell(10), tell(17)), (vec![], vec![]));
    assert_eq!(tell(18), ["count 9 18"]);
    assert_eq!(tell(35), [""; 0]);
    assert_eq!(tell(36), ["count 18 36"]);
    assert_eq!(tell(35), [""; 0]);
}

#[test]
fn what_a_source_does_not_say_and_an_older_copy_are_no_change() {
    let mut pen = attached();
    let mut silent = now();
    (silent.count, silent.severity, silent.last_seen) = (None, Severity::default(), None);
    assert_eq!(told(&mut pen, &silent), [""; 0]);
    let mut older = now();
    (older.count, older.last_seen) = (Some(3), Some("2026-11-21T14:00:09Z".parse().unwrap()));
    assert_eq!(told(&mut pen, &older), [""; 0]);
    let mut other = now();
    other.workflow = Some(Workflow::New);
    assert_eq!(told(&mut pen, &other), [""; 0], "nobody has touched it");
    older.last_seen = now().last_seen;
    assert_eq!(told(&mut pen, &older), [""; 0], "a count that is lower is of before");
}

#[test]
fn a_change_of_another_finding_changes_nothing_here() {
    let mut pen = attached();
    let change = Change { name: "count".into(), from: None, to: "46".into() };
    let other = FindingChanged { finding: "f-2".into(), changes: vec![change] };
    pen.write(other.into());
    assert_eq!(pen.incident().findings[0].latest("count"), Some("9".into()));
    assert_eq!(pen.incident().findings[0].latest("colour"), None);
}
