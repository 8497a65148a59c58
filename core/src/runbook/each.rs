//! The lists that a step can be done for, one value after the other: `each="incident.hosts"`. `{{ each }}` names the
//! value.

use crate::finding::fields;
use crate::text::nearest;
use serde::{Deserialize, Serialize};

/// What stands for the value in a step's text, its commands and its action.
pub const NAME: &str = "each";

/// A list of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum List {
    /// The attached findings, by their ids.
    #[serde(rename = "incident.findings")]
    Findings,
    #[serde(rename = "incident.hosts")]
    Hosts,
    #[serde(rename = "incident.keys")]
    Keys,
    #[serde(rename = "incident.principals")]
    Principals,
    #[serde(rename = "incident.buckets")]
    Buckets,
    #[serde(rename = "incident.ips")]
    Ips,
    /// A list of a newer quell, which holds nothing here.
    #[serde(other)]
    Unknown,
}

/// The lists by their names.
const LISTS: [(&str, List); 6] = [
    ("incident.findings", List::Findings),
    ("incident.hosts", List::Hosts),
    ("incident.keys", List::Keys),
    ("incident.principals", List::Principals),
    ("incident.buckets", List::Buckets),
    ("incident.ips", List::Ips),
];

impl List {
    /// The list of that name; without one what to say.
    pub fn named(name: &str) -> Result<Self, String> {
        let known = LISTS.iter().map(|(name, _)| *name);
        match LISTS.iter().find(|(own, _)| *own == name) {
            Some((_, list)) => Ok(*list),
            None => Err(match nearest(name, known.clone()) {
                Some(near) => format!("there is no list {name}; did you mean {near}?"),
                None => format!("there is no list {name}; the lists are {}", known.collect::<Vec<_>>().join(", ")),
            }),
        }
    }

    /// Its name, as a runbook says it.
    pub fn name(self) -> &'static str {
        LISTS.iter().find(|(_, list)| *list == self).map_or("a list that this version does not know", |(name, _)| name)
    }
}

/// Whether a template's name says another thing for each value of a list.
pub fn varies(name: &str) -> bool {
    name == NAME || fields::FIELDS.iter().any(|field| field.name == name)
}
