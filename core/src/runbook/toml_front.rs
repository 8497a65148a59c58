//! TOML front matter, between lines of `+++` as Hugo writes it (P1), as the same values that YAML gives.

use super::yaml::{Bad, Entry, Node, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// How long it may be, in bytes.
const BYTES: usize = 64 * 1024;

/// Reads it; places are byte offsets in the text.
pub(super) fn read(text: &str) -> Result<Node, Bad> {
    if text.len() > BYTES {
        return Err(Bad::new(0, format!("more than {} KiB of TOML", BYTES / 1024)));
    }
    let table = DeTable::parse(text).map_err(|error| {
        // What it says is of one line; the place is told beside it.
        let what = format!("this is no TOML: {}", error.message());
        Bad::new(error.span().map_or(0, |span| span.start), what)
    })?;
    Ok(Node { at: table.span().start, value: Value::Map(entries(table.get_ref(), text)) })
}

/// The lines in the order of the file.
fn entries(table: &DeTable<'_>, text: &str) -> Vec<Entry> {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key: &Spanned<std::borrow::Cow<'_, str>> = key;
        Entry { key: key.get_ref().to_string(), at: key.span().start, value: node(value, text) }
    };
    let mut entries: Vec<Entry> = table.iter().map(entry).collect();
    entries.sort_by_key(|entry| entry.at);
    entries
}

fn node(value: &Spanned<DeValue<'_>>, text: &str) -> Node {
    let span = value.span();
    let at = span.start;
    let value = match value.get_ref() {
        DeValue::String(words) => Value::Text(words.to_string()),
        DeValue::Array(values) => Value::List(values.iter().map(|value| node(value, text)).collect()),
        DeValue::Table(table) => Value::Map(entries(table, text)),
        // A number or a day stays as it is written.
        _ => Value::Text(text.get(span).unwrap_or_default().to_owned()),
    };
    Node { at, value }
}
