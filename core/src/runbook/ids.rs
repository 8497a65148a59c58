//! Names of steps: stable identifiers (P15), the author's own, else made from where and what the text is; and the
//! numbers that are shown.

use crate::text::{Id, id::Slug};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// Letters that a slug made from a path may have; the hash follows.
const SLUG: usize = 60;

/// Hands out identifiers that are unique in one runbook.
#[derive(Default)]
pub(super) struct Ids {
    used: HashSet<Box<str>>,
    counts: HashMap<String, usize>,
}

impl Ids {
    /// Keeps an identifier for the step that names it; `false` when it is taken.
    pub fn reserve(&mut self, id: &Id<Slug>) -> bool {
        self.used.insert(id.as_str().into())
    }

    /// The identifier `base`, else with `-2`, `-3`, … where it is taken. `base` must be a slug of at most 140 letters.
    pub fn unique(&mut self, base: &str) -> Option<Id<Slug>> {
        if !self.used.contains(base) {
            let id = Id::new(base).ok()?;
            self.used.insert(base.into());
            return Some(id);
        }
        let count = self.counts.entry(base.to_owned()).or_insert(1);
        loop {
            *count += 1;
            let next = format!("{base}-{count}");
            if self.used.insert(next.as_str().into()) {
                return Id::new(&next).ok();
            }
        }
    }
}

/// The identifier that a step has without an attribute: slug of the headings above it, and 8 hex digits of the SHA-256
/// of its words. Punctuation, case and markup do not change it.
pub(super) fn derived(path: &[&str], text: &str) -> String {
    let mut id = slug(&path.join(" "), SLUG);
    if id.is_empty() {
        id.push_str("step");
    }
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    let hash = Sha256::digest(words.join(" "));
    id.push('-');
    id.push_str(&data_encoding::HEXLOWER.encode(hash.get(..4).unwrap_or_default()));
    id
}

/// Letters and digits of ASCII in lower case, all else as single hyphens, at most `limit` long.
pub(super) fn slug(text: &str, limit: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if out.len() >= limit {
            break;
        }
        match c.is_ascii_alphanumeric() {
            true => out.push(c.to_ascii_lowercase()),
            false if !out.is_empty() && !out.ends_with('-') => out.push('-'),
            false => {}
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

/// Numbers as shown: `3`, `3a`, `3a1`, …
#[derive(Default)]
pub(super) struct Numbers(Vec<usize>);

impl Numbers {
    /// The number of the next step at this depth. What its author `wrote` counts where the numbers before it are lower: a
    /// list that begins with another number is counted from there, and one that begins anew goes on.
    pub fn next(&mut self, depth: usize, wrote: Option<usize>) -> String {
        self.0.truncate(depth + 1);
        // A level that the author skipped counts as its first.
        while self.0.len() <= depth {
            self.0.push(usize::from(self.0.len() < depth));
        }
        if let Some(last) = self.0.last_mut() {
            *last = wrote.filter(|wrote| *wrote > *last).unwrap_or(*last + 1);
        }
        let mut out = String::new();
        for (level, count) in self.0.iter().enumerate() {
            match level % 2 {
                0 => out.push_str(&count.to_string()),
                _ => out.push_str(&letters(*count)),
            }
        }
        out
    }
}

/// 1 is a, 26 is z, 27 is aa.
fn letters(mut count: usize) -> String {
    let mut out = Vec::new();
    while count > 0 {
        count -= 1;
        out.push(char::from(b'a' + u8::try_from(count % 26).unwrap_or(0)));
        count /= 26;
    }
    out.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_from_path_and_words() {
        // printf 'isolate the instance' | sha256sum
        assert_eq!(derived(&["Contain", "The host"], "Isolate the instance."), "contain-the-host-f627da72");
        assert_eq!(derived(&["Contain", "The host"], "**isolate** THE instance"), "contain-the-host-f627da72");
        assert!(derived(&["封じ込め"], "x").starts_with("step-"));
        assert_eq!(slug("  A -- b!c ", 60), "a-b-c");
        assert_eq!(slug("abcdef", 3), "abc");
    }

    #[test]
    fn the_second_of_two_gets_a_number() {
        let mut ids = Ids::default();
        assert!(ids.reserve(&Id::new("a-2").unwrap()));
        assert_eq!(ids.unique("a").unwrap().as_str(), "a");
        assert_eq!(ids.unique("a").unwrap().as_str(), "a-3");
        assert_eq!(ids.unique("a").unwrap().as_str(), "a-4");
        assert!(!ids.reserve(&Id::new("a").unwrap()));
    }

    #[test]
    fn numbers_go_down_and_up() {
        let mut numbers = Numbers::default();
        let shown: Vec<String> = [0, 1, 1, 2, 0, 2].into_iter().map(|depth| numbers.next(depth, None)).collect();
        assert_eq!(shown, ["1", "1a", "1b", "1b1", "2", "2a1"]);
        let written = [(0, Some(5)), (1, None), (0, Some(6)), (0, Some(1)), (0, None), (0, Some(12))];
        let mut numbers = Numbers::default();
        let shown: Vec<String> = written.into_iter().map(|(depth, wrote)| numbers.next(depth, wrote)).collect();
        assert_eq!(shown, ["5", "5a", "6", "7", "8", "12"]);
        assert_eq!((letters(26), letters(27), letters(703)), ("z".into(), "aa".into(), "aaa".into()));
    }
}
