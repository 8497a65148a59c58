//! Whether a folder lies on a file system that other machines write to, and what that means for a log.

use crate::problem::Problem;
use std::path::Path;

/// File systems of the network by the numbers that Linux's statfs gives them.
const REMOTE: [(u64, &str); 11] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x0102_1997, "9p"),
    (0x6573_5546, "FUSE"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "kAFS"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
];

/// The name of a file system that may be another machine's, by its number.
fn named(number: u64) -> Option<&'static str> {
    // Some machines give the number with its sign.
    let number = number & 0xffff_ffff;
    REMOTE.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

/// What a folder lies on, where that may be another machine's. What can't be told counts as this machine's own.
pub(super) fn file_system(path: &Path) -> Option<&'static str> {
    named(rustix::fs::statfs(path).ok()?.f_type as u64)
}

/// What it means that a state folder lies there.
pub(super) fn told(name: &str, path: &Path) -> Problem {
    Problem::local(format!("the state folder lies on a file system of the network ({name})"))
        .in_file(path.to_string_lossy(), 0, 0)
        .meaning(
            "each console writes files of its own, so nothing is mixed or lost; but what others write may come some \
             seconds late, and locks may hold on one machine alone",
        )
        .next("work on; agree in words before you act from two machines on one target")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_systems_of_the_network_are_known_by_their_numbers() {
        let numbers = [
            (0x6969, Some("NFS")),
            (0xff53_4d42, Some("CIFS")),
            (0xffff_ffff_ff53_4d42, Some("CIFS")),
            (0xfe53_4d42, Some("SMB2")),
            (0x0102_1997, Some("9p")),
            (0x6573_5546, Some("FUSE")),
            // ext4, tmpfs, xfs, btrfs, overlayfs.
            (0xef53, None),
            (0x0102_1994, None),
            (0x5846_5342, None),
            (0x9123_683e, None),
            (0x794c_7630, None),
            (0, None),
        ];
        for (number, name) in numbers {
            assert_eq!(named(number), name, "{number:x}");
        }
    }

    #[test]
    fn memory_is_this_machines_own() {
        assert_eq!(file_system(Path::new("/dev/shm")), None);
        assert_eq!(file_system(Path::new("/no/such/folder")), None);
    }
}
