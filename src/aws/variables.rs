//! The credentials in the variables of quell's own environment: what a name says of a value, and what a value says of
//! itself.

use super::tools::{of_basic, of_json, of_urls, plain};
use std::collections::BTreeMap;

/// What a variable's name says of a secret in it, and what it says of one that is only named.
const SAYS: [&str; 8] = ["SECRET", "TOKEN", "PASSWORD", "PASSPHRASE", "PASSWD", "PRIVATE_KEY", "API_KEY", "APIKEY"];
const ENDS: [&str; 3] = ["_PASS", "_PWD", "SSHPASS"];
const NAMES: [&str; 6] = ["_FILE", "_PATH", "_URI", "_URL", "_ID", "_ARN"];

/// What a variable's name ends with, behind which one word is the secret: more words are something else.
const WORD: [&str; 7] = ["_PAT", "APP_KEY", "APPLICATION_KEY", "JWT", "JWT_V1", "JWT_V2", "BW_SESSION"];

/// The secrets in the variables.
pub(super) fn values(environment: &BTreeMap<String, String>) -> Vec<String> {
    environment.iter().flat_map(|(name, value)| of(&name.to_ascii_uppercase(), value)).collect()
}

fn of(name: &str, value: &str) -> Vec<String> {
    let ends = |all: &[&str]| all.iter().any(|end| name.ends_with(end));
    let mut values = of_urls(value);
    values.extend(of_pairs(value));
    if (SAYS.iter().any(|word| name.contains(word)) || ends(&ENDS)) && !ends(&NAMES) {
        values.push(value.to_owned());
    }
    let is_word = !value.contains(char::is_whitespace);
    let is_named = ends(&WORD) || name == "PAT" || name.starts_with("OP_SESSION_");
    if is_word && is_named || ends(&["_KEY"]) && is_key(value) {
        values.push(value.to_owned());
    }
    if ends(&["_AUTH"]) && !value.starts_with('/') && !value.contains("://") {
        values.extend(of_auth(value));
    }
    if ends(&["COOKIE", "COOKIES"]) {
        let cookies = value.split(';').filter_map(|cookie| Some(cookie.split_once('=')?.1.trim()));
        values.extend(cookies.filter(|value| is_mixed(value)).map(str::to_owned));
        values.push(value.to_owned());
    }
    if ends(&["_DSN"]) {
        values.extend(of_dsn(value));
    }
    if name.contains("WEBHOOK") && value.contains("://") {
        let last = value.rsplit('/').next().filter(|last| is_mixed(last));
        values.extend(last.into_iter().chain([value]).map(str::to_owned));
    }
    if ends(&["CREDENTIALS_JSON"]) {
        values.extend(of_json(value));
    }
    values
}

/// The passwords in the settings of a connection, as `user=u password=p` or with semicolons or ampersands.
fn of_pairs(value: &str) -> impl Iterator<Item = String> {
    let pairs = value.split(|c: char| c.is_whitespace() || ";&?".contains(c)).filter_map(|pair| pair.split_once('='));
    let is_secret = |name: &str| ["password", "pwd"].iter().any(|known| known.eq_ignore_ascii_case(name));
    let secret = pairs.filter(move |(name, _)| is_secret(name));
    secret.filter_map(|(_, value)| plain(value.trim_matches(['"', '\''])))
}

/// What is said to who asks who it is: a name and a password, either in base64, or behind a scheme.
fn of_auth(value: &str) -> Vec<String> {
    let last = value.split_whitespace().last().unwrap_or_default();
    let password = value.split_once(':').map(|(_, password)| password.to_owned());
    of_basic(last).into_iter().chain(password).chain([value.to_owned()]).collect()
}

/// The key in an address that holds it in the place of a name, and the password of what is no address.
fn of_dsn(value: &str) -> Option<String> {
    let Some((_, rest)) = value.split_once("://") else {
        return Some(value.rsplit_once('@')?.0.split_once(':')?.1.to_owned());
    };
    let key = rest.split_once('@')?.0.split(':').next()?;
    (key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| key.to_owned())
}

/// Whether it is a key as services hand them out, and no name of one: no path, address, ARN or identifier (RFC 9562).
fn is_key(value: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    let groups: Vec<usize> = value.split('-').map(str::len).collect();
    let is_id = groups.ends_with(&[8, 4, 4, 4, 12]) || value.starts_with("mrk-") || value.starts_with("alias/");
    value.len() >= 16 && !value.starts_with('/') && value.chars().all(is_digit) && is_mixed(value) && !is_id
}

/// Whether it holds digits beside letters, as what is random does and words do not.
fn is_mixed(value: &str) -> bool {
    value.contains(|c: char| c.is_ascii_digit()) && value.contains(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A variable, what it holds, and what of that is a secret.
    const TABLE: [(&str, &str, &[&str]); 41] = [
        ("DB_PASSWORD", "hunter2", &["hunter2"]),
        ("STRIPE_KEY", "sk_test_0123456789abcdef", &["sk_test_0123456789abcdef"]),
        ("MASTER_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY=", &["wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY="]),
        ("CACHE_KEY", "a-name-of-0-many", &["a-name-of-0-many"]),
        ("CACHE_KEY", "a-name-of-1-few", &[]),
        ("KMS_KEY", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", &[]),
        ("KMS_KEY", "1234abcd-12ab-34cd-56ef-1234567890ab", &[]),
        ("OBJECT_KEY", "backups/2026-11-21/all.tar", &[]),
        ("SSH_KEY", "/home/carol/keys/identity2026", &[]),
        ("GITHUB_PAT", "alpha-beta-gamma-1", &["alpha-beta-gamma-1"]),
        ("PAT", "alpha-beta-gamma-1", &["alpha-beta-gamma-1"]),
        ("EXCLUDE_PAT", "all that is like this", &[]),
        ("COMPAT", "alpha-beta-gamma-1", &[]),
        (
            "DATABASE_URL",
            "postgres://app:s3cr3t%2Fwith%2Fslashes@db.example.com:5432/app",
            &["s3cr3t/with/slashes", "s3cr3t%2Fwith%2Fslashes"],
        ),
        ("DATABASE_URL", "postgres://application_readonly@db.example.com/app", &[]),
        ("https_proxy", "http://carol:proxy-word-of-carol@proxy:3128", &["proxy-word-of-carol", "proxy-word-of-carol"]),
        ("HTTP_PROXY", "http://proxy.corp.example.com:3128", &[]),
        ("ALL_PROXY", "socks5://c:$PROXY_PASSWORD_OF_CAROL@proxy:1080", &[]),
        ("JDBC_URL", "jdbc:postgresql://db/app?user=app&password=word-of-the-database", &["word-of-the-database"]),
        ("CONNECTION", "Server=db;Uid=app;Pwd=word-of-the-database;", &["word-of-the-database"]),
        (
            "SLACK_WEBHOOK_URL",
            "https://hooks.example.com/services/T000/B000/abcdefghijklmnopqrstuv12",
            &["abcdefghijklmnopqrstuv12", "https://hooks.example.com/services/T000/B000/abcdefghijklmnopqrstuv12"],
        ),
        (
            "WEBHOOK",
            "https://hooks.example.com/incident-notifications",
            &["https://hooks.example.com/incident-notifications"],
        ),
        // base64 of carol:the-word-of-carol.
        (
            "JIRA_AUTH",
            "Y2Fyb2w6dGhlLXdvcmQtb2YtY2Fyb2w=",
            &["Y2Fyb2w6dGhlLXdvcmQtb2YtY2Fyb2w=", "the-word-of-carol", "Y2Fyb2w6dGhlLXdvcmQtb2YtY2Fyb2w="],
        ),
        (
            "JIRA_AUTH",
            "carol:the-word-of-carol",
            &["carol:the-word-of-carol", "the-word-of-carol", "carol:the-word-of-carol"],
        ),
        ("SERVICE_AUTH", "https://login.example.com/authorize", &[]),
        ("SERVICE_AUTH", "/home/carol/auth.json", &[]),
        ("SSH_AUTH_SOCK", "/tmp/ssh-abcdefghijkl/agent.1", &[]),
        ("JWT", "eyJhIjoxfQ.eyJiIjoyfQ.c2lnbmF0dXJl", &["eyJhIjoxfQ.eyJiIjoyfQ.c2lnbmF0dXJl"]),
        ("CI_JOB_JWT", "eyJhIjoxfQ.eyJiIjoyfQ.c2lnbmF0dXJl", &["eyJhIjoxfQ.eyJiIjoyfQ.c2lnbmF0dXJl"]),
        ("CI_JOB_JWT_V2", "eyJhIjoxfQ.eyJiIjoyfQ.c2lnbmF0dXJl", &["eyJhIjoxfQ.eyJiIjoyfQ.c2lnbmF0dXJl"]),
        ("JWT_ISSUER", "issuer.of.example.com", &[]),
        (
            "COOKIE",
            "sid=0123456789abcdefgh; theme=high-contrast-dark",
            &["0123456789abcdefgh", "sid=0123456789abcdefgh; theme=high-contrast-dark"],
        ),
        ("SESSION_COOKIE_NAME", "the-session-of-the-app-1", &[]),
        ("DD_APP_KEY", "0123456789abcdef0123456789abcdef01234567", &["0123456789abcdef0123456789abcdef01234567"]),
        (
            "SENTRY_DSN",
            "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/2",
            &["0123456789abcdef0123456789abcdef"],
        ),
        ("DB_DSN", "postgres://application_readonly@db.example.com/app", &[]),
        ("DB_DSN", "app:word-of-the-database@tcp(db:3306)/app", &["word-of-the-database"]),
        ("OP_SESSION_example_id", "alpha-beta-gamma-1", &["alpha-beta-gamma-1"]),
        ("BW_SESSION", "alpha-beta-gamma-1", &["alpha-beta-gamma-1"]),
        (
            "GOOGLE_APPLICATION_CREDENTIALS_JSON",
            r#"{"client_email":"robot@example.iam.gserviceaccount.com","private_key":"-----BEGIN PRIVATE KEY-----\nAAAA\nBBBB\n-----END PRIVATE KEY-----\n"}"#,
            &["AAAA\nBBBB"],
        ),
        ("GOOGLE_APPLICATION_CREDENTIALS_JSON", "/home/carol/key.json", &[]),
    ];

    #[test]
    fn secrets_are_found_in_variables_and_what_stands_beside_them_is_not() {
        for (name, value, expected) in TABLE {
            let environment = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            assert_eq!(values(&environment), expected, "{name}={value}");
        }
    }
}
