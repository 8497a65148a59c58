//! What the templates of a runbook stand for in a session: the finding's fields, what was typed, what is configured.

use super::aim::{Aim, aimed};
use super::plan::put;
use crate::action::fits;
use crate::console::core::active::Active;
use crate::console::core::drafts;
use crate::console::core::effect::Reaction;
use crate::console::core::model::{Ctx, Model};
use crate::console::core::prompt::FieldPurpose;
use crate::problem::Problem;
use quell_core::finding::{Compact, fields};
use quell_core::incident::{Incident, Intent, StepRef};
use quell_core::text::Untrusted;
use std::collections::BTreeMap;

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
        }
    }

    /// What the templates speak of.
    fn finding(&self) -> Option<&'a Compact> {
        self.aim.map(|aim| &aim.finding).or_else(|| Some(&self.incident.findings.first()?.finding))
    }

    /// The value of a template's name, if it has one.
    pub fn get(&self, name: &str) -> Option<Untrusted> {
        match name {
            "session.id" => Some(self.session.into()),
            "responder.name" => self.responder.cloned(),
            _ => {
                let key = name.strip_prefix("var.").unwrap_or(name);
                let typed = self.incident.variables.get(&Untrusted::from(key)).map(|v| v.value.clone());
                let configured = || self.configured?.get(key).cloned();
                let found = || fields::value(self.finding()?, name);
                // What a finding says of itself goes before what was once typed for want of it.
                found().or(typed).or_else(configured)
            }
        }
    }
}

/// Why a value can't stand where the open runbooks' actions would put it, if it can't.
pub fn unfit(model: &Model, name: &str, value: &Untrusted) -> Option<String> {
    let session = model.session.as_ref()?;
    let open = session.pending().runbooks.iter().filter(|book| !book.closed);
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

/// The plan has taken the values that were typed for it: from now on they are the incident's.
pub fn keep_tried(model: &mut Model, step: &StepRef, ctx: &Ctx, out: &mut Reaction) {
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
