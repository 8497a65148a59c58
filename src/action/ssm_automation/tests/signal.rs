//! What is said to a running automation: once, to the run that was seen, and what came of it.

use super::super::SsmSignal;
use super::*;

fn asks(signal: &str) -> Request {
    request(&SsmSignal, finding("f-1", INSTANCE), [("execution", own(EXECUTION)), ("signal", own(signal))])
}

fn waiting() -> Answer {
    execution(
        "Waiting",
        &[step("Find", "aws:executeAwsApi", "Success"), step("Ask", "aws:approve", "Waiting")],
        json!({}),
    )
}

fn answered(step_status: &str, status: &str) -> Answer {
    execution(
        status,
        &[step("Find", "aws:executeAwsApi", "Success"), step("Ask", "aws:approve", step_status)],
        json!({}),
    )
}

fn bench(looks: Vec<Answer>) -> Bench {
    account([
        ("GetAutomationExecution", looks),
        ("StopAutomationExecution", vec![ok(&json!({}))]),
        ("SendAutomationSignal", vec![ok(&json!({}))]),
    ])
}

#[test]
fn a_run_is_stopped_once_and_read_back() {
    let bench = bench(vec![waiting(), waiting(), answered("Cancelled", "Cancelling")]);
    let plan = bench.plan(&SsmSignal, &asks("stop")).unwrap();
    assert_eq!((plan.danger, raw(&plan.confirm).as_str()), (2, EXECUTION));
    assert_eq!(plan.requests[0].operation, "StopAutomationExecution");
    assert_eq!(plan.requests[0].input, json!({"AutomationExecutionId": EXECUTION, "Type": "Cancel"}));
    assert!(raw(&plan.warnings[0]).contains("nothing is rolled back"));
    assert_eq!(fact(&plan.facts, "stands at").as_deref(), Some("Ask: waits for an approval: u answers it"));
    let (outcome, _) = bench.execute(&SsmSignal, &plan);
    assert!(matches!(&outcome, Outcome::Succeeded { undo: None, .. }), "{outcome:?}");
    assert_eq!(bench.count("StopAutomationExecution"), 1);
    assert_eq!(bench.verify(&SsmSignal, &plan, &outcome).holds, Some(true));
}

#[test]
fn a_step_that_waits_is_approved_or_rejected() {
    for (word, signal, after, status, holds) in [
        ("approve", "Approve", "Success", "InProgress", Some(true)),
        ("reject", "Reject", "Failed", "Failed", Some(true)),
        ("approve", "Approve", "Failed", "Failed", Some(false)),
        ("reject", "Reject", "Success", "InProgress", Some(false)),
        // Another approval may be wanted.
        ("approve", "Approve", "Waiting", "Waiting", None),
    ] {
        let bench = bench(vec![waiting(), waiting(), answered(after, status)]);
        let plan = bench.plan(&SsmSignal, &asks(word)).unwrap();
        assert_eq!(plan.requests[0].input, json!({"AutomationExecutionId": EXECUTION, "SignalType": signal}));
        let (outcome, _) = bench.execute(&SsmSignal, &plan);
        assert_eq!(bench.count("SendAutomationSignal"), 1);
        assert_eq!(bench.verify(&SsmSignal, &plan, &outcome).holds, holds, "{word} {after}");
        assert_eq!((plan.danger, plan.destroys.len()), if word == "approve" { (3, 1) } else { (2, 0) });
    }
}

#[test]
fn what_does_not_run_or_does_not_wait_takes_no_answer() {
    let refused = |signal: &str, look: Answer| bench(vec![look]).plan(&SsmSignal, &asks(signal)).unwrap_err().what;
    assert_eq!(refused("stop", answered("Success", "Success")), "the execution does not run: it is Success");
    assert_eq!(refused("stop", answered("Cancelled", "Cancelling")), "the execution does not run: it is Cancelling");
    assert_eq!(refused("approve", answered("Success", "InProgress")), "no step of the execution waits for an approval");
    assert_eq!(refused("pause", waiting()), "signal is stop, approve or reject");
    let bad = request(&SsmSignal, finding("f-1", INSTANCE), [("execution", filled("a b; c")), ("signal", own("stop"))]);
    let problem = bench(vec![waiting()]).plan(&SsmSignal, &bad).unwrap_err();
    assert!(problem.what.starts_with("execution is "), "{}", problem.what);
}

/// Whoever stops or answers a run sees what it acts on, not only its id.
#[test]
fn a_plan_names_what_the_run_acts_on() {
    let more = json!({
        "Parameters": {"InstanceId": [INSTANCE], "Action": ["Contain"], "DryRun": ["false"], "TagIdentifier": [""]},
        "Targets": [{"Key": "tag:role", "Values": ["web", "db"]}],
    });
    let runs = || execution("Waiting", &[step("Ask", "aws:approve", "Waiting")], more.clone());
    let bench = bench(vec![runs()]);
    let plan = bench.plan(&SsmSignal, &asks("stop")).unwrap();
    let told: Vec<(String, String)> = plan.facts.iter().map(|fact| (raw(&fact.name), raw(&fact.value))).collect();
    let expected = [
        ("document", CONTAIN),
        ("Action", "Contain"),
        ("DryRun", "false"),
        ("InstanceId", INSTANCE),
        ("targets", "tag:role: web, db"),
        ("execution", EXECUTION),
        ("stands at", "Ask: waits for an approval: u answers it"),
    ];
    assert_eq!(told, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(
        raw(&plan.warnings[1]).starts_with("What it contains may stand half-way: the instance may be as it was, open")
    );
    // An approval stops nothing.
    assert_eq!(bench.plan(&SsmSignal, &asks("approve")).unwrap().warnings.len(), 1);
}

/// Another step waits by now, or the run has ended: what was approved was meant for what was seen.
#[test]
fn an_answer_is_for_the_step_that_was_seen() {
    let other = execution("Waiting", &[step("Ask again", "aws:approve", "Waiting")], json!({}));
    for later in [other, answered("Success", "InProgress"), answered("Failed", "Failed")] {
        let bench = bench(vec![waiting(), later]);
        let plan = bench.plan(&SsmSignal, &asks("approve")).unwrap();
        let (outcome, _) = bench.execute(&SsmSignal, &plan);
        let Outcome::Failed { class, .. } = &outcome else { panic!("{outcome:?}") };
        assert!(matches!(class, FailClass::Conflict | FailClass::NotSent));
        assert_eq!(bench.count("SendAutomationSignal"), 0);
    }
}

#[test]
fn what_came_of_an_answer_is_looked_up() {
    let found = |signal: &str, look: Answer| {
        let bench = bench(vec![waiting(), look]);
        let plan = bench.plan(&SsmSignal, &asks(signal)).unwrap();
        bench.check(&SsmSignal, &plan)
    };
    assert!(matches!(found("stop", answered("Cancelled", "Cancelled")), Found::Ended(Outcome::Succeeded { .. })));
    // It may not have arrived yet.
    assert!(matches!(found("stop", answered("Success", "InProgress")), Found::CannotTell(_)));
    assert!(matches!(found("stop", answered("Success", "Success")), Found::CannotTell(_)));
    assert!(matches!(found("approve", answered("Success", "InProgress")), Found::Ended(Outcome::Succeeded { .. })));
    assert!(matches!(found("approve", waiting()), Found::CannotTell(_)));
    assert!(matches!(found("reject", waiting()), Found::CannotTell(_)));
}

/// What is offered on a running automation is the request for it, in the automation's own account and region.
#[test]
fn a_run_offers_what_can_be_said_to_it() {
    let parameters = [("InstanceId", filled(INSTANCE)), ("Action", own("Contain")), ("DryRun", own("false"))];
    let parameters = Value::Map(parameters.into_iter().map(|(k, v)| (k.into(), v)).collect());
    let automation = account([("DescribeDocument", vec![document(CONTAIN, "Amazon", "h")])]);
    let fields = [("document", own(CONTAIN)), ("parameters", parameters)];
    let plan = automation.plan(&SsmAutomation, &request(&SsmAutomation, finding("f-1", INSTANCE), fields)).unwrap();
    // An answer is offered only where a step waits for one.
    let waits = "Ask: waits for an approval: u answers it";
    assert_eq!(SsmAutomation.signals(waits), ["Stop", "Approve the step that waits", "Reject the step that waits"]);
    for told in ["", "Ask: InProgress", "Ask: paused, to be resumed in AWS"] {
        assert_eq!(SsmAutomation.signals(told), ["Stop"], "{told}");
    }
    assert_eq!(SsmSignal.signals(waits), [""; 0]);
    let stop = SsmAutomation.signal(&plan, &EXECUTION.into(), 0).unwrap();
    assert_eq!((stop.kind.as_str(), stop.account.as_ref()), ("ssm-signal", Some(&plan.target.account)));
    assert_eq!((stop.fields["execution"].clone(), stop.fields["signal"].clone()), (own(EXECUTION), own("stop")));
    assert_eq!(SsmAutomation.signal(&plan, &EXECUTION.into(), 2).unwrap().fields["signal"], own("reject"));
    assert!(SsmAutomation.signal(&plan, &EXECUTION.into(), 3).is_none());
}
