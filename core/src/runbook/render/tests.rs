//! What a text looks like on a screen.

use super::*;
use proptest::prelude::*;

fn shown(text: &str, width: usize) -> Vec<String> {
    lines(&text.into(), width).iter().map(Line::text).collect()
}

#[test]
fn paragraphs_are_wrapped_to_cells() {
    assert_eq!(shown("one two three four", 9), ["one two", "three", "four"]);
    assert_eq!(shown("one\ntwo  \nthree", 20), ["one two", "three"]);
    assert_eq!(shown("> **Version:** 1\n> **Owner:** me\n> and you", 30), ["> Version: 1", "> Owner: me and you"]);
    assert_eq!(shown("abcdefghijklmnop", 8), ["abcdefgh", "ijklmnop"]);
    assert_eq!(
        shown("\u{4e2d}\u{4e2d}\u{4e2d}\u{4e2d}\u{4e2d} x", 8),
        ["\u{4e2d}\u{4e2d}\u{4e2d}\u{4e2d}", "\u{4e2d} x"]
    );
    assert_eq!(shown("", 10), Vec::<String>::new());
    assert_eq!(shown("word", 0), ["w", "o", "r", "d"]);
}

#[test]
fn lists_are_indented_and_blank_lines_kept_where_the_author_left_them() {
    let text = "Look:\n\n- first item that is long\n  - inner\n- [ ] task\n\n3. three\n4. four\n\n   more of four\n";
    assert_eq!(
        shown(text, 16),
        [
            "Look:",
            "",
            "- first item",
            "  that is long",
            "  - inner",
            "- [ ] task",
            "",
            "3. three",
            "4. four",
            "",
            "   more of four"
        ]
    );
    assert_eq!(shown("- \n- x\n", 9), ["-", "- x"]);
}

#[test]
fn code_is_verbatim_and_tables_are_rows() {
    let text = "a\n```bash\naws s3 ls --long-option | wc -l\n\n\tindented\n```\n\n| K | V |\n|---|---|\n| a | `b` |\n";
    assert_eq!(shown(text, 12), ["a", "aws s3 ls --long-option | wc -l", "", "    indented", "", "K | V", "a | b"]);
    let kinds: Vec<LineKind> = lines(&text.into(), 12).iter().map(|line| line.kind).collect();
    use LineKind::{Blank, Code, Table, Text};
    assert_eq!(kinds, [Text, Code, Code, Code, Blank, Table, Table]);
}

#[test]
fn styles_follow_the_markup() {
    let line = &lines(&"**Stop** the `host` *now*, see [the page](https://example.com)".into(), 80)[0];
    let spans: Vec<(Style, &str)> = line.spans.iter().map(|(style, text)| (*style, text.as_str())).collect();
    use Style::{Code, Emphasis, Link, Plain, Strong};
    assert_eq!(
        spans,
        [
            (Strong, "Stop"),
            (Plain, " the "),
            (Code, "host"),
            (Plain, " "),
            (Emphasis, "now"),
            (Plain, ", see "),
            (Link, "the page (https://example.com)"),
        ]
    );
    assert_eq!(shown("<https://example.com>", 40), ["https://example.com"]);
    assert_eq!(shown("![a map](img/map.png)", 40), ["[image: a map → img/map.png]"]);
}

#[test]
fn quotes_headings_and_rules() {
    assert_eq!(
        shown("## Title\n> quote that is long\n> on\n\n---\nx", 14),
        ["Title", "> quote that", "> is long on", "", "----", "x"]
    );
    assert_eq!(lines(&"## Title".into(), 9)[0].kind, LineKind::Heading);
}

#[test]
fn comments_are_hidden_and_placeholders_stay() {
    assert_eq!(shown("a <!-- no --> <instance-id> <b>c</b><br>d", 40), ["a <instance-id> c", "d"]);
    assert_eq!(shown("<!-- x\ny -->\n\n<div>\nshown <my-tag>\n</div>\n\nz", 40), ["shown <my-tag>", "", "z"]);
    assert_eq!(shown("<!-- open", 40), Vec::<String>::new());
    assert_eq!(shown("<div>\na <b\n<c\n", 40), ["a <b", "<c"]);
}

#[test]
fn of_a_very_long_text_the_rest_is_shown_as_it_stands() {
    // 128 KiB are 8192 of these lines.
    let text = "- *a* 345678901\n".repeat(8193);
    let laid = lines(&text.as_str().into(), 40);
    assert_eq!(laid.len(), 8193);
    assert_eq!(laid[8191].text(), "- a 345678901");
    assert_eq!((laid[8192].text().as_str(), laid[8192].kind), ("- *a* 345678901", LineKind::Code));
    let laid = lines(&"é".repeat(70_000).as_str().into(), 40);
    assert_eq!(laid.iter().map(|line| line.text().chars().count()).sum::<usize>(), 70_000);
}

#[test]
fn what_acts_on_a_terminal_is_shown() {
    assert_eq!(shown("a\u{1b}[31mb &#x202e;c", 60), ["a\\u{1b}[31mb \\u{202e}c"]);
    assert_eq!(shown("```\na\u{1b}b\n```", 60), ["a\\u{1b}b"]);
    assert_eq!(shown("[x](\u{1b}y)", 60), ["x (\\u{1b}y)"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lines_are_clean_and_narrow(text in "[ a-z\u{4e2d}\u{301}*_`#>\\-\\[\\]()<!|0-9.\n\t\u{1b}]{0,120}", width in 1usize..40) {
        for line in lines(&text.as_str().into(), width) {
            let shown = line.text();
            prop_assert!(!shown.chars().any(crate::text::is_hidden), "{:?}", shown);
            let prefix = line.spans.first().map_or(0, |(_, text)| text.width());
            if line.kind != LineKind::Code {
                // A word is not broken inside an escape, which takes up to ten cells; two may stand together.
                prop_assert!(crate::text::width(&shown) <= width.max(prefix + 8) + 24, "{:?}", shown);
            }
        }
    }

    #[test]
    fn any_text_is_laid_out(text in any::<String>(), width in 0usize..60) {
        lines(&text.as_str().into(), width);
    }
}
