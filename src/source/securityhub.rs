//! Security Hub: whether it is on, then its findings page by page, newest first.
//!
//! GetFindings takes 3 requests a second and gives at most 100 findings a page (Security Hub API Reference). It does
//! not move UpdatedAt when a workflow status is set by BatchUpdateFindings, so such changes come with the next full
//! reading.

use super::carry::page;
use super::guardduty::onward;
use super::{Ask, Page, Rate, Source, Taken, Walk};
use crate::aws::{BoxFuture, Failure, Operation, Reader, captured};
use aws_sdk_securityhub::operation::describe_hub::DescribeHubOutput;
use aws_sdk_securityhub::operation::get_findings::GetFindingsOutput;
use aws_sdk_securityhub::types::{
    AwsSecurityFindingFilters, DateFilter, SortCriterion, SortOrder, StringFilter, StringFilterComparison,
};
use jiff::{SignedDuration, Timestamp};
use quell_core::finding::{Via, read_answer};
use quell_core::text::Untrusted;
use serde::Deserialize;

const PAGE: i32 = 100;
/// Three requests a second, six at once.
const RATE: Rate = Rate { gap: SignedDuration::from_millis(334), burst: 6 };

/// Security Hub's findings (CSPM, in ASFF).
pub(super) struct SecurityHub;

impl Source for SecurityHub {
    fn via(&self) -> Via {
        Via::Securityhub
    }

    fn operations(&self) -> &'static [Operation] {
        &[("SecurityHub", "DescribeHub"), ("SecurityHub", "GetFindings")]
    }

    fn rate(&self) -> Option<Rate> {
        Some(RATE)
    }

    fn walk(&self, region: &str, since: Option<Timestamp>) -> Box<dyn Walk> {
        Box::new(Through { region: region.to_owned(), since, at: At::Hub })
    }

    fn call<'a>(&'a self, reader: &'a Reader, ask: &'a Ask) -> BoxFuture<'a, Result<Page, Failure>> {
        Box::pin(call(reader, ask))
    }
}

async fn call(reader: &Reader, ask: &Ask) -> Result<Page, Failure> {
    let client = reader.securityhub();
    if ask.operation == "DescribeHub" {
        return captured!(client.describe_hub(), DescribeHubOutput::builder().build()).map(page);
    }
    let sort = SortCriterion::builder().field("UpdatedAt").sort_order(SortOrder::Descending).build();
    let call = client.get_findings().filters(filters(ask)).sort_criteria(sort);
    let call = call.max_results(PAGE).set_next_token(ask.token.clone());
    captured!(call, GetFindingsOutput::builder().build()).map(page)
}

/// All active records; or whatever was updated since, so that an archived one is seen to be so.
fn filters(ask: &Ask) -> AwsSecurityFindingFilters {
    let filters = AwsSecurityFindingFilters::builder();
    match ask.since {
        // A date filter with a start needs an end; one well ahead takes in clocks that are.
        Some(since) => {
            let end = since.checked_add(SignedDuration::from_hours(24 * 366)).unwrap_or(Timestamp::MAX);
            filters.updated_at(DateFilter::builder().start(since.to_string()).end(end.to_string()).build()).build()
        }
        None => {
            let active = StringFilter::builder().comparison(StringFilterComparison::Equals).value("ACTIVE").build();
            filters.record_state(active).build()
        }
    }
}

struct Through {
    region: String,
    since: Option<Timestamp>,
    at: At,
}

enum At {
    Hub,
    Findings { token: Option<String> },
    End,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Next {
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Hub {
    hub_arn: String,
}

impl Walk for Through {
    fn ask(&self) -> Option<Ask> {
        match &self.at {
            At::Hub => Some(Ask { operation: "DescribeHub", ..Ask::default() }),
            At::Findings { token } => {
                Some(Ask { operation: "GetFindings", since: self.since, token: token.clone(), ..Ask::default() })
            }
            At::End => None,
        }
    }

    fn take(&mut self, page: &Page) -> Result<Taken, Failure> {
        let unreadable = |what: String| Failure::unreadable(what, page.request_id.clone());
        let senseless = |error: serde_json::Error| unreadable(format!("the answer makes no sense: {error}"));
        match &self.at {
            At::Hub => {
                let hub: Hub = serde_json::from_slice(&page.body).map_err(senseless)?;
                if hub.hub_arn.is_empty() {
                    return Err(unreadable("the answer names no hub".to_owned()));
                }
                self.at = At::Findings { token: None };
                Ok(Taken::default())
            }
            At::Findings { token } => {
                let mut batch = read_answer(&page.body, Via::Securityhub).map_err(|e| unreadable(e.reason))?;
                let next: Next = serde_json::from_slice(&page.body).map_err(senseless)?;
                let next = onward(token.as_deref(), next.next_token).map_err(unreadable)?;
                for finding in &mut batch.findings {
                    // The Region field is the aggregator's; a record without one is from the region that was asked.
                    finding.region.get_or_insert_with(|| Untrusted::from(self.region.as_str()));
                }
                self.at = match next {
                    Some(token) => At::Findings { token: Some(token) },
                    None => At::End,
                };
                let bad = batch.errors.into_iter().map(|error| error.reason).collect();
                Ok(Taken { findings: batch.findings, bad })
            }
            At::End => Ok(Taken::default()),
        }
    }
}
