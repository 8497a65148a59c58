//! Amazon EC2 Auto Scaling (API version 2011-01-01): an instance's place in its group, and standby.

use super::super::SdkError;
use super::ec2_query::Form;
use super::query::exchange;
use super::xml::{Node, Odd};
use super::{Answered, ServiceError, Thin};
use quell_core::text::Untrusted;
use serde_json::json;

const VERSION: &str = "2011-01-01";

/// The client of Auto Scaling in one region.
pub struct Client(Thin);

/// An instance's place in its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub group: Untrusted,
    /// `InService`, `EnteringStandby`, `Standby`, `Pending`, …
    pub lifecycle: Untrusted,
}

/// A group: how many instances it has at least, at most, and wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub name: Untrusted,
    pub min: i64,
    pub max: i64,
    pub desired: i64,
}

impl Client {
    pub(in crate::aws) fn new(thin: Thin) -> Self {
        Self(thin)
    }

    /// The instance's place; none where it belongs to no group.
    pub async fn describe_instance(&self, instance: &str) -> Result<Option<Member>, SdkError<ServiceError>> {
        let form = Form::default().each("InstanceIds.member", [instance]);
        let input = json!({ "InstanceIds": [instance] });
        let read = |result: &Node| result.members("AutoScalingInstances")?.first().map(member).transpose();
        Ok(self.0.call(exchange(VERSION, "DescribeAutoScalingInstances", input, form, read)).await?.value)
    }

    /// The group of that name, if there is one.
    pub async fn describe_group(&self, name: &str) -> Result<Option<Group>, SdkError<ServiceError>> {
        let form = Form::default().each("AutoScalingGroupNames.member", [name]);
        let input = json!({ "AutoScalingGroupNames": [name] });
        let read = |result: &Node| result.members("AutoScalingGroups")?.first().map(group).transpose();
        Ok(self.0.call(exchange(VERSION, "DescribeAutoScalingGroups", input, form, read)).await?.value)
    }

    /// Puts the instance on standby; the group wants one less, or starts another in its place.
    pub async fn enter_standby(
        &self,
        group: &str,
        instance: &str,
        decrement: bool,
    ) -> Result<Answered<()>, SdkError<ServiceError>> {
        let form = Form::default().with("AutoScalingGroupName", group).each("InstanceIds.member", [instance]);
        let form = form.with("ShouldDecrementDesiredCapacity", decrement.to_string());
        let input = json!({
            "AutoScalingGroupName": group, "InstanceIds": [instance], "ShouldDecrementDesiredCapacity": decrement,
        });
        self.0.call(exchange(VERSION, "EnterStandby", input, form, |_| Ok(()))).await
    }

    /// Puts the instance into service again; the group wants one more.
    pub async fn exit_standby(&self, group: &str, instance: &str) -> Result<Answered<()>, SdkError<ServiceError>> {
        let form = Form::default().with("AutoScalingGroupName", group).each("InstanceIds.member", [instance]);
        let input = json!({ "AutoScalingGroupName": group, "InstanceIds": [instance] });
        self.0.call(exchange(VERSION, "ExitStandby", input, form, |_| Ok(()))).await
    }
}

fn member(node: &Node) -> Result<Member, Odd> {
    Ok(Member { group: node.need("AutoScalingGroupName")?.into(), lifecycle: node.need("LifecycleState")?.into() })
}

fn group(node: &Node) -> Result<Group, Odd> {
    let number = |name: &str| node.number(name)?.ok_or_else(|| Odd::new(format!("a group has no {name}")));
    Ok(Group {
        name: node.need("AutoScalingGroupName")?.into(),
        min: number("MinSize")?,
        max: number("MaxSize")?,
        desired: number("DesiredCapacity")?,
    })
}
