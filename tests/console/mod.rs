//! The console as a machine: real keys in, what stands on the screen and what goes to the log out.

mod fixtures;
mod follow;
mod gestures;
mod hostile;
mod list;
mod pictures;
mod properties;
mod rig;
mod search;
mod snapshots;
mod steps;
mod thread;
mod triage;
mod unsaved;
mod ways;
mod words;
