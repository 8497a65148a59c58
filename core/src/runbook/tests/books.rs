//! The built-in runbooks keep what docs/runbook-format.md promises.

use super::*;
use std::path::Path;

pub(in crate::runbook) fn books() -> Vec<(String, Parsed)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runbooks");
    let mut books: Vec<(String, Parsed)> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|ext| ext == "md"))
        .map(|entry| {
            let name = entry.path().file_stem().unwrap().to_string_lossy().into_owned();
            let part = |part: &str| {
                let file = format!("../runbooks/includes/{part}.include.md");
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
                std::fs::read_to_string(path).ok().map(std::borrow::Cow::Owned)
            };
            let bytes = std::fs::read(entry.path()).unwrap();
            let parsed = parse_with(&name, &bytes, Origin::BuiltIn, &part).unwrap();
            (name, parsed)
        })
        .collect();
    books.sort_by(|(a, _), (b, _)| a.cmp(b));
    books
}

/// What the program has, as far as lint must know them.
fn rules() -> lint::Rules {
    let rule = |name, danger, fields: &[(&'static str, bool)]| lint::KindRule {
        name,
        danger,
        fields: fields.iter().map(|(name, required)| lint::FieldRule { name, required: *required }).collect(),
    };
    let kinds = vec![
        rule("ssm-automation", 1, &[("document", true), ("parameters", false)]),
        rule("iam-access-key", 2, &[("access_key", false), ("user", false), ("status", false)]),
        rule("iam-deny", 2, &[("user", false), ("role", false)]),
        rule("iam-revoke-sessions", 2, &[("user", false), ("role", false)]),
        rule("ec2-isolate", 2, &[("instance", false), ("group", false)]),
        rule("ec2-snapshot", 1, &[("instance", false)]),
        rule("ec2-shutdown", 1, &[("instance", false), ("behavior", false)]),
        rule("ec2-stop", 3, &[("instance", false), ("hibernate", false)]),
        rule("ec2-tag", 1, &[("resource", false), ("key", true), ("value", false), ("state", false)]),
        rule("ec2-instance-profile", 2, &[("instance", false)]),
        rule("ec2-metadata", 2, &[("instance", false), ("endpoint", false), ("tokens", false)]),
        rule("s3-block-public", 2, &[("bucket", false)]),
        rule("asg-standby", 2, &[("instance", false), ("replace", false)]),
        rule("elb-deregister", 2, &[("instance", false), ("target_group", false)]),
        rule("s3-block-public-account", 3, &[]),
        rule("s3-bucket-policy", 2, &[("bucket", false), ("deny", false), ("name", false)]),
        rule("iam-role-trust", 2, &[("role", true), ("deny", false), ("keep", false), ("name", false)]),
        rule(
            "identity-center-assignment",
            2,
            &[
                ("permission_set", true),
                ("user", true),
                ("in_account", false),
                ("admin_account", false),
                ("home_region", false),
                ("state", false),
            ],
        ),
        rule(
            "dns-firewall",
            2,
            &[("rule_group", true), ("vpc", false), ("instance", false), ("priority", false), ("association", false)],
        ),
        rule("lambda-concurrency", 2, &[("function", false)]),
        rule("sns-publish", 2, &[("topic", true), ("session", true), ("text", false)]),
        rule("eventbridge-put-events", 2, &[("bus", true), ("session", true), ("text", false)]),
        rule("sfn-start", 2, &[("state_machine", true), ("session", true), ("text", false)]),
        rule("securityhub-ticket", 2, &[("connector", true)]),
        rule("webhook", 2, &[("webhook", true), ("session", true), ("text", false)]),
        rule("iam-console-access", 3, &[("user", true)]),
        rule("config-remediation", 2, &[("rule", true), ("resource", false), ("type", false)]),
        rule("securityhub-workflow", 1, &[("workflow", false), ("note", false)]),
        rule("guardduty-archive", 1, &[("feedback", false)]),
    ];
    let lookup = |name, tells: &[&'static str]| lint::LookupRule { name, tells: tells.to_vec() };
    let lookups = vec![lookup("ec2-instance", &["role", "vpc", "subnet"]), lookup("iam-access-key", &["user"])];
    lint::Rules { kinds, lookups }
}

#[test]
fn they_are_without_fault() {
    for (name, parsed) in books() {
        let found: Vec<String> = lint::lint(&parsed, &rules())
            .iter()
            .map(|l| format!("{name}:{}:{}: {}", l.line, l.column, l.what))
            .collect();
        assert_eq!(found, Vec::<String>::new());
        assert_eq!(parsed.runbook.id.as_str(), name);
    }
}

#[test]
fn every_step_has_its_own_id_a_phase_and_a_short_title() {
    for (name, Parsed { runbook, .. }) in books() {
        assert!(runbook.steps.len() >= 8, "{name}");
        for step in &runbook.steps {
            let title = raw(&step.title);
            assert!(step.phase.is_some(), "{name}: {title}");
            assert!(title.chars().count() < 75, "{name}: {title}");
            assert!(raw(&step.body).lines().all(|line| !line.contains("<!-- step:")), "{name}: {title}");
            // No id was made from words: those end with eight digits of a hash.
            let tail = step.id.as_str().rsplit('-').next().unwrap_or_default();
            assert!(tail.len() != 8 || !tail.bytes().all(|b| b.is_ascii_hexdigit()), "{name}: {title}");
            assert_eq!(
                step.kind == StepKind::Decision,
                title.starts_with("Decide") || title.starts_with("If "),
                "{title}"
            );
            assert!(step.kind != StepKind::Decision || step.choices.len() >= 2, "{name}: {title}");
        }
    }
}

#[test]
fn what_must_be_known_before_enter_stands_in_an_actions_first_lines() {
    let first = |body: &Untrusted| raw(body).split("\n\n").next().unwrap_or_default().to_owned();
    let mut seen = 0;
    for (name, Parsed { runbook, .. }) in books() {
        for step in runbook.steps.iter().filter(|step| step.action.is_some()) {
            let (id, first) = (&step.id, first(&step.body));
            assert!(first.starts_with(char::is_alphabetic), "{name} {id}: {first}");
            assert!((1..=6).contains(&first.lines().count()), "{name} {id}: {first}");
            let opens = ["crypto-mining", "ec2-brute-force", "ec2-compromise", "ec2-dns", "malware-scan"];
            if id.as_str() == "contain" && opens.contains(&name.as_str()) {
                let warned = "For a moment every port is open to all: never with a public address";
                assert!(first.starts_with(warned), "{name}: {first}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 5);
}

#[test]
fn the_mining_runbook_reads_as_it_is_written() {
    let books = books();
    let (_, Parsed { runbook, .. }) = books.iter().find(|(name, _)| name == "crypto-mining").unwrap();
    let context: Vec<String> = runbook.context.iter().map(|section| raw(&section.title)).collect();
    assert_eq!(context[..2], ["Summary", "Overview"]);
    let step = |id: &str| runbook.steps.iter().find(|step| step.id.as_str() == id).unwrap();
    // What is for before the night stands first; what each incident needs is in no phase that is folded away.
    assert_eq!((step("values").number.as_str(), step("values").phase), ("1", Some(Phase::Prepare)));
    assert_eq!((step("prepare").number.as_str(), step("prepare").phase), ("2", Some(Phase::Detect)));
    assert_eq!(words(&step("verdict").choices), ["True positive", "False positive", "Benign"]);
    assert!(step("verdict").note_required);
    let contain = step("contain");
    let action = contain.action.as_ref().unwrap();
    assert_eq!((contain.kind, contain.phase, action.danger), (StepKind::Action, Some(Phase::Contain), Some(2)));
    assert_eq!(contain.role, Some("handler".into()));
    assert_eq!(contain.target_minutes, Some(15));
    let filled = template::resolve(action, &|name| match name {
        "finding.resource.id" => Some("i-0abc".into()),
        _ => None,
    });
    assert_eq!(filled.missing, ["var.automation_role".into(), "var.backup_access".into(), "var.backup_bucket".into()]);
    let found = matching::best(std::slice::from_ref(runbook), Some("CryptoCurrency:EC2/BitcoinTool.B!DNS"), None);
    assert_eq!(found.map(|(_, specificity)| specificity), Some(Specificity::Exact));
}
