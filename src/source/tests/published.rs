//! The findings that AWS publishes as examples, read by the sources as they come.

use super::{Answer, connection, run};
use crate::aws::published::published;
use crate::source::{Fetched, Limits, fetch_all};
use quell_core::finding::{Label, Status, Via, Workflow, read_answer};

fn read() -> Option<Fetched> {
    let all = published()?;
    let (connection, _) = connection(move |asked| {
        // The example of Security Hub is a first page; what its token leads to is not published.
        if asked.body.contains("\"NextToken\":") {
            return Answer::ok(r#"{"Findings":[]}"#);
        }
        // The last list of ids is the one whose finding is published.
        let fits = all.iter().rfind(|example| example.fits(asked));
        fits.map_or_else(|| Answer::refused(400, "Unexpected", "{}"), |example| example.answer())
    });
    Some(run(fetch_all(&connection, Limits::default())))
}

#[test]
fn published_findings_are_read_unchanged() {
    let Some(read) = read() else { return };
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    // The one of Security Hub is archived, and an archived finding is no news.
    assert_eq!(read.findings.len(), 1);
    let finding = &read.findings[0];
    assert_eq!(finding.via, Via::Guardduty);
    assert_eq!(finding.kind, Some("Recon:IAMUser/UserPermissions".into()));
    assert_eq!(finding.account, Some("111122223333".into()));
    assert_eq!(finding.severity.label, Some(Label::Medium));
    assert_eq!(finding.actor.ip, Some("52.94.36.7".into()));
    assert_eq!(finding.count, Some(5));
    // A member that no parser of ours names is kept with the finding's own bytes.
    assert!(String::from_utf8_lossy(&finding.raw).contains("\"asnOrg\": \"AMAZON-02\""));
}

#[test]
fn a_published_page_of_security_hub_is_parsed_unchanged() {
    let Some(all) = published() else { return };
    let page = all.iter().find(|e| (e.service.as_str(), e.operation.as_str()) == ("securityhub", "GetFindings"));
    let batch = read_answer(page.unwrap().body.as_bytes(), Via::Securityhub).unwrap();
    assert!(batch.errors.is_empty(), "{:?}", batch.errors);
    assert_eq!(batch.findings.len(), 1);
    let finding = &batch.findings[0];
    let id = "arn:aws:securityhub:eu-central-1:123456789012:subscription/pci-dss/v/3.2.1/PCI.Lambda.2/finding/\
              a1b2c3d4-5678-90ab-cdef-EXAMPLE11111";
    assert_eq!(finding.id, id.into());
    assert_eq!(finding.kind, Some("PCI.Lambda.2".into()));
    assert_eq!(finding.account, Some("123456789012".into()));
    assert_eq!(finding.severity.label, Some(Label::Informational));
    assert_eq!(finding.status, Status::Archived);
    assert_eq!(finding.workflow, Some(Workflow::New));
}
