//! Findings as an aligned table for people.

use quell_core::finding::{Finding, Label};
use quell_core::text::{Untrusted, cut_end, cut_start, width};
use std::io::Write;

const HEAD: [&str; 7] = ["SEV", "LAST SEEN", "ACCOUNT", "REGION", "TYPE", "RESOURCE", "TITLE"];
/// Cells that a column may take.
const MOST: [usize; 7] = [4, 17, 14, 16, 60, 40, 120];

/// Writes a head and a line for each finding; nothing for an empty list.
pub(super) fn write(out: &mut dyn Write, findings: &[&Finding]) -> std::io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    let rows: Vec<[String; 7]> = findings.iter().map(|finding| row(finding)).collect();
    let mut widths = HEAD.map(width);
    for row in &rows {
        for (most, cell) in widths.iter_mut().zip(row) {
            *most = (*most).max(width(cell));
        }
    }
    let head = HEAD.map(str::to_owned);
    for row in [&head].into_iter().chain(&rows) {
        writeln!(out, "{}", line(row, &widths).trim_end())?;
    }
    Ok(())
}

fn line(row: &[String; 7], widths: &[usize; 7]) -> String {
    let mut line = String::new();
    for (cell, wide) in row.iter().zip(widths) {
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', wide.saturating_sub(width(cell)) + 2));
    }
    line
}

fn row(finding: &Finding) -> [String; 7] {
    let text = |text: &Option<Untrusted>| text.as_ref().map(|t| t.line().into_string()).unwrap_or_default();
    let seen = finding.last_seen.or(finding.updated);
    let resource = &finding.resource;
    let named = [&resource.id, &resource.name, &resource.arn, &resource.kind];
    let named = named.into_iter().flatten().next().cloned();
    let [sev, time, account, region, kind, resource_most, title] = MOST;
    [
        cut_end(finding.severity.label.map(Label::short).unwrap_or("-"), sev),
        cut_end(&seen.map(|at| at.strftime("%Y-%m-%d %H:%MZ").to_string()).unwrap_or_default(), time),
        cut_end(&text(&finding.account), account),
        cut_end(&text(&finding.region), region),
        cut_end(&text(&finding.kind), kind),
        cut_start(&text(&named), resource_most),
        cut_end(&text(&finding.title), title),
    ]
}
