//! The credentials that other tools keep in files of the home folder: the secret values, never the names and the hosts
//! beside them. One reader for each shape.

use super::secrets::{at_home, read, told, written};
use super::ssh_keys;
use data_encoding::BASE64_NOPAD;
use percent_encoding::percent_decode_str;
use std::path::{Path, PathBuf};

type Reader = fn(&str) -> Vec<String>;

/// Where the files are: in the home folder, and wherever else a variable says.
const FILES: [(&str, Reader); 16] = [
    (".netrc", of_netrc),
    ("_netrc", of_netrc),
    (".git-credentials", of_urls),
    (".config/git/credentials", of_urls),
    (".vault-token", whole),
    (".config/gh/hosts.yml", of_yaml),
    (".docker/config.json", of_json),
    (".kube/config", of_yaml),
    (".pgpass", of_pgpass),
    (".npmrc", of_npmrc),
    (".pypirc", of_pypirc),
    (".config/gcloud/application_default_credentials.json", of_json),
    (".azure/msal_token_cache.json", of_json),
    (".terraform.d/credentials.tfrc.json", of_json),
    (".cargo/credentials.toml", of_toml),
    (".cargo/credentials", of_toml),
];

/// A variable, what stands behind the folder that it names, or nothing where it names the file, and its reader.
const NAMED: [(&str, &str, Reader); 14] = [
    ("NETRC", "", of_netrc),
    ("XDG_CONFIG_HOME", "git/credentials", of_urls),
    ("XDG_CONFIG_HOME", "gh/hosts.yml", of_yaml),
    ("GH_CONFIG_DIR", "hosts.yml", of_yaml),
    ("DOCKER_CONFIG", "config.json", of_json),
    ("KUBECONFIG", "", of_yaml),
    ("PGPASSFILE", "", of_pgpass),
    ("NPM_CONFIG_USERCONFIG", "", of_npmrc),
    ("npm_config_userconfig", "", of_npmrc),
    ("CLOUDSDK_CONFIG", "application_default_credentials.json", of_json),
    ("GOOGLE_APPLICATION_CREDENTIALS", "", of_json),
    ("AZURE_CONFIG_DIR", "msal_token_cache.json", of_json),
    ("CARGO_HOME", "credentials.toml", of_toml),
    ("CARGO_HOME", "credentials", of_toml),
];

/// Keys of JSON and YAML whose values are secrets.
const KEYS: [&str; 19] = [
    "accessToken",
    "access-token",
    "access_token",
    "auth",
    "client-key-data",
    "client-secret",
    "client_secret",
    "id-token",
    "id_token",
    "identitytoken",
    "oauth_token",
    "password",
    "private_key",
    "refreshToken",
    "refresh-token",
    "refresh_token",
    "registrytoken",
    "secret",
    "token",
];

/// What gcloud calls its client secrets: everybody has the same two, and anybody may read them.
const PUBLIC: [&str; 2] = ["d-FL95Q19q7MQmFpd7hHD0Ty", "ZmssLNjJy2998hD4CTg2ejr2"];

/// What the files of other tools hold, of those that can be read.
pub(super) fn values(named: &dyn Fn(&str) -> Option<PathBuf>, home: Option<&Path>) -> Vec<String> {
    let own = FILES.iter().filter_map(|(name, reader)| Some((home?.join(name), reader)));
    let elsewhere = NAMED.iter().flat_map(|(variable, behind, reader)| {
        let folders = named(variable).into_iter().flat_map(|path| match *variable {
            "KUBECONFIG" => std::env::split_paths(&path).collect(),
            _ => vec![path],
        });
        let place = |path| match *behind {
            "" => at_home(path, home),
            behind => at_home(path, home).join(behind),
        };
        folders.map(place).map(|path| (path, reader)).collect::<Vec<_>>()
    });
    own.chain(elsewhere).filter_map(|(path, reader)| Some(reader(&read(&path)?))).flatten().collect()
}

fn whole(text: &str) -> Vec<String> {
    vec![text.trim().to_owned()]
}

/// What a value says: of a private key what stands between its lines; nothing where it only names a variable.
pub(super) fn plain(value: &str) -> Option<String> {
    let name = value.strip_prefix('$').map(|name| name.trim_matches(['{', '}']));
    let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let is_none = name.is_some_and(is_name) || PUBLIC.contains(&value);
    (!is_none).then(|| ssh_keys::of_key(value).unwrap_or_else(|| value.to_owned()))
}

/// The passwords in the addresses of a text, as they stand and without their escapes.
pub(super) fn of_urls(text: &str) -> Vec<String> {
    let ends = |c: char| c.is_whitespace() || "/?#\"'".contains(c);
    let password = |(at, _): (usize, &str)| {
        let authority = text.get(at..)?.strip_prefix("://")?.split(ends).next()?;
        plain(authority.rsplit_once('@')?.0.split_once(':')?.1)
    };
    let found = text.match_indices("://").filter_map(password);
    found.flat_map(|password| [unescaped(&password), password]).collect()
}

fn unescaped(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn of_base64(value: &str) -> Option<String> {
    let digits: String = value.split_whitespace().collect();
    String::from_utf8(BASE64_NOPAD.decode(digits.trim_end_matches('=').as_bytes()).ok()?).ok()
}

/// What stands behind the name in base64 of a name and a password, and the value: the password may be too short to be
/// known by itself, and the value not be written so.
pub(super) fn of_basic(value: &str) -> Vec<String> {
    let text = of_base64(value).unwrap_or_default();
    match text.split_once(':') {
        // A key of an account of Google serves as a password too.
        Some((_, key)) if key.trim_start().starts_with('{') => of_json(key),
        Some((_, password)) => plain(value).into_iter().chain([password.to_owned()]).collect(),
        _ => plain(value).into_iter().collect(),
    }
}

/// Lines of a private key in base64 are found behind it; its head and its foot are those of all keys.
fn of_pair(key: &str, value: &str) -> Vec<String> {
    match key {
        "auth" => of_basic(value),
        "client-key-data" => {
            let key = of_base64(value).and_then(|text| ssh_keys::of_key(&text));
            vec![key.unwrap_or_else(|| value.to_owned())]
        }
        _ => plain(value).into_iter().collect(),
    }
}

/// The strings of the keys, also in a text that was cut or is no JSON elsewhere.
pub(super) fn of_json(text: &str) -> Vec<String> {
    let of_key = |key: &&str| -> Vec<String> {
        let quoted = format!("\"{key}\"");
        let value = |(at, _): (usize, &str)| {
            let rest = text.get(at..)?.strip_prefix(&quoted)?.trim_start().strip_prefix(':')?;
            serde_json::Deserializer::from_str(rest).into_iter::<String>().next()?.ok()
        };
        text.match_indices(&quoted).filter_map(value).flat_map(|value| of_pair(key, &value)).collect()
    };
    KEYS.iter().flat_map(of_key).collect()
}

/// The scalars of the keys with the lines that go on with them: those that are indented more. JSON is YAML too.
fn of_yaml(text: &str) -> Vec<String> {
    let mut values = of_json(text);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let name = name.trim().trim_start_matches("- ").trim().trim_matches(['"', '\'']);
        if KEYS.contains(&name) {
            let first = value.trim();
            let first = if first.starts_with(['|', '>']) { "" } else { first };
            let more = lines.clone().take_while(|more| indent(more) > indent(line)).map(str::trim);
            values.extend(of_pair(name, &scalar(&std::iter::once(first).chain(more).collect::<String>())));
        }
    }
    values
}

/// A scalar without its quotes, and without a remark behind it.
fn scalar(text: &str) -> String {
    let quoted = serde_json::Deserializer::from_str(text).into_iter::<String>().next();
    match (quoted, text.strip_prefix('\'')) {
        (Some(Ok(quoted)), _) => quoted,
        (_, Some(rest)) => rest.rsplit_once('\'').unwrap_or((rest, "")).0.replace("''", "'"),
        _ => text.split(" #").next().unwrap_or_default().trim().to_owned(),
    }
}

fn of_netrc(text: &str) -> Vec<String> {
    let mut words = text.split_whitespace();
    let mut values = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "password" => values.extend(words.next().map(|value| value.trim_matches('"').to_owned())),
            // What follows is a name, whatever it is.
            "machine" | "login" | "account" => drop(words.next()),
            _ => {}
        }
    }
    values
}

/// The fifth field of each line, as it stands and without its escapes.
fn of_pgpass(text: &str) -> Vec<String> {
    let field = |line: &str| {
        let (mut fields, mut escaped) = (vec![String::new()], false);
        for character in line.chars() {
            match fields.last_mut() {
                _ if character == ':' && !escaped => fields.push(String::new()),
                last => last.into_iter().for_each(|field| field.push(character)),
            }
            escaped = character == '\\' && !escaped;
        }
        fields.into_iter().nth(4)
    };
    let found = text.lines().filter(|line| !line.starts_with('#')).filter_map(field);
    found.flat_map(|field| [field.replace("\\:", ":").replace("\\\\", "\\"), field]).collect()
}

/// The keys end in a name, behind the registry.
fn of_npmrc(text: &str) -> Vec<String> {
    let of = |line: &str| -> Vec<String> {
        let (name, value) = line.split_once('=').unwrap_or_default();
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().trim_matches(['"', '\'']));
        if name.ends_with("_authtoken") {
            plain(value).into_iter().collect()
        } else if name.ends_with("_auth") {
            of_basic(value)
        } else if name.ends_with("_password") {
            of_base64(value).into_iter().chain(plain(value)).collect()
        } else {
            Vec::new()
        }
    };
    text.lines().flat_map(of).collect()
}

fn of_pypirc(text: &str) -> Vec<String> {
    told(text, "password").filter_map(|value| plain(&value)).flat_map(|value| written(&value)).collect()
}

fn of_toml(text: &str) -> Vec<String> {
    let mut values = Vec::new();
    of_table(&text.parse().unwrap_or_default(), &mut values);
    values
}

fn of_table(table: &toml::Table, into: &mut Vec<String>) {
    for (key, value) in table {
        match value {
            toml::Value::Table(table) => of_table(table, into),
            // Before the token the scheme may stand.
            toml::Value::String(text) if ["token", "secret-key"].contains(&key.as_str()) => {
                into.extend(text.split_whitespace().last().map(str::to_owned));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
