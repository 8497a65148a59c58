//! Locks that are files: of a writer for as long as it lives, and of whoever begins a session.

use super::disk;
use super::folder::io_problem;
use crate::problem::Problem;
use quell_core::incident::WriterId;
use rustix::fs::OFlags;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A lock that is held until it is dropped. A killed process holds nothing.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// The writer's, or `None` while another process holds it.
    pub fn of_writer(folder: &Path, writer: &WriterId) -> Result<Option<Self>, Problem> {
        Self::at(&folder.join(format!("{writer}.lock")))
    }

    /// The file's, which is made where it is not there, or `None` while another process holds it.
    pub fn at(path: &Path) -> Result<Option<Self>, Problem> {
        let problem = |e: &io::Error| io_problem("can't lock the log", path, e);
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600).custom_flags(flags);
        let is_new = path.symlink_metadata().is_err();
        let file = options.open(path).map_err(|e| problem(&e))?;
        if is_new {
            disk::share(&file, path).map_err(|e| problem(&e))?;
        }
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(problem(&e)),
        }
    }
}

impl Drop for Lock {
    /// By itself a lock would stand until every copy of the file is closed, and a program that is being started has one
    /// for a moment.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_ends_with_its_holder_and_not_with_the_last_copy_of_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.lock");
        let held = Lock::at(&path).unwrap().unwrap();
        assert!(Lock::at(&path).unwrap().is_none());
        let copy = held.0.try_clone().unwrap();
        drop(held);
        assert!(Lock::at(&path).unwrap().is_some());
        drop(copy);
    }
}
