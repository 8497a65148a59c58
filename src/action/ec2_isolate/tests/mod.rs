mod world;

use super::super::testing::*;
use super::super::{Action, Request, Value, by_name};
use crate::aws::fake::Answer;
use quell_core::incident::{FailClass, Found, Outcome, Plan};
use serde_json::json;
use world::{CLOSED, FIRST, Held, INSTANCE, NEW, SECOND, SSH, WEB, World, answer, ids, refused};

fn kind() -> &'static dyn Action {
    by_name("ec2-isolate").unwrap()
}

fn ask<const N: usize>(fields: [(&str, Value); N]) -> Request {
    request(kind(), finding("f-1", INSTANCE), fields)
}

fn planned(world: &World) -> Plan {
    world.bench().plan(kind(), &ask([])).unwrap()
}

fn refusal<const N: usize>(world: &World, fields: [(&str, Value); N]) -> String {
    world.bench().plan(kind(), &ask(fields)).unwrap_err().what
}

fn undo(plan: &Plan, outcome: &Outcome) -> Request {
    let mut request = kind().undo(plan, outcome).unwrap();
    request.undo_of = Some(link(7));
    request
}

#[test]
fn the_plan_says_each_interface_its_groups_and_what_goes_on() {
    let plan = planned(&World::new());
    let inputs: Vec<_> = plan.requests.iter().map(|one| (one.operation.as_str(), one.input.clone())).collect();
    let modify = |id: &str| {
        ("ModifyNetworkInterfaceAttribute", json!({ "NetworkInterfaceId": id, "Groups": ["sg-0ccccccccccccccc1"] }))
    };
    assert_eq!(inputs, [modify(FIRST), modify(SECOND)]);
    assert_eq!((raw(&plan.confirm).as_str(), plan.danger), (INSTANCE, 2));
    let facts = |name: &str| fact(&plan.facts, name);
    let group = "sg-0ccccccccccccccc1 (quell-isolation): no rules";
    assert_eq!(facts("isolation group").as_deref(), Some(group));
    assert_eq!(facts("interface eni-0aaaaaaaaaaaaaaa1").as_deref(), Some("sg-0bbbbbbbbbbbbbbb1"));
    let both = "sg-0bbbbbbbbbbbbbbb1, sg-0bbbbbbbbbbbbbbb2";
    assert_eq!(facts("interface eni-0aaaaaaaaaaaaaaa2").as_deref(), Some(both));
    assert_eq!(facts("instance").as_deref(), Some("running in vpc-1"));
    assert_eq!(facts("instance profile").as_deref(), Some("web"));
    assert_eq!(facts("ways out of subnet-0").as_deref(), Some("0.0.0.0/0 by igw-1 (internet gateway)"));
    assert_eq!(facts("ways out of subnet-1").as_deref(), Some("0.0.0.0/0 by nat-1 (NAT gateway)"));
    let warnings = raws(&plan.warnings).join("\n");
    for words in [
        "What goes through nat-1 (NAT gateway) AWS always tracks: no order of groups cuts those connections.",
        "Connections that are open now are tracked and live on until they end.",
        "neither the VPC's DNS resolver nor the metadata service",
        "instance profile web stay valid, and the host can get new ones",
        "It keeps its public addresses: 203.0.113.9.",
    ] {
        assert!(warnings.contains(words), "{words}: {warnings}");
    }
    assert!(!warnings.contains("NOT closed") && !warnings.contains("Auto Scaling"), "{warnings}");
    let line = plan.requests[0].command_line(&REGION.into()).unwrap();
    assert!(
        line.starts_with("aws ec2 modify-network-interface-attribute --region eu-west-1 --cli-input-json "),
        "{line}"
    );
}

#[test]
fn services_that_always_track_are_looked_for_in_the_vpc() {
    let tracked =
        |plan: &Plan| raws(&plan.warnings).into_iter().find(|words| words.starts_with("What goes through ")).unwrap();
    let plan = planned(&World::new());
    assert_eq!(fact(&plan.facts, "always tracked in vpc-1").as_deref(), Some("no such service of this account"));
    let balancer = "<networkInterfaceSet><item><networkInterfaceId>eni-0ddddddddddddddd1</networkInterfaceId><vpcId>vpc-1\
                    </vpcId><description>ELB net/shop/50dc6c495c0c9188</description><requesterManaged>true\
                    </requesterManaged><groupSet/><interfaceType>network_load_balancer</interfaceType></item>\
                    </networkInterfaceSet>";
    let with = |services: Answer| planned(&World::new().with(|state| state.services = services));
    let plan = with(answer("DescribeNetworkInterfaces", balancer));
    let named = "Network Load Balancer: net/shop/50dc6c495c0c9188";
    assert_eq!(fact(&plan.facts, "always tracked in vpc-1").as_deref(), Some(named));
    let through =
        "What goes through nat-1 (NAT gateway), Network Load Balancer (net/shop/50dc6c495c0c9188) AWS always tracks:";
    assert!(tracked(&plan).starts_with(through), "{}", tracked(&plan));
    // What can't be read is not taken for nothing.
    let plan = with(refused(403, "UnauthorizedOperation"));
    let unknown = fact(&plan.facts, "always tracked in vpc-1").unwrap();
    assert!(unknown.starts_with("not known: "), "{unknown}");
    let words =
        "Whether Network Load Balancers, PrivateLink or Global Accelerator are in its VPC, which always track, is not";
    assert!(raws(&plan.warnings).join("\n").contains(words));
}

#[test]
fn a_group_that_is_open_is_said_first() {
    let world = World::new().with(|state| state.groups[2].2 = NEW.to_owned());
    let plan = planned(&world);
    assert_eq!(
        raw(&plan.warnings[0]),
        "The group sg-0ccccccccccccccc1 is NOT closed, so this is no full isolation: out: all to 0.0.0.0/0. That lets \
         everything out, which every new group does until the rule is taken away."
    );
    let group = fact(&plan.facts, "isolation group").unwrap();
    assert_eq!(group, "sg-0ccccccccccccccc1 (quell-isolation): out: all to 0.0.0.0/0");
    // A port, addresses of both kinds, a group: nobody but the one it is.
    let narrow = "<item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>444</toPort><ipRanges><item><cidrIp>\
                  10.0.0.0/8</cidrIp></item></ipRanges><ipv6Ranges><item><cidrIpv6>fd00::/8</cidrIpv6></item></ipv6Ranges>\
                  <groups><item><groupId>sg-1</groupId></item></groups></item>";
    let world = World::new().with(|state| state.groups[2].2 = narrow.to_owned());
    let words = raw(&planned(&world).warnings[0]);
    assert!(words.ends_with("out: tcp 443-444 to 10.0.0.0/8, fd00::/8, sg-1."), "{words}");
}

#[test]
fn auto_scaling_managed_interfaces_and_own_instances_are_told() {
    let world = World::new().with(|state| {
        state.instance += "<tagSet><item><key>aws:autoscaling:groupName</key><value>fleet</value></item></tagSet>";
        state.interfaces[1].2 = "<requesterManaged>true</requesterManaged>";
    });
    let plan = planned(&world);
    assert_eq!(plan.requests.len(), 1);
    let warnings = raws(&plan.warnings).join("\n");
    assert!(warnings.contains("eni-0aaaaaaaaaaaaaaa2 is made by an AWS service for itself: it can't be changed"));
    assert!(
        warnings.contains("It is InService in the Auto Scaling group fleet: cut off, it fails the health check"),
        "{warnings}"
    );
    assert_eq!(fact(&plan.facts, "Auto Scaling").as_deref(), Some("InService in fleet"));
    assert!(warnings.contains("take it out of them first (elb-deregister)"), "{warnings}");
    let operated = "<operator><managed>true</managed><principal>eks.amazonaws.com</principal></operator>";
    let world = World::new().with(|state| state.interfaces[0].2 = operated);
    let warnings = raws(&planned(&world).warnings).join("\n");
    assert!(warnings.contains("eni-0aaaaaaaaaaaaaaa1 is operated by eks.amazonaws.com"), "{warnings}");
    let caller = |arn: &str| crate::action::instance::is_own(&crate::action::calls::Caller::of(arn), INSTANCE);
    assert!(caller("arn:aws:sts::111122223333:assumed-role/web/i-0abc12d34e5f67890"));
    assert!(!caller("arn:aws:sts::111122223333:assumed-role/web/jo"));
    assert!(!caller("arn:aws:iam::111122223333:user/i-0abc12d34e5f67890"));
}

#[test]
fn what_can_t_be_isolated_is_refused_in_words() {
    let world = World::new();
    assert_eq!(refusal(&world, [("instance", own("i-1"))]), "instance is not an EC2 instance id: i-1");
    let none = "there is no security group to isolate it with: none is named other in vpc-1";
    assert_eq!(refusal(&world, [("group", own("other"))]), none);
    let gone = "there is no security group to isolate it with: sg-0ddddddddddddddd1 is not there";
    assert_eq!(refusal(&world, [("group", own("sg-0ddddddddddddddd1"))]), gone);
    assert_eq!(
        refusal(&world, [("group", own("a\u{202e}b"))]).split(':').next(),
        Some("group is not text in which every character can be seen")
    );
    let world = World::new().with(|state| state.interfaces[1].2 = "<vpcId>vpc-2</vpcId>");
    assert_eq!(refusal(&world, []), "eni-0aaaaaaaaaaaaaaa2 is in vpc-2, the group sg-0ccccccccccccccc1 in vpc-1");
    let world = World::new().with(|state| state.interfaces.iter_mut().for_each(|one| one.1 = ids(&[CLOSED])));
    assert_eq!(refusal(&world, []), "no interface of i-0abc12d34e5f67890 is left to isolate");
    let world = World::new().with(|state| {
        state.interfaces.clear();
        state.instance = "<instanceState><name>terminated</name></instanceState>".to_owned();
    });
    assert_eq!(refusal(&world, []), "i-0abc12d34e5f67890 is terminated and has no interface to isolate");
}

#[test]
fn an_instance_is_isolated_read_back_and_put_back() {
    let world = World::new();
    let bench = world.bench();
    let plan = planned(&world);
    let (outcome, _) = bench.execute(kind(), &plan);
    let Outcome::Succeeded { outcome: words, undo: Some(data), request_ids, .. } = &outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(raw(words), "isolated: eni-0aaaaaaaaaaaaaaa1, eni-0aaaaaaaaaaaaaaa2");
    assert_eq!(request_ids.len(), 2);
    let former = json!({ FIRST: [WEB], SECOND: [WEB, SSH] });
    assert_eq!(*data, json!({ "Interfaces": former, "Group": CLOSED }));
    assert_eq!((world.groups(FIRST), world.groups(SECOND)), (ids(&[CLOSED]), ids(&[CLOSED])));
    assert_eq!(bench.verify(kind(), &plan, &outcome).holds, Some(true));
    assert_eq!(kind().stands(&plan), Some(true));

    let back = bench.plan(kind(), &undo(&plan, &outcome)).unwrap();
    assert_eq!(kind().stands(&back), Some(false));
    let (outcome, _) = bench.execute(kind(), &back);
    assert!(matches!(&outcome, Outcome::Succeeded { undo: None, .. }), "{outcome:?}");
    assert_eq!((world.groups(FIRST), world.groups(SECOND)), (ids(&[WEB]), ids(&[WEB, SSH])));
    assert_eq!(bench.verify(kind(), &back, &outcome).holds, Some(true));
}

#[test]
fn what_was_done_before_a_refusal_stands_and_is_what_the_undo_restores() {
    let world = World::new().with(|state| state.fails.push((2, refused(403, "UnauthorizedOperation"), false)));
    let bench = world.bench();
    let plan = planned(&world);
    let (outcome, _) = bench.execute(kind(), &plan);
    let Outcome::Partly { message, undo: Some(data), request_ids } = &outcome else { panic!("{outcome:?}") };
    let words = "isolated: eni-0aaaaaaaaaaaaaaa1; NOT eni-0aaaaaaaaaaaaaaa2: UnauthorizedOperation: no";
    assert_eq!(raw(message), words);
    assert_eq!((request_ids.len(), data["Interfaces"].clone()), (2, json!({ FIRST: [WEB] })));
    assert_eq!(bench.verify(kind(), &plan, &outcome).holds, Some(false));
    let back = bench.plan(kind(), &undo(&plan, &outcome)).unwrap();
    assert_eq!(back.requests.len(), 1);
    bench.execute(kind(), &back);
    assert_eq!((world.groups(FIRST), world.groups(SECOND)), (ids(&[WEB]), ids(&[SSH, WEB])));
}

#[test]
fn a_refusal_of_the_first_call_has_done_nothing() {
    let world = World::new().with(|state| state.fails.push((1, refused(400, "InvalidGroup.NotFound"), false)));
    let bench = world.bench();
    let (outcome, _) = bench.execute(kind(), &planned(&world));
    assert_eq!(failure(&outcome).0, FailClass::NotFound);
    assert_eq!(bench.count("ModifyNetworkInterfaceAttribute"), 1);
}

#[test]
fn what_is_not_known_is_looked_up_interface_by_interface() {
    for (at, done, expected) in [
        (2, true, Some("isolated: eni-0aaaaaaaaaaaaaaa1, eni-0aaaaaaaaaaaaaaa2")),
        (2, false, Some("isolated: eni-0aaaaaaaaaaaaaaa1; NOT, when it was looked at: eni-0aaaaaaaaaaaaaaa2")),
        (1, true, Some("isolated: eni-0aaaaaaaaaaaaaaa1; NOT, when it was looked at: eni-0aaaaaaaaaaaaaaa2")),
        (1, false, None),
    ] {
        let world = World::new().with(|state| state.fails.push((at, Answer::Lost, done)));
        let bench = world.bench();
        let plan = planned(&world);
        let (outcome, _) = bench.execute(kind(), &plan);
        let Outcome::Unknown { why } = &outcome else { panic!("{outcome:?}") };
        let told = raw(why).starts_with("isolated: eni-0aaaaaaaaaaaaaaa1; of eni-0aaaaaaaaaaaaaaa2 it is not known: ");
        assert_eq!(told, at == 2, "{why:?}");
        assert_eq!(bench.count("ModifyNetworkInterfaceAttribute"), at);
        match (bench.check(kind(), &plan), expected) {
            (Found::Ended(Outcome::Succeeded { outcome: words, undo: Some(_), .. }), Some(expected))
            | (Found::Ended(Outcome::Partly { message: words, undo: Some(_), .. }), Some(expected)) => {
                assert_eq!(raw(&words), expected);
            }
            (Found::CannotTell(why), None) => assert!(raw(&why).contains("planning again is safe"), "{why:?}"),
            (found, _) => panic!("{found:?}"),
        }
    }
}

#[test]
fn a_call_that_arrives_after_its_timeout_is_in_the_undo() {
    let world = World::new().with(|state| state.fails.push((2, Answer::Lost, false)));
    let (bench, plan) = (world.bench(), planned(&world));
    bench.execute(kind(), &plan);
    let Found::Ended(outcome) = bench.check(kind(), &plan) else { panic!() };
    let Outcome::Partly { undo: Some(data), .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(data["Interfaces"], json!({ FIRST: [WEB], SECOND: [WEB, SSH] }));
    // As long as it has not arrived there is one interface to put back.
    assert_eq!(bench.plan(kind(), &undo(&plan, &outcome)).unwrap().requests.len(), 1);
    world.0.lock().unwrap().interfaces[1].1 = ids(&[CLOSED]);
    let back = bench.plan(kind(), &undo(&plan, &outcome)).unwrap();
    let (outcome, _) = bench.execute(kind(), &back);
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    assert_eq!((world.groups(FIRST), world.groups(SECOND)), (ids(&[WEB]), ids(&[WEB, SSH])));
}

#[test]
fn the_plan_says_what_its_dry_run_came_to() {
    let world = World::new();
    let plan = planned(&world);
    let said = "EC2 would take it from this caller; whether it works is not said by that";
    assert_eq!(fact(&plan.facts, "dry run").as_deref(), Some(said));
    let world = World::new().with(|state| state.dry = refused(403, "UnauthorizedOperation"));
    let plan = planned(&world);
    assert_eq!(fact(&plan.facts, "dry run").as_deref(), Some("REFUSED"));
    let first = "Its dry run FAILS, and so will the call: UnauthorizedOperation: no. Approve it once that is mended.";
    assert_eq!(raw(&plan.warnings[0]), first);
    let world = World::new().with(|state| state.dry = refused(503, "RequestLimitExceeded"));
    let plan = planned(&world);
    assert!(fact(&plan.facts, "dry run").unwrap().starts_with("not known: RequestLimitExceeded"));
    assert!(!raw(&plan.warnings[0]).contains("dry run"));
    assert_eq!(world.0.lock().unwrap().changes, 0);
}

#[test]
fn what_has_changed_since_the_plan_stops_it() {
    type Change = fn(&mut Held);
    let changes: [(Change, &str); 4] = [
        (|state| state.interfaces[1].1 = ids(&[WEB]), "interface eni-0aaaaaaaaaaaaaaa2 was"),
        (|state| state.groups[2].2 = NEW.to_owned(), "isolation group was"),
        (|state| drop(state.groups.remove(2)), "is now not there"),
        (|state| drop(state.interfaces.pop()), "eni-0aaaaaaaaaaaaaaa2 is attached no more"),
    ];
    for (change, words) in changes {
        let world = World::new();
        let (bench, plan) = (world.bench(), planned(&world));
        change(&mut world.0.lock().unwrap());
        let (class, message) = failure(&bench.execute(kind(), &plan).0);
        assert_eq!(class, FailClass::Conflict);
        assert!(message.starts_with("nothing was sent: ") && message.contains(words), "{message}");
        assert_eq!(bench.count("ModifyNetworkInterfaceAttribute"), 0);
    }
    let world = World::new();
    let (bench, plan) = (world.bench(), planned(&world));
    world.0.lock().unwrap().interfaces.push(("eni-0aaaaaaaaaaaaaaa3", ids(&[WEB]), ""));
    assert!(
        failure(&bench.execute(kind(), &plan).0).1.contains("eni-0aaaaaaaaaaaaaaa3 is sg-0bbbbbbbbbbbbbbb1, which")
    );
}

#[test]
fn an_interface_that_came_since_is_not_as_wanted() {
    let world = World::new();
    let (bench, plan) = (world.bench(), planned(&world));
    let (outcome, _) = bench.execute(kind(), &plan);
    world.0.lock().unwrap().interfaces.push(("eni-0aaaaaaaaaaaaaaa3", ids(&[WEB]), ""));
    assert_eq!(bench.verify(kind(), &plan, &outcome).holds, Some(false));
}

#[test]
fn an_undo_says_what_is_gone_and_what_others_have_changed() {
    let world = World::new();
    let (bench, plan) = (world.bench(), planned(&world));
    let (outcome, _) = bench.execute(kind(), &plan);
    let request = undo(&plan, &outcome);
    world.0.lock().unwrap().interfaces[0].1 = ids(&[SSH]);
    let warnings = raws(&bench.plan(kind(), &request).unwrap().warnings).join("\n");
    assert!(warnings.contains("eni-0aaaaaaaaaaaaaaa1 is not as the isolation left it"), "{warnings}");
    // One that has its groups again, and one that is detached, are left alone.
    world.0.lock().unwrap().interfaces[0].1 = ids(&[WEB]);
    let back = bench.plan(kind(), &request).unwrap();
    assert_eq!(back.requests.len(), 1);
    world.0.lock().unwrap().interfaces.pop();
    let problem = bench.plan(kind(), &request).unwrap_err();
    assert_eq!(problem.what, "every interface that is still attached has its former groups");
    world.0.lock().unwrap().groups.remove(1);
    let problem = bench.plan(kind(), &request).unwrap_err();
    assert_eq!(problem.what, "the security group sg-0bbbbbbbbbbbbbbb2 is not there any more");
}

#[test]
fn what_a_finding_says_is_not_put_on_an_interface() {
    let one = |word: Value| Value::Map([(FIRST.into(), word)].into());
    let world = World::new();
    let filled = refusal(&world, [("restore", one(filled(WEB)))]);
    assert_eq!(filled, "restore can't be filled from a finding");
    assert_eq!(refusal(&world, [("restore", one(own("web")))]), "a group to restore is not a security group id: web");
    assert_eq!(
        refusal(&world, [("restore", one(Value::List(Vec::new())))]),
        "restore names no interface, or one without groups"
    );
}

#[test]
fn a_plan_that_is_not_quite_its_own_is_not_sent() {
    let world = World::new();
    let (bench, mut plan) = (world.bench(), planned(&world));
    plan.requests[1].input["Description"] = json!("x");
    assert_eq!(failure(&bench.execute(kind(), &plan).0).0, FailClass::NotSent);
    assert_eq!(bench.count("ModifyNetworkInterfaceAttribute"), 0);
}
