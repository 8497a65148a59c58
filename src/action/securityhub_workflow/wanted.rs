//! What is asked for, and the plan made of it.

use super::super::calls;
use super::super::fields::{danger, known, list, map, plain, refuse, shown, text};
use super::super::request::{Request, Value};
use super::super::target::target;
use super::INFO;
use super::read::{LABELS, Listed, STATUSES, absent, there};
use super::update::{Change, Identifier, Note, Rated, Status, Update};
use crate::aws::Reader;
use crate::problem::{Problem, clean};
use quell_core::incident::{Plan, PlannedRequest};
use quell_core::text::Untrusted;
use std::collections::BTreeMap;

/// The most findings of one plan: as many as BatchUpdateFindings takes.
const MOST: usize = 100;
/// The most bytes of a plan: it is one record, and so is what came of it.
const WRITTEN: usize = 56 * 1024;
/// The longest note, in characters, by the service's model.
const NOTE: usize = 512;
/// The longest id, in characters.
const ID: usize = 2048;
/// The most fields of one's own (ASFF, UserDefinedFields), and the most characters of a name and of a value.
const FIELDS: usize = 50;
const NAME: usize = 128;
const TEXT: usize = 1024;

/// What one finding is to have.
#[derive(Clone, Debug, Default)]
struct Wish {
    change: Change,
    /// Whether the fields are added to those that are there, or are all that there shall be.
    add: bool,
}

pub(super) struct Wanted {
    each: BTreeMap<String, Wish>,
    note: Option<String>,
}

impl Wanted {
    pub(super) fn of(request: &Request) -> Result<Self, Problem> {
        known(&INFO, request)?;
        let note = text(request, "note")?.map(|note| plain("note", &note.text, NOTE)).transpose()?;
        if note.as_deref() == Some("") {
            return Err(refuse("the note is empty"));
        }
        let own = ["workflows", "severities", "fields_of"];
        let each = match own.iter().any(|name| request.fields.contains_key(*name)) {
            true => own_wishes(request)?,
            false => same(request)?,
        };
        match each.len() {
            1..=MOST => Ok(Self { each, note }),
            0 => Err(refuse("no finding is named")),
            _ => Err(refuse(format!("more than {MOST} findings in one action")).next("do them in several")),
        }
    }

    pub(super) async fn plan(&self, reader: &Reader, request: &Request) -> Result<Plan, Problem> {
        let ids: Vec<String> = self.each.keys().cloned().collect();
        let mut target = target(request, "")?;
        calls::caller(reader, &target).await?;
        let listed = there(reader, &target, &ids).await?;
        let gone: Vec<&String> =
            ids.iter().filter(|id| !listed.iter().any(|l| l.identifier.id == id.as_str())).collect();
        let named: std::collections::BTreeSet<&str> = listed.iter().map(|l| l.identifier.id.as_str()).collect();
        let confirm = match (named.first(), named.len(), gone.first()) {
            (None, _, Some(id)) => return Err(absent(id)),
            (Some(one), 1, None) => (*one).to_owned(),
            (_, count, _) => count.to_string(),
        };
        target.resource = match confirm.parse::<usize>() {
            Ok(count) => format!("{count} finding{}", if count == 1 { "" } else { "s" }).into(),
            Err(_) => confirm.as_str().into(),
        };
        let confirms_count = named.len() > 1;
        let changes: Vec<(&Listed, Change)> = listed.iter().map(|listed| (listed, self.change(listed))).collect();
        let plan = Plan {
            kind: request.kind.clone(),
            title: request.title.clone(),
            step: request.step.clone(),
            target,
            requests: self.requests(&changes)?,
            facts: changes.iter().flat_map(|(listed, change)| listed.facts(change)).collect(),
            // Of several the count is typed.
            danger: danger(if confirms_count { 2 } else { INFO.danger }, request)?,
            destroys: Vec::new(),
            breaks: Vec::new(),
            writes: Vec::new(),
            warnings: self.warnings(&gone),
            undo: undo(&changes).into(),
            confirm: confirm.into(),
            undo_of: request.undo_of.clone(),
            each: request.each.clone(),
            set: request.set.clone(),
        };
        // What is read back is a record too, and names each finding's fields.
        let fields = changes.iter().filter_map(|(_, change)| change.user_defined_fields.as_ref());
        let read: usize = fields.map(|fields| serde_json::to_string(fields).map_or(0, |text| text.len())).sum();
        match serde_json::to_vec(&plan).is_ok_and(|written| written.len() + read <= WRITTEN) {
            true => Ok(plan),
            false => Err(refuse("the plan is longer than a record of the timeline may be").next("do them in several")),
        }
    }

    /// What is sent for a finding.
    fn change(&self, listed: &Listed) -> Change {
        let Some(Wish { change, add }) = self.each.get(&listed.identifier.id) else { return Change::default() };
        let mut change = change.clone();
        if let (true, Some(fields), Some(there)) =
            (add, &mut change.user_defined_fields, &listed.has.user_defined_fields)
        {
            // Those that are there are sent again, so that none is lost, however Security Hub takes the list.
            for (name, value) in there {
                fields.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        change
    }

    /// One request for all findings that are to have the same.
    fn requests(&self, changes: &[(&Listed, Change)]) -> Result<Vec<PlannedRequest>, Problem> {
        let mut by_change: BTreeMap<&Change, Vec<Identifier>> = BTreeMap::new();
        for (listed, change) in changes {
            by_change.entry(change).or_default().push(listed.identifier.clone());
        }
        if let Some(change) =
            by_change.keys().find(|c| c.user_defined_fields.as_ref().is_some_and(|f| f.len() > FIELDS))
        {
            let count = change.user_defined_fields.as_ref().map_or(0, BTreeMap::len);
            return Err(refuse(format!("a finding would have {count} user-defined fields, of {FIELDS} at most")));
        }
        let note = self.note.as_ref().map(|text| Note { text: text.clone(), updated_by: "quell".to_owned() });
        let request = |(change, finding_identifiers): (&Change, Vec<Identifier>)| {
            let update = Update { finding_identifiers, change: change.clone(), note: note.clone() };
            let input = serde_json::to_value(update)
                .map_err(|error| Problem::local(format!("the request could not be written: {error}")))?;
            let (service, operation) = ("securityhub".to_owned(), "BatchUpdateFindings".to_owned());
            Ok(PlannedRequest { service, operation, input })
        };
        by_change.into_iter().map(request).collect()
    }

    fn warnings(&self, gone: &[&String]) -> Vec<Untrusted> {
        let left = |id: &&String| format!("LEFT OUT: Security Hub has no finding {}", clean(id));
        let mut all: Vec<String> = gone.iter().map(left).collect();
        all.push("Whoever can read the account's findings, the attacker too, sees this change.".to_owned());
        let any = |is: &dyn Fn(&Change) -> bool| self.each.values().any(|wish| is(&wish.change));
        if any(&|c| c.workflow.as_ref().is_some_and(|w| w.status == "SUPPRESSED")) {
            let words = "A suppressed finding is left out of most lists and alerts, when it happens again too.";
            all.push(words.to_owned());
        }
        if any(&|c| c.severity.is_some()) {
            let words = "The product that found it keeps its own severity beside this one (FindingProviderFields) and \
                         goes on updating that; GuardDuty's own list does not change.";
            all.push(words.to_owned());
        }
        if any(&|c| c.user_defined_fields.as_ref().is_some_and(BTreeMap::is_empty)) {
            let words = "An empty list is sent; whether that takes the fields away, reading it back tells.";
            all.push(words.to_owned());
        }
        if self.note.is_some() {
            all.push("The note replaces the one that stands there; it is not taken back by an undo.".to_owned());
        }
        all.into_iter().map(Untrusted::from).collect()
    }
}

/// How it is undone, in words.
fn undo(changes: &[(&Listed, Change)]) -> String {
    let differ: Vec<&(&Listed, Change)> =
        changes.iter().filter(|(listed, change)| !change.holds(&listed.has)).collect();
    let mut words = Vec::new();
    let mut before: Vec<&str> = Vec::new();
    for (listed, change) in &differ {
        let had = change.workflow.as_ref().and(listed.has.workflow.as_ref());
        before.extend(had.map(|w| w.status.as_str()));
    }
    before.sort_unstable();
    before.dedup();
    if !before.is_empty() {
        words.push(format!("the status back to {}", before.join(", ")));
    }
    let mut rated: Vec<&str> = Vec::new();
    for (listed, change) in &differ {
        rated.extend(change.severity.as_ref().and(listed.has.severity.as_ref()).map(|s| s.label.as_str()));
    }
    rated.sort_unstable();
    rated.dedup();
    if !rated.is_empty() {
        words.push(format!("the severity back to {}", rated.join(", ")));
    }
    if differ.iter().any(|(_, change)| change.user_defined_fields.is_some()) {
        words.push("the user-defined fields back to what they were".to_owned());
    }
    match words.is_empty() {
        true if changes.iter().any(|(_, change)| *change == Change::default()) => {
            "It can't be undone: a note replaces the one before.".to_owned()
        }
        true if changes.iter().all(|(_, c)| c.severity.is_none() && c.user_defined_fields.is_none()) => {
            "Nothing to undo: the status is the same already.".to_owned()
        }
        true => "Nothing to undo: the findings are so already.".to_owned(),
        false => format!("Set {}.", words.join(", ")),
    }
}

/// A wish of its own for each finding.
fn own_wishes(request: &Request) -> Result<BTreeMap<String, Wish>, Problem> {
    let mut all: BTreeMap<String, Wish> = BTreeMap::new();
    for (id, value) in map(request, "workflows")?.into_iter().flatten() {
        let Value::Text(word) = value else { return Err(refuse("workflows gives each finding one status")) };
        all.entry(finding(&Untrusted::from(&**id))?).or_default().change.workflow = Some(status(&word.text)?);
    }
    for (id, value) in map(request, "severities")?.into_iter().flatten() {
        let rated = rated_with_number(value)?;
        all.entry(finding(&Untrusted::from(&**id))?).or_default().change.severity = Some(rated);
    }
    for (id, value) in map(request, "fields_of")?.into_iter().flatten() {
        let Value::Map(fields) = value else { return Err(refuse("fields_of gives each finding names with texts")) };
        let fields = own_fields(fields)?;
        all.entry(finding(&Untrusted::from(&**id))?).or_default().change.user_defined_fields = Some(fields);
    }
    Ok(all)
}

/// The same wish for all findings.
fn same(request: &Request) -> Result<BTreeMap<String, Wish>, Problem> {
    let workflow = text(request, "workflow")?.map(|word| status(&word.text)).transpose()?;
    let severity = text(request, "severity")?.map(|word| rated(&word.text)).transpose()?;
    let user_defined_fields = map(request, "user_fields")?.map(own_fields).transpose()?;
    if user_defined_fields.as_ref().is_some_and(BTreeMap::is_empty) {
        return Err(refuse("user_fields names no field"));
    }
    let change = Change { workflow, severity, user_defined_fields };
    if change == Change::default() && !request.fields.contains_key("note") {
        return Err(refuse("securityhub-workflow needs the field workflow, severity, user_fields or note")
            .next(format!("give workflow: one of {}", STATUSES.join(", "))));
    }
    let mut ids: Vec<&Untrusted> = list(request, "findings")?.into_iter().map(|word| &word.text).collect();
    if ids.is_empty() {
        ids.extend(request.finding.as_ref().map(|finding| &finding.id));
    }
    let wish = |id: &Untrusted| Ok((finding(id)?, Wish { change: change.clone(), add: true }));
    ids.into_iter().map(wish).collect()
}

fn own_fields(given: &BTreeMap<Box<str>, Value>) -> Result<BTreeMap<String, String>, Problem> {
    let one = |name: &str, value: &Value| {
        let Value::Text(word) = value else { return Err(refuse("a user-defined field has one text")) };
        let name = plain("a user-defined field's name", &Untrusted::from(name), NAME)?;
        let value = plain("a user-defined field's text", &word.text, TEXT)?;
        match name.is_empty() || value.is_empty() {
            true => Err(refuse("a user-defined field's name or text is empty")),
            false => Ok((name, value)),
        }
    };
    given.iter().map(|(name, value)| one(name, value)).collect()
}

fn finding(text: &Untrusted) -> Result<String, Problem> {
    match text.is_empty() {
        true => Err(refuse("a finding's id is empty")),
        false => plain("a finding's id", text, ID),
    }
}

fn status(text: &Untrusted) -> Result<Status, Problem> {
    let one = STATUSES.into_iter().find(|status| *text == Untrusted::from(*status)).ok_or_else(|| {
        refuse(format!("{} is no workflow status", shown(text))).next(format!("give one of {}", STATUSES.join(", ")))
    })?;
    Ok(Status { status: one.to_owned() })
}

fn rated(text: &Untrusted) -> Result<Rated, Problem> {
    let one = LABELS.into_iter().find(|label| *text == Untrusted::from(*label)).ok_or_else(|| {
        refuse(format!("{} is no severity", shown(text))).next(format!("give one of {}", LABELS.join(", ")))
    })?;
    Ok(Rated { label: one.to_owned(), normalized: None })
}

/// A label, and a number behind it where the finding had one: `HIGH 75`.
fn rated_with_number(value: &Value) -> Result<Rated, Problem> {
    let Value::Text(word) = value else { return Err(refuse("severities gives each finding one severity")) };
    let text = plain("a severity", &word.text, NAME)?;
    let (label, number) = text.split_once(' ').map_or((text.as_str(), None), |(label, number)| (label, Some(number)));
    let number = number.map(|n| n.parse::<i32>().ok().filter(|n| (0..=100).contains(n)));
    match number {
        Some(None) => Err(refuse(format!("{} is no severity", shown(&word.text)))),
        number => Ok(Rated { normalized: number.flatten(), ..rated(&label.into())? }),
    }
}
