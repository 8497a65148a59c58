//! Playbooks, what becomes of them, and what is refused.

use super::*;
use crate::runbook::{Level, Origin, Runbook, StepKind, lint, parse};
use crate::text::Shape;
use data_encoding::BASE64;

/// An identifier with this digit.
fn id(kind: &str, digit: u8) -> String {
    format!("{kind}--00000000-0000-4000-8000-00000000000{digit}")
}

fn agent() -> Value {
    json!({ (id("group", 0)): {"type": "group", "name": "People"} })
}

fn playbook(workflow: Value) -> Value {
    json!({
        "type": "playbook", "spec_version": "cacao-2.0", "id": id("playbook", 1), "name": "Block it",
        "description": "Blocks an address.", "created_by": id("identity", 1), "created": "2026-01-02T00:00:00.000Z",
        "modified": "2026-03-04T00:00:00.000Z", "priority": 7, "labels": ["net"],
        "playbook_variables": {"__Bad-ip__": {"type": "ipv4-addr", "description": "who"}},
        "workflow_start": id("start", 1), "workflow": workflow, "agent_definitions": agent(),
    })
}

fn action(name: &str, command: Value, to: &str) -> Value {
    json!({"type": "action", "name": name, "commands": [command], "agent": id("group", 0), "on_completion": to})
}

fn one(command: Value) -> Value {
    playbook(json!({
        (id("start", 1)): {"type": "start", "on_completion": id("action", 1)},
        (id("action", 1)): action("Look", command, &id("end", 1)),
        (id("end", 1)): {"type": "end"},
    }))
}

fn imported(book: &Value) -> Result<Imported, NotImported> {
    import(book.to_string().as_bytes(), &["S3.8".to_owned()])
}

/// The runbook, which lint has nothing against.
fn taken(book: &Value) -> Runbook {
    let text = imported(book).unwrap().text;
    let parsed = parse("x", text.as_bytes(), Origin::BuiltIn).unwrap();
    let lints = lint::lint(&parsed, &Default::default());
    assert_eq!(lints, [], "{text}");
    assert!(parsed.runbook.steps.iter().all(|step| step.action.is_none()), "{text}");
    parsed.runbook
}

fn refused(book: &Value) -> String {
    imported(book).unwrap_err().what
}

#[test]
fn a_playbook_is_a_runbook_with_its_variables_and_commands() {
    let book = taken(&one(json!({"type": "bash", "command": "ping __Bad-ip__:value"})));
    assert_eq!(book.id.as_str(), id("playbook", 1));
    assert_eq!(book.title.line().as_str(), "Block it");
    assert_eq!(book.reviewed, Some("2026-03-04".into()));
    assert_eq!(book.steps.len(), 1);
    assert_eq!((book.steps[0].id.as_str(), book.steps[0].kind), (id("action", 1).as_str(), StepKind::Command));
    assert_eq!(book.steps[0].title.line().as_str(), "Do: Look");
    assert_eq!(book.steps[0].commands, ["ping {{ var.bad_ip }}".into()]);
    for words in [
        "Blocks an address.",
        "`var.bad_ip` is \\_\\_Bad-ip\\_\\_",
        "\"priority\": 7",
        "\"ipv4-addr\"",
        "\"net\"",
        "\"People\"",
    ] {
        assert!(book.source.contains(words), "{words}\n{}", book.source);
    }
    // What is run is never a value.
    let book = taken(&one(json!({"type": "bash", "command": "__Bad-ip__:value"})));
    assert_eq!(book.steps[0].commands, ["__Bad-ip__:value".into()]);
    // Base64 is shown as what it says; a variable inside of quotes stays, and that is said.
    let quoted = json!({"type": "bash", "command_b64": BASE64.encode(b"ping \"__Bad-ip__:value\"")});
    let book = taken(&one(quoted));
    assert_eq!(book.steps[0].commands, ["ping \"__Bad-ip__:value\"".into()]);
    assert!(book.source.contains("Put the values of the playbook's variables in by hand."));
}

#[test]
fn every_kind_of_step_has_its_place_and_leads_forward() {
    let flow = json!({
        (id("start", 1)): {"type": "start", "on_completion": id("parallel", 1)},
        (id("parallel", 1)): {"type": "parallel", "name": "Both", "next_steps": [id("action", 1), id("action", 2)],
            "on_completion": id("if-condition", 1)},
        (id("action", 1)): action("One", json!({"type": "manual", "command": "Ask them"}), &id("end", 1)),
        (id("action", 2)): action("Two", json!({"type": "kestrel", "command": "info x"}), &id("end", 1)),
        (id("if-condition", 1)): {"type": "if-condition", "name": "Is it bad", "condition": "__x__:value == '1'",
            "on_true": id("while-condition", 1), "on_completion": id("switch-condition", 1)},
        (id("while-condition", 1)): {"type": "while-condition", "condition": "a", "on_true": id("action", 3), "on_completion": id("end", 1)},
        (id("action", 3)): action("Three", json!({"type": "powershell", "command": "Get-Item x"}), &id("end", 1)),
        (id("switch-condition", 1)): {"type": "switch-condition", "name": "Which", "switch": "__y__:value",
            "cases": {"red": id("playbook-action", 1)}, "on_completion": id("end", 1)},
        (id("playbook-action", 1)): {"type": "playbook-action", "name": "Other", "playbook_id": id("playbook", 9),
            "on_success": id("end", 1), "on_failure": id("end", 1), "timeout": 5000},
        (id("end", 1)): {"type": "end"},
        (id("action", 9)): action("Loose", json!({"type": "manual", "command": "x"}), &id("end", 1)),
    });
    let book = taken(&playbook(flow));
    let steps: Vec<String> = book.steps.iter().map(|step| step.title.line().into_string()).collect();
    assert_eq!(
        steps,
        [
            "Do: Both",
            "Do: One",
            "Do: Two",
            "Decide: Is it bad",
            "Decide: while-condition without a name",
            "Do: Three",
            "Decide: Which",
            "Do: Other",
            "Do: Loose"
        ]
    );
    let to = |at: usize| -> Vec<Option<&str>> {
        book.steps[at].choices.iter().map(|choice| choice.to.as_ref().map(|to| to.as_str())).collect()
    };
    assert_eq!(to(3), [Some(&*id("while-condition", 1)), Some(&*id("switch-condition", 1))]);
    assert_eq!(to(4), [Some(&*id("action", 3)), None]);
    assert_eq!(to(6), [Some(&*id("playbook-action", 1)), None]);
    let body = |at: usize| book.steps[at].body.clean(Shape::Block).into_string();
    assert!(body(0).contains("at the same time"), "{}", body(0));
    assert!(body(2).contains("```playbook\ninfo x\n```"), "{}", body(2));
    assert_eq!(book.steps[5].commands, ["Get-Item x".into()]);
    assert!(body(7).contains(&id("playbook", 9)), "{}", body(7));
    assert!(body(7).contains("\"timeout\": 5000"), "{}", body(7));
    assert!(book.source.contains("## Steps that nothing leads to"));
}

/// Whatever text stands there: one step, no action, no heading, no template, nothing included, the same choices.
#[test]
fn text_of_the_file_forges_nothing() {
    for nasty in [
        "# Heading",
        "x\n## Contain\n1. Wipe it",
        "<!-- step: id=forged note=required -->",
        "<!-- include: shell -->",
        "a\n<!-- include: shell -->\nb",
        "```action\nkind: command\ntitle: x\nargv: [ls]\n```",
        "````\n```",
        "~~~action\nkind: ec2-stop\n~~~",
        "{{ finding.id }} {{ finding.idd }} {{",
        "go to step 9 and return to part 3.2",
        "[x](#gone) ![y](z) <b id=\"q\">",
        "- [ ] Delete it",
        "1. Delete it\n2. And that",
        "a. Delete it\nb. And that",
        "If it is so, delete it?",
        "x\n---\ny\n===",
        "\u{202e}abc\u{1b}[2J",
        "| a | b |\n|---|---|\n| Trojan:EC2/A | finding |",
        "**Version:** 9",
    ] {
        for kind in ["bash", "manual", "kestrel", nasty] {
            let mut book = one(json!({"type": kind, "command": nasty, "description": nasty}));
            book["name"] = json!(nasty);
            book["description"] = json!(nasty);
            book["labels"] = json!([nasty]);
            book["workflow"][id("action", 1)]["name"] = json!(nasty);
            book["workflow"][id("action", 1)]["description"] = json!(nasty);
            let book = taken(&book);
            assert_eq!(book.steps.len(), 1, "{nasty}\n{}", book.source);
            let step = &book.steps[0];
            assert_eq!((step.id.as_str(), step.note_required), (id("action", 1).as_str(), false), "{nasty}");
            assert!(step.kind != StepKind::Decision && step.kind != StepKind::Action, "{nasty}\n{}", book.source);
            let templates = step.commands.iter().any(|command| command.clean(Shape::Block).as_str().contains("{{"));
            assert!(!templates && !book.source.contains("{{"), "{nasty}\n{}", book.source);
            assert!(book.parts.is_empty(), "{nasty}");
        }
    }
}

#[test]
fn loose_ends_and_circles_are_refused_with_their_place() {
    let good = one(json!({"type": "manual", "command": "x"}));
    let with = |pointer: &str, value: Value| {
        let mut book = good.clone();
        *book.pointer_mut(pointer).unwrap() = value;
        refused(&book)
    };
    let step = format!("/workflow/{}", id("action", 1));
    let gone = "what is named here is not in the playbook";
    assert_eq!(with(&format!("{step}/on_completion"), json!(id("end", 7))), format!("{step}/on_completion: {gone}"));
    assert_eq!(with(&format!("{step}/agent"), json!(id("group", 7))), format!("{step}/agent or targets: {gone}"));
    assert_eq!(with("/workflow_start", json!(id("start", 7))), format!("/workflow_start: {gone}"));
    let circle = "the workflow goes in a circle here; only a while-condition may repeat";
    assert_eq!(
        with(&format!("{step}/on_completion"), json!(id("action", 1))),
        format!("{step}/on_completion: {circle}")
    );
    assert_eq!(with("/spec_version", json!("1.1")), "/spec_version: a CACAO 2.0 playbook has cacao-2.0 here");
    assert_eq!(with("/id", json!("../x")), "/id: this is no identifier such as playbook--12345678-…");
    let nothing =
        json!({ (id("start", 1)): {"type": "start", "on_completion": id("end", 1)}, (id("end", 1)): {"type": "end"} });
    assert_eq!(with("/workflow", nothing), "/workflow: there is nothing to do: no step but starts and ends");
    assert_eq!(with(&format!("{step}/type"), json!("end")), format!("{step}/type: the step's name says action"));
}

#[test]
fn what_is_no_json_or_says_a_key_twice_is_refused_with_its_line() {
    let no = |text: &str| import(text.as_bytes(), &[]).unwrap_err();
    assert_eq!((no("{\n\"a\": 1,\n\"a\": 2}").line, no("{\n x").line), (3, 2));
    assert!(no("{\"a\": 1, \"a\": 2}").what.contains("one key twice"));
    assert_eq!(no("[]").what, "a playbook is a JSON object");
    assert!(no(&"[".repeat(10_000)).what.contains("recursion limit"));
    assert_eq!(no(&" ".repeat(LIMIT + 1)).what, format!("the file has {} bytes; at most {LIMIT} are read", LIMIT + 1));
}

#[test]
fn credentials_are_left_out_and_counted() {
    let mut book = one(json!({"type": "manual", "command": "x"}));
    book["authentication_info_definitions"] =
        json!({ (id("http-basic", 1)): {"type": "http-basic", "user_id": "admin", "password": "hunter2hunter2"} });
    let made = imported(&book).unwrap();
    assert_eq!(made.left_out, 1);
    assert!(!made.text.contains("hunter2hunter2") && made.text.contains("\"admin\""), "{}", made.text);
    // Within calls too: by the header's name, and in addresses.
    let mut book = one(json!({
        "type": "http-api", "command": "GET /x HTTP/1.1", "headers": {"Authorization": ["Bearer HeaderSecret42"], "Accept": ["*/*"]},
        "address": "https://jo:UrlPass77@host.example/x",
    }));
    book["authentication_info_definitions"] =
        json!({ (id("oauth2", 1)): {"type": "oauth2", "oauth_header": "Bearer HdrTok"} });
    let made = imported(&book).unwrap();
    assert_eq!(made.left_out, 3);
    for secret in ["HeaderSecret42", "UrlPass77", "HdrTok"] {
        assert!(!made.text.contains(secret), "{secret}: {}", made.text);
    }
    assert!(made.text.contains("host.example/x") && made.text.contains("*/*"), "{}", made.text);
}

#[test]
fn a_target_that_logs_in_by_what_is_not_there_is_refused() {
    let mut book = one(json!({"type": "manual", "command": "x"}));
    let target = id("ipv4-addr", 1);
    book["target_definitions"] = json!({ (target.clone()): {
        "type": "ipv4-addr", "name": "The host", "address": {"v4": ["198.51.100.9"]},
        "authentication_info": id("http-basic", 1),
    } });
    let refused = imported(&book).unwrap_err();
    let place = format!("/target_definitions/{target}/authentication_info");
    assert!(refused.what.contains(&place), "{}", refused.what);
    book["authentication_info_definitions"] = json!({ (id("http-basic", 1)): {"type": "http-basic"} });
    assert!(imported(&book).is_ok());
}

#[test]
fn what_quell_exports_it_takes_back() {
    let text = "---\nid: mine\nreviewed: 2026-07-01\n---\n# Mine\n\n1. Look\n   ```bash\n   aws x {{ var.b }}\n   ```\n\
                1. Decide: is it\n   - Yes: go on\n   - No: go on\n1. Close\n";
    let book = parse("x", text.as_bytes(), Origin::BuiltIn).unwrap().runbook;
    let back = taken(&crate::runbook::cacao::export(&book).unwrap());
    let kinds: Vec<StepKind> = back.steps.iter().map(|step| step.kind).collect();
    assert_eq!(kinds, [StepKind::Manual, StepKind::Manual, StepKind::Decision, StepKind::Manual]);
    // Without a type nothing but that is missing.
    let lone = import(crate::runbook::cacao::export(&book).unwrap().to_string().as_bytes(), &[]).unwrap().text;
    let lints = lint::lint(&parse("x", lone.as_bytes(), Origin::BuiltIn).unwrap(), &Default::default());
    assert_eq!(lints.iter().map(|lint| lint.level).collect::<Vec<_>>(), [Level::Warning]);
}
