//! Secrets in bytes. What is known to be one is replaced before it is kept; what looks like one is told, and nothing
//! more: evidence is not altered on a guess.

use super::Untrusted;
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

/// What stands in the place of a secret that is known.
pub const WITHHELD: &str = "[withheld: a credential of the responder]";

/// A value that is shorter stands for itself too often to be searched for.
const SHORTEST: usize = 16;
/// So much of a secret at the very end of what was read is taken for one that was cut.
const CUT: usize = 8;

/// Values that must not be kept. What is searched for is shown nowhere: no Serialize, and Debug tells how many.
#[derive(Clone, Default)]
pub struct Secrets {
    /// Every form that one is written in, the longest first.
    forms: Vec<Form>,
}

/// One way to write a secret, and how a line is broken in it: by single bytes, or in UTF-16.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Form {
    bytes: Vec<u8>,
    breaks: Breaks,
}

/// How characters are written where a line is broken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Breaks {
    Bytes,
    Utf16Le,
    Utf16Be,
}

impl Breaks {
    /// How many bytes a character has.
    fn width(self) -> usize {
        if self == Breaks::Bytes { 1 } else { 2 }
    }

    /// How long the line break is that these bytes begin with, the white space after it included; 0 where there is none.
    fn length(self, rest: &[u8]) -> usize {
        let character = |at: usize| match (self, rest.get(at)?, rest.get(at + 1)) {
            // As JSON writes it.
            (Breaks::Bytes, b'\\', Some(b'n' | b'r')) => Some((b'\n', 2)),
            (Breaks::Bytes, c, _) => Some((*c, 1)),
            (Breaks::Utf16Le, c, Some(0)) | (Breaks::Utf16Be, 0, Some(c)) => Some((*c, 2)),
            _ => None,
        };
        let mut length = 0;
        while let Some((c, width)) = character(length) {
            match c {
                b'\r' | b'\n' => length += width,
                b' ' | b'\t' if length > 0 => length += width,
                _ => break,
            }
        }
        length
    }
}

impl Form {
    /// Whether the character at this place of the form stands there.
    fn goes_on(&self, place: usize, rest: &[u8], at: usize) -> bool {
        let width = self.breaks.width();
        rest.get(at..at + width).is_some_and(|found| self.bytes.get(place..place + width) == Some(found))
    }

    fn plain(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), breaks: Breaks::Bytes }
    }

    /// How many of these bytes are the form, whole or, where they end before it does, begun; lines may be broken in it
    /// at any place, as programs do that wrap what they print.
    fn at(&self, rest: &[u8]) -> Option<usize> {
        let mut at = 0;
        for (place, byte) in self.bytes.iter().enumerate() {
            let mut next = at;
            if place > 0 && place.is_multiple_of(self.breaks.width()) && !self.goes_on(place, rest, at) {
                next += self.breaks.length(rest.get(at..).unwrap_or_default());
                // Where words are wrapped a line is broken instead of a space.
                if next > at && (*byte, self.breaks) == (b' ', Breaks::Bytes) {
                    at = next;
                    continue;
                }
            }
            match rest.get(next) {
                Some(found) if found == byte => at = next + 1,
                Some(_) => return None,
                // What stands after its last byte is none of it.
                None => return (place >= CUT).then_some(at),
            }
        }
        Some(at)
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} forms of secrets", self.forms.len())
    }
}

impl Secrets {
    /// Takes the values; one that is too short to be told from other text is left out.
    pub fn of(values: impl IntoIterator<Item = String>) -> Self {
        let mut forms = Vec::new();
        for value in values.into_iter().map(|value| value.trim().to_owned()) {
            // A line may be broken anywhere, so also where it is broken in the value.
            let line: String = value.split(['\r', '\n']).map(str::trim_start).collect();
            if line.len() < SHORTEST {
                continue;
            }
            forms.extend(encoded(&value));
            forms.extend([percent(&value), line.replace('/', "\\/"), line].map(Form::plain));
        }
        Self::default().and(Self { forms })
    }

    /// These and others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.forms.extend(others.forms);
        self.forms.sort_by(|a, b| b.bytes.len().cmp(&a.bytes.len()).then_with(|| a.cmp(b)));
        self.forms.dedup();
        self
    }

    /// The bytes with every known secret replaced, and how many there were. The beginning of one at the very end
    /// counts: whatever wrote it may have been ended in the middle.
    pub fn withhold(&self, bytes: Vec<u8>) -> (Vec<u8>, u64) {
        let mut begins = [false; 256];
        self.forms.iter().filter_map(|form| form.bytes.first()).for_each(|byte| begins[usize::from(*byte)] = true);
        let (mut out, mut count, mut at, mut kept) = (Vec::new(), 0, 0, 0);
        while let Some(byte) = bytes.get(at) {
            let found = begins[usize::from(*byte)].then(|| self.at(bytes.get(at..).unwrap_or_default())).flatten();
            match found {
                None => at += 1,
                Some(length) => {
                    out.extend_from_slice(bytes.get(kept..at).unwrap_or_default());
                    out.extend_from_slice(WITHHELD.as_bytes());
                    (at, kept, count) = (at + length, at + length, count + 1);
                }
            }
        }
        if count == 0 {
            return (bytes, 0);
        }
        out.extend_from_slice(bytes.get(kept..).unwrap_or_default());
        (out, count)
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

    /// How long the secret is that these bytes begin with.
    fn at(&self, rest: &[u8]) -> Option<usize> {
        self.forms.iter().filter_map(|form| form.at(rest)).max()
    }
}

/// As it stands in hexadecimal digits, in UTF-16, and inside of anything in base64: there three strings, by its place
/// in what was encoded, each without the ends that depend on what stands beside it.
fn encoded(value: &str) -> Vec<Form> {
    let hex = [HEXLOWER.encode(value.as_bytes()), HEXUPPER.encode(value.as_bytes())];
    let mut forms: Vec<Form> = hex.map(Form::plain).into();
    let wide = |to: fn(u16) -> [u8; 2]| value.encode_utf16().flat_map(to).collect();
    forms.push(Form { bytes: wide(u16::to_le_bytes), breaks: Breaks::Utf16Le });
    forms.push(Form { bytes: wide(u16::to_be_bytes), breaks: Breaks::Utf16Be });
    for before in 0..3 {
        let bytes = [vec![0; before], value.as_bytes().to_vec()].concat();
        let (first, last) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for encoding in [BASE64_NOPAD, BASE64URL_NOPAD] {
            let text = encoding.encode(&bytes);
            forms.extend(text.get(first..last).map(Form::plain));
        }
    }
    forms
}

/// As it stands in a URL.
fn percent(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Something that looks like a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// From 1.
    pub line: usize,
    pub what: &'static str,
}

/// Names after which a secret stands, what it is, and how long it is at least.
const NAMES: [(&[u8], &str, usize); 4] = [
    (b"aws_secret_access_key", "a secret access key", 40),
    (b"secretaccesskey", "a secret access key", 40),
    (b"aws_session_token", "a session token", 100),
    (b"sessiontoken", "a session token", 100),
];

/// What looks like a secret of AWS or a private key: one for a line. An access key's id is none.
pub fn suspects(bytes: &[u8]) -> Vec<Suspect> {
    let lines = bytes.split(|byte| *byte == b'\n').zip(1..);
    lines.filter_map(|(text, line)| Some(Suspect { line, what: suspect(text)? })).collect()
}

fn suspect(line: &[u8]) -> Option<&'static str> {
    let low = line.to_ascii_lowercase();
    let find = |what: &[u8]| low.windows(what.len()).position(|part| part == what).map(|at| at + what.len());
    if find(b"-----begin ").is_some() && find(b"private key-----").is_some() {
        return Some("a private key");
    }
    let follows = |(name, what, least): &(&[u8], &'static str, usize)| {
        let rest = line.get(find(name)?..)?;
        let from = rest.iter().position(|byte| !b" \t\"':=\\".contains(byte))?;
        let value = rest.get(from..)?.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"/+=".contains(byte));
        (value.count() >= *least).then_some(*what)
    };
    NAMES.iter().find_map(follows)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn withheld(text: &str) -> (String, u64) {
        Secrets::of([KEY.to_owned(), "short".to_owned()]).withhold_text(text)
    }

    #[test]
    fn a_known_secret_is_replaced_in_every_form() {
        let own = WITHHELD;
        assert_eq!(withheld(&format!("key = {KEY}\nshort {KEY}")), (format!("key = {own}\nshort {own}"), 2));
        assert_eq!(withheld(&format!("{KEY}{KEY}x")), (format!("{own}{own}x"), 2));
        assert_eq!(
            withheld("{\"k\":\"wJalrXUtnFEMI\\/K7MDENG\\/bPxRfiCYEXAMPLEKEY\"}"),
            (format!("{{\"k\":\"{own}\"}}"), 1)
        );
        assert_eq!(withheld("?k=wJalrXUtnFEMI%2FK7MDENG%2FbPxRfiCYEXAMPLEKEY&x"), (format!("?k={own}&x"), 1));
        // It was cut at the end.
        assert_eq!(withheld("key = wJalrXUtn"), (format!("key = {own}"), 1));
        assert_eq!(withheld("key = wJalrXU"), ("key = wJalrXU".to_owned(), 0));
        assert_eq!(
            withheld("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEx"),
            ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEx".to_owned(), 0)
        );
    }

    /// Literals made with xxd and base64 of other packages.
    #[test]
    fn a_known_secret_is_found_in_what_was_encoded() {
        let own = WITHHELD;
        let hex = "774a616c725855746e46454d492f4b374d44454e472f62507852666943594558414d504c454b4559";
        assert_eq!(withheld(&format!("<{hex}>")), (format!("<{own}>"), 1));
        assert_eq!(withheld(&hex.to_uppercase()), (own.to_owned(), 1));
        // The key alone, then behind one and two bytes; what depends on its neighbours stays.
        let alone = "d0phbHJYVXRuRkVNSS9LN01ERU5HL2JQeFJmaUNZRVhBTVBMRUtFWQ==";
        assert_eq!(withheld(alone), (format!("{own}Q=="), 1));
        let behind_one = "eHdKYWxyWFV0bkZFTUkvSzdNREVORy9iUHhSZmlDWUVYQU1QTEVLRVkK";
        assert_eq!(withheld(behind_one), (format!("eH{own}kK"), 1));
        let behind_two = "eHl3SmFsclhVdG5GRU1JL0s3TURFTkcvYlB4UmZpQ1lFWEFNUExFS0VZCg==";
        assert_eq!(withheld(behind_two), (format!("eHl{own}Cg=="), 1));
        let wide: Vec<u8> = KEY.bytes().flat_map(|byte| [byte, 0]).collect();
        assert_eq!(Secrets::of([KEY.to_owned()]).withhold(wide), (own.as_bytes().to_vec(), 1));
        let big: Vec<u8> = KEY.bytes().flat_map(|byte| [0, byte]).collect();
        assert_eq!(Secrets::of([KEY.to_owned()]).withhold(big), (own.as_bytes().to_vec(), 1));
    }

    /// Lines are broken by whoever prints them; base64 of coreutils does so after 76 characters, xxd -p after 60.
    #[test]
    fn a_known_secret_is_found_across_broken_lines() {
        let own = WITHHELD;
        for broken in ["\n", "\r", "\r\n", "\n    ", "\r\n\t ", "\n\n"] {
            let text = format!("key = wJalrXUtnFEMI{broken}/K7MDENG{broken}/bPxRfiCYEXAMPLEKEY\nmore");
            assert_eq!(withheld(&text), (format!("key = {own}\nmore"), 1), "{broken:?}");
            let (first, rest) = KEY.split_at(1);
            assert_eq!(withheld(&format!("{first}{broken}{rest}")), (own.to_owned(), 1), "{broken:?}");
        }
        // Spaces alone break no line, and other words between its parts are no part of it.
        for text in ["wJalrXUtnFEMI /K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI\n> /K7MDENG/bPxRfiCYEXAMPLEKEY"] {
            assert_eq!(withheld(text), (text.to_owned(), 0));
        }
        // base64 of 40 letters x and the key, xxd -p of the key.
        let wrapped = "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHdKYWxyWFV0bkZFTUkvSzdN\nREVORy9i\
                       UHhSZmlDWUVYQU1QTEVLRVk=\n";
        assert_eq!(withheld(wrapped), (format!("{}{own}k=\n", &wrapped[..54]), 1));
        let hex = "774a616c725855746e46454d492f4b374d44454e472f6250785266694359\n4558414d504c454b4559\n";
        assert_eq!(withheld(hex), (format!("{own}\n"), 1));
        let wide = |to: fn(u16) -> [u8; 2]| -> Vec<u8> {
            "wJalrXUtnFEMI/K7MDENG\r\n /bPxRfiCYEXAMPLEKEY\r\n".encode_utf16().flat_map(to).collect()
        };
        let end = |end: &[u8]| [own.as_bytes(), end].concat();
        let secrets = Secrets::of([KEY.to_owned()]);
        assert_eq!(secrets.withhold(wide(u16::to_le_bytes)), (end(b"\r\0\n\0"), 1));
        assert_eq!(secrets.withhold(wide(u16::to_be_bytes)), (end(b"\0\r\0\n"), 1));
        // It was cut, behind a broken line and at one.
        assert_eq!(withheld("key = wJal\nrXUtn"), (format!("key = {own}"), 1));
        assert_eq!(withheld("key = wJalrXUtn\r\n"), (format!("key = {own}\r\n"), 1));
        assert_eq!(withheld("key = wJal\nrXU"), ("key = wJal\nrXU".to_owned(), 0));
    }

    #[test]
    fn a_known_secret_of_several_lines_is_found_however_they_are_broken() {
        let own = WITHHELD;
        let secrets = Secrets::of(["-----BEGIN KEY-----\nAAAAB3NzaC1yc2E\n-----END KEY-----\n".to_owned()]);
        for broken in ["\n", "\r\n", "\n  ", "\\n", "\\r\\n", ""] {
            let text = format!("<-----BEGIN KEY-----{broken}AAAAB3NzaC1yc2E{broken}-----END KEY----->");
            assert_eq!(secrets.withhold_text(&text), (format!("<{own}>"), 1), "{broken:?}");
        }
        let wrapped = "-----BEGIN\nKEY-----\nAAAAB3NzaC1yc2E\n-----END\n  KEY-----";
        assert_eq!(secrets.withhold_text(wrapped), (own.to_owned(), 1));
        // base64 of it.
        let encoded = "LS0tLS1CRUdJTiBLRVktLS0tLQpBQUFBQjNOemFDMXljMkUKLS0tLS1FTkQgS0VZLS0tLS0K";
        assert_eq!(secrets.withhold_text(encoded), (format!("{own}0K"), 1));
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", Secrets::of([KEY.to_owned()])), "10 forms of secrets");
    }

    #[test]
    fn bytes_that_are_no_text_stay_as_they_are() {
        let bytes = [b"\xff\0\x1b[2J", KEY.as_bytes(), b"\xfe"].concat();
        let expected = [b"\xff\0\x1b[2J", WITHHELD.as_bytes(), b"\xfe"].concat();
        assert_eq!(Secrets::of([KEY.to_owned()]).withhold(bytes.clone()), (expected, 1));
        assert_eq!(Secrets::default().withhold(bytes.clone()), (bytes, 0));
    }

    #[test]
    fn what_looks_like_a_secret_is_told_by_its_line() {
        let token = "A".repeat(120);
        let text = format!(
            "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {KEY}\n\"SecretAccessKey\": \"{KEY}\",\n\
             AWS_SESSION_TOKEN={token}\n-----BEGIN RSA PRIVATE KEY-----\nSecretAccessKey: withheld\n"
        );
        let found: Vec<(usize, &str)> = suspects(text.as_bytes()).into_iter().map(|s| (s.line, s.what)).collect();
        let key = "a secret access key";
        assert_eq!(found, [(2, key), (3, key), (4, "a session token"), (5, "a private key")]);
    }
}
