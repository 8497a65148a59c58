//! A disk that fails at a call of the test's choice, over the real one.

use super::shadow::{Crashed, Shadow};
use quell::timeline::disk::{Disk, LocalDisk, SegmentFile};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What a call does instead of its work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    /// Fails and does nothing.
    Fail(i32),
    /// Fails after having done it.
    FailLate(i32),
    /// Writes so many bytes, says so, and fails when asked for the rest.
    Short(usize),
    /// Writes so many bytes and says that it wrote all.
    Lie(usize),
}

pub const ENOSPC: i32 = 28;
pub const EIO: i32 = 5;

#[derive(Debug, Default)]
pub struct Plan {
    /// Calls so far, by name.
    pub calls: Vec<&'static str>,
    /// The call that fails, by its number, and how.
    pub fault: Option<(usize, How)>,
    /// Whether all calls fail.
    pub dead: bool,
    /// Bytes that the disk still takes; without end where there is none.
    pub room: Option<usize>,
    full: bool,
    /// What a crash would leave, when that is asked for; and what it would have left after each call.
    shadow: Option<Shadow>,
    left: Left,
    pub shots: Vec<Vec<Crashed>>,
}

/// What a program that was changed for the worse leaves out: it says that it was done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Left {
    /// Syncing a file.
    pub sync: bool,
    /// Syncing a folder.
    pub folder: bool,
    /// Putting evidence on disk before its record.
    pub blob: bool,
}

#[derive(Clone, Default)]
pub struct FaultDisk {
    pub plan: Arc<Mutex<Plan>>,
}

impl FaultDisk {
    pub fn failing(at: usize, how: How) -> Self {
        let disk = Self::default();
        disk.plan.lock().unwrap().fault = Some((at, how));
        disk
    }

    /// A disk that knows what a crash would leave.
    pub fn shadowed(session: &Path, left: Left, fault: Option<(usize, How)>) -> Self {
        let disk = Self::default();
        {
            let mut plan = disk.plan.lock().unwrap();
            (plan.fault, plan.left) = (fault, left);
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
    fn done(&self, what: impl FnOnce(&mut Shadow, Left)) {
        let mut plan = self.plan.lock().unwrap();
        let left = plan.left;
        if let Some(shadow) = &mut plan.shadow {
            what(shadow, left);
        }
        drop(plan);
        self.snap();
    }

    fn next(&self, name: &'static str) -> Option<How> {
        let mut plan = self.plan.lock().unwrap();
        let at = plan.calls.len();
        plan.calls.push(name);
        if plan.dead {
            return Some(How::Fail(EIO));
        }
        plan.fault.filter(|(fault, _)| *fault == at).map(|(_, how)| how)
    }

    fn call<T>(&self, name: &'static str, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.next(name) {
            None => work(),
            Some(How::FailLate(errno)) => work().and(Err(io::Error::from_raw_os_error(errno))),
            Some(How::Fail(errno)) => Err(io::Error::from_raw_os_error(errno)),
            Some(How::Short(_) | How::Lie(_)) => Err(io::Error::from_raw_os_error(EIO)),
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
        Ok(Box::new(FaultFile { file, path: path.to_owned(), disk: self.clone() }))
    }

    fn sync(&mut self, path: &Path) -> io::Result<()> {
        let is_folder = path.is_dir();
        let name = if is_folder { "folder" } else { "old" };
        let synced = || {
            self.done(|shadow, left| {
                if !(left.folder && is_folder) {
                    shadow.sync(path);
                }
            });
        };
        self.call(name, || LocalDisk.sync(path).map(|()| synced()))
    }

    fn replace(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let put = || {
            self.done(|shadow, left| {
                if !(left.blob && path.parent().is_some_and(|folder| folder.ends_with("evidence"))) {
                    shadow.replace(path, bytes);
                }
            });
        };
        self.call("replace", || LocalDisk.replace(path, bytes).map(|()| put()))
    }

    fn reserve(&mut self, path: &Path, bytes: u64) -> io::Result<()> {
        match self.plan.lock().unwrap().room {
            Some(_) => Err(io::Error::from_raw_os_error(ENOSPC)),
            None => LocalDisk.reserve(path, bytes),
        }
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        let size = path.metadata().map_or(0, |meta| meta.len() as usize);
        LocalDisk.remove(path)?;
        if let Some(room) = &mut self.plan.lock().unwrap().room {
            *room += size;
        }
        Ok(())
    }
}

struct FaultFile {
    file: Box<dyn SegmentFile>,
    path: PathBuf,
    disk: FaultDisk,
}

impl FaultFile {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.disk.done(|shadow, _| shadow.write(&self.path, bytes));
        Ok(())
    }

    fn safe(&mut self) -> io::Result<()> {
        self.file.sync()?;
        self.disk.done(|shadow, left| {
            if !left.sync {
                shadow.sync(&self.path);
            }
        });
        Ok(())
    }
}

impl Write for FaultFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.disk.plan.lock().unwrap().full) {
            return Err(io::Error::from_raw_os_error(ENOSPC));
        }
        let how = self.disk.next("write");
        if let Some(room) = &mut self.disk.plan.lock().unwrap().room {
            match room.checked_sub(bytes.len()) {
                Some(left) => *room = left,
                None => return Err(io::Error::from_raw_os_error(ENOSPC)),
            }
        }
        match how {
            None => self.put(bytes).map(|()| bytes.len()),
            Some(How::Fail(errno)) => Err(io::Error::from_raw_os_error(errno)),
            Some(How::FailLate(errno)) => {
                self.put(bytes)?;
                Err(io::Error::from_raw_os_error(errno))
            }
            Some(How::Short(most)) => {
                let most = most.min(bytes.len() - 1);
                self.disk.plan.lock().unwrap().full = most > 0;
                self.put(&bytes[..most]).map(|()| most)
            }
            Some(How::Lie(most)) => {
                self.put(&bytes[..most.min(bytes.len() - 1)])?;
                Ok(bytes.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl SegmentFile for FaultFile {
    fn sync(&mut self) -> io::Result<()> {
        match self.disk.next("sync") {
            None => self.safe(),
            Some(How::FailLate(errno)) => self.safe().and(Err(io::Error::from_raw_os_error(errno))),
            Some(_) => Err(io::Error::from_raw_os_error(EIO)),
        }
    }

    fn size(&self) -> io::Result<u64> {
        self.disk.call("size", || self.file.size())
    }
}
