//! The one call of a plan: read back, and sent once.

use super::super::calls;
use super::super::facts::not_sent;
use super::contain;
use super::locations::Locations;
use super::parameters::Parameters;
use super::{SINCE, short, tag_key};
use crate::aws::Writer;
use aws_sdk_ssm::types::{ExecutionMode, Tag};
use jiff::Timestamp;
use quell_core::incident::{Link, Outcome, Plan};
use quell_core::text::Untrusted;

/// The plan's one request, read back.
pub(super) struct Start {
    pub document: String,
    pub version: Option<String>,
    pub parameters: Parameters,
    /// Where it runs, if not in its target alone.
    pub locations: Option<Locations>,
    /// Of one that carries no tag: since when it may run.
    pub quiet: Option<Timestamp>,
}

impl Start {
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let text = |name: &str| Some(request.input.get(name)?.as_str()?.to_owned());
        let since = plan.facts.iter().find(|fact| fact.name == SINCE.into());
        Some(Self {
            quiet: since.map(|fact| fact.value.line().as_str().parse()).transpose().ok()?,
            locations: Locations::read(&request.input).ok()?,
            document: text("DocumentName")?,
            version: text("DocumentVersion"),
            parameters: serde_json::from_value(request.input.get("Parameters")?.clone()).ok()?,
        })
    }

    pub(super) fn short(&self) -> &str {
        short(&self.document)
    }

    /// Whether it shuts something out, and backs up before what stood there.
    pub(super) fn contains(&self) -> bool {
        contain::changes(self.short(), &self.parameters)
    }

    /// The tag that names the action, and its value; none while the incident is quiet.
    pub(super) fn tag(&self, token: &str, action: &Link) -> Option<(String, String)> {
        self.quiet.is_none().then(|| (tag_key(token), format!("{}:{}", action.0, action.1)))
    }

    /// Starts it, once. The error is how the action ended.
    pub(super) async fn send(&self, writer: &Writer) -> Result<(String, Vec<Untrusted>), Outcome> {
        let tag = self.tag(writer.token(), writer.action());
        let tag = tag.map(|(key, value)| Tag::builder().key(key).value(value).build());
        let tags = tag.transpose().map_err(|_| not_sent("the tag could not be made"))?.map(|tag| vec![tag]);
        let parameters = self.parameters.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        let answer = writer
            .ssm()
            .start_automation_execution()
            .document_name(&self.document)
            .set_document_version(self.version.clone())
            .set_parameters(Some(parameters))
            .mode(ExecutionMode::Auto)
            .client_token(writer.token())
            .set_tags(tags)
            .set_target_locations(self.locations.as_ref().map(|locations| vec![locations.sent()]))
            .send()
            .await;
        let answer = answer.map_err(|error| writer.outcome("ssm:StartAutomationExecution", &error))?;
        let ids = calls::request_ids(&answer);
        match answer.automation_execution_id() {
            Some(execution) => Ok((execution.to_owned(), ids)),
            None => Err(Outcome::Unknown { why: "the answer names no execution".into() }),
        }
    }
}
