//! The one formatter for all JSON that quell writes.
//!
//! Control, bidirectional, zero-width and separator characters are written as `\u` escapes, so that a log or a
//! report is safe under `cat`, and reading it back gives the raw text again.

use super::is_hidden;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};
use std::io::{self, Write};

/// Compact JSON whose hidden characters are escaped.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    let mut out = Vec::with_capacity(256);
    to_writer(&mut out, value)?;
    // The serialiser writes UTF-8 only; a lossy reading can't lose anything.
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// Writes compact JSON whose hidden characters are escaped.
pub fn to_writer<W: Write, T: Serialize + ?Sized>(writer: W, value: &T) -> Result<(), serde_json::Error> {
    value.serialize(&mut Serializer::with_formatter(writer, Escaping(CompactFormatter)))
}

struct Escaping(CompactFormatter);

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_escaped(writer, fragment)
    }

    fn write_raw_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // Outside of its strings raw JSON holds only white space that is hidden; a record is one line.
        let mut rest = fragment;
        while let Some(at) = rest.find(['\n', '\r', '\t']) {
            write_escaped(writer, &rest[..at])?;
            writer.write_all(b" ")?;
            rest = &rest[at + 1..];
        }
        write_escaped(writer, rest)
    }
}

fn write_escaped<W: ?Sized + Write>(writer: &mut W, fragment: &str) -> io::Result<()> {
    let mut from = 0;
    for (at, c) in fragment.char_indices() {
        if is_hidden(c) {
            writer.write_all(&fragment.as_bytes()[from..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            from = at + c.len_utf8();
        }
    }
    writer.write_all(&fragment.as_bytes()[from..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    #[test]
    fn hidden_characters_become_u_escapes() -> Result<(), serde_json::Error> {
        assert_eq!(to_string("a\u{202e}\u{7f}\u{9b}\n")?, r#""a\u202e\u007f\u009b\n""#);
        assert_eq!(to_string("\u{e0041}")?, r#""\udb40\udc41""#);
        assert_eq!(to_string("\u{e9}")?, "\"\u{e9}\"");
        Ok(())
    }

    #[test]
    fn raw_values_stay_one_line() -> Result<(), serde_json::Error> {
        let raw: Box<RawValue> = serde_json::from_str("{\n\t\"a\": \"\u{202e}\"}")?;
        assert_eq!(to_string(&raw)?, "{  \"a\": \"\\u202e\"}");
        Ok(())
    }

    proptest! {
        #[test]
        fn any_text_is_one_safe_line_and_comes_back(text in any::<String>()) {
            let line = to_string(&text).unwrap_or_default();
            prop_assert!(!line.chars().any(is_hidden));
            prop_assert_eq!(serde_json::from_str::<String>(&line).unwrap_or_default(), text);
        }
    }
}
