//! Room that is kept for the last words: space that a writer holds on the disk from the start, and gives back when
//! the disk is full, so that notes and the end of what runs can still be written. While it is used no action starts.

use super::disk::Disk;
use std::path::{Path, PathBuf};

/// How much is held: some hundreds of records.
pub(super) const BYTES: u64 = 256 * 1024;

/// One writer's reserve.
#[derive(Debug)]
pub(super) struct Reserve {
    path: PathBuf,
    held: bool,
    /// The disk was full, and the reserve could not be taken again since.
    low: bool,
}

impl Reserve {
    /// A reserve beside the logs in a folder; nothing is held yet.
    pub fn of(folder: &Path, writer: &str) -> Self {
        Self { path: folder.join(format!("{writer}.reserve")), held: false, low: false }
    }

    /// Takes the space. Where there is none, or the file system can't hold any, the log works without.
    pub fn take(&mut self, disk: &mut dyn Disk) {
        if !self.held {
            self.held = disk.reserve(&self.path, BYTES).is_ok();
        }
        self.low &= !self.held;
    }

    /// The disk is full: gives the space back. Says whether there was any to give.
    pub fn release(&mut self, disk: &mut dyn Disk) -> bool {
        self.low = true;
        std::mem::take(&mut self.held) && disk.remove(&self.path).is_ok()
    }

    /// Whether the disk is full, but for what is left of the reserve.
    pub fn is_low(&self) -> bool {
        self.low
    }

    /// Takes away what a writer left that no process holds any more.
    pub fn drop_of_dead(&self, disk: &mut dyn Disk) {
        // Mostly there is nothing.
        let _ = disk.remove(&self.path);
    }

    /// Nothing more is written: the space is of no more use.
    pub fn end(&mut self, disk: &mut dyn Disk) {
        if self.held {
            // What stays costs space and means nothing.
            let _ = disk.remove(&self.path);
        }
    }
}
