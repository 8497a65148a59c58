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

/// The folder that holds all sessions.
#[derive(Clone, Debug)]
pub struct StateDir {
    root: PathBuf,
}

impl StateDir {
    /// Names a state folder; nothing is read or made yet.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
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
        make_all(&self.root)?;
        make(&self.sessions())?;
        let id = writer_id(&runtime.random::<16>()?).map_err(|e| Problem::local(e.to_string()))?;
        let short = id.as_str().get(..8).unwrap_or_default();
        self.make_folder(&format!("{}-{}-{short}", start(runtime.now()), slug(title)))
    }

    /// Makes the folder of a session that has its name already.
    pub(super) fn make_named(&self, id: &Id<Slug>) -> Result<PathBuf, Problem> {
        make_all(&self.root)?;
        make(&self.sessions())?;
        self.make_folder(id.as_str())
    }

    fn make_folder(&self, name: &str) -> Result<PathBuf, Problem> {
        let folder = self.sessions().join(name);
        if folder.symlink_metadata().is_ok() {
            let what = "a session of this name is there already";
            return Err(Problem::local(what)
                .in_file(folder.to_string_lossy(), 0, 0)
                .next("try again, or choose another folder"));
        }
        // Made beside and renamed, so that nobody who lists the sessions meets one without its parts.
        let making = self.sessions().join(format!(".{name}"));
        make(&making)?;
        for part in ["log", "evidence", "checkpoints", "exports"] {
            make(&making.join(part))?;
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
fn make_all(path: &Path) -> Result<(), Problem> {
    if let Some(above) = path.parent().filter(|p| !p.as_os_str().is_empty() && fs::metadata(p).is_err()) {
        make_all(above)?;
    }
    make(path)
}

/// Makes a folder of mode 0700 that survives a crash, or checks the one that is there.
pub(super) fn make(path: &Path) -> Result<(), Problem> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {
            let above = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            disk::sync(path).and_then(|()| disk::sync(above)).map_err(|e| io_problem("can't sync a folder", path, &e))
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => check(path),
        Err(e) => Err(io_problem("can't make a folder", path, &e)),
    }
}

/// Refuses a folder that somebody else could write to: what stands in it would be theirs, not ours.
pub(super) fn check(path: &Path) -> Result<(), Problem> {
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
    if found.uid() != rustix::process::geteuid().as_raw() {
        return bad("the folder belongs to another user", "use another --state-dir");
    }
    if found.permissions().mode() & 0o022 != 0 {
        return bad("the folder can be written to by others", "chmod go-w it, after looking at what is in it");
    }
    Ok(())
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
    fn the_start_is_written_in_utc() -> Result<(), jiff::Error> {
        assert_eq!(start("2026-11-21T20:04:46.9+02:00".parse()?), "20261121T180446Z");
        Ok(())
    }
}
