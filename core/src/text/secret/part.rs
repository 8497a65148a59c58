//! Parts of secrets by which they are known where only some of them stands: so many characters in a row of what is
//! random. What others have too is none: what the tokens of an issuer begin with, what they claim, and the padding in
//! them.

use std::ops::Range;
use std::sync::Arc;

/// So many characters in a row of a secret access key of AWS are taken for it: they are random, and nothing else is
/// written so.
pub(super) const PART: usize = 12;
/// The same of a token. Any so many hold one of the stretches of [`PART`] that it is laid out in.
const TOKEN_PART: usize = 2 * PART;
/// What a token begins with says where it is from, and the tokens of others begin so too.
const TOKEN_HEAD: usize = 64;
/// Fewer different characters are padding, or one thing again and again: zeros, blanks and lines in base64.
const DIFFERENT: usize = 8;

/// A place in a secret.
#[derive(Clone)]
pub(super) struct Part {
    secret: Arc<[u8]>,
    at: usize,
    /// So much of the secret in a row is taken for it.
    least: usize,
}

impl Part {
    /// Where in the bytes as much of the secret stands as there is, if this part of it stands at `at`, and nothing where
    /// that is too little; `from` is where it may begin.
    pub fn place(&self, bytes: &[u8], from: usize, at: usize) -> Option<Range<usize>> {
        let same = |(ours, found): &(&u8, &u8)| ours == found;
        let before = self.secret.get(..self.at)?.iter().rev().zip(bytes.get(from..at)?.iter().rev());
        let before = before.take_while(same).count();
        let behind = self.secret.get(self.at..)?.iter().zip(bytes.get(at..)?).take_while(same).count();
        let place = at - before..at + behind;
        let tells = self.least == PART || different(bytes.get(place.clone())?) >= DIFFERENT;
        (place.len() >= self.least && tells).then_some(place)
    }
}

fn different(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    bytes.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    seen.iter().filter(|seen| **seen).count()
}

/// The parts by which a secret is known where only some of it stands.
pub(super) fn of(secret: &[u8]) -> Vec<([u8; PART], Part)> {
    let (head, step, least) = match secret {
        _ if is_access_key(secret) => (0, 1, PART),
        _ if is_token(secret) => (head(secret), PART, TOKEN_PART),
        _ => return Vec::new(),
    };
    let whole: Arc<[u8]> = secret.into();
    let parts = (0..).zip(secret.windows(PART)).skip(head).step_by(step);
    parts.filter_map(|(at, part)| Some((part.try_into().ok()?, Part { secret: whole.clone(), at, least }))).collect()
}

/// Whether it has the form of a secret access key of AWS.
fn is_access_key(form: &[u8]) -> bool {
    form.len() == 40 && form.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/+".contains(byte))
}

/// Whether it is one long word of the characters that tokens are written in. An address or a path is none, and neither
/// is a private key, of which the public one holds parts.
fn is_token(form: &[u8]) -> bool {
    let has = |of: fn(&u8) -> bool| form.iter().any(of);
    form.len() >= TOKEN_HEAD + TOKEN_PART
        && form.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_.:~%".contains(byte))
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && !form.windows(3).any(|part| part == b"://")
}

/// How much of a token others begin with too: of one in three pieces (RFC 7515) all but the last, which is the
/// signature; of one in others (RFC 7516) the first at least.
fn head(token: &[u8]) -> usize {
    let dots: Vec<usize> = token.iter().enumerate().filter(|(_, byte)| **byte == b'.').map(|(at, _)| at).collect();
    match dots.as_slice() {
        [_, last] => last + 1,
        [first, ..] => TOKEN_HEAD.max(first + 1),
        [] => TOKEN_HEAD,
    }
}
