//! How a secret stands in bytes: a long one anywhere; a short one where nothing goes on with it on either side; and one
//! that is a word as any other, or hardly one, only where a password stands: behind a name that says so.

use super::LONG;
use super::gap::{colour, gap};
use super::part::PART;

/// So much of a secret at the very end of what was read is taken for one that was cut.
const CUT: usize = 8;
/// A short one has so many bytes at least where it is looked for without a name before it.
pub(super) const SHORT: usize = 8;
/// What is shorter still is looked for nowhere.
const SHORTEST: usize = 4;

/// What the names end with behind which a password stands.
const NAMES: [&str; 11] =
    ["password", "passwd", "passphrase", "pass", "passcode", "pwd", "secret", "token", "key", "pin", "-p"];

/// The bytes of a secret, and where they are taken for it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Form {
    bytes: Vec<u8>,
    stands: Stands,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stands {
    Anywhere,
    /// As a word of its own.
    Alone,
    /// As a word of its own behind a name, or between a name and a host.
    AsPassword,
}

impl Form {
    pub fn long(bytes: Vec<u8>) -> Self {
        Self { bytes, stands: Stands::Anywhere }
    }

    /// A value of one line that is shorter than [`LONG`]; none where it is too short to be looked for at all.
    pub fn short(value: String) -> Option<Self> {
        let has = |of: fn(&u8) -> bool| usize::from(value.bytes().any(|byte| of(&byte)));
        let letters = has(u8::is_ascii_lowercase) + has(u8::is_ascii_uppercase);
        let digits = has(u8::is_ascii_digit);
        let signs = has(|byte| !byte.is_ascii_alphanumeric());
        // Other words and numbers are of one sort, or of two: Monday, us-east, 2026-11-21.
        let tells = value.len() >= SHORT && letters > 0 && (digits > 0 || letters + signs == 3);
        let stands = if tells { Stands::Alone } else { Stands::AsPassword };
        (SHORTEST..LONG).contains(&value.len()).then(|| Self { bytes: value.into_bytes(), stands })
    }

    /// The longest first.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        let bytes = other.bytes.len().cmp(&self.bytes.len()).then_with(|| self.bytes.cmp(&other.bytes));
        bytes.then(self.stands.cmp(&other.stands))
    }

    pub fn first(&self) -> Option<u8> {
        self.bytes.first().copied()
    }

    /// So many bytes of an encoding could be it; nothing where it is looked for as a word of a text only.
    pub fn least(&self) -> Option<usize> {
        match self.stands {
            Stands::Anywhere => Some(PART),
            Stands::Alone => Some(SHORT),
            Stands::AsPassword => None,
        }
    }

    /// How many of the bytes at this place are the form, if they are.
    pub fn length(&self, bytes: &[u8], at: usize, last: bool) -> Option<usize> {
        let length = length(&self.bytes, bytes.get(at..)?, last)?;
        let (before, behind) = (bytes.get(..at)?, bytes.get(at + length..)?);
        let alone = || !goes_on_before(before) && !behind.first().is_some_and(is_of_word);
        let stands = match self.stands {
            Stands::Anywhere => true,
            Stands::Alone => alone(),
            Stands::AsPassword => alone() && (is_named(before) || before.ends_with(b":") && behind.starts_with(b"@")),
        };
        stands.then_some(length)
    }
}

fn is_of_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

/// Whether a word goes on at the end of these bytes. The letter that ends a colour is none of a word, and neither is the
/// option of one letter, behind which programs take a password at once.
fn goes_on_before(bytes: &[u8]) -> bool {
    let colours = |from: usize| bytes.get(from..).is_some_and(|end| colour(end) == end.len());
    let is_colour = || (3..=34).any(|length| bytes.len().checked_sub(length).is_some_and(colours));
    bytes.last().is_some_and(is_of_word) && !is_option(bytes) && !is_colour()
}

/// Whether they end with `-p`, as a word.
fn is_option(bytes: &[u8]) -> bool {
    bytes == b"-p" || [b" -p", b"\t-p", b"\"-p"].iter().any(|option| bytes.ends_with(*option))
}

/// Whether they end with a name behind which a password stands, and with what stands between the two.
fn is_named(bytes: &[u8]) -> bool {
    if is_option(bytes) {
        return true;
    }
    let between = bytes.iter().rev().take(8).take_while(|byte| b" \t\"'`=:>,([{".contains(byte)).count();
    let (name, _) = bytes.split_at(bytes.len() - between);
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|known| name.ends_with(known.as_bytes()))
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
