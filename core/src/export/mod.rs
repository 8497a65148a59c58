//! What leaves quell: one file for each format, over the fold and the records.
//!
//! - `ndjson`: the records as they are on disk, but for what is masked.
//! - `markdown`, `report`: the incident report. Outside text stands in code alone.

mod markdown;
mod ndjson;
mod report;
#[cfg(test)]
mod tests;

pub use ndjson::ndjson;
pub use report::report;
