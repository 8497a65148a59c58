//! The policy that each kind's plan comes down to, word for word, and what becomes of one that is too long.

use super::super::by_name;
use super::policy::LONGEST;
use super::{Grant, Seal, exact, sealed};
use quell_core::incident::{Fact, Plan, PlannedRequest, Target};
use quell_core::text::{Id, json};
use serde_json::{Value, json};

/// A plan of a kind in 111122223333, eu-west-1.
fn plan(kind: &str, resource: &str, requests: &[(&str, &str, Value)]) -> Plan {
    let request = |(service, operation, input): &(&str, &str, Value)| PlannedRequest {
        service: (*service).to_owned(),
        operation: (*operation).to_owned(),
        input: input.clone(),
    };
    Plan {
        kind: Id::new(kind).unwrap(),
        title: "Do it".into(),
        step: None,
        target: Target {
            account: "111122223333".into(),
            partition: "aws".into(),
            region: "eu-west-1".into(),
            resource: resource.into(),
            through: None,
        },
        requests: requests.iter().map(request).collect(),
        facts: vec![Fact::new("a", "b")],
        danger: 1,
        destroys: Vec::new(),
        breaks: Vec::new(),
        writes: Vec::new(),
        warnings: Vec::new(),
        undo: "".into(),
        confirm: resource.into(),
        undo_of: None,
        each: None,
        set: None,
    }
}

/// The statements of a plan's policy, its length, and what is said of it.
fn told(plan: &Plan) -> (Value, usize, Vec<String>) {
    let kind = by_name(plan.kind.as_str()).unwrap();
    let sealed = sealed(kind.seal(plan)).unwrap();
    let warnings = sealed.warnings.iter().map(|w| w.line().into_string()).collect();
    let Some(policy) = sealed.policy else { return (Value::Null, 0, warnings) };
    let length = json::to_string(&policy).unwrap().len();
    assert_eq!(policy["Version"], "2012-10-17");
    (policy["Statement"].clone(), length, warnings)
}

fn allow(action: Value, resource: Value) -> Value {
    json!([{ "Effect": "Allow", "Action": action, "Resource": resource }])
}

#[test]
fn iam_is_limited_to_the_principal_whatever_its_path() {
    let user = json!(["arn:aws:iam::111122223333:user/*/deploy", "arn:aws:iam::111122223333:user/deploy"]);
    for (kind, operation) in [
        ("iam-access-key", "UpdateAccessKey"),
        ("iam-deny", "PutUserPolicy"),
        ("iam-revoke-sessions", "DeleteUserPolicy"),
        ("iam-console-access", "DeleteLoginProfile"),
    ] {
        let plan = plan(kind, "deploy", &[("iam", operation, json!({ "UserName": "deploy" }))]);
        let (statements, length, warnings) = told(&plan);
        assert_eq!(statements, allow(json!(format!("iam:{operation}")), user.clone()), "{kind}");
        assert!(length < 240 && warnings.is_empty(), "{kind}: {length}, {warnings:?}");
    }
    let role = plan("iam-deny", "web", &[("iam", "PutRolePolicy", json!({ "RoleName": "web" }))]);
    let on = json!(["arn:aws:iam::111122223333:role/*/web", "arn:aws:iam::111122223333:role/web"]);
    assert_eq!(told(&role).0, allow(json!("iam:PutRolePolicy"), on));
}

#[test]
fn an_interface_is_limited_with_its_group_and_its_instance() {
    let call = |eni: &str| {
        let input = json!({ "NetworkInterfaceId": eni, "Groups": ["sg-0123456789abcdef0"] });
        ("ec2", "ModifyNetworkInterfaceAttribute", input)
    };
    let two = plan("ec2-isolate", "i-0abc12d34e5f67890", &[call("eni-00000001"), call("eni-00000002")]);
    let (statements, length, warnings) = told(&two);
    let on = json!([
        "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc12d34e5f67890",
        "arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-00000001",
        "arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-00000002",
        "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0123456789abcdef0",
        "arn:aws:ec2:eu-west-1:111122223333:subnet/*",
    ]);
    assert_eq!(statements, allow(json!("ec2:ModifyNetworkInterfaceAttribute"), on));
    assert!(length < 480 && warnings.is_empty(), "{length}");
}

#[test]
fn more_interfaces_than_a_policy_holds_are_all_interfaces_and_that_is_said() {
    let calls: Vec<(&str, &str, Value)> = (0..40)
        .map(|n| {
            let input = json!({ "NetworkInterfaceId": format!("eni-{n:017x}"), "Groups": ["sg-0123456789abcdef0"] });
            ("ec2", "ModifyNetworkInterfaceAttribute", input)
        })
        .collect();
    let (statements, length, warnings) = told(&plan("ec2-isolate", "i-0abc12d34e5f67890", &calls));
    let on = json!([
        "arn:aws:ec2:eu-west-1:111122223333:instance/*",
        "arn:aws:ec2:eu-west-1:111122223333:network-interface/*",
        "arn:aws:ec2:eu-west-1:111122223333:security-group/*",
        "arn:aws:ec2:eu-west-1:111122223333:subnet/*",
    ]);
    assert_eq!(statements, allow(json!("ec2:ModifyNetworkInterfaceAttribute"), on));
    assert!(length <= LONGEST);
    assert!(warnings[0].contains("wider than the plan"), "{warnings:?}");
    // Twenty fit, each by itself.
    let (_, length, warnings) = told(&plan("ec2-isolate", "i-0abc12d34e5f67890", &calls[..20]));
    assert!((1024..=LONGEST).contains(&length) && warnings.is_empty(), "{length}");
}

#[test]
fn buckets_functions_and_hubs_are_limited_and_findings_to_their_region() {
    let bucket = plan("s3-block-public", "b", &[("s3", "DeletePublicAccessBlock", json!({ "Bucket": "exports" }))]);
    let expected = json!([{
        "Effect": "Allow", "Action": "s3:PutBucketPublicAccessBlock", "Resource": "arn:aws:s3:::exports",
        "Condition": { "StringEquals": { "aws:RequestedRegion": "eu-west-1" } },
    }]);
    assert_eq!(told(&bucket).0, expected);
    let function =
        plan("lambda-concurrency", "f", &[("lambda", "PutFunctionConcurrency", json!({ "FunctionName": "f" }))]);
    let on = json!("arn:aws:lambda:eu-west-1:111122223333:function:f");
    assert_eq!(told(&function).0, allow(json!("lambda:PutFunctionConcurrency"), on));
    let input = json!({ "DetectorId": "d0", "FindingIds": ["f0"] });
    let calls = [("guardduty", "ArchiveFindings", input.clone()), ("guardduty", "UpdateFindingsFeedback", input)];
    let (statements, _, warnings) = told(&plan("guardduty-archive", "f0", &calls));
    let expected = json!([{
        "Effect": "Allow", "Action": ["guardduty:ArchiveFindings", "guardduty:UpdateFindingsFeedback"], "Resource": "*",
        "Condition": { "StringEquals": { "aws:RequestedRegion": "eu-west-1" } },
    }]);
    assert_eq!((statements, warnings.len()), (expected, 2));
    let hub = plan("securityhub-workflow", "f0", &[("securityhub", "BatchUpdateFindings", json!({}))]);
    let on = json!("arn:aws:securityhub:eu-west-1:111122223333:hub/default");
    assert_eq!(told(&hub).0, allow(json!("securityhub:BatchUpdateFindings"), on));
}

#[test]
fn an_automation_is_limited_where_it_has_a_role_of_its_own() {
    let start = |parameters: Value| {
        let input = json!({ "DocumentName": "Org-Contain", "Mode": "Auto", "Parameters": parameters });
        plan("ssm-automation", "i-1", &[("ssm", "StartAutomationExecution", input)])
    };
    let role = "arn:aws:iam::111122223333:role/Automation";
    let (statements, length, warnings) = told(&start(json!({ "AutomationAssumeRole": [role] })));
    let execution = "arn:aws:ssm:eu-west-1:111122223333:automation-execution/*";
    let expected = json!([
        { "Effect": "Allow", "Action": "iam:PassRole", "Resource": role,
          "Condition": { "StringEquals": { "iam:PassedToService": "ssm.amazonaws.com" } } },
        { "Effect": "Allow", "Action": "ssm:StartAutomationExecution", "Resource": [
            "arn:aws:ssm:eu-west-1:*:automation-definition/Org-Contain:*",
            "arn:aws:ssm:eu-west-1:*:document/Org-Contain",
            execution,
        ] },
        { "Effect": "Allow", "Action": "ssm:AddTagsToResource", "Resource": execution },
    ]);
    assert_eq!(statements, expected);
    assert!(length < 700 && warnings.is_empty(), "{length}");
    let (statements, _, warnings) = told(&start(json!({})));
    assert_eq!(statements, Value::Null);
    assert!(warnings[0].starts_with("NOT SEALED: no AutomationAssumeRole is given"), "{warnings:?}");
}

#[test]
fn what_runs_on_this_machine_gets_a_session_that_can_do_nothing() {
    let local = plan("command", "/opt/block", &[("local", "exec", json!({ "argv": ["block"] }))]);
    assert_eq!(told(&local).0, json!([{ "Effect": "Deny", "Action": "*", "Resource": "*" }]));
}

#[test]
fn what_cannot_be_limited_is_said() {
    let open = plan("lambda-concurrency", "f", &[("lambda", "PutFunctionConcurrency", json!({}))]);
    let (statements, _, warnings) = told(&open);
    assert_eq!(statements, allow(json!("lambda:PutFunctionConcurrency"), json!("*")));
    let said =
        "lambda:PutFunctionConcurrency can't be limited to one resource: the session may call it on all of them.";
    assert_eq!(warnings, [said]);
}

#[test]
fn a_policy_that_no_width_helps_is_refused() {
    let many = (0..80).map(|n| Grant::new(format!("service{n}:VeryLongOperationName"), Vec::new())).collect();
    let problem = sealed(Seal::Only(many)).unwrap_err();
    assert!(problem.what.starts_with("the plan's session policy has 2"), "{}", problem.what);
    assert!(problem.meaning.ends_with("nothing was sent"));
}

#[test]
fn a_name_stands_for_itself_alone() {
    assert_eq!(exact("a*b?${x}"), "a${*}b${?}${$}{x}");
    let hostile = plan("iam-deny", "x", &[("iam", "PutUserPolicy", json!({ "UserName": "*" }))]);
    let on = json!(["arn:aws:iam::111122223333:user/${*}", "arn:aws:iam::111122223333:user/*/${*}"]);
    assert_eq!(told(&hostile).0[0]["Resource"].as_array().unwrap().len(), 2);
    assert!(on.as_array().unwrap().iter().all(|arn| told(&hostile).0[0]["Resource"].as_array().unwrap().contains(arn)));
}
