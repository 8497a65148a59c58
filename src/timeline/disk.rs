//! What the log asks of a disk, behind a trait, so that a test can put a disk beneath it that fails, stalls or lies.

use rustix::fs::OFlags;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The calls that decide what survives.
pub trait Disk: Send {
    /// Makes a new file to append to, of mode 0600, or 0660 in a folder that a group shares; one that is there already, whatever it is, is an error.
    fn create(&mut self, path: &Path) -> io::Result<Box<dyn SegmentFile>>;
    /// Syncs a file, or a folder's entries.
    fn sync(&mut self, path: &Path) -> io::Result<()>;
    /// Gives a file another name in its folder; a file that had that name is gone.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// Holds space in a file of this size that means nothing; where that fails nothing is left.
    fn reserve(&mut self, path: &Path, bytes: u64) -> io::Result<()>;
    /// Takes a file away, so that its space is free again.
    fn remove(&mut self, path: &Path) -> io::Result<()>;
}

/// A file that this process has made.
pub trait SegmentFile: Write + Send {
    /// Syncs its data.
    fn sync(&mut self) -> io::Result<()>;
    /// Its length as the file system knows it.
    fn size(&self) -> io::Result<u64>;
}

/// The machine's own disk.
#[derive(Debug, Default)]
pub struct LocalDisk;

impl Disk for LocalDisk {
    fn create(&mut self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let mut options = OpenOptions::new();
        options.append(true).create_new(true).mode(0o600).custom_flags(OFlags::NOFOLLOW.bits() as i32);
        let file = options.open(path)?;
        share(&file, path)?;
        Ok(Box::new(file))
    }

    fn sync(&mut self, path: &Path) -> io::Result<()> {
        sync(path)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn reserve(&mut self, path: &Path, bytes: u64) -> io::Result<()> {
        let held = reserve(path, bytes);
        if held.is_err() {
            let _ = fs::remove_file(path);
        }
        held
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
}

impl SegmentFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}

fn reserve(path: &Path, bytes: u64) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600).custom_flags(OFlags::NOFOLLOW.bits() as i32);
    let mut file = options.open(path)?;
    share(&file, path)?;
    match rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, bytes) {
        Ok(()) => Ok(()),
        // A file system that can't set space aside by itself does so for what is written.
        Err(rustix::io::Errno::OPNOTSUPP) => {
            file.write_all(&vec![0; bytes as usize])?;
            file.sync_all()
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether a folder is one that a group shares.
pub(super) fn is_shared(folder: &Path) -> bool {
    let mode = folder.symlink_metadata().map(|found| found.permissions().mode());
    mode.is_ok_and(|mode| mode & 0o2070 == 0o2070)
}

/// Makes a new file the group's, whatever the umask, where the folder is that it stands in.
pub fn share(file: &File, path: &Path) -> io::Result<()> {
    match path.parent().is_some_and(is_shared) {
        true => file.set_permissions(Permissions::from_mode(0o660)),
        false => Ok(()),
    }
}

/// Opens a regular file to read, whatever else may stand in its place: a link is not followed, a pipe not waited for.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
    }
}

/// Syncs a file or a folder.
pub(super) fn sync(path: &Path) -> io::Result<()> {
    OpenOptions::new().read(true).custom_flags(OFlags::NOFOLLOW.bits() as i32).open(path)?.sync_all()
}

/// Puts a small file in its place, or in place of another: written beside it under a name that nobody reads, synced,
/// renamed, the folder synced. When this fails the place holds what it held, or the new bytes.
pub(super) fn replace(disk: &mut dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let (beside, mut file) = create_beside(disk, path)?;
    let put = append(&mut *file, 0, bytes).and_then(|_| disk.rename(&beside, path));
    if put.is_err() {
        // What stays costs space and means nothing.
        let _ = disk.remove(&beside);
    }
    put.and_then(|()| disk.sync(folder))
}

/// How many files of one name a crash, or others at the same work, may have left beside it.
const BESIDE: u32 = 1000;

fn create_beside(disk: &mut dyn Disk, path: &Path) -> io::Result<(PathBuf, Box<dyn SegmentFile>)> {
    let name = path.file_name().and_then(|name| name.to_str()).ok_or(io::ErrorKind::InvalidInput)?;
    for k in 0..BESIDE {
        let beside = path.with_file_name(format!(".new-{k}-{name}"));
        match disk.create(&beside) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(|file| (beside, file)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Writes bytes to the end of a file of that length, syncs it, and gives its length. A disk may tell of more or less
/// than it took: its word is held against the length before anything is built on it, so nothing is written twice.
pub(super) fn append(file: &mut dyn SegmentFile, length: u64, bytes: &[u8]) -> io::Result<u64> {
    let end = length + bytes.len() as u64;
    let mut rest = bytes;
    while !rest.is_empty() {
        match file.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
        if !rest.is_empty() {
            holds(file, end - rest.len() as u64)?;
        }
    }
    file.sync()?;
    holds(file, end).map(|()| end)
}

fn holds(file: &dyn SegmentFile, bytes: u64) -> io::Result<()> {
    match file.size()? {
        size if size == bytes => Ok(()),
        size => Err(io::Error::other(format!("the file has {size} bytes where {bytes} were written"))),
    }
}
