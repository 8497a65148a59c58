//! GetFindings' SortCriteria: a list of attributes, the first counts most.

use super::{Failure, filter, invalid};
use crate::simulator::path::values;
use serde::Deserialize;
use serde_json::Value;
use std::cmp::Ordering;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Order {
    field: Option<String>,
    sort_order: Option<String>,
}

/// Sorts; what no criterion tells apart is in the order of ids.
pub(super) fn apply(findings: &mut [Value], orders: &[Order]) -> Result<(), Failure> {
    let mut keys = Vec::new();
    for order in orders {
        let path = order.field.as_deref().and_then(filter::path);
        let descending = match order.sort_order.as_deref() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(invalid("Invalid parameter 'SortCriteria'.")),
        };
        keys.push((path.ok_or_else(|| invalid("Invalid parameter 'SortCriteria'."))?, descending));
    }
    findings.sort_by(|a, b| {
        let by_key = |(path, descending): &(&str, bool)| {
            let order = compare(a, b, path);
            if *descending { order.reverse() } else { order }
        };
        keys.iter().map(by_key).find(|order| order.is_ne()).unwrap_or_else(|| compare(a, b, "Id"))
    });
    Ok(())
}

fn compare(a: &Value, b: &Value, path: &str) -> Ordering {
    let (a, b) = (values(a, path), values(b, path));
    let (a, b) = (a.first(), b.first());
    match (a.and_then(|v| v.as_f64()), b.and_then(|v| v.as_f64())) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.and_then(|v| v.as_str()).cmp(&b.and_then(|v| v.as_str())),
    }
}
