use super::*;
use crate::source::securityhub::SecurityHub;

fn record(id: &str, region: &str) -> String {
    format!(
        r#"{{"SchemaVersion":"2018-10-08","Id":"{id}","ProductArn":"arn:aws:securityhub:::product/aws/securityhub","GeneratorId":"g",
        "AwsAccountId":"111122223333","CreatedAt":"2026-11-21T18:00:00.000Z","UpdatedAt":"2026-11-21T19:00:00.000Z"{region},
        "Severity":{{"Label":"HIGH"}},"Title":"t","Description":"d","NewMember":{{"x":1}},"RecordState":"ACTIVE",
        "Types":["Software and Configuration Checks"],"Resources":[{{"Type":"AwsS3Bucket","Id":"arn:aws:s3:::b"}}]}}"#
    )
}

fn page(records: &[String], token: &str) -> Answer {
    Answer::ok(format!(r#"{{"Findings":[{}],"NextToken":{token}}}"#, records.join(",")))
}

const HUB: &str =
    r#"{"HubArn":"arn:aws:securityhub:eu-west-1:111122223333:hub/default","SubscribedAt":"2026-01-01T00:00:00Z"}"#;

fn account(asked: &Asked) -> Answer {
    match asked.operation.as_str() {
        "GET /accounts" => Answer::ok(HUB),
        "POST /findings" if !asked.body.contains("\"NextToken\"") => {
            page(&[record("a", r#","Region":"us-east-1""#), record("b", "")], "\"two\"")
        }
        "POST /findings" => page(&[record("c", "")], "null"),
        _ => Answer::ok(r#"{"detectorIds":[]}"#),
    }
}

#[test]
fn records_without_a_region_are_from_where_they_were_asked_for() {
    let (connection, fake) = connection(account);
    let fetched = run(fetch_all(&connection, Limits::default()));
    assert_eq!(fetched.problems, []);
    // GuardDuty is off, Security Hub is on: that is worth a note.
    assert_eq!(fetched.notes.len(), 1);
    let regions: Vec<String> =
        fetched.findings.iter().map(|f| f.region.as_ref().unwrap().line().into_string()).collect();
    assert_eq!(regions, ["us-east-1", "eu-west-1", "eu-west-1"]);
    assert!(String::from_utf8_lossy(&fetched.findings[0].raw).contains("NewMember"));
    let first = fake.asked().into_iter().find(|asked| asked.operation == "POST /findings").unwrap();
    let body: serde_json::Value = serde_json::from_str(&first.body).unwrap();
    let expected = serde_json::json!({
        "Filters": {"RecordState": [{"Value": "ACTIVE", "Comparison": "EQUALS"}]},
        "SortCriteria": [{"Field": "UpdatedAt", "SortOrder": "desc"}],
        "MaxResults": 100,
    });
    assert_eq!(body, expected);
}

#[test]
fn one_source_s_failure_leaves_the_other() {
    let (connection, _) = connection(|asked| match asked.operation.as_str() {
        "GET /detector" => denied(),
        _ => account(asked),
    });
    let fetched = run(fetch_all(&connection, Limits::default()));
    assert_eq!(fetched.findings.len(), 3);
    assert_eq!(fetched.problems.len(), 1);
    assert_eq!(fetched.problems[0].what, "GuardDuty eu-west-1 failed: u may not call a on r");
}

#[test]
fn an_empty_answer_to_get_findings_is_an_error() {
    for body in ["", "{}", "null", "[]", r#"{"Findings":null}"#] {
        let (connection, _) = connection(move |asked| match asked.operation.as_str() {
            "POST /findings" => Answer::ok(body),
            _ => account(asked),
        });
        let fetched = run(fetch_all(&connection, Limits::default()));
        assert_eq!(fetched.problems.len(), 1, "{body}");
        assert!(fetched.problems[0].what.starts_with("Security Hub eu-west-1 failed: "), "{body}");
    }
}

#[test]
fn a_bad_record_takes_no_other_with_it() {
    let (connection, _) = connection(|asked| match asked.operation.as_str() {
        "POST /findings" => page(&[record("a", ""), "{\"Id\":7}".to_owned(), record("c", "")], "null"),
        _ => account(asked),
    });
    let fetched = run(fetch_all(&connection, Limits::default()));
    assert_eq!(fetched.findings.len(), 2);
    assert_eq!(fetched.problems.len(), 1);
    assert!(fetched.problems[0].what.starts_with("a record from Security Hub eu-west-1 could not be read: "));
}

#[test]
fn updates_are_asked_with_a_start_and_an_end() {
    let since: Timestamp = "2026-11-21T19:20:00Z".parse().unwrap();
    let (connection, fake) = connection(account);
    let ask = Ask { operation: "GetFindings", since: Some(since), ..Ask::default() };
    run(SecurityHub.call(&connection.reader("eu-west-1"), &ask)).unwrap();
    let body: serde_json::Value = serde_json::from_str(&fake.asked()[0].body).unwrap();
    let expected = serde_json::json!({"UpdatedAt": [{"Start": "2026-11-21T19:20:00Z", "End": "2027-11-22T19:20:00Z"}]});
    assert_eq!(body["Filters"], expected);
}
