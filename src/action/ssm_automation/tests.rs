use super::super::testing::*;
use super::super::{Action, Report, Request, Value, Word};
use super::{Plan, SsmAutomation};
use crate::aws::fake::Answer;
use quell_core::incident::{FailClass, Found, Outcome};
use quell_core::text::Untrusted;
use serde_json::{Value as Json, json};

const CONTAIN: &str = "AWSSupport-ContainEC2Instance";
const INSTANCE: &str = "i-0abc12d34e5f67890";
const EXECUTION: &str = "71bf0f37-40fe-4404-9bb0-2eb5e33d550c";
const KEY: &str = "2026/06/12/20/59/71bf0f37-40fe-4404-9bb0-2eb5e33d550c.json";

fn ok(body: &Json) -> Answer {
    Answer::ok(body.to_string())
}

fn parameter(name: &str, default: Option<&str>) -> Json {
    match default {
        Some(default) => json!({"Name": name, "Type": "String", "DefaultValue": default}),
        None => json!({"Name": name, "Type": "String"}),
    }
}

fn document(name: &str, owner: &str, hash: &str) -> Answer {
    let optional = ["BackupS3BucketName", "BackupS3KeyName", "AutomationAssumeRole", "TagIdentifier"];
    let mut parameters = vec![
        parameter("InstanceId", None),
        parameter("Action", None),
        parameter("DryRun", Some("true")),
        json!({"Name": "BackupS3BucketAccess", "Type": "StringList", "DefaultValue": "[]"}),
    ];
    parameters.extend(optional.iter().map(|name| parameter(name, Some(""))));
    ok(&json!({"Document": {
        "Name": name, "Owner": owner, "DocumentVersion": "4", "Status": "Active", "DocumentType": "Automation",
        "Hash": hash, "Parameters": parameters,
    }}))
}

fn started() -> Answer {
    ok(&json!({"AutomationExecutionId": EXECUTION}))
}

fn step(name: &str, action: &str, status: &str) -> Json {
    json!({"StepName": name, "Action": action, "StepStatus": status})
}

fn execution(status: &str, steps: &[Json], more: Json) -> Answer {
    let mut execution = json!({
        "AutomationExecutionId": EXECUTION, "DocumentName": CONTAIN, "DocumentVersion": "4",
        "AutomationExecutionStatus": status, "StepExecutions": steps, "StepExecutionsTruncated": false,
    });
    let members = execution.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    ok(&json!({"AutomationExecution": execution}))
}

fn succeeded() -> Answer {
    let mut report = step("ReportContain", "aws:executeScript", "Success");
    let message = format!("### (Amazon S3) Bucket : ir-backups\n### Amazon S3 prefix : {KEY}\n");
    report["Outputs"] = json!({"Message": [message]});
    let outputs = json!({"Outputs": {"ContainEC2Instance.Output": ["contained"]}});
    execution("Success", &[step("ValidateRequiredInputs", "aws:executeScript", "Success"), report], outputs)
}

fn bench(start: Answer, looks: Vec<Answer>) -> Bench {
    Bench::new([
        ("DescribeDocument", vec![document(CONTAIN, "Amazon", "h1")]),
        ("StartAutomationExecution", vec![start]),
        ("GetAutomationExecution", looks),
    ])
}

fn given(name: &str, parameters: &[(&str, Value)]) -> Request {
    let map = parameters.iter().map(|(k, v)| ((*k).into(), v.clone())).collect();
    let fields = [("document", own(name)), ("parameters", Value::Map(map))];
    request(&SsmAutomation, finding("f-1", INSTANCE), fields)
}

fn contain(dry: &str) -> Request {
    let id = Word { text: INSTANCE.into(), filled: true };
    let parameters = [
        ("InstanceId", Value::List(vec![id])),
        ("Action", Value::List(vec![Word::own("Contain")])),
        ("DryRun", Value::List(vec![Word::own(dry)])),
        ("BackupS3BucketAccess", Value::List(vec![Word::own("arn:aws:iam::111122223333:role/ir")])),
    ];
    given(CONTAIN, &parameters)
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&SsmAutomation, &contain("false")).unwrap()
}

fn steps(reports: &[Report]) -> Vec<(String, u32, u32)> {
    let step = |report: &Report| match report {
        Report::Step(step) => Some((raw(&step.text), step.done, step.of)),
        Report::Output { .. } => None,
    };
    reports.iter().filter_map(step).collect()
}

#[test]
fn the_plan_says_what_is_started_and_what_it_does_not_stop() {
    let plan = planned(&bench(started(), vec![]));
    assert_eq!(
        plan.requests[0].input,
        json!({
            "DocumentName": "AWSSupport-ContainEC2Instance", "Mode": "Auto",
            "Parameters": {
                "InstanceId": ["i-0abc12d34e5f67890"], "Action": ["Contain"], "DryRun": ["false"],
                "BackupS3BucketAccess": ["arn:aws:iam::111122223333:role/ir"],
            },
        })
    );
    assert_eq!((plan.requests[0].service.as_str(), plan.requests.len()), ("ssm", 1));
    assert_eq!(plan.requests[0].operation, "StartAutomationExecution");
    assert_eq!(raw(&plan.confirm), INSTANCE);
    assert_eq!(raw(&plan.target.resource), INSTANCE);
    assert_eq!(plan.danger, 2);
    let warnings = raws(&plan.warnings).join("\n");
    for words in [
        "always tracks",
        "DNS through the VPC resolver and the metadata service",
        "Auto Scaling",
        "your own permissions",
    ] {
        assert!(warnings.contains(words), "{words}: {warnings}");
    }
    assert!(raw(&plan.undo).contains("Action Restore"), "{}", raw(&plan.undo));
    assert_eq!(fact(&plan.facts, "document owner").as_deref(), Some("Amazon"));
    assert_eq!(fact(&plan.facts, "document hash").as_deref(), Some("h1"));
}

#[test]
fn the_hash_follows_target_and_parameters() {
    let bench = bench(started(), vec![]);
    let hash = |request: &Request| bench.plan(&SsmAutomation, request).unwrap().hash().unwrap();
    let plain = hash(&contain("false"));
    assert_eq!(plain, hash(&contain("false")));
    assert_ne!(plain, hash(&contain("true")));
    let mut other = contain("false");
    let Some(Value::Map(map)) = other.fields.get_mut("parameters") else { panic!() };
    map.insert("InstanceId".into(), own("i-0abc12d34e5f67891"));
    assert_ne!(plain, hash(&other));
}

#[test]
fn a_dry_run_is_danger_one_and_says_that_it_contains_nothing() {
    let bench = bench(started(), vec![succeeded()]);
    let plan = bench.plan(&SsmAutomation, &contain("true")).unwrap();
    assert_eq!(plan.danger, 1);
    assert_eq!(raws(&plan.warnings)[0], "DryRun is true: this run contains nothing, it only says what it would do.");
    let (outcome, _) = bench.execute(&SsmAutomation, &plan);
    assert!(matches!(outcome, Outcome::Succeeded { .. }));
    assert_eq!(SsmAutomation.undo(&plan, &outcome), None);
    assert_eq!(bench.verify(&SsmAutomation, &plan, &outcome).holds, None);
}

#[test]
fn a_run_is_started_once_followed_and_undone_by_its_backup() {
    let validate = |status| step("ValidateRequiredInputs", "aws:executeScript", status);
    let approve = |status| step("Approve", "aws:approve", status);
    let bench = bench(
        started(),
        vec![
            execution("InProgress", &[validate("InProgress"), approve("Pending")], json!({})),
            execution("InProgress", &[validate("InProgress"), approve("Pending")], json!({})),
            execution("Waiting", &[validate("Success"), approve("Waiting")], json!({})),
            succeeded(),
        ],
    );
    let plan = planned(&bench);
    let (outcome, reports) = bench.execute(&SsmAutomation, &plan);
    let Outcome::Succeeded { outcome: words, undo, facts, request_ids } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(raw(words), format!("AWSSupport-ContainEC2Instance: Success ({EXECUTION})"));
    assert_eq!(undo, &Some(json!({"BackupS3BucketName": "ir-backups", "BackupS3KeyName": KEY})));
    assert_eq!(fact(facts, "execution").as_deref(), Some(EXECUTION));
    assert_eq!(fact(facts, "BackupS3KeyName").as_deref(), Some(KEY));
    assert_eq!(fact(facts, "ContainEC2Instance.Output").as_deref(), Some("contained"));
    assert_eq!(raws(request_ids), ["req-1"]);
    let told = [
        ("AWSSupport-ContainEC2Instance: starting".to_owned(), 0, 0),
        (format!("started as {EXECUTION}"), 0, 0),
        ("ValidateRequiredInputs: InProgress".to_owned(), 0, 2),
        ("Approve: waits for an approval, which is given in AWS".to_owned(), 1, 2),
        ("Success".to_owned(), 2, 2),
    ];
    assert_eq!(steps(&reports), told);
    let evidence = reports.iter().find_map(|report| match report {
        Report::Output { name, bytes } => Some((raw(name), bytes.clone())),
        Report::Step(_) => None,
    });
    let (name, bytes) = evidence.unwrap();
    assert_eq!(name, format!("automation-{EXECUTION}.json"));
    let kept: Json = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(kept["StepExecutions"][1]["StepName"], "ReportContain");

    assert_eq!(bench.count("StartAutomationExecution"), 1);
    let sent: Json = serde_json::from_str(&bench.body("StartAutomationExecution")).unwrap();
    assert_eq!(sent["ClientToken"], TOKEN);
    assert_eq!(sent["Tags"], json!([{"Key": "quell:token", "Value": TOKEN}]));
    assert_eq!(sent["Parameters"]["InstanceId"], json!([INSTANCE]));
    assert_eq!(sent["Parameters"]["DryRun"], json!(["false"]));
    assert_eq!(sent.get("DocumentVersion"), None);

    let undo = SsmAutomation.undo(&plan, &outcome).unwrap();
    let again = bench.plan(&SsmAutomation, &undo).unwrap();
    assert_eq!(
        again.requests[0].input["Parameters"],
        json!({
            "Action": ["Restore"], "DryRun": ["false"], "InstanceId": [INSTANCE],
            "BackupS3BucketName": ["ir-backups"], "BackupS3KeyName": [KEY],
        })
    );
    assert_eq!(again.danger, 2);
    assert_eq!(raw(&again.target.resource), INSTANCE);
    let verified = bench.verify(&SsmAutomation, &plan, &outcome);
    assert_eq!(verified.holds, None);
    assert!(fact(&verified.facts, "not verified").unwrap().contains("flow logs"));
}

#[test]
fn a_failed_automation_says_why_and_where_the_backup_is() {
    for status in ["Failed", "TimedOut", "Cancelled", "Rejected"] {
        let mut report = step("ReportContainFailure", "aws:executeScript", "Success");
        report["Outputs"] = json!({"Message": [format!("s3://ir-backups/{KEY}")]});
        let failed = execution(status, &[report], json!({"FailureMessage": "Step fails\u{1b}[2J: no such group"}));
        let bench = bench(started(), vec![failed]);
        let (class, message) = failure(&bench.execute(&SsmAutomation, &planned(&bench)).0);
        assert_eq!(class, FailClass::Failed);
        let expected = format!(
            "AWSSupport-ContainEC2Instance: {status} ({EXECUTION}): Step fails\\u{{1b}}[2J: no such group; what stood \
             before is in s3://ir-backups/{KEY}"
        );
        assert_eq!(message, expected);
    }
}

#[test]
fn an_error_at_the_start_is_a_failure_and_silence_is_unknown() {
    let code = |code: &'static str| Answer::refused(400, code, format!("{{\"__type\":\"{code}\",\"Message\":\"no\"}}"));
    for (code_, class) in [
        ("AccessDeniedException", FailClass::Denied),
        ("AutomationDefinitionNotFoundException", FailClass::NotFound),
        ("InvalidAutomationExecutionParametersException", FailClass::Validation),
        ("AutomationExecutionLimitExceededException", FailClass::Conflict),
    ] {
        let bench = bench(code(code_), vec![]);
        assert_eq!(failure(&bench.execute(&SsmAutomation, &planned(&bench)).0).0, class, "{code_}");
    }
    for silence in [Answer::Lost, Answer::Hangs, Answer::ok("{\"Automation"), Answer::ok("{}")] {
        let bench = bench(silence.clone(), vec![]);
        let (outcome, _) = bench.execute(&SsmAutomation, &planned(&bench));
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{silence:?}: {outcome:?}");
        assert_eq!(bench.count("StartAutomationExecution"), 1, "{silence:?}");
        assert_eq!(bench.count("GetAutomationExecution"), 0, "{silence:?}");
    }
}

#[test]
fn a_lost_network_after_the_start_is_waited_out_and_a_denial_is_not() {
    let back = bench(started(), vec![Answer::Lost, Answer::Lost, Answer::Lost, Answer::Lost, succeeded()]);
    assert!(matches!(back.execute(&SsmAutomation, &planned(&back)).0, Outcome::Succeeded { .. }));
    let denied = Answer::refused(400, "AccessDeniedException", "{\"__type\":\"AccessDeniedException\"}");
    for lost in [Answer::Lost, denied] {
        let bench = bench(started(), vec![lost]);
        let (outcome, _) = bench.execute(&SsmAutomation, &planned(&bench));
        let Outcome::Unknown { why } = outcome else { panic!("{outcome:?}") };
        assert!(raw(&why).starts_with(&format!("the execution {EXECUTION} was started; it can't be read")));
    }
}

#[test]
fn a_document_that_was_changed_meanwhile_is_not_run() {
    let bench = Bench::new([(
        "DescribeDocument",
        vec![document("Org-Contain", "111122223333", "h1"), document("Org-Contain", "111122223333", "h2")],
    )]);
    let plan =
        bench.plan(&SsmAutomation, &given("Org-Contain", &[("InstanceId", own(INSTANCE)), ("Action", own("x"))]));
    let plan = plan.unwrap();
    assert_eq!(plan.requests[0].input["DocumentVersion"], "4");
    let (class, message) = failure(&bench.execute(&SsmAutomation, &plan).0);
    assert_eq!(class, FailClass::Conflict);
    assert_eq!(message, "nothing was sent: document hash was h1, is now h2; plan the action again");
    assert_eq!(bench.count("StartAutomationExecution"), 0);
}

#[test]
fn a_document_that_quell_does_not_know_is_never_taken_for_harmless() {
    let danger = |name: &str, owner: &str, danger: Option<u8>| {
        let bench = Bench::new([("DescribeDocument", vec![document(name, owner, "h")])]);
        let parameters = [("InstanceId", own(INSTANCE)), ("Action", own("Contain")), ("DryRun", own("false"))];
        let request = Request { danger, ..given(name, &parameters) };
        bench.plan(&SsmAutomation, &request).map(|plan| plan.danger)
    };
    assert_eq!(danger("Org-Contain", "111122223333", None).unwrap(), 3);
    assert_eq!(danger("Org-Contain", "111122223333", Some(1)).unwrap(), 2);
    assert_eq!(danger("AWS-TerminateEC2Instance", "Amazon", Some(1)).unwrap(), 3);
    assert_eq!(danger("AWS-CreateSnapshot", "Amazon", None).unwrap(), 1);
    // A name that looks like AWS's own, published by somebody else.
    assert_eq!(danger("AWS-CreateSnapshot", "111122223333", None).unwrap(), 3);
    assert_eq!(danger(CONTAIN, "Amazon", Some(1)).unwrap(), 2);
    assert_eq!(danger(CONTAIN, "Amazon", Some(3)).unwrap(), 3);
    assert!(danger(CONTAIN, "Amazon", Some(7)).is_err());
}

#[test]
fn parameters_that_do_not_fit_are_refused_before_anything_is_sent() {
    let bench = bench(started(), vec![]);
    let with = |name: &str, value: Value| {
        let mut request = contain("false");
        let Some(Value::Map(map)) = request.fields.get_mut("parameters") else { panic!() };
        map.insert(name.into(), value);
        bench.plan(&SsmAutomation, &request).map(|_| ()).map_err(|problem| problem.what)
    };
    let refused = |name: &str, value: &str| with(name, filled(value)).unwrap_err();
    assert_eq!(refused("InstanceId", "i-0abc; rm"), "InstanceId is not an EC2 instance id: i-0abc; rm");
    refused("InstanceId", "i-0abc12d34e5f67890\n");
    refused("InstanceId", "I-0ABC12D34E5F67890");
    refused("TagIdentifier", "{{ssm:/prod/password}}");
    refused("TagIdentifier", "a\u{202e}b");
    refused("TagIdentifier", &"a".repeat(513));
    refused("BackupS3BucketName", "../x");
    refused("AutomationAssumeRole", "admin");
    assert_eq!(refused("Instanceid", "x"), "AWSSupport-ContainEC2Instance has no parameter Instanceid");
    let two = Value::List(vec![Word::own("a"), Word::own("b")]);
    assert_eq!(with("TagIdentifier", two).unwrap_err(), "TagIdentifier takes one value, 2 are given");
    assert!(with("TagIdentifier", own("Key=ir,Value=$(id)")).is_ok());
    let missing = bench.plan(&SsmAutomation, &given(CONTAIN, &[("Action", own("Contain")), ("DryRun", own("false"))]));
    assert_eq!(missing.unwrap_err().what, "AWSSupport-ContainEC2Instance needs the parameter InstanceId");
    let no_dry = given(CONTAIN, &[("Action", own("Contain")), ("InstanceId", own(INSTANCE))]);
    let problem = bench.plan(&SsmAutomation, &no_dry).unwrap_err();
    assert_eq!(problem.what, "AWSSupport-ContainEC2Instance without DryRun contains nothing");
    assert_eq!(problem.meaning, "its default is true: the run would end well and change nothing");
    let template = request(&SsmAutomation, finding("f", INSTANCE), [("document", filled("AWS-DeleteSnapshot"))]);
    assert!(bench.plan(&SsmAutomation, &template).is_err());
    assert_eq!(bench.count("StartAutomationExecution"), 0);
}

#[test]
fn each_value_arrives_as_one_item_with_the_same_bytes() {
    let bench = bench(started(), vec![succeeded()]);
    let hostile = "Key=a,Value=b\",\"DryRun\":[\"true\"],\"x\":[\"' $(id) `id` && rm -rf / # \u{e9}";
    let mut request = contain("false");
    let Some(Value::Map(map)) = request.fields.get_mut("parameters") else { panic!() };
    map.insert("TagIdentifier".into(), filled(hostile));
    let plan = bench.plan(&SsmAutomation, &request).unwrap();
    bench.execute(&SsmAutomation, &plan);
    let sent: Json = serde_json::from_str(&bench.body("StartAutomationExecution")).unwrap();
    assert_eq!(sent["Parameters"]["TagIdentifier"], json!([hostile]));
    assert_eq!(sent["Parameters"]["DryRun"], json!(["false"]));
}

#[test]
fn what_is_no_ready_automation_is_refused() {
    let describe = |kind: &str, status: &str| {
        let body = json!({"Document": {"Name": "Org-X", "Owner": "1", "DocumentType": kind, "Status": status}});
        let bench = Bench::new([("DescribeDocument", vec![ok(&body)])]);
        bench.plan(&SsmAutomation, &given("Org-X", &[])).map(|_| ()).map_err(|problem| problem.what)
    };
    assert_eq!(describe("Command", "Active").unwrap_err(), "Org-X is no automation document, it is Command");
    assert_eq!(describe("Automation", "Deleting").unwrap_err(), "Org-X is not ready: Deleting");
    assert!(describe("Automation", "Active").is_ok());
    let none = Answer::refused(400, "InvalidDocument", "{\"__type\":\"InvalidDocument\",\"Message\":\"none\"}");
    let bench = Bench::new([("DescribeDocument", vec![none])]);
    assert!(bench.plan(&SsmAutomation, &given("Org-X", &[])).is_err());
}

#[test]
fn after_silence_the_tag_tells() {
    let listed = |ids: &[&str]| {
        let all: Vec<Json> =
            ids.iter().map(|id| json!({"AutomationExecutionId": id, "DocumentName": CONTAIN})).collect();
        ok(&json!({"AutomationExecutionMetadataList": all}))
    };
    let tags = |value: &str| ok(&json!({"TagList": [{"Key": "quell:token", "Value": value}]}));
    let bench = |list: Answer, tag: Vec<Answer>, look: Answer| {
        Bench::new([
            ("DescribeDocument", vec![document(CONTAIN, "Amazon", "h1")]),
            ("DescribeAutomationExecutions", vec![list]),
            ("ListTagsForResource", tag),
            ("GetAutomationExecution", vec![look]),
        ])
    };
    let found = |bench: &Bench| bench.check(&SsmAutomation, &planned(bench));
    let nowhere = bench(listed(&["other"]), vec![tags("ffffffff-16f5-5153-b017-820a0c8deb76")], succeeded());
    assert_eq!(found(&nowhere), Found::NotSent);
    let running = execution("InProgress", &[step("A", "aws:pause", "InProgress")], json!({}));
    let running = bench(listed(&["other", EXECUTION]), vec![tags("x"), tags(TOKEN)], running);
    assert_eq!(found(&running), Found::Running(Untrusted::from(EXECUTION)));
    let ended = bench(listed(&[EXECUTION]), vec![tags(TOKEN)], succeeded());
    assert!(matches!(found(&ended), Found::Ended(Outcome::Succeeded { undo: Some(_), .. })));
    let filter: Json = serde_json::from_str(&ended.body("DescribeAutomationExecutions")).unwrap();
    assert_eq!(filter["Filters"], json!([{"Key": "TagKey", "Values": ["quell:token"]}]));
    let denied = Answer::refused(400, "AccessDeniedException", "{\"__type\":\"AccessDeniedException\"}");
    assert!(matches!(found(&bench(denied, vec![tags("x")], succeeded())), Found::CannotTell(_)));
}

#[test]
fn a_contained_user_with_an_active_key_is_told() {
    let keys = |status: &str| {
        Answer::ok(format!(
            "<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata><member><UserName>deploy</UserName>\
             <AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId><Status>{status}</Status></member></AccessKeyMetadata>\
             <IsTruncated>false</IsTruncated></ListAccessKeysResult></ListAccessKeysResponse>"
        ))
    };
    let holds = |status: &str| {
        let names = ["PrincipalType", "PrincipalName", "Action", "DryRun"];
        let declared: Vec<Json> = names.iter().map(|name| parameter(name, None)).collect();
        let body = json!({"Document": {
            "Name": "AWSSupport-ContainIAMPrincipal", "Owner": "Amazon", "DocumentType": "Automation",
            "Status": "Active", "Parameters": declared,
        }});
        let bench = Bench::new([
            ("DescribeDocument", vec![ok(&body)]),
            ("StartAutomationExecution", vec![started()]),
            ("GetAutomationExecution", vec![succeeded()]),
            ("ListAccessKeys", vec![keys(status)]),
        ]);
        let values = ["IAM user", "deploy", "Contain", "false"];
        let parameters: Vec<(&str, Value)> = names.into_iter().zip(values.map(own)).collect();
        let plan = bench.plan(&SsmAutomation, &given("AWSSupport-ContainIAMPrincipal", &parameters)).unwrap();
        assert_eq!(raw(&plan.confirm), "deploy");
        let (outcome, _) = bench.execute(&SsmAutomation, &plan);
        bench.verify(&SsmAutomation, &plan, &outcome).holds
    };
    assert_eq!(holds("Active"), Some(false));
    assert_eq!(holds("Inactive"), None);
}
