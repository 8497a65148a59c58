//! Secrets in bytes. What is known to be one is replaced before it is kept; what looks like one is told, and nothing
//! more: evidence is not altered on a guess.
//!
//! A secret is looked for as it stands, also where lines are broken in it or colours change, and in what the bytes are the writing of:
//! base64, base32, hexadecimal digits, UTF-16, escapes, one within another ([`layers`]). What is compressed or
//! encrypted is not looked into.

mod gap;
mod key;
mod layers;
mod part;
#[cfg(test)]
mod pieces;
mod suspect;
#[cfg(test)]
mod tests;

pub use suspect::{Suspect, suspects};

use super::Untrusted;
use gap::gap;
use part::{PART, Part};
use std::collections::HashMap;
use std::ops::Range;

/// What stands in the place of a secret that is known.
pub const WITHHELD: &str = "[withheld: a credential of the responder]";

/// So many bytes has a value at least that is searched for: a shorter one stands for itself too often.
pub const SHORTEST: usize = 16;
/// So much of a secret at the very end of what was read is taken for one that was cut.
const CUT: usize = 8;
/// So often is what was decoded decoded again.
const DEPTH: usize = 3;

/// Values that must not be kept. What is searched for is shown nowhere: no Serialize, and Debug tells how many.
#[derive(Clone, Default)]
pub struct Secrets {
    /// As they stand, and each as one line; the longest first.
    forms: Vec<Vec<u8>>,
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
            if line.len() >= SHORTEST {
                parts.extend(part::of(value.as_bytes()));
                forms.extend(key::forms(&value));
                forms.extend([value.into_bytes(), line.into_bytes()]);
            }
        }
        Self::default().and(Self { forms, parts })
    }

    /// These and others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.forms.extend(others.forms);
        self.forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
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
        let mut begins: [Vec<&[u8]>; 256] = std::array::from_fn(|_| Vec::new());
        for form in &self.forms {
            form.first().into_iter().for_each(|byte| begins[usize::from(*byte)].push(form));
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
        begins: &[Vec<&[u8]>; 256],
        last: bool,
        depth: usize,
        tell: &mut dyn FnMut(Range<usize>),
    ) {
        let (mut at, mut told) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            let rest = bytes.get(at..).unwrap_or_default();
            let here = begins[usize::from(*byte)].iter().filter_map(|form| length(form, rest, last)).max();
            match here.map(|length| at..at + length).or_else(|| self.part(bytes, told, at)) {
                None => at += 1,
                Some(range) => {
                    (at, told) = (range.end, range.end);
                    tell(range);
                }
            }
        }
        if depth > 0 {
            layers::each(bytes, &mut |layer| {
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

/// How many of these bytes are the form, whole or, where they end before it does and are the last, begun; lines may
/// be broken in it at any place, as programs do that wrap what they print, and colours begin and end.
fn length(form: &[u8], rest: &[u8], last: bool) -> Option<usize> {
    let mut at = 0;
    for (place, byte) in form.iter().enumerate() {
        let mut next = at;
        if place > 0 && rest.get(at) != Some(byte) {
            next += gap(rest.get(at..).unwrap_or_default());
            // Where words are wrapped a line is broken instead of a space.
            if next > at && *byte == b' ' && rest.get(next) != Some(byte) {
                at = next;
                continue;
            }
        }
        match rest.get(next) {
            Some(found) if found == byte => at = next + 1,
            Some(_) => return None,
            // What stands after its last byte is none of it.
            None => return (last && place >= CUT).then_some(at),
        }
    }
    Some(at)
}
