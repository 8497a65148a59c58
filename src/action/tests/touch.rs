//! What plans of the kinds write: by it two of a set, or of two consoles, are told to be in each other's way.

use super::super::{by_name, writes};
use super::in_force::{contain, deny, isolate, key};
use quell_core::incident::{Fact, Plan, PlannedRequest, Target, Touch};
use quell_core::text::Id;
use serde_json::json;

/// As the console plans it.
fn said(plan: Plan) -> Plan {
    let kind = by_name(plan.kind.as_str()).unwrap();
    Plan { writes: writes(kind, &plan), ..plan }
}

/// Another plan on the same instance.
fn of(kind: &str, (service, operation): (&str, &str), input: serde_json::Value, fact: Fact) -> Plan {
    let input = PlannedRequest { service: service.into(), operation: operation.into(), input };
    let (kind, requests, facts) = (Id::new(kind).unwrap(), vec![input], vec![fact]);
    said(Plan { kind, requests, facts, ..contain("Contain", "false", "eu-west-1") })
}

fn tag(key: &str) -> Plan {
    let input = json!({ "Resources": ["i-0abc12d34e5f67890"], "Tags": [{ "Key": key, "Value": "v" }] });
    of("ec2-tag", ("ec2", "CreateTags"), input, Fact::new(format!("tag {key}"), "not there"))
}

fn meet(one: &Plan, other: &Plan) -> bool {
    let both = (Touch::of(one).meets(other), Touch::of(other).meets(one));
    assert_eq!(both.0, both.1);
    both.0
}

#[test]
fn what_writes_other_things_of_one_instance_goes_together() {
    let document = said(contain("Contain", "false", "eu-west-1"));
    let snapshot = of("ec2-snapshot", ("ec2", "CreateSnapshots"), json!({}), Fact::new("instance", "running"));
    let stop = of("ec2-stop", ("ec2", "StopInstances"), json!({}), Fact::new("instance", "running"));
    let standby = of("asg-standby", ("autoscaling", "EnterStandby"), json!({}), Fact::new("group", "web"));
    assert!(!meet(&tag("case"), &tag("owner")) && meet(&tag("case"), &tag("case")));
    assert!(!meet(&document, &snapshot) && !meet(&document, &tag("case")) && !meet(&snapshot, &stop));
    // The document writes the same groups, takes the instance into standby and may restart it.
    for other in [said(isolate(true)), stop, standby, said(contain("Restore", "false", "eu-west-1"))] {
        assert!(meet(&document, &other), "{}", other.kind);
    }
    // What a document does that quell does not know is not told.
    let mut unknown = contain("Contain", "false", "eu-west-1");
    unknown.requests[0].input["DocumentName"] = json!("Somebody-Does");
    let unknown = said(unknown);
    assert!(unknown.writes.is_empty() && meet(&unknown, &snapshot) && meet(&unknown, &tag("case")));
}

#[test]
fn what_is_one_for_all_regions_is_met_from_each() {
    let mut elsewhere = deny("app");
    elsewhere.target.region = "us-east-1".into();
    assert!(meet(&said(deny("app")), &said(elsewhere.clone())));
    elsewhere.target = Target { account: "444455556666".into(), ..elsewhere.target };
    assert!(!meet(&said(deny("app")), &said(elsewhere)) && !meet(&said(deny("app")), &said(deny("web"))));
    assert!(!meet(&said(key("Inactive")), &said(deny("jo"))));
}

#[test]
fn two_batches_of_findings_are_two_things() {
    let detector = "12abc34d567e8fa901bc2d34e56789f0";
    let batch = |ids: [&str; 2]| {
        let input = json!({ "DetectorId": detector, "FindingIds": ids });
        let plan = of("guardduty-archive", ("guardduty", "ArchiveFindings"), input, Fact::new("detector", detector));
        Plan { target: Target { resource: "2 findings".into(), ..plan.target.clone() }, ..plan }
    };
    let ids = ["a0aaaaaa", "b0bbbbbb", "c0cccccc", "d0dddddd"].map(|start| start.repeat(4));
    let [a, b, c, d] = [&ids[0], &ids[1], &ids[2], &ids[3]].map(String::as_str);
    assert!(!meet(&batch([a, b]), &batch([c, d])) && meet(&batch([a, b]), &batch([b, c])));
    let hub = |id: &str| {
        let id = json!({ "Id": format!("arn:aws:securityhub:eu-west-1:111122223333:finding/{id}"), "ProductArn": "p" });
        let input = json!({ "FindingIdentifiers": [id], "Workflow": { "Status": "RESOLVED" } });
        of("securityhub-workflow", ("securityhub", "BatchUpdateFindings"), input, Fact::new("finding", "new"))
    };
    assert!(!meet(&hub("one"), &hub("two")) && meet(&hub("one"), &hub("one")));
}
