//! `quell findings` from the outside: the binary, its two outputs, its exit code.

mod cli;
mod hostile;
mod literals;
mod samples;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The binary with arguments, ready to run without anything of the machine's configuration.
fn quell(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quell"));
    command.args(args).env_clear().stdin(Stdio::null());
    command
}

/// Runs `quell findings` on a file.
fn findings(file: &Path, more: &[&str]) -> Output {
    let file = file.to_str().unwrap();
    quell(&[&["findings", "--file", file], more].concat()).output().unwrap()
}

/// Runs `quell findings --file -` on bytes.
fn piped(bytes: &[u8], more: &[&str]) -> Output {
    let mut command = quell(&[&["findings", "--file", "-"], more].concat());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = child.wait_with_output().unwrap();
    match writer.join().unwrap() {
        // Whoever refuses the arguments reads nothing.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        written => written.unwrap(),
    }
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/findings").join(name)
}
