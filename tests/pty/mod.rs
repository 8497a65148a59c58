//! The program in a pseudo terminal, with real keys. Tests wait on what the screen shows, never on time.

mod contain;
mod drift;
pub mod endpoint;
mod exits;
mod group;
mod handback;
mod handover;
mod kills;
mod moving;
mod naming;
mod program;
pub mod rig;
mod run;
mod runbooks;
mod scenarios;
mod signing;
pub mod tour;
mod turns;
mod two;
mod walk;
