//! Archiving findings in GuardDuty, or bringing them back, with feedback if wanted, or feedback alone.

mod findings;
#[cfg(test)]
mod tests;

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{danger, id, known, list, plain, refuse, shown, text};
use super::kind::{Action, KindInfo, Operations, Parameter, Written};
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::Seal;
use super::target::{parts, target};
use crate::aws::{BoxFuture, Reader, Writer};
use crate::problem::Problem;
use findings::{Findings, Listed};
use quell_core::finding::{Said, Status};
use quell_core::incident::{Fact, Found, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::id::Arn;
use quell_core::text::{Id, Untrusted};
use serde_json::{Value as Json, json};

/// The kind `guardduty-archive`.
pub(super) struct GuarddutyArchive;

static INFO: KindInfo = KindInfo {
    name: "guardduty-archive",
    title: "Archive a finding in GuardDuty, or bring it back",
    parameters: &[
        Parameter {
            name: "finding",
            required: false,
            what: "the finding's ARN; the incident's finding when not given",
        },
        Parameter { name: "findings", required: false, what: "several findings' ARNs, of one detector" },
        Parameter { name: "state", required: false, what: "archived (the default), active or unchanged" },
        Parameter { name: "feedback", required: false, what: "USEFUL or NOT_USEFUL, told to GuardDuty" },
        Parameter { name: "comments", required: false, what: "words for the feedback" },
    ],
    operations: Operations {
        read: &[("GuardDuty", "GetFindings")],
        consume: &[],
        mutate: &[
            ("GuardDuty", "ArchiveFindings"),
            ("GuardDuty", "UnarchiveFindings"),
            ("GuardDuty", "UpdateFindingsFeedback"),
        ],
    },
    permissions: &[],
    danger: 1,
    destroys: "",
};

/// The fact that is read again before the call.
const STATE: &str = "state of the finding";
const ARCHIVED: &str = "archived";
const ACTIVE: &str = "active";
const UNCHANGED: &str = "unchanged";
/// The fact that tells the feedback.
const FEEDBACK: &str = "feedback";
/// The most findings of one plan, by the service's model.
const MOST: usize = 50;
/// The longest comment, in characters.
const COMMENT: usize = 512;

impl Action for GuarddutyArchive {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            let wanted = Wanted::of(request)?;
            let mut target = target(request, wanted.resource())?;
            wanted.place(&target.region)?;
            calls::caller(reader, &target).await?;
            let (listed, gone) = wanted.findings.there(reader).await?;
            let there = wanted.findings.only(&listed);
            let confirm = match (there.ids.as_slice(), gone.is_empty()) {
                ([one], true) => one.as_str().to_owned(),
                (several, _) => several.len().to_string(),
            };
            if !gone.is_empty() {
                target.resource = format!("{confirm} findings").into();
            }
            let mut facts = vec![Fact::new("detector", there.detector.as_str())];
            facts.extend(listed.iter().map(|one| there.fact(one)));
            Ok(Plan {
                kind: request.kind.clone(),
                title: request.title.clone(),
                step: request.step.clone(),
                target,
                requests: wanted.requests(&there),
                facts,
                // Of several the count is typed.
                danger: danger(if there.ids.len() > 1 { 2 } else { INFO.danger }, request)?,
                destroys: Vec::new(),
                breaks: Vec::new(),
                writes: Vec::new(),
                warnings: wanted.warnings(&listed, &gone),
                undo: wanted.undo(&listed).into(),
                confirm: confirm.into(),
                undo_of: request.undo_of.clone(),
                each: request.each.clone(),
                set: request.set.clone(),
            })
        })
    }

    fn breaks(&self, _plan: &Plan) -> Vec<String> {
        vec!["nothing that runs; what is archived leaves GuardDuty's lists, exports and notifications".to_owned()]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some((findings, wanted)) = Findings::of(plan) else { return not_sent("the plan can't be read") };
            let prior = match findings.all(reader).await {
                Err(problem) => {
                    return not_sent(format!("the finding could not be read again: {}", problem.headline()));
                }
                Ok(listed) => listed,
            };
            if let Some(stopped) = changed(plan, &findings.facts(&prior)) {
                return stopped;
            }
            let of = u32::try_from(plan.requests.len()).unwrap_or(u32::MAX);
            let mut ids = Vec::new();
            let words = findings.words(wanted);
            for (done, request) in (0..of).zip(&plan.requests) {
                progress.step(request.operation.as_str(), done, of);
                match findings.send(&writer, request).await {
                    Ok(id) => ids.extend(id),
                    // The finding itself is done; the feedback after it is words.
                    Err(Outcome::Failed { class, message, .. }) if done > 0 => {
                        let message = format!("{words}; the feedback failed: {}", message.line()).into();
                        return match findings.before(wanted, &prior) {
                            Some(undo) => Outcome::Partly { message, request_ids: ids, undo: Some(undo) },
                            None => Outcome::Failed { class, message, request_ids: ids },
                        };
                    }
                    Err(Outcome::Unknown { why }) if done > 0 => {
                        let why = format!("{words}; whether the feedback arrived is not known: {}", why.line());
                        return Outcome::Unknown { why: why.into() };
                    }
                    Err(outcome) => return outcome,
                }
            }
            findings.done(wanted, &prior, ids)
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some((findings, wanted)) = Findings::of(plan) else {
                return Found::CannotTell("the plan can't be read".into());
            };
            let now = match findings.all(reader).await {
                Err(problem) => return Found::CannotTell(problem.headline().into()),
                Ok(now) => now,
            };
            let moved = changed(plan, &findings.facts(&now)).is_some();
            match holds(plan, wanted, &now) == Some(true) && moved && plan.requests.len() == 1 {
                true => Found::Ended(findings.done(wanted, &findings.planned(plan), Vec::new())),
                false => {
                    let now: Vec<String> = now.iter().map(|one| one.state.to_owned()).collect();
                    let now = now.join(", ");
                    let why =
                        format!("the finding is {now}; planning again is safe, since the call only sets the state");
                    Found::CannotTell(why.into())
                }
            }
        })
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _outcome: &'a Outcome) -> BoxFuture<'a, Verified> {
        Box::pin(async move {
            let Some((findings, wanted)) = Findings::of(plan) else {
                return calls::unverified("the plan can't be read");
            };
            match findings.all(reader).await {
                Err(problem) => calls::unverified(problem.headline()),
                Ok(now) => {
                    let mut facts = findings.facts(&now);
                    if feedback(plan).is_some() {
                        let told = now.iter().map(|one| one.feedback.as_deref().unwrap_or("none"));
                        facts.extend(told.map(|told| Fact::new(FEEDBACK, told)));
                    }
                    Verified { holds: holds(plan, wanted, &now), facts }
                }
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

    fn told(&self, plan: &Plan, _undo: Option<&Json>) -> Vec<(Untrusted, Said)> {
        let Some((findings, wanted)) = Findings::of(plan) else { return Vec::new() };
        let status = wanted.map(|state| if state == ARCHIVED { Status::Archived } else { Status::Active });
        let said = Said { status, ..Said::default() };
        findings.ids.iter().map(|id| (findings.arn(plan, id).into(), said)).collect()
    }

    fn seal(&self, plan: &Plan) -> Seal {
        // GuardDuty checks what is done to findings against no resource.
        Seal::each(plan, |_| Vec::new()).in_region(plan)
    }

    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request> {
        let (Outcome::Succeeded { undo: Some(undo), .. } | Outcome::Partly { undo: Some(undo), .. }) = outcome else {
            return None;
        };
        let word = |text: Untrusted| Word::own(text);
        let state = Value::Text(word(undo.get("State")?.as_str()?.into()));
        let (findings, _) = Findings::of(plan)?;
        let ids = undo.get("Findings").and_then(Json::as_array);
        let named = match ids {
            // A record of old, or a single finding.
            None => ("finding", Value::Text(word(findings.arn(plan, findings.ids.first()?).into()))),
            Some(ids) => {
                let ids = findings.ids.iter().filter(|id| ids.iter().any(|one| one.as_str() == Some(id.as_str())));
                ("findings", Value::List(ids.map(|id| word(findings.arn(plan, id).into())).collect()))
            }
        };
        Some(Request::undoing(plan, [named, ("state", state)]))
    }
}

/// The feedback that the plan gives.
fn feedback(plan: &Plan) -> Option<&str> {
    plan.requests.iter().find_map(|request| request.input.get("Feedback")?.as_str())
}

/// Whether the findings are as planned; not known where only the feedback is not seen.
fn holds(plan: &Plan, wanted: Option<&str>, now: &[Listed]) -> Option<bool> {
    let told = |one: &Listed| feedback(plan).is_none_or(|wanted| one.feedback.as_deref() == Some(wanted));
    match now.iter().all(|one| wanted.is_none_or(|wanted| one.state == wanted)) {
        false => Some(false),
        true => now.iter().all(told).then_some(true),
    }
}

/// What is asked for.
struct Wanted {
    arns: Vec<Id<Arn>>,
    findings: Findings,
    /// None where only the feedback is wanted.
    state: Option<&'static str>,
    feedback: Option<(&'static str, Option<String>)>,
}

impl Wanted {
    fn of(request: &Request) -> Result<Self, Problem> {
        known(&INFO, request)?;
        let mut named: Vec<&Untrusted> = list(request, "findings")?.into_iter().map(|word| &word.text).collect();
        named.extend(text(request, "finding")?.map(|word| &word.text));
        if named.is_empty() {
            named.extend(request.finding.as_ref().map(|finding| &finding.id));
        }
        let arns: Vec<Id<Arn>> =
            named.into_iter().map(|arn| id::<Arn>("the finding", arn)).collect::<Result<_, _>>()?;
        match arns.len() {
            0 => return Err(refuse("no finding is named")),
            1..=MOST => {}
            _ => return Err(refuse(format!("more than {MOST} findings in one action")).next("do them in several")),
        }
        let findings = Findings::in_arns(&arns)?;
        let choice = |name: &str, choices: &[&'static str]| match text(request, name)? {
            None => Ok(None),
            Some(word) => match choices.iter().find(|choice| word.text == Untrusted::from(**choice)) {
                Some(choice) => Ok(Some(*choice)),
                None => Err(refuse(format!("{name} is {}, not {}", choices.join(" or "), shown(&word.text)))),
            },
        };
        let state = choice("state", &[ARCHIVED, ACTIVE, UNCHANGED])?.unwrap_or(ARCHIVED);
        let state = Some(state).filter(|state| *state != UNCHANGED);
        let comments = text(request, "comments")?.map(|word| plain("comments", &word.text, COMMENT)).transpose()?;
        let feedback = match (choice("feedback", &["USEFUL", "NOT_USEFUL"])?, comments) {
            (None, Some(_)) => return Err(refuse("comments go with feedback, which is not given")),
            (None, None) if state.is_none() => return Err(refuse("nothing is asked for: no state and no feedback")),
            (None, None) => None,
            (Some(feedback), comments) => Some((feedback, comments)),
        };
        Ok(Self { arns, findings, state, feedback })
    }

    fn resource(&self) -> String {
        match self.arns.as_slice() {
            [one] => one.as_str().to_owned(),
            several => format!("{} findings", several.len()),
        }
    }

    /// Refuses a finding that says one region in its ARN and another elsewhere.
    fn place(&self, region: &Untrusted) -> Result<(), Problem> {
        let elsewhere = |arn: &&Id<Arn>| parts(arn).is_none_or(|arn| *region != Untrusted::from(arn.region));
        match self.arns.iter().find(elsewhere) {
            None => Ok(()),
            Some(arn) => Err(refuse(format!("the finding's ARN is not of the region {}: {arn}", region.line()))),
        }
    }

    fn requests(&self, there: &Findings) -> Vec<PlannedRequest> {
        let input = json!({ "DetectorId": there.detector, "FindingIds": there.ids });
        let of = |operation: &str, input: Json| PlannedRequest {
            service: "guardduty".to_owned(),
            operation: operation.to_owned(),
            input,
        };
        let operation = self.state.map(|state| if state == ARCHIVED { "ArchiveFindings" } else { "UnarchiveFindings" });
        let mut all: Vec<PlannedRequest> =
            operation.map(|operation| of(operation, input.clone())).into_iter().collect();
        if let Some((feedback, comments)) = &self.feedback {
            let mut input = input;
            if let Some(members) = input.as_object_mut() {
                members.insert("Feedback".to_owned(), (*feedback).into());
                if let Some(comments) = comments {
                    members.insert("Comments".to_owned(), comments.as_str().into());
                }
            }
            all.push(of("UpdateFindingsFeedback", input));
        }
        all
    }

    fn warnings(&self, listed: &[Listed], gone: &[String]) -> Vec<Untrusted> {
        let mut all: Vec<Untrusted> =
            gone.iter().map(|id| format!("LEFT OUT: GuardDuty has no finding {id}").into()).collect();
        if let Some(state) = self.state {
            let already = listed.iter().filter(|one| one.state == state).count();
            if already == listed.len() {
                all.push(format!("The finding is {state} already; the call changes nothing.").into());
            } else if already > 0 {
                all.push(format!("{already} of them are {state} already.").into());
            }
        }
        if self.state == Some(ARCHIVED) {
            all.push("An archived finding is not updated: the same activity makes a new one.".into());
        }
        if self.feedback.is_some() {
            all.push("Feedback goes to AWS and can't be taken back.".into());
        }
        if self.state.is_some() {
            all.push("Whoever can read the account's findings, the attacker too, sees this change.".into());
        }
        all
    }

    /// How it is undone, in words.
    fn undo(&self, listed: &[Listed]) -> String {
        let Some(state) = self.state else {
            return "Feedback can't be taken back; other feedback replaces it.".to_owned();
        };
        match listed.iter().find(|one| one.state != state) {
            None => format!("Nothing to undo: the finding is {state} already."),
            Some(one) if listed.len() == 1 => format!("Set the finding back to {}.", one.state),
            Some(one) => {
                let count = listed.iter().filter(|one| one.state != state).count();
                format!("Set {count} findings back to {}.", one.state)
            }
        }
    }
}
