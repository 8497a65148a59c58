//! Elastic Load Balancing (API version 2015-12-01): target groups, and who stands in them.

use super::super::SdkError;
use super::ec2_query::Form;
use super::query::exchange;
use super::xml::{Node, Odd};
use super::{Answered, ServiceError, Thin};
use quell_core::text::Untrusted;
use serde_json::{Value, json};

const VERSION: &str = "2015-12-01";
/// The most pages of target groups that quell walks, each of up to 400.
const PAGES: usize = 20;

/// The client of Elastic Load Balancing in one region.
pub struct Client(Thin);

/// A target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    pub arn: Untrusted,
    pub name: Untrusted,
    /// Whether instances stand in it, and not addresses, functions or load balancers.
    pub of_instances: bool,
    pub vpc: Option<Untrusted>,
}

/// One that stands in a target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub id: Untrusted,
    pub port: i64,
    /// `healthy`, `unhealthy`, `draining`, …
    pub state: Untrusted,
}

impl Client {
    pub(in crate::aws) fn new(thin: Thin) -> Self {
        Self(thin)
    }

    /// All target groups of the region; a list that does not end is an error.
    pub async fn describe_target_groups(&self) -> Result<Vec<TargetGroup>, SdkError<ServiceError>> {
        let (mut all, mut marker) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            let form = marker.iter().fold(Form::default(), |form, marker| form.with("Marker", marker));
            let input = marker.map_or(json!({}), |marker| json!({ "Marker": marker }));
            let read = |result: &Node| {
                let groups = result.members("TargetGroups")?.iter().map(group).collect::<Result<Vec<_>, Odd>>()?;
                Ok((groups, result.text("NextMarker")?.filter(|text| !text.is_empty()).map(str::to_owned)))
            };
            let (groups, next) = self.0.call(exchange(VERSION, "DescribeTargetGroups", input, form, read)).await?.value;
            all.extend(groups);
            marker = next;
            if marker.is_none() {
                return Ok(all);
            }
        }
        Err(SdkError::construction_failure(Odd::new(format!("DescribeTargetGroups has more than {PAGES} pages"))))
    }

    /// How the target group is set, as names and values.
    pub async fn describe_target_group_attributes(
        &self,
        group: &str,
    ) -> Result<Vec<(Untrusted, Untrusted)>, SdkError<ServiceError>> {
        let form = Form::default().with("TargetGroupArn", group);
        let input = json!({ "TargetGroupArn": group });
        let read = |result: &Node| {
            let pair = |one: &Node| Ok((one.need("Key")?.into(), one.text("Value")?.unwrap_or_default().into()));
            result.members("Attributes")?.iter().map(pair).collect::<Result<_, Odd>>()
        };
        Ok(self.0.call(exchange(VERSION, "DescribeTargetGroupAttributes", input, form, read)).await?.value)
    }

    /// Who stands in the target group.
    pub async fn describe_target_health(&self, group: &str) -> Result<Vec<Target>, SdkError<ServiceError>> {
        let form = Form::default().with("TargetGroupArn", group);
        let input = json!({ "TargetGroupArn": group });
        let read =
            |result: &Node| result.members("TargetHealthDescriptions")?.iter().map(target).collect::<Result<_, Odd>>();
        Ok(self.0.call(exchange(VERSION, "DescribeTargetHealth", input, form, read)).await?.value)
    }

    /// Takes the instance's ports out of the target group.
    pub async fn deregister_targets(
        &self,
        group: &str,
        instance: &str,
        ports: &[u16],
    ) -> Result<Answered<()>, SdkError<ServiceError>> {
        let (form, input) = targets(group, instance, ports);
        self.0.call(exchange(VERSION, "DeregisterTargets", input, form, |_| Ok(()))).await
    }

    /// Puts the instance's ports into the target group.
    pub async fn register_targets(
        &self,
        group: &str,
        instance: &str,
        ports: &[u16],
    ) -> Result<Answered<()>, SdkError<ServiceError>> {
        let (form, input) = targets(group, instance, ports);
        self.0.call(exchange(VERSION, "RegisterTargets", input, form, |_| Ok(()))).await
    }
}

fn targets(group: &str, instance: &str, ports: &[u16]) -> (Form, Value) {
    let numbered = ports.iter().zip(1..);
    let form = numbered.fold(Form::default().with("TargetGroupArn", group), |form, (port, n)| {
        form.with(format!("Targets.member.{n}.Id"), instance).with(format!("Targets.member.{n}.Port"), port.to_string())
    });
    let all: Vec<Value> = ports.iter().map(|port| json!({ "Id": instance, "Port": port })).collect();
    (form, json!({ "TargetGroupArn": group, "Targets": all }))
}

fn group(node: &Node) -> Result<TargetGroup, Odd> {
    Ok(TargetGroup {
        arn: node.need("TargetGroupArn")?.into(),
        name: node.need("TargetGroupName")?.into(),
        of_instances: node.text("TargetType")?.is_none_or(|kind| kind == "instance"),
        vpc: node.text("VpcId")?.filter(|text| !text.is_empty()).map(Untrusted::from),
    })
}

fn target(node: &Node) -> Result<Target, Odd> {
    let part = |name: &str| node.child(name)?.ok_or_else(|| Odd::new(format!("a target has no {name}")));
    let (who, health) = (part("Target")?, part("TargetHealth")?);
    Ok(Target {
        id: who.need("Id")?.into(),
        port: who.number("Port")?.ok_or_else(|| Odd::new("a target has no Port"))?,
        state: health.need("State")?.into(),
    })
}
