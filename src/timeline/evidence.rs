//! Evidence: whole bytes under their hash, on disk before a record names them, never altered.

use super::disk::{self, Disk};
use super::folder::{io_problem, make};
use super::session::SessionDir;
use crate::problem::Problem;
use quell_core::record::Hash;
use std::io::{self, Read};
use std::path::PathBuf;

/// The evidence of one session.
#[derive(Clone, Debug)]
pub struct Evidence {
    folder: PathBuf,
}

impl Evidence {
    /// The evidence of a session.
    pub fn of(session: &SessionDir) -> Self {
        Self { folder: session.path().join("evidence") }
    }

    /// Stores bytes on a disk and gives the name that a record refers to them by: their SHA-256. When this returns they
    /// are on disk. The same bytes again are stored once.
    pub fn put(&self, disk: &mut dyn Disk, bytes: &[u8]) -> Result<String, Problem> {
        make(&self.folder)?;
        let hash = Hash::of(bytes);
        let path = self.folder.join(hash.to_string());
        let stored = match path.symlink_metadata() {
            Ok(_) => self.get(&hash.to_string()).map(|_| ()).and_then(|()| {
                let synced = disk.sync(&path).and_then(|()| disk.sync(&self.folder));
                synced.map_err(|e| io_problem("can't sync the evidence", &path, &e))
            }),
            Err(_) => disk.replace(&path, bytes).map_err(|e| io_problem("can't store the evidence", &path, &e)),
        };
        stored.map(|()| hash.to_string())
    }

    /// Reads bytes back; what does not have its hash any more is refused.
    pub fn get(&self, name: &str) -> Result<Vec<u8>, Problem> {
        let Some(hash) = Hash::parse(name.as_bytes()) else {
            return Err(Problem::input("the evidence has no SHA-256 for a name"));
        };
        let path = self.folder.join(hash.to_string());
        let bytes = read(&path).map_err(|e| io_problem("can't read the evidence", &path, &e))?;
        match Hash::of(&bytes) == hash {
            true => Ok(bytes),
            false => Err(Problem::input("the evidence is not what was stored: its hash is another")
                .in_file(path.to_string_lossy(), 0, 0)
                .meaning("it was changed or damaged after it was stored")
                .next("do not rely on it; look for a copy")),
        }
    }
}

fn read(path: &std::path::Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    disk::open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}
