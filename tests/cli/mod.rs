//! The command line from the outside: what every subcommand checks first, and what its words promise.

mod account;
mod doctor;
mod options;

use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The binary in a home of its own, without anything of the machine's configuration.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        self.path(name)
    }

    fn command(&self, args: &[&str], env: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quell"));
        command.env_clear().env("HOME", self.0.path()).envs(env.iter().copied()).args(args).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str], env: &[(&str, &str)]) -> Run {
        let Output { status, stdout, stderr } = self.command(args, env).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
    }
}

struct Run {
    code: i32,
    out: String,
    err: String,
}
