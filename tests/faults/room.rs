//! File systems that fill, in memory and on a disk, under the lines of `quell sessions note ID -`. They need root.

use super::mounts::{Mount, wanting};
use super::notes::Bench;
use crate::figures::figure;
use crate::skipped::skipped;
use tempfile::TempDir;

/// Writes until nothing more can be saved, then makes room and goes on; gives how many lines were answered.
fn fills(bench: &mut Bench, make_room: impl FnOnce()) -> usize {
    let ended = bench.run(&[], 1500);
    ended.told();
    assert!(ended.err.contains("No space left on device"), "{}", ended.err);
    assert!(ended.err.contains("now: make room on the disk"), "{}", ended.err);
    assert!(ended.answered > 5, "only {} lines were saved", ended.answered);
    // It stays full: that is told again, and nothing that was saved suffers.
    let again = bench.run(&[], 3);
    assert_eq!((again.code, again.answered), (Some(3), 0), "{}", again.err);
    make_room();
    bench.works();
    bench.promised.answered()
}

#[test]
fn a_full_file_system_in_memory_is_told_and_loses_nothing() {
    if let Some(why) = wanting() {
        return skipped(why);
    }
    let mount = Mount::tmpfs("128k").unwrap();
    let mut bench = Bench::on(TempDir::new_in(mount.path()).unwrap());
    let answered = fills(&mut bench, || mount.resize("1m"));
    figure("full tmpfs", &format!("{answered} notes answered, 0 lost"));
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let mount = match wanting() {
        Some(why) => Err(why.to_owned()),
        None => Mount::ext4(8 << 20),
    };
    let mount = match mount {
        Ok(mount) => mount,
        Err(why) => return figure("full ext4", &format!("not run: {why}")),
    };
    let mut bench = Bench::on(TempDir::new_in(mount.path()).unwrap());
    bench.works();
    let ballast = mount.fill();
    // Room for some records is left.
    let size = ballast.metadata().unwrap().len();
    std::fs::OpenOptions::new().write(true).open(&ballast).unwrap().set_len(size - (100 << 10)).unwrap();
    let answered = fills(&mut bench, || std::fs::remove_file(&ballast).unwrap());
    figure("full ext4", &format!("run, {answered} notes answered, 0 lost"));
}
