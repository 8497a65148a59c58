//! `quell runbooks`, as a person or a script runs it.

mod labels;
mod trust;
mod write;

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const BOOK: &str = "---\nid: mine\nowner: us\nversion: 1\nreviewed: 2026-01-01\nmatches: [\"Trojan:EC2/*\", S3.8]\n---\n\
                    # Mine\n\nWords.\n\n## Contain\n\n1. Isolate it <!-- step: id=isolate target=15m -->\n\n   ```action\n\
                    \x20  kind: ssm-automation\n   title: Contain it\n   document: Doc\n   parameters:\n\
                    \x20    InstanceId: [\"{{ finding.resource.id }}\"]\n   ```\n\n   ```bash\n   aws x\n   ```\n";

/// The same with a step in each phase that a runbook for finding types has.
fn whole() -> String {
    format!("{BOOK}\n## Detect\n\n1. Look <!-- step: id=look -->\n\n## Recover\n\n1. Turn it on <!-- step: id=on -->\n")
}

fn quell(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quell")).args(args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Vec<Value> {
    out(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A folder with one good runbook, `mine.md`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.md"), BOOK).unwrap();
    folder
}

fn path(folder: &Path) -> &str {
    folder.to_str().unwrap()
}

#[test]
fn list_names_the_users_and_the_built_in() {
    let folder = folder();
    let output = quell(&["runbooks", "list", "--json", "--runbooks", path(folder.path())]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let rows = json(&output);
    assert_eq!(rows[0]["id"], "mine");
    assert_eq!(rows[0]["steps"], 1);
    assert_eq!(rows[0]["matches"], serde_json::json!(["Trojan:EC2/*", "S3.8"]));
    assert!(rows[0]["file"].as_str().unwrap().ends_with("mine.md"));
    assert_eq!(rows.len(), 37);
    assert_eq!(rows[1]["id"], "access-analyzer");
    assert_eq!(rows[1]["file"], Value::Null);
    assert!(out(&quell(&["runbooks", "list"])).contains("Crypto-mining on a compute resource"));
}

#[test]
fn show_has_the_keys_of_the_contract() {
    let folder = folder();
    let file = folder.path().join("mine.md");
    let output = quell(&["runbooks", "show", path(&file), "--json"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let book = &json(&output)[0];
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(book), "context id matches sha256 steps title version");
    let step = &book["steps"][0];
    assert_eq!(keys(step), "action body commands depth group id kind line number phase title");
    assert_eq!(step["id"], "isolate");
    assert_eq!(step["number"], "1");
    assert_eq!(step["title"], "Isolate it");
    assert_eq!(step["phase"], "contain");
    assert_eq!(step["group"], serde_json::json!([]));
    assert_eq!((&step["depth"], &step["line"]), (&serde_json::json!(0), &serde_json::json!(14)));
    assert_eq!(step["kind"], "action");
    assert_eq!(step["commands"], serde_json::json!(["aws x"]));
    assert_eq!(step["body"], "```bash\naws x\n```");
    assert_eq!(
        step["action"],
        serde_json::json!({"kind": "ssm-automation", "title": "Contain it", "danger": null, "line": 16, "fields":
            {"document": "Doc", "parameters": {"InstanceId": ["{{ finding.resource.id }}"]}}})
    );
    assert_eq!(book["context"], serde_json::json!([{"title": "Summary", "line": 8, "body": "Words."}]));
}

#[test]
fn show_is_plain_text_without_what_acts_on_a_terminal() {
    let folder = folder();
    let file = folder.path().join("bad.md");
    std::fs::write(&file, "# T\u{1b}[2J\n\n1. Do \u{202e}it\n\n   body \u{9b}31m\n").unwrap();
    let text = out(&quell(&["runbooks", "show", path(&file)]));
    assert!(text.starts_with("T\\u{1b}[2J\n"), "{text}");
    assert!(text.contains("[ ] 1 Do \\u{202e}it\n"), "{text}");
    assert!(text.contains("    body \\u{9b}31m\n"), "{text}");
    assert!(!text.chars().any(|c| c != '\n' && quell_core::text::is_hidden(c)));
    let line = out(&quell(&["runbooks", "show", path(&file), "--json"]));
    assert!(line.contains("Do \\u202eit"), "{line}");
}

/// Whatever is not of GuardDuty (a control of Security Hub, a product of somebody else) can't be read there.
#[test]
fn a_runbook_that_takes_other_findings_too_says_how_to_read_them() {
    for row in json(&quell(&["runbooks", "list", "--json"])) {
        let takes = row["matches"].to_string();
        let others = ["\"S3.", "\"resource:AWS::EC2", "\"resource:AWS::IAM", "\"resource:AWS::S3", "\"generic"];
        if others.iter().any(|word| takes.contains(word)) {
            let book = out(&quell(&["runbooks", "show", row["id"].as_str().unwrap()]));
            assert!(book.contains("aws securityhub get-findings"), "{}", row["id"]);
        }
    }
}

#[test]
fn an_unknown_id_is_bad_usage() {
    let output = quell(&["runbooks", "show", "nobody"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("there is no runbook nobody"));
    assert_eq!(out(&output), "");
}

#[test]
fn match_takes_a_type_and_a_resource() {
    let folder = folder();
    let fit = |args: &[&str]| {
        json(&quell(&[&["--runbooks", path(folder.path()), "runbooks", "match", "--json"], args].concat()))
    };
    assert_eq!(
        fit(&["S3.8"]),
        [serde_json::json!({"finding_id": null, "type": "S3.8", "runbook": "mine", "specificity": "exact"})]
    );
    // The user's glob goes before the built-in one, not before a built-in exact line.
    assert_eq!(fit(&["Trojan:EC2/Unheard"])[0]["runbook"], "mine");
    assert_eq!(fit(&["CryptoCurrency:EC2/BitcoinTool.B!DNS"])[0]["runbook"], "crypto-mining");
    let resource = fit(&["Never:Heard/Of", "--resource", "AWS::EC2::Instance"]);
    assert_eq!((&resource[0]["runbook"], &resource[0]["specificity"]), (&"ec2-compromise".into(), &"resource".into()));
    assert_eq!(fit(&["Never:Heard/Of"])[0]["specificity"], "generic");
    assert_eq!(code(&quell(&["runbooks", "match"])), 2);
}

#[test]
fn match_reads_the_findings_of_a_file() {
    let folder = folder();
    let file = folder.path().join("f.json");
    let finding = serde_json::json!({
        "SchemaVersion": "2.0", "AccountId": "111122223333", "Region": "eu-west-1", "Id": "aa",
        "Arn": "arn:aws:guardduty:eu-west-1:111122223333:detector/12abc34d567e8fa901bc2d34e56789f0/finding/aa",
        "Type": "CryptoCurrency:EC2/BitcoinTool.B!DNS", "Severity": 8.0, "Title": "t",
        "Resource": {"ResourceType": "Instance", "InstanceDetails": {"InstanceId": "i-99999999"}},
        "Service": {"ServiceName": "guardduty", "Archived": false},
        "CreatedAt": "2026-01-01T00:00:00Z", "UpdatedAt": "2026-01-01T00:00:00Z"
    });
    std::fs::write(&file, serde_json::json!({"Findings": [finding]}).to_string()).unwrap();
    let output = quell(&["runbooks", "match", "--json", "--file", path(&file)]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let rows = json(&output);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["finding_id"], finding["Arn"]);
    assert_eq!(rows[0]["runbook"], "crypto-mining");
    assert_eq!(rows[0]["specificity"], "exact");
}

#[test]
fn lint_gives_file_line_and_column_and_ends_with_one() {
    let folder = folder();
    std::fs::write(folder.path().join("mine.md"), whole()).unwrap();
    let good = quell(&["runbooks", "lint", "--as-of", "2026-11-22", path(folder.path())]);
    assert_eq!((code(&good), out(&good)), (0, String::new()), "{}", err(&good));
    let file = folder.path().join("bad.md");
    std::fs::write(&file, whole().replace("finding.resource.id", "finding.resource.idd")).unwrap();
    let output = quell(&["runbooks", "lint", "--as-of", "2026-11-22", path(&file)]);
    assert_eq!(code(&output), 1);
    let place = format!(
        "{}:21:23: error: broken action: finding.resource.idd is no template name; did you mean \
                         finding.resource.id?\n",
        path(&file)
    );
    assert_eq!(out(&output), place);
    let row = &json(&quell(&["runbooks", "lint", "--as-of", "2026-11-22", "--json", path(folder.path())]))[0];
    assert_eq!((&row["line"], &row["column"], &row["level"]), (&21.into(), &23.into(), &"error".into()));
    // The built-in ones are without fault.
    let own = quell(&["runbooks", "lint", "--as-of", "2026-11-22"]);
    assert_eq!((code(&own), out(&own)), (0, String::new()));
    assert_eq!(code(&quell(&["runbooks", "lint", "--as-of", "2026-11-22", "/nowhere/x.md"])), 2);
}

#[test]
fn lint_knows_every_kind_of_action() {
    let folder = folder();
    std::fs::write(folder.path().join("mine.md"), whole()).unwrap();
    let file = folder.path().join("mine.md");
    let lint = |from: &str, to: &str| {
        std::fs::write(&file, whole().replace(from, to)).unwrap();
        let output = quell(&["runbooks", "lint", "--as-of", "2026-11-22", "--json", path(&file)]);
        let rows = json(&output);
        assert_eq!((code(&output), rows.len()), (1, 1), "{}", out(&output));
        let text = rows[0]["what"].as_str().unwrap().to_owned();
        (rows[0]["line"].as_u64().unwrap(), rows[0]["column"].as_u64().unwrap(), text)
    };
    let (line, column, what) = lint("kind: ssm-automation", "kind: ssm");
    assert_eq!((line, column), (17, 10));
    assert_eq!(
        what,
        "there is no kind of action ssm; the kinds are ssm-automation, ssm-signal, iam-access-key, iam-deny, \
         iam-revoke-sessions, iam-console-access, iam-role-trust, identity-center-assignment, ec2-isolate, ec2-snapshot, ec2-shutdown, ec2-stop, \
         ec2-tag, ec2-instance-profile, ec2-metadata, asg-standby, elb-deregister, s3-block-public, \
         s3-block-public-account, s3-bucket-policy, dns-firewall, lambda-concurrency, securityhub-workflow, guardduty-archive, \
         sns-publish, eventbridge-put-events, sfn-start, sfn-stop, lambda-invoke, \
         config-remediation, securityhub-ticket, webhook, command"
    );
    let (line, column, what) = lint("document: Doc", "document: Doc\n   dokument: Doc");
    assert_eq!((line, column), (20, 4));
    assert_eq!(
        what,
        "ssm-automation has no field dokument; its fields are document, parameters, version, accounts, regions, \
         execution_role, max_concurrency, max_errors, from_account, from_region, former"
    );
    assert_eq!(lint("   document: Doc\n", ""), (16, 4, "ssm-automation needs the field document".to_owned()));
    let command = "kind: command\n   danger: 1\n   argv: [ls]\n   ```\n\n   ```yaml\n   title: Contain it";
    let (line, column, what) = lint("kind: ssm-automation\n   title: Contain it", &format!("title: x\n   {command}"));
    assert_eq!((line, column), (19, 12));
    assert_eq!(what, "danger 1 is below that of command, which is 2: a runbook can only raise it");
}

#[test]
fn lint_finds_two_runbooks_with_one_id() {
    let folder = folder();
    std::fs::write(folder.path().join("mine.md"), whole()).unwrap();
    let own = folder.path().join("mine.md");
    let other = folder.path().join("other.md");
    std::fs::write(&other, whole()).unwrap();
    let what = format!("2:5: error: the id mine is that of {} too: only one of them is found by it\n", path(&own));
    let error = format!("{}:{what}", path(&other));
    let output = quell(&["runbooks", "lint", "--as-of", "2026-11-22", path(folder.path())]);
    assert_eq!((code(&output), out(&output)), (1, error.clone()));
    // Also when only one of them is asked for, and the other lies in a folder that is loaded.
    let output = quell(&["runbooks", "lint", "--as-of", "2026-11-22", path(&other), "--runbooks", path(folder.path())]);
    assert_eq!((code(&output), out(&output)), (1, error));
    // A file is not its own twin.
    std::fs::remove_file(&other).unwrap();
    let output = quell(&[
        "runbooks",
        "lint",
        "--as-of",
        "2026-11-22",
        path(&own),
        path(folder.path()),
        "--runbooks",
        path(folder.path()),
    ]);
    assert_eq!((code(&output), out(&output)), (0, String::new()));
    // To go before a built-in one may be meant.
    std::fs::write(&own, whole().replace("id: mine", "id: generic")).unwrap();
    let output = quell(&["runbooks", "lint", "--as-of", "2026-11-22", path(&own)]);
    let what = "2:5: warning: the id generic is that of a built-in runbook too: this one goes before it\n";
    assert_eq!((code(&output), out(&output)), (0, format!("{}:{what}", path(&own))));
    // A copy of one changes nothing.
    std::fs::write(&own, include_bytes!("../../runbooks/generic.md")).unwrap();
    let output = quell(&["runbooks", "lint", "--as-of", "2026-11-22", path(&own)]);
    assert_eq!((code(&output), out(&output)), (0, String::new()));
}

#[test]
fn a_file_that_cant_be_read_is_told_and_the_others_come() {
    let folder = folder();
    std::fs::write(folder.path().join("large.md"), vec![b'x'; 2 * 1024 * 1024 + 1]).unwrap();
    let output = quell(&["--runbooks", path(folder.path()), "runbooks", "list", "--json"]);
    assert_eq!(code(&output), 2);
    assert_eq!(json(&output)[0]["id"], "mine");
    assert!(
        err(&output).contains("large.md: the runbook can't be read: the file has 2097153 bytes"),
        "{}",
        err(&output)
    );
}

#[test]
fn coverage_counts_every_type() {
    let found = &json(&quell(&["runbooks", "coverage", "--json"]))[0];
    let number = |key: &str| found[key].as_u64().unwrap();
    assert_eq!(number("total"), 229);
    assert_eq!(number("covered"), 229);
    assert_eq!(number("missing"), 0);
    assert_eq!(number("exact") + number("glob") + number("resource") + number("generic"), 229);
    let types = found["types"].as_array().unwrap();
    assert_eq!(types.len(), 229);
    assert!(types.iter().any(|row| row["type"] == "Impact:Runtime/CryptoMinerExecuted"
        && row["runbook"] == "crypto-mining"
        && row["specificity"] == "exact"));
    let controls = &found["controls"];
    assert_eq!((controls["total"].as_u64(), controls["covered"].as_u64()), (Some(106), Some(106)));
    let told = out(&quell(&["runbooks", "coverage"]));
    assert!(told.contains("control-s3               S3.5\n"), "{told}");
    assert!(told.contains("106 of 106 Security Hub controls get a runbook: "), "{told}");
}

/// Each rule of the form with its place, in JSON too; none of them ends with 1.
#[test]
fn lint_tells_what_is_left_open_and_what_the_form_hides() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("team.md");
    let text = "---\nid: team\nowner: o\nversion: 1\nreviewed: 2026-01-01\nmatches: [\"Trojan:EC2/*\"]\n---\n# T\n\n\
                ## Contain\n\n1. Cut it off, TBD how\n\n### Who\n\nJo.\n\n### Who\n\nKim.\n\n\
                ```text\n1. Call Jo\n2. Call Kim\n```\n";
    std::fs::write(&file, text).unwrap();
    let output = quell(&["runbooks", "lint", "--as-of", "2026-11-22", "--json", path(&file)]);
    let told: Vec<String> = json(&output)
        .iter()
        .map(|row| {
            assert_eq!((&row["file"], &row["level"]), (&path(&file).into(), &"warning".into()));
            format!("{}:{} {}", row["line"], row["column"], row["what"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        told,
        [
            "1:1 it is for finding types, and has no step to detect or analyze, nor to recover",
            "12:16 left open, the first here: TBD 1",
            "18:1 this heading stands twice here, first in line 14",
            "22:1 steps stand in a fence: nobody can tick them",
        ]
    );
    assert_eq!(code(&output), 0);
}
