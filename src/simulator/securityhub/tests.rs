//! The Security Hub operations, on the pure core.

use crate::simulator::testing::Bench;
use serde_json::{Value, json};

const GUARDDUTY: &str = "arn:aws:securityhub:eu-west-1::product/aws/guardduty";
const OWN: &str = "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default";

/// One call; two seconds pass before it, so that no rate is exceeded.
fn get(bench: &mut Bench, body: &Value) -> Value {
    bench.now.real += jiff::SignedDuration::from_secs(2);
    bench.json("securityhub", "POST", "/findings", &body.to_string())
}

fn count(bench: &mut Bench, filters: &Value) -> usize {
    let answer = get(bench, &json!({ "Filters": filters, "MaxResults": 100 }));
    answer["Findings"].as_array().unwrap().len()
}

fn titles(answer: &Value) -> Vec<String> {
    answer["Findings"].as_array().unwrap().iter().map(|f| f["Title"].as_str().unwrap().to_owned()).collect()
}

fn one(bench: &mut Bench, title: &str) -> Value {
    let filters = json!({ "Title": [{ "Value": title, "Comparison": "PREFIX" }] });
    get(bench, &json!({ "Filters": filters }))["Findings"][0].clone()
}

fn refused(bench: &mut Bench, method: &str, path: &str, body: &Value) {
    bench.now.real += jiff::SignedDuration::from_secs(2);
    let (status, code, text) = bench.refused("securityhub", method, path, &body.to_string());
    assert_eq!((status, code.as_str()), (400, "InvalidInputException"), "{body}");
    assert!(text.contains(r#""Code":"InvalidInputException""#), "{text}");
}

#[test]
fn the_hub_is_in_one_region() {
    let mut bench = Bench::new("crypto-mining");
    let hub = bench.json("securityhub", "GET", "/accounts", "");
    assert_eq!(hub["HubArn"], "arn:aws:securityhub:eu-west-1:111122223333:hub/default");
    bench.region = "us-west-2".to_owned();
    let (status, code, body) = bench.refused("securityhub", "GET", "/accounts", "");
    assert_eq!((status, code.as_str()), (401, "InvalidAccessException"));
    assert!(body.contains("Account 111122223333 is not subscribed to AWS Security Hub"), "{body}");
}

#[test]
fn a_guardduty_finding_is_an_asff_finding_with_its_arn() {
    let mut bench = Bench::new("crypto-mining");
    let finding = one(&mut bench, "build-runner-2 exchanges");
    let id = finding["Id"].as_str().unwrap();
    assert!(
        id.starts_with("arn:aws:guardduty:eu-west-1:111122223333:detector/3ac1f0b8d24e96a7705b1e8c6f92d4b3/finding/")
    );
    assert_eq!(finding["ProductArn"], GUARDDUTY);
    assert_eq!(finding["Types"], json!(["TTPs/Command and Control/CryptoCurrency:EC2-BitcoinTool.B"]));
    assert_eq!(finding["Severity"], json!({ "Product": 8.0, "Label": "HIGH", "Normalized": 80 }));
    let fields = &finding["ProductFields"];
    assert_eq!(fields["aws/guardduty/service/count"], "17");
    let port = "aws/guardduty/service/action/networkConnectionAction/remotePortDetails/port";
    assert_eq!(fields[port], "3333");
    let threat = "aws/guardduty/service/evidence/threatIntelligenceDetails.0_/threatListName";
    assert_eq!(fields[threat], "MiningPools");
    assert_eq!(fields["aws/securityhub/FindingId"], format!("{GUARDDUTY}/{id}"));
    let resource = &finding["Resources"][0];
    assert_eq!(resource["Id"], "arn:aws:ec2:eu-west-1:111122223333:instance/i-0c4f1e97ab52d6038");
    assert_eq!(resource["Details"]["AwsEc2Instance"]["IpV4Addresses"], json!(["203.0.113.88", "10.20.4.118"]));
    assert_eq!(resource["Tags"]["team"], "platform");
    let action = &finding["Action"]["NetworkConnectionAction"];
    assert!(action.get("LocalIpDetails").is_none(), "ASFF has no member for it");
    let remote = &action["RemoteIpDetails"];
    assert_eq!((&remote["IpAddressV4"], &remote["Organization"]["Asn"]), (&json!("198.51.100.77"), &json!(64501)));
}

#[test]
fn what_asff_has_no_member_for_is_left_out() {
    let mut bench = Bench::new("stolen-keys");
    // GuardDuty's own finding has both; AwsApiCallAction has neither.
    let finding = one(&mut bench, "A trail was switched off");
    let service = "aws/guardduty/service/action/awsApiCallAction";
    assert_eq!(finding["ProductFields"][format!("{service}/errorCode")], "AccessDenied");
    let call = &finding["Action"]["AwsApiCallAction"];
    assert_eq!(call["Api"], "StopLogging");
    assert!(call.get("ErrorCode").is_none() && call.get("UserAgent").is_none(), "{call}");
    let mut bench = Bench::new("quiet");
    let probe = get(&mut bench, &json!({ "Filters": {}, "MaxResults": 100 }))["Findings"].clone();
    let probes: Vec<&Value> = probe.as_array().unwrap().iter().map(|f| &f["Action"]["PortProbeAction"]).collect();
    let details: Vec<&Value> = probes.iter().filter_map(|p| p["PortProbeDetails"].as_array()).flatten().collect();
    assert!(!details.is_empty() && details.iter().all(|d| d.get("LocalIpDetails").is_none()), "{details:?}");
}

#[test]
fn who_signs_in_at_the_console_has_no_key() {
    let mut bench = Bench::new("stolen-keys");
    let finding = one(&mut bench, "deploy-bot signed in");
    let details = &finding["Resources"][0]["Details"]["AwsIamAccessKey"];
    assert_eq!((&details["PrincipalName"], &details["PrincipalType"]), (&json!("deploy-bot"), &json!("IAMUser")));
    assert!(details.get("AccessKeyId").is_none(), "{details}");
}

#[test]
fn a_control_finding_is_only_in_the_hub() {
    let mut bench = Bench::new("crypto-mining");
    let filters = json!({ "ComplianceSecurityControlId": [{ "Value": "S3.8", "Comparison": "EQUALS" }] });
    let finding = get(&mut bench, &json!({ "Filters": filters }))["Findings"][0].clone();
    assert_eq!(finding["ProductArn"], "arn:aws:securityhub:eu-west-1::product/aws/securityhub");
    assert_eq!(finding["GeneratorId"], "security-control/S3.8");
    assert_eq!(finding["Resources"][0]["Id"], "arn:aws:s3:::lumen-build-artifacts");
    assert_eq!(finding["Compliance"]["Status"], "FAILED");
    // Made 420 hours before 2026-11-21T10:00Z.
    assert_eq!(finding["CreatedAt"], "2026-11-03T22:00:00.000Z");
}

#[test]
fn filters_choose_findings() {
    let mut bench = Bench::new("crypto-mining");
    for (filters, expected) in [
        (json!({}), 15),
        (json!({ "ProductArn": [{ "Value": GUARDDUTY, "Comparison": "EQUALS" }] }), 10),
        (json!({ "ProductArn": [{ "Value": GUARDDUTY, "Comparison": "NOT_EQUALS" }] }), 5),
        (json!({ "RecordState": [{ "Value": "ARCHIVED", "Comparison": "EQUALS" }] }), 1),
        (
            json!({ "SeverityLabel": [{ "Value": "HIGH", "Comparison": "EQUALS" }, { "Value": "MEDIUM", "Comparison": "EQUALS" }] }),
            11,
        ),
        (json!({ "Type": [{ "Value": "TTPs/Command and Control/", "Comparison": "PREFIX" }] }), 4),
        (
            json!({ "Type": [{ "Value": "TTPs/", "Comparison": "PREFIX" }, { "Value": "TTPs/Discovery", "Comparison": "PREFIX_NOT_EQUALS" }] }),
            7,
        ),
        (json!({ "Title": [{ "Value": "mining", "Comparison": "CONTAINS" }] }), 3),
        (json!({ "Title": [{ "Value": "SSH", "Comparison": "CONTAINS_WORD" }] }), 1),
        (json!({ "SeverityNormalized": [{ "Gte": 70.0, "Lt": 80.0 }] }), 4),
        (json!({ "SeverityNormalized": [{ "Eq": 20.0 }, { "Eq": 50.0 }] }), 5),
        (json!({ "UpdatedAt": [{ "Start": "2026-11-20T10:00:00Z", "End": "2026-11-21T08:00:00Z" }] }), 8),
        (json!({ "CreatedAt": [{ "DateRange": { "Value": 2, "Unit": "DAYS" } }] }), 9),
        (json!({ "CreatedAt": [{ "DateRange": { "Value": 2, "Unit": "DAYS", "Comparison": "OLDER_THAN" } }] }), 6),
        (json!({ "ResourceTags": [{ "Key": "team", "Value": "shop", "Comparison": "EQUALS" }] }), 1),
        (
            json!({ "ProductFields": [{ "Key": "aws/guardduty/service/action/actionType", "Value": "DNS_REQUEST", "Comparison": "EQUALS" }] }),
            2,
        ),
        (json!({ "ResourceAwsEc2InstanceIpV4Addresses": [{ "Cidr": "10.20.0.0/22" }] }), 2),
        (json!({ "Sample": [{ "Value": true }] }), 0),
        (json!({ "Keyword": [{ "Value": "lanterncoin" }] }), 2),
        (
            json!({ "WorkflowStatus": [{ "Value": "NEW", "Comparison": "EQUALS" }], "ResourceType": [{ "Value": "AwsS3Bucket", "Comparison": "EQUALS" }] }),
            1,
        ),
    ] {
        assert_eq!(count(&mut bench, &filters), expected, "{filters}");
    }
}

#[test]
fn lists_are_sorted_and_paged() {
    let mut bench = Bench::new("crypto-mining");
    let sort =
        json!([{ "Field": "SeverityNormalized", "SortOrder": "desc" }, { "Field": "CreatedAt", "SortOrder": "asc" }]);
    let all = titles(&get(&mut bench, &json!({ "SortCriteria": sort, "MaxResults": 100 })));
    assert_eq!(all[0], "build-runner-2 asks for the name of a command-and-control server.");
    assert_eq!(all[14], "The role build-runner looks around in an unusual way.");
    let (mut paged, mut token, mut sizes) = (Vec::new(), Value::Null, Vec::new());
    loop {
        let answer = get(&mut bench, &json!({ "SortCriteria": sort, "MaxResults": 6, "NextToken": token }));
        sizes.push(titles(&answer).len());
        paged.extend(titles(&answer));
        token = answer["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(sizes, [6, 6, 3]);
    assert_eq!(paged, all);
}

#[test]
fn what_get_findings_refuses() {
    let mut bench = Bench::new("quiet");
    let text = |comparison: &str| json!({ "Value": "x", "Comparison": comparison });
    let eleven: serde_json::Map<String, Value> = [
        "Id",
        "Title",
        "Region",
        "Type",
        "RecordState",
        "Description",
        "GeneratorId",
        "ProductArn",
        "ProductName",
        "CompanyName",
        "SourceUrl",
    ]
    .iter()
    .map(|n| ((*n).to_owned(), json!([text("EQUALS")])))
    .collect();
    for body in [
        json!({ "MaxResults": 101 }),
        json!({ "NextToken": "stale" }),
        json!({ "Filters": { "Colour": [text("EQUALS")] } }),
        json!({ "Filters": { "Title": [text("LIKE")] } }),
        json!({ "Filters": { "Title": [text("EQUALS"), text("NOT_EQUALS")] } }),
        json!({ "Filters": { "Title": [text("CONTAINS"), text("PREFIX")] } }),
        json!({ "Filters": { "Title": vec![text("EQUALS"); 21] } }),
        json!({ "Filters": eleven }),
        json!({ "Filters": { "UpdatedAt": [{ "Start": "2026-11-20T10:00:00Z" }] } }),
        json!({ "SortCriteria": [{ "Field": "Colour", "SortOrder": "asc" }] }),
        json!({ "SortCriteria": [{ "Field": "UpdatedAt", "SortOrder": "ASC" }] }),
    ] {
        refused(&mut bench, "POST", "/findings", &body);
    }
}

#[test]
fn updates_stick_and_do_not_move_updated_at() {
    let mut bench = Bench::new("quiet");
    let finding = one(&mut bench, "An open port");
    let known = json!({ "Id": finding["Id"], "ProductArn": finding["ProductArn"] });
    let unknown = json!({ "Id": "arn:nobody", "ProductArn": finding["ProductArn"] });
    let body = json!({
        "FindingIdentifiers": [known, unknown],
        "Workflow": { "Status": "NOTIFIED" },
        "Note": { "Text": "looked at", "UpdatedBy": "maren" },
        "Severity": { "Label": "HIGH" },
        "UserDefinedFields": { "incident": "42" },
    });
    let answer = bench.json("securityhub", "PATCH", "/findings/batchupdate", &body.to_string());
    assert_eq!(answer["ProcessedFindings"], json!([known]));
    let missing =
        json!([{ "FindingIdentifier": unknown, "ErrorCode": "FindingNotFound", "ErrorMessage": "Finding Not Found" }]);
    assert_eq!(answer["UnprocessedFindings"], missing);
    bench.wait(3600);
    let changed = one(&mut bench, "An open port");
    assert_eq!(changed["Workflow"]["Status"], "NOTIFIED");
    assert_eq!(
        changed["Note"],
        json!({ "Text": "looked at", "UpdatedBy": "maren", "UpdatedAt": "2026-11-21T10:00:00.000Z" })
    );
    assert_eq!(changed["Severity"], json!({ "Label": "HIGH", "Normalized": 70 }));
    assert_eq!(changed["UserDefinedFields"]["incident"], "42");
    assert_eq!(changed["UpdatedAt"], finding["UpdatedAt"]);
    for body in [
        json!({ "FindingIdentifiers": [] }),
        json!({ "FindingIdentifiers": vec![known.clone(); 101] }),
        json!({ "FindingIdentifiers": [known], "Workflow": { "Status": "DONE" } }),
        json!({ "FindingIdentifiers": [known], "Confidence": 101 }),
        json!({ "FindingIdentifiers": [known], "Note": { "Text": "x".repeat(513), "UpdatedBy": "maren" } }),
    ] {
        refused(&mut bench, "PATCH", "/findings/batchupdate", &body);
    }
}

#[test]
fn record_state_follows_guardduty_and_coming_back_reopens_the_workflow() {
    let mut bench = Bench::new("quiet");
    let finding = one(&mut bench, "An open port");
    let id = finding["Id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let update = json!({
        "FindingIdentifiers": [{ "Id": finding["Id"], "ProductArn": finding["ProductArn"] }],
        "Workflow": { "Status": "RESOLVED" },
    });
    bench.json("securityhub", "PATCH", "/findings/batchupdate", &update.to_string());
    let path = "/detector/9d27e4b1c05f83a6e2174f09bb58dc36/findings";
    let ids = json!({ "findingIds": [id] }).to_string();
    bench.json("guardduty", "POST", &format!("{path}/archive"), &ids);
    let archived = one(&mut bench, "An open port");
    assert_eq!((&archived["RecordState"], &archived["Workflow"]["Status"]), (&json!("ARCHIVED"), &json!("RESOLVED")));
    bench.json("guardduty", "POST", &format!("{path}/unarchive"), &ids);
    let back = one(&mut bench, "An open port");
    assert_eq!((&back["RecordState"], &back["Workflow"]["Status"]), (&json!("ACTIVE"), &json!("NEW")));
}

fn own(id: &str) -> Value {
    json!({
        "SchemaVersion": "2018-10-08", "Id": id, "ProductArn": OWN, "GeneratorId": "drill", "AwsAccountId": "111122223333",
        "CreatedAt": "2026-11-21T09:00:00Z", "UpdatedAt": "2026-11-21T09:00:00Z", "Title": "Own finding",
        "Description": "From a tool of ours.", "Resources": [{ "Type": "Other", "Id": "thing" }],
        "FindingProviderFields": { "Severity": { "Label": "LOW" }, "Types": ["TTPs"] },
    })
}

#[test]
fn own_findings_are_imported_and_faulty_ones_listed() {
    let mut bench = Bench::new("crypto-mining");
    let without = |name: &str| {
        let mut finding = own(name);
        finding.as_object_mut().unwrap().remove(name);
        finding
    };
    let mut foreign = own("foreign");
    foreign["AwsAccountId"] = json!("444455556666");
    let mut unheard = own("unheard");
    unheard["FindingProviderFields"]["Severity"]["Label"] = json!("TERRIBLE");
    let findings = [own("mine"), without("Title"), without("FindingProviderFields"), foreign, unheard];
    let findings = json!({ "Findings": findings }).to_string();
    let answer = bench.json("securityhub", "POST", "/findings/import", &findings);
    assert_eq!((&answer["SuccessCount"], &answer["FailedCount"]), (&json!(1), &json!(4)));
    assert_eq!(
        answer["FailedFindings"][0],
        json!({
            "Id": "Title",
            "ErrorCode": "InvalidInput",
            "ErrorMessage": "Finding does not adhere to Amazon Finding Format. data should have required property 'Title'.",
        })
    );
    assert_eq!(one(&mut bench, "Own finding")["Severity"], json!({ "Label": "LOW", "Normalized": 1 }));
    // A later version replaces it, its workflow stays; an earlier one changes nothing.
    let update =
        json!({ "FindingIdentifiers": [{ "Id": "mine", "ProductArn": OWN }], "Workflow": { "Status": "SUPPRESSED" } });
    bench.json("securityhub", "PATCH", "/findings/batchupdate", &update.to_string());
    for (moment, title) in
        [("2026-11-21T09:30:00Z", "Own finding, later"), ("2026-11-21T09:10:00Z", "Own finding, stale")]
    {
        let mut finding = own("mine");
        (finding["UpdatedAt"], finding["Title"]) = (json!(moment), json!(title));
        bench.json("securityhub", "POST", "/findings/import", &json!({ "Findings": [finding] }).to_string());
    }
    let found = one(&mut bench, "Own finding");
    assert_eq!((&found["Title"], &found["Workflow"]["Status"]), (&json!("Own finding, later"), &json!("SUPPRESSED")));
}

#[test]
fn a_product_of_somebody_else_is_denied() {
    let mut bench = Bench::new("crypto-mining");
    let mut finding = own("theirs");
    finding["ProductArn"] = json!("arn:aws:securityhub:eu-west-1::product/acme/scanner");
    let body = json!({ "Findings": [finding] }).to_string();
    let (status, code, text) = bench.refused("securityhub", "POST", "/findings/import", &body);
    assert_eq!((status, code.as_str()), (403, "AccessDeniedException"));
    assert!(text.contains("on resource: arn:aws:securityhub:eu-west-1::product/acme/scanner"), "{text}");
    let many = json!({ "Findings": vec![own("mine"); 101] });
    refused(&mut bench, "POST", "/findings/import", &many);
}

#[test]
fn get_findings_is_throttled_by_the_real_clock() {
    let mut bench = Bench::new("quiet");
    for _ in 0..6 {
        bench.json("securityhub", "POST", "/findings", "{}");
    }
    // Simulated time alone does not help.
    bench.now.simulated += jiff::SignedDuration::from_hours(1);
    let (status, code, _) = bench.refused("securityhub", "POST", "/findings", "{}");
    assert_eq!((status, code.as_str()), (429, "TooManyRequestsException"));
    bench.now.real += jiff::SignedDuration::from_millis(400);
    bench.json("securityhub", "POST", "/findings", "{}");
}
