//! Each rule, on a file that breaks it.

use super::*;
use crate::runbook::jumps::references;
use crate::runbook::{Origin, parse::parse};

fn parsed(text: &str) -> Parsed {
    parse("f", text.as_bytes(), Origin::BuiltIn).unwrap()
}

fn told(lint: Lint) -> (Level, usize, usize, String) {
    (lint.level, lint.line, lint.column, lint.what.into_string())
}

fn found(text: &str) -> Vec<(Level, usize, usize, String)> {
    let rule = |name, danger, fields: [(&'static str, bool); 2]| KindRule {
        name,
        danger,
        fields: fields.map(|(name, required)| FieldRule { name, required }).to_vec(),
    };
    let kinds = vec![
        rule("ssm-automation", 1, [("document", true), ("parameters", false)]),
        rule("command", 2, [("argv", true), ("timeout", false)]),
    ];
    let lookups = vec![LookupRule { name: "ec2-instance", tells: vec!["role", "vpc"] }];
    lint(&parsed(text), &Rules { kinds, lookups }).into_iter().map(told).collect()
}

fn error(line: usize, column: usize, what: &str) -> (Level, usize, usize, String) {
    (Level::Error, line, column, what.to_owned())
}

fn warning(line: usize, column: usize, what: &str) -> (Level, usize, usize, String) {
    (Level::Warning, line, column, what.to_owned())
}

const HEAD: &str = "---\nowner: o\nversion: 1\nreviewed: 2026-01-01\nmatches: [generic]\n---\n";

#[test]
fn what_is_missing_is_told() {
    let levels: Vec<(Level, String)> = found("# Only a title\n").into_iter().map(|(l, _, _, w)| (l, w)).collect();
    assert_eq!(levels[0].0, Level::Error);
    assert!(levels[0].1.starts_with("there are no steps"));
    assert_eq!(levels.len(), 5);
    assert_eq!(found(&format!("{HEAD}# T\n\n1. Do it\n")), []);
}

#[test]
fn a_fence_has_an_end_and_names_to_fill_in_are_counted() {
    let whats = |text: &str| found(text).into_iter().map(|(_, line, _, what)| (line, what)).collect::<Vec<_>>();
    let open = (3, "the fence has no end: all that follows is its text".to_owned());
    let told = whats("# T\n\n```bash\ndate\n\n## Contain\n");
    assert!(told.contains(&open), "{told:?}");
    for closed in [
        "```bash\ndate\n```",
        "~~~~\n```\n~~~~",
        "1. a\n\n   ```bash\n   date\n   ```",
        "> ```\n> x\n> ```",
        "    date",
    ] {
        let told = whats(&format!("# T\n\n{closed}\n"));
        assert!(told.iter().all(|(_, what)| !what.contains("no end")), "{closed}: {told:?}");
    }
    let text = "# T\n\n## Contain\n\n1. Copy\n\n   ```bash\n   aws s3 cp a s3://[BUCKET]/ --region <region> --x $TICKET\n   ```\n";
    let by_hand = (5, "2 name(s) in commands are filled in by hand: bucket, ticket".to_owned());
    let told = whats(text);
    assert!(told.contains(&by_hand), "{told:?}");
    // In quell's own format they stand in braces.
    assert!(whats(&format!("{HEAD}{text}")).iter().all(|(_, what)| !what.contains("by hand")));
}

#[test]
fn references_must_lead_somewhere() {
    let text = format!(
        "{HEAD}# T\n\n## Part 2: Contain\n\n### Group\n\n### Group\n\n1. Go to step 2, or [here](#part-2-contain), [it](#group-1)\n2. Then go to Part 2\n\
         3. Proceed to 4.1 and [there](#nowhere)\n4. Go to step 9\n"
    );
    assert_eq!(
        found(&text),
        [
            (Level::Warning, 13, 1, "this heading stands twice here, first in line 11".to_owned()),
            (Level::Error, 17, 4, "there is no step or part 4.1 to go to".to_owned()),
            (Level::Error, 17, 23, "nothing here is called #nowhere".to_owned()),
            (Level::Error, 18, 4, "there is no step or part 9 to go to".to_owned()),
        ]
    );
    assert_eq!(references("let it go to 10.0.0.1? No: cargo to step 3"), Vec::<(bool, String)>::new());
}

#[test]
fn names_in_commands_are_known_and_whole_words() {
    let text = format!(
        "{HEAD}# T\n\n1. Do\n\n   ```bash\n   aws x {{{{ finding.idd }}}} a={{{{ finding.id }}}} {{{{ finding.id }}}}\n   ```\n\n   ```\n   x\n   ```\n"
    );
    assert_eq!(
        found(&text),
        [
            (Level::Error, 12, 13, "finding.idd is no template name; did you mean finding.id?".to_owned()),
            (
                Level::Error,
                12,
                33,
                "a template fills a whole word of a command; it can't be part of a longer one".to_owned()
            ),
            (Level::Warning, 15, 4, "a fence without a language".to_owned()),
        ]
    );
    // Other people's templates are theirs.
    assert!(found("1. Do\n\n   ```bash\n   x {{ EC2Name }}\n   ```\n").iter().all(|l| l.0 == Level::Warning));
}

#[test]
fn commands_of_other_languages_are_left_alone_and_open_braces_are_not() {
    let text = format!(
        "{HEAD}# T\n\n1. Do\n\n   ```bash\n   docker inspect -f '{{{{.Id}}}}' x\n   x {{{{}}}} {{{{end}}}}\n   \
         echo {{{{ finding.id\n   ```\n"
    );
    assert_eq!(
        found(&text),
        [
            warning(12, 23, "{{.Id}} is no template of quell; it stays as it is written"),
            error(13, 6, "there is no name between the braces"),
            warning(13, 11, "{{end}} is no template of quell; it stays as it is written"),
            error(14, 9, "these braces are not closed by }}"),
        ]
    );
}

#[test]
fn names_in_titles_and_text_are_known_and_closed() {
    let text = format!(
        "{HEAD}# T {{{{ finding.titel }}}}\n\n1. Ask {{{{ var.Bad }}}} <!-- {{{{ x }}}} -->\n\n   \
         See `{{{{ finding.idd }}}}` and {{{{ finding.id }}}}, {{{{ open,\n   `${{{{ github.sha }}}}` or {{{{ .Id }}}}.\n"
    );
    assert_eq!(
        found(&text),
        [
            error(7, 8, "finding.titel is no template name; did you mean finding.title?"),
            error(
                9,
                11,
                "var.Bad is no template name (finding.…, session.id, responder.name, or var.name in small letters, digits and _)"
            ),
            error(11, 12, "finding.idd is no template name; did you mean finding.id?"),
            error(11, 50, "these braces are not closed by }}"),
            warning(12, 6, "{{ github.sha }} is no template of quell; it stays as it is written"),
            warning(12, 27, "{{ .Id }} is no template of quell; it stays as it is written"),
        ]
    );
    let titled = HEAD.replace("version", "title: \"On {{ finding.idd }}\"\nversion");
    let what = "finding.idd is no template name; did you mean finding.id?";
    assert_eq!(found(&format!("{titled}1. Do it\n")), [error(3, 15, what)]);
}

#[test]
fn other_code_is_looked_at_for_quells_own_names_only() {
    let text = format!(
        "{HEAD}# T\n\n1. Do\n\n   ```sql\n   SELECT {{{{ finding.idd }}}}, {{{{ ds }}}}, {{{{ finding.id\n   ```\n"
    );
    assert_eq!(found(&text), [error(12, 14, "finding.idd is no template name; did you mean finding.id?")]);
}

/// What is said of a step with this action block, whose first line is 14.
fn block(text: &str) -> Vec<(Level, usize, usize, String)> {
    let indented: String = text.lines().map(|line| format!("   {line}\n")).collect();
    found(&format!("{HEAD}# T\n\n## Contain\n\n1. Do it\n\n   ```action\n{indented}   ```\n"))
}

#[test]
fn a_block_is_of_a_known_kind() {
    let what = "there is no kind of action ssm-automations; the kinds are ssm-automation, command";
    assert_eq!(block("kind: ssm-automations\ntitle: t\nx: y"), [error(14, 10, what)]);
    assert_eq!(block("kind: ssm-automation\ntitle: t\ndocument: D\nparameters: {A: [b]}"), []);
}

#[test]
fn a_block_has_the_fields_of_its_kind() {
    let what = "ssm-automation has no field documents; its fields are document, parameters";
    assert_eq!(block("kind: ssm-automation\ntitle: t\ndocument: D\ndocuments: D"), [error(17, 4, what)]);
}

#[test]
fn a_block_has_all_that_its_kind_needs() {
    let what = "ssm-automation needs the field document";
    assert_eq!(block("kind: ssm-automation\ntitle: t\nparameters: {A: [b]}"), [error(13, 4, what)]);
    assert_eq!(block("kind: ssm-automation\ntitle: t\ndocument:"), [error(13, 4, what)]);
}

#[test]
fn a_block_does_not_lower_the_danger() {
    let what = "danger 1 is below that of command, which is 2: a runbook can only raise it";
    assert_eq!(block("kind: command\ntitle: t\ndanger: 1\nargv: [x]"), [error(16, 12, what)]);
    assert_eq!(block("kind: command\ntitle: t\ndanger: 2\nargv: [x]"), []);
    assert_eq!(block("kind: ssm-automation\ntitle: t\ndanger: 1\ndocument: D"), []);
}

#[test]
fn a_step_has_one_id_and_no_other_has_it() {
    let text = format!("{HEAD}# T\n\n1. a <!-- step: id=x id=y -->\n2. b <!-- step: id=x -->\n");
    assert_eq!(
        found(&text),
        [error(9, 22, "the step's id stands here twice"), error(10, 6, "the step id x stands here twice")]
    );
}

#[test]
fn a_problem_of_the_id_stands_where_the_id_is_given() {
    let named = parsed("---\ntitle: t\nid: \"x\"\n---\n1. a\n");
    assert_eq!(told(of_id(&named, Level::Error, "taken")), error(3, 5, "taken"));
    assert_eq!(told(of_id(&parsed("1. a\n"), Level::Warning, "taken")), warning(1, 1, "taken"));
}

#[test]
fn each_has_a_value_in_a_step_with_a_list_alone() {
    let text = format!(
        "{HEAD}# On {{{{ each }}}}\n\n1. Stop {{{{ each }}}} <!-- step: each=incident.hosts {{{{ each }}}} -->\n\n   ```bash\n   stop {{{{ each }}}}\n   ```\n\n1. Look at {{{{each}}}}\n"
    );
    let what = "{{ each }} stands in no step with each=\"...\": there it has no value";
    let own: Vec<_> = found(&text).into_iter().filter(|(.., said)| said.contains("each }} stands")).collect();
    assert_eq!(own, [error(7, 6, what), error(15, 12, what)]);
}

#[test]
fn a_list_is_one_that_there_is_and_no_decision_has_one() {
    let text = format!("{HEAD}# T\n\n1. Stop\n   <!-- step: each=incident.host -->\n");
    assert_eq!(found(&text), [error(10, 15, "there is no list incident.host; did you mean incident.hosts?")]);
    let text = format!(
        "{HEAD}# T\n\n1. Decide: is it\n   <!-- step: each=incident.hosts -->\n\n   - Yes: go on\n   - No: go on\n"
    );
    assert_eq!(found(&text), [error(10, 4, "each: a decision is made once, and not for each of a list")]);
}

#[test]
fn look_ups_are_there_and_tell_what_is_taken_of_them() {
    let head = HEAD.trim_end().trim_end_matches("---");
    let of = |declared: &str| {
        let text = format!(
            "{head}variables:\n  a:\n{declared}---\n# T\n\n1. Look at {{{{ var.a }}}}\n   <!-- step: id=look lookup=ec2-instance -->\n"
        );
        found(&text)
    };
    assert_eq!(of("    from-lookup: ec2-instance\n    output: role\n"), []);
    let line = 1 + head.lines().count() + 2;
    let what = "ec2-instance tells no rule; it tells role, vpc";
    assert_eq!(of("    from-lookup: ec2-instance\n    output: rule\n"), [error(line, 18, what)]);
    let what = "there is no look-up ec2; there are ec2-instance";
    assert_eq!(of("    from-lookup: ec2\n    output: role\n"), [error(line, 18, what)]);
    let what = "from-lookup needs output: what the look-up calls it";
    assert_eq!(of("    from-lookup: ec2-instance\n"), [error(line, 18, what)]);
    let text = format!("{HEAD}# T\n\n1. Look\n   <!-- step: id=look lookup=ec2 -->\n");
    assert_eq!(found(&text), [error(10, 23, "there is no look-up ec2; there are ec2-instance")]);
}
