//! Hostile values in each parameter of each kind: each arrives as one value of a query or of JSON with the same bytes, or
//! is refused before anything is sent. The cases are made of the registry and of two lists: the repository's own, and
//! the shared one where it stands beside the repository.

use super::super::testing::link;
use super::super::{Action, LOCAL, Request, Value, Word, kinds};
use super::faults::{Live, arn, token};
use super::samples::sample;
use crate::aws::fake::{Asked, run};
use crate::aws::published::skipped;
use quell_core::incident::PlannedRequest;
use quell_core::text::Untrusted;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

#[path = "../../../tests/shared.rs"]
mod shared;

/// What shells, command lines, queries, headers, paths, documents and templates take for more than text.
const OWN: [&str; 35] = [
    "; touch x",
    "| cat",
    "&& true",
    "$(true)",
    "`true`",
    "\ntrue",
    "\r\nX-Amz-Target: x",
    "a\0b",
    "${IFS}",
    "*",
    "~root",
    "{a,b}",
    "!1",
    "-v",
    "--",
    "--endpoint-url=http://x",
    "@x",
    "file:///x",
    "fileb://x",
    "http://x/",
    "'; --",
    "\"",
    "\\",
    " ",
    "",
    "i-0c4f1e97ab52d6038,i-03b8a7d5e9c1f2460",
    "i-0c4f1e97ab52d6038&Action=TerminateInstances",
    "x&InstanceId.2=i-03b8a7d5e9c1f2460",
    "%26Action%3DX",
    "../../x",
    "{\"a\":[1]}",
    "</Value><Value>x",
    "{{global:REGION}}",
    "e\u{301}\u{202e}",
    "true",
];

fn payloads() -> Vec<String> {
    let mut all: Vec<String> = OWN.iter().map(|text| (*text).to_owned()).collect();
    if let Some(folder) = shared::shared("payloads") {
        let file = std::fs::read_to_string(folder.join("command_argument.jsonl")).unwrap();
        let read = file.lines().map(|line| serde_json::from_str::<String>(line).unwrap());
        all.extend(read);
        assert!(all.len() > OWN.len() + 40);
    }
    all
}

/// The texts of a value, and those of documents that are texts in it.
fn leaves(value: &Json, all: &mut Vec<String>) {
    match value {
        Json::String(text) => {
            all.push(text.clone());
            if let Ok(inner @ (Json::Object(_) | Json::Array(_))) = serde_json::from_str(text) {
                leaves(&inner, all);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| leaves(item, all)),
        Json::Object(members) => members.values().for_each(|item| leaves(item, all)),
        _ => {}
    }
}

/// What a request holds, each value by itself: of a query, of JSON, of the path and of headers.
fn arrived(asked: &Asked) -> Vec<String> {
    let decoded = |text: &str| {
        form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes()).next().unwrap().1.into_owned()
    };
    let mut all = Vec::new();
    let rest = asked.uri.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, rest)| rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    all.extend(path.split('/').map(decoded));
    all.push(decoded(path));
    all.extend(form_urlencoded::parse(query.as_bytes()).map(|(_, value)| value.into_owned()));
    match serde_json::from_str::<Json>(&asked.body) {
        Ok(body) => leaves(&body, &mut all),
        Err(_) if asked.body.starts_with("Action=") => {
            let pairs = form_urlencoded::parse(asked.body.as_bytes()).map(|(_, value)| Json::from(value.into_owned()));
            pairs.for_each(|value| leaves(&value, &mut all));
        }
        Err(_) => all.push(asked.body.clone()),
    }
    all
}

/// How many values a form has beside its operation's name and version.
fn members(asked: &Asked) -> Option<usize> {
    asked.body.starts_with("Action=").then(|| form_urlencoded::parse(asked.body.as_bytes()).count() - 2)
}

fn outer(value: &Json) -> usize {
    match value {
        Json::Array(items) => items.iter().map(outer).sum(),
        Json::Object(members) => members.values().map(outer).sum(),
        Json::Null => 0,
        _ => 1,
    }
}

/// A parameter with the value in each form in which it may be given.
fn forms(value: &str, before: Option<&Value>) -> Vec<Value> {
    let word = |filled| Word { text: Untrusted::from(value), filled };
    let mut all = vec![Value::Text(word(false)), Value::Text(word(true)), Value::List(vec![word(false)])];
    if let Some(Value::Map(map)) = before {
        for name in map.keys() {
            for inner in [Value::Text(word(true)), Value::List(vec![word(false)])] {
                let mut map = map.clone();
                map.insert(name.clone(), inner);
                all.push(Value::Map(map));
            }
        }
        let named = BTreeMap::from([(Box::from(value), Value::Text(word(false)))]);
        all.push(Value::Map(named));
    }
    all
}

/// The requests of a kind in which one parameter has the value.
fn asked(kind: &dyn Action, arn: &str, value: &str) -> Vec<(&'static str, Request)> {
    let plain = sample(kind, arn);
    let mut all = Vec::new();
    let names: Vec<(&'static str, bool)> = kinds()
        .iter()
        .find(|one| one.info().name == kind.info().name)
        .map(|one| one.info().parameters.iter().map(|parameter| (parameter.name, true)).collect())
        .unwrap();
    for (name, _) in names {
        for form in forms(value, plain.fields.get(name)) {
            let mut request = plain.clone();
            request.fields.insert(name.into(), form);
            all.push((name, request));
        }
    }
    // Where nothing names it, it is the finding that does.
    let mut request = plain;
    request.fields.retain(|_, value| matches!(value, Value::Map(_)));
    if let Some(finding) = &mut request.finding {
        finding.id = value.into();
        finding.resource.id = Some(value.into());
        finding.resource.name = Some(value.into());
    }
    all.push(("finding", request));
    all
}

struct Count {
    refused: usize,
    arrived: usize,
    /// Parameters with values that are taken and not sent.
    kept: BTreeSet<(&'static str, &'static str)>,
}

/// Sends it, and looks at what arrived.
fn sent(
    kind: &'static dyn Action,
    request: &Request,
    (value, place): (&str, &str),
    seen: &mut BTreeSet<String>,
) -> bool {
    let (live, heard) = Live::heard(kind, "");
    let plan = run(kind.plan(&live.reader, request)).unwrap();
    let said: Vec<PlannedRequest> = kind.sends(&plan, &token(), &link(7));
    let mut wanted = Vec::new();
    said.iter().for_each(|request| leaves(&request.input, &mut wanted));
    if !wanted.iter().any(|text| text == value) {
        return false;
    }
    let requests: Vec<String> = said.iter().map(|request| request.input.to_string()).collect();
    if !seen.insert(format!("{place} {requests:?}")) {
        return true;
    }
    let before = heard.lock().unwrap().len();
    live.execute(kind, &plan);
    let heard = heard.lock().unwrap();
    let made = live.connection.calls().calls();
    let writes: Vec<&str> = made.iter().filter(|call| call.writer).map(|call| call.operation.as_str()).collect();
    // A kind may read again before it sends; each request of the plan is one that was heard.
    let mut hits = 0;
    for one in heard.iter().skip(before) {
        let there = arrived(one);
        let count = |all: &[String]| all.iter().filter(|text| *text == value).count();
        let fits = |request: &&PlannedRequest| {
            let mut leaf = Vec::new();
            leaves(&request.input, &mut leaf);
            count(&leaf) > 0
                && leaf.iter().filter(|text| *text == value).count() <= count(&there)
                && members(one).is_none_or(|members| members == outer(&request.input))
        };
        hits += usize::from(said.iter().any(|request| fits(&request)));
    }
    assert!(writes.is_empty() || hits > 0, "{place}: {value:?} did not arrive as it was shown");
    true
}

#[test]
fn each_value_arrives_as_one_or_is_refused() {
    let (arn, payloads) = (arn(), payloads());
    let mut count = Count { refused: 0, arrived: 0, kept: BTreeSet::new() };
    // What is sent in one form of a field need not be sent in another.
    let mut seen = BTreeSet::new();
    for kind in kinds().iter().filter(|kind| kind.info().operations.mutate.iter().all(|(s, _)| *s != LOCAL)) {
        let (live, _) = Live::heard(*kind, "");
        for value in &payloads {
            for (name, request) in asked(*kind, &arn, value) {
                let place = format!("{} {name}", kind.info().name);
                match run(kind.plan(&live.reader, &request)) {
                    Err(_) => count.refused += 1,
                    Ok(_) if sent(*kind, &request, (value, &place), &mut seen) => count.arrived += 1,
                    Ok(_) => {
                        count.kept.insert((kind.info().name, name));
                    }
                }
            }
        }
        // Planning sends nothing.
        assert!(live.connection.calls().calls().iter().all(|call| !call.writer), "{}", kind.info().name);
    }
    println!("figure: hostile values in parameters: {} refused, {} arrived unchanged", count.refused, count.arrived);
    let kept: Vec<(&str, &str)> = count.kept.into_iter().collect();
    let known = [
        // A word that is sent as true or false, and no other.
        ("asg-standby", "replace"),
        // Of a statement's name its letters and digits alone are the statement's id.
        ("iam-role-trust", "name"),
        // It acts on the account, whatever the finding is about.
        ("s3-block-public-account", "finding"),
        ("s3-bucket-policy", "name"),
    ];
    assert_eq!(kept, known);
    assert!(count.refused > 4000 && count.arrived > 100);
}

/// A program gets each word as it stands, at whatever place, or the command is refused.
#[test]
fn a_program_gets_each_value_as_one_word() {
    let kind = super::super::by_name("command").unwrap();
    let (live, _) = Live::heard(kind, "");
    let folder = tempfile::tempdir().unwrap();
    let stub = folder.path().join("stub");
    std::fs::write(&stub, "#!/bin/sh\nfor word in \"$@\"; do printf '%s\\0' \"$word\"; done\n").unwrap();
    std::fs::set_permissions(&stub, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let stub = stub.to_str().unwrap();
    let (mut ran, mut refused) = (0, 0);
    for value in &payloads() {
        for (at, filled) in [(0, true), (1, false), (1, true), (2, true)] {
            let mut words = vec![Word::own(stub), Word::own("first"), Word::own("last")];
            words[at] = Word { text: value.as_str().into(), filled };
            let mut request = sample(super::super::by_name("iam-deny").unwrap(), "");
            request.kind = quell_core::text::Id::new("command").unwrap();
            request.fields = [("argv".into(), Value::List(words))].into();
            let Ok(plan) = run(kind.plan(&live.reader, &request)) else {
                refused += 1;
                continue;
            };
            assert!(at > 0, "{value:?} became a program");
            let expected: Vec<&str> = if at == 1 { vec![value, "last"] } else { vec!["first", value] };
            let outputs = live.outputs(kind, &plan);
            let got: Vec<String> = outputs.split('\0').map(str::to_owned).collect();
            assert_eq!(got[..got.len() - 1], expected, "{value:?}");
            ran += 1;
        }
    }
    println!("figure: hostile values as words of a program: {refused} refused, {ran} arrived unchanged");
    assert!(ran > 40 && refused > 40);
}
