//! Text of attackers in every field: no output may carry a byte that acts on a terminal or hides.

use super::{piped, text};
use crate::shared::shared;
use quell_core::text::is_hidden;
use serde_json::{Value, json};

/// A finding of each shape with one text in every field that outside text can stand in.
fn everywhere(payload: &str) -> [Value; 4] {
    let p = payload;
    [
        json!({"id": p, "arn": p, "type": p, "accountId": p, "region": p, "title": p, "description": p, "severity": 5,
            "resource": {"resourceType": p, "instanceDetails": {"instanceId": p, "tags": [{"key": "Name", "value": p}]},
                "accessKeyDetails": {"accessKeyId": p, "userName": p}},
            "service": {"action": {p: {"remoteIpDetails": {"ipAddressV4": p, "country": {"countryName": p}}}}}}),
        json!({"Id": p, "ProductArn": p, "GeneratorId": p, "Types": [p], "AwsAccountId": p, "Region": p, "Title": p,
            "Description": p, "Severity": {"Label": p}, "Resources": [{"Type": p, "Id": p, "Tags": {"Name": p}}],
            "Workflow": {"Status": p}, "ProductFields": {p: p}}),
        json!({"class_uid": 2004, "finding_info": {"uid": p, "title": p, "desc": p, "types": [p]},
            "metadata": {"product": {"name": p, "uid": p}, "event_code": p}, "severity": p,
            "cloud": {"account": {"uid": p}, "region": p}, "resources": [{"type": p, "uid": p, "uid_alt": p, "name": p}],
            "evidences": [{"actor": {"user": {"name": p, "credential_uid": p}}, "src_endpoint": {"ip": p}}]}),
        json!({"findingArn": p, "awsAccountId": p, "type": p, "title": p, "description": p, "severity": p,
            "resources": [{"type": p, "id": p, "region": p, "tags": {"Name": p}}]}),
    ]
}

fn check(payloads: &[String]) {
    let mut lines = Vec::new();
    for payload in payloads {
        for finding in everywhere(payload) {
            serde_json::to_writer(&mut lines, &finding).unwrap();
            lines.push(b'\n');
        }
    }
    for how in [&[][..], &["--json"], &["--csv"]] {
        let out = piped(&lines, how);
        for stream in [&out.stdout, &out.stderr] {
            let hidden = text(stream).chars().find(|c| *c != '\n' && is_hidden(*c));
            assert_eq!(hidden, None, "{how:?}");
        }
        if how == ["--json"] {
            let read: Vec<Value> = text(&out.stdout).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
            assert_eq!(read.len(), payloads.len() * 4);
            for (four, payload) in read.chunks(4).zip(payloads) {
                let filled = !payload.is_empty();
                let same = four.iter().all(|finding| finding["title"].as_str() == Some(payload.as_str()));
                assert!(same || !filled, "the raw text survives: {payload:?}");
            }
        }
    }
    // What cannot be read is named by its place, never by its words.
    let broken: String = payloads.iter().map(|p| format!("{p}\n")).collect();
    let out = piped(broken.as_bytes(), &["--json"]);
    assert!(!text(&out.stderr).chars().any(|c| c != '\n' && is_hidden(c)));
}

#[test]
fn hostile_text_shows_and_does_not_act() {
    let payloads = [
        "\u{1b}[31mred",
        "\u{9b}2J",
        "\u{1b}]0;title\u{7}",
        "a\u{202e}b",
        "zero\u{200b}width",
        "tag\u{e0041}",
        "\0",
        "line\nbreak",
        "tab\tand\rreturn",
        "\u{feff}=1+1",
        "=cmd|' /c calc'!A1",
        "e\u{301}\u{301}\u{301}\u{301}\u{301}",
        "\u{2028}",
        "a\u{85}b",
        "\"quote\\",
        "",
    ];
    check(&payloads.map(str::to_owned));
}

#[test]
fn every_shared_payload_shows_and_does_not_act() {
    let Some(folder) = shared("payloads") else { return };
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        // invalid_utf8_hex holds objects: bytes that no JSON can carry.
        let payloads = file.lines().filter_map(|line| serde_json::from_str::<String>(line).ok());
        // A longer one only repeats itself.
        check(&payloads.map(|payload| payload.chars().take(2000).collect()).collect::<Vec<_>>());
    }
}
