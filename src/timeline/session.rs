//! Sessions by name, and one session read from its files.

use super::checkpoints;
use super::evidence::Evidence;
use super::folder::{Share, StateDir, io_problem};
use super::lock::Lock;
use super::logs::{Name, names, read};
use super::remote;
use super::summary::Summary;
use crate::problem::{Problem, clean};
use crate::runtime::Runtime;
use quell_core::incident::{Entry, Incident, WriterId, mask};
use quell_core::record::{
    Fault, Record, Recovery, SegmentBytes, Verdict, Verification, WriterFiles, recover_session, segment_name,
};
use quell_core::text::{Id, Untrusted, id::Slug};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// All sessions of a state folder.
#[derive(Clone, Debug)]
pub struct Sessions {
    state: StateDir,
    /// Where sessions were kept before, the latest first: what was contained then stands still.
    before: Vec<StateDir>,
}

/// Held while a session is begun; dropped when its first records are on disk.
#[derive(Debug)]
pub struct Gate {
    _lock: Lock,
}

/// How often and how long to wait for another process that begins a session: three seconds in all.
const GATE_LOOKS: u32 = 60;
const GATE_LOOK: Duration = Duration::from_millis(50);

/// One session's folder.
#[derive(Clone, Debug)]
pub struct SessionDir {
    dir: PathBuf,
    id: Id<Slug>,
    share: Share,
    mirror: Option<PathBuf>,
}

/// One session as its files tell it.
#[derive(Debug)]
pub struct Timeline {
    /// Records, what is wrong, and the verdict.
    pub recovery: Recovery,
    pub(super) files: Files,
}

/// What the log folder holds.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub writers: BTreeMap<WriterId, OneWriter>,
    faults: Vec<Fault>,
}

#[derive(Debug, Default)]
pub(super) struct OneWriter {
    pub segments: BTreeMap<u32, Vec<u8>>,
    pub head: Option<Vec<u8>>,
    /// Something of it could not be read: then it must not be written either.
    hidden: bool,
}

impl Sessions {
    /// The sessions of a state folder.
    pub fn of(state: &StateDir) -> Self {
        Self { state: state.clone(), before: Vec::new() }
    }

    /// The same, after sessions were kept elsewhere by this console.
    #[must_use]
    pub fn after(self, first: Self) -> Self {
        let before = std::iter::once(first.state).chain(first.before).filter(|one| one.path() != self.state.path());
        Self { before: before.collect(), ..self }
    }

    /// Makes a session's folder. Its name is the start in UTC, a slug of the title and a short random id.
    pub fn create(&self, title: &Untrusted, runtime: &Runtime) -> Result<SessionDir, Problem> {
        let dir = self.state.make_session(title, runtime)?;
        SessionDir::named(dir, self.state.share()).map(|dir| dir.mirrored(&self.state))
    }

    /// The sessions of another state folder, which is shared and copied in the same way; it is made where it is not
    /// there.
    pub fn elsewhere(&self, path: &Path) -> Result<Self, Problem> {
        let mirror = self.state.mirror().map(Path::to_path_buf);
        let state = StateDir::at(path).shared(self.state.share()).mirrored(mirror);
        state.ready()?;
        Ok(Self { state, before: Vec::new() })
    }

    /// The right to begin a session, of one process at a time on this machine, so that two consoles that begin the same
    /// in one moment do not make two. Whoever waits long goes on without it: a stopped process may hold it for ever.
    pub fn gate(&self, runtime: &Runtime) -> Option<Gate> {
        // What is wrong with the folder is told by whoever makes the session.
        self.state.ready().ok()?;
        let path = self.state.path().join("begin.lock");
        for _ in 0..GATE_LOOKS {
            match Lock::at(&path) {
                Ok(Some(lock)) => return Some(Gate { _lock: lock }),
                Ok(None) => runtime.pause(GATE_LOOK),
                Err(_) => return None,
            }
        }
        None
    }

    /// What to know of the file system that they lie on, where other machines write to it.
    pub fn remote(&self) -> Option<Problem> {
        let folder = self.state.sessions();
        remote::file_system(&folder).map(|name| remote::told(name, &folder))
    }

    /// All sessions, the oldest first; one that can't be read is a problem and hides no other.
    pub fn list(&self) -> Vec<Result<Summary, Problem>> {
        match self.dirs() {
            Ok(dirs) => dirs.iter().map(Summary::of).collect(),
            Err(problem) => vec![Err(problem)],
        }
    }

    /// All sessions as incidents, with their ids, the oldest first, those too that were kept elsewhere before; of one that
    /// went on here it is what is here. One that can't be read is a problem and hides no other.
    pub fn incidents(&self) -> Vec<Result<(String, Incident), Problem>> {
        let incident = |dir: &SessionDir| {
            let timeline = dir.read()?;
            Ok((dir.id.to_string(), Incident::fold(&timeline.shown())))
        };
        let (mut all, mut known) = (Vec::new(), Vec::new());
        for state in std::iter::once(&self.state).chain(&self.before) {
            match Self::of(state).dirs() {
                Ok(mut dirs) => {
                    dirs.retain(|dir| !known.contains(&dir.id));
                    known.extend(dirs.iter().map(|dir| dir.id.clone()));
                    all.extend(dirs.iter().map(incident));
                }
                Err(problem) => all.push(Err(problem)),
            }
        }
        all
    }

    /// All sessions' folders, the oldest first.
    pub fn dirs(&self) -> Result<Vec<SessionDir>, Problem> {
        let folder = self.state.sessions();
        let entries = match fs::read_dir(&folder) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|e| io_problem("can't list the sessions", &folder, &e))?,
        };
        let mut dirs = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|e| io_problem("can't list the sessions", &folder, &e))?;
            // A link would lead out of the state folder; what has no session's name is not ours.
            if entry.file_type().is_ok_and(|t| t.is_dir()) {
                let named = SessionDir::named(entry.path(), self.state.share());
                dirs.extend(named.ok().map(|dir| dir.mirrored(&self.state)));
            }
        }
        dirs.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(dirs)
    }

    /// The session of an id, of a unique beginning of the id or of its short id at the end, or of a folder's path.
    pub fn find(&self, text: &str) -> Result<SessionDir, Problem> {
        if text.contains('/') {
            return SessionDir::open(Path::new(text), self.state.share());
        }
        let dirs = self.dirs()?;
        if let Some(exact) = dirs.iter().find(|dir| dir.id.as_str() == text) {
            return Ok(exact.clone());
        }
        let fits = |dir: &&SessionDir| {
            !text.is_empty() && (dir.id.as_str().starts_with(text) || dir.short().starts_with(text))
        };
        let found: Vec<&SessionDir> = dirs.iter().filter(fits).collect();
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] if Path::new(text).join("log").is_dir() => SessionDir::open(Path::new(text), self.state.share()),
            [] => Err(unknown(text, &dirs)),
            [first, second, ..] => Err(Problem::input(format!("more than one session is called {}", clean(text)))
                .meaning(format!("{} and {}, for two", first.id, second.id))
                .next("give more of the id")),
        }
    }
}

fn unknown(text: &str, dirs: &[SessionDir]) -> Problem {
    let next = match dirs.last() {
        Some(last) => format!("the latest is {}; `quell sessions list` shows all", last.id),
        None => "there is no session yet in this state folder; see --state-dir".to_owned(),
    };
    Problem::input(format!("no session is called {}", clean(text))).next(next)
}

impl SessionDir {
    fn named(dir: PathBuf, share: Share) -> Result<Self, Problem> {
        let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match Id::new(name) {
            Ok(id) => Ok(Self { dir, id, share, mirror: None }),
            Err(_) => Err(Problem::input("not a session's name").in_file(dir.to_string_lossy(), 0, 0)),
        }
    }

    /// A session's folder, wherever it lies.
    fn open(path: &Path, share: Share) -> Result<Self, Problem> {
        let dir = path
            .canonicalize()
            .map_err(|e| Problem { class: crate::problem::Class::Input, ..io_problem("no session there", path, &e) })?;
        match dir.join("log").is_dir() {
            true => Self::named(dir, share),
            false => {
                Err(Problem::input("not a session's folder: it holds no log").in_file(path.to_string_lossy(), 0, 0))
            }
        }
    }

    /// The session's id: its folder's name.
    pub fn id(&self) -> &Id<Slug> {
        &self.id
    }

    fn mirrored(self, state: &StateDir) -> Self {
        Self { mirror: state.mirror().map(Path::to_path_buf), ..self }
    }

    /// Below which folder a second copy is written.
    pub(super) fn mirror(&self) -> Option<&Path> {
        self.mirror.as_deref()
    }

    /// Whose its state folder is.
    pub(super) fn share(&self) -> Share {
        self.share
    }

    /// The short random id at the end of the name.
    pub fn short(&self) -> &str {
        self.id.as_str().rsplit('-').next().unwrap_or_default()
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    pub(super) fn log(&self) -> PathBuf {
        self.dir.join("log")
    }

    /// Reads the session and puts it together. Writes nothing.
    pub fn read(&self) -> Result<Timeline, Problem> {
        let timeline = self.read_once()?;
        match timeline.verdict().holds() {
            true => Ok(timeline),
            // One writer may have seen what another wrote after its file was read; what is really wrong stays.
            false => self.read_once(),
        }
    }

    /// [`SessionDir::read`], with the records held against the checkpoints; nobody looks at signatures and evidence.
    pub fn checked(&self) -> Result<Timeline, Problem> {
        let timeline = self.checked_once()?;
        match timeline.verdict().holds() {
            true => Ok(timeline),
            // A checkpoint may have been made between the two readings; what is really wrong stays.
            false => self.checked_once(),
        }
    }

    fn checked_once(&self) -> Result<Timeline, Problem> {
        let mut timeline = self.read()?;
        let (files, faults) = checkpoints::all(self, None);
        timeline.recovery.faults.extend(faults);
        timeline.recovery.check(&files);
        timeline.recovery.faults.sort_by_key(|fault| fault.kind);
        Ok(timeline)
    }

    /// [`SessionDir::read`], with all evidence that the records name held against its hash, every byte of it; and the
    /// records against the checkpoints, whose signatures count as somebody's by a file of allowed signers.
    pub fn verify(&self, allowed: Option<&Path>) -> Result<Timeline, Problem> {
        let mut timeline = self.read()?;
        let recovery = &mut timeline.recovery;
        recovery.faults.extend(Evidence::of(self).faults(&recovery.records));
        let (files, faults) = checkpoints::all(self, allowed);
        recovery.faults.extend(faults);
        recovery.check(&files);
        recovery.faults.sort_by_key(|fault| fault.kind);
        Ok(timeline)
    }

    fn read_once(&self) -> Result<Timeline, Problem> {
        let mut files = Files::read(&self.log())?;
        let mut recovery = files.recover();
        recovery.faults.append(&mut files.faults);
        recovery.faults.extend(recovery.unopened());
        recovery.faults.extend(recovery.misnamed(&self.id));
        recovery.faults.sort_by_key(|fault| fault.kind);
        Ok(Timeline { recovery, files })
    }
}

impl Timeline {
    /// The records' content as it was written, in order.
    pub fn entries(&self) -> Vec<Entry> {
        self.recovery.records.iter().map(|record| record.entry.clone()).collect()
    }

    /// The records' content for people to read: what one of them masks is not in it.
    pub fn shown(&self) -> Vec<Entry> {
        let mut entries = self.entries();
        mask::apply(&mut entries);
        entries
    }

    /// The record's line as it is on disk, its newline included.
    pub fn line(&self, record: &Record) -> &[u8] {
        let place = record.place;
        let writer = self.files.writers.get(&record.entry.link.0);
        let segment = writer.and_then(|writer| writer.segments.get(&place.segment));
        segment.and_then(|bytes| bytes.get(place.start as usize..place.end as usize)).unwrap_or_default()
    }

    /// The segment that a writer's last record stands in; one that holds none may come after it.
    pub(super) fn last_segment(&self, writer: &WriterId) -> Option<u32> {
        let own = |record: &&Record| record.entry.link.0 == *writer;
        self.recovery.records.iter().rev().find(own).map(|record| record.place.segment)
    }

    /// How far it can be believed.
    pub fn verdict(&self) -> Verdict {
        self.recovery.verdict()
    }

    /// The verdict with its reasons.
    pub fn verification(&self) -> Verification {
        self.recovery.verification()
    }
}

impl Files {
    /// Heads first, then a new look at what segments there are: a writer at work appends meanwhile, and its head must
    /// not run ahead of what is read.
    pub fn read(folder: &Path) -> Result<Self, Problem> {
        let mut files = Files::default();
        for Name { writer, .. } in names(folder)?.into_iter().filter(|name| name.number.is_none()) {
            let name = format!("{writer}.head");
            let head = files.one(folder, &writer, name);
            files.writers.entry(writer).or_default().head = head;
        }
        for Name { number, writer } in names(folder)? {
            let Some(number) = number else { continue };
            if let Some(bytes) = files.one(folder, &writer, segment_name(&writer, number)) {
                files.writers.entry(writer).or_default().segments.insert(number, bytes);
            }
        }
        Ok(files)
    }

    /// A file's bytes; one that can't be read is a fault.
    fn one(&mut self, folder: &Path, writer: &WriterId, name: String) -> Option<Vec<u8>> {
        match read(&folder.join(&name)) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                self.writers.entry(writer.clone()).or_default().hidden = true;
                let detail = format!("can't be read: {error}");
                self.faults.push(Fault { file: name, line: 0, byte: 0, kind: Verdict::InvalidRecord, detail });
                None
            }
        }
    }

    pub fn recover(&self) -> Recovery {
        let files: Vec<WriterFiles<'_>> = self
            .writers
            .iter()
            .map(|(writer, one)| WriterFiles {
                writer: writer.clone(),
                segments: one.segments.iter().map(|(number, bytes)| SegmentBytes { number: *number, bytes }).collect(),
                head: one.head.as_deref(),
            })
            .collect();
        let mut recovery = recover_session(&files);
        for writer in &mut recovery.writers {
            if self.writers.get(&writer.writer).is_some_and(|one| one.hidden) {
                writer.resume = None;
            }
        }
        recovery
    }
}
