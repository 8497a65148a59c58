use super::super::testing::*;
use super::super::{Action, Request, Value};
use super::Ec2Shutdown;
use crate::aws::fake::Answer;
use quell_core::incident::{FailClass, Found, Outcome};
use serde_json::json;

const ID: &str = "i-0abc12d34e5f67890";
const READ: &str = "DescribeInstanceAttribute";
const SET: &str = "ModifyInstanceAttribute";

/// The instance, with this in its description.
fn described(more: &str) -> Answer {
    Answer::ok(format!(
        "<DescribeInstancesResponse><requestId>r</requestId><reservationSet><item><instancesSet><item>\
         <instanceId>{ID}</instanceId><instanceState><code>16</code><name>running</name></instanceState>{more}\
         </item></instancesSet></item></reservationSet></DescribeInstancesResponse>"
    ))
}

fn is(behavior: &str) -> Answer {
    Answer::ok(format!(
        "<{READ}Response><requestId>r</requestId><instanceId>{ID}</instanceId><instanceInitiatedShutdownBehavior>\
         <value>{behavior}</value></instanceInitiatedShutdownBehavior></{READ}Response>"
    ))
}

fn bench(more: &str, states: &[&str], set: Answer) -> Bench {
    let dry = Answer::refused(
        412,
        "",
        "<Response><Errors><Error><Code>DryRunOperation</Code><Message>m</Message></Error></Errors></Response>",
    );
    Bench::new([
        ("DescribeInstances", vec![described(more)]),
        (
            "DescribeAutoScalingInstances",
            vec![Answer::ok(
                "<DescribeAutoScalingInstancesResponse><DescribeAutoScalingInstancesResult/>\
                 </DescribeAutoScalingInstancesResponse>",
            )],
        ),
        (READ, states.iter().map(|state| is(state)).collect()),
        ("ModifyInstanceAttribute (dry run)", vec![dry]),
        (SET, vec![set]),
    ])
}

fn done() -> Answer {
    Answer::ok(format!("<{SET}Response><requestId>r</requestId><return>true</return></{SET}Response>"))
}

fn ask<const N: usize>(fields: [(&str, Value); N]) -> Request {
    request(&Ec2Shutdown, finding("f", ID), fields)
}

#[test]
fn it_is_set_to_stop_once_verified_and_set_back() {
    let bench = bench("", &["terminate", "terminate", "stop"], done());
    let plan = bench.plan(&Ec2Shutdown, &ask([])).unwrap();
    let input = json!({ "InstanceId": ID, "InstanceInitiatedShutdownBehavior": { "Value": "stop" } });
    assert_eq!((plan.requests[0].operation.as_str(), &plan.requests[0].input), (SET, &input));
    assert_eq!((plan.danger, fact(&plan.facts, "a shutdown from inside").as_deref()), (1, Some("terminate")));
    assert_eq!(raw(&plan.undo), "Set it back to terminate.");
    let said = raws(&plan.warnings).join("\n");
    for words in ["whoever may call EC2 can terminate the instance", "what is in memory"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(Action::stands(&Ec2Shutdown, &plan), Some(true));
    let (outcome, _) = bench.execute(&Ec2Shutdown, &plan);
    let Outcome::Succeeded { undo, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(undo, &Some(json!({ "Behavior": "terminate" })));
    let sent = bench.body(SET);
    assert!(sent.contains("InstanceInitiatedShutdownBehavior.Value=stop"), "{sent}");
    assert_eq!((bench.count(SET), bench.verify(&Ec2Shutdown, &plan, &outcome).holds), (1, Some(true)));
    let back = bench.plan(&Ec2Shutdown, &Action::undo(&Ec2Shutdown, &plan, &outcome).unwrap()).unwrap();
    assert_eq!(back.requests[0].input["InstanceInitiatedShutdownBehavior"], json!({ "Value": "terminate" }));
    assert_eq!((back.danger, Action::stands(&Ec2Shutdown, &back)), (2, Some(false)));
    assert!(raw(&back.warnings[0]).starts_with("Whoever is root on the host can end it"), "{:?}", back.warnings);
    assert_eq!(Action::breaks(&Ec2Shutdown, &back), ["nothing"]);
}

#[test]
fn silence_is_unknown_and_what_stands_there_tells() {
    let found = |now: &str| {
        let bench = bench("", &["terminate", "terminate", now], Answer::Lost);
        let plan = bench.plan(&Ec2Shutdown, &ask([])).unwrap();
        assert!(matches!(bench.execute(&Ec2Shutdown, &plan).0, Outcome::Unknown { .. }));
        bench.check(&Ec2Shutdown, &plan)
    };
    assert!(matches!(found("stop"), Found::Ended(Outcome::Succeeded { .. })));
    assert!(matches!(found("terminate"), Found::CannotTell(_)));
}

#[test]
fn what_is_so_already_what_changed_and_what_ec2_can_t_do_is_not_sent() {
    let refuse = |more: &str, state: &str, fields: [(&str, Value); 1]| {
        bench(more, &[state], done()).plan(&Ec2Shutdown, &ask(fields)).unwrap_err().what
    };
    let stop = || [("behavior", own("stop"))];
    assert_eq!(refuse("", "stop", stop()), format!("a shutdown from inside is set to stop already, of {ID}"));
    let store = "<rootDeviceType>instance-store</rootDeviceType>";
    let what = format!("the root device of {ID} is an instance store: EC2 can only terminate it");
    assert_eq!(refuse(store, "terminate", stop()), what);
    assert_eq!(refuse("", "terminate", [("behavior", own("halt"))]), "behavior is stop or terminate, not halt");
    let filled = refuse("", "stop", [("behavior", filled("terminate"))]);
    assert_eq!(filled, "behavior can't be filled from a finding");
    let moved = bench("", &["terminate", "stop"], done());
    let plan = moved.plan(&Ec2Shutdown, &ask([])).unwrap();
    assert_eq!(failure(&moved.execute(&Ec2Shutdown, &plan).0).0, FailClass::Conflict);
    assert_eq!(moved.count(SET), 0);
}

#[test]
fn a_group_that_ends_what_is_shut_down_is_told_first() {
    let tag = "<tagSet><item><key>aws:autoscaling:groupName</key><value>web</value></item></tagSet>";
    let plan = bench(tag, &["terminate"], done()).plan(&Ec2Shutdown, &ask([])).unwrap();
    let said = "By its tag it was of the Auto Scaling group web, which has it no more.";
    assert_eq!(raw(&plan.warnings[0]), said);
    assert_eq!(fact(&plan.facts, "Auto Scaling").as_deref(), Some("in no group"));
    // Set to terminate it ends all the same.
    let bench = bench(tag, &["stop"], done());
    bench.plan(&Ec2Shutdown, &ask([("behavior", own("terminate"))])).unwrap();
    assert_eq!(bench.count("DescribeAutoScalingInstances"), 0);
}
