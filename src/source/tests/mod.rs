//! The sources against a fake AWS, the poller against a list that changes under its hands.

mod account;
mod guardduty;
mod polling;
mod published;
mod securityhub;

use super::*;
use crate::aws::fake::{Answer, Asked, Fake, run};
use crate::aws::{Allow, ConnectOptions, Connection, ConnectionKind};

fn allow() -> Allow {
    Allow { read: operations(), ..Allow::default() }
}

fn connection(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Connection, Fake) {
    let fake = Fake::new(script);
    (fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow()), fake)
}

/// A refusal as Security Hub words it when it is off.
fn not_subscribed() -> Answer {
    let body =
        r#"{"Code":"InvalidAccessException","Message":"Account 111122223333 is not subscribed to AWS Security Hub"}"#;
    Answer::refused(401, "InvalidAccessException", body)
}

/// A refusal for want of a permission.
fn denied() -> Answer {
    Answer::refused(
        403,
        "AccessDeniedException",
        r#"{"message":"User: u is not authorized to perform: a on resource: r"}"#,
    )
}

/// GuardDuty's answer with these findings, whose ids and moments are given.
fn guardduty_findings(findings: &[(&str, &str)]) -> String {
    let all: Vec<String> = findings.iter().map(|(id, updated)| guardduty_finding(id, updated)).collect();
    format!(r#"{{"findings":[{}]}}"#, all.join(","))
}

fn guardduty_finding(id: &str, updated: &str) -> String {
    format!(
        r#"{{"accountId":"111122223333","arn":"arn:aws:guardduty:eu-west-1:111122223333:detector/12abc34d567e8fa901bc2d34e56789f0/finding/{id}",
        "id":"{id}","region":"eu-west-1","schemaVersion":"2.0","severity":8,"type":"CryptoCurrency:EC2/BitcoinTool.B!DNS",
        "title":"t","createdAt":"2026-11-21T18:00:00.000Z","updatedAt":"{updated}","notYetKnown":[1,2],
        "resource":{{"resourceType":"Instance"}},"service":{{"archived":false,"count":3}}}}"#
    )
}
