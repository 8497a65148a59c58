//! Findings as Security Hub has them now: who they are, and their workflow status.

use super::super::calls;
use super::{Identifier, Status};
use crate::aws::{Reader, captured};
use crate::problem::{Problem, clean};
use aws_sdk_securityhub::operation::get_findings::GetFindingsOutput;
use aws_sdk_securityhub::types::{AwsSecurityFindingFilters, StringFilter, StringFilterComparison};
use quell_core::incident::{Fact, Target};
use serde::Deserialize;

/// The statuses of a workflow.
pub(super) const STATUSES: [&str; 4] = ["NEW", "NOTIFIED", "SUPPRESSED", "RESOLVED"];

/// A finding and its workflow status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub identifier: Identifier,
    pub status: String,
}

impl Listed {
    /// The fact that is read again before the call.
    pub(super) fn fact(&self) -> Fact {
        Fact::new(format!("workflow of {}", self.identifier.id), self.status.as_str())
    }
}

/// The answer, as far as it is read: the members by which a finding is named, and its workflow.
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
}

fn empty() -> GetFindingsOutput {
    GetFindingsOutput::builder().build()
}

/// The findings of these ids in the target's account; one that is not there is a problem.
pub(super) async fn findings(reader: &Reader, target: &Target, ids: &[String]) -> Result<Vec<Listed>, Problem> {
    let equals = |value: &str| StringFilter::builder().value(value).comparison(StringFilterComparison::Equals).build();
    let account = target.account.line();
    let filters = AwsSecurityFindingFilters::builder()
        .set_id(Some(ids.iter().map(|id| equals(id)).collect()))
        .aws_account_id(equals(account.as_str()))
        .build();
    let call = reader.securityhub().get_findings().filters(filters).max_results(100);
    let answer: Answer = calls::read(reader, "securityhub:GetFindings", captured!(call, empty()))?;
    let listed = |finding: Entry| Listed {
        identifier: Identifier { id: finding.id, product_arn: finding.product_arn },
        // A finding whose workflow nobody has set is new.
        status: finding.workflow.map_or_else(|| "NEW".to_owned(), |workflow| workflow.status),
    };
    let mut all: Vec<Listed> =
        answer.findings.into_iter().filter(|finding| ids.contains(&finding.id)).map(listed).collect();
    all.sort_by(|a, b| a.identifier.cmp(&b.identifier));
    all.dedup_by(|a, b| a.identifier == b.identifier);
    match ids.iter().find(|id| !all.iter().any(|listed| listed.identifier.id == **id)) {
        None => Ok(all),
        Some(id) => Err(Problem::aws(format!("Security Hub has no finding {}", clean(id)))
            .meaning("it may be older than 90 days, of another account or region, or not imported; nothing was sent")
            .next("look at the finding's account and region")),
    }
}
