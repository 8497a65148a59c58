//! The writings of a private key that its text alone does not hold: each of its lines, and the bytes that they say.

use super::LONG;
use data_encoding::BASE64_NOPAD;

/// What the keys of OpenSSH begin with, decoded and in base64. The first line says little more, and says the same in
/// the keys of others.
const OPENSSH: (&[u8], &str) = (b"openssh-key-v1\0", "b3BlbnNzaC1rZXktdjEA");

/// The lines of a value in PEM's form (RFC 7468) that are long enough to be told from other text, and its bytes.
/// Of a value that has one line there are none.
pub(super) fn forms(value: &str) -> Vec<Vec<u8>> {
    if value.lines().count() < 2 {
        return Vec::new();
    }
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    let lines = value.lines().map(str::trim).filter(|line| line.bytes().all(is_digit));
    let lines: Vec<&str> = lines.collect();
    let long = lines.iter().filter(|line| line.len() >= LONG && !line.starts_with(OPENSSH.1));
    let mut forms: Vec<Vec<u8>> = long.map(|line| line.as_bytes().to_vec()).collect();
    let decoded = BASE64_NOPAD.decode(lines.concat().trim_end_matches('=').as_bytes()).unwrap_or_default();
    let own = decoded.strip_prefix(OPENSSH.0).unwrap_or(&decoded);
    forms.extend((own.len() >= LONG).then(|| own.to_vec()));
    forms
}
