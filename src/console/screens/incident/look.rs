//! What is looked up in AWS of the things that the incident is about: which look-up on which of them, and what it told.

use super::aim::aimed;
use super::each::Each;
use super::plan::plan;
use super::update::{book_step, choose, selected};
use crate::console::core::effect::{Reaction, Reads};
use crate::console::core::model::{Ctx, Model};
use crate::console::core::prompt::ChoicePurpose;
use crate::lookup::{Lookup, Question, by_name, lookups};
use crate::problem::Problem;
use quell_core::finding::{Compact, fields};
use quell_core::incident::{EntityKind, Incident, Intent, Looked, LookupMade, StepRef};
use quell_core::text::Untrusted;

/// So much of an answer is said at once; all of it stands beside the finding.
const SAID: usize = 3;

/// Looks up what the step is about; without that, or where there are several, asks what.
pub(super) fn choose_look(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let questions = questions(model);
    match &questions[..] {
        [] => model.say(
            "there is nothing here to look up: an EC2 instance, or an IAM user's access key, of a finding or an entity",
        ),
        [one] => ask(model, one.clone(), out),
        _ => {
            let words = questions.iter().map(|q| format!("{} ({})", q.subject.line(), q.lookup)).collect();
            choose(model, ctx, "LOOK UP: which?", ChoicePurpose::LookUp(questions), words);
        }
    }
}

/// Asks AWS.
pub fn ask(model: &mut Model, question: Question, out: &mut Reaction) {
    let Some(session) = &model.session else { return };
    let session = session.id.clone();
    model.say(format!("looking up {}", question.subject.line()));
    out.reads.push(Reads::LookUp { session, question: Box::new(question) });
}

/// Takes in what AWS said.
pub fn looked(model: &mut Model, session: &str, result: Result<LookupMade, Problem>, ctx: &Ctx, out: &mut Reaction) {
    if model.session.as_ref().is_none_or(|open| open.id != session) {
        return;
    }
    let waits = model.incident.looking.take();
    let made = match result {
        Ok(made) => made,
        Err(problem) => {
            model.incident.in_vain = waits;
            return model.complain(problem);
        }
    };
    let told = made.told.iter().take(SAID).map(|told| format!("{} {}", told.name.line(), told.value.line()));
    let words: Vec<String> = told.collect();
    let subject = made.subject.line();
    if !model.act(Intent::Look(Box::new(made)), ctx, out) {
        return;
    }
    let notes = model.session.as_ref().is_some_and(|session| !session.pending().found().is_empty());
    let notes = if notes { "; :entity notes what it found" } else { "" };
    model.say(format!("{subject}: {}; all of it stands in FINDING{notes}", words.join(", ")));
    // Whoever has gone on meanwhile is not led back.
    if let Some(step) = waits.filter(|step| selected(model).as_ref() == Some(step) && model.prompt.is_none()) {
        model.incident.in_vain = Some(step.clone());
        plan(model, &step, ctx, out);
    }
}

/// Looks up what an action's value comes from, where that was not done for this step, and plans the action then; says
/// whether it does.
pub(super) fn first(
    model: &mut Model,
    step: &StepRef,
    each: Option<&Each>,
    missing: &[Box<str>],
    out: &mut Reaction,
) -> bool {
    if model.incident.in_vain.take().as_ref() == Some(step) {
        return false;
    }
    let Some(incident) = model.session.as_ref().map(|session| session.pending()) else { return false };
    let Some(book) = incident.book(&step.rb) else { return false };
    let of = |name: &str| Some((name.to_owned(), book.declared(name.strip_prefix("var.")?)?.lookup.as_ref()?));
    let Some((name, of)) = missing.iter().find_map(|name| of(name)) else { return false };
    let Some(lookup) = by_name(&of.lookup) else { return false };
    let first = || incident.findings.first().map(|f| &f.finding);
    let spoken = match each {
        Some(each) => each.finding.as_ref(),
        None => aimed(model).map(|aim| &aim.finding).or_else(first),
    };
    let subject = spoken.and_then(|finding| own(finding, lookup.info().subject)).filter(|id| lookup.fits(id));
    let Some(subject) = subject else { return false };
    let known = |looked: &Looked| looked.made.lookup == lookup.info().name.into() && looked.made.subject == subject;
    if incident.lookups.iter().any(known) {
        return false;
    }
    let question = question(incident, lookup.info().name, subject, Some(step.clone()));
    ask(model, question, out);
    model.incident.looking = Some(step.clone());
    model.say(format!("{name} is being looked up; the plan follows"));
    true
}

/// What can be looked up: of the selected step's look-up where it names one, else of all.
fn questions(model: &Model) -> Vec<Question> {
    let Some(session) = &model.session else { return Vec::new() };
    let incident = session.pending();
    let step = selected(model);
    let named = step.as_ref().and_then(|step| book_step(model, step)?.lookup.clone());
    let fits = |lookup: &&&dyn Lookup| named.as_deref().is_none_or(|name| lookup.info().name == name);
    let first = || incident.findings.first().map(|f| &f.finding);
    let spoken = aimed(model).map(|aim| &aim.finding).or_else(first);
    let mut all = Vec::new();
    for lookup in lookups().iter().filter(fits) {
        let subjects = subjects(incident, spoken, lookup.info().subject);
        let subjects = subjects.into_iter().filter(|subject| lookup.fits(subject));
        all.extend(subjects.map(|subject| question(incident, lookup.info().name, subject, step.clone())));
    }
    // Where the step names one, and what steps speak of has its subject, nothing else is meant.
    let meant = |question: &Question| spoken.is_some_and(|finding| names(finding, &question.subject));
    match named.is_some() && all.iter().filter(|q| meant(q)).count() == 1 {
        true => all.into_iter().filter(meant).collect(),
        false => all,
    }
}

/// The ids of that kind: what steps speak of, the entities that are not cleared, and what look-ups have found.
fn subjects(incident: &Incident, spoken: Option<&Compact>, kind: EntityKind) -> Vec<Untrusted> {
    let mut all: Vec<Untrusted> = spoken.and_then(|finding| own(finding, kind)).into_iter().collect();
    let noted = incident.entities.iter().filter(|entity| entity.kind == kind).map(|entity| entity.id.clone());
    let found = incident.found().into_iter().filter(|(of, _)| *of == kind).map(|(_, id)| id.clone());
    for id in noted.chain(found) {
        if !all.contains(&id) {
            all.push(id);
        }
    }
    all
}

/// The finding's own id of that kind.
fn own(finding: &Compact, kind: EntityKind) -> Option<Untrusted> {
    match kind {
        EntityKind::Key => finding.actor.access_key.clone(),
        _ => finding.resource.id.clone(),
    }
}

/// Where it lies: where the finding does that names it, else the first one.
fn question(incident: &Incident, lookup: &'static str, subject: Untrusted, step: Option<StepRef>) -> Question {
    let mut findings = incident.findings.iter().map(|f| &f.finding);
    let of = findings.find(|finding| names(finding, &subject)).or_else(|| Some(&incident.findings.first()?.finding));
    let (account, region) = of.map_or((None, None), |finding| (finding.account.clone(), finding.region.clone()));
    Question { lookup, subject, account, region, step }
}

fn names(finding: &Compact, id: &Untrusted) -> bool {
    fields::FIELDS.iter().any(|field| fields::value(finding, field.name).as_ref() == Some(id))
}
