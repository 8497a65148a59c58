use super::super::preflight::State;
use super::super::testing::*;
use super::super::{Action, Request};
use super::DnsFirewall;
use crate::aws::fake::{Answer, run};
use quell_core::incident::{FailClass, Found, Outcome, Plan};
use serde_json::json;

const GROUP: &str = "rslvr-frg-1";
const ID: &str = "rslvr-frgassoc-7";
const LIST: &str = "ListFirewallRuleGroupAssociations";
const PUT: &str = "AssociateFirewallRuleGroup";
const GET: &str = "GetFirewallRuleGroupAssociation";
const TAKE: &str = "DisassociateFirewallRuleGroup";

fn one(id: &str, group: &str, priority: u16, status: &str, token: &str) -> serde_json::Value {
    json!({ "Id": id, "FirewallRuleGroupId": group, "VpcId": "vpc-1", "Name": "n", "Priority": priority,
        "Status": status, "CreatorRequestId": token })
}

fn list(all: &[serde_json::Value]) -> Answer {
    Answer::ok(json!({ "FirewallRuleGroupAssociations": all }).to_string())
}

fn told(status: &str) -> Answer {
    Answer::ok(json!({ "FirewallRuleGroupAssociation": one(ID, GROUP, 102, status, TOKEN) }).to_string())
}

fn gone() -> Answer {
    Answer::Whole(400, "", br#"{"__type":"ResourceNotFoundException","Message":"No."}"#.to_vec())
}

fn bench(rules: u32, lists: Vec<Answer>, put: Answer, looks: Vec<Answer>) -> Bench {
    let group =
        json!({ "FirewallRuleGroup": { "Id": GROUP, "Name": "block", "RuleCount": rules, "Status": "COMPLETE" } });
    let config = json!({ "FirewallConfig": { "ResourceId": "vpc-1", "FirewallFailOpen": "ENABLED" } });
    Bench::new([
        (LIST, lists),
        (PUT, vec![put]),
        (GET, looks),
        (TAKE, vec![told("DELETING")]),
        ("GetFirewallRuleGroup", vec![Answer::ok(group.to_string())]),
        ("GetFirewallConfig", vec![Answer::ok(config.to_string())]),
    ])
}

fn other() -> serde_json::Value {
    one("rslvr-frgassoc-1", "rslvr-frg-9", 101, "COMPLETE", "t")
}

fn good() -> Bench {
    bench(2, vec![list(&[other()])], told("UPDATING"), vec![told("UPDATING"), told("COMPLETE")])
}

fn ask(priority: Option<&str>) -> Request {
    let fields = [("rule_group", own(GROUP)), ("vpc", own("vpc-1"))];
    let mut request = request(&DnsFirewall, finding("f-1", "i-0c4f1e97ab52d6038"), fields);
    request.fields.extend(priority.map(|at| ("priority".into(), own(at))));
    request
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&DnsFirewall, &ask(None)).unwrap()
}

#[test]
fn the_plan_takes_the_first_free_place_and_says_what_it_does_not_stop() {
    let plan = planned(&good());
    assert_eq!((plan.danger, raw(&plan.confirm).as_str()), (3, "vpc-1"));
    let input =
        json!({ "FirewallRuleGroupId": GROUP, "MutationProtection": "DISABLED", "Priority": 102, "VpcId": "vpc-1" });
    assert_eq!((plan.requests[0].operation.as_str(), &plan.requests[0].input), (PUT, &input));
    assert_eq!(fact(&plan.facts, "rule groups of the VPC").as_deref(), Some("101 rslvr-frg-9"));
    assert_eq!(fact(&plan.facts, "its rules").as_deref(), Some("2"));
    let said = raws(&plan.warnings).join("\n");
    for words in ["EVERY host of the VPC", "DNS over HTTPS", "has cached", "The VPC fails open"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let empty = planned(&bench(0, vec![list(&[])], told("UPDATING"), vec![told("COMPLETE")]));
    assert_eq!(raw(&empty.warnings[0]), "The rule group has NO rules: it stops nothing.");
    let breaks = "look-ups of the names that the group blocks, of every host of vpc-1, until it is taken out";
    assert_eq!((DnsFirewall.breaks(&empty), DnsFirewall.stands(&empty)), (vec![breaks.to_owned()], Some(true)));
}

#[test]
fn it_is_put_there_once_followed_read_back_and_exactly_that_one_taken_out() {
    let bench = good();
    let plan = planned(&bench);
    let (outcome, _) = bench.execute(&DnsFirewall, &plan);
    let Outcome::Succeeded { outcome: words, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(raw(words), "the rule group is in the VPC: rslvr-frgassoc-7, COMPLETE");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&bench.body(PUT)).unwrap(),
        json!({ "CreatorRequestId": TOKEN, "FirewallRuleGroupId": GROUP, "MutationProtection": "DISABLED",
            "Name": "quell aaaaaaaaaaaaaaaaaaaaaaaaaa-7", "Priority": 102, "VpcId": "vpc-1" })
    );
    assert_eq!((bench.count(PUT), bench.verify(&DnsFirewall, &plan, &outcome).holds), (1, Some(true)));
    let undo = DnsFirewall.undo(&plan, &outcome).unwrap();
    let back = bench.plan(&DnsFirewall, &undo).unwrap();
    assert_eq!(back.requests[0].input, json!({ "FirewallRuleGroupAssociationId": ID }));
    assert_eq!((raw(&back.target.resource).as_str(), DnsFirewall.stands(&back)), ("vpc-1", Some(false)));
    // What is put there and taken out is one thing, beside other groups of the VPC.
    let written = DnsFirewall.writes(&back);
    assert_eq!((written[0].what, raw(&written[0].resource).as_str()), ("dns-firewall", "rslvr-frg-1 in vpc-1"));
    assert_eq!(DnsFirewall.writes(&plan), written);
    let (outcome, _) = bench.execute(&DnsFirewall, &back);
    assert!(matches!(outcome, Outcome::Succeeded { undo: None, .. }), "{outcome:?}");
    assert_eq!(bench.count(TAKE), 1);
}

#[test]
fn what_is_taken_out_is_followed_until_it_is_gone() {
    // By its plan, before the call, and three times after it.
    let looks = vec![told("COMPLETE"), told("COMPLETE"), told("DELETING"), told("DELETING"), gone()];
    let bench = bench(2, vec![list(&[])], told("COMPLETE"), looks);
    let plan = planned(&bench);
    let (outcome, _) = bench.execute(&DnsFirewall, &plan);
    let back = bench.plan(&DnsFirewall, &DnsFirewall.undo(&plan, &outcome).unwrap()).unwrap();
    let (outcome, _) = bench.execute(&DnsFirewall, &back);
    assert_eq!((bench.count(TAKE), bench.count(GET)), (1, 5));
    assert_eq!(bench.verify(&DnsFirewall, &back, &outcome).holds, Some(true));
}

#[test]
fn what_is_not_there_yet_is_not_verified_and_what_is_gone_does_not_hold() {
    for (looks, holds) in [(told("UPDATING"), None), (told("DELETING"), Some(false)), (gone(), Some(false))] {
        let bench = bench(2, vec![list(&[])], told("COMPLETE"), vec![looks]);
        let plan = planned(&bench);
        let (outcome, _) = bench.execute(&DnsFirewall, &plan);
        assert_eq!(bench.verify(&DnsFirewall, &plan, &outcome).holds, holds);
    }
}

#[test]
fn silence_is_unknown_and_looked_up_by_the_token() {
    let found = |after: &[serde_json::Value]| {
        let lists = vec![list(&[other()]), list(&[other()]), list(after)];
        let bench = bench(2, lists, Answer::Lost, vec![told("COMPLETE")]);
        let plan = planned(&bench);
        assert!(matches!(bench.execute(&DnsFirewall, &plan).0, Outcome::Unknown { .. }));
        bench.check(&DnsFirewall, &plan)
    };
    let Found::Ended(Outcome::Succeeded { undo, .. }) = found(&[other(), one(ID, GROUP, 102, "UPDATING", TOKEN)])
    else {
        panic!()
    };
    assert_eq!(undo, Some(json!({ "Association": ID })));
    // The same group, put there by somebody else.
    assert!(matches!(found(&[one(ID, GROUP, 102, "COMPLETE", "t")]), Found::CannotTell(_)));
}

#[test]
fn a_vpc_that_changed_meanwhile_stops_it() {
    let bench = bench(2, vec![list(&[]), list(&[other()])], told("COMPLETE"), vec![told("COMPLETE")]);
    let (class, said) = failure(&bench.execute(&DnsFirewall, &planned(&bench)).0);
    assert_eq!((class, bench.count(PUT)), (FailClass::Conflict, 0));
    assert!(said.contains("rule groups of the VPC was none, is now 101 rslvr-frg-9"), "{said}");
}

#[test]
fn what_is_there_already_and_what_is_no_place_is_refused() {
    let there = one(ID, GROUP, 101, "COMPLETE", "t");
    let bench = bench(2, vec![list(&[there])], told("COMPLETE"), vec![told("COMPLETE")]);
    let problem = bench.plan(&DnsFirewall, &ask(None)).unwrap_err();
    assert_eq!(problem.what, "vpc-1 has the rule group rslvr-frg-1 already, with priority 101: rslvr-frgassoc-7");
    for wrong in ["100", "9901", "0102", "+102", "x", ""] {
        assert!(good().plan(&DnsFirewall, &ask(Some(wrong))).is_err(), "{wrong}");
    }
    let taken = good().plan(&DnsFirewall, &ask(Some("101"))).unwrap_err();
    assert_eq!(taken.what, "the VPC has a rule group of priority 101 already");
    assert_eq!(good().plan(&DnsFirewall, &ask(Some("9900"))).unwrap().requests[0].input["Priority"], 9900);
}

#[test]
fn the_group_is_looked_up_before_it_is_wanted() {
    let needs = |bench: &Bench, group: &str| {
        let fields = [("rule_group", own(group))];
        let request = request(&DnsFirewall, finding("f-1", "i-0c4f1e97ab52d6038"), fields);
        let found = run(DnsFirewall.needs(&bench.reader, &request)).into_iter();
        found.map(|need| (need.name, need.state, need.why)).collect::<Vec<_>>()
    };
    let name = || "rule group rslvr-frg-1".to_owned();
    assert_eq!(needs(&good(), GROUP), [(name(), State::Ok, String::new())]);
    let empty = bench(0, Vec::new(), gone(), Vec::new());
    let nothing = "it has no rules, so that it stops nothing".to_owned();
    assert_eq!(needs(&empty, GROUP), [(name(), State::Missing, nothing)]);
    let lost = Bench::new([("GetFirewallRuleGroup", vec![gone()])]);
    assert_eq!(needs(&lost, GROUP), [(name(), State::Missing, "it is not there".to_owned())]);
    // What the console asks for is not known yet, and what is no id is no group.
    assert_eq!(needs(&lost, ""), []);
    assert_eq!(needs(&lost, "sg-1")[0].1, State::Missing);
}
