//! GuardDuty (API version 2017-11-28): detectors, findings, archiving.

mod criteria;
#[cfg(test)]
mod tests;

use super::call::Call;
use super::finding::Held;
use super::page;
use super::wire::{Failure, Reply};
use super::world::World;
use criteria::{Criteria, Sort};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The operation that a method and path stand for, and the detector id in the path.
pub(super) fn route<'a>(method: &str, path: &'a str) -> Option<(&'static str, &'a str)> {
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    Some(match (method, parts.as_slice()) {
        ("GET", ["detector"]) => ("ListDetectors", ""),
        ("GET", ["detector", id]) => ("GetDetector", id),
        ("POST", ["detector", id, "findings"]) => ("ListFindings", id),
        ("POST", ["detector", id, "findings", "get"]) => ("GetFindings", id),
        ("POST", ["detector", id, "findings", "archive"]) => ("ArchiveFindings", id),
        ("POST", ["detector", id, "findings", "unarchive"]) => ("UnarchiveFindings", id),
        ("POST", ["detector", id, "findings", "feedback"]) => ("UpdateFindingsFeedback", id),
        _ => return None,
    })
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    if call.operation == "ListDetectors" {
        return list_detectors(world, call).map(Reply::Json);
    }
    if call.region != world.scenario.region || call.argument != world.scenario.detector {
        return Err(bad("The request is rejected because the input detectorId is not owned by the current account."));
    }
    match call.operation {
        "GetDetector" => Ok(get_detector(world)),
        "ListFindings" => list_findings(world, call),
        "GetFindings" => get_findings(world, call),
        "ArchiveFindings" => each(world, call, |finding, _| finding.archived = true),
        "UnarchiveFindings" => unarchive(world, call),
        _ => each(world, call, |finding, feedback| finding.feedback = feedback.map(str::to_owned)),
    }
    .map(Reply::Json)
}

fn bad(message: impl Into<String>) -> Failure {
    Failure::new("BadRequestException", 400, message)
}

fn invalid(parameter: &str) -> Failure {
    bad(format!("The request is rejected because the parameter {parameter} has an invalid value."))
}

fn body<T: for<'a> Deserialize<'a>>(call: &Call) -> Result<T, Failure> {
    let text: &[u8] = if call.body.is_empty() { b"{}" } else { &call.body };
    serde_json::from_slice(text).map_err(|_| {
        bad("The request is rejected because an invalid or out-of-range value is specified as an input parameter.")
    })
}

fn list_detectors(world: &World, call: &Call) -> Result<Value, Failure> {
    if let Some(max) = call.query("maxResults")
        && !max.parse().is_ok_and(|n: u64| (1..=50).contains(&n))
    {
        return Err(invalid("maxResults"));
    }
    let here = call.region == world.scenario.region;
    Ok(json!({ "detectorIds": if here { vec![&world.scenario.detector] } else { Vec::new() }, "nextToken": "" }))
}

fn get_detector(world: &World) -> Value {
    let account = &world.scenario.account;
    let feature = |name: &str| json!({ "name": name, "status": "ENABLED", "updatedAt": 1_741_083_000.0 });
    let features = ["CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS", "S3_DATA_EVENTS", "RUNTIME_MONITORING"].map(feature);
    json!({
        "createdAt": "2025-03-04T10:11:12.000Z",
        "updatedAt": "2025-03-04T10:11:12.000Z",
        "findingPublishingFrequency": "FIFTEEN_MINUTES",
        "serviceRole": format!("arn:aws:iam::{account}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"),
        "status": "ENABLED",
        "dataSources": {
            "cloudTrail": { "status": "ENABLED" },
            "dnsLogs": { "status": "ENABLED" },
            "flowLogs": { "status": "ENABLED" },
            "s3Logs": { "status": "ENABLED" },
        },
        "features": features,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListFindings {
    #[serde(default)]
    finding_criteria: Criteria,
    #[serde(default)]
    sort_criteria: Option<Sort>,
    max_results: Option<u64>,
    next_token: Option<String>,
}

fn list_findings(world: &World, call: &Call) -> Result<Value, Failure> {
    let input: ListFindings = body(call)?;
    let size = input.max_results.unwrap_or(50);
    if !(1..=50).contains(&size) {
        return Err(invalid("maxResults"));
    }
    input.finding_criteria.check()?;
    let mut found = Vec::new();
    for finding in world.findings.values() {
        let json = finding.json(world);
        if input.finding_criteria.holds(&json) {
            found.push(json);
        }
    }
    sort(&mut found, input.sort_criteria.as_ref())?;
    let ids: Vec<String> = found.iter().filter_map(|f| f.get("id")?.as_str().map(str::to_owned)).collect();
    let token = input.next_token.as_deref().filter(|t| !t.is_empty());
    let (ids, next) = page::of(&ids, token, size as usize, "guardduty").ok_or_else(|| invalid("nextToken"))?;
    // The last page has an empty token, not none.
    Ok(json!({ "findingIds": ids, "nextToken": next.unwrap_or_default() }))
}

/// Without criteria there is no promise about the order: by id, which is as good as none.
fn sort(found: &mut [Value], sort: Option<&Sort>) -> Result<(), Failure> {
    found.sort_by(|a, b| criteria::compare(a, b, "id"));
    match sort {
        Some(sort) => sort.apply(found),
        None => Ok(()),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Findings {
    finding_ids: Option<Vec<String>>,
    #[serde(default)]
    sort_criteria: Option<Sort>,
    feedback: Option<String>,
}

impl Findings {
    fn ids(&self) -> Result<&[String], Failure> {
        let ids = self.finding_ids.as_deref().ok_or_else(|| invalid("findingIds"))?;
        let fits = |id: &String| (1..=300).contains(&id.len());
        if ids.len() <= 50 && ids.iter().all(fits) { Ok(ids) } else { Err(invalid("findingIds")) }
    }
}

fn get_findings(world: &World, call: &Call) -> Result<Value, Failure> {
    let input: Findings = body(call)?;
    let ids = input.ids()?;
    let mut found: Vec<Value> = ids
        .iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .filter_map(|id| Some(world.findings.get(id)?.json(world)))
        .collect();
    sort(&mut found, input.sort_criteria.as_ref())?;
    Ok(json!({ "findings": found }))
}

/// A finding that comes back from the archive starts its workflow in Security Hub anew.
fn unarchive(world: &mut World, call: &Call) -> Result<Value, Failure> {
    let ids = body::<Findings>(call)?.finding_ids.unwrap_or_default();
    let back = ids.iter().filter_map(|id| world.findings.get(id)).filter(|f| f.archived);
    let arns: Vec<String> = back.map(|f| f.arn(world)).collect();
    let answer = each(world, call, |finding, _| finding.archived = false)?;
    arns.iter().for_each(|arn| world.hub.reopened(arn));
    Ok(answer)
}

/// Changes each named finding; ids that nobody knows are passed over in silence.
fn each(world: &mut World, call: &Call, change: impl Fn(&mut Held, Option<&str>)) -> Result<Value, Failure> {
    let input: Findings = body(call)?;
    let ids = input.ids()?;
    let wanted = call.operation == "UpdateFindingsFeedback";
    if wanted && !matches!(input.feedback.as_deref(), Some("USEFUL" | "NOT_USEFUL")) {
        return Err(invalid("feedback"));
    }
    for id in ids {
        if let Some(finding) = world.findings.get_mut(id) {
            change(finding, input.feedback.as_deref());
        }
    }
    Ok(json!({}))
}
