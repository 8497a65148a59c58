//! Evidence: whole bytes under their hash, on disk before a record names them, never altered.

use super::disk::{self, Disk};
use super::folder::{Share, io_problem, make};
use super::session::SessionDir;
use crate::problem::Problem;
use quell_core::record::{Fault, Hash, Record, Running, Verdict, capped};
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The evidence of one session.
#[derive(Clone, Debug)]
pub struct Evidence {
    folder: PathBuf,
    share: Share,
}

impl Evidence {
    /// The evidence of a session.
    pub fn of(session: &SessionDir) -> Self {
        Self { folder: session.path().join("evidence"), share: session.share() }
    }

    /// Stores bytes on a disk and gives the name that a record refers to them by: their SHA-256. When this returns they
    /// are on disk. The same bytes again are stored once.
    pub fn put(&self, disk: &mut dyn Disk, bytes: &[u8]) -> Result<String, Problem> {
        make(&self.folder, self.share)?;
        let hash = Hash::of(bytes);
        let path = self.folder.join(hash.to_string());
        let stored = match path.symlink_metadata() {
            Ok(_) => self.get(&hash.to_string()).map(|_| ()).and_then(|()| {
                let synced = disk.sync(&path).and_then(|()| disk.sync(&self.folder));
                synced.map_err(|e| io_problem("can't sync the evidence", &path, &e))
            }),
            Err(_) => disk::replace(disk, &path, bytes).map_err(|e| io_problem("can't store the evidence", &path, &e)),
        };
        stored.map(|()| hash.to_string())
    }

    /// Whether something stands in the place of these bytes, whatever it is.
    pub fn is_there(&self, name: &str) -> bool {
        let hash = Hash::parse(name.as_bytes());
        hash.is_some_and(|hash| self.folder.join(hash.to_string()).symlink_metadata().is_ok())
    }

    /// What records name as evidence and is not there, or is not what they name.
    pub(super) fn faults(&self, records: &[Record]) -> Vec<Fault> {
        let mut seen = BTreeSet::new();
        let named = records.iter().filter_map(|record| record.entry.event.blob());
        capped(named.filter(|blob| seen.insert(blob.clone())).filter_map(|blob| self.fault(&blob)))
    }

    /// Whether the bytes of this hash are there, read to their end.
    pub(super) fn holds(&self, hash: &Hash) -> bool {
        self.fault(&hash.to_string()).is_none()
    }

    fn fault(&self, blob: &str) -> Option<Fault> {
        let fault = |file, kind, detail: &str| Some(Fault { file, line: 0, byte: 0, kind, detail: detail.to_owned() });
        let Some(hash) = Hash::parse(blob.as_bytes()) else {
            return fault(
                "evidence".into(),
                Verdict::InvalidRecord,
                "a record names evidence by something else than a SHA-256",
            );
        };
        let file = format!("evidence/{hash}");
        match hash_of(&self.folder.join(hash.to_string())) {
            Ok(found) if found == hash => None,
            Ok(_) => fault(file, Verdict::InvalidRecord, "the evidence is not what was stored: its hash is another"),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                fault(file, Verdict::MissingSegment, "evidence that a record names is not there")
            }
            Err(e) => fault(file, Verdict::InvalidRecord, &format!("the evidence can't be read: {e}")),
        }
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

/// The hash of a file of any size, a piece at a time.
fn hash_of(path: &Path) -> io::Result<Hash> {
    let (mut file, mut running, mut piece) = (disk::open(path)?, Running::default(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(running.hash()),
            n => running.add(piece.get(..n).unwrap_or_default()),
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    disk::open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}
