//! The incident: its events, the fold over them, what may be done next, and actions as plain data.

mod entry;
mod event;
mod link;
mod plan;
mod token;

pub use entry::Entry;
pub use event::*;
pub use link::{Link, WriterId, short, writer_id};
pub use plan::{Fact, Found, Outcome, Plan, PlannedRequest, Target, Verified};
pub use token::Token;
