//! A disk that fails at a call of the test's choice, over the real one.

use quell::timeline::disk::{Disk, LocalDisk, SegmentFile};
use std::io::{self, Write};
use std::path::Path;
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
    full: bool,
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
        let file = self.call("create", || LocalDisk.create(path))?;
        Ok(Box::new(FaultFile { file, disk: self.clone() }))
    }

    fn sync(&mut self, path: &Path) -> io::Result<()> {
        let name = if path.is_dir() { "folder" } else { "old" };
        self.call(name, || LocalDisk.sync(path))
    }

    fn replace(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.call("replace", || LocalDisk.replace(path, bytes))
    }
}

struct FaultFile {
    file: Box<dyn SegmentFile>,
    disk: FaultDisk,
}

impl Write for FaultFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.disk.plan.lock().unwrap().full) {
            return Err(io::Error::from_raw_os_error(ENOSPC));
        }
        match self.disk.next("write") {
            None => self.file.write(bytes),
            Some(How::Fail(errno)) => Err(io::Error::from_raw_os_error(errno)),
            Some(How::FailLate(errno)) => {
                self.file.write_all(bytes)?;
                Err(io::Error::from_raw_os_error(errno))
            }
            Some(How::Short(most)) => {
                let most = most.min(bytes.len() - 1);
                self.disk.plan.lock().unwrap().full = most > 0;
                self.file.write_all(&bytes[..most]).map(|()| most)
            }
            Some(How::Lie(most)) => {
                self.file.write_all(&bytes[..most.min(bytes.len() - 1)])?;
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
            None => self.file.sync(),
            Some(How::FailLate(errno)) => self.file.sync().and(Err(io::Error::from_raw_os_error(errno))),
            Some(_) => Err(io::Error::from_raw_os_error(EIO)),
        }
    }

    fn size(&self) -> io::Result<u64> {
        self.disk.call("size", || self.file.size())
    }
}
