//! Where in a text something stands, and text made fit for a JSON reader without moving anything in it.

use std::borrow::Cow;

/// Counts lines from the start of a text, once: places are asked for in rising order, mostly.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
    start: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1, start: 0 }
    }

    /// Line and column of an offset, both from 1; the column counts bytes.
    pub(super) fn place(&mut self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.bytes.len());
        if offset < self.at {
            *self = Self::new(self.bytes);
        }
        let passed = self.bytes.get(self.at..offset).unwrap_or_default();
        self.line += passed.iter().filter(|b| **b == b'\n').count();
        if let Some(last) = passed.iter().rposition(|b| *b == b'\n') {
            self.start = self.at + last + 1;
        }
        self.at = offset;
        (self.line, offset - self.start + 1)
    }
}

/// The offset inside `text` that an error of the JSON reader names by line and column.
pub(super) fn offset(text: &str, error: &serde_json::Error) -> usize {
    let mut start = 0;
    for _ in 1..error.line() {
        match text.get(start..).and_then(|rest| rest.find('\n')) {
            Some(end) => start += end + 1,
            None => break,
        }
    }
    // The column is that of the last byte read; a control character is refused before it is.
    let refused = text.as_bytes().get(start + error.column()).is_some_and(|b| *b < b' ');
    let unread = usize::from(refused && error.to_string().starts_with("control character"));
    (start + error.column().max(1) - 1 + unread).min(text.len())
}

/// The bytes as text of the same length. A byte that is not UTF-8 becomes a control character, which no JSON may
/// hold, so that its record and no other is refused. A surrogate without its other half, which no text can hold,
/// becomes U+FFFD: whoever can put one into a finding must not be able to hide the finding.
pub(super) fn readable(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => mend(text),
        Err(_) => {
            let mut text = String::with_capacity(bytes.len());
            for chunk in bytes.utf8_chunks() {
                text.push_str(chunk.valid());
                text.extend(chunk.invalid().iter().map(|_| NOT_UTF8));
            }
            Cow::Owned(mend(&text).into_owned())
        }
    }
}

/// What stands for a byte that is not UTF-8.
pub(super) const NOT_UTF8: char = '\u{1}';

/// Replaces `\ud800`-like escapes that have no partner by `\ufffd`.
fn mend(text: &str) -> Cow<'_, str> {
    let lone = lone_surrogates(text);
    if lone.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for at in lone {
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str("\\ufffd");
        from = at + 6;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// Offsets of the backslashes of escapes that are half a pair.
fn lone_surrogates(text: &str) -> Vec<usize> {
    let mut lone = Vec::new();
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("\\u")) {
        let at = from + found;
        // In a run of backslashes every second one is itself escaped.
        let run = text.as_bytes()[..at].iter().rev().take_while(|b| **b == b'\\').count();
        if run % 2 == 1 {
            from = at + 1;
            continue;
        }
        from = at + 2;
        match unit(text, at) {
            Some(0xd800..=0xdbff) if matches!(unit(text, at + 6), Some(0xdc00..=0xdfff)) => from = at + 12,
            Some(0xd800..=0xdfff) => {
                lone.push(at);
                from = at + 6;
            }
            _ => {}
        }
    }
    lone
}

/// The UTF-16 unit of the escape at an offset.
fn unit(text: &str, at: usize) -> Option<u16> {
    let hex = text.get(at..at + 6)?.strip_prefix("\\u")?;
    u16::from_str_radix(hex, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn places_count_from_one() {
        let mut lines = Lines::new(b"ab\ncd\n\nx");
        assert_eq!(lines.place(0), (1, 1));
        assert_eq!(lines.place(4), (2, 2));
        assert_eq!(lines.place(7), (4, 1));
        assert_eq!(lines.place(1), (1, 2));
        assert_eq!(lines.place(99), (4, 2));
    }

    #[test]
    fn half_a_pair_is_mended_and_nothing_moves() {
        assert_eq!(readable(br#""a\ud800b""#), r#""a\ufffdb""#);
        assert_eq!(readable(br#""\udc00\ud83d\ude00""#), r#""\ufffd\ud83d\ude00""#);
        assert_eq!(readable(br#""\\ud800""#), r#""\\ud800""#);
        assert_eq!(readable(br#""\\\ud800""#), r#""\\\ufffd""#);
        assert_eq!(readable(b"\"\xff\""), "\"\u{1}\"");
        assert_eq!(readable(br"\u\ud8"), r"\u\ud8");
    }

    proptest! {
        #[test]
        fn readable_text_is_as_long_as_its_bytes(bytes in any::<Vec<u8>>()) {
            prop_assert_eq!(readable(&bytes).len(), bytes.len());
        }
    }
}
