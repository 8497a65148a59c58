//! Amazon EC2 Auto Scaling (API version 2011-01-01): groups of instances, and standby. Nothing is scaled: what a group
//! wants is a number.

use super::account::InstanceState;
use super::call::Call;
use super::caller::Service;
use super::clock::later;
use super::scenario::Scaling;
use super::wire::query::{Element, Form};
use super::wire::{Failure, Reply, seconds};
use super::world::World;
use jiff::{SignedDuration, Timestamp};

const OPERATIONS: [&str; 4] =
    ["DescribeAutoScalingInstances", "DescribeAutoScalingGroups", "EnterStandby", "ExitStandby"];
/// So long it takes until an instance is on standby, or in service again.
const TAKES: SignedDuration = SignedDuration::from_secs(25);

/// The operation of that name.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|known| *known == name)
}

/// The ARN of the group that an operation changes.
pub(super) fn resource(world: &World, call: &Call) -> String {
    match Form::parse(&call.body).get("AutoScalingGroupName") {
        Some(name) => arn(world, name),
        None => "*".to_owned(),
    }
}

fn arn(world: &World, name: &str) -> String {
    let (region, account) = (&world.scenario.region, &world.scenario.account);
    format!(
        "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{}:autoScalingGroupName/{name}",
        world.scenario.detector
    )
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    let form = Form::parse(&call.body);
    match call.operation {
        "DescribeAutoScalingInstances" => instances(world, call, &form),
        "DescribeAutoScalingGroups" => groups(world, call, &form),
        "EnterStandby" => standby(world, call, &form, true),
        _ => standby(world, call, &form, false),
    }
    .map(|elements| Reply::Xml(Element::Nest("", elements)))
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new("ValidationError", 400, message)
}

/// The group of an instance.
pub(super) fn group_of<'a>(world: &'a World, instance: &str) -> Option<&'a Scaling> {
    world.scenario.scaling.iter().find(|group| group.instances.iter().any(|id| id == instance))
}

fn lifecycle(state: &InstanceState, now: Timestamp) -> &'static str {
    match (state.standby, state.placed > now) {
        (true, true) => "EnteringStandby",
        (true, false) => "Standby",
        (false, true) => "Pending",
        (false, false) => "InService",
    }
}

fn desired(world: &World, group: &Scaling) -> i64 {
    world.account.desired.get(&group.name).copied().unwrap_or(group.desired)
}

fn member(world: &World, id: &str, named: bool) -> Option<Element> {
    let (group, state) = (group_of(world, id)?, world.account.instances.get(id)?);
    let kind = world.scenario.instances.iter().find(|i| i.id == id).map(|i| i.kind.clone()).unwrap_or_default();
    let mut elements = vec![Element::text("InstanceId", id), Element::text("InstanceType", kind)];
    elements.extend(named.then(|| Element::text("AutoScalingGroupName", &group.name)));
    elements.extend([
        Element::text("AvailabilityZone", &world.scenario.zone),
        Element::text("LifecycleState", lifecycle(state, world.now)),
        Element::text("HealthStatus", if named { "HEALTHY" } else { "Healthy" }),
        Element::text("ProtectedFromScaleIn", "false"),
    ]);
    Some(Element::Nest("member", elements))
}

/// A page holds all: there are few.
fn size(form: &Form, most: usize) -> Result<(), Failure> {
    if form.get("NextToken").is_some_and(|token| !token.is_empty()) {
        return Err(Failure::new("InvalidNextToken", 400, "The token is not valid"));
    }
    match form.get("MaxRecords").map(str::parse::<usize>) {
        None => Ok(()),
        Some(Ok(n)) if (1..=most).contains(&n) => Ok(()),
        Some(_) => Err(invalid(format!("The value of MaxRecords is not valid; it is at most {most}"))),
    }
}

fn instances(world: &World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    size(form, 50)?;
    let named = form.list("InstanceIds.member");
    let here = call.region == world.scenario.region;
    let all = world.scenario.scaling.iter().flat_map(|group| &group.instances);
    let all = all.filter(|id| here && (named.is_empty() || named.contains(&id.as_str())));
    let found: Vec<Element> = all.filter_map(|id| member(world, id, true)).collect();
    Ok(vec![Element::Nest("AutoScalingInstances", found)])
}

fn groups(world: &World, call: &Call, form: &Form) -> Result<Vec<Element>, Failure> {
    size(form, 100)?;
    let named = form.list("AutoScalingGroupNames.member");
    let here = call.region == world.scenario.region;
    let all = world.scenario.scaling.iter();
    let all = all.filter(|group| here && (named.is_empty() || named.contains(&group.name.as_str())));
    let item = |group: &Scaling| {
        let members = group.instances.iter().filter_map(|id| member(world, id, false)).collect();
        let elements = vec![
            Element::text("AutoScalingGroupName", &group.name),
            Element::text("AutoScalingGroupARN", arn(world, &group.name)),
            Element::text("MinSize", group.min.to_string()),
            Element::text("MaxSize", group.max.to_string()),
            Element::text("DesiredCapacity", desired(world, group).to_string()),
            Element::text("DefaultCooldown", "300"),
            Element::Nest("AvailabilityZones", vec![Element::text("member", &world.scenario.zone)]),
            Element::text("HealthCheckType", "EC2"),
            Element::Nest("Instances", members),
            Element::text("CreatedTime", seconds(world.account.made)),
        ];
        Element::Nest("member", elements)
    };
    Ok(vec![Element::Nest("AutoScalingGroups", all.map(item).collect())])
}

/// Puts instances on standby, or into service again; what the group wants goes with it.
fn standby(world: &mut World, call: &Call, form: &Form, enter: bool) -> Result<Vec<Element>, Failure> {
    let name = form.need(Service::AutoScaling, "AutoScalingGroupName")?;
    let here = call.region == world.scenario.region;
    let group = world.scenario.scaling.iter().find(|group| here && group.name == name).cloned();
    let group = group.ok_or_else(|| invalid(format!("Group {name} not found")))?;
    let decrement = match (enter, form.get("ShouldDecrementDesiredCapacity")) {
        (true, None) => {
            return Err(invalid("Value null at 'shouldDecrementDesiredCapacity' failed to satisfy constraint"));
        }
        (true, Some(word)) => word == "true",
        (false, _) => false,
    };
    let ids = form.list("InstanceIds.member");
    let (now, wanted) = (world.now, desired(world, &group));
    for id in &ids {
        let state = world.account.instances.get(*id).filter(|_| group.instances.iter().any(|one| one == id));
        let state =
            state.ok_or_else(|| invalid(format!("The instance {id} is not part of Auto Scaling group {name}.")))?;
        let (is, needs) = (lifecycle(state, now), if enter { "InService" } else { "Standby" });
        if is != needs {
            return Err(invalid(format!("The instance {id} is not in {needs}.")));
        }
    }
    let count = i64::try_from(ids.len()).unwrap_or_default();
    let then = match (enter, decrement) {
        (true, true) => wanted - count,
        (true, false) => wanted,
        (false, _) => wanted + count,
    };
    if then < group.min {
        let message = format!(
            "AutoScalingGroup {name} has min-size={}, and desired-size={wanted}. Placing into standby {count} instance(s) \
             will update the desired-size={then}, which is less than the min-size.",
            group.min
        );
        return Err(invalid(message));
    }
    if then > group.max {
        return Err(invalid(format!("AutoScalingGroup {name} has max-size={}, and desired-size={wanted}.", group.max)));
    }
    world.account.desired.insert(name.to_owned(), then);
    for id in &ids {
        if let Some(state) = world.account.instances.get_mut(*id) {
            (state.standby, state.placed) = (enter, later(now, TAKES));
        }
    }
    Ok(vec![Element::Nest("Activities", activities(world, &ids, name, enter))])
}

fn activities(world: &World, ids: &[&str], group: &str, enter: bool) -> Vec<Element> {
    let word = if enter { "to Standby" } else { "out of Standby" };
    let one = |id: &&str| {
        let elements = vec![
            Element::text("ActivityId", world.chance.uuid(&format!("activity {id}"), world.answered)),
            Element::text("AutoScalingGroupName", group),
            Element::text("Description", format!("Moving EC2 instance {word}: {id}")),
            Element::text(
                "Cause",
                format!("At {} instance {id} was moved {word} in response to a user request.", seconds(world.now)),
            ),
            Element::text("StartTime", seconds(world.now)),
            Element::text("StatusCode", "InProgress"),
            Element::text("Progress", "50"),
            Element::text("Details", "{}"),
        ];
        Element::Nest("member", elements)
    };
    ids.iter().map(one).collect()
}
