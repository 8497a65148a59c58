//! A console's place in a session: it goes on as a writer of its own, or becomes a new one.

use super::disk::{Disk, LocalDisk};
use super::folder::check;
use super::lock::Lock;
use super::log::{LONGEST, Last, Log, Staged};
use super::mirror::Mirror;
use super::remote::{file_system, told};
use super::reserve::Reserve;
use super::saved::NotSaved;
use super::session::{SessionDir, Timeline};
use super::tail::Follow;
use crate::problem::Problem;
use crate::runtime::Runtime;
use nix::unistd::User;
use quell_core::incident::{ActorFrom, Entry, Event, WriterId, WriterNamed, writer_id};
use quell_core::record::{MOST_SEGMENTS, Recovered, Resume, Running, segment_name};
use quell_core::text::Untrusted;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Who writes: what every segment says at its start.
#[derive(Clone, Debug, PartialEq)]
pub struct Who {
    pub user: Untrusted,
    pub host: Untrusted,
    /// The AWS caller's ARN, when known.
    pub caller: Option<Untrusted>,
    /// The person, where something better than the user's name tells it.
    pub actor: Option<WriterNamed>,
    /// The program and its version.
    pub tool: Untrusted,
}

/// A place in a session.
pub struct Attached {
    pub log: Log,
    /// All records so far, in order, the new segment's seg.open included.
    pub entries: Vec<Entry>,
    /// Whether a new writer was made; in a session that others have written to it says session.joined next.
    pub new_writer: bool,
    /// Other writers that no process holds: what they had under way ends without a record, unless someone takes over.
    pub dead: Vec<WriterId>,
    /// Shows what others append from here on.
    pub follow: Follow,
    /// What to know of the file system, where other machines write to it.
    pub remote: Option<Problem>,
}

impl Who {
    /// The user and the host as this machine knows them.
    pub fn here(caller: Option<Untrusted>) -> Self {
        let claimed = ["USER", "LOGNAME"].iter().filter_map(|name| std::env::var(name).ok());
        let host = rustix::system::uname();
        Self {
            user: user(claimed, rustix::process::geteuid().as_raw(), &accounts()).into(),
            host: Untrusted::from_bytes(host.nodename().to_bytes()),
            caller,
            actor: None,
            tool: concat!("quell ", env!("CARGO_PKG_VERSION")).into(),
        }
    }

    /// The person, by the user's name where nothing better is known.
    pub fn name(&self) -> WriterNamed {
        let user = || WriterNamed { actor: self.user.clone(), from: ActorFrom::User, detail: None };
        self.actor.clone().unwrap_or_else(user)
    }
}

/// What the machine's user database tells; where it tells nothing the environment is believed.
struct Accounts<'a> {
    name: &'a dyn Fn(u32) -> Option<String>,
    uid: &'a dyn Fn(&str) -> Option<u32>,
}

fn accounts() -> Accounts<'static> {
    Accounts {
        name: &|uid| Some(User::from_uid(uid.into()).ok()??.name),
        uid: &|name| Some(User::from_name(name).ok()??.uid.as_raw()),
    }
}

/// The name of the user that this process runs as. What the environment claims is left as it was by `sudo -E` and by a
/// plain `su`, so it counts only while it is not the name of another account.
fn user(claimed: impl Iterator<Item = String>, uid: u32, accounts: &Accounts) -> String {
    let is_anothers = |name: &String| (accounts.uid)(name).is_some_and(|other| other != uid);
    let mut claimed = claimed.filter(|name| !name.is_empty() && !is_anothers(name));
    claimed.next().or_else(|| (accounts.name)(uid)).unwrap_or_else(|| format!("uid {uid}"))
}

impl SessionDir {
    /// Attaches to the session: the newest writer of this user and host that nobody holds goes on, in a new segment;
    /// else there is a new writer.
    pub fn attach(&self, who: &Who, runtime: &Runtime) -> Result<Attached, Problem> {
        self.attach_on(Box::new(LocalDisk), who, runtime)
    }

    /// [`SessionDir::attach`], writing to a disk of the caller's choice.
    pub fn attach_on(&self, mut disk: Box<dyn Disk>, who: &Who, runtime: &Runtime) -> Result<Attached, Problem> {
        self.check()?;
        for writer in self.candidates(who)? {
            let Some(lock) = self.lock(&writer)? else { continue };
            // Read again: whoever held the lock until now may have written meanwhile.
            let timeline = self.read()?;
            let found = timeline.recovery.writers.iter().find(|one| one.writer == writer);
            let Some(resume) = found.and_then(|one| one.resume.clone()) else { continue };
            // Somebody has put a file of the last number there: what came after it nobody would read.
            if resume.segment > MOST_SEGMENTS {
                continue;
            }
            // What a crash left unsynced counts from now on, so it must survive from now on.
            if disk.sync(&self.log().join(&resume.file)).and_then(|()| disk.sync(&self.log())).is_err() {
                continue;
            }
            let dead = self.dead(&timeline, &writer, &who.host);
            let log = self.log_of(disk, who, runtime, writer, lock);
            return self.copied(start(resumed(log, resume), timeline, false, dead)?, runtime);
        }
        self.attach_new(disk, who, runtime)
    }

    /// [`SessionDir::attach`], always as a new writer.
    pub(super) fn attach_anew(&self, who: &Who, runtime: &Runtime) -> Result<Attached, Problem> {
        self.check()?;
        self.attach_new(Box::new(LocalDisk), who, runtime)
    }

    fn attach_new(&self, disk: Box<dyn Disk>, who: &Who, runtime: &Runtime) -> Result<Attached, Problem> {
        self.copied(self.attach_as(&new_writer(runtime)?, disk, who, runtime)?, runtime)
    }

    /// Attaches as a writer that is new, without a second copy. An error says that none of its records is acknowledged.
    pub(super) fn attach_as(
        &self,
        writer: &WriterId,
        disk: Box<dyn Disk>,
        who: &Who,
        runtime: &Runtime,
    ) -> Result<Attached, Problem> {
        let lock = self.lock(writer)?.ok_or_else(|| Problem::local("a new writer's lock is held").next("try again"))?;
        let timeline = self.read()?;
        let dead = self.dead(&timeline, writer, &who.host);
        start(self.log_of(disk, who, runtime, writer.clone(), lock), timeline, true, dead)
    }

    /// Starts the second copy, where one is wanted.
    pub(super) fn copied(&self, mut attached: Attached, runtime: &Runtime) -> Result<Attached, Problem> {
        attached.log.mirror = self.mirror().map(|below| Mirror::start(self, below, runtime)).transpose()?;
        Ok(attached)
    }

    /// Refuses a session whose folders somebody else could write to, or put others in the place of.
    fn check(&self) -> Result<(), Problem> {
        let above = self.path().parent().filter(|sessions| sessions.ends_with("sessions"));
        let (state, log) = (above.and_then(Path::parent), self.log());
        let folders = [state, above, Some(self.path()), Some(log.as_path())];
        folders.into_iter().flatten().try_for_each(|folder| check(folder, self.share()))
    }

    /// This user's writers on this host that can go on, the newest first.
    fn candidates(&self, who: &Who) -> Result<Vec<WriterId>, Problem> {
        let timeline = self.read()?;
        let own = |one: &&Recovered| one.opened.as_ref().is_some_and(|o| o.user == who.user && o.host == who.host);
        let own = |one: &&Recovered| own(one) && !is_anothers(&timeline, &one.writer, who.actor.as_ref());
        // A user's name is what the environment says; whose file it is the system says.
        let uid = rustix::process::geteuid().as_raw();
        let is_ours = |one: &&Recovered| {
            let last =
                timeline.last_segment(&one.writer).map(|number| self.log().join(segment_name(&one.writer, number)));
            last.and_then(|file| std::fs::metadata(file).ok()).is_none_or(|file| file.uid() == uid)
        };
        let own = |one: &&Recovered| own(one) && is_ours(one);
        let with_l = |one: &Recovered| one.resume.as_ref().map(|resume| (resume.l, one.writer.clone()));
        let mut writers: Vec<_> = timeline.recovery.writers.iter().filter(own).filter_map(with_l).collect();
        writers.sort();
        Ok(writers.into_iter().rev().map(|(_, writer)| writer).collect())
    }

    /// The writers beside this one whose lock is free. One that can't be looked at counts as alive, and so does one on
    /// another machine where locks may hold on one machine alone.
    fn dead(&self, timeline: &Timeline, me: &WriterId, host: &Untrusted) -> Vec<WriterId> {
        let remote = file_system(&self.log()).is_some();
        let near = |one: &&Recovered| !remote || one.opened.as_ref().is_some_and(|open| open.host == *host);
        let others = timeline.recovery.writers.iter().filter(|one| one.writer != *me).filter(near);
        let others = others.map(|one| &one.writer);
        others.filter(|writer| matches!(self.lock(writer), Ok(Some(_)))).cloned().collect()
    }

    fn lock(&self, writer: &WriterId) -> Result<Option<Lock>, Problem> {
        Lock::of_writer(&self.log(), writer)
    }

    fn log_of(&self, disk: Box<dyn Disk>, who: &Who, runtime: &Runtime, writer: WriterId, lock: Lock) -> Log {
        let reserve = Reserve::of(&self.log(), writer.as_str());
        Log {
            disk,
            runtime: runtime.clone(),
            folder: self.log(),
            session: self.id().clone(),
            who: who.clone(),
            writer,
            _lock: lock,
            next_segment: 0,
            longest: LONGEST,
            last: None,
            rest: Running::default(),
            floor: 0,
            seen: BTreeMap::new(),
            open: None,
            staged: Staged::default(),
            since_head: 0,
            reserve,
            mirror: None,
        }
    }
}

/// The id of a writer that was never there.
pub(super) fn new_writer(runtime: &Runtime) -> Result<WriterId, Problem> {
    writer_id(&runtime.random::<16>()?).map_err(|e| Problem::local(e.to_string()))
}

/// Whether a writer has said last that it is somebody else: on a login that many share nobody goes on as another.
fn is_anothers(timeline: &Timeline, writer: &WriterId, me: Option<&WriterNamed>) -> bool {
    let Some(me) = me.filter(|me| me.from != ActorFrom::User) else { return false };
    let mut own = timeline.recovery.records.iter().rev().filter(|record| record.entry.link.0 == *writer);
    let last = own.find_map(|record| match &record.entry.event {
        Event::WriterNamed(named) => Some(named),
        _ => None,
    });
    last.is_some_and(|named| named.actor != me.actor)
}

fn resumed(log: Log, resume: Resume) -> Log {
    let Resume { segment, n, l, h, file, bytes, rest } = resume;
    Log { next_segment: segment, last: Some(Last { n, l, h, file, bytes }), rest, ..log }
}

/// Opens the first segment of this attachment, so that every later record has its place.
fn start(mut log: Log, timeline: Timeline, new_writer: bool, dead: Vec<WriterId>) -> Result<Attached, Problem> {
    let recovery = &timeline.recovery;
    log.floor = recovery.records.iter().map(|record| record.entry.l).max().unwrap_or(0);
    for one in recovery.writers.iter().filter(|one| one.writer != log.writer) {
        let (Some(n), Some(segment)) = (one.last_n, timeline.last_segment(&one.writer)) else { continue };
        // Their writers may not have synced it yet: what is said to be seen must outlive a power cut.
        let path = log.folder.join(segment_name(&one.writer, segment));
        if log.disk.sync(&path).and_then(|()| log.disk.sync(&log.folder)).is_ok() {
            log.seen.insert(one.writer.clone(), n);
        }
    }
    // What the dead held is of no use to anybody.
    dead.iter().for_each(|writer| Reserve::of(&log.folder, writer.as_str()).drop_of_dead(&mut *log.disk));
    log.reserve.take(&mut *log.disk);
    let saved = log.start().map_err(|NotSaved { problem, .. }| problem)?;
    let mut entries = timeline.entries();
    entries.extend_from_slice(saved.entries());
    let remote = file_system(&log.folder);
    let near = remote.map(|_| log.who.host.clone());
    let follow = Follow::from(timeline, log.folder.clone(), log.writer.clone(), &dead, near);
    let remote = remote.map(|name| told(name, &log.folder));
    Ok(Attached { log, entries, new_writer, dead, follow, remote })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_another_account_is_not_believed() {
        let name =
            |uid| [(0, "root"), (1000, "alice")].iter().find(|(one, _)| *one == uid).map(|(_, n)| (*n).to_owned());
        let uid = |name: &str| [("root", 0), ("alice", 1000)].iter().find(|(one, _)| *one == name).map(|(_, uid)| *uid);
        let accounts = Accounts { name: &name, uid: &uid };
        for (claimed, of, expected) in [
            (["alice", ""], 1000, "alice"),
            // As `sudo -E` leaves it.
            (["alice", "alice"], 0, "root"),
            (["alice", "root"], 0, "root"),
            (["alice", ""], 1001, "uid 1001"),
            // A user of the directory, which can't be asked.
            (["carol", ""], 1001, "carol"),
            (["", "carol"], 1001, "carol"),
            (["", ""], 1000, "alice"),
            (["", ""], 1001, "uid 1001"),
        ] {
            let claimed = claimed.into_iter().map(str::to_owned);
            assert_eq!(user(claimed, of, &accounts), expected);
        }
    }
}
