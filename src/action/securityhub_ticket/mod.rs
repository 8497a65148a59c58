//! A ticket for the finding, by a connector of Security Hub, where the account's hub has one.

#[cfg(test)]
mod tests;

use super::calls;
use super::facts::{changed, not_sent};
use super::fields::{id, known, refuse, shown, text};
use super::kind::{Action, KindInfo, Operations, Parameter};
use super::notice::{self, UNDO, WRITTEN, Words, member};
use super::preflight::{Need, State};
use super::progress::Progress;
use super::request::Request;
use super::target::target;
use crate::aws::{BoxFuture, Failure, Reader, Writer};
use crate::problem::Problem;
use aws_sdk_securityhub::operation::get_connector_v2::GetConnectorV2Output;
use aws_sdk_securityhub::types::{
    CompositeFilter, OcsfFindingFilters, OcsfStringField, OcsfStringFilter, ProviderDetail, StringFilter,
    StringFilterComparison,
};
use aws_smithy_types::Document;
use quell_core::incident::{Fact, Found, Link, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::id::Slug;
use quell_core::text::{Id, Untrusted};
use serde_json::json;

/// The kind `securityhub-ticket`.
pub(super) struct SecurityhubTicket;

static INFO: KindInfo = KindInfo {
    name: "securityhub-ticket",
    title: "Open a ticket for the finding, by a connector of Security Hub",
    parameters: &[Parameter { name: FIELD, required: true, what: "the connector's id" }],
    operations: Operations {
        read: &[("SecurityHub", "GetConnectorV2"), ("SecurityHub", "GetFindingsV2")],
        consume: &[],
        mutate: &[("SecurityHub", "CreateTicketV2")],
    },
    permissions: &[],
    danger: 2,
    destroys: "",
};

const FIELD: &str = "connector";
const CONNECTOR: &str = "ConnectorId";
const FINDING: &str = "FindingMetadataUid";
const READ_CONNECTOR: &str = "securityhub:GetConnectorV2";
const READ_FINDING: &str = "securityhub:GetFindingsV2";
const STATE: &str = "state";
const CONNECTED: &str = "CONNECTED";
const UNREADABLE: &str = "the plan can't be read";

/// A connector as a plan knows it.
struct Connector {
    name: Untrusted,
    /// Where its tickets are.
    at: Untrusted,
    state: String,
}

impl Connector {
    /// None where what is behind it takes no tickets.
    fn of(answer: &GetConnectorV2Output) -> Option<Self> {
        let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "not said".to_owned());
        let at = match answer.provider_detail()? {
            ProviderDetail::JiraCloud(jira) => {
                format!("Jira, project {}, {}", said(&jira.project_key), said(&jira.domain))
            }
            ProviderDetail::ServiceNow(service) => format!("ServiceNow, {}", said(&service.instance_name)),
            _ => return None,
        };
        let state = answer.health().and_then(|health| health.connector_status());
        let state = state.map_or_else(|| "UNKNOWN".to_owned(), |state| state.as_str().to_owned());
        Some(Self { name: answer.name().unwrap_or_default().into(), at: at.into(), state })
    }

    fn facts(&self) -> Vec<Fact> {
        vec![
            Fact::new("connector", self.name.clone()),
            Fact::new("tickets in", self.at.clone()),
            Fact::new(STATE, self.state.as_str()),
        ]
    }
}

async fn connector(reader: &Reader, id: &Id<Slug>) -> Result<Connector, Problem> {
    let answer = reader.securityhub().get_connector_v2().connector_id(id.as_str()).send().await;
    let answer = answer.map_err(|error| reader.problem(READ_CONNECTOR, &error))?;
    Connector::of(&answer)
        .ok_or_else(|| refuse("what is behind the connector takes no tickets: not Jira, not ServiceNow"))
}

/// What the hub calls the finding, which is another id than the finding's own.
async fn uid(reader: &Reader, finding: &str) -> Result<String, Problem> {
    let is = StringFilter::builder().value(finding).comparison(StringFilterComparison::Equals).build();
    let is = OcsfStringFilter::builder().field_name(OcsfStringField::FindingInfoUid).filter(is).build();
    let filters =
        OcsfFindingFilters::builder().composite_filters(CompositeFilter::builder().string_filters(is).build());
    let asked = reader.securityhub().get_findings_v2().filters(filters.build()).max_results(2);
    let answer = asked.send().await.map_err(|error| reader.problem(READ_FINDING, &error))?;
    let member = |document: &Document, name: &str| document.as_object()?.get(name).cloned();
    let uids = answer
        .findings()
        .iter()
        .map(|finding| member(&member(finding, "metadata")?, "uid")?.as_string().map(str::to_owned));
    match uids.collect::<Option<Vec<_>>>().as_deref() {
        Some([uid]) if !uid.trim().is_empty() => Ok(uid.clone()),
        Some([]) => Err(refuse(format!("Security Hub does not have the finding {}", shown(&finding.into())))
            .next("this needs Security Hub's second version, and a finding that it has; open the ticket by hand")),
        Some([_, ..]) => Err(refuse("Security Hub has several findings of that id: which one is meant is not known")),
        None => Err(refuse("Security Hub's answer does not say what it calls the finding")),
    }
}

fn named(request: &Request) -> Result<Id<Slug>, Problem> {
    let word = text(request, FIELD)?.ok_or_else(|| refuse("connector is not given"))?;
    id::<Slug>(FIELD, &word.text)
}

/// The finding's own id, as its source wrote it.
fn finding(request: &Request) -> Result<String, Problem> {
    let finding = request.finding.as_ref().ok_or_else(|| refuse("there is no finding to open a ticket for"))?;
    Ok(super::fields::exact(&finding.id))
}

impl Action for SecurityhubTicket {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            known(&INFO, request)?;
            let id = named(request)?;
            let target = target(request, id.as_str())?;
            calls::caller(reader, &target).await?;
            let connector = connector(reader, &id).await?;
            let uid = uid(reader, &finding(request)?).await?;
            let input = json!({ CONNECTOR: id.as_str(), FINDING: uid });
            let operation = "CreateTicketV2".to_owned();
            let call = PlannedRequest { service: "securityhub".to_owned(), operation, input };
            let words = Words { danger: INFO.danger, destroys: "", warnings: warnings(&connector), undo: UNDO };
            notice::plan(request, target, call, connector.facts(), words)
        })
    }

    fn breaks(&self, _plan: &Plan) -> Vec<String> {
        vec!["nothing by itself; whom a new ticket calls or wakes, quell does not know".to_owned()]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let (Some(id), Some(uid)) = (member(plan, CONNECTOR), member(plan, FINDING)) else {
                return not_sent(UNREADABLE);
            };
            let Ok(id) = Id::<Slug>::new(id) else { return not_sent(UNREADABLE) };
            match connector(reader, &id).await {
                Err(problem) => {
                    return not_sent(format!("the connector could not be read again: {}", problem.headline()));
                }
                Ok(now) => {
                    if let Some(stopped) = changed(plan, &now.facts()) {
                        return stopped;
                    }
                }
            }
            let call = writer.securityhub().create_ticket_v2().connector_id(id.as_str());
            match call.finding_metadata_uid(uid).client_token(writer.token()).send().await {
                Err(error) => writer.outcome("securityhub:CreateTicketV2", &error),
                Ok(answer) => {
                    progress.step("opened", 1, 1);
                    let ticket = Untrusted::from(answer.ticket_id().unwrap_or_default());
                    let mut facts = vec![Fact::new("ticket", ticket.clone())];
                    facts.extend(answer.ticket_src_url().map(|url| Fact::new("to be read at", url)));
                    Outcome::Succeeded {
                        outcome: format!("the ticket is {}", ticket.line()).into(),
                        request_ids: calls::request_ids(&answer),
                        undo: None,
                        facts,
                    }
                }
            }
        })
    }

    fn check<'a>(&'a self, _: &'a Reader, _: &'a Plan, _: Token) -> BoxFuture<'a, Found> {
        let why = "Security Hub has no call that lists tickets: look for one where the connector's tickets are";
        Box::pin(std::future::ready(Found::CannotTell(why.into())))
    }

    fn verify<'a>(&'a self, _: &'a Reader, _: &'a Plan, _: &'a Outcome) -> BoxFuture<'a, Verified> {
        let why = "Security Hub has no call that reads a ticket: open it where it is";
        Box::pin(std::future::ready(calls::unverified(why)))
    }

    fn needs<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Vec<Need>> {
        Box::pin(async move {
            let later = text(request, FIELD).ok().flatten().is_some_and(|word| word.text.is_empty());
            let id = match named(request) {
                _ if later => return Vec::new(),
                Err(problem) => return vec![Need::new(FIELD, State::Missing, problem.what)],
                Ok(id) => id,
            };
            let name = format!("connector {id}");
            let found = reader.securityhub().get_connector_v2().connector_id(id.as_str()).send().await;
            let found = found.map_err(|error| Failure::of(&error));
            let found = match Need::read(name.clone(), found, READ_CONNECTOR, reader) {
                Err(need) => return vec![need],
                Ok(found) => found,
            };
            vec![match Connector::of(&found) {
                Some(connector) if connector.state == CONNECTED => Need::new(name, State::Ok, ""),
                Some(connector) => Need::new(name, State::Missing, format!("it is {}", connector.state)),
                None => Need::new(name, State::Missing, "it takes no tickets"),
            }]
        })
    }

    fn sends(&self, plan: &Plan, token: &Token, _: &Link) -> Vec<PlannedRequest> {
        plan.requests.iter().map(|request| request.with(&[("ClientToken", json!(token.as_str()))])).collect()
    }

    fn tells(&self) -> bool {
        true
    }

    fn undo(&self, _: &Plan, _: &Outcome) -> Option<Request> {
        None
    }
}

fn warnings(connector: &Connector) -> Vec<String> {
    let mut all = vec![
        format!("Whoever reads tickets in {} is told; what stands in it Security Hub decides.", connector.at.line()),
        WRITTEN.to_owned(),
        "There is no rehearsal: AWS's dry run opens a ticket too, of a finding that it makes up.".to_owned(),
        notice::SILENCE.to_owned(),
    ];
    if connector.state != CONNECTED {
        all.insert(0, format!("The connector is {}, not {CONNECTED}: the call will likely fail.", connector.state));
    }
    all
}
