//! The proof that a wrong arrow is seen: one is planted for each that is forbidden, in every way that Rust has to
//! name a thing.

use super::reader::read_text;
use super::table::wrong;

/// The arrows by hand, a second time: a row names a column (`.`) or may not (`x`).
const ARROWS: &str = "
             text finding runbook incident record export problem runtime timeline files aws source action lookup simulator console cli
    text     .    x       x       x        x      x      x       x       x        x     x   x      x      x      x         x       x
    finding  .    .       x       x        x      x      x       x       x        x     x   x      x      x      x         x       x
    runbook  .    .       .       x        x      x      x       x       x        x     x   x      x      x      x         x       x
    incident .    .       .       .        x      x      x       x       x        x     x   x      x      x      x         x       x
    record   .    x       x       .        .      x      x       x       x        x     x   x      x      x      x         x       x
    export   .    .       .       .        .      .      x       x       x        x     x   x      x      x      x         x       x
    problem  .    .       .       .        .      .      .       x       x        x     x   x      x      x      x         x       x
    runtime  .    .       .       .        .      .      .       .       x        x     x   x      x      x      x         x       x
    timeline .    .       .       .        .      .      .       .       .        x     x   x      x      x      x         x       x
    files    .    .       .       .        .      .      .       .       x        .     x   x      x      x      x         x       x
    aws      .    .       .       .        .      .      .       .       x        x     .   x      x      x      x         x       x
    source   .    .       .       .        .      .      .       .       x        x     .   .      x      x      x         x       x
    action   .    .       .       .        .      .      .       .       x        x     .   x      .      x      x         x       x
    lookup   .    .       .       .        .      .      .       .       x        x     .   x      x      .      x         x       x
    simulator x   x       x       x        x      x      .       .       x        x     x   x      x      x      .         x       x
    console  .    .       .       .        .      .      .       .       .        .     .   .      .      .      x         .       x
    cli      .    .       .       .        .      .      .       .       .        .     .   .      .      .      .         .       .
";

/// Ways to name a thing of another room; `@` is the room's path, and `~` the same path from its crate's root.
const WAYS: &[&str] = &[
    "use @::Thing;",
    "use @ as other;",
    "pub use @::*;",
    "use {std::fmt, @::{self, Thing}};",
    "fn f() { let _ = @::thing(1); }",
    "struct S { a: Option<Box<@::Thing>> }",
    "fn f() { assert!(matches!(x, @::Thing { .. })); }",
    "macro_rules! m { () => { a(@::thing()) }; }",
    "#[derive(Serialize)] struct S { #[serde(with = \"@::thing\")] a: u8 }",
    "mod inner { fn f() -> impl Sized { @::Thing } }",
    "impl @::Thing for u8 {}",
    "#[cfg(test)] mod tests { use @::Thing; }",
    "fn f(a: &dyn @::Thing) {}",
    "#[cfg(test)] use @::Thing; fn g() {}",
];

fn path(room: &str) -> String {
    let core = ["text", "finding", "runbook", "incident", "record", "export"].contains(&room);
    format!("{}::{room}", if core { "quell_core" } else { "quell" })
}

/// The lines that the table refuses of this text, as the paths that it names.
fn refused(module: &str, text: &str) -> Vec<String> {
    read_text(text, module).iter().filter(|n| wrong(n).is_some()).map(|n| n.path.clone()).collect()
}

fn seen(module: &str, text: &str, expected: bool) {
    let refused = refused(module, text);
    assert_eq!(!refused.is_empty(), expected, "{module}: {text}: {refused:?}");
}

#[test]
fn every_forbidden_arrow_is_seen_and_no_other() {
    let mut lines = ARROWS.lines().filter(|l| !l.trim().is_empty());
    let columns: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let mut planted = 0;
    for line in lines {
        let (from, marks) =
            line.split_whitespace().collect::<Vec<_>>().split_first().map(|(f, m)| (*f, m.to_vec())).unwrap();
        assert_eq!(marks.len(), columns.len(), "{from}");
        for (to, mark) in columns.iter().zip(marks) {
            // From the same crate a path may begin with `crate`, from another with the crate's name.
            let (module, target) = (format!("{}::deep::er", path(from)), path(to));
            let ours = module.split("::").next() == target.split("::").next();
            let near = target.replacen(target.split("::").next().unwrap(), "crate", 1);
            let far = target.replacen(target.split("::").next().unwrap(), "super::super::super", 1);
            for way in WAYS {
                let targets = if ours { vec![&near, &far] } else { vec![&target] };
                for target in targets {
                    let text = way.replace('@', if way.starts_with("mod") && ours { &near } else { target });
                    // An inner module is one deeper.
                    if text.contains("mod ") && text.contains("super::") {
                        continue;
                    }
                    let text = if ["action", "lookup"].contains(&from) && *to == "simulator" {
                        text.replace("cfg(test)", "cfg(unix)")
                    } else {
                        text
                    };
                    seen(&module, &text, mark == "x");
                    planted += 1;
                }
            }
        }
    }
    assert!(planted > 5000, "{planted}");
}

#[test]
fn a_part_of_a_room_opens_no_more_than_itself() {
    seen("quell::aws::writer", "use crate::timeline::Permit;", false);
    seen("quell::aws::writer", "use crate::timeline::{Permit, Log};", true);
    seen("quell::aws::writer", "use crate::timeline;", true);
    seen("quell::aws::writer", "fn f(p: &crate::timeline::Permits) {}", true);
    seen("quell::action::tests", "use crate::timeline::Permit;", true);
    seen("quell::action::tests", "#[cfg(test)] mod t { use crate::timeline::Permit; }", false);
    seen("quell::action::tests", "#[cfg(test)] mod t { use crate::timeline::Log; }", true);
    seen("quell::action::tests", "#[cfg(test)] mod t { use crate::simulator::Simulator; }", false);
    seen("quell::action::tests", "#[cfg(test)] mod t {} use crate::simulator::Simulator;", true);
    seen("quell::source::tests", "#[cfg(test)] mod t { use crate::simulator::Simulator; }", true);
    seen("quell::new_room", "use crate::problem::Problem;", true);
    seen("quell", "use crate::problem::Problem;", true);
    seen("main", "fn main() { quell::console::run() }", true);
    seen("main", "fn main() { quell::cli::main() }", false);
}

#[test]
fn the_sdk_stays_in_its_rooms() {
    for (module, text, expected) in [
        ("quell::console::shell", "use aws_sdk_ssm::types::Parameter;", true),
        ("quell::cli::findings", "use aws_sdk_ssm::types::Parameter;", true),
        ("quell::timeline::log", "fn f() { aws_config::load() }", true),
        ("quell::files::config", "use aws_types::region::Region;", true),
        ("quell_core::finding::read", "use aws_smithy_types::Blob;", true),
        ("quell::action::calls", "use aws_smithy_types::DateTime;", false),
        ("quell::action::calls", "use aws_sdk_iam::types::StatusType;", false),
        ("quell::action::calls", "use aws_sdk_iam::Client;", true),
        ("quell::action::calls", "use aws_sdk_iam as iam; fn f() { iam::config::Builder::new() }", true),
        ("quell::source::fetch", "use aws_config::SdkConfig;", true),
        ("quell::aws::clients", "use aws_sdk_iam::Client;", false),
        ("quell::aws::thin", "use aws_smithy_runtime::client::orchestrator::operation::Operation;", false),
        ("quell::aws::thin", "use aws_runtime::auth::sigv4;", false),
        ("quell::action::ec2_isolate", "use aws_smithy_runtime::client::orchestrator::operation::Operation;", true),
        ("quell::action::ec2_isolate", "use aws_runtime::auth::sigv4;", true),
        ("quell::simulator::ec2", "use aws_runtime::auth::sigv4;", true),
        ("quell::aws::load", "use aws_config::SdkConfig;", false),
        ("quell::simulator::connector", "use aws_smithy_types::body::SdkBody;", false),
        ("quell::simulator::connector", "use aws_smithy_types::{body::SdkBody, DateTime};", true),
        ("quell::simulator::connector", "use aws_smithy_runtime_api::client::http::SharedHttpClient;", false),
        ("quell::simulator::connector", "use aws_smithy_runtime_api::client::orchestrator::HttpRequest;", false),
        ("quell::simulator::connector", "use aws_smithy_runtime_api::client::result::ConnectorError;", false),
        (
            "quell::simulator::connector",
            "use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;",
            false,
        ),
        ("quell::simulator::connector", "use aws_smithy_runtime_api::client::interceptors::Intercept;", true),
        ("quell::simulator::connector", "use aws_smithy_runtime_api::client;", true),
        ("quell::simulator::sts", "use aws_sdk_sts::types::Credentials;", true),
        ("quell::simulator::sts", "use aws_credential_types::Credentials;", true),
    ] {
        seen(module, text, expected);
    }
}

#[test]
fn only_the_console_draws_and_its_core_touches_nothing() {
    for (module, text, expected) in [
        ("quell::cli::keys", "use ratatui::buffer::Buffer;", true),
        ("quell::timeline::log", "fn f() { crossterm::terminal::size() }", true),
        ("quell::console::shell::terminal", "use crossterm::{execute, terminal};", false),
        ("quell::console::widgets::paint", "use ratatui::buffer::Buffer;", false),
        ("quell::console::core::key", "use crossterm::event::{KeyCode, KeyEvent};", false),
        ("quell::console::core::prompt", "use tui_textarea::TextArea;", false),
        ("quell::console::core::key", "use crossterm::event::{KeyCode, read};", true),
        ("quell::console::core::key", "use crossterm::event;", true),
        ("quell::console::core::key", "use crossterm::event::*;", true),
        ("quell::console::core::key", "fn f() { crossterm::execute!(a, b) }", true),
        ("quell::console::core::update", "use ratatui::buffer::Buffer;", true),
        ("quell::console::core::update", "use std::fs;", true),
        ("quell::console::core::update", "fn f() { std::process::exit(1) }", true),
        ("quell::console::core::update", "use tokio::sync::mpsc;", true),
        ("quell_core::record::read", "use std::fs::File;", true),
        ("quell_core::record::read", "use std::{env, fmt};", true),
        ("quell_core::record::read", "fn f() { std::io::stdout() }", true),
        ("quell_core::record::read", "use std::io::Write;", false),
        ("quell_core::record::read", "#[cfg(test)] mod tests { use std::fs; }", false),
    ] {
        seen(module, text, expected);
    }
}

#[test]
fn the_clock_chance_and_threads_are_the_runtimes() {
    for text in [
        "fn f() { jiff::Timestamp::now() }",
        "use jiff::Timestamp; fn f() { g(Timestamp::now) }",
        "use jiff::Timestamp as T; fn f() { T::now() }",
        "fn f() { std::time::SystemTime::now() }",
        "use std::time; fn f() { time::Instant::now() }",
        "fn f(start: Instant) { start.elapsed() }",
        "fn f() { getrandom::fill(&mut bytes) }",
        "fn f() { fastrand::u8(..) }",
        "fn f() { fastrand::Rng::new() }",
        "use std::thread; fn f() { thread::spawn(g) }",
        "use std::thread::Builder;",
        "fn f() { tokio::spawn(g()) }",
        "use tokio::task; fn f() { task::spawn_blocking(g) }",
        "use tokio::{select, task::JoinSet};",
        "fn f() { tokio::time::sleep(d) }",
        "fn f() { tokio::runtime::Handle::current() }",
        "fn f() { info!(at = Instant::now()) }",
    ] {
        seen("quell::console::shell", text, true);
        seen("quell::timeline::thread", text, true);
        seen("quell::runtime", text, false);
    }
    for text in [
        "use std::time::{Duration, Instant};",
        "use tokio::task::JoinHandle;",
        "use std::thread::JoinHandle;",
        "fn f() { fastrand::Rng::with_seed(1) }",
        "#[cfg(test)] mod tests { fn f() { tokio::runtime::Builder::new_current_thread() } }",
    ] {
        seen("quell::timeline::thread", text, false);
    }
    seen("quell::timeline::thread", "#[cfg(test)] mod tests { fn f() { Instant::now() } }", true);
}
