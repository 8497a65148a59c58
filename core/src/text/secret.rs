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
    forms: Vec<Vec<u8>>,
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
        for value in values.into_iter().map(|value| value.trim().to_owned()).filter(|value| value.len() >= SHORTEST) {
            forms.extend(encoded(&value));
            forms.extend([percent(&value), value.replace('/', "\\/"), value].map(String::into_bytes));
        }
        Self::default().and(Self { forms })
    }

    /// These and others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.forms.extend(others.forms);
        self.forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        self.forms.dedup();
        self
    }

    /// The bytes with every known secret replaced, and how many there were. The beginning of one at the very end
    /// counts: whatever wrote it may have been ended in the middle.
    pub fn withhold(&self, bytes: Vec<u8>) -> (Vec<u8>, u64) {
        let mut begins = [false; 256];
        self.forms.iter().filter_map(|form| form.first()).for_each(|byte| begins[usize::from(*byte)] = true);
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
        let whole = self.forms.iter().find(|form| rest.starts_with(form)).map(Vec::len);
        let cut = || (rest.len() >= CUT && self.forms.iter().any(|form| form.starts_with(rest))).then_some(rest.len());
        whole.or_else(cut)
    }
}

/// As it stands in hexadecimal digits, in UTF-16, and inside of anything in base64: there three strings, by its place
/// in what was encoded, each without the ends that depend on what stands beside it.
fn encoded(value: &str) -> Vec<Vec<u8>> {
    let hex = [HEXLOWER.encode(value.as_bytes()), HEXUPPER.encode(value.as_bytes())];
    let mut forms: Vec<Vec<u8>> = hex.map(String::into_bytes).into();
    forms.push(value.encode_utf16().flat_map(u16::to_le_bytes).collect());
    forms.push(value.encode_utf16().flat_map(u16::to_be_bytes).collect());
    for before in 0..3 {
        let bytes = [vec![0; before], value.as_bytes().to_vec()].concat();
        let (first, last) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for encoding in [BASE64_NOPAD, BASE64URL_NOPAD] {
            let text = encoding.encode(&bytes);
            forms.extend(text.get(first..last).map(|part| part.as_bytes().to_vec()));
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
