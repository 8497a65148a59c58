//! Whether the files of runbook folders are what they were when they were last looked at: by size, time and file number,
//! without reading them.

use super::runbooks::{PART, files};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What is seen of the files.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Glance(BTreeMap<PathBuf, (u64, u64, i64, i64)>);

impl Glance {
    /// Of the runbooks in these folders and of the parts beside them.
    pub fn of(folders: &[PathBuf]) -> Self {
        let mut seen = BTreeMap::new();
        for path in folders.iter().flat_map(|folder| files(folder).0) {
            let parts = path.parent().into_iter().flat_map(|folder| [folder.to_path_buf(), folder.join("includes")]);
            for part in parts.flat_map(|folder| parts_in(&folder)) {
                take(&mut seen, part);
            }
            take(&mut seen, path);
        }
        Self(seen)
    }
}

fn parts_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.to_string_lossy().ends_with(PART)).collect()
}

fn take(seen: &mut BTreeMap<PathBuf, (u64, u64, i64, i64)>, path: PathBuf) {
    if !seen.contains_key(&path)
        && let Ok(of) = fs::metadata(&path)
    {
        seen.insert(path, (of.len(), of.ino(), of.mtime(), of.mtime_nsec()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_comes_or_goes_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (book, parts) = (folder.path().join("a.md"), folder.path().join("includes"));
        let folders = [folder.path().to_path_buf(), PathBuf::from("/nowhere/at/all")];
        let glance = || Glance::of(&folders);
        let nothing = glance();
        assert_eq!(nothing, Glance::default());
        fs::write(&book, "# A\n").unwrap();
        let first = glance();
        assert_ne!(first, nothing);
        assert_eq!(glance(), first);
        fs::write(&book, "# AB\n").unwrap();
        let longer = glance();
        assert_ne!(longer, first);
        fs::create_dir(&parts).unwrap();
        assert_eq!(glance(), longer);
        fs::write(parts.join(format!("x{PART}")), "1. Do\n").unwrap();
        assert_ne!(glance(), longer);
        fs::remove_dir_all(&parts).unwrap();
        // A file in its place is another file, whatever it holds.
        fs::write(folder.path().join("b"), "# AC\n").unwrap();
        fs::rename(folder.path().join("b"), &book).unwrap();
        assert_ne!(glance(), longer);
        fs::remove_file(&book).unwrap();
        assert_eq!(glance(), nothing);
    }
}
