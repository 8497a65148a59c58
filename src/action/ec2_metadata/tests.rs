use super::super::testing::*;
use super::super::{Action, Request, Value};
use super::{Ec2Metadata, Plan};
use crate::aws::fake::Answer;
use quell_core::incident::{FailClass, Outcome};
use serde_json::json;

const ID: &str = "i-0abc12d34e5f67890";
const DESCRIBE: &str = "DescribeInstances";
const MODIFY: &str = "ModifyInstanceMetadataOptions";
const REHEARSAL: &str = "ModifyInstanceMetadataOptions (dry run)";

/// The instance, with its metadata service so.
fn is(state: &str, endpoint: &str, tokens: &str) -> Answer {
    Answer::ok(format!(
        "<DescribeInstancesResponse><requestId>r</requestId><reservationSet><item><instancesSet><item>\
         <instanceId>{ID}</instanceId><instanceState><code>16</code><name>running</name></instanceState>\
         <metadataOptions><state>{state}</state><httpTokens>{tokens}</httpTokens>\
         <httpPutResponseHopLimit>1</httpPutResponseHopLimit><httpEndpoint>{endpoint}</httpEndpoint></metadataOptions>\
         </item></instancesSet></item></reservationSet></DescribeInstancesResponse>"
    ))
}

fn bench(states: Vec<Answer>) -> Bench {
    let dry = Answer::refused(
        412,
        "",
        "<Response><Errors><Error><Code>DryRunOperation</Code><Message>m</Message></Error></Errors></Response>",
    );
    let done = format!("<{MODIFY}Response><requestId>r</requestId><instanceId>{ID}</instanceId></{MODIFY}Response>");
    Bench::new([(DESCRIBE, states), (REHEARSAL, vec![dry]), (MODIFY, vec![Answer::ok(done)])])
}

fn ask<const N: usize>(fields: [(&str, Value); N]) -> Request {
    request(&Ec2Metadata, finding("f", ID), fields)
}

fn planned(bench: &Bench, request: &Request) -> Plan {
    bench.plan(&Ec2Metadata, request).unwrap()
}

#[test]
fn it_is_switched_off_once_verified_and_put_back_as_it_was() {
    let on = || is("applied", "enabled", "optional");
    let off = || is("applied", "disabled", "optional");
    let bench = bench(vec![on(), on(), is("pending", "disabled", "optional"), off()]);
    let plan = planned(&bench, &ask([]));
    assert_eq!(plan.requests[0].operation, MODIFY);
    assert_eq!(plan.requests[0].input, json!({ "InstanceId": ID, "HttpEndpoint": "disabled" }));
    assert_eq!((plan.danger, fact(&plan.facts, "metadata service").as_deref()), (2, Some("enabled")));
    let words = raws(&plan.warnings).join("\n");
    for said in ["live on until they expire", "no memory capture by it", "security groups do not filter it"] {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert_eq!(Action::stands(&Ec2Metadata, &plan), Some(true));
    let (outcome, _) = bench.execute(&Ec2Metadata, &plan);
    let Outcome::Succeeded { undo, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(undo, &Some(json!({ "Endpoint": "enabled" })));
    assert_eq!(bench.count(MODIFY), 1);
    let sent = bench.body(MODIFY);
    assert!(sent.contains("HttpEndpoint=disabled") && !sent.contains("HttpTokens"), "{sent}");
    assert_eq!(bench.verify(&Ec2Metadata, &plan, &outcome).holds, Some(true));
    let back = planned(&bench, &Action::undo(&Ec2Metadata, &plan, &outcome).unwrap());
    assert_eq!(back.requests[0].input, json!({ "InstanceId": ID, "HttpEndpoint": "enabled" }));
    assert_eq!(Action::stands(&Ec2Metadata, &back), Some(false));
}

#[test]
fn tokens_alone_are_said_to_stop_no_intruder() {
    let bench = bench(vec![is("applied", "enabled", "optional")]);
    let plan = planned(&bench, &ask([("tokens", own("required"))]));
    assert_eq!(plan.requests[0].input, json!({ "InstanceId": ID, "HttpTokens": "required" }));
    let words = raws(&plan.warnings).join("\n");
    assert!(words.contains("against that set endpoint to disabled") && words.contains("Its hop limit is 1"), "{words}");
}

#[test]
fn what_is_so_already_or_changed_meanwhile_is_not_sent() {
    let off = bench(vec![is("applied", "disabled", "optional")]);
    let said = off.plan(&Ec2Metadata, &ask([])).unwrap_err().what;
    assert_eq!(said, format!("the metadata service of {ID} is so already"));
    let moved = bench(vec![is("applied", "enabled", "optional"), is("applied", "enabled", "required")]);
    let plan = planned(&moved, &ask([]));
    assert_eq!(failure(&moved.execute(&Ec2Metadata, &plan).0).0, FailClass::Conflict);
    assert_eq!(moved.count(MODIFY), 0);
    let refuse = |field: (&str, Value)| moved.plan(&Ec2Metadata, &ask([field])).unwrap_err().what;
    assert_eq!(refuse(("endpoint", own("off"))), "endpoint is disabled or enabled, not off");
    assert_eq!(refuse(("tokens", filled("optional"))), "tokens can't be filled from a finding");
}

/// Letting requests without a token through again opens another way than the whole service does, and is said as that.
#[test]
fn a_token_that_is_asked_for_no_more_is_told_in_its_own_words() {
    let bench = bench(vec![is("applied", "enabled", "required")]);
    let plan = planned(&bench, &ask([("tokens", own("optional"))]));
    let words = raws(&plan.warnings).join("\n");
    assert!(words.contains("Requests without a token (IMDSv1) pass again"), "{words}");
    assert_eq!(plan.undo, "Ask for a token again (tokens: required), by a plan of its own.".into());
}
