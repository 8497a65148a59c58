//! Real faults under the built program, on real file systems: it is killed, its system calls fail, its disk fills,
//! stalls and loses power. What it answered is there afterwards, once, and what it could not save it said.
//!
//! What drives them all is `quell sessions note ID -`, which answers each line once it is on disk.

mod kills;
mod notes;
mod stream;
