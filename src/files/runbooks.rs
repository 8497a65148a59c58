//! Runbooks at hand: the folders of the user, and those that are built in.

use super::built_in::{BUILT_IN, PARTS};
use crate::problem::Problem;
use crate::runtime::Runtime;
use quell_core::runbook::{LIMIT, Origin, Parsed, Refused, Runbook, parse_with};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Folders in folders that are searched for runbooks.
const DEPTH: usize = 16;

/// What the name of a part's file ends with.
pub(super) const PART: &str = ".include.md";

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
        for read in Runtime::each(&paths, |path| read_file(path)) {
            match read {
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
        let parsed = parse_with(name, text.as_bytes(), Origin::BuiltIn, &built_in_part).ok()?;
        Some((format!("runbooks/{name}.md"), parsed))
    };
    Runtime::each(BUILT_IN, read).into_iter().flatten().collect()
}

fn built_in_part(name: &str) -> Option<Cow<'static, str>> {
    PARTS.iter().find(|(part, _)| *part == name).map(|(_, text)| (*text).into())
}

/// The file of a part that a runbook in `folder` includes: beside it, or in `includes` there. Without one the built-in
/// part of that name is meant.
pub fn part_file(folder: &Path, name: &str) -> Option<PathBuf> {
    let file = format!("{name}{PART}");
    let root = fs::canonicalize(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }).ok()?;
    // A link that leads out of the folder is not followed.
    let inside = |path: &PathBuf| {
        fs::canonicalize(path).is_ok_and(|true_path| true_path.starts_with(&root) && true_path.is_file())
    };
    [folder.join(&file), folder.join("includes").join(&file)].into_iter().find(inside)
}

/// The text of a part. One that can't be read, or is too large, is not there.
fn part(folder: &Path, name: &str) -> Option<Cow<'static, str>> {
    let Some(path) = part_file(folder, name) else { return built_in_part(name) };
    let bytes = bytes(&path).ok().filter(|bytes| bytes.len() <= LIMIT)?;
    Some(String::from_utf8_lossy(&bytes).into_owned().into())
}

/// What a file holds, and of one that is too large a byte more than is read, so that it is refused and not cut.
fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(LIMIT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads one file, with the parts that it includes.
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
    if kind.len() > LIMIT as u64 {
        return Err(unreadable(&Refused::TooLarge { bytes: kind.len().try_into().unwrap_or(usize::MAX) }));
    }
    let bytes = bytes(path).map_err(|error| unreadable(&error))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    parse_with(&stem, &bytes, Origin::User(shown.as_str().into()), &|name| part(folder, name))
        .map_err(|refused| unreadable(&refused))
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
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // A part is no runbook.
        if name.starts_with('.') || name.ends_with(PART) {
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
    fn parts_are_no_runbooks_and_stand_in_those_that_name_them() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        fs::create_dir_all(at.join("includes")).unwrap();
        write(at.join("book.md"), "# B\n\n<!-- include: near -->\n<!-- include: far -->\n<!-- include: out -->\n")
            .unwrap();
        write(at.join("near.include.md"), "1. Do the near\n").unwrap();
        write(at.join("includes/far.include.md"), "1. Do the far\n").unwrap();
        let outside = tempfile::tempdir().unwrap();
        write(outside.path().join("out.md"), "1. Tell a secret\n").unwrap();
        std::os::unix::fs::symlink(outside.path().join("out.md"), at.join("out.include.md")).unwrap();
        let library = load(&[at.to_owned()]);
        assert_eq!((library.problems, library.books.len()), (vec![], 1 + BUILT_IN.len()));
        let titles: Vec<String> = library.books[0].steps.iter().map(|step| step.title.line().into_string()).collect();
        assert_eq!(titles, ["Do the near", "Do the far"]);
        let warnings = read_file(&at.join("book.md")).unwrap().warnings;
        let told: Vec<(usize, &str)> = warnings.iter().map(|lint| (lint.line, lint.what.as_str())).collect();
        assert_eq!(told, [(5, "the part out is not there to be included")]);
    }

    #[test]
    fn every_part_of_the_folder_is_built_in() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks/includes");
        let mut names: Vec<String> = fs::read_dir(&here)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().strip_suffix(PART).unwrap().to_owned())
            .collect();
        names.sort();
        assert_eq!(names, PARTS.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
        // Each has a runbook that needs it, and each of those finds it.
        for (file, parsed) in built_in() {
            assert_eq!(parsed.warnings, [], "{file}");
        }
        let used: BTreeSet<String> = built_in()
            .iter()
            .flat_map(|(_, parsed)| parsed.runbook.parts.iter().map(|part| part.name.to_string()))
            .collect();
        assert_eq!(used.into_iter().collect::<Vec<_>>(), names);
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
