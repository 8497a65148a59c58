//! CACAO's variables as quell's: `__victim_ip__:value` is `{{ var.victim_ip }}`.

use super::markdown::text;
use crate::runbook::template::is_name;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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
        let mut taken: HashSet<String> = HashSet::new();
        // Where the counting of those of one word goes on.
        let mut numbers: HashMap<String, usize> = HashMap::new();
        for outside in all.flat_map(Map::keys).filter(|name| is_variable(name)) {
            if names.contains_key(outside.as_str()) {
                continue;
            }
            let word = word(outside);
            let number = numbers.entry(word.clone()).or_insert(1);
            let mut name = word.clone();
            while !taken.insert(name.clone()) {
                *number += 1;
                name = format!("{word}_{number}");
            }
            names.insert(outside, name);
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
        if command.contains(['\'', '"', '`', '\\', '$', '<', '#', '{']) {
            return (command.to_owned(), self.met(command));
        }
        // The first word is what is run: as one word in quotes a whole command would be none.
        let whole = |(at, word): (usize, &str)| {
            let ours = word.strip_suffix(VALUE).filter(|_| at > 0).and_then(|name| self.names.get(name));
            ours.map_or_else(|| word.to_owned(), |ours| format!("{{{{ var.{ours} }}}}"))
        };
        let word_by_word = |line: &str| line.split(' ').enumerate().map(whole).collect::<Vec<_>>().join(" ");
        let out = command.split('\n').map(word_by_word).collect::<Vec<_>>().join("\n");
        let stay = self.met(&out);
        (out, stay)
    }

    /// The names whose values a text speaks of, each once.
    fn met(&self, text: &str) -> Vec<&'r str> {
        let mut met = BTreeSet::new();
        for (end, _) in text.match_indices(VALUE) {
            let before = text.get(..end).unwrap_or_default();
            let inner = before.bytes().rev().take(LONGEST + 4).take_while(|b| is_letter(*b)).count();
            let starts = (end - inner..end).filter_map(|start| before.get(start..));
            met.extend(starts.filter_map(|name| Some(*self.names.get_key_value(name)?.0)));
        }
        met.into_iter().collect()
    }
}

/// What stands behind a variable's name where its value is meant.
const VALUE: &str = ":value";

/// The longest name that is taken for a variable's, without the lines around it.
const LONGEST: usize = 200;

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-".contains(&byte)
}

fn is_variable(name: &str) -> bool {
    let inner = name.strip_prefix("__").and_then(|rest| rest.strip_suffix("__")).unwrap_or_default();
    (1..=LONGEST).contains(&inner.len()) && inner.bytes().all(is_letter)
}

fn word(outside: &str) -> String {
    let word = outside.trim_matches('_').to_ascii_lowercase().replace('-', "_");
    match word.starts_with(|c: char| c.is_ascii_lowercase()) {
        true => word,
        false => format!("v_{word}"),
    }
}
