//! The list of findings: the worst first, the latest of these first, never moving under the cursor.

mod state;
mod triage;
mod update;
mod view;

pub use state::State;
pub use triage::{Triage, go_on};
pub use update::{begin_without, connected, mark_attached, set_filter, take, update};
pub use view::draw;
