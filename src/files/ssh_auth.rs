//! How sshd says that somebody logged in: a file that `SSH_USER_AUTH` names where `ExposeAuthInfo` is set.

use super::read::regular;
use quell_core::incident::{WriterNamed, of_certificate};
use std::path::Path;

/// The most that is read of it: some lines with a key each.
const MOST: u64 = 1 << 18;

/// The name in the certificate with which somebody logged in as `user`. Whatever is not there, or is not what sshd
/// writes, names nobody and is no problem: there are other ways to know a name.
pub fn person(file: Option<&Path>, user: &str) -> Option<WriterNamed> {
    of_certificate(&regular(file?, MOST).ok()?, user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_names_nobody() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(person(None, "alice"), None);
        assert_eq!(person(Some(&folder.path().join("gone")), "alice"), None);
        assert_eq!(person(Some(folder.path()), "alice"), None);
        let file = folder.path().join("auth");
        std::fs::write(&file, vec![b'x'; (1 << 18) + 1]).unwrap();
        assert_eq!(person(Some(&file), "alice"), None);
    }
}
