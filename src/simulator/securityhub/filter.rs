//! GetFindings' Filters (API reference, AwsSecurityFindingFilters): attributes are joined by AND, the filters of one
//! attribute by OR, those that exclude by AND.

use super::{Failure, invalid};
use crate::simulator::path::values;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Filters(BTreeMap<String, Vec<Filter>>);

/// A filter of any kind; which members count depends on the attribute's kind.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Filter {
    value: Option<Value>,
    comparison: Option<String>,
    key: Option<String>,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    date_range: Option<DateRange>,
    gte: Option<f64>,
    lte: Option<f64>,
    gt: Option<f64>,
    lt: Option<f64>,
    eq: Option<f64>,
    cidr: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DateRange {
    value: i64,
    unit: String,
    comparison: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Date,
    Number,
    Map,
    Address,
    Flag,
    Keyword,
}

impl Filters {
    /// Refuses what the API refuses: unknown attributes, too many, and comparisons that can't be joined.
    pub fn check(&self) -> Result<(), Failure> {
        if self.0.len() > 10 {
            return Err(invalid("Invalid parameter 'Filters'. You can filter by up to 10 finding attributes."));
        }
        for (name, filters) in &self.0 {
            let Some((kind, _)) = attribute(name) else {
                return Err(invalid(format!("Invalid parameter 'Filters'. Unknown attribute '{name}'.")));
            };
            if filters.len() > 20 {
                return Err(invalid(format!("Invalid parameter 'Filters.{name}'. You can give up to 20 values.")));
            }
            let joined = matches!(kind, Kind::Text | Kind::Map) && clash(filters);
            if joined || !filters.iter().all(|f| f.fits(kind)) {
                return Err(invalid(format!("Invalid parameter 'Filters.{name}'.")));
            }
        }
        Ok(())
    }

    pub fn hold(&self, finding: &Value, now: Timestamp) -> bool {
        self.0.iter().all(|(name, filters)| match attribute(name) {
            Some((kind, path)) => holds(kind, path, filters, finding, now),
            None => false,
        })
    }
}

/// Comparisons of one attribute that the API does not join.
fn clash(filters: &[Filter]) -> bool {
    let has = |name: &str| filters.iter().any(|f| f.comparison.as_deref() == Some(name));
    let only = |name: &str| has(name) && filters.iter().any(|f| f.comparison.as_deref() != Some(name));
    has("EQUALS") && (has("NOT_EQUALS") || has("PREFIX_NOT_EQUALS")) || only("NOT_CONTAINS") || only("CONTAINS")
}

fn holds(kind: Kind, path: &str, filters: &[Filter], finding: &Value, now: Timestamp) -> bool {
    match kind {
        Kind::Text => texts(filters, &strings(values(finding, path))),
        Kind::Map => {
            filters.iter().all(|f| !f.excludes() || f.in_map(finding, path)) && {
                let mut including = filters.iter().filter(|f| !f.excludes()).peekable();
                including.peek().is_none() || including.any(|f| f.in_map(finding, path))
            }
        }
        Kind::Date => filters.iter().any(|f| f.in_dates(&values(finding, path), now)),
        Kind::Number => filters.iter().any(|f| f.in_numbers(&values(finding, path))),
        Kind::Address => filters.iter().any(|f| f.in_network(&strings(values(finding, path)))),
        Kind::Flag => filters.iter().any(|f| values(finding, path).iter().any(|v| Some(*v) == f.value.as_ref())),
        Kind::Keyword => {
            let text = finding.to_string();
            filters.iter().any(|f| f.text().is_some_and(|word| text.contains(word)))
        }
    }
}

fn strings(values: Vec<&Value>) -> Vec<&str> {
    values.into_iter().filter_map(Value::as_str).collect()
}

fn texts(filters: &[Filter], values: &[&str]) -> bool {
    let mut including = filters.iter().filter(|f| !f.excludes()).peekable();
    let included = including.peek().is_none() || including.any(|f| values.iter().any(|v| f.same(v)));
    included && filters.iter().filter(|f| f.excludes()).all(|f| values.iter().all(|v| !f.same(v)))
}

impl Filter {
    fn text(&self) -> Option<&str> {
        self.value.as_ref().and_then(Value::as_str)
    }

    fn excludes(&self) -> bool {
        matches!(self.comparison.as_deref(), Some("NOT_EQUALS" | "PREFIX_NOT_EQUALS" | "NOT_CONTAINS"))
    }

    fn fits(&self, kind: Kind) -> bool {
        let comparison = self.comparison.as_deref();
        match kind {
            Kind::Text => self.text().is_some() && comparison.is_some_and(|c| COMPARISONS.contains(&c)),
            Kind::Map => {
                let known = matches!(comparison, Some("EQUALS" | "NOT_EQUALS" | "CONTAINS" | "NOT_CONTAINS"));
                self.text().is_some() && self.key.is_some() && known
            }
            Kind::Date => match &self.date_range {
                Some(range) => {
                    let known = matches!(range.comparison.as_deref(), None | Some("WITHIN" | "OLDER_THAN"));
                    range.unit == "DAYS" && range.value >= 0 && known
                }
                None => self.start.is_some() && self.end.is_some(),
            },
            Kind::Number => [self.gte, self.lte, self.gt, self.lt, self.eq].iter().any(Option::is_some),
            Kind::Address => self.cidr.is_some(),
            Kind::Flag => self.value.as_ref().is_some_and(Value::is_boolean),
            Kind::Keyword => self.text().is_some(),
        }
    }

    /// Whether the value is what the filter names; for one that excludes, whether it is what it excludes.
    fn same(&self, value: &str) -> bool {
        let Some(wanted) = self.text() else { return false };
        match self.comparison.as_deref() {
            Some("PREFIX" | "PREFIX_NOT_EQUALS") => value.starts_with(wanted),
            Some("CONTAINS" | "NOT_CONTAINS") => value.contains(wanted),
            Some("CONTAINS_WORD") => {
                value.split(|c: char| !c.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case(wanted))
            }
            _ => value == wanted,
        }
    }

    fn in_map(&self, finding: &Value, path: &str) -> bool {
        let maps = values(finding, path);
        let key = self.key.as_deref().unwrap_or_default();
        let found = maps.iter().filter_map(|map| map.get(key)?.as_str()).any(|value| self.same(value));
        found != self.excludes()
    }

    fn in_dates(&self, values: &[&Value], now: Timestamp) -> bool {
        values.iter().filter_map(|v| v.as_str()?.parse::<Timestamp>().ok()).any(|at| match &self.date_range {
            Some(range) => {
                let edge = now.checked_sub(SignedDuration::from_hours(range.value.saturating_mul(24).min(1_000_000)));
                let recent = edge.is_ok_and(|edge| at >= edge);
                recent == (range.comparison.as_deref() != Some("OLDER_THAN"))
            }
            None => self.start.is_some_and(|s| at >= s) && self.end.is_some_and(|e| at <= e),
        })
    }

    fn in_numbers(&self, values: &[&Value]) -> bool {
        let within = |bound: Option<f64>, wanted: fn(f64, f64) -> bool, n: f64| bound.is_none_or(|b| wanted(n, b));
        values.iter().filter_map(|v| v.as_f64()).any(|n| {
            within(self.gte, |n, b| n >= b, n)
                && within(self.lte, |n, b| n <= b, n)
                && within(self.gt, |n, b| n > b, n)
                && within(self.lt, |n, b| n < b, n)
                && within(self.eq, |n, b| n == b, n)
        })
    }

    fn in_network(&self, values: &[&str]) -> bool {
        let Some(cidr) = self.cidr.as_deref() else { return false };
        let (base, bits) = cidr.split_once('/').unwrap_or((cidr, "32"));
        let (Ok(base), Ok(bits)) = (base.parse::<Ipv4Addr>(), bits.parse::<u32>()) else { return false };
        let mask = u32::MAX.checked_shl(32_u32.saturating_sub(bits)).unwrap_or(0);
        let inside = |ip: Ipv4Addr| u32::from(ip) & mask == u32::from(base) & mask;
        values.iter().filter_map(|v| v.parse().ok()).any(inside)
    }
}

const COMPARISONS: [&str; 7] =
    ["EQUALS", "PREFIX", "NOT_EQUALS", "PREFIX_NOT_EQUALS", "CONTAINS", "NOT_CONTAINS", "CONTAINS_WORD"];

/// The kind of an attribute and its path in a finding; the members that findings here can have.
fn attribute(name: &str) -> Option<(Kind, &'static str)> {
    let table = [
        (Kind::Text, TEXTS),
        (Kind::Date, DATES),
        (Kind::Number, NUMBERS),
        (Kind::Map, MAPS),
        (Kind::Address, ADDRESSES),
    ];
    let found = table.iter().find_map(|(kind, rows)| {
        rows.iter()
            .find(|(known, _)| *known == name)
            .map(|(known, path)| (*kind, if path.is_empty() { known } else { path }))
    });
    match name {
        "Sample" => Some((Kind::Flag, "Sample")),
        "Keyword" => Some((Kind::Keyword, "")),
        _ => found.map(|(kind, path)| (kind, *path)),
    }
}

/// The path in a finding that an attribute of the filters (or of a sort) stands for.
pub(super) fn path(name: &str) -> Option<&'static str> {
    attribute(name).map(|(_, path)| path)
}

/// Attribute and path; an empty path is the name itself.
type Rows = &'static [(&'static str, &'static str)];

const TEXTS: Rows = &[
    ("ProductArn", ""),
    ("AwsAccountId", ""),
    ("AwsAccountName", ""),
    ("Id", ""),
    ("GeneratorId", ""),
    ("Region", ""),
    ("Type", "Types"),
    ("SeverityLabel", "Severity.Label"),
    ("Title", ""),
    ("Description", ""),
    ("RecommendationText", "Remediation.Recommendation.Text"),
    ("SourceUrl", ""),
    ("ProductName", ""),
    ("CompanyName", ""),
    ("ResourceType", "Resources.Type"),
    ("ResourceId", "Resources.Id"),
    ("ResourcePartition", "Resources.Partition"),
    ("ResourceRegion", "Resources.Region"),
    ("ResourceAwsEc2InstanceType", "Resources.Details.AwsEc2Instance.Type"),
    ("ResourceAwsEc2InstanceImageId", "Resources.Details.AwsEc2Instance.ImageId"),
    ("ResourceAwsEc2InstanceVpcId", "Resources.Details.AwsEc2Instance.VpcId"),
    ("ResourceAwsEc2InstanceSubnetId", "Resources.Details.AwsEc2Instance.SubnetId"),
    ("ResourceAwsEc2InstanceIamInstanceProfileArn", "Resources.Details.AwsEc2Instance.IamInstanceProfileArn"),
    ("ResourceAwsS3BucketOwnerId", "Resources.Details.AwsS3Bucket.OwnerId"),
    ("ResourceAwsIamAccessKeyPrincipalName", "Resources.Details.AwsIamAccessKey.PrincipalName"),
    ("ResourceAwsIamAccessKeyStatus", "Resources.Details.AwsIamAccessKey.Status"),
    ("ResourceAwsIamUserUserName", "Resources.Details.AwsIamUser.UserName"),
    ("ComplianceStatus", "Compliance.Status"),
    ("ComplianceSecurityControlId", "Compliance.SecurityControlId"),
    ("ComplianceAssociatedStandardsId", "Compliance.AssociatedStandards.StandardsId"),
    ("VerificationState", ""),
    ("WorkflowState", ""),
    ("WorkflowStatus", "Workflow.Status"),
    ("RecordState", ""),
    ("RelatedFindingsProductArn", "RelatedFindings.ProductArn"),
    ("RelatedFindingsId", "RelatedFindings.Id"),
    ("NoteText", "Note.Text"),
    ("NoteUpdatedBy", "Note.UpdatedBy"),
    ("FindingProviderFieldsSeverityLabel", "FindingProviderFields.Severity.Label"),
    ("FindingProviderFieldsSeverityOriginal", "FindingProviderFields.Severity.Original"),
    ("FindingProviderFieldsTypes", "FindingProviderFields.Types"),
];

const DATES: Rows = &[
    ("FirstObservedAt", ""),
    ("LastObservedAt", ""),
    ("CreatedAt", ""),
    ("UpdatedAt", ""),
    ("NoteUpdatedAt", "Note.UpdatedAt"),
    ("ResourceAwsEc2InstanceLaunchedAt", "Resources.Details.AwsEc2Instance.LaunchedAt"),
];

const NUMBERS: Rows = &[
    ("SeverityProduct", "Severity.Product"),
    ("SeverityNormalized", "Severity.Normalized"),
    ("Confidence", ""),
    ("Criticality", ""),
];

const MAPS: Rows = &[("ProductFields", ""), ("UserDefinedFields", ""), ("ResourceTags", "Resources.Tags")];

const ADDRESSES: Rows = &[
    ("ResourceAwsEc2InstanceIpV4Addresses", "Resources.Details.AwsEc2Instance.IpV4Addresses"),
    ("NetworkSourceIpV4", "Network.SourceIpV4"),
    ("NetworkDestinationIpV4", "Network.DestinationIpV4"),
];
