//! Reading a file that a person names: a regular one, and no more of it than a limit. A pipe that nobody writes to
//! must not hold the program up, and one that never ends must not fill the memory.

use crate::problem::Problem;
use rustix::fs::OFlags;
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const MIB: u64 = 1 << 20;

/// Reads a regular file of at most `most` bytes.
pub fn regular(path: &Path, most: u64) -> Result<Vec<u8>, Problem> {
    let name = path.to_string_lossy();
    let unreadable = |why: &dyn std::fmt::Display| {
        let problem = Problem::input(format!("the file can't be read: {why}")).in_file(&name, 0, 0);
        problem.next("check the name and the permissions")
    };
    // Without NONBLOCK opening a pipe waits until somebody writes to it.
    let flags = OFlags::NONBLOCK.bits() as i32;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(|error| unreadable(&error))?;
    let kind = file.metadata().map_err(|error| unreadable(&error))?;
    if !kind.is_file() {
        return Err(unreadable(&"it is no regular file").next("give a regular file"));
    }
    if kind.len() > most {
        return Err(large(&name, most));
    }
    stream(file, &name, most)
}

/// Reads what comes, at most `most` bytes; `name` is what a problem calls it.
pub fn stream(from: impl Read, name: &str, most: u64) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    // One byte more than is read, so that what is larger is refused and not cut.
    from.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| {
        Problem::input(format!("the file can't be read: {error}"))
            .in_file(name, 0, 0)
            .next("check the name and the permissions")
    })?;
    match bytes.len() as u64 > most {
        true => Err(large(name, most)),
        false => Ok(bytes),
    }
}

fn large(name: &str, most: u64) -> Problem {
    let most = if most >= MIB { format!("{} MiB", most / MIB) } else { format!("{most} bytes") };
    Problem::input(format!("the file is larger than {most}"))
        .in_file(name, 0, 0)
        .meaning("nothing of it was read")
        .next("split it, or look whether it is the file that you mean")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::write;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        write(&file, b"12345").unwrap();
        assert_eq!(regular(&file, 5).unwrap(), b"12345");
        let problem = regular(&file, 4).unwrap_err();
        assert_eq!((problem.what.as_str(), problem.exit_code()), ("the file is larger than 4 bytes", 2));
        assert_eq!(stream(&b"12345"[..], "-", 5).unwrap(), b"12345");
        assert_eq!(stream(&b"12345"[..], "-", 4).unwrap_err().headline(), "-: the file is larger than 4 bytes");
        assert_eq!(stream(std::io::repeat(0), "-", MIB).unwrap_err().what, "the file is larger than 1 MiB");
    }

    #[test]
    fn what_is_no_file_is_neither_waited_for_nor_read() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        for path in [pipe.as_path(), Path::new("/dev/zero"), folder.path()] {
            let problem = regular(path, 100).unwrap_err();
            assert_eq!(problem.what, "the file can't be read: it is no regular file", "{}", path.display());
            assert_eq!(problem.exit_code(), 2);
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_told_with_a_harmless_name() {
        let problem = regular(Path::new("/nonexistent/\u{1b}[31m.json"), 100).unwrap_err();
        let headline = problem.headline();
        assert!(headline.starts_with("/nonexistent/\\u{1b}[31m.json: the file can't be read: "), "{headline}");
    }
}
