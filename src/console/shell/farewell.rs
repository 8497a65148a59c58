//! What stands on the main screen when the console has gone.

use crate::console::core::model::{Mode, Model};
use crate::problem::clean;
use std::path::Path;

/// What was done in the session that was left last, and how to go on; in another state folder where it has moved.
pub fn lines(last: Option<&String>, moved: Option<&Path>, model: &Model) -> Vec<String> {
    let Some(id) = last else { return Vec::new() };
    let mut lines = vec![format!("session {id}")];
    if let Some((done, open)) = model.farewell.get(id).filter(|(done, open)| done + open > 0) {
        lines.push(format!("{done} action(s) succeeded, {open} without a known end"));
    }
    let open = model.farewell_open;
    match (open, &model.account.mode) {
        (false, _) => {}
        (true, Mode::Simulated) => lines.push("go on:   quell demo offers it again".to_owned()),
        (true, _) => lines.push("go on:   quell offers it again at its next start".to_owned()),
    }
    let folder = moved.map(|path| format!("--state-dir {} ", clean(&path.to_string_lossy())));
    let quell = format!("quell {}sessions", folder.unwrap_or_default());
    lines.push(format!("report:  {quell} report {id}"));
    lines.push(format!("check:   {quell} verify {id}"));
    if model.incident.signing.as_ref() == Some(id) {
        lines.push(format!("NOT SIGNED yet: {quell} sign {id}"));
    }
    lines
}
