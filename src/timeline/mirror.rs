//! A second copy of a session in another folder, on another disk: written beside the log after each acknowledgement, so
//! that it holds up nothing. All files of a session but locks and reserves only grow or are put whole in their place,
//! so what is missing of each is copied; the copy is a session's folder like the first, and verifies like it.

use super::disk::{self, LocalDisk};
use super::folder::{Share, make_all};
use super::logs::segment_of;
use super::session::SessionDir;
use crate::problem::Problem;
use crate::runtime::Runtime;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long an end waits for the copy: the first one is whole.
const PATIENCE: Duration = Duration::from_secs(5);

/// The way to the thread that copies.
pub(super) struct Mirror {
    wake: Option<SyncSender<()>>,
    done: Receiver<()>,
    trouble: Arc<Mutex<Option<Problem>>>,
}

impl Mirror {
    /// Starts to copy a session below a folder; what is there of it already is gone on with.
    pub fn start(session: &SessionDir, below: &Path, runtime: &Runtime) -> Result<Self, Problem> {
        let (from, share) = (session.path().to_path_buf(), session.share());
        let to = below.join("sessions").join(session.id().as_str());
        let trouble = Arc::new(Mutex::new(None));
        let (wake, woken) = sync_channel::<()>(1);
        let (ended, done) = sync_channel(1);
        let told = trouble.clone();
        runtime.thread("second copy", move || {
            while woken.recv().is_ok() {
                let copied = copy(&from, &to, share);
                *told.lock().unwrap_or_else(PoisonError::into_inner) = copied.err();
            }
            // Whoever waited may have gone.
            let _ = ended.send(());
        })?;
        let mirror = Self { wake: Some(wake), done, trouble };
        mirror.wake();
        Ok(mirror)
    }

    /// There is something new. Never waits: where a look is asked for already, that one will find it.
    pub fn wake(&self) {
        if let Some(wake) = &self.wake {
            let _ = wake.try_send(());
        }
    }

    /// Why the last copy could not be made.
    pub fn trouble(&self) -> Option<Problem> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Copies what is left and ends, if that does not take too long.
    pub fn end(mut self) -> Result<(), Problem> {
        self.wake();
        self.wake = None;
        match self.done.recv_timeout(PATIENCE) {
            Ok(()) => self.trouble().map_or(Ok(()), Err),
            Err(_) => Err(Problem::local("the second copy was not written in time")
                .meaning("the timeline itself is saved")
                .next("see that the folder of `mirror` in the configuration answers; the next start goes on with it")),
        }
    }
}

const BEHIND: &str = "the timeline itself is saved; only the copy is behind";

/// Copies all that is missing.
fn copy(from: &Path, to: &Path, share: Share) -> Result<(), Problem> {
    for part in ["log", "evidence", "checkpoints"] {
        let problem = |e: io::Error| {
            Problem::local(format!("the second copy could not be written: {e}"))
                .in_file(to.join(part).to_string_lossy(), 0, 0)
                .meaning(BEHIND)
                .next("see that the folder of `mirror` in the configuration can be written to and has room")
        };
        make_all(&to.join(part), share).map_err(|problem| Problem {
            what: format!("the second copy could not be written: {}", problem.what),
            meaning: BEHIND.to_owned(),
            ..problem
        })?;
        folder(&from.join(part), &to.join(part)).map_err(problem)?;
    }
    Ok(())
}

fn folder(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        let Some(text) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
        let (source, copy) = (from.join(&name), to.join(&name));
        if segment_of(text).is_some() {
            grow(&source, &copy)?;
        } else if text.ends_with(".head") || (!text.ends_with(".lock") && !text.ends_with(".reserve")) {
            let is_there = copy.symlink_metadata().is_ok() && !text.ends_with(".head");
            if !is_there {
                whole(&source, &copy)?;
            }
        }
    }
    Ok(())
}

/// Appends what the copy of a segment lacks.
fn grow(source: &Path, copy: &Path) -> io::Result<()> {
    let mut file = disk::open(source)?;
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits() as i32);
    let is_new = copy.symlink_metadata().is_err();
    let mut out = options.open(copy)?;
    let have = out.metadata()?.len();
    if have == file.metadata()?.len() {
        return Ok(());
    }
    file.seek(SeekFrom::Start(have))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    out.write_all(&bytes)?;
    out.sync_data()?;
    if is_new {
        disk::share(&out, copy)?;
        disk::sync(copy.parent().unwrap_or(copy))?;
    }
    Ok(())
}

/// Puts a file in its place; heads are few bytes, and all others are written once.
fn whole(source: &Path, copy: &Path) -> io::Result<()> {
    let mut bytes = Vec::new();
    match disk::open(source) {
        // A head that is being put in its place is there the next time.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?.read_to_end(&mut bytes)?,
    };
    disk::replace(&mut LocalDisk, copy, &bytes)
}
