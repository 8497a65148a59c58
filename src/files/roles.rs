//! `[roles]` of the configuration: as whom actions are carried out, account by account.

use quell_core::text::Id;
use quell_core::text::id::{AccountId, Arn, Partition, RoleName};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// Stands for every account that is not named.
const DEFAULT: &str = "default";

/// The table, each role by its grammar: a wrong one would be found only when it is wanted.
pub(super) fn table<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let roles = BTreeMap::<String, String>::deserialize(from)?;
    match roles.iter().find_map(|(account, role)| wrong(account, role)) {
        Some(wrong) => Err(D::Error::custom(format!("[roles] {wrong}"))),
        None => Ok(roles),
    }
}

/// What is wrong with an entry, if anything is.
fn wrong(account: &str, role: &str) -> Option<String> {
    let every = account == DEFAULT;
    if !every && Id::<AccountId>::new(account).is_err() {
        return Some(format!("names {account}, which is no account id of 12 digits and not default"));
    }
    let Ok(arn) = Id::<Arn>::new(role) else {
        return (!is_named(role)).then(|| format!("gives {account} the role {role}, which is no role's name or ARN"));
    };
    let mut parts = arn.as_str().splitn(6, ':').skip(1);
    let mut part = || parts.next().unwrap_or_default();
    let (partition, service, region, of, resource) = (part(), part(), part(), part(), part());
    let name = resource.strip_prefix("role/").filter(|name| is_named(name));
    if Id::<Partition>::new(partition).is_err() || service != "iam" || !region.is_empty() || name.is_none() {
        return Some(format!("gives {account} {role}, which is not the ARN of a role"));
    }
    match () {
        () if every => Some(format!("gives default {role}: an ARN is for one account, a name for all")),
        () if of != account => Some(format!("gives {account} a role of {of}")),
        () => None,
    }
}

/// A role's name, with its path where it has one.
fn is_named(text: &str) -> bool {
    text.split('/').all(|part| Id::<RoleName>::new(part).is_ok())
}

#[cfg(test)]
mod tests {
    use crate::files::config::Config;

    fn read(line: &str) -> Result<Vec<(String, String)>, String> {
        let text = format!("profile = \"ir\"\n[roles]\n{line}\n");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        std::fs::write(&path, text).unwrap();
        match Config::load(Some(&path)) {
            Ok(config) => Ok(config.roles.into_iter().collect()),
            Err(problem) => Err(problem.headline().rsplit_once("c.toml:").unwrap().1.to_owned()),
        }
    }

    #[test]
    fn roles_are_names_and_arns_by_account() {
        let pair = |account: &str, role: &str| Ok(vec![(account.to_owned(), role.to_owned())]);
        assert_eq!(read("111122223333 = \"Responder\""), pair("111122223333", "Responder"));
        assert_eq!(read("default = \"ir/Responder\""), pair("default", "ir/Responder"));
        let arn = "arn:aws-us-gov:iam::111122223333:role/ir/Responder";
        assert_eq!(read(&format!("111122223333 = \"{arn}\"")), pair("111122223333", arn));
    }

    #[test]
    fn a_wrong_role_is_an_error_at_its_place() {
        let of = |line: &str| read(line).unwrap_err();
        let place = "2:1: [roles] ";
        let arn = |rest: &str| format!("arn:aws:{rest}");
        for (line, said) in [
            ("1111 = \"R\"", "names 1111, which is no account id of 12 digits and not default".to_owned()),
            ("111122223333 = \"\"", "gives 111122223333 the role , which is no role's name or ARN".to_owned()),
            ("111122223333 = \"a b\"", "gives 111122223333 the role a b, which is no role's name or ARN".to_owned()),
            ("111122223333 = \"R/\"", "gives 111122223333 the role R/, which is no role's name or ARN".to_owned()),
            (
                "111122223333 = \"arn:aws:iam::444455556666:role/R\"",
                "gives 111122223333 a role of 444455556666".to_owned(),
            ),
            (
                "111122223333 = \"arn:aws:iam::111122223333:user/R\"",
                format!("gives 111122223333 {}, which is not the ARN of a role", arn("iam::111122223333:user/R")),
            ),
            (
                "default = \"arn:aws:iam::111122223333:role/R\"",
                format!("gives default {}: an ARN is for one account, a name for all", arn("iam::111122223333:role/R")),
            ),
        ] {
            assert_eq!(of(line), format!("{place}{said}"), "{line}");
        }
    }
}
