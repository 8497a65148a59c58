//! The user's files: runbook folders.

pub mod runbooks;
