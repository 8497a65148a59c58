//! The runbooks at hand: found by their words, read as an incident lays them out, opened against a finding, edited.

mod preview;
mod state;
mod update;
mod view;

pub use state::{Pane, Row, State, rows, searched, titles};
pub use update::{edited, refresh, reread, show, update};
pub use view::draw;
