//! Real faults under the built program, on real file systems: it is killed, its system calls fail, its disk fills,
//! stalls and loses power. What it answered is there afterwards, once, and what it could not save it said.
//!
//! What drives most of them is `quell sessions note ID -`, which answers each line once it is on disk. `injected` needs
//! strace; `limits` needs prlimit; `mounts` and what stands on it (`room`, `full`, `power`, `stall`) needs root, and for
//! a disk of its own a loop device and mkfs.ext4; `far` needs root and /dev/fuse.

mod far;
mod full;
mod injected;
mod kills;
mod limits;
mod mounts;
mod notes;
mod power;
mod room;
mod stall;
mod stream;

use crate::skipped::skipped;
use std::process::Command;

/// Whether a program runs here with these arguments; where it does not, that is said.
fn runs(program: &str, args: &[&str]) -> bool {
    let why = match Command::new(program).args(args).output() {
        Ok(output) if output.status.success() => return true,
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    skipped(&format!("{program} does not run here: {why}"));
    false
}

/// Whether strace runs here, and may trace what it starts.
fn strace() -> bool {
    runs("strace", &["-qq", "-o", "/dev/null", "true"])
}
