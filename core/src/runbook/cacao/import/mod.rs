//! A CACAO 2.0 playbook as a runbook: Markdown in which every property has its place. Nothing of it runs: a command is
//! there to be copied, and what quell can't lead through is said in words. All text of the file is escaped.

mod flow;
#[cfg(test)]
mod fuzz;
mod json;
mod markdown;
mod step;
#[cfg(test)]
mod tests;
mod variables;

use super::super::parse::STRUCTURED;
use super::super::{LIMIT, scaffold};
use crate::text::cut_end;
use flow::Flow;
use markdown::{fenced, quote, text};
use serde_json::{Map, Value, json};
use step::Steps;
use variables::Variables;

/// Steps that a playbook may have.
const MOST: usize = 2000;

/// Why a playbook is not taken, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotImported {
    pub what: String,
    /// Line and column from 1, where the file is no JSON; 0 is unknown.
    pub line: usize,
    pub column: usize,
}

impl NotImported {
    fn at(pointer: &str, what: impl std::fmt::Display) -> Self {
        // A key of the file stands in it, which may be as long as the file.
        Self { what: format!("{}: {what}", cut_end(pointer, 200)), line: 0, column: 0 }
    }
}

/// A runbook, and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Markdown in quell's format.
    pub text: String,
    /// Credentials of the file that were left out.
    pub left_out: usize,
}

/// Whether `import` can take a word as a finding type.
pub fn is_type(kind: &str) -> bool {
    scaffold::is_kind(kind)
}

/// Reads a playbook. `types` are the finding types that shall lead to it; [`is_type`] holds for each.
///
/// # Errors
/// What is larger than [`LIMIT`] or would make a runbook that is, has too many values, is no JSON or says a key twice; is no CACAO 2.0 playbook; names a step, agent or
/// target that is not there; goes in a circle; has nothing to do.
pub fn import(bytes: &[u8], types: &[String]) -> Result<Imported, NotImported> {
    if bytes.len() > LIMIT {
        let what = format!("the file has {} bytes; at most {LIMIT} are read", bytes.len());
        return Err(NotImported { what, line: 0, column: 0 });
    }
    let mut root = json::read(bytes)?;
    let within = root.get_mut(flow::AUTHENTICATION).map_or(0, json::leave_out);
    let left_out = within + root.values_mut().map(json::leave_out_of_calls).sum::<usize>();
    checked(&root)?;
    let flow = Flow::of(&root)?;
    let variables = Variables::of(&root);
    let steps = Steps { flow: &flow, variables: &variables };
    let to_do = [front(&root, types), about(&root, &variables), workflow(&steps)].join("\n");
    fits("the steps of its runbook would end at byte", to_do.len(), STRUCTURED)?;
    let text = [to_do, rest(&root, &flow)].join("\n");
    fits("the lines of its runbook would end at byte", text.len(), LIMIT)?;
    Ok(Imported { text, left_out })
}

/// What a runbook is too long for is not read of it.
fn fits(what: &str, bytes: usize, most: usize) -> Result<(), NotImported> {
    let what = format!("{what} {bytes}; they are read up to byte {most}");
    if bytes > most { Err(NotImported { what, line: 0, column: 0 }) } else { Ok(()) }
}

fn checked(root: &Map<String, Value>) -> Result<(), NotImported> {
    for (key, value) in [("type", "playbook"), ("spec_version", "cacao-2.0")] {
        if root.get(key).and_then(Value::as_str) != Some(value) {
            return Err(NotImported::at(&format!("/{key}"), format!("a CACAO 2.0 playbook has {value} here")));
        }
    }
    for key in ["id", "name", "workflow_start"] {
        if !root.get(key).is_some_and(Value::is_string) {
            return Err(NotImported::at(&format!("/{key}"), "a playbook has a text here"));
        }
    }
    match root.get("id").and_then(Value::as_str).is_some_and(|id| flow::is_id(id) && id.starts_with("playbook--")) {
        true => Ok(()),
        false => Err(NotImported::at("/id", "this is no identifier such as playbook--12345678-…")),
    }
}

fn word<'r>(root: &'r Map<String, Value>, key: &str) -> &'r str {
    root.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The front matter, the title and the description.
fn front(root: &Map<String, Value>, types: &[String]) -> String {
    let quoted = |text: &str| json::line(&Value::from(text));
    let mut out = format!("---\nid: {}\ntitle: {}\n", word(root, "id"), quoted(word(root, "name")));
    let modified = word(root, "modified");
    if !modified.is_empty() {
        out += &format!(
            "version: {}\nreviewed: {}\n",
            quoted(modified),
            quoted(modified.split('T').next().unwrap_or_default())
        );
    }
    if !word(root, "created_by").is_empty() {
        out += &format!("owner: {}\n", quoted(word(root, "created_by")));
    }
    if !types.is_empty() {
        out += "matches:\n";
        out.extend(types.iter().map(|kind| format!("  - {}\n", quoted(kind))));
    }
    format!("{out}---\n\n# {}\n", text(word(root, "name")))
}

/// What is read first: where it comes from, its description, its variables.
fn about(root: &Map<String, Value>, variables: &Variables) -> String {
    let mut out =
        "## Overview\n\nThis was a CACAO 2.0 playbook. Nothing in it runs by itself, and quell leads through its\n\
                   steps one after the other.\n\n"
            .to_owned();
    out += &quote(word(root, "description"));
    out + &variables.told()
}

fn workflow(steps: &Steps<'_>) -> String {
    let mut out = String::new();
    let order = &steps.flow.order;
    for (heading, ids) in [
        ("Workflow", &order.main),
        ("When the workflow fails", &order.exception),
        ("Steps that nothing leads to", &order.loose),
    ] {
        let steps: Vec<String> =
            ids.iter().enumerate().filter_map(|(at, id)| steps.write(id, ids.get(at + 1).copied())).collect();
        if !steps.is_empty() {
            out += &format!("## {heading}\n\n{}", steps.concat());
        }
    }
    out
}

/// What has no other place, as it stands in the file.
fn rest(root: &Map<String, Value>, flow: &Flow<'_>) -> String {
    let said = ["type", "spec_version", "id", "name", "workflow"];
    let mut rest: Map<String, Value> = root
        .iter()
        .filter(|(key, value)| !(said.contains(&key.as_str()) || (*key == "description" && value.is_string())))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let ends: Map<String, Value> = flow
        .steps
        .iter()
        .filter(|(id, _)| flow::is_edge_of_flow(id))
        .map(|(id, step)| ((*id).to_owned(), Value::Object((*step).clone())))
        .collect();
    rest.insert("workflow".into(), json!(ends));
    format!("## References\n\nWhat else the playbook says:\n\n{}", fenced("json", &json::pretty(&Value::Object(rest))))
}
