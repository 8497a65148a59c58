//! Filters of the describing operations: all must hold, each by one of its values, in which `*` and `?` stand for
//! anything (Amazon EC2 API Reference, "Filter").

use super::refused;
use crate::simulator::policy::matches;
use crate::simulator::wire::Failure;
use crate::simulator::wire::query::Form;

/// What must hold of a thing.
pub(super) struct Filters(Vec<(String, Vec<String>)>);

impl Filters {
    /// The filters of a request; `known` are the names that the operation takes, `tag:` stands for all tags.
    pub(super) fn of(form: &Form, known: &[&str]) -> Result<Self, Failure> {
        let mut all = Vec::new();
        for n in 1..=200 {
            let Some(name) = form.get(&format!("Filter.{n}.Name")) else { break };
            let tag = name.starts_with("tag:") && known.contains(&"tag:");
            if !tag && !known.contains(&name) {
                return Err(refused("InvalidParameterValue", format!("The filter '{name}' is invalid")));
            }
            let values = form.list(&format!("Filter.{n}.Value")).into_iter().map(str::to_owned).collect();
            all.push((name.to_owned(), values));
        }
        Ok(Self(all))
    }

    /// Whether a thing stays, which says what it has under each name.
    pub(super) fn keep(&self, has: impl Fn(&str) -> Vec<String>) -> bool {
        self.0.iter().all(|(name, values)| {
            let has = has(name);
            values.iter().any(|pattern| has.iter().any(|value| matches(pattern, value)))
        })
    }
}
