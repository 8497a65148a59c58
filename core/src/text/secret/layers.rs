//! What bytes are the writing of: the same in base64, base32, hexadecimal digits, UTF-16, numbers, with escapes in it,
//! dumped line by line, or with a mark before each line. Each layer knows where its bytes stand in what they were read
//! from.

mod lines;
mod numbers;

use super::form::SHORT;
use super::gap::within;
use data_encoding::{BASE32_NOPAD, BASE32HEX_NOPAD, BASE64_NOPAD, Encoding, HEXLOWER};
use std::ops::Range;

/// Bytes that were decoded.
pub(super) struct Layer<'a> {
    pub bytes: Vec<u8>,
    /// How many characters so many bytes are: of base64 four are three.
    rate: (usize, usize),
    /// The first of the characters.
    first: usize,
    places: &'a Places,
}

impl Layer<'_> {
    /// Where in the source the characters stand that say these bytes and nothing else.
    pub fn source(&self, range: Range<usize>) -> Range<usize> {
        let (characters, bytes) = self.rate;
        let first = self.first + (range.start * characters).div_ceil(bytes);
        let end = self.first + range.end * characters / bytes;
        // Of a cut one there may be none that says it alone.
        let start = self.places.of(first).start;
        start..self.places.of(end.saturating_sub(1)).end.max(start)
    }

    /// Whether its last byte is the last of so many.
    pub fn ends_with_all(&self, source: usize) -> bool {
        self.places.end >= source
    }
}

/// Where characters stand: stretches of them without a gap.
#[derive(Default)]
struct Places {
    /// The first character of a stretch, where it stands, and how many bytes each of its characters has.
    stretches: Vec<(usize, usize, usize)>,
    /// Where the last one ends, with what closes the writing: padding, white space.
    end: usize,
}

impl Places {
    fn add(&mut self, character: usize, at: usize, width: usize) {
        let goes_on = |(first, from, w): &(usize, usize, usize)| *w == width && from + (character - first) * w == at;
        if !self.stretches.last().is_some_and(goes_on) {
            self.stretches.push((character, at, width));
        }
        self.end = at + width;
    }

    fn of(&self, character: usize) -> Range<usize> {
        let after = self.stretches.partition_point(|(first, ..)| *first <= character);
        let Some((first, from, width)) = after.checked_sub(1).and_then(|i| self.stretches.get(i)) else { return 0..0 };
        let at = from + (character - first) * width;
        at..at + width
    }
}

/// An alphabet in which so many characters are so many bytes.
struct Alphabet {
    encoding: Encoding,
    rate: (usize, usize),
    /// A character as the encoding knows it; nothing for one that is none of it.
    known: fn(u8) -> Option<u8>,
    /// How long what these bytes begin with is, where it only stands between characters.
    apart: fn(&[u8]) -> usize,
}

const ALPHABETS: [Alphabet; 4] = [
    Alphabet { encoding: BASE64_NOPAD, rate: (4, 3), known: base64, apart: nothing },
    Alphabet { encoding: BASE32_NOPAD, rate: (8, 5), known: base32, apart: nothing },
    Alphabet { encoding: BASE32HEX_NOPAD, rate: (8, 5), known: base32hex, apart: nothing },
    Alphabet { encoding: HEXLOWER, rate: (2, 1), known: hexadecimal, apart: between },
];

/// Both alphabets of RFC 4648.
fn base64(byte: u8) -> Option<u8> {
    match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => Some(byte),
        _ => None,
    }
}

fn base32(byte: u8) -> Option<u8> {
    Some(byte.to_ascii_uppercase()).filter(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
}

fn base32hex(byte: u8) -> Option<u8> {
    Some(byte.to_ascii_uppercase()).filter(|byte| matches!(byte, b'A'..=b'V' | b'0'..=b'9'))
}

fn hexadecimal(byte: u8) -> Option<u8> {
    Some(byte.to_ascii_lowercase()).filter(u8::is_ascii_hexdigit)
}

/// Digits stand together.
fn nothing(_: &[u8]) -> usize {
    0
}

/// What stands between the pairs of hexadecimal digits, as xxd, od, hexdump and languages print them: `77 4a`, `77:4a`,
/// `77-4a`, `0x77, 0x4a`.
fn between(rest: &[u8]) -> usize {
    let mut length = rest.iter().take(2).take_while(|byte| b" ,:-".contains(byte)).count();
    if let Some([b'0', b'x' | b'X']) = rest.get(length..length + 2) {
        length += 2;
    }
    length
}

/// Gives every layer of the bytes in which a secret of so many bytes at least could stand.
pub(super) fn each(bytes: &[u8], least: usize, give: &mut dyn FnMut(&Layer)) {
    for alphabet in &ALPHABETS {
        runs(bytes, alphabet, least, give);
    }
    wide(bytes, least, give);
    escaped(bytes, give);
    lines::dumps(bytes, give);
    lines::marked(bytes, give);
    numbers::numbers(bytes, give);
}

/// The stretches that are of an alphabet, however lines are broken in them and colours change.
fn runs(bytes: &[u8], alphabet: &Alphabet, least: usize, give: &mut dyn FnMut(&Layer)) {
    let (mut run, mut places, mut at) = (Vec::new(), Places::default(), 0);
    while at < bytes.len() {
        let known = bytes.get(at).and_then(|byte| (alphabet.known)(*byte));
        let rest = bytes.get(at..).unwrap_or_default();
        let broken = if run.is_empty() { 0 } else { within(rest).max((alphabet.apart)(rest)) };
        match known {
            Some(character) => {
                places.add(run.len(), at, 1);
                run.push(character);
                at += 1;
            }
            None if broken > 0 => at += broken,
            None => {
                let closes = |byte: &&u8| **byte == b'=' || byte.is_ascii_whitespace();
                places.end = at + bytes.iter().skip(at).take_while(closes).count();
                aligned(&run, alphabet, &places, least, give);
                (run, places, at) = (Vec::new(), Places::default(), at + 1);
            }
        }
    }
    places.end = at;
    aligned(&run, alphabet, &places, least, give);
}

/// What a run says, wherever in it the writing began.
fn aligned(run: &[u8], alphabet: &Alphabet, places: &Places, least: usize, give: &mut dyn FnMut(&Layer)) {
    let (characters, bytes) = alphabet.rate;
    if run.len() * bytes / characters < least {
        return;
    }
    for first in 0..characters {
        let mut rest = run.get(first..).unwrap_or_default().to_vec();
        let says = rest.len() * bytes / characters;
        // What is missing of the last group.
        let zero = alphabet.encoding.encode(&[0]).bytes().next().unwrap_or_default();
        rest.resize(rest.len().next_multiple_of(characters), zero);
        if let Ok(mut decoded) = alphabet.encoding.decode(&rest) {
            decoded.truncate(says);
            give(&Layer { bytes: decoded, rate: alphabet.rate, first, places });
        }
    }
}

/// Characters of two bytes each, of which one is zero: the second as Windows writes it, or the first. Where a stretch
/// begins with a character and ends with one, one of the two is no part of it, and it is read both ways.
fn wide(bytes: &[u8], least: usize, give: &mut dyn FnMut(&Layer)) {
    let is_zero = |at: usize| bytes.get(at).map(|byte| *byte == 0);
    let mut at = 0;
    while at < bytes.len() {
        let mut end = at + 1;
        while is_zero(end).is_some_and(|zero| Some(!zero) == is_zero(end - 1)) {
            end += 1;
        }
        let (odd, begins_with_zero) = ((end - at) % 2 == 1, is_zero(at) == Some(true));
        if (end - at) / 2 >= least {
            pairs(bytes, at, end, usize::from(begins_with_zero), give);
            if odd && !begins_with_zero {
                pairs(bytes, at + 1, end, 1, give);
            }
        }
        at = end;
    }
}

/// The characters of a stretch of pairs; `low` is where in each the character stands.
fn pairs(bytes: &[u8], from: usize, end: usize, low: usize, give: &mut dyn FnMut(&Layer)) {
    let (mut run, mut places) = (Vec::new(), Places::default());
    for at in (from..end.saturating_sub(1)).step_by(2) {
        places.add(run.len(), at, 2);
        run.extend(bytes.get(at + low));
    }
    give(&Layer { bytes: run, rate: (1, 1), first: 0, places: &places });
}

/// The bytes without escapes, where there are any.
fn escaped(bytes: &[u8], give: &mut dyn FnMut(&Layer)) {
    let (mut plain, mut places, mut at, mut any) = (Vec::new(), Places::default(), 0, false);
    while let Some(byte) = bytes.get(at) {
        let found = escape(bytes.get(at..).unwrap_or_default());
        any |= found.is_some();
        let (said, width) = found.unwrap_or((Some(*byte), 1));
        if let Some(said) = said {
            places.add(plain.len(), at, width);
            plain.push(said);
        }
        at += width;
    }
    places.end = at;
    if any {
        give(&Layer { bytes: plain, rate: (1, 1), first: 0, places: &places });
    }
}

/// What the escape that these bytes begin with says, if anything, and how long it is: as in URLs, JSON, shells and
/// languages, HTML, and quoted-printable mail.
fn escape(rest: &[u8]) -> Option<(Option<u8>, usize)> {
    let digits = |from: usize, count: usize| Some((Some(number(rest.get(from..from + count)?, 16)?), from + count));
    let octal = |from: usize| Some((Some(number(rest.get(from..from + 3)?, 8)?), from + 3));
    match rest {
        [b'%', b'u', ..] => digits(2, 4),
        [b'%' | b'=', ..] if digits(1, 2).is_some() => digits(1, 2),
        [b'=', b'\r', b'\n', ..] => Some((None, 3)),
        [b'=', b'\n', ..] => Some((None, 2)),
        [b'\\', b'u', b'{', ..] => enclosed(rest, 3, b'}', 16),
        [b'\\', b'u', ..] => digits(2, 4),
        [b'\\', b'U', ..] => digits(2, 8),
        [b'\\', b'0', b'0'..=b'7', b'0'..=b'7', b'0'..=b'7', ..] => octal(2),
        [b'\\', b'0'..=b'3', ..] => octal(1),
        [b'\\', b'x', ..] => digits(2, 2),
        [b'\\', b'n', ..] => Some((Some(b'\n'), 2)),
        [b'\\', b'r', ..] => Some((Some(b'\r'), 2)),
        [b'\\', byte, ..] if byte.is_ascii_punctuation() => Some((Some(*byte), 2)),
        [b'&', b'#', b'x' | b'X', ..] => enclosed(rest, 3, b';', 16),
        [b'&', b'#', ..] => enclosed(rest, 2, b';', 10),
        [b'&', b'a', b'm', b'p', b';', ..] => Some((Some(b'&'), 5)),
        _ => None,
    }
}

/// A character by its number, as HTML, XML and languages write it: its digits stand before what closes them.
fn enclosed(rest: &[u8], from: usize, close: u8, radix: u32) -> Option<(Option<u8>, usize)> {
    let end = rest.iter().take(10).position(|byte| *byte == close)?;
    Some((Some(number(rest.get(from..end)?, radix)?), end + 1))
}

/// The character of a number in these digits and nothing else.
fn number(digits: &[u8], radix: u32) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u8::try_from(u32::from_str_radix(digits, radix).ok()?).ok()
}
