//! Secrets in bytes. What is known to be one is replaced before it is kept; what looks like one is told, and nothing
//! more: evidence is not altered on a guess.
//!
//! A secret is looked for as it stands, also where lines are broken in it or colours change, and in what the bytes are
//! the writing of: base64, base32, hexadecimal digits, UTF-16, escapes, one within another ([`layers`]). A short one is
//! looked for where nothing goes on with it, or where a password stands ([`form`]). What is compressed or encrypted is
//! not looked into.

mod form;
mod gap;
mod key;
mod layers;
mod part;
#[cfg(test)]
mod pieces;
#[cfg(test)]
mod short;
mod suspect;
#[cfg(test)]
mod tests;

pub use suspect::{Suspect, suspects};

use super::Untrusted;
use form::Form;
use part::{PART, Part};
use std::collections::HashMap;
use std::ops::Range;

/// What stands in the place of a secret that is known.
pub const WITHHELD: &str = "[withheld: a credential of the responder]";

/// So many bytes has a value at least that is searched for in the middle of words too.
const LONG: usize = 16;
/// So often is what was decoded decoded again.
const DEPTH: usize = 3;

/// Values that must not be kept. What is searched for is shown nowhere: no Serialize, and Debug tells how many.
#[derive(Clone, Default)]
pub struct Secrets {
    /// As they stand, and each as one line; the longest first.
    forms: Vec<Form>,
    /// Where a part of a secret access key or of a token stands in it.
    parts: HashMap<[u8; PART], Part>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} forms of secrets", self.forms.len())
    }
}

impl Secrets {
    /// Takes the values; one that is too short to be told from other text is left out.
    pub fn of(values: impl IntoIterator<Item = String>) -> Self {
        let (mut forms, mut parts) = (Vec::new(), HashMap::new());
        for value in values.into_iter().map(|value| value.trim().to_owned()) {
            // A line may be broken anywhere, so also where it is broken in the value.
            let line: String = value.split(['\r', '\n']).map(str::trim_start).collect();
            if line.len() >= LONG {
                parts.extend(part::of(value.as_bytes()));
                forms.extend(key::forms(&value).into_iter().map(Form::long));
                forms.extend([value.into_bytes(), line.into_bytes()].map(Form::long));
            } else {
                forms.extend(Form::short(line));
            }
        }
        Self::default().and(Self { forms, parts })
    }

    /// These and others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.forms.extend(others.forms);
        self.forms.sort_by(Form::order);
        self.forms.dedup();
        self.parts.extend(others.parts);
        self
    }

    /// The bytes with every known secret replaced, and how many there were. The beginning of one at the very end
    /// counts: whatever wrote it may have been ended in the middle.
    pub fn withhold(&self, bytes: Vec<u8>) -> (Vec<u8>, u64) {
        match self.find(&bytes).as_slice() {
            [] => (bytes, 0),
            found => replaced(&bytes, found),
        }
    }

    /// [`Secrets::withhold`] for bytes that go on after others, which were kept already: what began in them is left
    /// out too.
    pub fn withhold_after(&self, before: &[u8], bytes: &[u8]) -> (Vec<u8>, u64) {
        let all = [before, bytes].concat();
        let here = |range: Range<usize>| {
            (range.end > before.len()).then(|| range.start.saturating_sub(before.len())..range.end - before.len())
        };
        let found: Vec<_> = self.find(&all).into_iter().filter_map(here).collect();
        replaced(bytes, &found)
    }

    /// [`Secrets::withhold`] for text.
    pub fn withhold_text(&self, text: &str) -> (String, u64) {
        let (bytes, count) = self.withhold(text.as_bytes().to_vec());
        (String::from_utf8_lossy(&bytes).into_owned(), count)
    }

    /// [`Secrets::withhold`] for words from outside.
    pub fn withhold_words(&self, words: &Untrusted) -> (Untrusted, u64) {
        let (text, count) = self.withhold_text(&words.0);
        (text.into(), count)
    }

    /// Where secrets stand: in order, apart from each other.
    fn find(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        if self.forms.is_empty() {
            return Vec::new();
        }
        let mut begins: [Vec<&Form>; 256] = std::array::from_fn(|_| Vec::new());
        for form in &self.forms {
            form.first().into_iter().for_each(|byte| begins[usize::from(byte)].push(form));
        }
        let mut found = Vec::new();
        self.search(bytes, &begins, true, DEPTH, &mut |range| found.push(range));
        found.sort_by_key(|range| (range.start, range.end));
        let mut apart: Vec<Range<usize>> = Vec::new();
        for range in found {
            match apart.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => apart.push(range),
            }
        }
        apart
    }

    /// Where a part of a secret access key or of a token stands that has bytes here; `from` is where it may begin.
    fn part(&self, bytes: &[u8], from: usize, at: usize) -> Option<Range<usize>> {
        self.parts.get(bytes.get(at..)?.first_chunk::<PART>()?)?.place(bytes, from, at)
    }

    /// Tells each place of a secret in the bytes and in what they decode to; `last` says that nothing follows them.
    /// The forms are given by their first bytes.
    fn search(
        &self,
        bytes: &[u8],
        begins: &[Vec<&Form>; 256],
        last: bool,
        depth: usize,
        tell: &mut dyn FnMut(Range<usize>),
    ) {
        let (mut at, mut told) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            let here = begins[usize::from(*byte)].iter().filter_map(|form| form.length(bytes, at, last)).max();
            match here.map(|length| at..at + length).or_else(|| self.part(bytes, told, at)) {
                None => at += 1,
                Some(range) => {
                    (at, told) = (range.end, range.end);
                    tell(range);
                }
            }
        }
        if depth > 0 {
            let least = self.forms.iter().filter_map(Form::least).min().unwrap_or(PART);
            layers::each(bytes, least, &mut |layer| {
                let last = last && layer.ends_with_all(bytes.len());
                self.search(&layer.bytes, begins, last, depth - 1, &mut |range| tell(layer.source(range)));
            });
        }
    }
}

/// The bytes with these places replaced.
fn replaced(bytes: &[u8], found: &[Range<usize>]) -> (Vec<u8>, u64) {
    let (mut out, mut kept) = (Vec::new(), 0);
    for range in found {
        out.extend_from_slice(bytes.get(kept..range.start).unwrap_or_default());
        out.extend_from_slice(WITHHELD.as_bytes());
        kept = range.end;
    }
    out.extend_from_slice(bytes.get(kept..).unwrap_or_default());
    (out, found.len() as u64)
}
