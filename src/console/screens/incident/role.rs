//! Who does what: the roles that the steps of the open runbooks name, who has taken them, and which steps are another's.

use super::update::choose;
use super::view::Scene;
use crate::console::core::effect::Reaction;
use crate::console::core::model::{Ctx, Model};
use crate::console::core::prompt::ChoicePurpose;
use quell_core::incident::{Incident, Intent, Mark, StepRef, StepState};
use quell_core::text::Untrusted;

/// The roles that the steps of the open runbooks name, and those that somebody has, each once.
fn roles(model: &Model) -> Vec<Untrusted> {
    let Some(session) = &model.session else { return Vec::new() };
    let incident = session.pending();
    let open = incident.runbooks.iter().filter(|book| !book.closed);
    let steps = open.filter_map(|book| session.books.get(&book.link)).flat_map(|book| &book.steps);
    let named = steps.filter_map(|step| step.role.as_ref());
    let mut all: Vec<Untrusted> = Vec::new();
    for role in named.chain(incident.roles.iter().map(|held| &held.role)) {
        let same = |known: &Untrusted| known.line().as_str().eq_ignore_ascii_case(role.line().as_str());
        if !all.iter().any(same) {
            all.push(role.clone());
        }
    }
    all
}

fn names(all: &[&Untrusted]) -> String {
    all.iter().map(|who| who.line().into_string()).collect::<Vec<_>>().join(", ")
}

fn has(incident: &Incident, role: &Untrusted, me: &Untrusted) -> bool {
    incident.holders(role).any(|who| who == me)
}

/// Asks which role the responder takes, or gives up.
pub(super) fn choose_role(model: &mut Model, ctx: &Ctx) {
    let roles = roles(model);
    let Some(incident) = model.session.as_ref().map(|session| session.pending()) else { return };
    if roles.is_empty() {
        return model.say("no step of the open runbooks names a role");
    }
    let line = |role: &Untrusted| {
        let holders = names(&incident.holders(role).collect::<Vec<_>>());
        match (has(incident, role, &model.me), holders.as_str()) {
            (true, _) => format!("{}: {holders}; give it up", role.line()),
            (false, "") => format!("{}: nobody yet; take it", role.line()),
            (false, _) => format!("{}: {holders}; take it too", role.line()),
        }
    };
    let choices = roles.iter().map(line).collect();
    let title = format!("ROLE of {}", model.me.line());
    choose(model, ctx, &title, ChoicePurpose::Role(roles), choices);
}

/// Takes a role, or gives it up.
pub fn take_role(model: &mut Model, role: &Untrusted, ctx: &Ctx, out: &mut Reaction) {
    let who = model.me.clone();
    let on = !model.session.as_ref().is_some_and(|session| has(session.pending(), role, &who));
    if model.act(Intent::Role { role: role.clone(), who, on }, ctx, out) {
        let words = if on { "is yours; steps of other people's roles bear their names" } else { "is yours no more" };
        model.say(format!("the role {} {words}", role.line()));
    }
}

/// Whose an open step is, where its role is somebody else's.
pub(super) fn of_another(scene: &Scene, step: &StepRef, state: &StepState) -> Option<String> {
    if matches!(state.mark, Mark::Done | Mark::Skipped) {
        return None;
    }
    let role = scene.books.get(&step.rb)?.steps.get(step.row as usize)?.role.as_ref()?;
    let others = scene.incident.others(role, scene.me);
    (!others.is_empty()).then(|| format!("{}: {}", role.line(), names(&others)))
}

/// A step's role, and who has it.
pub(super) fn words(scene: &Scene, role: &Untrusted) -> String {
    let holders: Vec<&Untrusted> = scene.incident.holders(role).collect();
    match &holders[..] {
        [] => format!("role {}", role.line()),
        all => format!("role {} ({})", role.line(), names(all)),
    }
}
