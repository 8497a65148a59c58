//! What an EC2 instance is, where it stands in the network, and as whom its programs call AWS.

use super::read::{entity, told};
use super::{Lookup, LookupInfo};
use crate::aws::ec2::{Instance, Interface};
use crate::aws::{BoxFuture, Reader};
use crate::problem::Problem;
use quell_core::incident::{EntityKind, Told};
use quell_core::text::id::{Arn, InstanceId};
use quell_core::text::{Id, Untrusted};

/// The look-up `ec2-instance`.
pub(super) struct Ec2Instance;

static INFO: LookupInfo = LookupInfo {
    name: "ec2-instance",
    title: "what the instance is, where it stands in the network, and which role its programs have",
    subject: EntityKind::Host,
    operations: &[("EC2", "DescribeInstances"), ("EC2", "DescribeNetworkInterfaces"), ("IAM", "GetInstanceProfile")],
    tells: &[
        "state",
        "type",
        "role",
        "instance profile",
        "vpc",
        "interface",
        "subnet",
        "public address",
        "security group",
        "Auto Scaling group",
        "metadata service",
        "root volume",
        "volume",
    ],
};

/// The tag that Auto Scaling puts on its instances; whoever writes tags may write it too.
const SCALED: &str = "aws:autoscaling:groupName";

impl Lookup for Ec2Instance {
    fn info(&self) -> &LookupInfo {
        &INFO
    }

    fn fits(&self, subject: &Untrusted) -> bool {
        subject.parse::<InstanceId>().is_ok()
    }

    fn look<'a>(&'a self, reader: &'a Reader, subject: &'a Untrusted) -> BoxFuture<'a, Result<Vec<Told>, Problem>> {
        Box::pin(async move {
            let id: Id<InstanceId> = subject.parse().map_err(|_| {
                Problem::input(format!("{} is no instance's id", subject.line())).meaning("nothing was looked up")
            })?;
            let found = reader.ec2().describe_instances(id.as_str()).await;
            let found = found.map_err(|error| reader.problem("ec2:DescribeInstances", &error))?;
            let Some(instance) = found.into_iter().find(|one| one.id == *subject) else {
                return Err(Problem::aws(format!("EC2 does not describe the instance {id}"))
                    .meaning("it may be gone for an hour or more, or stand in another Region"));
            };
            let interfaces = reader.ec2().describe_network_interfaces(id.as_str()).await;
            let interfaces = interfaces.map_err(|error| reader.problem("ec2:DescribeNetworkInterfaces", &error))?;
            let mut out = vec![told("state", instance.state.clone())];
            out.extend(instance.size.clone().map(|size| told("type", size)));
            out.extend(roles(reader, &instance).await?);
            out.extend(network(&instance, &interfaces));
            out.extend(machine(&instance));
            Ok(out)
        })
    }
}

/// The name of its profile, and of the role in it: what its programs may do.
async fn roles(reader: &Reader, instance: &Instance) -> Result<Vec<Told>, Problem> {
    let Some(arn) = &instance.profile else { return Ok(Vec::new()) };
    let named = arn.parse::<Arn>().ok();
    let Some(name) = named.as_ref().and_then(|arn| arn.as_str().rsplit('/').next()) else {
        return Ok(vec![told("instance profile", arn.clone())]);
    };
    let answer = reader.iam().get_instance_profile().instance_profile_name(name).send().await;
    let answer = answer.map_err(|error| reader.problem("iam:GetInstanceProfile", &error))?;
    let roles = answer.instance_profile().map(|profile| profile.roles()).unwrap_or_default();
    let role = roles.iter().map(|role| entity("role", EntityKind::Principal, role.role_name()));
    Ok(role.chain([told("instance profile", name)]).collect())
}

fn network(instance: &Instance, interfaces: &[Interface]) -> Vec<Told> {
    let mut out: Vec<Told> = instance.vpc.iter().map(|vpc| told("vpc", vpc.clone())).collect();
    let mut groups: Vec<&Untrusted> = Vec::new();
    for interface in interfaces {
        out.push(told("interface", interface.id.clone()));
        out.extend(interface.subnet.iter().map(|subnet| told("subnet", subnet.clone())));
        out.extend(interface.public.iter().map(|address| told("public address", address.clone())));
        groups.extend(interface.groups.iter().map(|(id, _)| id));
    }
    groups.sort();
    groups.dedup();
    out.extend(groups.into_iter().map(|group| told("security group", group.clone())));
    out
}

fn machine(instance: &Instance) -> Vec<Told> {
    let scaled = instance.tags.iter().find(|(key, _)| *key == Untrusted::from(SCALED));
    let mut out: Vec<Told> = scaled.map(|(_, group)| told("Auto Scaling group", group.clone())).into_iter().collect();
    out.extend(instance.metadata.as_ref().map(|service| {
        told("metadata service", format!("{}, tokens {}", service.endpoint.line(), service.tokens.line()))
    }));
    for (device, volume) in &instance.volumes {
        let name = if instance.root.as_ref() == Some(device) { "root volume" } else { "volume" };
        out.push(told(name, volume.clone()));
    }
    out
}
