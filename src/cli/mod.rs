//! The command line: one file for each subcommand, from arguments to exit code.
//!
//! Exit codes: 0 fine, 1 the command found what it looks for, 2 bad usage or bad input, 3 AWS, network or disk.

mod findings;
mod findings_csv;
mod findings_table;
mod io;
mod runbooks;

pub use io::Io;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// A terminal incident console for AWS security responders.
#[derive(Debug, Parser)]
#[command(name = "quell", version, about, arg_required_else_help = true)]
struct Cli {
    /// A folder of your own runbooks; may be given several times
    #[arg(long = "runbooks", id = "runbook_folders", value_name = "DIR", global = true)]
    runbooks: Vec<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List findings, from a file or from AWS
    Findings(findings::Args),
    /// List, show, match and check runbooks
    Runbooks(runbooks::Args),
}

/// Runs the program on its arguments.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut io = Io::real();
    match &cli.command {
        Command::Findings(args) => findings::run(args, &mut io),
        Command::Runbooks(args) => runbooks::run(args, &cli.runbooks, &mut io),
    }
}
