//! What a source has told so far: so that nothing is told twice, nothing old over something new, and what is gone
//! is told to be archived.

use jiff::Timestamp;
use quell_core::finding::{Finding, Status};
use quell_core::text::Untrusted;
use std::collections::{HashMap, HashSet};

/// Full readings in a row that a finding must be missing from before it counts as gone. Pages are no snapshot: while
/// one is read, an earlier finding that leaves the list moves a later one out of sight.
const MISSES: u32 = 2;

/// The findings of one source as they were last told.
#[derive(Default)]
pub(super) struct Told(HashMap<Untrusted, Known>);

struct Known {
    finding: Finding,
    /// Full readings in a row that did not have it.
    missed: u32,
}

impl Told {
    /// Those that are new or have changed. An archived one is news only where it was known as active.
    pub(super) fn news(&mut self, findings: Vec<Finding>) -> Vec<Finding> {
        findings.into_iter().filter(|finding| self.take(finding)).collect()
    }

    fn take(&mut self, finding: &Finding) -> bool {
        let Some(known) = self.0.get_mut(&finding.id) else {
            let active = finding.status == Status::Active;
            if active {
                self.0.insert(finding.id.clone(), Known { finding: finding.clone(), missed: 0 });
            }
            return active;
        };
        known.missed = 0;
        if older(finding.updated, known.finding.updated) || *finding == known.finding {
            return false;
        }
        known.finding = finding.clone();
        true
    }

    /// Ends a full reading that had these: what has been missing twice is told as archived. The flag says that some
    /// were missing for the first time, so that another full reading should come soon.
    pub(super) fn sweep(&mut self, seen: &HashSet<Untrusted>) -> (Vec<Finding>, bool) {
        let (mut gone, mut doubtful) = (Vec::new(), false);
        for (id, known) in &mut self.0 {
            if known.finding.status == Status::Archived || seen.contains(id) {
                continue;
            }
            known.missed += 1;
            if known.missed < MISSES {
                doubtful = true;
                continue;
            }
            known.finding.status = Status::Archived;
            gone.push(known.finding.clone());
        }
        (gone, doubtful)
    }
}

fn older(one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one < other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quell_core::finding::{Via, read_answer};

    fn version(updated: &str, count: u32) -> Vec<Finding> {
        let text = format!(
            r#"{{"findings":[{{"accountId":"111122223333","arn":"arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f",
            "id":"f","region":"eu-west-1","schemaVersion":"2.0","severity":5,"type":"Recon:EC2/Portscan","resource":{{}},
            "createdAt":"2026-11-21T00:00:00Z","updatedAt":"{updated}","service":{{"count":{count}}}}}]}}"#
        );
        read_answer(text.as_bytes(), Via::Guardduty).unwrap().findings
    }

    #[test]
    fn an_older_version_is_no_news_and_an_equal_moment_is() {
        let mut told = Told::default();
        assert_eq!(told.news(version("2026-11-21T12:00:00Z", 4)).len(), 1);
        // A page that was read earlier but arrives later, or a lagging replica.
        assert_eq!(told.news(version("2026-11-21T11:00:00Z", 3)), []);
        // Security Hub does not move the moment when it is triaged.
        assert_eq!(told.news(version("2026-11-21T12:00:00Z", 5)).len(), 1);
        assert_eq!(told.news(version("2026-11-21T12:00:00Z", 5)), []);
    }
}
