//! Finding an execution again by the tag that it carries.

use super::run::look;
use super::{Start, tag_key};
use crate::aws::Reader;
use crate::problem::Problem;
use aws_sdk_ssm::types::{AutomationExecutionFilter, AutomationExecutionFilterKey};
use quell_core::incident::{Found, Token};

/// Pages that are read; the filter leaves one execution, but pages may come empty.
const PAGES: usize = 20;

/// What came of the call that carried the token. The list tells no tags and can be filtered by a tag's key alone, so
/// the key holds the token. The same token can't start a second execution.
pub(super) async fn find(reader: &Reader, start: &Start, token: &Token) -> Found {
    match search(reader, start, token).await {
        Err(problem) => Found::CannotTell(problem.headline().into()),
        Ok(Searched::Nowhere) => Found::NotSent,
        Ok(Searched::Several) => Found::CannotTell("several executions carry the token".into()),
        Ok(Searched::Here(execution)) => match look(reader, &execution).await {
            Err(failure) => {
                let why = failure.problem("ssm:GetAutomationExecution", &reader.scope()).headline();
                Found::CannotTell(why.into())
            }
            Ok(seen) => match seen.ended(start, Vec::new()) {
                Some(outcome) => Found::Ended(outcome),
                None => Found::Running(execution.into()),
            },
        },
    }
}

enum Searched {
    Here(String),
    Nowhere,
    Several,
}

async fn search(reader: &Reader, start: &Start, token: &Token) -> Result<Searched, Problem> {
    let key = AutomationExecutionFilterKey::TagKey;
    let filter = AutomationExecutionFilter::builder().key(key).values(tag_key(token.as_str())).build();
    let filter = filter.map_err(|error| Problem::local(format!("the look-up could not be made: {error}")))?;
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
