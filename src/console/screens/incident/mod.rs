//! The incident: the finding's facts, the runbook's steps beside them, the selected step's text, the timeline.

mod aim;
mod drift;
mod each;
mod lift;
mod matter;
mod plan;
mod ready;
mod role;
mod row;
mod run;
mod set;
mod sign;
mod state;
mod undo;
mod update;
mod values;
mod view;
mod view_finding;
mod view_step;

pub use aim::{Aim, At, aim, elsewhere, origin, typed_for_another};
pub use drift::{go_on_with, reread};
pub use each::{By, do_for};
pub use lift::{choose_lift, lift, lift_here};
pub use matter::{attach_marked, choose_verdict, copy_command, evidence, go_elsewhere};
pub use plan::{NO_ACCOUNT, attach, begin, open_beside, open_book, plan_on, reason, trusted};
pub use ready::{Ready, lines as ready_lines, look as look_ready, ready};
pub use role::take_role;
pub use run::run;
pub use set::{give_up, not_staged, several, show_waiting, stage_all, was_staged};
pub use sign::{is_pending, sign_part, signed};
pub use state::{Pane, Row, State, rows, steps};
pub use undo::{choose_undo, signal, undo_link};
pub use update::{advance, book_step, close_as, follow_first, refuses, update};
pub use values::{Values, ask_declared, drop_tried, keep_tried, unfit};
pub use view::{Scene, draw, panes, phase_word, record_line};
pub use view_step::style_of;
