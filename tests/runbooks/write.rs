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
        let lint = quell(&["runbooks", "lint", path(&file)]);
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
