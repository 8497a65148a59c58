//! All integration tests in one program: linking it once is quicker than linking many.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that panics has failed")]

mod chance;
mod cli;
mod console;
mod faults;
mod figures;
mod findings;
mod iam;
mod layers;
mod outside;
mod pty;
mod runbooks;
mod shared;
mod skipped;
mod sources;
mod timeline;
