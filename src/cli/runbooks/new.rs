//! `quell runbooks new`: a runbook to begin with, for one finding type.

use super::output::write;
use crate::cli::io::Io;
use crate::problem::{Problem, clean};
use quell_core::runbook::scaffold::scaffold;
use std::path::PathBuf;
use std::process::ExitCode;

/// The arguments of `quell runbooks new`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A GuardDuty type, a Security Hub control such as S3.8, or resource:AWS::S3::Bucket
    #[arg(long = "type", value_name = "T")]
    kind: String,
    /// A file to write, which must not be there yet, instead of standard output
    #[arg(long, value_name = "F")]
    out: Option<PathBuf>,
}

/// Runs the subcommand.
pub fn run(args: &Args, io: &mut Io) -> ExitCode {
    let now = io.runtime.now().to_string();
    let date = now.split('T').next().unwrap_or_default();
    let made = match scaffold(&args.kind, date) {
        Ok(made) => made,
        Err(no) => {
            let near = no.near.map(|near| format!("did you mean {near}? ")).unwrap_or_default();
            let next = format!("{near}a type, a control such as S3.8, or resource:AWS::S3::Bucket stands there");
            let problem = Problem::input(format!("{} is no finding type", clean(&args.kind))).next(next);
            return io.refuse(&problem);
        }
    };
    if made.unlisted {
        io.say(&format!("{} is not among GuardDuty's types that quell knows", args.kind));
    }
    write(&made.text, args.out.as_deref(), io)
}
