//! The pure core: a request and the time in, a response out. Routes by the credential scope and the protocol.

#[cfg(test)]
mod tests;

use super::call::Call;
use super::caller::{Scope, Service, authenticate};
use super::policy::matches;
use super::scenario::FaultKind;
use super::wire::query::{Element, Form};
use super::wire::{Cut, Failure, Now, Reply, Request, Response, aws_json, encode};
use super::world::World;
use super::{
    autoscaling, config, ec2, elb, events, front, guardduty, iam, lambda, resolver, s3, s3control, securityhub,
    session, sfn, sns, ssm, sso, sts,
};

/// Answers a request at that time.
pub(super) fn answer(world: &mut World, request: &Request, now: Now) -> Response {
    world.answered += 1;
    let id = world.chance.uuid(&format!("request {}", now.real), world.answered);
    let (service, operation, outcome, fault) = outcome(world, request, now);
    let mut response = encode(service, operation, &outcome, &id, now.real);
    if response.status == 301 {
        // Where S3 sends whoever comes to a bucket by another Region.
        response.headers.push(("x-amz-bucket-region", world.scenario.region.clone()));
    }
    match fault {
        Some(FaultKind::Refused) => response.cut = Some(Cut::Refused),
        Some(FaultKind::Lost) => response.cut = Some(Cut::Lost),
        Some(FaultKind::Hanging) => response.cut = Some(Cut::Hangs),
        Some(FaultKind::Truncated) => response.cut = Some(Cut::After(response.body.len() / 2)),
        Some(FaultKind::Garbled) => response.body = b"\x1b[31m<<<{\"not\": an answer".to_vec(),
        _ => {}
    }
    response
}

type Outcome = (Service, &'static str, Result<Reply, Failure>, Option<FaultKind>);

fn outcome(world: &mut World, request: &Request, now: Now) -> Outcome {
    let Some(scope) = Scope::of(request) else {
        let service = guess(request);
        return (service, "Unknown", Err(front::missing_token(service)), None);
    };
    let control = |service: &Service| *service == Service::S3 && request.path.starts_with(s3control::VERSION);
    let named = Service::named(&scope.service);
    let Some(service) = named.map(|service| if control(&service) { Service::S3Control } else { service }) else {
        let failure = front::unknown_operation(Service::GuardDuty, "");
        return (Service::GuardDuty, "Unknown", Err(failure), None);
    };
    match admit(world, request, service, scope, now) {
        Err(failure) => (service, "Unknown", Err(failure), None),
        Ok((call, fault)) => {
            if fault == Some(FaultKind::Refused) {
                return (service, call.operation, Ok(Reply::Xml(Element::Nest("", Vec::new()))), fault);
            }
            world.advance(now.simulated);
            let outcome = perform(world, &call);
            (service, call.operation, outcome, fault)
        }
    }
}

/// Everything that comes before the operation itself, in AWS's order: who, what, may they, not too fast.
fn admit(
    world: &mut World,
    request: &Request,
    service: Service,
    scope: Scope,
    now: Now,
) -> Result<(Call, Option<FaultKind>), Failure> {
    let caller = authenticate(world, service, &scope, request, now.real)?;
    let (operation, argument) = route(service, request)?;
    let region = scope.region;
    let (query, headers, body) = (request.query.clone(), request.headers.clone(), request.body.clone());
    let call = Call { service, operation, region, caller, now, argument, query, headers, body };
    let (action, resource) = (call.permission(), resource(world, &call));
    let free = action == "sts:GetCallerIdentity";
    if !free && world.scenario.denied.iter().any(|pattern| matches(pattern, &action)) {
        let why = format!(" because no identity-based policy allows the {action} action");
        return Err(front::denied(service, &call.caller, &action, &resource, &why));
    }
    if !free && call.caller.is_denied(world, &action, &resource) {
        let why = " with an explicit deny in an identity-based policy";
        return Err(front::denied(service, &call.caller, &action, &resource, why));
    }
    if !free && let Some(need) = session::lacks(world, &call, (&action, &resource)) {
        let why = format!(" because no session policy allows the {} action", need.action);
        return Err(front::denied(service, &call.caller, &need.action, &need.resource, &why));
    }
    let mut operation = call.action();
    // A dry run is counted by itself, so that a fault can hit it or what it rehearses.
    if service == Service::Ec2 && ec2::is_dry(&call) {
        operation.push_str(" (dry run)");
    }
    if !world.gate.admits(&operation, &call.region, now.real) {
        return Err(front::throttled(service));
    }
    let fault = world.gate.fault(&world.scenario.faults, &operation);
    match fault.and_then(|kind| front::injected(kind, service, &call.caller, &action, &resource)) {
        Some(failure) => Err(failure),
        None => Ok((call, fault)),
    }
}

/// The operation, and what the path says besides.
fn route(service: Service, request: &Request) -> Result<(&'static str, String), Failure> {
    let unknown = |name: &str| front::unknown_operation(service, name);
    match service {
        Service::GuardDuty => {
            let (operation, argument) = guardduty::route(&request.method, &request.path).ok_or_else(|| unknown(""))?;
            Ok((operation, argument.to_owned()))
        }
        Service::SecurityHub => {
            let operation = securityhub::route(&request.method, &request.path).ok_or_else(|| unknown(""))?;
            Ok((operation, securityhub::argument(&request.path).to_owned()))
        }
        Service::Lambda => {
            let (operation, name) = lambda::route(&request.method, &request.path).ok_or_else(|| unknown(""))?;
            Ok((operation, name.to_owned()))
        }
        Service::S3 => {
            let (operation, bucket) = s3::route(request).ok_or_else(|| unknown(""))?;
            Ok((operation, bucket.to_owned()))
        }
        Service::S3Control => s3control::route(request).map(|o| (o, String::new())).ok_or_else(|| unknown("")),
        Service::Ssm | Service::Events | Service::Sfn | Service::Config | Service::Resolver | Service::Sso => {
            let name = aws_json::operation(service, request.header("x-amz-target")).unwrap_or_default();
            let operation = match service {
                Service::Ssm => ssm::operation(name),
                Service::Sfn => sfn::operation(name),
                Service::Config => config::operation(name),
                Service::Resolver => resolver::operation(name),
                Service::Sso => sso::operation(name),
                _ => events::operation(name),
            };
            operation.map(|o| (o, String::new())).ok_or_else(|| unknown(name))
        }
        Service::Iam | Service::Sts | Service::Ec2 | Service::Sns | Service::AutoScaling | Service::Elb => {
            let form = Form::parse(&request.body);
            let name = form.get("Action").unwrap_or_default();
            let operation = match service {
                Service::Iam => iam::operation(name),
                Service::Ec2 => ec2::operation(name),
                Service::Sns => sns::operation(name),
                Service::AutoScaling => autoscaling::operation(name),
                Service::Elb => elb::operation(name),
                _ => sts::operation(name),
            };
            operation.map(|o| (o, String::new())).ok_or_else(|| unknown(name))
        }
    }
}

/// The ARN of what an operation is about, for policies and refusals.
fn resource(world: &World, call: &Call) -> String {
    let (region, account) = (&call.region, &world.scenario.account);
    match call.service {
        // Of its operations here this one alone is checked against a resource.
        Service::GuardDuty if call.operation == "GetDetector" => {
            format!("arn:aws:guardduty:{region}:{account}:detector/{}", call.argument)
        }
        Service::GuardDuty => "*".to_owned(),
        Service::SecurityHub => format!("arn:aws:securityhub:{region}:{account}:hub/default"),
        Service::Ssm => ssm::resource(world, call),
        Service::Iam => iam::resource(world, call),
        Service::Ec2 => ec2::resource(world, call),
        Service::Lambda => lambda::resource(world, call),
        Service::Sns => sns::resource(call),
        Service::AutoScaling => autoscaling::resource(world, call),
        Service::Elb => elb::resource(call),
        Service::Events => events::resource(world, call),
        Service::Sfn => sfn::resource(call),
        Service::Config => config::resource(world, call),
        Service::Resolver => resolver::resource(world, call),
        Service::Sso => sso::resource(call),
        Service::S3 => format!("arn:aws:s3:::{}", call.argument),
        Service::S3Control => "*".to_owned(),
        Service::Sts => Form::parse(&call.body).get("RoleArn").unwrap_or("*").to_owned(),
    }
}

fn perform(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    match call.service {
        Service::GuardDuty => guardduty::answer(world, call),
        Service::Sts => sts::answer(world, call),
        Service::SecurityHub => securityhub::answer(world, call),
        Service::Ssm => ssm::answer(world, call),
        Service::Iam => iam::answer(world, call),
        Service::Ec2 => ec2::answer(world, call),
        Service::S3 => s3::answer(world, call),
        Service::S3Control => s3control::answer(world, call),
        Service::Lambda => lambda::answer(world, call),
        Service::Sns => sns::answer(world, call),
        Service::AutoScaling => autoscaling::answer(world, call),
        Service::Elb => elb::answer(world, call),
        Service::Events => events::answer(world, call),
        Service::Sfn => sfn::answer(world, call),
        Service::Config => config::answer(world, call),
        Service::Resolver => resolver::answer(world, call),
        Service::Sso => sso::answer(world, call),
    }
}

/// The service of an unsigned request, so that the refusal has a shape that its client can read.
fn guess(request: &Request) -> Service {
    let form = request.header("content-type").is_some_and(|t| t.starts_with("application/x-www-form-urlencoded"));
    let target = request.header("x-amz-target");
    match Service::ALL.into_iter().find(|service| aws_json::operation(*service, target).is_some()) {
        Some(service) => service,
        None if form => Service::Sts,
        None => Service::GuardDuty,
    }
}
