//! `quell runbooks import`: a CACAO 2.0 playbook as a runbook.

use super::output::write;
use crate::cli::io::Io;
use crate::problem::{Problem, clean};
use quell_core::runbook::{LIMIT, cacao};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `quell runbooks import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A CACAO 2.0 playbook, as JSON
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A finding type that shall lead to it, or a control, or resource:AWS::S3::Bucket; may be given several times
    #[arg(long = "type", value_name = "T")]
    types: Vec<String>,
    /// A file to write, which must not be there yet, instead of standard output
    #[arg(long, value_name = "F")]
    out: Option<PathBuf>,
}

/// Runs the subcommand.
pub fn run(args: &Args, io: &mut Io) -> ExitCode {
    if let Some(bad) = args.types.iter().find(|kind| !cacao::is_type(kind)) {
        let problem = Problem::input(format!("{} is no finding type", clean(bad)))
            .next("a type, a control such as S3.8, or resource:AWS::S3::Bucket stands there");
        return io.refuse(&problem);
    }
    let made = match read(&args.file) {
        Ok(bytes) => cacao::import(&bytes, &args.types).map_err(|no| {
            Problem::input(clean(&no.what).into_string())
                .in_file(args.file.to_string_lossy(), no.line, no.column)
                .meaning("nothing of it was taken over")
                .next("mend the playbook, or ask who made it")
        }),
        Err(problem) => Err(problem),
    };
    let made = match made {
        Ok(made) => made,
        Err(problem) => return io.refuse(&problem),
    };
    if made.left_out > 0 {
        io.say(&format!("{} credentials of the playbook were left out", made.left_out));
    }
    if args.types.is_empty() {
        io.say("no finding leads to it yet: name the types with --type, or write them into its matches");
    }
    write(&made.text, args.out.as_deref(), io)
}

/// The file's bytes; of one that is too large a byte more than is read, so that it is refused.
fn read(file: &Path) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).and_then(|from| from.take(LIMIT as u64 + 1).read_to_end(&mut bytes));
    match opened {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Problem::input(format!("the playbook can't be read: {error}"))
            .in_file(file.to_string_lossy(), 0, 0)
            .next("check the name and the permissions")),
    }
}
