//! What is sent: a rule group put into a VPC, or taken out again.

use super::super::seal::text;
use quell_core::incident::{Plan, PlannedRequest};
use serde_json::{Value, json};

pub(super) const ASSOCIATE: &str = "AssociateFirewallRuleGroup";
pub(super) const DISASSOCIATE: &str = "DisassociateFirewallRuleGroup";

/// The one call of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Put { group: String, vpc: String, priority: u16 },
    Take { association: String },
}

impl Call {
    pub(super) fn request(&self) -> PlannedRequest {
        let (operation, input) = match self {
            Self::Put { group, vpc, priority } => (
                ASSOCIATE,
                json!({
                    "FirewallRuleGroupId": group, "MutationProtection": "DISABLED", "Priority": priority, "VpcId": vpc,
                }),
            ),
            Self::Take { association } => (DISASSOCIATE, json!({ "FirewallRuleGroupAssociationId": association })),
        };
        PlannedRequest { service: "route53resolver".to_owned(), operation: operation.to_owned(), input }
    }

    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let said = |member: &str| text(request, member).map(str::to_owned);
        let call = match request.operation.as_str() {
            ASSOCIATE => Self::Put {
                group: said("FirewallRuleGroupId")?,
                vpc: said("VpcId")?,
                priority: u16::try_from(request.input.get("Priority").and_then(Value::as_u64)?).ok()?,
            },
            _ => Self::Take { association: said("FirewallRuleGroupAssociationId")? },
        };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (call.request() == *request).then_some(call)
    }
}
