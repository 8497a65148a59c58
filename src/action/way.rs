//! The ways out of an instance's subnets: by them hangs whether a change of security groups can end a connection that is
//! open. Some are always tracked (Amazon EC2 User Guide, "Automatically tracked connections"), and nothing but their own
//! end, or a stop of the instance, ends those.

use super::calls;
use crate::aws::Reader;
use crate::aws::ec2::{Interface, Route};
use quell_core::incident::Fact;
use quell_core::text::{Untrusted, cut_end};

/// So many routes of a subnet are told.
const MOST: usize = 8;

/// What stands at the end of a route, by its id's beginning: what it is, and whether connections through it are always
/// tracked.
const KINDS: [(&str, &str, bool); 10] = [
    ("igw-", "internet gateway", false),
    ("nat-", "NAT gateway", true),
    ("eigw-", "egress-only internet gateway", true),
    ("vpce-", "endpoint of a firewall or a service", true),
    ("tgw-", "transit gateway", false),
    ("pcx-", "peering connection", false),
    ("vgw-", "virtual private gateway", false),
    ("lgw-", "local gateway", false),
    ("eni-", "interface of a host", false),
    ("i-", "host", false),
];

/// Services that stand in the VPC with interfaces of their own and through which connections are always tracked: the
/// type of such an interface, what it is, and what its description begins with before the name.
const SERVICES: [(&str, &str, &str); 5] = [
    ("network_load_balancer", "Network Load Balancer", "ELB "),
    ("vpc_endpoint", "PrivateLink", "VPC Endpoint Interface "),
    ("global_accelerator_managed", "Global Accelerator", ""),
    ("gateway_load_balancer_endpoint", "endpoint of a firewall", "VPC Endpoint Interface "),
    ("lambda", "Lambda", "AWS Lambda VPC ENI-"),
];
/// So many of a sort of service are named.
const NAMED: usize = 3;
/// So long is a name, in characters.
const NAME: usize = 48;

/// The ways out of the subnets of some interfaces, and the services that may stand between them and others.
#[derive(Default)]
pub(super) struct Ways {
    pub facts: Vec<Fact>,
    /// Through what connections are always tracked.
    pub tracked: Vec<String>,
    /// Whether a way leads to the internet by a gateway of its own.
    pub internet: bool,
    /// Whether it could not be read which services are in a VPC.
    pub unseen: bool,
}

/// Reads the ways out of subnets, each with its VPC, and the services in the VPC. Where they can't be read, the fact says
/// why.
pub(super) async fn ways(reader: &Reader, subnets: &[(Untrusted, Untrusted)]) -> Ways {
    let mut ways = Ways::default();
    let mut seen: Vec<&Untrusted> = Vec::new();
    for (subnet, vpc) in subnets {
        if seen.contains(&subnet) {
            continue;
        }
        seen.push(subnet);
        let name = format!("ways out of {}", subnet.line());
        match reader.ec2().describe_route_tables(vpc.line().as_str()).await {
            Ok(tables) => {
                let own = tables.iter().find(|table| table.subnets.contains(subnet));
                let table = own.or_else(|| tables.iter().find(|table| table.main));
                let routes = table.map(|table| table.routes.as_slice()).unwrap_or_default();
                ways.add(name, routes);
            }
            Err(error) => {
                let why = calls::problem(&error, reader, "ec2:DescribeRouteTables").what;
                ways.facts.push(Fact::new(name, format!("not known: {why}")));
            }
        }
    }
    let mut vpcs: Vec<&Untrusted> = subnets.iter().map(|(_, vpc)| vpc).collect();
    vpcs.sort();
    vpcs.dedup();
    for vpc in vpcs {
        let name = format!("always tracked in {}", vpc.line());
        let types = SERVICES.map(|(kind, ..)| kind);
        match reader.ec2().describe_interfaces_of_types(vpc.line().as_str(), &types).await {
            Ok(found) => ways.services(name, &found),
            Err(error) => {
                let why = calls::problem(&error, reader, "ec2:DescribeNetworkInterfaces").what;
                ways.facts.push(Fact::new(name, format!("not known: {why}")));
                ways.unseen = true;
            }
        }
    }
    ways
}

impl Ways {
    fn add(&mut self, name: String, routes: &[Route]) {
        let local = Untrusted::from("local");
        let out: Vec<&Route> = routes.iter().filter(|route| route.by != local).collect();
        let mut words: Vec<String> = out.iter().take(MOST).map(|route| said(route)).collect();
        words.extend((out.len() > MOST).then(|| format!("and {} more", out.len() - MOST)));
        for route in out {
            let by = route.by.line().into_string();
            match kind(&by) {
                Some((_, what, true)) => {
                    let through = format!("{by} ({what})");
                    if !self.tracked.contains(&through) {
                        self.tracked.push(through);
                    }
                }
                Some(("igw-", ..)) => self.internet = true,
                _ => {}
            }
        }
        let text = if words.is_empty() { "none but the VPC itself".to_owned() } else { words.join("; ") };
        self.facts.push(Fact::new(name, text));
    }

    /// A service has an interface in each of its subnets: it is named once.
    fn services(&mut self, name: String, found: &[Interface]) {
        let mut words = Vec::new();
        for (kind, what, before) in SERVICES {
            let of_kind = found.iter().filter(|one| one.kind.as_ref().is_some_and(|is| *is == Untrusted::from(kind)));
            let mut names: Vec<String> = of_kind.map(|one| called(one, before)).collect();
            names.sort();
            names.dedup();
            let Some(first) = names.get(..names.len().min(NAMED)).filter(|first| !first.is_empty()) else { continue };
            let more = names.len() - first.len();
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            words.push(format!("{what}: {}{more}", first.join(", ")));
            self.tracked.push(format!("{what} ({}{more})", first.join(", ")));
        }
        // A VPC may be shared: what other accounts have in it is theirs to see.
        let text = if words.is_empty() { "no such service of this account".to_owned() } else { words.join("; ") };
        self.facts.push(Fact::new(name, text));
    }
}

/// What a service's interface is called by, else its id.
fn called(one: &Interface, before: &str) -> String {
    let description = one.description.as_ref().map(|text| text.line().into_string()).unwrap_or_default();
    match description.strip_prefix(before).unwrap_or(&description) {
        "" => one.id.line().into_string(),
        name => cut_end(name, NAME),
    }
}

fn kind(by: &str) -> Option<(&'static str, &'static str, bool)> {
    KINDS.into_iter().find(|(prefix, ..)| by.starts_with(prefix))
}

fn said(route: &Route) -> String {
    let by = route.by.line().into_string();
    let what = kind(&by).map(|(_, what, _)| format!(" ({what})")).unwrap_or_default();
    format!("{} by {by}{what}", route.to.line())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(routes: &[(&str, &str)]) -> Ways {
        let mut ways = Ways::default();
        let routes: Vec<Route> = routes.iter().map(|(to, by)| Route { to: (*to).into(), by: (*by).into() }).collect();
        ways.add("ways".to_owned(), &routes);
        ways
    }

    fn text(ways: &Ways) -> String {
        ways.facts.iter().map(|fact| fact.value.line().into_string()).collect()
    }

    fn service(kind: &str, description: &str) -> Interface {
        Interface {
            id: "eni-0aaaaaaaaaaaaaaa1".into(),
            vpc: "vpc-1".into(),
            subnet: None,
            device: None,
            kind: (!kind.is_empty()).then(|| kind.into()),
            description: (!description.is_empty()).then(|| description.into()),
            managed: true,
            operator: None,
            groups: Vec::new(),
            public: Vec::new(),
        }
    }

    #[test]
    fn each_service_is_named_once_and_many_are_counted() {
        let mut ways = Ways::default();
        ways.services("services".to_owned(), &[service("", "an instance's"), service("nat_gateway", "of a gateway")]);
        assert_eq!((text(&ways).as_str(), ways.tracked.len()), ("no such service of this account", 0));
        let mut found = vec![
            service("network_load_balancer", "ELB net/shop/50dc6c495c0c9188"),
            service("network_load_balancer", "ELB net/shop/50dc6c495c0c9188"),
            service("global_accelerator_managed", ""),
        ];
        found.extend((1..=5).map(|n| service("vpc_endpoint", &format!("VPC Endpoint Interface vpce-{n}"))));
        let mut ways = Ways::default();
        ways.services("services".to_owned(), &found);
        assert_eq!(
            text(&ways),
            "Network Load Balancer: net/shop/50dc6c495c0c9188; PrivateLink: vpce-1, vpce-2, vpce-3 and 2 more; Global \
             Accelerator: eni-0aaaaaaaaaaaaaaa1"
        );
        let through = [
            "Network Load Balancer (net/shop/50dc6c495c0c9188)",
            "PrivateLink (vpce-1, vpce-2, vpce-3 and 2 more)",
            "Global Accelerator (eni-0aaaaaaaaaaaaaaa1)",
        ];
        assert_eq!(ways.tracked, through);
    }

    #[test]
    fn each_way_is_told_with_what_it_is() {
        let public = ways(&[("10.0.0.0/16", "local"), ("0.0.0.0/0", "igw-1"), ("10.9.0.0/16", "pcx-1")]);
        assert_eq!(text(&public), "0.0.0.0/0 by igw-1 (internet gateway); 10.9.0.0/16 by pcx-1 (peering connection)");
        assert_eq!((public.tracked.len(), public.internet), (0, true));
        let private = ways(&[("0.0.0.0/0", "nat-1"), ("::/0", "eigw-1"), ("pl-1", "vpce-1"), ("10.1.0.0/16", "nat-1")]);
        let tracked = [
            "nat-1 (NAT gateway)",
            "eigw-1 (egress-only internet gateway)",
            "vpce-1 (endpoint of a firewall or a service)",
        ];
        assert_eq!((private.tracked.as_slice(), private.internet), (tracked.map(str::to_owned).as_slice(), false));
        assert_eq!(text(&ways(&[("10.0.0.0/16", "local")])), "none but the VPC itself");
        // Of another form nothing is said; many are counted.
        let many: Vec<(&str, &str)> = (0..10).map(|_| ("10.0.0.0/8", "arn:aws:x")).collect();
        let told = text(&ways(&many));
        assert!(told.ends_with("; 10.0.0.0/8 by arn:aws:x; and 2 more"), "{told}");
    }
}
