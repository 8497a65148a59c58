//! quell: a terminal incident console for AWS security responders.
//!
//! The map of the house is in ARCHITECTURE.md; `tests/layers.rs` holds every room to it.

pub mod cli;
pub mod files;
pub mod problem;
pub mod runtime;
