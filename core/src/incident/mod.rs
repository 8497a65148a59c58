//! The incident: its events, the fold over them, what may be done next, and actions as plain data.

mod actor;
mod approve;
mod certificate;
mod change;
mod clock;
mod custody;
mod decide;
mod each;
mod entry;
mod event;
mod fold;
mod intent;
mod life;
mod link;
pub mod mask;
mod plan;
mod role;
mod sets;
mod state;
#[cfg(test)]
mod tests;
mod through;
mod token;
mod value;
mod words;

pub use actor::{ActorFrom, naming, of_session};
pub use approve::{Approval, asks_note, conflicts};
pub use certificate::of_certificate;
pub use clock::{Jump, Skew};
pub use custody::{Custody, EvidenceCustody};
pub use decide::{HAND_OVER, decide, rival, started_by, touches, unfinished};
pub use entry::Entry;
pub use event::*;
pub use fold::*;
pub use intent::{Intent, Refusal};
pub use link::{Link, WriterId, short, writer_id};
pub use plan::{Fact, Found, NOTHING, Outcome, Plan, PlannedRequest, Target, Verified, nothing_to_verify};
pub use role::RoleHeld;
pub use sets::STALE;
pub use state::*;
pub use through::{Permitted, Through};
pub use token::Token;
pub use value::{Outside, Source};
pub use words::{Weight, describe};
