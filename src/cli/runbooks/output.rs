//! Where `new`, `import` and `export` write to: standard output, or a file that is not there yet.

use crate::cli::io::Io;
use crate::problem::Problem;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Writes the text; a file that is there already is left as it is.
pub(super) fn write(text: &str, out: Option<&Path>, io: &mut Io) -> ExitCode {
    let Some(path) = out else {
        let written = io.out.write_all(text.as_bytes());
        return io.finish(written, 0);
    };
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    match file.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let problem = Problem::input(format!("the file could not be written: {error}"))
                .in_file(path.to_string_lossy(), 0, 0)
                .next("give the name of a file that is not there yet, in a folder that is");
            io.refuse(&problem)
        }
    }
}
