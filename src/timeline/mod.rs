//! The log on disk: the one record of an incident, and the room that says when an event is saved.
//!
//! - `folder`: the state folder, who may write there, new folders and files.
//! - `logs`: the files of a log folder.
//! - `session`, `summary`: sessions by name; one session read and put together.
//! - `stream`: one session verified line by line, without holding it.
//! - `attach`: a console's place in a session: resume a writer of its own, or make a new one.
//! - `begin`: a session's folder and its first record, or neither.
//! - `lock`: one process at a time.
//! - `log`, `disk`: append, sync, acknowledge; what happens when that fails.
//! - `reserve`: room for the last words on a full disk.
//! - `saved`: the proof that events are on disk, and the permits that only it gives.
//! - `remote`: file systems that other machines write to.
//! - `thread`: the log on a thread of its own.
//! - `evidence`: whole bytes, by their hash.
//! - `checkpoints`, `ssh`: what all logs were at one moment, signed by an SSH key.
//! - `elsewhere`: going on in another folder when the disk fails.
//! - `bundle`: a session as one archive.
//! - `mirror`: a second copy in another folder.
//! - `tail`: what other writers append meanwhile.
//! - `watch`: what becomes of all sessions meanwhile.
//!
//! Reading a log back gives records, never [`Saved`]: replay can't execute.

mod attach;
mod begin;
mod bundle;
mod checkpoints;
pub mod disk;
mod elsewhere;
mod evidence;
mod folder;
mod lock;
mod log;
mod logs;
mod mirror;
mod remote;
mod reserve;
mod saved;
mod session;
mod ssh;
mod stream;
mod summary;
mod tail;
mod thread;
mod watch;

pub use attach::{Attached, Who};
pub use bundle::Bundle;
pub use checkpoints::{Draft, Stored};
pub use elsewhere::{Moved, go_on};
pub use evidence::Evidence;
pub use folder::{Share, StateDir};
pub use log::Log;
pub use saved::{NotSaved, Permit, Saved};
pub use session::{Gate, SessionDir, Sessions, Timeline};
pub use ssh::Signer;
pub use summary::{Status, Summary};
pub use tail::{Follow, News};
pub use thread::{LogHandle, LogThread, Reply};
pub use watch::Watch;
