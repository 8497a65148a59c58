//! Shapes of playbooks that teams already have, each as small as it can be.

use super::*;
use StepKind::{Command, Decision, Manual};

fn titles(text: &str) -> Vec<String> {
    outline(&read(text)).into_iter().map(|(number, title, _)| format!("{number} {title}")).collect()
}

fn body(text: &str, index: usize) -> String {
    raw(&read(text).runbook.steps[index].body)
}

#[test]
fn battle_cards_have_bold_phases_and_lettered_lines() {
    let text = "##### Card: **Ransomware**\n\n**(P) Preparation**\n\n1.  Patch\n2.  Practise\n\n**(I) Identification**\n\n\
                1.  Monitor for:  \n    a. Notes  \n    b. Odd files\n2.  Look\n\n**(L) Lessons/Opportunities**\n\n1.  Learn\n\n\
                **References:**\n\n1.  A page\n";
    assert_eq!(
        titles(text),
        ["1 Patch", "2 Practise", "3 Monitor for:", "3a Notes", "3b Odd files", "4 Look", "5 Learn"]
    );
    let book = read(text).runbook;
    let phases: Vec<Option<Phase>> = book.steps.iter().map(|step| step.phase).collect();
    let (prepare, detect, post) = (Some(Phase::Prepare), Some(Phase::Detect), Some(Phase::Post));
    assert_eq!(phases, [prepare, prepare, detect, detect, detect, detect, post]);
    assert_eq!(raw(&book.title), "Card: Ransomware");
    assert_eq!(raw(&book.context[0].title), "References");
}

#[test]
fn lists_broken_by_fences_go_on_and_fences_belong_to_the_step_before() {
    let text = "## Contain\n\n1. Edit the map\n```\nkubectl edit cm -n x\n```\n1. Remove the user\n```yaml\na: b\n```\n\n\
                5. Watch\n\n![shot](a.png)\n\n1. Stop\n";
    assert_eq!(titles(text), ["1 Edit the map", "2 Remove the user", "5 Watch", "6 Stop"]);
    assert_eq!(body(text, 0), "```\nkubectl edit cm -n x\n```");
    assert_eq!(read(text).runbook.steps[0].commands, ["kubectl edit cm -n x".into()]);
    assert!(read(text).runbook.steps[1].commands.is_empty());
    assert_eq!(body(text, 2), "![shot](a.png)");
}

#[test]
fn text_after_sub_steps_is_the_parents() {
    let text = "1. Parent\n   1. child\n      1. grandchild\n   2. other\n\n   Parent's text.\n2. Next\n";
    assert_eq!(titles(text), ["1 Parent", "1a child", "1a1 grandchild", "1b other", "2 Next"]);
    assert_eq!(body(text, 0), "Parent's text.");
}

#[test]
fn tasks_in_any_list_are_steps_and_other_bullets_are_detail() {
    let text = "## Recover\n\n- [ ] One\n  - detail\n- [x] Two\n- plain\n\n1. [ ] Three\n2. [ ] Four\n\n* [ ] Five\n  - [ ] inner\n";
    assert_eq!(titles(text), ["1 One", "2 Two", "3 Three", "4 Four", "5 Five", "5a inner"]);
    assert_eq!(body(text, 0), "- detail");
    assert_eq!(body(text, 1), "- plain");
}

#[test]
fn numbered_paragraphs_are_steps() {
    assert_eq!(titles("**1.** Stop it\n\nmore\n\n**2.** Look\n"), ["1 Stop it", "2 Look"]);
    assert_eq!(titles("Step 1: Stop it\n\nStep 2: Look\n"), ["1 Step 1: Stop it", "2 Step 2: Look"]);
    assert_eq!(titles("x\n2) do\n3) look\n"), ["2 do", "3 look"]);
}

#[test]
fn bullets_orders_and_prose_are_steps_only_where_nothing_stronger_is() {
    assert_eq!(
        titles("## Contain\n\n- Isolate the host\n- the host is big\n- Block the address\n"),
        ["1 Isolate the host", "2 Block the address"]
    );
    assert_eq!(titles("## Contain\n\nIsolate the host.\n\nIt is big.\n"), ["1 Isolate the host."]);
    assert_eq!(titles("## Contain\n\n- Isolate it\n\n1. Step\n"), ["1 Step"]);
    assert_eq!(titles("## References\n\n- Isolate it\n\n1. Not a step\n"), Vec::<String>::new());
    assert_eq!(titles("## References\n\n- [ ] but a task is\n"), ["1 but a task is"]);
}

#[test]
fn a_command_that_no_step_owns_is_a_step() {
    let text = "## Analyze\n\nShow the flows:\n\n```bash\naws ec2 describe-flow-logs\n```\n\n## Contain\n\n```sh\n# first\nkubectl cordon n\n```\n";
    let parsed = read(text);
    let expected = [("1", "Show the flows", Command), ("2", "Run: kubectl cordon n", Command)];
    assert_eq!(outline(&parsed), expected.map(|(n, t, k)| (n.to_owned(), t.to_owned(), k)));
}

#[test]
fn steps_under_a_phase_are_steps_whatever_it_was_put_under() {
    let text =
        "# T\n\n## Overview\n\nWords.\n\n### Containment\n\n1. Cut it off\n\n### Detection\n\nHow it was seen.\n";
    let book = parse("x", text.as_bytes(), Origin::BuiltIn).unwrap().runbook;
    let steps: Vec<_> = book
        .steps
        .iter()
        .map(|step| (raw(&step.title), step.phase, step.group.iter().map(raw).collect::<Vec<_>>()))
        .collect();
    let group = vec!["Overview".to_owned(), "Containment".to_owned()];
    assert_eq!(steps, [("Cut it off".to_owned(), Some(Phase::Contain), group)]);
    // quell's own word for a phase is said by the phase; another one is kept.
    let text = "# T\n\n## Contain\n\n1. a\n\n## Remediate\n\n1. b\n";
    let book = parse("x", text.as_bytes(), Origin::BuiltIn).unwrap().runbook;
    let groups: Vec<Vec<String>> = book.steps.iter().map(|step| step.group.iter().map(raw).collect()).collect();
    assert_eq!(groups, [vec![], vec!["Remediate".to_owned()]]);
    assert_eq!(book.steps[1].phase, Some(Phase::Eradicate));
}

#[test]
fn numbered_headings_are_groups_when_they_own_steps_and_steps_when_not() {
    let text = "# T\n\n## Part 1: Prepare the host\n\n1. Do\n\n## Part 2: Contain the host\n\nThe plug is pulled.\n\n\
                ### Databases\n\nThe owner says when.\n\n## Part 3: Empty\n";
    let parsed = read(text);
    assert_eq!(titles(text), ["1 Do", "2 Part 2: Contain the host"]);
    assert_eq!(raw(&parsed.runbook.steps[0].group[0]), "Part 1: Prepare the host");
    assert_eq!(body(text, 1), "The plug is pulled.\n\n### Databases\n\nThe owner says when.");
    assert_eq!(parsed.runbook.steps[1].phase, Some(Phase::Contain));
    assert_eq!(raw(&parsed.runbook.context[0].title), "Part 3: Empty");
    let condition = read("## Contain\n\n### If it is a database\n\nThe owner says when.\n\n### Other\n\n1. Do\n");
    assert_eq!(outline(&condition)[0], ("1".to_owned(), "If it is a database".to_owned(), Decision));
    assert_eq!(words(&condition.runbook.steps[0].choices), ["Yes", "No"]);
    // The innermost are the steps.
    assert_eq!(
        titles("# T\n\n## Part 1\n\nGoal.\n\n### 1.1 One\n\nText.\n\n### 1.2 Two\n\nText.\n"),
        ["1 1.1 One", "2 1.2 Two"]
    );
}

#[test]
fn decision_trees_and_boxes_in_tables_are_decisions() {
    let text = "## Contain\n\n```text\nUsed?\n├── YES (sure)\n│     └── Proceed to 3.2\n└── NO\n```\n";
    let parsed = read(text);
    assert_eq!(outline(&parsed), [("1".to_owned(), "Used?".to_owned(), Decision)]);
    assert_eq!(words(&parsed.runbook.steps[0].choices), ["YES (sure)", "NO"]);
    let text = "| Law | Where | Applies |\n|---|---|---|\n| GDPR | EU | ☐ Yes ☐ No |\n| none | x | y |\n| PIPEDA | CA | ☐ Yes ☐ No |\n";
    assert_eq!(titles(text), ["1 GDPR — EU", "2 PIPEDA — CA"]);
    assert_eq!(words(&read(text).runbook.steps[1].choices), ["Yes", "No"]);
    assert_eq!(body(text, 1), "| Law | Where | Applies |\n|---|---|---|\n| PIPEDA | CA | ☐ Yes ☐ No |");
    // A row above the first that has boxes is shown with that.
    let text = "| Law | Applies |\n|---|---|\n| none | never |\n| GDPR | ☐ |\n";
    assert_eq!((titles(text), body(text, 0)), (vec!["1 GDPR".to_owned()], text.trim_end().to_owned()));
}

#[test]
fn details_and_their_summary_are_read_as_a_section() {
    let text = "## Contain\n\n<details>\n<summary>For <b>hosts</b></summary>\n\n1. Stop\n\n</details>\n\nAfter.\n";
    let book = read(text).runbook;
    assert_eq!(titles(text), ["1 Stop"]);
    assert_eq!(raw(&book.steps[0].group[0]), "For hosts");
    assert!(book.context.iter().any(|section| raw(&section.body).contains("After.")));
}

#[test]
fn metadata_in_a_quote_and_types_in_a_table_are_found() {
    let text = "<!-- note -->\n\n# IRP: Keys\n\n> **Playbook Version:** 2.0\n> **Last Reviewed:** 2026-06-18\n> **Owner:** IR\n\n\
                ### Applicable Finding Types\n\n| Source | Finding / Event Type |\n|---|---|\n\
                | GuardDuty | `Persistence:IAMUser/AnomalousBehavior` |\n| GuardDuty | `GuardDuty:FindingType/Example` |\n\
                | GuardDuty | `Trojan:EC2/DNSDataExfiltration\\!DNS` |\n";
    let book = read(text).runbook;
    assert_eq!(raw(&book.title), "IRP: Keys");
    assert_eq!(book.version, Some("2.0".into()));
    assert_eq!(book.reviewed, Some("2026-06-18".into()));
    assert_eq!(book.owner, Some("IR".into()));
    let matches: Vec<String> = book.matches.iter().map(Match::text).collect();
    assert_eq!(matches, ["Persistence:IAMUser/AnomalousBehavior", "Trojan:EC2/DNSDataExfiltration!DNS"]);
}

#[test]
fn tags_and_roles_at_the_start_of_a_step_are_its_phase_and_role() {
    let book = read("1. [**CONTAINMENT**] Stop it\n2. [IR Lead] Decide\n").runbook;
    assert_eq!(book.steps[0].phase, Some(Phase::Contain));
    assert_eq!(raw(&book.steps[0].title), "[CONTAINMENT] Stop it");
    assert_eq!((raw(&book.steps[1].title), book.steps[1].role.clone()), ("Decide".to_owned(), Some("IR Lead".into())));
}

#[test]
fn a_warning_above_the_steps_is_shown_with_the_first() {
    let text = "## Contain\n\nSome words.\n\n> \u{26a0} This stops all users.\n\n1. Revoke\n\n   Details.\n2. Look\n";
    assert_eq!(body(text, 0), "> \u{26a0} This stops all users.\n\nDetails.");
    assert_eq!(body(text, 1), "");
    assert_eq!(raw(&read(text).runbook.context[0].body), "Some words.\n\n> \u{26a0} This stops all users.");
}

#[test]
fn steps_in_a_fence_are_steps() {
    let text = "# T\n\n```\n(P) Preparation\n\n1. Patch\n2. Train\n```\n\nAfter.\n\n## Contain\n\n1. Stop\n";
    assert_eq!(titles(text), ["1 Patch", "2 Train", "3 Stop"]);
    let book = read(text).runbook;
    assert_eq!(book.steps[0].phase, Some(Phase::Prepare));
    assert_eq!(raw(&book.steps[1].body), "After.");
}

#[test]
fn a_long_first_sentence_is_the_title_and_the_rest_stays() {
    let rest = "word ".repeat(40);
    let text = format!("1. Stop the key. Then {rest}\n2. Short\n");
    assert_eq!(titles(&text), ["1 Stop the key.", "2 Short"]);
    assert_eq!(body(&text, 0), format!("Stop the key. Then {}", rest.trim_end()));
}

#[test]
fn placeholders_that_look_like_tags_stay_and_line_ends_do_not_matter() {
    assert_eq!(
        titles("1. Stop <instance-id> now<br>please\r\n2. <b>Look</b>\r\n"),
        ["1 Stop <instance-id> now please", "2 Look"]
    );
    let parsed = read("1. a\u{1b}[31m\n");
    assert_eq!(parsed.runbook.steps[0].title.line().as_str(), "a\\u{1b}[31m");
    assert_eq!(outline(&parsed)[0].2, Manual);
}

#[test]
fn an_unclosed_fence_loses_nothing() {
    let text = "1. Run\n\n   ```bash\n   aws s3 ls\n\n2. Next\n";
    assert_eq!(read(text).runbook.steps.len(), 2);
    let text = "1. Run\n\n```bash\naws s3 ls\n\n2. Not a step\n";
    assert_eq!(body(text, 0), "```bash\naws s3 ls\n\n2. Not a step");
}

#[test]
fn a_definition_in_an_item_is_not_lost() {
    let text = "1. [it]: http://a.example\n   Stop [it]\n2. [ ] Look\n3. [a]: b\n";
    assert_eq!(titles(text), ["1 Stop it", "2 Look"]);
    assert_eq!(body(text, 0), "[it]: http://a.example\nStop [it]");
    assert_eq!(body(text, 1), "3. [a]: b");
}

#[test]
fn a_link_over_two_lines_is_not_lost() {
    let text = "1. Ask  \n   a. the [owner  \n   b. or deputy](http://a.example) now\n";
    assert_eq!(titles(text), ["1 Ask", "1a the owner", "1b or deputy now"]);
    assert_eq!(body(text, 2), "b. or deputy](http://a.example) now");
    let text = "x\n2) the [owner\n3) or deputy](http://a.example)\n";
    assert_eq!((titles(text)[1].as_str(), body(text, 1).as_str()), ("3 or deputy", "3) or deputy](http://a.example)"));
}

#[test]
fn bytes_that_are_no_text_are_told() {
    let parsed = parse("x", b"1. caf\xe9\n", Origin::BuiltIn).unwrap();
    assert_eq!(
        lints(&parsed),
        [(Level::Warning, 1, 7, "the file is not UTF-8; what could not be read is shown as \u{fffd}".to_owned())]
    );
    assert_eq!(raw(&parsed.runbook.steps[0].title), "caf\u{fffd}");
}
