//! The text of a file with its places: decoding, line and column, slices without their indentation.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// Decodes a file: what is not UTF-8 becomes U+FFFD, a byte-order mark goes, line ends become `\n`; and whether bytes
/// were replaced, because they were no UTF-8.
pub(super) fn decode(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Nearly every file is UTF-8, and that is found out much faster than what of it is not.
    let decoded = std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
    let lossy = matches!(decoded, Cow::Owned(_));
    match decoded.contains('\r') {
        true => (decoded.replace("\r\n", "\n").replace('\r', "\n").into(), lossy),
        false => (decoded, lossy),
    }
}

/// A file's text and where its lines start.
pub(super) struct Source {
    pub text: Arc<str>,
    lines: Vec<usize>,
}

impl Source {
    /// A decoded text.
    pub fn new(text: &str) -> Self {
        let mut lines = Vec::with_capacity(text.len() / 32);
        lines.push(0);
        lines.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1));
        Self { text: text.into(), lines }
    }

    /// The text up to `limit` bytes, whole lines where there are any, and what follows with its offset, if there is more.
    pub fn parted(self, limit: usize) -> (Self, Option<(usize, String)>) {
        if self.text.len() <= limit {
            return (self, None);
        }
        let lines = self.lines.partition_point(|start| *start <= limit);
        let line = self.lines.get(lines.saturating_sub(1)).copied().filter(|start| *start > 0);
        let cut = line.unwrap_or_else(|| self.text.floor_char_boundary(limit));
        let (head, rest) = self.text.split_at(cut);
        let kept = self.lines.iter().copied().take_while(|start| *start <= cut).collect();
        (Self { text: head.into(), lines: kept }, Some((cut, rest.to_owned())))
    }

    /// Line, from 1, of a byte offset.
    pub fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at)
    }

    /// Line and column, both from 1, of a byte offset; the column counts characters.
    pub fn place(&self, at: usize) -> (usize, usize) {
        let at = at.min(self.text.len());
        let start = self.line_start(at);
        let column = self.slice(start..at).chars().count() + 1;
        (self.line(at), column)
    }

    /// A line by its number, from 1, with its end.
    pub fn row(&self, line: usize) -> Option<&str> {
        let start = *self.lines.get(line.checked_sub(1)?)?;
        Some(self.slice(start..self.lines.get(line).copied().unwrap_or(self.text.len())))
    }

    /// Where the line of a byte offset starts.
    pub fn line_start(&self, at: usize) -> usize {
        self.lines.get(self.line(at).saturating_sub(1)).copied().unwrap_or(0)
    }

    /// Where the line of a byte offset ends, after its newline.
    pub fn line_end(&self, at: usize) -> usize {
        self.lines.get(self.line(at)).copied().unwrap_or(self.text.len())
    }

    /// A part of the text; nothing when the range lies outside or cuts a character.
    pub fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// Columns of white space and other text before a byte offset on its line.
    pub fn indent(&self, at: usize) -> usize {
        columns(self.slice(self.line_start(at)..at))
    }

    /// Adds a part of the text to `out`: without the ranges in `cuts` (sorted), each line without up to `indent`
    /// columns of white space, and without the lines of which a cut left nothing.
    pub fn dedented(&self, range: Range<usize>, indent: usize, cuts: &[Range<usize>], out: &mut String) {
        let mut next = cuts.partition_point(|cut| cut.end <= range.start);
        let mut row = self.line(range.start);
        let mut at = range.start;
        while at < range.end {
            let end = self.lines.get(row).copied().unwrap_or(self.text.len()).min(range.end);
            let whole = self.lines.get(row.saturating_sub(1)) == Some(&at);
            let indent = if whole { indent } else { usize::MAX };
            match cuts.get(next).filter(|cut| cut.start < end) {
                None => out.push_str(strip_columns(self.slice(at..end), indent)),
                Some(_) => {
                    let line = self.without(at..end, cuts, &mut next);
                    if !line.trim().is_empty() {
                        out.push_str(strip_columns(&line, indent));
                    }
                }
            }
            at = end;
            row += 1;
        }
    }

    /// A line without what is cut from it.
    fn without(&self, line: Range<usize>, cuts: &[Range<usize>], next: &mut usize) -> String {
        let mut out = String::new();
        let mut from = line.start;
        while let Some(cut) = cuts.get(*next).filter(|cut| cut.start < line.end) {
            out.push_str(self.slice(from..cut.start.max(from)));
            from = from.max(cut.end.min(line.end));
            match cut.end <= line.end {
                true => *next += 1,
                false => break,
            }
        }
        out.push_str(self.slice(from..line.end));
        out
    }
}

fn columns(text: &str) -> usize {
    text.chars().fold(0, |column, c| match c {
        '\t' => column + 4 - column % 4,
        _ => column + 1,
    })
}

fn strip_columns(line: &str, indent: usize) -> &str {
    let mut column = 0;
    for (at, byte) in line.bytes().enumerate() {
        column = match byte {
            _ if column >= indent => return &line[at..],
            b' ' => column + 1,
            b'\t' => column + 4 - column % 4,
            _ => return &line[at..],
        };
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_and_marks_go_and_places_stay() {
        let (text, lossy) = decode(b"\xef\xbb\xbfone\r\ntwo\rthree\n");
        assert_eq!((&*text, lossy), ("one\ntwo\nthree\n", false));
        let source = Source::new(&text);
        assert_eq!(source.place(0), (1, 1));
        assert_eq!(source.place(5), (2, 2));
        assert_eq!(source.place(999), (4, 1));
        let (bad, lossy) = decode(b"a\xffb");
        assert_eq!((&*bad, lossy), ("a\u{fffd}b", true));
        assert_eq!(Source::new(&bad).place(4), (1, 3));
    }

    #[test]
    fn a_long_text_is_parted_between_lines() {
        let parted = |text: &str, limit| {
            let (head, rest) = Source::new(text).parted(limit);
            (head.text.to_string(), head.line(head.text.len()), rest)
        };
        assert_eq!(parted("one\ntwo\nthree", 13), ("one\ntwo\nthree".into(), 3, None));
        assert_eq!(parted("one\ntwo\nthree", 12), ("one\ntwo\n".into(), 3, Some((8, "three".into()))));
        assert_eq!(parted("one\ntwo\n", 4), ("one\n".into(), 2, Some((4, "two\n".into()))));
        // One line is cut between two characters.
        assert_eq!(parted("ééé", 3), ("é".into(), 1, Some((2, "éé".into()))));
    }

    #[test]
    fn cuts_take_their_line_with_them() {
        let source = Source::new("1. a\n\n   b <!-- x --> c\n   <!-- y -->\n     d\n");
        let mut out = String::new();
        source.dedented(6..source.text.len(), 3, &[11..21, 27..37], &mut out);
        assert_eq!(out, "b  c\n  d\n");
    }
}
