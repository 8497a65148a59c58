//! The figures of a test run, and the page that they make: docs/reliability.md.
//!
//! `tests/reliability.md` holds the page's words, and a `{{name}}` for each figure. A whole run with
//! `QUELL_RELIABILITY=write` puts the figures in once the last of them is known; so none is written by hand. A test
//! tells its figure when all that it asserts has held.

use crate::skipped::tell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const TEMPLATE: &str = include_str!("reliability.md");

static KNOWN: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// Prints what a test has found, and keeps it for the page.
pub fn figure(name: &str, found: &str) {
    tell(&format!("figure: {name}: {found}"));
    assert!(names().any(|known| known == name), "tests/reliability.md has no place for {name}");
    let mut known = KNOWN.lock().unwrap();
    known.insert(name.to_owned(), found.to_owned());
    if writes()
        && let Some(page) = filled(&known)
    {
        std::fs::write(page_file(), page).unwrap();
        tell("docs/reliability.md is written anew");
    }
}

/// Whether this run writes the page.
fn writes() -> bool {
    std::env::var("QUELL_RELIABILITY").as_deref() == Ok("write")
}

fn page_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reliability.md")
}

/// The template as words and names in turn, words first.
fn pieces() -> Vec<&'static str> {
    TEMPLATE.split("{{").flat_map(|piece| piece.splitn(2, "}}")).collect()
}

fn names() -> impl Iterator<Item = &'static str> {
    pieces().into_iter().skip(1).step_by(2)
}

/// The page, once all its figures are known.
fn filled(known: &BTreeMap<String, String>) -> Option<String> {
    let put = |(i, piece): (usize, &&str)| match i % 2 {
        0 => Some((*piece).to_owned()),
        _ => known.get(*piece).cloned(),
    };
    pieces().iter().enumerate().map(put).collect()
}

#[test]
fn the_page_is_made_of_all_figures_or_not_at_all() {
    let mut known: BTreeMap<String, String> = names().map(|name| (name.to_owned(), "7 of 7".to_owned())).collect();
    let page = filled(&known).unwrap();
    assert!(!page.contains("{{") && !page.contains("}}"), "{page}");
    assert_eq!(page.matches("7 of 7").count(), names().count());
    known.remove("kills");
    assert_eq!(filled(&known), None);
}

/// Nobody writes into the page by hand, and it is made anew when its words change.
#[test]
fn the_page_holds_the_words_of_its_template() {
    if writes() {
        // The one that is there is about to be replaced.
        return;
    }
    let page = std::fs::read_to_string(page_file()).unwrap();
    let mut rest = page.as_str();
    for words in pieces().into_iter().step_by(2) {
        let at = rest.find(words).unwrap_or_else(|| panic!("docs/reliability.md does not say: {words}"));
        rest = &rest[at + words.len()..];
    }
    assert_eq!(rest, "");
}
