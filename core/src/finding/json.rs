//! A finding as one JSON object: `quell findings --json`, and every other place that hands a finding to a program.

use super::{Actor, Finding, Label, Resource, Severity, Status, Via, Workflow};
use crate::text::{Untrusted, json};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

impl Finding {
    /// The finding as one line of JSON, always with all keys; what there is not is null.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        json::to_string(&View::of(self))
    }
}

/// The object that programs rely on; its keys and their order are a contract.
#[derive(Serialize)]
struct View<'a> {
    id: &'a Untrusted,
    source: &'a Option<Untrusted>,
    via: Via,
    #[serde(rename = "type")]
    kind: &'a Option<Untrusted>,
    title: &'a Option<Untrusted>,
    description: &'a Option<Untrusted>,
    severity: Score,
    account: &'a Option<Untrusted>,
    region: &'a Option<Untrusted>,
    resource: &'a Resource,
    resources: &'a [Resource],
    actor: &'a Actor,
    first_seen: Millis,
    last_seen: Millis,
    created: Millis,
    updated: Millis,
    count: Option<u64>,
    status: Status,
    workflow: Option<Workflow>,
    raw_sha256: String,
}

impl<'a> View<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            id: &finding.id,
            source: &finding.source,
            via: finding.via,
            kind: &finding.kind,
            title: &finding.title,
            description: &finding.description,
            severity: Score(finding.severity),
            account: &finding.account,
            region: &finding.region,
            resource: &finding.resource,
            resources: &finding.resources,
            actor: &finding.actor,
            first_seen: Millis(finding.first_seen),
            last_seen: Millis(finding.last_seen),
            created: Millis(finding.created),
            updated: Millis(finding.updated),
            count: finding.count,
            status: finding.status,
            workflow: finding.workflow,
            raw_sha256: finding.raw_sha256(),
        }
    }
}

/// A severity whose score is a whole number where it is one: `50`, not `50.0`.
struct Score(Severity);

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Pair<T> {
            label: Option<Label>,
            score: Option<T>,
        }
        let Severity { label, score } = self.0;
        match score {
            // Scores lie between 0 and 100.
            Some(n) if n.fract() == 0.0 => Pair { label, score: Some(n as i64) }.serialize(serializer),
            _ => Pair { label, score }.serialize(serializer),
        }
    }
}

/// RFC 3339 in UTC with three decimals.
struct Millis(Option<Timestamp>);

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(at) => serializer.collect_str(&rfc3339(at)),
            None => serializer.serialize_none(),
        }
    }
}

/// A point in time as every export writes it: `2026-03-04T05:06:07.890Z`; finer parts are cut, not rounded.
pub fn rfc3339(at: Timestamp) -> String {
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_decimals() {
        let at: Timestamp = "2026-03-04T05:06:07.8909+01:00".parse().unwrap();
        assert_eq!(rfc3339(at), "2026-03-04T04:06:07.890Z");
        assert_eq!(rfc3339(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn whole_scores_have_no_fraction() {
        let of = |score| json::to_string(&Score(Severity { label: Some(Label::High), score })).unwrap();
        assert_eq!(of(Some(80.0)), r#"{"label":"HIGH","score":80}"#);
        assert_eq!(of(Some(53.5)), r#"{"label":"HIGH","score":53.5}"#);
        assert_eq!(of(None), r#"{"label":"HIGH","score":null}"#);
    }
}
