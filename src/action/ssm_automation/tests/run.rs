use super::*;

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
fn a_run_is_followed_and_its_outputs_are_kept() {
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
        (format!("started as {EXECUTION}"), 0, 0),
        ("ValidateRequiredInputs: InProgress".to_owned(), 0, 2),
        ("Approve: waits for an approval: u answers it".to_owned(), 1, 2),
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
}

#[test]
fn a_run_that_was_found_again_is_followed_to_its_end_and_kept_as_if_never_lost() {
    let validate = |status| step("ValidateRequiredInputs", "aws:executeScript", status);
    let going = || execution("InProgress", &[validate("InProgress")], json!({}));
    let bench = bench(started(), vec![going(), going(), succeeded()]);
    let plan = planned(&bench);
    let (outcome, reports) = bench.follow(&SsmAutomation, &plan, EXECUTION);
    let Outcome::Succeeded { undo, request_ids, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(undo, &Some(json!({"BackupS3BucketName": "ir-backups", "BackupS3KeyName": KEY})));
    // Who called was answered in a console that is gone.
    assert_eq!(raws(request_ids), [""; 0]);
    let told = [("ValidateRequiredInputs: InProgress".to_owned(), 0, 1), ("Success".to_owned(), 2, 2)];
    assert_eq!(steps(&reports), told);
    let kept = reports.iter().any(
        |report| matches!(report, Report::Output { name, .. } if raw(name) == format!("automation-{EXECUTION}.json")),
    );
    assert!(kept, "{reports:?}");
    assert_eq!(bench.count("StartAutomationExecution"), 0);
    let asked: Json = serde_json::from_str(&bench.body("GetAutomationExecution")).unwrap();
    assert_eq!(asked["AutomationExecutionId"], EXECUTION);
}

#[test]
fn a_run_is_started_once_with_its_token_and_undone_by_its_backup() {
    let bench = bench(started(), vec![succeeded()]);
    let plan = planned(&bench);
    let (outcome, _) = bench.execute(&SsmAutomation, &plan);
    assert_eq!(bench.count("StartAutomationExecution"), 1);
    let sent: Json = serde_json::from_str(&bench.body("StartAutomationExecution")).unwrap();
    assert_eq!(sent["ClientToken"], TOKEN);
    assert_eq!(sent["Tags"], json!([{"Key": format!("quell:token:{TOKEN}"), "Value": "aaaaaaaaaaaaaaaaaaaaaaaaaa:7"}]));
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
    // The automation's word is no proof: the interface has its former group still.
    assert_eq!(verified.holds, Some(false));
    assert_eq!(fact(&verified.facts, "interface eni-0aaaaaaaaaaaaaaa1").as_deref(), Some("sg-0bbbbbbbbbbbbbbb1"));
}

fn ended(status: &str, steps: &[Json], more: Json) -> (Plan, Outcome) {
    let bench = bench(started(), vec![execution(status, steps, more)]);
    let plan = planned(&bench);
    let (outcome, _) = bench.execute(&SsmAutomation, &plan);
    (plan, outcome)
}

#[test]
fn what_ends_behind_its_backup_says_what_may_stand_and_is_restored() {
    let mut backup = step("BackupInstanceSecurityGroups", "aws:executeScript", "Success");
    backup["Outputs"] = json!({"Message": [format!("s3://ir-backups/{KEY}")]});
    for status in ["Failed", "TimedOut", "Cancelled", "Rejected"] {
        let steps = [backup.clone(), step("CreateAllAccessSecurityGroup", "aws:executeScript", status)];
        let why = json!({"FailureMessage": "Step fails\u{1b}[2J: no such group"});
        let (plan, outcome) = ended(status, &steps, why);
        let Outcome::Partly { message, undo, request_ids } = &outcome else { panic!("{outcome:?}") };
        let expected = format!(
            "AWSSupport-ContainEC2Instance: {status} ({EXECUTION}): Step fails\\u{{1b}}[2J: no such group; it ended in \
             CreateAllAccessSecurityGroup ({status}), after 1 of 2 steps, and the document may have changed a part: the \
             instance may be as it was, open to everyone on every port by the document's all-access group, or cut off; \
             look at the security groups of its interfaces now; what stood before is in s3://ir-backups/{KEY}"
        );
        assert_eq!(raw(message), expected);
        assert_eq!(raws(request_ids), ["req-1"]);
        assert_eq!(undo, &Some(json!({"BackupS3BucketName": "ir-backups", "BackupS3KeyName": KEY})));
        let restore = SsmAutomation.undo(&plan, &outcome).unwrap();
        let Value::Map(parameters) = &restore.fields["parameters"] else { panic!() };
        assert_eq!(parameters["Action"], Value::List(vec![Word::own("Restore")]));
        assert_eq!(parameters["BackupS3KeyName"], Value::List(vec![Word::own(KEY)]));
    }
}

/// A bucket that the document makes stands in an output of its own, and in no parameter.
#[test]
fn a_backup_is_found_in_outputs_of_its_own() {
    let mut backup = step("BackupInstanceSecurityGroups", "aws:executeScript", "Success");
    backup["Outputs"] =
        json!({"BackupS3BucketName": ["made-1a2b"], "BackupS3KeyName": [KEY], "Bucket.State": ["a: kept"]});
    let (_, outcome) = ended("Cancelled", &[backup], json!({}));
    let Outcome::Partly { undo, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(undo, &Some(json!({"BackupS3BucketName": "made-1a2b", "BackupS3KeyName": KEY})));
}

#[test]
fn what_ends_before_its_backup_has_changed_nothing() {
    let failed = step("ValidateRequiredInputs", "aws:executeScript", "Failed");
    let (plan, outcome) = ended("Failed", &[failed], json!({"FailureMessage": "no"}));
    assert_eq!(failure(&outcome), (FailClass::Failed, format!("{CONTAIN}: Failed ({EXECUTION}): no")));
    assert_eq!(SsmAutomation.undo(&plan, &outcome), None);
}

/// Without the rest of its steps nobody knows where the backup is: no failure, and no success without an undo.
#[test]
fn an_end_whose_steps_can_not_be_read_is_unknown() {
    for status in ["Cancelled", "Success"] {
        let first = step("ValidateRequiredInputs", "aws:executeScript", "Success");
        let cut = execution(status, &[first], json!({"StepExecutionsTruncated": true}));
        let denied = Answer::refused(400, "AccessDeniedException", "{\"__type\":\"AccessDeniedException\"}");
        let bench = account([
            ("DescribeDocument", vec![document(CONTAIN, "Amazon", "h1")]),
            ("StartAutomationExecution", vec![started()]),
            ("GetAutomationExecution", vec![cut]),
            ("DescribeAutomationStepExecutions", vec![denied]),
        ]);
        let (outcome, _) = bench.execute(&SsmAutomation, &planned(&bench));
        let Outcome::Unknown { why } = outcome else { panic!("{outcome:?}") };
        let expected = format!(
            "{CONTAIN}: {status} ({EXECUTION}): its steps can't be read, and with them what it changed and where its \
             backup is"
        );
        assert_eq!(raw(&why), expected);
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
    for (lost, looks) in [(Answer::Lost, 72), (denied, 1)] {
        let bench = bench(started(), vec![lost]);
        let (outcome, _) = bench.execute(&SsmAutomation, &planned(&bench));
        let Outcome::Unknown { why } = outcome else { panic!("{outcome:?}") };
        assert!(raw(&why).starts_with(&format!("the execution {EXECUTION} was started; it can't be read")));
        // Each look is tried up to three times by the SDK when the network is lost.
        assert_eq!(bench.count("GetAutomationExecution"), looks);
    }
}

#[test]
fn a_document_that_was_changed_meanwhile_is_not_run() {
    let bench = account([(
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
fn after_silence_the_tag_tells() {
    let listed = |ids: &[&str]| {
        let all: Vec<Json> =
            ids.iter().map(|id| json!({"AutomationExecutionId": id, "DocumentName": CONTAIN})).collect();
        ok(&json!({"AutomationExecutionMetadataList": all}))
    };
    let bench = |lists: Vec<Answer>, look: Answer| {
        account([
            ("DescribeDocument", vec![document(CONTAIN, "Amazon", "h1")]),
            ("DescribeAutomationExecutions", lists),
            ("GetAutomationExecution", vec![look]),
        ])
    };
    let found = |bench: &Bench| bench.check(&SsmAutomation, &planned(bench));
    assert_eq!(found(&bench(vec![listed(&[])], succeeded())), Found::NotSent);
    // One of the newest has other parameters; the other is a run with the very same ones.
    assert_eq!(found(&bench(vec![listed(&[]), listed(&["other"])], succeeded())), Found::NotSent);
    let parameters = json!({"Parameters": {
        "InstanceId": [INSTANCE], "Action": ["Contain"], "DryRun": ["false"], "KmsKey": ["alias/aws/ebs"],
        "BackupS3BucketAccess": ["arn:aws:iam::111122223333:role/ir"],
    }});
    let same = found(&bench(
        vec![listed(&[]), listed(&["other"])],
        execution("Success", &[step("A", "aws:pause", "Success")], parameters),
    ));
    let Found::CannotTell(why) = same else { panic!("{same:?}") };
    assert!(raw(&why).contains("but other has the same document and parameters"), "{}", raw(&why));
    let running = execution("InProgress", &[step("A", "aws:pause", "InProgress")], json!({}));
    assert_eq!(found(&bench(vec![listed(&[EXECUTION])], running)), Found::Running(Untrusted::from(EXECUTION)));
    let ended = bench(vec![listed(&[EXECUTION])], succeeded());
    assert!(matches!(found(&ended), Found::Ended(Outcome::Succeeded { undo: Some(_), .. })));
    let filter: Json = serde_json::from_str(&ended.body("DescribeAutomationExecutions")).unwrap();
    assert_eq!(filter["Filters"], json!([{"Key": "TagKey", "Values": [format!("quell:token:{TOKEN}")]}]));
    let denied = Answer::refused(400, "AccessDeniedException", "{\"__type\":\"AccessDeniedException\"}");
    assert!(matches!(found(&bench(vec![denied], succeeded())), Found::CannotTell(_)));
    assert!(matches!(found(&bench(vec![listed(&[EXECUTION, "other"])], succeeded())), Found::CannotTell(_)));
}

#[test]
fn what_is_started_quietly_carries_no_tag_and_is_found_by_its_document_and_time() {
    let quiet = |bench: &Bench| bench.plan(&SsmAutomation, &Request { quiet: true, ..contain("false") }).unwrap();
    let sends = bench(started(), vec![succeeded()]);
    let plan = quiet(&sends);
    assert!(matches!(sends.execute(&SsmAutomation, &plan).0, Outcome::Succeeded { .. }));
    let sent: Json = serde_json::from_str(&sends.body("StartAutomationExecution")).unwrap();
    assert_eq!((sent.get("Tags"), sent["ClientToken"].as_str()), (None, Some(TOKEN)));
    let tagged = bench(started(), vec![succeeded()]);
    tagged.execute(&SsmAutomation, &planned(&tagged));
    let sent: Json = serde_json::from_str(&tagged.body("StartAutomationExecution")).unwrap();
    assert_eq!(sent["Tags"][0]["Key"], format!("quell:token:{TOKEN}"));
    // Silence: what runs is looked for.
    let listed = |ids: &[&str]| {
        let all: Vec<Json> = ids.iter().map(|id| json!({"AutomationExecutionId": id})).collect();
        ok(&json!({"AutomationExecutionMetadataList": all}))
    };
    let parameters = json!({"Parameters": {
        "InstanceId": [INSTANCE], "Action": ["Contain"], "DryRun": ["false"],
        "BackupS3BucketAccess": ["arn:aws:iam::111122223333:role/ir"],
    }});
    let runs = || execution("InProgress", &[step("A", "aws:pause", "InProgress")], parameters.clone());
    let bench = |ids: &[&str], look: Answer| {
        account([
            ("DescribeDocument", vec![document(CONTAIN, "Amazon", "h1")]),
            ("DescribeAutomationExecutions", vec![listed(ids)]),
            ("GetAutomationExecution", vec![look]),
        ])
    };
    let found = |bench: &Bench| bench.check(&SsmAutomation, &quiet(bench));
    assert_eq!(found(&bench(&[], runs())), Found::NotSent);
    let one = bench(&[EXECUTION], runs());
    assert_eq!(found(&one), Found::Running(Untrusted::from(EXECUTION)));
    let asked: Json = serde_json::from_str(&one.body("DescribeAutomationExecutions")).unwrap();
    assert_eq!(asked["Filters"][0], json!({"Key": "DocumentNamePrefix", "Values": [CONTAIN]}));
    assert_eq!(asked["Filters"][1]["Key"], "StartTimeAfter");
    // Other parameters are another's run; of two nobody knows which.
    assert_eq!(found(&bench(&[EXECUTION], succeeded())), Found::NotSent);
    let Found::CannotTell(why) = found(&bench(&[EXECUTION, "other"], runs())) else { panic!() };
    assert_eq!(raw(&why), "several executions of the document have these parameters: look at them");
}
