//! Finding an execution again by the tag that it carries.

use super::run::look;
use super::{Start, TAG};
use crate::aws::Reader;
use crate::problem::Problem;
use aws_sdk_ssm::types::{AutomationExecutionFilter, AutomationExecutionFilterKey, ResourceTypeForTagging};
use quell_core::incident::{Found, Token};

/// Pages of fifty executions that are read: more than quell starts in the month that the service keeps them.
const PAGES: usize = 10;

/// What came of the call that carried the token. The list can be filtered by a tag's key alone, so each execution's
/// own tags are read. The same token can't start a second execution.
pub(super) async fn find(reader: &Reader, start: &Start, token: &Token) -> Found {
    match search(reader, start, token).await {
        Err(problem) => Found::CannotTell(problem.headline().into()),
        Ok(Searched::Nowhere) => Found::NotSent,
        Ok(Searched::TooMany) => Found::CannotTell("too many executions carry quell's tag to read them all".into()),
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
    TooMany,
}

async fn search(reader: &Reader, start: &Start, token: &Token) -> Result<Searched, Problem> {
    let filter = AutomationExecutionFilter::builder().key(AutomationExecutionFilterKey::TagKey).values(TAG).build();
    let filter = filter.map_err(|error| Problem::local(format!("the look-up could not be made: {error}")))?;
    let mut next = None;
    for _ in 0..PAGES {
        let call = reader.ssm().describe_automation_executions().filters(filter.clone());
        let page = call.max_results(50).set_next_token(next).send().await;
        let page = page.map_err(|error| reader.problem("ssm:DescribeAutomationExecutions", &error))?;
        for execution in page.automation_execution_metadata_list() {
            let Some(id) = execution.automation_execution_id() else { continue };
            // A document that is named by its ARN is listed by its name.
            let same = execution.document_name().is_none_or(|name| start.document.ends_with(name));
            if same && carries(reader, id, token).await? {
                return Ok(Searched::Here(id.to_owned()));
            }
        }
        next = page.next_token().map(str::to_owned);
        if next.is_none() {
            return Ok(Searched::Nowhere);
        }
    }
    Ok(Searched::TooMany)
}

async fn carries(reader: &Reader, execution: &str, token: &Token) -> Result<bool, Problem> {
    let call = reader.ssm().list_tags_for_resource().resource_type(ResourceTypeForTagging::Automation);
    let tags = call.resource_id(execution).send().await;
    let tags = tags.map_err(|error| reader.problem("ssm:ListTagsForResource", &error))?;
    Ok(tags.tag_list().iter().any(|tag| tag.key() == TAG && tag.value().eq_ignore_ascii_case(token.as_str())))
}
