//! docs/iam: what quell asks of IAM, made of the lists that its guard lets through, so that neither has more than the
//! other. `QUELL_IAM=write cargo test` writes the files anew.

use quell::action::{Keys, LOCAL, PREFLIGHT_OPERATIONS, kinds, permission};
use quell::lookup::lookups;
use quell::source;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Kinds that change findings and nothing else.
const TRIAGE: [&str; 2] = ["securityhub-workflow", "guardduty-archive"];
/// Kinds that tell others, or hand over to what others have built.
const ESCALATE: [&str; 7] = [
    "sns-publish",
    "eventbridge-put-events",
    "sfn-start",
    "sfn-stop",
    "lambda-invoke",
    "config-remediation",
    "securityhub-ticket",
];

fn allow(sid: &str, actions: &BTreeSet<String>) -> Value {
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*" })
}

fn policy(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// Statements of KMS, one for each list of actions that kinds of these names need.
fn of_keys(sid: &str, names: &dyn Fn(&str) -> bool, actions: fn(&Keys) -> &'static [&'static str]) -> Vec<Value> {
    let mut via: BTreeMap<Vec<&str>, BTreeSet<String>> = BTreeMap::new();
    let named = kinds().iter().filter(|kind| names(kind.info().name)).filter_map(|kind| kind.keys());
    for keys in named.filter(|keys| !actions(keys).is_empty()) {
        // A pattern ends after the Region in China, too.
        via.entry(actions(keys).to_vec()).or_default().insert(format!("{}.*.amazonaws.com*", keys.via));
    }
    let one = |(n, (actions, services)): (usize, (Vec<&str>, BTreeSet<String>))| {
        json!({
            "Sid": format!("{sid}{n}"), "Effect": "Allow", "Action": actions, "Resource": "*",
            "Condition": { "StringLike": { "kms:ViaService": services } },
        })
    };
    via.into_iter().enumerate().map(one).collect()
}

/// The files, by name.
fn policies() -> [(&'static str, Value); 6] {
    let mut read: BTreeSet<String> = source::operations().iter().map(permission).collect();
    read.insert("sts:GetCallerIdentity".to_owned());
    read.extend(PREFLIGHT_OPERATIONS.iter().map(permission));
    read.extend(lookups().iter().flat_map(|lookup| lookup.info().operations).map(permission));
    let (mut triage, mut contain, mut passed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut escalate = BTreeSet::new();
    for info in kinds().iter().map(|kind| kind.info()) {
        let far = |list: &'static [(&str, &str)]| list.iter().filter(|(service, _)| *service != LOCAL).map(permission);
        read.extend(far(info.operations.read));
        let changes = match info.name {
            name if TRIAGE.contains(&name) => &mut triage,
            name if ESCALATE.contains(&name) => &mut escalate,
            _ => &mut contain,
        };
        changes.extend(far(info.operations.consume).chain(far(info.operations.mutate)));
        passed.extend(info.permissions.iter().map(|one| (*one).to_owned()));
    }
    // A role is given to what the kinds give one to, and to nothing else.
    assert!(passed.remove("iam:PassRole"));
    let escalates = |name: &str| ESCALATE.contains(&name);
    let given: BTreeSet<&str> = kinds().iter().flat_map(|kind| kind.passes()).copied().collect();
    contain.append(&mut passed);
    let pass = json!({
        "Sid": "QuellGivesARole", "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
        "Condition": { "StringEquals": { "iam:PassedToService": given } },
    });
    let contains = of_keys("QuellContainsByKeys", &|name| !escalates(name), |keys| keys.mutate);
    let hands = of_keys("QuellHandsOverByKeys", &escalates, |keys| keys.mutate);
    // By name, so that no other role of an account can be taken on.
    let roles = json!(["arn:*:iam::*:role/Responder", "arn:*:iam::*:role/*/Responder"]);
    let taken: BTreeSet<String> = ["sts:AssumeRole", "sts:SetSourceIdentity"].map(str::to_owned).into();
    let take = json!({ "Sid": "QuellTakesARoleOn", "Effect": "Allow", "Action": taken, "Resource": roles });
    [
        ("assume.json", policy(vec![take])),
        (
            "read.json",
            policy(
                [vec![allow("QuellReads", &read)], of_keys("QuellReadsByKeys", &|_| true, |keys| keys.read)].concat(),
            ),
        ),
        ("triage.json", policy(vec![allow("QuellTriages", &triage)])),
        ("contain.json", policy([vec![allow("QuellContains", &contain), pass], contains].concat())),
        ("escalate.json", policy([vec![allow("QuellHandsOver", &escalate)], hands].concat())),
        // A policy has a statement: this is the call that nobody needs leave for.
        ("export.json", policy(vec![allow("QuellExports", &["sts:GetCallerIdentity".to_owned()].into())])),
    ]
}

#[test]
fn the_policies_allow_what_quell_can_call_and_no_more() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/iam");
    for (name, policy) in policies() {
        let text = format!("{}\n", serde_json::to_string_pretty(&policy).unwrap());
        if std::env::var("QUELL_IAM").as_deref() == Ok("write") {
            std::fs::write(folder.join(name), &text).unwrap();
        }
        let found = std::fs::read_to_string(folder.join(name)).unwrap();
        assert_eq!(found, text, "docs/iam/{name}: QUELL_IAM=write writes it anew");
        // A managed policy has at most 6,144 characters, white space not counted (IAM quotas).
        assert!(found.chars().filter(|c| !c.is_whitespace()).count() <= 6144, "{name}");
    }
}

/// What a policy can do is one thing, what it is meant for another: neither reads nor triages change resources.
#[test]
fn only_the_one_for_containment_changes_anything_but_findings() {
    let [_, (_, read), (_, triage), (_, contain), (_, escalate), _] = policies();
    let actions = |policy: &Value| -> Vec<String> {
        let all = policy["Statement"][0]["Action"].as_array().unwrap();
        all.iter().map(|action| action.as_str().unwrap().to_owned()).collect()
    };
    let verbs = ["Get", "List", "Describe", "Simulate"];
    let reads = |action: &String| verbs.iter().any(|verb| action.contains(&format!(":{verb}")));
    assert!(actions(&read).iter().all(reads), "{read}");
    assert_eq!(
        actions(&triage),
        [
            "guardduty:ArchiveFindings",
            "guardduty:UnarchiveFindings",
            "guardduty:UpdateFindingsFeedback",
            "securityhub:BatchUpdateFindings"
        ]
    );
    let handed = [
        "config:StartRemediationExecution",
        "events:PutEvents",
        "lambda:InvokeFunction",
        "securityhub:CreateTicketV2",
        "sns:Publish",
        "states:StartExecution",
        "states:StopExecution",
    ];
    assert_eq!(actions(&escalate), handed);
    assert!(!actions(&contain).iter().any(reads), "{contain}");
}
