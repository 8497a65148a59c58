//! Playbooks made to hurt, and good ones with things changed in them: each is taken or refused, nothing panics, what is
//! made of one is bounded, and of what is taken no text goes.

use super::*;
use crate::runbook::tests::books::books;
use crate::runbook::{Origin, cacao, parse};
use crate::text::chance::Chance;
use crate::text::{Shape, Untrusted, is_hidden};

fn id(kind: &str, number: usize) -> String {
    format!("{kind}--00000000-0000-4000-8000-{number:012}")
}

/// A playbook with a step of each kind, variables, agents and targets.
fn rich() -> Value {
    let manual = json!({"type": "manual", "command": "Call __who__:value back", "description": "By telephone."});
    let bash = json!({"type": "bash", "command": "ping -c 3 __bad-ip__:value", "description": "Is it up?"});
    let coded = json!({"type": "ssh", "command_b64": "aWQgLXUgcm9vdA==", "version": "1"});
    let query = json!({"type": "kestrel", "command": "p = GET process FROM `x` WHERE name = 'cmd'"});
    let workflow = json!({
        (id("start", 1)): {"type": "start", "name": "Begin here", "on_completion": id("action", 1)},
        (id("action", 1)): {
            "type": "action", "name": "Look at *it*", "description": "First line\n\n1. second", "agent": id("group", 1),
            "targets": [id("ipv4-addr", 1)], "commands": [manual, bash, coded, query], "delay": 5,
            "step_variables": {"__found__": {"type": "bool", "description": "whether it was there"}},
            "on_success": id("if-condition", 1), "on_failure": id("end", 1),
        },
        (id("if-condition", 1)): {
            "type": "if-condition", "name": "Was it there?", "condition": "__found__:value = true",
            "on_true": id("parallel", 1), "on_false": id("end", 1), "on_completion": id("while-condition", 1),
        },
        (id("parallel", 1)): {"type": "parallel", "name": "Both", "next_steps": [id("action", 2), id("action", 3)]},
        (id("action", 2)): {
            "type": "action", "name": "Go to step 4", "commands": [bash], "agent": id("group", 1),
            "on_completion": id("end", 1),
        },
        (id("action", 3)): {
            "type": "action", "description": "It has no name.", "commands": [manual], "agent": id("group", 1),
        },
        (id("while-condition", 1)): {
            "type": "while-condition", "name": "Until it is gone", "condition": "__found__:value",
            "on_true": id("action", 4), "on_completion": id("switch-condition", 1),
        },
        (id("action", 4)): {"type": "action", "name": "Wait", "commands": [manual], "agent": id("group", 1)},
        (id("switch-condition", 1)): {
            "type": "switch-condition", "name": "Which one", "switch": "__who__:value",
            "cases": {"a/b": id("playbook-action", 1), "default": id("end", 1)},
        },
        (id("playbook-action", 1)): {
            "type": "playbook-action", "name": "The other", "playbook_id": id("playbook", 2), "on_completion": id("end", 1),
        },
        (id("end", 1)): {"type": "end", "description": "There it ends."},
        (id("action", 5)): {"type": "action", "name": "Never met", "commands": [], "agent": id("group", 1)},
    });
    json!({
        "type": "playbook", "spec_version": "cacao-2.0", "id": id("playbook", 1), "name": "Block <it>",
        "description": "Blocks an address.\nThen tells {{ who }}.", "created_by": id("identity", 1),
        "created": "2026-01-02T00:00:00.000Z", "modified": "2026-03-04T00:00:00.000Z", "labels": ["net", "a|b"],
        "external_references": [{"name": "Handbook", "description": "Page 7", "url": "https://example.com/h"}],
        "playbook_variables": {
            "__bad-ip__": {"type": "ipv4-addr", "description": "the address", "value": "198.51.100.7"},
            "__who__": {"type": "string", "external": true},
        },
        "workflow_start": id("start", 1), "workflow_exception": id("end", 1), "workflow": workflow,
        "agent_definitions": { (id("group", 1)): {"type": "group", "name": "People on call"} },
        "target_definitions": { (id("ipv4-addr", 1)): {"type": "ipv4-addr", "name": "The host", "address": {"v4": ["198.51.100.9"]}} },
        "authentication_info_definitions": { (id("http-basic", 1)): {"type": "http-basic", "password": "hunter2hunter2"} },
    })
}

/// Good playbooks: that one, and what quell makes of its own runbooks.
fn good() -> Vec<Value> {
    let books = books();
    let few = books.iter().step_by(9).filter_map(|(_, parsed)| cacao::export(&parsed.runbook).ok());
    std::iter::once(rich()).chain(few).collect()
}

/// The letters and digits of a text, whatever stands between and around them.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() && !is_hidden(*c)).collect()
}

/// All texts of a value, but those that say nothing by themselves or that are no text: what a step, a command or a
/// playbook is, Base64, and credentials.
fn texts<'v>(value: &'v Value, key: &str, out: &mut Vec<&'v str>) {
    match value {
        Value::String(_) if matches!(key, "type" | "command_b64" | "spec_version") => {}
        Value::String(text) => out.push(text),
        Value::Array(all) => all.iter().for_each(|value| texts(value, key, out)),
        Value::Object(all) => all
            .iter()
            .filter(|(key, _)| *key != "authentication_info_definitions")
            .for_each(|(key, value)| texts(value, key, out)),
        _ => {}
    }
}

/// The texts of a playbook that stand nowhere in what was made of it.
fn lost(book: &Value, made: &str) -> Vec<String> {
    let made = letters(made);
    let mut all = Vec::new();
    texts(book, "", &mut all);
    let stands = |text: &str| {
        let forms = [
            Untrusted::from(text).line().into_string(),
            Untrusted::from(text.trim()).clean(Shape::Block).into_string(),
            json::line(&Value::from(text)),
        ];
        let quoted = quote(text);
        let shown = text.replace("__:value", "__");
        forms.iter().chain([&quoted]).any(|form| made.contains(&letters(form))) || named(&shown, &made)
    };
    all.into_iter().filter(|text| !stands(text)).map(str::to_owned).collect()
}

/// Whether each word of a command stands there: a variable's name is put in as quell calls it.
fn named(command: &str, made: &str) -> bool {
    let word = |word: &str| made.contains(&letters(word)) || made.contains(&letters(&word.to_lowercase()));
    command.contains("__") && command.split_whitespace().all(word)
}

fn short(book: &Value) -> String {
    book.to_string().chars().take(8000).collect()
}

/// Takes a file as the command line does, and holds what comes of it. Gives whether it was taken.
fn held(bytes: &[u8]) -> bool {
    let made = match import(bytes, &["S3.8".to_owned()]) {
        Ok(made) => made,
        Err(no) => {
            assert!(!no.what.is_empty() && no.what.len() < 1000, "{}", no.what);
            return false;
        }
    };
    assert!(made.text.len() <= LIMIT);
    let book: Value = serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).unwrap();
    let none: Vec<String> = Vec::new();
    assert_eq!(lost(&book, &made.text), none, "{}", short(&book));
    let parsed = parse("x", made.text.as_bytes(), Origin::BuiltIn).unwrap();
    let to_do = book["workflow"].as_object().unwrap().keys().filter(|id| !flow::is_edge_of_flow(id)).count();
    assert_eq!(parsed.runbook.steps.len(), to_do, "{}", short(&book));
    assert!(parsed.runbook.steps.iter().all(|step| step.action.is_none()), "{}", short(&book));
    true
}

/// The places of a value: itself, and all in it.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Object(all) => all.iter().for_each(|(key, value)| {
            places(value, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), out);
        }),
        Value::Array(all) => all.iter().enumerate().for_each(|(key, value)| places(value, &format!("{at}/{key}"), out)),
        _ => {}
    }
}

/// Something else: of another type, hostile, huge, deep, or an identifier that is or is not there.
fn other(book: &Value, chance: &mut Chance) -> Value {
    let ids: Vec<&String> = book["workflow"].as_object().map(|all| all.keys().collect()).unwrap_or_default();
    let hostile = [
        "",
        " ",
        "{{ var.x }}",
        "<!-- step: id=a -->",
        "```\n1. a\n```",
        "go to step 1 and go to 2.1",
        "\u{202e}a\u{0}b\u{1b}[2J",
        "é\u{3164}\u{feff}",
        "```action\nkind: x\n```",
        "1. a\n2. b\n\n---\n===\n# c",
        "| a |\n|---|\n| b |",
        "[a]: /b\n[a](#b) ![c](d)",
        "__bad-ip__:value",
        "x __who__:value __who__:value:value",
        "a\r\nb\tc",
    ];
    match chance.next(14) {
        0 => Value::Null,
        1 => json!(-1.5e300),
        2 => json!([]),
        3 => json!({}),
        4 => json!(true),
        5 => json!(["a", "b c"]),
        6 => json!({"name": "inner", "description": ["d e", 7]}),
        7 => (0..chance.next(110))
            .fold(json!("deep inside"), |inner, at| if at % 2 == 0 { json!([inner]) } else { json!({"k": inner}) }),
        8 => Value::from("wide ".repeat(1 + chance.place(2000))),
        9 => Value::Array(vec![json!("many"); chance.place(500)]),
        10 => json!(id("action", 777)),
        11 | 12 if !ids.is_empty() => json!(ids[chance.place(ids.len())]),
        _ => json!(hostile[chance.place(hostile.len())]),
    }
}

/// Changes a few places: something else instead, taken out, put in beside, or called otherwise.
fn changed(book: &Value, chance: &mut Chance) -> Value {
    let mut out = book.clone();
    for _ in 0..=chance.next(4) {
        let mut all = Vec::new();
        places(&out, "", &mut all);
        let at = &all[chance.place(all.len())];
        let new = other(&out, chance);
        let own = out.pointer(at).cloned().unwrap_or_default();
        match (chance.next(6), out.pointer_mut(at)) {
            (0, Some(Value::Object(all))) if !all.is_empty() => {
                let key = all.keys().nth(chance.place(all.len())).cloned().unwrap_or_default();
                all.remove(&key);
            }
            (1, Some(Value::Object(all))) if !all.is_empty() => {
                let key = all.keys().nth(chance.place(all.len())).cloned().unwrap_or_default();
                let value = all.remove(&key).unwrap_or_default();
                let keys =
                    [id("action", 9), "name".into(), "on_completion".into(), "a/b~c".into(), "key \u{202e}".into()];
                all.insert(keys[chance.place(keys.len())].clone(), value);
            }
            (2, Some(Value::Object(all))) => {
                let keys = ["description", "name", "next_steps", "condition", "cases", "commands", "on_true", "agent"];
                all.insert(keys[chance.place(keys.len())].into(), new);
            }
            (3, Some(Value::Array(all))) => all.push(new),
            (4, Some(Value::Array(all))) => all.push(own),
            (_, Some(place)) => *place = new,
            (_, None) => {}
        }
    }
    out
}

#[test]
fn good_playbooks_are_taken_whole() {
    for book in good() {
        assert!(held(book.to_string().as_bytes()));
    }
}

#[test]
fn changed_playbooks_are_taken_without_loss_or_refused() {
    let (good, mut chance, mut taken) = (good(), Chance(11), 0);
    for turn in 0..1200 {
        // The small one has most kinds of things, and is read fastest.
        let book = if turn % 8 == 0 { &good[1 + chance.place(good.len() - 1)] } else { &good[0] };
        taken += usize::from(held(changed(book, &mut chance).to_string().as_bytes()));
    }
    // Most changes leave a playbook: what is held is held of many.
    assert!((240..1160).contains(&taken), "{taken}");
}

#[test]
fn changed_bytes_are_taken_without_loss_or_refused() {
    let (good, mut chance) = (good(), Chance(12));
    let put = [
        "\"", "\\", "{", "}", "[", "]", ",", ":", "\u{0}", "\u{202e}", "\\u202e", "\\ud800", "null", "1e999", "é",
        "\u{feff}",
    ];
    for turn in 0..1200 {
        let mut bytes = good[turn % good.len().min(3)].to_string().into_bytes();
        for _ in 0..=chance.next(3) {
            let at = chance.place(bytes.len());
            let end = (at + 1 + chance.place(40)).min(bytes.len());
            match chance.next(5) {
                0 if at < bytes.len() => bytes[at] ^= 1 << chance.next(8),
                1 if at < bytes.len() => drop(bytes.drain(at..end)),
                2 if at < bytes.len() => {
                    let piece = bytes[at..end].to_vec();
                    let to = chance.place(bytes.len());
                    bytes.splice(to..to, piece);
                }
                3 if chance.next(8) == 0 => bytes.truncate(at),
                _ => drop(bytes.splice(at..at, put[chance.place(put.len())].bytes())),
            }
        }
        held(&bytes);
    }
}

/// A playbook of one step, with one thing in it.
fn with(pointer: &str, value: Value) -> Vec<u8> {
    let mut book = rich();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    book.pointer_mut(parent).unwrap()[key] = value;
    book.to_string().into_bytes()
}

/// Full of one thing: what grows faster than the file would not end here.
#[test]
fn a_file_full_of_one_thing_is_taken_or_refused() {
    let step = format!("/workflow/{}", id("action", 1));
    let much = |unit: &str| Value::from(unit.repeat(LIMIT / 10 / unit.len()));
    for unit in
        ["go to ", "go to step 1 ", "\u{7f}", "`", "\n", "__who__:value ", ":value", "_", "a", "{", "\\\\", "1. "]
    {
        for place in ["/description", "/name"] {
            held(&with(place, much(unit)));
            held(&with(&format!("{step}{place}"), much(unit)));
        }
        let commands = ["manual", "bash", "kestrel"].map(|kind| json!([{"type": kind, "command": much(unit)}]));
        for command in commands {
            held(&with(&format!("{step}/commands"), command));
        }
    }
    // Names of variables that quell would call the same, and as many commands that speak of them.
    let variables: Map<String, Value> = (0..60_000).map(|at| (format!("__{}__", cased(at)), json!({}))).collect();
    let command = json!({"type": "bash", "command": "ping __aaaaaaaaaaaaaaaa__:value"});
    let mut book = rich();
    book["playbook_variables"] = variables.into();
    book["workflow"][id("action", 1)]["commands"] = vec![command; 8000].into();
    assert!(!held(book.to_string().as_bytes()), "its text would be too long");
    // A long name that is linked to from many places.
    let mut book = rich();
    book["workflow"][id("action", 2)]["name"] = "n".repeat(LIMIT / 16).into();
    book["workflow"][id("parallel", 1)]["next_steps"] = vec![id("action", 2); 1000].into();
    assert!(held(book.to_string().as_bytes()));
    // Little that is deep, much that lies at the bottom.
    let bottom = Value::Array(vec![json!(1); 150_000]);
    let deep = (0..100).fold(bottom, |inner, _| json!([inner]));
    assert!(!held(&with("/extensions", deep)), "its text would be too long");
    let no = import(&with("/extensions", Value::Array(vec![json!({}); 200_001])), &[]).unwrap_err().what;
    assert!(no.contains("there are more than 200000 values"), "{no}");
}

/// Sixteen letters that differ only in which of them are capitals.
fn cased(number: usize) -> String {
    (0..16).map(|bit| if number >> bit & 1 == 1 { 'A' } else { 'a' }).collect()
}

/// Many steps, in a row, beside each other and in a circle.
#[test]
fn as_many_steps_as_can_be_shown_are_taken_and_a_circle_of_them_is_told() {
    let steps = |to: &dyn Fn(usize) -> Value, count: usize| {
        let mut book = rich();
        let step = |at: usize| json!({"type": "action", "name": format!("Step {at}"), "commands": [], "agent": id("group", 1), "on_completion": to(at)});
        let all: Map<String, Value> = (0..count).map(|at| (id("action", at), step(at))).collect();
        book["workflow"] = all.into();
        book["workflow"][id("end", 1)] = json!({"type": "end"});
        book["workflow_start"] = id("action", 0).into();
        book.to_string().into_bytes()
    };
    let next = |at: usize| json!(if at < 1499 { id("action", at + 1) } else { id("end", 1) });
    assert!(held(&steps(&next, 1500)));
    assert!(held(&steps(&|_| json!(id("end", 1)), 1500)));
    // Steps that no runbook could show as steps are not taken.
    let no = import(&with("/description", "a b ".repeat(150_000).into()), &[]).unwrap_err().what;
    assert!(no.ends_with("; they are read up to byte 524288"), "{no}");
    let no = import(&steps(&|at| json!(id("action", (at + 1) % (MOST - 1))), MOST - 1), &[]).unwrap_err().what;
    assert!(no.contains("the workflow goes in a circle here"), "{no}");
}
