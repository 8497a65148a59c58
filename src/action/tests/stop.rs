//! Stopping an instance, against an account that answers by a script.

use super::super::testing::{Bench, fact, raw};
use super::ec2::{about, answer, refused};
use super::simulated::INSTANCE;
use crate::aws::fake::Answer;
use quell_core::incident::{Found, Outcome};

/// An instance of which EC2 says this, in each of these states one after the other.
fn scripted(states: &[&str], more: &str, stop: Answer) -> Bench {
    scaled(states, more, stop, member(""))
}

/// The same, of which Auto Scaling says that.
fn scaled(states: &[&str], more: &str, stop: Answer, member: Answer) -> Bench {
    let described = |state: &&str| {
        answer(
            "DescribeInstances",
            &format!(
                "<reservationSet><item><instancesSet><item><instanceId>{INSTANCE}</instanceId><instanceState><name>{state}\
                 </name></instanceState>{more}</item></instancesSet></item></reservationSet>"
            ),
        )
    };
    let open = "<disableApiStop><value>false</value></disableApiStop>";
    Bench::new([
        ("DescribeInstances", states.iter().map(described).collect()),
        ("DescribeInstanceAttribute", vec![answer("DescribeInstanceAttribute", open)]),
        ("DescribeAutoScalingInstances", vec![member]),
        ("DescribeVolumes", vec![answer("DescribeVolumes", "<volumeSet/>")]),
        ("StopInstances (dry run)", vec![refused(412, "DryRunOperation")]),
        ("StopInstances", vec![stop]),
    ])
}

/// What Auto Scaling says of the instance: how it is in the group `web`, or that it is in none.
fn member(lifecycle: &str) -> Answer {
    let one = match lifecycle {
        "" => String::new(),
        state => format!(
            "<member><InstanceId>i-0c4f1e97ab52d6038</InstanceId><AutoScalingGroupName>web</AutoScalingGroupName>\
             <LifecycleState>{state}</LifecycleState></member>"
        ),
    };
    Answer::ok(format!(
        "<DescribeAutoScalingInstancesResponse><DescribeAutoScalingInstancesResult><AutoScalingInstances>{one}\
         </AutoScalingInstances></DescribeAutoScalingInstancesResult></DescribeAutoScalingInstancesResponse>"
    ))
}

#[test]
fn a_stop_says_that_auto_scaling_replaces_it_and_refuses_an_instance_store() {
    let (kind, ask) = about("ec2-stop", []);
    let tag = "<tagSet><item><key>aws:autoscaling:groupName</key><value>web</value></item></tagSet>";
    let ends = "stopped, it fails the health check and is terminated, its memory with it";
    let first = "detach it or put it on standby first (asg-standby).";
    let cases = [
        (member("InService"), Some("InService in web"), format!("It is InService in the Auto Scaling group web: {ends}: {first}")),
        (
            member("Standby"),
            Some("Standby in web"),
            "It is on standby in the Auto Scaling group web, which lets it be until somebody puts it into service again."
                .to_owned(),
        ),
        (
            member(""),
            Some("in no group"),
            "By its tag it was of the Auto Scaling group web, which has it no more.".to_owned(),
        ),
    ];
    for (answer, told, said) in cases {
        let plan = scaled(&["running"], tag, refused(400, "x"), answer).plan(kind, &ask).unwrap();
        assert_eq!(fact(&plan.facts, "Auto Scaling").as_deref(), told);
        assert_eq!(raw(&plan.warnings[0]), said);
    }
    let plan = scaled(&["running"], tag, refused(400, "x"), refused(403, "AccessDenied")).plan(kind, &ask).unwrap();
    let said = raw(&plan.warnings[0]);
    let (by_tag, unread) = (
        "By its tag it belongs to the Auto Scaling group web: ",
        ", unless it is on standby already, which can't be read (",
    );
    assert!(said.starts_with(&format!("{by_tag}{ends}{unread}")) && said.ends_with(&format!("): {first}")), "{said}");
    assert_eq!(fact(&plan.facts, "Auto Scaling"), None);
    let store = "<rootDeviceType>instance-store</rootDeviceType>";
    let problem = scripted(&["running"], store, refused(400, "x")).plan(kind, &ask).unwrap_err();
    let what = "the root device of i-0c4f1e97ab52d6038 is an instance store: EC2 can't stop it";
    assert_eq!(problem.what, what);
}

#[test]
fn a_stop_that_times_out_is_unknown_and_looked_up() {
    let (kind, ask) = about("ec2-stop", []);
    for (after, found) in [("stopping", true), ("running", false)] {
        let bench = scripted(&["running", "running", after], "", Answer::Lost);
        let plan = bench.plan(kind, &ask).unwrap();
        assert!(matches!(bench.execute(kind, &plan).0, Outcome::Unknown { .. }));
        assert_eq!(bench.count("StopInstances"), 1);
        match bench.check(kind, &plan) {
            Found::Ended(Outcome::Succeeded { undo: Some(_), .. }) => assert!(found),
            Found::CannotTell(why) => assert!(!found && raw(&why).contains("planning again is safe"), "{why:?}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(bench.verify(kind, &plan, &Outcome::Unknown { why: "x".into() }).holds, (!found).then_some(false));
    }
}
