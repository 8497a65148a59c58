//! What a plan says of the instance, and of what an isolation does not stop.

use super::super::instance;
use super::super::way::Ways;
use super::call::Call;
use super::plan::Seen;
use super::read::Interface;
use crate::aws::ec2::{Group, Rule};
use quell_core::incident::Fact;
use quell_core::text::id::SecurityGroupId;
use quell_core::text::{Id, Untrusted, cut_end};

/// So much of a group's rules stands in a warning.
const MOST: usize = 240;

const TRACKED: &str = "Connections that are open now are tracked and live on until they end. Only a stop of the \
                       instance cuts them all, at the price of its memory and its instance store.";
/// Where it could not be read what is in the VPC.
pub(in crate::action) const UNSEEN: &str = "Whether Network Load Balancers, PrivateLink or Global Accelerator are in its \
                                            VPC, which always track, is not known.";
const NEVER_FILTERED: &str = "Security groups filter neither the VPC's DNS resolver nor the metadata service: the host \
                              can still tunnel over DNS, unless a rule group of the DNS Firewall is in its VPC \
                              (dns-firewall).";

/// What to know of the instance.
pub(super) fn facts(seen: &Seen) -> Vec<Fact> {
    let vpc = seen.instance.vpc.as_ref().map(|vpc| format!(" in {}", vpc.line())).unwrap_or_default();
    let mut facts = vec![Fact::new("instance", format!("{}{vpc}", seen.instance.state.line()))];
    let mut named: Vec<&(Untrusted, Untrusted)> = seen.interfaces.iter().flat_map(|one| &one.named).collect();
    named.sort();
    named.dedup();
    facts.extend(named.iter().map(|(id, name)| Fact::new(format!("group {}", id.line()), name.clone())));
    facts.extend(instance::facts(&seen.instance));
    facts.extend(seen.scaling.clone());
    facts
}

/// What an isolation does not stop and what it breaks, the worst first.
pub(super) fn isolation(seen: &Seen, group: &Group, ways: &Ways) -> Vec<Untrusted> {
    let mut all: Vec<String> = Vec::new();
    if seen.own {
        all.push(instance::OWN.to_owned());
    }
    all.extend(open(group));
    let managed = seen.interfaces.iter().filter_map(|one| Some((one, one.managed.as_ref()?)));
    all.extend(managed.map(|(one, why)| format!("{} is {why}: it can't be changed and stays as it is.", one.id)));
    all.extend(seen.replaced.clone());
    all.push(if ways.unseen { format!("{TRACKED} {UNSEEN}") } else { TRACKED.to_owned() });
    all.extend((!ways.tracked.is_empty()).then(|| {
        format!(
            "What goes through {} AWS always tracks: no order of groups cuts those connections.",
            ways.tracked.join(", ")
        )
    }));
    all.push(NEVER_FILTERED.to_owned());
    if let Some(profile) = instance::profile(&seen.instance) {
        all.push(format!(
            "Credentials of the role in its instance profile {profile} stay valid, and the host can get new ones: switch \
             its metadata service off or take the profile away, then revoke the role's sessions (iam-revoke-sessions)."
        ));
    }
    let public: Vec<String> =
        seen.interfaces.iter().flat_map(|one| &one.public).map(|ip| ip.line().into_string()).collect();
    if !public.is_empty() {
        all.push(format!("It keeps its public addresses: {}.", public.join(", ")));
    }
    if seen.instance.state == Untrusted::from("stopped") {
        all.push("It is stopped: the group holds once it is started.".to_owned());
    }
    all.push(
        "Whoever works with it loses it, Systems Manager too. Load balancers send to it until their health check fails: take \
         it out of them first (elb-deregister)."
            .to_owned(),
    );
    all.into_iter().map(Untrusted::from).collect()
}

/// That the group is no wall, where it is none.
fn open(group: &Group) -> Option<String> {
    let rules = rules(group);
    let (id, rules) = (group.id.line(), (!rules.is_empty()).then(|| cut_end(&rules.join("; "), MOST))?);
    let default = match group.egress.iter().any(everything) {
        true => " That lets everything out, which every new group does until the rule is taken away.",
        false => "",
    };
    Some(format!("The group {id} is NOT closed, so this is no full isolation: {rules}.{default}"))
}

/// What a group that is not closed lets through, as a fact.
pub(in crate::action) fn open_fact(group: &Group) -> Option<Fact> {
    let rules = rules(group);
    (!rules.is_empty()).then(|| Fact::new(format!("group {}", group.id.line()), cut_end(&rules.join("; "), MOST)))
}

fn everything(rule: &Rule) -> bool {
    let all = |peer: &Untrusted| *peer == Untrusted::from("0.0.0.0/0") || *peer == Untrusted::from("::/0");
    rule.protocol == Untrusted::from("-1") && rule.peers.iter().any(all)
}

/// The rules of a group, a line each: `out: all to 0.0.0.0/0`.
pub(super) fn rules(group: &Group) -> Vec<String> {
    let (ingress, egress) = (group.ingress.iter(), group.egress.iter());
    let all = ingress.map(|rule| line("in", "from", rule)).chain(egress.map(|rule| line("out", "to", rule)));
    let mut all: Vec<String> = all.collect();
    // EC2 gives them in no order.
    all.sort();
    all
}

fn line(way: &str, preposition: &str, rule: &Rule) -> String {
    let protocol = rule.protocol.line();
    let what = match (protocol.as_str(), rule.ports) {
        ("-1", _) => "all".to_owned(),
        (protocol, Some((from, to))) if from == to => format!("{protocol} {from}"),
        (protocol, Some((from, to))) => format!("{protocol} {from}-{to}"),
        (protocol, None) => protocol.to_owned(),
    };
    let mut peers: Vec<String> = rule.peers.iter().map(|peer| peer.line().into_string()).collect();
    peers.sort();
    format!("{way}: {what} {preposition} {}", if peers.is_empty() { "nobody".to_owned() } else { peers.join(", ") })
}

/// What an undo lets in again, and where it is not as the isolation left it.
pub(super) fn restoration(
    restore: &[Call],
    interfaces: &[Interface],
    isolated: Option<&Id<SecurityGroupId>>,
) -> Vec<Untrusted> {
    let mut all = vec![
        "The groups that it had before this are put back: what those let through reaches it, and leaves it.".to_owned(),
    ];
    for call in restore {
        match interfaces.iter().find(|one| one.id == call.interface) {
            None => all.push(format!("{} is not attached any more and stays as it is.", call.interface)),
            Some(one) if call.stands(interfaces) => all.push(format!("{} has its former groups already.", one.id)),
            Some(one) if isolated.is_some_and(|group| !one.has_only(group)) => all.push(format!(
                "{} is not as the isolation left it: somebody has changed its groups since, and the undo writes over \
                 that.",
                one.id
            )),
            Some(_) => {}
        }
    }
    all.into_iter().map(Untrusted::from).collect()
}
