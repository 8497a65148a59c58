//! Triage from the list. Like every change it belongs to a session: the open one, else the responder's triage
//! session of the day, which is opened or taken up again.

use crate::action::{Request, Value, Word};
use crate::console::core::effect::{Desk, Reaction, Reads};
use crate::console::core::model::{Ctx, Mode, Model, Planning};
use crate::console::core::prompt::{Choice, ChoicePurpose, Field, FieldPurpose, Kind};
use crate::console::core::update::switch;
use crate::console::screens::incident;
use crate::console::screens::sessions::TRIAGE;
use quell_core::finding::Finding;
use quell_core::text::{Id, Untrusted};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What shall be done with a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Security Hub's workflow status.
    Workflow(&'static str),
    /// Security Hub's severity.
    Severity(&'static str),
    /// A field of the team's own in Security Hub: its name and its text.
    Field(String, String),
    Archive,
    /// What GuardDuty is told of its finding.
    Feedback(&'static str),
}

/// The severities of Security Hub, and what GuardDuty can be told, as they are chosen from.
const SEVERITIES: [&str; 5] = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL"];
const FEEDBACK: [&str; 2] = ["USEFUL", "NOT_USEFUL"];

/// The most findings of one BatchUpdateFindings, and of one ArchiveFindings.
const UPDATED: usize = 100;
const ARCHIVED: usize = 50;
/// So many bytes of findings' ids a plan names at most: it is one record of the timeline, and names each id twice.
const NAMED: usize = 18 * 1024;

impl Wish {
    fn word(&self) -> String {
        match self {
            Wish::Workflow(status) => (*status).to_owned(),
            Wish::Severity(label) => format!("severity {label}"),
            Wish::Field(name, text) => format!("{name}={text}"),
            Wish::Archive => "archive".to_owned(),
            Wish::Feedback(told) => format!("feedback {told}"),
        }
    }

    fn is_guardduty(&self) -> bool {
        matches!(self, Wish::Archive | Wish::Feedback(_))
    }
}

/// A triage that waits for its session.
#[derive(Clone, Debug)]
pub struct Triage {
    wish: Wish,
    pub(super) findings: Vec<Arc<Finding>>,
}

/// Asks which severity the marked findings, else the selected one, shall have.
pub fn ask_severity(model: &mut Model, ctx: &Ctx) {
    let title = "SEVERITY in Security Hub";
    choose(model, title, ChoicePurpose::TriageSeverity, SEVERITIES.map(str::to_owned).to_vec(), ctx);
}

/// Asks what GuardDuty shall be told of them.
pub fn ask_feedback(model: &mut Model, ctx: &Ctx) {
    let choices = ["useful", "not useful"].map(str::to_owned).to_vec();
    choose(model, "FEEDBACK to GuardDuty: the finding was", ChoicePurpose::TriageFeedback, choices, ctx);
}

fn choose(model: &mut Model, title: &str, purpose: ChoicePurpose, choices: Vec<String>, ctx: &Ctx) {
    if model.findings.selected().is_some() {
        let choice = Choice { title: title.to_owned(), about: Vec::new(), purpose, choices, selected: 0 };
        model.ask(Kind::Choice(choice), ctx);
    }
}

/// The severity that was chosen.
pub fn severity(model: &mut Model, index: usize, ctx: &Ctx, out: &mut Reaction) {
    if let Some(label) = SEVERITIES.get(index) {
        begin(model, Wish::Severity(label), ctx, out);
    }
}

/// The feedback that was chosen.
pub fn feedback(model: &mut Model, index: usize, ctx: &Ctx, out: &mut Reaction) {
    if let Some(told) = FEEDBACK.get(index) {
        begin(model, Wish::Feedback(told), ctx, out);
    }
}

/// Asks for a field of the team's own.
pub fn ask_field(model: &mut Model, ctx: &Ctx) {
    if model.findings.selected().is_some() {
        let title = "USER-DEFINED FIELD in Security Hub: NAME=TEXT";
        let field = Field::new(title, FieldPurpose::TriageField, &Untrusted::default(), false);
        model.ask(Kind::Field(Box::new(field)), ctx);
    }
}

/// The field that was typed; whether it reads.
pub fn field(model: &mut Model, text: &str, ctx: &Ctx, out: &mut Reaction) -> bool {
    let Some((name, text)) = text.split_once('=').map(|(name, text)| (name.trim(), text.trim())) else { return false };
    if name.is_empty() || text.is_empty() {
        return false;
    }
    model.prompt = None;
    begin(model, Wish::Field(name.to_owned(), text.to_owned()), ctx, out);
    true
}

/// Plans the triage of the marked findings, else of the selected one.
pub fn begin(model: &mut Model, wish: Wish, ctx: &Ctx, out: &mut Reaction) {
    let Some(finding) = model.findings.selected().cloned() else { return };
    if model.account.lacks() {
        return model.say("these findings are from a file: :arm connects to the account of your AWS configuration");
    }
    if model.triage.is_some() || model.incident.opening {
        return model.say("a session is being opened; then triage again");
    }
    // What is marked is meant; the approval lists it.
    let mut findings = model.findings.marked_findings();
    if findings.is_empty() {
        findings.push(finding);
    }
    if let Some(words) = refusal(model, &findings) {
        return model.say(words);
    }
    let title = format!("{TRIAGE}{} {}", ctx.now.strftime("%Y-%m-%d"), model.me.line());
    let here = model.saved().filter(|incident| incident.closed.is_none()).is_some_and(|incident| {
        let has = |finding: &Arc<Finding>| incident.findings.iter().any(|f| f.finding.id == finding.id);
        incident.title.line().as_str() == title || findings.iter().all(has)
    });
    model.triage = Some(Triage { wish, findings });
    model.findings.blocked = None;
    if here {
        return go_on(model, ctx, out);
    }
    let simulated = model.account.mode == Mode::Simulated;
    let known =
        model.sessions.rows.iter().find(|r| r.open && r.simulated == simulated && r.title.line().as_str() == title);
    let known = known.map(|r| r.id.clone());
    if !switch(model, known.as_deref(), ctx, out) {
        model.triage = None;
    } else if known.is_none() {
        model.incident.begin = Vec::new();
        model.incident.title = Some(title.as_str().into());
        model.incident.opening = true;
        out.desk.push(Desk::Create { title: title.into(), simulated, finding: None });
    }
}

/// Why these rows can't be triaged together, if they can't.
fn refusal(model: &Model, findings: &[Arc<Finding>]) -> Option<String> {
    let count = findings.len();
    let most = model.account.triage_limit;
    if count > most {
        return Some(format!("{count} marked; at most {most} are triaged at once (triage_limit)"));
    }
    // Whatever is archived can be read in the account, also what is not part of the incident.
    let here = model.saved().is_some_and(|incident| incident.quiet && incident.closed.is_none());
    let quiet = here || findings.iter().any(|finding| model.sessions.quiet_on(&finding.id));
    quiet.then(|| "an incident is quiet, and triage would show: in it s s strikes, s q ends the quiet".to_owned())
}

/// Goes on in the session that is open now: what one call takes as one plan, more as a set. What is marked stays so
/// until it was taken.
pub fn go_on(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(triage) = model.triage.take() else { return };
    model.findings.begun = Some(triage.clone());
    let mut requests = requests(model, &triage);
    let Triage { wish, findings } = triage;
    let has = |model: &Model, finding: &Arc<Finding>| {
        model.session.as_ref().is_some_and(|s| s.pending().findings.iter().any(|f| f.finding.id == finding.id))
    };
    for finding in &findings {
        if !has(model, finding) {
            incident::attach(model, finding, ctx, out);
        }
    }
    if let [_, _, ..] = requests.as_slice() {
        return incident::stage_all(model, requests, ctx, out);
    }
    let (Some(request), Some(finding)) = (requests.pop(), findings.first()) else { return };
    let label = finding.severity.label.map_or("", |l| l.short());
    let words = finding.kind.as_ref().or(finding.title.as_ref()).unwrap_or(&finding.id).line();
    let resource = finding.resource.id.as_ref().map(|r| r.line().into_string()).unwrap_or_default();
    let more = match findings.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let words = format!("{label} {words} {resource}{more}: {}", wish.word()).trim().to_owned();
    model.plan(Planning::Triage(words), |generation| Reads::Plan { generation, request: Box::new(request) }, ctx, out);
}

/// What a triage asks for: a request for each call that it takes.
pub fn requests(model: &Model, Triage { wish, findings }: &Triage) -> Vec<Request> {
    batches(wish, findings).iter().filter_map(|batch| request(model, wish, batch)).collect()
}

/// What one call takes: findings of one account and region, and of one detector of GuardDuty, so many at most.
fn batches(wish: &Wish, findings: &[Arc<Finding>]) -> Vec<Vec<Arc<Finding>>> {
    let most = if wish.is_guardduty() { ARCHIVED } else { UPDATED };
    let place = |finding: &Finding| {
        let id = finding.id.line().into_string();
        let detector = id.split_once("/finding/").map_or(id.clone(), |(detector, _)| detector.to_owned());
        (finding.account.clone(), finding.region.clone(), wish.is_guardduty().then_some(detector))
    };
    let mut all: Vec<(_, usize, Vec<Arc<Finding>>)> = Vec::new();
    for finding in findings {
        let (place, bytes) = (place(finding), finding.id.len());
        let fits = |(at, named, batch): &&mut (_, usize, Vec<_>)| {
            *at == place && batch.len() < most && *named + bytes <= NAMED
        };
        match all.iter_mut().find(fits) {
            Some((_, named, batch)) => {
                *named += bytes;
                batch.push(Arc::clone(finding));
            }
            None => all.push((place, bytes, vec![Arc::clone(finding)])),
        }
    }
    all.into_iter().map(|(_, _, batch)| batch).collect()
}

fn request(model: &Model, wish: &Wish, batch: &[Arc<Finding>]) -> Option<Request> {
    let text = |text: &str| Value::Text(Word::own(text));
    let (title, field): (_, Option<(&str, Value)>) = match wish {
        Wish::Workflow(status) => (format!("Set the workflow to {status}"), Some(("workflow", text(status)))),
        Wish::Severity(label) => (format!("Set the severity to {label}"), Some(("severity", text(label)))),
        Wish::Field(name, value) => {
            let fields = BTreeMap::from([(name.as_str().into(), text(value))]);
            (format!("Set the field {name}"), Some(("user_fields", Value::Map(fields))))
        }
        Wish::Archive => ("Archive the finding".to_owned(), None),
        Wish::Feedback(told) => (format!("Tell GuardDuty: {told}"), Some(("feedback", text(told)))),
    };
    let mut fields: BTreeMap<Box<str>, Value> = field.into_iter().map(|(name, value)| (name.into(), value)).collect();
    if matches!(wish, Wish::Feedback(_)) {
        fields.insert("state".into(), text("unchanged"));
    }
    if batch.len() > 1 {
        let ids = batch.iter().map(|finding| Word { text: finding.id.clone(), filled: true });
        fields.insert("findings".into(), Value::List(ids.collect()));
    }
    let kind = if wish.is_guardduty() { "guardduty-archive" } else { "securityhub-workflow" };
    let mut request = Request::of_kind(Id::new(kind).ok()?, title.as_str().into(), fields);
    request.finding = Some(batch.first()?.compact());
    let own = model.account.identity.as_ref().and_then(|i| i.as_ref().ok());
    request.partition = own.map(|i| i.partition.as_str().into());
    Some(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quell_core::finding::{Via, read};

    fn finding(account: &str, detector: &str, n: usize) -> Arc<Finding> {
        let json = format!(
            r#"{{"id":"{n}","arn":"arn:aws:guardduty:eu-west-1:{account}:detector/{detector}/finding/{n}","accountId":"{account}",
                "region":"eu-west-1","type":"T","severity":5}}"#
        );
        Arc::new(read(json.as_bytes(), Via::Guardduty).findings.remove(0))
    }

    #[test]
    fn a_batch_is_what_one_call_takes() {
        let sizes = |wish: &Wish, all: &[Arc<Finding>]| batches(wish, all).iter().map(Vec::len).collect::<Vec<_>>();
        let one: Vec<_> = (0..120).map(|n| finding("111122223333", "d1", n)).collect();
        assert_eq!(sizes(&Wish::Workflow("NEW"), &one), [100, 20]);
        assert_eq!(sizes(&Wish::Archive, &one), [50, 50, 20]);
        let mixed =
            [one[0].clone(), finding("444455556666", "d2", 1), finding("111122223333", "d3", 2), one[1].clone()];
        assert_eq!(sizes(&Wish::Workflow("NEW"), &mixed), [3, 1]);
        assert_eq!(sizes(&Wish::Feedback("USEFUL"), &mixed), [2, 1, 1]);
        // Long ids: 18432 bytes hold 18 of 1000 bytes.
        let long = |n: usize| Arc::new(Finding { id: format!("{n:01000}").into(), ..Finding::clone(&one[0]) });
        assert_eq!(sizes(&Wish::Workflow("NEW"), &(0..20).map(long).collect::<Vec<_>>()), [18, 2]);
    }
}
