//! Findings as Security Hub has them now: who they are, and their workflow status.

use super::Identifier;
use crate::aws::Reader;
use crate::problem::{Problem, clean};
use aws_sdk_securityhub::types::{AwsSecurityFindingFilters, StringFilter, StringFilterComparison};
use quell_core::incident::{Fact, Target};

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

/// The findings of these ids in the target's account; one that is not there is a problem.
pub(super) async fn findings(reader: &Reader, target: &Target, ids: &[String]) -> Result<Vec<Listed>, Problem> {
    let equals = |value: &str| StringFilter::builder().value(value).comparison(StringFilterComparison::Equals).build();
    let account = target.account.line();
    let filters = AwsSecurityFindingFilters::builder()
        .set_id(Some(ids.iter().map(|id| equals(id)).collect()))
        .aws_account_id(equals(account.as_str()))
        .build();
    let answer = reader.securityhub().get_findings().filters(filters).max_results(100).send().await;
    let answer = answer.map_err(|error| reader.problem("securityhub:GetFindings", &error))?;
    let mut all: Vec<Listed> = answer
        .findings()
        .iter()
        .filter_map(|finding| {
            let identifier =
                Identifier { id: finding.id()?.to_owned(), product_arn: finding.product_arn()?.to_owned() };
            // A finding whose workflow nobody has set is new.
            let status = finding.workflow().and_then(|w| w.status()).map_or("NEW", |status| status.as_str());
            Some(Listed { identifier, status: status.to_owned() })
        })
        .filter(|listed| ids.contains(&listed.identifier.id))
        .collect();
    all.sort_by(|a, b| a.identifier.cmp(&b.identifier));
    all.dedup_by(|a, b| a.identifier == b.identifier);
    match ids.iter().find(|id| !all.iter().any(|listed| listed.identifier.id == **id)) {
        None => Ok(all),
        Some(id) => Err(Problem::aws(format!("Security Hub has no finding {}", clean(id)))
            .meaning("it may be older than 90 days, of another account or region, or not imported; nothing was sent")
            .next("look at the finding's account and region")),
    }
}
