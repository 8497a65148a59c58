//! Archiving a finding in GuardDuty, or bringing it back, with feedback if wanted.

#[cfg(test)]
mod tests;

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{danger, id, known, plain, refuse, shown, text};
use super::kind::{Action, KindInfo, Operations, Parameter};
use super::progress::Progress;
use super::request::{Request, Value, Word};
use super::seal::Seal;
use super::target::{parts, target};
use crate::aws::{BoxFuture, Reader, Writer, captured};
use crate::problem::Problem;
use aws_sdk_guardduty::operation::get_findings::GetFindingsOutput;
use aws_sdk_guardduty::types::Feedback;
use quell_core::incident::{Fact, Found, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::id::{Arn, GuardDutyId};
use quell_core::text::{Id, Untrusted};
use serde::Deserialize;
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
        Parameter { name: "state", required: false, what: "archived (the default) or active" },
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
/// The longest comment, in characters.
const COMMENT: usize = 512;

impl Action for GuarddutyArchive {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            let wanted = Wanted::of(request)?;
            let target = target(request, wanted.arn.as_str())?;
            wanted.place(&target.region)?;
            calls::caller(reader, &target).await?;
            let state = wanted.finding.state(reader).await?;
            Ok(Plan {
                kind: request.kind.clone(),
                title: request.title.clone(),
                step: request.step.clone(),
                target,
                requests: wanted.requests(),
                facts: vec![Fact::new("detector", wanted.finding.detector.as_str()), Fact::new(STATE, state)],
                danger: danger(INFO.danger, request)?,
                destroys: Vec::new(),
                warnings: wanted.warnings(state),
                undo: match state == wanted.state {
                    true => format!("Nothing to undo: the finding is {state} already.").into(),
                    false => format!("Set the finding back to {state}.").into(),
                },
                confirm: wanted.finding.id.as_str().into(),
                undo_of: request.undo_of.clone(),
                set: request.set.clone(),
            })
        })
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some((finding, wanted)) = Finding::of(plan) else { return not_sent("the plan can't be read") };
            let prior = match finding.state(reader).await {
                Err(problem) => {
                    return not_sent(format!("the finding could not be read again: {}", problem.headline()));
                }
                Ok(state) => state,
            };
            if let Some(stopped) = changed(plan, &[Fact::new(STATE, prior)]) {
                return stopped;
            }
            let of = u32::try_from(plan.requests.len()).unwrap_or(u32::MAX);
            let mut ids = Vec::new();
            for (done, request) in (0..of).zip(&plan.requests) {
                progress.step(request.operation.as_str(), done, of);
                match finding.send(&writer, request).await {
                    Ok(id) => ids.extend(id),
                    // The finding itself is done; the feedback after it is words.
                    Err(Outcome::Failed { class, message, .. }) if done > 0 => {
                        let message = format!("the finding is {wanted}; the feedback failed: {}", message.line());
                        return Outcome::Failed { class, message: message.into(), request_ids: ids };
                    }
                    Err(Outcome::Unknown { why }) if done > 0 => {
                        let why = format!(
                            "the finding is {wanted}; whether the feedback arrived is not known: {}",
                            why.line()
                        );
                        return Outcome::Unknown { why: why.into() };
                    }
                    Err(outcome) => return outcome,
                }
            }
            finding.done(wanted, Some(prior), ids)
        })
    }

    fn check<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _token: Token) -> BoxFuture<'a, Found> {
        Box::pin(async move {
            let Some((finding, wanted)) = Finding::of(plan) else {
                return Found::CannotTell("the plan can't be read".into());
            };
            let state = match finding.state(reader).await {
                Err(problem) => return Found::CannotTell(problem.headline().into()),
                Ok(state) => state,
            };
            match state == wanted && changed(plan, &[Fact::new(STATE, state)]).is_some() && plan.requests.len() == 1 {
                true => Found::Ended(finding.done(wanted, opposite(state), Vec::new())),
                false => Found::CannotTell(
                    format!("the finding is {state}; planning again is safe, since the call only sets the state")
                        .into(),
                ),
            }
        })
    }

    fn verify<'a>(&'a self, reader: &'a Reader, plan: &'a Plan, _outcome: &'a Outcome) -> BoxFuture<'a, Verified> {
        Box::pin(async move {
            let Some((finding, wanted)) = Finding::of(plan) else {
                return calls::unverified("the plan can't be read");
            };
            match finding.state(reader).await {
                Err(problem) => calls::unverified(problem.headline()),
                Ok(state) => Verified { holds: Some(state == wanted), facts: vec![Fact::new(STATE, state)] },
            }
        })
    }

    fn tells(&self) -> bool {
        true
    }

    fn seal(&self, plan: &Plan) -> Seal {
        // GuardDuty checks what is done to findings against no resource.
        Seal::each(plan, |_| Vec::new()).in_region(plan)
    }

    fn undo(&self, plan: &Plan, outcome: &Outcome) -> Option<Request> {
        let Outcome::Succeeded { undo: Some(undo), .. } = outcome else { return None };
        let own = |text: Untrusted| Value::Text(Word::own(text));
        let state = undo.get("State")?.as_str()?;
        let arn = plan.target.resource.clone();
        Some(Request::undoing(plan, [("finding", own(arn)), ("state", own(state.into()))]))
    }
}

fn opposite(state: &str) -> Option<&'static str> {
    match state {
        ARCHIVED => Some(ACTIVE),
        ACTIVE => Some(ARCHIVED),
        _ => None,
    }
}

/// What is asked for.
struct Wanted {
    arn: Id<Arn>,
    finding: Finding,
    state: &'static str,
    feedback: Option<(&'static str, Option<String>)>,
}

impl Wanted {
    fn of(request: &Request) -> Result<Self, Problem> {
        known(&INFO, request)?;
        let named = text(request, "finding")?.map(|word| &word.text);
        let named = named.or_else(|| request.finding.as_ref().map(|finding| &finding.id));
        let arn = id::<Arn>("the finding", named.ok_or_else(|| refuse("no finding is named"))?)?;
        let finding = Finding::in_arn(&arn).ok_or_else(|| {
            refuse(format!("{} is no finding of GuardDuty", arn)).next("set its workflow in Security Hub instead")
        })?;
        let choice = |name: &str, choices: [&'static str; 2]| match text(request, name)? {
            None => Ok(None),
            Some(word) => match choices.into_iter().find(|choice| word.text == Untrusted::from(*choice)) {
                Some(choice) => Ok(Some(choice)),
                None => Err(refuse(format!("{name} is {}, not {}", choices.join(" or "), shown(&word.text)))),
            },
        };
        let state = choice("state", [ARCHIVED, ACTIVE])?.unwrap_or(ARCHIVED);
        let comments = text(request, "comments")?.map(|word| plain("comments", &word.text, COMMENT)).transpose()?;
        let feedback = match (choice("feedback", ["USEFUL", "NOT_USEFUL"])?, comments) {
            (None, Some(_)) => return Err(refuse("comments go with feedback, which is not given")),
            (None, None) => None,
            (Some(feedback), comments) => Some((feedback, comments)),
        };
        Ok(Self { arn, finding, state, feedback })
    }

    /// Refuses a finding that says one region in its ARN and another elsewhere.
    fn place(&self, region: &Untrusted) -> Result<(), Problem> {
        match parts(&self.arn) {
            Some(arn) if *region == Untrusted::from(arn.region) => Ok(()),
            _ => Err(refuse(format!("the finding's ARN is not of the region {}: {}", region.line(), self.arn))),
        }
    }

    fn requests(&self) -> Vec<PlannedRequest> {
        let operation = match self.state {
            ARCHIVED => "ArchiveFindings",
            _ => "UnarchiveFindings",
        };
        let input = json!({ "DetectorId": self.finding.detector, "FindingIds": [self.finding.id] });
        let of = |operation: &str, input: Json| PlannedRequest {
            service: "guardduty".to_owned(),
            operation: operation.to_owned(),
            input,
        };
        let mut all = vec![of(operation, input.clone())];
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

    fn warnings(&self, state: &str) -> Vec<Untrusted> {
        let mut all: Vec<Untrusted> = Vec::new();
        if state == self.state {
            all.push(format!("The finding is {state} already; the call changes nothing.").into());
        }
        if self.state == ARCHIVED {
            all.push("An archived finding is not updated: the same activity makes a new one.".into());
        }
        if self.feedback.is_some() {
            all.push("Feedback goes to AWS and can't be taken back.".into());
        }
        all.push("Whoever can read the account's findings, the attacker too, sees this change.".into());
        all
    }
}

/// GetFindings' answer, as far as it is read.
#[derive(Deserialize)]
struct Answer {
    findings: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    service: Service,
}

#[derive(Deserialize)]
struct Service {
    archived: Option<bool>,
}

/// A finding as GuardDuty's operations name it.
struct Finding {
    detector: Id<GuardDutyId>,
    id: Id<GuardDutyId>,
}

impl Finding {
    /// Out of `arn:…:guardduty:region:account:detector/DETECTOR/finding/FINDING`.
    fn in_arn(arn: &Id<Arn>) -> Option<Self> {
        let arn = parts(arn).filter(|arn| arn.service == "guardduty" && !arn.account.is_empty())?;
        let ["detector", detector, "finding", finding] = *arn.resource.split('/').collect::<Vec<_>>() else {
            return None;
        };
        Some(Self { detector: Id::new(detector).ok()?, id: Id::new(finding).ok()? })
    }

    /// The plan's finding and the state that it is to have.
    fn of(plan: &Plan) -> Option<(Self, &'static str)> {
        let request = plan.requests.first()?;
        let wanted = match request.operation.as_str() {
            "ArchiveFindings" => ARCHIVED,
            "UnarchiveFindings" => ACTIVE,
            _ => return None,
        };
        let detector = Id::new(request.input.get("DetectorId")?.as_str()?).ok()?;
        let id = Id::new(request.input.get("FindingIds")?.get(0)?.as_str()?).ok()?;
        Some((Self { detector, id }, wanted))
    }

    /// Whether it is archived now.
    async fn state(&self, reader: &Reader) -> Result<&'static str, Problem> {
        let call = reader.guardduty().get_findings().detector_id(self.detector.as_str());
        let call = call.finding_ids(self.id.as_str());
        // The bytes, since the types refuse findings that are real.
        let answer = captured!(call, GetFindingsOutput::builder().build());
        let answer: Answer = calls::read(reader, "guardduty:GetFindings", answer)?;
        let found = answer.findings.into_iter().find(|finding| finding.id == self.id.as_str());
        let found = found.ok_or_else(|| {
            Problem::aws(format!("GuardDuty has no finding {}", self.id))
                .meaning("it may be older than 90 days, or of another account or region")
        })?;
        match found.service.archived {
            Some(true) => Ok(ARCHIVED),
            _ => Ok(ACTIVE),
        }
    }

    /// Sends one of the plan's requests, once; the error is how the action ended.
    async fn send(&self, writer: &Writer, request: &PlannedRequest) -> Result<Vec<Untrusted>, Outcome> {
        let (client, detector, id) = (writer.guardduty(), self.detector.as_str(), self.id.as_str());
        let operation = format!("guardduty:{}", request.operation);
        let text = |name: &str| request.input.get(name).and_then(Json::as_str);
        match request.operation.as_str() {
            "ArchiveFindings" => {
                let sent = client.archive_findings().detector_id(detector).finding_ids(id).send().await;
                sent.map(|answer| calls::request_ids(&answer)).map_err(|e| writer.outcome(&operation, &e))
            }
            "UnarchiveFindings" => {
                let sent = client.unarchive_findings().detector_id(detector).finding_ids(id).send().await;
                sent.map(|answer| calls::request_ids(&answer)).map_err(|e| writer.outcome(&operation, &e))
            }
            "UpdateFindingsFeedback" => {
                let call = client.update_findings_feedback().detector_id(detector).finding_ids(id);
                let call = call.feedback(Feedback::from(text("Feedback").unwrap_or_default()));
                let sent = call.set_comments(text("Comments").map(str::to_owned)).send().await;
                sent.map(|answer| calls::request_ids(&answer)).map_err(|e| writer.outcome(&operation, &e))
            }
            _ => Err(not_sent("the plan holds a request that this kind does not send")),
        }
    }

    fn done(&self, state: &str, prior: Option<&str>, request_ids: Vec<Untrusted>) -> Outcome {
        Outcome::Succeeded {
            outcome: format!("{} is {state}", self.id).into(),
            request_ids,
            undo: prior.filter(|prior| *prior != state).map(|prior| json!({ "State": prior })),
            facts: Vec::new(),
        }
    }
}
