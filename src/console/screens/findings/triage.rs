//! Triage from the list. Like every change it belongs to a session: the open one, else the responder's triage
//! session of the day, which is opened or taken up again.

use crate::action::{Request, Value, Word};
use crate::console::core::effect::{Desk, Reaction, Reads};
use crate::console::core::model::{Ctx, Mode, Model, Planning};
use crate::console::core::update::switch;
use crate::console::screens::incident;
use crate::console::screens::sessions::TRIAGE;
use quell_core::finding::Finding;
use quell_core::text::Id;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What shall be done with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Security Hub's workflow status.
    Workflow(&'static str),
    Archive,
}

impl Wish {
    fn word(self) -> &'static str {
        match self {
            Wish::Workflow(status) => status,
            Wish::Archive => "archive",
        }
    }
}

/// A triage that waits for its session.
#[derive(Clone, Debug)]
pub struct Triage {
    wish: Wish,
    findings: Vec<Arc<Finding>>,
}

/// So many rows are triaged at once at most.
const MOST: usize = 50;

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
    if count > MOST {
        return Some(format!("{count} marked; at most {MOST} are triaged at once"));
    }
    // Whatever is archived can be read in the account, also what is not part of the incident.
    let here = model.saved().is_some_and(|incident| incident.quiet && incident.closed.is_none());
    let quiet = here || findings.iter().any(|finding| model.sessions.quiet_on(&finding.id));
    quiet.then(|| "an incident is quiet, and triage would show: in it s s strikes, s q ends the quiet".to_owned())
}

/// Goes on in the session that is open now: one finding by itself, several as a set.
pub fn go_on(model: &mut Model, ctx: &Ctx, out: &mut Reaction) {
    let Some(Triage { wish, findings }) = model.triage.take() else { return };
    let has = |model: &Model, finding: &Arc<Finding>| {
        model.session.as_ref().is_some_and(|s| s.pending().findings.iter().any(|f| f.finding.id == finding.id))
    };
    for finding in &findings {
        if !has(model, finding) {
            incident::attach(model, finding, ctx, out);
        }
    }
    let mut requests: Vec<Request> = findings.iter().filter_map(|finding| request(model, wish, finding)).collect();
    if let [_, _, ..] = requests.as_slice() {
        model.findings.marked.clear();
        return incident::stage_all(model, requests, ctx, out);
    }
    let (Some(request), Some(finding)) = (requests.pop(), findings.first()) else { return };
    let label = finding.severity.label.map_or("", |l| l.short());
    let words = finding.kind.as_ref().or(finding.title.as_ref()).unwrap_or(&finding.id).line();
    let resource = finding.resource.id.as_ref().map(|r| r.line().into_string()).unwrap_or_default();
    let words = format!("{label} {words} {resource}: {}", wish.word()).trim().to_owned();
    model.plan(Planning::Triage(words), |generation| Reads::Plan { generation, request: Box::new(request) }, out);
}

fn request(model: &Model, wish: Wish, finding: &Finding) -> Option<Request> {
    let (kind, title, fields): (_, String, _) = match wish {
        Wish::Workflow(status) => {
            let fields = BTreeMap::from([("workflow".into(), Value::Text(Word::own(status)))]);
            ("securityhub-workflow", format!("Set the workflow to {status}"), fields)
        }
        Wish::Archive => ("guardduty-archive", "Archive the finding".to_owned(), BTreeMap::new()),
    };
    let mut request = Request::of_kind(Id::new(kind).ok()?, title.as_str().into(), fields);
    request.finding = Some(finding.compact());
    let own = model.account.identity.as_ref().and_then(|i| i.as_ref().ok());
    request.partition = own.map(|i| i.partition.as_str().into());
    Some(request)
}
