//! Runbooks as playbooks, against identifiers and words that were worked out by hand.

use super::*;
use crate::runbook::{Origin, parse};

const BOOK: &str = "---\nid: mine\ntitle: Mine\nversion: \"1\"\nowner: secops\nreviewed: 2026-07-01\n\
                    matches: [S3.8]\n---\n# Mine\n\nWords on {{ finding.id }}.\n\n## Contain\n\n\
                    1. Isolate it\n   <!-- step: id=isolate role=lead target=15m note=required -->\n\n   Read first.\n\n\
                    \x20  ```action\n   kind: ssm-automation\n   title: Contain it\n   document: Doc\n   parameters:\n\
                    \x20    InstanceId: [\"{{ finding.resource.id }}\"]\n   ```\n\n   ```bash\n   aws x {{ var.b }} 'y'\n   ```\n\n\
                    1. Decide: is it cut\n   <!-- step: id=cut -->\n   - Cut: go on\n   - Not: [again](#isolate)\n   \
                    - Gone: [close](#close)\n\n1. Watch\n   <!-- step: id=watch -->\n\n1. Close\n   <!-- step: id=close -->\n";

fn exported(text: &str) -> Result<Value, NotExported> {
    export(&parse("x", text.as_bytes(), Origin::BuiltIn).unwrap().runbook)
}

fn id(kind: &str, name: &str) -> String {
    ids::object(kind, "mine", name)
}

#[test]
fn a_runbook_is_a_playbook() {
    let book = exported(BOOK).unwrap();
    assert_eq!((&book["type"], &book["spec_version"]), (&json!("playbook"), &json!("cacao-2.0")));
    assert_eq!(book["id"], ids::playbook("Mine", &["mitigation"]));
    assert_eq!((&book["created"], &book["modified"]), (&json!("2026-07-01T00:00:00.000Z"), &book["created"]));
    assert_eq!(book["labels"], json!(["quell", "runbook:mine", "version:1", "owner:secops", "S3.8"]));
    assert_eq!(book["playbook_types"], json!(["mitigation"]));
    assert_eq!(book["playbook_activities"], json!(["restrict-access"]));
    assert_eq!(book["description"], "## Summary\n\nWords on __finding_id__:value.");
    assert_eq!(book["playbook_processing_summary"], json!({"manual_playbook": true, "switch_logic": true}));
    let variables: Vec<&String> = book["playbook_variables"].as_object().unwrap().keys().collect();
    assert_eq!(variables, ["__choice_cut__", "__finding_id__", "__finding_resource_id__", "__var_b__"]);
    assert_eq!(book["playbook_variables"]["__var_b__"]["external"], true);
}

#[test]
fn steps_follow_each_other_and_nothing_in_them_runs_by_itself() {
    let book = exported(BOOK).unwrap();
    let flow = &book["workflow"];
    assert_eq!(book["workflow_start"], id("start", "start"));
    assert_eq!(flow[id("start", "start")], json!({"type": "start", "on_completion": id("action", "isolate")}));
    assert_eq!(flow[id("end", "end")], json!({"type": "end"}));
    let step = &flow[id("action", "isolate")];
    assert_eq!(step["name"], "1 Isolate it");
    assert_eq!(step["on_completion"], id("action", "cut"));
    let detail =
        "Step isolate of the runbook; phase Contain; to be done within 15 min; a note is required.\n\nRead first.";
    assert!(step["description"].as_str().unwrap().starts_with(detail), "{}", step["description"]);
    let commands = step["commands"].as_array().unwrap();
    assert!(commands.iter().all(|command| command["type"] == "manual"));
    let text = |at: usize| {
        let bytes = BASE64.decode(commands[at]["command_b64"].as_str().unwrap().as_bytes()).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    assert_eq!(text(0), "aws x __var_b__:value 'y'");
    let block: Value = serde_json::from_str(&text(1)).unwrap();
    let expected = json!({"kind": "ssm-automation", "title": "Contain it", "document": "Doc",
        "parameters": {"InstanceId": ["__finding_resource_id__:value"]}});
    assert_eq!(block, expected);
    assert_eq!(step["agent"], id("group", "lead"));
    let agents = json!({(id("group", "lead")): {"type": "group", "name": "lead"},
        (id("group", "responders")): {"type": "group", "name": "responders"}});
    assert_eq!(book["agent_definitions"], agents);
    let watch = &flow[id("action", "watch")];
    let by_hand = json!([{"type": "manual", "description": "to be done by hand", "command": "Watch"}]);
    assert_eq!(watch["commands"], by_hand);
    assert_eq!(flow[id("action", "close")]["on_completion"], id("end", "end"));
}

#[test]
fn a_decision_sets_a_variable_and_a_way_back_is_a_step_by_hand() {
    let book = exported(BOOK).unwrap();
    let flow = &book["workflow"];
    let asked = &flow[id("action", "cut")];
    assert_eq!(asked["on_completion"], id("switch-condition", "cut"));
    assert_eq!(asked["out_args"], json!(["__choice_cut__"]));
    let command = asked["commands"][0]["command"].as_str().unwrap();
    assert_eq!(command, "Set __choice_cut__ to one of: cut: Cut; not: Not; gone: Gone");
    let switch = &flow[id("switch-condition", "cut")];
    assert_eq!(switch["switch"], "__choice_cut__:value");
    let back = id("action", "cut back to isolate");
    let cases = json!({"default": id("action", "watch"), "cut": id("action", "watch"), "not": back, "gone": id("action", "close")});
    assert_eq!(switch["cases"], cases);
    assert_eq!(switch["on_completion"], id("end", "end"));
    assert_eq!(flow[&back]["commands"][0]["command"], "Go back to step 1 and work on from there: Isolate it");
    assert_eq!(flow[&back]["on_completion"], id("action", "watch"));
    assert_eq!(flow.as_object().unwrap().len(), 8);
}

#[test]
fn without_steps_or_a_date_there_is_no_playbook() {
    assert_eq!(exported(&BOOK.replace("reviewed: 2026-07-01\n", "")), Err(NotExported::NoDate));
    assert_eq!(exported(&BOOK.replace("2026-07-01", "last week")), Err(NotExported::NoDate));
    assert_eq!(exported("---\nreviewed: 2026-07-01\n---\n# X\n\nWords.\n"), Err(NotExported::NoSteps));
}

#[test]
fn a_declared_variable_says_what_it_is_and_a_condition_is_words() {
    let text = "---\nid: a\nreviewed: 2026-07-01\nmatches: [generic]\nvariables:\n  backup:\n    about: keeps the copies\n    type: bucket\n    default: ir-backup\n---\n# T\n\n1. Ask {{ var.backup }} <!-- step: id=ask when=\"var.backup present\" -->\n\n   Of {{ var.backup }}, {{ var.other }}.\n";
    let book = exported(text).unwrap();
    let variables = &book["playbook_variables"];
    let backup = json!({"type": "string", "description": "keeps the copies: an S3 bucket name", "external": true, "value": "ir-backup"});
    assert_eq!(variables["__var_backup__"], backup);
    let other = json!({"type": "string", "description": "quell's var.other", "external": true});
    assert_eq!(variables["__var_other__"], other);
    let steps: Vec<&str> =
        book["workflow"].as_object().unwrap().values().filter_map(|step| step["description"].as_str()).collect();
    assert_eq!(steps.len(), 1);
    assert!(steps[0].starts_with("Step ask of the runbook; only when var.backup present."), "{steps:?}");
}
