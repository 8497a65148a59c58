//! Standby and target groups, against the simulated account.

use super::super::testing::{fact, failure, filled, finding, link, own, raw, raws, request, token};
use super::super::{Action, Request, Value, by_name};
use super::simulated::{INSTANCE, Live, without_ids};
use crate::aws::fake::run;
use quell_core::incident::{FailClass, Found, Outcome, Plan};
use serde_json::json;

/// An instance of an Auto Scaling group that stands in two target groups.
const SHOP: &str = "i-03b8a7d5e9c1f2460";
const FIRST: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-web/0b188f78224a8e04";
const SECOND: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop-web-admin/2ec011e2ab92c293";

fn about<const N: usize>(kind: &str, fields: [(&str, Value); N]) -> (&'static dyn Action, Request) {
    let kind = by_name(kind).unwrap();
    (kind, request(kind, finding("f-1", SHOP), fields))
}

fn back(kind: &dyn Action, plan: &Plan, outcome: &Outcome) -> Request {
    Request { undo_of: Some(link(7)), ..kind.undo(plan, outcome).unwrap() }
}

#[test]
fn an_instance_goes_on_standby_and_into_service_again() {
    let (kind, ask) = about("asg-standby", []);
    let live = Live::new(kind);
    let plan = live.plan(kind, &ask);
    let input = json!({
        "AutoScalingGroupName": "shop-web", "InstanceIds": [SHOP], "ShouldDecrementDesiredCapacity": true,
    });
    assert_eq!((plan.requests[0].input.clone(), plan.danger), (input, 2));
    assert_eq!(fact(&plan.facts, "its size").as_deref(), Some("wants 2, at least 1, at most 4"));
    let said = raws(&plan.warnings).join("\n");
    for words in ["It cuts NOTHING off", "wants 1 instances from then on in place of 2"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let outcome = live.execute(kind, &plan, 7);
    let verified = run(kind.verify(&live.reader, &plan, &outcome));
    assert_eq!((verified.holds, fact(&verified.facts, "lifecycle state").as_deref()), (Some(true), Some("Standby")));
    assert_eq!(run(kind.check(&live.reader, &plan, token())), Found::Ended(without_ids(&outcome)));
    assert!(matches!(live.execute(kind, &plan, 8), Outcome::Failed { .. }));
    let serve = live.plan(kind, &back(kind, &plan, &outcome));
    assert_eq!((kind.stands(&plan), kind.stands(&serve)), (Some(true), Some(false)));
    assert!(raw(&serve.warnings[0]).contains("is TERMINATED, its memory with it"), "{:?}", raws(&serve.warnings));
    let outcome = live.execute(kind, &serve, 9);
    let verified = run(kind.verify(&live.reader, &serve, &outcome));
    assert_eq!((verified.holds, fact(&verified.facts, "lifecycle state").as_deref()), (Some(true), Some("InService")));
}

#[test]
fn what_auto_scaling_would_refuse_is_refused_before() {
    let kind = by_name("asg-standby").unwrap();
    let live = Live::new(kind);
    let problem = run(kind.plan(&live.reader, &request(kind, finding("f", INSTANCE), []))).unwrap_err();
    assert_eq!(problem.what, "i-0c4f1e97ab52d6038 belongs to no Auto Scaling group");
    let (_, serve) = about("asg-standby", [("restore", own("service"))]);
    let what = |ask: &Request| run(kind.plan(&live.reader, ask)).unwrap_err().what;
    assert_eq!(what(&serve), "i-03b8a7d5e9c1f2460 is InService in its group; it must be Standby");
    let (_, wrong) = about("asg-standby", [("restore", filled("service"))]);
    assert_eq!(what(&wrong), "restore can't be filled from a finding");
    // Where another one is started in its place the group wants as many as before.
    let (_, replace) = about("asg-standby", [("replace", own("true"))]);
    let plan = live.plan(kind, &replace);
    assert_eq!(plan.requests[0].input["ShouldDecrementDesiredCapacity"], false);
    assert!(raws(&plan.warnings).join("\n").contains("starts another instance at once, from the same image"));
}

#[test]
fn each_target_group_is_an_action_of_its_own_and_is_put_back_with_its_port() {
    let (kind, ask) = about("elb-deregister", []);
    let live = Live::new(kind);
    let each = run(kind.each(&live.reader, &ask)).unwrap();
    let groups: Vec<&Value> = each.iter().map(|request| &request.fields["target_group"]).collect();
    assert_eq!(groups, [&own(FIRST), &own(SECOND)]);
    let problem = run(kind.plan(&live.reader, &ask)).unwrap_err();
    assert_eq!(problem.what, "i-03b8a7d5e9c1f2460 stands in 2 target groups");
    let plan = live.plan(kind, &each[1]);
    let input = json!({ "TargetGroupArn": SECOND, "Targets": [{ "Id": SHOP, "Port": 8443 }] });
    assert_eq!((plan.requests[0].input.clone(), plan.danger), (input, 2));
    assert_eq!((raw(&plan.target.resource).as_str(), raw(&plan.confirm).as_str()), (SECOND, SHOP));
    let said = raws(&plan.warnings);
    assert!(said[1].starts_with("Open connections are NOT cut, not after the 60 seconds either"), "{said:?}");
    let ends = "deregistration_delay.connection_termination.enabled";
    assert_eq!(fact(&plan.facts, ends).as_deref(), Some("false"));
    let first = raws(&live.plan(kind, &each[0]).warnings);
    assert!(first[1].contains("answered for up to 60 seconds (the group's deregistration delay)"), "{first:?}");
    let outcome = live.execute(kind, &plan, 7);
    let verified = run(kind.verify(&live.reader, &plan, &outcome));
    assert_eq!((verified.holds, fact(&verified.facts, "registered ports").as_deref()), (Some(true), Some("none")));
    assert_eq!(run(kind.check(&live.reader, &plan, token())), Found::Ended(without_ids(&outcome)));
    // In one group alone it is one action.
    assert_eq!(run(kind.each(&live.reader, &ask)).unwrap(), []);
    assert_eq!(raw(&live.plan(kind, &ask).target.resource), FIRST);

    let put = live.plan(kind, &back(kind, &plan, &outcome));
    assert_eq!((kind.stands(&plan), kind.stands(&put)), (Some(true), Some(false)));
    assert_eq!(
        (put.requests[0].operation.as_str(), &put.requests[0].input),
        ("RegisterTargets", &plan.requests[0].input)
    );
    let outcome = live.execute(kind, &put, 9);
    let verified = run(kind.verify(&live.reader, &put, &outcome));
    assert_eq!((verified.holds, fact(&verified.facts, "registered ports").as_deref()), (Some(true), Some("8443")));
}

#[test]
fn one_that_stands_in_no_target_group_is_told_so() {
    let kind = by_name("elb-deregister").unwrap();
    let live = Live::new(kind);
    let what = |ask: &Request| run(kind.plan(&live.reader, ask)).unwrap_err().what;
    assert_eq!(
        what(&request(kind, finding("f", INSTANCE), [])),
        "i-0c4f1e97ab52d6038 stands in no target group of instances"
    );
    let (_, wrong) = about("elb-deregister", [("target_group", own("arn:aws:iam::111122223333:role/x"))]);
    assert_eq!(what(&wrong), "target_group is no ARN of a target group: arn:aws:iam::111122223333:role/x");
    let (_, ports) = about("elb-deregister", [("target_group", own(FIRST)), ("restore", own("0"))]);
    assert_eq!(what(&ports), "restore is no list of ports");
}

#[test]
fn a_plan_that_is_not_quite_its_own_is_not_sent() {
    for (name, member) in [("asg-standby", "HonorCooldown"), ("elb-deregister", "X")] {
        let (kind, mut ask) = about(name, []);
        if name == "elb-deregister" {
            ask.fields.insert("target_group".into(), own(FIRST));
        }
        let live = Live::new(kind);
        let mut plan = live.plan(kind, &ask);
        plan.requests[0].input[member] = json!(true);
        assert_eq!(failure(&live.execute(kind, &plan, 7)).0, FailClass::NotSent);
    }
}
