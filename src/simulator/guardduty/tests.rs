//! The GuardDuty operations, on the pure core.

use crate::simulator::testing::Bench;
use serde_json::{Value, json};

const DETECTOR: &str = "/detector/3ac1f0b8d24e96a7705b1e8c6f92d4b3";

fn list(bench: &mut Bench, body: &Value) -> Vec<String> {
    let answer = bench.json("guardduty", "POST", &format!("{DETECTOR}/findings"), &body.to_string());
    serde_json::from_value(answer["findingIds"].clone()).unwrap()
}

fn get(bench: &mut Bench, ids: &[String]) -> Vec<Value> {
    let body = json!({ "findingIds": ids }).to_string();
    let answer = bench.json("guardduty", "POST", &format!("{DETECTOR}/findings/get"), &body);
    serde_json::from_value(answer["findings"].clone()).unwrap()
}

fn one(bench: &mut Bench, type_: &str) -> Value {
    let ids = list(bench, &json!({ "findingCriteria": { "criterion": { "type": { "equals": [type_] } } } }));
    get(bench, &ids).remove(0)
}

#[test]
fn one_region_has_a_detector_and_the_others_have_none() {
    let mut bench = Bench::new("crypto-mining");
    let answer = bench.json("guardduty", "GET", "/detector", "");
    assert_eq!(answer, json!({ "detectorIds": ["3ac1f0b8d24e96a7705b1e8c6f92d4b3"], "nextToken": "" }));
    let detector = bench.json("guardduty", "GET", DETECTOR, "");
    assert_eq!(detector["status"], "ENABLED");
    assert!(detector.get("tags").is_none(), "it has none, and what is empty is left out");
    bench.region = "us-east-1".to_owned();
    assert_eq!(bench.json("guardduty", "GET", "/detector", ""), json!({ "detectorIds": [], "nextToken": "" }));
    let (status, code, body) = bench.refused("guardduty", "GET", DETECTOR, "");
    assert_eq!((status, code.as_str()), (400, "BadRequestException"));
    assert!(body.contains("the input detectorId is not owned by the current account"), "{body}");
}

#[test]
fn criteria_choose_findings() {
    let mut bench = Bench::new("crypto-mining");
    assert_eq!(list(&mut bench, &json!({})).len(), 10);
    for (criterion, expected) in [
        (json!({ "severity": { "greaterThanOrEqual": 8 } }), 5),
        (json!({ "severity": { "lessThan": 5 } }), 4),
        (json!({ "severity": { "greaterThan": 2, "lessThanOrEqual": 5 } }), 1),
        (json!({ "service.archived": { "equals": ["true"] } }), 1),
        (json!({ "service.archived": { "eq": ["false"] } }), 9),
        (json!({ "type": { "matches": ["CryptoCurrency:*"] } }), 3),
        (json!({ "type": { "notMatches": ["CryptoCurrency:*"] } }), 7),
        (json!({ "resource.instanceDetails.instanceId": { "equals": ["i-03b8a7d5e9c1f2460"] } }), 1),
        (json!({ "resource.instanceDetails.instanceId": { "notEquals": ["i-03b8a7d5e9c1f2460"] } }), 9),
        (
            json!({ "resource.instanceDetails.networkInterfaces.securityGroups.groupName": { "equals": ["bastion"] } }),
            1,
        ),
        (json!({ "accountId": { "equals": ["999999999999"] } }), 0),
        // 2026-11-21T09:00:00Z: seven were updated in the last hour (one of them was seen 48 minutes ago).
        (json!({ "updatedAt": { "greaterThanOrEqual": 1_795_251_600_000_u64 } }), 7),
        (json!({ "service.archived": { "equals": ["false"] }, "severity": { "gte": 8 } }), 5),
    ] {
        let found = list(&mut bench, &json!({ "findingCriteria": { "criterion": criterion.clone() } }));
        assert_eq!(found.len(), expected, "{criterion}");
    }
}

#[test]
fn lists_are_sorted_and_paged() {
    let mut bench = Bench::new("crypto-mining");
    let sort = json!({ "attributeName": "updatedAt", "orderBy": "DESC" });
    let all = list(&mut bench, &json!({ "sortCriteria": sort }));
    let mut paged: Vec<String> = Vec::new();
    let (mut token, mut sizes) = (String::new(), Vec::new());
    loop {
        let body = json!({ "sortCriteria": sort, "maxResults": 4, "nextToken": token }).to_string();
        let answer = bench.json("guardduty", "POST", &format!("{DETECTOR}/findings"), &body);
        let ids: Vec<String> = serde_json::from_value(answer["findingIds"].clone()).unwrap();
        sizes.push(ids.len());
        paged.extend(ids);
        token = answer["nextToken"].as_str().unwrap().to_owned();
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(sizes, [4, 4, 2]);
    assert_eq!(paged, all);
    let found = get(&mut bench, &all[..1]);
    assert_eq!(found[0]["type"], "CryptoCurrency:EC2/BitcoinTool.B!DNS");
}

#[test]
fn a_finding_has_guardduty_s_shape() {
    let mut bench = Bench::new("crypto-mining");
    let finding = one(&mut bench, "CryptoCurrency:EC2/BitcoinTool.B!DNS");
    let id = finding["id"].as_str().unwrap();
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()), "{id}");
    let arn = "arn:aws:guardduty:eu-west-1:111122223333:detector/3ac1f0b8d24e96a7705b1e8c6f92d4b3/finding/";
    assert_eq!(finding["arn"], format!("{arn}{id}"));
    assert_eq!(finding["severity"], json!(8));
    assert_eq!(finding["createdAt"], "2026-11-21T06:42:00.000Z");
    assert_eq!(finding["service"]["eventFirstSeen"], "2026-11-21T06:42:00.000Z");
    assert_eq!(finding["service"]["eventLastSeen"], "2026-11-21T09:54:00.000Z");
    assert_eq!(finding["service"]["count"], 41);
    assert_eq!(finding["service"]["action"]["dnsRequestAction"]["domain"], "eu1.pool-lanterncoin.example");
    assert_eq!(finding["resource"]["instanceDetails"]["instanceId"], "i-0c4f1e97ab52d6038");
    let groups = json!([{ "groupId": "sg-07d4b2f8e16ac9350", "groupName": "build-runners" }]);
    assert_eq!(finding["resource"]["instanceDetails"]["networkInterfaces"][0]["securityGroups"], groups);
}

#[test]
fn archiving_and_feedback_stick() {
    let mut bench = Bench::new("crypto-mining");
    let id = one(&mut bench, "CryptoCurrency:EC2/BitcoinTool.B!DNS")["id"].as_str().unwrap().to_owned();
    let body = json!({ "findingIds": [id] }).to_string();
    assert_eq!(bench.json("guardduty", "POST", &format!("{DETECTOR}/findings/archive"), &body), json!({}));
    let archived = json!({ "findingCriteria": { "criterion": { "service.archived": { "equals": ["true"] } } } });
    assert_eq!(list(&mut bench, &archived).len(), 2);
    bench.wait(600);
    assert_eq!(get(&mut bench, std::slice::from_ref(&id))[0]["service"]["archived"], true);
    bench.json("guardduty", "POST", &format!("{DETECTOR}/findings/unarchive"), &body);
    assert_eq!(list(&mut bench, &archived).len(), 1);
    let body = json!({ "findingIds": [id], "feedback": "USEFUL", "comments": "ours" }).to_string();
    bench.json("guardduty", "POST", &format!("{DETECTOR}/findings/feedback"), &body);
    assert_eq!(get(&mut bench, &[id])[0]["service"]["userFeedback"], "USEFUL");
}

#[test]
fn what_breaks_the_model_is_a_bad_request() {
    let mut bench = Bench::new("crypto-mining");
    let many: Vec<String> = (0..51).map(|n| format!("{n:032x}")).collect();
    for (path, body) in [
        ("findings", json!({ "maxResults": 51 })),
        ("findings", json!({ "nextToken": "6e6f7065" })),
        ("findings", json!({ "findingCriteria": { "criterion": { "colour": { "equals": ["red"] } } } })),
        (
            "findings",
            json!({ "findingCriteria": { "criterion": { "type": { "matches": ["1", "2", "3", "4", "5", "6"] } } } }),
        ),
        ("findings", json!({ "sortCriteria": { "attributeName": "updatedAt", "orderBy": "UP" } })),
        ("findings/get", json!({ "findingIds": many })),
        ("findings/archive", json!({})),
        ("findings/feedback", json!({ "findingIds": ["a"], "feedback": "GREAT" })),
    ] {
        let (status, code, text) = bench.refused("guardduty", "POST", &format!("{DETECTOR}/{path}"), &body.to_string());
        assert_eq!((status, code.as_str()), (400, "BadRequestException"), "{body}");
        assert!(text.contains(r#""__type":"InvalidInputException""#), "{text}");
    }
    assert_eq!(get(&mut bench, &["0".repeat(32)]), Vec::<Value>::new());
}

#[test]
fn findings_repeat_and_arrive_with_the_clock() {
    let mut bench = Bench::new("crypto-mining");
    assert_eq!(list(&mut bench, &json!({})).len(), 10);
    bench.wait(600);
    let repeated = one(&mut bench, "CryptoCurrency:EC2/BitcoinTool.B!DNS");
    // A mean of 70 s: 600 s hold six repeats at the least (1.3 of the mean), twelve at the most (0.7 of it).
    let count = repeated["service"]["count"].as_u64().unwrap();
    assert!((41 + 6..=41 + 12).contains(&count), "{count}");
    assert_eq!(repeated["createdAt"], "2026-11-21T06:42:00.000Z");
    assert!(repeated["updatedAt"].as_str().unwrap() > "2026-11-21T10:08:00.000Z");
    assert_eq!(one(&mut bench, "UnauthorizedAccess:EC2/TorClient")["service"]["archived"], false);
}

#[test]
fn the_same_seed_gives_the_same_account_however_often_one_looks() {
    let (mut often, mut once) = (Bench::new("crypto-mining"), Bench::new("crypto-mining"));
    for _ in 0..60 {
        often.wait(30);
        list(&mut often, &json!({}));
    }
    once.wait(1800);
    let (often_ids, once_ids) = (list(&mut often, &json!({})), list(&mut once, &json!({})));
    assert_eq!(often_ids, once_ids);
    assert_eq!(get(&mut often, &often_ids), get(&mut once, &once_ids));
}

#[test]
fn findings_are_kept_for_ninety_days() {
    let mut bench = Bench::new("quiet");
    let mut left = |days: i64| {
        bench.wait(days * 24 * 3600);
        let path = "/detector/9d27e4b1c05f83a6e2174f09bb58dc36/findings";
        bench.json("guardduty", "POST", path, "{}")["findingIds"].as_array().unwrap().len()
    };
    // They were updated 9, 29 and 50 hours before the start.
    assert_eq!((left(87), left(2), left(1)), (3, 1, 0));
}
