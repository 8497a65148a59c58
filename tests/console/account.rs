//! The simulated account, asked who quell is: what it says, and the log of that call.

use super::fixtures;
use quell::aws::{CallLog, Connection, Identity, StaticAccess};
use quell::runtime::Runtime;
use quell::simulator::{Scenario, Simulator};
use std::sync::OnceLock;

/// Who the simulated account says that quell is, and the log of the call that asked.
pub fn account() -> &'static (Identity, CallLog) {
    static ACCOUNT: OnceLock<(Identity, CallLog)> = OnceLock::new();
    ACCOUNT.get_or_init(|| asked("2025-11-21T14:00:00Z", "2025-11-21T14:00:00Z"))
}

/// The account is asked who quell is, at one time by its clock and at another by ours.
fn asked(theirs: &'static str, ours: &'static str) -> (Identity, CallLog) {
    let runtime = |now: &'static str| {
        Runtime::new(
            move || fixtures::time(now),
            |b| {
                b.fill(7);
                Ok(())
            },
        )
    };
    let simulator = Simulator::new(Scenario::named("quiet").unwrap(), 1, 1.0, runtime(theirs));
    let a = simulator.access();
    let (account, region, partition) = (a.account, a.region, a.partition);
    let (access_key_id, secret) = (a.access_key_id, a.secret_access_key);
    let access = StaticAccess { account, region, partition, access_key_id, secret };
    let mut allow = quell::action::allow();
    allow.read.push(("STS", "GetCallerIdentity"));
    let connection = Connection::simulated(simulator.http_client(), &access, allow, runtime(ours));
    let identity = Runtime::tokio().unwrap().block_on(connection.identity()).unwrap();
    (identity, connection.calls().clone())
}

/// A log of one call that was made at one time by the account's clock and at another by ours.
pub fn calls_at(theirs: &'static str, ours: &'static str) -> CallLog {
    asked(theirs, ours).1
}

/// A log of one call.
pub fn calls() -> CallLog {
    account().1.clone()
}
