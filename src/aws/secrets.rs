//! What this machine knows of the responder's credentials, so that none of it is kept with evidence.

use quell_core::text::secret::Secrets;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// So much is read of a file that may hold credentials.
const MOST: u64 = 1 << 20;

/// What a variable's name says of a secret in it, and what it says of one that is only named.
const SAYS: [&str; 5] = ["SECRET", "TOKEN", "PASSWORD", "PASSPHRASE", "PRIVATE_KEY"];
const NAMES: [&str; 6] = ["_FILE", "_PATH", "_URI", "_URL", "_ID", "_ARN"];

/// Keys of the two files and of the caches whose values are secrets.
const KEYS: [&str; 8] = [
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "SecretAccessKey",
    "SessionToken",
    "accessToken",
    "refreshToken",
    "clientSecret",
];

/// The secrets in quell's own environment, in the AWS configuration and credentials files and in the AWS CLI's caches,
/// as they are now.
pub fn known() -> Secrets {
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let environment = std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value))).collect();
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    Secrets::of(values(&environment, home.as_deref()))
}

fn values(environment: &BTreeMap<String, String>, home: Option<&Path>) -> Vec<String> {
    let secret = |name: &str| {
        let name = name.to_ascii_uppercase();
        SAYS.iter().any(|word| name.contains(word)) && !NAMES.iter().any(|end| name.ends_with(end))
    };
    let mut values: Vec<String> =
        environment.iter().filter(|(name, _)| secret(name)).map(|(_, value)| value.clone()).collect();
    let aws = home.map(|home| home.join(".aws"));
    let named = |name: &str| environment.get(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    for (variable, name) in [("AWS_SHARED_CREDENTIALS_FILE", "credentials"), ("AWS_CONFIG_FILE", "config")] {
        let path = named(variable).or_else(|| aws.as_ref().map(|aws| aws.join(name)));
        values.extend(path.and_then(|path| read(&path)).iter().flat_map(|text| of_profiles(text)));
    }
    for cache in ["sso/cache", "cli/cache"] {
        let files = aws.as_ref().and_then(|aws| std::fs::read_dir(aws.join(cache)).ok());
        let paths = files.into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        for text in paths.filter_map(|path| read(&path)) {
            of_json(&serde_json::from_str(&text).unwrap_or_default(), &mut values);
        }
    }
    values
}

/// A regular file's text; what can't be read holds nothing that quell would know.
fn read(path: &Path) -> Option<String> {
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MOST).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn of_profiles(text: &str) -> Vec<String> {
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let ours = pairs.filter(|(key, _)| KEYS.iter().any(|known| key.trim().eq_ignore_ascii_case(known)));
    ours.map(|(_, value)| value.trim().to_owned()).collect()
}

fn of_json(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(text) if KEYS.contains(&key.as_str()) => into.push(text.clone()),
                    other => of_json(other, into),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|value| of_json(value, into)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_where_aws_keeps_them() {
        let home = tempfile::tempdir().unwrap();
        for folder in [".aws/sso/cache", ".aws/cli/cache"] {
            std::fs::create_dir_all(home.path().join(folder)).unwrap();
        }
        let write = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
        write(
            ".aws/credentials",
            "[default]\naws_access_key_id = AKIA\naws_secret_access_key = one\n[b]\nAWS_SESSION_TOKEN=two\n",
        );
        write(".aws/config", "[profile b]\nregion = eu-west-1\naws_secret_access_key=three\n");
        write(".aws/sso/cache/a.json", r#"{"accessToken":"four","region":"x"}"#);
        write(".aws/cli/cache/b.json", r#"{"Credentials":{"SecretAccessKey":"five","AccessKeyId":"ASIA"}}"#);
        write(".aws/cli/cache/c.json", "no json");
        let environment = BTreeMap::from(
            [
                ("AWS_SECRET_ACCESS_KEY", "six"),
                ("AWS_SESSION_TOKEN", "seven"),
                ("AWS_ACCESS_KEY_ID", "AKIA"),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"),
                ("GITHUB_TOKEN", "eight"),
                ("HOME", "/home/x"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let mut found = values(&environment, Some(home.path()));
        found.sort();
        assert_eq!(found, ["eight", "five", "four", "one", "seven", "six", "three", "two"]);
        let elsewhere = home.path().join("elsewhere").to_string_lossy().into_owned();
        write("elsewhere", "aws_secret_access_key = nine\n");
        let environment = BTreeMap::from([("AWS_SHARED_CREDENTIALS_FILE".to_owned(), elsewhere)]);
        let found = values(&environment, Some(home.path()));
        assert!(found.contains(&"nine".to_owned()) && !found.contains(&"one".to_owned()), "{}", found.len());
    }
}
