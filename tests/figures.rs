//! The figures of a test run, and the page that they make: docs/reliability.md.
//!
//! `tests/reliability.md` holds the page's words with a `{{name}}` for each figure. A whole run with
//! `QUELL_RELIABILITY=write` puts the figures in, once the last of them is known. So no figure is written by hand.

use crate::skipped::tell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const TEMPLATE: &str = include_str!("reliability.md");

static KNOWN: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// Prints figures, and keeps them for the page by their names.
pub fn figures<T: ToString>(words: &str, named: &[(&str, T)]) {
    tell(&format!("figure: {words}"));
    let mut known = KNOWN.lock().unwrap();
    known.extend(named.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())));
    if std::env::var("QUELL_RELIABILITY").as_deref() == Ok("write")
        && let Some(page) = filled(&known)
    {
        std::fs::write(page_file(), page).unwrap();
        tell("docs/reliability.md is written anew");
    }
}

fn page_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reliability.md")
}

/// The template as words and names in turn, words first.
fn pieces() -> Vec<&'static str> {
    TEMPLATE.split("{{").flat_map(|piece| piece.splitn(2, "}}")).collect()
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
    let names: Vec<&str> = pieces().into_iter().skip(1).step_by(2).collect();
    assert!(names.contains(&"kills"), "{names:?}");
    let mut known: BTreeMap<String, String> = names.iter().map(|name| ((*name).to_owned(), "7".to_owned())).collect();
    let page = filled(&known).unwrap();
    assert!(!page.contains("{{") && !page.contains("}}"), "{page}");
    known.remove("kills");
    assert_eq!(filled(&known), None);
}

/// Nobody writes into the page by hand, and it is made anew when its words change.
#[test]
fn the_page_holds_the_words_of_its_template() {
    let page = std::fs::read_to_string(page_file()).unwrap();
    let mut rest = page.as_str();
    for words in pieces().into_iter().step_by(2) {
        let at = rest.find(words).unwrap_or_else(|| panic!("docs/reliability.md does not say: {words}"));
        rest = &rest[at + words.len()..];
    }
    assert_eq!(rest, "");
}
