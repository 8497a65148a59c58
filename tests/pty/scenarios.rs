//! The other scenarios of the simulated account from the first look to the closed session: a finding of each, each step
//! of its runbook, its containment, what is read back, the undo, and what the record says afterwards.

use super::rig::{Rig, run, session, sessions};
use super::walk::{Act, Step, steps};
use std::path::Path;

fn start(state: &Path, scenario: &str, all: &str) -> Rig {
    let rig = Rig::start(state, &["demo", "--scenario", scenario, "--speed", "20"], &[]);
    rig.see(all);
    rig
}

/// Finds the one finding of a type, and opens it.
fn open(rig: &mut Rig, kind: &str, book: &str) {
    rig.keys("/");
    rig.see("filter:");
    rig.text(&format!("type:{kind}"));
    rig.see("FINDINGS* 1 of ");
    rig.keys("Enter Enter");
    rig.see(&format!("STEPS* {book}"));
}

fn titled<'a>(steps: &'a [Step], title: &str) -> &'a Step {
    steps.iter().find(|s| s.title == title).unwrap()
}

fn close(rig: &mut Rig, choice: &str, resolution: &str, summary: &str) {
    rig.closing();
    rig.keys(choice);
    rig.wait("the choice", |s| s.lines().any(|l| l.contains(&format!("> {choice} "))));
    rig.keys("Enter");
    rig.answer("SUMMARY", summary);
    rig.see(&format!("closed as {resolution}"));
}

fn leave(mut rig: Rig) {
    rig.keys("q q");
    assert!(rig.end().success());
    assert!(!rig.holds_modes());
}

/// The session is whole; gives its report.
fn report(state: &Path, id: &str) -> String {
    let (code, out) = run(state, &["sessions", "verify", id, "--json"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("\"verdict\":\"ok-unsigned\""), "{out}");
    let (code, report) = run(state, &["sessions", "report", id]);
    assert_eq!(code, 0);
    report
}

/// The report names these, and every step.
fn tells(report: &str, steps: &[Step], words: &[&str]) {
    for words in steps.iter().map(|s| s.title.as_str()).chain(words.iter().copied()) {
        assert!(report.contains(words), "{words} is not in the report:\n{report}");
    }
}

const RESOLVE: Act = ("Resolve the finding in Security Hub", &|rig| rig.act(&[], "y"));
const ARCHIVE: Act = ("Archive the finding in GuardDuty", &|rig| rig.act(&[], "y"));

#[test]
fn stolen_keys_from_the_first_look_to_the_end() {
    let state = tempfile::tempdir().unwrap();
    let mut rig = start(state.path(), "stolen-keys", "15 of 15");
    let book = steps(state.path(), "iam-credential-theft");
    open(&mut rig, "PenTest:*", "iam-credential-theft");
    let acts: &[Act] = &[
        ("Dry run: contain the principal", &|rig| {
            rig.act(&[("principal_name", "deploy-bot"), ("principal_type", "IAM user")], "y");
            rig.see("a dry run changes nothing");
        }),
        ("Deactivate the access keys that were noted", &|rig| {
            rig.act(&[], "N3YC");
            rig.see("verified: status of the key Inactive");
        }),
        // Looked at and left: its plan says what it would lose.
        ("Contain the principal", &|rig| {
            rig.keys("Enter");
            rig.see("CONFIRM: Contain the principal");
            rig.press_until("Down", |s| s.contains("DESTROYS  the user's console password"));
            rig.press_until("Esc", |s| !s.contains("CONFIRM"));
            rig.keys("x");
            rig.answer("SKIP", "the keys were all it had");
        }),
        ("Deny the user everything", &|rig| {
            // Whose key it is was not typed: it is looked up before the plan.
            rig.act(&[], "-bot");
            rig.see("verified: policy quell-deny-all there");
        }),
        ("Revoke the sessions of a role that it assumed", &|rig| {
            rig.act(&[("role_name", "deployment")], "ment");
            rig.see("verified: policy AWSRevokeOlderSessions there");
        }),
        RESOLVE,
        ARCHIVE,
    ];
    rig.walk(&book, acts);
    // The honest jobs want theirs back.
    let deny = titled(&book, "Deny the user everything");
    rig.undo(deny, "Deny the user everything", "-bot");
    rig.see("verified: policy quell-deny-all not there");
    // What stands is what was not undone; the key, and the role's older sessions.
    rig.keys(":");
    rig.see("COMMANDS");
    rig.text("in-force");
    rig.see("> in-force");
    rig.keys("Enter");
    rig.see("IN FORCE 2");
    rig.see("As the sessions' records have it, AWS was not asked");
    rig.see("deployment  Revoke the role's older sessions");
    rig.keys("q");
    rig.see("STEPS* iam-credential-theft");
    close(&mut rig, "1", "true positive", "The key of deploy-bot that leaked is off.");
    leave(rig);
    let (_, out) = run(state.path(), &["sessions", "in-force"]);
    assert!(out.starts_with("As the sessions' records have it, AWS was not asked"), "{out}");
    assert_eq!(out.matches("\n  since ").count(), 2, "{out}");
    assert!(out.contains("AKIAR2VDK7MPH6BZN3YC  Deactivate an access key that was noted"), "{out}");
    assert!(out.contains("closed: it is reopened first") && !out.contains("Deny the user everything"), "{out}");
    let (_, out) = run(state.path(), &["sessions", "in-force", "--json"]);
    let first: serde_json::Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    assert_eq!([&first["resource"], &first["state"]], ["AKIAR2VDK7MPH6BZN3YC", "verified"]);
    let before = serde_json::json!({ "name": "status of the key", "value": "Active" });
    assert!(first["before"].as_array().unwrap().contains(&before), "{first}");
    let told = [
        "- `Deactivate an access key that was noted` (succeeded)",
        "- `Contain the principal` (cancelled)",
        "- `Deny the user everything` (succeeded)",
        "- `Undo: Deny the user everything` (succeeded)",
        "- `Revoke the role's older sessions` (succeeded)",
        "Read back: `status of the key` = `Inactive`",
        "words of step 7",
        "the keys were all it had",
        "The key of deploy-bot that leaked is off.",
    ];
    tells(&report(state.path(), &session(state.path())), &book, &told);
}

#[test]
fn a_public_bucket_from_the_first_look_to_the_end() {
    let state = tempfile::tempdir().unwrap();
    let mut rig = start(state.path(), "public-bucket", "13 of 13");
    let book = steps(state.path(), "s3-data-theft");
    open(&mut rig, "Exfiltration:S3/AnomalousBehavior", "s3-data-theft");
    let acts: &[Act] = &[
        ("Dry run: close the bucket", &|rig| {
            rig.act(&[], "y");
            rig.see("a dry run changes nothing");
            // The output is read before the real run: who keeps access. It is there once the step is done on disk.
            rig.see("[x] 21 ");
            rig.keys("o");
            rig.see("EVIDENCE to read");
            rig.keys("Enter");
            rig.see("aws:PrincipalArn");
            rig.keys("q");
            rig.see("STEPS* s3-data-theft");
        }),
        ("Close the bucket to all but named roles", &|rig| {
            rig.act(&[], "orchard-customer-exports");
            rig.see("  verified  public access block BlockPublicAcls on");
        }),
        RESOLVE,
        ARCHIVE,
    ];
    rig.walk(&book, acts);
    let step = titled(&book, "Close the bucket to all but named roles");
    rig.undo(step, "Close the bucket to all but named roles", "orchard-customer-exports");
    close(&mut rig, "1", "true positive", "Open to all since the evening.");
    leave(rig);
    let told = [
        "- `Close the bucket to all but named roles` (succeeded)",
        "- `Undo: Close the bucket to all but named roles` (succeeded)",
        "Read back: `public access block` = `BlockPublicAcls on, IgnorePublicAcls on, BlockPublicPolicy on, \
         RestrictPublicBuckets on`",
        "words of step 7",
        "Open to all since the evening.",
    ];
    tells(&report(state.path(), &session(state.path())), &book, &told);
}

#[test]
fn a_quiet_night_is_triaged_and_closed_as_false_positive() {
    let state = tempfile::tempdir().unwrap();
    let mut rig = start(state.path(), "quiet", "3 of 3");
    let says =
        |word: &'static str| move |s: &str| s.lines().any(|l| l.starts_with("> LOW") && l.trim_end().ends_with(word));
    // From the list: a probe that is only noise is suppressed, taken back, and resolved.
    rig.keys("t s");
    rig.approve("y");
    rig.wait("the state", says("supp"));
    rig.keys("t u");
    rig.see("UNDO which action?");
    rig.keys("Enter");
    rig.see("CONFIRM: Undo: Set the workflow to SUPPRESSED");
    rig.approve("y");
    rig.wait("the state", says("new"));
    rig.keys("t r");
    rig.approve("y");
    rig.wait("the state", says("reso"));
    // A colleague who looks around: an incident of its own, closed as what it is.
    let book = steps(state.path(), "iam-anomalous-behavior");
    open(&mut rig, "Discovery:*", "iam-anomalous-behavior");
    rig.walk(&book[..17], &[]);
    rig.stand_on(18);
    rig.press_until("Enter", |s| s.contains("> 1 "));
    rig.keys("j");
    rig.see("> 2 False positive");
    rig.keys("Enter");
    rig.answer("─ NOTE", "maren.olsen, from the office");
    rig.see("it goes on with 40 ");
    rig.keys("G");
    rig.see("> [ ] 42");
    close(&mut rig, "2", "false positive", "Planned work.");
    leave(rig);
    let mut reports: Vec<String> = sessions(state.path()).iter().map(|id| report(state.path(), id)).collect();
    reports.sort_by_key(|report| report.contains("Triage "));
    assert_eq!(reports.len(), 2);
    let told = ["Verdict: false positive", "maren.olsen, from the office", "Planned work."];
    tells(&reports[0], &book, &told);
    let told = [
        "- `Set the workflow to SUPPRESSED` (succeeded)",
        "- `Undo: Set the workflow to SUPPRESSED` (succeeded)",
        "- `Set the workflow to RESOLVED` (succeeded)",
    ];
    tells(&reports[1], &[], &told);
}
