//! A file of findings, as every subcommand that takes one reads it.

use super::Io;
use crate::files::read::{regular, stream};
use crate::problem::{Problem, clean};
use quell_core::finding::{Batch, Via};
use std::path::Path;

/// The most that is read: what is larger is no list of findings, and would fill the memory.
const MOST: u64 = 512 << 20;

/// What a file held: the good records in its order, and every bad one with its place and the reason.
pub(super) struct FindingsFile {
    pub name: String,
    pub batch: Batch,
}

/// Reads a regular file, or standard input for `-`. A file that can't be read at all is the error.
pub(super) fn read(file: &Path, io: &mut Io) -> Result<FindingsFile, Problem> {
    let name = file.to_string_lossy().into_owned();
    let bytes = match name.as_str() {
        "-" => stream(&mut io.input, &name, MOST)?,
        _ => regular(file, MOST).map_err(|problem| match problem.what.ends_with("no regular file") {
            true => problem.next("give a regular file; what a pipe brings is read with --file -"),
            false => problem,
        })?,
    };
    Ok(FindingsFile { batch: quell_core::finding::read(&bytes, Via::File), name })
}

impl FindingsFile {
    /// Tells each record that could not be read, and each value that is a guess, in a line of its own with its
    /// place.
    pub fn tell(&self, io: &mut Io) {
        for error in self.batch.errors.iter().chain(&self.batch.doubts) {
            let index = error.index.map(|index| format!(" (index {index})")).unwrap_or_default();
            let what = format!("{}{index}", clean(&error.reason));
            io.show_line(&Problem::input(what).in_file(&self.name, error.line, error.column));
        }
    }

    /// The exit code that what was told makes.
    pub fn exit_code(&self) -> u8 {
        if self.batch.errors.is_empty() && self.batch.doubts.is_empty() { 0 } else { 2 }
    }
}
