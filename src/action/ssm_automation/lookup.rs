//! Finding an execution again by the tag that it carries.

use super::run::look;
use super::{Start, tag_key};
use crate::aws::Reader;
use crate::problem::{Problem, clean};
use aws_sdk_ssm::types::{AutomationExecutionFilter, AutomationExecutionFilterKey};
use jiff::{SignedDuration, Timestamp};
use quell_core::incident::{Found, Outcome, Token};

/// Pages that are read; the filter leaves one execution, but pages may come empty.
const PAGES: usize = 20;
/// The newest executions of the document that are looked at when none carries the token.
const NEWEST: i32 = 10;
/// This machine's clock may be so far ahead of the service's.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What came of the call that carried the token. The list tells no tags and can be filtered by a tag's key alone, so
/// the key holds the token. The same token can't start a second execution.
pub(super) async fn find(reader: &Reader, start: &Start, token: &Token) -> Found {
    let searched = match start.quiet {
        Some(since) => by_time(reader, start, since).await,
        None => search(reader, start, token).await,
    };
    match searched {
        Err(problem) => Found::CannotTell(problem.headline().into()),
        Ok(Searched::Nowhere) if start.quiet.is_some() => Found::NotSent,
        Ok(Searched::Nowhere) => unseen(reader, start).await,
        Ok(Searched::Several) if start.quiet.is_some() => {
            Found::CannotTell("several executions of the document have these parameters: look at them".into())
        }
        Ok(Searched::Several) => Found::CannotTell("several executions carry the token".into()),
        Ok(Searched::Here(execution)) => match look(reader, &execution).await {
            Err(failure) => {
                let why = failure.problem("ssm:GetAutomationExecution", &reader.scope()).headline();
                Found::CannotTell(why.into())
            }
            Ok(seen) => match seen.ended(start, Vec::new()) {
                Some(Outcome::Unknown { why }) => Found::CannotTell(why),
                Some(outcome) => Found::Ended(outcome),
                None => Found::Running(execution.into()),
            },
        },
    }
}

/// Without a tag there is the document, its parameters and the time alone: the one execution that fits is taken for
/// the one that was sent.
async fn by_time(reader: &Reader, start: &Start, since: Timestamp) -> Result<Searched, Problem> {
    let after = since.checked_sub(SKEW).unwrap_or(since).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let filters = vec![
        filtered(AutomationExecutionFilterKey::DocumentNamePrefix, start.short().to_owned())?,
        filtered(AutomationExecutionFilterKey::StartTimeAfter, after)?,
    ];
    let mut found = Vec::new();
    let mut next = None;
    for _ in 0..PAGES {
        let call = reader.ssm().describe_automation_executions().set_filters(Some(filters.clone()));
        let page = call.max_results(50).set_next_token(next).send().await;
        let page = page.map_err(|error| reader.problem("ssm:DescribeAutomationExecutions", &error))?;
        // What follows from another execution was not sent by itself.
        let own =
            page.automation_execution_metadata_list().iter().filter(|e| e.parent_automation_execution_id().is_none());
        for id in own.filter_map(|e| e.automation_execution_id()) {
            let seen = look(reader, id).await;
            let seen = seen.map_err(|failure| failure.problem("ssm:GetAutomationExecution", &reader.scope()))?;
            found.extend(seen.runs(start).then(|| id.to_owned()));
        }
        next = page.next_token().map(str::to_owned);
        if next.is_none() || found.len() > 1 {
            break;
        }
    }
    Ok(match (found.as_slice(), next) {
        ([one], None) => Searched::Here(one.clone()),
        ([], None) => Searched::Nowhere,
        _ => Searched::Several,
    })
}

/// That no execution carries the token proves that none was started, unless one of the newest has the very same
/// parameters: then a person must look.
async fn unseen(reader: &Reader, start: &Start) -> Found {
    let cannot = |problem: Problem| Found::CannotTell(problem.headline().into());
    let key = AutomationExecutionFilterKey::DocumentNamePrefix;
    let newest = match filtered(key, start.short().to_owned()) {
        Ok(filter) => reader.ssm().describe_automation_executions().filters(filter).max_results(NEWEST).send().await,
        Err(problem) => return cannot(problem),
    };
    let newest = match newest {
        Ok(newest) => newest,
        Err(error) => return cannot(reader.problem("ssm:DescribeAutomationExecutions", &error)),
    };
    let own =
        newest.automation_execution_metadata_list().iter().filter(|e| e.parent_automation_execution_id().is_none());
    for id in own.filter_map(|e| e.automation_execution_id()) {
        match look(reader, id).await {
            Ok(seen) if seen.runs(start) => {
                let why = format!(
                    "no execution carries this action's token, but {} has the same document and parameters: look at it",
                    clean(id)
                );
                return Found::CannotTell(why.into());
            }
            Ok(_) => {}
            Err(failure) => return cannot(failure.problem("ssm:GetAutomationExecution", &reader.scope())),
        }
    }
    Found::NotSent
}

fn filtered(key: AutomationExecutionFilterKey, value: String) -> Result<AutomationExecutionFilter, Problem> {
    let filter = AutomationExecutionFilter::builder().key(key).values(value).build();
    filter.map_err(|error| Problem::local(format!("the look-up could not be made: {error}")))
}

enum Searched {
    Here(String),
    Nowhere,
    Several,
}

async fn search(reader: &Reader, start: &Start, token: &Token) -> Result<Searched, Problem> {
    let filter = filtered(AutomationExecutionFilterKey::TagKey, tag_key(token.as_str()))?;
    let mut found: Vec<String> = Vec::new();
    let mut next = None;
    for _ in 0..PAGES {
        let call = reader.ssm().describe_automation_executions().filters(filter.clone());
        let page = call.max_results(50).set_next_token(next).send().await;
        let page = page.map_err(|error| reader.problem("ssm:DescribeAutomationExecutions", &error))?;
        // A document that is named by its ARN is listed by its name.
        let same = |name: Option<&str>| name.is_none_or(|name| start.document.ends_with(name));
        let here = page.automation_execution_metadata_list().iter().filter(|e| same(e.document_name()));
        found.extend(here.filter_map(|e| e.automation_execution_id().map(str::to_owned)));
        next = page.next_token().map(str::to_owned);
        if next.is_none() {
            break;
        }
    }
    match (found.as_slice(), next) {
        ([one], None) => Ok(Searched::Here(one.clone())),
        ([], None) => Ok(Searched::Nowhere),
        _ => Ok(Searched::Several),
    }
}
