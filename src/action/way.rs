//! The ways out of an instance's subnets: by them hangs whether a change of security groups can end a connection that is
//! open. Some are always tracked (Amazon EC2 User Guide, "Automatically tracked connections"), and nothing but their own
//! end, or a stop of the instance, ends those.

use super::calls;
use crate::aws::Reader;
use crate::aws::ec2::Route;
use quell_core::incident::Fact;
use quell_core::text::Untrusted;

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

/// The ways out of the subnets of some interfaces.
pub(super) struct Ways {
    pub facts: Vec<Fact>,
    /// Through what connections are always tracked.
    pub tracked: Vec<String>,
    /// Whether a way leads to the internet by a gateway of its own.
    pub internet: bool,
}

/// Reads the ways out of subnets, each with its VPC. Where they can't be read, the fact says why.
pub(super) async fn ways(reader: &Reader, subnets: &[(Untrusted, Untrusted)]) -> Ways {
    let mut ways = Ways { facts: Vec::new(), tracked: Vec::new(), internet: false };
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
        let mut ways = Ways { facts: Vec::new(), tracked: Vec::new(), internet: false };
        let routes: Vec<Route> = routes.iter().map(|(to, by)| Route { to: (*to).into(), by: (*by).into() }).collect();
        ways.add("ways".to_owned(), &routes);
        ways
    }

    fn text(ways: &Ways) -> String {
        ways.facts.iter().map(|fact| fact.value.line().into_string()).collect()
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
