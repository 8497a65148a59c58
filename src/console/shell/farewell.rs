//! What stands on the main screen when the console has gone.

use crate::console::core::model::{Mode, Model};

/// What was done in the session that was left last, and how to go on.
pub fn lines(last: Option<&String>, model: &Model) -> Vec<String> {
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
    lines.push(format!("report:  quell sessions report {id}"));
    lines.push(format!("check:   quell sessions verify {id}"));
    if model.incident.signing.as_ref() == Some(id) {
        lines.push(format!("NOT SIGNED yet: quell sessions sign {id}"));
    }
    lines
}
