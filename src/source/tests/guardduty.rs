use super::*;

const DETECTOR: &str = "12abc34d567e8fa901bc2d34e56789f0";

fn account(asked: &Asked) -> Answer {
    match asked.operation.as_str() {
        "GET /detector" => Answer::ok(format!(r#"{{"detectorIds":["{DETECTOR}"]}}"#)),
        list if list == format!("POST /detector/{DETECTOR}/findings") => match asked.body.contains("page-2") {
            false => Answer::ok(r#"{"findingIds":["a","b"],"nextToken":"page-2"}"#),
            true => Answer::ok(r#"{"findingIds":["c"],"nextToken":""}"#),
        },
        get if get == format!("POST /detector/{DETECTOR}/findings/get") => {
            let moment = "2026-11-21T19:00:00.000Z";
            let wanted: Vec<(&str, &str)> = ["a", "b", "c"]
                .iter()
                .filter(|id| asked.body.contains(&format!("\"{id}\"")))
                .map(|id| (*id, moment))
                .collect();
            Answer::Pieces(200, guardduty_findings(&wanted).into_bytes(), false)
        }
        _ => not_subscribed(),
    }
}

#[test]
fn all_pages_are_read_and_unknown_fields_survive() {
    let (connection, fake) = connection(account);
    let fetched = run(fetch_all(&connection, Limits::default()));
    assert_eq!(fetched.problems, []);
    let ids: Vec<String> = fetched.findings.iter().map(|f| f.id.line().into_string()).collect();
    let arn = |id: &str| format!("arn:aws:guardduty:eu-west-1:111122223333:detector/{DETECTOR}/finding/{id}");
    assert_eq!(ids, [arn("a"), arn("b"), arn("c")]);
    assert!(String::from_utf8_lossy(&fetched.findings[0].raw).contains("\"notYetKnown\":[1,2]"));
    assert!(fetched.findings.iter().all(|f| f.via == Via::Guardduty));
    let list = fake.asked().into_iter().find(|asked| asked.operation.ends_with("/findings")).unwrap();
    let body: serde_json::Value = serde_json::from_str(&list.body).unwrap();
    let expected = serde_json::json!({
        "findingCriteria": {"criterion": {"service.archived": {"equals": ["false"]}}},
        "maxResults": 50,
        "sortCriteria": {"attributeName": "updatedAt", "orderBy": "DESC"},
    });
    assert_eq!(body, expected);
}

#[test]
fn a_limit_stops_the_reading() {
    let (connection, fake) = connection(account);
    let fetched = run(fetch_all(&connection, Limits { findings: Some(2) }));
    assert_eq!(fetched.findings.len(), 2);
    assert_eq!(fake.operations().iter().filter(|operation| operation.ends_with("/findings")).count(), 1);
}

#[test]
fn findings_that_were_listed_and_do_not_come_are_told() {
    let (connection, _) = connection(|asked| match asked.operation.as_str() {
        get if get.ends_with("/findings/get") => Answer::ok(r#"{"findings":[]}"#),
        _ => account(asked),
    });
    let fetched = run(fetch_all(&connection, Limits::default()));
    let what: Vec<&str> = fetched.problems.iter().map(|problem| problem.what.as_str()).collect();
    assert_eq!(what.len(), 2, "{what:?}");
    assert!(what[0].ends_with("2 of 2 findings that it listed did not come"), "{what:?}");
    assert!(what[1].ends_with("1 of 1 findings that it listed did not come"), "{what:?}");
}

#[test]
fn an_empty_list_of_detectors_is_not_enabled() {
    let (connection, _) = connection(|asked| match asked.operation.as_str() {
        "GET /detector" => Answer::ok(r#"{"detectorIds":[]}"#),
        _ => not_subscribed(),
    });
    let fetched = run(fetch_all(&connection, Limits::default()));
    // None is on: that is a problem, not an empty list.
    let mut what: Vec<&str> = fetched.problems.iter().map(|problem| problem.what.as_str()).collect();
    what.sort_unstable();
    assert_eq!(what, ["GuardDuty eu-west-1 is not switched on", "Security Hub eu-west-1 is not switched on"]);
    assert_eq!(fetched.notes, []);
}

#[test]
fn answers_without_sense_are_errors_and_never_no_findings() {
    let senseless = [
        Answer::ok(""),
        Answer::ok("{}"),
        Answer::ok("{\"detectorIds\":"),
        Answer::ok("<html>welcome to the hotel's network</html>"),
        Answer::Pieces(200, b"{\"detectorIds\":[]}".to_vec(), true),
        Answer::Short(200, b"{\"detectorIds\":[]}".to_vec(), 900),
        Answer::ok(r#"{"detectorIds":["../../secret"]}"#),
    ];
    for answer in senseless {
        let script = {
            let answer = answer.clone();
            move |asked: &Asked| if asked.operation == "GET /detector" { answer.clone() } else { not_subscribed() }
        };
        let (connection, _) = connection(script);
        let fetched = run(fetch_all(&connection, Limits::default()));
        assert_eq!(fetched.problems.len(), 1, "{answer:?}");
        assert!(fetched.problems[0].what.starts_with("GuardDuty eu-west-1 failed: "), "{:?}", fetched.problems);
        assert_eq!(fetched.problems[0].exit_code(), 3);
    }
}

#[test]
fn a_page_that_leads_to_itself_ends_as_an_error() {
    let (connection, _) = connection(|asked| match asked.operation.as_str() {
        "GET /detector" => Answer::ok(r#"{"detectorIds":["d"],"nextToken":"again"}"#),
        _ => not_subscribed(),
    });
    let fetched = run(fetch_all(&connection, Limits::default()));
    assert!(fetched.problems[0].what.contains("leads to its own page again"), "{:?}", fetched.problems);
}
