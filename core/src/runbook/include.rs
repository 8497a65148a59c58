//! Parts that several runbooks share: `<!-- include: NAME -->`, alone on its line, stands for the text of a part. What
//! is shown, hashed and kept with a session is the whole text, so that nothing has to be looked for later.

use super::{Level, source};
use crate::text::{Id, id::Slug};
use std::borrow::Cow;

/// Where a part's text stands in a runbook's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub name: Id<Slug>,
    /// Line of the whole text on which it starts, from 1.
    pub first: usize,
    /// How many lines it has there.
    pub lines: usize,
}

/// Where a line of the whole text was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<'a> {
    /// The part; none for the runbook's own file.
    pub part: Option<&'a str>,
    /// From 1.
    pub line: usize,
}

/// Where `line`, from 1, of a whole text with these parts was written.
pub fn written(parts: &[Part], line: usize) -> Written<'_> {
    let mut above = 0;
    for part in parts.iter().take_while(|part| part.first <= line) {
        if line < part.first + part.lines {
            return Written { part: Some(part.name.as_str()), line: line - part.first + 1 };
        }
        // In the file one line stands for all of it.
        above += part.lines - 1;
    }
    Written { part: None, line: line - above }
}

/// A whole text.
pub(super) struct Whole<'a> {
    pub text: Cow<'a, str>,
    pub parts: Vec<Part>,
    /// With the offset in the whole text.
    pub problems: Vec<(Level, usize, String)>,
}

/// Puts the parts in, which `find` gives by name. A part holds no other. The comment of one that is not there stays.
pub(super) fn whole<'a>(text: &'a str, find: &dyn Fn(&str) -> Option<Cow<'static, str>>) -> Whole<'a> {
    let mut out = String::new();
    let (mut parts, mut problems, mut line, mut fence) = (Vec::<Part>::new(), Vec::new(), 1, None);
    // What of the file is not in `out` yet begins at `from`.
    let (mut from, mut at) = (0, 0);
    for own in text.split_inclusive('\n') {
        let begin = at;
        at += own.len();
        // Most lines are neither a fence nor a comment.
        let first = own.bytes().find(|byte| !matches!(byte, b' ' | b'\t'));
        let plain =
            fence.is_none() && first.is_some_and(|byte| byte.is_ascii_graphic() && !matches!(byte, b'`' | b'~' | b'<'));
        let named = match plain || in_code(own.trim_start(), &mut fence) {
            true => None,
            false => name(own.trim()),
        };
        let Some(named) = named else {
            line += 1;
            continue;
        };
        if out.capacity() == 0 {
            // With its parts a file is about twice as long.
            out.reserve(2 * text.len());
        }
        out.push_str(text.get(from..begin).unwrap_or_default());
        from = begin;
        let found = Id::<Slug>::new(named).ok().and_then(|id| Some((id, find(named)?)));
        let twice = found.as_ref().is_some_and(|(id, _)| parts.iter().any(|part| part.name == *id));
        match found {
            Some((id, part)) if !twice => {
                let lines = put(&source::decode(part.as_bytes()).0, own, &mut out);
                parts.push(Part { name: id, first: line, lines });
                line += lines;
                from = at;
            }
            found => {
                let what = if found.is_some() { "is included twice" } else { "is not there to be included" };
                problems.push((Level::Error, out.len(), format!("the part {named} {what}")));
                line += 1;
            }
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    let text = if parts.is_empty() { Cow::Borrowed(text) } else { out.into() };
    Whole { text, parts, problems }
}

/// Adds a part with the indentation of the line that names it, and says how many lines that makes.
fn put(part: &str, comment: &str, out: &mut String) -> usize {
    let indent = comment.get(..comment.len() - comment.trim_start().len()).unwrap_or_default();
    let mut lines = 0;
    for line in part.trim_end().lines() {
        if !line.trim().is_empty() {
            out.push_str(indent);
            out.push_str(line.trim_end());
        }
        out.push('\n');
        lines += 1;
    }
    if lines == 0 {
        out.push('\n');
    }
    lines.max(1)
}

/// The name in `<!-- include: NAME -->`.
fn name(line: &str) -> Option<&str> {
    line.strip_prefix("<!--")?.strip_suffix("-->")?.trim().strip_prefix("include:").map(str::trim)
}

/// Whether a line belongs to fenced code, whose first line's marks are kept in `open`.
fn in_code(line: &str, open: &mut Option<(char, usize)>) -> bool {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'));
    let count = line.chars().take_while(|c| Some(*c) == mark).count();
    match (*open, mark) {
        (None, Some(mark)) if count >= 3 => *open = Some((mark, count)),
        (Some((begun, least)), Some(mark))
            if begun == mark && count >= least && line.trim_end().chars().all(|c| c == mark) =>
        {
            *open = None;
        }
        (None, _) => return false,
        _ => {}
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(name: &str) -> Option<Cow<'static, str>> {
        match name {
            "shell" => Some("1. Point your shell\n\n   It is a detail.\n".into()),
            "nested" => Some("<!-- include: shell -->\n".into()),
            "empty" => Some("\n".into()),
            "marked" => Some("\u{feff}1. a\r2. b\r\n".into()),
            _ => None,
        }
    }

    fn text(source: &str) -> (String, Vec<(String, usize, usize)>, Vec<String>) {
        let whole = whole(source, &find);
        let parts = whole.parts.into_iter().map(|part| (part.name.to_string(), part.first, part.lines)).collect();
        (
            whole.text.into_owned(),
            parts,
            whole.problems.into_iter().map(|(_, at, what)| format!("{at} {what}")).collect(),
        )
    }

    #[test]
    fn a_part_stands_where_its_name_did() {
        let (whole, parts, problems) = text("# T\n<!-- include: shell -->\n1. Next\n");
        assert_eq!(whole, "# T\n1. Point your shell\n\n   It is a detail.\n1. Next\n");
        assert_eq!((parts, problems), (vec![("shell".to_owned(), 2, 3)], vec![]));
        // Also below an item, and without a line end behind it.
        let (whole, ..) = text("1. Outer\n   <!--include:shell-->");
        assert_eq!(whole, "1. Outer\n   1. Point your shell\n\n      It is a detail.\n");
        // What a part names stays as it is written, and so does a text without one.
        assert_eq!(text("<!-- include: nested -->\n").0, "<!-- include: shell -->\n");
        assert_eq!(
            text("<!-- include: empty -->\nx\n"),
            ("\nx\n".to_owned(), vec![("empty".to_owned(), 1, 1)], vec![])
        );
        assert_eq!(text("<!-- include: marked -->\n").0, "1. a\n2. b\n");
        assert_eq!(text("a <!-- include: shell -->\r\n").0, "a <!-- include: shell -->\r\n");
    }

    #[test]
    fn what_is_not_there_or_stands_twice_is_told_and_stays() {
        let source = "<!-- include: gone -->\n<!-- include: ../x -->\n<!-- include: -->\n";
        let (whole, parts, problems) = text(source);
        assert_eq!((whole.as_str(), parts), (source, vec![]));
        let told = [
            "0 the part gone is not there to be included",
            "23 the part ../x is not there to be included",
            "46 the part  is not there to be included",
        ];
        assert_eq!(problems, told);
        let (whole, _, problems) = text("<!-- include: shell -->\n<!-- include: shell -->\n");
        assert_eq!(whole, "1. Point your shell\n\n   It is a detail.\n<!-- include: shell -->\n");
        assert_eq!(problems, ["40 the part shell is included twice"]);
    }

    #[test]
    fn fenced_code_shows_the_comment() {
        for (open, close) in [("```", "```"), ("~~~~ text", "~~~~~"), ("   ```", "   ```")] {
            let source = format!("{open}\n<!-- include: shell -->\n{close}\n");
            assert_eq!(text(&source).0, source);
            let (whole, ..) = text(&format!("{source}<!-- include: empty -->\nx\n"));
            assert_eq!(whole, format!("{source}\nx\n"));
        }
        // Fewer marks, others, or marks with a word behind them close nothing.
        for inner in ["```", "~~~~", "```` x"] {
            let source = format!("````\n{inner}\n<!-- include: shell -->\n````\n");
            assert_eq!(text(&source).0, source);
        }
    }

    #[test]
    fn every_line_is_known_by_where_it_was_written() {
        let part = |name: &str, first, lines| Part { name: Id::new(name).unwrap(), first, lines };
        let parts = [part("a", 3, 2), part("b", 6, 1), part("c", 7, 3)];
        let of = |line| written(&parts, line);
        let own = |line| Written { part: None, line };
        let shared = |part, line| Written { part: Some(part), line };
        let all: Vec<_> = (1..=11).map(of).collect();
        let expected = [
            own(1),
            own(2),
            shared("a", 1),
            shared("a", 2),
            own(4),
            shared("b", 1),
            shared("c", 1),
            shared("c", 2),
            shared("c", 3),
            own(7),
            own(8),
        ];
        assert_eq!(all, expected);
    }
}
