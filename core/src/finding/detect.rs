//! Which shape a JSON object has: shape is detected from what a record says, never asked for.

use super::doc::find;
use super::doubt::{self, Doubt};
use super::record::{Bad, Fields, Record};
use super::{Finding, asff, guardduty, inspector2, ocsf};
use serde_json::value::RawValue;

/// The wire shapes of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// GuardDuty's own (GetFindings, EventBridge), in camelCase or PascalCase.
    Guardduty,
    /// The AWS Security Finding Format (GetFindings of Security Hub CSPM).
    Asff,
    /// The Open Cybersecurity Schema Framework (Security Hub v2, Security Lake, Prowler).
    Ocsf,
    /// Inspector's own (ListFindings).
    Inspector2,
}

/// What an object is.
pub(super) enum What<'a> {
    Finding(Shape),
    /// An EventBridge event; its `detail`.
    Event(&'a RawValue),
    /// Something that holds findings; the value that does.
    Holder(&'a RawValue),
    /// A Security Hub insight result: it names resources and carries no findings.
    Insight,
    Unknown,
}

/// What an object with these fields is. A finding is looked for first: a finding may hold words that look like an
/// envelope's, an envelope never those of a finding.
pub(super) fn what<'a>(fields: &Fields<'a>) -> What<'a> {
    if let Some(shape) = shape(fields) {
        return What::Finding(shape);
    }
    let value = |name| find(fields, name).copied();
    if let Some(detail) = value("detail")
        && (has(fields, "detail-type") || has(fields, "detailType") || has(fields, "source"))
    {
        return What::Event(detail);
    }
    if has(fields, "insightResults") || has(fields, "insightArn") {
        return What::Insight;
    }
    // A list of findings as the services and the command line print it, a recorded answer (`data`), a lone
    // finding under its name.
    let holders = ["findings", "data", "finding"];
    match holders.iter().find_map(|name| value(name).filter(|raw| raw.get().starts_with(['[', '{']))) {
        Some(raw) => What::Holder(raw),
        None => What::Unknown,
    }
}

/// The shape of a finding with these fields.
pub(super) fn shape(fields: &Fields<'_>) -> Option<Shape> {
    if has(fields, "class_uid") || is_map(fields, "finding_info") {
        return Some(Shape::Ocsf);
    }
    if has(fields, "findingArn") {
        return Some(Shape::Inspector2);
    }
    const ASFF: [&str; 8] = [
        "ProductArn",
        "AwsAccountId",
        "GeneratorId",
        "Types",
        "Resources",
        "RecordState",
        "FindingProviderFields",
        "LastObservedAt",
    ];
    // Two, because RelatedFindings and answers of other calls carry a ProductArn beside an Id.
    if ASFF.iter().filter(|name| has(fields, name)).count() >= 2 {
        return Some(Shape::Asff);
    }
    let arn = find(fields, "arn").is_some_and(|raw| raw.get().contains(":guardduty:"));
    let (resource, service) = (is_map(fields, "resource"), is_map(fields, "service"));
    let own = arn || (resource && service) || (has(fields, "type") && (resource || service));
    own.then_some(Shape::Guardduty)
}

/// Reads a record of a known shape; with what of it is doubtful.
pub(super) fn read<'a>(shape: Shape, record: &Record<'a>) -> Result<(Finding, Vec<Doubt<'a>>), Bad> {
    let finding = match shape {
        Shape::Guardduty => return Ok((guardduty::read(record)?, doubt::guardduty(record)?)),
        Shape::Asff => asff::read(record)?,
        Shape::Ocsf => ocsf::read(record)?,
        Shape::Inspector2 => inspector2::read(record)?,
    };
    Ok((finding, Vec::new()))
}

fn has(fields: &Fields<'_>, name: &str) -> bool {
    find(fields, name).is_some_and(|raw| raw.get() != "null")
}

fn is_map(fields: &Fields<'_>, name: &str) -> bool {
    find(fields, name).is_some_and(|raw| raw.get().starts_with('{'))
}
