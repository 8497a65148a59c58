//! The documents that are no containment: a bucket's public access block, the logs of a node.

use super::{INSTANCE, get, start, status};
use crate::simulator::testing::Bench;
use serde_json::{Value, json};

const BLOCK: &str = "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock";
const LOGS: &str = "AWSSupport-CollectEKSInstanceLogs";
const BUCKET: &str = "orchard-customer-exports";
const ROLE: &str = "arn:aws:iam::777788889999:role/IncidentAutomation";

/// The bucket's switches: block ACLs, ignore ACLs, block policies, restrict.
fn switches(bench: &mut Bench) -> [bool; 4] {
    let block = bench.account().buckets[BUCKET].block.unwrap_or_default();
    [block.block_acls, block.ignore_acls, block.block_policy, block.restrict]
}

/// How often strangers have read the bucket.
fn reads(bench: &mut Bench) -> u64 {
    let detector = "/detector/6f80a3d5c1e94b27f09d6e8b4a13c752/findings";
    let criterion = json!({ "type": { "equals": ["Exfiltration:S3/AnomalousBehavior"] } });
    let criteria = json!({ "findingCriteria": { "criterion": criterion } }).to_string();
    let ids = bench.json("guardduty", "POST", detector, &criteria)["findingIds"].clone();
    let body = json!({ "findingIds": ids }).to_string();
    let found = bench.json("guardduty", "POST", &format!("{detector}/get"), &body);
    found["findings"][0]["service"]["count"].as_u64().unwrap()
}

#[test]
fn a_bucket_is_closed_to_the_public() {
    let mut bench = Bench::new("public-bucket");
    let parameters = json!({ "BucketName": [BUCKET], "AutomationAssumeRole": [ROLE] });
    let id = start(&mut bench, BLOCK, &parameters);
    // 2 pending, 4 for the call, 6 for the look.
    bench.wait(5);
    assert_eq!(switches(&mut bench), [false; 4]);
    bench.wait(1);
    assert_eq!((switches(&mut bench), status(&mut bench, &id).as_str()), ([true; 4], "InProgress"));
    bench.wait(6);
    let execution = get(&mut bench, &id);
    assert_eq!(execution["AutomationExecutionStatus"], "Success");
    let output = execution["Outputs"]["GetBucketPublicAccessBlock.Output"][0].as_str().unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(output).unwrap(),
        json!({ "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true,
        } })
    );
    let before = reads(&mut bench);
    bench.wait(3600);
    assert_eq!(reads(&mut bench), before, "nobody reads it any more");
}

#[test]
fn what_is_not_restricted_stays_public() {
    let mut bench = Bench::new("public-bucket");
    let parameters =
        json!({ "BucketName": [BUCKET], "AutomationAssumeRole": [ROLE], "RestrictPublicBuckets": ["false"] });
    start(&mut bench, BLOCK, &parameters);
    bench.wait(30);
    assert_eq!(switches(&mut bench), [true, true, true, false]);
    let before = reads(&mut bench);
    bench.wait(3600);
    assert!(reads(&mut bench) > before, "a public policy still lets everybody in");
}

#[test]
fn the_block_needs_a_role_and_a_bucket_that_is_there() {
    let mut bench = Bench::new("public-bucket");
    let body = json!({ "DocumentName": BLOCK, "Parameters": { "BucketName": [BUCKET] } });
    let (code, text) = bench.ssm_refused("StartAutomationExecution", &body);
    assert_eq!(code, "InvalidAutomationExecutionParametersException");
    assert!(text.contains("Missing required parameter: AutomationAssumeRole"), "{text}");
    let id = start(&mut bench, BLOCK, &json!({ "BucketName": ["no-such-bucket"], "AutomationAssumeRole": [ROLE] }));
    bench.wait(30);
    assert!(get(&mut bench, &id)["FailureMessage"].as_str().unwrap().contains("NoSuchBucket"));
}

#[test]
fn the_logs_of_a_node_are_collected_and_uploaded() {
    let mut bench = Bench::new("crypto-mining");
    let parameters = json!({ "EKSInstanceId": [INSTANCE], "LogDestination": ["lumen-ir-evidence"] });
    let id = start(&mut bench, LOGS, &parameters);
    // 2 pending, 3 for the look, 45 for the collection.
    bench.wait(49);
    assert_eq!(get(&mut bench, &id)["CurrentStepName"], "CollectLogs");
    bench.wait(17);
    let execution = get(&mut bench, &id);
    assert_eq!(execution["AutomationExecutionStatus"], "Success");
    let archive = format!("eks_{INSTANCE}_2026-11-21_1000-UTC.tar.gz");
    assert_eq!(
        execution["Outputs"]["UploadLogs.Output"][0],
        format!("upload: /var/log/{archive} to s3://lumen-ir-evidence/{archive}")
    );
    let id = start(&mut bench, LOGS, &json!({ "EKSInstanceId": [INSTANCE] }));
    bench.wait(51);
    assert_eq!(status(&mut bench, &id), "Success");
}

#[test]
fn nothing_is_uploaded_for_everybody_to_read() {
    let mut bench = Bench::new("crypto-mining");
    let name = "lumen-build-artifacts";
    bench.world.account.buckets.get_mut(name).unwrap().public = true;
    let id = start(&mut bench, LOGS, &json!({ "EKSInstanceId": [INSTANCE], "LogDestination": [name] }));
    bench.wait(90);
    let output = get(&mut bench, &id)["Outputs"]["UploadLogs.Output"][0].clone();
    assert!(output.as_str().unwrap().ends_with("was not uploaded."), "{output}");
}

#[test]
fn a_node_that_is_cut_off_gets_no_command() {
    let mut bench = Bench::new("crypto-mining");
    start(&mut bench, "AWSSupport-ContainEC2Instance", &super::contain("false"));
    bench.wait(90);
    let id = start(&mut bench, LOGS, &json!({ "EKSInstanceId": [INSTANCE] }));
    bench.wait(90);
    let message = get(&mut bench, &id)["FailureMessage"].clone();
    assert!(message.as_str().unwrap().contains("not in a valid state"), "{message}");
}

#[test]
fn a_database_that_is_not_there_is_not_made_private() {
    let mut bench = Bench::new("public-bucket");
    let parameters = json!({ "DbiResourceId": ["db-QK3RZ7NWLT5XJ2M4"], "AutomationAssumeRole": [ROLE] });
    let id = start(&mut bench, "AWSConfigRemediation-DisablePublicAccessToRDSInstance", &parameters);
    // 2 pending, 3 for the look.
    bench.wait(4);
    assert_eq!(status(&mut bench, &id), "InProgress");
    bench.wait(1);
    assert_eq!(status(&mut bench, &id), "Failed");
    let message = get(&mut bench, &id)["FailureMessage"].clone();
    assert!(message.as_str().unwrap().contains("db-QK3RZ7NWLT5XJ2M4"), "{message}");
}

#[test]
fn a_document_has_a_hash_of_its_own() {
    let mut bench = Bench::new("quiet");
    let mut hash = |name: &str| {
        let document = bench.ssm("DescribeDocument", &json!({ "Name": name }))["Document"].clone();
        assert_eq!(document["HashType"], "Sha256");
        document["Hash"].as_str().unwrap().to_owned()
    };
    // printf over the name, the version 1 and the parameters as compact JSON, with a line end between them.
    assert_eq!(hash("Custom-ApproveThenStop"), "c002a3ccf80467ae2637c3908db11568ac2a20bbe9d080e5f2f29077beb73bdb");
    assert_ne!(hash(BLOCK), hash(LOGS));
}

#[test]
fn a_remedy_of_the_solution_needs_what_its_sources_say_and_ends() {
    let mut bench = Bench::new("public-bucket");
    let document = "ASR-MakeRDSSnapshotPrivate";
    let given =
        |kind: &str| json!({ "DBSnapshotId": ["orders"], "DBSnapshotType": [kind], "AutomationAssumeRole": [ROLE] });
    let body = json!({ "DocumentName": document, "Parameters": given("table") });
    let (code, text) = bench.ssm_refused("StartAutomationExecution", &body);
    assert_eq!(code, "InvalidAutomationExecutionParametersException");
    assert!(text.contains("not found in [cluster-snapshot, snapshot]"), "{text}");
    let body = json!({ "DocumentName": document, "Parameters": { "DBSnapshotId": ["orders"] } });
    let (_, text) = bench.ssm_refused("StartAutomationExecution", &body);
    assert!(text.contains("Missing required parameter: AutomationAssumeRole"), "{text}");
    let id = start(&mut bench, document, &given("snapshot"));
    bench.wait(30);
    assert_eq!(status(&mut bench, &id), "Success");
    let described = bench.ssm("DescribeDocument", &json!({ "Name": document }));
    // It is the account's own, as the solution's stack made it.
    assert_eq!(described["Document"]["Owner"], "777788889999");
}

#[test]
fn a_terminated_instance_runs_no_more() {
    let mut bench = Bench::new("crypto-mining");
    start(&mut bench, "AWS-TerminateEC2Instance", &json!({ "InstanceId": [INSTANCE] }));
    bench.wait(60);
    assert!(!bench.account().instances[INSTANCE].running);
}
