//! What stands at the right of a step.

use quell_core::incident::{ActionState, Incident, Life, Mark, OutlineStep, StepState, nothing_to_verify};
use quell_core::runbook::StepKind;

/// What a step is while it is open; who did it, by hand or verified, when it is done.
pub(super) fn right_of(incident: &Incident, line: &OutlineStep, state: &StepState) -> String {
    let who =
        state.stamp.as_ref().map(|s| format!("{} {}", incident.who(&s.by, s.n).line(), s.at.strftime("%H:%M:%S")));
    let who = who.unwrap_or_default();
    let undo = undo(incident, state);
    let waits = state.action.as_ref().and_then(|a| incident.actions.get(a));
    let staged = waits.is_some_and(|a| a.life == Life::Planned && a.plan.set.is_some());
    match (state.mark, line.kind) {
        (Mark::Todo | Mark::Failed | Mark::Skipped, StepKind::Action)
            if waits.is_some_and(|a| a.life == Life::Approved) =>
        {
            let first = waits.and_then(|a| a.approved.as_ref()).map(|s| incident.who(&s.by, s.n).line().into_string());
            format!("APPROVED {}", first.unwrap_or_default())
        }
        (Mark::Todo | Mark::Failed | Mark::Skipped, StepKind::Action)
            if waits.is_some_and(|a| a.life == Life::Queued) =>
        {
            "QUEUED".into()
        }
        (Mark::Todo | Mark::Failed | Mark::Skipped, StepKind::Action) if staged => "STAGED".into(),
        (Mark::Todo, StepKind::Action) if undo == "undone" => format!("undone {who}  ACTION"),
        (Mark::Todo, StepKind::Action) => "ACTION".into(),
        (Mark::Todo, StepKind::Decision) => "DECIDE".into(),
        (Mark::Todo, _) => String::new(),
        (Mark::Running, _) => "running".into(),
        (Mark::Unknown, _) => "unknown outcome".into(),
        (Mark::Failed, _) => format!("failed {who}"),
        (Mark::Skipped, _) => format!("skipped {who}"),
        (Mark::Done, StepKind::Decision) => match &state.choice {
            Some(choice) => format!("{}  {who}", choice.line()),
            None => who,
        },
        (Mark::Done, StepKind::Action) => [how(incident, state), &who, undo].join(" ").trim().to_owned(),
        (Mark::Done, _) => who,
    }
}

/// Whether what the step shows as done is not what was wanted, or nobody has seen that it is.
pub(super) fn doubtful(incident: &Incident, state: &StepState) -> bool {
    state.mark == Mark::Done && matches!(how(incident, state), "not verified" | "NOT AS WANTED")
}

/// The step's action that has worked and was not undone since: what is ticked after an undo is done by hand.
fn ran<'a>(incident: &'a Incident, state: &StepState) -> Option<&'a ActionState> {
    let undone = |a: &ActionState| a.undone_by.as_ref().and_then(|u| incident.actions.get(u)).is_some_and(worked);
    fn worked(action: &ActionState) -> bool {
        action.life == Life::Succeeded
    }
    incident.actions.get(state.action.as_ref()?).filter(|a| worked(a) && !undone(a))
}

/// How an action's step came to be done.
fn how(incident: &Incident, state: &StepState) -> &'static str {
    let ran = ran(incident, state);
    match ran.map(|a| a.verified.as_ref().and_then(|(holds, _)| *holds)) {
        _ if ran.and_then(|a| a.verified.as_ref()).is_some_and(|(_, facts)| nothing_to_verify(facts)) => {
            "nothing to verify"
        }
        None if state.action.is_none() || state.mark == Mark::Done => "by hand",
        None => "",
        Some(Some(true)) => "verified",
        Some(Some(false)) => "NOT AS WANTED",
        Some(None) => "not verified",
    }
}

fn undo(incident: &Incident, state: &StepState) -> &'static str {
    let action = state.action.as_ref().and_then(|a| incident.actions.get(a));
    let undo = action.and_then(|a| a.undone_by.as_ref()).and_then(|u| incident.actions.get(u));
    match undo.map(|u| u.life) {
        Some(Life::Succeeded) => "undone",
        Some(Life::Started) => "undo runs",
        Some(Life::Unknown) => "undo unknown",
        Some(Life::Failed) => "undo failed",
        _ => "",
    }
}
