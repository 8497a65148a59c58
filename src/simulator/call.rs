//! A request that has passed the front door: who calls which operation, with what.

use super::caller::{Caller, Service};
use super::wire::Now;

/// A call of an operation.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub service: Service,
    pub operation: &'static str,
    pub region: String,
    pub caller: Caller,
    pub now: Now,
    /// What the path names: GuardDuty's detector.
    pub argument: String,
    pub query: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Call {
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The operation as IAM names it.
    pub fn action(&self) -> String {
        format!("{}:{}", self.service.prefix(), self.operation)
    }
}
