//! What becomes of the connections that are open when an instance is taken out of its target group, which the group's
//! attributes say, and each sort of load balancer does in its own way (API reference, `TargetGroupAttribute`).

use crate::aws::{Failure, Reader};
use quell_core::incident::Fact;
use quell_core::text::id::Arn;
use quell_core::text::{Id, Untrusted};

const OPERATION: &str = "elasticloadbalancing:DescribeTargetGroupAttributes";
const DELAY: &str = "deregistration_delay.timeout_seconds";
/// Groups of a Network Load Balancer have these, others not.
const ENDS: &str = "deregistration_delay.connection_termination.enabled";
const CLIENTS: &str = "preserve_client_ip.enabled";
/// Groups of a Gateway Load Balancer have this, others not.
const FLOWS: &str = "target_failover.on_deregistration";
const SHOWN: [&str; 4] = [DELAY, ENDS, CLIENTS, FLOWS];

type Attributes = Vec<(Untrusted, Untrusted)>;

fn value<'a>(all: &'a Attributes, name: &str) -> Option<&'a Untrusted> {
    let name = Untrusted::from(name);
    all.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn is(all: &Attributes, name: &str, wanted: &str) -> bool {
    value(all, name) == Some(&Untrusted::from(wanted))
}

/// The attributes that matter, and what they mean for connections that are open.
pub(super) async fn of(reader: &Reader, group: &Id<Arn>) -> (Vec<Fact>, Vec<String>) {
    match reader.elb().describe_target_group_attributes(group.as_str()).await {
        Ok(all) => {
            let fact = |name: &&str| Some(Fact::new(*name, value(&all, name)?.clone()));
            (SHOWN.iter().filter_map(fact).collect(), words(&all))
        }
        Err(error) => {
            let why = Failure::of(&error).problem(OPERATION, &reader.scope()).what;
            let words = format!(
                "What becomes of open connections is not known ({why}): they go on for five minutes unless the group says \
                 otherwise, and through a Network Load Balancer for as long as they are used, unless its group ends them."
            );
            (Vec::new(), vec![words])
        }
    }
}

fn words(all: &Attributes) -> Vec<String> {
    let delay = value(all, DELAY).map_or_else(|| "300".to_owned(), |delay| delay.line().into_string());
    let network = value(all, ENDS).is_some() || value(all, CLIENTS).is_some();
    let mut said = vec![match value(all, FLOWS) {
        Some(_) if is(all, FLOWS, "rebalance") => {
            "Open connections: the Gateway Load Balancer sends their flows to other targets.".to_owned()
        }
        Some(_) => {
            "Open connections are NOT cut: the Gateway Load Balancer goes on sending their flows to this instance \
                    (no_rebalance)."
                .to_owned()
        }
        None if !network => format!(
            "Open connections: requests that are under way are answered for up to {delay} seconds (the group's \
             deregistration delay); after that nothing more comes by this group."
        ),
        None if is(all, ENDS, "true") => format!(
            "Open connections live on for {delay} seconds; then the Network Load Balancer ends them (its group has \
             connection termination)."
        ),
        None => format!(
            "Open connections are NOT cut, not after the {delay} seconds either: the Network Load Balancer goes on with \
             those that are used, since its group does not end them ({ENDS}). Security groups leave them alive too: \
             switch the attribute on first, or stop the instance (ec2-stop)."
        ),
    }];
    said.extend(match (value(all, CLIENTS), is(all, CLIENTS, "true")) {
        (None, _) => None,
        (_, true) => Some("The instance sees the clients' own addresses: a network ACL of its subnet can tell them apart."),
        (_, false) => Some(
            "The instance sees the load balancer's addresses and not the clients': a network ACL of its subnet can't tell \
             them apart, and its own logs do not name them.",
        ),
    }
    .map(str::to_owned));
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pairs: &[(&str, &str)]) -> Vec<String> {
        words(&pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect())
    }

    #[test]
    fn each_load_balancer_does_it_in_its_own_way() {
        let application = said(&[(DELAY, "30"), ("stickiness.type", "lb_cookie")]);
        assert_eq!(
            application,
            ["Open connections: requests that are under way are answered for up to 30 seconds (the group's \
                 deregistration delay); after that nothing more comes by this group."]
        );
        let ends = said(&[(DELAY, "120"), (ENDS, "true"), (CLIENTS, "false")]);
        assert_eq!(
            ends,
            [
                "Open connections live on for 120 seconds; then the Network Load Balancer ends them (its group has \
                 connection termination).",
                "The instance sees the load balancer's addresses and not the clients': a network ACL of its subnet can't \
                 tell them apart, and its own logs do not name them.",
            ]
        );
        let keeps = said(&[(DELAY, "300"), (ENDS, "false"), (CLIENTS, "true")]);
        assert!(keeps[0].starts_with("Open connections are NOT cut, not after the 300 seconds either"), "{keeps:?}");
        assert!(keeps[1].starts_with("The instance sees the clients' own addresses"), "{keeps:?}");
        let gateway = said(&[(DELAY, "300"), (FLOWS, "no_rebalance")]);
        assert!(gateway[0].starts_with("Open connections are NOT cut: the Gateway Load Balancer"), "{gateway:?}");
        assert!(said(&[(FLOWS, "rebalance")])[0].ends_with("sends their flows to other targets."));
    }
}
