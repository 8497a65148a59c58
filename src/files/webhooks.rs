//! `[webhooks]` of the configuration: where may be posted to, by name. An address may be a secret: no error shows one.

use quell_core::text::Id;
use quell_core::text::id::{Slug, WebhookUrl};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// The table, each name and address by its grammar: a wrong one would be found only when it is wanted.
pub(super) fn table<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Id<WebhookUrl>>, D::Error> {
    let read = |(name, url): (String, String)| {
        if Id::<Slug>::new(&name).is_err() {
            return Err(D::Error::custom(format!(
                "[webhooks] has the name {name}, which is none: letters, digits and -_."
            )));
        }
        match Id::new(&url) {
            Ok(url) => Ok((name, url)),
            Err(bad) => Err(D::Error::custom(format!("[webhooks] gives {name} something that is {bad}"))),
        }
    };
    BTreeMap::<String, String>::deserialize(from)?.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use crate::files::config::Config;

    fn read(line: &str) -> Result<Vec<(String, String)>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        std::fs::write(&path, format!("profile = \"ir\"\n[webhooks]\n{line}\n")).unwrap();
        match Config::load(Some(&path)) {
            Ok(config) => Ok(config.webhooks.into_iter().map(|(name, url)| (name, url.as_str().to_owned())).collect()),
            Err(problem) => Err(problem.headline().rsplit_once("c.toml:").unwrap().1.to_owned()),
        }
    }

    #[test]
    fn addresses_have_names_and_no_error_shows_an_address() {
        let one = [("ops".to_owned(), "https://hooks.example.com/T0/secret".to_owned())];
        assert_eq!(read("ops = \"https://hooks.example.com/T0/secret\"").unwrap(), one);
        let wrong = "[webhooks] gives ops something that is not an https:// address whose host is a name with a dot in it: no IP \
             address, no login, no #";
        for url in
            ["http://hooks.example.com/secret", "https://127.0.0.1/secret", "https://u:secret@hooks.example.com/"]
        {
            let said = read(&format!("ops = \"{url}\"")).unwrap_err();
            assert!(said.ends_with(wrong) && !said.contains("secret"), "{said}");
        }
        let said = read("\"on call\" = \"https://hooks.example.com/secret\"").unwrap_err();
        assert!(said.contains("[webhooks] has the name on call") && !said.contains("secret"), "{said}");
    }
}
