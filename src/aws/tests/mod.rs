//! Connection, reader and writer against a fake AWS, one promise a test.

mod capture;
mod classes;
mod published;
mod reading;
mod writing;

use super::fake::{Answer, Asked, Fake, identity};
use super::{Allow, ConnectOptions, Connection, ConnectionKind};

/// The lists of these tests.
fn allow() -> Allow {
    Allow {
        read: vec![("GuardDuty", "ListDetectors"), ("GuardDuty", "GetFindings"), ("IAM", "ListAccessKeys")],
        consume: vec![],
        mutate: vec![
            ("GuardDuty", "UpdateFindingsFeedback"),
            ("IAM", "CreateLoginProfile"),
            ("IAM", "UpdateAccessKey"),
            ("SSM", "StartAutomationExecution"),
            ("SecurityHub", "BatchUpdateFindings"),
        ],
    }
}

/// A real connection to an AWS in which the caller's account is 111122223333 and all else is up to the test.
fn real(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Connection, Fake) {
    let fake = Fake::new(move |asked| match asked.operation.as_str() {
        "GetCallerIdentity" => identity("111122223333"),
        _ => script(asked),
    });
    (fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow()), fake)
}
