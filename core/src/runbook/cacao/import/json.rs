//! JSON as a playbook is read from and shown in: no key twice, so that nothing is lost, and nothing in what is written
//! that Markdown or quell would read.

use super::NotImported;
use crate::text::json::to_string;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// What stands in place of a credential.
const LEFT_OUT: &str = "(a credential that quell left out)";

/// Reads an object; deeper than 128 values in each other is refused.
pub(super) fn read(bytes: &[u8]) -> Result<Map<String, Value>, NotImported> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Strict.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    match read {
        Ok(Value::Object(root)) => Ok(root),
        Ok(_) => Err(NotImported { what: "a playbook is a JSON object".into(), line: 1, column: 1 }),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(NotImported { what: format!("the playbook can't be read: {error}"), line, column })
        }
    }
}

/// A JSON value none of whose objects has a key twice.
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(value) = seq.next_element_seed(Strict)? {
            out.push(value);
        }
        Ok(out.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Strict)?;
            if out.contains_key(&key) {
                return Err(A::Error::custom("an object has one key twice"));
            }
            out.insert(key, value);
        }
        Ok(out.into())
    }
}

/// Replaces what logs in by words that say so, and counts it.
pub(super) fn leave_out(value: &mut Value) -> usize {
    const NAMES: [&str; 6] = ["password", "secret", "token", "key", "credential", "passphrase"];
    match value {
        Value::Object(map) => map
            .iter_mut()
            .map(|(name, value)| {
                let name = name.to_lowercase();
                match value {
                    Value::String(text) if NAMES.iter().any(|word| name.contains(word)) && !text.is_empty() => {
                        *text = LEFT_OUT.to_owned();
                        1
                    }
                    _ => leave_out(value),
                }
            })
            .sum(),
        Value::Array(items) => items.iter_mut().map(leave_out).sum(),
        _ => 0,
    }
}

/// A value on one line: pure of hidden characters and of double braces.
pub(super) fn line(value: &Value) -> String {
    harmless(&to_string(value).unwrap_or_default())
}

/// A value on several lines, its objects and lists opened.
pub(super) fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth + 1);
    let end = "  ".repeat(depth);
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                *out += if at == 0 { "\n" } else { ",\n" };
                *out += &format!("{pad}{}: ", line(&Value::from(key.as_str())));
                write(value, depth + 1, out);
            }
            *out += &format!("\n{end}}}");
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('[');
            for (at, value) in items.iter().enumerate() {
                *out += if at == 0 { "\n" } else { ",\n" };
                *out += &pad;
                write(value, depth + 1, out);
            }
            *out += &format!("\n{end}]");
        }
        other => *out += &line(other),
    }
}

/// Braces inside of strings as JSON's escapes: quell would read two of them as a template.
fn harmless(json: &str) -> String {
    match json.starts_with('"') {
        true => json.replace('{', "\\u007b").replace('}', "\\u007d"),
        false => json.to_owned(),
    }
}
