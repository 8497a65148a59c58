//! Who did it: the parts that GuardDuty and ASFF write alike.

use super::Actor;
use super::doc::Node;
use crate::text::Untrusted;

/// The far end of an action: GuardDuty's `service.action` and ASFF's `Action` hold one map for each kind of
/// action, and each names the far end alike.
pub(super) fn remote(action: &Node<'_>) -> Actor {
    let ends = action.pairs().iter().flat_map(|(_, act)| {
        let probes = act.get("portProbeDetails").items().first().map(|probe| probe.get("remoteIpDetails"));
        [Some(act.get("remoteIpDetails")), probes]
    });
    let mut actor = ends.flatten().map(end).find(|actor| actor.ip.is_some()).unwrap_or_default();
    if actor.ip.is_none() {
        let callers = action.pairs().iter().map(|(_, act)| act.get("sourceIPs"));
        actor.ip = callers.flat_map(Node::items).find_map(Node::text);
    }
    actor
}

fn end(details: &Node<'_>) -> Actor {
    let country = details.get("country");
    Actor {
        ip: details.get("ipAddressV4").text().or_else(|| details.get("ipAddressV6").text()),
        country: country.get("countryName").text().or_else(|| country.get("countryCode").text()),
        ..Actor::default()
    }
}

/// The first actor and the first endpoint of an attack sequence.
pub(super) fn sequence(sequence: &Node<'_>) -> Actor {
    let first = |name: &str| sequence.get(name).items().first().cloned().unwrap_or(Node::Null);
    let (actor, end) = (first("actors"), first("endpoints"));
    let user = actor.get("user");
    Actor {
        ip: end.get("ip").text(),
        country: end.at(&["location", "country"]).text(),
        principal: user.get("name").text().or_else(|| user.get("uid").text()),
        access_key: user.get("credentialUid").text(),
    }
}

impl Actor {
    /// Fills what is missing from another.
    pub(super) fn or(self, other: Actor) -> Actor {
        Actor {
            ip: self.ip.or(other.ip),
            country: self.country.or(other.country),
            principal: self.principal.or(other.principal),
            access_key: self.access_key.or(other.access_key),
        }
    }
}

/// The first of several names that says something.
pub(super) fn first_text(nodes: &[&Node<'_>]) -> Option<Untrusted> {
    nodes.iter().find_map(|node| node.text())
}
