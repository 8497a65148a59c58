//! Tests that need something from outside, and go without it, say so here.

use std::io::Write;

/// Says which test goes without what it needs, and why; fails where `CI` is true, for there nothing may be wanting.
pub fn skipped(why: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
    let thread = std::thread::current();
    tell(&format!("SKIPPED: {}: {why}", thread.name().unwrap_or("a test")));
}

/// Prints a figure past the test harness, which keeps what a passing test prints.
pub fn tell(words: &str) {
    let _ = writeln!(std::io::stderr(), "{words}");
}
