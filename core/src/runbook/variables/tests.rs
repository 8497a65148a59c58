//! What front matter declares, and what is wrong with it, at its place.

use super::*;
use crate::runbook::lint::lint;
use crate::runbook::{Origin, Parsed, parse};

const HEAD: &str = "---\nid: a\nowner: o\nversion: 1\nreviewed: 2026-01-01\nmatches: [generic]\n";

fn parsed(variables: &str, body: &str) -> Parsed {
    parse("f", format!("{HEAD}variables:\n{variables}---\n# T\n\n{body}").as_bytes(), Origin::BuiltIn).unwrap()
}

/// What lint says: line, column, words.
fn told(variables: &str, body: &str) -> Vec<(usize, usize, String)> {
    let lints = lint(&parsed(variables, body), &Default::default());
    lints.into_iter().map(|lint| (lint.line, lint.column, lint.what.into_string())).collect()
}

#[test]
fn what_is_declared_is_read() {
    let variables = "  backup:\n    about: keeps the copies\n    type: bucket\n    default: ir-backup\n\
                     \x20 key:\n    type: access-key-id\n    from: \"{{ finding.actor.access_key }}\"\n\
                     \x20 copy:\n    type: snapshot-id\n    from-action: shoot\n    output: snapshot of vol-1\n  ticket:\n";
    let book = parsed(variables, "1. Do it\n").runbook;
    let blank = |name: &str, kind| Variable {
        name: name.into(),
        about: None,
        kind,
        from: None,
        output: None,
        lookup: None,
        default: None,
    };
    let output = Output { step: Id::new("shoot").unwrap(), name: "snapshot of vol-1".into() };
    assert_eq!(
        book.variables,
        [
            Variable {
                about: Some("keeps the copies".into()),
                default: Some("ir-backup".into()),
                ..blank("backup", VariableKind::Bucket)
            },
            Variable { from: Some("finding.actor.access_key".into()), ..blank("key", VariableKind::AccessKeyId) },
            Variable { output: Some(output), ..blank("copy", VariableKind::SnapshotId) },
            blank("ticket", VariableKind::Text),
        ]
    );
    assert_eq!(book.variables[0].hint(), "keeps the copies: an S3 bucket name");
    assert_eq!(book.variables[3].hint(), "one line of text without hidden characters");
}

#[test]
fn what_is_wrong_with_a_declaration_is_told_at_its_place() {
    let used = "1. Use {{ var.a }}\n";
    let types = "text, account, region, arn, instance-id, interface-id, security-group-id, snapshot-id, user, role, \
                 access-key-id, bucket, function, ip";
    let wrong = |below: &str| {
        let found = told(&format!("  a:\n    {below}\n"), used);
        assert_eq!(found.len(), 1, "{found:?}");
        found.into_iter().next().unwrap()
    };
    // Line 1 is the rule, 7 is `variables:`, 8 the name, 9 what stands below it.
    assert_eq!(wrong("type: buckt"), (9, 11, format!("there is no type buckt; the types are {types}")));
    assert_eq!(wrong("default: \"\""), (9, 14, "the default is not one line of text without hidden characters".into()));
    let from = "from is one name of the finding, as in \"{{ finding.resource.id }}\"";
    assert_eq!(wrong("from: finding.resource.id"), (9, 11, from.into()));
    assert_eq!(wrong("from: \"{{ session.id }}\""), (9, 11, from.into()));
    let near = "finding.resource.idd is no template name; did you mean finding.resource.id?";
    assert_eq!(wrong("from: \"{{ finding.resource.idd }}\""), (9, 11, near.into()));
    assert_eq!(wrong("from-action: x y"), (9, 18, "x y is no step's id".into()));
    assert_eq!(
        wrong("output: x"),
        (9, 13, "output needs from-action, the id of a step, or from-lookup, a look-up's name".into())
    );
    let keys = "a variable has no colour (about, type, from, from-action, from-lookup, output, default)";
    assert_eq!(wrong("colour: red"), (9, 5, keys.into()));
    assert_eq!(wrong("type: [text]"), (9, 11, "type is one line of text".into()));
    let name = told("  Ticket:\n    type: text\n", "1. Do it\n");
    assert_eq!(name, [(8, 3, "the variable's name Ticket is refused: small letters, digits and _".into())]);
    let list = told("  - a\n", "1. Do it\n");
    assert_eq!(list, [(8, 3, "variables is a list of names, each with its type below it".into())]);
}

#[test]
fn use_and_declaration_are_held_against_each_other() {
    let variables = "  a:\n  b:\n  c:\n  d:\n";
    let body = "1. Use {{ var.a }}\n\n   ```bash\n   x {{ var.b }} {{ var.e }}\n   ```\n\n   \
                ```action\n   kind: x\n   title: t\n   f: \"{{ var.c }}\"\n   ```\n\n   <!-- {{ var.f }} -->\n";
    let found = told(variables, body);
    let ours: Vec<_> = found.into_iter().filter(|(_, _, what)| what.contains("declared")).collect();
    // Eight lines of front matter's head and names, then the rule, the title and an empty line.
    let undeclared = "var.e is not declared among the variables of the front matter";
    let unused = "the variable d is declared and used nowhere";
    assert_eq!(ours, [(11, 3, unused.to_owned()), (18, 18, undeclared.to_owned())]);
    // Who declares none is asked for none.
    let text = format!("{HEAD}---\n# T\n\n{body}");
    let lints = lint(&parse("f", text.as_bytes(), Origin::BuiltIn).unwrap(), &Default::default());
    assert!(lints.iter().all(|lint| !lint.what.as_str().contains("declared")));
}

#[test]
fn a_value_of_an_action_names_a_step_that_has_one() {
    let of = |step: &str| {
        let variables = format!("  a:\n    from-action: {step}\n    output: x\n");
        told(
            &variables,
            "1. Look at {{ var.a }} <!-- step: id=look -->\n\n1. Act <!-- step: id=act -->\n\n   ```action\n   kind: x\n   title: t\n   ```\n",
        )
        .into_iter()
        .filter(|(line, ..)| *line < 12)
        .collect::<Vec<_>>()
    };
    assert_eq!(of("act"), []);
    assert_eq!(of("look"), [(9, 18, "step look has no action".to_owned())]);
    assert_eq!(of("gone"), [(9, 18, "there is no step gone".to_owned())]);
}

#[test]
fn another_team_s_variables_are_theirs() {
    let text = "---\ntitle: T\nvariables:\n  - name: Bucket\n    type: string\n---\n# T\n\n1. Do it\n";
    let parsed = parse("f", text.as_bytes(), Origin::BuiltIn).unwrap();
    assert!(parsed.runbook.variables.is_empty());
    let levels: Vec<Level> = parsed.warnings.iter().map(|lint| lint.level).collect();
    assert_eq!(levels, [Level::Warning]);
}

#[test]
fn each_type_takes_what_it_names_and_nothing_near_it() {
    let cases = [
        (VariableKind::Text, "two words", "two\nlines"),
        (VariableKind::Text, "\u{e9}t\u{e9}", "a\u{202e}b"),
        (VariableKind::Text, "x", ""),
        (VariableKind::Account, "111122223333", "11112222333"),
        (VariableKind::Region, "eu-west-1", "Ireland"),
        (VariableKind::Arn, "arn:aws:iam::111122223333:role/x", "role/x"),
        (VariableKind::InstanceId, "i-0abc12d34e5f67890", "i-xxxx"),
        (VariableKind::InterfaceId, "eni-0abc12d34e5f67890", "i-0abc12d34e5f67890"),
        (VariableKind::SecurityGroupId, "sg-903004f8", "default"),
        (VariableKind::SnapshotId, "snap-066877671789bd71b", "snap-1"),
        (VariableKind::User, "jdoe@example.com", "a/b"),
        (VariableKind::Role, "Admin", "role/Admin"),
        (VariableKind::AccessKeyId, "AKIAIOSFODNN7EXAMPLE", "AKIA"),
        (VariableKind::Bucket, "ir-backup", "Backup"),
        (VariableKind::Function, "resize", "resize:live"),
        (VariableKind::Ip, "198.51.100.7", "198.51.100.0/24"),
        (VariableKind::Ip, "2001:db8::1", "2001:db8::1 "),
    ];
    for (kind, good, bad) in cases {
        assert!(kind.takes(&good.into()) && !kind.takes(&bad.into()), "{kind:?}");
    }
    // A record of a newer quell may name a type that is not known here.
    let newer: Variable = serde_json::from_str(r#"{"name":"a","type":"vpc-id"}"#).unwrap();
    assert_eq!(newer.kind, VariableKind::Text);
    let json = serde_json::to_string(&Variable { kind: VariableKind::AccessKeyId, ..newer }).unwrap();
    assert_eq!(json, r#"{"name":"a","type":"access-key-id"}"#);
}

#[test]
fn what_a_step_names_is_found_in_its_text_its_commands_and_its_action() {
    let body = "1. Use {{ var.a }}\n\n   Ask {{ var.b }}; not {{ finding.id }}.\n\n   ```action\n   kind: x\n   title: t\n   f: [\"{{ var.c }}\"]\n   g:\n     h: \"{{ var.d }}\"\n   ```\n";
    let book = parsed("  a:\n", body).runbook;
    let named: Vec<Box<str>> = named_in(&book.steps[0]).into_iter().collect();
    assert_eq!(named, ["a".into(), "b".into(), "c".into(), "d".into()]);
}

/// A step with this condition, after a decision between two choices.
fn conditioned(when: &str) -> String {
    format!(
        "1. Decide: is it cut off <!-- step: id=cut -->\n\n   - Cut: go on\n   - Still flowing: go on\n\n1. Look <!-- step: id=look -->\n\n1. Stop it <!-- step: id=stop when=\"{when}\" -->\n"
    )
}

#[test]
fn a_condition_is_read_from_the_step_s_attributes() {
    let book = parsed("", &conditioned("decision cut = 'still flowing'")).runbook;
    let texts: Vec<Option<&str>> = book.steps.iter().map(|step| step.when.as_ref().map(|when| when.text())).collect();
    assert_eq!(texts, [None, None, Some("decision cut = 'still flowing'")]);
}

#[test]
fn what_is_wrong_with_a_condition_is_told_at_its_place() {
    let text = |when: &str| format!("{HEAD}---\n# T\n\n{}", conditioned(when));
    let found = |when: &str| {
        let parsed = parse("f", text(when).as_bytes(), Origin::BuiltIn).unwrap();
        let lints = lint(&parsed, &Default::default()).into_iter();
        lints.map(|lint| (lint.level, lint.line, lint.column, lint.what.into_string())).collect::<Vec<_>>()
    };
    let one = |column: usize, what: &str| vec![(Level::Error, 17, column, what.to_owned())];
    assert_eq!(found("decision cut = cut or finding.type present"), []);
    // `1. Stop it <!-- step: id=stop when="` has 36 characters.
    assert_eq!(found("finding.kind present"), one(37, "finding.kind is neither a field of the finding nor var.NAME"));
    assert_eq!(found("decision gone = Cut"), one(46, "there is no step gone"));
    assert_eq!(found("decision look = Cut"), one(46, "step look decides nothing"));
    assert_eq!(found("decision cut = Cutt"), one(46, "Cutt is no choice of step cut: Cut, Still flowing"));
    // What can't be read leaves nothing out.
    let parsed = parse("f", text("finding.kind present").as_bytes(), Origin::BuiltIn).unwrap();
    assert_eq!(parsed.runbook.steps[2].when, None);
    assert_eq!(parsed.runbook.steps[2].id.as_str(), "stop");
}

#[test]
fn a_condition_uses_variables() {
    let found = told("  size:\n", &conditioned("var.size == small and var.sise present"));
    // Eight lines of front matter with the name, then the rule, the title, an empty line, and six lines before the step.
    assert_eq!(found, [(19, 59, "var.sise is not declared among the variables of the front matter".to_owned())]);
}
