//! What is asked for, and the plan made of it.

use super::super::calls;
use super::super::fields::{danger, known, list, map, plain, refuse, shown, text};
use super::super::request::{Request, Value};
use super::super::target::target;
use super::read::{Listed, STATUSES, findings};
use super::{INFO, Identifier, Note, Status, Update};
use crate::aws::Reader;
use crate::problem::Problem;
use quell_core::incident::{Plan, PlannedRequest};
use quell_core::text::Untrusted;
use std::collections::BTreeMap;

/// The most findings of one plan: as many as one look-up takes.
const MOST: usize = 20;
/// The longest note, in characters, by the service's model.
const NOTE: usize = 512;
/// The longest id, in characters.
const ID: usize = 2048;

pub(super) struct Wanted {
    /// Each finding's id and its status to be.
    workflows: BTreeMap<String, &'static str>,
    note: Option<String>,
}

impl Wanted {
    pub(super) fn of(request: &Request) -> Result<Self, Problem> {
        known(&INFO, request)?;
        let note = text(request, "note")?.map(|note| plain("note", &note.text, NOTE)).transpose()?;
        if note.as_deref() == Some("") {
            return Err(refuse("the note is empty"));
        }
        let workflows = match map(request, "workflows")? {
            Some(each) => each.iter().map(|(id, value)| one(id, value)).collect::<Result<_, _>>()?,
            None => same(request)?,
        };
        match workflows.len() {
            1..=MOST => Ok(Self { workflows, note }),
            0 => Err(refuse("no finding is named")),
            _ => Err(refuse(format!("more than {MOST} findings in one action")).next("do them in several")),
        }
    }

    pub(super) async fn plan(&self, reader: &Reader, request: &Request) -> Result<Plan, Problem> {
        let ids: Vec<String> = self.workflows.keys().cloned().collect();
        let resource = match ids.as_slice() {
            [one] => one.clone(),
            several => format!("{} findings", several.len()),
        };
        let target = target(request, resource)?;
        calls::caller(reader, &target).await?;
        let listed = findings(reader, &target, &ids).await?;
        let confirm = match ids.as_slice() {
            [one] => one.as_str().into(),
            several => Untrusted::from(several.len().to_string()),
        };
        Ok(Plan {
            kind: request.kind.clone(),
            title: request.title.clone(),
            step: request.step.clone(),
            target,
            requests: self.requests(&listed)?,
            facts: listed.iter().map(Listed::fact).collect(),
            danger: danger(INFO.danger, request)?,
            destroys: Vec::new(),
            warnings: self.warnings(),
            undo: self.undo(&listed).into(),
            confirm,
            undo_of: request.undo_of.clone(),
            set: request.set.clone(),
        })
    }

    /// One request for each status.
    fn requests(&self, listed: &[Listed]) -> Result<Vec<PlannedRequest>, Problem> {
        let mut by_status: BTreeMap<&str, Vec<Identifier>> = BTreeMap::new();
        for finding in listed {
            if let Some(status) = self.workflows.get(&finding.identifier.id) {
                by_status.entry(status).or_default().push(finding.identifier.clone());
            }
        }
        let note = self.note.as_ref().map(|text| Note { text: text.clone(), updated_by: "quell".to_owned() });
        let request = |(status, finding_identifiers): (&str, Vec<Identifier>)| {
            let workflow = Status { status: status.to_owned() };
            let update = Update { finding_identifiers, workflow, note: note.clone() };
            let input = serde_json::to_value(update)
                .map_err(|error| Problem::local(format!("the request could not be written: {error}")))?;
            let (service, operation) = ("securityhub".to_owned(), "BatchUpdateFindings".to_owned());
            Ok(PlannedRequest { service, operation, input })
        };
        by_status.into_iter().map(request).collect()
    }

    fn warnings(&self) -> Vec<Untrusted> {
        let mut all = vec!["Whoever can read the account's findings, the attacker too, sees this change."];
        if self.workflows.values().any(|status| *status == "SUPPRESSED") {
            all.push("A suppressed finding is left out of most lists and alerts, when it happens again too.");
        }
        if self.note.is_some() {
            all.push("The note replaces the one that stands there; it is not taken back by an undo.");
        }
        all.into_iter().map(Untrusted::from).collect()
    }

    fn undo(&self, listed: &[Listed]) -> String {
        let differs = |l: &&Listed| self.workflows.get(&l.identifier.id).is_some_and(|status| *status != l.status);
        let mut before: Vec<&str> = listed.iter().filter(differs).map(|l| l.status.as_str()).collect();
        before.sort_unstable();
        before.dedup();
        match before.is_empty() {
            true => "Nothing to undo: the status is the same already.".to_owned(),
            false => format!("Set the status back to {}.", before.join(", ")),
        }
    }
}

fn one(id: &str, value: &Value) -> Result<(String, &'static str), Problem> {
    let Value::Text(word) = value else { return Err(refuse("workflows gives each finding one status")) };
    Ok((finding(&Untrusted::from(id))?, status(&word.text)?))
}

/// One status for all findings.
fn same(request: &Request) -> Result<BTreeMap<String, &'static str>, Problem> {
    let wanted = text(request, "workflow")?.ok_or_else(|| {
        refuse("securityhub-workflow needs the field workflow").next(format!("give one of {}", STATUSES.join(", ")))
    })?;
    let wanted = status(&wanted.text)?;
    let mut ids: Vec<&Untrusted> = list(request, "findings")?.into_iter().map(|word| &word.text).collect();
    if ids.is_empty() {
        ids.extend(request.finding.as_ref().map(|finding| &finding.id));
    }
    ids.into_iter().map(|id| Ok((finding(id)?, wanted))).collect()
}

fn finding(text: &Untrusted) -> Result<String, Problem> {
    match text.is_empty() {
        true => Err(refuse("a finding's id is empty")),
        false => plain("a finding's id", text, ID),
    }
}

fn status(text: &Untrusted) -> Result<&'static str, Problem> {
    STATUSES.into_iter().find(|status| *text == Untrusted::from(*status)).ok_or_else(|| {
        refuse(format!("{} is no workflow status", shown(text))).next(format!("give one of {}", STATUSES.join(", ")))
    })
}
