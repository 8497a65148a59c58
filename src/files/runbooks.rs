//! Runbooks at hand: the folders of the user, and those that are built in.

use crate::problem::Problem;
use quell_core::runbook::{LIMIT, Origin, Parsed, Runbook, parse};
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Folders in folders that are searched for runbooks.
const DEPTH: usize = 16;

/// The built-in runbooks: one line for each file in `runbooks/`.
const BUILT_IN: &[(&str, &str)] = &[
    ("crypto-mining", include_str!("../../runbooks/crypto-mining.md")),
    ("ec2-compromise", include_str!("../../runbooks/ec2-compromise.md")),
    ("eks-runtime", include_str!("../../runbooks/eks-runtime.md")),
    ("generic", include_str!("../../runbooks/generic.md")),
    ("iam-credential-theft", include_str!("../../runbooks/iam-credential-theft.md")),
    ("s3-exposure", include_str!("../../runbooks/s3-exposure.md")),
];

/// The runbooks at hand, the user's before the built-in, and what could not be read.
#[derive(Default)]
pub struct Library {
    pub books: Vec<Runbook>,
    pub problems: Vec<Problem>,
}

/// Reads the user's folders and the built-in runbooks. What can't be read takes no other with it.
pub fn load(folders: &[PathBuf]) -> Library {
    let mut library = Library::default();
    for folder in folders {
        let (paths, problems) = files(folder);
        library.problems.extend(problems);
        for path in paths {
            match read_file(&path) {
                Ok(parsed) => library.books.push(parsed.runbook),
                Err(problem) => library.problems.push(problem),
            }
        }
    }
    library.books.extend(built_in().into_iter().map(|(_, parsed)| parsed.runbook));
    library
}

/// The built-in runbooks with their file names.
pub fn built_in() -> Vec<(String, Parsed)> {
    let read = |(name, text): &(&str, &str)| {
        let parsed = parse(name, text.as_bytes(), Origin::BuiltIn).ok()?;
        Some((format!("runbooks/{name}.md"), parsed))
    };
    BUILT_IN.iter().filter_map(read).collect()
}

/// Reads one file.
///
/// # Errors
/// A file that can't be read, is no regular file, or is larger than [`LIMIT`].
pub fn read_file(path: &Path) -> Result<Parsed, Problem> {
    let shown = path.to_string_lossy().into_owned();
    let unreadable = |why: &dyn std::fmt::Display| {
        Problem::input(format!("the runbook can't be read: {why}"))
            .in_file(&shown, 0, 0)
            .meaning("it is missing from the list; the other runbooks are there")
            .next("check the name and the permissions")
    };
    let kind = fs::metadata(path).map_err(|error| unreadable(&error))?;
    if !kind.is_file() {
        return Err(unreadable(&"it is no regular file"));
    }
    let mut bytes = Vec::new();
    // One byte more than is read, so that a larger file is refused and not cut.
    let most = LIMIT as u64 + 1;
    fs::File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|error| unreadable(&error))?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    parse(&stem, &bytes, Origin::User(shown.as_str().into())).map_err(|refused| unreadable(&refused))
}

/// The Markdown files of a folder and the folders in it, sorted; a link that leads out of the folder is not followed.
pub fn files(folder: &Path) -> (Vec<PathBuf>, Vec<Problem>) {
    let mut search = Search { root: PathBuf::new(), seen: BTreeSet::new(), found: Vec::new(), problems: Vec::new() };
    match fs::canonicalize(folder) {
        Ok(root) => {
            search.root = root;
            search.folder(folder, 0);
        }
        Err(error) => search.problem(folder, &format!("the folder of runbooks can't be read: {error}")),
    }
    search.found.sort();
    (search.found, search.problems)
}

struct Search {
    root: PathBuf,
    /// Folders that were read, by their true path: links may lead in circles.
    seen: BTreeSet<PathBuf>,
    found: Vec<PathBuf>,
    problems: Vec<Problem>,
}

impl Search {
    fn problem(&mut self, path: &Path, what: &str) {
        let problem = Problem::input(what)
            .in_file(path.to_string_lossy(), 0, 0)
            .meaning("runbooks may be missing from the list; the others are there")
            .next("check the name and the permissions");
        self.problems.push(problem);
    }

    fn folder(&mut self, folder: &Path, depth: usize) {
        let listed = fs::canonicalize(folder).and_then(|true_path| Ok((true_path, fs::read_dir(folder)?)));
        let (true_path, entries) = match listed {
            Ok(listed) => listed,
            Err(error) => return self.problem(folder, &format!("the folder can't be read: {error}")),
        };
        if !self.seen.insert(true_path) {
            return;
        }
        if depth > DEPTH {
            return self.problem(folder, "folders lie too deep in each other");
        }
        for entry in entries {
            match entry {
                Ok(entry) => self.entry(&entry.path(), depth),
                Err(error) => self.problem(folder, &format!("an entry of the folder can't be read: {error}")),
            }
        }
    }

    fn entry(&mut self, path: &Path, depth: usize) {
        let is_markdown = path.extension().is_some_and(|ext| ext.eq_ignore_ascii_case("md"));
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_hidden {
            return;
        }
        let kind = match fs::symlink_metadata(path) {
            Ok(kind) => kind,
            Err(error) => return self.problem(path, &format!("it can't be read: {error}")),
        };
        if kind.is_symlink() {
            match fs::canonicalize(path) {
                Ok(target) if !target.starts_with(&self.root) => {
                    return self.problem(path, "the link leads out of the folder and is not followed");
                }
                Ok(target) if target.is_dir() => return self.folder(path, depth + 1),
                Ok(_) => {}
                Err(error) if is_markdown => return self.problem(path, &format!("the link leads nowhere: {error}")),
                Err(_) => return,
            }
        }
        if kind.is_dir() {
            self.folder(path, depth + 1);
        } else if is_markdown {
            self.found.push(path.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::write;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("in/deep")).unwrap();
        write(folder.path().join("b.md"), "# B\n\n1. Do b\n").unwrap();
        write(folder.path().join("in/deep/a.MD"), "---\nid: generic\nmatches: [generic]\n---\n1. Do a\n").unwrap();
        write(folder.path().join("in/notes.txt"), "1. no").unwrap();
        write(folder.path().join(".hidden.md"), "1. no").unwrap();
        folder
    }

    #[test]
    fn every_file_of_the_folder_is_built_in() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
        let (paths, problems) = files(&here);
        let names: Vec<String> = paths.iter().map(|p| p.file_stem().unwrap().to_string_lossy().into_owned()).collect();
        assert_eq!(names, BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(problems, []);
        assert_eq!(built_in().len(), names.len());
    }

    #[test]
    fn folders_are_searched_and_the_users_go_first() {
        let folder = folder();
        let library = load(&[folder.path().to_owned()]);
        assert_eq!(library.problems, []);
        let ids: Vec<&str> = library.books.iter().take(2).map(|book| book.id.as_str()).collect();
        assert_eq!(ids, ["b", "generic"]);
        assert_eq!(library.books.len(), 2 + BUILT_IN.len());
        let best = quell_core::runbook::matching::best(&library.books, Some("Nobody:Knows/This"), None);
        assert!(matches!(best.map(|(book, _)| &book.origin), Some(Origin::User(_))));
    }

    #[test]
    fn what_cant_be_read_is_told_and_takes_nothing_with_it() {
        let folder = folder();
        let at = folder.path();
        write(at.join("large.md"), vec![b'x'; LIMIT + 1]).unwrap();
        let outside = tempfile::tempdir().unwrap();
        write(outside.path().join("o.md"), "1. no\n").unwrap();
        std::os::unix::fs::symlink(outside.path(), at.join("out")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("o.md"), at.join("o.md")).unwrap();
        std::os::unix::fs::symlink(at, at.join("in/circle")).unwrap();
        std::os::unix::fs::symlink(at.join("gone"), at.join("gone.md")).unwrap();
        let library = load(&[at.to_owned(), at.join("nowhere")]);
        assert_eq!(library.books.len(), 2 + BUILT_IN.len());
        let mut told: Vec<String> =
            library.problems.iter().map(|p| p.what.split(':').next().unwrap().to_owned()).collect();
        told.sort();
        assert_eq!(
            told,
            [
                "the folder of runbooks can't be read",
                "the link leads nowhere",
                "the link leads out of the folder and is not followed",
                "the link leads out of the folder and is not followed",
                "the runbook can't be read",
            ]
        );
    }
}
