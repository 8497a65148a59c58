//! One BatchUpdateFindings, by the service model's names: what is planned of it, how it is sent, and what Security Hub
//! did not take of it.

use crate::aws::Writer;
use crate::problem::clean;
use aws_sdk_securityhub::operation::batch_update_findings::BatchUpdateFindingsOutput;
use aws_sdk_securityhub::types::{
    AwsSecurityFindingIdentifier, NoteUpdate, SeverityLabel, SeverityUpdate, WorkflowStatus, WorkflowUpdate,
};
use quell_core::incident::{FailClass, Outcome, Plan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What stands in a plan's request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    pub finding_identifiers: Vec<Identifier>,
    #[serde(flatten)]
    pub change: Change,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
}

/// What a finding is to have, or had; what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Change {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<Status>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Rated>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_defined_fields: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Identifier {
    pub id: String,
    pub product_arn: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Status {
    pub status: String,
}

/// A severity: its label, and the number where one is to be put back.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Rated {
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalized: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Note {
    pub text: String,
    pub updated_by: String,
}

impl Change {
    /// Whether a finding that has `now` has what is asked for. The number follows the label where none is given.
    pub(super) fn holds(&self, now: &Self) -> bool {
        let rated = |wanted: &Rated| {
            let same = |there: &Rated| {
                there.label == wanted.label && (wanted.normalized.is_none() || there.normalized == wanted.normalized)
            };
            now.severity.as_ref().is_some_and(same)
        };
        self.workflow.as_ref().is_none_or(|wanted| now.workflow.as_ref() == Some(wanted))
            && self.severity.as_ref().is_none_or(rated)
            && self.user_defined_fields.as_ref().is_none_or(|wanted| now.user_defined_fields.as_ref() == Some(wanted))
    }

    /// In words: `NOTIFIED, severity HIGH, 1 field(s) of your own`.
    pub(super) fn words(&self) -> String {
        let parts = [
            self.workflow.as_ref().map(|workflow| workflow.status.clone()),
            self.severity.as_ref().map(|severity| format!("severity {}", severity.label)),
            self.user_defined_fields.as_ref().map(|fields| format!("{} user-defined field(s)", fields.len())),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// The plan's requests; none where they can't be read.
pub(super) fn updates(plan: &Plan) -> Option<Vec<Update>> {
    plan.requests.iter().map(|request| serde_json::from_value(request.input.clone()).ok()).collect()
}

/// Sends it, once.
pub(super) async fn send(writer: &Writer, update: &Update) -> Result<BatchUpdateFindingsOutput, Outcome> {
    let Change { workflow, severity, user_defined_fields } = &update.change;
    let workflow =
        workflow.as_ref().map(|w| WorkflowUpdate::builder().status(WorkflowStatus::from(w.status.as_str())).build());
    let rated = |s: &Rated| {
        let label = SeverityLabel::from(s.label.as_str());
        SeverityUpdate::builder().label(label).set_normalized(s.normalized).build()
    };
    let mut call = writer.securityhub().batch_update_findings().set_workflow(workflow);
    call = call.set_severity(severity.as_ref().map(rated));
    call = call.set_user_defined_fields(user_defined_fields.clone().map(|fields| fields.into_iter().collect()));
    for identifier in &update.finding_identifiers {
        let built =
            AwsSecurityFindingIdentifier::builder().id(&identifier.id).product_arn(&identifier.product_arn).build();
        call = call.finding_identifiers(built);
    }
    if let Some(note) = &update.note {
        call = call.note(NoteUpdate::builder().text(&note.text).updated_by(&note.updated_by).build());
    }
    call.send().await.map_err(|error| writer.outcome("securityhub:BatchUpdateFindings", &error))
}

/// What Security Hub did not take.
pub(super) struct Refused {
    pub ids: Vec<String>,
    pub class: FailClass,
    /// Each with Security Hub's own words.
    pub words: Vec<String>,
}

/// `None` when it took all.
pub(super) fn refused(answer: &BatchUpdateFindingsOutput) -> Option<Refused> {
    let all = answer.unprocessed_findings();
    let id = |finding: &aws_sdk_securityhub::types::BatchUpdateFindingsUnprocessedFinding| {
        finding.finding_identifier().and_then(|i| i.id()).map(str::to_owned)
    };
    let words = all.iter().map(|finding| {
        let named = id(finding).unwrap_or_else(|| "a finding".to_owned());
        let (code, words) = (finding.error_code().unwrap_or("?"), finding.error_message().unwrap_or_default());
        format!("{}: {} {}", clean(&named), clean(code), clean(words))
    });
    let words: Vec<String> = words.collect();
    let class = match all.first().and_then(|finding| finding.error_code()) {
        Some(code) if code.contains("NotFound") => FailClass::NotFound,
        Some(code) if code.contains("Concurrent") => FailClass::Conflict,
        Some(code) if code.contains("Invalid") => FailClass::Validation,
        _ => FailClass::Other,
    };
    (!words.is_empty()).then(|| Refused { ids: all.iter().filter_map(id).collect(), class, words })
}
