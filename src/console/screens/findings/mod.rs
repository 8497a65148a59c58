//! The list of findings: the worst first, the latest of these first, never moving under the cursor.

mod state;
mod update;
mod view;

pub use state::State;
pub use update::{begin_without, set_filter, take, update};
pub use view::draw;
