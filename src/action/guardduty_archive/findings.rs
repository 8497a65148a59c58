//! Findings as GuardDuty's operations name them: by a detector and their ids; what they are now, and what is sent.

use super::super::calls;
use super::super::facts::not_sent;
use super::super::fields::refuse;
use super::super::target::parts;
use super::{ACTIVE, ARCHIVED, STATE};
use crate::aws::{Reader, Writer, captured};
use crate::problem::Problem;
use aws_sdk_guardduty::operation::get_findings::GetFindingsOutput;
use aws_sdk_guardduty::types::Feedback;
use quell_core::incident::{Fact, Outcome, Plan, PlannedRequest};
use quell_core::text::id::{Arn, GuardDutyId};
use quell_core::text::{Id, Untrusted};
use serde::Deserialize;
use serde_json::{Value as Json, json};

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
#[serde(rename_all = "camelCase")]
struct Service {
    archived: Option<bool>,
    user_feedback: Option<String>,
}

/// What a finding is now.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub id: String,
    pub state: &'static str,
    pub feedback: Option<String>,
}

/// Findings of one detector.
pub(super) struct Findings {
    pub detector: Id<GuardDutyId>,
    pub ids: Vec<Id<GuardDutyId>>,
}

impl Findings {
    /// Out of `arn:…:guardduty:region:account:detector/DETECTOR/finding/FINDING`.
    pub(super) fn in_arns(arns: &[Id<Arn>]) -> Result<Self, Problem> {
        let mut all: Option<Self> = None;
        for arn in arns {
            let (detector, id) = named(arn).ok_or_else(|| {
                refuse(format!("{arn} is no finding of GuardDuty")).next("set its workflow in Security Hub instead")
            })?;
            let all = all.get_or_insert_with(|| Self { detector: detector.clone(), ids: Vec::new() });
            if all.detector != detector {
                return Err(refuse("the findings are of several detectors").next("do them in several actions"));
            }
            if !all.ids.contains(&id) {
                all.ids.push(id);
            }
        }
        all.ok_or_else(|| refuse("no finding is named"))
    }

    /// The plan's findings and the state that they are to have; none where only feedback is given.
    pub(super) fn of(plan: &Plan) -> Option<(Self, Option<&'static str>)> {
        let request = plan.requests.first()?;
        let wanted = match request.operation.as_str() {
            "ArchiveFindings" => Some(ARCHIVED),
            "UnarchiveFindings" => Some(ACTIVE),
            "UpdateFindingsFeedback" => None,
            _ => return None,
        };
        let detector = Id::new(request.input.get("DetectorId")?.as_str()?).ok()?;
        let ids = request.input.get("FindingIds")?.as_array()?;
        let ids = ids.iter().map(|id| Id::new(id.as_str()?).ok()).collect::<Option<Vec<_>>>()?;
        (!ids.is_empty()).then_some((Self { detector, ids }, wanted))
    }

    /// Those of them that are there.
    pub(super) fn only(&self, listed: &[Listed]) -> Self {
        let there = |id: &&Id<GuardDutyId>| listed.iter().any(|one| one.id == id.as_str());
        Self { detector: self.detector.clone(), ids: self.ids.iter().filter(there).cloned().collect() }
    }

    /// A finding's ARN: the target itself where it is that one, else in the target's account and region.
    pub(super) fn arn(&self, plan: &Plan, id: &Id<GuardDutyId>) -> String {
        if let Ok(arn) = plan.target.resource.parse::<Arn>() {
            return arn.as_str().to_owned();
        }
        super::super::seal::arn(plan, "guardduty", &format!("detector/{}/finding/{id}", self.detector))
    }

    /// What they are now, and the ids of those that are not there; a problem where none is.
    pub(super) async fn there(&self, reader: &Reader) -> Result<(Vec<Listed>, Vec<String>), Problem> {
        let call = reader.guardduty().get_findings().detector_id(self.detector.as_str());
        let call = call.set_finding_ids(Some(self.ids.iter().map(|id| id.as_str().to_owned()).collect()));
        // The bytes, since the types refuse findings that are real.
        let answer = captured!(call, GetFindingsOutput::builder().build());
        let answer: Answer = calls::read(reader, "guardduty:GetFindings", answer)?;
        let (mut listed, mut gone) = (Vec::new(), Vec::new());
        for id in &self.ids {
            match answer.findings.iter().find(|finding| finding.id == id.as_str()) {
                None => gone.push(id.as_str().to_owned()),
                Some(Entry { id, service }) => listed.push(Listed {
                    id: id.clone(),
                    state: if service.archived == Some(true) { ARCHIVED } else { ACTIVE },
                    feedback: service.user_feedback.clone(),
                }),
            }
        }
        match (listed.is_empty(), gone.first()) {
            (true, Some(id)) => Err(absent(id)),
            _ => Ok((listed, gone)),
        }
    }

    /// The same; one that is not there is a problem.
    pub(super) async fn all(&self, reader: &Reader) -> Result<Vec<Listed>, Problem> {
        let (listed, gone) = self.there(reader).await?;
        match gone.first() {
            None => Ok(listed),
            Some(id) => Err(absent(id)),
        }
    }

    /// The fact that is read again before the call.
    pub(super) fn fact(&self, one: &Listed) -> Fact {
        match self.ids.len() {
            1 => Fact::new(STATE, one.state),
            _ => Fact::new(format!("state of {}", one.id), one.state),
        }
    }

    pub(super) fn facts(&self, listed: &[Listed]) -> Vec<Fact> {
        listed.iter().map(|one| self.fact(one)).collect()
    }

    /// The findings as the plan's facts say that they were.
    pub(super) fn planned(&self, plan: &Plan) -> Vec<Listed> {
        let of = |id: &Id<GuardDutyId>| {
            let one = |state| Listed { id: id.as_str().to_owned(), state, feedback: None };
            let states = [ARCHIVED, ACTIVE].into_iter().map(one);
            states.into_iter().find(|one| plan.facts.contains(&self.fact(one)))
        };
        self.ids.iter().filter_map(of).collect()
    }

    /// Sends one of the plan's requests, once; the error is how the action ended.
    pub(super) async fn send(&self, writer: &Writer, request: &PlannedRequest) -> Result<Vec<Untrusted>, Outcome> {
        let (client, detector) = (writer.guardduty(), self.detector.as_str());
        let ids = Some(self.ids.iter().map(|id| id.as_str().to_owned()).collect());
        let operation = format!("guardduty:{}", request.operation);
        let text = |name: &str| request.input.get(name).and_then(Json::as_str);
        match request.operation.as_str() {
            "ArchiveFindings" => {
                let sent = client.archive_findings().detector_id(detector).set_finding_ids(ids).send().await;
                sent.map(|answer| calls::request_ids(&answer)).map_err(|e| writer.outcome(&operation, &e))
            }
            "UnarchiveFindings" => {
                let sent = client.unarchive_findings().detector_id(detector).set_finding_ids(ids).send().await;
                sent.map(|answer| calls::request_ids(&answer)).map_err(|e| writer.outcome(&operation, &e))
            }
            "UpdateFindingsFeedback" => {
                let call = client.update_findings_feedback().detector_id(detector).set_finding_ids(ids);
                let call = call.feedback(Feedback::from(text("Feedback").unwrap_or_default()));
                let sent = call.set_comments(text("Comments").map(str::to_owned)).send().await;
                sent.map(|answer| calls::request_ids(&answer)).map_err(|e| writer.outcome(&operation, &e))
            }
            _ => Err(not_sent("the plan holds a request that this kind does not send")),
        }
    }

    /// What they are afterwards, in words.
    pub(super) fn words(&self, wanted: Option<&str>) -> String {
        match (self.ids.as_slice(), wanted) {
            ([one], Some(state)) => format!("{one} is {state}"),
            (several, Some(state)) => format!("{} findings are {state}", several.len()),
            (several, None) => format!("GuardDuty took the feedback on {} finding(s)", several.len()),
        }
    }

    /// What an undo needs.
    pub(super) fn before(&self, wanted: Option<&str>, prior: &[Listed]) -> Option<Json> {
        let differ: Vec<&Listed> = prior.iter().filter(|one| wanted.is_some_and(|w| w != one.state)).collect();
        let state = differ.first()?.state;
        Some(match self.ids.len() {
            1 => json!({ "State": state }),
            _ => json!({ "State": state, "Findings": differ.iter().map(|one| &one.id).collect::<Vec<_>>() }),
        })
    }

    pub(super) fn done(&self, wanted: Option<&str>, prior: &[Listed], request_ids: Vec<Untrusted>) -> Outcome {
        let undo = self.before(wanted, prior);
        Outcome::Succeeded { outcome: self.words(wanted).into(), request_ids, undo, facts: Vec::new() }
    }
}

fn named(arn: &Id<Arn>) -> Option<(Id<GuardDutyId>, Id<GuardDutyId>)> {
    let arn = parts(arn).filter(|arn| arn.service == "guardduty" && !arn.account.is_empty())?;
    let ["detector", detector, "finding", finding] = *arn.resource.split('/').collect::<Vec<_>>() else {
        return None;
    };
    Some((Id::new(detector).ok()?, Id::new(finding).ok()?))
}

fn absent(id: &str) -> Problem {
    Problem::aws(format!("GuardDuty has no finding {id}"))
        .meaning("it may be older than 90 days, or of another account or region")
}
