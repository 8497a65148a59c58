//! The terminal goes back to the shell that started the console: while the console is suspended, and when it breaks.

use super::rig::{Rig, run, session};
use super::tour::open_the_miner;
use quell::cli::Io;
use quell::runtime::Runtime;
use std::path::Path;
use std::process::Command;

/// The process id that the shell said, and then the console itself, opened on the miner.
fn opened(rig: &mut Rig) -> String {
    rig.keys("Enter");
    let pid = rig.see("pid ");
    let pid = pid.lines().find_map(|l| l.strip_prefix("pid ")?.strip_suffix(" .")).unwrap().to_owned();
    open_the_miner(rig);
    rig.see("records saved");
    pid
}

/// What the system says of a process: S sleeping, T stopped.
fn state_of(pid: &str) -> String {
    let out = Command::new("ps").args(["-o", "stat=", "-p", pid]).output().unwrap();
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// What is to be seen of a screen: blanks at the ends of its lines are not.
fn seen(screen: &str) -> Vec<String> {
    screen.lines().map(|l| l.trim_end().to_owned()).collect()
}

#[test]
fn a_suspended_console_leaves_the_shell_its_terminal_and_comes_back_whole() {
    let state = tempfile::tempdir().unwrap();
    let mut rig = Rig::under_shell(env!("CARGO_BIN_EXE_quell"), state.path(), &["demo"], &[]);
    let cooked = rig.settings();
    let pid = opened(&mut rig);
    assert!(rig.holds_modes());
    let raw = rig.settings();
    assert_ne!(raw, cooked);
    let before = seen(&rig.screen());
    rig.keys("C-z");
    let shell = rig.see("status 1");
    assert!(shell.contains("ready") && !shell.contains("STEPS"), "{shell}");
    assert!(!rig.holds_modes());
    assert_eq!(rig.settings(), cooked);
    assert!(state_of(&pid).starts_with('T'), "{}", state_of(&pid));
    // Back: the same screen, all of it, and it takes keys.
    rig.keys("Enter");
    rig.wait("the screen from before", |s| seen(s) == before);
    assert!(rig.holds_modes());
    assert_eq!(rig.settings(), raw);
    rig.keys("?");
    rig.see("HELP incident");
    rig.keys("q");
    rig.gone("HELP");
    // Once more, and the window has changed meanwhile.
    rig.keys("C-z");
    rig.wait("the shell, a second time", |s| s.matches("status 1").count() == 2);
    rig.resize(30, 100);
    rig.keys("Enter");
    let widest = |s: &str| s.lines().map(|l| l.chars().count()).max();
    rig.wait("the screen in the new size", |s| widest(s) == Some(100) && s.lines().count() == 30);
    rig.keys("q q");
    rig.see("status 0");
    assert!(!rig.holds_modes());
    assert_eq!(rig.settings(), cooked);
}

#[test]
fn a_console_that_is_asked_to_end_leaves_the_shell_its_terminal() {
    for signal in ["-TERM", "-INT", "-QUIT", "-HUP"] {
        let state = tempfile::tempdir().unwrap();
        let mut rig = Rig::under_shell(env!("CARGO_BIN_EXE_quell"), state.path(), &["demo"], &[]);
        let cooked = rig.settings();
        let pid = opened(&mut rig);
        assert_ne!(rig.settings(), cooked);
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        rig.see("status 0");
        assert!(!rig.holds_modes(), "{signal}");
        assert_eq!(rig.settings(), cooked, "{signal}");
    }
}

#[test]
fn without_a_shell_to_come_back_to_nothing_is_suspended() {
    let state = tempfile::tempdir().unwrap();
    let mut rig = Rig::start(state.path(), &["demo"], &[]);
    rig.see("14 of 14");
    rig.keys("C-z");
    rig.see("there is no shell to come back to");
    assert!(rig.holds_modes());
    rig.keys("q");
    assert!(rig.end().success());
}

/// Set for the console that breaks; says which of its threads does.
const BREAKS: &str = "QUELL_TEST_BREAKS";
/// While this file lies in the state folder, whoever asks for the time breaks.
const FUSE: &str = "fuse";

/// No test by itself, but the program of the next two: this test program runs itself in a terminal, with this test
/// alone. The console is the real one; only its clock can be made to panic.
#[test]
fn the_console_that_breaks() {
    let Ok(whose) = std::env::var(BREAKS) else { return };
    let fuse = Path::new(&std::env::var_os("QUELL_STATE_DIR").unwrap()).join(FUSE);
    let console = Runtime::this_thread();
    let world = Io::real();
    let time = world.runtime.clone();
    let clock = move || {
        assert!(console() != (whose == "console") || !fuse.exists(), "planted \u{1b}[31m\u{202e}words");
        time.now()
    };
    let chance = |bytes: &mut [u8]| {
        bytes.fill(7);
        Ok(())
    };
    let io = Io { runtime: Runtime::new(clock, chance), ..world };
    quell::cli::run(["quell", "demo", "--speed", "20"].map(Into::into), io);
}

fn breaks(whose: &str) {
    let state = tempfile::tempdir().unwrap();
    let own = std::env::current_exe().unwrap();
    let args = ["pty::handback::the_console_that_breaks", "--exact", "--nocapture"];
    let mut rig = Rig::under_shell(&own.to_string_lossy(), state.path(), &args, &[(BREAKS, whose)]);
    let cooked = rig.settings();
    opened(&mut rig);
    assert_ne!(rig.settings(), cooked);
    std::fs::write(state.path().join(FUSE), "").unwrap();
    // The key asks the console's thread for the time; the next look at the sources asks others.
    rig.keys("Space");
    let shell = rig.see("status 101");
    assert!(!rig.holds_modes());
    assert_eq!(rig.settings(), cooked);
    // The shell's own lines are back, below them what happened and what to do, in words that do nothing.
    for words in ["ready", "quell itself broke: planted \\u{1b}[31m\\u{202e}words", "resume the session"] {
        assert!(shell.contains(words), "{words}:\n{shell}");
    }
    let wrote = rig.wrote();
    let left = wrote.windows(8).rposition(|w| w == b"\x1b[?1049l").unwrap();
    assert!(!wrote[left + 8..].contains(&0x1b), "{}", String::from_utf8_lossy(&wrote[left..]));
    let (code, out) = run(state.path(), &["sessions", "verify", &session(state.path()), "--json"]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn a_console_that_breaks_gives_the_terminal_back() {
    breaks("console");
}

#[test]
fn a_console_that_breaks_beside_its_loop_ends_and_gives_the_terminal_back() {
    breaks("another");
}
