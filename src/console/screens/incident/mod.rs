//! The incident: the finding's facts, the runbook's steps beside them, the selected step's text, the timeline.

mod plan;
mod row;
mod state;
mod update;
mod values;
mod view;
mod view_finding;
mod view_step;

pub use plan::{attach, begin, open_book, plan_step, reason};
pub use state::{Pane, Row, State, rows, steps};
pub use update::{advance, attach_marked, book_step, choose_verdict, undo_link, update};
pub use values::Values;
pub use view::{Scene, draw, panes, record_line};
