//! The state folder: ours alone, made with care, entered without following links.

use super::disk;
use crate::problem::Problem;
use crate::runtime::Runtime;
use jiff::Timestamp;
use quell_core::incident::writer_id;
use quell_core::text::{Id, Untrusted, id::Slug};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The most that a title gives to a folder's name.
const SLUG: usize = 40;

/// What a session's folder consists of.
pub(super) const PARTS: [&str; 4] = ["log", "evidence", "checkpoints", "exports"];

/// Whose a state folder is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Share {
    /// Of one user alone: folders 0700, files 0600.
    #[default]
    Own,
    /// Of a group, by its id: folders 2770, files 0660.
    Group(u32),
}

/// The folder that holds all sessions.
#[derive(Clone, Debug)]
pub struct StateDir {
    root: PathBuf,
    share: Share,
    mirror: Option<PathBuf>,
}

impl StateDir {
    /// Names a state folder; nothing is read or made yet.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), share: Share::Own, mirror: None }
    }

    /// The same folder, shared in this way.
    pub fn shared(self, share: Share) -> Self {
        Self { share, ..self }
    }

    /// The same folder, with a second copy of all that is written below another one.
    pub fn mirrored(self, mirror: Option<PathBuf>) -> Self {
        Self { mirror, ..self }
    }

    /// Where the second copies go.
    pub(super) fn mirror(&self) -> Option<&Path> {
        self.mirror.as_deref()
    }

    /// Whose it is.
    pub(super) fn share(&self) -> Share {
        self.share
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Where the sessions are.
    pub(super) fn sessions(&self) -> PathBuf {
        self.root.join("sessions")
    }

    /// Makes the folder of a new session and gives its path. Nothing is in it until a log is attached.
    pub(super) fn make_session(&self, title: &Untrusted, runtime: &Runtime) -> Result<PathBuf, Problem> {
        let id = writer_id(&runtime.random::<16>()?).map_err(|e| Problem::local(e.to_string()))?;
        let short = id.as_str().get(..8).unwrap_or_default();
        self.make_folder(&format!("{}-{}-{short}", start(runtime.now()), slug(title)))
    }

    /// Makes the folder of a session that has its name already.
    pub(super) fn make_named(&self, id: &Id<Slug>) -> Result<PathBuf, Problem> {
        self.make_folder(id.as_str())
    }

    /// Makes the folder that sessions are in, or checks the one that is there.
    pub(super) fn ready(&self) -> Result<(), Problem> {
        make_all(&self.root, self.share)?;
        make(&self.sessions(), self.share)?;
        [&self.root, &self.sessions()].into_iter().try_for_each(|folder| is_for_all(folder, self.share))
    }

    fn make_folder(&self, name: &str) -> Result<PathBuf, Problem> {
        self.ready()?;
        let folder = self.sessions().join(name);
        if folder.symlink_metadata().is_ok() {
            let what = "a session of this name is there already";
            return Err(Problem::local(what)
                .in_file(folder.to_string_lossy(), 0, 0)
                .next("try again, or choose another folder"));
        }
        // Made beside and renamed, so that nobody who lists the sessions meets one without its parts.
        let making = self.sessions().join(format!(".{name}"));
        make(&making, self.share)?;
        for part in PARTS {
            make(&making.join(part), self.share)?;
        }
        let renamed = fs::rename(&making, &folder).and_then(|()| disk::sync(&self.sessions()));
        renamed.map_err(|e| io_problem("can't make the session's folder", &folder, &e))?;
        Ok(folder)
    }
}

fn start(now: Timestamp) -> String {
    now.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A title as part of a file name: `[a-z0-9-]` only, whatever it was.
fn slug(title: &Untrusted) -> String {
    let mut slug = String::new();
    for c in title.line().as_str().chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => slug.push(c),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
        if slug.len() >= SLUG {
            break;
        }
    }
    match slug.trim_end_matches('-') {
        "" => "incident".to_owned(),
        slug => slug.to_owned(),
    }
}

/// Makes a folder and those above it that are missing.
pub(super) fn make_all(path: &Path, share: Share) -> Result<(), Problem> {
    if let Some(above) = path.parent().filter(|p| !p.as_os_str().is_empty() && fs::metadata(p).is_err()) {
        make_all(above, share)?;
    }
    make(path, share)
}

/// Makes a folder that survives a crash, or checks the one that is there.
pub(super) fn make(path: &Path, share: Share) -> Result<(), Problem> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {
            if let Share::Group(gid) = share {
                // The owner first: a new one takes the bit away that hands the group on.
                let given = std::os::unix::fs::chown(path, None, Some(gid));
                let opened = given.and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o2770)));
                opened.map_err(|e| io_problem("can't share a folder with the group", path, &e))?;
            }
            let above = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            disk::sync(path).and_then(|()| disk::sync(above)).map_err(|e| io_problem("can't sync a folder", path, &e))
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => check(path, share),
        Err(e) => Err(io_problem("can't make a folder", path, &e)),
    }
}

/// Refuses a folder that somebody else could write to, beside the group that it is shared with: what stands in it
/// would be theirs, not ours.
pub(super) fn check(path: &Path, share: Share) -> Result<(), Problem> {
    let found = path.symlink_metadata().map_err(|e| io_problem("can't look at a folder", path, &e))?;
    let bad = |what: &str, next: &str| {
        Err(Problem::local(what)
            .in_file(path.to_string_lossy(), 0, 0)
            .meaning("somebody else could change the timeline, so nothing is written here")
            .next(next))
    };
    if found.is_symlink() {
        return bad(
            "a link, not a folder",
            "put the folder itself in its place, or use another --state-dir; links are not followed",
        );
    }
    if !found.is_dir() {
        return Err(Problem::local("not a folder")
            .in_file(path.to_string_lossy(), 0, 0)
            .meaning("sessions are kept in folders, so nothing can be saved here")
            .next("move it away, or use another --state-dir"));
    }
    let (owner, group, mode) = (found.uid(), found.gid(), found.permissions().mode());
    match may_write((owner, group, mode), rustix::process::geteuid().as_raw(), share) {
        Ok(()) => Ok(()),
        Err(what) if share == Share::Own && mode & 0o022 == 0o020 => {
            bad(what, "chmod g-w it; or, where a group shares it, set group in the configuration")
        }
        Err(what) if mode & 0o022 == 0 => bad(what, "use another --state-dir"),
        Err(what) => bad(what, "chmod go-w it, after looking at what is in it"),
    }
}

/// Whether a folder of this owner, group and mode can be written to by nobody but `me`, and the group that shares it.
fn may_write((owner, group, mode): (u32, u32, u32), me: u32, share: Share) -> Result<(), &'static str> {
    let shared = share == Share::Group(group);
    if mode & 0o002 != 0 || (mode & 0o020 != 0 && !shared) {
        return Err("the folder can be written to by others");
    }
    // Another's folder is the group's where the group may write; otherwise its owner alone says what is in it.
    match owner == me || (shared && mode & 0o020 != 0) {
        true => Ok(()),
        false => Err("the folder belongs to another user"),
    }
}

/// Refuses a folder that is meant for a group and was made for one user.
fn is_for_all(path: &Path, share: Share) -> Result<(), Problem> {
    if share == Share::Own || disk::is_shared(path) {
        return Ok(());
    }
    let Share::Group(gid) = share else { return Ok(()) };
    Err(Problem::local("the folder is not shared with the group that the configuration names")
        .in_file(path.to_string_lossy(), 0, 0)
        .meaning("what is written here could not be read by the others")
        .next(format!("chgrp {gid} and chmod 2770 it, or use another --state-dir")))
}

/// A problem with a file or folder of this machine.
pub(super) fn io_problem(what: &str, path: &Path, error: &io::Error) -> Problem {
    Problem::local(format!("{what}: {error}")).in_file(path.to_string_lossy(), 0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_harmless_name() {
        assert_eq!(slug(&"Crypto mining: i-0abc (prod)".into()), "crypto-mining-i-0abc-prod");
        assert_eq!(slug(&"../../etc/passwd\u{0}".into()), "etc-passwd-u-0");
        assert_eq!(slug(&"\u{4e2d}\u{6587}".into()), "incident");
        assert_eq!(slug(&"a".repeat(300).as_str().into()), "a".repeat(40));
        assert_eq!(slug(&format!("{} b", "a".repeat(39)).as_str().into()), "a".repeat(39));
    }

    #[test]
    fn a_folder_is_ones_own_or_the_groups() {
        let (own, group) = (Share::Own, Share::Group(50));
        for (folder, me, share, expected) in [
            ((1, 9, 0o40700), 1, own, Ok(())),
            ((1, 9, 0o40755), 1, own, Ok(())),
            ((2, 9, 0o40700), 1, own, Err("the folder belongs to another user")),
            ((1, 50, 0o42770), 1, own, Err("the folder can be written to by others")),
            ((1, 9, 0o40702), 1, own, Err("the folder can be written to by others")),
            ((1, 50, 0o42770), 1, group, Ok(())),
            ((2, 50, 0o42770), 1, group, Ok(())),
            ((1, 9, 0o40700), 1, group, Ok(())),
            ((2, 51, 0o42770), 1, group, Err("the folder can be written to by others")),
            ((1, 51, 0o42770), 1, group, Err("the folder can be written to by others")),
            ((2, 50, 0o42777), 1, group, Err("the folder can be written to by others")),
            ((2, 50, 0o42750), 1, group, Err("the folder belongs to another user")),
        ] {
            assert_eq!(may_write(folder, me, share), expected, "{folder:?} {share:?}");
        }
    }

    #[test]
    fn the_start_is_written_in_utc() -> Result<(), jiff::Error> {
        assert_eq!(start("2026-11-21T20:04:46.9+02:00".parse()?), "20261121T180446Z");
        Ok(())
    }
}
