//! Route tables: where a subnet's traffic goes.

use super::super::super::SdkError;
use super::super::ServiceError;
use super::super::xml::{Node, Odd};
use super::{Client, said};
use quell_core::text::Untrusted;

/// The most tables of a page (Amazon EC2 API Reference, "DescribeRouteTables").
pub(super) const PAGE: u32 = 100;

/// A route table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTable {
    /// Whether it is for the subnets that have none of their own.
    pub main: bool,
    /// The subnets that have it.
    pub subnets: Vec<Untrusted>,
    pub routes: Vec<Route>,
}

/// A route that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Addresses or a prefix list.
    pub to: Untrusted,
    /// What takes them: a gateway's, an interface's, an instance's id; `local` is the VPC itself.
    pub by: Untrusted,
}

/// The members of a route that name what takes its packets.
const TARGETS: [&str; 11] = [
    "gatewayId",
    "natGatewayId",
    "egressOnlyInternetGatewayId",
    "transitGatewayId",
    "vpcPeeringConnectionId",
    "localGatewayId",
    "carrierGatewayId",
    "coreNetworkArn",
    "odbNetworkArn",
    "networkInterfaceId",
    "instanceId",
];

impl Client {
    /// All route tables of the VPC.
    pub async fn describe_route_tables(&self, vpc: &str) -> Result<Vec<RouteTable>, SdkError<ServiceError>> {
        self.pages("DescribeRouteTables", &[("vpc-id", vec![vpc])], "routeTableSet", table).await
    }
}

fn table(node: &Node) -> Result<RouteTable, Odd> {
    let mut table = RouteTable { main: false, subnets: Vec::new(), routes: Vec::new() };
    for association in node.any("associationSet")? {
        table.main |= association.flag("main")?;
        table.subnets.extend(said(association, "subnetId")?);
    }
    for one in node.any("routeSet")? {
        // What a route points to is gone where it is a black hole.
        if one.text("state")? != Some("blackhole") {
            table.routes.extend(route(one)?);
        }
    }
    Ok(table)
}

fn route(node: &Node) -> Result<Option<Route>, Odd> {
    let first = |names: &[&str]| -> Result<Option<Untrusted>, Odd> {
        for name in names {
            if let Some(text) = said(node, name)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    };
    let to = first(&["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"])?;
    Ok(to.zip(first(&TARGETS)?).map(|(to, by)| Route { to, by }))
}
