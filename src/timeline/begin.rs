//! A session's beginning: its folder and its first record, or neither of them.

use super::attach::{Attached, Who, new_writer};
use super::disk::{Disk, LocalDisk};
use super::folder::PARTS;
use super::session::{SessionDir, Sessions};
use crate::problem::Problem;
use crate::runtime::Runtime;
use quell_core::incident::WriterId;
use quell_core::record::segment_name;
use quell_core::text::Untrusted;
use std::fs;
use std::io;
use std::path::Path;

impl Sessions {
    /// Makes a session and attaches to it. Where its first record can't be written its folder is taken away again: it
    /// would stand in the list as one whose records are missing.
    pub fn begin(&self, title: &Untrusted, who: &Who, runtime: &Runtime) -> Result<(SessionDir, Attached), Problem> {
        self.begin_on(|| Box::new(LocalDisk), title, who, runtime)
    }

    /// [`Sessions::begin`], writing to a disk of the caller's choice.
    pub fn begin_on(
        &self,
        disk: impl Fn() -> Box<dyn Disk>,
        title: &Untrusted,
        who: &Who,
        runtime: &Runtime,
    ) -> Result<(SessionDir, Attached), Problem> {
        let writer = new_writer(runtime)?;
        let dir = self.create(title, runtime)?;
        match dir.attach_as(&writer, disk(), who, runtime) {
            Ok(attached) => dir.copied(attached, runtime).map(|attached| (dir, attached)),
            Err(problem) => {
                // What can't be taken away is left: it is told by whoever reads it.
                let _ = take_away(&mut *disk(), dir.path(), &writer);
                Err(problem)
            }
        }
    }
}

/// Takes a session's folder away in which nothing was acknowledged, and nothing is but what this writer made.
fn take_away(disk: &mut dyn Disk, dir: &Path, writer: &WriterId) -> io::Result<()> {
    let own = [format!("{writer}.lock"), format!("{writer}.reserve"), segment_name(writer, 0)];
    let (Some(above), Some(name)) = (dir.parent(), dir.file_name().and_then(|name| name.to_str())) else {
        return Ok(());
    };
    if !holds_only(dir, &own)? {
        return Ok(());
    }
    // Out of the list first, as it came into it; then looked at again: somebody may have attached meanwhile.
    let aside = above.join(format!(".{name}"));
    disk.rename(dir, &aside)?;
    let gone = match holds_only(&aside, &own) {
        Ok(true) => remove(disk, &aside, &own),
        Ok(false) => Err(io::ErrorKind::DirectoryNotEmpty.into()),
        Err(error) => Err(error),
    };
    match gone {
        Ok(()) => disk.sync(above),
        Err(error) => disk.rename(&aside, dir).and(Err(error)),
    }
}

/// Whether a session's folder has its parts alone, and nothing in them but these files of its log.
fn holds_only(dir: &Path, own: &[String]) -> io::Result<bool> {
    let names = |folder: &Path| -> io::Result<Vec<String>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    };
    let mut only = names(dir)?.iter().all(|name| PARTS.contains(&name.as_str()));
    for part in PARTS {
        only &= names(&dir.join(part))?.iter().all(|name| part == "log" && own.contains(name));
    }
    Ok(only)
}

/// Takes away the files, and the folders as far as they are empty then.
fn remove(disk: &mut dyn Disk, dir: &Path, own: &[String]) -> io::Result<()> {
    for name in own {
        match disk.remove(&dir.join("log").join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    PARTS.iter().try_for_each(|part| fs::remove_dir(dir.join(part)))?;
    fs::remove_dir(dir)
}
