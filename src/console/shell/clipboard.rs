//! To the clipboard without X11: inside tmux by tmux's own command, else by OSC 52. Never read from it.

use super::terminal::write_once;
use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;
use std::process::{Command as Process, Stdio};

/// More than this many bytes no terminal takes in one sequence.
const MOST: usize = 56_000;

/// Sends text to the clipboard; says what is known of it, which is never that it arrived.
pub fn copy(text: &str) -> String {
    let count = text.chars().count();
    if text.len() > MOST {
        return format!("too long to copy: {count} characters");
    }
    if std::env::var_os("TMUX").is_some() {
        return match tmux(text) {
            Ok(()) => format!("sent to tmux's buffer ({count} characters)"),
            Err(e) => format!("tmux did not take it: {e}"),
        };
    }
    let mut sequence = String::new();
    let written = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence).is_ok()
        && write_once(sequence.as_bytes()).is_ok();
    match written {
        true => format!("sent to the terminal's clipboard ({count} characters)"),
        false => "the terminal did not take it".to_owned(),
    }
}

fn tmux(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut child = Process::new("tmux")
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes())?;
    }
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(std::io::Error::other("it failed")) }
}
