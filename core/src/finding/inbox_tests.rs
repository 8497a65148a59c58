use super::*;
use crate::finding::{Label, Severity, Status, Workflow, read};

const ARN: &str = "arn:aws:guardduty:eu-west-1:111122223333:detector/9f/finding/4ac1";

fn one(json: String, via: Via) -> Finding {
    let mut batch = read(json.as_bytes(), via);
    assert_eq!(batch.errors, []);
    batch.findings.remove(0)
}

fn own(updated: &str, title: &str) -> Finding {
    let json = format!(
        r#"{{"id":"4ac1","arn":"{ARN}","type":"Trojan:EC2/DropPoint","severity":5,"title":"{title}",
            "updatedAt":"{updated}","resource":{{"resourceType":"Instance","instanceDetails":{{"instanceId":"i-1"}}}},
            "service":{{"count":2}}}}"#
    );
    one(json, Via::File)
}

fn hub(updated: &str, workflow: &str) -> Finding {
    let json = format!(
        r#"{{"Id":"{ARN}","ProductArn":"arn:aws:securityhub:eu-west-1::product/aws/guardduty","Title":"hub's title",
            "Description":"hub's words","AwsAccountId":"111122223333","UpdatedAt":"{updated}",
            "Severity":{{"Label":"CRITICAL"}},"Types":["TTPs/Command and Control/Trojan:EC2-DropPoint"],
            "Workflow":{{"Status":"{workflow}"}},
            "Resources":[{{"Type":"AwsEc2Instance","Id":"arn:aws:ec2:eu-west-1:111122223333:instance/i-1"}}]}}"#
    );
    one(json, Via::File)
}

fn row(inbox: &Inbox, row: RowId) -> Finding {
    Finding::clone(inbox.rows().get(row).unwrap())
}

#[test]
fn the_finders_record_wins_and_the_hub_fills_and_owns_the_workflow() {
    for hub_first in [true, false] {
        let mut inbox = Inbox::default();
        let (own, hub) = (own("2026-03-04T05:00:00Z", "own title"), hub("2026-03-04T09:00:00Z", "NOTIFIED"));
        let (first, second) = if hub_first { (hub, own) } else { (own, hub) };
        assert_eq!(inbox.take(vec![first]), Changes { added: vec![0], changed: vec![] });
        assert_eq!(inbox.take(vec![second]), Changes { added: vec![], changed: vec![0] });
        let it = row(&inbox, 0);
        assert_eq!(inbox.rows().len(), 1);
        assert_eq!(it.title, Some("own title".into()));
        assert_eq!(it.description, Some("hub's words".into()));
        assert_eq!(it.severity.label, Some(Label::Medium));
        assert_eq!(it.workflow, Some(Workflow::Notified));
        assert_eq!(it.resource.id, Some("i-1".into()));
        assert_eq!(it.resource.arn, Some("arn:aws:ec2:eu-west-1:111122223333:instance/i-1".into()));
        assert_eq!(it.resources, std::slice::from_ref(&it.resource));
        assert_eq!(it.count, Some(2));
    }
}

#[test]
fn of_one_service_the_later_counts() {
    let mut inbox = Inbox::default();
    inbox.take(vec![own("2026-03-04T05:00:00Z", "a"), hub("2026-03-04T05:00:00Z", "NEW")]);
    assert_eq!(inbox.take(vec![own("2026-03-04T04:00:00Z", "older")]), Changes::default());
    assert_eq!(row(&inbox, 0).title, Some("a".into()));
    assert_eq!(inbox.take(vec![own("2026-03-04T06:00:00Z", "newer")]).changed, [0]);
    assert_eq!(row(&inbox, 0).title, Some("newer".into()));
    assert_eq!(row(&inbox, 0).workflow, Some(Workflow::New));
    // Triage moves the workflow without moving `updated`.
    assert_eq!(inbox.take(vec![hub("2026-03-04T05:00:00Z", "RESOLVED")]).changed, [0]);
    assert_eq!(row(&inbox, 0).workflow, Some(Workflow::Resolved));
    assert_eq!(inbox.take(vec![hub("2026-03-04T03:00:00Z", "NEW")]), Changes::default());
    assert_eq!(inbox.take(vec![hub("2026-03-04T05:00:00Z", "RESOLVED")]), Changes::default());
}

#[test]
fn the_way_it_came_tells_the_service_without_looking() {
    let mut inbox = Inbox::default();
    let mut hub = hub("2026-03-04T05:00:00Z", "NEW");
    (hub.via, hub.raw) = (Via::Securityhub, Arc::from(*b"{}"));
    let mut own = own("2026-03-04T05:00:00Z", "own");
    (own.via, own.raw) = (Via::Guardduty, Arc::from(*b"{}"));
    inbox.take(vec![hub, own]);
    assert_eq!((inbox.rows().len(), row(&inbox, 0).title), (1, Some("own".into())));
}

#[test]
fn findings_without_an_arn_stay_apart_unless_they_are_one_record() {
    let control = |id: &str, title: &str, resource: &str| {
        let json = format!(
            r#"{{"Id":"{id}","ProductArn":"arn:aws:securityhub:eu-west-1::product/x/x","GeneratorId":"check",
                "AwsAccountId":"111122223333","Title":"{title}","Resources":[{{"Type":"Other","Id":"{resource}"}}]}}"#
        );
        one(json, Via::Securityhub)
    };
    let mut inbox = Inbox::default();
    let changes = inbox.take(vec![control("a", "one", "r"), control("a", "one", "s"), control("b", "one", "r")]);
    assert_eq!(changes.added, [0, 1, 2]);
    assert_eq!(inbox.take(vec![control("a", "two", "r")]), Changes { added: vec![], changed: vec![0] });
    let changes = inbox.take(vec![control("c", "x", "r"), control("c", "y", "r")]);
    assert_eq!(changes, Changes { added: vec![3], changed: vec![] });
}

#[test]
fn a_snapshot_does_not_move() {
    let mut inbox = Inbox::default();
    inbox.take(vec![own("2026-03-04T05:00:00Z", "a")]);
    let before = inbox.rows();
    inbox.take(vec![own("2026-03-04T06:00:00Z", "b")]);
    assert_eq!(before.get(0).unwrap().title, Some("a".into()));
    assert_eq!(inbox.rows().get(0).unwrap().title, Some("b".into()));
    assert!(inbox.rows().get(1).is_none() && !inbox.rows().is_empty() && Rows::default().is_empty());
}

#[test]
fn rows_run_over_segments() {
    let mut inbox = Inbox::default();
    let template = own("2026-03-04T05:00:00Z", "a");
    let many = (0..2500).map(|n| Finding { id: format!("arn:aws:x:::{n}").into(), ..template.clone() }).collect();
    assert_eq!(inbox.take(many).added.len(), 2500);
    let rows = inbox.rows();
    assert_eq!((rows.len(), rows.iter().count()), (2500, 2500));
    assert_eq!(rows.get(2499).unwrap().id, "arn:aws:x:::2499".into());
    let later = Finding { id: "arn:aws:x:::1500".into(), title: Some("b".into()), ..template };
    assert_eq!(inbox.take(vec![later]).changed, [1500]);
    assert_eq!(row(&inbox, 1500).title, Some("b".into()));
}

#[test]
fn the_worst_and_the_latest_come_first() {
    let make = |n: u32, label: Option<Label>, seen: Option<&str>| {
        let mut it = own("2026-03-04T05:00:00Z", "t");
        it.id = format!("arn:{n}").into();
        it.severity.label = label;
        (it.last_seen, it.updated) = (seen.and_then(|s| s.parse().ok()), None);
        it
    };
    let mut inbox = Inbox::default();
    inbox.take(vec![
        make(0, None, Some("2026-03-09T00:00:00Z")),
        make(1, Some(Label::Low), Some("2026-03-08T00:00:00Z")),
        make(2, Some(Label::Critical), None),
        make(3, Some(Label::Critical), Some("2026-03-01T00:00:00Z")),
        make(4, Some(Label::Critical), Some("2026-03-02T00:00:00Z")),
    ]);
    assert_eq!(inbox.rows().sorted(), [4, 3, 2, 1, 0]);
}

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

#[test]
fn what_was_said_is_shown_over_readings_that_do_not_know_it() {
    let (mut inbox, until) = (Inbox::default(), at("2026-03-04T10:10:00Z"));
    let updated = "2026-03-04T09:00:00Z";
    inbox.take(vec![hub(updated, "NEW")]);
    let high = Severity { label: Some(Label::High), score: Some(70.0) };
    let said = Said { workflow: Some(Workflow::Notified), severity: Some(high), status: None };
    assert!(inbox.say(0, said, until));
    let shown = |inbox: &Inbox| (row(inbox, 0).workflow, row(inbox, 0).severity.label);
    assert_eq!(shown(&inbox), (Some(Workflow::Notified), Some(Label::High)));
    // A stale reading changes nothing, however often it comes.
    for _ in 0..2 {
        assert_eq!(inbox.take(vec![hub(updated, "NEW")]), Changes::default());
        assert_eq!(shown(&inbox), (Some(Workflow::Notified), Some(Label::High)));
    }
    // A reading that knows the one and not yet the other.
    inbox.take(vec![hub(updated, "NOTIFIED")]);
    assert_eq!(shown(&inbox), (Some(Workflow::Notified), Some(Label::High)));
    // What somebody says afterwards is shown.
    inbox.take(vec![hub(updated, "RESOLVED")]);
    assert_eq!(shown(&inbox), (Some(Workflow::Resolved), Some(Label::High)));
    // What was never read is not claimed for ever.
    assert_eq!(inbox.lapse(at("2026-03-04T10:09:59Z")), [0; 0]);
    assert_eq!(inbox.lapse(until), [0]);
    assert_eq!(shown(&inbox), (Some(Workflow::Resolved), Some(Label::Critical)));
    assert_eq!(inbox.lapse(until), [0; 0]);
}

#[test]
fn what_is_said_later_is_added_and_a_finder_keeps_its_severity() {
    let (mut inbox, until) = (Inbox::default(), at("2026-03-04T10:10:00Z"));
    let mut found = own("2026-03-04T05:00:00Z", "own title");
    found.via = Via::Guardduty;
    inbox.take(vec![found, hub("2026-03-04T09:00:00Z", "NEW")]);
    let low = Severity { label: Some(Label::Low), score: Some(1.0) };
    inbox.say(0, Said { workflow: Some(Workflow::Notified), severity: Some(low), status: None }, until);
    inbox.say(0, Said { status: Some(Status::Archived), ..Said::default() }, until);
    let shown = row(&inbox, 0);
    assert_eq!((shown.workflow, shown.status), (Some(Workflow::Notified), Status::Archived));
    assert_eq!(shown.severity.label, Some(Label::Medium));
    assert!(!inbox.say(7, Said::default(), until));
}
