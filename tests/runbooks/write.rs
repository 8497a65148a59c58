//! `quell runbooks new`, `export` and `import`: what they write, and that it is taken back.

use super::{code, err, json, out, path, quell};
use serde_json::Value;
use std::collections::BTreeSet;

/// Types of every class, a control, a resource and a glob.
const TYPES: [&str; 13] = [
    "Backdoor:EC2/Spambot",
    "UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B",
    "AttackSequence:IAM/CompromisedCredentials",
    "Policy:S3/BucketPublicAccessGranted",
    "Execution:Kubernetes/ExecInKubeSystemPod",
    "AttackSequence:ECS/CompromisedCluster",
    "Trojan:Lambda/DropPoint",
    "CredentialAccess:RDS/MaliciousIPCaller.FailedLogin",
    "Impact:Runtime/CryptoMinerExecuted",
    "Trojan:EC2/*",
    "S3.8",
    "resource:AWS::EC2::Instance",
    "resource:AWS::SQS::Queue",
];

#[test]
fn a_new_runbook_lints_clean_and_gets_the_finding() {
    let folder = tempfile::tempdir().unwrap();
    for (at, kind) in TYPES.iter().enumerate() {
        let file = folder.path().join(format!("{at}.md"));
        let made = quell(&["runbooks", "new", "--type", kind, "--out", path(&file)]);
        assert_eq!((code(&made), out(&made)), (0, String::new()), "{}", err(&made));
        // The day on which it was made stands in it.
        let text = std::fs::read_to_string(&file).unwrap();
        let day = text.lines().find_map(|line| line.strip_prefix("reviewed: ")).unwrap();
        let lint = quell(&["runbooks", "lint", "--as-of", day, path(&file)]);
        assert_eq!((code(&lint), out(&lint), err(&lint)), (0, String::new(), String::new()), "{kind}");
    }
    let fit = quell(&["--runbooks", path(folder.path()), "runbooks", "match", "--json", TYPES[6]]);
    assert_eq!(json(&fit)[0]["runbook"], "trojan-lambda-droppoint");
    // What is there stays.
    let file = folder.path().join("0.md");
    let before = std::fs::read(&file).unwrap();
    let again = quell(&["runbooks", "new", "--type", "S3.8", "--out", path(&file)]);
    assert_eq!(code(&again), 2);
    assert!(err(&again).contains("the file could not be written"), "{}", err(&again));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_new_runbook_is_for_a_type_that_can_be() {
    let shown = quell(&["runbooks", "new", "--type", "Trojan:Lambda/DropPoint"]);
    assert!(out(&shown).starts_with("---\nid: trojan-lambda-droppoint\n"), "{}", out(&shown));
    assert_eq!(err(&shown), "");
    let newer = quell(&["runbooks", "new", "--type", "Trojan:Lambda/Unheard"]);
    assert_eq!(code(&newer), 0);
    assert_eq!(err(&newer), "quell: Trojan:Lambda/Unheard is not among GuardDuty's types that quell knows\n");
    let bad = quell(&["runbooks", "new", "--type", "Trojan-Lambda/DropPoint"]);
    assert_eq!((code(&bad), out(&bad)), (2, String::new()));
    assert!(err(&bad).contains("did you mean Trojan:Lambda/DropPoint?"), "{}", err(&bad));
}

/// The steps that a step leads to.
fn led_to(step: &Value) -> Vec<&str> {
    let cases = step["cases"].as_object().into_iter().flat_map(|cases| cases.values());
    step["on_completion"].as_str().into_iter().chain(cases.filter_map(Value::as_str)).collect()
}

#[test]
fn every_built_in_runbook_is_a_playbook_without_loose_ends_or_circles() {
    for row in json(&quell(&["runbooks", "list", "--json"])) {
        let id = row["id"].as_str().unwrap();
        let output = quell(&["runbooks", "export", "--format", "cacao", id]);
        assert_eq!(code(&output), 0, "{}", err(&output));
        assert_eq!(out(&output), out(&quell(&["runbooks", "export", "--format", "cacao", id])), "{id}");
        let book = &json(&output)[0];
        assert_eq!(book["created"], format!("{}T00:00:00.000Z", row["reviewed"].as_str().unwrap()));
        let flow = book["workflow"].as_object().unwrap();
        // From the start every step is reached, and following any way for as many steps as there are ends at the end.
        let mut reached = BTreeSet::new();
        let mut now = BTreeSet::from([book["workflow_start"].as_str().unwrap()]);
        for _ in 0..=flow.len() {
            reached.extend(now.iter().copied());
            now = now.iter().flat_map(|id| led_to(&flow[*id])).collect();
        }
        assert_eq!(reached.len(), flow.len(), "{id}");
        assert!(now.is_empty(), "{id} goes in a circle");
        let actions = flow.values().filter(|step| step["type"] == "action");
        for step in actions {
            let agent = step["agent"].as_str().unwrap();
            assert_eq!(book["agent_definitions"][agent]["type"], "group", "{id}");
            assert!(step["commands"].as_array().unwrap().iter().all(|command| command["type"] == "manual"));
        }
    }
}

#[test]
fn what_is_no_playbook_is_not_exported() {
    let folder = super::folder();
    let file = folder.path().join("mine.md");
    std::fs::write(&file, super::BOOK.replace("reviewed: 2026-01-01\n", "")).unwrap();
    let output = quell(&["runbooks", "export", "--format", "cacao", path(&file)]);
    assert_eq!((code(&output), out(&output)), (2, String::new()));
    assert!(
        err(&output).contains("the runbook mine can't be a playbook: it has no `reviewed` date"),
        "{}",
        err(&output)
    );
    assert_eq!(code(&quell(&["runbooks", "export", "--format", "word", "generic"])), 2);
}

const PLAYBOOK: &str = r#"{"type": "playbook", "spec_version": "cacao-2.0", "name": "Block it", "created_by": "identity--00000000-0000-4000-8000-000000000001",
"id": "playbook--00000000-0000-4000-8000-000000000001", "modified": "2026-03-04T00:00:00.000Z",
"workflow_start": "action--00000000-0000-4000-8000-000000000001",
"workflow": {
"action--00000000-0000-4000-8000-000000000001": {"type": "action", "name": "Look",
"commands": [{"type": "bash", "command": "ls"}], "on_completion": "end--00000000-0000-4000-8000-000000000001"},
"end--00000000-0000-4000-8000-000000000001": {"type": "end"}}}"#;

#[test]
fn an_imported_playbook_lints_clean_and_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("p.json"), folder.path().join("p.md"));
    std::fs::write(&from, PLAYBOOK).unwrap();
    let made =
        quell(&["runbooks", "import", path(&from), "--type", "S3.8", "--type", "Trojan:EC2/*", "--out", path(&to)]);
    assert_eq!((code(&made), out(&made), err(&made)), (0, String::new(), String::new()));
    let lint = quell(&["runbooks", "lint", "--as-of", "2026-11-22", path(&to)]);
    assert_eq!((code(&lint), out(&lint)), (0, String::new()));
    let fit = quell(&["--runbooks", path(folder.path()), "runbooks", "match", "--json", "S3.8"]);
    assert_eq!(json(&fit)[0]["runbook"], "playbook--00000000-0000-4000-8000-000000000001");
    // What it makes is a runbook like any other: it goes out again.
    assert_eq!(code(&quell(&["runbooks", "export", "--format", "cacao", path(&to)])), 0);
    let lone = quell(&["runbooks", "import", path(&from)]);
    assert!(out(&lone).contains("\n# Block it\n"), "{}", out(&lone));
    assert!(err(&lone).contains("no finding leads to it yet"), "{}", err(&lone));
}

#[test]
fn a_broken_playbook_is_refused_with_file_and_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.json");
    let refused = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let output = quell(&["runbooks", "import", path(&file)]);
        assert_eq!((code(&output), out(&output)), (2, String::new()));
        err(&output)
    };
    let said = refused(&PLAYBOOK.replace("\"end--00000000-0000-4000-8000-000000000001\"}", "\"end--gone\"}"));
    let what = "/workflow/action--00000000-0000-4000-8000-000000000001/on_completion: what is named here is not in the playbook";
    assert!(said.contains("p.json") && said.contains(what), "{said}");
    let said = refused(&PLAYBOOK.replace("\"name\": \"Block it\"", "\"name\": \u{1b}"));
    assert!(said.contains("p.json:1:") && !said.contains('\u{1b}'), "{said}");
    assert_eq!(code(&quell(&["runbooks", "import", "/nowhere.json"])), 2);
    assert_eq!(code(&quell(&["runbooks", "import", path(&file), "--type", "generic"])), 2);
}

/// Playbooks of others, where they are at hand; three of them name a step that is not there.
#[test]
fn playbooks_of_others_are_taken_or_refused() {
    let Some(folder) = crate::shared::shared("playbooks") else { return };
    let made = tempfile::tempdir().unwrap();
    let soarca = folder.join("COSSAS__SOARCA");
    let hunting = "opencybersecurityalliance__casp/Plugfests/2024-03-NorthernVirginia/SweatEquity/HII/\
                   playbook--OpenC2-Kestrel-Hunting-Demo_2024-04-10T14_57_42.134Z.json";
    let good = [
        soarca.join("examples/http-playbook.json"),
        soarca.join("examples/openc2-playbook.json"),
        soarca.join("examples/ssh-playbook.json"),
        folder.join(hunting),
    ];
    for (at, file) in good.iter().enumerate() {
        let to = made.path().join(format!("{at}.md"));
        let output = quell(&["runbooks", "import", path(file), "--type", "S3.8", "--out", path(&to)]);
        assert_eq!(code(&output), 0, "{}", err(&output));
        let lint = quell(&["runbooks", "lint", "--as-of", "2024-04-11", path(&to)]);
        assert_eq!((code(&lint), out(&lint)), (0, String::new()), "{}", file.display());
    }
    for name in ["invalid", "infinite", "parallels"] {
        let output = quell(&["runbooks", "import", path(&soarca.join(format!("test/playbooks/{name}_playbook.json")))]);
        assert_eq!(code(&output), 2, "{name}");
        assert!(
            err(&output).contains("/workflow_exception: what is named here is not in the playbook"),
            "{}",
            err(&output)
        );
    }
}
