//! A finding, a runbook with a step of each kind, and the plans that a connection would make of them.

use jiff::Timestamp;
use quell::action::Request;
use quell_core::finding::{Actor, Finding, Label, Resource, Severity, Status, Via};
use quell_core::incident::{Fact, Plan, PlannedRequest, Target};
use quell_core::runbook::{Origin, Runbook, parse};
use quell_core::text::Untrusted;
use serde_json::json;

/// A step of each kind: manual, note required, decision, an action of each danger.
pub const BOOK: &str = r#"---
id: test-compromise
title: Compromised host
version: "3"
matches:
  - "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom"
---

# Compromised host

## Analyze

1. Confirm that it is no test
   <!-- step: id=confirm role=handler target=5m -->

   Ask the owner of the instance whether a **test** runs. A booked test has a ticket.

   ```bash
   aws ec2 describe-instances --instance-ids {{ finding.resource.id }}
   ```

1. Record what runs on it
   <!-- step: id=record note=required -->

   Write down the processes and the open connections.

1. Decide whether it is real
   <!-- step: id=verdict -->

   - True positive: go on
   - False positive: go to the end

## Contain

1. Archive the finding
   <!-- step: id=archive -->

   ```action
   kind: guardduty-archive
   title: Archive the finding
   danger: 1
   ```

1. Contain the instance
   <!-- step: id=contain -->

   ```action
   kind: ssm-automation
   title: Contain the instance
   danger: 2
   ```

1. Delete the key
   <!-- step: id=delete-key -->

   ```action
   kind: iam-access-key
   title: Delete the key
   danger: 3
   ```

## Post-incident

1. Write down what was learned
   <!-- step: id=lessons -->

   Within two weeks.
"#;

/// The runbook.
pub fn book() -> Runbook {
    parse("test-compromise", BOOK.as_bytes(), Origin::BuiltIn).unwrap().runbook
}

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What the other findings are made of.
pub fn finding(id: &str, kind: &str, label: Label, score: f64, resource: &str) -> Finding {
    Finding {
        id: format!("arn:aws:guardduty:eu-west-1:444455556666:detector/d1/finding/{id}").into(),
        source: Some("guardduty".into()),
        via: Via::Guardduty,
        kind: Some(kind.into()),
        title: Some(format!("{resource} talks to 198.51.100.7.").into()),
        description: None,
        severity: Severity { label: Some(label), score: Some(score) },
        account: Some("444455556666".into()),
        region: Some("eu-west-1".into()),
        resource: Resource {
            kind: Some("AWS::EC2::Instance".into()),
            id: Some(resource.into()),
            name: Some("web-3".into()),
            arn: None,
        },
        resources: Vec::new(),
        actor: Actor { ip: Some("198.51.100.7".into()), country: Some("Nowhere".into()), ..Actor::default() },
        first_seen: Some(time("2025-11-20T22:14:03Z")),
        last_seen: Some(time("2025-11-21T14:05:10Z")),
        created: None,
        updated: Some(time("2025-11-21T14:05:10Z")),
        count: Some(9),
        status: Status::Active,
        workflow: None,
        raw: format!("{{\"id\":\"{id}\"}}").into_bytes().into(),
    }
}

/// The finding that the thread is worked on.
pub fn worst() -> Finding {
    let kind = "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom";
    finding("0001", kind, Label::Critical, 90.0, "i-0abc12d34e5f67890")
}

/// Four findings, of which the first is the worst.
pub fn findings() -> Vec<Finding> {
    vec![
        worst(),
        finding("0002", "Backdoor:EC2/C&CActivity.B!DNS", Label::High, 80.0, "i-0f00ba47deadbeef0"),
        finding("0003", "Recon:EC2/PortProbeUnprotectedPort", Label::Medium, 50.0, "i-0123456789abcdef0"),
        finding("0004", "Impact:EC2/PortSweep", Label::Low, 20.0, "i-09f8e7d6c5b4a3210"),
    ]
}

/// One of them in another account.
pub fn elsewhere(at: usize, account: &str) -> Finding {
    Finding { account: Some(account.into()), ..findings().remove(at) }
}

/// A detector and a finding of it, as GuardDuty names them.
const DETECTOR: &str = "12abc34d567e8fa901bc2d34e56789f0";
const FINDING: &str = "46ba0ac2845071e23ccdeb2ae03bfdea";

/// What a connection would plan for a request; each kind has a target of its own.
pub fn plan(request: &Request) -> Plan {
    let (resource, service, operation) = match request.kind.as_str() {
        "guardduty-archive" => ("0001", "guardduty", "ArchiveFindings"),
        "ssm-automation" => ("i-0abc12d34e5f67890", "ssm", "StartAutomationExecution"),
        _ => ("AKIAIOSFODNN7EXAMPLE", "iam", "DeleteAccessKey"),
    };
    let danger = request.danger.unwrap_or(1);
    let destroys: Vec<Untrusted> = match danger {
        3 => vec!["the key; its secret can't be had again".into()],
        _ => Vec::new(),
    };
    let breaks: Vec<Untrusted> = match danger {
        1 => vec!["nothing".into()],
        _ => vec!["whatever works by it, at once".into()],
    };
    Plan {
        kind: request.kind.clone(),
        title: request.title.clone(),
        step: request.step.clone(),
        target: Target {
            account: "444455556666".into(),
            partition: "aws".into(),
            region: "eu-west-1".into(),
            resource: resource.into(),
            through: None,
        },
        requests: vec![PlannedRequest {
            service: service.into(),
            operation: operation.into(),
            input: match service {
                "guardduty" => json!({ "DetectorId": DETECTOR, "FindingIds": [FINDING] }),
                _ => json!({ "Id": [resource] }),
            },
        }],
        facts: vec![Fact::new("state", "running")],
        danger,
        destroys,
        breaks,
        writes: Vec::new(),
        warnings: vec!["connections that stand may live on until they end".into()],
        undo: if danger == 3 { "it can't be undone".into() } else { "u puts back what was there".into() },
        confirm: resource.into(),
        undo_of: None,
        each: request.each.clone(),
        set: request.set.clone(),
    }
}
