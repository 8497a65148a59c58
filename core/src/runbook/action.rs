//! Action blocks: YAML with a kind, a title, an optional danger, and the kind's own fields.

use super::blocks::Code;
use super::source::Source;
use super::template::{self, Scan};
use super::yaml::{self, Bad, Entry, Node, Value};
use super::{ActionSpec, Field, Item};
use crate::text::{Id, Untrusted};
use std::collections::BTreeMap;

/// An error in a block: offset in the file, and what.
pub(super) type Error = (usize, String);

/// Reads an action block; every error is found, not only the first.
pub(super) fn read(code: &Code<'_>, at: usize, source: &Source) -> Result<ActionSpec, Vec<Error>> {
    let node = yaml::read(&code.text)
        .and_then(|node| node.ok_or_else(|| Bad::new(0, "the action block is empty")))
        .map_err(|bad| vec![(code.source_offset(bad.at), bad.what)])?;
    let Value::Map(entries) = node.value else {
        return Err(vec![(code.source_offset(node.at), "an action block is a list of name: value lines".into())]);
    };
    let mut reader = Reader { code, source, errors: Vec::new() };
    let mut kind = None;
    let mut title = None;
    let mut danger = None;
    let mut fields = BTreeMap::new();
    for Entry { key, value, .. } in entries {
        match key.as_str() {
            "kind" => kind = reader.kind(value),
            "title" => title = reader.text(value, "title"),
            "danger" => danger = reader.danger(value),
            _ => {
                if let Some(field) = reader.field(value) {
                    fields.insert(key.into(), field);
                }
            }
        }
    }
    if reader.errors.is_empty() && kind.is_none() {
        reader.errors.push((at, "the action block has no kind".into()));
    }
    if reader.errors.is_empty() && title.is_none() {
        reader.errors.push((at, "the action block has no title".into()));
    }
    match (kind, title) {
        (Some(kind), Some(title)) if reader.errors.is_empty() => {
            Ok(ActionSpec { kind, title, danger, fields, line: source.line(at) })
        }
        _ => Err(reader.errors),
    }
}

struct Reader<'a> {
    code: &'a Code<'a>,
    source: &'a Source,
    errors: Vec<Error>,
}

impl Reader<'_> {
    fn error(&mut self, at: usize, what: impl Into<String>) {
        self.errors.push((self.code.source_offset(at), what.into()));
    }

    fn kind(&mut self, node: Node) -> Option<Id<crate::text::id::Slug>> {
        let at = node.at;
        let id = match &node.value {
            Value::Text(text) => Id::new(text).ok(),
            _ => None,
        };
        if id.is_none() {
            self.error(at, "kind is the name of an action kind, such as ssm-automation");
        }
        id
    }

    fn text(&mut self, node: Node, name: &str) -> Option<Untrusted> {
        match node.value {
            Value::Text(text) if text.contains("{{") => {
                self.error(node.at, format!("{name} is shown before anything is filled in; it takes no template"));
                None
            }
            Value::Text(text) if !text.trim().is_empty() => Some(text.into()),
            _ => {
                self.error(node.at, format!("{name} is one line of text"));
                None
            }
        }
    }

    fn danger(&mut self, node: Node) -> Option<u8> {
        let danger = match &node.value {
            Value::Text(text) => text.parse().ok().filter(|danger| (1..=3).contains(danger)),
            _ => None,
        };
        if danger.is_none() {
            self.error(node.at, "danger is 1, 2 or 3");
        }
        danger
    }

    fn field(&mut self, node: Node) -> Option<Field> {
        match node.value {
            Value::Text(text) => self.item(text, node.at).map(Field::Item),
            Value::List(nodes) => {
                let mut items = Vec::with_capacity(nodes.len());
                for node in nodes {
                    match node.value {
                        Value::Text(text) => items.extend(self.item(text, node.at)),
                        _ => self.error(node.at, "an item of a list is text; lists and maps do not stand in a list"),
                    }
                }
                Some(Field::List(items))
            }
            Value::Map(entries) => {
                let mut map = BTreeMap::new();
                for Entry { key, at, value } in entries {
                    if key.contains("{{") {
                        self.error(at, "a key takes no template");
                    } else if let Some(field) = self.field(value) {
                        map.insert(key.into(), field);
                    }
                }
                Some(Field::Map(map))
            }
        }
    }

    fn item(&mut self, text: String, at: usize) -> Option<Item> {
        match template::scan(&text) {
            Scan::Text => Some(Item::Text(text.into())),
            Scan::Inside => {
                let at = self.find(at, "{{");
                self.error(at, "a template fills a whole item; it can't be part of a longer text");
                None
            }
            Scan::Template(name) if template::is_name(name) => {
                let at = self.find(at, name);
                let (line, column) = self.source.place(self.code.source_offset(at));
                Some(Item::Template { name: name.into(), line, column })
            }
            Scan::Template(name) => {
                let at = self.find(at, name);
                self.error(at, template::unknown(name));
                None
            }
        }
    }

    /// Where `needle` stands in the block's own text from the value's start on: quotes and folding move it.
    fn find(&self, at: usize, needle: &str) -> usize {
        // Near by, or it was written with escapes; a search to the end would cost the square of the block.
        let rest = self.code.text.get(at..).unwrap_or_default();
        let near = rest.char_indices().nth(256).map_or(rest.len(), |(end, _)| end);
        at + rest.get(..near).and_then(|near| near.find(needle)).unwrap_or(0)
    }
}
