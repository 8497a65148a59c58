use super::*;
use crate::finding::{Via, read};
use proptest::prelude::*;

const FINDING: &str = r#"{
    "schemaVersion": "2.0", "accountId": "111122223333", "region": "eu-west-1", "id": "4ac1",
    "arn": "arn:aws:guardduty:eu-west-1:111122223333:detector/9f/finding/4ac1",
    "type": "CryptoCurrency:EC2/BitcoinTool.B!DNS", "severity": 8, "title": "Mining \u202e on Tor exit",
    "description": "An instance queries a pool",
    "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": "i-0a1b2c3d4e5f60718",
        "tags": [{"key": "Name", "value": "Web-7"}]}},
    "service": {"archived": false, "count": 3, "eventLastSeen": "2026-03-04T05:00:00Z",
        "action": {"networkConnectionAction": {"remoteIpDetails": {"ipAddressV4": "198.51.100.7",
            "country": {"countryName": "Norway"}}}}}}"#;

fn finding() -> Finding {
    read(FINDING.as_bytes(), Via::File).findings.remove(0)
}

/// Whether the filter lets the finding through at 06:00, an hour after it was last seen.
fn passes_with(finding: &Finding, filter: &str, alias: Option<&str>) -> bool {
    let haystack = haystack(finding, alias);
    let row = RowView { finding, haystack: &haystack, alias, attached: true, marked: false };
    Filter::parse(filter).unwrap().matches(&row, "2026-03-04T06:00:00Z".parse().unwrap())
}

fn passes(filter: &str) -> bool {
    passes_with(&finding(), filter, Some("Prod"))
}

fn error(filter: &str) -> (usize, String) {
    let error = Filter::parse(filter).unwrap_err();
    (error.column, error.what)
}

#[test]
fn words_must_all_occur_and_phrases_are_one() {
    assert!(passes("") && passes("  ") && passes("mining") && passes("MINING pool") && passes("web-7 norway"));
    assert!(!passes("mining absent"));
    assert!(passes("\"on tor exit\"") && !passes("\"on  tor exit\""));
    assert!(passes("\"an instance queries\"") && !passes("\"queries an instance\""));
    assert!(passes("\"queries a") && passes("absent|mining") && !passes("\"absent|mining\""));
    assert!(!passes("\"pool 111122223333\""), "a phrase does not run from one field into the next");
}

#[test]
fn what_is_shown_can_be_found() {
    assert!(passes("\\u{202e}") && passes("title:\u{202e}"));
}

#[test]
fn terms_are_negated() {
    assert!(passes("-absent") && !passes("-mining") && passes("-is:archived") && !passes("-is:active"));
    assert!(passes("-\"tor entry\"") && !passes("-sev:high") && passes("-sev:low"));
    assert!(passes("-"), "a dash alone is a word, and eu-west-1 has one");
}

#[test]
fn equality_and_substring_by_field() {
    assert!(passes("account:111122223333") && !passes("account:1111"));
    assert!(passes("account:prod") && !passes("account:pro") && passes("ACCOUNT:PROD|dev"));
    assert!(passes("region:eu-west-1") && !passes("region:eu") && passes("region:us-east-1|eu-west-1"));
    assert!(
        passes("type:bitcointool") && passes("title:mining") && passes("resource:i-0a1b") && passes("actor:198.51")
    );
    assert!(passes("resource:web") && passes("resource:aws::ec2::instance") && passes("actor:norway"));
    assert!(passes("source:guardduty") && !passes("source:guard") && passes("status:active"));
    assert!(!passes("workflow:new") && passes("-workflow:new"));
    assert!(!passes("id:4ac1") && passes("id:arn:aws:guardduty:eu-west-1:111122223333:detector/9f/finding/4ac1"));
    assert!(passes("title:\"on tor\"|absent") && !passes("title:\"tor on\"|absent"));
}

#[test]
fn a_glob_matches_whole() {
    assert!(passes("type:*Crypto*") && passes("type:crypto*") && !passes("type:*Crypto") && !passes("type:tool*"));
    assert!(passes("id:*4ac1") && passes("region:eu-*") && passes("account:pr*") && passes("resource:i-*"));
    assert!(!passes("title:mining?"), "only the star is a glob");
}

#[test]
fn severities_have_an_order() {
    assert!(passes("sev:high") && passes("sev:HIGH|low") && !passes("sev:critical"));
    assert!(passes("sev>=high") && passes("sev>medium") && passes("sev<crit") && passes("sev<=high"));
    assert!(!passes("sev>high") && !passes("sev<high"));
    assert!(passes("sev>=70") && passes("sev:80") && passes("sev<80.5") && !passes("sev>80"));
    let mut none = finding();
    none.severity = Default::default();
    assert!(!passes_with(&none, "sev>=informational", None) && !passes_with(&none, "sev<critical", None));
}

#[test]
fn ages_are_counted_from_when_it_was_last_seen() {
    assert!(passes("age<2h") && passes("age<=60m") && passes("age>=3600s") && passes("age>59m") && passes("age<1d"));
    assert!(!passes("age<1h") && !passes("age>1h") && !passes("age>1w"));
    assert!(passes("age<1h1m") && !passes("age<59m59s"));
    let mut updated = finding();
    (updated.last_seen, updated.updated) = (None, "2026-03-04T05:30:00Z".parse().ok());
    assert!(passes_with(&updated, "age<31m", None) && !passes_with(&updated, "age<29m", None));
    updated.updated = None;
    assert!(!passes_with(&updated, "age<31m", None) && !passes_with(&updated, "age>0s", None));
}

#[test]
fn states() {
    assert!(passes("is:active") && passes("is:attached") && !passes("is:marked") && !passes("is:archived"));
    assert!(passes("is:marked|attached"));
    let mut archived = finding();
    archived.status = Status::Archived;
    assert!(passes_with(&archived, "is:archived status:archived -is:active", None));
}

#[test]
fn new_is_what_is_active_and_nobody_has_taken() {
    // GuardDuty keeps no workflow.
    let mut finding = finding();
    assert!(finding.workflow.is_none() && passes_with(&finding, "is:new -workflow:new", None));
    finding.workflow = Some(Workflow::New);
    assert!(passes_with(&finding, "is:new workflow:new", None));
    for taken in [Workflow::Notified, Workflow::Suppressed, Workflow::Resolved] {
        finding.workflow = Some(taken);
        assert!(passes_with(&finding, "-is:new", None), "{taken:?}");
    }
    for workflow in [None, Some(Workflow::New)] {
        (finding.status, finding.workflow) = (Status::Archived, workflow);
        assert!(passes_with(&finding, "-is:new", None), "{workflow:?}");
    }
}

#[test]
fn half_typed_filters_let_everything_through() {
    assert!(passes("type:") && passes("account:") && passes("sev:") && passes("account:absent|prod|"));
}

#[test]
fn an_unknown_name_is_a_word_before_a_colon_and_an_error_before_an_order() {
    assert!(passes("arn:aws:guardduty") && !passes("colour:red") && passes("cryptocurrency:ec2/bitcointool.b!dns"));
    assert_eq!(error("mining colour>3").0, 8);
    assert_eq!(error("-colour<3"), (2, "there is no field `colour`; sev and age have an order".to_owned()));
    assert_eq!(error("title>=b").0, 1);
    assert_eq!(error("is<new").0, 1);
    assert!(passes(">3") != passes("-\">3\"") && !passes(">3"), "without a name it is a word");
}

#[test]
fn bad_values_are_told_with_their_column() {
    assert_eq!(error("sev:huge").0, 5);
    assert_eq!(error("mining sev>=").0, 13);
    assert_eq!(error("sev>high|low"), (5, "an order takes one value".to_owned()));
    assert_eq!(error("age<2").0, 5);
    assert_eq!(error("age<h").0, 5);
    assert_eq!(error("age<99999999999999999999w").0, 5);
    assert_eq!(error("age:2h").0, 1);
    assert_eq!(error("is:gone").0, 4);
    assert_eq!(error("\u{e9}\u{e9} is:gone").0, 7);
}

proptest! {
    #[test]
    fn no_text_breaks_a_filter(text in any::<String>()) {
        if let Ok(filter) = Filter::parse(&text) {
            let finding = finding();
            let row = RowView { finding: &finding, haystack: "x", alias: None, attached: false, marked: false };
            filter.matches(&row, Timestamp::UNIX_EPOCH);
        }
    }

    #[test]
    fn no_filter_like_text_breaks_a_filter(text in r#"((-|sev|age|is|type|id|:|<|>=|\||"|\*|\\|high|2h|new| ){0,3}){0,8}"#) {
        let _ = Filter::parse(&text).map_err(|error| assert!(error.column <= text.chars().count() + 1));
    }
}
