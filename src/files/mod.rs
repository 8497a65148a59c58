//! The user's files: configuration and runbook folders.

pub mod config;
pub mod runbooks;
