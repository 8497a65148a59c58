//! Elastic Load Balancing (API version 2015-12-01): target groups of instances. Nothing is balanced: a target that is
//! taken out drains for a while, and is gone.

use super::call::Call;
use super::caller::Service;
use super::clock::later;
use super::page;
use super::scenario::TargetGroup;
use super::wire::query::{Element, Form};
use super::wire::{Failure, Reply};
use super::world::World;
use jiff::SignedDuration;

const OPERATIONS: [&str; 5] = [
    "DescribeTargetGroups",
    "DescribeTargetGroupAttributes",
    "DescribeTargetHealth",
    "DeregisterTargets",
    "RegisterTargets",
];
/// So many seconds a target drains, as the groups' attributes say (the default is 300).
const TAKES: i64 = 60;

/// The operation of that name.
pub(super) fn operation(name: &str) -> Option<&'static str> {
    OPERATIONS.into_iter().find(|known| *known == name)
}

/// The ARN of the target group.
pub(super) fn resource(call: &Call) -> String {
    Form::parse(&call.body).get("TargetGroupArn").unwrap_or("*").to_owned()
}

/// The permission that an operation needs.
pub(super) fn permission(operation: &str) -> String {
    format!("elasticloadbalancing:{operation}")
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    let form = Form::parse(&call.body);
    match call.operation {
        "DescribeTargetGroups" => groups(world, call, &form),
        "DescribeTargetGroupAttributes" => attributes(world, call, &form),
        "DescribeTargetHealth" => health(world, call, &form),
        "DeregisterTargets" => turn(world, call, &form, false),
        _ => turn(world, call, &form, true),
    }
    .map(Reply::Xml)
}

fn arn(world: &World, group: &TargetGroup) -> String {
    let (region, account) = (&world.scenario.region, &world.scenario.account);
    let hex = super::chance::Chance(0).hex(&group.name, 0);
    let hex = hex.get(..16).unwrap_or_default();
    format!("arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/{}/{hex}", group.name)
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new("ValidationError", 400, message)
}

fn groups(world: &World, call: &Call, form: &Form) -> Result<Element, Failure> {
    let here = call.region == world.scenario.region;
    let named = form.list("TargetGroupArns.member");
    let all: Vec<&TargetGroup> = world.scenario.target_groups.iter().filter(|_| here).collect();
    if let Some(gone) = named.iter().find(|wanted| !all.iter().any(|group| arn(world, group) == **wanted)) {
        return Err(Failure::new("TargetGroupNotFound", 400, format!("Target groups '{gone}' not found")));
    }
    let all: Vec<&TargetGroup> =
        all.into_iter().filter(|group| named.is_empty() || named.contains(&arn(world, group).as_str())).collect();
    let size = form.get("PageSize").map_or(Ok(400), str::parse).ok().filter(|n| (1..=400).contains(n));
    let size = size.ok_or_else(|| invalid("The page size is not valid"))?;
    let page = page::of(&all, form.get("Marker").filter(|marker| !marker.is_empty()), size, "elb");
    let (page, next) = page.ok_or_else(|| invalid("The marker is not valid"))?;
    let item = |group: &&TargetGroup| {
        let elements = vec![
            Element::text("TargetGroupArn", arn(world, group)),
            Element::text("TargetGroupName", &group.name),
            Element::text("Protocol", if group.network { "TCP" } else { "HTTP" }),
            Element::text("Port", group.port.to_string()),
            Element::text("VpcId", &world.scenario.vpc),
            Element::text("TargetType", "instance"),
        ];
        Element::Nest("member", elements)
    };
    let mut elements = vec![Element::Nest("TargetGroups", page.iter().map(item).collect())];
    elements.extend(next.map(|marker| Element::text("NextMarker", marker)));
    Ok(Element::Nest("", elements))
}

fn named(world: &World, call: &Call, form: &Form) -> Result<TargetGroup, Failure> {
    let wanted = form.need(Service::Elb, "TargetGroupArn")?;
    if !wanted.starts_with("arn:aws:elasticloadbalancing:") {
        return Err(invalid(format!("'{wanted}' is not a valid target group ARN")));
    }
    let here = call.region == world.scenario.region;
    let found = world.scenario.target_groups.iter().find(|group| here && arn(world, group) == wanted).cloned();
    found.ok_or_else(|| Failure::new("TargetGroupNotFound", 400, format!("Target groups '{wanted}' not found")))
}

/// Those that the documentation names for a group of instances of its load balancer, with their defaults.
fn attributes(world: &World, call: &Call, form: &Form) -> Result<Element, Failure> {
    let group = named(world, call, form)?;
    let delay = TAKES.to_string();
    let common = [
        ("deregistration_delay.timeout_seconds", delay.as_str()),
        ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
        ("stickiness.enabled", "false"),
    ];
    let own: &[(&str, &str)] = match group.network {
        true => &[
            ("deregistration_delay.connection_termination.enabled", "false"),
            ("preserve_client_ip.enabled", "true"),
            ("proxy_protocol_v2.enabled", "false"),
            ("stickiness.type", "source_ip"),
            ("target_health_state.unhealthy.connection_termination.enabled", "true"),
        ],
        false => &[
            ("load_balancing.algorithm.type", "round_robin"),
            ("slow_start.duration_seconds", "0"),
            ("stickiness.lb_cookie.duration_seconds", "86400"),
            ("stickiness.type", "lb_cookie"),
        ],
    };
    let item = |(key, value): &(&str, &str)| {
        Element::Nest("member", vec![Element::text("Key", *key), Element::text("Value", *value)])
    };
    let all = common.iter().chain(own).map(item).collect();
    Ok(Element::Nest("", vec![Element::Nest("Attributes", all)]))
}

fn health(world: &World, call: &Call, form: &Form) -> Result<Element, Failure> {
    let group = named(world, call, form)?;
    let all = world.account.targets.get(&group.name).into_iter().flatten();
    let item = |((id, port), leaves): (&(String, u16), &Option<jiff::Timestamp>)| {
        let state = match leaves {
            Some(at) if *at <= world.now => return None,
            Some(_) => vec![
                Element::text("State", "draining"),
                Element::text("Reason", "Target.DeregistrationInProgress"),
                Element::text("Description", "Target deregistration is in progress"),
            ],
            None => vec![Element::text("State", "healthy")],
        };
        let target = vec![Element::text("Id", id), Element::text("Port", port.to_string())];
        let elements = vec![
            Element::Nest("Target", target),
            Element::text("HealthCheckPort", port.to_string()),
            Element::Nest("TargetHealth", state),
        ];
        Some(Element::Nest("member", elements))
    };
    Ok(Element::Nest("", vec![Element::Nest("TargetHealthDescriptions", all.filter_map(item).collect())]))
}

/// Puts targets in, or lets them drain; what is not there can be taken out.
fn turn(world: &mut World, call: &Call, form: &Form, into: bool) -> Result<Element, Failure> {
    let group = named(world, call, form)?;
    let mut wanted = Vec::new();
    for n in 1..=100 {
        let Some(id) = form.get(&format!("Targets.member.{n}.Id")) else { break };
        let port = form.get(&format!("Targets.member.{n}.Port")).map_or(Ok(group.port), str::parse::<u16>);
        let port = port.ok().filter(|port| *port > 0).ok_or_else(|| invalid("The port of a target is not valid"))?;
        if into && !world.account.instances.contains_key(id) {
            let message = format!("The following targets are not in a valid state for registration: '{id}'");
            return Err(Failure::new("InvalidTarget", 400, message));
        }
        wanted.push((id.to_owned(), port));
    }
    if wanted.is_empty() {
        return Err(invalid("A target must be specified"));
    }
    let leaves = later(world.now, SignedDuration::from_secs(TAKES));
    let targets = world.account.targets.entry(group.name).or_default();
    for target in wanted {
        match into {
            true => drop(targets.insert(target, None)),
            false => {
                if let Some(state) = targets.get_mut(&target) {
                    state.get_or_insert(leaves);
                }
            }
        }
    }
    Ok(Element::Nest("", Vec::new()))
}
