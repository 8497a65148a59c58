//! The files of a log folder: whose they are, and what opens them.

use super::disk;
use super::folder::io_problem;
use crate::problem::Problem;
use quell_core::incident::WriterId;
use quell_core::record::segment_number;
use quell_core::text::Id;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The biggest file that is read as a log.
pub(super) const MAX_FILE: u64 = 1 << 30;

/// A file's name in the log folder; heads sort before segments.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub number: Option<u32>,
    pub writer: WriterId,
}

/// The files of writers in a log folder, in order.
pub(super) fn names(folder: &Path) -> Result<Vec<Name>, Problem> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| io_problem("can't list the log", folder, &e))? {
        let entry = entry.map_err(|e| io_problem("can't list the log", folder, &e))?;
        names.extend(entry.file_name().into_string().ok().and_then(|name| Name::of(&name)));
    }
    names.sort();
    Ok(names)
}

/// Whose segment a file is, and which.
pub(super) fn segment_of(name: &str) -> Option<(WriterId, u32)> {
    Name::of(name).and_then(|Name { number, writer }| Some((writer, number?)))
}

impl Name {
    fn of(name: &str) -> Option<Self> {
        let (writer, rest) = name.split_once('.')?;
        let writer = Id::new(writer).ok()?;
        match rest.strip_suffix(".ndjson") {
            None => (rest == "head").then_some(Self { number: None, writer }),
            Some(_) => segment_number(&writer, name).map(|number| Self { number: Some(number), writer }),
        }
    }
}

/// Opens a log to be read, and gives its size.
pub(super) fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = disk::open(path)?;
    match file.metadata()?.len() {
        size if size > MAX_FILE => Err(io::ErrorKind::FileTooLarge.into()),
        size => Ok((file, size)),
    }
}

/// The bytes of a log or a head.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let (file, size) = open(path)?;
    let mut bytes = Vec::with_capacity(size as usize);
    file.take(MAX_FILE).read_to_end(&mut bytes)?;
    Ok(bytes)
}
