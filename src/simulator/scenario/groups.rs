//! Groups of instances, as a scenario names them.

use serde::Deserialize;

/// An Auto Scaling group, and its instances.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulator) struct Scaling {
    pub name: String,
    pub min: i64,
    pub max: i64,
    pub desired: i64,
    pub instances: Vec<String>,
}

/// A target group of a load balancer, and the instances that stand in it at the start.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::simulator) struct TargetGroup {
    pub name: String,
    pub port: u16,
    /// Of a Network Load Balancer, and not of an Application Load Balancer.
    #[serde(default)]
    pub network: bool,
    pub instances: Vec<String>,
}
