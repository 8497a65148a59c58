//! `quell sessions in-force`: what containment still stands, over all sessions.

use super::Io;
use super::sessions::{Printed, line};
use crate::action;
use crate::problem::Problem;
use crate::timeline::Sessions;

/// Prints what stands; a session that can't be read is told, and hides no other.
pub(super) fn in_force(sessions: &Sessions, json: bool, io: &mut Io) -> Result<Printed, Problem> {
    let mut printed = Printed { text: Vec::new(), code: 0 };
    let mut read = Vec::new();
    for session in sessions.incidents() {
        match session {
            Ok(session) => read.push(session),
            Err(problem) => {
                io.show(&problem);
                printed.code = printed.code.max(problem.exit_code());
            }
        }
    }
    let standing = action::in_force(read.iter().map(|(id, incident)| (id.as_str(), incident)));
    if !json && !standing.is_empty() {
        printed.text.extend(format!("{}\n", action::AS_RECORDED).into_bytes());
    }
    for one in &standing {
        match json {
            true => printed.text.extend(line(one)?),
            false => printed.text.extend(format!("{}\n", action::words(one).join("\n")).into_bytes()),
        }
    }
    Ok(printed)
}
