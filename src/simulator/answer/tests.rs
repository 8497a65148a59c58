//! The front door: signing, denied operations, injected faults and rates, on the pure core.

use super::answer;
use crate::simulator::testing::{Bench, between, text};
use crate::simulator::wire::{Cut, Request};

#[test]
fn an_unsigned_request_is_refused_in_the_shape_of_its_protocol() {
    let mut bench = Bench::new("quiet");
    let rest = Request { method: "GET".to_owned(), path: "/detector".to_owned(), ..Request::default() };
    let response = answer(&mut bench.world, &rest, bench.now);
    assert_eq!(response.status, 403);
    assert!(text(&response).contains("MissingAuthenticationTokenException"), "{}", text(&response));
    let form = ("content-type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned());
    let query = Request { method: "POST".to_owned(), path: "/".to_owned(), headers: vec![form], ..Request::default() };
    let response = answer(&mut bench.world, &query, bench.now);
    assert_eq!((response.status, between(&text(&response), "<Code>", "<")), (403, "MissingAuthenticationToken"));
    let target = ("x-amz-target".to_owned(), "AmazonSSM.DescribeDocument".to_owned());
    let json = Request { method: "POST".to_owned(), path: "/".to_owned(), headers: vec![target], ..Request::default() };
    assert_eq!(answer(&mut bench.world, &json, bench.now).status, 400);
}

#[test]
fn an_unknown_key_is_refused() {
    let mut bench = Bench::new("quiet");
    bench.key = "AKIAZZZZZZZZZZZZZZZZ".to_owned();
    let (status, code, body) = bench.refused("guardduty", "GET", "/detector", "");
    assert_eq!((status, code.as_str()), (403, "UnrecognizedClientException"));
    assert!(body.contains("The security token included in the request is invalid."), "{body}");
    let (status, xml) = bench.form("sts", "Action=GetCallerIdentity");
    assert_eq!((status, between(&xml, "<Code>", "<")), (403, "InvalidClientTokenId"));
}

#[test]
fn a_denied_operation_names_user_action_and_resource() {
    let mut bench = Bench::with("quiet", "denied = [\"guardduty:GetDetector\"]");
    let path = "/detector/9d27e4b1c05f83a6e2174f09bb58dc36";
    let (status, code, body) = bench.refused("guardduty", "GET", path, "");
    assert_eq!((status, code.as_str()), (403, "AccessDeniedException"));
    let message = "User: arn:aws:iam::444455556666:user/quell-responder is not authorized to perform: guardduty:GetDetector \
                   on resource: arn:aws:guardduty:eu-central-1:444455556666:detector/9d27e4b1c05f83a6e2174f09bb58dc36";
    assert!(body.contains(message), "{body}");
}

#[test]
fn each_class_of_error_can_be_asked_for() {
    for (error, status, code) in [
        ("throttled", 429, "TooManyRequestsException"),
        ("denied", 403, "AccessDeniedException"),
        ("expired", 403, "ExpiredTokenException"),
        ("unknown-key", 403, "UnrecognizedClientException"),
        ("validation", 400, "BadRequestException"),
        ("not-found", 400, "BadRequestException"),
        ("internal", 500, "InternalServerErrorException"),
        ("unavailable", 503, "ServiceUnavailableException"),
    ] {
        let mut bench =
            Bench::with("quiet", &format!("[[fault]]\noperation = \"guardduty:ListDetectors\"\nerror = \"{error}\""));
        let (got, header, _) = bench.refused("guardduty", "GET", "/detector", "");
        assert_eq!((got, header.as_str()), (status, code), "{error}");
        bench.json("guardduty", "GET", "/detector", "");
    }
}

#[test]
fn connections_break_before_or_after_the_operation() {
    let path = "/detector/9d27e4b1c05f83a6e2174f09bb58dc36/findings";
    for (error, cut, done) in [("refused", Cut::Refused, 0), ("lost", Cut::Lost, 1), ("truncated", Cut::After(1), 1)] {
        let fault = format!("[[fault]]\noperation = \"guardduty:ArchiveFindings\"\nerror = \"{error}\"");
        let mut bench = Bench::with("quiet", &fault);
        let ids = bench.json("guardduty", "POST", path, "{}")["findingIds"].clone();
        let body = serde_json::json!({ "findingIds": [ids[0]] }).to_string();
        let response = bench.send("guardduty", "POST", &format!("{path}/archive"), &[], &body);
        assert_eq!(response.cut, Some(cut), "{error}");
        assert_eq!(bench.world.findings.values().filter(|f| f.archived).count(), done, "{error}");
    }
    let mut bench = Bench::with("quiet", "[[fault]]\noperation = \"guardduty:ListDetectors\"\nerror = \"garbled\"");
    let response = bench.send("guardduty", "GET", "/detector", &[], "");
    assert!(serde_json::from_slice::<serde_json::Value>(&response.body).is_err());
}

#[test]
fn every_answer_has_a_date_and_a_request_id_of_its_own() {
    let mut bench = Bench::new("quiet");
    let ids: Vec<String> = (0..3)
        .map(|_| {
            let response = bench.send("guardduty", "GET", "/detector", &[], "");
            assert!(response.headers.contains(&("date", "Sat, 21 Nov 2026 10:00:00 GMT".to_owned())));
            response.headers.iter().find(|(n, _)| *n == "x-amzn-requestid").unwrap().1.clone()
        })
        .collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids.iter().all(|id| id.len() == 36), "{ids:?}");
    assert_eq!(bench.send("guardduty", "GET", "/nothing/here", &[], "").status, 404);
    assert_eq!(bench.send("lambda", "GET", "/", &[], "").status, 404);
}

#[test]
fn a_denial_may_be_a_pattern_but_never_who_am_i() {
    let mut bench = Bench::with("quiet", "denied = [\"sts:*\", \"guardduty:List*\"]");
    assert_eq!(bench.refused("guardduty", "GET", "/detector", "").0, 403);
    bench.json("guardduty", "GET", "/detector/9d27e4b1c05f83a6e2174f09bb58dc36", "");
    assert_eq!(bench.form("sts", "Action=GetCallerIdentity").0, 200);
    assert_eq!(bench.form("sts", "Action=AssumeRole").0, 403);
}
