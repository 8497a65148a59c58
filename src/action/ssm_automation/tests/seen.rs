//! What quell itself reads before a containment document and after it.

use super::*;
use std::sync::{Arc, Mutex};

const OPEN: &str =
    "<item><ipProtocol>-1</ipProtocol><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges></item>";
const PUBLIC: &str = "<association><publicIp>203.0.113.9</publicIp></association>";
const INTERFACE: &str = "interface eni-0aaaaaaaaaaaaaaa1";
const BEFORE: &str = "before the containment, interface eni-0aaaaaaaaaaaaaaa1";
const FORMER: &str = "sg-0bbbbbbbbbbbbbbb1";
const LATER: &str = "sg-0ddddddddddddddd1";

/// The group that the interface has, its rules, and what else EC2 says of the interface; anything can be set anew.
#[derive(Clone)]
struct Network(Arc<Mutex<[&'static str; 3]>>);

impl Network {
    fn new(more: &'static str) -> Self {
        Self(Arc::new(Mutex::new([FORMER, "", more])))
    }

    fn set(&self, group: &'static str, rules: &'static str) {
        let mut now = self.0.lock().unwrap();
        *now = [group, rules, now[2]];
    }

    fn bench(&self) -> Bench {
        let network = self.0.clone();
        let answers = [
            ("DescribeDocument", vec![document(CONTAIN, "Amazon", "h1")]),
            ("StartAutomationExecution", vec![started()]),
            ("GetAutomationExecution", vec![succeeded()]),
        ];
        Bench::beside(answers, move |asked| {
            let [group, rules, more] = *network.lock().unwrap();
            there(asked, group, rules, more)
        })
    }
}

#[test]
fn what_there_is_stands_in_the_plan_and_a_public_address_makes_it_danger_three() {
    let private = planned(&Network::new("").bench());
    assert_eq!(private.danger, 2);
    assert_eq!(fact(&private.facts, INTERFACE).as_deref(), Some(FORMER));
    assert_eq!(fact(&private.facts, "instance").as_deref(), Some("running"));
    assert_eq!(fact(&private.facts, "ways out of subnet-1").as_deref(), Some("0.0.0.0/0 by nat-1 (NAT gateway)"));
    assert_eq!(fact(&private.facts, "public addresses"), None);
    assert_eq!(
        raw(&private.warnings[0]),
        "Connections through nat-1 (NAT gateway) live on: AWS always tracks those, and the run cuts them not."
    );
    let public = planned(&Network::new(PUBLIC).bench());
    assert_eq!(public.danger, 3);
    assert_eq!(fact(&public.facts, "public addresses").as_deref(), Some("203.0.113.9"));
    assert_eq!(
        raw(&public.warnings[0]),
        "Its first step OPENS EVERY PORT to the internet at 203.0.113.9 for a moment; ec2-isolate does not."
    );
    // A dry run opens nothing, and reads nothing.
    let dry = Network::new(PUBLIC).bench().plan(&SsmAutomation, &contain("true")).unwrap();
    assert_eq!((dry.danger, fact(&dry.facts, INTERFACE)), (1, None));
}

#[test]
fn what_can_t_be_read_is_taken_for_the_worst() {
    let network = Network::new("");
    let denied = Answer::Whole(
        403,
        "",
        b"<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>"
            .to_vec(),
    );
    let bench = Bench::beside([("DescribeDocument", vec![document(CONTAIN, "Amazon", "h1")])], move |asked| {
        let [group, rules, more] = *network.0.lock().unwrap();
        match asked.operation.as_str() {
            "DescribeNetworkInterfaces" => Some(denied.clone()),
            _ => there(asked, group, rules, more),
        }
    });
    let plan = planned(&bench);
    assert_eq!((plan.danger, fact(&plan.facts, "what there is now").as_deref()), (3, Some("not read")));
    let words = raw(&plan.warnings[0]);
    assert!(words.starts_with("What there is could not be read: ") && words.contains("ec2:DescribeNetworkInterfaces"));
    assert!(words.ends_with(" What the run changes is not known before it has."), "{words}");
}

#[test]
fn what_has_changed_since_the_plan_stops_it() {
    let network = Network::new("");
    let bench = network.bench();
    let plan = planned(&bench);
    network.set(LATER, "");
    let (outcome, _) = bench.execute(&SsmAutomation, &plan);
    let Outcome::Failed { class, message, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(class, FailClass::Conflict);
    assert!(raw(&message).contains(INTERFACE), "{}", raw(&message));
    assert!(!bench.fake.asked().iter().any(|asked| asked.operation == "StartAutomationExecution"));
}

#[test]
fn an_instance_is_cut_off_where_no_group_lets_anything_through() {
    for (group, rules, holds) in
        [(LATER, "", Some(true)), (LATER, OPEN, None), (FORMER, "", Some(false)), (FORMER, OPEN, Some(false))]
    {
        let network = Network::new("");
        let bench = network.bench();
        let plan = planned(&bench);
        let (outcome, _) = bench.execute(&SsmAutomation, &plan);
        network.set(group, rules);
        let verified = bench.verify(&SsmAutomation, &plan, &outcome);
        assert_eq!(verified.holds, holds, "{group} {rules}");
        assert_eq!(fact(&verified.facts, INTERFACE).as_deref(), Some(group));
        let open = (!rules.is_empty()).then_some("out: all to 0.0.0.0/0");
        assert_eq!(fact(&verified.facts, &format!("group {group}")).as_deref(), open);
        let why = holds.is_none().then_some("its groups are not closed");
        assert_eq!(fact(&verified.facts, "not verified").as_deref(), why);
    }
}

#[test]
fn restore_shows_what_stood_before_and_is_read_back_against_it() {
    let network = Network::new(PUBLIC);
    let bench = network.bench();
    let plan = planned(&bench);
    let (outcome, _) = bench.execute(&SsmAutomation, &plan);
    network.set(LATER, "");
    let request = SsmAutomation.undo(&plan, &outcome).unwrap();
    let undo = bench.plan(&SsmAutomation, &request).unwrap();
    assert_eq!(fact(&undo.facts, INTERFACE).as_deref(), Some(LATER));
    assert_eq!(fact(&undo.facts, BEFORE).as_deref(), Some(FORMER));
    let (outcome, _) = bench.execute(&SsmAutomation, &undo);
    assert_eq!(bench.verify(&SsmAutomation, &undo, &outcome).holds, Some(false));
    network.set(FORMER, OPEN);
    assert_eq!(bench.verify(&SsmAutomation, &undo, &outcome).holds, Some(true));
    // What was planned without that is as the automation says.
    let mut request = request;
    request.fields.remove("former");
    let blind = bench.plan(&SsmAutomation, &request).unwrap();
    assert_eq!(bench.verify(&SsmAutomation, &blind, &outcome).holds, None);
}
