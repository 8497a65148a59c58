//! Findings as Security Hub has them now: who they are, and what triage has said of them.

use super::super::calls;
use super::update::{Change, Identifier, Rated, Status};
use crate::aws::{Reader, captured};
use crate::problem::{Problem, clean};
use aws_sdk_securityhub::operation::get_findings::GetFindingsOutput;
use aws_sdk_securityhub::types::{AwsSecurityFindingFilters, StringFilter, StringFilterComparison};
use quell_core::incident::{Fact, Plan, Target};
use quell_core::text::Untrusted;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The statuses of a workflow, and the labels of a severity.
pub(super) const STATUSES: [&str; 4] = ["NEW", "NOTIFIED", "SUPPRESSED", "RESOLVED"];
pub(super) const LABELS: [&str; 5] = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"];

/// So many ids are looked up at once, by the filters' limit.
const AT_ONCE: usize = 20;

/// A finding, and what triage has said of it: every member of it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub identifier: Identifier,
    pub has: Change,
}

impl Listed {
    /// The facts that are read again before the call: of what the call sets, and of nothing else.
    pub(super) fn facts(&self, sets: &Change) -> Vec<Fact> {
        let (id, has) = (&self.identifier.id, &self.has);
        let mut all = Vec::new();
        if let (Some(_), Some(status)) = (&sets.workflow, &has.workflow) {
            all.push(Fact::new(format!("workflow of {id}"), status.status.as_str()));
        }
        if let (Some(_), Some(Rated { label, normalized })) = (&sets.severity, &has.severity) {
            let number = normalized.map(|n| format!(" {n}")).unwrap_or_default();
            all.push(Fact::new(format!("severity of {id}"), format!("{label}{number}")));
        }
        if let (Some(_), Some(fields)) = (&sets.user_defined_fields, &has.user_defined_fields) {
            let text = serde_json::to_string(fields).unwrap_or_default();
            all.push(Fact::new(format!("user-defined fields of {id}"), text));
        }
        all
    }

    /// The finding as the plan's facts say that it was.
    pub(super) fn before(identifier: &Identifier, plan: &Plan) -> Self {
        let fact = |what: &str| {
            let name = Untrusted::from(format!("{what} of {}", identifier.id));
            plan.facts.iter().find(|fact| fact.name == name).map(|fact| super::super::fields::exact(&fact.value))
        };
        let rated = |text: String| match text.split_once(' ') {
            None => Rated { label: text, normalized: None },
            Some((label, number)) => Rated { label: label.to_owned(), normalized: number.parse().ok() },
        };
        let has = Change {
            workflow: fact("workflow").map(|status| Status { status }),
            severity: fact("severity").map(rated),
            user_defined_fields: fact("user-defined fields").and_then(|text| serde_json::from_str(&text).ok()),
        };
        Self { identifier: identifier.clone(), has }
    }
}

/// The answer, as far as it is read: the members by which a finding is named, and what triage sets.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    findings: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    product_arn: String,
    workflow: Option<Status>,
    severity: Option<Severity>,
    user_defined_fields: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Severity {
    label: Option<String>,
    normalized: Option<i32>,
}

impl Entry {
    fn listed(self) -> Listed {
        let severity = self.severity.map(|s| Rated { label: s.label.unwrap_or_default(), normalized: s.normalized });
        // A finding whose workflow nobody has set is new.
        let new = || Status { status: "NEW".to_owned() };
        let has = Change {
            workflow: Some(self.workflow.unwrap_or_else(new)),
            severity: Some(severity.unwrap_or_default()),
            user_defined_fields: Some(self.user_defined_fields.unwrap_or_default()),
        };
        Listed { identifier: Identifier { id: self.id, product_arn: self.product_arn }, has }
    }
}

fn empty() -> GetFindingsOutput {
    GetFindingsOutput::builder().build()
}

/// The findings of these ids in the target's account; those that are not there are left out.
pub(super) async fn there(reader: &Reader, target: &Target, ids: &[String]) -> Result<Vec<Listed>, Problem> {
    let mut all = Vec::new();
    for ids in ids.chunks(AT_ONCE) {
        let equals =
            |value: &str| StringFilter::builder().value(value).comparison(StringFilterComparison::Equals).build();
        let account = target.account.line();
        let filters = AwsSecurityFindingFilters::builder()
            .set_id(Some(ids.iter().map(|id| equals(id)).collect()))
            .aws_account_id(equals(account.as_str()))
            .build();
        let call = reader.securityhub().get_findings().filters(filters).max_results(100);
        let answer: Answer = calls::read(reader, "securityhub:GetFindings", captured!(call, empty()))?;
        all.extend(answer.findings.into_iter().filter(|finding| ids.contains(&finding.id)).map(Entry::listed));
    }
    all.sort_by(|a, b| a.identifier.cmp(&b.identifier));
    all.dedup_by(|a, b| a.identifier == b.identifier);
    Ok(all)
}

/// The same; one that is not there is a problem.
pub(super) async fn findings(reader: &Reader, target: &Target, ids: &[String]) -> Result<Vec<Listed>, Problem> {
    let all = there(reader, target, ids).await?;
    match ids.iter().find(|id| !all.iter().any(|listed| listed.identifier.id == **id)) {
        None => Ok(all),
        Some(id) => Err(absent(id)),
    }
}

/// What is said of a finding that is not there.
pub(super) fn absent(id: &str) -> Problem {
    Problem::aws(format!("Security Hub has no finding {}", clean(id)))
        .meaning("it may be older than 90 days, of another account or region, or not imported; nothing was sent")
        .next("look at the finding's account and region")
}
