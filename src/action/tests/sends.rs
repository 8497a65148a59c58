//! What a plan is said to send is what is sent, to the last member: the call log of each kind's run is held against it.

use super::super::testing::{link, own};
use super::super::{LOCAL, Request, by_name, kinds};
use super::faults::{Live, arn, token};
use super::samples::sample;
use crate::aws::fake::run;
use quell_core::incident::PlannedRequest;
use std::collections::BTreeMap;

/// The lines of the changing calls of a run, and of what was said to be sent.
fn lines(request: &Request, name: &str) -> (Vec<String>, Vec<String>) {
    let kind = by_name(name).unwrap();
    let live = Live::new(kind, "");
    let plan = run(kind.plan(&live.reader, request)).unwrap();
    let said = kind.sends(&plan, &token(), &link(7));
    live.execute(kind, &plan);
    let calls = live.connection.calls().calls();
    let sent = calls.iter().filter(|call| call.writer).map(|call| call.command.clone().unwrap()).collect();
    let line = |request: &PlannedRequest| request.command_line(&plan.target.region).unwrap();
    (sent, said.iter().map(line).collect())
}

#[test]
fn what_is_shown_of_each_kind_is_all_that_is_sent() {
    let arn = arn();
    let mut shown = BTreeMap::new();
    for kind in kinds().iter().filter(|kind| kind.info().operations.mutate.iter().all(|(s, _)| *s != LOCAL)) {
        let name = kind.info().name;
        let mut asked = vec![sample(*kind, &arn)];
        let mut quiet = sample(*kind, &arn);
        quiet.quiet = true;
        asked.push(quiet);
        if name == "sns-publish" {
            let mut fifo = sample(*kind, &arn);
            let topic = own("arn:aws:sns:eu-west-1:111122223333:security-incidents.fifo");
            fifo.fields.insert("topic".into(), topic);
            asked.push(fifo);
        }
        if name == "guardduty-archive" {
            let mut told = sample(*kind, &arn);
            told.fields.insert("feedback".into(), own("NOT_USEFUL"));
            asked.push(told);
        }
        for request in &asked {
            let (sent, said) = lines(request, name);
            assert_eq!(sent, said, "{name}");
            shown.insert(name, said);
        }
    }
    // What goes beside the members that the plan itself has.
    let has = |name: &str, word: &str| shown[name].iter().any(|line| line.contains(word));
    assert!(has("ssm-automation", "ClientToken") && has("sfn-start", token().as_str()));
    assert!(has("guardduty-archive", r#""Feedback":"NOT_USEFUL""#) && has("securityhub-workflow", "NOTIFIED"));
    assert!(has("sns-publish", "MessageDeduplicationId") && has("ec2-snapshot", token().as_str()));
}
