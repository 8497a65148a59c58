//! quell's own format.

use super::*;
use StepKind::{Action, Command, Decision, Manual};

fn book() -> Parsed {
    read(include_str!("own.md"))
}

#[test]
fn the_front_matter_is_the_books() {
    let Parsed { runbook, warnings } = book();
    assert_eq!(warnings, []);
    assert_eq!(runbook.id.as_str(), "ec2-crypto-mining");
    assert_eq!(raw(&runbook.title), "Crypto mining on an EC2 instance");
    assert_eq!(runbook.version, Some("1.2.0".into()));
    assert_eq!(runbook.owner, Some("secops".into()));
    assert_eq!(runbook.reviewed, Some("2026-07-01".into()));
    let matches: Vec<String> = runbook.matches.iter().map(Match::text).collect();
    assert_eq!(
        matches,
        ["CryptoCurrency:EC2/*", "CryptoCurrency:EC2/BitcoinTool.B!DNS", "resource:AWS::EC2::Instance"]
    );
    assert_eq!(runbook.sha256.len(), 64);
}

#[test]
fn steps_have_numbers_phases_groups_and_lines() {
    let parsed = book();
    let expected = [
        ("1", "Confirm the finding", Command),
        ("2", "Is the miner the owner's own?", Decision),
        ("3", "Isolate the instance", Action),
        ("4", "Take snapshots", Manual),
        ("4a", "Of the root volume", Manual),
        ("4b", "Of the others", Manual),
        ("5", "Isolate the instance", Manual),
        ("6", "Isolate the instance", Manual),
        ("7", "Hand over to the owner", Manual),
    ];
    assert_eq!(outline(&parsed), expected.map(|(n, t, k)| (n.to_owned(), t.to_owned(), k)));
    let steps = &parsed.runbook.steps;
    let phases: Vec<Option<Phase>> = steps.iter().map(|step| step.phase).collect();
    assert_eq!(phases[..3], [Some(Phase::Detect), Some(Phase::Detect), Some(Phase::Contain)]);
    assert_eq!(phases[8], Some(Phase::Post));
    let groups: Vec<String> = steps.iter().map(|s| s.group.iter().map(raw).collect::<Vec<_>>().join("/")).collect();
    assert_eq!(groups, ["", "", "The host", "The host", "The host", "The host", "The role", "The role", ""]);
    let lines: Vec<usize> = steps.iter().map(|step| step.line).collect();
    assert_eq!(lines, [24, 33, 41, 57, 58, 59, 65, 66, 70]);
    let depths: Vec<usize> = steps.iter().map(|step| step.depth).collect();
    assert_eq!(depths, [0, 0, 0, 0, 1, 1, 0, 0, 0]);
}

#[test]
fn ids_are_the_authors_or_made_from_path_and_words() {
    let ids: Vec<String> = book().runbook.steps.iter().map(|step| step.id.to_string()).collect();
    // printf 'isolate the instance' | sha256sum, and so on
    assert_eq!(ids[0], "confirm");
    assert_eq!(ids[2], "contain-the-host-f627da72");
    assert_eq!(ids[6], "contain-the-role-f627da72");
    assert_eq!(ids[7], "contain-the-role-f627da72-2");
}

#[test]
fn bodies_are_the_text_below_the_title() {
    let book = book().runbook;
    let body = |index: usize| raw(&book.steps[index].body);
    assert_eq!(
        body(0),
        "Read the finding's evidence.\n\n```console\n$ aws ec2 describe-instances --instance-ids i-0abc\n\
         { \"Reservations\": [] }\n```"
    );
    assert_eq!(book.steps[0].commands, ["aws ec2 describe-instances --instance-ids i-0abc".into()]);
    assert_eq!(body(1), "- **Yes**: close as benign\n- **No**: go on");
    assert_eq!(words(&book.steps[1].choices), ["Yes", "No"]);
    assert_eq!(body(2), "Cuts all traffic.\n\n\nAfter that it can't phone home.");
    assert_eq!(body(3), "Tag them all.");
    assert_eq!(body(5), "");
    // A link does not fit into a title, so its text stays.
    assert_eq!(body(8), "Hand over to [the owner](https://example.com/owner)");
}

#[test]
fn attributes_are_the_steps() {
    let book = book().runbook;
    assert_eq!(book.steps[0].role, Some("handler".into()));
    assert_eq!(book.steps[0].target_minutes, Some(15));
    assert!(book.steps[0].note_required);
    assert!(!book.steps[1].note_required);
}

#[test]
fn an_action_block_is_read_with_places() {
    let book = book().runbook;
    let action = book.steps[2].action.as_ref().unwrap();
    assert_eq!(action.kind.as_str(), "ssm-automation");
    assert_eq!(raw(&action.title), "Contain the instance");
    assert_eq!((action.danger, action.line), (Some(2), 45));
    assert_eq!(action.fields.len(), 2);
    assert_eq!(action.fields["document"], Field::Item(Item::Text("AWSSupport-ContainEC2Instance".into())));
    let Field::Map(parameters) = &action.fields["parameters"] else { panic!() };
    assert_eq!(
        parameters["InstanceId"],
        Field::List(vec![Item::Template { name: "finding.resource.id".into(), line: 51, column: 22 }])
    );
    assert_eq!(parameters["DryRun"], Field::List(vec![Item::Text("false".into())]));
}

#[test]
fn what_is_read_and_not_done_is_context() {
    let book = book().runbook;
    let sections: Vec<(String, String, usize)> =
        book.context.iter().map(|section| (raw(&section.title), raw(&section.body), section.line)).collect();
    let expected = [
        ("Summary", "GuardDuty saw an instance talk to a mining pool.", 12),
        ("When to use this", "1. This is no step, it is read.", 16),
        ("Detect and analyze", "Work fast: evidence in memory goes away.", 20),
    ];
    assert_eq!(sections, expected.map(|(title, body, line)| (title.to_owned(), body.to_owned(), line)));
}

/// One step with the action block given.
fn action(block: &str) -> Parsed {
    let indented: String = block.lines().map(|line| format!("   {line}\n")).collect();
    read(&format!("# T\n\n## Contain\n\n1. Do it\n\n   ```action\n{indented}   ```\n"))
}

#[test]
fn a_broken_action_leaves_its_step_and_stays_visible() {
    let cases = [
        (
            "kind: x\ntitle: t\nid: \"i-{{ finding.id }}\"",
            10,
            11,
            "broken action: a template fills a whole item; it can't be part of a longer text",
        ),
        (
            "kind: x\ntitle: t\nid: \"{{ finding.idd }}\"",
            10,
            12,
            "broken action: finding.idd is no template name; did you mean finding.id?",
        ),
        (
            "kind: x\ntitle: t\nid: {{ finding.id }}",
            10,
            9,
            "broken action: a key must be text (a template is written in quotes: \"{{ name }}\")",
        ),
        ("kind: a b\ntitle: t", 8, 10, "broken action: kind is the name of an action kind, such as ssm-automation"),
        ("title: t", 7, 4, "broken action: the action block has no kind"),
        ("kind: x", 7, 4, "broken action: the action block has no title"),
        ("kind: x\ntitle: t\ndanger: 4", 10, 12, "broken action: danger is 1, 2 or 3"),
        ("kind: x\ntitle: t\ntitle: u", 10, 4, "broken action: the key title stands here twice"),
    ];
    for (block, line, column, what) in cases {
        let parsed = action(block);
        assert_eq!(lints(&parsed), [(Level::Error, line, column, what.to_owned())], "{block}");
        let step = &parsed.runbook.steps[0];
        assert_eq!(step.kind, Manual);
        assert!(step.action.is_none());
        assert_eq!(raw(&step.body), format!("```action\n{block}\n```"));
    }
}

#[test]
fn every_unknown_name_of_a_block_is_told() {
    let parsed = action("kind: x\ntitle: t\na: \"{{ nope }}\"\nb: [\"{{ var.Bad }}\", \"{{ var.good }}\"]");
    let places: Vec<(usize, usize)> = parsed.warnings.iter().map(|lint| (lint.line, lint.column)).collect();
    assert_eq!(places, [(10, 11), (11, 12)]);
}

#[test]
fn attribute_ids_that_are_taken_or_no_slugs_are_told() {
    let parsed = read(
        "# T\n\n1. a <!-- step: id=same -->\n2. b <!-- step: id=same -->\n3. c <!-- step: id=../x -->\n\
         \n<!-- step: target=soon -->\n",
    );
    let ids: Vec<&str> = parsed.runbook.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids[..2], ["same", "same-2"]);
    // printf 'c' | sha256sum
    assert_eq!(ids[2], "step-2e7d2c03");
    let places: Vec<(Level, usize, usize)> = parsed.warnings.iter().map(|l| (l.level, l.line, l.column)).collect();
    assert_eq!(places, [(Level::Error, 4, 6), (Level::Warning, 5, 17), (Level::Warning, 7, 12)]);
    assert!(parsed.runbook.steps.iter().all(|step| step.body.is_empty()));
}

#[test]
fn an_action_without_a_step_makes_one() {
    let parsed = read("## Contain\n\n```action\nkind: x\ntitle: Stop it\n```\n");
    assert_eq!(outline(&parsed), [("1".to_owned(), "Stop it".to_owned(), Action)]);
    assert_eq!(raw(&parsed.runbook.steps[0].body), "");
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let refused = parse("x", &vec![b'x'; LIMIT + 1], Origin::BuiltIn).unwrap_err();
    assert_eq!(refused.to_string(), "the file has 2097153 bytes; at most 2097152 are read");
}
