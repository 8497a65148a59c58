//! What each room may name: the table of the design, and what it says of crates and of the outside world.

use super::reader::Named;

/// A room, what it may name besides itself, and what its tests may name besides that.
struct Room {
    module: &'static str,
    may: &'static [&'static str],
    tests: &'static [&'static str],
}

const fn room(module: &'static str, may: &'static [&'static str]) -> Room {
    Room { module, may, tests: &[] }
}

const TABLE: &[Room] = &[
    room("quell_core::text", &[]),
    room("quell_core::finding", &["quell_core::text"]),
    room("quell_core::runbook", &["quell_core::text", "quell_core::finding"]),
    room("quell_core::incident", &["quell_core::text", "quell_core::finding", "quell_core::runbook"]),
    // The design's row says incident alone; but all JSON goes through text::json, and what is read back is Untrusted.
    room("quell_core::record", &["quell_core::text", "quell_core::incident"]),
    room("quell_core::export", &["quell_core"]),
    room("quell::problem", &["quell_core"]),
    // The clock's and the random source's failures are problems.
    room("quell::runtime", &["quell_core", "quell::problem"]),
    room("quell::timeline", &["quell_core", "quell::runtime", "quell::problem"]),
    room("quell::files", &["quell_core", "quell::runtime", "quell::problem"]),
    room("quell::aws", &["quell_core", "quell::runtime", "quell::problem", "quell::timeline::Permit"]),
    room("quell::source", &["quell_core", "quell::runtime", "quell::problem", "quell::aws"]),
    Room {
        module: "quell::action",
        // The trait's `execute` takes a Writer, which is had for a Permit: only the tests make one themselves.
        may: &["quell_core", "quell::runtime", "quell::problem", "quell::aws"],
        tests: &["quell::timeline::Permit", "quell::simulator"],
    },
    Room {
        module: "quell::lookup",
        may: &["quell_core", "quell::runtime", "quell::problem", "quell::aws"],
        tests: &["quell::simulator"],
    },
    room("quell::simulator", &["quell::runtime", "quell::problem"]),
    room(
        "quell::console",
        &[
            "quell_core",
            "quell::runtime",
            "quell::problem",
            "quell::timeline",
            "quell::files",
            "quell::aws",
            "quell::source",
            "quell::action",
            "quell::lookup",
        ],
    ),
    room("quell::cli", &["quell_core", "quell"]),
    room("main", &["quell::cli"]),
];

/// A crate or a part of one, and who alone may name it. The longest prefix that fits a path is the one that holds.
struct Outside {
    prefix: &'static str,
    rooms: &'static [&'static str],
}

const fn only(prefix: &'static str, rooms: &'static [&'static str]) -> Outside {
    Outside { prefix, rooms }
}

const SDK: &[&str] = &["quell::aws", "quell::source", "quell::action", "quell::lookup"];
const SDK_AND_SIMULATOR: &[&str] =
    &["quell::aws", "quell::source", "quell::action", "quell::lookup", "quell::simulator"];
const BUILDER: &[&str] = &["quell::aws"];
const SCREEN: &[&str] = &["quell::console"];
const SCREEN_CORE: &[&str] = &["quell::console", "quell::console::core"];
const RUNTIME: &[&str] = &["quell::runtime"];

const OUTSIDE: &[Outside] = &[
    only("aws_*", BUILDER),
    only("aws_sdk_*", SDK),
    // aws alone builds clients.
    only("aws_sdk_*::Client", BUILDER),
    only("aws_sdk_*::client", BUILDER),
    only("aws_sdk_*::config", BUILDER),
    only("aws_smithy_types", SDK),
    only("aws_smithy_types::body", SDK_AND_SIMULATOR),
    only("aws_smithy_runtime_api", SDK),
    only("aws_smithy_runtime_api::client::http", SDK_AND_SIMULATOR),
    only("aws_smithy_runtime_api::client::orchestrator", SDK_AND_SIMULATOR),
    only("aws_smithy_runtime_api::client::result", SDK_AND_SIMULATOR),
    only("aws_smithy_runtime_api::client::runtime_components", SDK_AND_SIMULATOR),
    // The console alone draws; its core knows keys and the editor, never the terminal.
    only("ratatui", SCREEN),
    // The editor's setters take it.
    only("ratatui::style::Style", SCREEN_CORE),
    only("tui_textarea", SCREEN_CORE),
    only("crossterm", SCREEN),
    only("crossterm::event::Event", SCREEN_CORE),
    only("crossterm::event::KeyCode", SCREEN_CORE),
    only("crossterm::event::KeyEvent", SCREEN_CORE),
    only("crossterm::event::KeyEventKind", SCREEN_CORE),
    only("crossterm::event::KeyEventState", SCREEN_CORE),
    only("crossterm::event::KeyModifiers", SCREEN_CORE),
    only("crossterm::event::MediaKeyCode", SCREEN_CORE),
    only("crossterm::event::ModifierKeyCode", SCREEN_CORE),
    only("crossterm::event::MouseButton", SCREEN_CORE),
    only("crossterm::event::MouseEvent", SCREEN_CORE),
    only("crossterm::event::MouseEventKind", SCREEN_CORE),
    // Chance; a generator with a seed of the caller's is none.
    only("getrandom", RUNTIME),
    only("fastrand", RUNTIME),
    only("fastrand::Rng", &["*"]),
    only("fastrand::Rng::new", RUNTIME),
    // Threads and tasks.
    only("std::thread", RUNTIME),
    // What a room keeps of a thread that runtime started for it.
    only("std::thread::JoinHandle", &["*"]),
    // The console's watch over its own end stops the process when a disk does not answer.
    only("std::thread::sleep", SCREEN),
    only("tokio::spawn", RUNTIME),
    only("tokio::task", RUNTIME),
    only("tokio::task::JoinHandle", &["*"]),
    only("tokio::runtime", RUNTIME),
    // Timers.
    only("tokio::time", RUNTIME),
    // What the process does with a signal.
    only("signal_hook", RUNTIME),
];

/// Ends of paths that read a clock, whatever stands before them.
const CLOCKS: &[&str] = &["Timestamp::now", "Zoned::now", "SystemTime::now", "Instant::now", ".elapsed"];

/// The rooms without I/O, and what they may not name. Their tests may read files.
const PURE: &[&str] = &["quell_core", "quell::console::core"];
const IO: &[&str] = &[
    "std::env",
    "std::fs",
    "std::net",
    "std::os",
    "std::process",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "tokio",
    "rustix",
    "tempfile",
    "directories",
];

/// What tests may name though their room may not: an executor for their futures, and threads to stand in for others.
const IN_TESTS: &[&str] = &["std::thread", "tokio::spawn", "tokio::task", "tokio::runtime"];

/// What is wrong with this name at this place, if anything.
pub fn wrong(named: &Named) -> Option<String> {
    let said = |why: &str| Some(format!("{}: {} names {} ({why})", named.place, named.module, named.path));
    if named.module == "quell" || named.module == "quell_core" {
        return said("the map declares rooms, nothing else").filter(|_| named.path.contains("::"));
    }
    let Some(room) = room_of(&named.module) else { return said("a room that the table does not have") };
    if under(&named.path, "quell") || under(&named.path, "quell_core") {
        let may = room.may.iter().chain(room.tests.iter().filter(|_| named.test));
        let fits = under(&named.path, room.module) || may.into_iter().any(|may| under(&named.path, may));
        return if fits { None } else { said("the table does not let it") };
    }
    outside(named, room).and_then(said)
}

fn outside(named: &Named, room: &Room) -> Option<&'static str> {
    let (path, module) = (named.path.as_str(), named.module.as_str());
    let runtime = room.module == "quell::runtime";
    if CLOCKS.iter().any(|clock| path.ends_with(clock)) && !runtime {
        return Some("runtime alone reads the clock");
    }
    let pure = PURE.iter().any(|pure| under(module, pure));
    if pure && !named.test && (IO.iter().any(|io| under(path, io)) || path == "std::*") {
        return Some("a room without I/O");
    }
    if named.test && IN_TESTS.iter().any(|prefix| under(path, prefix)) {
        return None;
    }
    let length = |o: &&Outside| (o.prefix.split("::").count(), o.prefix.len());
    let rule = OUTSIDE.iter().filter(|o| under(path, o.prefix)).max_by_key(length)?;
    // The console's core is a room of its own here: what the console may name it may not, unless it is said.
    let here = if under(module, "quell::console::core") { "quell::console::core" } else { room.module };
    let fits = rule.rooms.iter().any(|room| *room == "*" || *room == here);
    if fits { None } else { Some("others alone may name it") }
}

fn room_of(module: &str) -> Option<&'static Room> {
    TABLE.iter().find(|room| under(module, room.module))
}

/// Whether the path is this prefix or goes on from it, name by name; a `*` at a name's end stands for its rest.
fn under(path: &str, prefix: &str) -> bool {
    let mut names = path.split("::");
    prefix.split("::").all(|wanted| {
        names.next().is_some_and(|name| match wanted.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == wanted,
        })
    })
}
