use super::super::testing::*;
use super::super::{Action, Request};
use super::SecurityhubTicket;
use crate::aws::fake::{Answer, run};
use quell_core::incident::{FailClass, Found, Outcome, Plan};
use serde_json::json;

const ID: &str = "8b0f6c1e-2d47-4a93-9c58-e1d2f3a4b5c6";
const CONNECTOR: &str = "GET /connectorsv2/8b0f6c1e-2d47-4a93-9c58-e1d2f3a4b5c6";
const FINDINGS: &str = "POST /findingsv2";
const TICKET: &str = "POST /ticketsv2";

fn connector(status: &str, provider: serde_json::Value) -> Answer {
    Answer::ok(
        json!({
            "ConnectorId": ID, "Name": "tracker", "CreatedAt": "2026-01-02T03:04:05Z",
            "LastUpdatedAt": "2026-01-02T03:04:05Z", "ProviderDetail": provider,
            "Health": { "ConnectorStatus": status, "LastCheckedAt": "2026-01-02T03:04:05Z" },
        })
        .to_string(),
    )
}

fn jira(status: &str) -> Answer {
    connector(status, json!({ "JiraCloud": { "ProjectKey": "SEC", "Domain": "tracker.example" } }))
}

fn findings(uids: &[&str]) -> Answer {
    let all: Vec<_> = uids.iter().map(|uid| json!({ "metadata": { "uid": uid } })).collect();
    Answer::ok(json!({ "Findings": all }).to_string())
}

fn bench(connectors: Vec<Answer>, found: Answer, ticket: Answer) -> Bench {
    Bench::new([(CONNECTOR, connectors), (FINDINGS, vec![found]), (TICKET, vec![ticket])])
}

fn opened() -> Answer {
    Answer::ok(r#"{"TicketId":"SEC-7","TicketSrcUrl":"https://tracker.example/browse/SEC-7"}"#)
}

fn good() -> Bench {
    bench(vec![jira("CONNECTED")], findings(&["m-1"]), opened())
}

fn ask(connector: &str) -> Request {
    request(&SecurityhubTicket, finding("arn:aws:guardduty:f-1", "i-1"), [("connector", own(connector))])
}

fn planned(bench: &Bench) -> Plan {
    bench.plan(&SecurityhubTicket, &ask(ID)).unwrap()
}

#[test]
fn the_plan_says_where_the_ticket_is_opened_and_for_what() {
    let bench = good();
    let plan = planned(&bench);
    let request = &plan.requests[0];
    assert_eq!(
        (request.service.as_str(), request.operation.as_str(), plan.danger),
        ("securityhub", "CreateTicketV2", 2)
    );
    assert_eq!(request.input, json!({ "ConnectorId": ID, "FindingMetadataUid": "m-1" }));
    assert_eq!(fact(&plan.facts, "connector").as_deref(), Some("tracker"));
    assert_eq!(fact(&plan.facts, "tickets in").as_deref(), Some("Jira, project SEC, tracker.example"));
    assert_eq!(fact(&plan.facts, "state").as_deref(), Some("CONNECTED"));
    // It is looked for by the id that its source gave it.
    let asked: serde_json::Value = serde_json::from_str(&bench.body(FINDINGS)).unwrap();
    let filter = json!({ "FieldName": "finding_info.uid", "Filter": { "Value": "arn:aws:guardduty:f-1", "Comparison": "EQUALS" } });
    assert_eq!(asked["Filters"]["CompositeFilters"][0]["StringFilters"][0], filter);
    assert!(raws(&plan.warnings)[0].starts_with("Whoever reads tickets in Jira, project SEC"));
    assert!(SecurityhubTicket.tells() && SecurityhubTicket.stands(&plan).is_none());
    assert_eq!(bench.count(TICKET), 0);
}

#[test]
fn it_is_opened_once_with_the_action_s_token_and_not_undone() {
    let bench = good();
    let plan = planned(&bench);
    let (outcome, reports) = bench.execute(&SecurityhubTicket, &plan);
    let Outcome::Succeeded { outcome: told, undo: None, request_ids, facts } = &outcome else { panic!("{outcome:?}") };
    assert_eq!((raw(told).as_str(), reports.len(), request_ids.len()), ("the ticket is SEC-7", 1, 1));
    assert_eq!(fact(facts, "to be read at").as_deref(), Some("https://tracker.example/browse/SEC-7"));
    let sent: serde_json::Value = serde_json::from_str(&bench.body(TICKET)).unwrap();
    assert_eq!(sent, json!({ "ConnectorId": ID, "FindingMetadataUid": "m-1", "ClientToken": TOKEN }));
    assert_eq!(bench.count(TICKET), 1);
    assert!(SecurityhubTicket.undo(&plan, &outcome).is_none());
    assert!(matches!(bench.check(&SecurityhubTicket, &plan), Found::CannotTell(_)));
    assert_eq!(bench.verify(&SecurityhubTicket, &plan, &outcome).holds, None);
}

#[test]
fn a_connector_that_changed_meanwhile_stops_it() {
    let bench = bench(vec![jira("CONNECTED"), jira("FAILED_TO_CONNECT")], findings(&["m-1"]), opened());
    let (class, said) = failure(&bench.execute(&SecurityhubTicket, &planned(&bench)).0);
    assert_eq!(class, FailClass::Conflict);
    assert!(said.contains("state was CONNECTED, is now FAILED_TO_CONNECT"), "{said}");
    assert_eq!(bench.count(TICKET), 0);
}

#[test]
fn an_answer_that_does_not_come_is_unknown_and_a_refusal_a_failure() {
    let of = |ticket: Answer| {
        let bench = bench(vec![jira("CONNECTED")], findings(&["m-1"]), ticket);
        let outcome = bench.execute(&SecurityhubTicket, &planned(&bench)).0;
        assert_eq!(bench.count(TICKET), 1);
        outcome
    };
    assert!(matches!(of(Answer::Lost), Outcome::Unknown { .. }));
    let refused = of(Answer::refused(403, "AccessDeniedException", "{\"Message\":\"no\"}"));
    assert_eq!(failure(&refused).0, FailClass::Denied);
}

#[test]
fn what_is_not_one_finding_or_takes_no_tickets_is_refused() {
    let refused = |bench: Bench, id: &str| bench.plan(&SecurityhubTicket, &ask(id)).unwrap_err().what;
    let found = |uids: &[&str]| bench(vec![jira("CONNECTED")], findings(uids), opened());
    assert_eq!(refused(found(&[]), ID), "Security Hub does not have the finding arn:aws:guardduty:f-1");
    assert!(refused(found(&["m-1", "m-2"]), ID).starts_with("Security Hub has several findings of that id"));
    let odd = bench(vec![jira("CONNECTED")], Answer::ok(r#"{"Findings":[{"metadata":{}}]}"#), opened());
    assert!(refused(odd, ID).starts_with("Security Hub's answer does not say"));
    let cloud = json!({ "GCP": { "AWSConfigConnectorArn": "a", "ScopeConfiguration": { "ScopeType": "PROJECT" } } });
    let cloud = bench(vec![connector("CONNECTED", cloud)], findings(&["m-1"]), opened());
    assert!(refused(cloud, ID).starts_with("what is behind the connector takes no tickets"));
    // An id that would lead to another path is none.
    assert!(refused(good(), "../findingsv2").starts_with("connector is not a slug"));
}

#[test]
fn the_doctor_looks_at_the_connector() {
    let state = |connector: Answer| {
        let needs = run(SecurityhubTicket.needs(&bench(vec![connector], findings(&[]), opened()).reader, &ask(ID)));
        format!("{:?}", needs[0].state)
    };
    assert_eq!((state(jira("CONNECTED")).as_str(), state(jira("DEGRADED")).as_str()), ("Ok", "Missing"));
    let plan = planned(&bench(vec![jira("DEGRADED")], findings(&["m-1"]), opened()));
    assert!(raws(&plan.warnings)[0].starts_with("The connector is DEGRADED, not CONNECTED"));
}
