//! The private keys of SSH that this machine knows: those in SSH's folder, and those that its configuration names.

use super::secrets::{at_home, read};
use std::path::{Path, PathBuf};
use wildmatch::WildMatch;

/// So deep folders are looked into, and configurations include others.
const DEPTH: usize = 4;
/// So many files are read, and so many configurations.
const MOST: usize = 1024;

/// The keys of whoever has this home folder.
pub(super) fn keys(home: &Path) -> Vec<String> {
    let folder = home.join(".ssh");
    let (mut files, mut configurations) = (Vec::new(), Vec::new());
    within(&folder, DEPTH, &mut files);
    named(&folder.join("config"), home, DEPTH, &mut configurations, &mut files);
    files.sort();
    files.dedup();
    files.iter().filter_map(|path| of_key(&read(path)?)).collect()
}

/// A private key that a file of SSH holds: what stands between its first and its last line. Public keys are none.
pub(super) fn of_key(text: &str) -> Option<String> {
    let begin = |line: &&str| line.starts_with("-----BEGIN ") && line.contains("PRIVATE KEY-----");
    let first = text.lines().find(begin)?;
    let rest = text.split_once(first)?.1;
    rest.split_once("-----END ").map(|(key, _)| key.trim().to_owned())
}

/// What stands in a folder, in order; nothing in one that can't be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let mut found: Vec<PathBuf> = found.take(MOST).collect();
    found.sort();
    found
}

/// The files in a folder before those of the folders in it.
fn within(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let (folders, found): (Vec<PathBuf>, Vec<PathBuf>) = entries(folder).into_iter().partition(|path| path.is_dir());
    files.extend(found.into_iter().take(MOST.saturating_sub(files.len())));
    if depth > 1 && files.len() < MOST {
        folders.iter().for_each(|folder| within(folder, depth - 1, files));
    }
}

/// The files that a configuration names as keys, and those that it includes.
fn named(file: &Path, home: &Path, depth: usize, seen: &mut Vec<PathBuf>, files: &mut Vec<PathBuf>) {
    if depth == 0 || seen.len() >= MOST || seen.iter().any(|path| path == file) {
        return;
    }
    seen.push(file.to_owned());
    for line in read(file).unwrap_or_default().lines() {
        let (key, value) = line.trim().split_once([' ', '\t', '=']).unwrap_or_default();
        let value = value.trim_start_matches([' ', '\t', '=']);
        if key.eq_ignore_ascii_case("IdentityFile") {
            files.extend(words(value).first().and_then(|word| expanded(word, home)));
        } else if key.eq_ignore_ascii_case("Include") {
            let patterns = words(value).into_iter().filter_map(|word| expanded(&word, home));
            // What begins nowhere else begins in SSH's folder.
            for found in patterns.flat_map(|pattern| matching(&home.join(".ssh").join(pattern))) {
                named(&found, home, depth - 1, seen, files);
            }
        }
    }
}

/// The words of a line, of which those in quotes may hold blanks.
fn words(value: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for character in value.chars() {
        match character {
            '"' => quoted = !quoted,
            ' ' | '\t' if !quoted => words.push(std::mem::take(&mut word)),
            other => word.push(other),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// A path with the home folder in it; nothing where other tokens stand in it, whose values only a connection has.
fn expanded(word: &str, home: &Path) -> Option<PathBuf> {
    let home_text = home.to_string_lossy();
    let (mut path, mut rest) = (String::new(), word);
    while let Some((before, token)) = rest.split_once('%') {
        path.push_str(before);
        path.push_str(if token.starts_with('d') {
            &home_text
        } else if token.starts_with('%') {
            "%"
        } else {
            return None;
        });
        rest = token.get(1..)?;
    }
    path.push_str(rest);
    Some(at_home(path.replace("${HOME}", &home_text).into(), Some(home)))
}

/// The files whose path a pattern says, its stars and question marks within the names.
fn matching(pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        let text = part.as_os_str().to_string_lossy();
        if !text.contains(['*', '?']) {
            found.iter_mut().for_each(|path| path.push(part));
            continue;
        }
        let matches = WildMatch::new(&text);
        let fits = |path: &PathBuf| path.file_name().is_some_and(|name| matches.matches(&name.to_string_lossy()));
        found = found.iter().flat_map(|folder| entries(folder)).filter(fits).take(MOST).collect();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join(".ssh/config.d")).unwrap();
        home
    }

    fn write(home: &Path, name: &str, text: &str) {
        std::fs::create_dir_all(home.join(name).parent().unwrap()).unwrap();
        std::fs::write(home.join(name), text).unwrap();
    }

    fn key(home: &Path, name: &str, body: &str) {
        write(home, name, &format!("-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\n"));
    }

    #[test]
    fn keys_are_found_in_folders_of_folders() {
        let home = home();
        let at = home.path();
        key(at, ".ssh/one", "AAAA");
        key(at, ".ssh/a/b/two", "BBBB");
        key(at, ".ssh/a/b/c/three", "CCCC");
        key(at, ".ssh/a/b/c/d/four", "DDDD");
        write(at, ".ssh/one.pub", "ssh-rsa AAAA carol");
        let mut found = keys(at);
        found.sort();
        assert_eq!(found, ["AAAA", "BBBB", "CCCC"]);
        assert_eq!(keys(Path::new("/nowhere")), Vec::<String>::new());
    }

    #[test]
    fn keys_are_found_that_a_configuration_names() {
        let home = home();
        let at = home.path();
        for (name, body) in [("k1", "1111"), ("k2", "2222"), ("k 3", "3333"), ("k4", "4444"), ("k5", "5555")] {
            key(at, &format!("own/{name}"), body);
        }
        let config = "Include config.d/*.conf \"~/own/two words\"\nInclude ~/.ssh/config\nHost *\n\
                      \tIdentityFile %d/own/k1\n IdentityFile=~/own/k2\n IdentityFile %d/own/%r\n";
        write(at, ".ssh/config", config);
        write(at, ".ssh/config.d/a.conf", "identityfile \"~/own/k 3\"\n");
        write(at, ".ssh/config.d/a.off", "IdentityFile ~/own/k5\n");
        write(at, "own/two words", "IdentityFile = ${HOME}/own/k4\nInclude two\n");
        let mut found = keys(at);
        found.sort();
        assert_eq!(found, ["1111", "2222", "3333", "4444"]);
    }

    #[test]
    fn what_includes_itself_ends() {
        let home = home();
        write(home.path(), ".ssh/config", "Include *\nInclude ~/.ssh/config\n%\nIdentityFile %\nIdentityFile\n");
        assert_eq!(keys(home.path()), Vec::<String>::new());
    }
}
