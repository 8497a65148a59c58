//! A terminal of our own around the program: what it writes goes through a terminal emulator, keys go in by name.

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// The longest that anything may take; a test that waits longer has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

struct Shown {
    parser: vt100::Parser,
    /// All that was written to the terminal, as it came.
    raw: Vec<u8>,
    ended: bool,
}

/// The program in its terminal.
pub struct Rig {
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    shown: Arc<(Mutex<Shown>, Condvar)>,
}

impl Rig {
    /// Starts `quell` with these arguments on a state folder, 80x24.
    pub fn start(state: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        Self::program(env!("CARGO_BIN_EXE_quell"), state, args, env)
    }

    /// Starts a shell with job control, which runs the program once Enter is pressed, then says how it ended or
    /// stopped, and at each further Enter takes it up again. Before that it says the program's process id.
    pub fn under_shell(program: &str, state: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        let script = "set -m; echo ready; read go; sh -c 'echo \"pid $$ .\"; exec \"$@\"' sh \"$@\"; \
                      while echo \"status $?\"; read go; do fg; done";
        let mut shell = vec!["-c", script, "sh", program];
        shell.extend(args);
        let rig = Self::program("/bin/sh", state, &shell, env);
        rig.see("ready");
        rig
    }

    /// Starts any program in the terminal, in the environment of the others.
    pub fn program(program: &str, state: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(size(24, 80)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        let home = state.to_string_lossy().into_owned();
        let base = [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("USER", "alice"), ("PATH", "/usr/bin:/bin")];
        for (name, value) in base.iter().chain(env).chain(&[("HOME", &*home), ("QUELL_STATE_DIR", &*home)]) {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let writer = pair.master.take_writer().unwrap();
        let reader = pair.master.try_clone_reader().unwrap();
        let shown = Shown { parser: vt100::Parser::new(24, 80, 0), raw: Vec::new(), ended: false };
        let shown = Arc::new((Mutex::new(shown), Condvar::new()));
        let theirs = shown.clone();
        std::thread::spawn(move || follow(reader, &theirs));
        Self { master: Some(pair.master), writer: Some(writer), child, shown }
    }

    /// The screen's text.
    pub fn screen(&self) -> String {
        self.shown.0.lock().unwrap().parser.screen().contents()
    }

    /// All that the program has written to its terminal.
    pub fn wrote(&self) -> Vec<u8> {
        self.shown.0.lock().unwrap().raw.clone()
    }

    /// Whether the program still holds the alternate screen, or bracketed paste.
    pub fn holds_modes(&self) -> bool {
        let shown = self.shown.0.lock().unwrap();
        let screen = shown.parser.screen();
        screen.alternate_screen() || screen.bracketed_paste() || screen.hide_cursor()
    }

    /// The terminal's settings: raw or cooked, echo, signals.
    pub fn settings(&self) -> impl PartialEq + std::fmt::Debug + use<> {
        self.master.as_ref().unwrap().get_termios()
    }

    /// Gives the window another size.
    pub fn resize(&self, rows: u16, cols: u16) {
        self.shown.0.lock().unwrap().parser.screen_mut().set_size(rows, cols);
        self.master.as_ref().unwrap().resize(size(rows, cols)).unwrap();
    }

    /// Waits until the screen says so; gives the screen.
    pub fn wait(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        let (lock, changed) = &*self.shown;
        let until = Instant::now() + PATIENCE;
        let mut shown = lock.lock().unwrap();
        loop {
            let text = shown.parser.screen().contents();
            if holds(&text) {
                return text;
            }
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !shown.ended, "waited in vain for {what}; the screen:\n{text}");
            shown = changed.wait_timeout(shown, left.min(Duration::from_millis(500))).unwrap().0;
        }
    }

    /// Waits for text on the screen.
    pub fn see(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    /// Waits until text has gone.
    pub fn gone(&self, text: &str) -> String {
        self.wait(&format!("{text} to go"), |screen| !screen.contains(text))
    }

    /// Presses keys by name: `j j Enter`.
    pub fn keys(&mut self, names: &str) {
        for name in names.split(' ') {
            let bytes: Vec<u8> = match name {
                "Enter" => b"\r".to_vec(),
                "Esc" => b"\x1b".to_vec(),
                "Tab" => b"\t".to_vec(),
                "Space" => b" ".to_vec(),
                "Down" => b"\x1b[B".to_vec(),
                "PgDn" => b"\x1b[6~".to_vec(),
                _ => match name.strip_prefix("C-").and_then(|c| c.bytes().next()) {
                    Some(c) if name.len() == 3 => vec![c & 0x1f],
                    _ => name.as_bytes().to_vec(),
                },
            };
            self.send(&bytes);
        }
    }

    /// Writes bytes to the program at once.
    pub fn send(&mut self, bytes: &[u8]) {
        // The program may have ended; then what is waited for next says so.
        if let Some(writer) = &mut self.writer {
            let _ = writer.write_all(bytes).and_then(|()| writer.flush());
        }
    }

    /// Types text into the field that is open.
    pub fn text(&mut self, text: &str) {
        self.send(text.as_bytes());
    }

    /// Approves the plan on screen: reads it to its end, types the gesture as soon as the dialog takes it, then Enter.
    pub fn approve(&mut self, gesture: &str) {
        let foot = ["Esc cancel", "READ ONLY: approving sends nothing"];
        self.wait("the whole approval", |s| s.contains("CONFIRM") && foot.iter().any(|words| s.contains(words)));
        // Nothing is approved before its end was on screen.
        self.press_until("PgDn", |s| !s.contains("PgDn or Down first"));
        // Where the step asks for a note, no reason stands there.
        let inside =
            |line: &str| Some(line.split_once("reason (required):")?.1.split(['│', '|']).next()?.trim().to_owned());
        if self.screen().lines().find_map(inside).is_some_and(|reason| reason.is_empty()) {
            self.press_until("Tab", |s| s.contains("Enter leaves the reason first"));
            self.text("agreed with its owner");
            self.see("agreed with its owner");
            self.keys("Enter");
            self.see("approve (type first)");
        }
        let mut typed = String::new();
        for c in gesture.chars() {
            typed.push(c);
            let wanted = format!("[{typed}]");
            // A dialog takes nothing in its first 300 ms, so the key is pressed until it shows.
            let until = Instant::now() + PATIENCE;
            while !self.screen().contains(&wanted) {
                assert!(Instant::now() < until, "the dialog takes no {c}:\n{}", self.screen());
                self.text(&c.to_string());
                self.settle(&wanted);
            }
        }
        self.keys("Enter");
        self.gone("CONFIRM");
    }

    /// Asks to close the session, whatever stays in force.
    pub fn closing(&mut self) {
        self.command("close");
        let asked = |s: &str| s.contains("STILL IN FORCE") || s.contains("CLOSE the session as");
        if self.wait("the question of closing", asked).contains("STILL IN FORCE") {
            self.keys("j Enter");
        }
        self.see("CLOSE the session as");
    }

    /// Presses a key again and again until the screen says so: a dialog is deaf at first.
    pub fn press_until(&mut self, key: &str, holds: impl Fn(&str) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !holds(&self.screen()) {
            assert!(Instant::now() < until, "{key} does nothing:\n{}", self.screen());
            self.keys(key);
            self.settle("\u{0}");
        }
    }

    /// Waits for text for at most a quarter of a second.
    fn settle(&self, text: &str) {
        let (lock, changed) = &*self.shown;
        let until = Instant::now() + Duration::from_millis(250);
        let mut shown = lock.lock().unwrap();
        while !shown.parser.screen().contents().contains(text) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            shown = changed.wait_timeout(shown, left).unwrap().0;
        }
    }

    /// Walks down the steps until the selected one has this title.
    pub fn walk_to(&mut self, title: &str) {
        self.keys("g g");
        self.wait("the first step", |s| selected(s).is_some_and(|l| l.contains("  1 ")));
        for _ in 0..60 {
            let screen = self.screen();
            let Some(before) = selected(&screen) else { continue };
            if before.contains(title) {
                return;
            }
            self.keys("j");
            self.wait("the cursor to move", |s| selected(s).is_some_and(|l| l != before));
        }
        panic!("no step {title}:\n{}", self.screen());
    }

    /// A command by the palette.
    pub fn command(&mut self, name: &str) {
        self.keys(":");
        self.see("COMMANDS");
        self.text(name);
        self.see(&format!("> {name}"));
        self.keys("Enter");
    }

    /// Waits for the end of the program.
    pub fn end(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // What it wrote last is read before anyone looks.
                let (lock, changed) = &*self.shown;
                let mut shown = lock.lock().unwrap();
                while !shown.ended && Instant::now() < until {
                    shown = changed.wait_timeout(shown, Duration::from_millis(50)).unwrap().0;
                }
                return status;
            }
            assert!(Instant::now() < until, "it does not end:\n{}", self.screen());
            std::thread::yield_now();
        }
    }

    /// Kills it as a power cut does.
    pub fn kill(&mut self) {
        self.signal("KILL");
        let _ = self.child.wait();
    }

    /// Waits until all that the dead program wrote has been read.
    pub fn drained(&self) {
        let (lock, changed) = &*self.shown;
        let until = Instant::now() + PATIENCE;
        let mut shown = lock.lock().unwrap();
        while !shown.ended {
            assert!(Instant::now() < until, "its terminal stays open");
            shown = changed.wait_timeout(shown, Duration::from_millis(50)).unwrap().0;
        }
    }

    /// Closes the terminal, as a dropped line does. The reader's copy of it goes when the program has ended.
    pub fn hang_up(&mut self) {
        self.signal("HUP");
        self.writer = None;
        self.master = None;
    }

    /// The program's process.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let status = std::process::Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// The number and title of the selected step.
pub fn selected(screen: &str) -> Option<&str> {
    screen.lines().find(|l| l.starts_with("> ["))?.get(5..40)
}

fn follow(mut reader: Box<dyn Read + Send>, shown: &(Mutex<Shown>, Condvar)) {
    let mut buffer = [0; 4096];
    loop {
        let read = reader.read(&mut buffer);
        let mut state = shown.0.lock().unwrap_or_else(|e| e.into_inner());
        match read {
            Ok(n) if n > 0 => {
                state.parser.process(&buffer[..n]);
                state.raw.extend_from_slice(&buffer[..n]);
            }
            _ => {
                state.ended = true;
                shown.1.notify_all();
                return;
            }
        }
        shown.1.notify_all();
    }
}

/// Runs `quell` without a terminal; gives the exit code and the standard output.
pub fn run(state: &Path, args: &[&str]) -> (i32, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_quell"))
        .args(args)
        .env("QUELL_STATE_DIR", state)
        .output()
        .unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The sessions in a state folder.
pub fn sessions(state: &Path) -> Vec<String> {
    let all = std::fs::read_dir(state.join("sessions")).unwrap();
    all.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// The one session in a state folder.
pub fn session(state: &Path) -> String {
    let mut names = sessions(state);
    assert_eq!(names.len(), 1, "{names:?}");
    names.remove(0)
}
