//! Files made to hurt: nothing panics, what is read for steps is bounded, and no word goes.

use super::*;
use crate::runbook::parse::STRUCTURED;
use crate::text::chance::Chance;

/// Reads a file as all of quell does: parsed, linted, every step and section laid out. Gives what was parsed.
fn walked(bytes: &[u8]) -> Parsed {
    let parsed = parse("x", bytes, Origin::BuiltIn).unwrap();
    lint::lint(&parsed, &Default::default());
    let book = &parsed.runbook;
    for body in book.steps.iter().map(|step| &step.body).chain(book.context.iter().map(|section| &section.body)) {
        render::lines(body, 60);
    }
    let ids: std::collections::HashSet<&str> = book.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids.len(), book.steps.len());
    for step in &book.steps {
        assert!(!step.title.is_empty());
        for to in step.choices.iter().filter_map(|choice| choice.to.as_ref()) {
            assert!(ids.contains(to.as_str()));
        }
    }
    parsed
}

/// What is repeated until a file is full of it.
const UNITS: &[&str] = &[
    "> ",
    "- ",
    "1. ",
    "- [ ] ",
    "> 1. - ",
    "\t",
    "\n",
    "\r",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "\u{1b}[31m",
    "[",
    "[a](",
    "![a]",
    "[a](<b",
    "[a][b]",
    "*a _b ",
    "a**b",
    "*a**b_c~~d",
    "`",
    "`a``",
    "<a ",
    "<!--",
    "<!-- a -->",
    "<?",
    "<![CDATA[",
    "<details><summary>a</summary>\n\n",
    "</details>\n",
    "<!-- step: id=a -->\n",
    "<!-- include: a -->\n",
    "|a",
    "|a|b|\n|-|-|\n|☐ c|d|\n\n",
    "|☐",
    "[a]: /b\n",
    "# a\n",
    "a\n=\n",
    "**a**\n\n",
    "## Step 1: Is it?\n\n- YES: go to step 9\n",
    "1. a\r\n\r\n",
    "1. a\n",
    "  - a\n",
    "```\n",
    "```\n1. a\n2. b\n3. c\n```\n",
    "~~~ x\n",
    "├── a\n",
    "$ a\nb\n",
    "&amp;",
    "&#0;",
    "\\",
    "{{ a }}",
    "{{",
    "go to step 1 ",
    "## H\n1. Is it?\n   - Yes: [a](#h-1)\n   - No: go to part 2\n",
    "    a\n\n",
    "a:\n\n```sh\nls x\n```\n",
    "- If a, b\n",
    "- a\n  - b\n    - [ ] c\n",
    "Step 1: a\n",
    "1. x  \n   a. y  \n   i. z\n",
    "1. a\n\n   ```action\n   kind: x\n   ```\n",
    "<http://a>",
    "é",
    "* * *\n",
];

#[test]
fn files_full_of_one_thing_are_read() {
    for unit in UNITS {
        let text = unit.repeat(8 * 1024 / unit.len());
        walked(text.as_bytes());
        // In a list, in a quote, in a fence, and as front matter and action.
        for start in ["1. a\n   ", "> ", "```\n", "---\nid: a\n", "1. a\n\n   ```action\n   kind: "] {
            walked(format!("{start}{text}").as_bytes());
        }
    }
}

#[test]
fn what_lies_ten_thousand_deep_is_read() {
    for (open, close) in [("> ", ""), ("- ", ""), ("1. ", ""), ("[", "]"), ("*", "*"), ("<b>", "</b>"), ("![", "](a)")]
    {
        let text = format!("1. first\n\n{}deepest{}\n", open.repeat(10_000), close.repeat(10_000));
        let book = walked(text.as_bytes()).runbook;
        assert!(book.source.contains("deepest") && raw(&book.steps[0].title) == "first");
    }
    let nested: String = (0..300).map(|depth| format!("{}1. level{depth}\n", " ".repeat(3 * depth))).collect();
    assert_eq!(loss::lost(&nested), Vec::<String>::new());
    assert!(walked(nested.as_bytes()).runbook.steps.len() < 41);
}

#[test]
fn long_lines_and_wide_tables_are_read() {
    assert_eq!(walked("a ".repeat(500_000).as_bytes()).runbook.steps.len(), 0);
    let text = format!("1. {}\n2. b\n", "a".repeat(400_000));
    assert_eq!(walked(text.as_bytes()).runbook.steps.len(), 2);
    let wide = format!("1. a\n\n{}|\n{}|\n{}\n\n2. b\n", "|a".repeat(5000), "|-".repeat(5000), "|c|\n".repeat(50));
    assert_eq!(walked(wide.as_bytes()).runbook.steps.len(), 2);
}

#[test]
fn what_is_beyond_the_first_half_mebibyte_is_shown_as_text() {
    let line = "1. stop it\n";
    let fits = STRUCTURED / line.len();
    let text = format!("{}1. beyond alpha\n\n2. beyond beta\n", line.repeat(fits));
    let parsed = walked(text.as_bytes());
    let book = &parsed.runbook;
    assert_eq!(book.steps.len(), fits);
    let rest = book.context.last().unwrap();
    assert_eq!(raw(&rest.title), "The rest of the file");
    assert_eq!((raw(&rest.body).as_str(), rest.line), ("1. beyond alpha\n\n2. beyond beta\n", fits + 1));
    let told = "only the first 512 KiB of a file are read for steps; this is shown as text".to_owned();
    assert_eq!(lints(&parsed), [(Level::Warning, fits + 1, 1, told)]);
    assert_eq!(book.source.len(), text.len());
    assert_eq!(book.context.len(), 1);
    // Just as much is read whole.
    let whole = read(&line.repeat(fits)).runbook;
    assert_eq!((whole.steps.len(), whole.context.len()), (fits, 0));
}

#[test]
fn a_file_of_more_than_two_mebibytes_is_refused() {
    assert_eq!(
        parse("x", &vec![b'a'; LIMIT + 1], Origin::BuiltIn).unwrap_err(),
        Refused::TooLarge { bytes: 2_097_153 }
    );
    assert!(parse("x", &vec![b'a'; LIMIT], Origin::BuiltIn).is_ok());
}

/// Changes a few places: bytes flipped, stretches taken out, doubled or moved, something hostile put in.
fn mutated(bytes: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..=chance.next(6) {
        let at = chance.place(out.len());
        let end = (at + 1 + chance.place(60)).min(out.len());
        match chance.next(6) {
            0 if at < out.len() => out[at] ^= 1 << chance.next(8),
            1 if at < out.len() => drop(out.drain(at..end)),
            2 if at < out.len() => {
                let piece = out[at..end].to_vec();
                let to = chance.place(out.len());
                out.splice(to..to, piece);
            }
            3 => out.truncate(at),
            _ => drop(out.splice(at..at, UNITS[chance.place(UNITS.len())].bytes())),
        }
    }
    out
}

#[test]
fn mutated_runbooks_are_read() {
    let mut chance = Chance(5);
    let own = include_str!("own.md");
    let mut sources: Vec<Vec<u8>> = vec![own.into(), loss::PARTS.concat().into()];
    sources.extend(books::books().iter().map(|(_, parsed)| parsed.runbook.source.as_bytes().to_vec()));
    for turn in 0..600 {
        let source = &sources[turn % sources.len()];
        walked(&mutated(source, &mut chance));
    }
}

/// Takes lines out, doubles and moves them, and puts others between words.
fn shuffled(text: &str, chance: &mut Chance) -> String {
    let mut words: Vec<&str> = text.split_inclusive([' ', '\n']).collect();
    for _ in 0..=chance.next(8) {
        let at = chance.place(words.len() + 1);
        let end = (at + 1 + chance.place(6)).min(words.len()).max(at);
        match chance.next(3) {
            0 => drop(words.drain(at..end)),
            1 => {
                let piece = words[at..end].to_vec();
                let to = chance.place(words.len() + 1);
                words.splice(to..to, piece);
            }
            _ => words.insert(at, loss::PARTS[chance.place(loss::PARTS.len())]),
        }
    }
    words.concat()
}

#[test]
fn shuffled_markdown_loses_no_word() {
    let mut chance = Chance(7);
    for _ in 0..1500 {
        let count = 1 + chance.place(20);
        let text: String = (0..count).map(|_| loss::PARTS[chance.place(loss::PARTS.len())]).collect();
        let text = shuffled(&text, &mut chance);
        assert_eq!(loss::lost(&text), Vec::<String>::new(), "{text:?}");
    }
}
