use super::super::testing::*;
use super::super::{Action, Request, Value, Word};
use super::{Plan, SecurityhubWorkflow};
use crate::aws::fake::Answer;
use quell_core::finding::{Label, Said, Severity, Workflow};
use quell_core::incident::{FailClass, Found, Outcome};
use serde_json::{Value as Json, json};

const ID: &str = "arn:aws:securityhub:eu-west-1:111122223333:subscription/cis/v/1/S3.8/finding/f-1";
const OTHER: &str = "arn:aws:securityhub:eu-west-1:111122223333:subscription/cis/v/1/S3.8/finding/f-2";
const PRODUCT: &str = "arn:aws:securityhub:eu-west-1::product/aws/securityhub";
const UPDATE: &str = "PATCH /findings/batchupdate";
const GET: &str = "POST /findings";

fn found(all: &[(&str, &str)]) -> Answer {
    let findings: Vec<Json> = all
        .iter()
        .map(|(id, status)| {
            json!({"Id": id, "ProductArn": PRODUCT, "SchemaVersion": "2018-10-08", "GeneratorId": "g",
                   "AwsAccountId": "111122223333", "Workflow": {"Status": status}})
        })
        .collect();
    Answer::ok(json!({ "Findings": findings }).to_string())
}

fn updated(unprocessed: Json) -> Answer {
    let processed = json!([{"Id": ID, "ProductArn": PRODUCT}]);
    Answer::ok(json!({"ProcessedFindings": processed, "UnprocessedFindings": unprocessed}).to_string())
}

fn bench(found: Vec<Answer>, update: Vec<Answer>) -> Bench {
    Bench::new([(GET, found), (UPDATE, update)])
}

fn set<const N: usize>(fields: [(&str, Value); N]) -> Request {
    request(&SecurityhubWorkflow, finding(ID, "bucket"), fields)
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&SecurityhubWorkflow, &set([("workflow", own("NOTIFIED")), ("note", own("seen"))])).unwrap()
}

#[test]
fn the_plan_names_the_finding_its_product_and_the_status_before() {
    let bench = bench(vec![found(&[(ID, "NEW")])], vec![]);
    let plan = planned(&bench);
    assert_eq!(
        plan.requests[0].input,
        json!({
            "FindingIdentifiers": [{"Id": ID, "ProductArn": PRODUCT}],
            "Workflow": {"Status": "NOTIFIED"},
            "Note": {"Text": "seen", "UpdatedBy": "quell"},
        })
    );
    assert_eq!((plan.requests[0].service.as_str(), plan.danger), ("securityhub", 1));
    assert_eq!(plan.requests[0].operation, "BatchUpdateFindings");
    assert_eq!(raw(&plan.confirm), ID);
    assert_eq!(fact(&plan.facts, &format!("workflow of {ID}")).as_deref(), Some("NEW"));
    assert_eq!(raw(&plan.undo), "Set the status back to NEW.");
    assert!(raws(&plan.warnings).iter().any(|w| w.contains("the attacker too")));
    let asked: Json = serde_json::from_str(&bench.body(GET)).unwrap();
    assert_eq!(asked["Filters"]["Id"], json!([{"Value": ID, "Comparison": "EQUALS"}]));
    assert_eq!(asked["Filters"]["AwsAccountId"], json!([{"Value": "111122223333", "Comparison": "EQUALS"}]));
    let hash = |status: &str| {
        let bench = super::tests::bench(vec![found(&[(ID, "NEW")])], vec![]);
        bench.plan(&SecurityhubWorkflow, &set([("workflow", own(status))])).unwrap().hash().unwrap()
    };
    assert_eq!(hash("RESOLVED"), hash("RESOLVED"));
    assert_ne!(hash("RESOLVED"), hash("SUPPRESSED"));
}

#[test]
fn an_update_is_sent_once_verified_and_undone() {
    let bench =
        bench(vec![found(&[(ID, "NEW")]), found(&[(ID, "NEW")]), found(&[(ID, "NOTIFIED")])], vec![updated(json!([]))]);
    let plan = planned(&bench);
    let (outcome, _) = bench.execute(&SecurityhubWorkflow, &plan);
    let Outcome::Succeeded { outcome: words, undo, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(raw(words), "1 finding(s) set to NOTIFIED");
    assert_eq!(undo, &Some(json!({"Workflow": {ID: "NEW"}})));
    assert_eq!(bench.count(UPDATE), 1);
    let sent: Json = serde_json::from_str(&bench.body(UPDATE)).unwrap();
    assert_eq!(sent, plan.requests[0].input);
    assert_eq!(bench.verify(&SecurityhubWorkflow, &plan, &outcome).holds, Some(true));
    let undo = SecurityhubWorkflow.undo(&plan, &outcome).unwrap();
    let again = bench.plan(&SecurityhubWorkflow, &undo).unwrap();
    assert_eq!(again.requests[0].input["Workflow"]["Status"], "NEW");
    assert_eq!(again.requests[0].input.get("Note"), None);
    assert_eq!(raw(&again.confirm), ID);
}

#[test]
fn several_findings_go_back_to_their_own_statuses() {
    let before = [(ID, "NEW"), (OTHER, "SUPPRESSED")];
    let bench = bench(vec![found(&before)], vec![updated(json!([]))]);
    let findings = Value::List(vec![Word::own(ID), Word::own(OTHER)]);
    let request = set([("workflow", own("RESOLVED")), ("findings", findings)]);
    let plan = bench.plan(&SecurityhubWorkflow, &request).unwrap();
    assert_eq!((raw(&plan.confirm), raw(&plan.target.resource)), ("2".to_owned(), "2 findings".to_owned()));
    assert_eq!(plan.requests.len(), 1);
    let (outcome, _) = bench.execute(&SecurityhubWorkflow, &plan);
    let undo = SecurityhubWorkflow.undo(&plan, &outcome).unwrap();
    let Value::Map(before) = &undo.fields["workflows"] else { panic!() };
    assert_eq!((&before[ID], &before[OTHER]), (&own("NEW"), &own("SUPPRESSED")));
    let now = super::tests::bench(vec![found(&[(ID, "RESOLVED"), (OTHER, "RESOLVED")])], vec![]);
    let back = now.plan(&SecurityhubWorkflow, &undo).unwrap();
    let statuses: Vec<&Json> = back.requests.iter().map(|r| &r.input["Workflow"]["Status"]).collect();
    assert_eq!(statuses, ["NEW", "SUPPRESSED"]);
}

#[test]
fn what_security_hub_does_not_take_is_a_failure_with_its_words() {
    let unprocessed = json!([{"FindingIdentifier": {"Id": OTHER, "ProductArn": PRODUCT},
                              "ErrorCode": "FindingNotFound", "ErrorMessage": "no \u{1b}such"}]);
    let both = [(ID, "NEW"), (OTHER, "SUPPRESSED")];
    let bench = bench(vec![found(&both)], vec![updated(unprocessed.clone())]);
    let findings = Value::List(vec![Word::own(ID), Word::own(OTHER)]);
    let plan = bench.plan(&SecurityhubWorkflow, &set([("workflow", own("NOTIFIED")), ("findings", findings)])).unwrap();
    let (outcome, _) = bench.execute(&SecurityhubWorkflow, &plan);
    let Outcome::Partly { message, undo, .. } = &outcome else { panic!("{outcome:?}") };
    let expected = format!("1 of 2 findings updated; {OTHER}: FindingNotFound no \\u{{1b}}such");
    assert_eq!(raw(message), expected);
    assert_eq!(undo, &Some(json!({"Workflow": {ID: "NEW"}, "Taken": [ID]})));
    // What was taken is told of the list, and what was not is not.
    let told = SecurityhubWorkflow.told(&plan, undo.as_ref());
    let notified = Said { workflow: Some(Workflow::Notified), ..Said::default() };
    assert_eq!(told, [(ID.into(), notified)]);
    assert_eq!(SecurityhubWorkflow.told(&plan, None).len(), 2);
    let back = SecurityhubWorkflow.undo(&plan, &outcome).unwrap();
    assert_eq!(back.fields["workflows"], Value::Map([(ID.into(), own("NEW"))].into()));
    // Nothing of it was taken.
    let none = super::tests::bench(vec![found(&[(OTHER, "NEW")])], vec![updated(unprocessed)]);
    let request = set([("workflow", own("NOTIFIED")), ("findings", Value::List(vec![Word::own(OTHER)]))]);
    let plan = none.plan(&SecurityhubWorkflow, &request).unwrap();
    let (class, message) = failure(&none.execute(&SecurityhubWorkflow, &plan).0);
    assert_eq!(class, FailClass::NotFound);
    assert!(message.starts_with("0 of 1 findings updated; "), "{message}");
}

#[test]
fn what_changed_meanwhile_stops_the_call() {
    let bench = bench(vec![found(&[(ID, "NEW")]), found(&[(ID, "RESOLVED")])], vec![]);
    let (class, message) = failure(&bench.execute(&SecurityhubWorkflow, &planned(&bench)).0);
    assert_eq!(class, FailClass::Conflict);
    assert!(message.contains("was NEW, is now RESOLVED"), "{message}");
    assert_eq!(bench.count(UPDATE), 0);
}

#[test]
fn an_error_is_a_failure_and_silence_is_unknown() {
    let denied = Answer::refused(403, "AccessDeniedException", "{\"Message\":\"no\"}");
    let bench_ = bench(vec![found(&[(ID, "NEW")])], vec![denied]);
    assert_eq!(failure(&bench_.execute(&SecurityhubWorkflow, &planned(&bench_)).0).0, FailClass::Denied);
    for silence in [Answer::Lost, Answer::Hangs, Answer::ok("{\"Processed")] {
        let bench = bench(vec![found(&[(ID, "NEW")])], vec![silence.clone()]);
        let (outcome, _) = bench.execute(&SecurityhubWorkflow, &planned(&bench));
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{silence:?}: {outcome:?}");
        assert_eq!(bench.count(UPDATE), 1, "{silence:?}");
    }
}

#[test]
fn after_silence_the_status_tells() {
    let arrived = bench(vec![found(&[(ID, "NEW")]), found(&[(ID, "NOTIFIED")])], vec![]);
    let found_ = arrived.check(&SecurityhubWorkflow, &planned(&arrived));
    let Found::Ended(Outcome::Succeeded { undo, .. }) = found_ else { panic!("{found_:?}") };
    assert_eq!(undo, Some(json!({"Workflow": {ID: "NEW"}})));
    let not_there = bench(vec![found(&[(ID, "NEW")])], vec![]);
    assert!(matches!(not_there.check(&SecurityhubWorkflow, &planned(&not_there)), Found::CannotTell(_)));
    let already = bench(vec![found(&[(ID, "NOTIFIED")])], vec![]);
    assert!(matches!(already.check(&SecurityhubWorkflow, &planned(&already)), Found::CannotTell(_)));
}

#[test]
fn hostile_or_unknown_values_are_refused() {
    let bench = bench(vec![found(&[])], vec![]);
    let refuse = |request: &Request| bench.plan(&SecurityhubWorkflow, request).unwrap_err().what;
    assert_eq!(refuse(&set([("workflow", filled("DONE"))])), "DONE is no workflow status");
    assert_eq!(refuse(&set([])), "securityhub-workflow needs the field workflow, severity, user_fields or note");
    refuse(&set([("workflow", own("NEW")), ("note", filled("a\u{202e}b"))]));
    refuse(&set([("workflow", own("NEW")), ("note", own(&"n".repeat(513)))]));
    refuse(&set([("workflow", own("NEW")), ("findings", filled("f\nf"))]));
    let many = (0..101).map(|n| Word::own(format!("f-{n}"))).collect();
    assert_eq!(
        refuse(&set([("workflow", own("NEW")), ("findings", Value::List(many))])),
        "more than 100 findings in one action"
    );
    assert_eq!(bench.count(GET), 0);
    assert_eq!(refuse(&set([("workflow", own("NEW"))])), format!("Security Hub has no finding {ID}"));
    let mut other = set([("workflow", own("NEW"))]);
    other.finding.as_mut().unwrap().account = Some("444455556666".into());
    assert!(refuse(&other).contains("the credentials are for 111122223333"));
}

/// A finding with a severity and fields of the team's own.
fn rated(id: &str, label: &str, normalized: i32, fields: Json) -> Json {
    json!({"Id": id, "ProductArn": PRODUCT, "Workflow": {"Status": "NEW"},
           "Severity": {"Label": label, "Normalized": normalized, "Product": 8.0}, "UserDefinedFields": fields})
}

fn answer(all: &[Json]) -> Answer {
    Answer::ok(json!({ "Findings": all }).to_string())
}

#[test]
fn severity_and_fields_are_set_and_put_back_exactly() {
    let before = rated(ID, "HIGH", 75, json!({"team": "shop"}));
    let after = rated(ID, "LOW", 1, json!({"team": "shop", "ticket": "IR-7"}));
    let bench = bench(
        vec![answer(std::slice::from_ref(&before)), answer(&[before]), answer(&[after])],
        vec![updated(json!([]))],
    );
    let fields = Value::Map([("ticket".into(), own("IR-7"))].into());
    let plan = bench.plan(&SecurityhubWorkflow, &set([("severity", own("LOW")), ("user_fields", fields)])).unwrap();
    let expected = json!({
        "FindingIdentifiers": [{"Id": ID, "ProductArn": PRODUCT}],
        "Severity": {"Label": "LOW"},
        "UserDefinedFields": {"team": "shop", "ticket": "IR-7"},
    });
    assert_eq!(plan.requests[0].input, expected);
    assert_eq!(fact(&plan.facts, &format!("severity of {ID}")).as_deref(), Some("HIGH 75"));
    assert_eq!(fact(&plan.facts, &format!("workflow of {ID}")), None);
    assert_eq!(raw(&plan.undo), "Set the severity back to HIGH, the user-defined fields back to what they were.");
    let (outcome, _) = bench.execute(&SecurityhubWorkflow, &plan);
    let sent: Json = serde_json::from_str(&bench.body(UPDATE)).unwrap();
    assert_eq!(sent, expected);
    assert_eq!(bench.verify(&SecurityhubWorkflow, &plan, &outcome).holds, Some(true));
    let low = Severity { label: Some(Label::Low), score: Some(1.0) };
    let said = Said { severity: Some(low), ..Said::default() };
    assert_eq!(SecurityhubWorkflow.told(&plan, None), [(ID.into(), said)]);
    let undo = SecurityhubWorkflow.undo(&plan, &outcome).unwrap();
    let back = bench.plan(&SecurityhubWorkflow, &undo).unwrap();
    let expected = json!({
        "FindingIdentifiers": [{"Id": ID, "ProductArn": PRODUCT}],
        "Severity": {"Label": "HIGH", "Normalized": 75},
        "UserDefinedFields": {"team": "shop"},
    });
    assert_eq!(back.requests[0].input, expected);
}

#[test]
fn after_silence_severity_and_fields_tell_what_was_before() {
    let before = rated(ID, "HIGH", 75, json!({"team": "shop"}));
    let after = rated(ID, "LOW", 1, json!({"team": "ours"}));
    let bench = bench(vec![answer(&[before]), answer(&[after])], vec![]);
    let fields = Value::Map([("team".into(), own("ours"))].into());
    let plan = bench.plan(&SecurityhubWorkflow, &set([("severity", own("LOW")), ("user_fields", fields)])).unwrap();
    let found = bench.check(&SecurityhubWorkflow, &plan);
    let Found::Ended(Outcome::Succeeded { undo, .. }) = found else { panic!("{found:?}") };
    let had =
        json!({"Severity": {ID: {"Label": "HIGH", "Normalized": 75}}, "UserDefinedFields": {ID: {"team": "shop"}}});
    assert_eq!(undo, Some(had));
}

#[test]
fn of_several_findings_those_that_are_not_there_are_left_out_and_said() {
    let bench = bench(vec![found(&[(ID, "NEW")])], vec![]);
    let findings = Value::List(vec![Word::own(ID), Word::own(OTHER)]);
    let plan = bench.plan(&SecurityhubWorkflow, &set([("workflow", own("NOTIFIED")), ("findings", findings)])).unwrap();
    assert_eq!((raw(&plan.confirm), raw(&plan.target.resource)), ("1".to_owned(), "1 finding".to_owned()));
    assert_eq!(raws(&plan.warnings)[0], format!("LEFT OUT: Security Hub has no finding {OTHER}"));
    assert_eq!(plan.requests[0].input["FindingIdentifiers"].as_array().unwrap().len(), 1);
}

#[test]
fn a_hundred_findings_are_looked_up_twenty_at_a_time_and_sent_at_once() {
    let ids: Vec<String> = (0..100).map(|n| format!("f-{n:03}")).collect();
    let page = |ids: &[String]| found(&ids.iter().map(|id| (id.as_str(), "NEW")).collect::<Vec<_>>());
    let bench = bench(ids.chunks(20).map(page).collect(), vec![]);
    let findings = Value::List(ids.iter().map(|id| Word::own(id.as_str())).collect());
    let plan = bench.plan(&SecurityhubWorkflow, &set([("workflow", own("NOTIFIED")), ("findings", findings)])).unwrap();
    assert_eq!((bench.count(GET), plan.requests.len(), raw(&plan.confirm)), (5, 1, "100".to_owned()));
    // Many at once are approved by their count.
    assert_eq!(plan.danger, 2);
    assert_eq!(plan.requests[0].input["FindingIdentifiers"].as_array().unwrap().len(), 100);
}

#[test]
fn what_would_not_fit_into_a_record_is_refused() {
    let ids: Vec<String> = (0..20).map(|n| format!("f-{n:03}{}", "x".repeat(1500))).collect();
    let there = found(&ids.iter().map(|id| (id.as_str(), "NEW")).collect::<Vec<_>>());
    let bench = bench(vec![there], vec![]);
    let findings = Value::List(ids.iter().map(|id| Word::own(id.as_str())).collect());
    let said = bench.plan(&SecurityhubWorkflow, &set([("workflow", own("NOTIFIED")), ("findings", findings)]));
    assert_eq!(said.unwrap_err().what, "the plan is longer than a record of the timeline may be");
    // The fields of each finding stand in what is read back.
    let few: Vec<String> = (0..20).map(|n| format!("f-{n:03}")).collect();
    let bench =
        super::tests::bench(vec![found(&few.iter().map(|id| (id.as_str(), "NEW")).collect::<Vec<_>>())], vec![]);
    let fields: Vec<(Box<str>, Value)> = (0..3).map(|n| (format!("n{n}").into(), own(&"y".repeat(1024)))).collect();
    let findings = Value::List(few.iter().map(|id| Word::own(id.as_str())).collect());
    let asked = set([("user_fields", Value::Map(fields.into_iter().collect())), ("findings", findings)]);
    let said = bench.plan(&SecurityhubWorkflow, &asked).unwrap_err().what;
    assert_eq!(said, "the plan is longer than a record of the timeline may be");
}

#[test]
fn what_is_no_severity_or_field_is_refused() {
    let bench = bench(vec![found(&[])], vec![]);
    let refuse = |request: &Request| bench.plan(&SecurityhubWorkflow, request).unwrap_err().what;
    assert_eq!(refuse(&set([("severity", filled("WORST"))])), "WORST is no severity");
    let fields = |name: &str, value: &str| Value::Map([(name.into(), filled(value))].into());
    refuse(&set([("user_fields", fields("a\u{202e}", "b"))]));
    refuse(&set([("user_fields", fields("a", "b\n"))]));
    assert_eq!(refuse(&set([("user_fields", fields("a", ""))])), "a user-defined field's name or text is empty");
    refuse(&set([("severities", fields(ID, "HIGH 101"))]));
    refuse(&set([("severities", fields(ID, "HIGH x"))]));
    assert_eq!(bench.count(GET), 0);
}
