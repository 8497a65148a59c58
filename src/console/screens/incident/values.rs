//! What the templates of a runbook stand for in a session: the finding's fields, what was typed, what is configured.

use crate::console::core::active::Active;
use crate::console::core::model::Model;
use quell_core::finding::fields;
use quell_core::incident::Incident;
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
}

impl<'a> Values<'a> {
    /// Of the session that is open, in its saved or its pending state.
    pub fn of(model: &'a Model, session: &'a Active, incident: &'a Incident) -> Self {
        Self { incident, session: &session.id, responder: Some(&model.me), configured: Some(&model.variables) }
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
                let found = || fields::value(&self.incident.findings.first()?.finding, name);
                // What a finding says of itself goes before what was once typed for want of it.
                found().or(typed).or_else(configured)
            }
        }
    }
}
