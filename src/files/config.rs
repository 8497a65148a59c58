//! The configuration file: TOML in the platform's config folder. An unknown key is an error.

use super::read::regular;
use super::{roles, webhooks};
use crate::problem::{Problem, clean};
use quell_core::text::id::WebhookUrl;
use quell_core::text::{Id, nearest};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The most that is read of a configuration or a keymap.
pub const MOST: u64 = 1 << 20;

/// All keys, as [`Config`] names them.
const KEYS: [&str; 17] = [
    "profile",
    "regions",
    "runbooks",
    "keymap",
    "interval_seconds",
    "responder",
    "group",
    "mirror",
    "signing_key",
    "allowed_signers",
    "accounts",
    "variables",
    "never",
    "second_approver",
    "triage_limit",
    "roles",
    "webhooks",
];

/// What a team sets once.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The AWS profile.
    pub profile: Option<String>,
    /// The regions to read findings in; the first is home.
    pub regions: Vec<String>,
    /// Folders of runbooks that go before the built-in ones.
    pub runbooks: Vec<PathBuf>,
    /// A keymap file.
    pub keymap: Option<PathBuf>,
    /// How often the sources are asked, in seconds.
    #[serde(deserialize_with = "interval")]
    pub interval_seconds: Option<u64>,
    /// The name that records carry where nothing better tells one.
    pub responder: Option<String>,
    /// The group that shares the state folder, by name or number.
    pub group: Option<String>,
    /// A folder for second copies of all sessions, best on another disk.
    pub mirror: Option<PathBuf>,
    /// The SSH key that signs timelines, or the public half of one that the agent holds.
    pub signing_key: Option<PathBuf>,
    /// Whose signatures count: a file of allowed signers, as ssh-keygen reads it.
    pub allowed_signers: Option<PathBuf>,
    /// What the team calls its accounts, by their ids: `account:prod` in a filter.
    #[serde(deserialize_with = "accounts")]
    pub accounts: BTreeMap<String, String>,
    /// Values of `{{ var.NAME }}` in runbooks: the team's own bucket, role, address.
    pub variables: BTreeMap<String, String>,
    /// Ids and accounts that no action may touch.
    #[serde(deserialize_with = "never")]
    pub never: Vec<String>,
    /// Two people must approve each action.
    pub second_approver: bool,
    /// How many findings are triaged at once at most: 50 unless this says otherwise.
    #[serde(deserialize_with = "limit")]
    pub triage_limit: Option<usize>,
    /// The role that actions are carried out as, by the account's id: its name, or its ARN; `default` is for every other
    /// account but the responder's own.
    #[serde(deserialize_with = "roles::table")]
    pub roles: BTreeMap<String, String>,
    /// Where the kind `webhook` may post to, by the names that action blocks use.
    #[serde(deserialize_with = "webhooks::table")]
    pub webhooks: BTreeMap<String, Id<WebhookUrl>>,
}

impl Config {
    /// Where the file is looked for unless another is named.
    pub fn path() -> Option<PathBuf> {
        directories::ProjectDirs::from("", "", "quell").map(|dirs| dirs.config_dir().join("config.toml"))
    }

    /// How many findings are triaged at once at most.
    pub fn triage_limit(&self) -> usize {
        self.triage_limit.unwrap_or(50)
    }

    /// Reads the file that is named, or the usual one where it exists.
    pub fn load(named: Option<&Path>) -> Result<Self, Problem> {
        let Some(path) = named.map(Path::to_path_buf).or_else(|| Self::path().filter(|p| p.exists())) else {
            return Ok(Self::default());
        };
        let name = path.to_string_lossy();
        let unread = |what: String| {
            Problem::input(what.replacen("the file", "the configuration", 1))
                .in_file(&name, 0, 0)
                .meaning(
                    "without it quell could use another profile, region or runbook than yours, so nothing was done",
                )
                .next("check the name that --config or QUELL_CONFIG gives, and the permissions")
        };
        let bytes = regular(&path, MOST).map_err(|problem| unread(problem.what))?;
        let text = String::from_utf8(bytes).map_err(|_| unread("the file is no UTF-8 text".to_owned()))?;
        Self::read(&name, &text)
    }

    fn read(name: &str, text: &str) -> Result<Self, Problem> {
        toml::from_str(text).map_err(|e| {
            let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            Problem::input(meant(e.message()).unwrap_or_else(|| clean(e.message()).into_string()))
                .in_file(name, line, column)
                .next(
                    "the keys are profile, regions, runbooks, keymap, interval_seconds, responder, group, mirror, signing_key, \
                     allowed_signers, never, second_approver, triage_limit, [accounts], [roles], [variables] and [webhooks]",
                )
        })
    }
}

/// What is said of an unknown key: which one it was most likely meant to be.
fn meant(message: &str) -> Option<String> {
    let key = message.strip_prefix("unknown field `")?.split('`').next()?;
    let begins = || KEYS.into_iter().find(|known| key.len() > 2 && known.starts_with(key));
    let known = nearest(key, KEYS).or_else(begins).map(|known| format!("; did you mean {known}?"));
    Some(format!("the configuration has no key {}{}", clean(key), known.unwrap_or_default()))
}

/// The shortest time between two readings: less would only wear out the account's request rates.
const SHORTEST: u64 = 10;

fn interval<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    match Option::<u64>::deserialize(from)? {
        Some(seconds) if seconds < SHORTEST => {
            Err(D::Error::custom(format!("interval_seconds is {seconds}, less than {SHORTEST}")))
        }
        seconds => Ok(seconds),
    }
}

/// More rows at once than anybody reads would be approved unread.
const MOST_TRIAGED: usize = 500;

fn limit<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    match Option::<usize>::deserialize(from)? {
        Some(count) if !(1..=MOST_TRIAGED).contains(&count) => {
            Err(D::Error::custom(format!("triage_limit is {count}; it is 1 to {MOST_TRIAGED}")))
        }
        count => Ok(count),
    }
}

/// What is never touched is named exactly: a short word would stand for much that nobody meant.
fn never<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let ids = Vec::<String>::deserialize(from)?;
    match ids.iter().find(|id| id.trim() != id.as_str() || id.chars().count() < 3) {
        Some(id) => Err(D::Error::custom(format!("never names \"{id}\", which is no id of a resource or an account"))),
        None => Ok(ids),
    }
}

/// Names of accounts: one that stands for no account would never be found.
fn accounts<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let accounts = BTreeMap::<String, String>::deserialize(from)?;
    for (id, alias) in &accounts {
        if id.len() != 12 || !id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(D::Error::custom(format!("[accounts] names {id}, which is no account id of 12 digits")));
        }
        if alias.trim().is_empty() {
            return Err(D::Error::custom(format!("[accounts] has no name for {id}")));
        }
    }
    Ok(accounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_an_error_at_its_place() {
        let problem = Config::read("config.toml", "profile = \"ir\"\nregion = [\"eu-west-1\"]\n").unwrap_err();
        let headline = problem.headline();
        assert_eq!(headline, "config.toml:2:1: the configuration has no key region; did you mean regions?");
        assert_eq!(problem.exit_code(), 2);
    }

    #[test]
    fn the_nearest_key_is_named_where_there_is_one() {
        let said = |key: &str| Config::read("c", &format!("{key} = 1.5")).unwrap_err().what;
        assert_eq!(said("porfile"), "the configuration has no key porfile; did you mean profile?");
        assert_eq!(said("interval"), "the configuration has no key interval; did you mean interval_seconds?");
        assert_eq!(said("colour"), "the configuration has no key colour");
        for key in KEYS {
            assert!(!said(key).contains("no key"), "{key}");
        }
    }

    #[test]
    fn a_named_file_that_is_not_there_is_an_error() {
        let problem = Config::load(Some(Path::new("/no/such/config.toml"))).unwrap_err();
        assert!(problem.headline().starts_with("/no/such/config.toml: the configuration can't be read: "));
        assert_eq!(problem.exit_code(), 2);
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Config::load(Some(folder.path())).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn the_keys_are_read() {
        let text = "profile = \"ir\"\nregions = [\"eu-west-1\"]\n[variables]\nbackup_bucket = \"ir-backup\"\n";
        let config = Config::read("config.toml", text).unwrap();
        assert_eq!(config.profile.as_deref(), Some("ir"));
        assert_eq!(config.regions, ["eu-west-1"]);
        assert_eq!(config.variables.get("backup_bucket").map(String::as_str), Some("ir-backup"));
    }

    #[test]
    fn so_many_findings_are_triaged_at_once() {
        let limit = |text: &str| Config::read("c", text).map(|config| config.triage_limit()).map_err(|p| p.what);
        assert_eq!((limit(""), limit("triage_limit = 100")), (Ok(50), Ok(100)));
        for bad in ["0", "501"] {
            assert_eq!(limit(&format!("triage_limit = {bad}")), Err(format!("triage_limit is {bad}; it is 1 to 500")));
        }
    }

    #[test]
    fn what_is_never_touched_is_named_exactly() {
        let config = Config::read("c", "never = [\"i-0abc12d34e5f67890\", \"111122223333\"]\n").unwrap();
        assert_eq!(config.never, ["i-0abc12d34e5f67890", "111122223333"]);
        for id in ["", " i-1", "pr"] {
            let problem = Config::read("c", &format!("never = [\"{id}\"]\n")).unwrap_err();
            assert_eq!(problem.what, format!("never names \"{id}\", which is no id of a resource or an account"));
        }
    }

    #[test]
    fn accounts_have_names() {
        let config = Config::read("c", "profile = \"ir\"\n[accounts]\n111122223333 = \"prod\"\n").unwrap();
        assert_eq!(config.accounts, BTreeMap::from([("111122223333".to_owned(), "prod".to_owned())]));
        let problem = Config::read("c", "[accounts]\n1111 = \"prod\"\n").unwrap_err();
        assert_eq!(problem.what, "[accounts] names 1111, which is no account id of 12 digits");
        let problem = Config::read("c", "[accounts]\n111122223333 = \" \"\n").unwrap_err();
        assert_eq!(problem.what, "[accounts] has no name for 111122223333");
        let problem = Config::read("c", "[account]\n").unwrap_err();
        assert!(problem.next.contains("[accounts], [roles], [variables] and [webhooks]"), "{}", problem.next);
    }
}
