//! Templates in action blocks: `{{ name }}`, a fixed table of names. A value fills a whole item and is never part of a
//! longer text, so that a finding's words can't become a command.

use super::{ActionSpec, Field, Item, each};
use crate::finding::fields;
use crate::text::{Shape, Untrusted};
use std::collections::BTreeMap;

/// Whether templates may use this name: a field of a finding or a session, `var.NAME`, or `each` in a step that is done
/// for each of a list.
pub fn is_name(name: &str) -> bool {
    name == each::NAME || name.strip_prefix("var.").map_or_else(|| fields::is_known(name), is_variable)
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// What a string of an action block is.
pub(super) enum Scan<'a> {
    Text,
    /// A template, by name.
    Template(&'a str),
    /// `{{` inside a longer text.
    Inside,
}

/// Sorts a string.
pub(super) fn scan(text: &str) -> Scan<'_> {
    if !text.contains("{{") {
        return Scan::Text;
    }
    match text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) {
        Some(name) if !name.contains(['{', '}']) => Scan::Template(name.trim()),
        _ => Scan::Inside,
    }
}

/// What to say of an unknown name.
pub(super) fn unknown(name: &str) -> String {
    match fields::suggest(name) {
        Some(near) => format!("{name} is no template name; did you mean {near}?"),
        None => format!(
            "{name} is no template name (finding.…, session.id, responder.name, or var.name in small letters, digits and _)"
        ),
    }
}

/// The `{{ … }}` of a text with their offsets.
pub(super) fn spans(text: &str) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("{{")) {
        let start = from + at;
        let rest = text.get(start..).unwrap_or_default();
        let Some(end) = rest.find("}}").map(|end| end + 2) else { break };
        out.push((start, rest.get(..end).unwrap_or_default()));
        from = start + end;
    }
    out
}

/// Whether a span of a command is a word of its own: white space or an end on both sides.
pub(super) fn is_word(text: &str, at: usize, span: &str) -> bool {
    let before = text.get(..at).unwrap_or_default().chars().next_back();
    let after = text.get(at + span.len()..).unwrap_or_default().chars().next();
    before.is_none_or(char::is_whitespace) && after.is_none_or(|c| c.is_whitespace() || ";)|".contains(c))
}

/// A command with its templates replaced, and the names that have no value that could be put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    pub text: Untrusted,
    pub missing: Vec<Box<str>>,
}

/// Replaces the templates of a fenced command, for copying. A value stands in single quotes as one word of the shell
/// and is not read again; one with hidden characters or a line end is not put in and counts as missing.
pub fn fill_command(command: &Untrusted, lookup: &dyn Fn(&str) -> Option<Untrusted>) -> Filled {
    let text = command.clean(Shape::Block).into_string();
    let mut out = String::new();
    let mut missing: Vec<Box<str>> = Vec::new();
    let mut from = 0;
    for (at, span) in spans(&text) {
        let name = match scan(span) {
            Scan::Template(name) if is_name(name) => name,
            _ => continue,
        };
        out.push_str(text.get(from..at).unwrap_or_default());
        from = at + span.len();
        // A value that cleaning changes is not the value that would be typed.
        let value = lookup(name).filter(|value| is_word(&text, at, span) && Untrusted::from(&value.line()) == *value);
        match value {
            Some(value) => {
                out.push('\'');
                out.push_str(&value.line().as_str().replace('\'', "'\\''"));
                out.push('\'');
            }
            None => {
                out.push_str(span);
                missing.push(name.into());
            }
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    missing.sort();
    missing.dedup();
    Filled { text: out.into(), missing }
}

/// A text that is read, with what its names stand for; what has no value stays as it is written.
pub fn fill_words(text: &str, lookup: &dyn Fn(&str) -> Option<Untrusted>) -> String {
    let mut out = String::new();
    let mut from = 0;
    for (at, span) in spans(text) {
        let Scan::Template(name) = scan(span) else { continue };
        if let Some(value) = lookup(name).filter(|_| is_name(name)) {
            out.push_str(text.get(from..at).unwrap_or_default());
            out.push_str(value.line().as_str());
            from = at + span.len();
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// A field with its templates replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Item(Untrusted),
    List(Vec<Untrusted>),
    Map(BTreeMap<Box<str>, Value>),
}

/// An action block's fields with values, and the names that have none and must be asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// The fields all of whose templates have values.
    pub fields: BTreeMap<Box<str>, Value>,
    /// Names without a value, each once, in order of name.
    pub missing: Vec<Box<str>>,
}

/// Replaces the templates of an action block by what `lookup` says; a value is taken as it is and never read as a
/// template again.
pub fn resolve(spec: &ActionSpec, lookup: &dyn Fn(&str) -> Option<Untrusted>) -> Resolution {
    let mut out = Resolution::default();
    for (name, field) in &spec.fields {
        if let Some(value) = fill(field, lookup, &mut out.missing) {
            out.fields.insert(name.clone(), value);
        }
    }
    out.missing.sort();
    out.missing.dedup();
    out
}

fn fill(field: &Field, lookup: &dyn Fn(&str) -> Option<Untrusted>, missing: &mut Vec<Box<str>>) -> Option<Value> {
    match field {
        Field::Item(item) => fill_item(item, lookup, missing).map(Value::Item),
        Field::List(items) => {
            let filled: Vec<Option<Untrusted>> = items.iter().map(|item| fill_item(item, lookup, missing)).collect();
            filled.into_iter().collect::<Option<_>>().map(Value::List)
        }
        Field::Map(map) => {
            let filled: Vec<Option<(Box<str>, Value)>> =
                map.iter().map(|(name, field)| Some((name.clone(), fill(field, lookup, missing)?))).collect();
            filled.into_iter().collect::<Option<_>>().map(Value::Map)
        }
    }
}

fn fill_item(
    item: &Item,
    lookup: &dyn Fn(&str) -> Option<Untrusted>,
    missing: &mut Vec<Box<str>>,
) -> Option<Untrusted> {
    match item {
        Item::Text(text) => Some(text.clone()),
        Item::Template { name, .. } => {
            let value = lookup(name);
            if value.is_none() {
                missing.push(name.clone());
            }
            value
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Id;

    #[test]
    fn strings_are_sorted() {
        assert!(matches!(scan("plain"), Scan::Text));
        assert!(matches!(scan("{{ finding.id }}"), Scan::Template("finding.id")));
        assert!(matches!(scan(" {{finding.id}} "), Scan::Template("finding.id")));
        assert!(matches!(scan("rm {{ finding.id }}"), Scan::Inside));
        assert!(matches!(scan("{{ a }}{{ b }}"), Scan::Inside));
        assert!(matches!(scan("{{ a"), Scan::Inside));
    }

    #[test]
    fn names_are_a_fixed_table() {
        assert!(is_name("finding.resource.id"));
        assert!(is_name("var.ticket_1"));
        assert!(!is_name("var.Ticket"));
        assert!(!is_name("var."));
        assert!(!is_name("finding.resource"));
    }

    #[test]
    fn values_fill_items_and_what_is_missing_is_named() {
        let template = |name: &str| Item::Template { name: name.into(), line: 1, column: 1 };
        let spec = ActionSpec {
            kind: Id::new("ssm-automation").unwrap(),
            title: "t".into(),
            danger: None,
            fields: BTreeMap::from([
                ("document".into(), Field::Item(Item::Text("Doc".into()))),
                ("ids".into(), Field::List(vec![template("finding.resource.id"), Item::Text("x".into())])),
                ("who".into(), Field::Item(template("var.who"))),
                ("map".into(), Field::Map(BTreeMap::from([("k".into(), Field::Item(template("var.who")))]))),
            ]),
            line: 1,
        };
        let found = resolve(&spec, &|name| (name == "finding.resource.id").then(|| "{{ var.who }}".into()));
        assert_eq!(found.missing, ["var.who".into()]);
        assert_eq!(found.fields.len(), 2);
        assert_eq!(found.fields.get("ids"), Some(&Value::List(vec!["{{ var.who }}".into(), "x".into()])));
        assert_eq!(found.fields.get("document"), Some(&Value::Item("Doc".into())));
    }

    #[test]
    fn a_command_takes_values_as_quoted_words() {
        let lookup = |name: &str| match name {
            "finding.resource.id" => Some("i-0; rm -rf '/' {{ session.id }}".into()),
            "finding.title" => Some("a\u{202e}b".into()),
            _ => None,
        };
        let filled = fill_command(&"aws x {{ finding.resource.id }} | y=({{finding.resource.id}})".into(), &lookup);
        assert_eq!(
            filled.text,
            "aws x 'i-0; rm -rf '\\''/'\\'' {{ session.id }}' | y=({{finding.resource.id}})".into()
        );
        assert_eq!(filled.missing, ["finding.resource.id".into()]);
        let filled = fill_command(&"x {{ finding.title }} {{ other }} {{ var.a }}".into(), &lookup);
        assert_eq!(filled.text, "x {{ finding.title }} {{ other }} {{ var.a }}".into());
        assert_eq!(filled.missing, ["finding.title".into(), "var.a".into()]);
    }
}
