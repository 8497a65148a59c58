use crate::simulator::testing::{Bench, text};
use serde_json::{Value, json};

fn ask(bench: &mut Bench, operation: &str, body: &Value) -> (u16, Value) {
    let target = format!("AWSEvents.{operation}");
    let response = bench.send("events", "POST", "/", &[("x-amz-target", &target)], &body.to_string());
    (response.status, serde_json::from_str(&text(&response)).unwrap())
}

#[test]
fn a_bus_is_known_by_its_name_and_by_its_arn() {
    let mut bench = Bench::new("crypto-mining");
    let arn = "arn:aws:events:eu-west-1:111122223333:event-bus/security";
    for name in ["security", arn] {
        let (status, found) = ask(&mut bench, "DescribeEventBus", &json!({ "Name": name }));
        assert_eq!((status, &found["Arn"], &found["Name"]), (200, &json!(arn), &json!("security")));
    }
    assert_eq!(ask(&mut bench, "DescribeEventBus", &json!({})).1["Name"], "default");
    for (name, code) in [("no-bus", "ResourceNotFoundException"), ("no bus", "ValidationException")] {
        let (status, found) = ask(&mut bench, "DescribeEventBus", &json!({ "Name": name }));
        assert_eq!((status, &found["__type"]), (400, &json!(code)));
    }
}

#[test]
fn each_event_is_taken_or_not_by_itself() {
    let mut bench = Bench::new("crypto-mining");
    let good = json!({ "Source": "quell", "DetailType": "t", "Detail": "{}" });
    let with = |name: &str, value: &str| {
        let mut entry = good.clone();
        entry[name] = value.into();
        entry
    };
    let entries = [good.clone(), with("Detail", "[1"), with("Source", "aws.ec2"), with("DetailType", "")];
    let (status, found) = ask(&mut bench, "PutEvents", &json!({ "Entries": entries }));
    assert_eq!((status, &found["FailedEntryCount"]), (200, &json!(3)));
    assert!(found["Entries"][0]["EventId"].is_string());
    let codes: Vec<&Value> = (1..4).map(|n| &found["Entries"][n]["ErrorCode"]).collect();
    assert_eq!(codes, ["MalformedDetail", "NotAuthorizedForSourceException", "InvalidArgument"]);
    assert_eq!(ask(&mut bench, "PutEvents", &json!({ "Entries": [] })).0, 400);
    assert_eq!(ask(&mut bench, "PutEvents", &json!({ "Entries": vec![good; 11] })).0, 400);
}
