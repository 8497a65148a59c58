//! The console as a machine: real keys in, what stands on the screen and what goes to the log out.

mod account;
mod approving;
mod evidence;
mod fixtures;
mod follow;
mod gestures;
mod hostile;
mod list;
mod naming;
mod pictures;
mod properties;
mod quiet;
mod rig;
mod search;
mod signing;
mod snapshots;
mod steps;
mod thread;
mod triage;
mod unsaved;
mod values;
mod ways;
mod whereabouts;
mod withhold;
mod witness;
mod words;
