//! Outside text as Markdown that says the same and does nothing: no heading, list, comment, fence, link, template.

use super::json;
use crate::runbook::jumps::references;
use crate::text::{Shape, Untrusted};
use serde_json::Value;
use std::collections::BTreeSet;

/// One line of text.
pub(super) fn text(outside: &str) -> String {
    let line = Untrusted::from(outside).line().into_string();
    let line = inert(&line.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut out = String::new();
    // What makes a list item or an underlined heading stands at the start.
    let digits = line.chars().take_while(char::is_ascii_alphanumeric).count();
    for (at, c) in line.chars().enumerate() {
        let starts =
            (at == 0 && matches!(c, '+' | '-' | '=' | '(')) || (at == digits && at < 10 && matches!(c, '.' | ')'));
        if starts || "\\`*_{}[]<>#|~&!".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// `go to step 4` of a text means another numbering than that of the runbook: a colon keeps it from being followed.
fn inert(line: &str) -> String {
    if references(line).is_empty() {
        return line.to_owned();
    }
    let lower = line.to_ascii_lowercase();
    let verbs = ["go to ", "proceed to ", "skip to ", "return to ", "jump to ", "continue with ", "move on to "];
    let ends = verbs.iter().flat_map(|verb| lower.match_indices(verb).map(|(at, verb)| at + verb.len() - 1));
    let ends: BTreeSet<usize> = ends.collect();
    let mut out = String::with_capacity(line.len() + ends.len());
    for (at, c) in line.char_indices() {
        if ends.contains(&at) {
            out.push(':');
        }
        out.push(c);
    }
    out
}

/// Text of several lines, as a quotation; nothing of nothing.
pub(super) fn quote(outside: &str) -> String {
    if outside.trim().is_empty() {
        return String::new();
    }
    let block = Untrusted::from(outside.trim()).clean(Shape::Block).into_string();
    let lines = block.lines().map(|line| format!("> {}", text(line)).trim_end().to_owned() + "\n");
    lines.collect::<String>() + "\n"
}

/// Code in a fence that is longer than any in it.
pub(super) fn fenced(language: &str, code: &str) -> String {
    let fence = "`".repeat(longest(code).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n\n", code.trim_end_matches('\n'))
}

fn longest(code: &str) -> usize {
    code.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A command to be copied, and what must be said of it. One that would be changed by what makes it harmless, or in
/// which quell would fill in or include something, stands as a JSON text.
pub(super) fn command(language: &str, outside: &str) -> (String, bool) {
    let block = Untrusted::from(outside).clean(Shape::Block).into_string();
    let included = outside.lines().any(|line| line.trim_start().starts_with("<!--"));
    match block != outside || outside.contains("{{") || included || outside.trim().is_empty() {
        true => (fenced("json", &json::line(&Value::from(outside))), true),
        false => (fenced(language, outside), false),
    }
}

/// A part of a step: each line moved to where the step's text stands.
pub(super) fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("   {line}\n") }).collect()
}
