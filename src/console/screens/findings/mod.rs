//! The list of findings: the worst first, the latest of these first, never moving under the cursor.

mod blocked;
mod sources;
mod state;
mod triage;
mod update;
mod view;

pub use blocked::{block, blocked, under_way, undo_blocked, would_send};
pub use state::State;
pub use triage::{Triage, feedback, field, go_on, severity};
pub use update::{
    begin_without, changed, connected, mark_attached, open_of, open_wanted, open_with, set_filter, take, update,
};
pub use view::draw;
