//! The command line: one file for each subcommand, from arguments to exit code.
//!
//! Exit codes: 0 fine, 1 the command found what it looks for, 2 bad usage or bad input, 3 AWS, network or disk.

mod console;
mod doctor;
mod findings;
mod findings_csv;
mod findings_file;
mod findings_table;
mod globals;
mod io;
mod keys;
mod run;
mod runbooks;
mod sessions;
mod sessions_bundle;
mod sessions_custody;
mod sessions_evidence;
mod sessions_in_force;
mod sessions_mask;
mod sessions_note;
mod sessions_sign;
mod sessions_verify;
mod simulator;
mod visit;
mod words;

pub use globals::Globals;
pub use io::Io;

use crate::runtime::Runtime;
use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;

/// A terminal incident console for AWS security responders.
#[derive(Debug, Parser)]
#[command(name = "quell", version, about)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the console on a simulated AWS account: no credentials, no network
    Demo(console::DemoArgs),
    /// Check what actions need before they are wanted: permissions, documents, roles, values
    ///
    /// Exit code 1 when something is missing, 3 when AWS could not be asked or did not say.
    Doctor(doctor::Args),
    /// List findings, from a file or from AWS
    Findings(findings::Args),
    /// Open the console straight in an incident
    Open(console::OpenArgs),
    /// Run a command and keep its output as evidence of the open session
    ///
    /// No shell reads the words. The exit code is the command's own, 128 and the signal's number when a signal ended
    /// it; 3 when its output could not be kept.
    Run(run::Args),
    /// List, show, match and check runbooks
    Runbooks(runbooks::Args),
    /// List, show, verify and export the incidents on disk
    Sessions(sessions::Args),
    /// Serve a simulated AWS account on a loopback port
    Simulator(simulator::Args),
    /// List the keys of the console
    Keys(keys::Args),
    /// Print the completions of a shell
    Completions { shell: clap_complete::Shell },
    /// Print the manual page
    Man,
}

/// Runs the program on its arguments.
pub fn main() -> ExitCode {
    Runtime::outlive_file_limit();
    run(std::env::args_os(), Io::real())
}

/// Runs quell with these arguments, the first of which is its name, on this world.
pub fn run(args: impl IntoIterator<Item = OsString>, mut io: Io) -> ExitCode {
    let mut cli = Cli::parse_from(args);
    if let Err(problem) = cli.globals.settle(&mut io) {
        return io.refuse(&problem);
    }
    let globals = &cli.globals;
    match &cli.command {
        None => console::real(globals, &mut io),
        Some(Command::Demo(args)) => console::demo(args, globals, &mut io),
        Some(Command::Doctor(args)) => doctor::run(args, globals, &mut io),
        Some(Command::Findings(args)) => findings::run(args, globals, &mut io),
        Some(Command::Open(args)) => console::open(args, globals, &mut io),
        Some(Command::Run(args)) => run::run(args, globals, &mut io),
        Some(Command::Runbooks(args)) => runbooks::run(args, globals, &mut io),
        Some(Command::Sessions(args)) => sessions::run(args, globals, &mut io),
        Some(Command::Simulator(args)) => simulator::run(args, &mut io),
        Some(Command::Keys(args)) => keys::run(args, globals, &mut io),
        Some(Command::Completions { shell }) => {
            let mut out = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "quell", &mut out);
            let written = io.out.write_all(&out);
            io.finish(written, 0)
        }
        Some(Command::Man) => {
            let mut out = Vec::new();
            let made = clap_mangen::Man::new(Cli::command()).render(&mut out);
            let written = made.and_then(|()| io.out.write_all(&out));
            io.finish(written, 0)
        }
    }
}
