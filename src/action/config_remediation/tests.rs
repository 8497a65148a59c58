use super::super::testing::*;
use super::super::{Action, Request, Value};
use super::ConfigRemediation;
use crate::aws::fake::Answer;
use quell_core::incident::{FailClass, Found, Outcome, Plan};
use serde_json::json;

const RULE: &str = "s3-public";
const DESCRIBE: &str = "DescribeRemediationConfigurations";
const START: &str = "StartRemediationExecution";
const STATUS: &str = "DescribeRemediationExecutionStatus";

fn remedy(document: &str, automatic: bool) -> Answer {
    let one = json!({ "ConfigRuleName": RULE, "TargetType": "SSM_DOCUMENT", "TargetId": document, "TargetVersion": "2",
        "Parameters": { "Bucket": { "ResourceValue": { "Value": "RESOURCE_ID" } } }, "Automatic": automatic,
        "MaximumAutomaticAttempts": 5, "RetryAttemptSeconds": 60 });
    Answer::ok(json!({ "RemediationConfigurations": [one] }).to_string())
}

/// The last run: its state and when it began; none where there was none.
fn last(run: Option<(&str, u32)>) -> Answer {
    let shown = |(state, at): (&str, u32)| {
        let key = json!({ "resourceType": "AWS::S3::Bucket", "resourceId": "b" });
        let mut step = json!({ "Name": "Block", "State": if state == "IN_PROGRESS" { "PENDING" } else { state } });
        if state == "FAILED" {
            step["ErrorMessage"] = "Access Denied".into();
        }
        json!({ "ResourceKey": key, "State": state, "StepDetails": [step], "InvocationTime": f64::from(at) })
    };
    let all: Vec<_> = run.into_iter().map(shown).collect();
    Answer::ok(json!({ "RemediationExecutionStatuses": all }).to_string())
}

fn bench(start: Answer, runs: Vec<Answer>) -> Bench {
    Bench::new([(DESCRIBE, vec![remedy("Block", false)]), (START, vec![start]), (STATUS, runs)])
}

fn good() -> Answer {
    Answer::ok("{}")
}

fn ask<const N: usize>(more: [(&str, Value); N]) -> Request {
    let fields = [("rule", own(RULE)), ("type", own("AWS::S3::Bucket"))];
    let mut request = request(&ConfigRemediation, finding("f-1", "b"), fields);
    request.fields.extend(more.into_iter().map(|(name, value)| (name.into(), value)));
    request
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&ConfigRemediation, &ask([])).unwrap()
}

#[test]
fn the_plan_says_which_document_will_run_and_whether_it_runs_by_itself() {
    let plan = planned(&bench(good(), vec![last(None)]));
    let key = json!({ "resourceType": "AWS::S3::Bucket", "resourceId": "b" });
    assert_eq!(plan.requests[0].input, json!({ "ConfigRuleName": RULE, "ResourceKeys": [key] }));
    assert_eq!((plan.danger, raw(&plan.confirm).as_str()), (3, "b"));
    let said = |name: &str| fact(&plan.facts, name).unwrap();
    assert_eq!((said("document"), said("last run")), ("Block, version 2".into(), "none".into()));
    assert_eq!(said("automatic"), "no: it runs when it is asked to");
    assert_eq!(said("parameters"), "{\"Bucket\":{\"ResourceValue\":{\"Value\":\"RESOURCE_ID\"}}}");
    let automatic = Bench::new([(DESCRIBE, vec![remedy("Block", true)]), (STATUS, vec![last(Some(("SUCCEEDED", 5)))])]);
    let plan = planned(&automatic);
    assert_eq!(fact(&plan.facts, "automatic").as_deref(), Some("yes, up to 5 times in 60 s"));
    assert_eq!(fact(&plan.facts, "last run").as_deref(), Some("1970-01-01T00:00:05Z"));
    assert!(raws(&plan.warnings).iter().any(|said| said.starts_with("Config runs this remediation by itself too")));
}

#[test]
fn a_run_is_followed_from_its_own_beginning() {
    let old = || last(Some(("SUCCEEDED", 5)));
    let bench = bench(good(), vec![old(), old(), old(), last(Some(("IN_PROGRESS", 9))), last(Some(("SUCCEEDED", 9)))]);
    let plan = planned(&bench);
    let (outcome, reports) = bench.execute(&ConfigRemediation, &plan);
    let Outcome::Succeeded { outcome: told, undo: None, facts, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(raw(told), "remediation of b: SUCCEEDED");
    assert_eq!(fact(facts, "started").as_deref(), Some("1970-01-01T00:00:09Z"));
    assert_eq!((bench.count(START), reports.len()), (1, 4));
    assert_eq!(bench.verify(&ConfigRemediation, &plan, &outcome).holds, None);
    assert!(ConfigRemediation.undo(&plan, &outcome).is_none());
}

#[test]
fn what_config_does_not_start_and_what_fails_says_why() {
    let key = json!({ "resourceType": "AWS::S3::Bucket", "resourceId": "b" });
    let none = Answer::ok(json!({ "FailureMessage": "In progress.", "FailedItems": [key] }).to_string());
    let bench_none = bench(none, vec![last(None)]);
    let (class, message) = failure(&bench_none.execute(&ConfigRemediation, &planned(&bench_none)).0);
    assert_eq!((class, message.as_str()), (FailClass::Failed, "Config did not start it: In progress."));
    let bad = bench(good(), vec![last(None), last(None), last(Some(("FAILED", 9)))]);
    let (class, message) = failure(&bad.execute(&ConfigRemediation, &planned(&bad)).0);
    assert_eq!((class, message.as_str()), (FailClass::Failed, "remediation of b: FAILED: Access Denied"));
    let code = "NoSuchRemediationConfigurationException";
    let gone = bench(Answer::refused(400, code, r#"{"message":"No."}"#), vec![last(None)]);
    assert_eq!(failure(&gone.execute(&ConfigRemediation, &planned(&gone)).0).0, FailClass::NotFound);
}

#[test]
fn after_silence_a_run_that_began_since_tells_unless_config_runs_it_by_itself() {
    for silence in [Answer::Lost, Answer::Hangs, Answer::ok("[]"), Answer::refused(500, "InternalFailure", "{}")] {
        let runs = vec![last(None), last(None), last(Some(("IN_PROGRESS", 9))), last(Some(("SUCCEEDED", 9)))];
        let bench = bench(silence, runs);
        let plan = planned(&bench);
        assert!(matches!(bench.execute(&ConfigRemediation, &plan).0, Outcome::Unknown { .. }));
        assert_eq!(bench.check(&ConfigRemediation, &plan), Found::Running("s3-public for b".into()));
        assert!(matches!(bench.check(&ConfigRemediation, &plan), Found::Ended(Outcome::Succeeded { .. })));
        assert_eq!(bench.count(START), 1);
    }
    let none = bench(Answer::Lost, vec![last(None)]);
    let Found::CannotTell(why) = none.check(&ConfigRemediation, &planned(&none)) else { panic!() };
    assert!(raw(&why).contains("look again in a minute"), "{why:?}");
    let runs = vec![last(None), last(Some(("SUCCEEDED", 9)))];
    let automatic = Bench::new([(DESCRIBE, vec![remedy("Block", true)]), (STATUS, runs)]);
    assert!(matches!(automatic.check(&ConfigRemediation, &planned(&automatic)), Found::CannotTell(_)));
}

#[test]
fn a_run_that_was_found_again_is_followed_to_its_end() {
    let runs = vec![last(None), last(Some(("IN_PROGRESS", 9))), last(Some(("SUCCEEDED", 9)))];
    let bench = bench(good(), runs);
    let plan = planned(&bench);
    let (outcome, reports) = bench.follow(&ConfigRemediation, &plan, "s3-public for b");
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    assert_eq!((reports.len(), bench.count(START)), (2, 0));
}

#[test]
fn what_changed_stops_it_and_what_is_not_named_is_refused() {
    let changed = Bench::new([
        (DESCRIBE, vec![remedy("Block", false), remedy("Other", false)]),
        (START, vec![good()]),
        (STATUS, vec![last(None)]),
    ]);
    assert_eq!(failure(&changed.execute(&ConfigRemediation, &planned(&changed)).0).0, FailClass::Conflict);
    // Somebody else has run it meanwhile.
    let raced = bench(good(), vec![last(None), last(Some(("SUCCEEDED", 9)))]);
    assert_eq!(failure(&raced.execute(&ConfigRemediation, &planned(&raced)).0).0, FailClass::Conflict);
    assert_eq!((changed.count(START), raced.count(START)), (0, 0));
    let bench = bench(good(), vec![last(None)]);
    let refuse = |field: &str, value: Value| bench.plan(&ConfigRemediation, &ask([(field, value)])).unwrap_err().what;
    assert!(refuse("type", own("bucket")).starts_with("type is not a resource type such as AWS::S3::Bucket"));
    assert!(refuse("resource", filled("b\u{202e}")).starts_with("resource is not text in which"));
    let none = Bench::new([(DESCRIBE, vec![Answer::ok("{}")])]);
    assert_eq!(none.plan(&ConfigRemediation, &ask([])).unwrap_err().what, "the rule s3-public has no remediation");
}
