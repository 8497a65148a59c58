//! What came of each action of the sets, as lines.

use quell_core::incident::{ActionState, Incident, Life, nothing_to_verify};

/// The sets with their actions, the latest set first; then what was in none.
pub(super) fn lines(incident: &Incident) -> Vec<String> {
    let sets = incident.sets();
    let mut lines = Vec::new();
    for name in sets.iter().rev() {
        let members = incident.set(name);
        let approved = members.iter().filter_map(|a| a.approved.as_ref()).map(|s| (s.at, s)).max_by_key(|(at, _)| *at);
        let state = match approved {
            Some((at, stamp)) => {
                format!("approved {} by {}", at.strftime("%H:%M:%SZ"), incident.who(&stamp.by, stamp.n).line())
            }
            None => "staged; s s in the incident shows and approves it".to_owned(),
        };
        lines.push(format!("{}: {} action(s), {state}", name.line(), members.len()));
        lines.extend(members.iter().map(|action| line(incident, action)));
        lines.push(String::new());
    }
    let done = |action: &&ActionState| !action.life.is_before_start();
    let alone: Vec<&ActionState> =
        incident.actions.values().filter(|action| action.plan.set.is_none()).filter(done).collect();
    if !alone.is_empty() {
        lines.push(format!("by itself: {} action(s)", alone.len()));
        lines.extend(alone.into_iter().map(|action| line(incident, action)));
    }
    if lines.is_empty() {
        lines.push("Nothing was staged or done in this session: s a on a step stages its action.".to_owned());
    }
    lines
}

fn line(incident: &Incident, action: &ActionState) -> String {
    let mark = match action.life {
        Life::Planned | Life::Approved | Life::Queued | Life::Cancelled => "[ ]",
        Life::Started => "[>]",
        Life::Succeeded => "[x]",
        Life::Failed => "[!]",
        Life::Unknown => "[?]",
    };
    let verified = match (action.life, action.verified.as_ref().map(|(holds, _)| *holds)) {
        (Life::Succeeded, Some(Some(true))) => ", verified",
        (Life::Succeeded, _) if action.verified.as_ref().is_some_and(|(_, facts)| nothing_to_verify(facts)) => {
            ", nothing to verify"
        }
        (Life::Succeeded, Some(Some(false))) => ", NOT AS WANTED when read back",
        (Life::Succeeded, _) => ", not verified",
        _ => "",
    };
    let undo = action.undone_by.as_ref().and_then(|undo| incident.actions.get(undo));
    let undone = if undo.is_some_and(|undo| undo.life == Life::Succeeded) { ", undone" } else { "" };
    let words = action.words.as_ref().filter(|_| matches!(action.life, Life::Failed | Life::Unknown));
    let words = words.map_or(String::new(), |words| format!(": {}", words.line()));
    let (target, title) = (&action.plan.target, action.plan.title.line());
    let place = format!("{} in {}", target.resource.line(), target.region.line());
    format!("  {mark} {title} on {place}: {}{verified}{undone}{words}", action.life.word())
}
