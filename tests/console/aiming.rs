//! What actions are aimed at: the first finding, another one, an entity; and where a plan says its target is from.

use super::fixtures::{elsewhere, findings, worst};
use super::rig::Rig;
use quell::action::Request;
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell_core::incident::{LookupMade, Plan, Told};
use serde_json::json;

fn command(rig: &mut Rig, words: &str) {
    rig.keys(":");
    rig.type_in(words);
    rig.keys("Enter");
}

/// The incident of the worst finding with another one, of another account, attached to it.
fn two() -> Rig {
    let mut rig = Rig::empty();
    rig.arrive(vec![worst(), elsewhere(1, "777788889999")]);
    rig.keys("Space Down Space Up Enter");
    rig.settle();
    rig.model.incident.step = 4;
    rig
}

fn asked(rig: &Rig) -> &Request {
    match rig.reads.last() {
        Some(Reads::Plan { request, .. }) => request,
        other => panic!("{other:?}"),
    }
}

fn about(request: &Request) -> [String; 4] {
    let finding = request.finding.as_ref().unwrap();
    let text = |value: &Option<quell_core::text::Untrusted>| {
        value.as_ref().map(|text| text.line().into_string()).unwrap_or_default()
    };
    [text(&finding.account), text(&finding.resource.id), text(&finding.resource.name), text(&finding.actor.ip)]
}

fn planned(rig: &Rig) -> &Plan {
    rig.confirm().unwrap().proposed().next().map(|one| &one.plan).unwrap()
}

fn origin(rig: &Rig) -> String {
    let fact = planned(rig).facts.iter().find(|fact| fact.name.line().as_str() == "target is from").unwrap();
    fact.value.line().into_string()
}

#[test]
fn actions_are_aimed_at_another_finding_and_back() {
    let mut rig = two();
    rig.keys("Enter");
    assert_eq!(about(asked(&rig)), ["444455556666", "i-0abc12d34e5f67890", "web-3", "198.51.100.7"]);
    rig.settle();
    assert_eq!(origin(&rig), "finding 1 of 2");
    rig.keys("Esc");
    command(&mut rig, "target");
    rig.sees("TARGET: what do steps and actions speak of");
    rig.keys("Down Enter");
    rig.sees("aimed at finding Backdoor:EC2/C&CActivity.B!DNS");
    // Beside the steps stands what they are aimed at.
    rig.sees(" HIGH Backdoor:EC2/C&CActivity.B!DNS  x9");
    rig.sees_not(" CRIT UnauthorizedAccess:EC2/MaliciousIPCaller.Custom  x9");
    rig.keys("Enter");
    assert_eq!(about(asked(&rig)), ["777788889999", "i-0f00ba47deadbeef0", "web-3", "198.51.100.7"]);
    rig.settle();
    rig.keys("Esc");
    command(&mut rig, "target");
    rig.keys("Enter");
    rig.sees("aimed at the first finding again");
    rig.keys("Enter");
    assert_eq!(about(asked(&rig))[1], "i-0abc12d34e5f67890");
}

/// What was typed may be of what the steps spoke of before: it is named when the aim moves, and in a plan that it is in.
#[test]
fn what_was_typed_stays_and_is_said() {
    let mut rig = two();
    rig.model.incident.step = 3;
    rig.keys("v");
    rig.keys("Up Enter");
    rig.sees("VARIABLE: its name");
    rig.type_in("detector");
    rig.keys("Enter");
    rig.type_in("12abc34d567e8fa901bc2d34e56789f0");
    rig.keys("Enter");
    rig.settle();
    let said = |rig: &Rig| planned(rig).warnings.first().map(|w| w.line().into_string()).unwrap_or_default();
    rig.keys("Enter");
    rig.settle();
    assert!(!said(&rig).contains("detector ="), "{}", said(&rig));
    rig.keys("Esc");
    command(&mut rig, "target");
    rig.keys("Down Enter");
    rig.sees("they were typed (v): detector");
    rig.keys("Enter");
    rig.settle();
    let expected = "Typed, and not of what steps are aimed at by itself: detector = 12abc34d567e8fa901bc2d34e56789f0. Is it of \
                    finding Backdoor:EC2/C&CActivity.B!DNS";
    assert!(said(&rig).starts_with(expected), "{}", said(&rig));
}

/// Of an entity nothing of another thing stays beside it, and one that was typed is said to be.
#[test]
fn an_entity_takes_the_place_of_the_resource_and_a_typed_one_is_marked() {
    let mut rig = Rig::empty();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.model.incident.step = 4;
    command(&mut rig, "entity");
    rig.keys("Down Down Enter");
    rig.sees("ENTITY: which host?");
    rig.type_in("i-0aaaaaaaaaaaaaaaa");
    rig.keys("Enter Enter");
    rig.settle();
    command(&mut rig, "target");
    rig.sees("host i-0aaaaaaaaaaaaaaaa, TYPED");
    rig.keys("Down Down Down Down Down Down Enter");
    rig.sees("aimed at host i-0aaaaaaaaaaaaaaaa, TYPED");
    rig.keys("Enter");
    assert_eq!(about(asked(&rig)), ["444455556666", "i-0aaaaaaaaaaaaaaaa", "", ""]);
    let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { panic!() };
    let mut plan = super::fixtures::plan(&request);
    plan.target.resource = "i-0aaaaaaaaaaaaaaaa".into();
    let result = Box::new(Ok(plan));
    rig.feed(Input::Planned { generation, result });
    rig.settle();
    assert_eq!(origin(&rig), "an entity of the incident, TYPED");
    let first = planned(&rig).warnings[0].line().into_string();
    assert!(first.starts_with("Its target was TYPED by hand"), "{first}");
    // A step's command speaks of the same.
    rig.keys("Esc");
    rig.model.incident.step = 0;
    rig.keys("y c");
    let copied = rig.reads.iter().any(|read| matches!(read, Reads::Copy(text) if text.contains("i-0aaaaaaaaaaaaaaaa")));
    assert!(copied, "{:?}", rig.reads);
}

#[test]
fn what_nobody_found_is_said() {
    let mut rig = Rig::empty();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    // The finding names no key.
    rig.model.incident.step = 5;
    rig.keys("Enter");
    rig.settle();
    assert_eq!(origin(&rig), "the runbook's text or the configuration; no finding names it");
    // The finding's id is an ARN, of which the target is the end.
    rig.keys("Esc");
    rig.model.incident.step = 3;
    rig.keys("Enter");
    rig.settle();
    assert_eq!(origin(&rig), "the finding");
}

/// A key that is not named anywhere is known by whose it is, or by what a look-up told.
#[test]
fn what_aws_names_is_said_to_be_from_there() {
    let mut rig = Rig::empty();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.model.incident.step = 5;
    let sent = |rig: &mut Rig, input: serde_json::Value| {
        rig.keys("Enter");
        let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { panic!() };
        let mut plan = super::fixtures::plan(&request);
        plan.requests[0].input = input;
        rig.feed(Input::Planned { generation, result: Box::new(Ok(plan)) });
        rig.settle();
        let words = origin(rig);
        rig.keys("Esc");
        words
    };
    let nobody = "the runbook's text or the configuration; no finding names it";
    let of = |whose: &str| json!({ "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Of": whose });
    assert_eq!(sent(&mut rig, of("jo")), nobody);
    // The account is everybody's.
    assert_eq!(sent(&mut rig, of("444455556666")), nobody);
    assert_eq!(
        sent(&mut rig, of("i-0abc12d34e5f67890")),
        "what AWS has of i-0abc12d34e5f67890; that is from the finding"
    );
    let told = vec![Told { name: "other key".into(), value: "AKIAIOSFODNN7EXAMPLE".into(), entity: None }];
    let made = LookupMade {
        lookup: "iam-access-key".into(),
        subject: "AKIA0000000000000001".into(),
        account: None,
        region: "eu-west-1".into(),
        told,
        step: None,
    };
    let session = rig.model.session.as_ref().unwrap().id.clone();
    rig.feed(Input::Looked { session, result: Box::new(Ok(made)) });
    rig.save();
    assert_eq!(sent(&mut rig, of("jo")), "the look-up of AKIA0000000000000001 in AWS; no finding names it");
}

/// What was done to another is not taken for done to what steps are aimed at now.
#[test]
fn what_was_done_to_another_target_is_named() {
    let mut rig = two();
    rig.keys("Enter");
    rig.settle();
    rig.wait(400);
    rig.keys("PgDn PgDn PgDn");
    rig.type_in("7890");
    rig.keys("Enter");
    rig.settle();
    rig.end(quell_core::incident::Outcome::Succeeded {
        outcome: "done".into(),
        request_ids: Vec::new(),
        undo: None,
        facts: Vec::new(),
    });
    rig.settle();
    rig.model.incident.step = 4;
    rig.keys("Enter");
    rig.sees("done already; u undoes the action");
    command(&mut rig, "target");
    rig.keys("Down Enter");
    rig.keys("Enter");
    rig.sees("done already on i-0abc12d34e5f67890; u undoes the action");
    rig.keys("u");
    rig.settle();
    let first = planned(&rig).warnings[0].line().into_string();
    assert!(
        first.starts_with("Steps are aimed at finding Backdoor:EC2/C&CActivity.B!DNS")
            && first.ends_with(": this undoes what was done to i-0abc12d34e5f67890."),
        "{first}"
    );
}
