//! The rules by which severity, standing and type are told, case by case.

use super::{Finding, Via, read};

fn all(bytes: &[u8]) -> Vec<Finding> {
    let batch = read(bytes, Via::File);
    assert_eq!(batch.errors, []);
    batch.findings
}

#[test]
fn severities_by_label_else_by_number_else_by_what_the_finder_said() {
    let asff = |severity: &str, provider: &str| {
        let json = format!(
            r#"{{"Id":"x","ProductArn":"p","GeneratorId":"g","Severity":{severity},
                "FindingProviderFields":{{"Severity":{provider}}}}}"#
        );
        let it = all(json.as_bytes())[0].severity;
        (it.label.map(|l| l.word()), it.score)
    };
    assert_eq!(asff(r#"{"Label":"LOW"}"#, "{}"), (Some("LOW"), Some(1.0)));
    assert_eq!(asff(r#"{"Label":"LOW","Normalized":30,"Product":8}"#, "{}"), (Some("LOW"), Some(30.0)));
    assert_eq!(asff(r#"{"Normalized":"40"}"#, "{}"), (Some("MEDIUM"), Some(40.0)));
    assert_eq!(asff(r#"{"Normalized":0,"Product":0}"#, "{}"), (Some("INFORMATIONAL"), Some(0.0)));
    assert_eq!(asff(r#"{"Normalized":250}"#, "{}"), (Some("CRITICAL"), Some(100.0)));
    assert_eq!(asff(r#"{"Normalized":-3}"#, "{}"), (None, None));
    assert_eq!(asff("{}", r#"{"Label":"HIGH"}"#), (Some("HIGH"), Some(70.0)));
    assert_eq!(asff(r#"{"Original":"medium"}"#, "{}"), (Some("MEDIUM"), Some(40.0)));
    assert_eq!(asff(r#"{"Product":8}"#, "null"), (None, None));
    let ocsf = |rest: &str| all(format!(r#"{{"class_uid":2004,{rest}}}"#).as_bytes())[0].severity.label;
    let by_id = |id: u8| ocsf(&format!(r#""severity_id":{id}"#)).map(|l| l.word());
    let labels = [None, Some("INFORMATIONAL"), Some("LOW"), Some("MEDIUM"), Some("HIGH"), Some("CRITICAL")];
    assert_eq!([0, 1, 2, 3, 4, 5].map(by_id), labels);
    assert_eq!((by_id(6), by_id(99)), (Some("CRITICAL"), None));
    assert_eq!(ocsf(r#""severity_id":0,"vendor_attributes":{"severity_id":2}"#).map(|l| l.word()), Some("LOW"));
    assert_eq!(ocsf(r#""severity":"Fatal""#).map(|l| l.word()), Some("CRITICAL"));
}

#[test]
fn workflow_and_status_in_every_word() {
    let asff = |rest: &str| {
        let it = &all(format!(r#"{{"Id":"x","ProductArn":"p","GeneratorId":"g",{rest}}}"#).as_bytes())[0];
        (it.workflow.map_or("-", |w| w.word()), it.status.word())
    };
    for (word, expected) in [
        ("NEW", "new"),
        ("NOTIFIED", "notified"),
        ("ASSIGNED", "notified"),
        ("IN_PROGRESS", "notified"),
        ("DEFERRED", "notified"),
        ("SUPPRESSED", "suppressed"),
        ("RESOLVED", "resolved"),
        ("OTHER", "-"),
    ] {
        assert_eq!(asff(&format!(r#""WorkflowState":"{word}""#)), (expected, "active"));
        assert_eq!(asff(&format!(r#""WorkflowState":"NEW","Workflow":{{"Status":"{word}"}}"#)).0, expected);
    }
    assert_eq!(asff(r#""RecordState":"ARCHIVED""#), ("-", "archived"));
    let ocsf = |id: u8| {
        let it = &all(format!(r#"{{"class_uid":2004,"status_id":{id}}}"#).as_bytes())[0];
        (it.workflow.map_or("-", |w| w.word()), it.status.word())
    };
    let active = ["-", "new", "notified", "suppressed", "resolved"].map(|word| (word, "active"));
    assert_eq!([0, 1, 2, 3, 4].map(ocsf), active);
    assert_eq!([ocsf(5), ocsf(6), ocsf(99)], [("-", "archived"), ("-", "archived"), ("-", "active")]);
}

#[test]
fn the_types_of_other_products_are_their_own_words() {
    let of = |product: &str, rest: &str| {
        let arn = format!("arn:aws:securityhub:eu-west-1::product/{product}");
        let it = &all(format!(r#"{{"Id":"x","ProductArn":"{arn}",{rest}}}"#).as_bytes())[0];
        it.kind.as_ref().map_or("-".to_owned(), |kind| kind.line().into_string())
    };
    assert_eq!(
        of("aws/macie", r#""Types":["Sensitive Data Identifications/PII/SensitiveData:S3Object-Personal"]"#),
        "SensitiveData:S3Object/Personal"
    );
    assert_eq!(of("aws/guardduty", r#""Types":["Odd"],"GeneratorId":"g""#), "Odd");
    assert_eq!(
        of("aws/access-analyzer", r#""Types":["Effects/Data Exposure"],"GeneratorId":"aws/access-analyzer""#),
        "Effects/Data Exposure"
    );
    assert_eq!(of("aws/config", r#""Types":["Software"],"GeneratorId":"rule-1""#), "rule-1");
    assert_eq!(of("acme/scan", r#""Types":["Software"],"Title":"t""#), "Software");
    assert_eq!(of("acme/scan", r#""Title":"t","Severity":{},"Resources":[]"#), "-");
    let control =
        r#""ProductFields":{"StandardsControlArn":"arn:aws:securityhub:eu-west-1:1:control/pci-dss/v/3.2.1/PCI.S3.1"}"#;
    assert_eq!(of("aws/securityhub", &format!(r#""Title":"t","RecordState":"ACTIVE",{control}"#)), "PCI.S3.1");
    assert_eq!(of("aws/securityhub", &format!(r#""GeneratorId":"security-control/S3.8",{control}"#)), "S3.8");
}
