//! What a subcommand reads from and writes to, so that a test can stand in for a terminal.

use crate::problem::Problem;
use crate::runtime::Runtime;
use std::io::{BufWriter, ErrorKind, Read, Write};
use std::process::ExitCode;

/// Standard input, output and error, and the world's time and chance.
pub struct Io {
    pub input: Box<dyn Read>,
    pub out: Box<dyn Write>,
    pub err: Box<dyn Write>,
    pub runtime: Runtime,
}

impl Io {
    /// The process's own.
    pub fn real() -> Self {
        Self {
            input: Box::new(std::io::stdin()),
            out: Box::new(BufWriter::new(std::io::stdout())),
            err: Box::new(std::io::stderr()),
            runtime: Runtime::real(),
        }
    }

    /// Shows a problem in full; where it can't be shown there is no one to tell.
    pub fn show(&mut self, problem: &Problem) {
        let _ = writeln!(self.err, "quell: {problem}");
    }

    /// Shows a problem in full, and gives the exit code that it makes.
    pub fn refuse(&mut self, problem: &Problem) -> ExitCode {
        self.show(problem);
        ExitCode::from(problem.exit_code())
    }

    /// Shows a problem in one line.
    pub fn show_line(&mut self, problem: &Problem) {
        let _ = writeln!(self.err, "quell: {}", problem.headline());
    }

    /// Says something beside the output, in one line; the words are made harmless.
    pub fn say(&mut self, words: &str) {
        let _ = writeln!(self.err, "quell: {}", crate::problem::clean(words));
    }

    /// Ends a subcommand whose output was written, or was not. A reader that has seen enough closes the pipe:
    /// that is no error.
    pub fn finish(&mut self, written: std::io::Result<()>, code: u8) -> ExitCode {
        match written.and_then(|()| self.out.flush()) {
            Ok(()) => ExitCode::from(code),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(code),
            Err(error) => {
                let problem = Problem::local(format!("the output could not be written: {error}"))
                    .meaning("what stands in the output is not complete")
                    .next("make room or choose another place, and run the command again");
                self.show(&problem);
                ExitCode::from(problem.exit_code())
            }
        }
    }
}
