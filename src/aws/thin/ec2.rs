//! Amazon EC2 (API version 2016-11-15): instances, their interfaces and security groups, as far as quell needs them.

use super::super::SdkError;
use super::ec2_query::{Form, exchange};
use super::xml::{Node, Odd};
use super::{ServiceError, Thin};
use quell_core::text::Untrusted;
use serde_json::{Value, json};

mod attached;
mod change;
mod routes;

use attached::snapshot;
pub use attached::{ProfileAssociation, Snapshot, Volume};
pub use change::Change;
pub use routes::{Route, RouteTable};

const VERSION: &str = "2016-11-15";
/// The most items of a page, and the most pages of a list that quell walks.
const PAGE: u32 = 1000;
const PAGES: usize = 20;

/// The client of EC2 in one region.
pub struct Client(Thin);

/// An instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    pub id: Untrusted,
    /// `running`, `stopped`, …
    pub state: Untrusted,
    /// None in EC2-Classic, and of one that is terminated.
    pub vpc: Option<Untrusted>,
    /// The ARN of its instance profile.
    pub profile: Option<Untrusted>,
    /// Its interfaces' ids.
    pub interfaces: Vec<Untrusted>,
    /// Key and value.
    pub tags: Vec<(Untrusted, Untrusted)>,
    /// `c6i.4xlarge`, …
    pub size: Option<Untrusted>,
    /// The device of its root volume.
    pub root: Option<Untrusted>,
    /// Whether its root device is an instance store, which no stop survives.
    pub root_is_store: bool,
    /// Its EBS volumes: device and id.
    pub volumes: Vec<(Untrusted, Untrusted)>,
    /// Whether it is a Spot Instance.
    pub spot: bool,
    /// Whether it was launched so that it can hibernate.
    pub hibernates: bool,
    /// How its metadata service is set, where EC2 says so.
    pub metadata: Option<Metadata>,
    /// Its public addresses that are Amazon's, and gone once it is stopped.
    pub lent: Vec<Untrusted>,
}

/// How an instance's metadata service is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// `enabled` or `disabled`.
    pub endpoint: Untrusted,
    /// `required` or `optional`.
    pub tokens: Untrusted,
    /// How many hops an answer with a token goes.
    pub hops: Option<i64>,
    /// Whether what was asked for last is not in force yet.
    pub pending: bool,
}

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    pub id: Untrusted,
    pub vpc: Untrusted,
    pub subnet: Option<Untrusted>,
    /// The place at its instance: 0 is the primary one.
    pub device: Option<i64>,
    /// `interface`, `lambda`, `nat_gateway`, …; none means `interface`.
    pub kind: Option<Untrusted>,
    /// What it is for: AWS services say there whose it is.
    pub description: Option<Untrusted>,
    /// Whether an AWS service made it for itself.
    pub managed: bool,
    /// The service that operates it, if one does.
    pub operator: Option<Untrusted>,
    /// Its security groups: id and name.
    pub groups: Vec<(Untrusted, Untrusted)>,
    /// Its public addresses.
    pub public: Vec<Untrusted>,
}

/// A security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub id: Untrusted,
    pub name: Untrusted,
    pub vpc: Option<Untrusted>,
    pub ingress: Vec<Rule>,
    pub egress: Vec<Rule>,
}

/// What a security group lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// `tcp`, `udp`, a number, or `-1` for all.
    pub protocol: Untrusted,
    pub ports: Option<(i64, i64)>,
    /// Addresses, groups and prefix lists at the other end.
    pub peers: Vec<Untrusted>,
}

impl Client {
    pub(in crate::aws) fn new(thin: Thin) -> Self {
        Self(thin)
    }

    /// The instance of that id.
    pub async fn describe_instances(&self, id: &str) -> Result<Vec<Instance>, SdkError<ServiceError>> {
        let form = Form::default().each("InstanceId", [id]);
        let input = json!({ "InstanceIds": [id] });
        let found = self.0.call(exchange(VERSION, "DescribeInstances", input, form, reservations)).await?;
        Ok(found.value)
    }

    /// All interfaces that are attached to the instance.
    pub async fn describe_network_interfaces(&self, instance: &str) -> Result<Vec<Interface>, SdkError<ServiceError>> {
        let filters = [("attachment.instance-id", vec![instance])];
        self.pages("DescribeNetworkInterfaces", &filters, "networkInterfaceSet", interface).await
    }

    /// The interfaces of these types that are in the VPC and this account may see.
    pub async fn describe_interfaces_of_types(
        &self,
        vpc: &str,
        types: &[&str],
    ) -> Result<Vec<Interface>, SdkError<ServiceError>> {
        let filters = [("vpc-id", vec![vpc]), ("interface-type", types.to_vec())];
        self.pages("DescribeNetworkInterfaces", &filters, "networkInterfaceSet", interface).await
    }

    /// Those of the security groups that are there; each filter is a name and its values, in which `*` and `?` stand
    /// for anything.
    pub async fn describe_security_groups(
        &self,
        filters: &[(&str, Vec<&str>)],
    ) -> Result<Vec<Group>, SdkError<ServiceError>> {
        self.pages("DescribeSecurityGroups", filters, "securityGroupInfo", group).await
    }

    /// Walks a list of what fits the filters.
    async fn pages<T: std::fmt::Debug + Send + Sync + 'static>(
        &self,
        operation: &'static str,
        filters: &[(&str, Vec<&str>)],
        list: &'static str,
        read: fn(&Node) -> Result<T, Odd>,
    ) -> Result<Vec<T>, SdkError<ServiceError>> {
        self.walk(operation, filtered(filters), list, read).await
    }

    /// Walks a list to its end; one that does not end is an error.
    async fn walk<T: std::fmt::Debug + Send + Sync + 'static>(
        &self,
        operation: &'static str,
        (form, input): (Form, Value),
        list: &'static str,
        read: fn(&Node) -> Result<T, Odd>,
    ) -> Result<Vec<T>, SdkError<ServiceError>> {
        let (mut all, mut token) = (Vec::new(), None);
        let most = if operation == "DescribeRouteTables" { routes::PAGE } else { PAGE };
        for _ in 0..PAGES {
            let (mut input, mut form) = (input.clone(), form.clone().with("MaxResults", most.to_string()));
            input["MaxResults"] = Value::from(most);
            if let Some(token) = token.take() {
                input["NextToken"] = Value::from(String::clone(&token));
                form = form.with("NextToken", token);
            }
            let page = move |root: &Node| {
                let items = root.list(list)?.iter().map(read).collect::<Result<Vec<T>, Odd>>()?;
                Ok((items, root.text("nextToken")?.filter(|token| !token.is_empty()).map(str::to_owned)))
            };
            let (items, next) = self.0.call(exchange(VERSION, operation, input, form, page)).await?.value;
            all.extend(items);
            token = next;
            if token.is_none() {
                return Ok(all);
            }
        }
        Err(SdkError::construction_failure(Odd::new(format!("{operation} has more than {PAGES} pages"))))
    }
}

/// Filters, as a form and as an input have them.
fn filtered(filters: &[(&str, Vec<&str>)]) -> (Form, Value) {
    let numbered = filters.iter().zip(1..);
    let form = numbered.fold(Form::default(), |form, ((name, values), n)| form.filter(n, name, values.iter().copied()));
    let named = filters.iter().map(|(name, values)| json!({ "Name": name, "Values": values }));
    (form, json!({ "Filters": named.collect::<Vec<_>>() }))
}

fn reservations(root: &Node) -> Result<Vec<Instance>, Odd> {
    let mut all = Vec::new();
    for reservation in root.list("reservationSet")? {
        for one in reservation.list("instancesSet")? {
            all.push(instance(one)?);
        }
    }
    Ok(all)
}

fn instance(node: &Node) -> Result<Instance, Odd> {
    let state = node.child("instanceState")?.ok_or_else(|| Odd::new("an instance has no instanceState"))?;
    let profile = node.child("iamInstanceProfile")?.map(|profile| profile.text("arn")).transpose()?.flatten();
    let interfaces = node.any("networkInterfaceSet")?.iter().map(|one| one.need("networkInterfaceId"));
    let tag = |tag: &Node| Ok((tag.text("key")?.unwrap_or_default().into(), value(tag)?));
    Ok(Instance {
        id: node.need("instanceId")?.into(),
        state: state.need("name")?.into(),
        vpc: said(node, "vpcId")?,
        profile: profile.map(Untrusted::from),
        interfaces: interfaces.map(|id| id.map(Untrusted::from)).collect::<Result<_, Odd>>()?,
        tags: node.any("tagSet")?.iter().map(tag).collect::<Result<_, Odd>>()?,
        size: said(node, "instanceType")?,
        root: said(node, "rootDeviceName")?,
        root_is_store: node.text("rootDeviceType")? == Some("instance-store"),
        volumes: volumes(node)?,
        spot: node.text("instanceLifecycle")? == Some("spot"),
        hibernates: node.child("hibernationOptions")?.map(|one| one.flag("configured")).transpose()?.unwrap_or(false),
        metadata: node.child("metadataOptions")?.map(metadata).transpose()?,
        lent: lent(node)?,
    })
}

fn metadata(node: &Node) -> Result<Metadata, Odd> {
    Ok(Metadata {
        endpoint: node.need("httpEndpoint")?.into(),
        tokens: node.need("httpTokens")?.into(),
        hops: node.number("httpPutResponseHopLimit")?,
        pending: node.text("state")? == Some("pending"),
    })
}

/// The EBS volumes, which alone are listed; what the instance's type has of its own is not.
fn volumes(node: &Node) -> Result<Vec<(Untrusted, Untrusted)>, Odd> {
    let mut all = Vec::new();
    for one in node.any("blockDeviceMapping")? {
        let Some(ebs) = one.child("ebs")? else { continue };
        all.push((said(one, "deviceName")?.unwrap_or_default(), ebs.need("volumeId")?.into()));
    }
    Ok(all)
}

/// An address that is not Amazon's belongs to an account, which keeps it.
fn lent(node: &Node) -> Result<Vec<Untrusted>, Odd> {
    let mut all = Vec::new();
    for interface in node.any("networkInterfaceSet")? {
        let Some(association) = interface.child("association")? else { continue };
        if association.text("ipOwnerId")? == Some("amazon") {
            all.extend(said(association, "publicIp")?);
        }
    }
    Ok(all)
}

fn value(tag: &Node) -> Result<Untrusted, Odd> {
    Ok(tag.text("value")?.unwrap_or_default().into())
}

/// A text that says something, if it is there.
fn said(node: &Node, name: &str) -> Result<Option<Untrusted>, Odd> {
    Ok(node.text(name)?.filter(|text| !text.is_empty()).map(Untrusted::from))
}

fn interface(node: &Node) -> Result<Interface, Odd> {
    let group = |group: &Node| Ok((group.need("groupId")?.into(), said(group, "groupName")?.unwrap_or_default()));
    let operator = match node.child("operator")? {
        Some(operator) if operator.flag("managed")? => Some(said(operator, "principal")?.unwrap_or_default()),
        _ => None,
    };
    let device = node.child("attachment")?.map(|attachment| attachment.number("deviceIndex")).transpose()?.flatten();
    Ok(Interface {
        id: node.need("networkInterfaceId")?.into(),
        vpc: node.need("vpcId")?.into(),
        subnet: said(node, "subnetId")?,
        device,
        kind: said(node, "interfaceType")?,
        description: said(node, "description")?,
        managed: node.flag("requesterManaged")?,
        operator,
        groups: node.list("groupSet")?.iter().map(group).collect::<Result<_, Odd>>()?,
        public: addresses(node)?,
    })
}

/// The public addresses of the interface and of each of its private ones.
fn addresses(node: &Node) -> Result<Vec<Untrusted>, Odd> {
    let mut all = Vec::new();
    for holder in std::iter::once(node).chain(node.any("privateIpAddressesSet")?) {
        let Some(association) = holder.child("association")? else { continue };
        let address = said(association, "publicIp")?;
        all.extend(address.filter(|address| !all.contains(address)));
    }
    Ok(all)
}

fn group(node: &Node) -> Result<Group, Odd> {
    let rules = |name: &str| node.list(name)?.iter().map(rule).collect::<Result<Vec<Rule>, Odd>>();
    Ok(Group {
        id: node.need("groupId")?.into(),
        name: node.need("groupName")?.into(),
        vpc: said(node, "vpcId")?,
        ingress: rules("ipPermissions")?,
        egress: rules("ipPermissionsEgress")?,
    })
}

fn rule(node: &Node) -> Result<Rule, Odd> {
    let mut peers = Vec::new();
    for (list, member) in
        [("ipRanges", "cidrIp"), ("ipv6Ranges", "cidrIpv6"), ("prefixListIds", "prefixListId"), ("groups", "groupId")]
    {
        for peer in node.any(list)? {
            peers.push(peer.need(member)?.into());
        }
    }
    let ports = node.number("fromPort")?.zip(node.number("toPort")?);
    Ok(Rule { protocol: node.need("ipProtocol")?.into(), ports, peers })
}
