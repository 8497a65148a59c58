//! Values inside a JSON document, by a path of names.

use serde_json::Value;

/// The values at a path; a list on the way gives those of all its members.
pub(super) fn values<'a>(finding: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![finding];
    for step in path.split('.') {
        found = found.into_iter().filter_map(|value| value.get(step)).flat_map(spread).collect();
    }
    found
}

fn spread(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    }
}
