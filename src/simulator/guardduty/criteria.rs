//! FindingCriteria and SortCriteria: conditions on the attributes of a finding, named by their JSON paths.

use super::{Failure, invalid};
use crate::simulator::path::values;
use crate::simulator::policy::matches;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Paths that start so are attributes (API reference, FindingCriteria); those that end in a dot are families.
const ATTRIBUTES: [&str; 14] = [
    "accountId",
    "region",
    "confidence",
    "id",
    "severity",
    "type",
    "updatedAt",
    "createdAt",
    "resource.",
    "service.action.",
    "service.additionalInfo.",
    "service.archived",
    "service.resourceRole",
    "service.ebsVolumeScanDetails.scanId",
];

/// Attributes that a list can be sorted by besides.
const SORTABLE: [&str; 5] =
    ["service.count", "service.eventFirstSeen", "service.eventLastSeen", "title", "service.detectorId"];

#[derive(Debug, Default, Deserialize)]
pub(super) struct Criteria {
    #[serde(default)]
    criterion: BTreeMap<String, Condition>,
}

/// All parts of a condition must hold; of a list, one value is enough (for the `not` lists, none may).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Condition {
    #[serde(alias = "eq")]
    equals: Option<Vec<String>>,
    #[serde(alias = "neq")]
    not_equals: Option<Vec<String>>,
    #[serde(alias = "gt")]
    greater_than: Option<i64>,
    #[serde(alias = "gte")]
    greater_than_or_equal: Option<i64>,
    #[serde(alias = "lt")]
    less_than: Option<i64>,
    #[serde(alias = "lte")]
    less_than_or_equal: Option<i64>,
    matches: Option<Vec<String>>,
    not_matches: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sort {
    attribute_name: Option<String>,
    order_by: Option<String>,
}

impl Criteria {
    /// Refuses attributes and patterns that the API has not.
    pub fn check(&self) -> Result<(), Failure> {
        let few = |list: &Option<Vec<String>>| list.as_ref().is_none_or(|l| l.len() <= 5);
        let fine = |(name, c): (&String, &Condition)| known(name) && few(&c.matches) && few(&c.not_matches);
        if self.criterion.iter().all(fine) { Ok(()) } else { Err(invalid("findingCriteria")) }
    }

    pub fn holds(&self, finding: &Value) -> bool {
        self.criterion.iter().all(|(name, condition)| condition.holds(&values(finding, name)))
    }
}

fn known(name: &str) -> bool {
    ATTRIBUTES.iter().any(|a| if a.ends_with('.') { name.starts_with(a) && name != *a } else { name == *a })
}

impl Condition {
    fn holds(&self, values: &[&Value]) -> bool {
        let any = |list: &Option<Vec<String>>, same: fn(&Value, &str) -> bool| {
            list.as_ref().map(|l| values.iter().any(|v| l.iter().any(|wanted| same(v, wanted))))
        };
        let number = |bound: Option<i64>, wanted: fn(f64, f64) -> bool| {
            bound.is_none_or(|b| values.iter().filter_map(|v| as_number(v)).any(|n| wanted(n, b as f64)))
        };
        any(&self.equals, same).unwrap_or(true)
            && !any(&self.not_equals, same).unwrap_or(false)
            && any(&self.matches, like).unwrap_or(true)
            && !any(&self.not_matches, like).unwrap_or(false)
            && number(self.greater_than, |n, b| n > b)
            && number(self.greater_than_or_equal, |n, b| n >= b)
            && number(self.less_than, |n, b| n < b)
            && number(self.less_than_or_equal, |n, b| n <= b)
    }
}

fn same(value: &Value, wanted: &str) -> bool {
    match value {
        Value::String(s) => s == wanted,
        Value::Bool(b) => b.to_string() == wanted,
        other => as_number(other).zip(wanted.parse::<f64>().ok()).is_some_and(|(a, b)| a == b),
    }
}

fn like(value: &Value, pattern: &str) -> bool {
    matches(pattern, &value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// Numbers as they are; moments in milliseconds since 1970.
fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::String(s) => s.parse::<Timestamp>().ok().map(|t| t.as_millisecond() as f64),
        other => other.as_f64(),
    }
}

impl Sort {
    pub fn apply(&self, findings: &mut [Value]) -> Result<(), Failure> {
        let name = self.attribute_name.as_deref().unwrap_or("updatedAt");
        if !known(name) && !SORTABLE.contains(&name) {
            return Err(invalid("sortCriteria"));
        }
        match self.order_by.as_deref() {
            None | Some("ASC") => findings.sort_by(|a, b| compare(a, b, name)),
            Some("DESC") => findings.sort_by(|a, b| compare(b, a, name)),
            Some(_) => return Err(invalid("sortCriteria")),
        }
        Ok(())
    }
}

/// The order of two findings by an attribute: moments and numbers by value, the rest as texts.
pub(super) fn compare(a: &Value, b: &Value, name: &str) -> Ordering {
    let (a, b) = (values(a, name), values(b, name));
    let (a, b) = (a.first(), b.first());
    match (a.and_then(|v| as_number(v)), b.and_then(|v| as_number(v))) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.and_then(|v| v.as_str()).cmp(&b.and_then(|v| v.as_str())),
    }
}
