//! What containment stands is lifted where it was set: in its own session, by the undo of the action that set it.

use super::undo::undo_link;
use crate::action::Standing;
use crate::console::core::effect::Reaction;
use crate::console::core::model::{Ctx, Mode, Model, Screen};
use crate::console::core::prompt::{Choice, ChoicePurpose, Kind};
use crate::console::core::update::switch;
use quell_core::incident::Link;

/// Asks which of the listed containments shall be lifted; one alone needs no question.
pub fn choose_lift(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let standing: Vec<Standing> = model.text.standing.iter().filter(|one| one.undo).cloned().collect();
    if standing.is_empty() {
        return model.say("u undoes nothing of these: each says how it is lifted");
    }
    if let [one] = standing.as_slice() {
        return lift(model, one, ctx, out);
    }
    let line = |one: &Standing| {
        let resource = one.resource.line();
        let resource = resource.as_str().rsplit('/').next().unwrap_or_default();
        let at = one.at.strftime("%Y-%m-%d %H:%MZ");
        format!("{resource}: {}, by {} {at}", one.title.line(), one.by.line())
    };
    let choices = standing.iter().map(line).collect();
    // What stands is listed without a session too.
    let title = "LIFT which? Its session opens, and the plan of the undo comes".to_owned();
    let purpose = ChoicePurpose::Lift(standing);
    model.ask(Kind::Choice(Choice { title, about: Vec::new(), purpose, choices, selected: 0 }), ctx);
}

/// Opens the session in which it was set, and plans its undo there.
pub fn lift(model: &mut Model, one: &Standing, ctx: &Ctx, out: &mut Reaction) {
    if one.simulated != (model.account.mode == Mode::Simulated) {
        return model.say(match one.simulated {
            true => "it was set in a simulated account: quell demo opens that",
            false => "it was set in a real account: this one is simulated",
        });
    }
    if model.session.as_ref().is_some_and(|session| session.id == one.session) {
        model.screens.truncate(1);
        model.show(Screen::Incident);
        return lift_here(model, &one.action, ctx, out);
    }
    if switch(model, Some(&one.session), ctx, out) {
        model.lift = Some(one.action.clone());
    }
}

/// Plans the undo of an action of the session that is open; one that is closed must be taken up again first.
pub fn lift_here(model: &mut Model, action: &Link, ctx: &Ctx, out: &mut Reaction) {
    match model.saved().is_some_and(|incident| incident.closed.is_some()) {
        true => model.say("its session is closed: :reopen takes it up again, then u lifts it"),
        false => undo_link(model, action, ctx, out),
    }
}
