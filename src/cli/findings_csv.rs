//! Findings as comma-separated values for a spreadsheet, which takes some texts for formulas.

use quell_core::finding::{Finding, rfc3339};
use quell_core::text::Untrusted;
use std::io::Write;

const HEAD: [&str; 26] = [
    "id",
    "source",
    "via",
    "type",
    "title",
    "description",
    "severity",
    "score",
    "account",
    "region",
    "resource_kind",
    "resource_id",
    "resource_name",
    "resource_arn",
    "actor_ip",
    "actor_country",
    "actor_principal",
    "actor_access_key",
    "first_seen",
    "last_seen",
    "created",
    "updated",
    "count",
    "status",
    "workflow",
    "raw_sha256",
];

/// Writes a head and a line for each finding.
pub(super) fn write(out: &mut dyn Write, findings: &[&Finding]) -> std::io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(HEAD)?;
    for finding in findings {
        writer.write_record(record(finding))?;
    }
    writer.flush()
}

fn record(f: &Finding) -> [String; 26] {
    let text = |text: &Option<Untrusted>| text.as_ref().map(cell).unwrap_or_default();
    let time = |at: Option<_>| at.map(rfc3339).unwrap_or_default();
    let (resource, actor) = (&f.resource, &f.actor);
    [
        cell(&f.id),
        text(&f.source),
        f.via.word().to_owned(),
        text(&f.kind),
        text(&f.title),
        text(&f.description),
        f.severity.label.map(|label| label.word().to_owned()).unwrap_or_default(),
        f.severity.score.map(|score| score.to_string()).unwrap_or_default(),
        text(&f.account),
        text(&f.region),
        text(&resource.kind),
        text(&resource.id),
        text(&resource.name),
        text(&resource.arn),
        text(&actor.ip),
        text(&actor.country),
        text(&actor.principal),
        text(&actor.access_key),
        time(f.first_seen),
        time(f.last_seen),
        time(f.created),
        time(f.updated),
        f.count.map(|count| count.to_string()).unwrap_or_default(),
        f.status.word().to_owned(),
        f.workflow.map(|workflow| workflow.word().to_owned()).unwrap_or_default(),
        f.raw_sha256(),
    ]
}

/// A cell that no spreadsheet takes for a formula (OWASP, "CSV Injection"): outside text is cleaned, and a quote
/// mark goes before the signs that start one, also in their full-width forms and after blanks.
fn cell(text: &Untrusted) -> String {
    let text = text.line().into_string();
    let signs = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    match text.trim_start().starts_with(signs) || text.starts_with(['\t', '\r']) {
        true => format!("'{text}"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_starts_a_formula() {
        let of = |text: &str| cell(&text.into());
        assert_eq!(of("=1+1"), "'=1+1");
        assert_eq!(of("+1"), "'+1");
        assert_eq!(of("-1"), "'-1");
        assert_eq!(of("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(of("\t=1"), "' =1");
        assert_eq!(of("\r=1"), "\\u{d}=1");
        assert_eq!(of("\u{ff1d}1"), "'\u{ff1d}1");
        assert_eq!(of("a=1"), "a=1");
        assert_eq!(of("\u{feff}=1"), "\\u{feff}=1");
    }
}
