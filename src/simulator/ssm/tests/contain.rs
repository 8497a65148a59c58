//! What the documents do to the account, and when.

use super::{INSTANCE, contain, get, start, status};
use crate::simulator::testing::Bench;
use serde_json::{Value, json};

const DETECTOR: &str = "/detector/3ac1f0b8d24e96a7705b1e8c6f92d4b3/findings";

fn groups(bench: &mut Bench) -> Vec<String> {
    bench.account().instances[INSTANCE].groups.iter().map(|(_, name)| name.clone()).collect()
}

/// The finding of that type as GuardDuty gives it.
fn finding(bench: &mut Bench, type_: &str) -> Value {
    let criteria = json!({ "findingCriteria": { "criterion": { "type": { "equals": [type_] } } } }).to_string();
    let ids = bench.json("guardduty", "POST", DETECTOR, &criteria)["findingIds"].clone();
    bench.json("guardduty", "POST", &format!("{DETECTOR}/get"), &json!({ "findingIds": ids }).to_string())["findings"]
        [0]
    .clone()
}

fn restore(bench: &mut Bench, document: &str, parameters: &mut Value, contained: &str, step: &str) -> String {
    let outputs = get(bench, contained)["Outputs"].clone();
    parameters["Action"] = json!(["Restore"]);
    parameters["BackupS3BucketName"] = outputs[format!("{step}.BackupS3BucketName")].clone();
    parameters["BackupS3KeyName"] = outputs[format!("{step}.BackupS3KeyName")].clone();
    let id = start(bench, document, parameters);
    bench.wait(90);
    id
}

#[test]
fn a_dry_run_changes_nothing_and_is_the_default() {
    let mut bench = Bench::new("crypto-mining");
    let id =
        start(&mut bench, "AWSSupport-ContainEC2Instance", &json!({ "InstanceId": [INSTANCE], "Action": ["Contain"] }));
    bench.wait(90);
    let execution = get(&mut bench, &id);
    assert_eq!(execution["AutomationExecutionStatus"], "Success");
    assert_eq!(execution["Parameters"]["DryRun"], json!(["true"]));
    let report = execution["Outputs"]["ReportContain.Output"][0].as_str().unwrap();
    assert!(report.contains("would be contained"), "{report}");
    assert_eq!(groups(&mut bench), ["build-runners"]);
}

#[test]
fn an_instance_is_contained_step_by_step_over_time() {
    let mut bench = Bench::new("crypto-mining");
    let id = start(&mut bench, "AWSSupport-ContainEC2Instance", &contain("false"));
    assert_eq!(status(&mut bench, &id), "Pending");
    bench.wait(2);
    let execution = get(&mut bench, &id);
    assert_eq!(execution["AutomationExecutionStatus"], "InProgress");
    assert_eq!(execution["CurrentStepName"], "ValidateRequiredInputs");
    assert_eq!(execution["ExecutedBy"], "arn:aws:iam::111122223333:user/quell-responder");
    // 2 + 3 + 3 + 3 + 6 + 1 + 1 + 8: the backup is done, the open group is being made until 38 s.
    bench.wait(25);
    assert_eq!(get(&mut bench, &id)["CurrentStepName"], "CreateAllAccessSecurityGroup");
    assert_eq!(groups(&mut bench), ["build-runners"]);
    bench.wait(11);
    let id8 = &id[..8];
    assert_eq!(
        (status(&mut bench, &id).as_str(), groups(&mut bench)),
        ("InProgress", vec![format!("all-access_{id8}")])
    );
    bench.wait(14);
    assert_eq!(
        (status(&mut bench, &id).as_str(), groups(&mut bench)),
        ("InProgress", vec![format!("containment_{id8}")])
    );
    bench.wait(4);
    let execution = get(&mut bench, &id);
    assert_eq!(execution["AutomationExecutionStatus"], "Success");
    // 2026-11-21T10:00:00Z, and 56 seconds later.
    assert_eq!(execution["ExecutionStartTime"], json!(1_795_255_200.0));
    assert_eq!(execution["ExecutionEndTime"], json!(1_795_255_256.0));
    let report: Value = serde_json::from_str(execution["Outputs"]["FinalOutput.Output"][0].as_str().unwrap()).unwrap();
    assert_eq!(report["BackupS3KeyName"], format!("2026/11/21/10/00/{id}.json"));
    assert!(report["BackupS3BucketName"].as_str().unwrap().starts_with("awssupport-containec2instance-"));
}

#[test]
fn findings_show_the_containment_and_the_network_falls_silent() {
    let mut bench = Bench::new("crypto-mining");
    start(&mut bench, "AWSSupport-ContainEC2Instance", &contain("false"));
    bench.wait(60);
    let before = finding(&mut bench, "CryptoCurrency:EC2/BitcoinTool.B!DNS");
    bench.wait(600);
    assert_eq!(finding(&mut bench, "CryptoCurrency:EC2/BitcoinTool.B!DNS"), before);
    // What the sensor on the host sees goes on, and shows the new group.
    let runtime = finding(&mut bench, "CryptoCurrency:Runtime/BitcoinTool.B");
    assert!(runtime["service"]["count"].as_u64().unwrap() > 12);
    let group = &runtime["resource"]["instanceDetails"]["networkInterfaces"][0]["securityGroups"][0]["groupName"];
    assert!(group.as_str().unwrap().starts_with("containment_"), "{group}");
    // Stolen credentials are not stopped by a security group.
    let stolen = finding(&mut bench, "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS");
    assert!(stolen["service"]["count"].as_u64().unwrap() > 6);
}

#[test]
fn an_instance_comes_back_from_its_backup() {
    let mut bench = Bench::new("crypto-mining");
    let document = "AWSSupport-ContainEC2Instance";
    let mut parameters = contain("false");
    parameters["BackupS3BucketName"] = json!(["lumen-production-ir-backup"]);
    parameters["TagIdentifier"] = json!(["Key=incident,Value=42"]);
    let contained = start(&mut bench, document, &parameters);
    bench.wait(90);
    assert_eq!(bench.account().instances[INSTANCE].tags["incident"], "42");
    let id = restore(&mut bench, document, &mut parameters, &contained, "BackupInstanceSecurityGroups");
    assert_eq!(status(&mut bench, &id), "Success");
    assert_eq!(groups(&mut bench), ["build-runners"]);
    assert!(!bench.account().instances[INSTANCE].tags.contains_key("incident"));
    parameters["BackupS3KeyName"] = json!(["2020/01/01/00/00/none.json"]);
    let id = start(&mut bench, document, &parameters);
    bench.wait(90);
    assert!(get(&mut bench, &id)["FailureMessage"].as_str().unwrap().contains("NoSuchKey"));
    let id =
        start(&mut bench, document, &json!({ "InstanceId": [INSTANCE], "Action": ["Restore"], "DryRun": ["false"] }));
    bench.wait(90);
    let message = get(&mut bench, &id)["FailureMessage"].clone();
    assert_eq!(
        message,
        "Step fails when it is ValidateRequiredInputs. BackupS3BucketName is required when Action is Restore."
    );
}

/// Without the bucket of its backup a document ends before it changes anything.
#[test]
fn nothing_is_contained_where_the_backup_has_no_bucket() {
    let mut bench = Bench::new("crypto-mining");
    let mut parameters = contain("false");
    parameters["BackupS3BucketName"] = json!(["nobody-has-this"]);
    let id = start(&mut bench, "AWSSupport-ContainEC2Instance", &parameters);
    bench.wait(90);
    assert_eq!(status(&mut bench, &id), "Failed");
    let message = get(&mut bench, &id)["FailureMessage"].clone();
    assert_eq!(
        message,
        "Step fails when it is CheckBackupS3BucketName. An error occurred (NoSuchBucket) when calling the HeadBucket \
         operation: the bucket nobody-has-this is not there"
    );
    assert_eq!(groups(&mut bench), ["build-runners"]);
}

#[test]
fn a_user_is_shut_out_and_let_in_without_its_keys() {
    let mut bench = Bench::new("crypto-mining");
    let document = "AWSSupport-ContainIAMPrincipal";
    let mut parameters = json!({ "PrincipalType": ["IAM user"], "PrincipalName": ["ci-publisher"], "Action": ["Contain"], "DryRun": ["false"] });
    let contained = start(&mut bench, document, &parameters);
    bench.wait(90);
    assert_eq!(status(&mut bench, &contained), "Success");
    let user = &bench.account().users["ci-publisher"];
    assert!(user.keys.iter().all(|k| !k.active) && !user.console && user.policies.len() == 1);
    let policy: Value = serde_json::from_str(user.policies.values().next().unwrap()).unwrap();
    assert_eq!(policy["Statement"][0]["Effect"], "Deny");
    let id = restore(&mut bench, document, &mut parameters, &contained, "GetIAMUserDetails");
    assert_eq!(status(&mut bench, &id), "Success");
    let user = &bench.account().users["ci-publisher"];
    assert!(user.policies.is_empty() && user.keys.iter().all(|k| !k.active), "keys come back only when asked for");
    parameters["ActivateDisabledKeys"] = json!(["true"]);
    restore(&mut bench, document, &mut parameters, &contained, "GetIAMUserDetails");
    assert!(bench.account().users["ci-publisher"].keys.iter().all(|k| k.active));
}

#[test]
fn a_role_that_is_shut_out_makes_no_more_findings() {
    let mut bench = Bench::new("crypto-mining");
    let parameters = json!({ "PrincipalType": ["IAM role"], "PrincipalName": ["build-runner"], "Action": ["Contain"], "DryRun": ["false"] });
    start(&mut bench, "AWSSupport-ContainIAMPrincipal", &parameters);
    bench.wait(60);
    let type_ = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS";
    let before = finding(&mut bench, type_);
    bench.wait(900);
    assert_eq!(finding(&mut bench, type_), before);
    let missing = json!({ "PrincipalType": ["IAM user"], "PrincipalName": ["nobody"], "Action": ["Contain"], "DryRun": ["false"] });
    let id = start(&mut bench, "AWSSupport-ContainIAMPrincipal", &missing);
    bench.wait(60);
    assert!(get(&mut bench, &id)["FailureMessage"].as_str().unwrap().contains("NoSuchEntity"));
}

#[test]
fn a_bucket_is_closed_and_opened() {
    let mut bench = Bench::new("crypto-mining");
    let document = "AWSSupport-ContainS3Resource";
    let mut parameters = json!({ "BucketName": ["lumen-build-artifacts"], "Action": ["Contain"], "DryRun": ["false"] });
    let id = start(&mut bench, document, &parameters);
    bench.wait(60);
    let message = get(&mut bench, &id)["FailureMessage"].clone();
    assert_eq!(
        message,
        "Step fails when it is validateRequiredInputs. BucketRestrictAccess is required when Action is Contain."
    );
    parameters["BucketRestrictAccess"] = json!(["arn:aws:iam::111122223333:role/IncidentResponder"]);
    let mut dry = parameters.clone();
    dry["DryRun"] = json!(["true"]);
    let id = start(&mut bench, document, &dry);
    bench.wait(90);
    // What a responder looks for in it: the policy to come, and who is left out of it.
    let told = get(&mut bench, &id)["Outputs"]["ContainS3ResourceDryRun.Output"][0].clone();
    let told: Value = serde_json::from_str(told.as_str().unwrap()).unwrap();
    assert_eq!(
        told["Policy"]["Statement"][0]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"],
        json!(["arn:aws:iam::111122223333:role/IncidentResponder"])
    );
    assert!(!bench.account().buckets["lumen-build-artifacts"].closed());
    let contained = start(&mut bench, document, &parameters);
    bench.wait(90);
    assert!(bench.account().buckets["lumen-build-artifacts"].closed());
    let id = restore(&mut bench, document, &mut parameters, &contained, "backupTargetBucketMetadata");
    assert_eq!(status(&mut bench, &id), "Success");
    assert!(!bench.account().buckets["lumen-build-artifacts"].closed());
}
