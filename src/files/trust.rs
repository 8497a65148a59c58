//! Which of the user's runbooks may act: by the hash of their whole text, kept apart from them. Whoever can write a
//! runbook's file does not decide what is sent to an account; whoever has read it and says so does.

use crate::problem::Problem;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// So many bytes the file has at most.
const LIMIT: u64 = 1 << 20;

/// The runbooks that are trusted.
pub struct Trust {
    path: PathBuf,
    kept: Kept,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    #[serde(default)]
    runbook: Vec<Trusted>,
}

/// A runbook that is trusted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Trusted {
    /// Of its whole text, with its parts, in lower-case hexadecimal.
    pub sha256: String,
    /// The file that had this text.
    pub file: String,
    /// When somebody said so.
    pub at: Timestamp,
}

/// Where it is kept in a state folder. In one that several share each person's own: nobody trusts for another.
pub fn path(state: &Path, shared: bool) -> PathBuf {
    match shared {
        false => state.join("trust.toml"),
        true => state.join(format!("trust-{}.toml", rustix::process::geteuid().as_raw())),
    }
}

/// The hashes of all runbooks whose actions may be planned: the built-in ones, and what the responder trusts.
pub fn hashes(path: &Path) -> (BTreeSet<String>, Option<Problem>) {
    let built_in = super::runbooks::built_in().into_iter().map(|(_, parsed)| parsed.runbook.sha256);
    let (own, problem) = match Trust::read(path) {
        Ok(trust) => (trust.kept.runbook, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    (built_in.chain(own.into_iter().map(|one| one.sha256)).collect(), problem)
}

impl Trust {
    /// Reads it; where there is no file nothing is trusted.
    ///
    /// # Errors
    /// A file that can't be read, that is not understood, or that others may have written: then nothing is trusted.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let not_read = |why: String| {
            Problem::local(format!("the list of trusted runbooks can't be read: {why}"))
                .in_file(path.to_string_lossy(), 0, 0)
                .meaning("no runbook of yours is trusted; the built-in ones are")
                .next("mend the file, or take it away and trust the runbooks anew")
        };
        let found = match fs::symlink_metadata(path) {
            Ok(found) => found,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { path: path.to_owned(), kept: Kept::default() });
            }
            Err(error) => return Err(not_read(error.to_string())),
        };
        if let Some(why) = foreign(&found) {
            return Err(not_read(why.to_owned()));
        }
        let bytes = super::read::regular(path, LIMIT)?;
        let text = String::from_utf8_lossy(&bytes);
        let kept = toml::from_str(&text).map_err(|error| not_read(error.message().to_owned()))?;
        Ok(Self { path: path.to_owned(), kept })
    }

    /// All that is trusted, in the order in which it was said.
    pub fn all(&self) -> &[Trusted] {
        &self.kept.runbook
    }

    /// Trusts a runbook. An earlier text of the same file is trusted no more.
    ///
    /// # Errors
    /// When it can't be written; then the file holds what it held.
    pub fn add(&mut self, one: Trusted) -> Result<(), Problem> {
        self.kept.runbook.retain(|other| other.sha256 != one.sha256 && other.file != one.file);
        self.kept.runbook.push(one);
        self.write()
    }

    /// Trusts the runbook of that hash, or of that file, no more; gives how many that were.
    ///
    /// # Errors
    /// When it can't be written; then the file holds what it held.
    pub fn remove(&mut self, named: &str) -> Result<usize, Problem> {
        let before = self.kept.runbook.len();
        self.kept.runbook.retain(|one| one.sha256 != named && one.file != named);
        match before - self.kept.runbook.len() {
            0 => Ok(0),
            gone => self.write().map(|()| gone),
        }
    }

    fn write(&self) -> Result<(), Problem> {
        let put = || -> std::io::Result<()> {
            let folder = self.path.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(folder)?;
            let text = toml::to_string(&self.kept).map_err(std::io::Error::other)?;
            // The crate makes it for its owner alone.
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&self.path).map_err(|error| error.error)?;
            fs::File::open(folder)?.sync_all()
        };
        put().map_err(|error| {
            Problem::local(format!("the list of trusted runbooks can't be written: {error}"))
                .in_file(self.path.to_string_lossy(), 0, 0)
                .meaning("what was trusted before is so still, and nothing else")
                .next("look at the folder's permissions, and at the room on its disk")
        })
    }
}

/// Why others may have written a file.
fn foreign(found: &Metadata) -> Option<&'static str> {
    if !found.is_file() {
        return Some("it is no regular file");
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Some("it belongs to somebody else");
    }
    (found.mode() & 0o022 != 0).then_some("others may write it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn one(sha256: &str, file: &str) -> Trusted {
        let at = "2026-11-22T10:00:00Z".parse().unwrap();
        Trusted { sha256: sha256.to_owned(), file: file.to_owned(), at }
    }

    fn kept(path: &Path) -> Vec<String> {
        Trust::read(path).unwrap().all().iter().map(|one| one.sha256.clone()).collect()
    }

    #[test]
    fn what_is_trusted_is_kept_by_its_hash_and_an_earlier_text_of_the_file_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = path(&dir.path().join("state"), false);
        assert_eq!(kept(&file), Vec::<String>::new());
        let mut trust = Trust::read(&file).unwrap();
        trust.add(one("aa", "/r/x.md")).unwrap();
        trust.add(one("bb", "/r/y.md")).unwrap();
        assert_eq!(kept(&file), ["aa", "bb"]);
        trust.add(one("cc", "/r/x.md")).unwrap();
        assert_eq!(kept(&file), ["bb", "cc"]);
        assert_eq!((trust.remove("none").unwrap(), trust.remove("/r/y.md").unwrap()), (0, 1));
        assert_eq!(kept(&file), ["cc"]);
        assert_eq!(Trust::read(&file).unwrap().all(), [one("cc", "/r/x.md")]);
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_list_that_others_may_have_written_is_not_believed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("trust.toml");
        Trust::read(&file).unwrap().add(one("aa", "/r/x.md")).unwrap();
        let why = |path: &Path| Trust::read(path).err().unwrap().what;
        let (with, none) = super::hashes(&file);
        assert!(with.contains("aa") && none.is_none());
        fs::set_permissions(&file, fs::Permissions::from_mode(0o620)).unwrap();
        assert_eq!(why(&file), "the list of trusted runbooks can't be read: others may write it");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let link = dir.path().join("link.toml");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert_eq!(why(&link), "the list of trusted runbooks can't be read: it is no regular file");
        fs::write(&file, "[[runbook]]\nsha = 1\n").unwrap();
        assert!(why(&file).contains("unknown field `sha`"), "{}", why(&file));
        // The built-in ones need nobody's word.
        let (built_in, problem) = super::hashes(&file);
        assert_eq!((built_in.len(), problem.is_some()), (with.len() - 1, true));
    }

    #[test]
    fn in_a_shared_folder_nobody_trusts_for_another() {
        let own = format!("/s/trust-{}.toml", rustix::process::geteuid().as_raw());
        assert_eq!(path(Path::new("/s"), true), Path::new(&own));
        assert_eq!(path(Path::new("/s"), false), Path::new("/s/trust.toml"));
    }
}
