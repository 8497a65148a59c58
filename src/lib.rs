//! quell: a terminal incident console for AWS security responders.
//!
//! The map of the house is in ARCHITECTURE.md; `tests/layers.rs` holds every room to it.

pub mod action;
pub mod aws;
pub mod cli;
pub mod console;
pub mod files;
pub mod lookup;
pub mod problem;
pub mod runtime;
pub mod simulator;
pub mod source;
pub mod timeline;
