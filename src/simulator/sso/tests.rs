use crate::simulator::testing::{Bench, text};
use serde_json::{Value, json};

const INSTANCE: &str = "arn:aws:sso:::instance/ssoins-7223a1c0de5f4b68";
const SET: &str = "arn:aws:sso:::permissionSet/ssoins-7223a1c0de5f4b68/ps-4d2a9c17e08b53f6";
const USER: &str = "93f7b2c1d4-0a5e8d62-7b14-4c39-9e60-15a2f8c7d3b4";

fn ask(bench: &mut Bench, operation: &str, body: &Value) -> (u16, Value) {
    let target = format!("SWBExternalService.{operation}");
    let response = bench.send("sso", "POST", "/", &[("x-amz-target", &target)], &body.to_string());
    (response.status, serde_json::from_str(&text(&response)).unwrap())
}

fn who(bench: &mut Bench) -> usize {
    let of = json!({ "InstanceArn": INSTANCE, "AccountId": "111122223333", "PermissionSetArn": SET });
    ask(bench, "ListAccountAssignments", &of).1["AccountAssignments"].as_array().unwrap().len()
}

#[test]
fn an_assignment_goes_and_comes_after_a_while() {
    let mut bench = Bench::new("crypto-mining");
    assert_eq!(who(&mut bench), 2);
    let of = json!({
        "InstanceArn": INSTANCE, "PermissionSetArn": SET, "TargetId": "111122223333", "TargetType": "AWS_ACCOUNT",
        "PrincipalType": "USER", "PrincipalId": USER,
    });
    let deleted = ask(&mut bench, "DeleteAccountAssignment", &of).1["AccountAssignmentDeletionStatus"].clone();
    assert_eq!((&deleted["Status"], who(&mut bench)), (&json!("IN_PROGRESS"), 2));
    // One at a time.
    let (status, refused) = ask(&mut bench, "DeleteAccountAssignment", &of);
    assert_eq!((status, &refused["__type"]), (400, &json!("ConflictException")));
    bench.wait(10);
    let asked = json!({ "InstanceArn": INSTANCE, "AccountAssignmentDeletionRequestId": deleted["RequestId"] });
    let told = ask(&mut bench, "DescribeAccountAssignmentDeletionStatus", &asked).1;
    assert_eq!(told["AccountAssignmentDeletionStatus"]["Status"], "SUCCEEDED");
    assert_eq!(who(&mut bench), 1);
    // What is not there can't be taken away, and Identity Center says so later.
    let again = ask(&mut bench, "DeleteAccountAssignment", &of).1["AccountAssignmentDeletionStatus"].clone();
    bench.wait(10);
    let asked = json!({ "InstanceArn": INSTANCE, "AccountAssignmentDeletionRequestId": again["RequestId"] });
    let told = ask(&mut bench, "DescribeAccountAssignmentDeletionStatus", &asked).1;
    assert_eq!(told["AccountAssignmentDeletionStatus"]["Status"], "FAILED");
    assert_eq!(ask(&mut bench, "CreateAccountAssignment", &of).0, 200);
    bench.wait(10);
    assert_eq!(who(&mut bench), 2);
}
