//! What stands on the main screen when the console has gone.

use crate::console::core::model::{Mode, Model};
use crate::problem::clean;
use std::path::Path;

/// What was done in the session that was left last, and how to go on; with the state folder, where a bare `quell`
/// would not find it.
pub fn lines(last: Option<&String>, moved: Option<&Path>, model: &Model) -> Vec<String> {
    let Some(id) = last else { return Vec::new() };
    let mut lines = vec![format!("session {id}")];
    if let Some((done, open, standing)) = model.farewell.get(id).filter(|(done, open, _)| done + open > 0) {
        lines.push(format!("{done} action(s) succeeded, {open} without a known end"));
        if *standing > 0 {
            lines.push(format!("{standing} thing(s) STAND CONTAINED by it: quell sessions in-force"));
        }
    }
    let folder = moved.map(|path| format!("--state-dir {} ", clean(&path.to_string_lossy()))).unwrap_or_default();
    let open = model.farewell_open;
    match (open, &model.account.mode) {
        (false, _) => {}
        (true, Mode::Simulated) => lines.push(format!("go on:   quell {folder}demo offers it again")),
        (true, _) => lines.push(format!("go on:   quell {folder}offers it again at its next start")),
    }
    let quell = format!("quell {folder}sessions");
    lines.push(format!("report:  {quell} report {id}"));
    lines.push(format!("check:   {quell} verify {id}"));
    if model.incident.signing.as_ref() == Some(id) {
        lines.push(format!("NOT SIGNED yet: {quell} sign {id}"));
    }
    lines
}
