//! Arguments, outputs and exit codes.

use super::{findings, fixture, piped, quell, text};
use std::io::Read;
use std::process::Stdio;

const A: &str = r#"{"id":"a","type":"Recon:EC2/Portscan","accountId":"111122223333","region":"eu-west-1","severity":8,
"title":"=cmd()","resource":{"resourceType":"Instance","instanceDetails":{"instanceId":"i-0a1b"}},
"service":{"eventLastSeen":"2026-03-04T05:06:07Z"}}"#;
const B: &str = r#"{"id":"b","type":"T","severity":2,"resource":{}}"#;

fn json(stdout: &[u8]) -> Vec<serde_json::Value> {
    text(stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn json_is_one_object_a_line_and_nothing_else() {
    let out = findings(&fixture("guardduty-api.json"), &["--json"]);
    assert_eq!((out.status.code(), text(&out.stderr)), (Some(0), String::new()));
    let objects = json(&out.stdout);
    assert_eq!(objects.len(), 2);
    let keys: Vec<&str> = objects[0].as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = [
        "id",
        "source",
        "via",
        "type",
        "title",
        "description",
        "severity",
        "account",
        "region",
        "resource",
        "resources",
        "actor",
        "first_seen",
        "last_seen",
        "created",
        "updated",
        "count",
        "status",
        "workflow",
        "raw_sha256",
    ];
    // serde_json's own map sorts its keys; their order in the text is told by the core's tests.
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(objects[1]["type"], "UnauthorizedAccess:IAMUser/TorIPCaller");
    assert_eq!(objects[0]["severity"], serde_json::json!({"label": "HIGH", "score": 80}));
}

#[test]
fn the_file_is_printed_unmerged_and_in_order() {
    let twice = format!("{B}\n{A}\n{A}\n");
    let out = piped(twice.as_bytes(), &["--json"]);
    let ids: Vec<_> = json(&out.stdout).iter().map(|o| o["id"].clone()).collect();
    assert_eq!(ids, ["b", "a", "a"]);
}

#[test]
fn the_table_is_aligned() {
    let out = piped(format!("[{A},{B}]").as_bytes(), &[]);
    assert_eq!(
        text(&out.stdout),
        "SEV   LAST SEEN          ACCOUNT       REGION     TYPE                RESOURCE  TITLE\n\
         HIGH  2026-03-04 05:06Z  111122223333  eu-west-1  Recon:EC2/Portscan  i-0a1b    =cmd()\n\
         LOW                                               T\n"
    );
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(piped(b"[]", &[]).stdout, b"");
}

#[test]
fn csv_has_a_head_and_no_formulas() {
    let out = piped(A.as_bytes(), &["--csv"]);
    let mut reader = csv::Reader::from_reader(out.stdout.as_slice());
    let head = reader.headers().unwrap().clone();
    let record = reader.records().next().unwrap().unwrap();
    let cell = |name: &str| record.get(head.iter().position(|h| h == name).unwrap()).unwrap();
    assert_eq!((cell("id"), cell("title"), cell("severity"), cell("score")), ("a", "'=cmd()", "HIGH", "80"));
    assert_eq!((cell("resource_id"), cell("last_seen"), cell("via")), ("i-0a1b", "2026-03-04T05:06:07.000Z", "file"));
    assert_eq!((cell("status"), cell("workflow"), cell("count")), ("active", "", ""));
}

#[test]
fn filter_and_limit_choose() {
    let both = format!("[{A},{B},{A}]");
    let ids = |more: &[&str]| -> Vec<String> {
        let out = piped(both.as_bytes(), &[&["--json"], more].concat());
        assert_eq!(out.status.code(), Some(0));
        json(&out.stdout).iter().map(|o| o["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&["--filter", "sev>=high"]), ["a", "a"]);
    assert_eq!(ids(&["--filter", "-portscan"]), ["b"]);
    assert_eq!(ids(&["--filter", "age>1h"]), ["a", "a"]);
    assert_eq!(ids(&["--limit", "2"]), ["a", "b"]);
    assert_eq!(ids(&["--filter", "type:recon*", "--limit", "1"]), ["a"]);
    assert_eq!(ids(&["--limit", "0"]), [""; 0]);
}

#[test]
fn bad_records_are_told_and_the_others_printed() {
    let lines = format!("{}\n{{\"hello\":1}}\n{B}\n", A.replace('\n', " "));
    let out = piped(lines.as_bytes(), &["--json"]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(json(&out.stdout).len(), 2);
    let first = text(&out.stderr).lines().next().unwrap().to_owned();
    assert_eq!(first, "quell: -:2:1: not a finding of a known shape (GuardDuty, ASFF, OCSF, Inspector)");
    let out = piped(format!("[{B},7]").as_bytes(), &["--json"]);
    assert!(text(&out.stderr).starts_with("quell: -:1:51: not a finding: a finding is a JSON object (index 1)\n"));
}

#[test]
fn bad_usage_ends_with_two_and_says_what_to_do() {
    let out = piped(A.as_bytes(), &["--filter", "colour>3"]);
    assert_eq!((out.status.code(), out.stdout.len()), (Some(2), 0));
    assert!(text(&out.stderr).contains("column 1: there is no field `colour`"));
    assert!(text(&out.stderr).contains("\n  now: "));
    for args in [&["findings", "--file", "no/such/file"][..], &["findings", "--json", "--csv"], &["nonsense"], &[]] {
        let out = quell(args).output().unwrap();
        assert_eq!((out.status.code(), out.stdout.len()), (Some(2), 0), "{args:?}");
        assert!(!out.stderr.is_empty());
    }
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many.ndjson");
    std::fs::write(&file, format!("{B}\n").repeat(20_000)).unwrap();
    let mut child = quell(&["findings", "--json", "--file", file.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut some = [0; 64];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    let out = child.wait_with_output().unwrap();
    assert_eq!((out.status.code(), text(&out.stderr)), (Some(0), String::new()));
}

#[test]
fn an_account_is_found_by_the_name_that_the_configuration_gives_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "[accounts]\n111122223333 = \"Prod\"\n444455556666 = \"dev\"\n").unwrap();
    let found = |filter: &str| {
        let input = format!("[{A},{B}]");
        let out = piped(input.as_bytes(), &["--json", "--config", file.to_str().unwrap(), "--filter", filter]);
        assert_eq!((out.status.code(), text(&out.stderr)), (Some(0), String::new()));
        json(&out.stdout).iter().map(|o| o["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("account:prod"), ["a"]);
    assert_eq!(found("account:111122223333"), ["a"]);
    assert_eq!(found("prod"), ["a"]);
    assert!(found("account:dev").is_empty() && found("account:pro").is_empty());
    std::fs::write(&file, "[accounts]\nprod = \"111122223333\"\n").unwrap();
    let out = piped(b"[]", &["--config", file.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(2));
    let told = text(&out.stderr);
    assert!(told.contains("[accounts] names prod, which is no account id of 12 digits"), "{told}");
}
