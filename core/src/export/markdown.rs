//! Markdown that outside text can't shape: it stands in code spans and fences longer than any run of backticks in it,
//! where no Markdown, HTML or link comes of it (CommonMark 0.31, sections 4.5 and 6.1).

use crate::text::{Shape, Untrusted};

/// Text as a code span; the words (none) for none.
pub(super) fn code(text: &Untrusted) -> String {
    span(text.line().as_str())
}

/// Harmless text as a code span; the words (none) for none.
pub(super) fn span(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        // A bare dash would begin a list.
        return "(none)".to_owned();
    }
    let fence = "`".repeat(longest_run(text) + 1);
    // A backtick at an end would join the fence; a renderer takes one space off each end again.
    match text.starts_with('`') || text.ends_with('`') {
        true => format!("{fence} {text} {fence}"),
        false => format!("{fence}{text}{fence}"),
    }
}

/// Text of several lines as a fenced block, indented so that it stays within its list item.
pub(super) fn block(text: &Untrusted, indent: usize) -> String {
    let text = text.clean(Shape::Block);
    let text = text.as_str();
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let pad = " ".repeat(indent);
    let mut out = format!("\n\n{pad}{fence}text\n");
    for line in text.lines() {
        out.push_str(&format!("{pad}{line}\n"));
    }
    out + &format!("{pad}{fence}\n")
}

/// Text as a code span, or as a block where it has several lines. Ends without newline.
pub(super) fn prose(text: &Untrusted, indent: usize) -> String {
    match text.clean(Shape::Block).as_str().trim_end().contains('\n') {
        true => block(text, indent).trim_end().to_owned(),
        false => code(text),
    }
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_any_run_in_it() {
        assert_eq!(code(&"plain".into()), "`plain`");
        assert_eq!(code(&"a `b` c".into()), "``a `b` c``");
        assert_eq!(code(&"``x```y".into()), "```` ``x```y ````");
        assert_eq!(code(&"".into()), "(none)");
        assert_eq!(code(&" \n ".into()), "(none)");
        assert_eq!(code(&"a\u{202e}\nb".into()), "`a\\u{202e} b`");
    }

    #[test]
    fn several_lines_stay_in_their_block() {
        assert_eq!(prose(&"one\n```\n# two".into(), 2), "\n\n  ````text\n  one\n  ```\n  # two\n  ````");
        assert_eq!(prose(&"one\n".into(), 2), "`one`");
    }
}
