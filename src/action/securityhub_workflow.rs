//! Setting what triage says of findings in Security Hub: workflow status, severity, fields of one's own, a note.

mod read;
mod update;
mod wanted;

#[cfg(test)]
mod tests;

use super::calls;
use super::facts::{changed, not_sent};
use super::kind::{Action, KindInfo, Operations, Parameter, Written};
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::{Seal, arn};
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::Problem;
use quell_core::finding::{Label, Said, Severity, Workflow};
use quell_core::incident::{Fact, FailClass, Found, Outcome, Plan, Token, Verified};
use quell_core::text::Untrusted;
use read::{Listed, findings};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use update::{Change, Rated, Refused, Update, refused, send, updates};
use wanted::Wanted;

/// The kind `securityhub-workflow`.
pub(super) struct SecurityhubWorkflow;

static INFO: KindInfo = KindInfo {
    name: "securityhub-workflow",
    title: "Set workflow, severity, fields or note of findings in Security Hub",
    parameters: &[
        Parameter { name: "workflow", required: false, what: "NEW, NOTIFIED, SUPPRESSED or RESOLVED" },
        Parameter { name: "severity", required: false, what: "INFORMATIONAL, LOW, MEDIUM, HIGH or CRITICAL" },
        Parameter { name: "user_fields", required: false, what: "names with texts, beside the fields that are there" },
        Parameter { name: "note", required: false, what: "a note that everyone who reads the findings sees" },
        Parameter {
            name: "findings",
            required: false,
            what: "the findings' ids; the incident's finding when not given",
        },
        Parameter { name: "workflows", required: false, what: "each finding's id with a status of its own" },
        Parameter { name: "severities", required: false, what: "each finding's id with a severity of its own" },
        Parameter { name: "fields_of", required: false, what: "each finding's id with all its user-defined fields" },
    ],
    operations: Operations {
        read: &[("SecurityHub", "GetFindings")],
        consume: &[],
        mutate: &[("SecurityHub", "BatchUpdateFindings")],
    },
    permissions: &[],
    danger: 1,
    destroys: "",
};

/// The member of what an undo needs that names what a part that was done was done to.
const TAKEN: &str = "Taken";

impl Action for SecurityhubWorkflow {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move { Wanted::of(request)?.plan(reader, request).await })
    }

    fn breaks(&self, _plan: &Plan) -> Vec<String> {
        vec!["nothing that runs; automations and lists that go by the workflow see it as such".to_owned()]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(updates) = updates(plan) else { return not_sent("the plan can't be read") };
            let prior = match listed(reader, plan, &updates).await {
                Err(problem) => {
                    return not_sent(format!("the findings could not be read again: {}", problem.headline()));
                }
                Ok(now) => now,
            };
            if let Some(stopped) = changed(plan, &facts(&updates, &prior)) {
                return stopped;
            }
            let mut run = Run { prior: &prior, taken: Vec::new(), refused: Vec::new(), class: None, ids: Vec::new() };
            for (done, update) in updates.iter().enumerate() {
                let words = format!("{} finding(s) to {}", update.finding_identifiers.len(), update.change.words());
                progress.step(words, count(done), count(updates.len()));
                match send(&writer, update).await {
                    Ok(answer) => {
                        run.ids.extend(calls::request_ids(&answer));
                        run.took(update, refused(&answer));
                    }
                    Err(Outcome::Failed { class, message, .. }) if done > 0 => {
                        run.class = Some(class);
                        let (done, of) = (count(done), updates.len());
                        run.refused.push(format!("{done} of {of} requests done; {}", message.line()));
                        break;
                    }
                    Err(Outcome::Unknown { why }) if done > 0 => {
                        let of = updates.len();
                        return Outcome::Unknown {
                            why: format!("{done} of {of} requests done; {}", why.line()).into(),
                        };
                    }
                    Err(outcome) => return outcome,
                }
            }
            run.outcome(&updates)
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some(updates) = updates(plan) else { return Found::CannotTell("the plan can't be read".into()) };
            let now = match listed(reader, plan, &updates).await {
                Err(problem) => return Found::CannotTell(problem.headline().into()),
                Ok(now) => now,
            };
            match holds(&updates, &now) && changed(plan, &facts(&updates, &now)).is_some() {
                true => {
                    let prior: Vec<Listed> = now.iter().map(|l| Listed::before(&l.identifier, plan)).collect();
                    Found::Ended(done(&updates, &prior, Vec::new()))
                }
                false => Found::CannotTell(
                    "not all findings are as planned; planning again is safe, since the call only sets it".into(),
                ),
            }
        })
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _outcome: &'a Outcome) -> BoxFuture<'a, Verified> {
        Box::pin(async move {
            let Some(updates) = updates(plan) else { return calls::unverified("the plan can't be read") };
            if updates.iter().all(|update| update.change == Change::default()) {
                return calls::unverified("a note alone is not read back");
            }
            match listed(reader, plan, &updates).await {
                Err(problem) => calls::unverified(problem.headline()),
                Ok(now) => Verified { holds: Some(holds(&updates, &now)), facts: facts(&updates, &now) },
            }
        })
    }

    fn tells(&self) -> bool {
        true
    }

    fn writes(&self, plan: &Plan) -> Vec<Written> {
        let ids = self.told(plan, None).into_iter().map(|(id, _)| id);
        vec![Written::some(INFO.name, plan, ids)]
    }

    fn told(&self, plan: &Plan, undo: Option<&Json>) -> Vec<(Untrusted, Said)> {
        let taken = undo.and_then(|undo| undo.get(TAKEN)).and_then(Json::as_array);
        let is_taken = |id: &str| taken.is_none_or(|taken| taken.iter().any(|one| one == id));
        let all = updates(plan).unwrap_or_default();
        let of = |update: &Update| {
            let said = said(&update.change);
            let ids = update.finding_identifiers.iter().map(|i| i.id.as_str()).filter(|id| is_taken(id));
            ids.map(|id| (Untrusted::from(id), said)).collect::<Vec<_>>()
        };
        all.iter().flat_map(of).collect()
    }

    fn seal(&self, plan: &Plan) -> Seal {
        // The hub is what AWS checks, not the findings in it.
        Seal::each(plan, |_| vec![arn(plan, "securityhub", "hub/default")])
    }

    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request> {
        let (Outcome::Succeeded { undo: Some(undo), .. } | Outcome::Partly { undo: Some(undo), .. }) = outcome else {
            return None;
        };
        let before = |name: &str, value: &dyn Fn(&Json) -> Option<Value>| {
            let each = undo.get(name)?.as_object()?.iter();
            let each: Option<BTreeMap<Box<str>, Value>> =
                each.map(|(id, had)| Some((id.as_str().into(), value(had)?))).collect();
            each.map(Value::Map)
        };
        let text = |had: &Json| Some(Value::Text(Word::own(had.as_str()?)));
        let rated = |had: &Json| {
            let Rated { label, normalized } = serde_json::from_value(had.clone()).ok()?;
            let number = normalized.map(|n| format!(" {n}")).unwrap_or_default();
            Some(Value::Text(Word::own(format!("{label}{number}"))))
        };
        let fields = |had: &Json| {
            let each = had.as_object()?.iter().map(|(name, had)| Some((name.as_str().into(), text(had)?)));
            Some(Value::Map(each.collect::<Option<_>>()?))
        };
        let mut request = Request::undoing(plan, []);
        let all = [
            ("workflows", before("Workflow", &text)),
            ("severities", before("Severity", &rated)),
            ("fields_of", before("UserDefinedFields", &fields)),
        ];
        request.fields.extend(all.into_iter().filter_map(|(name, value)| Some((name.into(), value?))));
        (!request.fields.is_empty()).then_some(request)
    }
}

/// What a list of findings shows of a change.
fn said(change: &Change) -> Said {
    let lower = |word: &str| Json::from(word.to_ascii_lowercase());
    let workflow = change.workflow.as_ref().and_then(|w| serde_json::from_value::<Workflow>(lower(&w.status)).ok());
    let severity = change.severity.as_ref().and_then(|rated| Label::parse(&rated.label)).map(Severity::of_label);
    Said { workflow, severity, status: None }
}

/// What came of a plan's requests until now.
struct Run<'a> {
    prior: &'a [Listed],
    /// The ids of what was taken.
    taken: Vec<String>,
    /// What was not, in words, one by one.
    refused: Vec<String>,
    class: Option<FailClass>,
    ids: Vec<Untrusted>,
}

impl Run<'_> {
    fn took(&mut self, update: &Update, refused: Option<Refused>) {
        let not: BTreeSet<String> = refused.iter().flat_map(|r| r.ids.iter().cloned()).collect();
        let all = update.finding_identifiers.iter().map(|i| i.id.clone());
        self.taken.extend(all.filter(|id| !not.contains(id)));
        if let Some(Refused { class, words, .. }) = refused {
            self.class.get_or_insert(class);
            self.refused.extend(words);
        }
    }

    fn outcome(self, updates: &[Update]) -> Outcome {
        if self.refused.is_empty() {
            return done(updates, self.prior, self.ids);
        }
        let of: usize = updates.iter().map(|update| update.finding_identifiers.len()).sum();
        let message = format!("{} of {of} findings updated; {}", self.taken.len(), self.refused.join("; "));
        if self.taken.is_empty() {
            let class = self.class.unwrap_or(FailClass::Other);
            return Outcome::Failed { class, message: message.into(), request_ids: self.ids };
        }
        let mut undo = before(updates, self.prior, &|id| self.taken.iter().any(|taken| taken == id));
        undo.insert(TAKEN.to_owned(), json!(self.taken));
        Outcome::Partly { message: message.into(), request_ids: self.ids, undo: Some(undo.into()) }
    }
}

/// The plan's findings as they are now.
async fn listed(reader: &Reader, plan: &Plan, updates: &[Update]) -> Result<Vec<Listed>, Problem> {
    let ids: Vec<String> = updates.iter().flat_map(|u| &u.finding_identifiers).map(|i| i.id.clone()).collect();
    findings(reader, &plan.target, &ids).await
}

/// What is to become of a finding.
fn wanted<'a>(updates: &'a [Update], listed: &Listed) -> Option<&'a Change> {
    updates.iter().find(|update| update.finding_identifiers.contains(&listed.identifier)).map(|update| &update.change)
}

fn facts(updates: &[Update], now: &[Listed]) -> Vec<Fact> {
    now.iter()
        .flat_map(|listed| wanted(updates, listed).map(|change| listed.facts(change)).unwrap_or_default())
        .collect()
}

/// Whether every planned finding is as planned.
fn holds(updates: &[Update], now: &[Listed]) -> bool {
    updates.iter().all(|update| {
        update
            .finding_identifiers
            .iter()
            .all(|planned| now.iter().any(|listed| listed.identifier == *planned && update.change.holds(&listed.has)))
    })
}

/// What an undo needs: what each finding had before, of what was changed.
fn before(updates: &[Update], prior: &[Listed], is: &dyn Fn(&str) -> bool) -> Map<String, Json> {
    let mut all: BTreeMap<&str, Map<String, Json>> = BTreeMap::new();
    for listed in prior.iter().filter(|listed| is(&listed.identifier.id)) {
        let Some(change) = wanted(updates, listed).filter(|change| !change.holds(&listed.has)) else { continue };
        let (id, has) = (&listed.identifier.id, &listed.has);
        let members = [
            ("Workflow", change.workflow.as_ref().and(has.workflow.as_ref()).map(|w| json!(w.status))),
            ("Severity", change.severity.as_ref().and(has.severity.as_ref()).map(|s| json!(s))),
            (
                "UserDefinedFields",
                change.user_defined_fields.as_ref().and(has.user_defined_fields.as_ref()).map(|fields| json!(fields)),
            ),
        ];
        for (name, had) in members {
            if let Some(had) = had {
                all.entry(name).or_default().insert(id.clone(), had);
            }
        }
    }
    all.into_iter().map(|(name, each)| (name.to_owned(), each.into())).collect()
}

fn done(updates: &[Update], prior: &[Listed], request_ids: Vec<Untrusted>) -> Outcome {
    let words: Vec<String> = updates
        .iter()
        .map(|update| match update.change.words() {
            words if words.is_empty() => format!("{} finding(s) have the note", update.finding_identifiers.len()),
            words => format!("{} finding(s) set to {words}", update.finding_identifiers.len()),
        })
        .collect();
    let undo = before(updates, prior, &|_| true);
    let undo = (!undo.is_empty()).then(|| undo.into());
    Outcome::Succeeded { outcome: words.join(", ").into(), request_ids, undo, facts: Vec::new() }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
