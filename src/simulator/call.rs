//! A request that has passed the front door: who calls which operation, with what.

use super::caller::{Caller, Service};
use super::wire::Now;
use super::{elb, s3, s3control};

/// A call of an operation.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub service: Service,
    pub operation: &'static str,
    pub region: String,
    pub caller: Caller,
    pub now: Now,
    /// What the path names: GuardDuty's detector, S3's bucket, Lambda's function.
    pub argument: String,
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Call {
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The service and the operation.
    pub fn action(&self) -> String {
        format!("{}:{}", self.service.prefix(), self.operation)
    }

    /// The permission that it needs, which is named as it is; but not in S3, nor always in Lambda.
    pub fn permission(&self) -> String {
        match self.service {
            Service::S3 => s3::permission(self.operation).to_owned(),
            Service::Elb => elb::permission(self.operation),
            Service::S3Control => s3control::permission(self.operation).to_owned(),
            Service::Lambda if self.operation == "Invoke" => "lambda:InvokeFunction".to_owned(),
            _ => self.action(),
        }
    }
}
