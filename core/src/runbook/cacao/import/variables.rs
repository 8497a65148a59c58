//! CACAO's variables as quell's: `__victim_ip__:value` is `{{ var.victim_ip }}`.

use super::markdown::text;
use crate::runbook::template::is_name;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub(super) struct Variables<'r> {
    /// The name in a runbook, by that of the playbook.
    names: BTreeMap<&'r str, String>,
}

impl<'r> Variables<'r> {
    /// Those of the playbook and of its steps.
    pub fn of(root: &'r Map<String, Value>) -> Self {
        let steps = root.get("workflow").and_then(Value::as_object).into_iter().flat_map(Map::values);
        let of_steps = steps.filter_map(|step| step.get("step_variables"));
        let all = root.get("playbook_variables").into_iter().chain(of_steps).filter_map(Value::as_object);
        let mut names: BTreeMap<&'r str, String> = BTreeMap::new();
        for outside in all.flat_map(Map::keys).filter(|name| is_variable(name)) {
            if names.contains_key(outside.as_str()) {
                continue;
            }
            let word = word(outside);
            let numbered = (2..).map(|number| format!("{word}_{number}"));
            let unused =
                std::iter::once(word.clone()).chain(numbered).find(|word| !names.values().any(|name| name == word));
            names.insert(outside, unused.unwrap_or(word));
        }
        names.retain(|_, name| is_name(&format!("var.{name}")));
        Self { names }
    }

    /// Which is which, as a list.
    pub fn told(&self) -> String {
        if self.names.is_empty() {
            return String::new();
        }
        let line = |(outside, name): (&&str, &String)| format!("- `var.{name}` is {}\n", text(outside));
        format!("Its variables are asked for once:\n\n{}\n", self.names.iter().map(line).collect::<String>())
    }

    /// A command with quell's names where one stands for a whole word and nothing of a shell is around it: a value is
    /// put in as a word in quotes, which means something else inside of others. Gives also the names that stay.
    pub fn put_in(&self, command: &str) -> (String, Vec<&'r str>) {
        let met = |text: &str| -> Vec<&'r str> {
            self.names.keys().filter(|name| text.contains(&format!("{name}:value"))).copied().collect()
        };
        let plain = !command.contains(['\'', '"', '`', '\\', '$', '<', '#', '{']);
        let mut out = command.to_owned();
        for name in met(command).into_iter().filter(|_| plain) {
            let Some(ours) = self.names.get(name) else { continue };
            // The first word is what is run: as one word in quotes a whole command would be none.
            let whole = |(at, word): (usize, &str)| match at > 0 && word == format!("{name}:value") {
                true => format!("{{{{ var.{ours} }}}}"),
                false => word.to_owned(),
            };
            let word_by_word = |line: &str| line.split(' ').enumerate().map(whole).collect::<Vec<_>>().join(" ");
            out = out.split('\n').map(word_by_word).collect::<Vec<_>>().join("\n");
        }
        let stay = met(&out);
        (out, stay)
    }
}

fn is_variable(name: &str) -> bool {
    let inner = name.strip_prefix("__").and_then(|rest| rest.strip_suffix("__")).unwrap_or_default();
    (1..=200).contains(&inner.len()) && inner.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

fn word(outside: &str) -> String {
    let word = outside.trim_matches('_').to_ascii_lowercase().replace('-', "_");
    match word.starts_with(|c: char| c.is_ascii_lowercase()) {
        true => word,
        false => format!("v_{word}"),
    }
}
