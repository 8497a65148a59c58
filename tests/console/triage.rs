//! Triage from the list belongs to a session of its own, and to the row under the cursor or the marked ones.

use super::fixtures::{elsewhere, findings};
use super::rig::{Rig, succeeded};
use quell::action::{Request, Value, Word};
use quell::console::core::effect::{Desk, Reads};
use quell::console::core::input::Input;
use quell::console::core::model::Screen;
use quell_core::finding::Workflow;
use quell_core::incident::{Outcome, Plan, PlannedRequest};
use serde_json::json;

#[test]
fn triage_of_one_row_says_which() {
    let mut rig = Rig::listed();
    rig.keys("j j j t n");
    rig.settle();
    rig.sees("CONFIRM: Set the workflow to NOTIFIED");
    rig.sees("reason: LOW Impact:EC2/PortSweep i-09f8e7d6c5b4a3210: NOTIFIED");
}

#[test]
fn triage_leaves_an_incident_that_the_finding_is_not_part_of() {
    let mut rig = Rig::opened();
    rig.keys("q j t n");
    assert!(
        matches!(&rig.desk[..], [Desk::Leave, Desk::Create { title, .. }]
        if title.line().as_str() == "Triage 2025-11-21 alice"),
        "{:?}",
        rig.desk
    );
    rig.settle();
    rig.sees("CONFIRM: Set the workflow to NOTIFIED");
    assert_eq!(rig.model.screen(), Screen::Findings);
    assert_eq!(rig.model.saved().unwrap().findings.len(), 1);
    rig.keys("Esc");
    // Back to the first incident, by its finding.
    rig.keys("k Enter");
    assert!(
        matches!(&rig.desk[..], [Desk::Leave, Desk::Resume { session }]
        if session == "20251121T140701Z-test-aaaaaa"),
        "{:?}",
        rig.desk
    );
    rig.sees("the session is being opened");
}

#[test]
fn triage_of_an_attached_finding_stays_in_its_incident() {
    let mut rig = Rig::opened();
    rig.keys("q t n");
    rig.settle();
    rig.sees("CONFIRM: Set the workflow to NOTIFIED");
    assert_eq!(rig.sessions, 1);
}

#[test]
fn a_key_that_comes_before_the_plan_opens_nothing() {
    let mut rig = Rig::listed();
    rig.keys("t n Enter");
    rig.sees("a triage is being planned");
    rig.settle();
    rig.sees("CONFIRM: Set the workflow to NOTIFIED");
    assert_eq!((rig.sessions, rig.count("runbook.opened")), (1, 0));
}

#[test]
fn a_running_action_keeps_its_session() {
    let mut rig = super::thread::running_at(3);
    rig.keys("q j t n");
    rig.sees("an action of the open incident still runs");
    rig.end(succeeded());
    rig.settle();
    assert_eq!(rig.sessions, 1);
    assert!(rig.model.triage.is_none());
}

#[test]
fn what_changes_in_an_attached_finding_is_on_record() {
    let mut rig = Rig::opened();
    let mut worse = findings().remove(0);
    worse.count = Some(46);
    rig.arrive(vec![worse, findings().remove(1)]);
    rig.save();
    assert_eq!(rig.count("finding.changed"), 1);
    rig.sees("the finding changed: count 9 to 46");
    rig.sees("now       x46");
}

#[test]
fn the_other_sources_record_of_the_same_finding_is_no_change() {
    let mut rig = Rig::opened();
    let mut hub = findings().remove(0);
    hub.via = quell_core::finding::Via::Securityhub;
    hub.workflow = Some(quell_core::finding::Workflow::New);
    hub.count = None;
    rig.arrive(vec![hub]);
    rig.save();
    rig.arrive(vec![findings().remove(0)]);
    rig.save();
    // That nobody has touched it is no change, and nothing is taken away.
    assert_eq!(rig.count("finding.changed"), 0);
}

#[test]
fn a_triage_is_undone_from_the_list() {
    let mut rig = Rig::listed();
    rig.keys("t n");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig.end(succeeded());
    rig.settle();
    rig.keys("t u");
    rig.sees("undo: Set the workflow to NOTIFIED");
    rig.keys("Enter");
    rig.settle();
    rig.sees("CONFIRM: Undo: Set the workflow to NOTIFIED");
}

#[test]
fn a_triage_session_is_no_incident_of_its_findings() {
    let mut rig = Rig::listed();
    rig.keys("t n");
    rig.settle();
    rig.keys("Esc");
    assert!(rig.model.findings.attached.is_empty());
    rig.keys("Enter");
    rig.settle();
    rig.sees("STEPS* test-compromise");
    assert_eq!(rig.sessions, 2);
}

#[test]
fn a_closed_session_is_named_and_can_be_taken_up_again() {
    let mut rig = Rig::opened();
    rig.close("done");
    rig.save();
    rig.keys("q Enter");
    rig.settle();
    rig.sees("a new session; the one of 2025-11-21 14:07Z is closed: S lists it");
    assert_eq!(rig.sessions, 2);
    rig.keys("S");
    let row = rig.model.sessions.rows.iter().position(|r| !r.open).unwrap();
    rig.model.sessions.selected = row;
    rig.keys(":");
    rig.type_in("reopen");
    rig.desk.clear();
    rig.keys("Enter");
    assert!(rig.desk.iter().any(|d| matches!(d, Desk::Resume { session } if session.ends_with("aaaaaa"))));
}

#[test]
fn a_second_triage_waits_for_the_session_of_the_first() {
    let mut rig = Rig::listed();
    rig.keys("t n t r");
    rig.sees("a session is being opened; then triage again");
    rig.settle();
    rig.sees("CONFIRM: Set the workflow to NOTIFIED");
    assert_eq!((rig.sessions, rig.count("runbook.opened")), (1, 0));
}

#[test]
fn marked_rows_that_no_one_call_takes_are_one_set_in_the_triage_session_of_the_day() {
    let mut rig = Rig::listed();
    rig.arrive(vec![elsewhere(1, "111122223333")]);
    rig.keys("Space Space t a");
    rig.settle();
    assert_eq!(rig.model.screen(), Screen::Findings);
    assert_eq!(rig.model.findings.marked.len(), 2);
    rig.sees("CONFIRM: set 1, 2 action(s) (danger 1)");
    rig.sees("1. Archive the finding: 0001 in eu-west-1");
    rig.sees("2. Archive the finding: 0001 in eu-west-1");
    assert_eq!(rig.count("finding.attached"), 2);
    // What was not approved is not kept for later.
    rig.wait(400);
    rig.keys("Esc");
    rig.save();
    rig.sees("cancelled; nothing was sent");
    assert_eq!(rig.count("action.cancelled"), 2);
    rig.keys("t l");
    rig.sees("Nothing was staged or done in this session");
}

#[test]
fn no_more_than_fifty_rows_are_triaged_at_once() {
    let many = (0..51)
        .map(|i| quell_core::finding::Finding { id: format!("many-{i}").as_str().into(), ..findings()[0].clone() });
    let mut rig = Rig::empty();
    rig.arrive(many.collect());
    for _ in 0..51 {
        rig.keys("Space");
    }
    rig.keys("t n");
    rig.sees("51 marked; at most 50 are triaged at once (triage_limit)");
    assert!(rig.desk.is_empty());
    rig.model.account.triage_limit = 51;
    rig.keys("t n");
    assert_eq!(rig.desk.len(), 1);
}

/// What a connection would plan for marked findings in Security Hub: each is named.
fn batch(request: &Request, sets: &str) -> Plan {
    let Some(Value::List(ids)) = request.fields.get("findings") else { panic!("{request:?}") };
    let ids = ids.iter().map(|id| json!({ "Id": id.text, "ProductArn": "arn:aws:securityhub:::product/p" }));
    let input = json!({ "FindingIdentifiers": ids.collect::<Vec<_>>(), "Workflow": { "Status": sets } });
    let mut plan = super::fixtures::plan(request);
    plan.requests =
        vec![PlannedRequest { service: "securityhub".into(), operation: "BatchUpdateFindings".into(), input }];
    plan.confirm = "2".into();
    plan
}

/// Two marked rows are one plan; it is approved and runs.
fn batch_runs() -> Rig {
    let mut rig = Rig::listed();
    rig.keys("Space Space t n");
    rig.attach();
    rig.save();
    let Some(Reads::Plan { generation, request }) = rig.reads.pop() else { panic!("{:?}", rig.reads) };
    assert_eq!(request.fields["workflow"], Value::Text(Word::own("NOTIFIED")));
    let result = Box::new(Ok(batch(&request, "NOTIFIED")));
    rig.feed(Input::Planned { generation, result });
    rig.sees("CONFIRM: Set the workflow to NOTIFIED");
    rig.resize(140, 40);
    // Who approves reads what they are before the ids that are sent.
    rig.sees("finding   CRIT UnauthorizedAccess:EC2/MaliciousIPCaller.Custom i-0abc12d34e5f67890 (web-3)");
    rig.sees("finding   HIGH Backdoor:EC2/C&CActivity.B!DNS i-0f00ba47deadbeef0 (web-3)");
    let screen = rig.screen();
    assert!(screen.find("finding   HIGH") < screen.find("sends     securityhub:"), "{screen}");
    rig.sees_not("finding   MED");
    rig.wait(400);
    rig.keys("y Enter");
    rig.settle();
    assert_eq!(rig.model.findings.marked.len(), 2);
    rig
}

fn workflows(rig: &Rig) -> Vec<Option<Workflow>> {
    rig.model.findings.shown().map(|finding| finding.workflow).collect()
}

#[test]
fn what_was_taken_is_marked_no_more_and_shown_over_stale_readings_for_ten_minutes() {
    let mut rig = batch_runs();
    rig.end(succeeded());
    assert_eq!(workflows(&rig), [None; 4]);
    rig.save();
    assert!(rig.model.findings.marked.is_empty());
    let (notified, none) = (Some(Workflow::Notified), None);
    assert_eq!(workflows(&rig), [notified, notified, none, none]);
    rig.arrive(findings());
    assert_eq!(workflows(&rig), [notified, notified, none, none]);
    rig.wait(599_000);
    rig.arrive(findings());
    assert_eq!(workflows(&rig), [notified, notified, none, none]);
    rig.wait(1_000);
    rig.arrive(findings());
    assert_eq!(workflows(&rig), [none; 4]);
}

#[test]
fn what_security_hub_did_not_take_stays_marked() {
    let mut rig = batch_runs();
    let first = findings()[0].id.clone();
    let undo = Some(json!({ "Workflow": {}, "Taken": [first] }));
    let message = "1 of 2 findings updated; 0002: FindingNotFound".into();
    rig.end(Outcome::Partly { message, request_ids: vec![], undo });
    rig.save();
    assert_eq!(rig.model.findings.marked.iter().collect::<Vec<_>>(), [&findings()[1].id]);
    assert_eq!(workflows(&rig), [Some(Workflow::Notified), None, None, None]);
    rig.sees("failed half-way, t u undoes what was done: 1 of 2 findings updated; 0002:");
}

/// In the incident that a triage belongs to `u` chooses what no step holds.
#[test]
fn a_triage_that_ends_in_its_incident_says_the_keys_of_that() {
    for (outcome, words) in [
        (Outcome::Unknown { why: "no answer".into() }, "unknown outcome: no answer; u looks up what happened"),
        (
            Outcome::Partly { message: "1 of 2".into(), request_ids: vec![], undo: Some(json!({})) },
            "failed half-way, u undoes what was done: 1 of 2",
        ),
    ] {
        let mut rig = batch_runs();
        rig.model.show(Screen::Incident);
        rig.end(outcome);
        rig.sees(words);
    }
}

/// A triage has no step with a mark: it is chosen, and looked up.
#[test]
fn a_triage_of_unknown_outcome_is_looked_up_from_the_list() {
    let mut rig = batch_runs();
    rig.keys("t l");
    rig.sees("[>] Set the workflow to NOTIFIED on");
    rig.end(Outcome::Unknown { why: "AWS did not answer in time".into() });
    rig.sees("unknown outcome: AWS did not answer in time; t u looks up what happened");
    // What came of it stands on the page that is open, or comes back; another text over it stays what it is.
    rig.sees("[>] Set the workflow to NOTIFIED on");
    rig.keys("?");
    rig.save();
    rig.sees("Keys: ");
    rig.keys("q");
    rig.sees("[?] Set the workflow to NOTIFIED on");
    rig.sees("AWS did not answer in time");
    rig.keys("q t u");
    rig.sees("look up: Set the workflow to NOTIFIED");
    rig.keys("Enter");
    assert!(matches!(rig.reads.last(), Some(Reads::Check { .. })), "{:?}", rig.reads.last());
}

#[test]
fn severity_fields_and_feedback_are_asked_for_and_planned() {
    let asked = |keys: &str, typed: &str| {
        let mut rig = Rig::listed();
        rig.keys(keys);
        rig.type_in(typed);
        rig.keys("Enter");
        rig.attach();
        rig.save();
        match rig.reads.pop() {
            Some(Reads::Plan { request, .. }) => (request.kind.as_str().to_owned(), request.fields),
            other => panic!("{other:?}"),
        }
    };
    let one = |name: &str, value: Value| [(name.into(), value)].into();
    let text = |text: &str| Value::Text(Word::own(text));
    assert_eq!(asked("t v", "2"), ("securityhub-workflow".to_owned(), one("severity", text("HIGH"))));
    let fields = Value::Map(one("ticket", text("IR-7")));
    assert_eq!(asked("t f", "ticket = IR-7"), ("securityhub-workflow".to_owned(), one("user_fields", fields)));
    let (kind, fields) = asked("t g", "2");
    assert_eq!((kind.as_str(), &fields["state"]), ("guardduty-archive", &text("unchanged")));
    assert_eq!(fields["feedback"], text("NOT_USEFUL"));
    let mut rig = Rig::listed();
    rig.keys("t f");
    rig.type_in("ticket");
    rig.keys("Enter");
    rig.sees("a name, = and a text are needed");
}
