//! All writers' records in the one order that everything works with: `(l, w, n)`.

use super::read::Record;

/// Puts records in order. Whatever order they come in, the result is the same; of two with one name (which only a
/// broken log holds) the chained one stays, then the one with the lower hash.
pub fn merge(mut records: Vec<Record>) -> Vec<Record> {
    records.sort_by(|a, b| {
        let name = a.entry.link.cmp(&b.entry.link);
        name.then_with(|| b.chained.cmp(&a.chained)).then_with(|| a.h.to_string().cmp(&b.h.to_string()))
    });
    records.dedup_by(|later, earlier| later.entry.link == earlier.entry.link);
    records.sort_by(|a, b| a.entry.order().cmp(&b.entry.order()));
    records
}
