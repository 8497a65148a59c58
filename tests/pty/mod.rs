//! The program in a pseudo terminal, with real keys. Tests wait on what the screen shows, never on time.

mod endpoint;
mod exits;
mod handback;
pub mod kills;
mod moving;
pub mod rig;
mod scenarios;
mod signing;
pub mod tour;
mod walk;
