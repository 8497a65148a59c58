//! `quell runbooks trust`: lets the actions of a runbook of one's own be planned, by the hash of its whole text.

use super::json_line;
use crate::cli::Globals;
use crate::cli::io::Io;
use crate::files::runbooks::read_file;
use crate::files::trust::{Trust, Trusted};
use crate::problem::{Problem, clean};
use quell_core::runbook::{Parsed, Runbook};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `quell runbooks trust`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files that you have read; one changed byte, in a part too, asks again
    #[arg(value_name = "FILE", required_unless_present_any = ["list", "forget"], conflicts_with_all = ["list", "forget"])]
    files: Vec<PathBuf>,
    /// List what is trusted
    #[arg(long, conflicts_with = "forget")]
    list: bool,
    /// Trust the runbook of this file or SHA-256 no more
    #[arg(long, value_name = "FILE|SHA256")]
    forget: Option<String>,
    /// With --list: print one JSON object a line
    #[arg(long, requires = "list")]
    json: bool,
}

/// Runs the subcommand; exit code 2 for a file that can't be read, and for one to forget that was not trusted.
pub fn run(args: &Args, globals: &Globals, io: &mut Io) -> ExitCode {
    match globals.trust().and_then(|path| Trust::read(&path)) {
        Ok(trust) if args.list => list(&trust, args.json, io),
        Ok(mut trust) => match &args.forget {
            Some(named) => forget(&mut trust, named, io),
            None => add(&mut trust, &args.files, io),
        },
        Err(problem) => io.refuse(&problem),
    }
}

fn list(trust: &Trust, json: bool, io: &mut Io) -> ExitCode {
    let written = trust.all().iter().try_for_each(|one| match json {
        true => json_line(io, one),
        false => {
            let at = one.at.strftime("%Y-%m-%d %H:%MZ");
            writeln!(io.out, "{}  {at}  {}", clean(&one.sha256), clean(&one.file))
        }
    });
    io.finish(written, 0)
}

/// The true path of a file, as it is kept and told.
fn true_path(file: &Path) -> String {
    fs::canonicalize(file).unwrap_or_else(|_| file.to_owned()).to_string_lossy().into_owned()
}

fn forget(trust: &mut Trust, named: &str, io: &mut Io) -> ExitCode {
    let mut gone = trust.remove(named);
    if matches!(gone, Ok(0)) {
        gone = trust.remove(&true_path(Path::new(named)));
    }
    match gone {
        Ok(0) => {
            let problem = Problem::input(format!("nothing of that name or hash is trusted: {}", clean(named)))
                .next("quell runbooks trust --list says what is");
            io.refuse(&problem)
        }
        Ok(_) => {
            let written = writeln!(io.out, "trusted no more: {}", clean(named));
            io.finish(written, 0)
        }
        Err(problem) => io.refuse(&problem),
    }
}

fn add(trust: &mut Trust, files: &[PathBuf], io: &mut Io) -> ExitCode {
    let mut code = 0;
    let mut written = Ok(());
    for file in files {
        let at = io.runtime.now();
        let read = read_file(file).and_then(|Parsed { runbook, .. }| {
            let file = true_path(file);
            let again = trust.all().iter().any(|one| one.file == file && one.sha256 != runbook.sha256);
            trust.add(Trusted { sha256: runbook.sha256.clone(), file, at })?;
            Ok((runbook, again))
        });
        match read {
            Ok((runbook, again)) => written = written.and_then(|()| say(&runbook, again, io)),
            Err(problem) => {
                io.show(&problem);
                code = code.max(problem.exit_code());
            }
        }
    }
    io.finish(written, code)
}

/// What is trusted by it: each action that can now be planned.
fn say(book: &Runbook, again: bool, io: &mut Io) -> std::io::Result<()> {
    let actions: Vec<_> = book.steps.iter().filter_map(|step| Some((step, step.action.as_ref()?))).collect();
    let again = if again { ", instead of its earlier text" } else { "" };
    writeln!(io.out, "{}: trusted{again}, SHA-256 {}", book.id, book.sha256)?;
    writeln!(io.out, "{} action(s) may be planned, each sent only once its plan is approved", actions.len())?;
    for (step, action) in actions {
        writeln!(io.out, "  step {:<4} {}: {}", step.number, action.kind, action.title.line())?;
    }
    let commands: usize = book.steps.iter().map(|step| step.commands.len()).sum();
    if commands > 0 {
        writeln!(io.out, "{commands} command(s) may be run on this machine by !, each once its plan is approved")?;
    }
    Ok(())
}
