//! The text beside the steps, and the undo of what no step holds.

use super::fixtures::{BOOK, findings, worst};
use super::rig::{MONO, Rig, succeeded};
use super::thread::{at_step, running_at};
use quell::console::core::effect::Reads;
use quell::console::core::input::{Blob, Input};
use quell::console::core::model::Screen;
use quell::problem::Problem;
use quell_core::incident::{Life, Outcome};
use quell_core::runbook::{Origin, parse};

const SESSION: &str = "20251121T140701Z-test-aaaaaa";

#[test]
fn a_command_stands_there_as_it_is_copied() {
    let rig = Rig::opened();
    rig.sees("aws ec2 describe-instances --instance-ids 'i-0abc12d34e5f67890'");
    rig.sees_not("{{");
}

#[test]
fn a_past_session_shows_its_own_values() {
    let mut rig = Rig::opened();
    rig.keys("S");
    super::snapshots::load(&mut rig, true);
    rig.resize(140, 40);
    rig.keys("g g l l l l l l");
    rig.sees("'i-0abc12d34e5f67890'");
}

#[test]
fn a_value_that_can_not_be_quoted_leaves_the_template() {
    let mut rig = Rig::empty();
    let mut finding = worst();
    finding.resource.id = Some("i-0\u{202e}1".into());
    rig.arrive(vec![finding]);
    rig.keys("Enter");
    rig.settle();
    rig.sees("--instance-ids {{ finding.resource.id }}");
}

#[test]
fn an_actions_step_says_what_enter_does_now() {
    let mut rig = at_step(3);
    let offer = "  Enter plans it";
    rig.sees(offer);
    rig.keys("Enter");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig.sees("  it runs");
    rig.sees_not(offer);
    rig.end(Outcome::Unknown { why: "the connection broke".into() });
    rig.settle();
    rig.keys("Esc");
    rig.sees("Enter looks up what happened");
    rig.sees_not(offer);
    rig.keys("Enter");
    rig.settle();
    rig.model.incident.step = 3;
    rig.sees("  u undoes it");
    rig.sees_not(offer);
}

/// A triage that ran to its end, from the list.
fn triaged(outcome: Outcome) -> Rig {
    let mut rig = Rig::listed();
    rig.keys("t n");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig.end(outcome);
    rig.settle();
    assert_eq!(rig.count("action.started"), 1);
    rig.model.screens = vec![Screen::Findings, Screen::Incident];
    rig
}

#[test]
fn a_triage_is_undone_by_choice() {
    let mut rig = triaged(succeeded());
    rig.keys("u");
    rig.sees("UNDO which action?");
    rig.sees("undo: Set the workflow to NOTIFIED");
    rig.keys("Enter");
    rig.settle();
    rig.sees("CONFIRM: Undo: Set the workflow to NOTIFIED");
    rig.keys("y Enter");
    rig.settle();
    rig.end(succeeded());
    rig.settle();
    assert_eq!(rig.count("action.started"), 2);
    rig.keys("u");
    rig.sees("no action here succeeded that could be undone");
}

#[test]
fn a_triage_of_unknown_outcome_is_looked_up_by_choice() {
    let mut rig = triaged(Outcome::Unknown { why: "the connection broke".into() });
    rig.keys("u");
    rig.sees("look up: Set the workflow to NOTIFIED");
    rig.keys("Enter");
    rig.settle();
    let life = rig.model.saved().unwrap().actions.values().next().unwrap().life;
    assert_eq!(life, Life::Succeeded);
    assert_eq!(rig.count("action.started"), 1);
}

#[test]
fn closing_says_what_stays_unknown() {
    let mut rig = triaged(Outcome::Unknown { why: "the connection broke".into() });
    rig.keys(":");
    rig.type_in("close");
    rig.keys("Enter");
    rig.sees("CLOSE the session as (1 of unknown outcome)");
}

#[test]
fn a_session_that_can_not_be_made_leads_back_to_the_list() {
    let mut rig = Rig::listed();
    rig.keys("Enter");
    rig.sees("the session is being opened");
    rig.desk.clear();
    rig.feed(Input::NotAttached(Problem::local("the folder can't be made").next("free some room")));
    rig.sees("FINDINGS* 4 of 4");
    rig.sees("the folder can't be made");
    rig.sees("free some room");
    rig.keys("Enter");
    rig.settle();
    rig.sees("STEPS* test-compromise");
}

#[test]
fn letters_that_the_terminal_lacks_keep_their_cells() {
    let mut rig = Rig::empty();
    let mut finding = worst();
    finding.title = Some("Café 東京 done".into());
    rig.arrive(vec![finding]);
    rig.sees("Café 東 京  done");
    rig.model.look = MONO;
    rig.sees("Caf? ? ?  done");
    assert!(rig.screen().is_ascii());
}

#[test]
fn an_undone_step_is_to_do_again() {
    let mut rig = running_at(3);
    rig.end(succeeded());
    rig.settle();
    rig.sees("[x]  4 Archive the finding");
    rig.sees("verified alice");
    rig.model.incident.step = 3;
    rig.keys("u");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig.end(succeeded());
    rig.settle();
    rig.sees("[ ]  4 Archive the finding");
    rig.sees("undone alice");
    rig.sees(" Archive the finding: undone");
    rig.sees_not("\n Archive the finding: succeeded");
    rig.sees("0/7 done");
    rig.keys("Enter");
    rig.settle();
    rig.sees("CONFIRM: Archive the finding");
}

#[test]
fn an_action_step_that_is_ticked_by_hand_says_so() {
    let mut rig = at_step(3);
    rig.keys("Space");
    rig.save();
    rig.sees("by hand alice");
    assert_eq!(rig.count("action.planned"), 0);
}

#[test]
fn what_nobody_verified_does_not_look_verified() {
    let mut rig = running_at(3);
    rig.end(succeeded());
    rig.save();
    rig.sees("not verified alice");
}

#[test]
fn space_on_a_decision_asks_what_was_decided() {
    let mut rig = at_step(2);
    rig.keys("Space");
    rig.sees("1 True positive");
    assert_eq!(rig.count("step.done"), 0);
    rig.keys("Enter");
    rig.save();
    assert_eq!((rig.count("step.done"), rig.count("decision.made")), (0, 1));
    rig.sees("True positive  alice");
}

/// The choice's link leads past what lies between, and that stays open.
#[test]
fn a_choice_leads_to_the_step_that_it_names() {
    let text = BOOK.replace("go to the end", "[go to the end](#lessons)");
    let mut rig = Rig::empty();
    rig.model.library = vec![parse("test-compromise", text.as_bytes(), Origin::BuiltIn).unwrap().runbook].into();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.model.incident.step = 2;
    rig.keys("Enter 2 Enter");
    rig.save();
    assert_eq!(rig.model.incident.step, 6);
    rig.sees("False positive: it goes on with 7 Write down what was learned");
    rig.sees("[~]  5 Contain the instance");
    // The other choice says nothing, and goes on with the next.
    let mut rig = at_step(2);
    rig.keys("Enter 1 Enter");
    rig.save();
    assert_eq!(rig.model.incident.step, 3);
    rig.sees_not("it goes on with");
}

#[test]
fn a_key_that_repeats_does_not_take_back_what_it_did() {
    let mut rig = Rig::opened();
    rig.burst("Space Space Space");
    assert_eq!((rig.count("step.done"), rig.count("step.reopened")), (1, 0));
    rig.sees("it is being saved");
}

#[test]
fn a_step_that_may_have_worked_is_opened_again_only_with_a_reason() {
    let mut rig = running_at(3);
    rig.end(Outcome::Unknown { why: "the connection broke".into() });
    rig.save();
    rig.model.incident.step = 3;
    rig.keys("Space");
    rig.sees("OPEN AGAIN: its action may have worked");
    rig.keys("Enter");
    rig.sees("say why");
    rig.type_in("seen in the console of AWS");
    rig.keys("Enter");
    rig.save();
    assert_eq!(rig.count("step.reopened"), 1);
    rig.model.incident.step = 3;
    rig.keys("Enter");
    rig.settle();
    rig.sees("on this target has an unknown outcome and");
}

#[test]
fn a_closed_session_asks_for_nothing() {
    let mut rig = Rig::opened();
    rig.keys(":");
    rig.type_in("close");
    rig.keys("Enter");
    rig.sees("CLOSE the session as (7 steps open)");
    rig.keys("Enter");
    rig.type_in("a test");
    rig.keys("Enter");
    rig.save();
    for key in ["a", "Enter", "Space", "x", "u", "e", "m"] {
        rig.keys(key);
        assert!(rig.model.prompt.is_none(), "{key}");
        rig.sees("the session is closed; :reopen it first");
    }
    // The finding is judged with its incident.
    assert_eq!(rig.count("verdict.set"), 1);
    rig.keys("q");
    rig.sees("closed: Unauthorized");
    assert!(rig.model.findings.attached.is_empty());
}

#[test]
fn nothing_is_approved_that_can_not_be_seen() {
    let mut rig = at_step(3);
    rig.keys("Enter");
    rig.settle();
    rig.wait(400);
    rig.resize(50, 10);
    rig.sees("window too small");
    rig.burst("y Enter");
    rig.settle();
    assert_eq!(rig.count("action.started"), 0);
    rig.resize(80, 24);
    // The dialog begins anew: what is typed at once belonged to the old picture.
    rig.burst("y Enter");
    assert_eq!((rig.count("action.started"), rig.count("action.cancelled")), (0, 0));
    rig.wait(400);
    rig.burst("y Enter");
    rig.settle();
    assert_eq!(rig.count("action.started"), 1);
}

#[test]
fn evidence_is_chosen_and_read() {
    let mut rig = Rig::opened();
    rig.keys("o");
    rig.sees("this incident has no evidence yet");
    let bytes = br#"{"a":[1,2],"b":"x\u001b[31m"}"#.to_vec();
    rig.feed(Input::File {
        session: SESSION.into(),
        step: None,
        name: "out.json".into(),
        result: Ok(Blob::of(bytes.clone())),
    });
    rig.save();
    rig.keys("o");
    rig.sees("out.json (29 bytes)");
    rig.keys("Enter");
    rig.reads.clear();
    rig.feed(Input::Evidence { session: String::new(), name: "out.json".into(), blob: String::new(), bytes });
    rig.sees("EVIDENCE out.json");
    rig.sees("\"a\": [");
    rig.sees("\\u001b[31m");
    rig.keys("q");
    rig.sees("STEPS*");
}

#[test]
fn the_caller_is_on_record_with_each_plan() {
    let mut rig = at_step(3);
    rig.keys("Enter");
    rig.settle();
    let caller = rig.events().find_map(|e| match e {
        quell_core::incident::Event::ActionPlanned(d) => d.plan.facts.first().cloned(),
        _ => None,
    });
    let caller = caller.unwrap();
    assert_eq!(caller.name, "caller".into());
    assert_eq!(caller.value, "arn:aws:iam::444455556666:user/quell-responder".into());
}

#[test]
fn a_page_is_the_pane_and_a_pane_that_is_left_begins_again() {
    let mut rig = Rig::opened();
    // At 80x24 the steps have six lines.
    rig.keys("PgDn");
    assert_eq!(rig.model.incident.step, 6);
    rig.keys("g g C-d");
    assert_eq!(rig.model.incident.step, 3);
    rig.keys("S-Tab PgDn");
    assert!(rig.model.incident.scroll[2] > 0);
    rig.keys("Tab");
    assert_eq!(rig.model.incident.scroll, [0; 3]);
    rig.sees("i-0abc12d34e5f67890  web-3");
}

#[test]
fn a_long_path_is_told_whole() {
    let mut rig = Rig::opened();
    let path = format!("/home/alice/.local/state/quell/sessions/{}/exports/report.md", "x".repeat(60));
    rig.feed(Input::Said(format!("written to {path}")));
    let told: String = rig.screen().lines().rev().skip(1).take(3).collect::<Vec<_>>().into_iter().rev().collect();
    let told: String = told.split_whitespace().collect();
    assert!(told.ends_with("exports/report.md") && told.contains("writtento/home/alice"), "{told}");
}

#[test]
fn closing_says_what_is_contained_still() {
    let mut rig = at_step(5);
    rig.keys("Enter");
    let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { panic!() };
    let mut plan = super::fixtures::plan(&request);
    plan.requests[0].operation = "UpdateAccessKey".into();
    plan.requests[0].input =
        serde_json::json!({"UserName": "jo", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Inactive"});
    rig.feed(Input::Planned { generation, result: Box::new(Ok(plan)) });
    rig.wait(400);
    rig.keys("PgDn PgDn");
    rig.type_in("AKIAIOSFODNN7EXAMPLE");
    rig.keys("Enter");
    rig.save();
    rig.end(succeeded());
    rig.settle();
    // The report begins with it too.
    super::snapshots::load(&mut rig, false);
    let text = rig.model.text.report.as_ref().unwrap().1.clone();
    let begin = "# Incident report: `UnauthorizedAccess:EC2/MaliciousIPCaller.Custom i-0abc12d34e5f67890`\n\n\
                 **SIMULATED**: the account exists inside quell alone.\n\n## Still in force\n\n\
                 - `AKIAIOSFODNN7EXAMPLE  Delete the key  444455556666 eu-west-1  SIMULATED`\n  - `since 2025-11-21 14:07Z by alice, verified`\n  - `to lift it: it can't be undone`\n";
    assert!(text.starts_with(begin), "{text}");
    assert!(text.contains("looks over all of them.\n\n## Session\n\n- Session: "), "{text}");
    rig.keys("q");
    rig.keys(":");
    rig.type_in("close");
    rig.keys("Enter");
    rig.sees("STILL IN FORCE: 1. Close all the same?");
    rig.sees("AKIAIOSFODNN7EXAMPLE: Delete the key, verified");
    rig.sees("  to lift it: it can't be undone");
    // It is asked once; whoever stays has closed nothing.
    rig.keys("Enter :");
    rig.type_in("close");
    rig.keys("Enter j Enter");
    rig.sees("CLOSE the session as (1 contained still, 6 steps open)");
    rig.keys("Enter");
    rig.sees("SUMMARY: closed as");
}
