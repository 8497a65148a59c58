//! A disk that fails at calls of the test's choice, over the real one: before a call's work or after it, with any
//! error; or it writes less than it was given, or tells of more or less than it wrote.

use super::shadow::{Crashed, Shadow};
use quell::timeline::disk::{Disk, LocalDisk, SegmentFile};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What a call does instead of its work. What is said of writing fails any other call with EIO.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    /// Fails and does nothing.
    Fail(i32),
    /// Fails after having done it.
    FailLate(i32),
    /// Writes so many bytes, says so, and fails when asked for the rest.
    Short(usize),
    /// Writes so many bytes, says so, and takes the rest when asked.
    Part(usize),
    /// Writes so many bytes and says that it wrote all.
    Lie(usize),
    /// Writes all and says that it wrote so many bytes.
    Less(usize),
}

pub const EIO: i32 = 5;
pub const ENOSPC: i32 = 28;

/// EPERM ENOENT EINTR EIO EBADF EAGAIN ENOMEM EACCES EBUSY EEXIST ENODEV EINVAL ENFILE EMFILE ETXTBSY EFBIG ENOSPC
/// EROFS ENAMETOOLONG ENOSYS EOPNOTSUPP ETIMEDOUT ESTALE EDQUOT: what file systems answer.
pub const COMMON: [i32; 24] =
    [1, 2, 4, 5, 9, 11, 12, 13, 16, 17, 19, 22, 23, 24, 26, 27, 28, 30, 36, 38, 95, 110, 116, 122];

/// Every error that Linux has: 1 to 133, of which 41 and 58 are none.
pub fn errnos() -> Vec<i32> {
    (1..=133).filter(|number| ![41, 58].contains(number)).collect()
}

#[derive(Debug, Default)]
pub struct Plan {
    /// Calls so far that a record waits for, by name: all but those of the reserve.
    pub calls: Vec<&'static str>,
    /// The one of them that fails, by its number, and how.
    pub fault: Option<(usize, How)>,
    /// How many calls there were of any kind, and those that fail, by their numbers among all.
    every: usize,
    pub faults: Vec<(usize, How)>,
    /// Whether all calls fail.
    pub dead: bool,
    /// Bytes that the disk still takes; without end where there is none.
    pub room: Option<usize>,
    full: bool,
    /// What a crash would leave, when that is asked for; and what it would have left after each call.
    shadow: Option<Shadow>,
    without: Without,
    pub shots: Vec<Vec<Crashed>>,
}

/// What a program that was changed for the worse leaves out: it goes on as if it were done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Without {
    #[default]
    Nothing,
    /// Syncing a segment.
    Sync,
    /// Syncing a folder.
    FolderSync,
    /// Syncing a file before it is put in its place.
    PlacedSync,
    /// Looking at a segment's length.
    Length,
    /// Waiting for the acknowledgement before a permit is used.
    Acknowledgement,
    /// A lock for each writer.
    Lock,
    /// Holding each record against the hash of the one before it.
    Chain,
}

#[derive(Clone, Default)]
pub struct FaultDisk {
    pub plan: Arc<Mutex<Plan>>,
}

fn error(errno: i32) -> io::Error {
    io::Error::from_raw_os_error(errno)
}

impl FaultDisk {
    pub fn failing(at: usize, how: How) -> Self {
        let disk = Self::default();
        disk.plan.lock().unwrap().fault = Some((at, how));
        disk
    }

    /// A disk that knows what a crash would leave.
    pub fn shadowed(session: &Path, without: Without, faults: Vec<(usize, How)>) -> Self {
        let disk = Self::default();
        {
            let mut plan = disk.plan.lock().unwrap();
            (plan.faults, plan.without) = (faults, without);
            plan.shadow = Some(Shadow::of(session));
        }
        disk
    }

    /// Keeps what a crash now would leave.
    pub fn snap(&self) {
        let mut plan = self.plan.lock().unwrap();
        let crashes = plan.shadow.as_ref().map(Shadow::crashes);
        plan.shots.extend(crashes);
    }

    /// The disk has done something: a crash may come right after it.
    fn done(&self, what: impl FnOnce(&mut Shadow, Without)) {
        let mut plan = self.plan.lock().unwrap();
        let without = plan.without;
        if let Some(shadow) = &mut plan.shadow {
            what(shadow, without);
        }
        drop(plan);
        self.snap();
    }

    fn next(&self, name: &'static str) -> Option<How> {
        let mut plan = self.plan.lock().unwrap();
        let (every, at) = (plan.every, plan.calls.len());
        plan.every += 1;
        let waits = !matches!(name, "reserve" | "remove");
        if waits {
            plan.calls.push(name);
        }
        if plan.dead {
            return Some(How::Fail(EIO));
        }
        let own = plan.fault.filter(|(fault, _)| waits && *fault == at);
        own.or(plan.faults.iter().find(|(fault, _)| *fault == every).copied()).map(|(_, how)| how)
    }

    fn call<T>(&self, name: &'static str, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.next(name) {
            None => work(),
            Some(How::FailLate(errno)) => work().and(Err(error(errno))),
            Some(How::Fail(errno)) => Err(error(errno)),
            Some(_) => Err(error(EIO)),
        }
    }
}

impl Disk for FaultDisk {
    fn create(&mut self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let made = |file: Box<dyn SegmentFile>| {
            self.done(|shadow, _| shadow.create(path));
            Ok(file)
        };
        let file = self.call("create", || LocalDisk.create(path).and_then(made))?;
        Ok(Box::new(FaultFile { file, path: path.to_owned(), told: 0, disk: self.clone() }))
    }

    fn sync(&mut self, path: &Path) -> io::Result<()> {
        let is_folder = path.is_dir();
        let name = if is_folder { "folder" } else { "old" };
        let synced = || {
            self.done(|shadow, without| {
                if !(without == Without::FolderSync && is_folder) {
                    shadow.sync(path);
                }
            });
        };
        self.call(name, || LocalDisk.sync(path).map(|()| synced()))
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let renamed = || self.done(|shadow, _| shadow.rename(from, to));
        self.call("rename", || LocalDisk.rename(from, to).map(|()| renamed()))
    }

    fn reserve(&mut self, path: &Path, bytes: u64) -> io::Result<()> {
        let is_full = self.plan.lock().unwrap().room.is_some();
        self.call("reserve", || match is_full {
            true => Err(error(ENOSPC)),
            false => LocalDisk.reserve(path, bytes),
        })
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        let size = path.metadata().map_or(0, |meta| meta.len() as usize);
        let removed = || {
            self.done(|shadow, _| shadow.remove(path));
            if let Some(room) = &mut self.plan.lock().unwrap().room {
                *room += size;
            }
        };
        self.call("remove", || LocalDisk.remove(path).map(|()| removed()))
    }
}

struct FaultFile {
    file: Box<dyn SegmentFile>,
    path: PathBuf,
    /// How many bytes the writer takes for written.
    told: u64,
    disk: FaultDisk,
}

impl FaultFile {
    fn is_segment(&self) -> bool {
        self.path.extension().is_some_and(|end| end == "ndjson")
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.disk.done(|shadow, _| shadow.write(&self.path, bytes));
        Ok(())
    }

    fn safe(&mut self) -> io::Result<()> {
        self.file.sync()?;
        let left = if self.is_segment() { Without::Sync } else { Without::PlacedSync };
        self.disk.done(|shadow, without| {
            if without != left {
                shadow.sync(&self.path);
            }
        });
        Ok(())
    }

    /// Gives how much it says to have written.
    fn write_as(&mut self, how: Option<How>, bytes: &[u8]) -> io::Result<usize> {
        let less = |most: usize| most.min(bytes.len().saturating_sub(1));
        match how {
            None => self.put(bytes).map(|()| bytes.len()),
            Some(How::Fail(errno)) => Err(error(errno)),
            Some(How::FailLate(errno)) => {
                self.put(bytes)?;
                Err(error(errno))
            }
            Some(How::Short(most)) => {
                self.disk.plan.lock().unwrap().full = less(most) > 0;
                self.put(&bytes[..less(most)]).map(|()| less(most))
            }
            Some(How::Part(most)) => {
                let most = less(most).max(1).min(bytes.len());
                self.put(&bytes[..most]).map(|()| most)
            }
            Some(How::Lie(most)) => self.put(&bytes[..less(most)]).map(|()| bytes.len()),
            Some(How::Less(most)) => self.put(bytes).map(|()| less(most)),
        }
    }
}

impl Write for FaultFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.disk.plan.lock().unwrap().full) {
            return Err(error(ENOSPC));
        }
        let how = self.disk.next("write");
        if let Some(room) = &mut self.disk.plan.lock().unwrap().room {
            match room.checked_sub(bytes.len()) {
                Some(left) => *room = left,
                None => return Err(error(ENOSPC)),
            }
        }
        let told = self.write_as(how, bytes)?;
        self.told += told as u64;
        Ok(told)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl SegmentFile for FaultFile {
    fn sync(&mut self) -> io::Result<()> {
        match self.disk.next("sync") {
            None => self.safe(),
            Some(How::FailLate(errno)) => self.safe().and(Err(error(errno))),
            Some(How::Fail(errno)) => Err(error(errno)),
            Some(_) => Err(error(EIO)),
        }
    }

    fn size(&self) -> io::Result<u64> {
        let without = self.disk.plan.lock().unwrap().without;
        self.disk.call("size", || match without {
            Without::Length if self.is_segment() => Ok(self.told),
            _ => self.file.size(),
        })
    }
}
