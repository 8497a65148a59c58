//! What the templates of a runbook stand for in a session: the finding's fields, what was typed, what is configured.

use super::aim::{Aim, aimed};
use super::each::Each;
use super::plan::put;
use super::update::choose;
use crate::action::fits;
use crate::console::core::active::Active;
use crate::console::core::drafts;
use crate::console::core::effect::Reaction;
use crate::console::core::model::{Ctx, Model};
use crate::console::core::prompt::{ChoicePurpose, Field, FieldPurpose, Kind};
use crate::problem::Problem;
use quell_core::finding::{Compact, fields};
use quell_core::incident::{CONFIGURED, Incident, Intent, Link, OpenBook, Outside, Source, StepRef};
use quell_core::runbook::each::{NAME, varies};
use quell_core::runbook::placeholder::left_to_people;
use quell_core::runbook::template::{fill_command, resolve};
use quell_core::runbook::variables::{Output, Variable};
use quell_core::runbook::{Runbook, Step};
use quell_core::text::Untrusted;
use std::collections::{BTreeMap, BTreeSet};

/// The values of one session, at one state of it.
#[derive(Clone, Copy)]
pub struct Values<'a> {
    pub incident: &'a Incident,
    pub session: &'a str,
    /// Who works now; nobody in a past session.
    pub responder: Option<&'a Untrusted>,
    /// By name without `var.`; what was typed goes before them.
    pub configured: Option<&'a BTreeMap<String, Untrusted>>,
    /// What it is aimed at, where it is not the first finding.
    pub aim: Option<&'a Aim>,
    /// The value of a list that a step is done for.
    pub each: Option<&'a Each>,
    /// The runbook that they are for: what it declares of its variables holds.
    pub book: Option<&'a OpenBook>,
}

impl<'a> Values<'a> {
    /// Of the session that is open, in its saved or its pending state.
    pub fn of(model: &'a Model, session: &'a Active, incident: &'a Incident) -> Self {
        Self {
            incident,
            session: &session.id,
            responder: Some(&model.me),
            configured: Some(&model.variables),
            aim: aimed(model),
            each: None,
            book: None,
        }
    }

    /// What the templates speak of.
    fn finding(&self) -> Option<&'a Compact> {
        if let Some(each) = self.each {
            return each.finding.as_ref();
        }
        self.aim.map(|aim| &aim.finding).or_else(|| Some(&self.incident.findings.first()?.finding))
    }

    /// The same for the runbook that this record opened.
    pub fn within(self, rb: &Link) -> Self {
        Self { book: self.incident.book(rb), ..self }
    }

    /// The same for one value of a step's list.
    pub fn of_each(self, each: Option<&'a Each>) -> Self {
        Self { each, ..self }
    }

    /// The value of a variable, by its name without `var.`, and where it comes from.
    pub fn variable(&self, name: &str) -> Option<(Untrusted, Source)> {
        let configured = |name: &str| self.configured?.get(name).cloned();
        self.incident.variable(self.book, name, Outside { configured: &configured, finding: self.finding() })
    }

    /// Why a step is not for this incident.
    pub fn left_out(&self, step: &StepRef) -> Option<String> {
        let configured = |name: &str| self.configured?.get(name).cloned();
        self.incident.left_out(step, Outside { configured: &configured, finding: self.finding() })
    }

    /// The value of a template's name, if it has one.
    pub fn get(&self, name: &str) -> Option<Untrusted> {
        match name {
            "session.id" => Some(self.session.into()),
            "responder.name" => self.responder.cloned(),
            // What was typed for one value of a list is not true of the next.
            _ if self.each.is_some() && varies(name) => match name {
                NAME => self.each.map(|each| each.value.clone()),
                _ => fields::value(self.finding()?, name),
            },
            _ => {
                let key = name.strip_prefix("var.").unwrap_or(name);
                let found = || fields::value(self.finding()?, name);
                // What a finding says of itself goes before what was once typed for want of it.
                found().or_else(|| self.variable(key).map(|(value, _)| value))
            }
        }
    }
}

/// Why a value can't stand where the open runbooks' actions would put it, if it can't.
pub fn unfit(model: &Model, name: &str, value: &Untrusted) -> Option<String> {
    let session = model.session.as_ref()?;
    let open = session.pending().runbooks.iter().filter(|book| !book.closed);
    if let Some(told) = open.clone().filter_map(|book| book.declared(name)).find(|told| !told.kind.takes(value)) {
        return Some(format!("this is not what var.{name} takes: {}", told.kind.meaning()));
    }
    let books = open.filter_map(|book| session.books.get(&book.link));
    let actions = books.flat_map(|book| &book.steps).filter_map(|step| step.action.as_ref());
    // Of a template's name a variable's is the end.
    let names = [name.to_owned(), format!("var.{name}")];
    let mut bad = None;
    for spec in actions {
        let mut places = Vec::new();
        for (key, field) in &spec.fields {
            names.iter().for_each(|name| put(field, name, key, &mut places));
        }
        bad = bad.or_else(|| places.iter().find_map(|place| fits(spec.kind.as_str(), place, value).err()));
    }
    // Where nothing asks for it, it must at least be seen whole.
    bad.or_else(|| fits("", "the value", value).err()).map(|problem| problem.what)
}

/// Asks for a variable: which of those that the open runbooks declare, with what they stand for now; else by name.
pub(super) fn ask(model: &mut Model, ctx: &Ctx) {
    let all = declared(model);
    if all.is_empty() {
        return ask_name(model, ctx);
    }
    let mut choices: Vec<String> = all.iter().map(|(_, words)| words.clone()).collect();
    choices.push("another one, by its name".to_owned());
    let names = all.into_iter().map(|(name, _)| name).collect();
    choose(model, ctx, "VARIABLES: set which?", ChoicePurpose::Variable(names), choices);
}

/// The names of the variables that a runbook's actions and commands use, without `var.`.
fn used(book: &Runbook) -> BTreeSet<String> {
    let of_action = |step: &Step| step.action.as_ref().map(|spec| resolve(spec, &|_| None).missing).unwrap_or_default();
    let of_commands =
        |step: &Step| step.commands.iter().flat_map(|text| fill_command(text, &|_| None).missing).collect();
    let names = |step: &Step| -> Vec<Box<str>> { [of_action(step), of_commands(step)].concat() };
    let all = book.steps.iter().flat_map(names);
    let of_templates = all.filter_map(|name| Some(name.strip_prefix("var.")?.to_owned()));
    let theirs = book.steps.iter().filter(|_| book.foreign).flat_map(left_to_people).map(String::from);
    of_templates.chain(theirs).collect()
}

/// What is configured of the variables that a runbook names: it goes into the record, for those who read it later.
pub(super) fn configured(model: &Model, book: &Runbook) -> BTreeMap<Box<str>, Untrusted> {
    let used = used(book);
    let declared = |name: &str| book.variables.iter().any(|told| &*told.name == name);
    // Texts and conditions name variables, too.
    let named = |name: &str| used.contains(name) || declared(name) || book.source.contains(&format!("var.{name}"));
    let all = model.variables.iter().filter(|(name, _)| named(name));
    all.map(|(name, value)| (name.as_str().into(), value.clone())).collect()
}

/// Records what is configured now and was not when the open runbooks were opened: a later look at this moment has
/// another configuration, or none.
pub fn keep_configured(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(session) = model.session.as_ref().filter(|session| session.pending().closed.is_none()) else { return };
    let mut since = BTreeMap::new();
    for open in session.pending().runbooks.iter().filter(|book| !book.closed) {
        let Some(book) = session.books.get(&open.link) else { continue };
        let now = configured(model, book);
        since.extend(now.into_iter().filter(|(name, value)| open.configured.get(name) != Some(value)));
    }
    for (name, value) in since {
        model.act(Intent::Variable { name: (*name).into(), value, from: CONFIGURED.into() }, ctx, out);
    }
}

/// The variables of the open runbooks, those that they declare and those that they use, each once, and how they stand.
fn declared(model: &Model) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    let Some(session) = &model.session else { return all };
    let incident = session.pending();
    for book in incident.runbooks.iter().filter(|book| !book.closed) {
        let values = Values::of(model, session, incident).within(&book.link);
        for told in &book.variables {
            if all.iter().all(|(name, _)| *name != *told.name) {
                all.push((told.name.to_string(), stands(values, told)));
            }
        }
        for name in session.books.get(&book.link).map(|book| used(book)).unwrap_or_default() {
            if all.iter().all(|(other, _)| *other != name) {
                let words = match values.variable(&name) {
                    Some((value, source)) => format!("{name} = {} ({})", value.line(), source.word()),
                    None => format!("{name}: no value yet"),
                };
                all.push((name, words));
            }
        }
    }
    all
}

/// A variable, its value, where that comes from; what it is, and what it waits for, where it has none.
pub(super) fn stands(values: Values<'_>, told: &Variable) -> String {
    match (values.variable(&told.name), &told.output, &told.lookup) {
        (Some((value, source)), ..) => format!("{} = {} ({})", told.name, value.line(), source.word()),
        (None, Some(output), _) => {
            format!("{}: not there before the action of step {} has ended well", told.name, number(values, output))
        }
        (None, None, Some(of)) => format!("{}: {} of {} is to be looked up (L)", told.name, of.name, of.lookup),
        (None, None, None) => format!("{}: no value yet, {}", told.name, told.hint()),
    }
}

/// What a step's action waits for, where a value of it comes from another one.
pub(super) fn waits_for(model: &Model, step: &StepRef, name: &str) -> Option<String> {
    let session = model.session.as_ref()?;
    let values = Values::of(model, session, session.pending()).within(&step.rb);
    let told = values.book?.declared(name.strip_prefix("var.")?).filter(|told| told.output.is_some())?;
    Some(format!("{}; v sets it by hand", stands(values, told)))
}

/// The number of the step whose action gives a value.
fn number(values: Values<'_>, output: &Output) -> String {
    let line = values.book.and_then(|book| book.outline.iter().find(|line| line.id == output.step));
    line.map_or_else(|| output.step.to_string(), |line| line.number.line().into_string())
}

/// Asks for the value of the chosen one; behind the last stands one that nobody has declared.
pub fn ask_declared(model: &mut Model, names: &[String], index: usize, ctx: &Ctx) {
    let Some(name) = names.get(index) else { return ask_name(model, ctx) };
    let Some(session) = &model.session else { return };
    let hint = session.pending().runbooks.iter().filter(|book| !book.closed).find_map(|book| book.declared(name));
    let hint = hint.map(Variable::hint).unwrap_or_default();
    let typed = session.pending().variables.get(&Untrusted::from(name.as_str())).map(|known| known.value.clone());
    let purpose = FieldPurpose::Variable { name: name.clone(), step: None };
    let field = Field::new(format!("VALUE of var.{name}"), purpose, &typed.unwrap_or_default(), false);
    model.ask(Kind::Field(Box::new(field.hinting(hint))), ctx);
}

fn ask_name(model: &mut Model, ctx: &Ctx) {
    let title = "VARIABLE: its name, as in var.name (small letters, digits, _)";
    let field = Field::new(title, FieldPurpose::NewVariable, &Untrusted::default(), false);
    model.ask(Kind::Field(Box::new(field)), ctx);
}

/// The plan has taken the values that were typed for it: from now on they are the incident's.
pub fn keep_tried(model: &mut Model, step: &StepRef, ctx: &Ctx, out: &mut Reaction) {
    keep_configured(model, ctx, out);
    for (name, value) in std::mem::take(&mut model.incident.tried) {
        let intent = Intent::Variable { name: name.as_str().into(), value, from: "typed".into() };
        if model.act(intent, ctx, out) {
            drafts::spent(model, FieldPurpose::Variable { name, step: Some(step.clone()) }, |_| true, out);
        }
    }
}

/// The plan has not taken the values that were typed for it: none is kept, and what was typed stands there again when
/// the same is asked.
pub fn drop_tried(model: &mut Model, mut problem: Problem) -> Problem {
    if !std::mem::take(&mut model.incident.tried).is_empty() {
        let again = "what was typed for it was not saved: Enter asks for it again";
        problem.next = if problem.next.is_empty() { again.to_owned() } else { format!("{}; {again}", problem.next) };
    }
    problem
}
