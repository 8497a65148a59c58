//! What looks like a secret: it is told, and nothing more, since it may be the attacker's.

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
