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
    /// What is known of the call by itself: the service that a role is given to, or that uses a key.
    context: Vec<(&'static str, String)>,
}

impl Need {
    fn new(action: &str, resource: impl Into<String>) -> Self {
        Self { action: action.to_owned(), resource: resource.into(), context: Vec::new() }
    }
}

/// What the call needs and the policy of its session does not allow; none where the session has no policy.
pub(super) fn lacks(world: &World, call: &Call, own: (&str, &str)) -> Option<Need> {
    let policy = call.caller.policy.as_ref()?;
    let permits = |need: &Need| {
        let mut context = vec![("aws:requestedregion", call.region.as_str())];
        context.extend(need.context.iter().map(|(name, value)| (*name, value.as_str())));
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
        (Service::Ec2, "StartInstances") => {
            let grant = key(call, &super::ec2::volumes::key(world), "ec2", "kms:CreateGrant");
            all.push(Need {
                context: [grant.context, vec![("kms:grantisforawsresource", "true".to_owned())]].concat(),
                ..grant
            });
        }
        (Service::Sns, "Publish") => {
            let topic = world.scenario.topics.iter().find(|one| resource.ends_with(&format!(":{}", one.name)));
            all.extend(keyed(call, &place, "sns", topic.and_then(|one| one.key.as_deref())));
        }
        (Service::Sfn, "StartExecution") => {
            let machine = world.scenario.machines.iter().find(|one| resource.ends_with(&format!(":{}", one.name)));
            all.extend(keyed(call, &place, "states", machine.and_then(|one| one.key.as_deref())));
        }
        _ => {}
    }
    all
}

/// That a service uses a key in the caller's name.
fn key(call: &Call, key: &str, service: &str, action: &str) -> Need {
    let via = format!("{service}.{}.amazonaws.com", call.region);
    Need { context: vec![("kms:viaservice", via)], ..Need::new(action, key) }
}

fn keyed(call: &Call, place: &str, service: &str, id: Option<&str>) -> Vec<Need> {
    let Some(id) = id else { return Vec::new() };
    let arn = format!("arn:aws:kms:{place}:key/{id}");
    ["kms:Decrypt", "kms:GenerateDataKey"].iter().map(|action| key(call, &arn, service, action)).collect()
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
        all.push(Need {
            context: vec![("iam:passedtoservice", "ssm.amazonaws.com".to_owned())],
            ..Need::new("iam:PassRole", role)
        });
    }
    all
}
