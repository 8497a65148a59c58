use crate::simulator::testing::{Bench, text};
use serde_json::{Value, json};

const RULE: &str = "s3-bucket-level-public-access-prohibited";

fn ask(bench: &mut Bench, operation: &str, body: &Value) -> (u16, Value) {
    let target = format!("StarlingDoveService.{operation}");
    let response = bench.send("config", "POST", "/", &[("x-amz-target", &target)], &body.to_string());
    (response.status, serde_json::from_str(&text(&response)).unwrap())
}

#[test]
fn a_remedy_runs_for_a_resource_one_at_a_time() {
    let mut bench = Bench::new("crypto-mining");
    let found = ask(&mut bench, "DescribeRemediationConfigurations", &json!({ "ConfigRuleNames": [RULE, "none"] })).1;
    assert_eq!(found["RemediationConfigurations"].as_array().unwrap().len(), 1);
    let key = json!({ "resourceType": "AWS::S3::Bucket", "resourceId": "lumen-build-artifacts" });
    let of = json!({ "ConfigRuleName": RULE, "ResourceKeys": [key] });
    let state = |bench: &mut Bench| {
        let found = ask(bench, "DescribeRemediationExecutionStatus", &of).1;
        found["RemediationExecutionStatuses"][0]["State"].clone()
    };
    assert_eq!(state(&mut bench), Value::Null);
    assert_eq!(ask(&mut bench, "StartRemediationExecution", &of), (200, json!({})));
    assert_eq!(state(&mut bench), "IN_PROGRESS");
    assert_eq!(ask(&mut bench, "StartRemediationExecution", &of).1["FailedItems"], json!([key]));
    bench.wait(30);
    assert_eq!(state(&mut bench), "SUCCEEDED");
    let none = json!({ "ConfigRuleName": "none", "ResourceKeys": [key] });
    let (status, refused) = ask(&mut bench, "StartRemediationExecution", &none);
    assert_eq!((status, &refused["__type"]), (400, &json!("NoSuchRemediationConfigurationException")));
}
