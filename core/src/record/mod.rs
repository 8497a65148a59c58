//! The line format of the timeline: events as chained lines of JSON, over bytes alone.
//!
//! - `chain`: hashes and the limits of a line.
//! - `encode`: an entry as a line.
//! - `read`: the strict reader of one segment; `form`: what a record's text may be; `faults`: how many are told.
//! - `recover`: all segments of a writer and its head, put together; `join` links one segment to those before.
//! - `rewrite`: the logs made again from the records alone.
//! - `merge`: the records of all writers in their one order.
//! - `verify`: all of a session, and the verdict.
//! - `stream`: the same of a session in which nothing is wrong, from its lines one at a time.
//! - `checkpoint`: what all logs were at one moment, to be signed; `signed` holds it against them.
//! - `kept`: what was kept of a session elsewhere, which they are held against.
//!
//! Nothing here writes: resume, review and verification are the same code. docs/timeline-format.md describes the
//! format for other programs.

mod chain;
mod checkpoint;
mod encode;
mod faults;
mod form;
mod head;
mod join;
mod kept;
mod merge;
mod read;
mod recover;
mod rewrite;
mod signed;
mod stream;
#[cfg(test)]
mod tests;
mod verify;

pub use chain::{Hash, MAX_LINE, Running};
pub use checkpoint::{Checkpoint, NAMESPACE};
pub use encode::{EncodeError, append_line};
pub use faults::capped;
pub use head::Head;
pub use kept::Kept;
pub use merge::merge;
pub use read::{LineFault, Place, Record, Scanner, Segment, read_segment};
pub use recover::{MOST_SEGMENTS, Recovered, Resume, SegmentBytes, WriterFiles, recover, segment_name, segment_number};
pub use rewrite::rewrite;
pub use signed::{Checked, CheckpointFile, Signed, Uncovered};
pub use stream::{Lines, Piece, Whole, WriterLines, whole};
pub use verify::{Fault, Recovery, Verdict, Verification, recover_session};
