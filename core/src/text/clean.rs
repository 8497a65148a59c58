//! The one sanitiser: what may reach a terminal, and how wide it is there.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Combining marks that one base character may carry; a flood of them would climb over other rows.
const MARKS_PER_BASE: usize = 4;

/// The shape of the place where a text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A one-line field: newline and tab become a space.
    Line,
    /// Several lines: newlines stay, a tab becomes four spaces.
    Block,
}

/// Text that is safe to draw or print.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clean(String);

impl Clean {
    /// The harmless text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The harmless text as a string of its own.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Cells the text takes on a terminal.
    pub fn width(&self) -> usize {
        width(&self.0)
    }
}

impl std::fmt::Display for Clean {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Clean {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Whether a character acts on a terminal, reorders text or can't be seen, so that it must be shown as an escape:
/// controls, format characters (bidirectional, zero-width, tags), line and paragraph separators, private use,
/// unassigned, variation selectors, and the letters and marks that Unicode lists as ignorable.
pub fn is_hidden(c: char) -> bool {
    match c {
        ' '..='~' => false,
        '\u{034f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' => true,
        '\u{3164}' | '\u{ffa0}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' | '\u{fffc}' => true,
        // A blank braille cell looks like a space and is none.
        '\u{2800}' => true,
        _ => matches!(
            c.general_category(),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
                | GeneralCategory::PrivateUse
                | GeneralCategory::Surrogate
                | GeneralCategory::Unassigned
        ),
    }
}

fn is_mark(c: char) -> bool {
    !c.is_ascii()
        && matches!(
            c.general_category(),
            GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark | GeneralCategory::SpacingMark
        )
}

pub(super) fn clean(text: &str, shape: Shape) -> Clean {
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return Clean(text.to_owned());
    }
    let mut out = String::with_capacity(text.len() + 16);
    // A mark at the very start would join whatever stands before the text on the screen.
    let mut marks = MARKS_PER_BASE;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\r' && chars.peek() == Some(&'\n') {
            continue;
        }
        match (c, shape) {
            ('\n' | '\t', Shape::Line) => out.push(' '),
            ('\n', Shape::Block) => out.push('\n'),
            ('\t', Shape::Block) => out.push_str("    "),
            _ if is_hidden(c) => out.extend(c.escape_unicode()),
            _ if is_mark(c) && marks >= MARKS_PER_BASE => out.extend(c.escape_unicode()),
            _ => out.push(c),
        }
        marks = match is_mark(c) {
            true if marks < MARKS_PER_BASE => marks + 1,
            true => marks,
            false if matches!(c, '\n' | '\t') || is_hidden(c) => MARKS_PER_BASE,
            false => 0,
        };
    }
    Clean(out)
}

/// Cells a harmless text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text cut at its end to `cells`, with `~` where something was cut.
pub fn cut_end(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let w = width(grapheme);
        if used + w + 1 > cells {
            break;
        }
        out.push_str(grapheme);
        used += w;
    }
    if cells > 0 {
        out.push('~');
    }
    out
}

/// The text cut at its start to `cells`, with `~` where something was cut: of an ARN the end says most.
pub fn cut_start(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut used = 0;
    for grapheme in text.graphemes(true).rev() {
        let w = width(grapheme);
        if used + w + 1 > cells {
            break;
        }
        kept.push(grapheme);
        used += w;
    }
    let mut out = String::new();
    if cells > 0 {
        out.push('~');
    }
    out.extend(kept.into_iter().rev());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(text: &str) -> String {
        clean(text, Shape::Line).0
    }

    #[test]
    fn escapes_show_what_would_act_or_hide() {
        assert_eq!(line("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(line("x\u{202e}y"), "x\\u{202e}y");
        assert_eq!(line("\u{9b}31m"), "\\u{9b}31m");
        assert_eq!(line("a\u{200d}b\u{fe0f}"), "a\\u{200d}b\\u{fe0f}");
        assert_eq!(line("tag\u{e0041}"), "tag\\u{e0041}");
        assert_eq!(line("blank\u{2800}"), "blank\\u{2800}");
        assert_eq!(line("caf\u{e9} \u{4e2d}"), "caf\u{e9} \u{4e2d}");
    }

    #[test]
    fn newline_and_tab_by_shape() {
        assert_eq!(line("a\nb\tc"), "a b c");
        assert_eq!(line("a\r\nb"), "a b");
        assert_eq!(line("a\rb"), "a\\u{d}b");
        assert_eq!(clean("a\r\nb\tc", Shape::Block).0, "a\nb    c");
    }

    #[test]
    fn a_flood_of_marks_is_cut_to_four() {
        let flood = format!("e{}", "\u{301}".repeat(6));
        assert_eq!(line(&flood), format!("e{}\\u{{301}}\\u{{301}}", "\u{301}".repeat(4)));
        assert_eq!(line("\u{301}a"), "\\u{301}a");
        assert_eq!(line("\n\u{301}"), " \\u{301}");
    }

    #[test]
    fn cutting_counts_cells() {
        assert_eq!(cut_end("abcdef", 6), "abcdef");
        assert_eq!(cut_end("abcdef", 4), "abc~");
        assert_eq!(cut_end("\u{4e2d}\u{4e2d}\u{4e2d}", 4), "\u{4e2d}~");
        assert_eq!(cut_start("abcdef", 4), "~def");
        assert_eq!(cut_end("abc", 0), "");
        assert_eq!(cut_start("abc", 0), "");
    }

    proptest! {
        #[test]
        fn clean_text_is_clean_and_stays_so(text in any::<String>()) {
            let once = clean(&text, Shape::Line);
            prop_assert!(!once.as_str().chars().any(is_hidden));
            prop_assert_eq!(clean(once.as_str(), Shape::Line), once);
        }

        #[test]
        fn cut_never_exceeds(text in "\\PC*", cells in 0usize..20) {
            prop_assert!(width(&cut_end(&text, cells)) <= cells);
            prop_assert!(width(&cut_start(&text, cells)) <= cells);
        }
    }
}
