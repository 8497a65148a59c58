//! What an approval begins with, in plain words: what is done to what, where and as whom; requests come after that.

use crate::action::LOCAL;
use crate::console::core::confirm::Confirm;
use crate::console::core::model::{Mode, Model};
use quell_core::finding::Compact;
use quell_core::incident::{Incident, Plan};
use quell_core::text::Untrusted;
use serde_json::Value;

/// The kinds that say something of findings, which their requests name by ids alone.
const OF_FINDINGS: [&str; 2] = ["guardduty-archive", "securityhub-workflow"];

/// Whether a plan does something by this machine itself, and not by calls to AWS.
pub(super) fn is_here(plan: &Plan) -> bool {
    !plan.requests.is_empty() && plan.requests.iter().all(|request| request.service == LOCAL)
}

/// Whether it runs a program here.
pub(super) fn runs_here(plan: &Plan) -> bool {
    is_here(plan) && plan.requests.iter().any(|request| request.operation == "exec")
}

/// What a plan does, in one sentence.
pub(super) fn sentence(model: &Model, plan: &Plan) -> String {
    let (title, target) = (plan.title.line(), &plan.target);
    if is_here(plan) {
        let what = match (runs_here(plan), &model.account.mode) {
            (true, Mode::Simulated) => {
                "it really runs ON THIS MACHINE, as your own user; only the account is simulated, this is not"
            }
            (true, _) => "it really runs ON THIS MACHINE, as your own user",
            (false, Mode::Simulated) => "nothing leaves this machine: the simulated account takes it itself",
            (false, _) => "it is really sent from this machine",
        };
        return format!("{title}: {what}");
    }
    let resource = match incident(model).and_then(|incident| name_of(incident, &target.resource)) {
        Some(name) => format!("{} ({name})", target.resource.line()),
        None => target.resource.line().into_string(),
    };
    let region = target.region.line();
    format!("{title}: {resource} in account {}, {region}{}", target.account.line(), whom(model, plan))
}

/// What a set does, before the list of it.
pub(super) fn of_set(model: &Model, confirm: &Confirm) -> String {
    let (count, plan) = (confirm.proposed().count(), &confirm.first.plan);
    format!("{count} action(s) in account {}{}:", plan.target.account.line(), whom(model, plan))
}

/// As whom, by the last part of its ARN: the whole of it stands below.
fn whom(model: &Model, plan: &Plan) -> String {
    let short = |arn: &Untrusted| {
        let arn = arn.line().into_string();
        arn.splitn(6, ':').nth(5).unwrap_or(&arn).to_owned()
    };
    let own = || Some(short(&model.account.identity.as_ref()?.as_ref().ok()?.arn));
    let who = plan.target.through.as_ref().map(|through| short(&through.role)).or_else(own);
    who.map(|who| format!(", as {who}")).unwrap_or_default()
}

fn incident(model: &Model) -> Option<&Incident> {
    model.session.as_ref().map(|session| session.pending())
}

/// What people call a resource, as a finding of the incident says.
fn name_of(incident: &Incident, resource: &Untrusted) -> Option<String> {
    let of = |finding: &Compact| {
        let is = [&finding.resource.id, &finding.resource.arn].into_iter().any(|id| id.as_ref() == Some(resource));
        finding.resource.name.clone().filter(|name| is && name != resource)
    };
    incident.findings.iter().find_map(|attached| of(&attached.finding)).map(|name| name.line().into_string())
}

/// The findings that a triage is about: how severe, of what type, on what. Their ids say nothing to people.
pub(super) fn findings(model: &Model, plan: &Plan) -> Vec<String> {
    let Some(incident) = incident(model).filter(|_| OF_FINDINGS.contains(&plan.kind.as_str())) else {
        return Vec::new();
    };
    let mut named = Vec::new();
    plan.requests.iter().for_each(|request| texts(&request.input, &mut named));
    let is = |finding: &Compact| {
        let id = finding.id.line();
        // GuardDuty names its own by the end of their ARN.
        let end = id.as_str().rsplit_once("/finding/").map(|(_, end)| end);
        named.iter().any(|text| *text == id.as_str() || Some(*text) == end)
    };
    let all = incident.findings.iter().map(|attached| &attached.finding);
    all.filter(|finding| is(finding)).map(words).collect()
}

/// All texts in a request's input.
fn texts<'a>(value: &'a Value, all: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => all.push(text),
        Value::Array(values) => values.iter().for_each(|value| texts(value, all)),
        Value::Object(members) => members.values().for_each(|value| texts(value, all)),
        _ => {}
    }
}

fn words(finding: &Compact) -> String {
    let label = finding.severity.label.map_or("", |label| label.short());
    let kind = finding.kind.as_ref().or(finding.title.as_ref()).unwrap_or(&finding.id).line();
    let word = |text: &Option<Untrusted>| text.as_ref().map(|text| format!(" {}", text.line())).unwrap_or_default();
    let name = finding.resource.name.as_ref().filter(|name| Some(*name) != finding.resource.id.as_ref());
    let name = name.map(|name| format!(" ({})", name.line())).unwrap_or_default();
    format!("{label} {kind}{}{name}", word(&finding.resource.id)).trim().to_owned()
}
