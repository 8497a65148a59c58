//! The configuration file: TOML in the platform's config folder. An unknown key is an error.

use crate::problem::{Problem, clean};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
    pub interval_seconds: Option<u64>,
    /// Values of `{{ var.NAME }}` in runbooks: the team's own bucket, role, address.
    pub variables: BTreeMap<String, String>,
}

impl Config {
    /// Where the file is looked for unless another is named.
    pub fn path() -> Option<PathBuf> {
        directories::ProjectDirs::from("", "", "quell").map(|dirs| dirs.config_dir().join("config.toml"))
    }

    /// Reads the file that is named, or the usual one where it exists.
    pub fn load(named: Option<&Path>) -> Result<Self, Problem> {
        let Some(path) = named.map(Path::to_path_buf).or_else(|| Self::path().filter(|p| p.exists())) else {
            return Ok(Self::default());
        };
        let name = path.to_string_lossy();
        let text = std::fs::read_to_string(&path)
            .map_err(|e| Problem::input(format!("the configuration can't be read: {e}")).in_file(&name, 0, 0))?;
        Self::read(&name, &text)
    }

    fn read(name: &str, text: &str) -> Result<Self, Problem> {
        toml::from_str(text).map_err(|e| {
            let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            Problem::input(clean(e.message()).into_string())
                .in_file(name, line, column)
                .next("the keys are profile, regions, runbooks, keymap, interval_seconds and [variables]")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_an_error_at_its_place() {
        let problem = Config::read("config.toml", "profile = \"ir\"\nregion = [\"eu-west-1\"]\n").unwrap_err();
        assert!(problem.headline().starts_with("config.toml:2:1: "), "{}", problem.headline());
        assert!(problem.what.contains("region"));
    }

    #[test]
    fn the_keys_are_read() {
        let text = "profile = \"ir\"\nregions = [\"eu-west-1\"]\n[variables]\nbackup_bucket = \"ir-backup\"\n";
        let config = Config::read("config.toml", text).unwrap();
        assert_eq!(config.profile.as_deref(), Some("ir"));
        assert_eq!(config.regions, ["eu-west-1"]);
        assert_eq!(config.variables.get("backup_bucket").map(String::as_str), Some("ir-backup"));
    }
}
