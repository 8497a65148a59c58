//! Tickets by connectors, of the hub's second version: one connector to Jira that works, and one to ServiceNow that waits
//! to be authorised.

use super::super::call::Call;
use super::super::page;
use super::super::wire::Failure;
use super::super::world::World;
use super::findings;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const JIRA: &str = "8b0f6c1e-2d47-4a93-9c58-e1d2f3a4b5c6";
const SERVICE_NOW: &str = "1f5d7a20-93be-4c68-b1f0-6ad2c49e8037";
const MADE: &str = "2026-03-04T10:20:30.000Z";

/// Tickets that were opened, with what was asked for, by client token.
pub(super) type Tickets = BTreeMap<String, (Value, String)>;

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new("ValidationException", 400, message)
}

fn body<T: for<'a> Deserialize<'a>>(call: &Call) -> Result<T, Failure> {
    serde_json::from_slice(&call.body).map_err(|e| invalid(format!("Invalid request body: {e}")))
}

fn state(id: &str) -> Result<&'static str, Failure> {
    match id {
        JIRA => Ok("CONNECTED"),
        SERVICE_NOW => Ok("PENDING_AUTHORIZATION"),
        "" => Err(invalid("ConnectorId must not be blank.")),
        _ => Err(Failure::new("ResourceNotFoundException", 404, "The connector was not found.")),
    }
}

pub(super) fn get_connector(world: &World, call: &Call) -> Result<Value, Failure> {
    let id = percent_decode_str(&call.argument).decode_utf8_lossy();
    let id = id.trim();
    let state = state(id)?;
    let (region, account) = (&call.region, &world.scenario.account);
    let (name, provider) = match id {
        JIRA => (
            "incident-tracker",
            json!({ "JiraCloud": {
            "CloudId": "5c1d2e3f", "ProjectKey": "SEC", "Domain": "tracker.example.com", "AuthStatus": "ACTIVE",
        } }),
        ),
        _ => (
            "service-desk",
            json!({ "ServiceNow": {
            "InstanceName": "desk",
            "SecretArn": format!("arn:aws:secretsmanager:{region}:{account}:secret:service-desk-a1b2c3"),
            "AuthStatus": "FAILED",
        } }),
        ),
    };
    Ok(json!({
        "ConnectorArn": format!("arn:aws:securityhub:{region}:{account}:connectorv2/{id}"),
        "ConnectorId": id, "Name": name, "CreatedAt": MADE, "LastUpdatedAt": MADE,
        "Health": { "ConnectorStatus": state, "LastCheckedAt": MADE },
        "ProviderDetail": provider, "EnablementStatus": "ENABLED",
    }))
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct GetFindings {
    filters: Filters,
    max_results: Option<u64>,
    next_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct Filters {
    composite_filters: Vec<Composite>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
struct Composite {
    string_filters: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Named {
    field_name: String,
    filter: Is,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Is {
    value: String,
    comparison: String,
}

impl Named {
    /// What quell asks for, and no more than that.
    fn holds(&self, finding: &Value) -> Result<bool, Failure> {
        let path = match (self.field_name.as_str(), self.filter.comparison.as_str()) {
            ("finding_info.uid", "EQUALS") => "/finding_info/uid",
            ("metadata.uid", "EQUALS") => "/metadata/uid",
            (field, _) => return Err(invalid(format!("This account can't filter by {field} so."))),
        };
        Ok(finding.pointer(path).and_then(Value::as_str) == Some(self.filter.value.as_str()))
    }
}

/// What a finding is in the second version's own words, as far as it is asked for.
fn second(finding: &Value) -> Value {
    let text = |name: &str| finding.get(name).and_then(Value::as_str).unwrap_or_default();
    let last = text("Id").rsplit('/').next().unwrap_or_default();
    json!({
        "metadata": { "uid": format!("{last}-hub"), "version": "1.6.0" },
        "finding_info": { "uid": text("Id"), "title": text("Title") },
    })
}

fn all(world: &World) -> Vec<Value> {
    findings(world).iter().map(second).collect()
}

pub(super) fn get_findings(world: &World, call: &Call) -> Result<Value, Failure> {
    let input: GetFindings = body(call)?;
    let size = input.max_results.unwrap_or(50);
    if !(1..=100).contains(&size) {
        return Err(invalid("MaxResults must be from 1 to 100."));
    }
    let mut found = Vec::new();
    for finding in all(world) {
        let mut holds = true;
        for named in input.filters.composite_filters.iter().flat_map(|one| &one.string_filters) {
            holds &= named.holds(&finding)?;
        }
        found.extend(holds.then_some(finding));
    }
    let (page, next) = page::of(&found, input.next_token.as_deref(), size as usize, "securityhub v2")
        .ok_or_else(|| invalid("NextToken is none of this list."))?;
    let mut answer = json!({ "Findings": page });
    if let (Some(object), Some(next)) = (answer.as_object_mut(), next) {
        object.insert("NextToken".to_owned(), json!(next));
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateTicket {
    connector_id: String,
    finding_metadata_uid: String,
    client_token: Option<String>,
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Value, Failure> {
    let input: CreateTicket = body(call)?;
    if input.finding_metadata_uid.trim().is_empty() {
        return Err(invalid("FindingMetadataUid must not be blank."));
    }
    if state(input.connector_id.trim())? != "CONNECTED" {
        return Err(Failure::new("ConflictException", 409, "The connector is not connected."));
    }
    if !all(world).iter().any(|finding| finding["metadata"]["uid"] == input.finding_metadata_uid.as_str()) {
        return Err(Failure::new("ResourceNotFoundException", 404, "The finding was not found."));
    }
    let asked = json!([input.connector_id, input.finding_metadata_uid]);
    let next = format!("SEC-{}", world.hub.tickets.len() + 1);
    let token = input.client_token.unwrap_or_else(|| world.chance.uuid("ticket", world.answered));
    let (before, ticket) = world.hub.tickets.entry(token).or_insert_with(|| (asked.clone(), next));
    match *before == asked {
        true => {
            Ok(json!({ "TicketId": ticket, "TicketSrcUrl": format!("https://tracker.example.com/browse/{ticket}") }))
        }
        false => Err(Failure::new("ConflictException", 409, "The client token was used for another ticket.")),
    }
}
