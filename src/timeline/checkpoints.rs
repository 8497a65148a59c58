//! The checkpoints of a session on disk: made from what the disk holds, signed or not, stored before a record names
//! them, and read back to be held against the records.

use super::disk::{self, Disk, LocalDisk};
use super::folder::{Share, io_problem, make};
use super::session::{SessionDir, Timeline};
use super::ssh;
use crate::problem::Problem;
use crate::runtime::Runtime;
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use quell_core::incident::{CheckpointMade, Event, Link, WriterId};
use quell_core::record::{Checkpoint, CheckpointFile, Fault, Hash, Record, Signed, Verdict, segment_name};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The biggest file that is read as a checkpoint or a signature.
const MAX: u64 = 64 * 1024;

/// A checkpoint that is on disk.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// What a record says of it.
    pub made: CheckpointMade,
    /// What it says itself of when it was made.
    pub time: Timestamp,
}

/// A checkpoint that is not on disk yet.
#[derive(Debug)]
pub struct Draft {
    folder: PathBuf,
    share: Share,
    checkpoint: Checkpoint,
}

impl Draft {
    /// What a session's logs are now, as the disk has them, made by one of its writers. What does not hold is not
    /// bound: a signature would only hide that.
    pub fn of(session: &SessionDir, writer: &WriterId, runtime: &Runtime) -> Result<Self, Problem> {
        let timeline = session.verify(None)?;
        if !timeline.verdict().holds() {
            return Err(Problem::local(format!(
                "the timeline is {}, so it is not signed",
                timeline.verdict().as_str()
            ))
            .meaning("a signature says that all is as it was written, and it is not")
            .next(format!("look at what `quell sessions verify {}` names first", session.id())));
        }
        let mut heads = heads(&timeline);
        let Some(own) = heads.remove(writer) else {
            return Err(Problem::local("nothing was written here yet").next("write something first"));
        };
        let folder = folder(session);
        let file = segment_name(writer, own.place.segment);
        let (count, bytes, head) = (own.entry.link.1 + 1, own.place.end, own.h);
        let seen = heads.into_iter().map(|(writer, record)| (writer, (record.entry.link.1, record.h))).collect();
        let now = runtime.now();
        // What is signed was not made later than now.
        let second = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Floor);
        let time = now.round(second).unwrap_or(now);
        let previous = previous(&timeline, &folder)?;
        let (share, session, writer) = (session.share(), session.id().clone(), writer.clone());
        let checkpoint = Checkpoint { session, writer, file, count, bytes, head, previous, seen, time };
        Ok(Self { folder, share, checkpoint })
    }

    /// What is signed.
    pub fn text(&self) -> String {
        self.checkpoint.encode()
    }

    /// Stores it with its signature; when this returns both are on disk. Gives the event that names it, and the time
    /// that is signed.
    pub fn store(&self, disk: &mut dyn Disk, signature: Option<&[u8]>) -> Result<Stored, Problem> {
        make(&self.folder, self.share)?;
        let (name, text) = (self.checkpoint.name(), self.text());
        if text.len() as u64 > MAX {
            return Err(Problem::input(format!(
                "the checkpoint would take {} bytes; one has at most {MAX}",
                text.len()
            ))
            .meaning("the session has too many writers to be signed in one piece; nothing was written")
            .next("export it as a bundle and sign that with ssh-keygen -Y sign -n file"));
        }
        let path = self.folder.join(&name);
        let stored = |path: &Path, e: io::Error| io_problem("can't store the checkpoint", path, &e);
        if path.symlink_metadata().is_ok() {
            // The same record twice: the first one stays what it is.
            return Err(
                Problem::input("nothing was written since the last checkpoint").next("there is nothing to sign")
            );
        }
        if let Some(signature) = signature {
            let path = self.folder.join(signature_name(&name));
            disk::replace(disk, &path, signature).map_err(|e| stored(&path, e))?;
        }
        disk::replace(disk, &path, text.as_bytes()).map_err(|e| stored(&path, e))?;
        Ok(Stored { made: self.checkpoint.made(signature), time: self.checkpoint.time })
    }
}

/// The last record of each writer.
fn heads(timeline: &Timeline) -> BTreeMap<WriterId, &Record> {
    let mut heads: BTreeMap<WriterId, &Record> = BTreeMap::new();
    for record in &timeline.recovery.records {
        let Link(writer, n) = &record.entry.link;
        let last = heads.entry(writer.clone()).or_insert(record);
        if last.entry.link.1 < *n {
            *last = record;
        }
    }
    heads
}

/// The last checkpoint that a record names, and its signature.
fn previous(timeline: &Timeline, folder: &Path) -> Result<(Hash, Hash), Problem> {
    let made = timeline.recovery.records.iter().rev().find_map(|record| match &record.entry.event {
        Event::CheckpointMade(made) => Some(made.file.line().into_string()),
        _ => None,
    });
    let Some(name) = made else { return Ok((Hash::ZERO, Hash::ZERO)) };
    let path = folder.join(&name);
    let text = read(&path).map_err(|e| io_problem("can't read the last checkpoint", &path, &e))?;
    let signature = read(&folder.join(signature_name(&name))).map_or(Hash::ZERO, |bytes| Hash::of(&bytes));
    Ok((Hash::of(&text), signature))
}

/// Where ssh-keygen itself would put the signature of a file.
fn signature_name(name: &str) -> String {
    format!("{name}.sig")
}

fn folder(session: &SessionDir) -> PathBuf {
    session.path().join("checkpoints")
}

/// All checkpoints of a session, by their names, their signatures looked at; and what of them can't be read.
pub(super) fn all(session: &SessionDir, allowed: Option<&Path>) -> (Vec<CheckpointFile>, Vec<Fault>) {
    let folder = folder(session);
    let (mut files, mut faults) = (Vec::new(), Vec::new());
    let mut names: Vec<OsString> = match fs::read_dir(&folder) {
        Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.file_name())).collect(),
        Err(_) => Vec::new(),
    };
    names.retain(|name| name.as_bytes().ends_with(b".txt") && !name.as_bytes().starts_with(b"."));
    names.sort();
    for name in names {
        let mut signature = name.clone();
        signature.push(".sig");
        let signature = match read(&folder.join(signature)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            bytes => bytes.map(Some),
        };
        let read = read(&folder.join(&name)).and_then(|text| Ok((text, signature?)));
        // No checkpoint has a name that is no text; one that is there all the same is told.
        let name = name.to_string_lossy().into_owned();
        match read {
            Ok((text, signature)) => files.push(looked_at(name, text, signature, allowed)),
            Err(error) => {
                let (detail, file) = (format!("can't be read: {error}"), format!("checkpoints/{name}"));
                faults.push(Fault { file, line: 0, byte: 0, kind: Verdict::InvalidRecord, detail });
            }
        }
    }
    (files, faults)
}

/// Takes the checkpoints and signatures along into another folder's session, as far as they can be read.
pub(super) fn copy(from: &SessionDir, to: &SessionDir) {
    let (old, new) = (folder(from), folder(to));
    for name in fs::read_dir(&old).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok())
    {
        if let Ok(bytes) = read(&old.join(&name)) {
            // What is missing is told by whoever verifies.
            let _ = disk::replace(&mut LocalDisk, &new.join(name), &bytes);
        }
    }
}

fn looked_at(name: String, text: Vec<u8>, signature: Option<Vec<u8>>, allowed: Option<&Path>) -> CheckpointFile {
    let time: Option<Timestamp> = Checkpoint::read(&text).map(|checkpoint| checkpoint.time);
    let signed = signature.as_ref().map_or(Signed::No, |bytes| ssh::look(&text, bytes, time, allowed));
    CheckpointFile { name, text, signature, signed }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    disk::open(path)?.take(MAX + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MAX {
        true => Err(io::ErrorKind::FileTooLarge.into()),
        false => Ok(bytes),
    }
}
