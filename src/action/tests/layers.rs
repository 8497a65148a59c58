//! Containments that were set over one another, and lifted in whatever order: what stands then, and what plans say of it.

use super::super::in_force::State;
use super::super::{Standing, meeting, words};
use super::in_force::{EARLY, End, LATE, contain, deny, isolate, key, session, session_of, standing};
use quell_core::incident::*;
use quell_core::text::Id;
use serde_json::json;

/// The groups of the one interface: as they were, of the document and of `ec2-isolate`.
const OPEN: &str = "sg-0bbbbbbbbbbbbbbb1";
const QUARANTINE: &str = "sg-0ddddddddddddddd1";
const ISOLATED: &str = "sg-0ccccccccccccccc1";
const INTERFACE: &str = "interface eni-0aaaaaaaaaaaaaaa1";
const SURE: End = End::Verified(Some(true));
const AUTO: &str = "Do ssm-automation";
const OWN: &str = "Do ec2-isolate";

/// A run of AWS's document that found this.
fn document(action: &str, found: &str) -> Plan {
    let mut plan = contain(action, "false", "eu-west-1");
    plan.facts = vec![Fact::new(INTERFACE, found)];
    plan
}

/// An isolation, or what lifts it, that found this.
fn own(on: bool, found: &str) -> Plan {
    let mut plan = isolate(on);
    plan.facts[0] = Fact::new(INTERFACE, found);
    plan
}

/// It as the undo of an action of the same session; each action that ends verified writes five records.
fn undoing(mut plan: Plan, n: u64) -> Plan {
    plan.undo_of = Some(Link(Id::new(&"a".repeat(26)).unwrap(), n));
    plan
}

/// AWS's document, and the isolation over it.
fn both() -> Vec<(Plan, End)> {
    vec![(document("Contain", OPEN), SURE), (own(true, QUARANTINE), SURE)]
}

/// The document's containment is lifted while the isolation stands over it.
fn wrong_order(end: End) -> Vec<(Plan, End)> {
    [both(), vec![(undoing(document("Restore", ISOLATED), 0), end)]].concat()
}

/// The titles of what stands, each with how many lie under it and over it.
fn layered(done: &[(Plan, End)]) -> Vec<(String, State, usize, usize)> {
    let title = |one: &Standing| one.title.line().into_string();
    let all = standing(&[("s", session(EARLY, done))]);
    all.iter().map(|one| (title(one), one.state, one.under.len(), one.over.len())).collect()
}

fn stand(title: &str, state: State, under: usize, over: usize) -> (String, State, usize, usize) {
    (title.to_owned(), state, under, over)
}

/// What a plan is told after these were done in session `s`.
fn told(done: &[(Plan, End)], plan: &Plan) -> Vec<String> {
    let incident = session(EARLY, done);
    meeting(plan, [("s", &incident)]).unwrap().warnings
}

/// AWS's document and quell's own kind write the same groups: the second one's prior state is the quarantine.
#[test]
fn what_two_kinds_write_lies_in_layers() {
    assert_eq!(layered(&both()), [stand(AUTO, State::Verified, 0, 1), stand(OWN, State::Verified, 1, 0)]);
    // The undo of the later one puts the containment back that stood before.
    let later = [both(), vec![(undoing(own(false, ISOLATED), 5), SURE)]].concat();
    assert_eq!(layered(&later), [stand(AUTO, State::Verified, 0, 0)]);
    let last = [later, vec![(undoing(document("Restore", QUARANTINE), 0), SURE)]].concat();
    assert_eq!(layered(&last), []);
    // In two sessions it is the same.
    let (one, two) = (session(EARLY, &both()[..1]), session(LATE, &both()[1..]));
    let all = standing(&[("one", one), ("two", two)]);
    assert_eq!((all[0].over.len(), all[1].under.len()), (1, 1));
}

/// What stood before any containment was read there: what was set over it does not hold. Where it was not read, nobody
/// knows.
#[test]
fn what_was_lifted_in_the_wrong_order_is_open_or_not_sure() {
    assert_eq!(layered(&wrong_order(SURE)), []);
    assert_eq!(layered(&wrong_order(End::Verified(None))), [stand(OWN, State::WrittenOver, 0, 0)]);
    // What the first found was a containment itself: that it is back opens nothing.
    let three = [both(), vec![(document("Contain", ISOLATED), SURE)]].concat();
    let middle = [three, vec![(undoing(own(false, "sg-0eeeeeeeeeeeeeee1"), 5), SURE)]].concat();
    assert_eq!(layered(&middle), [stand(AUTO, State::Verified, 0, 1), stand(AUTO, State::WrittenOver, 1, 0)]);
    // Set over another part alone, it stays as it is.
    let mut apart = own(true, OPEN);
    apart.requests[0].input["NetworkInterfaceId"] = json!("eni-0aaaaaaaaaaaaaaa2");
    apart.facts[0] = Fact::new("interface eni-0aaaaaaaaaaaaaaa2", OPEN);
    let mut other = undoing(own(false, ISOLATED), 0);
    other.facts.truncate(1);
    let parts = [(own(true, OPEN), SURE), (apart, SURE), (other, SURE)];
    assert_eq!(layered(&parts[..2]), [stand(OWN, State::Verified, 0, 0), stand(OWN, State::Verified, 0, 0)]);
    assert_eq!(layered(&parts), [stand(OWN, State::Verified, 0, 0)]);
}

/// Its undo would put the quarantine back that was lifted: the host would be shut off, and nothing would say so.
#[test]
fn an_undo_that_would_contain_again_is_refused() {
    for end in [SURE, End::Verified(None)] {
        let incident = session(EARLY, &wrong_order(end));
        let refused = meeting(&undoing(own(false, OPEN), 5), [("s", &incident)]).unwrap_err();
        assert_eq!(refused.headline(), "this undo would contain it again, and is refused");
        assert_eq!(
            refused.meaning,
            "what it puts back is what it found: the containment Do ssm-automation of 2026-11-21 10:00Z, session s, which \
             does not stand any more"
        );
    }
    // What lies under it stands: it is no more than said.
    let incident = session(EARLY, &both());
    let met = meeting(&undoing(own(false, ISOLATED), 5), [("s", &incident)]).unwrap();
    assert_eq!(
        met.warnings,
        [
            "It does NOT open it: what is put back is the containment that stood before, Do ssm-automation of 2026-11-21 \
          10:00Z, session s, which stays in force. Lift that afterwards."
        ]
    );
    let back = Fact::new("puts back", "the containment Do ssm-automation of 2026-11-21 10:00Z, session s");
    assert_eq!(met.facts, [back]);
}

#[test]
fn what_stands_says_how_it_is_lifted_and_when_it_must_not_be() {
    let all = standing(&[("s", session(EARLY, &both()))]);
    let (over, under) = (words(&all[0]), words(&all[1]));
    assert_eq!(
        under[3],
        "  lifting it opens nothing yet: Do ssm-automation of 2026-11-21 10:00Z, session s stands under it"
    );
    assert_eq!(over[3], "  lift what was set over it first: Do ec2-isolate of 2026-11-21 10:01Z, session s");
    let written_over = standing(&[("s", session(EARLY, &wrong_order(End::Verified(None))))]);
    assert_eq!(
        words(&written_over[0])[1..],
        [
            "  since 2026-11-21 10:01Z by aaaaaaaaaa, NOT SURE: what stood before an earlier one was put back over it",
            "  its undo is refused, since it would put back Do ssm-automation of 2026-11-21 10:00Z, session s, which was \
             lifted: look at what is there now (the plan of another containment reads it)",
            "  u does not undo it; set in session s, open",
        ]
    );
}

#[test]
fn a_containment_says_what_it_is_set_over() {
    assert_eq!(
        told(&both()[..1], &own(true, QUARANTINE)),
        ["It is contained already: Do ssm-automation of 2026-11-21 10:00Z, session s. What this plan found is that \
          containment and not what was there before: its undo puts that back, and lifts nothing."]
    );
    // Not sure, and nothing known was read.
    assert_eq!(
        told(&wrong_order(End::Verified(None)), &own(true, "sg-0eeeeeeeeeeeeeee1")),
        [
            "It may be contained already: Do ec2-isolate of 2026-11-21 10:01Z, session s, NOT SURE: what stood before an \
          earlier one was put back over it. Look whether what this plan found is that containment: its undo puts back \
          what the plan found."
        ]
    );
    // What this plan read is what stood there before: nothing is contained, whatever was written down.
    assert_eq!(
        told(&wrong_order(End::Verified(None)), &own(true, OPEN)),
        ["It is NOT contained any more: this plan found what stood there before Do ec2-isolate of 2026-11-21 10:01Z, \
          session s, which holds no longer."]
    );
    assert_eq!(
        told(&both()[..1], &own(true, OPEN)),
        [
            "It is NOT contained any more: this plan found what stood there before Do ssm-automation of 2026-11-21 10:00Z, \
          session s, which holds no longer. Somebody has lifted it, and not by quell."
        ]
    );
    // Of another instance, and of what contains nothing, there is nothing to say.
    let mut other = own(true, OPEN);
    other.target.resource = "i-0abc12d34e5f67891".into();
    assert_eq!(told(&both(), &other), Vec::<String>::new());
    assert_eq!(told(&both(), &contain("Contain", "true", "eu-west-1")), Vec::<String>::new());
}

#[test]
fn an_undo_says_what_it_writes_over() {
    assert_eq!(
        told(&both(), &undoing(document("Restore", ISOLATED), 0)),
        ["It writes over a containment that was set later: Do ec2-isolate of 2026-11-21 10:01Z, session s. Lift that \
          first."]
    );
    assert_eq!(
        told(&both(), &document("Restore", ISOLATED))[0],
        "It lifts more than it names: Do ssm-automation of 2026-11-21 10:00Z, session s stands here."
    );
}

/// What a plan read that nobody carried out is known all the same.
#[test]
fn a_plan_that_found_it_open_ends_what_stood() {
    let seen = |found| [both(), vec![(own(true, found), End::Open)]].concat();
    assert_eq!(layered(&seen(OPEN)), []);
    assert_eq!(layered(&seen(ISOLATED)).len(), 2);
    // What the second had found is the first's containment: that stands.
    assert_eq!(layered(&seen(QUARANTINE)).len(), 2);
    // Of two interfaces one is open: that the other is shut off still stands.
    let mut two = document("Contain", OPEN);
    two.facts.push(Fact::new("interface eni-0aaaaaaaaaaaaaaa2", OPEN));
    assert_eq!(layered(&[(two.clone(), SURE), (own(true, OPEN), End::Open)]).len(), 1);
    assert_eq!(layered(&[(two.clone(), SURE), (two, End::Open)]), []);
    // Set over what was open again, it is the first.
    let again = [both(), vec![(document("Contain", OPEN), SURE)]].concat();
    assert_eq!(layered(&again), [stand(AUTO, State::Verified, 0, 0)]);
    // What another was still doing when it was read says nothing.
    let slow = (document("Contain", OPEN), SURE, 0, 5);
    let quick = (own(true, OPEN), SURE, 1, 2);
    let all = standing(&[("s", session_of(EARLY, &[slow, quick]))]);
    assert_eq!(all.len(), 2);
}

/// A Restore by itself lifts the latest of its kind; what else stands there is not sure any more.
#[test]
fn what_lifts_by_itself_lifts_one_of_its_kind() {
    let restored = [both(), vec![(document("Restore", ISOLATED), SURE)]].concat();
    assert_eq!(layered(&restored), []);
    let by_hand = [both(), vec![(document("Restore", ISOLATED), End::Verified(None))]].concat();
    assert_eq!(layered(&by_hand), [stand(OWN, State::WrittenOver, 0, 0)]);
    // Of a link of another session it is by itself too.
    let other = session(LATE, &[(undoing(document("Restore", QUARANTINE), 9), SURE)]);
    assert_eq!(standing(&[("one", session(EARLY, &both()[..1])), ("two", other)]), []);
    // Over what another kind did, it is not known what it put back.
    let alone = [both()[1].clone(), (document("Restore", ISOLATED), SURE)];
    assert_eq!(layered(&alone), [stand(OWN, State::WrittenOver, 0, 0)]);
    // The document's second time found its first: one Restore lifts the second.
    let twice = [
        (document("Contain", OPEN), SURE),
        (document("Contain", QUARANTINE), SURE),
        (document("Restore", QUARANTINE), End::Verified(None)),
    ];
    assert_eq!(layered(&twice), [stand(AUTO, State::Verified, 0, 0)]);
}

/// A document backs up whatever it finds; another kind's second time is only there because the first did not hold.
#[test]
fn the_same_kind_twice_is_one_layer_but_for_what_repeats() {
    let found = |done: &[(Plan, End)]| standing(&[("s", session(EARLY, done))]).len();
    assert_eq!(found(&[(key("Inactive"), SURE), (key("Inactive"), SURE)]), 1);
    let twice = contain("Contain", "false", "eu-west-1");
    assert_eq!(found(&[(twice.clone(), SURE), (twice, SURE)]), 2);
    // A policy of another time was there: the undo puts that back.
    let there = |name: &str, what: &str| {
        let mut plan = deny(name);
        plan.facts = vec![Fact::new("policy quell-deny-all", what)];
        plan
    };
    assert_eq!(found(&[(there("one", "not there"), SURE), (there("one", "not there"), SURE)]), 1);
    assert_eq!(found(&[(there("one", "not there"), SURE), (there("one", "there, SHA-256 x"), SURE)]), 2);
}

#[test]
fn a_lift_that_is_not_sure_lifts_nothing_and_is_told() {
    for end in [End::Unknown, End::Begun, End::Half, End::Verified(Some(false))] {
        let done = [(own(true, OPEN), SURE), (undoing(own(false, ISOLATED), 0), end)];
        assert_eq!(layered(&done), [stand(OWN, State::PerhapsLifted, 0, 0)]);
        let all = standing(&[("s", session(EARLY, &done))]);
        assert_eq!(
            words(&all[0])[1..3],
            [
                "  since 2026-11-21 10:00Z by aaaaaaaaaa, NOT SURE: an undo of it was begun and did not end as wanted",
                "  look at what is there now; to lift it: Put it back.",
            ]
        );
    }
    // What failed without any effect leaves it as it was.
    let failed = [(own(true, OPEN), SURE), (undoing(own(false, ISOLATED), 0), End::Failed)];
    assert_eq!(layered(&failed), [stand(OWN, State::Verified, 0, 0)]);
}

/// A run of AWS's document on a user that found these; each key that was on is switched off.
fn principal(action: &str, region: &str, keys: &[(&str, &str)]) -> Plan {
    let mut plan = contain(action, "false", region);
    plan.target.resource = "jo".into();
    plan.requests[0].input = json!({ "DocumentName": "AWSSupport-ContainIAMPrincipal", "Parameters": {
        "PrincipalType": ["IAM user"], "PrincipalName": ["jo"], "Action": [action], "DryRun": ["false"],
    } });
    plan.facts = keys.iter().map(|(key, status)| Fact::new(format!("key {key}"), *status)).collect();
    plan.facts.push(Fact::new("inline policies", if action == "Contain" { "none" } else { "stop" }));
    plan
}

/// The document leaves keys off: what its undo does not write stands, until a key is switched on by itself.
#[test]
fn what_an_undo_does_not_put_back_stays_in_force_until_its_own_kind_lifts_it() {
    let two = [("AKIAIOSFODNN7EXAMPLE", "Active"), ("AKIAI44QH8DHBEXAMPLE", "Active"), ("AKIAOFF", "Inactive")];
    let off = [("AKIAIOSFODNN7EXAMPLE", "Inactive"), ("AKIAI44QH8DHBEXAMPLE", "Inactive")];
    let contained = (principal("Contain", "eu-west-1", &two), SURE);
    let restored = |end| (undoing(principal("Restore", "us-east-1", &off), 0), end);
    assert_eq!(layered(std::slice::from_ref(&contained)), [stand(AUTO, State::Verified, 0, 0)]);
    for end in [SURE, End::Verified(None)] {
        let all = standing(&[("s", session(EARLY, &[contained.clone(), restored(end)]))]);
        assert_eq!((all.len(), all[0].state, all[0].undo), (1, State::InPart, false));
        assert_eq!(
            words(&all[0])[1..],
            [
                "  since 2026-11-21 10:00Z by aaaaaaaaaa, LIFTED IN PART: its undo does not put all of it back",
                "  still as it was set: iam-access-key of AKIAIOSFODNN7EXAMPLE, iam-access-key of AKIAI44QH8DHBEXAMPLE; an \
                 action of that kind lifts it",
                "  u does not undo it; set in session s, open",
            ]
        );
    }
    // An undo that is not sure leaves all of it.
    assert_eq!(
        layered(&[contained.clone(), restored(End::Verified(Some(false)))]),
        [stand(AUTO, State::PerhapsLifted, 0, 0)]
    );
    let on = |id: &str| {
        let mut plan = key("Active");
        plan.target.resource = id.into();
        plan.requests[0].input["AccessKeyId"] = json!(id);
        plan
    };
    let one = [contained.clone(), restored(SURE), (on("AKIAI44QH8DHBEXAMPLE"), SURE)];
    let all = standing(&[("s", session(EARLY, &one))]);
    assert_eq!((all.len(), all[0].left.join(" ").as_str()), (1, "iam-access-key of AKIAIOSFODNN7EXAMPLE"));
    let both = [one.to_vec(), vec![(on("AKIAIOSFODNN7EXAMPLE"), SURE)]].concat();
    assert_eq!(layered(&both), []);
    let unsure = [one.to_vec(), vec![(on("AKIAIOSFODNN7EXAMPLE"), End::Unknown)]].concat();
    assert_eq!(layered(&unsure), [stand(AUTO, State::WrittenOver, 0, 0)]);
    let incident = session(EARLY, &one[..2]);
    assert_eq!(
        meeting(&on("AKIAIOSFODNN7EXAMPLE"), [("s", &incident)]).unwrap().warnings,
        ["It lifts what the undo of Do ssm-automation of 2026-11-21 10:00Z, session s left as it was."]
    );
    // Switched on while the rest stands, nobody knows; half-way done, the keys may be off as well.
    let crossed = [contained.clone(), (on("AKIAIOSFODNN7EXAMPLE"), SURE)];
    assert_eq!(layered(&crossed), [stand(AUTO, State::WrittenOver, 0, 0)]);
    let half = [(contained.0, End::Half), restored(SURE)];
    assert_eq!(layered(&half), [stand(AUTO, State::InPart, 0, 0)]);
}

/// An interface that was taken off since is not read by the undo: of what it was set on, that one alone is left.
#[test]
fn of_several_parts_those_are_left_that_the_undo_does_not_write() {
    let other = "interface eni-0aaaaaaaaaaaaaaa2";
    let mut both = document("Contain", OPEN);
    both.facts.push(Fact::new(other, OPEN));
    let done = vec![(both, SURE), (undoing(document("Restore", QUARANTINE), 0), SURE)];
    assert_eq!(layered(&done), [stand(AUTO, State::InPart, 0, 0)]);
    let all = standing(&[("s", session(EARLY, &done))]);
    assert_eq!(all[0].left, ["the groups of an instance's interfaces of i-0abc12d34e5f67890"]);
    // Over the one that was put back nothing lies any more.
    let over = |facts: Fact| {
        let mut plan = own(true, OPEN);
        plan.requests[0].input["NetworkInterfaceId"] =
            json!(facts.name.line().as_str().trim_start_matches("interface "));
        plan.facts[0] = facts;
        [done.clone(), vec![(plan, SURE)]].concat()
    };
    let beside = [stand(AUTO, State::InPart, 0, 0), stand(OWN, State::Verified, 0, 0)];
    assert_eq!(layered(&over(Fact::new(INTERFACE, OPEN))), beside);
    let above = [stand(AUTO, State::InPart, 0, 1), stand(OWN, State::Verified, 1, 0)];
    assert_eq!(layered(&over(Fact::new(other, QUARANTINE))), above);
}
