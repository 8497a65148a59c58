//! Rates and injected faults: the calls of each operation counted, the request rates that AWS publishes kept.

use super::scenario::{Fault, FaultKind};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Operations with a published rate: calls a second, and the burst (Security Hub API reference).
const RATES: [(&str, f64, f64); 4] = [
    ("securityhub:GetFindings", 3.0, 6.0),
    ("securityhub:BatchUpdateFindings", 10.0, 30.0),
    ("securityhub:BatchImportFindings", 10.0, 30.0),
    ("securityhub:DescribeHub", 10.0, 30.0),
];

/// Counters and token buckets, one per operation and Region.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate {
    calls: BTreeMap<String, u64>,
    buckets: BTreeMap<String, (Timestamp, f64)>,
}

impl Gate {
    /// Counts a call and says what shall go wrong with it.
    pub fn fault(&mut self, faults: &[Fault], action: &str) -> Option<FaultKind> {
        let calls = self.calls.entry(action.to_owned()).or_default();
        *calls += 1;
        let hit = |f: &&Fault| f.operation == action && (f.from..f.from.saturating_add(f.count)).contains(calls);
        faults.iter().find(hit).map(|f| f.error)
    }

    /// Takes a token of the operation's bucket; false is a throttled call. `real` is the machine's clock.
    pub fn admits(&mut self, action: &str, region: &str, real: Timestamp) -> bool {
        let Some((_, rate, burst)) = RATES.iter().find(|(name, ..)| *name == action) else { return true };
        let (last, tokens) = self.buckets.entry(format!("{action} {region}")).or_insert((real, *burst));
        let passed = real.duration_since(*last).as_secs_f64().max(0.0);
        *tokens = (*tokens + passed * rate).min(*burst);
        *last = real.max(*last);
        let admitted = *tokens >= 1.0;
        if admitted {
            *tokens -= 1.0;
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_six_then_three_a_second() {
        let mut gate = Gate::default();
        let start: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let call = |gate: &mut Gate, at| gate.admits("securityhub:GetFindings", "eu-west-1", at);
        assert_eq!((0..8).filter(|_| call(&mut gate, start)).count(), 6);
        let later = start + jiff::SignedDuration::from_secs(1);
        assert_eq!((0..8).filter(|_| call(&mut gate, later)).count(), 3);
        assert!(gate.admits("securityhub:GetFindings", "eu-west-2", later), "each Region has its own");
        assert!((0..100).all(|_| gate.admits("guardduty:GetFindings", "eu-west-1", start)), "no rate is published");
    }

    #[test]
    fn a_fault_hits_the_calls_it_names() {
        let fault = Fault { operation: "ssm:X".to_owned(), from: 2, count: 2, error: FaultKind::Internal };
        let mut gate = Gate::default();
        let hits: Vec<bool> = (0..5).map(|_| gate.fault(std::slice::from_ref(&fault), "ssm:X").is_some()).collect();
        assert_eq!(hits, [false, true, true, false, false]);
        assert_eq!(gate.fault(std::slice::from_ref(&fault), "ssm:Y"), None);
    }
}
