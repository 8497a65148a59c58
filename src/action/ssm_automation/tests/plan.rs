use super::*;

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
        "permissions of whoever starts it",
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
fn a_document_that_quell_does_not_know_is_never_taken_for_harmless() {
    let danger = |name: &str, owner: &str, danger: Option<u8>| {
        let bench = account([("DescribeDocument", vec![document(name, owner, "h")])]);
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
    refused("TagIdentifier", "");
    refused("AutomationAssumeRole", "admin");
    assert_eq!(refused("Instanceid", "x"), "AWSSupport-ContainEC2Instance has no parameter Instanceid");
    let two = Value::List(vec![Word::own("a"), Word::own("b")]);
    assert_eq!(with("TagIdentifier", two).unwrap_err(), "TagIdentifier takes one value, 2 are given");
    assert!(with("TagIdentifier", own("Key=ir,Value=$(id)")).is_ok());
    let typed = [("InstanceId", filled("i-1")), ("Action", own("Contain")), ("DryRun", own("false"))];
    let problem = bench.plan(&SsmAutomation, &given(CONTAIN, &typed)).unwrap_err();
    assert_eq!(
        problem.next,
        "look at the finding; a value that was typed is set anew by :variable, another target is chosen by :target"
    );
    let missing = bench.plan(&SsmAutomation, &given(CONTAIN, &[("Action", own("Contain")), ("DryRun", own("false"))]));
    assert_eq!(missing.unwrap_err().what, "AWSSupport-ContainEC2Instance needs the parameter InstanceId");
    let no_dry = given(CONTAIN, &[("Action", own("Contain")), ("InstanceId", own(INSTANCE))]);
    let problem = bench.plan(&SsmAutomation, &no_dry).unwrap_err();
    assert_eq!(problem.what, "AWSSupport-ContainEC2Instance without DryRun contains nothing");
    assert_eq!(problem.meaning, "its default is true: the run would end well and change nothing");
    let template = request(&SsmAutomation, finding("f", INSTANCE), [("document", filled("AWS-DeleteSnapshot"))]);
    let problem = bench.plan(&SsmAutomation, &template).unwrap_err();
    assert_eq!(problem.what, "the document's name comes through a template");
    assert_eq!(bench.count("StartAutomationExecution"), 0);
}

#[test]
fn a_bucket_out_of_a_finding_about_something_else_is_refused() {
    const BLOCK: &str = "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock";
    let body = json!({"Document": {
        "Name": BLOCK, "Owner": "Amazon", "DocumentType": "Automation", "Status": "Active",
        "Parameters": [parameter("BucketName", None)],
    }});
    let bench = account([("DescribeDocument", vec![ok(&body)])]);
    let plan = |kind: Option<&str>, word: Word| {
        let mut request = given(BLOCK, &[("BucketName", Value::List(vec![word]))]);
        let resource = &mut request.finding.as_mut().unwrap().resource;
        (resource.kind, resource.id) = (kind.map(Untrusted::from), Some("inbox/report.pdf".into()));
        resource.name = Some("report.pdf".into());
        bench.plan(&SsmAutomation, &request).map(|plan| raw(&plan.target.resource))
    };
    let filled = |text: &str| Word { text: text.into(), filled: true };
    let refused = plan(Some("AWS::S3::Object"), filled("report.pdf")).unwrap_err();
    let what = "BucketName is the finding's resource report.pdf, which is AWS::S3::Object and no bucket";
    assert_eq!(refused.what, what);
    assert!(refused.next.contains("{{ var.bucket }}"), "{}", refused.next);
    let unknown = plan(None, filled("report.pdf")).unwrap_err();
    assert!(unknown.what.ends_with("which is of no known kind and no bucket"), "{}", unknown.what);
    assert_eq!(plan(Some("AWS::S3::Bucket"), filled("report.pdf")).unwrap(), "report.pdf");
    // A value that was asked for, or that stands in the runbook, is not the finding's.
    assert_eq!(plan(Some("AWS::S3::Object"), filled("inbox")).unwrap(), "inbox");
    assert_eq!(plan(Some("AWS::S3::Object"), Word::own("report.pdf")).unwrap(), "report.pdf");
    assert_eq!(bench.count("StartAutomationExecution"), 0);
}

#[test]
fn what_is_no_ready_automation_is_refused() {
    let describe = |kind: &str, status: &str| {
        let body = json!({"Document": {"Name": "Org-X", "Owner": "1", "DocumentType": kind, "Status": status}});
        let bench = account([("DescribeDocument", vec![ok(&body)])]);
        bench.plan(&SsmAutomation, &given("Org-X", &[])).map(|_| ()).map_err(|problem| problem.what)
    };
    assert_eq!(describe("Command", "Active").unwrap_err(), "Org-X is no automation document, it is Command");
    assert_eq!(describe("Automation", "Deleting").unwrap_err(), "Org-X is not ready: Deleting");
    assert!(describe("Automation", "Active").is_ok());
    let none = Answer::refused(400, "InvalidDocument", "{\"__type\":\"InvalidDocument\",\"Message\":\"none\"}");
    let bench = account([("DescribeDocument", vec![none])]);
    assert!(bench.plan(&SsmAutomation, &given("Org-X", &[])).is_err());
}

#[test]
fn the_own_principal_is_danger_three_and_the_arn_form_hides_nothing() {
    let names = ["PrincipalType", "PrincipalName", "Action", "DryRun"];
    let declared: Vec<Json> = names.iter().map(|name| parameter(name, None)).collect();
    let body = json!({"Document": {
        "Name": "AWSSupport-ContainIAMPrincipal", "Owner": "Amazon", "DocumentType": "Automation",
        "Status": "Active", "Parameters": declared,
    }});
    let user = super::principal::User::new();
    let bench = user.bench([("DescribeDocument", vec![ok(&body)])]);
    let plan = |document: &str, name: &str, dry: &str| {
        let values = ["IAM user", name, "Contain", dry];
        let parameters: Vec<(&str, Value)> = names.into_iter().zip(values.map(own)).collect();
        bench.plan(&SsmAutomation, &given(document, &parameters))
    };
    let document = "AWSSupport-ContainIAMPrincipal";
    let arn = "arn:aws:ssm:eu-west-1::document/AWSSupport-ContainIAMPrincipal";
    let own_user = plan(document, "responder", "false").unwrap();
    assert_eq!(own_user.danger, 3);
    assert!(raws(&own_user.warnings)[0].starts_with("This is your own access"));
    assert_eq!(plan(arn, "responder", "false").unwrap().danger, 3);
    // Any user loses its password for good.
    assert_eq!(plan(arn, "deploy", "false").unwrap().danger, 3);
    assert_eq!(plan(document, "responder", "true").unwrap().danger, 1);
    assert!(plan(arn, "deploy", "False").is_err());
    assert!(plan(document, "AWSReservedSSO_Admin_1a2b", "false").is_err());
}
