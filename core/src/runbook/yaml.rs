//! The part of YAML that front matter and action blocks may use: text, lists and maps, each with its place.
//! No anchors, aliases, tags, merge keys, directives or second documents; a key stands once (threat T16).

use granit_parser::{Event, Options, Parser, ScalarStyle};

/// How deep lists and maps may lie in each other.
const DEPTH: usize = 32;

/// How long a text may be, in bytes, and how many lines a list or map may have.
const BYTES: usize = 64 * 1024;
const ENTRIES: usize = 1000;

/// A value and the byte offset where it starts.
pub(super) struct Node {
    pub at: usize,
    pub value: Value,
}

pub(super) enum Value {
    /// Every scalar, as written: `1.0` stays `1.0`, `false` stays `false`. A null is empty text.
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One line of a map.
pub(super) struct Entry {
    pub key: String,
    pub at: usize,
    pub value: Node,
}

/// Why a text is refused, and at which byte.
#[derive(Debug)]
pub(super) struct Bad {
    pub at: usize,
    pub what: String,
}

impl Bad {
    pub fn new(at: usize, what: impl Into<String>) -> Self {
        Self { at, what: what.into() }
    }
}

struct Open {
    node: Node,
    key: Option<(String, usize)>,
}

/// Reads one document; `None` when there is nothing in it.
pub(super) fn read(text: &str) -> Result<Option<Node>, Bad> {
    if text.len() > BYTES {
        return Err(Bad::new(0, format!("more than {} KiB of YAML", BYTES / 1024)));
    }
    let mut options = Options::default();
    options.disallow_directives = true;
    let mut stack: Vec<Open> = Vec::new();
    let mut root = None;
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = next
            .map_err(|e| Bad::new(e.marker().byte_offset().unwrap_or(0), format!("this is no YAML: {}", e.kind())))?;
        let at = span.start.byte_offset().unwrap_or(0);
        if let Some(what) = refused(&event) {
            return Err(Bad::new(at, what));
        }
        let value = match event {
            Event::Scalar(text, style, ..) => Value::Text(scalar(&text, style)),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                open(&mut stack, at, matches!(event, Event::SequenceStart(..)))?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match stack.pop() {
                Some(open) => {
                    place(&mut stack, &mut root, open.node)?;
                    continue;
                }
                None => continue,
            },
            _ => continue,
        };
        place(&mut stack, &mut root, Node { at, value })?;
    }
    Ok(root)
}

fn scalar(text: &str, style: ScalarStyle) -> String {
    match style == ScalarStyle::Plain && matches!(text, "~" | "null" | "Null" | "NULL") {
        true => String::new(),
        false => text.to_owned(),
    }
}

fn refused(event: &Event<'_>) -> Option<&'static str> {
    let (anchor, tag) = match event {
        Event::Scalar(_, _, anchor, tag) => (*anchor, tag.is_some()),
        Event::SequenceStart(_, anchor, tag) | Event::MappingStart(_, anchor, tag) => (*anchor, tag.is_some()),
        Event::Alias(_) | Event::UnresolvedAlias(_) => return Some("aliases are not read here; write the value out"),
        _ => return None,
    };
    match (anchor != 0, tag) {
        (true, _) => Some("anchors are not read here; write the value out"),
        (_, true) => Some("tags are not read here; every value is text"),
        _ => None,
    }
}

fn open(stack: &mut Vec<Open>, at: usize, list: bool) -> Result<(), Bad> {
    if stack.len() >= DEPTH {
        return Err(Bad::new(at, format!("more than {DEPTH} levels")));
    }
    if let Some(Open { node: Node { value: Value::Map(_), .. }, key: None }) = stack.last() {
        return Err(Bad::new(at, "a key must be text (a template is written in quotes: \"{{ name }}\")"));
    }
    let value = if list { Value::List(Vec::new()) } else { Value::Map(Vec::new()) };
    stack.push(Open { node: Node { at, value }, key: None });
    Ok(())
}

fn place(stack: &mut [Open], root: &mut Option<Node>, node: Node) -> Result<(), Bad> {
    let Some(open) = stack.last_mut() else {
        if root.is_some() {
            return Err(Bad::new(node.at, "only one YAML document is read"));
        }
        *root = Some(node);
        return Ok(());
    };
    let entries = match &open.node.value {
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        Value::Text(_) => 0,
    };
    if entries >= ENTRIES {
        return Err(Bad::new(node.at, format!("more than {ENTRIES} lines of one list or map")));
    }
    match (&mut open.node.value, open.key.take()) {
        (Value::List(list), _) => list.push(node),
        (Value::Map(map), Some((key, at))) => map.push(Entry { key, at, value: node }),
        (Value::Map(map), None) => match node.value {
            Value::Text(key) if key == "<<" => return Err(Bad::new(node.at, "merge keys are not read here")),
            Value::Text(key) if map.iter().any(|entry| entry.key == key) => {
                return Err(Bad::new(node.at, format!("the key {key} stands here twice")));
            }
            Value::Text(key) => open.key = Some((key, node.at)),
            _ => return Err(Bad::new(node.at, "a key must be text")),
        },
        (Value::Text(_), _) => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad(text: &str) -> (usize, String) {
        let bad = read(text).err().unwrap();
        (bad.at, bad.what)
    }

    #[test]
    fn values_are_text_as_written_with_their_places() {
        let node = read("a: 1.0\nb: [false, \"x: y\", ~]\nc:\n  d: |\n    two\n    lines\n").unwrap().unwrap();
        let Value::Map(map) = node.value else { panic!() };
        assert!(matches!(&map[0].value.value, Value::Text(t) if t == "1.0"));
        assert_eq!((map[0].at, map[0].value.at), (0, 3));
        let Value::List(list) = &map[1].value.value else { panic!() };
        let texts: Vec<&str> =
            list.iter().map(|n| if let Value::Text(t) = &n.value { t.as_str() } else { "?" }).collect();
        assert_eq!(texts, ["false", "x: y", ""]);
        assert_eq!(list[1].at, 18);
        let Value::Map(inner) = &map[2].value.value else { panic!() };
        assert!(matches!(&inner[0].value.value, Value::Text(t) if t == "two\nlines\n"));
    }

    #[test]
    fn what_could_multiply_or_surprise_is_refused_at_its_place() {
        assert_eq!(bad("a: 1\na: 2\n"), (5, "the key a stands here twice".into()));
        assert_eq!(bad("a: &x 1\n").1, "anchors are not read here; write the value out");
        assert_eq!(bad("a: &x [1]\nb: *x\n").1, "anchors are not read here; write the value out");
        assert_eq!(bad("a: !!int 1\n").1, "tags are not read here; every value is text");
        assert_eq!(bad("<<: {a: 1}\n").1, "merge keys are not read here");
        assert_eq!(bad("a: 1\n---\nb: 2\n").1, "only one YAML document is read");
        let lines = |count: usize| (0..count).map(|n| format!("k{n}: v\n")).collect::<String>();
        assert!(read(&lines(1000)).is_ok());
        assert_eq!(bad(&lines(1001)).1, "more than 1000 lines of one list or map");
        assert_eq!(bad(&format!("a:\n{}", "- b\n".repeat(1001))).1, "more than 1000 lines of one list or map");
        assert!(read(&format!("a: {}", "b".repeat(64 * 1024 - 3))).is_ok());
        assert_eq!(bad(&format!("a: {}", "b".repeat(64 * 1024 - 2))), (0, "more than 64 KiB of YAML".into()));
        assert_eq!(bad("a: {{ finding.id }}\n").0, 4);
        assert_eq!(bad(&format!("{}{}", "[".repeat(40), "]".repeat(40))).1, "more than 32 levels");
        assert!(bad("a: [1\nb: 2").1.starts_with("this is no YAML"));
        assert!(read("").unwrap().is_none());
        assert!(read("# only a comment\n").unwrap().is_none());
    }
}
