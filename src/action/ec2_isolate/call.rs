//! One interface's groups, put and read back.

use super::super::calls;
use super::read::Interface;
use crate::aws::Writer;
use crate::aws::ec2::Change;
use quell_core::incident::{Outcome, Plan, PlannedRequest};
use quell_core::text::id::{InterfaceId, SecurityGroupId};
use quell_core::text::{Id, Untrusted};
use serde_json::json;

const OPERATION: &str = "ModifyNetworkInterfaceAttribute";

/// Puts exactly these groups on the interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub interface: Id<InterfaceId>,
    pub groups: Vec<Id<SecurityGroupId>>,
}

impl Call {
    pub(super) fn request(&self) -> PlannedRequest {
        let groups: Vec<&str> = self.groups.iter().map(Id::as_str).collect();
        let input = json!({ "NetworkInterfaceId": self.interface.as_str(), "Groups": groups });
        PlannedRequest { service: "ec2".to_owned(), operation: OPERATION.to_owned(), input }
    }

    pub(super) fn change(&self) -> Change {
        let groups: Vec<&str> = self.groups.iter().map(Id::as_str).collect();
        Change::groups(self.interface.as_str(), &groups)
    }

    fn of(request: &PlannedRequest) -> Option<Self> {
        let interface = Id::new(request.input.get("NetworkInterfaceId")?.as_str()?).ok()?;
        let groups = request.input.get("Groups")?.as_array()?.iter();
        let groups = groups.map(|id| Id::new(id.as_str()?).ok()).collect::<Option<Vec<_>>>()?;
        let call = Self { interface, groups };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (call.request() == *request && !call.groups.is_empty()).then_some(call)
    }

    /// The plan's calls; none where there is one that can't be read, or none at all.
    pub(super) fn all(plan: &Plan) -> Option<Vec<Self>> {
        let calls = plan.requests.iter().map(Self::of).collect::<Option<Vec<_>>>()?;
        (!calls.is_empty()).then_some(calls)
    }

    /// Its group, where it is one alone.
    pub(super) fn only(&self) -> Option<&Id<SecurityGroupId>> {
        match self.groups.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Whether the interface is among these and has these groups.
    pub(super) fn stands(&self, now: &[Interface]) -> bool {
        let mut groups = self.groups.clone();
        groups.sort();
        now.iter().any(|one| one.id == self.interface && one.groups == groups)
    }

    /// Sends it, once; the request ids, or how it ended otherwise.
    pub(super) async fn send(&self, writer: &Writer) -> Result<Vec<Untrusted>, Outcome> {
        match writer.ec2().change(&self.change()).await {
            Ok(answer) => Ok(calls::request_ids(&answer)),
            Err(error) => Err(writer.outcome("ec2:ModifyNetworkInterfaceAttribute", &error)),
        }
    }
}
