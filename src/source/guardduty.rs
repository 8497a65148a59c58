//! GuardDuty: the detectors of a region, their findings' ids page by page, and the findings themselves.
//!
//! There is one detector for an account and region; an empty list of detectors means that GuardDuty is not switched
//! on. ListFindings gives ids only, at most 50 a page; GetFindings takes at most 50 (GuardDuty API Reference).

use super::carry::page;
use super::{Ask, Page, Rate, Source, Taken, Walk};
use crate::aws::{BoxFuture, ErrorClass, Failure, Operation, Reader, captured};
use aws_sdk_guardduty::operation::get_findings::GetFindingsOutput;
use aws_sdk_guardduty::operation::list_detectors::ListDetectorsOutput;
use aws_sdk_guardduty::operation::list_findings::ListFindingsOutput;
use aws_sdk_guardduty::types::{Condition, FindingCriteria, OrderBy, SortCriteria};
use jiff::Timestamp;
use quell_core::finding::{Via, read_answer};
use quell_core::text::id::{GuardDutyId, Id};
use serde::Deserialize;
use std::collections::VecDeque;

const PAGE: i32 = 50;

/// GuardDuty's findings.
pub(super) struct GuardDuty;

impl Source for GuardDuty {
    fn via(&self) -> Via {
        Via::Guardduty
    }

    fn operations(&self) -> &'static [Operation] {
        &[("GuardDuty", "ListDetectors"), ("GuardDuty", "ListFindings"), ("GuardDuty", "GetFindings")]
    }

    fn rate(&self) -> Option<Rate> {
        // None is published; one request at a time, and waiting when asked to, has to do.
        None
    }

    fn walk(&self, _: &str, since: Option<Timestamp>) -> Box<dyn Walk> {
        Box::new(Through { since, detectors: VecDeque::new(), at: At::Detectors { token: None } })
    }

    fn call<'a>(&'a self, reader: &'a Reader, ask: &'a Ask) -> BoxFuture<'a, Result<Page, Failure>> {
        Box::pin(call(reader, ask))
    }
}

async fn call(reader: &Reader, ask: &Ask) -> Result<Page, Failure> {
    let client = reader.guardduty();
    let captured = match ask.operation {
        "ListDetectors" => {
            let call = client.list_detectors().set_next_token(ask.token.clone());
            captured!(call, ListDetectorsOutput::builder().build())
        }
        "ListFindings" => {
            let sort = SortCriteria::builder().attribute_name("updatedAt").order_by(OrderBy::Desc).build();
            let call = client.list_findings().detector_id(&ask.detector).finding_criteria(criteria(ask));
            let call = call.sort_criteria(sort).max_results(PAGE).set_next_token(ask.token.clone());
            captured!(call, ListFindingsOutput::builder().build())
        }
        _ => {
            let call = client.get_findings().detector_id(&ask.detector).set_finding_ids(Some(ask.ids.clone()));
            captured!(call, GetFindingsOutput::builder().build())
        }
    };
    captured.map(page)
}

/// All that is not archived; or whatever was updated since, so that an archived one is seen to be so.
fn criteria(ask: &Ask) -> FindingCriteria {
    let (field, condition) = match ask.since {
        Some(since) => ("updatedAt", Condition::builder().greater_than_or_equal(since.as_millisecond())),
        None => ("service.archived", Condition::builder().equals("false")),
    };
    FindingCriteria::builder().criterion(field, condition.build()).build()
}

struct Through {
    since: Option<Timestamp>,
    /// Detectors that are still to be walked through; the first is under way.
    detectors: VecDeque<String>,
    at: At,
}

enum At {
    Detectors {
        token: Option<String>,
    },
    Ids {
        token: Option<String>,
    },
    /// The findings of one page of ids; then the next page, if there is one.
    Findings {
        ids: Vec<String>,
        token: Option<String>,
    },
    End,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detectors {
    detector_ids: Vec<String>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ids {
    finding_ids: Vec<String>,
    next_token: Option<String>,
}

impl Walk for Through {
    fn ask(&self) -> Option<Ask> {
        let detector = self.detectors.front().cloned().unwrap_or_default();
        Some(match &self.at {
            At::Detectors { token } => Ask { operation: "ListDetectors", token: token.clone(), ..Ask::default() },
            At::Ids { token } => {
                Ask { operation: "ListFindings", detector, since: self.since, token: token.clone(), ..Ask::default() }
            }
            At::Findings { ids, .. } => Ask { operation: "GetFindings", detector, ids: ids.clone(), ..Ask::default() },
            At::End => return None,
        })
    }

    fn take(&mut self, page: &Page) -> Result<Taken, Failure> {
        let unreadable = |what: String| Failure::unreadable(what, page.request_id.clone());
        match &self.at {
            At::Detectors { token } => {
                let read: Detectors = read(page)?;
                let next = onward(token.as_deref(), read.next_token).map_err(unreadable)?;
                let ids: Result<Vec<Id<GuardDutyId>>, _> = read.detector_ids.iter().map(|id| Id::new(id)).collect();
                let ids = ids.map_err(|bad| unreadable(format!("a detector's id is {bad}")))?;
                self.detectors.extend(ids.iter().map(|id| id.as_str().to_owned()));
                self.at = match next {
                    Some(token) => At::Detectors { token: Some(token) },
                    None if self.detectors.is_empty() => return Err(not_enabled(page)),
                    None => At::Ids { token: None },
                };
                Ok(Taken::default())
            }
            At::Ids { token } => {
                let read: Ids = read(page)?;
                let token = onward(token.as_deref(), read.next_token).map_err(unreadable)?;
                self.at = match read.finding_ids.is_empty() {
                    true => self.past(token),
                    false => At::Findings { ids: read.finding_ids, token },
                };
                Ok(Taken::default())
            }
            At::Findings { token, ids } => {
                let batch = read_answer(&page.body, Via::Guardduty).map_err(|e| unreadable(e.reason))?;
                let mut bad: Vec<String> = batch.errors.into_iter().map(|error| error.reason).collect();
                // What was listed a moment ago and is not given whole is told: it is not "no finding".
                let came = batch.findings.len() + bad.len();
                if let Some(missing) = ids.len().checked_sub(came).filter(|missing| *missing > 0) {
                    bad.push(format!("{missing} of {} findings that it listed did not come", ids.len()));
                }
                self.at = self.past(token.clone());
                Ok(Taken { findings: batch.findings, bad })
            }
            At::End => Ok(Taken::default()),
        }
    }
}

impl Through {
    /// Where the walk goes after a page of findings.
    fn past(&mut self, token: Option<String>) -> At {
        if token.is_some() {
            return At::Ids { token };
        }
        self.detectors.pop_front();
        match self.detectors.is_empty() {
            true => At::End,
            false => At::Ids { token: None },
        }
    }
}

fn read<'a, T: Deserialize<'a>>(page: &'a Page) -> Result<T, Failure> {
    serde_json::from_slice(&page.body)
        .map_err(|error| Failure::unreadable(format!("the answer makes no sense: {error}"), page.request_id.clone()))
}

fn not_enabled(page: &Page) -> Failure {
    let mut failure = Failure::unreadable("GuardDuty has no detector here", page.request_id.clone());
    failure.class = ErrorClass::NotEnabled;
    failure
}

/// The next page's token: GuardDuty ends with an empty one. One that repeats would go on for ever.
pub(super) fn onward(current: Option<&str>, next: Option<String>) -> Result<Option<String>, String> {
    match next.filter(|token| !token.is_empty()) {
        Some(next) if current == Some(next.as_str()) => Err("the answer leads to its own page again".to_owned()),
        next => Ok(next),
    }
}
