//! JSON as a playbook is read from and shown in: no key twice, so that nothing is lost, and nothing in what is written
//! that Markdown or quell would read.

use super::NotImported;
use crate::text::json::to_string;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::fmt;

/// What stands in place of a credential.
const LEFT_OUT: &str = "(a credential that quell left out)";

/// Values that a playbook may have: each takes memory many times what it takes in the file.
const MOST_VALUES: usize = 200_000;

/// Reads an object; deeper than 128 values in each other is refused.
pub(super) fn read(bytes: &[u8]) -> Result<Map<String, Value>, NotImported> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let count = Cell::new(0);
    let read = Strict(&count).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    match read {
        Ok(Value::Object(root)) => Ok(root),
        Ok(_) => Err(NotImported { what: "a playbook is a JSON object".into(), line: 1, column: 1 }),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(NotImported { what: format!("the playbook can't be read: {error}"), line, column })
        }
    }
}

/// A JSON value none of whose objects has a key twice, and how many values were read so far.
struct Strict<'c>(&'c Cell<usize>);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        self.0.set(self.0.get() + 1);
        if self.0.get() > MOST_VALUES {
            return Err(D::Error::custom(format!("there are more than {MOST_VALUES} values")));
        }
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
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
        while let Some(value) = seq.next_element_seed(Strict(self.0))? {
            out.push(value);
        }
        Ok(out.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(Strict(self.0))?;
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
    const NAMES: [&str; 7] = ["password", "secret", "token", "key", "credential", "passphrase", "header"];
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

/// Levels that are indented: deeper ones stand below each other, else a deep file would be mostly spaces.
const INDENTED: usize = 8;

fn write(value: &Value, depth: usize, out: &mut String) {
    let pad = "  ".repeat((depth + 1).min(INDENTED));
    let end = "  ".repeat(depth.min(INDENTED));
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

/// Does the same with what logs in within calls: headers that do, by their name, and the password of an address.
pub(super) fn leave_out_of_calls(value: &mut Value) -> usize {
    const HEADERS: [&str; 5] = ["authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token"];
    match value {
        Value::Object(map) => {
            let one = |(name, value): (&String, &mut Value)| match HEADERS.contains(&name.to_lowercase().as_str()) {
                true => every_text(value),
                false => leave_out_of_calls(value),
            };
            map.iter_mut().map(one).sum()
        }
        Value::Array(items) => items.iter_mut().map(leave_out_of_calls).sum(),
        Value::String(text) => address(text).map_or(0, |without| {
            *text = without;
            1
        }),
        _ => 0,
    }
}

fn every_text(value: &mut Value) -> usize {
    match value {
        Value::String(text) if !text.is_empty() && text != LEFT_OUT => {
            *text = LEFT_OUT.to_owned();
            1
        }
        Value::Array(items) => items.iter_mut().map(every_text).sum(),
        Value::Object(map) => map.values_mut().map(every_text).sum(),
        _ => 0,
    }
}

/// An address without the password that stands in it (`https://user:password@host`).
fn address(text: &str) -> Option<String> {
    let (before, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#', ' ', '"', '\'']).unwrap_or(rest.len());
    let (user, host) = rest.get(..end)?.rsplit_once('@')?;
    let (user, password) = user.split_once(':')?;
    let path = rest.get(end..)?;
    (!password.is_empty() && password != LEFT_OUT).then(|| format!("{before}://{user}:{LEFT_OUT}@{host}{path}"))
}
