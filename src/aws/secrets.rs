//! What this machine knows of the responder's credentials, so that none of it is kept with evidence.

use super::{ssh_keys, tools, variables};
use quell_core::text::secret::Secrets;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// So much is read of a file that may hold credentials.
const MOST: u64 = 1 << 20;

/// Keys of the two files and of the caches whose values are secrets.
const KEYS: [&str; 10] = [
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "SecretAccessKey",
    "SessionToken",
    "accessToken",
    "refreshToken",
    "idToken",
    "dpopKey",
    "clientSecret",
];

/// Variables that name a file whose whole content is a secret.
const FILES: [&str; 2] = ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];

/// The secrets in quell's own environment, in the AWS configuration and credentials files, in the AWS CLI's caches, the
/// private keys of SSH, and the files of other tools, as they are now.
pub fn known() -> Secrets {
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let environment = std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value))).collect();
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    let signing = SIGNING.get().and_then(|path| ssh_keys::of_key(&read(path)?));
    Secrets::of(values(&environment, home.as_deref()).into_iter().chain(signing))
}

fn values(environment: &BTreeMap<String, String>, home: Option<&Path>) -> Vec<String> {
    let mut values = variables::values(environment);
    let aws = home.map(|home| home.join(".aws"));
    let named = |name: &str| environment.get(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    for text in profiles(&named, home) {
        values.extend(of_profiles(&text));
        // A token in a file that a profile names.
        values.extend(told(&text, "web_identity_token_file").filter_map(|path| read(&at_home(path.into(), home))));
    }
    for cache in ["sso/cache", "cli/cache", "login/cache"] {
        for text in texts(aws.as_ref().map(|aws| aws.join(cache))) {
            of_json(&serde_json::from_str(&text).unwrap_or_default(), &mut values);
        }
    }
    values.extend(FILES.iter().filter_map(|name| read(&named(name)?)));
    values.extend(home.map(ssh_keys::keys).unwrap_or_default());
    values.extend(tools::values(&named, home));
    values
}

/// What the two files of profiles hold, wherever the variables say that they are.
fn profiles(named: &dyn Fn(&str) -> Option<PathBuf>, home: Option<&Path>) -> Vec<String> {
    let files = [("AWS_SHARED_CREDENTIALS_FILE", "credentials"), ("AWS_CONFIG_FILE", "config")];
    let path = |(variable, name): (&str, &str)| {
        let own = named(variable).map(|path| at_home(path, home));
        own.or_else(|| home.map(|home| home.join(".aws").join(name)))
    };
    files.into_iter().filter_map(path).filter_map(|path| read(&path)).collect()
}

/// The text of both files, for what it says beside secrets.
pub(super) fn configuration() -> String {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    let named = |name: &str| std::env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    profiles(&named, home.as_deref()).join("\n")
}

/// What the files of a folder hold, of those that can be read.
fn texts(folder: Option<PathBuf>) -> Vec<String> {
    let files = folder.and_then(|folder| std::fs::read_dir(folder).ok());
    let paths = files.into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    paths.filter_map(|path| read(&path)).collect()
}

/// A path that begins in the home folder, as the SDKs read it.
pub(super) fn at_home(path: PathBuf, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

/// The file of the key that signs timelines, wherever the configuration says that it is.
static SIGNING: OnceLock<PathBuf> = OnceLock::new();

/// From now on the private key in this file is known too, where it is one.
pub fn signs_with(path: PathBuf) {
    // The configuration is read once.
    let _ = SIGNING.set(path);
}

/// A regular file's text; what can't be read holds nothing that quell would know.
pub(super) fn read(path: &Path) -> Option<String> {
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(MOST).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn of_profiles(text: &str) -> Vec<String> {
    KEYS.iter().flat_map(|key| told(text, key)).flat_map(|value| written(&value)).collect()
}

/// The values of a key, with the lines that go on with one: those that are indented.
pub(super) fn told(text: &str, key: &str) -> impl Iterator<Item = String> {
    let mut values: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let indented = line.starts_with([' ', '\t']) && !line.contains(['=', ':']);
        match line.split_once(['=', ':']).filter(|(name, _)| name.trim().eq_ignore_ascii_case(key)) {
            Some((_, value)) => values.push(value.trim().to_owned()),
            None if indented && open => {
                if let Some(last) = values.last_mut() {
                    last.push_str(line.trim());
                }
                continue;
            }
            None => {
                open = false;
                continue;
            }
        }
        open = true;
    }
    values.into_iter()
}

/// What a value of a profile may mean: as it stands, without a comment behind it, without quotes around it.
pub(super) fn written(value: &str) -> Vec<String> {
    let bare = value.split([' ', '\t']).next().unwrap_or_default();
    let unquoted = bare.trim_matches(['"', '\'']);
    vec![value.to_owned(), bare.to_owned(), unquoted.to_owned()]
}

fn of_json(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(text) if KEYS.iter().any(|known| known.eq_ignore_ascii_case(key)) => {
                        into.push(text.clone());
                    }
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
        found.dedup();
        assert_eq!(found, ["eight", "five", "four", "one", "seven", "six", "three", "two"]);
        let elsewhere = home.path().join("elsewhere").to_string_lossy().into_owned();
        write("elsewhere", "aws_secret_access_key = nine\n");
        let environment = BTreeMap::from([("AWS_SHARED_CREDENTIALS_FILE".to_owned(), elsewhere)]);
        let found = values(&environment, Some(home.path()));
        assert!(found.contains(&"nine".to_owned()) && !found.contains(&"one".to_owned()), "{}", found.len());
    }

    #[test]
    fn secrets_are_found_however_the_files_are_written() {
        let home = tempfile::tempdir().unwrap();
        for folder in [".aws/login/cache", ".ssh/work", "own"] {
            std::fs::create_dir_all(home.path().join(folder)).unwrap();
        }
        let write = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
        write("own/creds", "[a]\naws_secret_access_key = one # prod\n[b]\naws_secret_access_key=\"two\"\n");
        write(".aws/login/cache/a.json", r#"{"accessToken":{"secretAccessKey":"three","sessionToken":"four"}}"#);
        write("own/token", "five");
        write(
            ".ssh/id_ed25519",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\nBBBB\n-----END OPENSSH PRIVATE KEY-----\n",
        );
        let key = |body: &str| format!("-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\n");
        write(".ssh/work/id_rsa", &format!("a remark\n{}", key("CCCC")));
        write("own/elsewhere", &key("DDDD"));
        write(".ssh/config", "Host x\n  IdentityFile ~/own/elsewhere\n  Port 22\n");
        let role = "[c]\nweb_identity_token_file = ~/own/token2\naws_secret_access_key: twelve\n\
                    aws_session_token =\n  thirteen\n  fourteen\nregion = eu-west-1\n";
        write(".aws/config", role);
        write("own/token2", "eleven");
        write(".ssh/id_ed25519.pub", "ssh-ed25519 AAAAC3Nz alice");
        write(".ssh/known_hosts", "host ssh-ed25519 AAAAC3Nz");
        let at = |name: &str| home.path().join(name).to_string_lossy().into_owned();
        let environment = BTreeMap::from(
            [
                ("AWS_SHARED_CREDENTIALS_FILE", "~/own/creds".to_owned()),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", at("own/token")),
                ("MY_PASSWD", "six".to_owned()),
                ("SERVICE_API_KEY", "seven".to_owned()),
                ("MYSQL_PWD", "eight".to_owned()),
                ("DB_PASS", "nine".to_owned()),
                ("SSHPASS", "ten".to_owned()),
                ("OLDPWD", "no secret".to_owned()),
                ("COMPASS", "no secret".to_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        let mut found = values(&environment, Some(home.path()));
        found.sort();
        found.dedup();
        let expected = [
            "\"two\"",
            "AAAA\nBBBB",
            "CCCC",
            "DDDD",
            "eight",
            "eleven",
            "five",
            "four",
            "nine",
            "one",
            "one # prod",
            "seven",
            "six",
            "ten",
            "thirteenfourteen",
            "three",
            "twelve",
            "two",
        ];
        assert_eq!(found, expected);
    }
}
