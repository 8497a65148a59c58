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

/// What the tokens of other services begin with, what they are, and how long they are at least behind that.
const BEGINS: [(&[u8], &str, usize); 15] = [
    (b"ghp_", GITHUB, 36),
    (b"gho_", GITHUB, 36),
    (b"ghu_", GITHUB, 36),
    (b"ghs_", GITHUB, 36),
    (b"ghr_", GITHUB, 36),
    (b"github_pat_", GITHUB, 36),
    (b"glpat-", "a token of GitLab", 20),
    (b"xoxa-", SLACK, 20),
    (b"xoxb-", SLACK, 20),
    (b"xoxp-", SLACK, 20),
    (b"xapp-", SLACK, 20),
    (b"sk_live_", "a key of Stripe", 24),
    (b"npm_", "a token of npm", 36),
    (b"hvs.", "a token of Vault", 24),
    (b"eyJ", "a signed token (JWT)", 32),
];
const GITHUB: &str = "a token of GitHub";
const SLACK: &str = "a token of Slack";

/// What looks like a secret of AWS, a private key or a token of a service that marks its tokens: one for a line. An
/// access key's id is none.
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
    NAMES.iter().find_map(follows).or_else(|| line.split(|byte| !is_in_token(*byte)).find_map(token))
}

fn is_in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
}

/// What a word is that says so itself. What is random holds digits and letters; names of variables begin so too.
fn token(word: &[u8]) -> Option<&'static str> {
    let is = |(begin, _, least): &&(&[u8], &str, usize)| {
        let rest = word.strip_prefix(*begin).unwrap_or_default();
        let is_random = rest.iter().any(u8::is_ascii_digit) && rest.iter().any(u8::is_ascii_alphabetic);
        rest.len() >= *least && is_random && (*begin != b"eyJ" || is_jwt(word))
    };
    BEGINS.iter().find(is).map(|(_, what, _)| *what)
}

/// Three parts, of which the first two are objects in base64 (RFC 7515) and the last is a signature.
fn is_jwt(word: &[u8]) -> bool {
    let word = word.strip_suffix(b".").unwrap_or(word);
    let parts: Vec<&[u8]> = word.split(|byte| *byte == b'.').collect();
    matches!(parts.as_slice(), [_, claims, signature] if claims.starts_with(b"eyJ") && signature.len() >= 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end of the beginning is apart, so that these are no tokens for who looks for such in the source.
    #[test]
    fn tokens_that_say_what_they_are_are_told() {
        let (digits, letters) =
            ("0123456789abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqr");
        let twenty = &digits[..20];
        for (begin, rest, what) in [
            ("ghp", format!("_{digits}"), "a token of GitHub"),
            ("gho", format!("_{digits}"), "a token of GitHub"),
            ("ghu", format!("_{digits}"), "a token of GitHub"),
            ("ghs", format!("_{digits}"), "a token of GitHub"),
            ("ghr", format!("_{digits}"), "a token of GitHub"),
            ("github", format!("_pat_{digits}"), "a token of GitHub"),
            ("glpat", format!("-{twenty}"), "a token of GitLab"),
            ("xoxa", format!("-{twenty}"), "a token of Slack"),
            ("xoxb", format!("-{twenty}"), "a token of Slack"),
            ("xoxp", format!("-{twenty}"), "a token of Slack"),
            ("xapp", format!("-{twenty}"), "a token of Slack"),
            ("sk", format!("_live_{}", &digits[..24]), "a key of Stripe"),
            ("npm", format!("_{digits}"), "a token of npm"),
            ("hvs", format!(".{}", &digits[..24]), "a token of Vault"),
            ("eyJhIjoxfQ", format!(".eyJiIjoyfQ.{twenty}"), "a signed token (JWT)"),
        ] {
            let text = format!("nothing\nurl=\"https://x:{begin}{rest}@example.com\" {begin}{rest}.\n");
            assert_eq!(suspects(text.as_bytes()), [Suspect { line: 2, what }], "{begin}");
            // One character fewer, within another word, without digits.
            let short = format!("{begin}{}", &rest[..rest.len() - 1]);
            for other in [short, format!("a{begin}{rest}"), format!("{begin}_{letters}")] {
                let told = suspects(other.as_bytes());
                assert!(told.is_empty() || other.starts_with("eyJ"), "{other}: {told:?}");
            }
        }
    }

    #[test]
    fn other_words_that_begin_like_tokens_are_not_told() {
        let claims = "eyJiIjoyfQ.0123456789abcdefghij";
        for other in [
            "npm_config_registry_of_the_whole_company_and_more=x".to_owned(),
            "https://hvs.example.com/0123456789abcdefghijklmnop".to_owned(),
            // Two parts, four parts, no claims, a signature of 15 characters.
            "eyJhIjoxfQ.0123456789abcdefghij0123456789".to_owned(),
            format!("eyJhIjoxfQ.{claims}.x"),
            "eyJhIjoxfQ.0123456789.0123456789abcdefghij".to_owned(),
            "eyJhIjoxfQeyJhIjoxfQ.eyJiIjoyfQ.0123456789abcde".to_owned(),
        ] {
            assert_eq!(suspects(other.as_bytes()), [], "{other}");
        }
        assert_eq!(suspects(format!("eyJhIjoxfQ.{claims}").as_bytes()).len(), 1);
    }
}
