//! What a call needs of the policy that its session was limited to (IAM user guide, "Session policies"; Service
//! Authorization Reference): every permission, on every resource that is named in it.

use super::call::Call;
use super::caller::Service;
use super::wire::query::Form;
use super::world::World;
use serde_json::Value;

/// A permission on a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub action: String,
    pub resource: String,
    /// The service that a role is given to.
    to: Option<&'static str>,
}

impl Need {
    fn new(action: &str, resource: impl Into<String>) -> Self {
        Self { action: action.to_owned(), resource: resource.into(), to: None }
    }
}

/// What the call needs and the policy of its session does not allow; none where the session has no policy.
pub(super) fn lacks(world: &World, call: &Call, own: (&str, &str)) -> Option<Need> {
    let policy = call.caller.policy.as_ref()?;
    let permits = |need: &Need| {
        let mut context = vec![("aws:requestedregion", call.region.as_str())];
        context.extend(need.to.map(|service| ("iam:passedtoservice", service)));
        policy.permits(&need.action, &need.resource, &context)
    };
    needs(world, call, own).into_iter().find(|need| !permits(need))
}

fn needs(world: &World, call: &Call, (action, resource): (&str, &str)) -> Vec<Need> {
    let mut all = vec![Need::new(action, resource)];
    let place = format!("{}:{}", call.region, world.scenario.account);
    match (call.service, call.operation) {
        (Service::Ec2, "ModifyNetworkInterfaceAttribute") => {
            let groups = Form::parse(&call.body);
            let groups = groups.list("SecurityGroupId").into_iter();
            all.extend(groups.map(|id| Need::new(action, format!("arn:aws:ec2:{place}:security-group/{id}"))));
        }
        (Service::Ssm, "StartAutomationExecution") => all.extend(automation(call, &place)),
        _ => {}
    }
    all
}

/// An automation is tagged and given its role in the name of whoever starts it.
fn automation(call: &Call, place: &str) -> Vec<Need> {
    let input: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let mut all = Vec::new();
    if input.get("Tags").and_then(Value::as_array).is_some_and(|tags| !tags.is_empty()) {
        // The execution's id is not known yet.
        let execution = format!("arn:aws:ssm:{place}:automation-execution/00000000-0000-0000-0000-000000000000");
        all.push(Need::new("ssm:AddTagsToResource", execution));
    }
    let role = input.get("Parameters").and_then(|all| all.get("AutomationAssumeRole")?.get(0)?.as_str());
    if let Some(role) = role.filter(|role| !role.is_empty()) {
        all.push(Need { to: Some("ssm.amazonaws.com"), ..Need::new("iam:PassRole", role) });
    }
    all
}
