//! One document in several accounts and regions: what is planned, followed, read back and found again.

use super::*;

const BLOCK: &str = "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock";
const ADMIN: &str = "arn:aws:iam::111122223333:role/AWS-SystemsManager-AutomationAdministrationRole";
const CHILD: &str = "0b5f2c1e-8d3a-5f60-9c4e-2a7b1d9e6f03";

fn texts(words: &[&str]) -> Value {
    Value::List(words.iter().map(|word| Word::own(*word)).collect())
}

fn described() -> Answer {
    let parameters = [parameter("BucketName", None), parameter("AutomationAssumeRole", None)];
    ok(&json!({"Document": {
        "Name": BLOCK, "Owner": "Amazon", "DocumentVersion": "4", "Status": "Active", "DocumentType": "Automation",
        "Hash": "h1", "Parameters": parameters,
    }}))
}

fn wide(more: &[(&str, Value)]) -> Request {
    let mut request = given(BLOCK, &[("BucketName", own("inbox")), ("AutomationAssumeRole", own(ADMIN))]);
    let fields =
        [("accounts", texts(&["111122223333", "444455556666"])), ("regions", texts(&["eu-west-1", "eu-west-2"]))];
    let fields = fields.into_iter().chain(more.iter().cloned());
    request.fields.extend(fields.map(|(name, value)| (name.into(), value)));
    request
}

fn location(account: &str, region: &str) -> Json {
    json!({"Accounts": [account], "Regions": [region], "ExecutionRoleName": "AWS-SystemsManager-AutomationExecutionRole"})
}

fn place(account: &str, region: &str, status: &str, child: &str) -> Json {
    let mut step = step("place", "aws:executeAutomation", status);
    step["TargetLocation"] = location(account, region);
    if !child.is_empty() {
        step["Outputs"] = json!({"ExecutionId": [child], "Status": [status]});
    }
    step
}

fn parent(status: &str, places: &[Json]) -> Answer {
    execution(status, places, json!({"DocumentName": BLOCK}))
}

fn both(second: &str) -> [Json; 2] {
    [place("111122223333", "eu-west-1", "Success", CHILD), place("444455556666", "eu-west-1", second, "other")]
}

fn follows(looks: Vec<Answer>) -> Bench {
    account([
        ("DescribeDocument", vec![described()]),
        ("StartAutomationExecution", vec![started()]),
        ("GetAutomationExecution", looks),
    ])
}

#[test]
fn the_plan_shows_each_account_and_region_and_as_which_role() {
    let bench = follows(vec![]);
    let plan =
        bench.plan(&SsmAutomation, &wide(&[("execution_role", own("ir/Automation")), ("max_errors", own("25%"))]));
    let plan = plan.unwrap();
    assert_eq!(
        plan.requests[0].input["TargetLocations"],
        json!([{
            "Accounts": ["111122223333", "444455556666"], "Regions": ["eu-west-1", "eu-west-2"],
            "ExecutionRoleName": "ir/Automation", "TargetLocationMaxConcurrency": "1", "TargetLocationMaxErrors": "25%",
            "IncludeChildOrganizationUnits": false,
        }])
    );
    let role = |account: &str| Some(format!("as arn:aws:iam::{account}:role/ir/Automation"));
    for (account, region) in [
        ("111122223333", "eu-west-1"),
        ("111122223333", "eu-west-2"),
        ("444455556666", "eu-west-1"),
        ("444455556666", "eu-west-2"),
    ] {
        assert_eq!(fact(&plan.facts, &format!("in {account} {region}")), role(account));
    }
    let rate = fact(&plan.facts, "how many at once");
    assert_eq!(rate.as_deref(), Some("1; no further one once more than 25% failed"));
    // Reversible in one place, wide in four.
    assert_eq!((plan.danger, raw(&plan.confirm).as_str()), (3, "4"));
    assert_eq!(raw(&plan.target.resource), "inbox");
    assert!(raws(&plan.warnings)[0].starts_with("It runs in 4 place(s), started from 111122223333 eu-west-1: in each"));
    assert_eq!(plan.warnings.len(), 1, "what is said of Restore is no warning of another document");
    assert!(raw(&plan.undo).starts_with("In each place by itself: "), "{}", raw(&plan.undo));
    // What the configuration never lets be touched is held against each.
    assert!(plan.touches("444455556666") && !plan.touches("777788889999"));
    assert_eq!(SsmAutomation.stands(&plan), None);
}

#[test]
fn of_a_unit_nobody_knows_how_many_accounts_it_holds() {
    let mut request = wide(&[]);
    request.fields.insert("accounts".into(), texts(&["ou-1a2b-3c4d5e6f"]));
    let plan = follows(vec![]).plan(&SsmAutomation, &request).unwrap();
    assert_eq!((plan.danger, raw(&plan.confirm).as_str()), (3, "ou-1a2b-3c4d5e6f"));
    let said = fact(&plan.facts, "in ou-1a2b-3c4d5e6f eu-west-2").unwrap();
    let role = "AWS-SystemsManager-AutomationExecutionRole";
    assert_eq!(
        said,
        format!("each account of it, but of no unit in it, which quell can't list, as the role {role} there")
    );
    assert!(plan.touches("777788889999"), "it may be in the unit");
}

#[test]
fn places_that_are_not_exactly_named_are_refused() {
    let bench = follows(vec![]);
    let refused = |more: &[(&str, Value)]| bench.plan(&SsmAutomation, &wide(more)).unwrap_err().what;
    assert_eq!(
        refused(&[("accounts", texts(&["4444"]))]),
        "accounts names 4444, which is no account and no organizational unit"
    );
    assert_eq!(refused(&[("accounts", texts(&["444455556666", "444455556666"]))]), "accounts names one twice");
    assert!(refused(&[("regions", texts(&["eu-west-1.evil.example"]))]).starts_with("a region is not"));
    let many: Vec<String> = (0..51).map(|n| format!("{:012}", 100_000_000_000_u64 + n)).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(refused(&[("accounts", texts(&many))]), "accounts has more than 50 values");
    assert_eq!(refused(&[("regions", texts(&[]))]), "accounts without accounts and regions");
    assert_eq!(refused(&[("max_concurrency", own("0"))]), "max_concurrency is 0: it would run nowhere");
    for rate in ["01", "-1", "101%", "x", "%", "12345678"] {
        assert!(refused(&[("max_errors", own(rate))]).starts_with("max_errors is not"), "{rate}");
    }
    assert!(refused(&[("execution_role", own("a b"))]).starts_with("execution_role is not"));
    assert_eq!(refused(&[("execution_role", filled("Admin"))]), "execution_role comes through a template");
    assert!(refused(&[("from_region", own("nowhere"))]).starts_with("from_region is not"));
    let unit = Value::List(vec![Word { text: "ou-1a2b-3c4d5e6f".into(), filled: true }]);
    assert_eq!(refused(&[("accounts", unit)]), "an organizational unit comes through a template");
    assert_eq!(bench.count("StartAutomationExecution"), 0);
}

/// Each place writes a backup of its own, and Restore takes one.
#[test]
fn a_containment_goes_to_one_place_and_its_dry_run_to_all() {
    let bench = account([("DescribeDocument", vec![document(CONTAIN, "Amazon", "h1")])]);
    let everywhere = |dry: &str| {
        let mut request = contain(dry);
        request.fields.insert("accounts".into(), texts(&["111122223333", "444455556666"]));
        request.fields.insert("regions".into(), texts(&["eu-west-1"]));
        bench.plan(&SsmAutomation, &request)
    };
    assert_eq!(everywhere("false").unwrap_err().what, format!("{CONTAIN} is not run in several places at once"));
    let dry = everywhere("true").unwrap();
    assert_eq!((dry.danger, raw(&dry.confirm).as_str()), (2, "2"));
}

#[test]
fn each_place_is_followed_and_told() {
    let goes =
        [place("111122223333", "eu-west-1", "Success", CHILD), place("444455556666", "eu-west-1", "InProgress", "")];
    let bench = follows(vec![parent("InProgress", &goes), parent("Success", &both("Success"))]);
    let plan = bench.plan(&SsmAutomation, &wide(&[])).unwrap();
    let (outcome, reports) = bench.execute(&SsmAutomation, &plan);
    let sent: Json = serde_json::from_str(&bench.body("StartAutomationExecution")).unwrap();
    assert_eq!(sent["TargetLocations"], plan.requests[0].input["TargetLocations"]);
    assert_eq!(steps(&reports)[1], ("444455556666 eu-west-1: InProgress".to_owned(), 1, 2));
    let Outcome::Succeeded { facts, undo: None, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(fact(facts, "444455556666 eu-west-1").as_deref(), Some("Success"));
    assert_eq!(SsmAutomation.undo(&plan, &outcome), None);
}

/// AWS lets as many fail as were allowed, and calls the whole a success.
#[test]
fn what_failed_in_one_place_is_no_success() {
    for (whole, bad) in [("Success", "Failed"), ("Failed", "Failed"), ("Cancelled", "Cancelled")] {
        let mut places = both(bad);
        places[1]["FailureMessage"] = json!("unable to assume the role");
        let bench = follows(vec![parent(whole, &places)]);
        let plan = bench.plan(&SsmAutomation, &wide(&[])).unwrap();
        let (class, message) = failure(&bench.execute(&SsmAutomation, &plan).0);
        assert_eq!(class, FailClass::Failed);
        let expected = format!(
            "{BLOCK}: {whole} ({EXECUTION}); 1 of 2 places ended well; 444455556666 eu-west-1: {bad}, unable to assume \
             the role; what it did in the others stands"
        );
        assert_eq!(message, expected);
    }
}

#[test]
fn each_place_is_read_back_where_the_account_lets_it() {
    let own =
        execution("Success", &[step("A", "aws:pause", "Success")], json!({"Outputs": {"Get.Output": ["blocked"]}}));
    let gone = Answer::refused(
        400,
        "AutomationExecutionNotFoundException",
        "{\"__type\":\"AutomationExecutionNotFoundException\",\"Message\":\"no\"}",
    );
    let whole = parent("Success", &both("Success"));
    let listed = ok(&json!({"AutomationExecutionMetadataList": [{"AutomationExecutionId": CHILD}]}));
    let bench = account([
        ("DescribeDocument", vec![described()]),
        ("StartAutomationExecution", vec![started()]),
        ("GetAutomationExecution", vec![whole.clone(), whole, own, gone]),
        ("DescribeAutomationExecutions", vec![listed]),
    ]);
    let plan = bench.plan(&SsmAutomation, &wide(&[])).unwrap();
    let (outcome, _) = bench.execute(&SsmAutomation, &plan);
    let verified = bench.verify(&SsmAutomation, &plan, &outcome);
    assert_eq!(verified.holds, None);
    let told = fact(&verified.facts, "111122223333 eu-west-1");
    assert_eq!(told, Some(format!("Success ({CHILD}): Get.Output blocked")));
    let far = fact(&verified.facts, "444455556666 eu-west-1");
    assert_eq!(far.as_deref(), Some("Success, as it is told here; its own execution other can't be read from here"));
    let asked: Json = serde_json::from_str(&bench.body("DescribeAutomationExecutions")).unwrap();
    assert_eq!(asked["Filters"], json!([{"Key": "ParentExecutionId", "Values": [EXECUTION]}]));
}

/// The executions in the places have the same document and parameters, and were not sent by themselves.
#[test]
fn a_quiet_run_is_not_mistaken_for_one_of_its_places() {
    let parameters = json!({"BucketName": ["inbox"], "AutomationAssumeRole": [ADMIN]});
    let mut all = location("111122223333", "eu-west-1");
    all["Accounts"] = json!(["111122223333", "444455556666"]);
    all["Regions"] = json!(["eu-west-1", "eu-west-2"]);
    let of = |locations: Json| {
        let more = json!({"DocumentName": BLOCK, "Parameters": parameters, "TargetLocations": locations});
        execution("InProgress", &[place("111122223333", "eu-west-1", "InProgress", "")], more)
    };
    let listed = ok(&json!({"AutomationExecutionMetadataList": [
        {"AutomationExecutionId": CHILD, "ParentAutomationExecutionId": EXECUTION},
        {"AutomationExecutionId": EXECUTION},
    ]}));
    let found = |locations: Json| {
        let bench = account([
            ("DescribeDocument", vec![described()]),
            ("DescribeAutomationExecutions", vec![listed.clone()]),
            ("GetAutomationExecution", vec![of(locations)]),
        ]);
        let plan = bench.plan(&SsmAutomation, &Request { quiet: true, ..wide(&[]) }).unwrap();
        bench.check(&SsmAutomation, &plan)
    };
    assert_eq!(found(json!([all])), Found::Running(EXECUTION.into()));
    // One that runs elsewhere is another's.
    assert_eq!(found(json!([location("111122223333", "eu-west-1")])), Found::NotSent);
    assert_eq!(found(json!([])), Found::NotSent);
}

/// It is started where the block says, whatever the finding's account is.
#[test]
fn it_is_started_from_the_account_that_the_block_names() {
    let mut request = wide(&[("from_account", own("111122223333")), ("from_region", own("eu-west-1"))]);
    if let Some(finding) = request.finding.as_mut() {
        finding.account = Some("444455556666".into());
        finding.region = Some("eu-west-2".into());
    }
    assert_eq!(SsmAutomation.place(&request), Some(("111122223333".into(), "eu-west-1".into())));
    let plan = follows(vec![]).plan(&SsmAutomation, &request).unwrap();
    assert_eq!((raw(&plan.target.account).as_str(), raw(&plan.target.region).as_str()), ("111122223333", "eu-west-1"));
    assert_eq!(SsmAutomation.place(&wide(&[])), None);
    // The finding's own place never stands in for one that is named and not known.
    let mut half = wide(&[("from_account", own("444455556666"))]);
    half.finding.as_mut().unwrap().region = None;
    assert_eq!(SsmAutomation.place(&half), None);
    let problem = follows(vec![]).plan(&SsmAutomation, &half).unwrap_err();
    assert_eq!(problem.what, "it is not known from which account and region it is started");
}

/// A run in several places is stopped by the one that was started; its plan names them.
#[test]
fn who_stops_it_sees_where_it_runs() {
    let more = json!({"DocumentName": BLOCK, "TargetLocations": [location("444455556666", "eu-west-2")]});
    let runs = execution("InProgress", &[place("444455556666", "eu-west-2", "InProgress", "")], more);
    let bench = account([("GetAutomationExecution", vec![runs])]);
    let fields = [("execution", own(EXECUTION)), ("signal", own("stop"))];
    let request = request(&super::super::SsmSignal, finding("f-1", INSTANCE), fields);
    let plan = bench.plan(&super::super::SsmSignal, &request).unwrap();
    assert_eq!(fact(&plan.facts, "in").as_deref(), Some("444455556666 eu-west-2"));
}
