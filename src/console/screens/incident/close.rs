//! The question before a session is closed: what would stay in force, unknown or open.

use super::state::steps;
use super::update::choose;
use super::values::Values;
use crate::action::{in_force, to_lift};
use crate::console::core::answer::RESOLUTIONS;
use crate::console::core::model::{Ctx, Model};
use crate::console::core::prompt::{Choice, ChoicePurpose, Kind};
use quell_core::incident::{Life, Mark, StepRef};

/// Closes the session; what would stay in force is shown first, with how it is lifted.
pub(super) fn close(model: &mut Model, ctx: &Ctx) {
    let session = model.session.as_ref();
    let standing = session.map(|s| in_force([(s.id.as_str(), s.pending())])).unwrap_or_default();
    if standing.is_empty() {
        return close_as(model, ctx);
    }
    let about = standing.iter().flat_map(|one| {
        let what = format!("{}: {}, {}", one.resource.line(), one.title.line(), one.state.word());
        [what, format!("  {}", to_lift(one))]
    });
    let choices =
        vec!["Stay: u on its step lifts it".to_owned(), "Close; it stays in force (:in-force lists it)".into()];
    let title = format!("STILL IN FORCE: {}. Close all the same?", standing.len());
    let choice = Choice { title, about: about.collect(), purpose: ChoicePurpose::Close, choices, selected: 0 };
    model.ask(Kind::Choice(choice), ctx);
}

/// Asks as what the session is closed.
pub fn close_as(model: &mut Model, ctx: &Ctx) {
    let words = RESOLUTIONS.map(|r| r.word().to_owned()).to_vec();
    let title = close_title(model);
    choose(model, ctx, &title, ChoicePurpose::Resolution, words);
}

/// What the question of closing says beside: what stays open.
fn close_title(model: &Model) -> String {
    let Some(session) = &model.session else { return "CLOSE the session as".to_owned() };
    let incident = session.pending();
    let unknown = incident.actions.values().filter(|a| a.life == Life::Unknown).count();
    let values = Values::of(model, session, incident);
    let is_open = |step: &StepRef| {
        let mark = incident.step(step).map(|(_, _, state)| state.mark);
        !matches!(mark, Some(Mark::Done | Mark::Skipped)) && values.left_out(step).is_none()
    };
    let all_passed = incident.passed_over();
    let (passed, open): (Vec<_>, Vec<_>) =
        steps(incident).into_iter().filter(is_open).partition(|step| all_passed.has(step));
    let contained = in_force([(session.id.as_str(), incident)]).len();
    // What stays shut in the account matters more than what is open in the list.
    let parts = [
        (contained, "contained still"),
        (unknown, "of unknown outcome"),
        (open.len(), "steps open"),
        (passed.len(), "passed over"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    match parts.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "CLOSE the session as".to_owned(),
        parts => format!("CLOSE the session as ({parts})"),
    }
}
