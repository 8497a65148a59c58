//! The user's files: configuration, runbook folders, and what is read by name.

mod built_in;
pub mod check;
pub mod config;
pub mod glance;
pub mod group;
pub mod read;
mod roles;
pub mod runbooks;
pub mod ssh_auth;
pub mod trust;
mod webhooks;
